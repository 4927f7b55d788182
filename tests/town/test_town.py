"""The drawn town gives the same answers, known by hand, in every format it can be sent in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from geoplan.render.documents.assessment import build_document
from geoplan.render.documents.json_values import dump_document
from geoplan.workflow import assess_study
from tests.cases.book import Case, faults, read_cases
from tests.cases.given import CRS, Row, frame_of, write_layer, write_study

TOWN = next(read_cases(Path(__file__).with_name("town.toml")))
DRIVERS = {"gpkg": "GPKG", "geojson": "GeoJSON", "shp": "ESRI Shapefile", "fgb": "FlatGeobuf"}
Write = Callable[[Path, str, Sequence[Row]], str]


def vector(suffix: str) -> Write:
    """A writer of files of a driver; GeoJSON goes out in degrees, as its standard asks."""

    def write(folder: Path, layer: str, rows: Sequence[Row]) -> str:
        frame = frame_of(rows)
        if suffix == "geojson":
            frame = frame.to_crs("EPSG:4326")
        if suffix == "shp":  # ten bytes a name is all a shapefile has
            frame = frame.rename(columns={column: column[:10] for column in frame.columns})
        frame.to_file(folder / f"{layer}.{suffix}", driver=DRIVERS[suffix])
        return f'"{layer}.{suffix}"'

    return write


def parquet(folder: Path, layer: str, rows: Sequence[Row]) -> str:
    frame_of(rows).to_parquet(folder / f"{layer}.parquet")
    return f'"{layer}.parquet"'


def degrees(folder: Path, layer: str, rows: Sequence[Row]) -> str:
    """Facilities as a table with longitude and latitude; the other layers as they are."""
    if layer != "facilities":
        return f'"{write_layer(folder, layer, rows, ())}"'
    frame = frame_of(rows)
    spots = frame.geometry.to_crs("EPSG:4326")
    table = frame.drop(columns="geometry").assign(经度=spots.x.round(9), 纬度=spots.y.round(9))
    table.to_csv(folder / "facilities.csv", index=False, encoding="gb18030")
    return '{ path = "facilities.csv", crs = "CGCS2000", encoding = "gb18030" }'


def workbook(folder: Path, layer: str, rows: Sequence[Row]) -> str:
    """Facilities as a workbook, X the northing and Y the easting, as surveyors write them."""
    if layer != "facilities":
        return f'"{write_layer(folder, layer, rows, ())}"'
    frame = frame_of(rows)
    table = frame.drop(columns="geometry").assign(X=frame.geometry.y, Y=frame.geometry.x)
    table.to_excel(folder / "facilities.xlsx", index=False)
    return f'{{ path = "facilities.xlsx", crs = "{CRS}" }}'


FORMATS: Mapping[str, Write] = {
    **{suffix: vector(suffix) for suffix in DRIVERS},
    "parquet": parquet,
    "csv": degrees,
    "xlsx": workbook,
}


def town_as(write: Write, folder: Path) -> dict[str, Any]:
    """The town's answers when its layers are sent in one format."""
    write_study(folder, {}, TOWN.question)
    files = {layer: write(folder, layer, rows) for layer, rows in TOWN.given.items()}
    study = folder / "study.toml"
    lines = "\n".join(["[layers]", *(f"{layer} = {file}" for layer, file in files.items())])
    text = study.read_text(encoding="utf-8").replace("[layers]", lines)
    study.write_text(text, encoding="utf-8")
    document = dump_document(build_document(assess_study(folder)))
    return dict(json.loads(document, parse_float=Decimal))


@pytest.mark.parametrize("name", FORMATS)
def test_town_by_hand(name: str, tmp_path: Path) -> None:
    case: Case = TOWN
    lines = faults(case, town_as(FORMATS[name], tmp_path), {})
    assert not lines, "\n".join(lines)


def test_every_format_says_the_same(tmp_path: Path) -> None:
    """All but the order of rows, which FlatGeobuf changes."""
    said = {name: town_as(write, tmp_path / name) for name, write in FORMATS.items()}
    parts = ("indicators", "units", "gaps", "facilities")
    answers = {name: [ordered(document[part]) for part in parts] for name, document in said.items()}
    for name, answer in answers.items():
        assert answer == answers["gpkg"], name


def ordered(value: Any) -> Any:
    """The same with its lists in one order."""
    if isinstance(value, list):
        return sorted((ordered(each) for each in value), key=str)
    if isinstance(value, Mapping):
        return {key: ordered(each) for key, each in value.items()}
    return value
