"""Changes of facilities: applied, refused, undone, written and read again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import shapely

from geoplan.errors import DataError
from geoplan.layers.model import rows_of
from geoplan.plan.scenario import Change, Close, Open, apply, edit_json, read_programme
from tests.assess.build import DAY
from tests.plan.city import city, judge, room, station


def test_closing_what_was_opened_gives_the_city_back() -> None:
    before = city(facilities=(station("F1", 100),))
    after = apply(before, [Open(station("F2", 60)), Close("F2", DAY)])
    one, other = judge(before, DAY), judge(after, DAY)
    assert one.units == other.units
    assert [each.value for each in one.indicators] == [each.value for each in other.indicators]


def test_the_layers_given_stay_as_they_are() -> None:
    before = city(facilities=(station("F1", 100),))
    apply(before, [Change("F1", {"floor_area_m2": Decimal(200)})])
    assert rows_of(before.facilities)[0].floor_area_m2 == 100


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(DataError) as caught:
        apply(
            city(facilities=(station("F1", 100),)),
            [Open(station("F1", 5)), Close("F9", DAY), Change("F1", {"floors": 3})],
        )
    assert [each.where for each in caught.value.problems] == [
        "scenario: F1",
        "scenario: F9",
        "scenario: F1",
    ]


def test_a_facility_can_be_opened_in_a_city_without_any() -> None:
    empty = replace(city(premises=(room("V1", 10),)), facilities=None)
    opened = apply(empty, [Open(station("F1", 80), shapely.Point(5, 5))])
    assert [row.id for row in rows_of(opened.facilities)] == ["F1"]
    assert opened.facilities is not None
    assert opened.facilities.geometry is not None


EDITS = (
    Open(
        station(
            "F2", 60, "childcare_institution",
            functions=frozenset({"day_care"}), allocations=(("C1", Decimal("30.5")),),
            serves=("C1", "C2"), open_date=date(2024, 12, 31), counts_for_community=False,
        ),
        shapely.Point(433000.123456789, 2478000.5),
    ),
    Close("F1", date(2025, 1, 1)),
    Change("F1", {"close_date": None, "status": "operating", "places": Decimal(12)}),
)  # fmt: skip


def test_edits_are_read_as_they_were_written(tmp_path: Path) -> None:
    layers = city(facilities=(station("F1", 100),))
    document = {
        "last_day": "2026-12-31",
        "crs": layers.crs,
        "edits": [edit_json(edit) for edit in EDITS],
    }
    path = tmp_path / "programme.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    edits, day = read_programme(path, layers)
    assert edits == EDITS
    assert day == date(2026, 12, 31)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"last_day": "soon", "crs": null, "edits": []}',
     '{"last_day": "2026-12-31", "crs": "EPSG:4545", "edits": [{"open": {"colour": "red"}, "place": null}]}',
     '{"last_day": "2026-12-31", "crs": "EPSG:4545", "edits": [{"change": "F1", "values": {"places": "many"}}]}'],
)  # fmt: skip
def test_what_is_no_programme_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "programme.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="no programme"):
        read_programme(path, city())
    with pytest.raises(DataError, match="cannot be opened"):
        read_programme(tmp_path / "nothing.json", city())


def test_a_programme_of_another_crs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "programme.json"
    path.write_text('{"last_day": "2026-12-31", "crs": "EPSG:4544", "edits": []}', encoding="utf-8")
    with pytest.raises(DataError, match="EPSG:4544"):
        read_programme(path, city())
