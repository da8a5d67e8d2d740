"""Every way we know to hold a Theorem that no rule gave: refused at once, or caught when it is made again.

What acts on a theorem (the compiler, the report) calls `kernel.require`, so caught there is caught in time. Python
cannot stop a caller from replacing the kernel's own functions; nothing here claims so.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from derive import kernel
from derive.claims import Claim, Equation, Sign, positive
from derive.components import Axis, Index, MapAt, TensorSymbol
from derive.errors import AxisError, ForgedTheorem, GradproofError, NotProved, OutsideTheory
from derive.kernel import Theorem, by_bound, by_cases, by_normal_form, require
from derive.terms import Term, absolute, as_term, delta, exp, grad, ones, size, softmax, sum_over, tensor, total
from tests.cases.letters import A, K, b, i, j, m, n, q, q2, s, t, w, x, y

FALSE = x == y
# What a forgery may end in: an error that says so, or, where not even the claim can be printed, Python's own.
CAUGHT = (GradproofError, TypeError, AttributeError, IndexError)


def proved() -> Theorem:
    return by_normal_form(total(softmax(x)) == 1)


def by_two_cases() -> Theorem:
    return by_cases(delta(i, j) * delta(i, j) == delta(j, i), i, j)


def with_values(theorem: Theorem, **values: object) -> Theorem:
    for name, value in values.items():
        object.__setattr__(theorem, name, value)
    return theorem


# --- made elsewhere ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [
    (), (FALSE,), (None, FALSE, "by_normal_form", (), ()), (object(), FALSE, "by_normal_form", (), ()),
    ("_SEAL", FALSE, "by_normal_form", (), ()),
])
def test_a_theorem_is_not_constructed(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ForgedTheorem, match="a Theorem constructed directly; expected a theorem made by a rule"):
        Theorem(*arguments)


def test_a_theorem_has_no_subclass() -> None:
    with pytest.raises(ForgedTheorem, match="a subclass Other of Theorem"):
        type("Other", (Theorem,), {})


def test_a_blank_theorem_is_caught() -> None:
    blank = object.__new__(Theorem)
    with pytest.raises(ForgedTheorem):
        require(blank)
    with pytest.raises(ForgedTheorem):
        copy.copy(blank)


def test_a_blank_theorem_that_is_filled_in_is_caught() -> None:
    forged = with_values(object.__new__(Theorem), claim=FALSE, rule="by_normal_form", inputs=(), side_conditions=())
    assert repr(forged) == "|- x == y"  # it looks like one
    with pytest.raises(ForgedTheorem, match="a Theorem of x == y; expected what rule by_normal_form gives"):
        require(forged)


@pytest.mark.parametrize("candidate", [None, "|- x == y", FALSE, x, ("by_normal_form", FALSE)])
def test_what_is_no_theorem_is_told_so(candidate: object) -> None:
    with pytest.raises(ForgedTheorem, match=r"expected a derive\.kernel\.Theorem"):
        require(candidate)


def test_a_look_alike_is_no_theorem() -> None:
    @dataclass
    class LookAlike:
        claim: Claim = FALSE
        rule: str = "by_normal_form"
        inputs: tuple[()] = ()
        side_conditions: tuple[()] = ()

        def recheck(self) -> LookAlike:
            return self

    LookAlike.__name__ = LookAlike.__qualname__ = "Theorem"
    with pytest.raises(ForgedTheorem, match="type Theorem"):
        require(LookAlike())


# --- changed afterwards -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["claim", "rule", "inputs", "side_conditions", "recheck", "anything"])
def test_a_theorem_takes_no_attributes(name: str) -> None:
    theorem = proved()
    with pytest.raises(AttributeError, match="a Theorem is immutable"):
        setattr(theorem, name, FALSE)
    with pytest.raises(AttributeError, match="a Theorem is immutable"):
        delattr(theorem, name)
    assert not hasattr(theorem, "__dict__")
    with pytest.raises(AttributeError):
        object.__setattr__(theorem, "anything", 1)


@pytest.mark.parametrize("values", [
    {"claim": FALSE}, {"rule": "by_bound"}, {"rule": "by_magic"}, {"rule": None}, {"rule": ["by_normal_form"]},
    {"inputs": (i, j)}, {"inputs": None}, {"side_conditions": ("s != 0",)}, {"side_conditions": None},
    {"claim": None}, {"claim": total(softmax(x)) == 2}, {"claim": "total(softmax(x)) == 1"},
])
def test_a_changed_theorem_is_caught(values: dict[str, object]) -> None:
    with pytest.raises(CAUGHT):
        require(with_values(proved(), **values))


@pytest.mark.parametrize("values", [
    {"inputs": ()}, {"inputs": (i, Index("k", n))}, {"inputs": (i, Index("o", Axis("V")))}, {"inputs": ("i", "j")},
    {"claim": delta(i, j) == 1}, {"rule": "by_bound"},
])
def test_a_changed_theorem_by_cases_is_caught(values: dict[str, object]) -> None:
    with pytest.raises(ForgedTheorem):
        require(with_values(by_two_cases(), **values))


@pytest.mark.parametrize(("name", "value"), [
    ("left", y), ("left", None), ("right", as_term(2)), ("right", 1), ("relation", "<="), ("relation", "!="),
    ("hypotheses", ("x > 0",)),
])
def test_a_claim_changed_inside_a_theorem_is_caught(name: str, value: object) -> None:
    theorem = proved()
    object.__setattr__(theorem.claim, name, value)
    with pytest.raises(CAUGHT):
        require(theorem)


def test_a_claim_that_cannot_be_shown_any_more_is_caught() -> None:
    theorem = proved()
    object.__setattr__(theorem.claim, "left", None)
    with pytest.raises(ForgedTheorem, match="a Theorem of something that cannot be shown"):
        require(theorem)


def test_a_hypothesis_taken_away_inside_a_theorem_is_caught() -> None:
    theorem = by_normal_form((absolute(s) == s).given(positive(s)))
    object.__setattr__(theorem.claim, "hypotheses", ())
    with pytest.raises(ForgedTheorem, match=r"a Theorem of abs\(s\) == s; "):
        require(theorem)


def test_a_hypothesis_changed_inside_a_theorem_is_caught() -> None:
    theorem = by_normal_form((absolute(s) == s).given(positive(s)))
    object.__setattr__(theorem.hypotheses[0], "relation", "<")
    with pytest.raises(ForgedTheorem, match="given s < 0"):
        require(theorem)


@pytest.mark.parametrize(("name", "value"), [("op", "sub"), ("args", (x, x)), ("args", ()), ("args", (x, b))])
def test_a_term_changed_inside_a_theorem_is_caught(name: str, value: object) -> None:
    theorem = by_normal_form(exp(x + y) == exp(y) * exp(x))
    object.__setattr__(theorem.claim.left.args[0], name, value)
    with pytest.raises(CAUGHT):
        require(theorem)


def test_a_term_a_claim_and_a_hypothesis_take_no_attributes() -> None:
    with pytest.raises(AttributeError, match="a Term is immutable: op cannot be set"):
        x.op = "zeros"
    with pytest.raises(AttributeError):
        (x == y).left = y  # type: ignore[misc]
    with pytest.raises(AttributeError):
        positive(s).relation = "<"  # type: ignore[misc]


def test_a_replaced_claim_is_another_claim() -> None:
    theorem = proved()
    other = replace(theorem.claim, right=as_term(2))
    assert repr(theorem.claim) == "total(softmax(x)) == 1"
    with pytest.raises(NotProved):
        by_normal_form(other)
    with pytest.raises(ForgedTheorem):
        require(with_values(theorem, claim=other))


# --- copied and pickled -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda theorem: pickle.loads(pickle.dumps(theorem))])
def test_a_forged_theorem_is_not_duplicated(duplicate: Callable[[Theorem], Theorem]) -> None:
    with pytest.raises((ForgedTheorem, NotProved)):
        duplicate(with_values(proved(), claim=FALSE))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda theorem: pickle.loads(pickle.dumps(theorem))])
def test_a_duplicate_is_proved_again(duplicate: Callable[[Theorem], Theorem], monkeypatch: pytest.MonkeyPatch) -> None:
    theorem = by_two_cases()
    made: list[Claim] = []

    def counted(claim: Claim, *inputs: Any) -> Theorem:
        made.append(claim)
        return by_cases(claim, *inputs)

    monkeypatch.setitem(kernel._RULES, "by_cases", counted)
    again = duplicate(theorem)
    assert made and again is not theorem and again.inputs == (i, j)


def test_an_altered_pickle_is_caught() -> None:
    theorem = by_normal_form(tensor("aa") + tensor("bb") == tensor("bb") + tensor("aa"))
    payload = pickle.dumps(theorem, protocol=0)
    assert b"by_normal_form" in payload and b"add" in payload
    for found, put in ((b"add", b"sub"), (b"by_normal_form", b"by_unkown_form")):
        with pytest.raises((ForgedTheorem, NotProved)):
            pickle.loads(payload.replace(found, put, 1))


def test_a_pickle_holds_no_seal_and_no_verdict() -> None:
    made, arguments = proved().__reduce__()[:2]
    assert made is kernel._again and arguments[0] == "by_normal_form" and len(arguments) == 3
    with pytest.raises(NotProved):
        made("by_normal_form", FALSE, ())


# --- claims that are not what they show -------------------------------------------------------------------------------


def test_a_shadowed_method_of_a_claim_is_not_asked() -> None:
    claim = delta(i, j) == 0
    with pytest.raises((AttributeError, NotProved)):
        object.__setattr__(claim, "given", lambda *hypotheses: x == x)
        by_cases(claim, i, j)


def test_a_shadowed_check_of_a_claim_is_not_asked() -> None:
    claim = as_term(0) * total(x) == x[i] - x[i]
    with pytest.raises(AxisError):
        object.__setattr__(claim, "checked", lambda: claim)
        by_normal_form(claim)


@dataclass(frozen=True, eq=False)
class OtherClaim(Claim):
    """Shows one thing and is another."""

    def __repr__(self) -> str:
        return "x == y"


class OtherTerm(Term):
    """Shows one thing and is another."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "y"


