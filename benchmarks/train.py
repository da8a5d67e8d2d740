"""Words per second and quality beside gensim, in one run on one text, and the distance to the machine's limit.

    python benchmarks/train.py CORPUS --words 5000000 --runs 3                   # speed
    python benchmarks/train.py CORPUS --epochs 5 --runs 3                        # speed and quality, 3 seeds
    python benchmarks/train.py CORPUS --words 5000000 --backend arrays           # NumPy and SciPy alone
    python benchmarks/train.py CORPUS --words 5000000 --workers 1                # one thread beside the usual two

CORPUS: a sentence a line, plain, gzip or zstd; without it the environment variable GRADPROOF_CORPUS, or the first file
of ../shared/corpora. Runs alternate between the two tools, each with a seed of its own; speeds are of the text as read
(rare words included), training only, median of the runs; the ratio is between medians. Other work on the machine slows
the tool with more threads more: the ratio for each second of processor time tells. Settings of both: d=100, window 5, 5
negatives, min count 5, subsampling 1e-3. gensim trains with 2 workers on a list in memory; reading the text is left out
for both. Our first run compiles; a small text is trained before the clock starts.

Quality, means over the runs: Spearman on WordSim-353 and SimLex-999, accuracy on analogies among the 30,000 most
frequent words; all by gensim's own evaluation, for both. The limit: what a matrix product of this machine's BLAS
reaches, in trained words a second if nothing but the products of their pairs had to be done.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import GradproofError
from numeric import Settings
from numeric.corpus import sentences
from numeric.settings import BACKENDS, MODELS
from numeric.training import chosen_backend, train_encoded
from numeric.vocabulary import EncodedText, encode

GENSIM_WORKERS = 2
# Of gensim's speed with 2 workers, by model and backend; and how far the qualities of two seeds lie apart.
BARS = {("skip-gram", "loops"): 12.0, ("cbow", "loops"): 5.0, ("skip-gram", "arrays"): 4.0}
NOISE = {"wordsim": 0.015, "simlex": 0.004, "analogies": 0.01}


@dataclass(frozen=True)
class Run:
    """One training run: words of the text each second of the clock and of processor time (all threads and processes
    together), and the three qualities."""

    words_per_second: float
    words_per_processor_second: float
    wordsim: float
    simlex: float
    analogies: float


def main() -> int:
    """Run the comparison and print it; 1 where speed or quality falls short of the bar."""
    given = _arguments()
    try:
        text = list(_first_words(given.corpus, given.words))
    except GradproofError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    settings = Settings(model=given.model, epochs=given.epochs, backend=given.backend, workers=given.workers)
    backend = chosen_backend(settings)
    encoded, words = encode(iter(text), settings.min_count), sum(map(len, text))
    print(f"{words:,} words of {given.corpus.name}, {settings.model}, {settings.epochs} epochs, {given.runs} runs, "
          f"backend {backend}")
    _warm_up(text, settings)
    ours, theirs = [], []
    for seed in range(given.seed, given.seed + given.runs):
        seeded = replace(settings, seed=seed)
        theirs.append(_shown("gensim", _gensim_run(text, words, seeded, given.quality)))
        ours.append(_shown("gradproof", _our_run(encoded, seeded, given.quality)))
    _show_limit(encoded, settings, ours)
    return _verdict(ours, theirs, BARS.get((given.model, backend), 1.0), given.quality)


def _warm_up(text: list[list[str]], settings: Settings) -> None:
    """Whatever is compiled, is compiled and kept."""
    train_encoded(encode(iter(text[:2000]), 1), replace(settings, epochs=1), lambda moment: None)


def _verdict(ours: list[Run], theirs: list[Run], bar: float, quality: bool) -> int:
    ratio, processor = (_median(ours, name) / _median(theirs, name)
                        for name in ("words_per_second", "words_per_processor_second"))
    passed = ratio >= bar
    print(f"speed: {ratio:.2f} times gensim's with {GENSIM_WORKERS} workers (bar: {bar:g}), {processor:.2f} times for "
          f"each second of processor time")
    for name, noise in NOISE.items() if quality else ():
        difference = statistics.mean(getattr(r, name) for r in ours) - statistics.mean(getattr(r, name) for r in theirs)
        passed &= difference >= -noise
        print(f"{name}: {difference:+.3f} beside gensim's (bar: {-noise:+.3f})")
    print("reached" if passed else "not reached")
    return 0 if passed else 1


def _median(runs: list[Run], name: str) -> float:
    return float(statistics.median(map(attrgetter(name), runs)))


def _shown(name: str, run: Run) -> Run:
    print(f"{name:>10}: {run.words_per_second:>10,.0f} words/s, {run.words_per_processor_second:>10,.0f} for each "
          f"second of processor time; WordSim-353 {run.wordsim:.3f}, SimLex-999 {run.simlex:.3f}, analogies "
          f"{run.analogies:.3f}", flush=True)
    return run


def _our_run(text: EncodedText, settings: Settings, quality: bool) -> Run:
    vectors, _, processor = _timed(lambda: train_encoded(text, settings, lambda moment: None))
    assert vectors.history is not None
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(vectors.vector_size)
    keyed.add_vectors(list(vectors.words), vectors.input_vectors)
    words = vectors.history.words
    return Run(words / vectors.history.seconds, words / processor, *_qualities(keyed, quality))


def _gensim_run(text: list[list[str]], words: int, settings: Settings, quality: bool) -> Run:
    from gensim.models import Word2Vec

    model = Word2Vec(sg=int(settings.model == "skip-gram"), hs=0, vector_size=settings.vector_size,
                     window=settings.window, min_count=settings.min_count, negative=settings.negative,
                     sample=settings.sample, workers=GENSIM_WORKERS, seed=settings.seed)
    model.build_vocab(text)
    _, seconds, processor = _timed(lambda: model.train(text, total_examples=model.corpus_count,
                                                       epochs=settings.epochs))
    read = words * settings.epochs
    return Run(read / seconds, read / processor, *_qualities(model.wv, quality))


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it gives, seconds of the clock, and seconds of processor time, those of ended processes included."""
    def processor() -> float:
        return sum(used.ru_utime + used.ru_stime for used in
                   (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))

    started, before = time.perf_counter(), processor()
    found = work()
    return found, time.perf_counter() - started, processor() - before


