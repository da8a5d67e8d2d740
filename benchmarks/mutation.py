"""Would the tests notice a defect in the files the kernel trusts? Each file with one small change, many thousand times.

    python benchmarks/mutation.py kernel derivative --state build/mutation
    python benchmarks/mutation.py --state build/mutation --jobs 2          every trusted file
    python benchmarks/mutation.py --state build/mutation --table           what is known so far, nothing run
    python benchmarks/mutation.py normal_form --sample 200 --seed 7        a random sample

A mutant is killed when a test fails, or when it runs far longer than it did (`timeout`); one that no test notices
survives. A survivor is a missing test, code that can go, or a change that means the same: mutation.md has the list.

Only tests that execute the changed statement run, those first that killed mutants of the same function, the quick ones
next, up to the first failure, each mutant in a process forked off one that has SymPy and pytest loaded. A mutant inside
a function that runs at no import, or of a file that has only such (SWAPPED), gets its code exchanged in a process that
has collected the tests already; any other is imported from its changed source before a test is collected, since it may
change what the tests are made of. Outcomes are kept in the state folder, and a run goes on where the last one was
stopped.

Not mutated: annotations, docstrings, imports, `__all__`, what stands in a `raise`. Never part of a pass.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import importlib.abc
import importlib.util
import inspect
import json
import os
import random
import resource
import select
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any
from zlib import crc32

ROOT = Path(__file__).resolve().parent.parent
TRUSTED = ("kernel", "derivative", "indices", "factors", "atoms", "normal_form", "claims", "components", "terms")
SWAPPED = ("derivative", "indices", "factors", "atoms", "normal_form")
SUITE = ("tests/derive", "tests/test_cases.py", "tests/exercises/test_catalogue.py",
         *(f"derive/{name}.py" for name in TRUSTED))
QUICK = tuple(f"tests/derive/test_{name}.py" for name in ("kernel", "forgery", "claims", "terms"))  # collected first
LEFT_OUT = (
    "test_the_kernel_refuses_the_same_without_asserts",  # an interpreter that reads the files as they are
    *(f"test_no_proved_pair_differs_in_value[{start}]" for start in range(500, 2000, 250)),  # two chunks of eight do
    "test_only_a_few_names_of_sympy_are_used", "holds_no_assert_either",  # read the sources, not what runs
)
PYTEST = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-o", "addopts=", "--import-mode=importlib",
          "--doctest-modules", "--assert=plain", f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml"))
PATIENCE, SLACK = 10, 5.0  # a test is stopped after PATIENCE times what it took, and SLACK seconds of the processor
CPU_LIMIT, MEMORY_LIMIT = 240, 4 << 30  # seconds and bytes, of one mutant
Outcome = dict[str, Any]


def main() -> int:
    """Run what is asked for, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", choices=[*TRUSTED, []], help="trusted files (default: all)")
    parser.add_argument("--state", type=Path, default=Path("build/mutation"), help="folder for outcomes")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at a time (default 1)")
    parser.add_argument("--sample", type=int, help="so many mutants of each file, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample (default 0)")
    parser.add_argument("--most", type=float, help="seconds of tests for a mutant; it is `open` if none of them fails")
    parser.add_argument("--tests", nargs="+", help="other tests than the suite; what they do not kill is as it was")
    parser.add_argument("--again", action="store_true", help="the survivors once more, beside tests written since")
    parser.add_argument("--table", action="store_true", help="print what is known, run nothing")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    options.state.mkdir(parents=True, exist_ok=True)
    mutants = [m for name in options.files or TRUSTED for m in drawn(name, options.sample, options.seed)]
    known = outcomes(options.state)
    if not options.table:
        left = {"survived", "open"} if options.again else {None} if options.most else {None, "open"}
        wanted = [m for m in mutants if known.get(m.id, {}).get("status") in left]
        run(wanted, options.state, options.jobs, Suite(tuple(options.tests or SUITE), options.most))
        known = outcomes(options.state)
    print(table(mutants, known))
    return 0


