"""The house: who may import whom, where each library lives, no numbers of the law in arithmetic."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "geoplan"
MODULES = sorted(PACKAGE.rglob("*.py"))

GROUND = {"terms", "errors", "numbers", "study"}
MAY_IMPORT = {
    "terms": set(),
    "errors": {"terms"},
    "numbers": {"terms", "errors"},
    "study": {"terms", "errors"},
    "measures": set(),
    "policy": GROUND,
    "layers": GROUND,
    "reach": GROUND | {"layers"},
    "assess": GROUND | {"layers", "policy", "reach", "measures"},
    "plan": GROUND | {"layers", "policy", "reach", "measures", "assess"},
    "render": GROUND | {"layers", "policy", "reach", "measures", "assess", "plan"},
    "workflow": GROUND | {"layers", "policy", "reach", "measures", "assess", "plan", "render"},
}
MAY_IMPORT["geoplan"] = MAY_IMPORT["workflow"] | {"workflow"}
MAY_IMPORT["cli"] = MAY_IMPORT["web"] = MAY_IMPORT["geoplan"] | {"geoplan"}

LIBRARY_ROOMS = {
    "folium": ("render",),
    "branca": ("render",),
    "matplotlib": ("render",),
    "docx": ("render",),
    "xlsxwriter": ("render",),
    "xstatic": ("render",),
    "openpyxl": ("render", "layers.formats"),
    "osmnx": ("layers.fetch",),
    "osmium": ("layers.formats.osm",),
    "pyproj": ("layers.datum",),
    "numba": ("reach",),
    "click": ("cli",),
    "typer": ("cli",),
}
NO_ROOM = {"utils", "helpers", "common", "base", "manager"}
LATE = ("folium", "matplotlib", "docx", "xlsxwriter", "openpyxl", "osmnx", "numba", "geopandas")


def dotted(path: Path, package: Path = PACKAGE) -> str:
    """The module's name below ``geoplan``; ``geoplan`` for the package itself."""
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "geoplan"


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported; a relative import keeps its dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def room_of(imported: str) -> str:
    """The room an import of ``geoplan.x.y`` goes to: ``x``, or ``geoplan`` for the package."""
    room = imported.split(".")[1] if "." in imported else "geoplan"
    return room if room in MAY_IMPORT else "geoplan"


def import_fault(module: str, imported: str) -> str | None:
    """What is wrong with ``module`` importing ``imported``, if anything."""
    if imported.startswith("."):
        return "a relative import"
    library = imported.partition(".")[0]
    if imported == "geoplan.__version__":
        return None
    if library == "geoplan":
        room, other = module.partition(".")[0], room_of(imported)
        return None if room == other or other in MAY_IMPORT[room] else f"{room} imports {other}"
    rooms = LIBRARY_ROOMS.get(library)
    if rooms is None or any(f"{module}.".startswith(f"{room}.") for room in rooms):
        return None
    return f"{library} belongs in {' or '.join(rooms)}"


def number_faults(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every number other than 0 and 1."""
    for node in ast.walk(tree):
        number = isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex)
        if number and node.value not in {0, 1}:
            yield node.lineno, f"the number {node.value} belongs in a policy"


def workbook_faults(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every new openpyxl workbook, which would be written."""
    for node in ast.walk(tree):
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if isinstance(node, ast.Name | ast.Attribute) and name == "Workbook":
            yield node.lineno, "workbooks are written in render"


def faults(module: str, text: str) -> Iterator[tuple[int, str]]:
    """Line and fault of everything in a module that breaks a rule of the house."""
    tree = ast.parse(text)
    for line, imported in imports(tree):
        fault = import_fault(module, imported)
        if fault:
            yield line, fault
    room = module.partition(".")[0]
    if room == "measures":
        yield from number_faults(tree)
    if room == "layers":
        yield from workbook_faults(tree)


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_each_module_keeps_the_rules_of_the_house(path: Path) -> None:
    found = [
        f"geoplan/{path.relative_to(PACKAGE)}:{line}: {fault}"
        for line, fault in faults(dotted(path), path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "line", "fault"),
    [
        ("layers.read", "from geoplan.policy.model import Policy", "layers imports policy"),
        ("assess.judge", "from geoplan.render import map", "assess imports render"),
        ("measures.supply", "import geoplan.terms", "measures imports terms"),
        ("policy.read", "from geoplan import workflow", "policy imports workflow"),
        ("plan.siting", "from geoplan import read_study", "plan imports geoplan"),
        ("assess.gaps", "from .judge import judge", "a relative import"),
        ("assess.gaps", "def f():\n    import pyproj", "pyproj belongs in layers.datum"),
        ("layers.datums", "import pyproj", "pyproj belongs in layers.datum"),
        ("layers.read", "from osmnx import graph", "osmnx belongs in layers.fetch"),
        ("workflow", "import click", "click belongs in cli"),
        ("measures.coverage", "PER = 100", "the number 100 belongs in a policy"),
        ("measures.coverage", "half = 0.5", "the number 0.5 belongs in a policy"),
        ("layers.formats.sheet", "openpyxl.Workbook()", "workbooks are written in render"),
    ],
)
def test_a_broken_rule_is_named(module: str, line: str, fault: str) -> None:
    assert [found for _, found in faults(module, line)] == [fault]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("assess.judge", "from geoplan.measures.coverage import share"),
        ("assess.judge", "from geoplan import numbers"),
        ("render.map", "def draw():\n    import folium"),
        ("layers.formats.sheet", "from openpyxl import load_workbook"),
        ("render.document", "from geoplan import __version__"),
        ("measures.coverage", '"""At most 500 m."""\nnone, all_ = 0, 1.0'),
        ("geoplan", "from geoplan.workflow import assess_study"),
        ("cli", "from geoplan import workflow"),
    ],
)
def test_a_kept_rule_passes(module: str, line: str) -> None:
    assert list(faults(module, line)) == []


def test_every_function_has_a_room() -> None:
    names = [part for path in MODULES for part in dotted(path).split(".")]
    assert not NO_ROOM & set(names)


def test_every_room_is_known() -> None:
    assert {dotted(path).split(".")[0] for path in MODULES} <= set(MAY_IMPORT)


def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = f"import sys, geoplan.cli; print(*set(sys.modules).intersection({LATE!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.split() == []
