"""A Dask cluster: the bits of processes that average, whatever dies on the way; and clusters that are not there."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import sys
import time
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numeric
from derive.errors import GradproofError
from numeric import cluster_training, shards, training
from numeric.progress import Moment
from numeric.settings import Settings
from numeric.training import Interrupted, train_encoded
from numeric.vectors import Vectors
from numeric.vocabulary import EncodedText, encode

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra `fast` is not installed")
SETTINGS = Settings(vector_size=8, min_count=1, sample=0, epochs=1, workers=2, backend="arrays", round_words=1)


@pytest.fixture(scope="module")
def text() -> EncodedText:
    """Three shards an epoch: two rounds, and the second one has one shard only."""
    rng = np.random.default_rng(2)
    words = [f"w{n}" for n in range(600)]
    return encode(([words[n] for n in line] for line in rng.integers(0, 600, (5_000, 30))), 1)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
          distributed.Client(cluster, set_as_default=False) as client):
        yield client


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_training, "LOOKS", 0.02)


def ignore(*heard: object) -> None:
    """Nobody watches."""


def bits(vectors: Vectors) -> tuple[bytes, bytes, tuple[float, ...]]:
    assert vectors.output_vectors is not None and vectors.history is not None
    return vectors.input_vectors.tobytes(), vectors.output_vectors.tobytes(), vectors.history.losses


def by_processes(text: EncodedText, settings: Settings) -> tuple[bytes, bytes, tuple[float, ...]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "has_numba", lambda: settings.backend == "loops")
        return bits(train_encoded(text, replace(settings, backend="processes"), ignore))


@pytest.fixture(scope="module")
def expected(text: EncodedText) -> tuple[bytes, bytes, tuple[float, ...]]:
    return by_processes(text, SETTINGS)


# --- the same bits ----------------------------------------------------------------------------------------------------


def test_a_cluster_gives_the_bits_of_processes_at_every_run(client: Any, text: EncodedText, expected: Any) -> None:
    heard: list[Moment] = []
    assert bits(train_encoded(text, SETTINGS, heard.append, cluster=client)) == expected
    assert bits(train_encoded(text, SETTINGS, ignore, cluster=client)) == expected
    done = [moment.done for moment in heard]
    assert done == sorted(done) and done[0] == 0 and done[-1] == 1
    assert client.status == "running"  # it is not ours
    assert not any(client.run(lambda: dict(cluster_training._FREE)).values())


@needs_numba
def test_loops_on_a_cluster_give_the_bits_of_loops_in_processes(client: Any, text: EncodedText) -> None:
    settings = replace(SETTINGS, backend="loops", workers=3)
    assert bits(train_encoded(text, settings, ignore, cluster=client)) == by_processes(text, settings)


def test_the_number_of_workers_and_the_round_decide_the_bits(client: Any, text: EncodedText, expected: Any) -> None:
    """What gives other vectors is not compared with itself above."""
    assert bits(train_encoded(text, replace(SETTINGS, workers=3), ignore, cluster=client)) != expected
    assert bits(train_encoded(text, replace(SETTINGS, round_words=70_000), ignore, cluster=client)) != expected


def test_a_worker_killed_while_it_trains_changes_nothing(client: Any, text: EncodedText, expected: Any) -> None:
    killed: list[int] = []

    def kill(moment: Moment) -> None:
        if not killed:
            busy = [worker for worker, tasks in client.processing().items()
                    if any("train_on_worker" in str(task) for task in tasks)]
            if len(busy) == 2:
                killed.append(client.run(os.getpid)[busy[0]])
                os.kill(killed[0], signal.SIGKILL)

    assert bits(train_encoded(text, SETTINGS, kill, cluster=client)) == expected
    assert killed


def test_vectors_lost_with_their_worker_are_sent_again(client: Any, text: EncodedText, expected: Any,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    scatter, killed = client.scatter, []

    def scatter_and_kill(*given: Any, **named: Any) -> Any:
        sent = scatter(*given, **named)
        if not killed:
            killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)
        return sent

    monkeypatch.setattr(client, "scatter", scatter_and_kill)
    assert bits(train_encoded(text, SETTINGS, ignore, cluster=client)) == expected
    assert killed


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_stopped_run_goes_on_to_the_same_bits_here_or_there(share: float, client: Any, text: EncodedText,
                                                              expected: Any, tmp_path: Path,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "KEPT_EVERY", 0.0)
    monkeypatch.setattr(training, "SAVED_EVERY", 0.0)
    monkeypatch.setattr(shards, "has_numba", lambda: False)
    path = tmp_path / "run"

    def stop(moment: Moment) -> None:
        if moment.done >= share:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        train_encoded(text, SETTINGS, stop, path, cluster=client)
    assert np.isfinite(stopped.value.vectors.input_vectors).all()
    settings = SETTINGS if share < 0.5 else replace(SETTINGS, backend="processes")
    there = client if share < 0.5 else None
    assert bits(train_encoded(text, settings, ignore, path, resume=True, cluster=there)) == expected


def test_a_divergence_is_rolled_back_on_a_cluster(client: Any, text: EncodedText) -> None:
    notes: list[str] = []
    settings = replace(SETTINGS, learning_rate=30.0)
    vectors = train_encoded(text, settings, lambda moment: notes.append(moment.note), cluster=client)
    assert any("training diverged" in note for note in notes) and np.isfinite(vectors.input_vectors).all()


def test_an_address_is_a_cluster_and_all_its_threads_are_workers(client: Any, text: EncodedText,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    client.wait_for_workers(2, timeout=30)
    address = client.scheduler.address
    engine = cluster_training.ClusterEngine(text, SETTINGS, address, None)
    ours = engine._cluster.client
    engine.close()
    assert engine.workers == 2 and ours.status == "closed"
    sentences = [["the", "king", "rules"], ["the", "queen", "rules"]] * 20
    assert numeric.train(sentences, replace(SETTINGS, workers=None), cluster=address).words == (
        "the", "rules", "king", "queen")


def test_the_command_takes_an_address(client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("the king rules\nthe queen rules\n" * 30)
    arguments = [str(corpus), "--output", str(tmp_path / "v.txt"), "--vector-size", "4", "--sample", "0",
                 "--backend", "arrays"]
    assert importlib.import_module("numeric.train").main([*arguments, "--cluster", client.scheduler.address]) == 0
    assert capsys.readouterr().out.startswith("4 words x 4 -> ")


# --- what is not there ------------------------------------------------------------------------------------------------


def refused(text: EncodedText, cluster: Any, message: str, settings: Settings = SETTINGS, watch: Any = ignore) -> None:
    with pytest.raises(GradproofError, match=message):
        train_encoded(text, settings, watch, cluster=cluster)


@pytest.mark.parametrize(("cluster", "message"), [
    (42, r"cluster=42 \(type=int\); expected a distributed.Client, .*; try cluster='tcp://host:8786'"),
    ("tcp://127.0.0.1:1", r"no scheduler answers at 'tcp://127.0.0.1:1' \(.*\); expected the address that `dask sch"),
    ("pigeon://roof", r"no scheduler answers at 'pigeon://roof' \(.*pigeon.*\)"),
])
def test_wrong_addresses(cluster: Any, message: str, text: EncodedText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_training, "PATIENCE", 0.5)
    refused(text, cluster, message)


def test_without_distributed(text: EncodedText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    refused(text, "tcp://host:8786", r"a cluster, and distributed cannot be imported .*pip install 'gradproof\[cluster")


def test_workers_of_another_version(client: Any, text: EncodedText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_training, "own_code", lambda: "sources 0123456789ab")
    refused(text, client, r"on a worker of tcp://.*gradproof from other sources [0-9a-f]{12}; expected sources "
                          "0123456789ab; try installing on every worker")


def test_workers_without_our_code(client: Any, text: EncodedText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_training, "OURS", "gradproof_of_the_future")
    refused(text, client, r"a worker of tcp://.* cannot train: No module named 'gradproof_of_the_future'; expected "
                          r"gradproof on it, as here \(sources .*\); try installing")


def test_a_client_that_does_not_wait_and_one_that_is_closed(client: Any, text: EncodedText,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_training, "PATIENCE", 0.5)

    async def refuse() -> None:
        async with distributed.Client(client.scheduler.address, asynchronous=True, set_as_default=False) as other:
            refused(text, other, r"an asynchronous Client; expected one that waits")

    asyncio.run(refuse())
    with distributed.Client(client.scheduler.address, set_as_default=False) as other:
        pass
    refused(text, other, r"a Client whose status is 'closed'; expected a running one; try distributed.Client")


def test_a_worker_that_cannot_hold_its_shard(client: Any) -> None:
    class Killed(distributed.KilledWorker):  # type: ignore[misc]
        def __init__(self) -> None:
            """Without what the scheduler tells."""

    for error, message in ((Killed(), r"died again and again .*; expected memory .*; try workers with fewer"),
                           (MemoryError("no room"), r"cannot train: MemoryError: no room; expected memory for")):
        future = types.SimpleNamespace(exception=lambda timeout, found=error: found)
        with pytest.raises(GradproofError, match=message):
            cluster_training._Connection(client).result(future)


def test_rounds_that_are_always_lost(client: Any, text: EncodedText, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(*given: Any, **named: Any) -> None:
        raise OSError("the link is down")

    monkeypatch.setattr(client, "scatter", lose)
    refused(text, client, r"5 rounds one after the other were lost on tcp://.* \(the link is down\); expected workers")


def test_no_worker_ever(text: EncodedText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_training, "PATIENCE", 0.5)
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as cluster:
        refused(text, cluster, r"no worker at inproc://.* for 0.5 seconds.*; expected one worker at least; try `dask")


@pytest.mark.parametrize("gone", ["workers", "scheduler"])
def test_what_goes_in_the_middle_of_a_run_is_an_error_and_no_hang(gone: str, text: EncodedText,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_training, "PATIENCE", 1.0)
    message = {"workers": "no worker at tcp://.* for 1 seconds",
               "scheduler": "the scheduler at tcp://.* does not answer"}
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0")

    def end(moment: Moment) -> None:
        if moment.done > 0 and cluster.status.name == "running":
            if gone == "workers":
                cluster.scale(0)
                while cluster.scheduler.workers:
                    time.sleep(0.05)
            else:
                cluster.close()

    try:
        refused(text, cluster.scheduler_address, message[gone], replace(SETTINGS, epochs=2), end)
    finally:
        cluster.close()