def table(mutants: list[Mutant], known: dict[str, Outcome]) -> str:
    """Outcomes per file, in Markdown, then the survivors."""
    lines = ["| file | mutants | run | killed | timeout | survived | open |", "|---|---|---|---|---|---|---|"]
    for name in dict.fromkeys(m.file for m in mutants):
        own = [m for m in mutants if m.file == name]
        counts = Counter(known[m.id]["status"] for m in own if m.id in known)
        lines.append(f"| {name} | {len(own)} | {counts.total()} | " +
                     " | ".join(str(counts[status]) for status in ("killed", "timeout", "survived", "open")) + " |")
    lines += ["", *(f"{m.file}:{m.lines[0]} {m.function}: {m.operator}: {m.before}  ->  {m.after}    {m.id}"
                    for m in mutants if known.get(m.id, {}).get("status") in ("survived", "open"))]
    return "\n".join(lines)


def outcomes(state: Path) -> dict[str, Outcome]:
    """What earlier runs found, the latest word on each mutant."""
    file = state / "outcomes.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {found["id"]: found for found in map(json.loads, lines)}


# --- mutants ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """One change of one file: the value of a field of a node (at a position of it) becomes another.

    function: the outermost function around it, or ''; lines: the statement's first and last; id: the same as long as
    the text of the function is (of the statement, outside functions), so that outcomes outlive changes elsewhere.
    """

    id: str
    file: str
    function: str
    lines: tuple[int, int]
    operator: str
    before: str
    after: str
    owner: ast.AST
    field: str
    position: int | None
    new: Any

    def code(self) -> CodeType:
        """The changed file, compiled."""
        old = getattr(self.owner, self.field)
        changed = self.new if self.position is None else [*old[:self.position], *self.new, *old[self.position + 1:]]
        setattr(self.owner, self.field, changed)
        try:
            return compile(ast.fix_missing_locations(tree_of(self.file)), str(path_of(self.file)), "exec")
        finally:
            setattr(self.owner, self.field, old)


def path_of(name: str) -> Path:
    return ROOT / "derive" / f"{name}.py"


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse(path_of(name).read_text(encoding="utf-8"))


@cache
def mutants_of(name: str) -> list[Mutant]:
    """Every mutant of a trusted file, in the order of the file."""
    found = []
    numbers: Counter[str] = Counter()
    for place, owner, field, position, operator, old, new in _changes(tree_of(name), Place()):
        where = f"{name}:{place.function}:{crc32(place.text.encode()):08x}"
        numbers[where] += 1
        if isinstance(owner, ast.Subscript) and ast.unparse(old) == "0" and ast.unparse(new) == "-1":
            continue  # t[0] as t[-1]: the same of one thing, and of two what t[1] is
        after = "(nothing)" if new == [] else ast.unparse(new[0] if isinstance(new, list) else new)
        mutant = Mutant(f"{where}:{numbers[where]}", name, place.function, place.lines, operator,
                        _short(ast.unparse(old)), _short(after), owner, field, position, new)
        found.append(mutant)
    return found


def drawn(name: str, sample: int | None, seed: int) -> list[Mutant]:
    """All mutants of a file, or some drawn at random."""
    every = mutants_of(name)
    if sample is None or sample >= len(every):
        return every
    return sorted(random.Random(seed).sample(every, sample), key=lambda m: m.lines)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else line[:87] + "..."


@dataclass(frozen=True)
class Place:
    """Where in a file the walk is."""

    function: str = ""
    lines: tuple[int, int] = (1, 1)
    text: str = ""


SKIPPED = (ast.Import, ast.ImportFrom, ast.Raise, ast.arguments, ast.Pass)
UNSEEN = {"annotation", "returns", "decorator_list", "ctx", "ops", "op"}


def _changes(node: ast.AST, place: Place) -> Iterator[tuple[Any, ...]]:
    """(place, owner, field, position, operator, old node, new node or nodes) of every change below a node."""
    for field, value in ast.iter_fields(node):
        if field in UNSEEN:
            continue
        for position, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _unseen(child):
                continue
            here = _entered(place, child)
            for operator, new in _variants(node, field, child):
                yield here, node, field, position, operator, child, new if position is None else (
                    new if isinstance(new, list) else [new])
            if not isinstance(child, SKIPPED):
                yield from _changes(child, here)


def _unseen(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("__all__", "__slots__")


def _entered(place: Place, node: ast.AST) -> Place:
    lines = place.lines
    if isinstance(node, ast.stmt | ast.match_case):
        first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if isinstance(body, list) and body else getattr(node, "end_lineno", first)
        lines = (first, max(first, last))
    if place.function and not place.function.endswith("."):
        return Place(place.function, lines, place.text)
    match node:
        case ast.ClassDef():
            return Place(f"{place.function}{node.name}.", lines)
        case ast.FunctionDef():
            return Place(f"{place.function}{node.name}", lines, ast.unparse(node))
        case ast.Lambda():
            last = node.end_lineno or node.lineno
            return Place(f"{place.function}lambda", (node.lineno, last), ast.unparse(node))
    return Place(place.function, lines, ast.unparse(node) if isinstance(node, ast.stmt) else place.text)


COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.BitXor: ast.BitAnd,
}
SWAPS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "tuple"}


def _variants(owner: ast.AST, field: str, node: ast.AST) -> Iterator[tuple[str, Any]]:
    """What may stand in the place of a node: (operator, new node), a list where the node is one of several."""
    if isinstance(node, ast.stmt):
        yield from _statement_variants(owner, field, node)
    elif isinstance(node, ast.expr):
        yield from _expression_variants(owner, field, node)
    elif isinstance(node, ast.keyword) and isinstance(owner, ast.Call) and node.arg:
        yield "keyword", []
    elif isinstance(node, ast.match_case) and len(owner.cases) > 1:  # type: ignore[attr-defined]
        yield "case", []
    elif isinstance(node, ast.comprehension):
        for n in range(len(node.ifs)):
            yield "filter", [ast.comprehension(node.target, node.iter, node.ifs[:n] + node.ifs[n + 1:], 0)]


def _statement_variants(owner: ast.AST, field: str, node: ast.stmt) -> Iterator[tuple[str, Any]]:
    match node:
        case ast.Expr() | ast.AugAssign() | ast.Raise():
            yield "removed", [ast.Pass()]
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "removed", [ast.Pass()]
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "returned", [ast.Return(ast.Constant(None))]
        case ast.Break():
            yield "loop", [ast.Continue()]
        case ast.Continue():
            yield "loop", [ast.Break()]
            yield "removed", [ast.Pass()]
    if isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield "arithmetic", [ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)]


def _expression_variants(owner: ast.AST, field: str, node: ast.expr) -> Iterator[tuple[str, Any]]:
    if field == "test" and isinstance(owner, ast.If | ast.IfExp):
        yield "branch", ast.Constant(True)
        yield "branch", ast.Constant(False)
    match node:
        case ast.Compare(ops=[op], comparators=[_]):
            for other in COMPARISONS[type(op)]:
                yield "comparison", ast.Compare(node.left, [other()], node.comparators)
        case ast.Compare(ops=ops):
            for n, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield "comparison", ast.Compare(node.left, [*ops[:n], other(), *ops[n + 1:]], node.comparators)
        case ast.BoolOp(op=op, values=values):
            yield "boolean", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for n in range(len(values)):
                rest = values[:n] + values[n + 1:]
                yield "operand", rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "unary", operand
        case ast.BinOp(op=op) if type(op) in ARITHMETIC and not _of_types(node):
            yield "arithmetic", ast.BinOp(node.left, ARITHMETIC[type(op)](), node.right)
        case ast.Call(func=ast.Name(id=name)) if name in SWAPS:
            yield "function", ast.Call(ast.Name(SWAPS[name], ast.Load()), node.args,
                                       [k for k in node.keywords if SWAPS[name] in ("min", "max")])
        case ast.Slice(lower=lower, upper=upper, step=step):
            for part in [part for part in (lower, upper, step) if part is not None]:
                yield "slice", ast.Slice(*(None if each is part else each for each in (lower, upper, step)))
        case ast.Dict(keys=keys, values=values):
            for n in range(len(keys)):
                yield "row", ast.Dict(keys[:n] + keys[n + 1:], values[:n] + values[n + 1:])
        case ast.Constant(value=value):
            yield from (("constant", ast.Constant(other)) for other in _other_constants(value))


def _of_types(node: ast.BinOp) -> bool:
    """A union of types, as in isinstance(x, int | Fraction)."""
    return isinstance(node.op, ast.BitOr) and all(
        isinstance(part, ast.BinOp) or ast.unparse(part) in ("int", "tuple", "frozenset")
        or ast.unparse(part).rpartition(".")[2][:1].isupper() for part in (node.left, node.right))


def _other_constants(value: object) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    return [f"XX{value}"] if isinstance(value, str) else []


# --- a process per mutant ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suite:
    """Tests to run, and how many seconds of them for one mutant (None: all)."""

    files: tuple[str, ...]
    most: float | None


def run(mutants: list[Mutant], state: Path, jobs: int, suite: Suite) -> None:
    """Every mutant, its outcome appended to the state folder as soon as it is known."""
    import hypothesis  # noqa: F401  loaded once, for all children
    import numpy  # noqa: F401
    import pytest
    import scipy  # noqa: F401
    import sympy  # noqa: F401

    file = state / f"coverage-{crc32(repr(suite.files).encode()):08x}.json"
    if not file.exists():
        _in_child(lambda: pytest.main([*PYTEST, *suite.files], plugins=[Tracing(file)]))
    covered = Coverage(json.loads(file.read_text(encoding="utf-8")))
    note = Notes(state / "outcomes.jsonl", covered, suite)
    swapped = [m for m in mutants if m.function and not m.function.endswith(".")
               and (m.file in SWAPPED or covered.tests(m) is not None)]
    if swapped:
        _in_child(lambda: pytest.main([*PYTEST, *suite.files], plugins=[Swapping(swapped, note, jobs)]))
    _fork_each([m for m in mutants if m not in swapped], _imported, note, jobs)


class Coverage:
    """Which tests execute which lines, and how long each takes."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.seconds: dict[str, float] = found["seconds"]
        self._lines: dict[str, dict[str, list[str]]] = found["lines"]

    def tests(self, mutant: Mutant) -> list[str] | None:
        """The tests that execute a mutant's statement; None where that happens while tests are collected."""
        lines = self._lines[mutant.file]
        found: set[str] = set()
        for line in range(mutant.lines[0], mutant.lines[1] + 1):
            found.update(lines.get(str(line), ()))
        if mutant.function.endswith("lambda"):
            found.discard("")  # an import makes the row of a table, and runs none
        return None if "" in found or not mutant.function or mutant.function.endswith(".") else sorted(found)


