"""Terms, claims and components as text and as LaTeX, in matrix and in component notation.

    >>> from derive.components import Axis, Index
    >>> from derive.terms import tensor, softmax, onehot
    >>> V, D = Axis("V"), Axis("D")
    >>> U, v = tensor("U", V, D), tensor("v_c", D)
    >>> print(text(U.T @ (softmax(U @ v) - onehot(Index("o", V)))))
    U.T @ (softmax(U @ v_c) - onehot(o))
    >>> print(latex(U.T @ v.along(V)))
    U^{\\top} \\left(\\mathbf{1}_{V} \\otimes v_{c}\\right)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Basic
from sympy.printing.latex import LatexPrinter, translate
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from derive import claims
from derive.components import Grad, Index, IndexLike, Let, MapAt, Softmax, Sum
from derive.terms import Term, component

# Binding strengths, loosest first.
SUM, PRODUCT, UNARY, POWER, ATOM = range(5)
_STRENGTH = {"add": SUM, "sub": SUM, "neg": SUM, "mul": PRODUCT, "div": PRODUCT, "matmul": PRODUCT, "outer": PRODUCT,
             "along": PRODUCT, "pow": POWER, "transpose": POWER, "sum": PRODUCT}


# --- matrix notation, text --------------------------------------------------------------------------------------------


def text(term: Term) -> str:
    """The term as one writes it in Python."""
    return _TEXT.get(term.op, _call)(term)


def _call(t: Term) -> str:
    return f"{t.op}({', '.join(_argument(a) for a in t.args)})"


def _argument(a: Any) -> str:
    return text(a) if isinstance(a, Term) else str(a)


def _in(t: Term, strength: int, strict: bool = False) -> str:
    own = _STRENGTH.get(t.op, ATOM)
    if t.op == "number" and (t.args[0] < 0 or t.args[0].denominator > 1):
        own = SUM
    return f"({text(t)})" if own < strength or (strict and own == strength) else text(t)


def _infix(sign: str, strength: int) -> Callable[[Term], str]:
    return lambda t: f"{_in(t.args[0], strength)} {sign} {_in(t.args[1], strength, strict=True)}"


def _item_text(t: Term) -> str:
    return f"{_in(t.args[0], ATOM)}[{', '.join(map(str, t.args[1]))}]"


def _grad_text(t: Term) -> str:
    value, base, fixed = t.args
    by = text(base) + (f"[{', '.join(map(str, fixed))}]" if fixed else "")
    return f"grad({text(value)}, {by})"


def _function_text(t: Term) -> str:
    symbol, arguments, slot = t.args
    name = symbol.name if slot is None else f"{symbol.name}.partial({slot})"
    return f"{name}({', '.join(map(_argument, arguments))})"


_TEXT: dict[str, Callable[[Term], str]] = {
    "tensor": lambda t: t.args[0].name,
    "let": lambda t: t.args[0].name,
    "number": lambda t: str(t.args[0]),
    "size": lambda t: t.args[0].name,
    "ones": lambda t: f"ones({', '.join(map(str, t.axes))})",
    "zeros": lambda t: f"zeros({', '.join(map(str, t.axes))})" if t.axes else "0",
    "identity": lambda t: f"identity({t.axes[0]})",
    "add": _infix("+", SUM),
    "sub": _infix("-", SUM),
    "neg": lambda t: f"-{_in(t.args[0], PRODUCT)}",
    "mul": _infix("*", PRODUCT),
    "div": _infix("/", PRODUCT),
    "matmul": _infix("@", PRODUCT),
    "pow": lambda t: f"{_in(t.args[0], ATOM)}**{t.args[1]}" if t.args[1].denominator == 1 else
                     f"{_in(t.args[0], ATOM)}**({t.args[1]})",
    "transpose": lambda t: f"{_in(t.args[0], ATOM)}.T",
    "along": lambda t: f"{_in(t.args[0], ATOM)}.along({t.axes[0]})",
    "item": _item_text,
    "sum": lambda t: f"sum_over({t.args[0]}, {text(t.args[1])})",
    "grad": _grad_text,
    "function": _function_text,
}


# --- matrix notation, LaTeX -------------------------------------------------------------------------------------------


def latex(term: Term) -> str:
    """The term in LaTeX, matrix notation."""
    return _LATEX.get(term.op, _latex_call)(term)


_GREEK_WORDS = ("hat", "bar", "tilde")


def latex_name(name: str) -> str:
    r"""A name as LaTeX: subscripts, greek letters, hats.

    >>> latex_name("v_c"), latex_name("yhat"), latex_name("alpha"), latex_name("W1")
    ('v_{c}', '\\hat{y}', '\\alpha', 'W_{1}')
    """
    base, _, below = name.partition("_")
    if not below and len(base) > 1 and base[-1].isdigit() and base[:-1].isalpha():
        base, below = base[:-1], base[-1]
    for word in _GREEK_WORDS:
        if base.endswith(word) and len(base) > len(word):
            base = rf"\{word}{{{latex_name(base[: -len(word)])}}}"
            break
    else:
        if len(base) > 1:
            shown = str(translate(base))
            base = shown if shown.startswith("\\") else rf"\mathrm{{{base}}}"
    return f"{base}_{{{below}}}" if below else base


def _index_latex(index: IndexLike) -> str:
    if isinstance(index, MapAt):
        return f"{latex_name(index.args[0].name)}({_index_latex(index.args[1])})"
    base, prime, number = index_name(index).partition("'")
    return latex_name(base) + prime + (f"_{{{number}}}" if number else "")


def _latex_in(t: Term, strength: int, strict: bool = False) -> str:
    own = PRODUCT if t.op in ("total", "grad") else _STRENGTH.get(t.op, ATOM)
    if t.op == "number" and t.args[0] < 0:
        own = SUM
    if t.op == "div":
        own = ATOM if strength <= PRODUCT else SUM
    if t.op in ("exp", "pow") and strength > POWER:
        own = SUM
    return rf"\left({latex(t)}\right)" if own < strength or (strict and own == strength) else latex(t)


def _latex_infix(sign: str, strength: int) -> Callable[[Term], str]:
    def shown(t: Term) -> str:
        left = _latex_in(t.args[0], strength, strict=strength == PRODUCT and t.args[0].op == "sum")
        right = _latex_in(t.args[1], strength, strict=strength == SUM or t.args[1].op == "sum")
        return f"{left} {sign} {right}".replace("  ", " ")
    return shown


def _latex_factor(t: Term, transposed: bool = False) -> str:
    """A factor of a matrix product; a vector on the left is a row."""
    if transposed:
        return rf"{_latex_in(t, POWER, strict=t.op == 'transpose')}^{{\top}}"
    return _latex_in(t, POWER if t.op in ("along", "outer", "mul", "sum") else PRODUCT)


def _latex_call(t: Term) -> str:
    name = {"softmax": r"\operatorname{softmax}", "sigma": r"\sigma", "log": r"\log", "exp": r"\exp",
            "diag": r"\operatorname{diag}", "sign": r"\operatorname{sign}", "maximum": r"\max",
            "cross_entropy": r"\operatorname{CE}", "parameters": r"\#"}.get(t.op, rf"\operatorname{{{t.op}}}")
    return rf"{name}\left({', '.join(latex(a) if isinstance(a, Term) else str(a) for a in t.args)}\right)"


def _latex_item(t: Term) -> str:
    below = ", ".join(_index_latex(i) for i in t.args[1])
    base = t.args[0]
    plain = base.op in ("tensor", "let") and "_" not in latex(base)
    return f"{latex(base)}_{{{below}}}" if plain else rf"\left({latex(base)}\right)_{{{below}}}"


def _latex_grad(t: Term) -> str:
    value, base, fixed = t.args
    by = latex(base if not fixed else Term("item", (base, fixed), ()))
    if value.op in ("tensor", "let", "item", "function"):
        return rf"\frac{{\partial {latex(value)}}}{{\partial {by}}}"
    return rf"\frac{{\partial}}{{\partial {by}}} \left({latex(value)}\right)"


def _latex_number(t: Term) -> str:
    value = t.args[0]
    return str(value) if value.denominator == 1 else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def _latex_function(t: Term) -> str:
    symbol, arguments, slot = t.args
    inside = ", ".join(latex(a) if isinstance(a, Term) else _index_latex(a) for a in arguments)
    call = rf"{latex_name(symbol.name)}\left({inside}\right)"
    return call if slot is None else rf"\partial_{{{slot + 1}}} {call}"


_LATEX: dict[str, Callable[[Term], str]] = {
    "tensor": lambda t: latex_name(t.args[0].name),
    "let": lambda t: latex_name(t.args[0].name),
    "number": _latex_number,
    "size": lambda t: latex_name(t.args[0].name),
    "delta": lambda t: rf"\delta_{{{_index_latex(t.args[0])} {_index_latex(t.args[1])}}}",
    "onehot": lambda t: f"e_{{{_index_latex(t.args[0])}}}",
    "ones": lambda t: rf"\mathbf{{1}}_{{{' '.join(map(str, t.axes))}}}",
    "zeros": lambda t: "0",
    "identity": lambda t: f"I_{{{t.axes[0]}}}",
    "add": _latex_infix("+", SUM),
    "sub": _latex_infix("-", SUM),
    "neg": lambda t: f"-{_latex_in(t.args[0], PRODUCT)}",
    "mul": lambda t: _latex_infix(r"\odot" if t.args[0].axes and t.args[1].axes else r"\,", PRODUCT)(t),
    "div": lambda t: rf"\frac{{{latex(t.args[0])}}}{{{latex(t.args[1])}}}",
    "matmul": lambda t: f"{_latex_factor(t.args[0], len(t.args[0].axes) == 1)} {_latex_factor(t.args[1])}",
    "pow": lambda t: f"{_latex_in(t.args[0], ATOM)}^{{{t.args[1]}}}",
    "transpose": lambda t: rf"{_latex_in(t.args[0], ATOM)}^{{\top}}",
    "along": lambda t: rf"\mathbf{{1}}_{{{t.axes[0]}}} \otimes {_latex_in(t.args[0], POWER)}",
    "outer": lambda t: (rf"{_latex_in(t.args[0], POWER)} \, {_latex_in(t.args[1], POWER)}^{{\top}}"
                        if len(t.args[1].axes) == 1 else _latex_infix(r"\otimes", PRODUCT)(t)),
    "item": _latex_item,
    "exp": lambda t: f"e^{{{latex(t.args[0])}}}",
    "sqrt": lambda t: rf"\sqrt{{{latex(t.args[0])}}}",
    "abs": lambda t: rf"\left|{latex(t.args[0])}\right|",
    "norm": lambda t: rf"\left\|{latex(t.args[0])}\right\|_2",
    "where": lambda t: (rf"\begin{{cases}} {latex(t.args[1])} & {latex(t.args[0])} > 0 \\ {latex(t.args[2])} & "
                        rf"{latex(t.args[0])} < 0 \end{{cases}}"),
    "sum": lambda t: rf"\sum_{{{_index_latex(t.args[0])}}} {_latex_in(t.args[1], PRODUCT)}",
    "total": lambda t: rf"\mathbf{{1}}^{{\top}} {_latex_in(t.args[0], PRODUCT)}",
    "grad": _latex_grad,
    "function": _latex_function,
}


# --- component notation -----------------------------------------------------------------------------------------------


def entry_indices(term: Term) -> tuple[Index, ...]:
    """Readable free indices for the axes of a term: the lower-case first letter of each axis, made distinct."""
    taken = set(index.name for index in term.free)
    found: list[Index] = []
    for axis in term.axes:
        base = axis.name[0].lower()
        name = next(n for n in (base, *(f"{base}{k}" for k in range(1, 99))) if n not in taken)
        taken.add(name)
        found.append(Index(name, axis))
    return tuple(found)


def index_name(index: Index) -> str:
    """The name of an index for people: one that `component` made up for a binder ends in a prime.

    >>> from derive.components import Axis
    >>> index_name(Index("d_", Axis("D"))), index_name(Index("d_1", Axis("D"))), index_name(Index("k1", Axis("K")))
    ("d'", "d'1", 'k1')
    """
    base, mark, number = index.name.rpartition("_")
    return f"{base}'{number}" if mark and (not number or number.isdigit()) else index.name


class _ComponentText(StrPrinter):
    printmethod = "_component_text"  # the nodes' own _sympystr is for programmers

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        """What prints as a quotient is bracketed as one."""
        if isinstance(item, Softmax | Grad | Let) and level >= PRECEDENCE["Mul"]:
            return f"({self._print(item)})"
        return str(super().parenthesize(item, level, strict=strict))

    def _print_Index(self, e: Index) -> str:
        return index_name(e)

    def _print__NamedAtom(self, e: Any) -> str:
        return str(e.name)

    def _print_MapAt(self, e: Any) -> str:
        return f"{e.args[0].name}({self._print(e.args[1])})"

    def _print_Entry(self, e: Any) -> str:
        inside = ", ".join(self._print(i) for i in e.indices)
        return f"{e.tensor.name}[{inside}]" if inside else str(e.tensor.name)

    def _print_Sum(self, e: Any) -> str:
        return f"sum_{self._print(e.args[0])}({self._print(e.args[1])})"

    def _print_Softmax(self, e: Any) -> str:
        at, index, body = (self._print(a) for a in e.args)
        return f"exp({at})/sum_{index}(exp({body}))"

    def _print_Grad(self, e: Any) -> str:
        return f"d({self._print(e.args[0])})/d{self._print(e.args[1])}"

    def _print_Delta(self, e: Any) -> str:
        return f"[{self._print(e.args[0])} = {self._print(e.args[1])}]"

    def _print_Absolute(self, e: Any) -> str:
        return f"|{self._print(e.args[0])}|"

    def _print_Let(self, e: Any) -> str:
        return f"{self._print(e.args[2])} at {e.args[0].name} = {self._print(e.args[1].body)}"

    def _print_Formal(self, e: Any) -> str:
        symbol, arguments, partials = e.args
        marks = "".join(f"d{int(p.args[0]) + 1}[{', '.join(self._print(i) for i in p.args[1:])}] "
                        for p in partials.args)
        return f"{marks}{symbol.name}({', '.join(self._print(a) for a in arguments.args)})"

    def _print_Slot(self, e: Any) -> str:
        return f"[{self._print(e.body)}]"

    def _print__Node(self, e: Any) -> str:
        name = {"Maximum": "max", "Root": "sqrt", "Sigma": "sigma", "IfPositive": "if_positive"}[type(e).__name__]
        return f"{name}({', '.join(self._print(a) for a in e.args)})"


class _ComponentLatex(LatexPrinter):
    def parenthesize(self, item: Any, level: int, is_neg: bool = False, strict: bool = False) -> str:
        """A sum is bracketed in a product, a fraction under an exponent."""
        limit = {Sum: PRECEDENCE["Mul"], Grad: PRECEDENCE["Mul"], Let: PRECEDENCE["Mul"], Softmax: PRECEDENCE["Pow"]}
        if level >= limit.get(type(item), level + 1):
            return rf"\left({self._print(item)}\right)"
        return str(super().parenthesize(item, level, is_neg, strict))

    def _print_Index(self, e: Index) -> str:
        return _index_latex(e)

    def _print_Size(self, e: Any) -> str:
        return latex_name(e.name)

    def _print_TensorSymbol(self, e: Any) -> str:
        return latex_name(e.name)

    def _print_MapAt(self, e: Any) -> str:
        return _index_latex(e)

    def _print_Entry(self, e: Any, exp: str | None = None) -> str:
        name, below = latex_name(e.tensor.name), " ".join(self._print(i) for i in e.indices)
        if below and name.endswith("}") and "_{" in name:
            shown = f"{name[:-1]}, {below}}}"
        else:
            shown = f"{name}_{{{below}}}" if below else name
        return f"{{{shown}}}^{{{exp}}}" if exp else shown

    def _print_Sum(self, e: Any, exp: str | None = None) -> str:
        shown = rf"\sum_{{{self._print(e.args[0])}}} {self.parenthesize(e.args[1], 40)}"
        return rf"\left({shown}\right)^{{{exp}}}" if exp else shown

    def _print_Softmax(self, e: Any, exp: str | None = None) -> str:
        at, index, body = (self._print(a) for a in e.args)
        shown = rf"\frac{{e^{{{at}}}}}{{\sum_{{{index}}} e^{{{body}}}}}"
        return rf"\left({shown}\right)^{{{exp}}}" if exp else shown

    def _call(self, name: str, e: Any, exp: str | None) -> str:
        inside = ", ".join(self._print(a) for a in e.args)
        return rf"{name}{f'^{{{exp}}}' if exp else ''}\left({inside}\right)"

    def _print_Sigma(self, e: Any, exp: str | None = None) -> str:
        return self._call(r"\sigma", e, exp)

    def _print_Maximum(self, e: Any, exp: str | None = None) -> str:
        return self._call(r"\max", e, exp)

    def _print_Root(self, e: Any, exp: str | None = None) -> str:
        shown = rf"\sqrt{{{self._print(e.args[0])}}}"
        return f"{shown}^{{{exp}}}" if exp else shown

    def _print_Absolute(self, e: Any, exp: str | None = None) -> str:
        shown = rf"\left|{self._print(e.args[0])}\right|"
        return f"{shown}^{{{exp}}}" if exp else shown

    def _print_IfPositive(self, e: Any) -> str:
        c, a, b = (self._print(x) for x in e.args)
        return rf"\begin{{cases}} {a} & {c} > 0 \\ {b} & {c} < 0 \end{{cases}}"

    def _print_Delta(self, e: Any, exp: str | None = None) -> str:
        return rf"\delta_{{{self._print(e.args[0])} {self._print(e.args[1])}}}"

    def _print_Grad(self, e: Any, exp: str | None = None) -> str:
        shown = rf"\frac{{\partial}}{{\partial {self._print(e.args[1])}}} \left({self._print(e.args[0])}\right)"
        return rf"\left({shown}\right)^{{{exp}}}" if exp else shown

    def _print_Let(self, e: Any, exp: str | None = None) -> str:
        shown = self._print(e.args[2])
        return rf"\left({shown}\right)^{{{exp}}}" if exp else shown

    def _print_Formal(self, e: Any, exp: str | None = None) -> str:
        symbol, arguments, partials = e.args
        marks = "".join(rf"\partial_{{{int(p.args[0]) + 1}, {' '.join(self._print(i) for i in p.args[1:])}}} "
                        for p in partials.args)
        inside = ", ".join(self._print(a) for a in arguments.args)
        return rf"{marks}{latex_name(symbol.name)}\left({inside}\right)"

    def _print_Slot(self, e: Any) -> str:
        return rf"\left[{self._print(e.body)}\right]"


def expression_text(expression: Basic) -> str:
    """A component expression as text."""
    return str(_ComponentText().doprint(expression))


def expression_latex(expression: Basic) -> str:
    """A component expression as LaTeX."""
    return str(_ComponentLatex().doprint(expression))


def component_text(term: Term) -> str:
    """One entry of a term, as text."""
    return expression_text(component(term, entry_indices(term)))


def component_latex(term: Term) -> str:
    """One entry of a term, as LaTeX."""
    return expression_latex(component(term, entry_indices(term)))


# --- claims -----------------------------------------------------------------------------------------------------------


def hypothesis_text(hypothesis: claims.Hypothesis) -> str:
    """A hypothesis as a person reads it."""
    match hypothesis:
        case claims.Same(i, k):
            return f"{i} = {k}"
        case claims.Distinct(i, k):
            return f"{i} != {k}"
        case claims.Injective(mapping):
            return f"{mapping} takes no value twice"
        case claims.Avoids(mapping, index):
            return f"{index} is no value of {mapping}"
        case claims.Sign(term, relation):
            return f"{text(term)} {relation} 0"
        case claims.Equation(left, right, _):
            return f"{text(left)} == {text(right)}"
    raise TypeError(hypothesis)


def hypothesis_latex(hypothesis: claims.Hypothesis) -> str:
    """A hypothesis in LaTeX."""
    match hypothesis:
        case claims.Same(i, k):
            return f"{_index_latex(i)} = {_index_latex(k)}"
        case claims.Distinct(i, k):
            return rf"{_index_latex(i)} \neq {_index_latex(k)}"
        case claims.Injective(mapping):
            return rf"{latex_name(mapping.name)} \text{{ injective}}"
        case claims.Avoids(mapping, index):
            return rf"{_index_latex(index)} \notin \operatorname{{im}} {latex_name(mapping.name)}"
        case claims.Sign(term, relation):
            return f"{latex(term)} {relation.replace('>=', chr(92) + 'ge')} 0"
        case claims.Equation(left, right, _):
            return f"{latex(left)} = {latex(right)}"
    raise TypeError(hypothesis)


def definitions(claim: claims.Claim) -> dict[str, Term]:
    """The `let`s of a claim by name, those that stand on others first."""
    found: dict[str, Term] = {}
    queue: list[Any] = [claim.left, claim.right, *(t for h in claim.hypotheses for t in claims.hypothesis_terms(h))]
    while queue:
        part = queue.pop(0)
        if isinstance(part, tuple):
            queue.extend(part)
        elif isinstance(part, Term):
            if part.op == "let":
                found.pop(part.args[0].name, None)
                found[part.args[0].name] = part.args[1]
            queue.extend(part.args)
    return found


def claim_text(claim: claims.Claim) -> str:
    """A claim in matrix notation, as text, with its hypotheses and the definitions of its names.

    >>> from derive.components import Axis
    >>> from derive.terms import let, sigma, tensor
    >>> x = tensor("x", Axis("n")); h = let("h", sigma(x))
    >>> h * h == h**2
    h * h == h**2  where h = sigma(x)
    """
    said = f"{text(claim.left)} {claim.relation} {text(claim.right)}"
    given = ", ".join(hypothesis_text(h) for h in claim.hypotheses)
    where = ", ".join(f"{name} = {text(term)}" for name, term in definitions(claim).items())
    return said + (f"  given {given}" if given else "") + (f"  where {where}" if where else "")


def claim_latex(claim: claims.Claim) -> str:
    """A claim in matrix notation, in LaTeX."""
    return f"{latex(claim.left)} {_LATEX_RELATION[claim.relation]} {latex(claim.right)}"


def claim_component_text(claim: claims.Claim) -> str:
    """A claim for one entry, as text; both sides with the same indices."""
    left, right = _entries(claim)
    return f"{expression_text(left)} {claim.relation} {expression_text(right)}"


def claim_component_latex(claim: claims.Claim) -> str:
    """A claim for one entry, in LaTeX; both sides with the same indices."""
    left, right = _entries(claim)
    return f"{expression_latex(left)} {_LATEX_RELATION[claim.relation]} {expression_latex(right)}"


_LATEX_RELATION = {"==": "=", "<=": r"\le"}


def _entries(claim: claims.Claim) -> tuple[Basic, Basic]:
    taken = Term("add", (claim.left, claim.right), claim.left.axes)
    indices = entry_indices(taken)
    return component(claim.left, indices), component(claim.right, indices)


