"""All exercises, in the order of the report.

    >>> find("softmax/sums-to-one").build()
    total(softmax(x)) == 1
"""

from __future__ import annotations

from difflib import get_close_matches

from derive.errors import GradproofError
from derive.exercises import cross_entropy, negative_sampling, network, sigmoid, softmax, windows, word2vec
from derive.exercises.exercise import Exercise

TOPICS = ("softmax", "sigmoid", "cross-entropy", "network", "word2vec", "negative-sampling", "windows")

_ALL: tuple[Exercise, ...] = (
    *softmax.EXERCISES, *sigmoid.EXERCISES, *cross_entropy.EXERCISES, *network.EXERCISES, *word2vec.EXERCISES,
    *negative_sampling.EXERCISES, *windows.EXERCISES,
)
_BY_ID = {exercise.id: exercise for exercise in _ALL}


def catalogue() -> tuple[Exercise, ...]:
    """Every exercise, topic by topic."""
    return _ALL


def find(id: str) -> Exercise:
    """The exercise with this id.

    GradproofError: there is none; the closest ids are named.
    """
    if id not in _BY_ID:
        close = get_close_matches(id, (*_BY_ID, *TOPICS), n=3, cutoff=0.4)
        raise GradproofError(f"no exercise {id!r}", "an id 'topic/name' from the catalogue",
                             " or ".join(close) or f"one of the topics {', '.join(TOPICS)}")
    return _BY_ID[id]
