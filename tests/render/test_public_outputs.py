"""``--public`` governs every command and every file: the sample study with small counts put in."""

from __future__ import annotations

import ast
import json
import re
import zipfile
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zlib import decompress

import jsonschema
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from click.testing import CliRunner, Result

import geoplan.workflow
from geoplan import cli
from geoplan.assess.model import Assessment
from geoplan.cli import main
from geoplan.layers.model import Layers, rows_of
from geoplan.layers.places.datum import to_wgs84
from geoplan.layers.read import read_layers
from geoplan.render.documents.json_values import read_schema
from geoplan.render.public.edition import CELL_M
from geoplan.study import Study
from geoplan.workflow import assess_layers
from tests.render.attacker import CLOSE, Attacker
from tests.render.test_disclosure import true_counts

NUMBER = "桂S(2023)12-3号"
COMMANDS = sorted(
    name
    for name, command in main.commands.items()
    if any(each.name == "public" for each in command.params)
)
WRITES = {
    "assess": ("--format", "csv,xlsx,geojson,gpkg,docx,html"),
    "comply": ("--format", "csv,xlsx,geojson,gpkg"),
    "gaps": ("--format", "csv,xlsx,geojson,gpkg"),
    "map": (),
    "picture": ("--theme", "jiedao_elder_center_coverage", "--format", "svg"),
}
ENDS = {"assess": 0, "comply": 3, "gaps": 3, "map": 0, "picture": 0}


def with_small_counts(layers: Layers) -> Layers:
    """Every ninth compound, a residential community, a project and the owner's words made small."""
    assert layers.compounds is not None
    assert layers.residential_communities is not None
    assert layers.projects is not None
    compounds = [
        replace(row, households=Decimal(1 + at % 9), population=Decimal(2 + at % 7))
        if at % 9 == 0
        else row
        for at, row in enumerate(layers.compounds.rows)
    ]
    first, *rcs = layers.residential_communities.rows
    small = replace(first, population=Decimal(7), households=Decimal(3))
    one, *projects = layers.projects.rows
    tiny = replace(one, planned_households=Decimal(8), note="内有困难家庭 3 户")
    return replace(
        layers,
        compounds=replace(layers.compounds, rows=tuple(compounds)),
        residential_communities=replace(layers.residential_communities, rows=(small, *rcs)),
        projects=replace(layers.projects, rows=(tiny, *projects)),
        roads=None,  # walking is rounded, and takes long
    )


