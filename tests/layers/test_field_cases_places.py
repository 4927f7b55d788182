"""Files as people send them, of places and shapes: as the clean town, or a word that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoplan import assess_study
from geoplan.assess.model import Assessment
from geoplan.render.terminal.summary import gaps_text, summary_text


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> Path:
    folder = shared_data / "field-cases"
    if not folder.is_dir():
        pytest.skip("the field cases are not beside the repository")
    return folder


@pytest.fixture(scope="module")
def clean(cases: Path) -> Assessment:
    return assess_study(cases / "clean")


def judged(found: Assessment) -> list[object]:
    """Every indicator with what it counts, and every unit."""
    indicators = [
        (each.indicator.id, each.value, each.verdict, each.covered, each.uncovered)
        for each in found.indicators
    ]
    return [*indicators, *(each for each in found.units if each.households is not None)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("csv_wkt", "SHAPES_WRITTEN"),
        ("decimal_minutes", None),
        ("gpkg_curves", "CURVE_CUT"),
        ("kml_spaces_in_coordinates", None),
        ("kml_gbk_declared_utf8", "ENCODING_GUESSED"),
        ("txt_xy_swapped", "AXES_SWAPPED"),
        ("osm_edges_gpkg", "EDGES_READ"),
        ("single_parts_duplicate", "UNIT_PARTS"),
    ],
)
def test_as_clean(cases: Path, clean: Assessment, name: str, code: str | None) -> None:
    found = assess_study(cases / name)
    right = judged(clean)
    if name == "txt_xy_swapped":  # a parcel text has no households, so its units are not judged
        right = [each for each in right if each in judged(found) or isinstance(each, tuple)]
    assert judged(found) == right
    codes = {remark.code for remark in found.remarks}
    assert code is None or code in codes
    assert "PLACE_DOUBTED" not in codes


def test_gcj02_unsaid_is_doubted_by_name(cases: Path) -> None:
    found = assess_study(cases / "geojson_gcj02_unsaid")
    (doubt,) = [remark for remark in found.remarks if remark.code == "PLACE_DOUBTED"]
    assert doubt.layer == "communities"
    assert 'crs = "GCJ-02"' in doubt.detail.zh
    assert 'crs = "GCJ-02"' in doubt.detail.en
    assert 'crs = "GCJ-02"' in summary_text(found, "zh")
    assert 'crs = "GCJ-02"' in gaps_text(found, "en")
