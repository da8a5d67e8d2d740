"""A training run on disk: enough to go on to the same result.

A checkpoint is written aside and renamed, so that what stands under its name is always whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import Any

import numpy as np

from derive.errors import GradproofError
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.vocabulary import EncodedText

FORMAT = 1
NOT_COMPARED = ("workers", "backend")  # another number of threads may go on; how vectors were trained is kept beside
AVERAGE = "average of "  # before the backend, where vectors are averaged: it does not matter on which machines


@dataclass(frozen=True)
class Progress:
    """Where a run stands, between two portions.

    epoch: counted from 0; position: token of that epoch; factor: on the learning rate, smaller after a divergence;
    losses: of whole epochs; loss, measured, pairs: sums over this epoch so far; seconds: of training so far.
    """

    epoch: int = 0
    position: int = 0
    factor: float = 1.0
    losses: tuple[float, ...] = ()
    loss: float = 0.0
    measured: float = 0
    pairs: float = 0
    seconds: float = 0.0


def save_checkpoint(path: Path, progress: Progress, parameters: Parameters, text: EncodedText, settings: Settings,
                    backend: str) -> None:
    """Write a checkpoint. GradproofError: the disk is full, no such folder."""
    about = {"format": FORMAT, "progress": asdict(progress), "settings": asdict(settings), "backend": backend,
             "text": text_digest(text)}
    aside: str | None = None
    try:
        number, aside = mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
        with os.fdopen(number, "wb") as file:
            np.savez(file, about=np.array(json.dumps(about)), input_vectors=parameters.input_vectors,
                     output_vectors=parameters.output_vectors)
        os.replace(aside, path)
    except OSError as error:
        if aside is not None:
            Path(aside).unlink(missing_ok=True)
        raise GradproofError(f"cannot write {str(path)!r}: {error.strerror or error}", "a writable folder with room",
                             "another checkpoint path") from None


def load_checkpoint(path: Path, text: EncodedText, settings: Settings, backend: str) -> tuple[Progress, Parameters]:
    """Where a run stood. GradproofError: no such file, a damaged one, or one of another text, setting or backend."""
    about, parameters = _read(path)
    _check(path, "the text or min_count", about["text"], text_digest(text), "the text that the run began with")
    _check(path, "backend", about["backend"], backend, _way_back(about["backend"], backend))
    for name, value in asdict(settings).items():
        if name not in NOT_COMPARED:
            found = about["settings"].get(name)
            _check(path, name, found, value, f"{name}={found!r}, or a run without it")
    return Progress(**{**about["progress"], "losses": tuple(about["progress"]["losses"])}), parameters


def _read(path: Path) -> tuple[dict[str, Any], Parameters]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(str(stored["about"]))
            parameters = Parameters(stored["input_vectors"], stored["output_vectors"])
    except FileNotFoundError:
        raise GradproofError(f"no checkpoint {str(path)!r}", "one that a stopped run left",
                             "the same output as that run, or a run from the start") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, TypeError, AttributeError) as error:
        raise GradproofError(f"{str(path)!r} is no whole checkpoint ({error})", "one that a stopped run left",
                             "a run from the start") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise GradproofError(f"{str(path)!r} of format {about.get('format') if isinstance(about, dict) else about!r}",
                             f"format {FORMAT}", "a run from the start")
    if not all(np.isfinite(m).all() for m in (parameters.input_vectors, parameters.output_vectors)):
        raise GradproofError(f"{str(path)!r} holds numbers that are not finite", "finite vectors",
                             "a run from the start")
    return about, parameters


def _way_back(found: str, wanted: str) -> str:
    """How to train as a run with the found backend did."""
    if not found.startswith(AVERAGE):
        return f"backend={found!r}" + (", and no cluster" if wanted.startswith(AVERAGE) else "")
    if not wanted.startswith(AVERAGE):
        return "backend='processes', or a cluster"
    return f"backend={found.removeprefix(AVERAGE)!r} with a cluster"


def _check(path: Path, what: str, found: object, wanted: object, hint: str) -> None:
    if found != wanted:
        raise GradproofError(f"{str(path)!r} is of a run with {what} {found!r}", f"{wanted!r}", hint)


def text_digest(text: EncodedText) -> str:
    """A short digest of the words, their counts and the number of tokens."""
    digest = hashlib.sha256("\n".join(text.vocabulary.words).encode())
    digest.update(np.ascontiguousarray(text.vocabulary.counts, dtype=np.int64).tobytes())
    digest.update(str(len(text.tokens)).encode())
    return f"{len(text.vocabulary)} words, digest {digest.hexdigest()[:12]}"