@pytest.fixture(scope="module")
def study(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sample study with an approved number; whoever reads it finds small counts in it."""
    folder = tmp_path_factory.mktemp("study")
    data = (repository / "data").as_posix()
    text = (repository / "study.toml").read_text(encoding="utf-8").replace('"data/', f'"{data}/')
    text = text.replace("[study]\n", f'[study]\nmap_review_no = "{NUMBER}"\n')
    (folder / "study.toml").write_text(text, encoding="utf-8")

    def read(asked: Study) -> Layers:
        return with_small_counts(read_layers(asked))

    judged: list[Assessment] = []

    def judge(asked: Study) -> Assessment:
        """Judged once for all commands, on all layers so that the counts can be made small."""
        if not judged:
            judged.append(assess_layers(asked))
        return judged[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geoplan.workflow, "read_layers", read)
        patch.setattr(geoplan.workflow, "assess_layers", judge)
        patch.setattr(geoplan.workflow, "check_compliance", judge)
        yield folder


@pytest.fixture(scope="module")
def outputs(study: Path) -> dict[str, Path]:
    """The folder that each command has written into, its JSON too."""
    folders = {}
    for name in COMMANDS:
        folders[name] = folder = study / name
        done = run(name, study, "--public", "--out", str(folder), "--json", str(folder / "a.json"))
        assert done.exit_code == ENDS[name], done.output
    return folders


def run(command: str, study: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [command, str(study), *words, *WRITES[command]])


def test_every_command_that_shows_a_study_can_be_public() -> None:
    assert {"assess", "comply", "gaps", "map", "picture"} == set(COMMANDS) == set(WRITES)


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_number_nothing_is_public(command: str, repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(command, repository, "--public", "--out", str(out), "--json", str(tmp_path / "a"))
    assert done.exit_code == 2
    assert "审图号" in done.output
    assert not out.exists()
    assert not (tmp_path / "a").exists()


def test_other_definitions_are_not_public(study: Path) -> None:
    done = CliRunner().invoke(main, ["assess", str(study), "--public", "--sensitivity"])
    assert done.exit_code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_no_small_count_is_in_any_file(command: str, outputs: dict[str, Path], study: Path) -> None:
    judged = geoplan.workflow.assess_study(study)
    truth = true_counts(judged.layers)
    attacker = Attacker(judged.belonging)
    attacker.read_document(json.loads((outputs[command] / "a.json").read_text(encoding="utf-8")))
    for file in outputs[command].iterdir():
        if file.suffix == ".csv":
            attacker.read_table(file.read_text(encoding="utf-8-sig"))
        if file.suffix == ".html":
            for view in page_of(file)["views"]:
                if view["meta"]["language"] == "zh":
                    attacker.read_page(view)
    attacker.presume_additions(truth)
    sought = [each for each, count in truth.items() if 0 < count < 10]
    assert len(sought) > 30
    for unknown, (low, high) in attacker.bounds_of(sought, truth).items():
        assert low < truth[unknown] - CLOSE or high > truth[unknown] + CLOSE, (unknown, low, high)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_small_project_is_left_out_whole(command: str, outputs: dict[str, Path]) -> None:
    document = json.loads((outputs[command] / "a.json").read_text(encoding="utf-8"))
    assert "P01" not in {each["project_id"] for each in document["projects"]}
    assert {"P02", "P03"} <= {each["project_id"] for each in document["projects"]}
    assert ("project", "P01") in {
        (each["level"], each["id"]) for each in document["public"]["withheld"]
    }
    for file in outputs[command].glob("compliance*"):
        assert "示意建字第001号" not in text_of(file)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_json_keeps_its_schema(command: str, outputs: dict[str, Path]) -> None:
    document = json.loads((outputs[command] / "a.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(read_schema()))
    assert document["access"] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_files_say_what_is_not_shown_and_why(command: str, outputs: dict[str, Path]) -> None:
    for file in (each for each in outputs[command].iterdir() if each.is_file()):
        text = text_of(file)
        if file.suffix in {".xlsx", ".docx", ".html", ".json"} and file.name != "ledger.xlsx":
            assert NUMBER in text, file.name
            assert "1 至 9 的户数、人口不公开" in text, file.name


@pytest.mark.parametrize("command", COMMANDS)
def test_no_exact_place_and_nobodys_rooms(
    command: str, outputs: dict[str, Path], repository: Path
) -> None:
    layers = read_layers(geoplan.workflow.read_study(repository))
    exact = {
        at
        for name in ("facilities", "projects", "premises", "gates")
        for at in written(points_of(getattr(layers, name).geometry), layers)
    }
    for name in ("roads", "compounds", "residential_communities", "communities", "divisions"):
        corners = shapely.points(shapely.get_coordinates(getattr(layers, name).geometry))
        exact -= set(written(corners, layers))  # gates and some rooms stand on a border
    homes = {str(each) for each in layers.homes.ids} if layers.homes else set()
    private = homes | {row.id for row in rows_of(layers.premises)}
    assert len(exact) > 100
    for file in (each for each in outputs[command].rglob("*") if each.is_file()):
        text = text_of(file)
        pairs = re.findall(r"(\d+\.\d{5})\d*[^\d.]{1,3}(\d+\.\d{5})\d*", text)
        shown = exact & ({*pairs} | {(two, one) for one, two in pairs})
        assert not shown, (file.name, shown)
        assert not private & set(re.findall(r"\b[A-Z]\d+\b", text)), file.name
        assert "内有困难家庭" not in text
        if file.suffix == ".gpkg":
            assert_blurred(file, layers)


def points_of(geometry: Iterable[shapely.Geometry | None]) -> list[shapely.Point]:
    """A point for each place that is not the middle of its cell by chance."""
    points = (shapely.point_on_surface(place) for place in geometry if place is not None)
    return [each for each in points if abs(each.x % CELL_M - CELL_M / 2) > 1]


def written(points: Iterable[shapely.Point], layers: Layers) -> Iterator[tuple[str, str]]:
    """Longitude and latitude as they would be written, to five digits."""
    for at in to_wgs84(np.array([*points], dtype=object), layers.crs):
        yield f"{at.x:.6f}"[:-1], f"{at.y:.6f}"[:-1]  # as on a map
        yield f"{at.x:.7f}"[:-2], f"{at.y:.7f}"[:-2]  # as in a GeoJSON


def assert_blurred(file: Path, layers: Layers) -> None:
    assert layers.facilities is not None
    assert layers.projects is not None
    places = (*layers.facilities.geometry, *layers.projects.geometry)  # type: ignore[misc]
    exact = shapely.MultiPoint(points_of(places))
    for name, kind in pyogrio.list_layers(file):
        if kind is not None:
            shapes = pyogrio.read_dataframe(file, layer=name).geometry
            near = shapes[(shapes.geom_type == "Point") & (shapes.distance(exact) <= 0.01)]
            assert not len(near), (name, near)


def page_of(file: Path) -> dict[str, object]:
    page = file.read_text(encoding="utf-8")
    found = re.search(r'<script type="([^"]+)" id="geoplan-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    kind, text = found.groups()
    if kind == "text/plain":
        text = decompress(b64decode(text)).decode("utf-8")
    page_data: dict[str, object] = json.loads(text)
    return page_data


def text_of(file: Path) -> str:
    """Everything that can be read in a file."""
    if file.suffix == ".xlsx":
        book = openpyxl.load_workbook(file)
        cells = (cell for sheet in book for row in sheet.values for cell in row)
        return "\n".join(str(cell) for cell in cells if cell is not None)
    if file.suffix == ".docx":
        with zipfile.ZipFile(file) as parts:
            return re.sub("<[^>]+>", "", parts.read("word/document.xml").decode("utf-8"))
    if file.suffix == ".gpkg":
        tables = (pyogrio.read_dataframe(file, layer=each[0]) for each in pyogrio.list_layers(file))
        return "\n".join(table.to_csv() for table in tables)
    if file.suffix == ".html":
        return json.dumps(page_of(file), ensure_ascii=False)
    return file.read_text(encoding="utf-8", errors="replace")


def test_no_command_shows_what_was_judged_before_it_is_made_public() -> None:
    """Whatever a command writes or prints is made of the edition to show, never of the judgement."""
    seen = [_shown_by(path) for path in sorted(Path(cli.__file__).parent.glob("*.py"))]
    assert sum(seen) > 1


def _shown_by(path: Path) -> int:
    """How many results a module of commands judges before it shows anything of them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    judged = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if getattr(node.value.func, "id", "")
        in {"assess_layers", "check_compliance", "only_project", "assess_on"}
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if re.match(r"write_|build_|.*_text$|.*_document$", name):
            given = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            assert not given & judged, f"{path.name}:{node.lineno}: {name}"
    return len(judged)
