"""Words per second and WordSim-353 beside gensim, in one run on one text.

    python benchmarks/train.py CORPUS --words 2000000 --runs 3            # speed
    python benchmarks/train.py CORPUS --epochs 5 --runs 1                 # quality on all of it

CORPUS: a sentence a line, plain or gzip; without it the environment variable GRADPROOF_CORPUS, or the first file of
../shared/corpora. Runs alternate between the two tools; speeds are of the text as read (rare words included), training
only, median of the runs; the ratio is between medians. Other work on the machine slows the tool with more threads more:
the ratio for each second of processor time tells. Settings of both: d=100, window 5, 5 negatives, min count 5,
subsampling 1e-3. gensim trains with 2 workers on a list in memory; reading the text is left out for both.
The products of a minibatch are small: if the BLAS library spends its time on threads, OPENBLAS_NUM_THREADS=1 helps.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from derive.errors import GradproofError
from numeric import Settings
from numeric.corpus import sentences
from numeric.training import train_encoded
from numeric.vocabulary import encode

GENSIM_WORKERS = 2


@dataclass(frozen=True)
class Run:
    """One training run: words of the text each second of the clock and of processor time (all threads together), and
    Spearman's correlation on WordSim-353."""

    words_per_second: float
    words_per_processor_second: float
    similarity: float


def main() -> int:
    """Run the comparison and print it; 1 where our quality or skip-gram's speed falls short of the bar."""
    given = _arguments()
    try:
        text = list(_first_words(given.corpus, given.words))
    except GradproofError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    settings = Settings(model=given.model, epochs=given.epochs, seed=given.seed)
    words = sum(map(len, text))
    print(f"{words:,} words of {given.corpus}, {settings.model}, {settings.epochs} epochs, {given.runs} runs")
    ours, theirs = [], []
    for number in range(given.runs):
        settings = Settings(model=given.model, epochs=given.epochs, seed=given.seed + number)
        theirs.append(_shown("gensim", _gensim_run(text, words, settings)))
        ours.append(_shown("gradproof", _our_run(text, settings)))
    return _verdict(ours, theirs, given.model)


def _verdict(ours: list[Run], theirs: list[Run], model: str) -> int:
    ratio, processor = (_median(ours, name) / _median(theirs, name)
                        for name in ("words_per_second", "words_per_processor_second"))
    quality = statistics.mean(r.similarity for r in ours) - statistics.mean(r.similarity for r in theirs)
    passed = quality >= -0.03 and (ratio >= 1 or model != "skip-gram")
    print(f"words/s: {ratio:.2f} times gensim's with {GENSIM_WORKERS} workers (bar: 1), {processor:.2f} times for each "
          f"second of processor time; WordSim-353: {quality:+.3f} beside gensim's (bar: -0.030): "
          f"{'reached' if passed else 'not reached'}")
    return 0 if passed else 1


def _median(runs: list[Run], name: str) -> float:
    return float(statistics.median(map(attrgetter(name), runs)))


def _shown(name: str, run: Run) -> Run:
    print(f"{name:>10}: {run.words_per_second:>10,.0f} words/s, {run.words_per_processor_second:>10,.0f} for each "
          f"second of processor time; WordSim-353 {run.similarity:.3f}", flush=True)
    return run


def _our_run(text: list[list[str]], settings: Settings) -> Run:
    encoded = encode(iter(text), settings.min_count)
    started = time.process_time()
    vectors = train_encoded(encoded, settings, lambda moment: None)
    processor = time.process_time() - started
    assert vectors.history is not None
    return Run(vectors.history.words_per_second, vectors.history.words / processor, _similarity(vectors))


def _gensim_run(text: list[list[str]], words: int, settings: Settings) -> Run:
    from gensim.models import Word2Vec

    model = Word2Vec(sg=int(settings.model == "skip-gram"), hs=0, vector_size=settings.vector_size,
                     window=settings.window, min_count=settings.min_count, negative=settings.negative,
                     sample=settings.sample, workers=GENSIM_WORKERS, seed=settings.seed)
    model.build_vocab(text)
    started, processor_started = time.perf_counter(), time.process_time()
    model.train(text, total_examples=model.corpus_count, epochs=settings.epochs)
    seconds, processor = time.perf_counter() - started, time.process_time() - processor_started
    read = words * settings.epochs
    return Run(read / seconds, read / processor, _similarity(model.wv))


def _similarity(vectors: Any) -> float:
    """Spearman's correlation of cosines with people's scores (Finkelstein 2002), over the pairs both of whose words
    are known. vectors: anything with `word in vectors` and `vectors[word]`."""
    from gensim.test.utils import datapath

    human, cosines = [], []
    for line in Path(datapath("wordsim353.tsv")).read_text().splitlines():
        if line.startswith("#"):
            continue
        one, other, score = line.lower().split("\t")
        if one in vectors and other in vectors:
            a, b = vectors[one], vectors[other]
            human.append(float(score))
            cosines.append(float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))))
    return float(spearmanr(human, cosines).statistic)


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
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", choices=("skip-gram", "cbow"), default="skip-gram")
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
