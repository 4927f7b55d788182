"""How far a new project has come on a day, and how its phases add up."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.assess.phases import (
    delivered_households,
    households_when_built,
    in_order,
    is_in_first_phase,
    is_phased,
    share_of_all,
)
from geoplan.assess.stages import Stage, reached_stage, stock_of
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


@pytest.mark.parametrize("written", ["2", "二期", "第2期", "2期", "1、2期"])
def test_rooms_in_the_second_phase_come_with_1100_of_1500_households(written: str) -> None:
    built = households_when_built(project(written), PHASES)
    assert built == 1100
    assert share_of_all(built, project(written), PHASES) == Fraction(11, 15)
    assert not is_in_first_phase(project(written), PHASES)


@pytest.mark.parametrize("written", ["1", "一期", "首期", "第一期"])
def test_rooms_in_the_first_phase(written: str) -> None:
    assert is_in_first_phase(project(written), PHASES)
    assert households_when_built(project(written), PHASES) == 600


def test_phases_are_ordered_by_number_however_the_file_has_them() -> None:
    assert [phase.phase for phase in in_order(reversed(PHASES))] == ["1", "2", "3"]
    assert households_when_built(project("2"), PHASES[::-1]) == 1100


def test_phases_with_names_keep_the_order_of_the_file() -> None:
    named = [
        Phase(2, "P1", "南区", Decimal(600)),
        Phase(3, "P1", "北区", Decimal(500)),
    ]
    assert households_when_built(project("北区"), named) == 1100
    assert is_in_first_phase(project("南区"), named)


def test_a_phase_without_households_leaves_the_sum_unknown() -> None:
    gaps = [PHASES[0], Phase(3, "P1", "2"), PHASES[2]]
    assert households_when_built(project("1"), gaps) == 600
    assert households_when_built(project("2"), gaps) is None
    assert households_when_built(project("4"), gaps) is None


def test_one_phase_is_no_phasing() -> None:
    assert not is_phased(project("1"), PHASES[:1])
    assert not is_phased(project(), ())
    assert is_phased(project("2"), ())
    assert is_phased(project(phase_count=Decimal(3)), ())
    assert is_phased(project(), PHASES)


def test_delivered_phases_count_from_their_day_on() -> None:
    delivered = [
        Phase(2, "P1", "1", Decimal(600), date(2023, 5, 1)),
        Phase(3, "P1", "2", Decimal(500), date(2024, 5, 1)),
        Phase(4, "P1", "3", Decimal(400)),
    ]
    assert delivered_households(delivered, date(2023, 4, 30)) is None
    assert delivered_households(delivered, date(2023, 5, 1)) == 600
    assert delivered_households(delivered, date(2024, 5, 1)) == 1100
