"""A layer in the wrong meridian, zone, datum or notation: refused or doubted, never silent.

Every layer of a town is moved alone while the others stay; whatever is advised is followed to the
letter, and must bring it back.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from geoplan.errors import DataError
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.placed_town import (
    CRS,
    LAYERS,
    TOWN,
    away_m,
    degrees,
    places_of,
    shifted,
    study_of,
    town,
    write,
)

ADVICE = re.compile(r'(crs|degrees) = "([^"]+)"')


def followed(file: LayerFile, advice: str) -> LayerFile:
    """The layer with what a message says to write in study.toml."""
    key, value = ADVICE.findall(advice)[-1]
    return replace(file, **{key: value})


def doubts(folder: Path, files: dict[str, LayerFile]) -> dict[str, str]:
    layers = read_layers(study_of(folder, files))
    return {each.layer: each.detail.en for each in layers.remarks if each.code == "PLACE_DOUBTED"}


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LayerFile]:
    """The town where it is, written once."""
    return town(tmp_path_factory.mktemp("town"))


@pytest.fixture
def files(right: dict[str, LayerFile]) -> dict[str, LayerFile]:
    return dict(right)


def assert_back(folder: Path, files: dict[str, LayerFile], layer: str, within_m: float) -> None:
    layers = read_layers(study_of(folder, files))
    assert "PLACE_DOUBTED" not in {each.code for each in layers.remarks}
    assert away_m(layers, layer) < within_m


def test_a_town_in_its_place_is_not_doubted(tmp_path: Path, files: dict[str, LayerFile]) -> None:
    assert doubts(tmp_path, files) == {}


@pytest.mark.parametrize(
    "wrong", ["EPSG:4544", "EPSG:4546", "EPSG:4508", "EPSG:2380", "EPSG:32650"]
)
@pytest.mark.parametrize("layer", LAYERS)
def test_a_wrong_meridian_is_refused_and_the_right_one_proposed(
    tmp_path: Path, files: dict[str, LayerFile], layer: str, wrong: str
) -> None:
    files[layer] = write(tmp_path, layer, TOWN[layer][1], wrong)
    with pytest.raises(DataError) as refused:
        read_layers(study_of(tmp_path, files))
    (problem,) = refused.value.problems
    assert f"({layer})" in problem.where
    files[layer] = followed(files[layer], problem.remedy.en)
    if wrong == "EPSG:2380":  # the right meridian, on the datum of the file or where more fits
        assert files[layer].crs in {"EPSG:2381", "EPSG:4545"}
        return
    assert_back(tmp_path, files, layer, 0.01)


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
@pytest.mark.parametrize("layer", LAYERS)
def test_an_unsaid_shift_is_doubted_and_the_datum_named(
    tmp_path: Path, files: dict[str, LayerFile], layer: str, datum: str
) -> None:
    files[layer] = write(tmp_path, layer, shifted(degrees(TOWN[layer][1]), datum), "EPSG:4326")
    told = doubts(tmp_path, files)
    assert list(told) == [layer]
    files[layer] = followed(files[layer], told[layer])
    assert files[layer].crs == datum
    assert_back(tmp_path, files, layer, 0.01)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_shift_said_of_plain_degrees_is_doubted(
    tmp_path: Path, files: dict[str, LayerFile], layer: str
) -> None:
    files[layer] = replace(
        write(tmp_path, layer, degrees(TOWN[layer][1]), "EPSG:4326"), crs="GCJ-02"
    )
    told = doubts(tmp_path, files)
    files[layer] = followed(files[layer], told[layer])
    assert files[layer].crs == "WGS84"
    assert_back(tmp_path, files, layer, 0.01)


def test_a_shift_hidden_in_metres_is_doubted(tmp_path: Path, files: dict[str, LayerFile]) -> None:
    import geopandas

    moved = geopandas.GeoSeries(shifted(degrees(TOWN["communities"][1]), "GCJ-02"), crs=4326)
    files["communities"] = write(tmp_path, "communities", moved.to_crs(CRS).to_numpy())
    told = doubts(tmp_path, files)
    assert list(told) == ["communities"]
    files["communities"] = followed(files["communities"], told["communities"])
    assert_back(tmp_path, files, "communities", 0.01)


def test_two_layers_in_one_wrong_datum_are_both_named(
    tmp_path: Path, files: dict[str, LayerFile]
) -> None:
    for layer in ("facilities", "communities"):
        moved = shifted(degrees(TOWN[layer][1]), "GCJ-02")
        files[layer] = write(tmp_path, layer, moved, "EPSG:4326")
    told = doubts(tmp_path, files)
    assert set(told) == {"facilities", "communities"}


@pytest.mark.parametrize("layer", ["facilities", "premises", "gates"])
def test_minutes_read_as_decimals_are_proposed(
    tmp_path: Path, files: dict[str, LayerFile], layer: str
) -> None:
    rows, shapes = TOWN[layer]
    path = tmp_path / f"{layer}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow([*rows[0], "经度", "纬度"])
        for row, point in zip(rows[:8], degrees(shapes)[:8], strict=True):  # too few to tell by
            table.writerow([*row.values(), minutes(point.x), minutes(point.y)])
    files[layer] = LayerFile(layer, Path(path.name), crs="WGS84")
    with pytest.raises(DataError) as refused:
        read_layers(study_of(tmp_path, files))
    files[layer] = followed(files[layer], refused.value.problems[0].remedy.en)
    assert files[layer].degrees == "ddd.mmss"
    told = places_of(read_layers(study_of(tmp_path, files)), layer)
    assert np.abs(told - shapely.get_coordinates(shapes)[:8]).max() < 0.5


def minutes(value: float) -> str:
    whole, rest = divmod(round(value * 360_000), 360_000)
    return f"{whole}.{rest // 6000:02}{rest % 6000:04}"


def test_what_fits_no_reading_is_refused_all_the_same(
    tmp_path: Path, files: dict[str, LayerFile]
) -> None:
    far = shapely.transform(degrees(TOWN["homes"][1]), lambda xy: xy + np.array([3.3, 2.2]))
    files["homes"] = write(tmp_path, "homes", far, "EPSG:4326")
    with pytest.raises(DataError, match="they do not meet"):
        read_layers(study_of(tmp_path, files))


def test_one_stray_row_does_not_hide_a_layer_nor_condemn_it(
    tmp_path: Path, files: dict[str, LayerFile]
) -> None:
    shapes = [shapely.Point(433_000, 3_000_000), *TOWN["facilities"][1][1:]]
    files["facilities"] = write(tmp_path, "facilities", shapes)
    layers = read_layers(study_of(tmp_path, files))
    assert "OUTSIDE_AREA" in {each.code for each in layers.remarks}


def test_rows_that_stand_elsewhere_than_they_say_are_doubted(
    tmp_path: Path, files: dict[str, LayerFile]
) -> None:
    files["compounds"] = write(tmp_path, "compounds", TOWN["compounds"][1][::-1])
    told = doubts(tmp_path, files)
    assert "elsewhere than they say" in told["compounds"]
