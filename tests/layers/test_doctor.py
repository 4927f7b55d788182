"""The datum doctor on the sample, whose places are known: shifted behind its back, and left alone."""

from __future__ import annotations

import csv
import shutil
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoplan.layers.places import map_offsets as shift
from geoplan.layers.places.datum_doctor import DatumEvidence, examine_datums
from geoplan.layers.read import look_through
from geoplan.study import read_study

MOVE = {
    "GCJ-02": shift.gcj02_from_wgs84,
    "BD-09": lambda lon, lat: shift.bd09_from_gcj02(*shift.gcj02_from_wgs84(lon, lat)),
}


@pytest.fixture
def study(repository: Path, tmp_path: Path) -> Path:
    for name in ("data", "study.toml"):
        source = repository / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    return tmp_path


def shift_table(path: Path, datum: str) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["经度"]:
            lon, lat = MOVE[datum](np.array([float(row["经度"])]), np.array([float(row["纬度"])]))
            row["经度"], row["纬度"] = f"{lon[0]:.7f}", f"{lat[0]:.7f}"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def examine(folder: Path) -> dict[str, DatumEvidence]:
    reading = look_through(read_study(folder))
    assert reading.problems == ()
    found = examine_datums(reading.opened, reading.drawn, reading.layers)
    return {each.layer: each for each in found}


def test_what_is_right_is_left_alone(study: Path) -> None:
    found = examine(study)
    assert set(found) == {"facilities", "premises", "projects"}
    assert [each.proposal for each in found.values()] == [None, None, None]
    assert found["facilities"].candidates[0].share > Fraction(9, 10)


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_a_shifted_table_is_found_and_only_that(study: Path, datum: str) -> None:
    shift_table(study / "data" / "facilities" / "facilities.csv", datum)
    found = examine(study)
    evidence = found["facilities"]
    assert evidence.proposal == datum
    assert f'crs = "{datum}"' in evidence.said.zh
    shares = {each.datum: each.share for each in evidence.candidates}
    assert shares[datum] > Fraction(9, 10)
    assert shares["WGS84"] < Fraction(7, 10)
    assert found["premises"].proposal is None


def test_said_to_be_shifted_when_it_is_not(study: Path) -> None:
    text = (study / "study.toml").read_text(encoding="utf-8")
    line = 'facilities.csv", crs = "EPSG:4490"'
    assert line in text
    (study / "study.toml").write_text(
        text.replace(line, 'facilities.csv", crs = "GCJ-02"'), encoding="utf-8"
    )
    assert examine(study)["facilities"].proposal == "WGS84"


def test_nothing_is_moved(study: Path) -> None:
    shift_table(study / "data" / "facilities" / "facilities.csv", "GCJ-02")
    reading = look_through(read_study(study))
    before = shapely.get_coordinates(reading.layers.facilities.geometry)  # type: ignore[union-attr]
    examine_datums(reading.opened, reading.drawn, reading.layers)
    after = shapely.get_coordinates(reading.layers.facilities.geometry)  # type: ignore[union-attr]
    assert np.array_equal(before, after)


def test_streets_are_held_against_homes(study: Path) -> None:
    roads = gpd.read_file(study / "data" / "boundaries" / "roads.gpkg").to_crs("EPSG:4326")

    def move(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(shift.gcj02_from_wgs84(xy[:, 0], xy[:, 1]))

    roads.geometry = shapely.transform(roads.geometry.to_numpy(), move)
    roads.to_file(study / "data" / "roads.geojson")
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(
        text.replace("data/boundaries/roads.gpkg", "data/roads.geojson"), encoding="utf-8"
    )
    assert examine(study)["roads"].proposal == "GCJ-02"


def test_a_few_points_say_nothing(study: Path) -> None:
    path = study / "data" / "facilities" / "premises.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join(lines[:9]) + "\n", encoding="utf-8-sig")
    assert "premises" not in examine(study)
