"""Coordinates of tables: docs/method.md §7 F3, F4, F17 and the faults around them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from geoplan.errors import DataError, Problem
from geoplan.layers.places.coordinate_text import read_coordinate
from geoplan.layers.places.coordinates import Given, Placed, place_table
from geoplan.layers.places.datum import read_datum
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.small_town import DIVISION_SHAPES, DIVISIONS, study, write_gpkg

EAST, NORTH = 433431.374, 2478823.724
LON, LAT = 107.3535, 22.4053
CHONGZUO_BOX = (107.0, 22.0, 107.8, 22.9)


def place(
    first: float,
    second: float,
    crs: str | None = None,
    area: tuple[float, float, float, float] | None = None,
) -> Placed | Problem:
    given = Given("a.csv", "facilities", read_datum(crs) if crs else None, area)
    return place_table([first, None], [second, ""], given)


def assert_placed(
    found: Placed | Problem, label: str, pair: tuple[float, float], *codes: str
) -> None:
    assert isinstance(found, Placed)
    assert found.datum.label == label
    assert found.pairs[0] == pytest.approx(pair)
    assert np.isnan(found.pairs[1]).all()
    assert [remark.code for remark in found.remarks] == list(codes)


def test_f3_zone_number_and_northing_first() -> None:
    found = place(NORTH, EAST + 36e6)
    assert_placed(found, "EPSG:4524", (EAST + 36e6, NORTH), "CRS_FOUND", "AXES_SWAPPED")
    assert isinstance(found, Placed)
    assert "EPSG:4524" in found.remarks[0].detail.zh


def test_zone_number_on_a_declared_datum() -> None:
    found = place(EAST + 36e6, NORTH, "西安80")
    assert_placed(found, "EPSG:2360", (EAST + 36e6, NORTH), "CRS_FOUND")


def test_f4_six_digits_are_not_guessed_but_proposed() -> None:
    found = place(EAST, NORTH, area=CHONGZUO_BOX)
    assert isinstance(found, Problem)
    assert 'crs = "EPSG:4545"' in found.remedy.en
    for code in ("4544", "4545", "4546"):
        assert code in found.what.en
    nowhere = place(EAST, NORTH)
    assert isinstance(nowhere, Problem)
    assert "EPSG:4545 (107.35)" in nowhere.what.en


def test_f17_degrees_must_be_asked() -> None:
    found = place(LON, LAT)
    assert isinstance(found, Problem)
    for word in ("WGS84", "CGCS2000", "GCJ-02", "BD-09"):
        assert word in found.remedy.zh


def test_degrees() -> None:
    assert_placed(place(LON, LAT, "WGS84"), "EPSG:4326", (LON, LAT))
    assert_placed(place(LAT, LON, "GCJ-02"), "GCJ-02", (LON, LAT), "LONLAT_SWAPPED")


def test_declared_projection_takes_either_order() -> None:
    assert_placed(place(EAST, NORTH, "EPSG:4545"), "EPSG:4545", (EAST, NORTH))
    assert_placed(place(NORTH, EAST, "EPSG:4545"), "EPSG:4545", (EAST, NORTH), "AXES_SWAPPED")


@pytest.mark.parametrize(
    ("first", "second", "crs", "said"),
    [
        (LON, LAT, "EPSG:4545", "degrees"),
        (EAST, NORTH, "GCJ-02", "metres"),
        (EAST, NORTH, "WGS84", "metres"),
        (EAST + 36e6, NORTH, "EPSG:4545", "cannot be EPSG:4545"),
        (1234.5, 6789.1, None, "fit no system"),
    ],
)
def test_contradictions_are_refused(
    first: float, second: float, crs: str | None, said: str
) -> None:
    found = place(first, second, crs)
    assert isinstance(found, Problem)
    assert said in found.what.en


def test_degrees_under_a_projected_prj_are_told(tmp_path: Path) -> None:
    import geopandas
    import shapely

    frame = geopandas.GeoDataFrame(
        {"类型": ["托育园"]}, geometry=[shapely.Point(LON, LAT)], crs=4545
    )
    frame.to_file(tmp_path / "a.gpkg")
    with pytest.raises(DataError, match="They look like degrees"):
        read_layers(study(tmp_path, facilities="a.gpkg"))


def test_a_wrong_zone_is_proposed() -> None:
    found = place(EAST + 36e6, NORTH, "EPSG:4545")
    assert isinstance(found, Problem)
    assert "EPSG:4524" in found.remedy.en


@pytest.mark.parametrize(
    ("cell", "degrees"),
    [
        ("107°21′12.6″", 107.3535),
        ("107°21'12.6\"E", 107.3535),
        ("东经107度21分12.6秒", 107.3535),
        ("107.3535°", 107.3535),
        ("１０７．３５３５", 107.3535),
        ("107°", 107.0),
        (107.3535, 107.3535),
        ("", math.nan),
        ("见图", math.nan),
        (None, math.nan),
    ],
)
def test_one_coordinate(cell: object, degrees: float) -> None:
    assert read_coordinate(cell) == pytest.approx(degrees, nan_ok=True)


def test_the_area_of_other_layers_helps_to_propose(tmp_path: Path) -> None:
    write_gpkg(tmp_path, DIVISIONS, DIVISION_SHAPES)
    table = "设施编号,设施类型,X,Y\nF1,托育园,433500,2478500\n"
    (tmp_path / "f.csv").write_text(table, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_layers(study(tmp_path, divisions="layer.gpkg", facilities="f.csv"))
    assert 'crs = "EPSG:4545"' in str(refused.value)
    confirmed = LayerFile("facilities", Path("f.csv"), crs="EPSG:4545")
    layers = read_layers(study(tmp_path, divisions="layer.gpkg", facilities=confirmed))
    assert layers.facilities.geometry[0].x == 433500


def test_declared_gcj_moves_a_vector_layer_that_says_wgs84(tmp_path: Path) -> None:
    import geopandas
    import shapely

    frame = geopandas.GeoDataFrame(
        {"类型": ["托育园"]}, geometry=[shapely.Point(107.357634, 22.402529)], crs=4326
    )
    for name in ("a.geojson", "a.gpkg"):
        frame.to_file(tmp_path / name)
    frame.to_crs(3857).to_file(tmp_path / "mercator.gpkg")
    for name in ("a.geojson", "a.gpkg", "mercator.gpkg"):
        layers = read_layers(
            study(tmp_path, facilities=LayerFile("facilities", Path(name), crs="高德"))
        )
        shape = layers.facilities.geometry[0]
        assert (shape.x, shape.y) == pytest.approx((EAST, NORTH), abs=1)
        assert layers.facilities.source.crs == "GCJ-02"
        codes = [remark.code for remark in layers.remarks]
        assert codes[:2] == ["CRS_OVERRIDDEN", "DATUM_SHIFTED"]
