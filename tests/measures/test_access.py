"""Access: the formulas beside plain loops with exact fractions, and what each method conserves."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.measures.access import (
    Floating,
    balanced,
    mean_per_head,
    supply_in_reach,
    supply_per_head,
    three_step,
    two_step,
)
from geoplan.measures.decay import gaussian, inverse_power, zones
from geoplan.measures.walks import Pairs
from tests.measures.build import LIMITS, WEIGHTS, Town, towns, zone_weight

ZONES = zones(LIMITS, WEIGHTS)
METHODS = [two_step, three_step, balanced]
Found = tuple[list[Fraction], list[Fraction | None]]


def floated(method: Callable[..., Floating], town: Town, **more: object) -> Floating:
    settings = {"decay": ZONES} | more
    return method(town.pairs, np.array(town.people), supply=np.array(town.supply), **settings)


def weights_of(town: Town) -> list[list[Fraction]]:
    """A full table of weights, home by facility; what is not in reach weighs nothing."""
    return [
        [
            zone_weight(town.walk_m[home, facility])
            if (home, facility) in town.walk_m
            else Fraction(0)
            for facility in range(len(town.supply))
        ]
        for home in range(len(town.people))
    ]


def slow(town: Town, coming: list[list[Fraction]], giving: list[list[Fraction]]) -> Found:
    """The two steps, facility by facility and home by home."""
    levels: list[Fraction | None] = []
    access = [Fraction(0)] * len(town.people)
    for facility, supply in enumerate(town.supply):
        comers = Fraction(0)
        for home, people in enumerate(town.people):
            comers += people * coming[home][facility]
        levels.append(supply / comers if comers else None)
        for home in range(len(town.people)):
            access[home] += giving[home][facility] * (supply / comers if comers else 0)
    return access, levels


def slow_two_step(town: Town) -> Found:
    return slow(town, weights_of(town), weights_of(town))


def slow_three_step(town: Town) -> Found:
    chosen = [[w * w / sum(row) if w else w for w in row] for row in weights_of(town)]
    return slow(town, chosen, chosen)


def slow_balanced(town: Town) -> Found:
    table = weights_of(town)
    coming = [[w / sum(row) if w else w for w in row] for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    giving = [[w / of if w else w for w, of in zip(row, columns, strict=True)] for row in table]
    return slow(town, coming, giving)


@pytest.mark.parametrize(
    ("method", "oracle"),
    [(two_step, slow_two_step), (three_step, slow_three_step), (balanced, slow_balanced)],
)
@given(town=towns())
def test_each_method_says_what_plain_loops_say(
    method: Callable[..., Floating], oracle: Callable[[Town], Found], town: Town
) -> None:
    found, (access, levels) = floated(method, town), oracle(town)
    assert found.per_head == pytest.approx([float(each) for each in access], rel=1e-12)
    expected = [np.nan if each is None else float(each) for each in levels]
    assert found.level == pytest.approx(expected, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("method", [two_step, three_step])
@given(town=towns())
def test_what_people_have_is_all_that_anyone_comes_to(
    method: Callable[..., Floating], town: Town
) -> None:
    found = floated(method, town)
    visited = {
        facility
        for (home, facility), walk_m in town.walk_m.items()
        if town.people[home] and zone_weight(walk_m)
    }
    reachable = sum(town.supply[facility] for facility in visited)
    assert found.per_head @ np.array(town.people) == pytest.approx(reachable)


@given(town=towns())
def test_balanced_counts_each_person_and_each_level_once(town: Town) -> None:
    found = floated(balanced, town)
    assert found.per_head.sum() == pytest.approx(np.nansum(found.level))
    has = {home for (home, _), walk_m in town.walk_m.items() if zone_weight(walk_m)}
    served = np.array(town.supply) > 0
    comers = np.where(served, np.array(town.supply) / np.where(served, found.level, 1), 0)
    everyone = sum(town.people[home] for home in has)
    assert np.nansum(comers) <= everyone + 1e-9
    if served.all():
        assert np.nansum(comers) == pytest.approx(everyone)


@pytest.mark.parametrize("method", METHODS)
@given(town=towns(), data=st.data())
def test_more_supply_never_lowers_access(
    method: Callable[..., Floating], town: Town, data: st.DataObject
) -> None:
    more = [each + data.draw(st.integers(0, 5)) for each in town.supply]
    before = floated(method, town).per_head
    after = floated(method, Town(town.people, more, town.walk_m)).per_head
    assert (after >= before - 1e-12).all()


@pytest.mark.parametrize("method", [two_step, three_step])
@given(town=towns(), data=st.data())
def test_a_home_in_two_rows_has_the_same_access(
    method: Callable[..., Floating], town: Town, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, town.people[0]))
    twin = len(town.people)
    walks = town.walk_m | {
        (twin, at): walk for (home, at), walk in town.walk_m.items() if home == 0
    }
    split = Town([part, *town.people[1:], town.people[0] - part], town.supply, walks)
    before, after = floated(method, town).per_head, floated(method, split).per_head
    assert after == pytest.approx(np.append(before, before[0]))


@pytest.mark.parametrize("method", METHODS)
@given(town=towns(), data=st.data())
def test_the_order_of_pairs_does_not_matter(
    method: Callable[..., Floating], town: Town, data: st.DataObject
) -> None:
    mixed = dict(data.draw(st.permutations(list(town.walk_m.items()))))
    before = floated(method, town).per_head
    assert floated(method, Town(town.people, town.supply, mixed)).per_head == pytest.approx(before)


@given(town=towns())
def test_supply_in_reach_adds_up_home_by_home(town: Town) -> None:
    found = supply_in_reach(town.pairs, np.array(town.supply), homes=len(town.people), decay=ZONES)
    for home, row in enumerate(weights_of(town)):
        assert found[home] == sum(w * s for w, s in zip(row, town.supply, strict=True))


@given(town=towns())
def test_a_facility_counts_once_for_all_who_reach_it(town: Town) -> None:
    found = supply_per_head(town.pairs, np.array(town.people), supply=np.array(town.supply))
    reached = {facility for home, facility in town.walk_m if town.people[home]}
    supply, people = sum(town.supply[at] for at in reached), sum(town.people)
    assert found == (supply / people if people else None)


def test_a_facility_that_only_an_empty_home_reaches_serves_nobody() -> None:
    pairs = Pairs(np.array([0, 1]), np.array([0, 1]), np.array([100.0, 100.0]))
    assert supply_per_head(pairs, np.array([4, 0]), supply=np.array([8, 100])) == 2


def test_the_two_steps_of_a_textbook_table() -> None:
    """By hand: a doctor for 1000 people here, shared there, is 1/1000 + 1/2500 where both reach."""
    pairs = Pairs(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), np.zeros(4))
    found = two_step(pairs, np.array([400, 600, 1900]), supply=np.array([1, 1]))
    assert found.level == pytest.approx([1 / 1000, 1 / 2500])
    assert found.per_head == pytest.approx([1 / 1000, 1 / 1000 + 1 / 2500, 1 / 2500])


def test_a_published_gaussian_example() -> None:
    """Access of three consumers to two providers: 0.065179, 0.069641, 0.065179.

    The worked example in the documentation of the Python package sdc-catchment (0.1.0).
    """
    at, doors = np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0])
    home, facility = (each.ravel() for each in np.indices((3, 2)))
    pairs = Pairs(home, facility, np.abs(at[home] - doors[facility]))
    found = two_step(pairs, np.full(3, 100), supply=np.full(2, 10), decay=gaussian(1))
    assert found.per_head.round(6).tolist() == [0.065179, 0.069641, 0.065179]


def test_the_three_towns_of_the_access_package() -> None:
    """Tracts, doctors and travel times of the hospital example in the tests of PySAL access.

    The example publishes no results: those here follow by hand. With weights 1/d, home 1 counts
    1 at itself and 1/40 at the city, so 2SFCA finds there 10 + 100/40 + 50/40 comers.
    """
    costs = {(0, 0): 1, (1, 1): 1, (2, 2): 1, (0, 2): 40, (1, 2): 40, (2, 0): 40, (2, 1): 40}
    town = Town([100, 50, 10], [15, 20, 100], costs)
    decay = inverse_power(1, nearest_m=1)
    a, b, c = 15 / (100 + 10 / 40), 20 / (50 + 10 / 40), 100 / (10 + 150 / 40)
    expected = [a + c / 40, b + c / 40, c + (a + b) / 40]
    assert floated(two_step, town, decay=decay).per_head == pytest.approx(expected)


def test_balancing_a_home_that_chooses_between_two() -> None:
    """By hand: 3 of 4 parts go to the near door; nobody and no level is counted twice."""
    pairs = Pairs(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([300.0, 301.0, 1.0]))
    found = balanced(
        pairs, np.array([40, 10]), supply=np.array([6, 8]), decay=zones([300, 301], [3, 1])
    )
    # Home 1 weighs 3 at facility 1 and home 0 weighs 1: comers are 30 and 10 + 10.
    assert found.level == pytest.approx([6 / 30, 8 / 20])
    assert found.per_head == pytest.approx([0.2 + 0.4 / 4, 0.4 * 3 / 4])


def test_who_reaches_nothing_has_nothing_and_a_facility_without_comers_has_no_level() -> None:
    pairs = Pairs(np.array([0, 1]), np.array([0, 1]), np.array([100.0, 100.0]))
    for method in METHODS:
        found = method(pairs, np.array([5, 0, 7]), supply=np.array([10, 10, 10]))
        assert found.per_head.tolist() == [2, 0, 0]
        assert found.level == pytest.approx([2, np.nan, np.nan], nan_ok=True)


def test_an_unknown_number_of_people_stays_unknown() -> None:
    pairs = Pairs(np.array([0, 1, 2]), np.array([0, 0, 1]), np.zeros(3))
    found = two_step(pairs, np.array([5, np.nan, 4]), supply=np.array([10, 10]))
    assert found.per_head == pytest.approx([np.nan, np.nan, 2.5], nan_ok=True)


def test_the_average_person() -> None:
    assert mean_per_head(np.array([1.0, 4.0]), np.array([2, 1])) == 2
    assert mean_per_head(np.array([1.0]), np.array([0])) is None
