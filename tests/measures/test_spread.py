"""Evenness beside definitions by pairs of persons, and published values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.measures.spread import gini, hoover, palma_ratio, theil

GROUPS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), min_size=1, max_size=8)
Groups = list[tuple[int, int]]
TENTH = Fraction(1, 10)


def palma(values: np.ndarray, people: np.ndarray) -> float | None:
    return palma_ratio(values, people, richest=TENTH, poorest=4 * TENTH)


MEASURES = [gini, theil, hoover, palma]


def measured(measure: Callable[..., float | None], groups: Groups) -> float | None:
    values, people = np.array(groups).T
    return measure(values, people)


def persons(groups: Groups) -> list[int]:
    """What each single person has, poorest first."""
    return sorted(value for value, people in groups for _ in range(people))


def slow_gini(has: list[int]) -> Fraction:
    """Mean difference of all pairs of persons, through twice the mean."""
    differences = sum(abs(one - other) for one in has for other in has)
    return Fraction(differences, 2 * len(has) * sum(has))


def slow_theil(has: list[int]) -> float:
    mean = sum(has) / len(has)
    return sum(x / mean * log(x / mean) for x in has if x) / len(has)


def slow_hoover(has: list[int]) -> Fraction:
    mean = Fraction(sum(has), len(has))
    return sum((abs(x - mean) for x in has), Fraction(0)) / (2 * sum(has))


def slow_palma(has: list[int]) -> Fraction | None:
    """Every person cut in ten equal slices, so that both tails are whole slices."""
    slices = [x for x in has for _ in range(10)]
    poor = sum(slices[: 4 * len(has)])
    return Fraction(sum(slices[9 * len(has) :]), poor) if poor else None


@pytest.mark.parametrize(
    ("measure", "oracle"),
    [(gini, slow_gini), (theil, slow_theil), (hoover, slow_hoover), (palma, slow_palma)],
)
@given(groups=GROUPS)
def test_each_measure_is_its_definition_person_by_person(
    measure: Callable[..., float | None], oracle: Callable[[list[int]], object], groups: Groups
) -> None:
    has = persons(groups)
    expected = oracle(has) if sum(has) else None
    found = measured(measure, groups)
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(float(expected), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@given(groups=GROUPS, data=st.data())
def test_rows_in_another_order_or_split_are_the_same_people(
    measure: Callable[..., float | None], groups: Groups, data: st.DataObject
) -> None:
    (value, people), *rest = data.draw(st.permutations(groups))
    part = data.draw(st.integers(0, people))
    split = [(value, part), *rest, (value, people - part)]
    before, after = measured(measure, groups), measured(measure, split)
    assert after == (None if before is None else pytest.approx(before, rel=1e-9, abs=1e-12))


@pytest.mark.parametrize("measure", [gini, theil, hoover])
@given(groups=GROUPS)
def test_giving_from_a_richer_to_a_poorer_person_never_makes_it_less_even(
    measure: Callable[..., float | None], groups: Groups
) -> None:
    has = persons(groups)
    if not sum(has) or has[-1] - has[0] < 2:
        return
    fairer = [has[0] + 1, *has[1:-1], has[-1] - 1]
    before, after = (measured(measure, [(x, 1) for x in each]) for each in (has, fairer))
    assert before is not None
    assert after is not None
    assert after <= before + 1e-12


@pytest.mark.parametrize(("measure", "even"), [(gini, 0), (theil, 0), (hoover, 0), (palma, 0.25)])
def test_an_even_share(measure: Callable[..., float | None], even: float) -> None:
    found = measured(measure, [(7, 3), (7, 11), (7, 1)])
    assert found == pytest.approx(even, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_nobody_and_nothing_have_no_measure(measure: Callable[..., float | None]) -> None:
    assert measured(measure, [(5, 0), (3, 0)]) is None
    assert measured(measure, [(0, 4), (0, 2)]) is None


@pytest.mark.parametrize("measure", MEASURES)
def test_what_an_empty_home_would_have_does_not_matter(
    measure: Callable[..., float | None],
) -> None:
    with_empty = measure(np.array([1.0, np.nan, 3.0, 99.0]), np.array([2, 0, 5, 0]))
    assert with_empty == measure(np.array([1.0, 3.0]), np.array([2, 5]))


@pytest.mark.parametrize("measure", MEASURES)
def test_a_value_unknown_for_somebody_leaves_the_measure_unknown(
    measure: Callable[..., float | None],
) -> None:
    found = measure(np.array([1.0, np.nan, 3.0]), np.array([2, 1, 5]))
    assert found is not None
    assert np.isnan(found)


def test_a_palma_ratio_has_no_value_when_the_poorest_have_nothing() -> None:
    assert measured(palma, [(0, 4), (5, 6)]) is None
    assert measured(palma, [(0, 3), (5, 7)]) == pytest.approx(5 / 5)


def test_a_published_gini() -> None:
    """Nine persons with 10 and one with 100: 0.4263158.

    A worked example of the R package ineq in the book "Statistics Slam Dunk", section 12.5.
    """
    found = measured(gini, [(10, 9), (100, 1)])
    assert found is not None
    assert round(found, 7) == 0.4263158


def test_theil_and_hoover_by_hand() -> None:
    """Three quarters have 2, one quarter has 10: mean 4, so 1/2 and 5/2 of the mean."""
    groups = [(2, 3), (10, 1)]
    assert measured(theil, groups) == pytest.approx(3 / 8 * log(1 / 2) + 5 / 8 * log(5 / 2))
    assert measured(hoover, groups) == pytest.approx(3 / 8)
