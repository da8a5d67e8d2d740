"""Which worlds a document lives in, and which of them a chain is about.

A world is chosen by what a chain uses: a world that gives a meaning to more of its sides comes first; labels of
losses, letters that only one exercise uses, and the words around it break ties.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from derive.reading.settings.basics import normalised_world, scalar_world, softmax_world
from derive.reading.settings.network import network_world
from derive.reading.settings.words import windows_world, words_world
from derive.reading.settings.world import World
from derive.reading.spelling import base_name, loss_kind, spelled
from derive.reading.syntax import BigOp, Call, Derivative, Group, Name, Node, Script, walk
from derive.reading.values import COLUMN, ROW

SETTINGS = {
    "assignment1": ("softmax", "sigmoid", "network", "naive", "negative", "skipgram", "cbow", "cbow-mean"),
    "assignment2": ("softmax", "naive", "normalised", "leaky", "sigmoid", "negative", "skipgram", "cbow",
                    "cbow-mean"),
}
"""Names of settings and the exercises each holds. CS224n assignment 1 (2016, 2017); assignment 2 (2019 on)."""
ALL = ("softmax", "sigmoid", "network", "naive", "negative", "skipgram", "cbow", "cbow-mean", "leaky", "normalised")
_OTHER = {COLUMN: ROW, ROW: COLUMN}
USUAL = {"network": ROW}
"""How vectors lie in an exercise unless the document shows otherwise; columns elsewhere."""

_SECTION = {
    "negative": r"negative[- ]sampl|neg[- ]sampl|K negative", "naive": r"naive|softmax loss|word2vec|word vector",
    "skipgram": r"skip[- ]?gram", "cbow": r"cbow|continuous bag", "cbow-mean": r"cbow|continuous bag",
    "network": r"hidden layer|neural network|backprop", "sigmoid": r"sigmoid", "softmax": r"softmax|cross[- ]entropy",
    "leaky": r"leaky|relu", "normalised": r"normali[sz]",
}


@dataclass(frozen=True)
class Hints:
    """What a whole document says about its letters.

    logits: the letter its prediction is the softmax of; classes: letters that name the true class; repeated: whether
    negatives may repeat; titles: the words of the document, in lower case.
    """

    logits: str = "theta"
    classes: tuple[str, ...] = ()
    mean: bool = False
    words: str = ""


@lru_cache(maxsize=256)
def world(name: str, vectors: str, logits: str = "theta", centre: str = "v_c", repeated: bool = False,
          positive_factor: bool = False, hidden: str = "sigmoid", factor: str = "alpha") -> World:
    """The world of an exercise; vectors: how they lie; the rest as the settings have it."""
    match name:
        case "softmax":
            return softmax_world(vectors, logits)
        case "sigmoid":
            return scalar_world(vectors)
        case "leaky":
            return scalar_world(vectors, leaky=True)
        case "normalised":
            return normalised_world(vectors, positive_factor, factor)
        case "network":
            return network_world(vectors, hidden)
        case "naive" | "negative":
            return words_world(name, vectors, centre, repeated)
        case "skipgram" | "cbow":
            return windows_world(name, vectors)
        case "cbow-mean":
            return windows_world("cbow", vectors, mean=True)
    raise KeyError(name)


def usual_vectors(name: str) -> str:
    """How vectors lie in an exercise unless shown otherwise."""
    return USUAL.get(name, COLUMN)


def other_vectors(vectors: str) -> str:
    """Columns for rows, rows for columns."""
    return _OTHER[vectors]


def hints_of(nodes: Iterable[Node], words: str) -> Hints:
    """What a document says about its letters, from everything written in it."""
    logits: dict[str, int] = {}
    classes: dict[str, None] = {}
    everywhere: set[str] = set()
    alone: set[str] = set()
    mean = False
    for node in nodes:
        here: dict[str, None] = {}
        for each in walk(node):
            if isinstance(each, Call):
                _from_call(each, logits, here)
            if isinstance(each, Derivative) and loss_kind(each.operand or Name("")) == "naive" and each.variables:
                letter = _letter(each.variables[0])
                if letter in ("theta", "z", "s", "a"):
                    logits[letter] = logits.get(letter, 0) + 1
        bound = _summed(node)
        everywhere |= bound
        weighted = {spelled(each.sub) for each in walk(node) if isinstance(each, Script) and spelled(each.base) == "y"}
        free = [letter for letter in here if letter not in bound]
        classes.update(dict.fromkeys(free))
        alone |= {letter for letter in free if letter not in weighted}
    found = [letter for letter in classes if letter not in everywhere or letter in alone]
    classes = dict.fromkeys(found or classes)
    best = max(logits, key=lambda key: logits[key], default="theta")
    return Hints(best, tuple(classes), mean, words.lower())


def logits_of(nodes: Iterable[Node], usual: str) -> str:
    """The letter a chain takes the softmax of, or differentiates by; the document's where it does not say."""
    logits: dict[str, int] = {}
    for node in nodes:
        for each in walk(node):
            if isinstance(each, Call):
                _from_call(each, logits, {})
            for letter in map(_letter, each.variables if isinstance(each, Derivative) else ()):
                if letter in LOGITS:
                    logits[letter] = logits.get(letter, 0) + 1
            if isinstance(each, Script) and spelled(each.base) in LOGITS and isinstance(each.sub, Name):
                logits[spelled(each.base)] = logits.get(spelled(each.base), 0) + 1
    return max(logits, key=lambda key: logits[key], default=usual)


