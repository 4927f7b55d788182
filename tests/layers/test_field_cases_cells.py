"""Tables as people send them, whose right answers are known: what cells show and say."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from geoplan import assess_study
from geoplan.assess.model import Assessment
from geoplan.errors import DataError

CENTERS, CHILDCARE, PLACES = (
    "jiedao_elder_center_coverage",
    "rc_childcare_coverage",
    "childcare_places_per_1000",
)
CLEAN = {CENTERS: Fraction(50), CHILDCARE: Fraction(50), PLACES: Fraction(25, 8)}


def values(found: Assessment) -> dict[str, Fraction | None]:
    return {each.indicator.id: each.value for each in found.indicators}


def codes(found: Assessment) -> set[str]:
    return {remark.code for remark in found.remarks}


def assess(shared_data: Path, name: str) -> Assessment:
    return assess_study(shared_data / "field-cases" / name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("clean", None),
        ("zero_width", "INVISIBLE"),
        ("odd_dates", "YEAR_SHORT"),
        ("xlsx_bad_style", "WORKBOOK_MENDED"),
        ("gdb_coded_domains", "FIELD_ALIAS"),
        ("reported_percent_format", "SHOWN_AS"),
    ],
)
def test_as_clean(shared_data: Path, name: str, code: str | None) -> None:
    found, clean = assess(shared_data, name), assess(shared_data, "clean")
    said = values(found)
    assert {key: said[key] for key in CLEAN} == CLEAN
    assert code is None or code in codes(found)
    assert [(u.unit_id, u.kind, u.verdict, u.provided_m2, u.required_m2) for u in found.units] == [
        (u.unit_id, u.kind, u.verdict, u.provided_m2, u.required_m2) for u in clean.units
    ]


def test_a_percentage_is_what_is_shown(shared_data: Path) -> None:
    found = values(assess(shared_data, "reported_percent_format"))
    assert found["staff_professional_training_rate"] == 85


def test_days_of_a_workbook_that_counts_from_1904(shared_data: Path) -> None:
    assert values(assess(shared_data, "date_1904"))[CENTERS] == 0


def test_words_that_stop_a_facility(shared_data: Path) -> None:
    found = assess(shared_data, "status_closed_words")
    assert {key: values(found)[key] for key in CLEAN} == {CENTERS: 50, CHILDCARE: 0, PLACES: 0}
    assert not {"STATUS_ASSUMED", "UNKNOWN_STATUS"} & codes(found)


def test_codes_that_lost_digits(shared_data: Path) -> None:
    with pytest.raises(DataError) as error:
        assess(shared_data, "scientific_codes")
    (problem,) = error.value.problems
    assert "communities.csv" in problem.where
    for word in ("社区代码", "2, 3, 4, 5", "丢失位数"):
        assert word in problem.what.zh
    assert "文本" in problem.remedy.zh
    assert "Rename" not in problem.remedy.en
