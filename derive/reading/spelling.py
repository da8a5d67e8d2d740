"""How a name is spelled once style and brackets are taken away: the key under which settings know it.

>>> from derive.reading.parsing import parse
>>> spelled(parse(r"\\hat{\\mathbf{y}}_o")), spelled(parse("z^{(1)}")), spelled(parse(r"W_{1}"))
('yhat_o', 'z^1', 'W_1')
"""

from __future__ import annotations

import re

from derive.reading.syntax import (
    Accent,
    Annotated,
    Call,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Prefix,
    Range,
    Relation,
    Script,
    Text,
)

LOSSES = frozenset({"J", "L", "CE", "Loss", "loss", "Cost", "cost", "NLL", "l", "ell", "CELoss", "mathcal{J}"})
"""Letters and words a loss is called by."""
_KINDS = (("neg", "negative"), ("regsample", "negative"), ("skip", "skipgram"), ("cbo", "cbow"), ("sg", "skipgram"),
          ("naive", "naive"), ("softmax", "naive"), ("ce", "naive"), ("ns", "negative"), ("cross", "naive"))
_LABELS = re.compile(r"(?:neg(?:ative)?|naive|soft|max|ce|cross|entropy|sampl(?:e|es|ing)?|samp|skip|gram|sg|"
                     r"cbo[wm]|loss|ns|reg(?=sample))+")
"""Labels of the losses that exercises have; any other one makes a name of the document's own: `J_2`, `J_{reg}`."""
TRANSPOSE_MARKS = frozenset({"T", "top", "intercal", "prime_t", "mathsf{T}", "t", "tr", "transpose"})
SAME = {"nu": "nu", "mathcal": ""}
GREEK_VARIANTS = {"vartheta": "theta", "varphi": "phi", "varsigma": "sigma", "varepsilon": "epsilon"}


def spelled(node: Node | None) -> str:
    """A node as the key of a name; styles, round brackets and wide accents do not count."""
    if node is None:
        return ""
    match node:
        case Name(base, accents, _, _):
            said = GREEK_VARIANTS.get(base, base)
            return said + "".join(a for a in accents if a != "vec")
        case Number(text, _):
            return text
        case Script(base, sub, sup, primes, _):
            return (spelled(base) + (f"_{spelled(sub)}" if sub is not None else "")
                    + (f"^{spelled(sup)}" if sup is not None else "") + "'" * primes)
        case Group(left, _, body, _):
            return f"|{spelled(body)}|" if left == "|" else spelled(body)
        case Accent(kind, body, _):
            return spelled(body) + (kind if kind != "vec" else "")
        case Annotated(_, body, _, _):
            return spelled(body)
        case Infix(operators, operands, _):
            parts = [spelled(operands[0])]
            for sign, operand in zip(operators, operands[1:], strict=True):
                parts += ["" if sign in ("", "(") else sign, spelled(operand)]
            return "".join(parts)
        case Prefix(sign, operand, _):
            return sign + spelled(operand)
        case Listing(items, _, _):
            return ",".join(map(spelled, items))
        case Relation(signs, operands, _):
            return spelled(operands[0]) + "".join(
                s + spelled(o) for s, o in zip(signs, operands[1:], strict=True))
        case Range(parts, _, _):
            return "..".join(map(spelled, parts))
        case Call(function, argument, _):
            return f"{spelled(function)}({spelled(argument)})"
        case Text(text, _):
            return text
        case _:
            return type(node).__name__


def base_name(node: Node) -> Name | None:
    """The letter under all marks."""
    while isinstance(node, Script | Annotated):
        node = node.body if isinstance(node, Annotated) else node.base
    return node if isinstance(node, Name) else None


def loss_kind(node: Node) -> str | None:
    """What a loss is called: `naive`, `negative`, `skipgram`, `cbow`, "" for a bare one, None if it is no loss.

    >>> from derive.reading.parsing import parse
    >>> loss_kind(parse(r"J_{\\text{neg-sample}}")), loss_kind(parse("J")), loss_kind(parse("x"))
    ('negative', '', None)
    """
    node = bare(node)
    name = base_name(node)
    if name is None or name.accents or (name.base not in LOSSES and not name.base.startswith("J_")):
        return None
    said = name.base.partition("_")[2] if name.base.startswith("J_") else ""
    if isinstance(node, Script):
        if node.primes or (node.sub is not None and node.sup is not None):
            return None
        said += spelled(node.sub if node.sub is not None else node.sup)
    label = re.sub(r"[^a-z0-9]", "", said.lower())
    if (said or isinstance(node, Script)) and not _LABELS.fullmatch(label):
        return None
    label += re.sub(r"[^a-z]", "", name.base.lower())
    return next((kind for word, kind in _KINDS if word in label), "")


def is_transpose(node: Node | None) -> bool:
    """Whether a superscript is the mark of a transpose."""
    return isinstance(node, Name) and not node.accents and (
        node.base in ("T", "top", "intercal", "dagger", "transpose") or (node.base == "t" and "roman" in node.style))


def split_transpose(sup: Node | None) -> tuple[Node | None, bool]:
    """A superscript without its transpose mark, and whether there was one: `2T` is `2`, transposed."""
    if is_transpose(sup):
        return None, True
    if isinstance(sup, Group):
        return split_transpose(sup.body) if isinstance(sup.body, Infix) or is_transpose(sup.body) else (sup, False)
    if isinstance(sup, Infix) and is_transpose(sup.operands[-1]) and sup.operators[-1] in ("", "("):
        rest = sup.operands[:-1]
        return (rest[0] if len(rest) == 1 else Infix(sup.operators[:-1], rest, sup.span)), True
    if isinstance(sup, Listing) and len(sup.items) == 2 and is_transpose(sup.items[1]):
        return sup.items[0], True
    return sup, False


def bare(node: Node) -> Node:
    """A node without boxes, braces and cancel marks around it."""
    while True:
        if (isinstance(node, Annotated) and node.kind != "circled") or (isinstance(node, Group) and node.left == "{"):
            node = node.body
        else:
            return node


__all__ = ["LOSSES", "bare", "base_name", "is_transpose", "loss_kind", "spelled", "split_transpose"]