@dataclass(frozen=True, eq=False)
class OtherSign(Sign):
    """Nothing but another class."""


class Whole(int):
    """A number that could show itself otherwise."""


lying = OtherTerm("tensor", x.args, x.axes)


@pytest.mark.parametrize("claim", [
    OtherClaim(x, x), Claim(x, lying), Claim(total(x), total(lying)), Claim(x, x, (OtherSign(s, ">"),)),
    Claim(x, x, ("anything",)),  # type: ignore[arg-type]
    Claim(x, x, (Equation(x, lying),)), Claim(s**Whole(2), s * s), Claim(s**True, s),
    Claim(s, s, (positive(lying[i]),)),
    Claim(x, x, (), (i, "j")),  # type: ignore[arg-type]
], ids=["claim", "side", "inside", "hypothesis", "text", "equation", "number", "bool", "condition", "for_all"])
def test_a_class_that_is_not_ours_is_refused(claim: Claim) -> None:
    with pytest.raises(NotProved, match=r"expected (the classes of derive|a Claim)"):
        by_normal_form(claim)


def test_what_is_not_ours_is_named() -> None:
    with pytest.raises(NotProved, match=r"_forgery\.Whole in a claim; expected the classes of derive; try building "):
        by_normal_form(Claim(s**Whole(2), s * s))


