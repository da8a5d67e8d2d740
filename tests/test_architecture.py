"""What must never appear where: imports point one way, nothing from outside is evaluated, the kernel stands alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(p for package in ("derive", "numeric", "checks") for p in (ROOT / package).rglob("*.py"))
LEVEL = {"derive": 0, "numeric": 1, "checks": 2}

# What the kernel trusts, directly and through others; anything else it imports is a hole.
TRUSTED = {"atoms", "claims", "components", "derivative", "errors", "factors", "indices", "kernel", "normal_form",
           "operations", "rendering", "terms"}

# Decides by heuristics, captures bound indices, or evaluates text: see the tests of SymPy's pitfalls.
FORBIDDEN_CALLS = {"eval", "exec", "compile", "sympify", "parse_expr", "parse_latex", "simplify", "doit", "equals",
                   "nsimplify", "deltasummation", "convert_indexed_to_array", "__import__"}
ALLOWED_CALLS = {("numeric/compiling.py", "lambdify")}
# Imports a file that it wrote itself, from source printed from theorems: a just-in-time compiler keeps what it compiled
# only for code that stands in a file. Nothing else may run a file by its path.
RUNS_FILES = {"spec_from_file_location": {"numeric/generated.py"}, "module_from_spec": {"numeric/generated.py"},
              "exec_module": {"numeric/generated.py"}}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_of(path: Path, *, at_type_checking: bool = False) -> Iterator[str]:
    """Every module a file imports, anywhere in it; those for the type checker only where asked for."""
    tree = tree_of(path)
    guarded = [n for n in ast.walk(tree) if isinstance(n, ast.If) and _type_checking(n) and not at_type_checking]
    skipped = {id(inner) for node in guarded for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls_of(path: Path) -> Iterator[tuple[str, int, bool]]:
    """Every called name, its line, and whether it is called as a method or attribute."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node.lineno, False
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, node.lineno, True


def _type_checking(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_from_checks_over_numeric_to_derive(path: Path) -> None:
    own = LEVEL[path.relative_to(ROOT).parts[0]]
    upwards = {m for m in imports_of(path, at_type_checking=True) if LEVEL.get(m.partition(".")[0], -1) > own}
    assert not upwards
    assert not {m for m in imports_of(path, at_type_checking=True) if m.partition(".")[0] in ("tests", "benchmarks")}


def test_the_kernel_reaches_only_what_its_docstring_trusts() -> None:
    reached: set[str] = set()
    waiting = ["kernel"]
    while waiting:
        module = waiting.pop()
        if module in reached:
            continue
        reached.add(module)
        path = ROOT / "derive" / f"{module}.py"
        assert path.is_file(), f"the kernel reaches derive.{module}, which is no file"
        found = {m.split(".")[1] for m in imports_of(path) if m.startswith("derive.")}
        waiting += sorted(m for m in found if (ROOT / "derive" / m).with_suffix(".py").is_file()
                          or (ROOT / "derive" / m).is_dir())
    assert reached <= TRUSTED


def test_no_import_goes_round_in_a_circle() -> None:
    """At the top of modules, where a circle breaks; what is imported inside a function may close one."""
    edges = {}
    for path in FILES:
        module = name_of(path)[:-3].replace("/", ".").removesuffix(".__init__")
        tops = [n for n in tree_of(path).body if isinstance(n, ast.Import | ast.ImportFrom)]
        edges[module] = {m for node in tops for m in _modules(node)}
    for start in edges:
        seen: set[str] = set()
        waiting = list(edges[start] & edges.keys())
        while waiting:
            module = waiting.pop()
            assert module != start, f"{start} imports itself through others"
            if module not in seen:
                seen.add(module)
                waiting += edges[module] & edges.keys()


def _modules(node: ast.Import | ast.ImportFrom) -> set[str]:
    """What a statement imports; `from package import module` needs the module and not what the package gathers."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    inner = {f"{node.module}.{alias.name}" for alias in node.names}
    return inner if inner <= {name_of(p)[:-3].replace("/", ".") for p in FILES} else {node.module or ""}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_evaluated_or_decided_by_simplification(path: Path) -> None:
    for called, line, attribute in calls_of(path):
        if called == "compile" and attribute:  # re.compile
            continue
        assert called not in FORBIDDEN_CALLS, f"{name_of(path)}:{line} calls {called}"
        if called == "lambdify":
            assert (name_of(path), called) in ALLOWED_CALLS, f"{name_of(path)}:{line} calls lambdify"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_generated_source_is_run_from_a_file(path: Path) -> None:
    for called, line, _ in calls_of(path):
        assert name_of(path) in RUNS_FILES.get(called, {name_of(path)}), f"{name_of(path)}:{line} calls {called}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_forbidden_names_are_not_even_imported(path: Path) -> None:
    last = {m.rpartition(".")[2] for m in imports_of(path)}
    assert not last & (FORBIDDEN_CALLS - {"compile"})
    assert "lambdify" not in last or name_of(path) == "numeric/compiling.py"


def test_the_kernel_has_no_assert_no_printing_no_file_no_clock_and_no_switch() -> None:
    path = ROOT / "derive" / "kernel.py"
    assert not [n.lineno for n in ast.walk(tree_of(path)) if isinstance(n, ast.Assert | ast.Global)]
    assert not {c for c, _, _ in calls_of(path)} & {"print", "open", "perf_counter", "time", "getenv"}
    assert not {m.partition(".")[0] for m in imports_of(path)} & {"os", "sys", "time", "io", "pathlib", "random"}


def test_only_the_kernel_touches_the_seal() -> None:
    holders = [name_of(p) for p in FILES if "_SEAL" in p.read_text(encoding="utf-8")]
    assert holders == ["derive/kernel.py"]


def test_every_package_says_that_it_is_typed_and_what_it_is_for() -> None:
    for package in LEVEL:
        assert (ROOT / package / "py.typed").is_file()
    undocumented = [name_of(p) for p in FILES if not ast.get_docstring(tree_of(p))]
    assert not undocumented


def test_the_map_names_every_module() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = {p.stem for p in FILES if len(p.relative_to(ROOT).parts) == 2 and p.stem != "__init__"}
    assert not {module for module in modules if f"`{module}`" not in page}