class Notes:
    """Where outcomes go, and which tests killed mutants of which function: those run first."""

    def __init__(self, file: Path, covered: Coverage, suite: Suite) -> None:
        self.file, self.covered, self.suite = file, covered, suite
        self.kills: dict[str, Counter[str]] = defaultdict(Counter)

    def ordered(self, mutant: Mutant, tests: Iterable[str]) -> list[str]:
        kills = self.kills[f"{mutant.file}:{mutant.function}"] + self.kills[mutant.file]
        ordered = sorted(tests, key=lambda t: (-kills[t], self.covered.seconds.get(t, 0.1)))
        sums = accumulate(self.covered.seconds.get(t, 0.1) for t in ordered)
        most = self.suite.most
        return [t for t, so_far in zip(ordered, sums, strict=True) if most is None or so_far <= most]

    def add(self, mutant: Mutant, outcome: Outcome) -> None:
        if self.suite.files != SUITE and outcome["status"] == "open":
            return
        for key in (mutant.file, f"{mutant.file}:{mutant.function}"):
            self.kills[key][outcome["by"]] += 1
        with self.file.open("a", encoding="utf-8") as file:
            print(json.dumps({"id": mutant.id, **outcome}), file=file)


def _fork_each(mutants: Iterable[Mutant], work: Callable[[Mutant, Notes], str], note: Notes, jobs: int) -> None:
    """Each mutant in a child; `work` gives the name of the failing test, or ''."""
    queue, running = list(reversed(list(mutants))), dict[int, tuple[Mutant, int, float]]()
    while queue or running:
        while queue and len(running) < jobs:
            mutant = queue.pop()
            reader, writer = os.pipe()
            pid = os.fork()
            if not pid:
                os.close(reader)
                _child(mutant, work, note, writer)
            os.close(writer)
            running[reader] = mutant, pid, time.monotonic()
        for reader in select.select(list(running), [], [])[0]:
            mutant, pid, started = running.pop(reader)
            with os.fdopen(reader) as pipe:
                told = pipe.read()
            os.waitpid(pid, 0)
            found = json.loads(told) if told else {"status": "timeout", "by": ""}  # killed by its limits
            note.add(mutant, {**found, "seconds": round(time.monotonic() - started, 2)})


