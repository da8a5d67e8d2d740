"""word2vec: naive softmax, negative sampling, skip-gram and CBOW windows.

CS224n assignment 1, part 3 (2016, 2017); assignment 2, part 1 (2019 and later). U holds a row per word whatever the
author's layout: a bare `U` is that matrix or its transpose, and says which it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.claims import Hypothesis, avoids, injective
from derive.components import Axis, Index, IndexLike
from derive.reading.settings.world import World
from derive.reading.values import COLUMN, MATRIX, OPEN, SCALAR, Value, lying
from derive.terms import (
    Function,
    Term,
    index_map,
    let,
    log,
    onehot,
    sigma,
    size,
    softmax,
    sum_over,
    tensor,
)

V, D, K, C = Axis("V"), Axis("D"), Axis("K"), Axis("C")
LAYOUT = "layout of U"
ROWS, COLUMNS = "the rows of U are words", "the columns of U are words"
INPUTS = "layout of V"
o, c = Index("o", V), Index("c", V)
k, j = Index("k", K), Index("j", C)
negatives = index_map("w", K, V)
context = index_map("w", C, V)
F = Function("F", V, (D,), (V, D))

VOCABULARY = ("V", "W", "|V|", "|W|", "|vocab|", "|Vocab|", "vocab", "Vocab", "N_v", "|vocabulary|", "|V ocab|",
              "VOcab", "Vocabulary", "vocabulary", "|Vocabulary|", "N", "n", "|\\mathcal{V}|", "V_ocab", "VOCAB",
              "words", "|U|", "\\mathcal{V}", "|VOCAB|")


def layouts(matrix: Term, which: str, rows: str, columns: str) -> tuple[Value, ...]:
    """A bare matrix of word vectors: with a row per word, or with a column."""
    return Value(matrix, MATRIX).needing(which, rows), Value(matrix.T, MATRIX).needing(which, columns)


def words_world(kind: str, vectors: str = COLUMN, centre: str = "v_c", repeated: bool = False) -> World:
    """The losses of one pair of words; kind: what a bare J means, `naive` or `negative`.

    centre: the name of the centre word's vector; repeated: negatives may repeat, so nothing is assumed of them.
    """
    U, v = tensor("U", V, D), tensor(centre, D)
    scores = let("theta", U @ v)
    yhat = softmax(scores)
    losses = {"naive": -log(yhat[o]),
              "negative": -log(sigma(U[o] @ v)) - sum_over(k, log(sigma(-(U[negatives(k)] @ v))))}
    names: dict[str, tuple[Value, ...]] = {
        "U": layouts(U, LAYOUT, ROWS, COLUMNS), "u": layouts(U, LAYOUT, ROWS, COLUMNS),
        "yhat": (Value(yhat, vectors),), "y": (Value(onehot(o), vectors),),
        "ytilde": (Value(yhat, vectors),), "theta": (Value(scores, vectors),), "z": (Value(scores, vectors),),
        "K": (Value(size(K), SCALAR),), "p": (Value(yhat, vectors),), "W": (Value(size(V), SCALAR),),
        "V": (Value(size(V), SCALAR),),
    }
    for letter in ("v", "nu", "V", "v_c", "nu_c", "V_c", "vhat", "rhat", centre):
        names.setdefault(letter, ())
    for spelled in {centre, "rhat", *_spellings(centre)}:
        names[spelled] = (Value(v, vectors),)
    assumed: list[tuple[Hypothesis, ...]] = [(), (avoids(negatives, o),)]
    if not repeated:
        assumed.append((avoids(negatives, o), injective(negatives)))
    return World(
        {"naive": "word2vec, naive softmax", "negative": "word2vec, negative sampling"}[kind], vectors, names,
        gathers=dict.fromkeys(("u", "mu", "U"), U), indices=_indices(), ranges=_ranges(K, "K"),
        maps={"w": (negatives,), "W": (negatives,)}, positional=(negatives,) if kind == "negative" else (),
        loss=_by_kind(losses, kind), functions={"p": _probability(yhat)}, ladder=tuple(assumed),
        convention="word vectors", others=dict.fromkeys({"v", "nu", "V"} - {centre}, D),
    )


def _spellings(name: str) -> tuple[str, ...]:
    base, _, below = name.partition("_")
    if base == "v" and below:
        return (f"nu_{below}", f"V_{below}")
    return ()


def windows_world(kind: str, vectors: str = COLUMN, mean: bool = False) -> World:
    """A window of context words around c, over an abstract loss F(o, v, U); kind: `skipgram` or `cbow`."""
    U, Vin = tensor("U", V, D), tensor("Vin", V, D)
    centre = Vin[c]
    total_ = sum_over(j, Vin[context(j)])
    vhat = let("vhat", total_ / size(C) if mean else total_)
    losses = {"skipgram": sum_over(j, F(context(j), centre, U)), "cbow": F(c, vhat, U)}
    names: dict[str, tuple[Value, ...]] = {
        "U": layouts(U, LAYOUT, ROWS, COLUMNS), "V": layouts(Vin, INPUTS, "the rows of V are words",
                                                             "the columns of V are words"),
        "vhat": (Value(vhat, vectors),), "vhat_c": (Value(vhat, vectors),), "uhat": (Value(vhat, vectors),),
        "u": layouts(U, LAYOUT, ROWS, COLUMNS), "uvec": layouts(U, LAYOUT, ROWS, COLUMNS),
        "v": layouts(Vin, INPUTS, "the rows of V are words", "the columns of V are words"),
        "2m": (Value(size(C), SCALAR),), "m": (Value(size(C) / 2, SCALAR),),
    }
    assumed: list[tuple[Hypothesis, ...]] = [(), (avoids(context, c),), (injective(context),),
                                             (injective(context), avoids(context, c))]
    return World(
        {"skipgram": "skip-gram window", "cbow": "CBOW window"}[kind], vectors, names,
        gathers={"u": U, "mu": U, "U": U, "v": Vin, "nu": Vin, "V": Vin}, indices=_indices(), ranges=_ranges(C, "C"),
        maps={"w": (context,), "W": (context,), "word": (context,)}, positional=(), loss=_by_kind(losses, kind),
        functions={"f": _abstract(U), "j_abstract": _abstract(U)}, ladder=tuple(assumed), window=C, centre=c,
        convention="word vectors",
    )


def _indices() -> dict[str, dict[str, IndexLike]]:
    return {"V": {"0": o, "o": o, "O": o, "c": c, "C": c}}


def _ranges(inner: Axis, name: str) -> dict[str, Axis]:
    return {**dict.fromkeys(VOCABULARY, V), name: inner, "K": K, "k": K, "D": D, "d": D}


def _by_kind(losses: dict[str, Term], default: str) -> Callable[[str, Any], list[Value]]:
    def loss(kind: str, arguments: Any) -> list[Value]:
        term = losses.get(kind or default)
        return [lying(term)] if term is not None else []
    return loss


def _probability(yhat: Term) -> Callable[..., list[Value]]:
    def probability(index: IndexLike) -> list[Value]:
        return [Value(yhat[index], SCALAR)]
    return probability


def _abstract(U: Term) -> Callable[..., list[Value]]:
    """F(w, v) with U left out, as the handout writes it."""
    def applied(index: IndexLike, vector: Value) -> list[Value]:
        return [Value(F(index, vector.term, U), SCALAR, vector.readings, vector.needs)]
    return applied


__all__ = ["COLUMNS", "INPUTS", "LAYOUT", "OPEN", "ROWS", "C", "D", "F", "K", "V", "c", "context", "j", "k",
           "layouts", "negatives", "o", "windows_world", "words_world"]
