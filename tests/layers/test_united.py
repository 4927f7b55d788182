"""Parts of one unit in several rows: united where they agree, a problem that helps where not."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
import shapely

from geoplan.errors import DataError
from geoplan.layers.model import Layers
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.placed_town import CRS, TOWN, study_of

LAYERS = ("divisions", "communities", "residential_communities", "compounds", "projects")


def halves(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """A polygon as two that lie apart."""
    west, south, east, north = (
        shape.buffer(40).bounds if shape.geom_type == "Point" else shape.bounds
    )
    third = (east - west) / 3
    return [
        shapely.box(west, south, west + third, north),
        shapely.box(east - third, south, east, north),
    ]


def exploded(layer: str) -> tuple[list[dict[str, object]], list[shapely.Geometry]]:
    """Every second unit in two rows, the second one after all the others."""
    rows, shapes = TOWN[layer]
    split = [
        (dict(row), halves(shape)[at : at + 1 or None][0])
        for at in (0, 1)
        for number, (row, shape) in enumerate(zip(rows, shapes, strict=True))
        if at == 0 or number % 2 == 0
    ]
    return [row for row, _ in split], [shape for _, shape in split]


def read(
    folder: Path, layer: str, rows: list[dict[str, object]], shapes: list[shapely.Geometry]
) -> Layers:
    frame = geopandas.GeoDataFrame(rows, geometry=shapes, crs=CRS)
    frame.to_file(folder / "layer.gpkg")
    return read_layers(study_of(folder, {layer: LayerFile(layer, Path("layer.gpkg"))}))


EXTRAS = [None, "Shape_Area", "面积", "OBJECTID", "SHAPE_Leng", "周长(米)"]
# An area of a project is one that is said of it, and no measure of its shape.
CASES = [(lay, more) for lay in LAYERS for more in EXTRAS if (lay, more) != ("projects", "面积")]


@pytest.mark.parametrize(("layer", "extra"), CASES)
def test_equal_rows_are_parts_of_one_unit(tmp_path: Path, layer: str, extra: str | None) -> None:
    rows, shapes = exploded(layer)
    for at, row in enumerate(rows):
        if extra is not None:
            row[extra] = at + 0.5
    layers = read(tmp_path, layer, rows, shapes)
    made = getattr(layers, layer)
    count = len(TOWN[layer][0])
    assert len(made.rows) == count
    (told,) = [remark for remark in layers.remarks if remark.code == "UNIT_PARTS"]
    assert told.set_aside
    assert told.rows == tuple(range(count + 1, len(rows) + 1))
    assert made.source.rows_read == made.source.rows_kept + len(told.rows)
    for shape, own in zip(made.geometry[::2], TOWN[layer][1][::2], strict=True):
        assert shape.geom_type == "MultiPolygon"
        assert shape.area == pytest.approx(sum(half.area for half in halves(own)))


@pytest.mark.parametrize("layer", LAYERS)
def test_rows_that_differ_are_a_problem_whose_advice_works(tmp_path: Path, layer: str) -> None:
    rows, shapes = exploded(layer)
    for at, row in enumerate(rows):
        row["备注"] = f"第{at}块"
    with pytest.raises(DataError) as refused:
        read(tmp_path, layer, rows, shapes)
    (problem,) = refused.value.problems
    assert "备注" in problem.remedy.zh
    for row in rows:  # make them the same, as it says
        row["备注"] = ""
    assert len(getattr(read(tmp_path, layer, rows, shapes), layer).rows) == len(TOWN[layer][0])


def test_points_are_no_parts(tmp_path: Path) -> None:
    rows, shapes = TOWN["compounds"]
    doubled = [dict(row) for row in (*rows, rows[0])]
    points = [shape.centroid for shape in (*shapes, shapes[0])]
    with pytest.raises(DataError, match="more than once"):
        read(tmp_path, "compounds", doubled, points)


def test_broken_parts_are_mended_aloud(tmp_path: Path) -> None:
    rows, shapes = TOWN["compounds"]
    west, south, east, north = shapes[0].bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    layers = read(tmp_path, "compounds", [dict(row) for row in (*rows, rows[0])], [*shapes, bow])
    codes = {remark.code for remark in layers.remarks}
    assert {"UNIT_PARTS", "GEOMETRY_MENDED"} <= codes
