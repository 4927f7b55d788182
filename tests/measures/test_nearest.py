"""Nearest walks and their percentiles beside a list with one entry a person."""

from __future__ import annotations

from fractions import Fraction
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.measures.nearest import (
    coverage_share,
    mean_walk_m,
    nearest_walk_m,
    people_within,
    percentile_walk_m,
)
from geoplan.measures.walks import pairs_within
from tests.measures.build import Town, towns

PARTS = st.fractions(min_value=Fraction(1, 20), max_value=1, max_denominator=20)


def one_by_one(town: Town) -> list[float]:
    """The nearest walk of every single person, nearest first; infinite without one."""
    walks = []
    for home, people in enumerate(town.people):
        own = [walk for (of, _), walk in town.walk_m.items() if of == home]
        walks += [min(own, default=float("inf"))] * people
    return sorted(walks)


def nearest(town: Town) -> np.ndarray:
    return nearest_walk_m(town.pairs, homes=len(town.people))


@given(town=towns(), part=PARTS)
def test_a_percentile_is_the_walk_of_the_person_who_completes_the_part(
    town: Town, part: Fraction
) -> None:
    walks = one_by_one(town)
    upto = [w for at, w in enumerate(walks, 1) if Fraction(at, len(walks)) >= part]
    expected = upto[0] if upto and upto[0] < float("inf") else None
    assert percentile_walk_m(nearest(town), np.array(town.people), part=part) == expected


@given(town=towns(), within_m=st.integers(0, 1300))
def test_coverage_counts_each_person_within_the_distance(town: Town, within_m: int) -> None:
    walks = one_by_one(town)
    near = sum(walk <= within_m for walk in walks)
    found, people = nearest(town), np.array(town.people)
    assert people_within(found, people, within_m=within_m) == near
    share = coverage_share(found, people, within_m=within_m)
    assert share == (Fraction(near, len(walks)) if walks else None)


@given(town=towns())
def test_the_mean_is_of_those_who_have_a_walk(town: Town) -> None:
    walks = [walk for walk in one_by_one(town) if walk < float("inf")]
    expected = pytest.approx(sum(walks) / len(walks)) if walks else None
    assert mean_walk_m(nearest(town), np.array(town.people)) == expected


@given(town=towns(), near=st.integers(0, 1300), more=st.integers(0, 1300))
def test_a_longer_walk_never_lowers_coverage(town: Town, near: int, more: int) -> None:
    walks, people = nearest(town), np.array(town.people)
    within = people_within(walks, people, within_m=near)
    assert people_within(walks, people, within_m=near + more) >= within


@given(town=towns(), limit=st.integers(0, 1300), part=PARTS)
def test_a_longer_search_never_changes_a_percentile(town: Town, limit: int, part: Fraction) -> None:
    people = np.array(town.people)
    cut = nearest_walk_m(pairs_within(town.pairs, limit), homes=len(people))
    found = percentile_walk_m(cut, people, part=part)
    whole = percentile_walk_m(nearest(town), people, part=part)
    assert found == whole if whole is not None and whole <= limit else found is None


@given(town=towns(most_facilities=3), walk=st.integers(0, 1300), home=st.integers(0, 0))
def test_a_facility_more_never_lengthens_a_walk(town: Town, walk: int, home: int) -> None:
    more = Town(town.people, [*town.supply, 1], town.walk_m | {(home, len(town.supply)): walk})
    for before, after in zip(nearest(town), nearest(more), strict=True):
        assert isnan(before) or after <= before


def test_the_part_is_reached_inclusively_where_floats_would_miss_it() -> None:
    """0.7 × 10 is a little more than 7 in floats: the seventh person must be enough."""
    people, walk_m = np.array([7, 3]), np.array([100.0, 900.0])
    assert percentile_walk_m(walk_m, people, part=Fraction(7, 10)) == 100
    assert percentile_walk_m(walk_m, people, part=Fraction(71, 100)) == 900


def test_empty_homes_have_no_part_in_a_percentile() -> None:
    walk_m, people = np.array([1.0, 50.0, 70.0]), np.array([0, 1, 1])
    assert percentile_walk_m(walk_m, people, part=Fraction(1, 100)) == 50


def test_a_walk_of_nothing_is_a_walk() -> None:
    assert coverage_share(np.array([0.0]), np.array([4]), within_m=0) == 1


def test_nobody_has_no_share_no_mean_and_no_percentile() -> None:
    walk_m, nobody = np.array([100.0]), np.array([0])
    assert coverage_share(walk_m, nobody, within_m=500) is None
    assert mean_walk_m(walk_m, nobody) is None
    assert percentile_walk_m(walk_m, nobody, part=Fraction(1, 2)) is None
