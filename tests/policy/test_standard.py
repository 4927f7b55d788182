"""What holds on a day, with the values that a user changes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.errors import PolicyError, Problem
from geoplan.policy.model import Dated, Parameter, Target
from geoplan.policy.read import build_standard, read_policy

DAY = date(2023, 12, 31)
POLICY = read_policy("chongzuo-2021-2023")


def refused(**overrides: object) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        build_standard(POLICY, DAY, overrides)
    return caught.value.problems


def test_without_changes_the_document_holds() -> None:
    standard, remarks = build_standard(POLICY, DAY, {})
    assert remarks == ()
    assert standard.overrides == {}
    assert standard.number("elder_rate_existing") == 15
    assert standard.number("persons_per_household") == Fraction(287, 100)
    assert set(standard.values) == set(POLICY.parameters)


@pytest.mark.parametrize("day", [POLICY.since, POLICY.until])
def test_the_first_and_the_last_day_are_within_the_period(day: date) -> None:
    assert build_standard(POLICY, day, {})[1] == ()


def test_a_day_before_the_policy_is_refused() -> None:
    with pytest.raises(PolicyError, match="before the first day 2021-01-01"):
        build_standard(POLICY, date(2020, 12, 31), {})


def test_a_day_after_the_policy_is_a_remark() -> None:
    standard, (remark,) = build_standard(POLICY, date(2024, 1, 1), {})
    assert remark.code == "AFTER_PERIOD"
    assert "2023-12-31" in remark.detail.zh
    assert "2023-12-31" in remark.detail.en
    assert standard.number("elder_rate_existing") == 15


@pytest.mark.parametrize("raw", ["0.1", Decimal("0.1"), 0.1, " 0.1 "])
def test_a_changed_number_is_exact(raw: object) -> None:
    standard, _ = build_standard(POLICY, DAY, {"elder_rate_existing": raw})
    assert standard.number("elder_rate_existing") == Fraction(1, 10)
    assert standard.overrides == {"elder_rate_existing": Decimal("0.1")}


@pytest.mark.parametrize("raw", ["true", "yes", "是", "1", "TRUE", True, 1])
def test_a_changed_flag(raw: object) -> None:
    assert build_standard(POLICY, DAY, {"include_out_of_range": raw})[0].flag(
        "include_out_of_range"
    )


def test_a_changed_choice_and_day() -> None:
    changed = {"functions_mode": "union_in_jiedao", "new_rule_effective": "2022-06-01"}
    standard, _ = build_standard(POLICY, DAY, changed)
    assert standard.choice("functions_mode") == "union_in_jiedao"
    assert standard.day("new_rule_effective") == date(2022, 6, 1)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("elder_rate_exsting", "15", "nearest is elder_rate_existing"),
        ("x", "15", "nearest is "),
        ("elder_rate_existing", "-1", "at least 0"),
        ("elder_rate_existing", "fifteen", "at least 0"),
        ("elder_rate_existing", "", "at least 0"),
        ("elder_rate_existing", "nan", "at least 0"),
        ("elder_rate_existing", "inf", "at least 0"),
        ("elder_rate_existing", True, "at least 0"),
        ("elder_rate_existing", [15], "at least 0"),
        ("elder_rate_existing", {"value": 15}, "at least 0"),
        ("functions_mode", "any", "single_institution, union_in_jiedao"),
        ("include_out_of_range", "perhaps", "true or false"),
        ("include_out_of_range", 2, "true or false"),
        ("new_rule_effective", "2022-13-01", "2021-12-23"),
        ("new_rule_effective", 2022, "2021-12-23"),
        ("persons_per_household", "0", "cannot be 0"),
        ("usable_to_gross_ratio", "0", "cannot be 0"),
        ("community_population_min", "12001", "above the maximum 12000"),
    ],
)
def test_a_malformed_change_is_refused(name: str, raw: object, said: str) -> None:
    (problem,) = refused(**{name: raw})
    assert name in problem.where
    assert said in problem.say("en")
    assert problem.say("zh") != problem.say("en")


def test_several_malformed_changes_are_told_at_once() -> None:
    problems = refused(elder_rate_exsting=15, childcare_rate_existing="-1", walk="x")
    assert len(problems) == 3


def test_a_minimum_equal_to_the_maximum_is_no_contradiction() -> None:
    standard, _ = build_standard(POLICY, DAY, {"community_population_min": 12000})
    assert standard.number("community_population_min") == 12000


@given(
    st.lists(st.dates(date(2021, 1, 1), date(2023, 12, 31)), min_size=1, unique=True), st.dates()
)
def test_the_value_of_a_day_is_the_last_that_has_begun(since: list[date], day: date) -> None:
    values = tuple(Dated(first, Decimal(first.toordinal())) for first in since)
    parameter = Parameter("n", "n", "n", "number", "", "c", None, (), values)
    begun = [first.toordinal() for first in since if first <= day]
    assert parameter.on(day) == (max(begun) if begun else None)


@pytest.mark.parametrize(
    ("op", "met"),
    [(">=", (False, True, True)), (">", (False, False, True)), ("==", (False, True, False))],
)
def test_a_target_compares_exactly(op: str, met: tuple[bool, ...]) -> None:
    target, least = Target(op, Decimal("3.5")), Fraction(1, 10**30)
    near = (Fraction(7, 2) - least, Fraction(7, 2), Fraction(7, 2) + least)
    assert tuple(target.met(value) for value in near) == met
