"""Files unpacked as they are read: the same bytes whatever the packing, and what is said of a bad one."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

from derive.errors import GradproofError
from numeric import streams
from numeric.streams import file_blocks

TEXT = "the king rules\nthe queen, too\n\nöäü €\n" * 50


def refused(path: Path) -> str:
    with pytest.raises(GradproofError) as caught:
        list(file_blocks(path))
    assert caught.value.found and caught.value.expected and caught.value.hint
    return str(caught.value)


def zstd() -> Any:
    module = streams._zstd()
    if module is None:
        pytest.skip("neither Python 3.14 nor backports.zstd")
    return module


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_BYTES", 64)


def test_blocks_are_the_text_and_end_at_white_space(file: Path, small_blocks: None) -> None:
    for content in (TEXT, TEXT.rstrip("\n"), "\ufeff" + TEXT):
        for packed in (content.encode(), gzip.compress(content.encode())):
            file.write_bytes(packed)
            blocks = list(file_blocks(file))
            assert len(blocks) > 20 and all(block[-1:] in streams.WHITE_SPACE for block in blocks)
            assert b"".join(blocks).decode().rstrip("\n") == TEXT.rstrip("\n")


def test_zstd(file: Path, small_blocks: None) -> None:
    packed = zstd().compress(TEXT.encode())
    file.write_bytes(packed)
    assert b"".join(file_blocks(file)).decode() == TEXT
    for damaged in (packed[:-5], packed[:4] + bytes([255] * 8) + packed[12:]):
        file.write_bytes(damaged)
        assert "is truncated or damaged" in refused(file) and "zstd -t" in refused(file)


def test_zstd_without_a_module_for_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_zstd", lambda: None)
    file.write_bytes(streams.ZSTD_MAGIC + bytes(20))
    assert refused(file) == (f"{str(file)!r} is packed by zstd, which this Python cannot unpack; expected plain text, "
                             "gzip, or zstd with Python 3.14 or the package backports.zstd; "
                             "try `pip install 'gradproof[zst]'`, or `zstd -d` on the file")


def test_the_share_that_was_read(file: Path, small_blocks: None) -> None:
    noise = "".join(random.Random(1).choices("abc \n", k=60_000)).encode()
    for packed in (noise, gzip.compress(noise)):
        file.write_bytes(packed)
        shares: list[float] = []
        blocks = list(file_blocks(file, shares.append))
        assert len(shares) >= len(blocks) - 1 and shares == sorted(shares)
        assert 0 < shares[0] < 0.6 and 0.9 < shares[-1] <= 1


@pytest.mark.parametrize(("content", "place"), [
    (b"good line\n" * 40 + b"bad \xe9t\xe9\n" + b"good line\n" * 40, "line 41: byte 0xe9 at position 4 of the line"),
    (b"good line\n" * 40 + b"nul \0 \n", "line 41: byte 0x00 at position 4 of the line"),
    (b"one " * 40 + b"\xff", "line 1: byte 0xff at position 160 of the line"),
    (b"x\n" + b"one " * 40 + b"\0two", "line 2: byte 0x00 at position 160 of the line"),
    (b"half a letter \xe2\x82", "line 1: byte 0xe2 at position 14 of the line"),
    (b"x" * 30 + b"\x80" + b"x" * 100, "line 1: byte 0x80 at position 30 of the line"),
    (random.Random(2).randbytes(4000), "byte 0x"),
    (b"\x7fELF\x02\x01\x01" + bytes(500), "line 1: byte 0x00 at position 7 of the line"),
])
def test_what_is_no_text_has_a_place(file: Path, small_blocks: None, content: bytes, place: str) -> None:
    file.write_bytes(content)
    assert place in refused(file) and "expected text in UTF-8, plain, gzip or zstd" in refused(file)


def test_text_before_a_fault_comes_first(file: Path, small_blocks: None) -> None:
    file.write_bytes(b"good line\n" * 40 + b"bad \xff\n")
    read = []
    with pytest.raises(GradproofError):
        for block in file_blocks(file):
            read.append(block)
    assert b"".join(read) == b"good line\n" * 40


def test_a_word_without_end(file: Path) -> None:
    file.write_bytes(b"a b\n" + b"x" * (3 * streams.BLOCK_BYTES))
    assert "line 2: no white space in" in refused(file) and "expected words between white space" in refused(file)
    file.write_text("€" * streams.BLOCK_BYTES)
    assert "line 1: no white space in" in refused(file)


def test_a_letter_may_lie_across_blocks(file: Path, small_blocks: None) -> None:
    for shift in range(4):
        text = "x" * shift + "€" * 15 + " " + "ü" * 9 + "\n"
        file.write_text(text * 5)
        assert b"".join(file_blocks(file)).decode() == text * 5


def test_a_damaged_gzip_in_the_middle(file: Path) -> None:
    packed = bytearray(gzip.compress("".join(f"line {n * n}\n" for n in range(200_000)).encode()))
    packed[-2000:-1000] = bytes(1000)
    file.write_bytes(packed)
    assert "is truncated or damaged after line" in refused(file)
