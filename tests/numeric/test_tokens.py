"""Texts as numbers on the disk: the same as in memory, whole or absent, and found again by content alone."""

from __future__ import annotations

import gc
import gzip
import os
import pickle
import random
import subprocess
import sys
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive.errors import GradproofError
from numeric import streams, tokens, vocabulary
from numeric.corpus import sentences
from numeric.vocabulary import EncodedText, encode, encode_file, encode_source

ROOT = Path(__file__).parents[2]
rng = random.Random(8)
TEXT = "".join(f"{rng.choice('abcdefgh') * rng.randrange(1, 5)}{rng.choice('    .,')}{rng.choice('    ' + chr(10))}"
               for _ in range(6000))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache that takes small texts."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("GRADPROOF_CACHE", str(folder))
    monkeypatch.setattr(tokens, "CACHED_FROM", 1)
    return folder / "tokens"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT)
    return path


def expect_equal(text: EncodedText, other: EncodedText) -> None:
    assert text.vocabulary.words == other.vocabulary.words
    np.testing.assert_array_equal(text.vocabulary.counts, other.vocabulary.counts)
    np.testing.assert_array_equal(text.tokens, other.tokens)
    assert text.read_words == other.read_words
    assert not text.tokens.flags.writeable and not text.vocabulary.counts.flags.writeable


lines = st.lists(st.lists(st.text("abé中\u2003'3 -", max_size=4), max_size=8).map(" ".join), max_size=30)


