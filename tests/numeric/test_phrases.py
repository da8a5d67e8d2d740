"""Phrases: against counting by hand and against gensim; the command."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from derive.errors import GradproofError
from numeric import phrases as module
from numeric.phrases import Phrases, find_phrases, main

rng = random.Random(4)
TEXT = [[w for _ in range(rng.randrange(1, 8))
         for w in rng.choice([["new", "york"], ["the"], ["the"], ["a"], ["new"], ["york"], ["ice", "cream", "man"],
                              [rng.choice("bcdefghij")]])] for _ in range(300)]


def plain_scores(text: list[list[str]], min_count: int, threshold: float) -> dict[tuple[str, str], float]:
    """Mikolov 2013 eq. 6 times the words of the text, pair by pair."""
    words = Counter(word for sentence in text for word in sentence)
    pairs = Counter(pair for sentence in text for pair in pairwise(sentence))
    scores = {pair: (n - min_count) / (words[pair[0]] * words[pair[1]]) * words.total() for pair, n in pairs.items()
              if n >= min_count}
    return {pair: score for pair, score in scores.items() if score > threshold}


@pytest.mark.parametrize(("min_count", "threshold"), [(1, 0), (1, 2.0), (5, 1.0), (3, 10.0), (5, 1e6)])
@pytest.mark.parametrize("size", [1 << 20, 97])
def test_scores(min_count: int, threshold: float, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", size)
    monkeypatch.setattr(module, "PAIRS_AT_ONCE", size)
    found = find_phrases(TEXT, min_count, threshold).scores
    assert found == pytest.approx(plain_scores(TEXT, min_count, threshold))
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert threshold > 100 or len(found) > 1


def test_rare_words_and_ends_of_sentences_part_pairs() -> None:
    text = [["a", f"rare{n}", "b"] for n in range(20)] + [["x", "a"], ["b", "x"]] * 20
    assert ("a", "b") not in find_phrases(text, 5, 0).scores


def test_joining_takes_no_word_twice() -> None:
    phrases = Phrases({("new", "york"): 9.0, ("york", "times"): 8.0, ("a", "a"): 7.0})
    assert phrases.join(["in", "new", "york", "times", "today"]) == ["in", "new_york", "times", "today"]
    assert phrases.join(["york", "times", "new", "york"]) == ["york_times", "new_york"]
    assert phrases.join(["a", "a", "a"]) == ["a_a", "a"]
    assert phrases.join(["new", "york"], between=" ") == ["new york"]
    assert phrases.join([]) == [] and phrases.join(["new"]) == ["new"]
    assert list(phrases.joined([["a"], ["a", "a"]])) == [["a"], ["a_a"]]


def test_longer_phrases_by_doing_it_again() -> None:
    once = find_phrases(TEXT, 5, 5.0)
    twice = find_phrases(once.joined(TEXT), 5, 5.0)
    assert "ice_cream_man" in {word for sentence in twice.joined(once.joined(TEXT)) for word in sentence}


@pytest.mark.parametrize(("min_count", "threshold"), [(5, 1.0), (2, 3.0)])
def test_gensim_finds_the_same_phrases(min_count: int, threshold: float) -> None:
    """Its score is in another scale: times its vocabulary, with the pairs in it, for our times words of the text."""
    gensim = pytest.importorskip("gensim.models.phrases")
    theirs = gensim.Phrases(TEXT, min_count=min_count, threshold=1.0)
    scale = len(theirs.vocab) / sum(map(len, TEXT))
    theirs.threshold = threshold * scale
    ours = find_phrases(TEXT, min_count, threshold)
    expected = theirs.export_phrases()
    assert {"_".join(pair): score * scale for pair, score in ours.scores.items()} == pytest.approx(expected)
    assert list(ours.joined(TEXT)) == [theirs[sentence] for sentence in TEXT]


def test_settings_out_of_range() -> None:
    for named, message in (({"min_count": 0}, "min_count=0"), ({"min_count": 2.5}, "min_count=2.5"),
                           ({"threshold": -1}, "threshold=-1"), ({"threshold": float("nan")}, "threshold=nan")):
        with pytest.raises(GradproofError, match=message):
            find_phrases(TEXT, **named)  # type: ignore[arg-type]
    with pytest.raises(GradproofError, match="the text has no words"):
        find_phrases([])


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, out = tmp_path / "corpus.txt", tmp_path / "joined.txt.gz"
    corpus.write_text("\n".join(map(" ".join, TEXT)))
    assert main([str(corpus), "--output", str(out), "--threshold", "5"]) == 0
    lines = gzip.decompress(out.read_bytes()).decode().splitlines()
    assert [line.split() for line in lines] == list(find_phrases(TEXT, 5, 5).joined(TEXT))
    assert f"-> {out}" in capsys.readouterr().out
    assert main([str(corpus), "--output", str(tmp_path / "plain.txt"), "--threshold", "1e9"]) == 0
    assert (tmp_path / "plain.txt").read_text().split("\n")[:-1] == corpus.read_text().split("\n")


@pytest.mark.parametrize(("content", "options", "message"), [
    (b"", [], "error: the text has no words"), (b"a \xff b", [], "byte 0xff"),
    (b"a b", ["--min-count", "0"], "error: Expected int of 1 or more but got min_count=0")])
def test_the_command_fails_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes,
                                 options: list[str], message: str) -> None:
    corpus = tmp_path / "corpus.txt"
    corpus.write_bytes(content)
    assert main([str(corpus), "--output", str(tmp_path / "out.txt"), *options]) == 1
    assert message in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["corpus.txt"]
