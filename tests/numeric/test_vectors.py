"""Vectors: read-only, looked up, saved and loaded; files are whole or absent, and gensim reads them."""

from __future__ import annotations

import errno
import gzip
import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.errors import GradproofError
from numeric import Settings, Vectors, train
from numeric.formats import check_writable

WORDS = ("king", "queen", "man", "woman", "naïve", "a.b-c")


def example(words: tuple[str, ...] = WORDS, size: int = 5, spread: int = 30) -> Vectors:
    """Numbers between 10^-spread and 10^spread, to see that formats keep every bit."""
    rng = np.random.default_rng(4)
    rows = rng.standard_normal((len(words), size)) * 10.0 ** rng.integers(-spread, spread + 1, (len(words), size))
    return Vectors(words, rows, rng.standard_normal((len(words), size)))


def refused(action: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(GradproofError) as caught:
        action(*arguments, **named)
    assert caught.value.found and caught.value.expected and caught.value.hint
    return str(caught.value)


# --- looking up -------------------------------------------------------------------------------------------------------


def test_arrays_cannot_be_changed() -> None:
    rows = np.ones((2, 3), np.float32)
    vectors = Vectors(["a", "b"], rows, rows)
    rows[0] = 7
    assert (vectors["a"] == 1).all()
    for array in (vectors.input_vectors, vectors.output_vectors, vectors["a"]):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
    with pytest.raises(AttributeError):
        vectors.input_vectors = rows  # type: ignore[misc]


def test_a_pickle_is_read_only_too() -> None:
    vectors = example()
    again = pickle.loads(pickle.dumps(vectors))
    assert again.words == vectors.words and again.input_vectors.tobytes() == vectors.input_vectors.tobytes()
    assert not again.input_vectors.flags.writeable and not again.output_vectors.flags.writeable


def test_an_unknown_word_names_close_ones() -> None:
    vectors = example()
    for ask in (vectors.__getitem__, vectors.most_similar, lambda w: vectors.similarity("king", w),
                lambda w: vectors.analogy("man", "king", w)):
        message = refused(ask, "womn")
        assert message.startswith("the word 'womn' is not in the vocabulary of 6 words; expected")
        assert message.endswith("try 'woman'")
    assert "womn" not in vectors and "woman" in vectors


def test_most_similar_is_by_cosine_and_leaves_the_word_out() -> None:
    vectors = example()
    units = vectors.input_vectors / np.linalg.norm(vectors.input_vectors.astype(np.float64), axis=1, keepdims=True)
    cosines = {w: float(units[i] @ units[0]) for i, w in enumerate(WORDS) if i}
    found = vectors.most_similar("king")
    assert [w for w, _ in found] == sorted(cosines, key=lambda w: -cosines[w])
    for word, cosine in found:
        assert cosine == pytest.approx(cosines[word], abs=1e-6)
        assert vectors.similarity("king", word) == pytest.approx(cosine, abs=1e-6)
    assert vectors.most_similar("king", 2) == found[:2]
    best, cosine = vectors.most_similar(vectors["king"])[0]
    assert best == "king" and cosine == pytest.approx(1)
    assert "shape (3,); expected (5,)" in refused(vectors.most_similar, np.ones(3))


def test_analogy() -> None:
    rows = np.array([[1, 0, 0.1], [1, 1, 0.1], [0, 0, 1], [0, 1, 1], [-1, 0.2, -1]])
    vectors = Vectors(("man", "king", "woman", "queen", "apple"), rows)
    answer = vectors.analogy("man", "king", "woman")
    assert answer[0][0] == "queen"
    assert {word for word, _ in answer} == {"queen", "apple"}


def test_a_row_of_zeros_is_no_division_by_zero() -> None:
    vectors = Vectors(("a", "b"), np.array([[0.0, 0.0], [1.0, 0.0]]))
    assert vectors.most_similar("a") == [("b", 0.0)]


def test_bad_arrays_are_refused() -> None:
    assert "shape (3, 2) for 2 words; expected shape (2, D)" in refused(Vectors, ["a", "b"], np.ones((3, 2)))
    assert "row 1 has a number that is not finite" in refused(Vectors, ["a", "b"], [[1.0], [np.nan]])
    assert "the word 'a' comes twice" in refused(Vectors, ["a", "b", "a"], np.ones((3, 2)))


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.vec"])
def test_what_is_saved_is_loaded_to_the_bit(tmp_path: Path, name: str) -> None:
    vectors, path = example(), tmp_path / name
    vectors.save(path)
    vectors.save(tmp_path / ("out" + name), output=True)
    again = Vectors.load(path, output=tmp_path / ("out" + name))
    assert again.words == WORDS
    assert again.input_vectors.tobytes() == vectors.input_vectors.tobytes()
    assert again.output_vectors is not None and vectors.output_vectors is not None
    assert again.output_vectors.tobytes() == vectors.output_vectors.tobytes()
    assert path.read_bytes().startswith(b"6 5\nking ")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, "out" + name])
    (tmp_path / "v.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert Vectors.load(tmp_path / "v.gz").input_vectors.tobytes() == vectors.input_vectors.tobytes()


@pytest.mark.parametrize("binary", [False, True])
def test_gensim_reads_what_we_write_and_we_what_it_writes(tmp_path: Path, binary: bool) -> None:
    models = pytest.importorskip("gensim.models")
    vectors, path = example(), tmp_path / "vectors"
    vectors.save(path, binary=binary)
    theirs = models.KeyedVectors.load_word2vec_format(str(path), binary=binary)
    assert tuple(theirs.index_to_key) == WORDS
    assert np.asarray(theirs.vectors).tobytes() == vectors.input_vectors.tobytes()
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    for choice in (binary, None):
        again = Vectors.load(tmp_path / "theirs", binary=choice)
        assert again.words == WORDS
        assert again.input_vectors.tobytes() == vectors.input_vectors.tobytes()


def test_gensim_ranks_neighbours_as_we_do(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    vectors = example(spread=1)
    vectors.save(tmp_path / "v.bin")
    theirs = models.KeyedVectors.load_word2vec_format(str(tmp_path / "v.bin"), binary=True)
    assert [w for w, _ in theirs.most_similar("king")] == [w for w, _ in vectors.most_similar("king")]
    analogy = theirs.most_similar(positive=["queen", "man"], negative=["king"])
    assert [w for w, _ in analogy] == [w for w, _ in vectors.analogy("king", "queen", "man")]


GOOD = b"2 3\na 1 2 3\nb 4 5 6\n"
CORRUPT: list[tuple[bytes, str]] = [
    (b"", "begins with b''; expected a first line with two numbers"),
    (b"the king rules\n", "begins with b'the king rules\\n'; expected a first line with two numbers"),
    (b"2 x\n", "begins with b'2 x\\n'"),
    (b"-2 3\n", "begins with b'-2 3\\n'"),
    (b"0 3\n", "says it holds 0 words with 3 entries each; expected at least one word"),
    (b"2 99999999999\n", "says it holds 2 words with 99,999,999,999 entries each"),
    (b"3 3\na 1 2 3\nb 4 5 6\n", "holds 2 words; expected 3, as the first line says"),
    (b"1 3\na 1 2 3\nb 4 5 6\n", "holds 2 words; expected 1, as the first line says"),
    (b"2 3\na 1 2 3\nb 4 5\n", "line 3 ('b') has 2 numbers; expected 3, as the first line says"),
    (b"2 4\na 1 2 3\nb 4 5 6\n", "line 2 ('a') has 3 numbers; expected 4"),
    (b"2 3\na 1 2 3\nb 4 five 6\n", "line 3 ('b'): could not convert string to float: 'five'; expected 3 numbers"),
    (b"2 3\na 1 2 3\nb 4 nan 6\n", "the vector of 'b' holds nan; expected finite numbers"),
    (b"2 3\na 1 2 3\nb 4 1e99 6\n", "the vector of 'b' holds inf; expected finite numbers"),
    (b"2 3\na 1 2 3\na 4 5 6\n", "the word 'a' comes twice; expected distinct words"),
    (b"2 3\na 1 2 3\n\xff\xfe 4 5 6\n", "line 3: byte 0xff in a word; expected words in UTF-8"),
    (b"2 1\na \x00\x00\x80?b \x00\x00\xc0\x7f", "the vector of 'b' holds nan; expected finite numbers"),
    (b"2 1\na \x00\x00\x80?b \x00\x00", "ends inside word 2 of 2; expected 4 bytes for each vector"),
    (b"2 1\na \x00\x00\x80?", "holds 1 words; expected 2, as the first line says"),
    (b"1 1\na \x00\x00\x80?b \x00\x00\x80?", "goes on after 1 words; expected as many words as the first line says"),
    (b"2 1\na \x00\x00\x80?" + b"b" * 20_000, "has no space after word 2 of 2"),
    (b"9000000000 1\na \x00\x00\x80?", "holds 1 words; expected 9,000,000,000"),
    (gzip.compress(GOOD)[:-4], "is truncated or damaged"),
]


@pytest.mark.parametrize(("content", "message"), CORRUPT)
def test_corrupt_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(content)
    found = refused(Vectors.load, path)
    assert found.startswith(repr(str(path))) and message in found


def test_the_right_neighbour_of_the_corrupt_files_is_read(tmp_path: Path) -> None:
    for content in (GOOD, GOOD.replace(b"\n", b" \n"), GOOD.replace(b"\n", b"\r\n"), GOOD + b"\n", gzip.compress(GOOD)):
        (tmp_path / "v").write_bytes(content)
        assert Vectors.load(tmp_path / "v").input_vectors.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_no_such_vector_file(tmp_path: Path) -> None:
    assert "no file" in refused(Vectors.load, tmp_path / "absent.txt")
    assert "Is a directory" in refused(Vectors.load, tmp_path)


def test_two_files_of_one_run(tmp_path: Path) -> None:
    example().save(tmp_path / "in.txt")
    example(WORDS[::-1]).save(tmp_path / "out.txt")
    assert "has other words than" in refused(Vectors.load, tmp_path / "in.txt", output=tmp_path / "out.txt")
    assert "no output vectors" in refused(Vectors.load(tmp_path / "in.txt").save, tmp_path / "x", output=True)


@pytest.mark.parametrize(("word", "hint"), [("new york", "'new_york'"), ("", "'a word'"), ("a\nb", "'a_b'"),
                                            ("\ud800x", "'?x'")])
def test_a_word_the_format_cannot_say(tmp_path: Path, word: str, hint: str) -> None:
    message = refused(Vectors((word, "a"), np.ones((2, 1))).save, tmp_path / "v.txt")
    assert message.startswith(f"the word {word!r}; expected words in Unicode without white space")
    assert message.endswith(f"try {hint}")
    assert list(tmp_path.iterdir()) == []


# --- nothing lost -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_while_saving_leaves_the_old_file_and_nothing_else(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = tmp_path / "v.txt"
    example().save(path)
    before = path.read_bytes()

    def full(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    message = refused(example(WORDS[:2]).save, path)
    assert message.startswith(f"cannot write {str(path)!r}: No space left on device; expected a folder")
    assert message.endswith("what was there before is unchanged")
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_an_interrupt_while_saving_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        example().save(tmp_path / "v.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes to set")
def test_a_write_the_system_refuses(tmp_path: Path) -> None:
    """A real refusal half way through: the process may not write files of more than 4096 bytes."""
    path = tmp_path / "v.txt"
    path.write_bytes(GOOD)
    script = textwrap.dedent(f"""
        import resource, numpy
        from numeric import Vectors
        vectors = Vectors([f"w{{n}}" for n in range(2000)], numpy.full((2000, 5), 0.123))
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        vectors.save({str(path)!r})
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False,
                          cwd=Path(__file__).parents[2])
    assert done.returncode == 1 and "cannot write" in done.stderr and "File too large" in done.stderr
    assert path.read_bytes() == GOOD and list(tmp_path.iterdir()) == [path]


def test_no_such_folder(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "v.txt"
    for action in (lambda: example().save(path), lambda: check_writable(path)):
        assert refused(action).startswith(f"cannot write {str(path)!r}: No such file or directory")
    assert "is a folder; expected the name of a file" in refused(check_writable, tmp_path)
    check_writable(tmp_path / "v.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "real.txt", tmp_path / "link.txt"
    target.write_bytes(GOOD)
    link.symlink_to(target)
    example().save(link)
    assert link.is_symlink() and Vectors.load(target).words == WORDS


def test_trained_vectors_survive_the_round_trip(tmp_path: Path) -> None:
    text = [["the", "king", "rules"], ["the", "queen", "rules"]] * 20
    vectors = train(text, Settings(vector_size=6, sample=0, epochs=1))
    vectors.save(tmp_path / "v.txt")
    again = Vectors.load(tmp_path / "v.txt")
    assert again.words == vectors.words == ("the", "rules", "king", "queen")
    assert again.most_similar("king") == vectors.most_similar("king")
    assert again.history is None and vectors.history is not None
