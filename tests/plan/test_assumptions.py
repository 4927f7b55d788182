"""The ``[programme]`` section and its options: every fault at once, units as people write them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from geoplan.errors import StudyError
from geoplan.plan.programme.assumptions import NUMBERS, build_assumptions
from geoplan.terms import terms
from tests.assess.build import DAY


@pytest.mark.parametrize(
    "text", ["300万,200万,0", "300万、200万、0", "300万；200万；0", "3000000,2000000,0元"]
)
def test_budgets_as_people_write_them(text: str) -> None:
    found = build_assumptions({}, as_of=DAY, budget=text)
    assert found.budgets_yuan == (3_000_000, 2_000_000, 0)


@pytest.mark.parametrize("text", ["2024-2026", "2024至2026", "2024 – 2026", "2024—2026"])
def test_years_as_people_write_them(text: str) -> None:
    assert build_assumptions({}, as_of=DAY, years=text).years == (2024, 2025, 2026)


def test_one_year_is_a_span_too() -> None:
    assert build_assumptions({}, as_of=DAY, years="2025").years == (2025,)


def test_the_command_line_beats_the_study() -> None:
    raw = {"years": "2024-2025", "budget": ["1万", "2万"], "plot_ratio": 2}
    assert build_assumptions(raw, as_of=DAY).budgets_yuan == (10_000, 20_000)
    found = build_assumptions(raw, as_of=DAY, years="2024", budget="5万")
    assert (found.years, found.budgets_yuan, found.plot_ratio) == ((2024,), (50_000,), Fraction(2))
    assert found.given == {"plot_ratio"}


def test_every_fault_is_told_at_once() -> None:
    raw = {
        "yeers": 3, "years": "2022-2024", "budget": "1万,很多", "instruments": ["steal"],
        "plot_ratio": 0, "build_yuan_per_m2": -5,
    }  # fmt: skip
    with pytest.raises(StudyError) as caught:
        build_assumptions(raw, as_of=DAY)
    named = {each.where.removeprefix("study.toml: [programme] ") for each in caught.value.problems}
    assert named == set(raw)


@pytest.mark.parametrize("text", ["1万,2万", "", "1,2,3,4", "-1,2,3"])
def test_a_budget_for_each_year_or_none(text: str) -> None:
    with pytest.raises(StudyError, match="budget"):
        build_assumptions({}, as_of=DAY, budget=text)


def test_every_assumption_is_labelled() -> None:
    assert set(terms("assumption")) == set(NUMBERS)
