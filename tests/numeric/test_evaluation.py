"""Vectors beside people's answers: against gensim on its own files, against plain loops, and what a bad file says."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from derive.errors import GradproofError
from numeric import Vectors
from numeric.evaluation import Analogies, Similarity

rng = np.random.default_rng(5)
WORDS = ("the", "King", "king", "queen", "man", "woman", "apple", "pear", "paris", "rome")
VECTORS = Vectors(WORDS, rng.standard_normal((len(WORDS), 6)))
PAIRS = [("king", "queen", 8.0), ("man", "WOMAN", 7.5), ("apple", "pear", 6.0), ("the", "rome", 0.5),
         ("paris", "unknown", 3.0), ("king", "apple", 0.5)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers.txt"


def similarity(vectors: Vectors, path: Path) -> Similarity:
    found = vectors.evaluate(path)
    assert isinstance(found, Similarity)
    return found


def analogies(vectors: Vectors, path: Path, most: int | None = 30_000) -> Analogies:
    found = vectors.evaluate(path, most)
    assert isinstance(found, Analogies)
    return found


def refused(path: Path) -> str:
    with pytest.raises(GradproofError) as caught:
        VECTORS.evaluate(path)
    assert caught.value.found and caught.value.expected and caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize(("mark", "head"), [("\t", "# comment\n"), (",", "Word 1,Word 2,Human (mean)\n"), (" ", ""),
                                            (" ", "word1 word2 POS score\n"), ("\t", "\ufeff")])
def test_pairs(file: Path, mark: str, head: str) -> None:
    file.write_text(head + "\n".join(mark.join(map(str, pair)) for pair in PAIRS) + "\n\n")
    found = similarity(VECTORS, file)
    assert (found.pairs, found.known, found.unknown_share) == (6, 5, pytest.approx(1 / 6))
    # "king" is "King", the more frequent of the two
    words = [(a.replace("king", "King"), b.lower(), s) for a, b, s in PAIRS if b != "unknown"]
    cosines = [VECTORS.similarity(a, b) for a, b, _ in words]
    assert found.spearman == pytest.approx(spearmanr(cosines, [s for *_, s in words]).statistic, abs=1e-6)


def test_a_part_of_speech_between_words_and_score(file: Path) -> None:
    file.write_text("king\tqueen\tN\t8.0\t2\napple\tpear\tN\t6.0\t3\n")
    assert similarity(VECTORS, file).known == 2


def test_no_correlation_is_not_a_number(file: Path) -> None:
    for content in ("king queen 3\n", "x y 3\nz w 4\n", "king queen 3\nman woman 3\n"):
        file.write_text(content)
        assert isnan(similarity(VECTORS, file).spearman)


def plain_answer(vectors: Vectors, most: int, a: str, b: str, c: str) -> str:
    unit = {w: r / np.linalg.norm(r) for w, r in zip(vectors.words[:most], vectors.input_vectors, strict=False)}
    target = unit[b] - unit[a] + unit[c]
    return max((w for w in unit if w not in (a, b, c)), key=lambda w: float(unit[w] @ target))


def test_analogies(file: Path) -> None:
    asked = [("man", "King", "woman"), ("paris", "rome", "apple"), ("the", "man", "pear")]
    answers = [plain_answer(VECTORS, 10, *question) for question in asked]
    lines = [f"{' '.join(question)} {answer}" for question, answer in zip(asked, answers, strict=True)]
    wrong = " ".join([*asked[0], next(w for w in WORDS if w not in (*asked[0], answers[0]))])
    file.write_text("\n".join([": right", lines[0].upper(), lines[1], ": mixed", lines[2], wrong, "king x man y",
                               ": none", "x y z w"]))
    found = analogies(VECTORS, file)
    assert found.sections == (("right", 2, 2), ("mixed", 1, 2), ("none", 0, 0))
    assert (found.questions, found.known, found.right, found.accuracy) == (6, 4, 3, 0.75)
    assert "accuracy 0.750 on 4 of 6 questions (33.3% out of vocabulary)" in str(found)
    few = analogies(VECTORS, file, most=8)
    assert few.known == sum(all(w.lower() in ("the", "king", "queen", "man", "woman", "apple", "pear")
                                for w in line.split()) for line in [*lines, wrong])
    file.write_text("x y z w\n")
    assert isnan(analogies(VECTORS, file).accuracy)


def test_many_analogies_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [tuple(rng.choice([w for w in WORDS if w != "king"], 3, replace=False)) for _ in range(40)]
    vectors = Vectors([w for w in WORDS if w != "king"], rng.standard_normal((len(WORDS) - 1, 3)))
    file.write_text("".join(f"{a} {b} {c} {plain_answer(vectors, 9, a, b, c)}\n" for a, b, c in asked))
    monkeypatch.setattr("numeric.evaluation.SCORES_AT_ONCE", 50)
    assert analogies(vectors, file).accuracy == 1


def test_gensim_finds_the_same() -> None:
    """On the files that it carries, for the vectors that it carries with its tests."""
    models, utils = pytest.importorskip("gensim.models"), pytest.importorskip("gensim.test.utils")
    texts = pytest.importorskip("gensim.models.word2vec").LineSentence(utils.datapath("lee_background.cor"))
    theirs = models.Word2Vec(texts, vector_size=20, min_count=2, seed=1, workers=1).wv
    vectors = Vectors(theirs.index_to_key, theirs.vectors)
    for name in ("wordsim353.tsv", "simlex999.txt"):
        _, spearman, unknown = theirs.evaluate_word_pairs(utils.datapath(name))
        found = similarity(vectors, Path(utils.datapath(name)))
        assert found.spearman == pytest.approx(spearman.statistic, abs=1e-6)
        assert found.unknown_share == pytest.approx(unknown / 100)
    accuracy, sections = theirs.evaluate_word_analogies(utils.datapath("questions-words.txt"), restrict_vocab=3000)
    ours = analogies(vectors, Path(utils.datapath("questions-words.txt")), most=3000)
    assert ours.accuracy == pytest.approx(accuracy) and ours.known > 100
    expected = {s["section"]: (len(s["correct"]), len(s["correct"]) + len(s["incorrect"])) for s in sections}
    assert all(expected[name] == (right, known) for name, right, known in ours.sections)


@pytest.mark.parametrize(("content", "message"), [
    ("", "is empty; expected a file of scored pairs or of analogies"),
    ("# only\n\n", "is empty"),
    ("word1 word2 score\n", "has no scored pair of words; expected two words and a number on each line"),
    ("king queen 3\nman woman\n", "line 2: 'man woman'; expected two words and a number"),
    ("king queen 3\nman 4\n", "line 2: 'man 4'; expected two words and a number"),
    ("king queen 3\nman woman nan\n", "line 2: 'man woman nan'; expected two words and a number"),
    (": family\nking queen man woman\nking queen man\n", "line 3: 'king queen man'; expected four words, or a section"),
    (": family\n: other\n", "has sections without questions; expected four words on a line"),
    ("king \0 3\n", "line 1: byte 0x00"),
])
def test_bad_files(file: Path, content: str, message: str) -> None:
    file.write_text(content)
    assert message in refused(file)


def test_a_file_of_something_else(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numeric.evaluation.MOST_BYTES", 1000)
    file.write_text("king queen 3\n" * 100)
    assert "has more than 1,000 bytes" in refused(file)
    assert "no file" in refused(file.with_name("absent"))


def test_many_neighbours_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numeric.vectors.SCORES_AT_ONCE", 31)
    for count in (0, 1, 4, 50):
        for found, word in zip(VECTORS.most_similar_batch(WORDS, count), WORDS, strict=True):
            expected = VECTORS.most_similar(word, count)
            assert [w for w, _ in found] == [w for w, _ in expected] and len(found) == min(count, len(WORDS) - 1)
            np.testing.assert_allclose([c for _, c in found], [c for _, c in expected], atol=1e-6)
    rows = VECTORS.input_vectors[:3] * 5
    assert [[w for w, _ in found] for found in VECTORS.most_similar_batch(rows, 2)] == [
        [w for w, _ in VECTORS.most_similar(row, 2)] for row in rows]
    assert VECTORS.most_similar_batch([]) == []
    with pytest.raises(GradproofError, match=r"vectors of shape \(6,\); expected \(N, 6\)"):
        VECTORS.most_similar_batch(rows[0])
    with pytest.raises(GradproofError, match="the word 'kin' is not in the vocabulary"):
        VECTORS.most_similar_batch(["king", "kin"])


def test_equal_neighbours_come_by_frequency() -> None:
    vectors = Vectors(list("abcdef"), [[1, 0], [0, 1], [0, 2], [0, 3], [1, 1], [0, 1]])
    assert [w for w, _ in vectors.most_similar("b", 2)] == ["c", "d"]
    assert [w for w, _ in vectors.most_similar("a", 4)] == ["e", "b", "c", "d"]
