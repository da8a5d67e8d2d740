"""Vectors to other tools and back, through those tools themselves where they are installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.errors import GradproofError
from numeric import Vectors

WORDS = ("king", "queen", "naïve", "a.b-c", "中文", '"quoted"', "1", "#")
rng = np.random.default_rng(6)
VECTORS = Vectors(WORDS, rng.standard_normal((len(WORDS), 5)) * 10.0 ** rng.integers(-30, 31, (len(WORDS), 5)))


def refused(action: Any, *arguments: Any) -> str:
    with pytest.raises(GradproofError) as caught:
        action(*arguments)
    assert caught.value.found and caught.value.expected and caught.value.hint
    return str(caught.value)


def expect_same(vectors: Vectors) -> None:
    assert vectors.words == WORDS
    assert vectors.input_vectors.tobytes() == VECTORS.input_vectors.tobytes()


def test_gensim_and_back(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    keyed = VECTORS.to_gensim()
    assert isinstance(keyed, models.KeyedVectors) and keyed.key_to_index["naïve"] == 2
    keyed.save(str(tmp_path / "keyed"))
    expect_same(Vectors.from_gensim(models.KeyedVectors.load(str(tmp_path / "keyed"))))
    for binary in (False, True):
        keyed.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
        expect_same(Vectors.load(tmp_path / "theirs"))


def test_a_model_of_gensim() -> None:
    models = pytest.importorskip("gensim.models")
    model = models.Word2Vec([["a", "b"], ["b", "c"]] * 9, vector_size=4, min_count=1, workers=1)
    assert Vectors.from_gensim(model)["b"].tolist() == model.wv["b"].tolist()
    keyed = models.KeyedVectors(3)
    keyed.add_vectors([1, 2], np.ones((2, 3)))
    assert "the key 1 (type int); expected words as str" in refused(Vectors.from_gensim, keyed)


def test_neither_vectors_nor_a_model() -> None:
    assert refused(Vectors.from_gensim, {"a": 1}).startswith("a dict; expected gensim's KeyedVectors")


def test_without_gensim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gensim.models", None)
    assert refused(VECTORS.to_gensim).startswith("gensim is not installed; expected gensim")


def test_the_projector_folder_and_back(tmp_path: Path) -> None:
    VECTORS.save_projector(tmp_path / "new" / "folder")
    expect_same(Vectors.load_projector(str(tmp_path / "new" / "folder")))
    assert sorted(p.name for p in (tmp_path / "new" / "folder").iterdir()) == [
        "metadata.tsv", "projector_config.pbtxt", "tensors.tsv"]


def test_tensorboard_shows_the_projector_folder(tmp_path: Path) -> None:
    """Its own plugin answers what a browser would ask."""
    plugin = pytest.importorskip("tensorboard.plugins.projector.projector_plugin")
    base, test = pytest.importorskip("tensorboard.plugins.base_plugin"), pytest.importorskip("werkzeug.test")
    VECTORS.save_projector(tmp_path)
    apps = plugin.ProjectorPlugin(base.TBContext(logdir=str(tmp_path))).get_plugin_apps()

    def ask(route: str, **query: str) -> bytes:
        answer = test.Client(apps[route]).get(route, query_string=query)
        assert answer.status_code == 200, answer.data
        return bytes(answer.data)

    run, = json.loads(ask("/runs"))
    config = json.loads(ask("/info", run=run))
    name = config["embeddings"][0]["tensorName"]
    assert np.frombuffer(ask("/tensor", run=run, name=name), np.float32).tobytes() == VECTORS.input_vectors.tobytes()
    assert ask("/metadata", run=run, name=name).decode().splitlines() == list(WORDS)


def test_metadata_with_columns(tmp_path: Path) -> None:
    (tmp_path / "tensors.tsv").write_text("1\t2\n3\t4\n")
    (tmp_path / "metadata.tsv").write_text("word\tcount\r\na\t5\r\nb\t3\r\n")
    vectors = Vectors.load_projector(tmp_path)
    assert vectors.words == ("a", "b") and vectors.input_vectors.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(("tensors", "metadata", "message"), [
    (b"1\t2\n3\t4\n", b"a\n", "1 words and 2 vectors; expected as many words as vectors"),
    (b"", b"", "0 words and 0 vectors; expected as many words as vectors, and at least one"),
    (b"1\t2\n3\n", b"a\nb\n", "line 2: 1 numbers; expected 2, as in the first line"),
    (b"1\t2\n3\tx\n", b"a\nb\n", "line 2: could not convert string to float: 'x'; expected numbers between tabs"),
    (b"1\t2\n3\tnan\n", b"a\nb\n", "line 2: nan; expected finite numbers"),
    (b"1\t2\n3\t1e50\n", b"a\nb\n", "line 2: inf; expected finite numbers"),
    (b"1\n2\n", b"a\na\n", "the word 'a' comes twice; expected distinct words"),
    (b"1\n2\n", b"a\n\xff\n", "line 2: byte 0xff; expected text in UTF-8"),
    (b"\x1f\x8b\x08", b"a\n", "is truncated or damaged"),
])
def test_bad_projector_folders(tmp_path: Path, tensors: bytes, metadata: bytes, message: str) -> None:
    (tmp_path / "tensors.tsv").write_bytes(tensors)
    (tmp_path / "metadata.tsv").write_bytes(metadata)
    assert message in refused(Vectors.load_projector, tmp_path)


def test_no_folder_to_read_or_to_write(tmp_path: Path) -> None:
    assert "no file" in refused(Vectors.load_projector, tmp_path / "absent")
    (tmp_path / "file").touch()
    assert "cannot make the folder" in refused(VECTORS.save_projector, tmp_path / "file")
    assert "the word 'new york'" in refused(Vectors(["new york"], [[1.0]]).save_projector, tmp_path / "new")
    assert not (tmp_path / "new").exists()
