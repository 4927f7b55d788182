"""Allocation with capacities beside every way of sending each person somewhere."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.measures import allocate as room
from geoplan.measures.allocate import Allocation, allocate
from geoplan.measures.transport import Prices, Transport
from geoplan.measures.walks import Pairs
from tests.measures.build import Town, towns


def allocated(town: Town, grain_m: float = 1) -> Allocation:
    return allocate(
        town.pairs, np.array(town.people), capacity=np.array(town.supply), grain_m=grain_m
    )


def best_by_trying(town: Town) -> tuple[int, int]:
    """Most people served and the least they walk: each person in turn goes anywhere or nowhere."""
    persons = [home for home, people in enumerate(town.people) for _ in range(people)]

    @cache
    def rest(person: int, room_left: tuple[int, ...]) -> tuple[int, int]:
        if person == len(persons):
            return 0, 0
        best = rest(person + 1, room_left)
        for (home, facility), walk in town.walk_m.items():
            if home != persons[person] or not room_left[facility]:
                continue
            after = list(room_left)
            after[facility] -= 1
            served, walked = rest(person + 1, tuple(after))
            best = max(best, (served + 1, walked - walk))
        return best

    served, walked = rest(0, tuple(town.supply))
    return served, -walked


@given(town=towns(most_homes=4, most_facilities=3))
@settings(max_examples=60)
def test_nobody_more_can_be_served_and_not_a_metre_less_be_walked(town: Town) -> None:
    found = allocated(town)
    assert (found.served, found.walked) == best_by_trying(town)
    assert (found.most, found.least) == (found.served, found.walked)


@given(town=towns(most_homes=9, most_facilities=6))
def test_everyone_is_served_or_left_with_a_reason(town: Town) -> None:
    found, pairs = allocated(town), town.pairs
    people, capacity = np.array(town.people), np.array(town.supply)
    away = np.bincount(pairs.home, weights=found.moved, minlength=len(people))
    assert (away + found.no_reach + found.no_room == people).all()
    assert found.served + found.no_reach.sum() + found.no_room.sum() == people.sum()
    assert (found.moved >= 0).all()
    come = np.bincount(pairs.facility, weights=found.moved, minlength=len(capacity))
    assert (come <= capacity).all()
    reached = {home for home, _ in town.walk_m}
    assert all(found.no_reach[home] == 0 for home in reached)
    for home, facility in town.walk_m:
        assert not found.no_room[home] or come[facility] == capacity[facility]
    assert found.proven


@given(town=towns(), data=st.data())
def test_a_larger_capacity_never_serves_fewer(town: Town, data: st.DataObject) -> None:
    more = [each + data.draw(st.integers(0, 4)) for each in town.supply]
    assert allocated(Town(town.people, more, town.walk_m)).served >= allocated(town).served


@given(town=towns())
def test_with_room_for_all_everyone_goes_to_the_nearest(town: Town) -> None:
    roomy = Town(town.people, [sum(town.people)] * len(town.supply), town.walk_m)
    found = allocated(roomy)
    walks = [
        people * min(walk for (of, _), walk in town.walk_m.items() if of == home)
        for home, people in enumerate(town.people)
        if any(of == home for of, _ in town.walk_m)
    ]
    assert found.walked == sum(walks)
    assert not found.no_room.any()


def test_the_transportation_problem_of_a_manual() -> None:
    """Detroit and Pittsburgh to Boston and New York: costs 30, 20 / 40, 10, supply 200, 100.

    Demand is 150 and 150: the data of "A Transportation Problem", OPTMODEL procedure, SAS/OR
    User's Guide. The optimum here is by hand: with t from Pittsburgh to Boston the cost is
    6500 + 20 t, so 150 · 30 + 50 · 20 + 100 · 10 is the least.
    """
    costs = {(0, 0): 30, (0, 1): 20, (1, 0): 40, (1, 1): 10}
    found = allocated(Town([200, 100], [150, 150], costs))
    assert found.moved.tolist() == [150, 50, 0, 100]
    assert (found.walked, found.served, found.proven) == (6500, 300, True)


def test_serving_more_people_comes_before_walking_less() -> None:
    """Home 0 has two doors, home 1 one: home 0 walks 900 m so that home 1 is served at all."""
    found = allocated(Town([1, 1], [1, 1], {(0, 0): 100, (0, 1): 900, (1, 0): 200}))
    assert found.moved.tolist() == [0, 1, 1]


def test_a_grain_rounds_walks_once() -> None:
    pairs = Pairs(np.array([0]), np.array([0]), np.array([123.26]))
    found = allocate(pairs, np.array([2]), capacity=np.array([9]), grain_m=0.1)
    assert found.walked == 2 * 1233


def test_the_bound_holds_whatever_the_prices_and_is_lower_when_they_are_wrong() -> None:
    town = Town([3, 3], [3, 2], {(0, 0): 100, (0, 1): 300, (1, 0): 50, (1, 1): 600})
    found = allocated(town)
    problem = Transport(
        home=town.pairs.home,
        facility=town.pairs.facility,
        grains=town.pairs.walk_m.astype(np.int64),
        people=np.array(town.people),
        capacity=np.array(town.supply),
    )
    for place in range(0, 900, 50):
        for leave in range(-900, 900, 50):
            prices = Prices(np.array([place, 0]), leave)
            assert room._least(problem, prices, left=1) <= found.walked
    assert room._least(problem, Prices(np.array([0, 0]), 0), left=1) < found.walked


def test_a_solver_that_breaks_a_bound_is_not_believed() -> None:
    town = Town([2], [1], {(0, 0): 100})
    problem = Transport(
        home=town.pairs.home,
        facility=town.pairs.facility,
        grains=town.pairs.walk_m.astype(np.int64),
        people=np.array(town.people),
        capacity=np.array(town.supply),
    )
    with pytest.raises(ArithmeticError, match="not whole or breaks a bound"):
        room._check(problem, np.array([2]))


@pytest.mark.parametrize(("people", "capacity"), [([], []), ([3], []), ([], [5]), ([3, 0], [5])])
def test_nothing_in_reach_leaves_everyone_for_that_reason(
    people: list[int], capacity: list[int]
) -> None:
    nothing = np.zeros(0, dtype=np.int64)
    found = allocate(
        Pairs(nothing, nothing, np.zeros(0)),
        np.array(people, dtype=np.int64),
        capacity=np.array(capacity, dtype=np.int64),
        grain_m=1,
    )
    assert found.no_reach.tolist() == people
    assert found.proven


def test_a_capacity_beyond_counting_is_room_for_all() -> None:
    found = allocated(Town([4], [10**15], {(0, 0): 300}))
    assert (found.served, found.walked, found.proven) == (4, 1200, True)


@pytest.mark.parametrize("seed", range(12))
def test_a_city_that_falls_into_pieces_is_proven_as_a_whole(seed: int) -> None:
    """Crowds, quarters with room to spare and homes that join them: one price of leaving for all."""
    drawn = np.random.default_rng(seed)
    homes, doors = drawn.uniform(0, 4000, (150, 2)), drawn.uniform(0, 4000, (25, 2))
    metres = np.hypot(*(homes[:, None] - doors[None]).transpose(2, 0, 1))
    home, facility = np.nonzero(metres <= 900)
    people, capacity = drawn.integers(0, 50, 150), drawn.integers(0, 300, 25)
    pairs = Pairs(home, facility, metres[home, facility])
    found = allocate(pairs, people, capacity=capacity, grain_m=0.1)
    assert found.proven
    assert found.no_room.sum() > 0
    assert found.no_reach.sum() > 0
