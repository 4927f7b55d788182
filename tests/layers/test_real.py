"""Real layers: polygons that overlap, and the townships of Chongzuo with shifted points."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path

import geopandas
import pytest

from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.small_town import study


def test_shanghai_overlaps_are_reported_and_left_alone(shared_data: Path) -> None:
    path = shared_data / "shanghai-jiedao-osm" / "shanghai_jiedao_17.geojson"
    layers = read_layers(study(shared_data, divisions=path))
    rows = layers.divisions.rows
    assert len(rows) == 17
    assert Counter(row.kind for row in rows) == {"jiedao": 9, "town": 8}
    assert layers.crs == "EPSG:4549"
    plain = geopandas.read_file(path).to_crs(layers.crs)
    ours = geopandas.GeoSeries(list(layers.divisions.geometry), crs=layers.crs)
    assert ours.geom_equals_exact(plain.geometry, 0.01).all()
    expected = {
        (rows[a].id, rows[b].id)
        for a, b in combinations(range(17), 2)
        if plain.geometry[a].intersection(plain.geometry[b]).area > 0.01
    }
    overlaps = [remark for remark in layers.remarks if remark.code == "OVERLAP"]
    assert {remark.ids for remark in overlaps} == expected
    assert ("张江镇", "花木街道") in expected
    assert len({remark.code for remark in layers.remarks}) == 1


def test_chongzuo_townships(shared_data: Path) -> None:
    path = shared_data / "chongzuo-townships" / "townships_451400.csv"
    places = {"lon": "lon_gcj02_2016", "lat": "lat_gcj02_2016"}
    file = LayerFile("divisions", path, crs="GCJ-02", columns=places)
    layers = read_layers(study(shared_data, divisions=file))
    rows = layers.divisions.rows
    kinds = Counter(row.kind for row in rows)
    assert kinds == {"jiedao": 3, "town": 41, "township": 34, "other": 10}
    assert [row.id for row in rows[:3]] == ["451402001", "451402002", "451402003"]
    assert {row.county for row in rows} >= {"江州区", "凭祥市"}
    assert next(row.kind for row in rows if row.id == "451402402") == "other"
    assert (layers.divisions.source.rows_read, layers.divisions.source.rows_kept) == (88, 88)
    assert layers.divisions.source.crs is None  # points are no shapes of divisions


def test_chongzuo_offices_land_where_they_are(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "chongzuo-townships" / "townships_451400.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    (tmp_path / "offices.csv").write_text(
        "\n".join([lines[0].replace("code9", "facility_id"), *lines[1:]]), encoding="utf-8"
    )
    columns = {"lon": "lon_gcj02_2016", "lat": "lat_gcj02_2016", "facility_type": "type"}
    file = LayerFile("facilities", tmp_path / "offices.csv", crs="GCJ-02", columns=columns)
    layers = read_layers(study(tmp_path, facilities=file))
    assert layers.crs == "EPSG:4545"
    at = {
        row.id: shape
        for row, shape in zip(layers.facilities.rows, layers.facilities.geometry, strict=True)
    }
    assert at["451402001"] is None
    assert (at["451402002"].x, at["451402002"].y) == pytest.approx((432405, 2479437), abs=30)
