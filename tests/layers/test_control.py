"""Local systems by control points, and datums by the user's own parameters."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geoplan.cli import main
from geoplan.errors import Problem
from geoplan.layers.places.control_points import Fit, fit_control, fit_remark
from geoplan.layers.places.datum import lonlat_of, read_datum, with_parameters

PLACES = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=3, max_size=8, unique=True
)


def fitted(points: list[list[float]], parameters: str) -> Fit:
    found = fit_control(points, parameters, "a.csv")
    assert isinstance(found, Fit)
    return found


def turned(places: list[tuple[int, int]], angle: float, scale: float) -> np.ndarray:
    """Turned by an angle, stretched, and moved to 崇左."""
    xy = np.array(places, dtype=float)
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    east = a * xy[:, 0] - b * xy[:, 1] + 433_000
    return np.column_stack((east, b * xy[:, 0] + a * xy[:, 1] + 2_478_000))


@given(PLACES, st.floats(-3, 3), st.floats(0.9, 1.1))
def test_four_parameters_undo_a_turn_a_stretch_and_a_shift(
    places: list[tuple[int, int]], angle: float, scale: float
) -> None:
    known = turned(places, angle, scale)
    fit = fitted(np.column_stack((places, known)).tolist(), "4")
    assert np.abs(fit.apply(np.array(places, dtype=float)) - known).max() < 1e-5
    assert fit.rms_m < 1e-5


def test_six_parameters_take_a_shear_that_four_do_not() -> None:
    places = [(0, 0), (1000, 0), (0, 1000), (1000, 1000)]
    known = [(433_000 + x + 0.01 * y, 2_478_000 + y) for x, y in places]
    points = [[*a, *b] for a, b in zip(places, known, strict=True)]
    assert fitted(points, "6").rms_m < 1e-6
    assert fitted(points, "4").rms_m > 1


def test_a_wrong_point_shows_in_the_residuals() -> None:
    places = [(0, 0), (1000, 0), (0, 1000), (1000, 1000)]
    known = turned(places, 0.1, 1.0)
    known[3] += (5, 0)
    fit = fitted(np.column_stack((places, known)).tolist(), "4")
    assert fit.residual_m.max() > 1
    assert "请核对控制点" in fit_remark(fit, "EPSG:4545", "roads").detail.zh


def test_just_enough_points_say_that_nothing_checks_them() -> None:
    places = [(0, 0), (1000, 0)]
    fit = fitted(np.column_stack((places, turned(places, 0.1, 1.0))).tolist(), "4")
    assert "nothing checks it" in fit_remark(fit, "EPSG:4545", "roads").detail.en


@pytest.mark.parametrize(
    ("points", "parameters", "words"),
    [
        ([[0, 0, 1, 1]], "4", "needs 2"),
        ([[0, 0, 1, 1], [1, 1, 2, 2]], "6", "needs 3"),
        ([[0, 0, 1, 1], [0, 0, 2, 2]], "4", "coincide"),
        ([[0, 0, 1, 1], [1, 1, 2, 2], [2, 2, 3, 3]], "6", "one line"),
    ],
)
def test_points_that_fix_nothing_are_refused(
    points: list[list[float]], parameters: str, words: str
) -> None:
    found = fit_control(points, parameters, "a.csv")
    assert isinstance(found, Problem)
    assert words in found.what.en


def assess(folder: Path, line: str, rows: str) -> tuple[int, Any, str]:
    (folder / "facilities.csv").write_text(f"设施编号,设施类型,X,Y\n{rows}", encoding="utf-8")
    (folder / "study.toml").write_text(
        '[study]\nname = "t"\npolicy = "chongzuo-2021-2023"\nas_of = 2023-12-31\ncrs = "EPSG:4545"\n'
        f'[layers]\nfacilities = {{ path = "facilities.csv", {line} }}\n',
        encoding="utf-8",
    )
    args = ["assess", str(folder), "--format", "geojson", "--json", "-", "--quiet"]
    done = CliRunner().invoke(main, args)
    return done.exit_code, json.loads(done.stdout) if done.stdout else None, done.output


def test_a_table_of_a_local_system_lands_where_its_control_points_say(tmp_path: Path) -> None:
    control = "[[0, 0, 433431.374, 2478823.724], [100, 0, 433431.374, 2478923.724]]"
    code, document, _ = assess(
        tmp_path, f'crs = "EPSG:4545", control = {control}', "F1,养老院,50,0\n"
    )
    assert code == 0
    assert "CONTROL_FIT" in [each["code"] for each in document["remarks"]]
    shapes = json.loads((tmp_path / "maps" / "facilities.geojson").read_text(encoding="utf-8"))
    found = shapes["features"][0]["geometry"]["coordinates"]
    back = Transformer.from_crs("EPSG:4545", "EPSG:4490", always_xy=True)
    assert found == pytest.approx(back.transform(433431.374, 2478873.724), abs=1e-7)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("control = [[0, 0, 1, 1], [1, 0, 1, 2]]", "crs"),
        ('crs = "EPSG:4545", control = [[0, 0, 1]]', "control"),
        ('crs = "EPSG:4545", control = [[0, 0, 1, 1]], fit = "5"', "fit"),
        ('crs = "北京54 3度带 中央经线108", towgs84 = [1, 2]', "towgs84"),
    ],
)
def test_malformed_keys_are_refused_in_words(tmp_path: Path, line: str, words: str) -> None:
    code, _, said = assess(tmp_path, line, "F1,养老院,50,0\n")
    assert code == 2
    assert f"facilities.{words}" in said


def test_own_parameters_move_a_datum_and_silence_the_warning(tmp_path: Path) -> None:
    shift = (15.8, -154.4, -82.3)
    plain = read_datum("北京54 3度带 中央经线108")
    assert plain is not None
    pair = np.array([[433431.374, 2478823.724]])
    text = "+proj=tmerc +lat_0=0 +lon_0=108 +k=1 +x_0=500000 +ellps=krass +units=m +no_defs"
    own = Transformer.from_crs(
        f"{text} +towgs84={','.join(map(str, shift))}", "EPSG:4326", always_xy=True
    )
    expected = own.transform(*pair[0])
    assert lonlat_of(pair, with_parameters(plain, shift))[0] == pytest.approx(expected, abs=1e-9)
    line = f'crs = "北京54 3度带 中央经线108", towgs84 = {list(shift)}'
    rows = "F1,养老院,433431.374,2478823.724\n"
    _, warned, _ = assess(tmp_path, 'crs = "北京54 3度带 中央经线108"', rows)
    _, silent, _ = assess(tmp_path, line, rows)
    assert "DATUM_BALLPARK" in [each["code"] for each in warned["remarks"]]
    assert "DATUM_BALLPARK" not in [each["code"] for each in silent["remarks"]]
    assert silent["sources"][0]["crs"] == "EPSG:2433 towgs84"
