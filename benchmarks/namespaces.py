"""Words per second of the compiled step of training with the arrays of other libraries, beside NumPy in the same run.

    python benchmarks/namespaces.py torch                                # PyTorch on the processor
    python benchmarks/namespaces.py torch --device cuda --blocks 2048    # on a graphics processor
    python benchmarks/namespaces.py jax --compile                        # through jax.jit
    python benchmarks/namespaces.py cupy

The step is that of skip-gram with negative sampling on blocks of 16 centres, 26 contexts and 16 shared negatives with
d = 100, in float32: its gradients, without the rows that are gathered before and added after. A word is a centre. The
two take turns; speeds are medians of the rounds, the ratio is the median of their ratios. Before the clock is read
the device is waited for.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from numeric.array_training import proved_steps
from numeric.settings import Settings

CENTRES, CONTEXTS, NEGATIVES, DIMENSION = 16, 26, 16, 100
SHAPES = {"Vb": (CENTRES, DIMENSION), "Z": (CONTEXTS + NEGATIVES, DIMENSION),
          "W": (CENTRES, CONTEXTS + NEGATIVES), "T": (CENTRES, CONTEXTS + NEGATIVES)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", choices=["torch", "jax", "cupy"])
    parser.add_argument("--device", help="for PyTorch: cpu or cuda")
    parser.add_argument("--blocks", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=20, help="steps in a round")
    parser.add_argument("--compile", action="store_true", help="for JAX: through jax.jit")
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=(asked.blocks, *shape)).astype(np.float32) for name, shape in SHAPES.items()}
    step = proved_steps(Settings(vector_size=DIMENSION, loss="negative-sampling")).steps
    move, wait = _library(asked.library, asked.device)
    there = {name: move(a) for name, a in arrays.items()}
    run: Callable[[], Any] = lambda: step(**there)  # noqa: E731
    if asked.compile:
        compiled = importlib.import_module("jax").jit(lambda given: step(**given))
        run = lambda: compiled(there)  # noqa: E731
    own, other = [], []
    for _ in range(asked.rounds + 1):  # the first warms up
        own.append(_seconds(lambda: step(**arrays), lambda _: None, asked.steps))
        other.append(_seconds(run, wait, asked.steps))
    words = asked.blocks * CENTRES * asked.steps
    for name, times in (("numpy", own[1:]), (asked.library, other[1:])):
        print(f"{name:<6} {words / statistics.median(times):>13,.0f} words/s")
    print(f"ratio  {statistics.median(a / b for a, b in zip(own[1:], other[1:], strict=True)):>13.2f}")


def _library(name: str, device: str | None) -> tuple[Callable[[Any], Any], Callable[[Any], None]]:
    """How an array goes to a library, and how to wait for what it was told to compute."""
    module = importlib.import_module(name)
    if name == "torch":
        where = device or ("cuda" if module.cuda.is_available() else "cpu")
        return (lambda a: module.asarray(a, device=where),
                lambda _: module.cuda.synchronize() if where.startswith("cuda") else None)
    if name == "jax":
        return module.numpy.asarray, lambda found: module.block_until_ready(found)
    return module.asarray, lambda _: module.cuda.get_current_stream().synchronize()


def _seconds(run: Callable[[], Any], wait: Callable[[Any], None], steps: int) -> float:
    found = run()
    wait(found)
    start = time.perf_counter()
    for _ in range(steps):
        found = run()
    wait(found)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
