"""Poverty of access, concentration by income, Palma by income, availability, rational agents.

Each against sums told person by person, in exact fractions, or against another way to find it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize

from geoplan.measures.access import spatial_availability, three_step, two_step
from geoplan.measures.crowding import rational_agents
from geoplan.measures.decay import constant, zones
from geoplan.measures.nearest import nearest_walk_m
from geoplan.measures.poverty import beyond_limit, foster_greer_thorbecke
from geoplan.measures.spread import concentration_index, gini, palma_ratio, ranked
from geoplan.measures.walks import Pairs, pairs_within

SEEDS = range(12)
TENTH = Fraction(1, 10)


def by_income(values: np.ndarray, people: np.ndarray, *, income: np.ndarray) -> float | None:
    return palma_ratio(values, people, richest=TENTH, poorest=4 * TENTH, income=income)


def city(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What groups have, how many people they are, and what they earn; with ties everywhere."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 9))
    return (
        rng.integers(0, 6, size).astype(float),
        rng.integers(0, 5, size).astype(float) + (np.arange(size) == 0),
        rng.integers(1, 4, size) * 1000.0,
    )


def persons(values: np.ndarray, people: np.ndarray) -> list[Fraction]:
    return [
        Fraction(value)
        for value, many in zip(values, people, strict=True)
        for _ in range(int(many))
    ]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("aversion", [0, 1, 2])
def test_fgt_is_told_person_by_person(seed: int, aversion: int) -> None:
    values, people, _ = city(seed)
    everyone = persons(values, people)
    for line in range(5):
        wanted = sum(((line - x) / Fraction(line)) ** aversion for x in everyone if x < line)
        found = foster_greer_thorbecke(values, people, line=line, aversion=aversion)
        assert found == pytest.approx(float(wanted / len(everyone)))


def test_fgt_at_the_ends() -> None:
    values, people = np.array([3.0, np.nan]), np.array([2.0, 0.0])
    assert foster_greer_thorbecke(values, people, line=3, aversion=0) == 0  # as much is enough
    assert foster_greer_thorbecke(values, np.zeros(2), line=3, aversion=0) is None
    assert np.isnan(foster_greer_thorbecke(values, np.ones(2), line=3, aversion=0) or 0)
    far = np.array([500.0, 500.01, np.inf])
    assert beyond_limit(far, np.ones(3), limit_m=500, aversion=0) == pytest.approx(2 / 3)
    assert beyond_limit(far, np.ones(3), limit_m=500, aversion=2) == np.inf
    assert beyond_limit(far[:1], np.ones(1), limit_m=500, aversion=1) == 0


def concentration(values: np.ndarray, people: np.ndarray, income: np.ndarray) -> Fraction | None:
    """2 cov(x, rank) / mean, each person with the mean rank of those of the same income."""
    rows = [
        (Fraction(i), Fraction(x))
        for i, x, many in zip(income, values, people, strict=True)
        for _ in range(int(many))
    ]
    count, whole = len(rows), sum(x for _, x in rows)
    if not whole:
        return None
    half = Fraction(1, 2)
    rank = {
        each: (sum(i < each for i, _ in rows) + half * sum(i == each for i, _ in rows)) / count
        for each in {i for i, _ in rows}
    }
    mean = whole / count
    return 2 * sum((x - mean) * (rank[i] - half) for i, x in rows) / count / mean


@pytest.mark.parametrize("seed", range(40))
def test_the_concentration_index_is_the_covariance_with_the_rank(seed: int) -> None:
    values, people, income = city(seed)
    wanted = concentration(values, people, income)
    found = concentration_index(values, people, income=income)
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert found == pytest.approx(float(wanted), abs=1e-12)
        order = np.random.default_rng(seed).permutation(len(values))
        again = concentration_index(values[order], people[order], income=income[order])
        assert again == pytest.approx(found, abs=1e-12)
        by_value = concentration_index(values, people, income=values)
        assert by_value == pytest.approx(gini(values, people))


def test_palma_by_income_asks_who_is_rich_and_not_who_has_much() -> None:
    has = np.array([4.0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    income = np.arange(10, 0, -1.0)
    asked = {"richest": TENTH, "poorest": 4 * TENTH}
    assert (
        palma_ratio(has, np.ones(10), income=income, **asked) == 1.0
    )  # 4 for the richest, 4 for four
    assert palma_ratio(has, np.ones(10), income=-income, **asked) == pytest.approx(1 / 7)
    assert palma_ratio(has, np.ones(10), **asked) == 1.0
    assert palma_ratio(has, np.ones(10), income=np.ones(10), **asked) == pytest.approx(1 / 4)


def walks_of(seed: int) -> tuple[Pairs, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    homes, sites = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    pairs = [each for each in product(range(homes), range(sites)) if rng.random() < 0.8]
    home, facility = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    walk_m = rng.integers(0, 2000, len(pairs)).astype(float)
    people = rng.integers(0, 30, homes).astype(float)
    return Pairs(home, facility, walk_m), people, rng.integers(0, 4, sites).astype(float)


@pytest.mark.parametrize("seed", SEEDS)
def test_availability_adds_up_and_is_2sfca_a_head(seed: int) -> None:
    walks, people, supply = walks_of(seed)
    found = spatial_availability(walks, people, supply=supply)
    reached = {int(j) for i, j in zip(walks.home, walks.facility, strict=True) if people[i] > 0}
    assert found.sum() == pytest.approx(sum(supply[list(reached)]))
    a_head = two_step(walks, people, supply=supply, decay=constant).per_head
    assert found[people > 0] == pytest.approx((a_head * people)[people > 0])


@pytest.mark.parametrize("seed", range(25))
def test_rational_agents_could_not_do_better_elsewhere(seed: int) -> None:
    """The balance is where a convex cost of all is least: found once more by another way."""
    walks, people, supply = walks_of(seed)
    found = rational_agents(
        walks, people, supply=supply, tau_m=1000.0, rounds=5000, tolerance=1e-12
    ).cost
    useful = supply[walks.facility] > 0
    home, facility = walks.home[useful], walks.facility[useful]
    far = walks.walk_m[useful] / 1000
    assert np.array_equal(np.isinf(found), ~np.isin(np.arange(len(people)), home))
    lives = [i for i in range(len(people)) if people[i] > 0 and (home == i).any()]
    if not lives:
        return
    room = supply * people.sum() / supply.sum()

    def crowd(going: np.ndarray) -> np.ndarray:
        return np.bincount(facility, going, len(supply))

    def cost(going: np.ndarray) -> float:
        some = room > 0
        return float((crowd(going)[some] ** 2 / room[some] / 2).sum() + (going * far).sum())

    equal = [
        {"type": "eq", "fun": lambda going, at=i: going[home == at].sum() - people[at]}
        for i in range(len(people))
        if (home == i).any()
    ]
    start = np.array([people[i] / (home == i).sum() for i in home])
    best = minimize(cost, start, bounds=[(0, None)] * len(start), constraints=equal, tol=1e-12)
    load = crowd(best.x)
    for i in lives:
        wanted = min(
            load[j] / room[j] + d for k, j, d in zip(home, facility, far, strict=True) if k == i
        )
        assert found[i] == pytest.approx(wanted, abs=2e-3)


def test_rational_agents_of_nobody_and_of_nothing() -> None:
    walks = Pairs(np.array([0]), np.array([0]), np.array([500.0]))
    asked = {"tau_m": 1000.0, "rounds": 9, "tolerance": 0.0}
    empty = rational_agents(walks, np.array([0]), supply=np.array([3]), **asked)
    assert (empty.cost.tolist(), empty.moved) == ([0.5], 0)
    none = rational_agents(walks, np.array([4]), supply=np.array([0]), **asked)
    assert (none.cost.tolist(), none.moved) == ([np.inf], 0)


# Five homes and four facilities, drawn once; the package named access (1.1.10) was asked about them.
PEOPLE, SUPPLY = np.array([1731, 1507, 1675, 1076, 1635]), np.array([20, 27, 47, 8])
METRES = np.array(
    [
        [709, 767, 1132, 1425],
        [52, 216, 1234, 1422],
        [373, 467, 1303, 634],
        [409, 1241, 385, 613],
        [965, 824, 128, 41],
    ],
    dtype=float,
)
ALL = Pairs(*np.divmod(np.arange(20), 4), METRES.ravel())


def test_rational_agents_as_the_package_access_has_them() -> None:
    """``raam(tau=500, max_cycles=2000, min_step=0.0005)``: it stops a thousandth from the balance."""
    found = rational_agents(ALL, PEOPLE, supply=SUPPLY, tau_m=500, rounds=999, tolerance=1e-9)
    told = [2.75890381, 1.51680168, 2.1586286, 1.48391574, 0.97013609]
    assert found.cost == pytest.approx(told, abs=2e-3)
    assert found.moved <= 1e-9


def test_rounds_that_end_before_the_balance_say_so() -> None:
    asked = {"supply": SUPPLY, "tau_m": 500.0, "tolerance": 1e-9}
    assert rational_agents(ALL, PEOPLE, rounds=2, **asked).moved > 1e-3
    assert rational_agents(ALL, PEOPLE, rounds=0, **asked).moved == 1


def test_three_steps_as_the_package_access_has_them() -> None:
    """``three_stage_fca`` with a step function: equal, as long as nothing beyond has a weight."""
    decay = zones([300, 600, 1000], [0.9, 0.6, 0.3])
    found = three_step(ALL, PEOPLE, supply=SUPPLY, decay=decay).per_head
    told = [
        0.00469849429873,
        0.01409548289621,
        0.00818716601163,
        0.01748729310197,
        0.02452304782695,
    ]
    assert found == pytest.approx(told, rel=1e-9)
    near = three_step(pairs_within(ALL, 600), PEOPLE, supply=SUPPLY, decay=decay).per_head
    beyond = [np.nan, 0.0179729350608, 0.00958556536576, 0.0175114219614, 0.0244750304863]
    assert near[0] == 0
    assert (np.abs(near[1:] - beyond[1:]) > 1e-5).all()  # access lets them choose beyond its limit
    assert near @ PEOPLE == pytest.approx(SUPPLY.sum())  # here they all come to what is in reach


def test_people_without_a_walk_are_beyond_every_limit() -> None:
    walks = Pairs(np.array([0]), np.array([0]), np.array([300.0]))
    walk_m, people = nearest_walk_m(walks, homes=2), np.array([3, 1])
    assert beyond_limit(walk_m, people, limit_m=500, aversion=0) == 0.25
    assert beyond_limit(walk_m, people, limit_m=500, aversion=1) == np.inf
    assert beyond_limit(walk_m, np.array([3, 0]), limit_m=500, aversion=2) == 0
    assert beyond_limit(np.array([0.0, 1]), people, limit_m=0, aversion=0) == 0.25


def test_a_planner_can_check_the_poverty_of_access_by_hand() -> None:
    """Ten places for 1,000 are enough; 100 people have 4, 300 have 5, 600 have 12."""
    has, people = np.array([4, 5, 12]), np.array([100, 300, 600])
    found = [foster_greer_thorbecke(has, people, line=10, aversion=each) for each in (0, 1, 2)]
    assert found == pytest.approx([0.4, (100 * 0.6 + 300 * 0.5) / 1000, (36 + 75) / 1000])


@pytest.mark.parametrize("measure", [concentration_index, by_income])
def test_an_unknown_income_is_no_high_one(measure: Callable[..., float | None]) -> None:
    has, people = np.array([4.0, 9, 1]), np.array([5, 3, 2])
    income = np.array([900, np.nan, 700])
    assert np.isnan(measure(has, people, income=income) or 0)
    known = ranked(people, income=income)
    assert (known.left_out.tolist(), known.people_left_out) == ([1], 3)
    rows = known.rows
    some = measure(has[rows], people[rows], income=income[rows])
    assert some == measure(has, np.array([5, 0, 2]), income=income)  # nobody lives there
    assert some is not None
    assert np.isfinite(some)
