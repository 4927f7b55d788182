"""The house: who may import whom, where each library lives, no numbers of the law in arithmetic."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
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
    "osmnx": ("layers.formats.streets",),
    "osmium": ("layers.formats.streets",),
    "pyproj": ("layers.places.datum",),
    "numba": ("reach", "plan.siting.bounds.cover_kernels"),
    "click": ("cli",),
    "typer": ("cli",),
}
# Which wing (or module that stands loose in its room) may import which others of the same room.
WINGS: Mapping[str, Mapping[str, str]] = {
    "layers": {
        "tables": "raw_table",
        "contracts": "model raw_table tables",
        "files": "raw_table",
        "formats": "files raw_table tables",
        "places": "contracts formats model raw_table tables",
        "rows": "contracts formats model raw_table tables",
        "records": "contracts model places raw_table rows tables",
        "layer_build": "model places raw_table records",
    },
    "reach": {
        "compiled": "",
        "nearest_piece": "compiled network order",
        "building": "compiled nearest_piece network order",
        "join": "nearest_piece network",
        "searches": "compiled join network order",
        "catchment": "join network searches straight",
        "outline": "catchment join network searches",
        "what_if": "catchment compiled join network searches straight",
        "ways": "building catchment join network outline straight",
    },
    "assess": {
        "absence": "",
        "model": "absence",
        "listing": "model",
        "places": "model",
        "ground": "model places",
        "floor_area": "absence ground model places",
        "walking": "floor_area ground model places",
        "indicators": "absence ground model places walking",
        "projects": "floor_area ground indicators model places",
        "gaps": "absence floor_area ground listing model places",
        "remedies": "model places",
    },
    "plan": {
        "scenario": "given",
        "siting": "given",
        "next_sites": "scenario siting",
        "programme": "scenario siting",
    },
    "render": {
        "palette": "",
        "fileset": "",
        "sheets": "",
        "wording": "",
        "documents": "sheets wording",
        "public": "wording",
        "planning": "documents sheets wording",
        "tables": "fileset palette planning sheets wording",
        "terminal": "tables wording",
        "forms": "fileset sheets tables wording",
        "webmap": "fileset palette planning public sheets wording",
        "pictures": "palette webmap wording",
        "paper": "fileset forms palette pictures sheets tables wording",
    },
    "cli": {
        "options": "",
        "runner": "options",
        "assessing": "options runner",
        "mapping": "options runner",
        "planning": "options runner",
        "policies": "options runner",
        "streets": "options runner",
    },
}
MOST_ENTRIES = 15  # of a folder
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


def wing_fault(module: str, imported: str) -> str | None:
    """What is wrong with a wing importing another of its room, if anything."""
    room, _, rest = module.partition(".")
    _, other_room, *other = (*imported.split("."), "")
    wing = rest.partition(".")[0]
    if other_room != room or not wing or wing not in WINGS.get(room, {}) or wing == other[0]:
        return None
    allowed = WINGS[room][wing].split()
    return None if other[0] in allowed else f"{room}.{wing} imports {room}.{other[0]}"


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
        fault = import_fault(module, imported) or wing_fault(module, imported)
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
        ("assess.gaps", "def f():\n    import pyproj", "pyproj belongs in layers.places.datum"),
        ("layers.datums", "import pyproj", "pyproj belongs in layers.places.datum"),
        ("layers.read", "from osmnx import graph", "osmnx belongs in layers.formats.streets"),
        ("workflow", "import click", "click belongs in cli"),
        (
            "assess.places.belonging",
            "from geoplan.assess.judge import assess",
            "assess.places imports assess.judge",
        ),
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


def test_no_folder_is_a_corridor_of_doors() -> None:
    folders = {path.parent for path in MODULES}
    crowded = {
        folder.relative_to(PACKAGE).as_posix(): count
        for folder in folders
        if (count := sum(not each.name.startswith("__") for each in folder.iterdir()))
        > MOST_ENTRIES
    }
    assert crowded == {}


def test_wings_stand_on_each_other_without_a_circle() -> None:
    for wings in WINGS.values():
        tuple(TopologicalSorter({name: on.split() for name, on in wings.items()}).static_order())


def test_every_room_is_known() -> None:
    assert {dotted(path).split(".")[0] for path in MODULES} <= set(MAY_IMPORT)


def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = f"import sys, geoplan.cli; print(*set(sys.modules).intersection({LATE!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.split() == []
