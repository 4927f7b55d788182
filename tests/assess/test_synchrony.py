"""New projects and 四同步: the worked examples C16–C19, C22–C24, D1–D14, each ruling, properties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.assess.ground import settle_ground
from geoplan.assess.model import IndicatorResult, ProjectResult
from geoplan.assess.projects.findings import combined_verdict
from geoplan.assess.projects.project_verdicts import judge_new_compounds, judge_projects
from geoplan.layers.model import Layers, Phase, Project
from geoplan.policy.model import Standard
from geoplan.terms import Verdict
from tests.assess.build import DAY, layer
from tests.assess.build import standard as shipped
from tests.assess.orderly import AT_PERMIT, GOOD

PASS, FAIL, PENDING, UNKNOWN, NA = Verdict
SYNCS = ("sync_plan", "sync_build", "sync_accept", "sync_deliver")
PARTS = ("area_elder", "area_childcare", *SYNCS)


@cache
def guangxi(day: date = DAY, **overrides: object) -> Standard:
    return shipped(day=day, policy="guangxi-2021-2023", **overrides)


def results(
    *projects: Project,
    phases: Iterable[Phase] = (),
    rules: Standard | None = None,
    period_start: date | None = None,
) -> tuple[ProjectResult, ...]:
    layers = Layers(None, projects=layer(projects), phases=layer(tuple(phases)))
    return judge_projects(settle_ground(layers, rules or guangxi(), period_start=period_start))


def judged(project: Project = GOOD, **told: Any) -> ProjectResult:
    return results(project, **told)[0]


def rate(
    *projects: Project, rules: Standard | None = None, period_start: date | None = None
) -> IndicatorResult:
    rules = rules or guangxi()
    layers = Layers(None, projects=layer(projects))
    indicator = next(
        each for each in rules.policy.indicators if each.id == "new_compound_compliance"
    )
    ground = settle_ground(layers, rules, period_start=period_start)
    return judge_new_compounds(indicator, ground)


def parts(result: ProjectResult) -> list[Verdict]:
    return [getattr(result, part) for part in PARTS]


def said(result: ProjectResult) -> str:
    return "；".join(each.zh for each in result.reasons)


def warned(result: ProjectResult) -> str:
    return "；".join(each.detail.zh for each in result.findings if each.verdict is PASS)


def named(project: Project, key: str, **changes: Any) -> Project:
    return replace(project, id=key, **changes)


def short(project: Project = GOOD, key: str = "P3") -> Project:
    """A project whose rooms were measured 10 m² too small."""
    return named(project, key, measured_elder_m2=Decimal(150))


# --------------------------------------------------------------------------------- areas


def test_everything_in_order() -> None:
    result = judged()
    assert parts(result) == [PASS] * 6
    assert result.verdict is PASS
    assert result.compliant
    assert result.in_rate
    assert result.stage == "handover"
    assert (result.codes, result.warnings, result.reasons) == ((), (), ())
    assert (result.required_elder_m2, result.provided_elder_m2, result.gap_elder_m2) == (
        160,
        160,
        0,
    )


def test_c16_the_rooms_for_elders_are_short_by_10() -> None:
    result = judged(replace(AT_PERMIT, permit_elder_m2=Decimal(150)))
    assert (result.area_elder, result.area_childcare) == (FAIL, PASS)
    assert result.required_elder_m2 == result.required_childcare_m2 == 160
    assert (result.gap_elder_m2, result.gap_childcare_m2) == (10, 0)
    assert (
        said(result)
        == "许可养老用房 150.00 ㎡，低于应配 160.00 ㎡（800 户 × 20 ㎡/百户），缺 10.00 ㎡"
    )


def test_c16_under_the_chongzuo_plan_both_pass_at_120() -> None:
    result = judged(replace(AT_PERMIT, permit_elder_m2=Decimal(150)), rules=shipped())
    assert result.required_elder_m2 == result.required_childcare_m2 == 120
    assert (result.area_elder, result.area_childcare) == (PASS, PASS)


@pytest.mark.parametrize(
    ("households", "required"), [(800, 350), (2000, 400), (1750, 350), (1751, Fraction(7004, 20))]
)
def test_c17_a_single_facility_has_at_least_350(households: int, required: Fraction) -> None:
    project = replace(AT_PERMIT, planned_households=Decimal(households))
    assert judged(project, rules=guangxi(min_single_m2=350)).required_elder_m2 == required


def test_c17_says_where_the_requirement_comes_from() -> None:
    result = judged(AT_PERMIT, rules=guangxi(min_single_m2=350))
    assert "（单处不少于 350.00 ㎡，高于 800 户 × 20 ㎡/百户 = 160.00 ㎡），缺 190.00 ㎡" in said(
        result
    )


def test_c18_the_contract_asks_for_more() -> None:
    result = judged(replace(AT_PERMIT, contract_elder_m2=Decimal(200)))
    assert (result.required_elder_m2, result.required_childcare_m2) == (200, 160)
    assert "合同约定 200.00 ㎡，高于 800 户 × 20 ㎡/百户 = 160.00 ㎡" in said(result)


def test_a_contract_for_less_or_of_a_later_day_asks_nothing_more() -> None:
    less = replace(AT_PERMIT, contract_elder_m2=Decimal(100))
    later = replace(
        AT_PERMIT, contract_elder_m2=Decimal(200), land_grant_date=DAY + timedelta(days=1)
    )
    assert judged(less).required_elder_m2 == judged(later).required_elder_m2 == 160
    assert judged(replace(later, land_grant_date=DAY)).required_elder_m2 == 200


def test_c19_pro_rata_and_not_rounded() -> None:
    project = replace(AT_PERMIT, planned_households=Decimal(1437))
    assert judged(project).required_elder_m2 == Fraction("287.4")


def test_c22_a_failing_gap_is_never_shown_as_nothing() -> None:
    project = replace(
        GOOD,
        planned_households=Decimal(100),
        contract_elder_m2=Decimal("49.954"),
        measured_elder_m2=Decimal("49.95"),
    )
    result = judged(project)
    assert result.area_elder is FAIL
    assert result.gap_elder_m2 == Fraction("0.004")
    assert "实测养老用房 49.95 ㎡，低于应配 49.954 ㎡" in said(result)
    assert "缺 0.01 ㎡" in said(result)


def test_c23_thirty_for_1250_households() -> None:
    project = replace(AT_PERMIT, planned_households=Decimal(1250))
    assert judged(project, rules=guangxi(elder_rate_new=30)).required_elder_m2 == 375


@pytest.mark.parametrize("position", ["basement", "semi_basement", "mezzanine"])
@pytest.mark.parametrize("granted", [date(2022, 8, 1), date(2021, 6, 1)])
def test_c24_rooms_below_ground_count_nothing(position: str, granted: date) -> None:
    result = judged(replace(GOOD, facility_position=position, land_grant_date=granted))
    assert (result.area_elder, result.provided_elder_m2, result.gap_elder_m2) == (FAIL, 0, 160)
    assert result.codes == ("BAD_LOCATION",)
    assert [getattr(result, sync) for sync in SYNCS] == [PASS] * 4
    assert not result.compliant


def test_c24_says_so_in_a_sentence() -> None:
    result = judged(replace(GOOD, facility_position="basement"))
    assert (
        "养老用房位于地下室，不计面积，应配 160.00 ㎡（800 户 × 20 ㎡/百户），缺 160.00 ㎡"
        in said(result)
    )


def test_upper_and_ground_floors_count() -> None:
    assert judged(replace(GOOD, facility_position="upper")).verdict is PASS


def test_rooms_put_to_another_use_count_nothing() -> None:
    result = judged(replace(GOOD, other_use=True))
    assert (result.area_elder, result.area_childcare, result.verdict) == (FAIL, FAIL, FAIL)
    assert result.codes == ("OTHER_USE",)
    assert judged(replace(GOOD, other_use=False)).verdict is PASS


@pytest.mark.parametrize("count", [None, Decimal(-5)])
def test_without_households_area_and_plan_are_unknown_at_every_stage(
    count: Decimal | None,
) -> None:
    for project in (replace(GOOD, planned_households=count), Project(2, "P1", "")):
        result = judged(project)
        assert (result.area_elder, result.area_childcare, result.sync_plan) == (UNKNOWN,) * 3
        assert result.codes == ("HH_MISSING",)
        assert result.required_elder_m2 is None
        assert result.verdict is UNKNOWN


def test_no_households_is_not_applicable() -> None:
    result = judged(replace(GOOD, planned_households=Decimal(0)))
    assert (result.area_elder, result.area_childcare) == (NA, NA)
    assert not result.in_rate
    outside = rate(replace(GOOD, planned_households=Decimal(0)))
    assert [(each.id, each.reason) for each in outside.excluded] == [("P1", "NO_HOUSEHOLDS")]


def test_before_the_works_permit_the_area_is_pending() -> None:
    result = judged(replace(AT_PERMIT, works_permit_date=None))
    assert (result.area_elder, result.gap_elder_m2, result.provided_elder_m2) == (
        PENDING,
        None,
        None,
    )
    assert result.required_elder_m2 == 160


def test_before_acceptance_the_best_evidence_counts() -> None:
    """A measurement beats the permit; without one the permit stands."""
    checked = replace(AT_PERMIT, completion_check_date=date(2023, 4, 1))
    measured = replace(checked, measured_elder_m2=Decimal(150))
    assert judged(checked).area_elder is PASS
    assert judged(measured).area_elder is FAIL
    assert judged(measured).codes[0] == "MEASURED_SHORT_ELDER"


def test_a_measurement_of_a_later_day_is_no_evidence_yet() -> None:
    later = replace(
        AT_PERMIT,
        completion_check_date=date(2024, 2, 1),
        measured_elder_m2=Decimal(150),
    )
    assert judged(later).area_elder is PASS
    undated = replace(later, completion_check_date=None, housing_acceptance_date=date(2024, 5, 1))
    assert judged(undated).area_elder is PASS
    assert judged(undated, rules=guangxi(date(2024, 5, 1))).area_elder is FAIL


def test_after_acceptance_a_blank_measurement_does_not_fall_back_to_the_permit() -> None:
    result = judged(replace(GOOD, measured_elder_m2=None))
    assert (result.area_elder, result.sync_accept, result.verdict) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert result.codes == ("EVIDENCE_MISSING:measured_elder_m2",)
    assert said(result) == "实测养老面积空白，无法判定"


# --------------------------------------------------------------------------- indicator 14


def test_d1_two_of_three_accepted_projects() -> None:
    result = rate(named(GOOD, "P1"), named(GOOD, "P2"), short(), named(AT_PERMIT, "P4"))
    assert (result.numerator, result.denominator) == (2, 3)
    assert result.value == Fraction(200, 3)
    assert result.verdict is FAIL
    assert (result.covered, result.uncovered, result.unknown) == (("P1", "P2"), ("P3",), ())
    assert [(each.id, each.reason) for each in result.excluded] == [("P4", "NOT_YET_ACCEPTED")]
    assert result.need_more == 1
    assert not result.provisional


def test_d2_no_project_accepted_in_the_period() -> None:
    result = rate(
        named(AT_PERMIT, "P4"), named(GOOD, "P1", housing_acceptance_date=date(2022, 5, 1))
    )
    assert (result.value, result.denominator, result.verdict) == (None, 0, NA)
    assert [each.reason for each in result.excluded] == [
        "NOT_YET_ACCEPTED",
        "ACCEPTED_BEFORE_PERIOD",
    ]


def test_d3_rooms_accepted_22_days_late() -> None:
    result = judged(replace(GOOD, facility_acceptance_date=date(2023, 6, 1)))
    assert (result.sync_accept, result.verdict) == (FAIL, FAIL)
    assert result.codes == ("ACCEPT_LATE",)
    assert result.findings[0].amount == 22
    assert said(result) == "设施 2023-06-01 验收，晚于住宅验收 2023-05-10，迟 22 天"


def test_d4_the_same_day_is_in_step() -> None:
    result = judged(replace(GOOD, facility_acceptance_date=GOOD.housing_acceptance_date))
    assert result.sync_accept is PASS


def test_d5_handed_over_before_the_housing_is_delivered() -> None:
    assert judged().sync_deliver is PASS
    same_day = replace(GOOD, facility_handover_date=GOOD.housing_delivery_date)
    assert judged(same_day).sync_deliver is PASS


def test_d6_delivered_without_a_handover() -> None:
    result = judged(replace(GOOD, facility_handover_date=None))
    assert (result.sync_deliver, result.codes) == (FAIL, ("NO_HANDOVER",))
    assert said(result) == "住宅已于 2023-06-30 交付，设施无移交记录"
    assert result.stage == "joint_acceptance"


def test_d6_not_delivered_yet_is_pending_and_still_compliant() -> None:
    result = judged(replace(GOOD, facility_handover_date=None, housing_delivery_date=None))
    assert (result.sync_deliver, result.verdict) == (PENDING, PENDING)
    assert result.compliant
    assert result.in_rate


def test_d7_no_clause_on_new_land() -> None:
    without = named(GOOD, "P1", land_clause=False)
    result = judged(without)
    assert (result.sync_plan, result.verdict, result.codes) == (FAIL, FAIL, ("NO_LAND_CLAUSE",))
    assert said(result) == "2022-08-01 供地，出让条件未含养老托育配建条款"
    whole = rate(without, named(GOOD, "P2"))
    assert (whole.numerator, whole.denominator) == (1, 2)
    by_area = whole.variants["area_only"]
    assert (by_area.numerator, by_area.denominator, by_area.verdict) == (2, 2, PASS)


def test_d7_a_blank_clause_is_unknown() -> None:
    result = judged(replace(GOOD, land_clause=None))
    assert (result.sync_plan, result.verdict) == (UNKNOWN, UNKNOWN)
    assert result.codes == ("EVIDENCE_MISSING:land_clause",)
    assert not result.compliant


@pytest.mark.parametrize(("clause", "word"), [(False, "未含"), (None, "未填")])
def test_d8_on_earlier_land_a_missing_clause_is_a_warning(
    *, clause: bool | None, word: str
) -> None:
    legacy = replace(GOOD, land_grant_date=date(2021, 6, 1), land_clause=clause)
    result = judged(legacy)
    assert (result.stock, result.verdict, result.in_rate) == ("legacy_new", PASS, True)
    assert result.codes == result.warnings == ("LEGACY_NO_CLAUSE",)
    assert result.reasons == ()
    assert warned(result) == (f"2021-06-01 供地，早于 2021-12-23，出让条件{word}养老托育配建条款")


def test_d8_earlier_land_can_be_left_out_and_both_rates_are_printed() -> None:
    legacy = named(short(), "P1", land_grant_date=date(2021, 6, 1))
    new = named(GOOD, "P2")
    included = rate(legacy, new)
    assert (included.numerator, included.denominator) == (1, 2)
    without = included.variants["without_legacy"]
    assert (without.numerator, without.denominator, without.verdict) == (1, 1, PASS)
    excluded = rate(legacy, new, rules=guangxi(legacy_policy="exclude"))
    assert (excluded.numerator, excluded.denominator, excluded.verdict) == (1, 1, PASS)
    assert [(each.id, each.reason) for each in excluded.excluded] == [("P1", "LEGACY_EXCLUDED")]
    with_legacy = excluded.variants["with_legacy"]
    assert (with_legacy.numerator, with_legacy.denominator) == (1, 2)
    assert excluded.variants["cumulative"].denominator == 1


def test_d9_the_permit_is_short_of_childcare() -> None:
    result = judged(replace(GOOD, permit_childcare_m2=Decimal(150)))
    assert (result.sync_plan, result.codes) == (FAIL, ("PERMIT_AREA_SHORT_CHILDCARE",))
    assert result.findings[0].amount == 10
    assert "许可托育用房 150.00 ㎡，低于应配 160.00 ㎡" in said(result)
    assert result.area_childcare is PASS


def test_d10_measured_1_80_short() -> None:
    result = judged(replace(GOOD, measured_elder_m2=Decimal("158.2")))
    assert (result.area_elder, result.sync_accept, result.gap_elder_m2) == (
        FAIL,
        FAIL,
        Fraction("1.8"),
    )
    assert result.codes == ("MEASURED_SHORT_ELDER",)
    assert said(result) == (
        "实测养老用房 158.20 ㎡，低于应配 160.00 ㎡（800 户 × 20 ㎡/百户），缺 1.80 ㎡"
    )


def test_d10_within_a_tolerance_of_3_per_cent_it_passes_flagged() -> None:
    rules = guangxi(measure_tolerance_pct=3)
    measured = replace(GOOD, measured_elder_m2=Decimal("158.2"), handed_elder_m2=Decimal("158.2"))
    result = judged(measured, rules=rules)
    assert parts(result) == [PASS] * 6
    assert (result.gap_elder_m2, result.warnings) == (0, ("WITHIN_TOLERANCE",))
    assert "在测量允许误差 3% 以内，按达标计" in warned(result)
    least = replace(measured, measured_elder_m2=Decimal("155.2"), handed_elder_m2=Decimal("155.2"))
    assert judged(least, rules=rules).verdict is PASS
    below = replace(measured, measured_elder_m2=Decimal("155.19"))
    assert judged(below, rules=rules).codes == ("MEASURED_SHORT_ELDER", "HANDOVER_AREA_SHORT")


def test_the_tolerance_is_for_measuring_only() -> None:
    """Not for the permit, and not for handing over less than was measured."""
    rules = guangxi(measure_tolerance_pct=3)
    permit = judged(replace(GOOD, permit_elder_m2=Decimal("158.2")), rules=rules)
    handed = judged(replace(GOOD, handed_elder_m2=Decimal("158.2")), rules=rules)
    assert permit.codes == ("PERMIT_AREA_SHORT_ELDER",)
    assert handed.codes == ("HANDOVER_AREA_SHORT",)


BIG = replace(
    GOOD,
    planned_households=Decimal(1500),
    **{
        f"{document}_{kind}_m2": Decimal(300)
        for document in ("permit", "measured", "handed")
        for kind in ("elder", "childcare")
    },
)
PHASES = (
    Phase(2, "P1", "1", Decimal(600), date(2023, 5, 20)),
    Phase(3, "P1", "2", Decimal(500), date(2024, 5, 20)),
    Phase(4, "P1", "3", Decimal(400), date(2025, 5, 20)),
)


def test_d11_rooms_that_come_with_the_second_phase_are_late() -> None:
    second = replace(BIG, facility_phase="2")
    lenient = judged(second, phases=PHASES)
    assert (lenient.sync_build, lenient.verdict) == (PASS, PASS)
    assert lenient.codes == lenient.warnings == ("PHASE_LATE",)
    assert warned(lenient) == (
        "设施随第 2 期建成，届时住宅累计 1100 户，占 1500 户的 73.33%，超过 50%"
    )
    strict = judged(second, phases=PHASES, rules=guangxi(phase_rule="enforce"))
    assert (strict.sync_build, strict.codes) == (FAIL, ("PHASE_LATE",))
    assert strict.findings[0].amount == Fraction(11, 15)


def test_d11_with_the_first_phase_they_are_in_time() -> None:
    first = replace(BIG, facility_phase="1")
    result = judged(first, phases=PHASES, rules=guangxi(phase_rule="enforce"))
    assert (result.sync_build, result.codes, result.warnings) == (PASS, (), ())


def test_exactly_half_of_the_housing_is_in_time() -> None:
    halves = (
        Phase(2, "P1", "1", Decimal(250)),
        Phase(3, "P1", "2", Decimal(500)),
        Phase(4, "P1", "3", Decimal(750)),
    )
    rules = guangxi(phase_rule="enforce")
    second = replace(BIG, facility_phase="2")
    assert judged(second, phases=halves, rules=rules).sync_build is PASS
    more = (halves[0], replace(halves[1], households=Decimal(501)), halves[2])
    assert judged(second, phases=more, rules=rules).codes == ("PHASE_LATE",)


def test_split_rooms() -> None:
    split = replace(GOOD, facility_split=True)
    assert judged(split).warnings == ("SPLIT",)
    assert judged(split).verdict is PASS
    assert judged(split, rules=guangxi(phase_rule="enforce")).codes == ("SPLIT",)


def test_where_the_phase_rule_is_enforced_a_blank_phase_is_unknown() -> None:
    rules = guangxi(phase_rule="enforce")
    silent = judged(BIG, phases=PHASES, rules=rules)
    assert (silent.sync_build, silent.codes) == (UNKNOWN, ("EVIDENCE_MISSING:facility_phase",))
    without_list = judged(replace(BIG, facility_phase="2"), rules=rules)
    assert without_list.codes == ("EVIDENCE_MISSING:phases",)
    assert judged(BIG, phases=PHASES).verdict is PASS


def test_d12_when_only_the_first_phase_is_delivered() -> None:
    building = replace(
        AT_PERMIT,
        planned_households=Decimal(1500),
        housing_start_date=date(2022, 12, 1),
        facility_phase="2",
    )
    result = judged(building, phases=PHASES)
    assert result.required_elder_m2 == 300
    assert result.interim is not None
    assert result.interim.delivered_households == 600
    assert result.interim.share == Fraction(2, 5)
    assert result.interim.required_m2 == {"elder": 120, "childcare": 120}
    assert result.interim.gap_m2 == {"elder": 120, "childcare": 120}
    assert "INTERIM_GAP" in result.warnings
    assert "已交付 600 户，养老用房阶段应配 120.00 ㎡，已验收 0.00 ㎡，缺 120.00 ㎡" in warned(
        result
    )


def test_the_interim_check_counts_rooms_once_they_are_accepted() -> None:
    ready = replace(
        BIG,
        housing_acceptance_date=None,
        housing_delivery_date=None,
        facility_handover_date=None,
        facility_phase="1",
        measured_elder_m2=Decimal(100),
    )
    result = judged(ready, phases=PHASES)
    assert result.interim is not None
    assert result.interim.gap_m2 == {"elder": 20, "childcare": 0}
    blank = judged(replace(ready, measured_elder_m2=None), phases=PHASES)
    assert blank.interim is not None
    assert blank.interim.gap_m2["elder"] is None


def test_housing_has_passed_half_and_the_rooms_have_not_begun() -> None:
    building = replace(
        AT_PERMIT,
        planned_households=Decimal(1500),
        housing_start_date=date(2022, 12, 1),
        facility_phase="3",
    )
    later = guangxi(date(2024, 6, 30))
    ahead = judged(building, phases=PHASES, rules=later)
    assert "HOUSING_AHEAD" in ahead.warnings
    assert "住宅已交付 1100 户，占 73.33%，超过 50%，配建用房尚未开工" in warned(ahead)
    begun = replace(building, facility_start_date=date(2024, 1, 1))
    assert "配建用房尚未验收" in warned(judged(begun, phases=PHASES, rules=later))
    accepted = replace(begun, facility_acceptance_date=date(2024, 5, 1))
    assert "HOUSING_AHEAD" not in judged(accepted, phases=PHASES, rules=later).warnings
    assert "HOUSING_AHEAD" not in judged(building, phases=PHASES).warnings
    half = (replace(PHASES[0], households=Decimal(750)), *PHASES[1:])
    assert "HOUSING_AHEAD" not in judged(building, phases=half).warnings
    more = (replace(PHASES[0], households=Decimal(751)), *PHASES[1:])
    assert "HOUSING_AHEAD" in judged(building, phases=more).warnings


def test_early_warnings_end_when_all_is_delivered() -> None:
    """From then on the four tests speak for themselves."""
    building = replace(AT_PERMIT, planned_households=Decimal(1500), facility_phase="3")
    result = judged(building, phases=PHASES, rules=guangxi(date(2025, 5, 20)))
    assert result.interim is not None
    assert result.interim.share == 1
    assert not {"HOUSING_AHEAD", "INTERIM_GAP"} & set(result.warnings)


def test_d13_a_blank_opinion_is_unknown_and_not_compliant() -> None:
    silent = named(GOOD, "P1", health_opinion=None)
    result = judged(silent)
    assert (result.sync_accept, result.verdict) == (UNKNOWN, UNKNOWN)
    assert result.codes == ("EVIDENCE_MISSING:health_opinion",)
    assert said(result) == "卫健意见空白，无法判定"
    whole = rate(silent, named(GOOD, "P2"))
    assert (whole.numerator, whole.denominator, whole.verdict) == (1, 2, FAIL)
    assert (whole.unknown, whole.uncovered) == (("P1",), ())
    assert (whole.provisional, whole.could_turn) == (True, True)


def test_d14_one_unknown_kind_makes_the_whole_unknown() -> None:
    assert combined_verdict([PASS, UNKNOWN, PASS, PASS, PASS, PASS]) is UNKNOWN
    result = judged(replace(GOOD, measured_childcare_m2=None))
    assert (result.area_elder, result.area_childcare, result.verdict) == (PASS, UNKNOWN, UNKNOWN)


# ------------------------------------------------------------- what each test can find


@pytest.mark.parametrize(
    ("field", "sync"),
    [
        ("land_clause", "sync_plan"),
        ("permit_elder_m2", "sync_plan"),
        ("permit_childcare_m2", "sync_plan"),
        ("facility_start_date", "sync_build"),
        ("facility_acceptance_date", "sync_accept"),
        ("measured_elder_m2", "sync_accept"),
        ("measured_childcare_m2", "sync_accept"),
        ("civil_affairs_opinion", "sync_accept"),
        ("health_opinion", "sync_accept"),
        ("handed_elder_m2", "sync_deliver"),
        ("handed_childcare_m2", "sync_deliver"),
    ],
)
def test_a_blank_field_of_a_passed_stage_is_unknown_not_failed(field: str, sync: str) -> None:
    result = judged(replace(GOOD, **{field: None}))  # type: ignore[arg-type]
    assert getattr(result, sync) is UNKNOWN
    assert result.verdict is UNKNOWN
    assert result.codes == (f"EVIDENCE_MISSING:{field}",)
    assert result.reasons[0].zh.endswith("空白，无法判定")
    assert not result.compliant


@pytest.mark.parametrize(
    "field",
    [
        "developer", "land_contract_no", "works_permit_no", "construction_permit_no", "presale_date",
        "planning_condition_date", "land_permit_date", "scheme_review_date", "completion_check_date",
        "housing_start_date", "receiver", "title_no", "open_date", "contract_elder_m2",
    ],
)  # fmt: skip
def test_other_blanks_are_no_evidence_missing(field: str) -> None:
    assert judged(replace(GOOD, **{field: None})).verdict is PASS  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "sync", "code"),
    [
        ({"land_clause": False}, "sync_plan", "NO_LAND_CLAUSE"),
        ({"permit_elder_m2": Decimal(0)}, "sync_plan", "NOT_IN_PERMIT"),
        ({"permit_elder_m2": Decimal("159.99")}, "sync_plan", "PERMIT_AREA_SHORT_ELDER"),
        ({"facility_start_date": date(2024, 1, 1)}, "sync_build", "NOT_STARTED"),
        ({"facility_acceptance_date": date(2023, 5, 11)}, "sync_accept", "ACCEPT_LATE"),
        ({"facility_acceptance_date": date(2024, 1, 1)}, "sync_accept", "ACCEPT_LATE"),
        ({"measured_childcare_m2": Decimal("159.99")}, "sync_accept", "MEASURED_SHORT_CHILDCARE"),
        ({"civil_affairs_opinion": False}, "sync_accept", "CIVIL_AFFAIRS_REJECTED"),
        ({"health_opinion": False}, "sync_accept", "HEALTH_REJECTED"),
        ({"facility_handover_date": date(2023, 7, 1)}, "sync_deliver", "HANDOVER_LATE"),
        ({"facility_handover_date": date(2024, 1, 1)}, "sync_deliver", "NO_HANDOVER"),
        ({"handed_elder_m2": Decimal("159.99")}, "sync_deliver", "HANDOVER_AREA_SHORT"),
    ],
)
def test_a_breach_fails_its_test_with_its_code(
    changes: dict[str, Any], sync: str, code: str
) -> None:
    result = judged(replace(GOOD, **changes))
    assert getattr(result, sync) is FAIL
    assert result.verdict is FAIL
    assert result.codes == (code,)
    assert not result.compliant
    assert all(sentence.zh and sentence.en for sentence in result.reasons)


def test_a_permit_area_of_nothing_is_not_also_short() -> None:
    result = judged(replace(AT_PERMIT, permit_elder_m2=Decimal(0)))
    assert result.codes == ("NOT_IN_PERMIT",)
    assert (result.area_elder, result.gap_elder_m2) == (FAIL, 160)
    assert said(result).startswith("规划许可未列养老用房（0 ㎡），应配 160.00 ㎡")


def test_the_clause_before_the_land_is_granted() -> None:
    """Nothing is due yet; a plain no on granted land is a breach even before the permit."""
    early = Project(2, "P1", "", planned_households=Decimal(800), planning_condition_date=DAY)
    assert judged(replace(early, land_clause=False)).sync_plan is PENDING
    assert judged(early).sync_plan is PENDING
    granted = replace(early, land_grant_date=date(2023, 8, 1))
    assert judged(replace(granted, land_clause=True)).sync_plan is PENDING
    assert judged(replace(granted, land_clause=False)).sync_plan is FAIL
    assert judged(granted).sync_plan is UNKNOWN


def test_without_a_grant_date_a_missing_clause_cannot_be_judged() -> None:
    """On new land it would fail, on earlier land only warn."""
    undated = replace(GOOD, land_grant_date=None)
    assert judged(undated).verdict is PASS
    without = judged(replace(undated, land_clause=False))
    assert (without.stock, without.sync_plan) == ("new", UNKNOWN)
    assert without.codes == ("EVIDENCE_MISSING:land_grant_date",)
    blank = judged(replace(undated, land_clause=None))
    assert blank.codes == ("EVIDENCE_MISSING:land_grant_date", "EVIDENCE_MISSING:land_clause")


def test_a_late_start_is_a_warning() -> None:
    late = replace(GOOD, facility_start_date=date(2023, 1, 31))
    result = judged(late)
    assert (result.sync_build, result.warnings) == (PASS, ("START_LATE",))
    assert warned(result) == "设施 2023-01-31 开工，晚于住宅开工 2022-12-01 共 61 天（允许 0 天）"
    assert judged(late, rules=guangxi(build_lag_days=60)).warnings == ("START_LATE",)
    assert judged(late, rules=guangxi(build_lag_days=61)).warnings == ()


def test_building_is_pending_before_the_completion_check() -> None:
    building = replace(AT_PERMIT, housing_start_date=date(2022, 12, 1))
    assert judged(building).sync_build is PENDING
    later = replace(building, facility_start_date=date(2024, 3, 1))
    assert (judged(later).sync_build, judged(later).warnings) == (PENDING, ())
    checked = replace(later, completion_check_date=date(2023, 10, 1))
    assert judged(checked).codes == ("NOT_STARTED",)
    assert said(judged(checked)) == (
        "住宅已到竣工规划核实阶段，设施截至 2023-12-31 尚未开工（开工日期 2024-03-01）"
    )


def test_a_phase_planned_too_late_breaks_an_enforced_rule_before_it_is_built() -> None:
    """Otherwise building is pending, and a blank is not yet missed."""
    building = replace(AT_PERMIT, planned_households=Decimal(1500), facility_phase="2")
    assert judged(building, phases=PHASES).sync_build is PENDING
    assert "PHASE_LATE" in judged(building, phases=PHASES).warnings
    rules = guangxi(phase_rule="enforce")
    strict = judged(building, phases=PHASES, rules=rules)
    assert strict.sync_build is FAIL
    assert "PHASE_LATE" in set(strict.codes) - set(strict.warnings)
    silent = judged(replace(building, facility_phase=None), phases=PHASES, rules=rules)
    assert silent.sync_build is PENDING


def test_a_rejection_before_acceptance_is_a_warning() -> None:
    result = judged(replace(AT_PERMIT, health_opinion=False))
    assert (result.sync_accept, result.verdict) == (PENDING, PENDING)
    assert result.warnings == ("HEALTH_REJECTED",)


def test_delivered_housing_without_an_acceptance_date_is_unknown() -> None:
    result = judged(replace(GOOD, housing_acceptance_date=None))
    assert (result.sync_accept, result.codes) == (
        UNKNOWN,
        ("EVIDENCE_MISSING:housing_acceptance_date",),
    )
    assert not result.in_rate


def test_rooms_handed_over_early_do_not_end_the_wait_for_the_housing() -> None:
    early = replace(GOOD, housing_acceptance_date=None, housing_delivery_date=None)
    result = judged(early)
    assert (result.sync_accept, result.sync_deliver, result.stage) == (PENDING, PENDING, "handover")


def test_evidence_of_a_later_day_is_ignored() -> None:
    """The same papers a year earlier: only the land was granted, with its clause."""
    result = judged(rules=guangxi(date(2022, 10, 15)))
    assert result.stage == "scheme_review"
    assert parts(result) == [PENDING] * 6
    assert result.codes == ()
    assert not result.in_rate


# ------------------------------------------------------------------------- indicator 14


def test_the_period_is_inclusive_on_both_ends() -> None:
    days = [date(2022, 12, 31), date(2023, 1, 1), DAY, DAY + timedelta(days=1)]
    projects = [
        named(
            GOOD,
            f"P{number}",
            housing_acceptance_date=day,
            facility_acceptance_date=day,
            housing_delivery_date=None,
            facility_start_date=date(2022, 12, 1),
        )
        for number, day in enumerate(days)
    ]
    assert rate(*projects).covered == ("P1", "P2")
    longer = rate(*projects, period_start=date(2022, 12, 31))
    assert longer.covered == ("P0", "P1", "P2")


def test_the_cumulative_rate_counts_from_the_plans_first_day() -> None:
    earlier = named(
        short(), "P0", housing_acceptance_date=date(2022, 12, 30), land_grant_date=date(2021, 6, 1)
    )
    before_the_plan = named(GOOD, "P9", housing_acceptance_date=date(2020, 12, 31))
    result = rate(earlier, before_the_plan, named(GOOD, "P1"))
    assert (result.numerator, result.denominator, result.verdict) == (1, 1, PASS)
    cumulative = result.variants["cumulative"]
    assert (cumulative.numerator, cumulative.denominator, cumulative.verdict) == (1, 2, FAIL)


def test_a_project_that_fails_and_lacks_evidence_is_not_unknown() -> None:
    both = replace(short(), health_opinion=None)
    result = rate(both)
    assert (result.uncovered, result.unknown, result.provisional) == (("P3",), (), False)


def test_unknown_projects_cannot_turn_a_rate_that_has_failed_anyway() -> None:
    result = rate(short(), named(GOOD, "P4", health_opinion=None))
    assert (result.provisional, result.could_turn) == (True, False)


def test_a_project_that_may_belong_to_the_period_makes_the_rate_provisional() -> None:
    undated = named(GOOD, "P2", housing_acceptance_date=None)
    result = rate(named(GOOD, "P1"), undated)
    assert (result.numerator, result.denominator, result.verdict) == (1, 1, PASS)
    assert (result.unknown, result.provisional, result.could_turn) == (("P2",), True, True)
    assert result.excluded == ()


def test_warnings_of_projects_stand_with_the_indicator() -> None:
    legacy = named(GOOD, "P1", land_grant_date=date(2021, 6, 1), land_clause=None)
    (warning,) = rate(legacy).warnings
    assert (warning.code, warning.id) == ("LEGACY_NO_CLAUSE", "P1")
    assert warning.detail.zh.startswith("P1 2021-06-01 供地")


def test_need_more_is_what_the_target_still_asks_for() -> None:
    failing = [short(key=f"P{number}") for number in range(3)]
    assert rate(*failing, named(GOOD, "P8")).need_more == 3


# ------------------------------------------------------------------------------ properties

relaxed = settings(deadline=None)  # a busy machine is not a fault
_verdicts = st.lists(st.sampled_from(list(Verdict)), max_size=6)
_areas = st.none() | st.sampled_from([Decimal(0), Decimal("159.99"), Decimal(160), Decimal(400)])
_dates = st.none() | st.dates(date(2021, 6, 1), date(2024, 6, 30))
_answers = st.none() | st.booleans()
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **{
        f"{document}_{kind}_m2": _areas
        for document in ("permit", "measured", "handed", "contract")
        for kind in ("elder", "childcare")
    },
    **dict.fromkeys(
        (
            "land_grant_date", "works_permit_date", "housing_start_date", "facility_start_date",
            "completion_check_date", "housing_acceptance_date", "facility_acceptance_date",
            "housing_delivery_date", "facility_handover_date", "open_date",
        ),
        _dates,
    ),
    "planned_households": st.sampled_from([None, Decimal(0), Decimal(333), Decimal(800)]),
    "land_clause": _answers,
    "civil_affairs_opinion": _answers,
    "health_opinion": _answers,
    "other_use": _answers,
    "facility_position": st.sampled_from([None, "ground", "basement"]),
}  # fmt: skip


@st.composite
def projects(draw: st.DrawFn) -> Project:
    """A project in order with some of its papers changed, lost or misdated."""
    changed = draw(st.sets(st.sampled_from(sorted(_FIELDS)), max_size=8))
    return replace(GOOD, **{name: draw(_FIELDS[name]) for name in sorted(changed)})


@relaxed
@given(_verdicts)
def test_precedence_of_verdicts(verdicts: list[Verdict]) -> None:
    combined = combined_verdict(verdicts)
    known = [each for each in verdicts if each is not NA]
    assert combined is (min(known, key=[FAIL, UNKNOWN, PENDING, PASS].index) if known else NA)


@relaxed
@given(projects())
def test_the_verdict_is_the_combination_of_its_parts(project: Project) -> None:
    result = judged(project)
    assert result.verdict is combined_verdict(parts(result))
    worst = {each.verdict for each in result.findings} & {FAIL, UNKNOWN}
    against = set(result.codes) - set(result.warnings)
    assert bool(worst) == bool(against)
    assert len(result.reasons) >= len(against)
    assert set(result.warnings) <= set(result.codes)
    assert not (result.compliant and result.verdict in {FAIL, UNKNOWN})


@relaxed
@given(
    projects(),
    st.sampled_from(["permit", "measured", "handed"]),
    st.sampled_from(["elder", "childcare"]),
)
def test_more_area_never_turns_a_pass_into_anything_else(
    project: Project, document: str, kind: str
) -> None:
    field = f"{document}_{kind}_m2"
    have = getattr(project, field)
    if have is None and document == "measured":
        return  # a first measurement is other evidence, which can say what the permit did not
    have = have or Decimal(0)
    before = judged(project)
    after = judged(replace(project, **{field: have + 100}))  # type: ignore[arg-type]
    for part in PARTS:
        if getattr(before, part) is PASS:
            assert getattr(after, part) is PASS
    if (
        before.area_elder is FAIL
        and after.area_elder is FAIL
        and getattr(project, field) is not None
    ):
        assert (after.gap_elder_m2 or 0) <= (before.gap_elder_m2 or 0)


@relaxed
@given(projects(), st.sampled_from(["land_clause", "civil_affairs_opinion", "health_opinion"]))
def test_a_blank_is_never_judged_as_a_no(project: Project, field: str) -> None:
    """Silence never fails a test that the plain no would pass, and never passes one it fails."""
    order = [FAIL, UNKNOWN, PENDING, PASS]
    plain_no = judged(replace(project, **{field: False}))  # type: ignore[arg-type]
    silence = judged(replace(project, **{field: None}))  # type: ignore[arg-type]
    yes = judged(replace(project, **{field: True}))  # type: ignore[arg-type]
    for sync in SYNCS:
        ranks = [order.index(getattr(each, sync)) for each in (plain_no, silence, yes)]
        assert ranks == sorted(ranks)


@relaxed
@given(st.lists(projects(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(rows: list[Project], random: Any) -> None:
    rows = [named(row, f"P{number}") for number, row in enumerate(rows)]
    shuffled = random.sample(rows, len(rows))
    one, other = rate(*rows), rate(*shuffled)
    for field in (
        "numerator",
        "denominator",
        "value",
        "verdict",
        "provisional",
        "could_turn",
        "variants",
    ):
        assert getattr(one, field) == getattr(other, field)
    for field in ("covered", "uncovered", "unknown"):
        assert set(getattr(one, field)) == set(getattr(other, field))


@relaxed
@given(st.lists(projects(), max_size=6))
def test_every_project_stands_somewhere_once(rows: list[Project]) -> None:
    rows = [named(row, f"P{number}") for number, row in enumerate(rows)]
    result = rate(*rows)
    places = [
        *result.covered,
        *result.uncovered,
        *result.unknown,
        *(each.id for each in result.excluded),
    ]
    assert sorted(places) == sorted(row.id for row in rows)


@relaxed
@given(projects(), st.integers(1, 30))
def test_no_single_project_turns_two_ways(project: Project, more: int) -> None:
    """Adding compliant projects never lowers the rate."""
    alone = rate(named(project, "P0"))
    company = rate(named(project, "P0"), *(named(GOOD, f"P{n}") for n in range(1, more + 1)))
    if alone.value is not None and company.value is not None:
        assert company.value >= alone.value