def _child(mutant: Mutant, work: Callable[[Mutant, Notes], str], note: Notes, writer: int) -> None:
    def told(status: str, by: str) -> None:
        os.write(writer, json.dumps({"status": status, "by": by}).encode())
        os._exit(0)

    _quieten()
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    signal.signal(signal.SIGPROF, lambda *_: told("timeout", ""))
    try:
        by = work(mutant, note)
    except BaseException as error:
        by = f"{type(error).__name__} before the tests"
    told("killed" if by else "survived" if note.suite == Suite(SUITE, None) else "open", by)


def _quieten() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _in_child(work: Callable[[], object]) -> None:
    pid = os.fork()
    if not pid:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def _first_failure(items: list[Any], seconds: dict[str, float]) -> str:
    """The test that fails or hangs first, or ''."""
    from _pytest.runner import runtestprotocol

    for n, item in enumerate(items):
        signal.setitimer(signal.ITIMER_PROF, SLACK + PATIENCE * seconds.get(item.nodeid, 1.0))
        reports = runtestprotocol(item, log=False, nextitem=items[n + 1] if n + 1 < len(items) else None)
        if any(report.failed for report in reports):
            return str(item.nodeid)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


# --- a changed file, imported -----------------------------------------------------------------------------------------


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module: the mutant's."""

    def __init__(self, mutant: Mutant) -> None:
        self.name, self.path, self.code = f"derive.{mutant.file}", path_of(mutant.file), mutant.code()

    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self) if (
            fullname == self.name) else None

    def exec_module(self, module: Any) -> None:
        exec(self.code, module.__dict__)