@given(lines, st.booleans(), st.integers(1, 3), st.integers(8, 60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_a_file_is_encoded_as_its_sentences_are(tmp_path: Path, lines: list[str], prose: bool, min_count: int,
                                                block: int) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join([*lines, "a b b a b é é b b é é é", "Über den Fluß, Σίσυφος ΣΊΣΥΦΟΣ a a a b b b"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "BLOCK_BYTES", max(block, max(map(len, path.read_bytes().split())) + 1))
        expect_equal(encode_file(path, min_count, prose), encode(sentences(path, prose), min_count))


def test_long_lines_are_cut_alike(tmp_path: Path) -> None:
    path = tmp_path / "corpus.txt"
    path.write_text("a b c " * 8_000 + "\n" + "d " * 10_000 + "\n" + "a " * 10_001)
    text = encode_file(path, 1)
    expect_equal(text, encode(sentences(path), 1))
    ends = np.flatnonzero(text.tokens == -1)
    assert [int(b - a - 1) for a, b in pairwise([-1, *ends])] == [10_000, 10_000, 4_000, 10_000, 10_000, 1]


def test_the_cache_gives_the_same_text(file: Path, cache: Path) -> None:
    fresh = encode(sentences(file), 2)
    for _ in range(2):
        text = encode_file(file, 2)
        assert text.file is not None and text.file.path.parent == cache
        expect_equal(text, fresh)
    assert len(list(cache.iterdir())) == 1
    pieces = [text.chunk(start, start + 700) for start in range(0, len(text.tokens), 700)]
    np.testing.assert_array_equal(np.concatenate(pieces), fresh.tokens)
    assert not pieces[0].flags.writeable
    np.testing.assert_array_equal(text.tokens, fresh.tokens)  # pages given back are read again


def test_the_second_time_nothing_is_read(file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encode_file(file, 2)

    def read(*arguments: Any) -> Any:
        raise AssertionError("the text was read again")

    monkeypatch.setattr(vocabulary, "file_blocks", read)
    encode_file(file, 2)
    copy = file.with_name("copy.txt")
    copy.write_bytes(file.read_bytes())
    encode_file(copy, 2)
    for other in (lambda: encode_file(file, 3), lambda: encode_file(file, 2, prose=True)):
        with pytest.raises(AssertionError, match="was read again"):
            other()
    file.write_text(TEXT.replace("a", "b", 1))
    with pytest.raises(AssertionError, match="was read again"):
        encode_file(file, 2)


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b"", lambda b: b[:20],
                                    lambda b: b"gradtok0" + b[8:], lambda b: b[:-1] + b"x", lambda b: b"\0" * len(b)])
def test_a_damaged_entry_is_made_again(file: Path, cache: Path, damage: Any) -> None:
    expected = encode(sentences(file), 2)
    encode_file(file, 2)
    entry, = cache.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    expect_equal(encode_file(file, 2), expected)
    expect_equal(encode_file(file, 2), expected)
    assert list(cache.iterdir()) == [entry]


def test_a_cache_that_takes_nothing_is_no_reason_not_to_train(file: Path, tmp_path: Path,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "CACHED_FROM", 1)
    (tmp_path / "file").touch()
    for folder in (str(tmp_path / "file"), ""):
        monkeypatch.setenv("GRADPROOF_CACHE", folder)
        text = encode_file(file, 2)
        assert text.file is None
        expect_equal(text, encode(sentences(file), 2))


def test_a_text_that_fails_leaves_nothing(file: Path, cache: Path) -> None:
    file.write_bytes(gzip.compress(TEXT.encode())[:-9])
    with pytest.raises(GradproofError, match="truncated or damaged"):
        encode_file(file, 2)
    file.write_text("one one one")
    with pytest.raises(GradproofError, match="a vocabulary of one word"):
        encode_file(file, 2)
    assert not cache.exists() or not list(cache.iterdir())


def test_a_full_disk(file: Path, cache: Path, tmp_path: Path) -> None:
    """A real refusal: files of more than 8192 bytes are not allowed, and the tokens of the text need more."""
    script = textwrap.dedent(f"""
        import resource, tempfile
        from pathlib import Path
        from numeric import tokens, vocabulary
        vocabulary.IN_MEMORY = tokens.IN_MEMORY = tokens.CACHED_FROM = 1
        tempfile.tempdir = {str(tmp_path)!r}
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
        vocabulary.encode_file(Path({str(file)!r}), 2)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert "GradproofError: cannot keep the tokens of the text on the disk: File too large" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "cache") == ["corpus.txt"]
    assert not cache.exists() or not list(cache.iterdir())


def test_the_least_recently_used_entries_make_room(file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {}
    for min_count in (1, 2, 3):
        text = encode_file(file, min_count)
        assert text.file is not None
        entries[min_count] = text.file.path
        os.utime(text.file.path, (min_count, min_count))
    encode_file(file, 1)
    monkeypatch.setattr(tokens, "CACHE_BYTES", entries[1].stat().st_size * 5 // 2)
    stale = cache / "gradproof-x.part"
    stale.touch()
    os.utime(stale, (1, 1))
    tokens.make_room(cache)
    assert sorted(cache.iterdir()) == sorted([entries[1], entries[3]])


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing fits into memory; the folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    for module in (tokens, vocabulary):
        monkeypatch.setattr(module, "IN_MEMORY", 100)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_a_text_too_large_for_memory_lies_in_a_file_that_goes_with_it(on_disk: Path) -> None:
    text = [[rng.choice(["new york", "a", "b", "\ud800"]) for _ in range(9)] for _ in range(50)]
    encoded = encode(iter(text), 2)
    flat = [encoded.vocabulary.words[token] for token in encoded.tokens if token >= 0]
    assert flat == [word for sentence in text for word in sentence]
    assert len(list(on_disk.iterdir())) == 1
    again = pickle.loads(pickle.dumps(encoded))
    expect_equal(again, encoded)
    assert again.file is not None and encoded.file is not None and again.file.path == encoded.file.path
    data = pickle.dumps(encoded)
    del encoded
    gc.collect()
    assert list(on_disk.iterdir()) == []
    with pytest.raises(GradproofError, match="are gone; expected the file of the process that wrote them"):
        pickle.loads(data)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the peak of memory")
def test_memory_does_not_follow_the_length_of_the_text(tmp_path: Path) -> None:
    """Ten times the text, one of 27 MB with 12 MB of tokens, and the same peak. With small buffers, which both fill."""
    words = " ".join(f"word{n * n % 5000}" for n in range(1000))
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from numeric import tokens, vocabulary
        vocabulary.IN_MEMORY = tokens.IN_MEMORY = vocabulary.CHUNK = tokens.CHUNK = 1 << 16
        text = vocabulary.encode_file(Path(sys.argv[1]), 1)
        assert sum(len(text.chunk(start, start + 50_000)) for start in range(0, len(text.tokens), 50_000)) > 200_000
        print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
    """)
    peaks = []
    for times in (300, 3000):
        path = tmp_path / f"{times}.txt"
        path.write_text((words + "\n") * times)
        done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True,
                              cwd=ROOT, env=os.environ | {"GRADPROOF_CACHE": ""})
        peaks.append(int(done.stdout) / 1000)
    assert peaks[1] < peaks[0] + 5


def test_a_small_text_is_pickled_whole(file: Path) -> None:
    text = encode_file(file, 2)
    again = pickle.loads(pickle.dumps(text))
    np.testing.assert_array_equal(again.tokens, text.tokens)
    assert again.vocabulary.words == text.vocabulary.words


def test_sources(file: Path) -> None:
    for source in (file, str(file), sentences(file)):
        expect_equal(encode_source(source, 2), encode(sentences(file), 2))
    with pytest.raises(GradproofError, match="expected a list of words"):
        encode_source(["the king"], 1)
    shares: list[float] = []
    encode_source(file, 2, told=shares.append)
    assert shares and shares[-1] == 1