def _qualities(vectors: Any, wanted: bool) -> tuple[float, float, float]:
    """WordSim-353 (Finkelstein 2002), SimLex-999 (Hill 2015), analogies (Mikolov 2013)."""
    if not wanted:
        return (float("nan"),) * 3
    from gensim.test.utils import datapath

    pairs = [float(vectors.evaluate_word_pairs(datapath(name))[1][0]) for name in ("wordsim353.tsv", "simlex999.txt")]
    accuracy = vectors.evaluate_word_analogies(datapath("questions-words.txt"), restrict_vocab=30_000)[0]
    return pairs[0], pairs[1], float(accuracy)


def _show_limit(text: EncodedText, settings: Settings, ours: list[Run]) -> None:
    """Trained words a second (those that thinning leaves) beside what the products alone would allow."""
    if settings.model != "skip-gram" or settings.loss != "negative-sampling":
        return
    vocabulary = text.vocabulary
    kept = float(vocabulary.counts @ vocabulary.keep_probabilities(settings.sample)) / text.read_words
    pairs = settings.window + 1  # of a word, on average: the reach is drawn between 1 and the window
    operations = 3 * 2 * settings.vector_size * pairs * (1 + settings.negative)  # scores, and two gradients
    limit, trained = _flops() / operations, kept * _median(ours, "words_per_second")
    print(f"limit by arithmetic: {limit / 1e6:.1f} million trained words/s; reached: {trained / 1e6:.2f}, "
          f"{trained / limit:.0%}")


def _flops(size: int = 2048) -> float:
    """Operations a second of a product of float32 matrices, best of 5."""
    a = np.random.default_rng(0).random((size, size), dtype=np.float32)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best


def _first_words(path: Path, most: int | None) -> Iterator[list[str]]:
    read = 0
    for sentence in sentences(path):
        yield sentence
        read += len(sentence)
        if most is not None and read >= most:
            return


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, default=_usual_corpus())
    parser.add_argument("--words", type=int, help="only the first words of the text")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others follow")
    parser.add_argument("--model", choices=MODELS, default="skip-gram")
    parser.add_argument("--backend", choices=BACKENDS)
    parser.add_argument("--workers", type=int, help="ours; gensim keeps 2")
    parser.add_argument("--no-quality", dest="quality", action="store_false", help="speed alone")
    given = parser.parse_args()
    if given.corpus is None:
        parser.error("no corpus: name a file, or set GRADPROOF_CORPUS")
    return given


def _usual_corpus() -> Path | None:
    if "GRADPROOF_CORPUS" in os.environ:
        return Path(os.environ["GRADPROOF_CORPUS"])
    found = sorted(Path(__file__).resolve().parents[2].glob("shared/corpora/enwiki*.txt.gz"))
    return found[0] if found else None


if __name__ == "__main__":
    sys.exit(main())
