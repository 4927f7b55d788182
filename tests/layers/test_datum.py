"""Coordinate systems: docs/method.md §4.2 and §7 F1 to F8, F11."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from geoplan.layers.places import map_offsets as shift
from geoplan.layers.places.datum import (
    Datum,
    is_distorted,
    is_metric,
    is_plausible,
    lonlat_of,
    meridian_code,
    metric_crs,
    metric_of,
    read_datum,
    zone_code,
)

CHONGZUO = (107.3535, 22.4053)
METRES = (433431.374, 2478823.724)


def datum(text: str) -> Datum:
    found = read_datum(text)
    assert found is not None, text
    return found


def metres(lon: float, lat: float, crs: str, target: str) -> tuple[float, float]:
    east, north = metric_of(np.array([[lon, lat]]), datum(crs), target)[0]
    return float(east), float(north)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "CGCS2000", "WGS84", "OGC:CRS84"])
def test_f1_f2(crs: str) -> None:
    assert metres(*CHONGZUO, crs, "EPSG:4545") == pytest.approx(METRES, abs=0.01)
    with_zone = (METRES[0] + 36e6, METRES[1])
    assert metres(*CHONGZUO, crs, "EPSG:4524") == pytest.approx(with_zone, abs=0.01)


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((118.0, 32.0), (118.00543101383846, 31.997964381055795)),
        ((120.0, 40.0), (120.00567568355486, 40.0013047896019)),
        (CHONGZUO, (107.357634, 22.402529)),
    ],
)
def test_published_vectors(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    lon, lat = shift.gcj02_from_wgs84(np.array([wgs84[0]]), np.array([wgs84[1]]))
    assert (lon[0], lat[0]) == pytest.approx(gcj02, abs=1e-6)


def test_f5_f6() -> None:
    gcj = lonlat_of(np.array([[107.357634, 22.402529]]), datum("GCJ-02"))
    assert gcj[0] == pytest.approx(CHONGZUO, abs=1e-5)
    bd = lonlat_of(np.array([[107.364157, 22.408331]]), datum("BD-09"))
    assert bd[0] == pytest.approx(CHONGZUO, abs=2e-5)
    assert metres(107.357634, 22.402529, "GCJ-02", "EPSG:4545") == pytest.approx(METRES, abs=1)


def test_f7_unconverted_points_are_far_off() -> None:
    ground = Geod(ellps="WGS84")
    lon, lat = (np.array([value]) for value in CHONGZUO)
    gcj = shift.gcj02_from_wgs84(lon, lat)
    bd = shift.bd09_from_gcj02(*gcj)
    assert ground.inv(*CHONGZUO, gcj[0][0], gcj[1][0])[2] == pytest.approx(525, abs=5)
    assert ground.inv(*CHONGZUO, bd[0][0], bd[1][0])[2] == pytest.approx(1147, abs=5)


@given(st.floats(73, 135), st.floats(4, 53))
def test_shifts_undo_to_a_millimetre(east: float, north: float) -> None:
    lon, lat = np.array([east]), np.array([north])
    gcj = shift.gcj02_from_wgs84(lon, lat)
    back = shift.wgs84_from_gcj02(*gcj)
    again = shift.wgs84_from_bd09(*shift.bd09_from_gcj02(*gcj))
    for found in (back, again):
        assert abs(found[0][0] - east) < 1e-8
        assert abs(found[1][0] - north) < 1e-8


def test_nothing_is_shifted_outside_china() -> None:
    lon, lat = np.array([24.94, -46.6]), np.array([60.17, -23.5])
    assert np.array_equal(shift.gcj02_from_wgs84(lon, lat), (lon, lat))


def test_zone_codes_are_what_the_register_says() -> None:
    for base, name in ((4490, "CGCS2000"), (4610, "Xian 1980"), (4214, "Beijing 1954")):
        for zone in range(25, 46):
            code, plain = zone_code(base, zone), meridian_code(base, zone * 3)
            assert CRS(code).name == f"{name} / 3-degree Gauss-Kruger zone {zone}"
            assert CRS(plain).name == f"{name} / 3-degree Gauss-Kruger CM {zone * 3}E"
        for zone in range(13, 24):
            code = zone_code(base, zone, is_six=True)
            plain = meridian_code(base, zone * 6 - 3, is_six=True)
            assert CRS(code).name == f"{name} / Gauss-Kruger zone {zone}"
            assert CRS(plain).name == f"{name} / Gauss-Kruger CM {zone * 6 - 3}E"


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("EPSG:4545", "EPSG:4545"),
        ("epsg:4545", "EPSG:4545"),
        ("4545", "EPSG:4545"),
        ("urn:ogc:def:crs:EPSG::4545", "EPSG:4545"),
        ("CGCS2000 / 3度带 CM108E", "EPSG:4545"),
        ("CGCS2000_3_Degree_GK_CM_108E", "EPSG:4545"),
        ("CGCS2000_3_Degree_GK_Zone_36", "EPSG:4524"),
        ("国家2000 3度带 带号36", "EPSG:4524"),
        ("2000国家大地坐标系", "EPSG:4490"),
        ("西安80 3度带 36带", "EPSG:2360"),
        ("Xian80", "EPSG:4610"),
        ("北京54 6度带 18带", "EPSG:21418"),
        ("Beijing54", "EPSG:4214"),
        ("WGS 84", "EPSG:4326"),
        ("WGS 84 / UTM zone 48N", "EPSG:32648"),
        ("GCJ-02", "GCJ-02"),
        ("gcj02", "GCJ-02"),
        ("高德", "GCJ-02"),
        ("火星坐标系", "GCJ-02"),
        ("BD-09", "BD-09"),
        ("百度坐标", "BD-09"),
    ],
)
def test_words(words: str, label: str) -> None:
    assert datum(words).label == label


@pytest.mark.parametrize("words", ["地方独立坐标系", "EPSG:999999", "随便", "", "EPSG:5773"])
def test_unknown_words(words: str) -> None:
    assert read_datum(words) is None


def test_wkt_of_a_prj_file_is_known_by_its_code() -> None:
    for code in (4545, 4524, 2360, 32648, 3857):
        assert datum(CRS(code).to_wkt("WKT1_ESRI")).label == f"EPSG:{code}"


@given(st.floats(73.5, 135.9), st.floats(4, 53))
def test_the_metric_system_measures_truly_everywhere_in_china(lon: float, lat: float) -> None:
    found = datum(metric_crs(lon, lat))
    assert CRS(found.label).name.startswith("CGCS2000 / 3-degree Gauss-Kruger CM")
    assert is_metric(found)
    east, north = metric_of(
        np.array([[lon, lat], [lon, lat + 0.01]]), datum("CGCS2000"), found.label
    )
    length = float(np.hypot(*(north - east)))
    assert length == pytest.approx(Geod(ellps="GRS80").inv(lon, lat, lon, lat + 0.01)[2], rel=4e-4)


def test_elsewhere_it_is_utm() -> None:
    assert metric_crs(24.94, 60.17) == "EPSG:32635"
    assert metric_crs(-51.2, -30.0) == "EPSG:32722"


@pytest.mark.parametrize(
    "crs", ["EPSG:4490", "EPSG:4326", "EPSG:3857", "EPSG:3395", "GCJ-02", "BD-09", "EPSG:2225"]
)
def test_f8_degrees_web_mercator_and_feet_measure_nothing(crs: str) -> None:
    assert not is_metric(datum(crs))


def test_a_system_of_another_place_is_distorted_here() -> None:
    assert not is_distorted(datum("EPSG:4545"), *CHONGZUO)
    assert not is_distorted(datum("EPSG:4544"), *CHONGZUO)
    assert is_distorted(datum("EPSG:4553"), *CHONGZUO)
    assert is_distorted(datum("EPSG:2154"), *CHONGZUO)


def test_f11_old_datums_are_ballpark() -> None:
    assert [datum(crs).is_ballpark for crs in ("EPSG:2412", "EPSG:2360", "EPSG:4545")] == [
        True,
        True,
        False,
    ]


def test_plausible_places() -> None:
    pairs = np.array([CHONGZUO, (0.0, 0.0), (107.0, 95.0), (np.inf, np.inf)])
    assert is_plausible(pairs, datum("WGS84")).tolist() == [True, False, False, False]
    projected = np.array([METRES, (0.0, 0.0), (36433431.0, 2478823.0), (2478823.7, 433431.4)])
    lonlat = lonlat_of(projected, datum("EPSG:4545"))
    assert is_plausible(lonlat, datum("EPSG:4545")).tolist() == [True, False, False, False]