def test_a_claim_look_alike_is_refused() -> None:
    @dataclass
    class LookAlike:
        left: Term = x
        right: Term = x
        relation: str = "=="
        hypotheses: tuple[()] = ()
        for_all: tuple[()] = ()

    for rule in (by_normal_form, by_bound):
        with pytest.raises(NotProved, match="type LookAlike"):
            rule(LookAlike())  # type: ignore[arg-type]


@pytest.mark.parametrize("term", [
    Term("bad", (), ()), Term("onehot", (i,), (m,)), Term("diag", (x,), (n, m)), Term("matmul", (A, b), (n,)),
    Term("tensor", x.args, (m,)), Term("transpose", (tensor("A", n, m),), (n, m)), Term("add", (x, b), (n,)),
    Term("identity", (), (n, m)),
])
def test_a_term_made_by_hand_means_nothing_it_should_not(term: Term) -> None:
    with pytest.raises((AxisError, OutsideTheory)):
        by_normal_form(Claim(term, term))


def test_two_names_for_one_binder_are_told_apart() -> None:
    with pytest.raises(NotProved):
        by_normal_form(sum_over(i, x[i] * y[j]) == sum_over(j, x[j] * y[j]))


# --- names that lie ---------------------------------------------------------------------------------------------------


class EqualToAll(str):
    """A name that says it is equal to any other of its hash."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return hash("x")


class Shown(str):
    """A name that shows itself otherwise."""

    __slots__ = ()

    def __str__(self) -> str:
        return "y"

    def __format__(self, spec: str) -> str:
        return "y"


class AnyAxis(Axis):
    """An axis that says it is equal to any other."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(n)


def with_name(symbol: TensorSymbol, name: str) -> Term:
    """The tensor of a symbol that was renamed after its hash and its kind were remembered."""
    hash(symbol)
    symbol.name = name
    return Term("tensor", (symbol,), symbol.axes)


def renamed_variable() -> Claim:
    lying, honest = with_name(TensorSymbol("x"), "y"), tensor("y")
    return grad(lying * lying, honest) == 0


def moved_map() -> Claim:
    position = w(q)
    _ = x_of(position).free
    position._args = (w, q2)
    return sum_over(q2, x_of(position)) == size(K) * x_of(w(q2))


def x_of(position: MapAt) -> Term:
    return tensor("a", Axis("V"))[position]


@pytest.mark.parametrize("claim", [
    lambda: tensor(EqualToAll("z"), n) == tensor("x", n),
    lambda: tensor(Shown("x"), n) == tensor("x", n),
    lambda: Claim(ones(n), ones(AnyAxis("m"))),
    lambda: Claim(x, x, relation=EqualToAll("<")),
    lambda: Claim(Term(Shown("sub"), (x, y), (n,)), x - y),
    renamed_variable,
], ids=["equal names", "shown names", "axis", "relation", "operation", "renamed symbol"])
def test_a_name_that_lies_is_refused(claim: Callable[[], Claim]) -> None:
    with pytest.raises(GradproofError):
        require(by_normal_form(claim()))


def test_an_index_moved_behind_its_map_is_no_other_claim() -> None:
    with pytest.raises((GradproofError, AttributeError)):
        require(by_normal_form(moved_map()))


def test_numbers_of_a_claim_are_exact() -> None:
    with pytest.raises(AxisError, match=r"0\.5 \(type float\)"):
        as_term(0.5)  # type: ignore[arg-type]
    with pytest.raises(AxisError, match="type bool"):
        as_term(True)
    assert by_normal_form(as_term(Fraction(1, 2)) * t + t / 2 == t)
