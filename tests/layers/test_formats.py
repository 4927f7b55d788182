"""The same rows in every format give the same typed rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from geoplan.layers.model import Facility, Layers
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.small_town import (
    CRS,
    DIVISION_SHAPES,
    DIVISIONS,
    FACILITIES,
    FACILITY_SHAPES,
    TABLE_WRITERS,
    VECTOR_WRITERS,
    points_of,
    study,
)

EXPECTED = (
    Facility(
        row=0,
        id="F1",
        facility_type="childcare_institution",
        name="太平托育园",
        jiedao="太平街道办事处",
        status="operating",
        open_date=date(2021, 12, 25),
        places=Decimal(60),
        filed=True,
        floor_area_m2=Decimal("320.5"),
    ),
    Facility(
        row=0,
        id="F2",
        facility_type="elder_day_care_center",
        name="江南日间照料中心",
        jiedao="江南街道",
        status="under_construction",
        floor_area_m2=Decimal("49.95"),
    ),
    Facility(
        row=0,
        id="F3",
        facility_type="elder_service_station",
        name="新和养老驿站",
        status="trial",
        open_date=date(2022, 3, 1),
        places=Decimal(0),
        filed=False,
        floor_area_m2=Decimal(1200),
    ),
)


def fields_of(facility: Facility) -> dict[str, object]:
    return {
        name: getattr(facility, name) for name in facility.__dataclass_fields__ if name != "row"
    }


def assert_expected(layers: Layers) -> None:
    assert layers.facilities is not None
    found = layers.facilities
    assert [fields_of(row) for row in found.rows] == [fields_of(row) for row in EXPECTED]
    assert found.geometry is not None
    assert layers.crs == CRS
    assert points_of(found.geometry) == pytest.approx(points_of(FACILITY_SHAPES), abs=1e-3)
    assert found.source.rows_read - found.source.rows_kept == sum(
        len(remark.rows) for remark in layers.remarks if remark.set_aside
    )


@pytest.mark.parametrize("kind", VECTOR_WRITERS)
def test_vector_formats(kind: str, tmp_path: Path) -> None:
    path = VECTOR_WRITERS[kind](tmp_path, FACILITIES, FACILITY_SHAPES)
    layers = read_layers(study(tmp_path, facilities=path.name))
    assert_expected(layers)
    assert [row.row for row in layers.facilities.rows] == [1, 2, 3]
    assert layers.facilities.source.path == path.name


@pytest.mark.parametrize("kind", TABLE_WRITERS)
def test_table_formats(kind: str, tmp_path: Path) -> None:
    path = TABLE_WRITERS[kind](tmp_path, FACILITIES, FACILITY_SHAPES)
    file = LayerFile("facilities", Path(path.name), crs=CRS)
    layers = read_layers(study(tmp_path, facilities=file))
    assert_expected(layers)
    first = 5 if kind == "xlsx bureau" else 2
    assert [row.row for row in layers.facilities.rows] == [first, first + 1, first + 2]


@pytest.mark.parametrize("kind", VECTOR_WRITERS)
def test_divisions(kind: str, tmp_path: Path) -> None:
    path = VECTOR_WRITERS[kind](tmp_path, DIVISIONS, DIVISION_SHAPES)
    layers = read_layers(study(tmp_path, divisions=path.name))
    assert layers.divisions is not None
    rows = layers.divisions.rows
    assert [row.id for row in rows] == ["451402001", "451402002", "451402101"]
    assert [row.kind for row in rows] == ["jiedao", "jiedao", "town"]
    assert [row.population for row in rows] == [Decimal(32100), Decimal(28000), None]
    areas = [shape.area for shape in layers.divisions.geometry]
    assert areas == pytest.approx([1e6] * 3, abs=0.5)


@pytest.mark.parametrize(
    ("kind", "encoding", "is_guessed"),
    [
        ("shp utf-8", "UTF-8", False),
        ("shp gbk", "GB18030", False),
        ("shp gbk without cpg", "GB18030", True),
        ("shp gbk language byte", "GB18030", False),
        ("shp utf-8 without cpg", "UTF-8", True),
    ],
)
def test_shapefile_encoding_is_reported(
    kind: str, encoding: str, *, is_guessed: bool, tmp_path: Path
) -> None:
    path = VECTOR_WRITERS[kind](tmp_path, FACILITIES, FACILITY_SHAPES)
    layers = read_layers(study(tmp_path, facilities=path.name))
    assert layers.facilities.source.encoding == encoding
    codes = [remark.code for remark in layers.remarks]
    assert ("ENCODING_GUESSED" in codes) is is_guessed


def test_wrong_cpg_is_not_believed(tmp_path: Path) -> None:
    path = VECTOR_WRITERS["shp gbk"](tmp_path, FACILITIES, FACILITY_SHAPES)
    path.with_suffix(".cpg").write_text("UTF-8")
    layers = read_layers(study(tmp_path, facilities=path.name))
    assert_expected(layers)
    assert layers.facilities.source.encoding == "GB18030"
    assert "ENCODING_GUESSED" in [remark.code for remark in layers.remarks]


def test_single_precision_numbers_keep_their_decimals(tmp_path: Path) -> None:
    import geopandas
    import numpy as np

    frame = geopandas.GeoDataFrame(
        {"类型": ["托育园"], "建筑面积": np.array([49.95], dtype=np.float32)},
        geometry=FACILITY_SHAPES[:1],
        crs=CRS,
    )
    frame.to_parquet(tmp_path / "a.parquet")
    layers = read_layers(study(tmp_path, facilities="a.parquet"))
    assert layers.facilities.rows[0].floor_area_m2 == Decimal("49.95")


def test_sources_in_layer_order_and_hash_is_stable(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    facilities = VECTOR_WRITERS["gpkg"](tmp_path / "a", FACILITIES, FACILITY_SHAPES)
    divisions = VECTOR_WRITERS["shp utf-8"](tmp_path / "b", DIVISIONS, DIVISION_SHAPES)
    once = read_layers(study(tmp_path, facilities=facilities, divisions=divisions))
    again = read_layers(study(tmp_path, divisions=divisions, facilities=facilities))
    assert [source.layer for source in once.sources] == ["divisions", "facilities"]
    assert once.sources == again.sources
    assert once.sources[1].path == "a/layer.gpkg"
    divisions.with_suffix(".prj").write_text(divisions.with_suffix(".prj").read_text() + " ")
    changed = read_layers(study(tmp_path, divisions=divisions))
    assert changed.sources[0].sha256 != once.sources[0].sha256


def test_a_geojson_that_was_saved_as_gbk(tmp_path: Path) -> None:
    path = VECTOR_WRITERS["geojson"](tmp_path, FACILITIES, FACILITY_SHAPES)
    text = path.read_text(encoding="utf-8")
    for heading, key in (("设施编号", "facility_id"), ("设施类型", "type"), ("设施名称", "name")):
        text = text.replace(heading, key)
    for heading in ("街道", "建筑面积", "托位数", "状态", "开业时间", "备案情况"):
        text = text.replace(f'"{heading}":', f'"{heading!a}":'.replace("'", ""))
    path.write_bytes(text.encode("gb18030"))
    layers = read_layers(study(tmp_path, facilities=path.name))
    assert [row.name for row in layers.facilities.rows] == [row.name for row in EXPECTED]


def test_two_layers_of_one_study_share_one_metric_system(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    divisions = VECTOR_WRITERS["geojson"](tmp_path / "a", DIVISIONS, DIVISION_SHAPES)
    facilities = VECTOR_WRITERS["gpkg"](tmp_path / "b", FACILITIES, FACILITY_SHAPES)
    layers = read_layers(study(tmp_path, divisions=divisions, facilities=facilities))
    for division, facility in zip(
        layers.divisions.geometry, layers.facilities.geometry, strict=True
    ):
        assert division.contains(facility)
    assert [source.crs for source in layers.sources] == ["EPSG:4490", "EPSG:4545"]
    assert "CRS_MEMBER" in [remark.code for remark in layers.remarks]
    other = read_layers(replace(study(tmp_path, facilities=facilities), crs="EPSG:4546"))
    assert other.crs == "EPSG:4546"
    assert other.facilities.geometry[0].x < 200_000