def _imported(mutant: Mutant, note: Notes) -> str:
    import pytest

    sys.meta_path.insert(0, Changed(mutant))
    signal.setitimer(signal.ITIMER_PROF, 60)
    importlib.import_module("derive.prover")
    for file in QUICK:  # what fails before a test could be collected, without pytest's own second
        importlib.import_module(file.removesuffix(".py").replace("/", "."))
    tests = note.covered.tests(mutant)
    rest = dict.fromkeys(t.partition("::")[0] for t in tests or note.covered.seconds)
    for files in filter(None, ([f for f in QUICK if f in rest], [f for f in rest if f not in QUICK])):
        plugin = First(mutant, note)
        if pytest.main([*PYTEST, "-x", *files], plugins=[plugin]) != pytest.ExitCode.OK and not plugin.by:
            return "collection"
        if plugin.by:
            return plugin.by
    return ""


class Calm:
    """A pytest plugin: the tests of the suite as they are, but failing examples are not made smaller."""

    def pytest_collection(self, session: Any) -> None:
        from hypothesis import Phase, settings

        settings.register_profile("mutation", settings.get_profile("gradproof"),
                                  phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutation")

    def items(self, session: Any) -> dict[str, Any]:
        return {item.nodeid: item for item in session.items
                if not any(name in item.nodeid for name in LEFT_OUT)}


class First(Calm):
    """A pytest plugin: the tests for one mutant up to the first failure."""

    def __init__(self, mutant: Mutant, note: Notes) -> None:
        self.mutant, self.note, self.by = mutant, note, ""

    def pytest_runtestloop(self, session: Any) -> bool:
        items = self.items(session)
        tests = self.note.covered.tests(self.mutant)
        chosen = self.note.ordered(self.mutant, items if tests is None else [t for t in tests if t in items])
        self.by = _first_failure([items[t] for t in chosen], self.note.covered.seconds)
        return True


# --- a changed function, exchanged ------------------------------------------------------------------------------------


class Swapping(Calm):
    """A pytest plugin: with all tests collected, a child for each mutant, in which one function has other code."""

    def __init__(self, mutants: list[Mutant], note: Notes, jobs: int) -> None:
        self.mutants, self.note, self.jobs = mutants, note, jobs

    def pytest_runtestloop(self, session: Any) -> bool:
        items = self.items(session)
        names = {m.file for m in self.mutants}
        codes = {name: _functions(compile(tree_of(name), str(path_of(name)), "exec")) for name in names}
        places = {(name, code): n for name in names for n, code in enumerate(codes[name])}
        live: dict[tuple[str, int], list[FunctionType]] = defaultdict(list)
        for f in gc.get_objects():
            if isinstance(f, FunctionType):
                for name in names:
                    if (name, f.__code__) in places and f.__module__ == f"derive.{name}":
                        live[name, places[name, f.__code__]].append(f)

        def work(mutant: Mutant, note: Notes) -> str:
            changed = _functions(mutant.code())
            for n, code in enumerate(codes[mutant.file]):
                if code != changed[n]:
                    if not live[mutant.file, n]:
                        os._exit(1)  # nobody holds it: no outcome rather than a wrong one
                    for f in live[mutant.file, n]:
                        f.__code__ = changed[n]
            _forget()
            tests = note.covered.tests(mutant)
            chosen = list(items) if tests is None else [t for t in tests if t in items]
            return _first_failure([items[t] for t in note.ordered(mutant, chosen)], note.covered.seconds)

        gc.collect()
        gc.freeze()
        _fork_each(self.mutants, work, self.note, self.jobs)
        return True


def _functions(code: CodeType) -> list[CodeType]:
    """The outermost functions of a module, those of its classes included, in order."""
    found = []
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found += [inner] if inner.co_flags & inspect.CO_OPTIMIZED else _functions(inner)  # not so a class
    return found


def _forget() -> None:
    """Empties what the package's functions remember of earlier calls."""
    for name, module in list(sys.modules.items()):
        if name.startswith("derive"):
            for value in vars(module).values():
                getattr(value, "cache_clear", lambda: None)()


class Tracing(Calm):
    """A pytest plugin: every test once, with the lines of the trusted files that it executes."""

    def __init__(self, file: Path) -> None:
        self.file, self.test = file, ""
        self.names = {str(path_of(name)): name for name in TRUSTED}
        self.lines: dict[str, dict[int, set[str]]] = {name: defaultdict(set) for name in TRUSTED}
        self.seconds: dict[str, float] = {}
        sys.settrace(self._called)

    def _called(self, frame: Any, event: str, argument: object) -> Any:
        name = self.names.get(frame.f_code.co_filename)
        if name is None:
            return None
        lines = self.lines[name]

        def line(frame: Any, event: str, argument: object) -> Any:
            lines[frame.f_lineno].add(self.test)
            return line

        return line(frame, event, argument)

    def pytest_runtestloop(self, session: Any) -> bool:
        from _pytest.runner import runtestprotocol

        items = list(self.items(session).values())
        for n, item in enumerate(items):
            following = items[n + 1] if n + 1 < len(items) else None
            sys.settrace(None)
            started = time.monotonic()
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=None)):
                raise SystemExit(f"{item.nodeid} fails without a mutant")
            self.seconds[item.nodeid] = time.monotonic() - started
            self.test = item.nodeid
            _forget()
            sys.settrace(self._called)
            runtestprotocol(item, log=False, nextitem=following)
        sys.settrace(None)
        lines = {name: {n: sorted(tests) for n, tests in found.items()} for name, found in self.lines.items()}
        self.file.write_text(json.dumps({"seconds": self.seconds, "lines": lines}), encoding="utf-8")
        return True


if __name__ == "__main__":
    sys.exit(main())
