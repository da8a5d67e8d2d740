"""Train word vectors from the command line.

    python -m numeric.train corpus.txt --output vectors.txt
    python -m numeric.train --output vectors.bin --model cbow --epochs 10
    python -m numeric.train corpus.txt.gz --output vectors.txt --eval wordsim353.tsv questions-words.txt
    python -m numeric.train corpus.txt --output vectors.txt --cluster tcp://host:8786

While it trains, the run is kept in OUTPUT.checkpoint, and `--resume` goes on from there; Ctrl-C writes the vectors as
they are.

Exit status: 0 done; 1 the text, the training or the file failed; 2 wrong usage; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

from derive.errors import GradproofError
from numeric import evaluation
from numeric.formats import check_writable
from numeric.settings import BACKENDS, LOSSES, MODELS, Settings
from numeric.training import Interrupted, train
from numeric.vectors import Vectors


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status. Wrong usage leaves through SystemExit(2), as argparse does."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        settings = Settings(**{f.name: getattr(given, f.name) for f in fields(Settings)})
    except GradproofError as error:
        parser.error(str(error))
    try:
        return _train(given, settings)
    except GradproofError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        return 130


def _train(given: argparse.Namespace, settings: Settings) -> int:
    outputs = [path for path in (given.output, given.output_vectors) if path is not None]
    for path in outputs:
        check_writable(path)  # before the training, not after it
    for path in given.eval:
        evaluation.check_answers(path)
    checkpoint = given.output.with_name(given.output.name + ".checkpoint")
    interrupted = False
    try:
        vectors = train(given.corpus, settings, prose=given.prose, checkpoint=checkpoint, resume=given.resume,
                        cluster=given.cluster)
    except Interrupted as stop:
        vectors, interrupted = stop.vectors, True
    binary = None if given.format is None else given.format == "binary"
    vectors.save(given.output, binary=binary)
    if given.output_vectors is not None:
        vectors.save(given.output_vectors, binary=binary, output=True)
    print(_summary(vectors, outputs))
    for path in given.eval:
        print(vectors.evaluate(path))
    if interrupted:
        print("interrupted: the vectors are as trained until then; --resume goes on", file=sys.stderr)
    return 130 if interrupted else 0


def _summary(vectors: Vectors, outputs: list[Path]) -> str:
    history = vectors.history
    facts = [f"{len(vectors):,} words x {vectors.vector_size} -> {', '.join(map(str, outputs))}"]
    if history is not None:
        if history.losses:
            losses = " -> ".join(f"{loss:.3f}" for loss in dict.fromkeys((history.losses[0], history.losses[-1])))
            facts.append(f"loss {losses}")
        facts.append(f"{history.words_per_second:,.0f} words/s")
    return "; ".join(facts)


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m numeric.train", formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        description="Train word vectors with gradients that were proved, and write them in the word2vec format.")
    parser.add_argument("corpus", nargs="?", type=Path, metavar="CORPUS",
                        help="text in UTF-8, plain, .gz or .zst, a sentence a line; without it, prose that is "
                             "installed with Python and our dependencies")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", default=argparse.SUPPRESS,
                        help="where to write the vectors; binary if the name ends in .bin")
    parser.add_argument("--output-vectors", type=Path, metavar="FILE", help="where to write the output vectors too")
    parser.add_argument("--format", choices=("text", "binary"), help="in the place of what the name says")
    parser.add_argument("--prose", action="store_true", help="read lower-case words and leave out punctuation")
    parser.add_argument("--model", choices=MODELS, default=usual.model)
    parser.add_argument("--loss", choices=LOSSES, default=usual.loss)
    parser.add_argument("--backend", choices=BACKENDS, default=usual.backend,
                        help="generated loops (numba) or arrays; without it, loops where numba is installed")
    parser.add_argument("--workers", type=int, default=usual.workers, metavar="N",
                        help="threads of the loops, processes of the others; without it, all cores for a long text; 1 "
                             "for the same vectors from the same seed")
    parser.add_argument("--cluster", metavar="ADDRESS",
                        help="train on the Dask cluster with this scheduler, such as tcp://host:8786")
    parser.add_argument("--eval", type=Path, nargs="+", metavar="FILE", default=[],
                        help="judge the vectors by files of word pairs that people scored, or of analogies")
    parser.add_argument("--resume", action="store_true", help="go on with the run that OUTPUT.checkpoint holds")
    for name, kind, text in _NUMBERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=getattr(usual, name), metavar="N",
                            help=text)
    return parser


_NUMBERS: tuple[tuple[str, type[int] | type[float], str], ...] = (
    ("vector_size", int, "entries of each vector"),
    ("window", int, "words on each side, at most"),
    ("min_count", int, "leave out words that occur less often"),
    ("negative", int, "negative samples for each pair"),
    ("sample", float, "thin out words with a larger share of the text; 0 keeps all"),
    ("epochs", int, "passes over the text"),
    ("learning_rate", float, "at the start; None for 0.025, CBOW 0.05"),
    ("seed", int, "the same seed gives the same vectors"),
    ("round_words", int, "words of each worker between two averages, with --backend processes and --cluster"),
)


class _CallableModule(ModuleType):
    """`numeric.train` is the function `train`, and importing this file puts the module in its place: so it is both."""

    def __call__(self, *arguments: Any, **named: Any) -> Vectors:
        return train(*arguments, **named)


sys.modules[__name__].__class__ = _CallableModule

if __name__ == "__main__":
    sys.exit(main())