LOGITS = ("theta", "z", "s", "a")


def _letter(node: Node) -> str:
    """The letter of a vector or of one of its entries; nothing for layers."""
    if isinstance(node, Script) and node.sup is None and isinstance(node.sub, Name):
        return spelled(node.base)
    return spelled(node) if isinstance(node, Name) else ""


def _from_call(node: Call, logits: dict[str, int], classes: dict[str, None]) -> None:
    word = (spelled(base_name(node.function)) if base_name(node.function) else "").lower()
    inside = node.arguments[0]
    if word == "softmax" and isinstance(inside, Name) and spelled(inside) in ("theta", "z", "s", "a", "t", "o", "b"):
        logits[spelled(inside)] = logits.get(spelled(inside), 0) + 2
    if word in ("log", "ln"):
        classes.update(dict.fromkeys(_class_letters(inside)))


def _class_letters(node: Node) -> Iterable[str]:
    """The letter k of a prediction's entry: `yhat_k`, `a_k^{(2)}`."""
    if isinstance(node, Group):
        node = node.body
    if isinstance(node, Script) and isinstance(node.sub, Name) and spelled(node.base) in ("yhat", "ytilde", "a", "p"):
        yield spelled(node.sub)


def _summed(node: Node) -> set[str]:
    """Letters that some sum in a side binds: they name no class."""
    return {spelled(each).partition("=")[0].partition("\\in")[0] for big in walk(node) if isinstance(big, BigOp)
            and big.sub is not None for each in [big.sub]}


def bonus(name: str, nodes: Iterable[Node], around: str) -> float:
    """How much the letters of a chain, and the words just before it, speak for an exercise."""
    score = 0.0
    found = set(_features(nodes))
    for feature, exercises in _FEATURES.items():
        if feature in found:
            score += 1.0 if name in exercises else -0.5
    if re.search(_SECTION[name], around.lower()):
        score += 0.4
    return score


_FEATURES: dict[str, tuple[str, ...]] = {
    "negative loss": ("negative",), "naive loss": ("naive", "softmax", "network"),
    "skipgram loss": ("skipgram",), "cbow loss": ("cbow", "cbow-mean"), "window": ("skipgram", "cbow", "cbow-mean"),
    "prediction": ("naive", "softmax", "network"), "negatives": ("negative",), "abstract": ("skipgram", "cbow",
                                                                                           "cbow-mean"),
    "scalar slope": ("sigmoid", "leaky"), "alpha": ("leaky", "normalised"), "norm": ("normalised",),
    "words": ("naive", "negative", "skipgram", "cbow", "cbow-mean"), "layers": ("network",),
    "logits": ("softmax",), "sigmoid": ("sigmoid", "negative", "network", "leaky"),
}


def _features(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        for each in walk(node):
            kind = loss_kind(each) if isinstance(each, Name | Script) else None
            if kind:
                yield f"{kind} loss"
            if isinstance(each, Name):
                yield from _of_name(each)
            elif isinstance(each, Script):
                yield from _of_script(each)
            elif isinstance(each, BigOp) and each.sup is not None and spelled(each.sup) == "K" and _of_words(each.body):
                yield "negatives"
            elif isinstance(each, Call) and spelled(each.function) in ("F", "f") and len(each.arguments) > 1:
                yield "abstract"


def _of_words(node: Node) -> bool:
    return any(isinstance(each, Script) and spelled(each.base) in ("u", "mu", "U", "w") for each in walk(node))


def _of_name(node: Name) -> Iterable[str]:
    if node.base == "y" and node.accents:
        yield "prediction"
    if node.base == "alpha":
        yield "alpha"
    if node.base == "theta":
        yield "logits"
    if node.base in ("sigma", "sigmoid", "Sigmoid"):
        yield "sigmoid"


def _of_script(node: Script) -> Iterable[str]:
    key = spelled(node)
    if re.match(r"(u|mu|v|nu)_", key) and "hat" not in key:
        yield "words"
    if key in ("u_k", "w_k", "w_s", "u_w_k", "u_w_s"):
        yield "negatives"
    if re.match(r"[wW]_[ct][+-]", key):
        yield "window"
    if re.match(r"([WbzZwa](_|\^)[12](\b|\^|$))|h$", key):
        yield "layers"


def centre_of(nodes: Iterable[Node]) -> str:
    """The name of the centre word's vector in a chain: `v_c`, or the only other v that is used."""
    found: dict[str, None] = {}
    for node in nodes:
        for each in walk(node):
            plain = isinstance(each, Script) and spelled(each.base) in ("v", "nu", "V") and each.sup is None
            if plain and isinstance(each, Script) and isinstance(each.sub, Name):
                found["v_" + spelled(each.sub)] = None
            if isinstance(each, Name) and each.base in ("v", "r") and "hat" in each.accents:
                found[spelled(each)] = None
    return next(iter(found)) if len(found) == 1 else "v_c"


__all__ = ["ALL", "LOGITS", "SETTINGS", "Hints", "bonus", "centre_of", "hints_of", "logits_of", "other_vectors",
           "usual_vectors", "world"]
