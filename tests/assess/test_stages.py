"""How far a new project has come on a day, and how its phases add up."""

from __future__ import annotations

import itertools
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.assess.projects.phases import (
    delivered_households,
    is_phased,
    least_share,
    most_share,
    timing_of,
)
from geoplan.assess.projects.stages import Stage, reached_stage, stock_of
from geoplan.layers.model import Phase, Project
from geoplan.terms import terms
from tests.assess.build import standard

DAY = date(2023, 12, 31)
BLANK = Project(2, "P1", "江景苑")
PHASES = tuple(
    Phase(row, "P1", number, Decimal(households))
    for row, (number, households) in enumerate([("1", 600), ("2", 500), ("3", 400)], 2)
)


def test_each_stage_has_a_label() -> None:
    assert [stage.key for stage in Stage] == list(terms("stage"))
    assert len(Stage) == 1 + 12


@pytest.mark.parametrize(
    ("field", "stage"),
    [
        ("planning_condition_date", "planning_condition"),
        ("land_grant_date", "land_grant"),
        ("land_permit_date", "land_permit"),
        ("scheme_review_date", "scheme_review"),
        ("works_permit_date", "works_permit"),
        ("housing_start_date", "construction_permit"),
        ("facility_start_date", "construction_permit"),
        ("presale_date", "presale"),
        ("completion_check_date", "completion_check"),
        ("housing_acceptance_date", "joint_acceptance"),
        ("housing_delivery_date", "joint_acceptance"),
        ("facility_handover_date", "handover"),
        ("open_date", "in_use"),
        ("facility_acceptance_date", "none"),
    ],
)
def test_a_date_reaches_its_stage_on_that_day_and_not_the_day_before(
    field: str, stage: str
) -> None:
    project = Project(2, "P1", "江景苑", **{field: DAY})
    assert reached_stage(project, DAY).key == stage
    assert reached_stage(project, DAY - timedelta(days=1)) is Stage.NONE


def test_numbers_without_a_date_reach_nothing() -> None:
    papers = Project(
        2, "P1", "", works_permit_no="建字1", construction_permit_no="施1", title_no="桂1"
    )
    assert reached_stage(papers, DAY) is Stage.NONE


def test_a_later_date_reaches_the_stages_before_it() -> None:
    accepted = Project(2, "P1", "", housing_acceptance_date=date(2023, 5, 10))
    assert reached_stage(accepted, DAY) >= Stage.WORKS_PERMIT


_DATES = [each.name for each in fields(Project) if each.name.endswith("_date")]
_days = st.dates(date(2021, 1, 1), date(2024, 12, 31))


@settings(deadline=None)
@given(st.fixed_dictionaries({name: st.none() | _days for name in _DATES}), _days, _days)
def test_a_later_day_never_takes_a_stage_back(
    dates: dict[str, date | None], one: date, other: date
) -> None:
    project = Project(2, "P1", "", **dates)  # type: ignore[arg-type]
    first, last = sorted((one, other))
    assert reached_stage(project, first) <= reached_stage(project, last)


@pytest.mark.parametrize(
    ("granted", "stock"),
    [
        (date(2021, 12, 22), "legacy_new"),
        (date(2021, 12, 23), "new"),
        (None, "new"),
        (date(2024, 3, 1), "new"),
    ],
)
def test_land_granted_on_the_day_of_the_rule_is_new(granted: date | None, stock: str) -> None:
    assert stock_of(Project(2, "P1", "", land_grant_date=granted), standard()) == stock


# ---------------------------------------------------------------------------------- phases


def project(facility_phase: str | None = None, **changes: object) -> Project:
    return Project(2, "P1", "", facility_phase=facility_phase, **changes)  # type: ignore[arg-type]


def phases_of(*told: tuple[str, int | None]) -> list[Phase]:
    return [
        Phase(row, "P1", name, None if count is None else Decimal(count))
        for row, (name, count) in enumerate(told, 2)
    ]


THREE = [("1", 600), ("2", 500), ("3", 400)]
PARTS = [("一期A", 600), ("一期B", 300), ("二期", 400)]
BLANK_PART = [("1", 600), ("2", None), ("3", 400)]
NAMED = [("南区", 600), ("北区", 500)]
# What is listed and the phase of the rooms; whether that is the first, and how much of the housing
# is built by then at least and at most. ``None`` where the rooms' phase is not listed.
TIMINGS = [
    *((THREE, written, (False, "11/15", "11/15")) for written in ("2", "二期", "第2期", "1、2期")),
    *((THREE, written, (True, "6/15", "6/15")) for written in ("1", "一期", "首期", "第一期")),
    (PARTS, "一期", (True, "9/13", "9/13")),
    (PARTS, "2", (False, "1", "1")),
    ([("2", 500), ("3", 400)], "2", (True, "5/9", "5/9")),
    (BLANK_PART, "2", (False, "6/10", "1")),
    (BLANK_PART, "1", (True, "0", "6/10")),
    (BLANK_PART, "4", None),
    ([("1", 600), ("2", 500), ("", 400)], "2", (False, "11/15", "1")),
    ([("2", 500), ("", 400)], "2", (None, "5/9", "1")),
    (NAMED, "北区", (None, "5/11", "1")),
    (NAMED, "东区", None),
    ([("南区", 600)], "南区", (True, "1", "1")),
    ([("", 600), ("", 500)], "2", None),
]


@pytest.mark.parametrize(("told", "rooms", "wanted"), TIMINGS)
def test_only_numbers_order_phases(
    told: list[tuple[str, int | None]], rooms: str, wanted: tuple[bool | None, str, str] | None
) -> None:
    for order in itertools.permutations(phases_of(*told)):
        timing = timing_of(project(rooms), order)
        if timing is None or wanted is None:
            assert timing is wanted
            continue
        shares = least_share(timing, project()), most_share(timing, project())
        assert (timing.first, *shares) == (wanted[0], Fraction(wanted[1]), Fraction(wanted[2]))


def test_households_planned_for_the_whole_beat_the_sum_of_the_phases() -> None:
    whole = project("2", planned_households=Decimal(3000))
    timing = timing_of(whole, phases_of(*THREE))
    assert timing is not None
    assert least_share(timing, whole) == most_share(timing, whole) == Fraction(1100, 3000)


def test_one_phase_is_no_phasing() -> None:
    assert not is_phased(project("1"), PHASES[:1])
    assert not is_phased(project(), ())
    assert is_phased(project("2"), ())
    assert is_phased(project(phase_count=Decimal(3)), ())
    assert is_phased(project(), PHASES)
    assert not is_phased(project(), phases_of(("一期A", 600), ("一期B", 500)))
    assert is_phased(project(), phases_of(("", 600), ("", 500)))


def test_delivered_phases_count_from_their_day_on() -> None:
    delivered = [
        Phase(2, "P1", "1", Decimal(600), date(2023, 5, 1)),
        Phase(3, "P1", "2", Decimal(500), date(2024, 5, 1)),
        Phase(4, "P1", "3", Decimal(400)),
    ]
    assert delivered_households(delivered, date(2023, 4, 30)) is None
    assert delivered_households(delivered, date(2023, 5, 1)) == 600
    assert delivered_households(delivered, date(2024, 5, 1)) == 1100
