"""Poverty of access, concentration by income, Palma by income, availability, rational agents.

Each against sums told person by person, in exact fractions, or against another way to find it.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize

from geoplan.measures.access import spatial_availability, two_step
from geoplan.measures.crowding import rational_agents
from geoplan.measures.decay import constant
from geoplan.measures.poverty import beyond_limit, foster_greer_thorbecke
from geoplan.measures.spread import concentration_index, gini, palma_ratio
from geoplan.measures.walks import Pairs

SEEDS = range(12)
TENTH = Fraction(1, 10)


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
    )
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
    assert rational_agents(walks, np.array([0]), supply=np.array([3]), **asked).tolist() == [0.5]
    assert rational_agents(walks, np.array([4]), supply=np.array([0]), **asked).tolist() == [np.inf]
