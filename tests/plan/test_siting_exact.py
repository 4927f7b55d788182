"""Where limits decide: "optimal" and "infeasible" are said only when they are true."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from geoplan.plan.siting import build_problem, solve_siting
from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.highs import Relaxation, minimise
from geoplan.plan.siting.certificates.exact_tree import certify
from geoplan.plan.siting.certificates.flow import feasible_allocation
from geoplan.plan.siting.certificates.prices import bound_by_prices, exact_bound_by_prices
from geoplan.plan.siting.mixed_integer import build_programme
from geoplan.plan.siting.problem import HallSet
from geoplan.plan.siting.solve import search
from tests.plan.brute import Truth, drawn, verdict

Told = dict[str, Any]


@pytest.mark.parametrize("first", range(0, 160, 20))
def test_answers_on_the_edge_equal_trying_everything(first: int) -> None:
    wrong = {seed: verdict(drawn(seed)) for seed in range(first, first + 20)}
    assert set(wrong.values()) == {"right"}, wrong


def large(seed: int, points: int, sites: int) -> Told:
    rng = random.Random(seed)  # noqa: S311 - the same problems every time are wanted
    load = [Fraction(rng.randint(1, 10**7), 10**6) for _ in range(points)]
    filled = [Fraction(0)] * sites
    for each in load:
        filled[rng.randrange(sites)] += each
    return {
        "model": "cflp",
        "cost": [[round(rng.uniform(1, 99), 4) for _ in range(sites)] for _ in range(points)],
        "load": [float(each) for each in load],
        "weights": [round(rng.uniform(1, 9), 2) for _ in range(points)],
        "capacity": [float(each) for each in filled],
        "site_cost": [1] * sites,
    }


@pytest.mark.parametrize("seed", range(5))
def test_a_flow_that_just_fits_is_the_cheapest_and_a_millionth_less_does_not_fit(seed: int) -> None:
    told = large(seed, 40, 6)
    split = feasible_allocation(build_problem(told), range(6))
    assert not isinstance(split, HallSet)
    assert split.paid == Truth({**told, "single_source": False}).split(tuple(range(6)))
    assert split.least == pytest.approx(float(split.paid), rel=1e-11)
    assert Fraction(split.least) <= split.paid
    cut = told["capacity"].index(max(told["capacity"]))
    told["capacity"][cut] = round(told["capacity"][cut] - 1e-6, 6)
    short = feasible_allocation(build_problem(told), range(6))
    assert isinstance(short, HallSet)
    assert short.load - short.capacity == Fraction(1, 10**6)
    answer = solve_siting(build_problem(told))
    assert (answer.status, answer.short) == ("infeasible", short)


@pytest.mark.parametrize("seed", range(3))
def test_a_search_may_begin_a_flow_with_anything(seed: int) -> None:
    problem = build_problem(large(seed, 30, 5))
    known = feasible_allocation(problem, range(5))
    rng = np.random.default_rng(seed)
    for start in (rng.uniform(0, 1, 150), np.zeros(150), np.ones(150)):
        split = feasible_allocation(problem, range(5), start=start)
        assert not isinstance(split, HallSet)
        assert not isinstance(known, HallSet)
        assert split.paid == known.paid


@pytest.mark.parametrize("seed", range(6))
def test_bounds_hold_at_any_prices(seed: int) -> None:
    told = drawn(seed) | {"model": "cflp", "single_source": False}
    told.pop("least_load", None)
    programme = build_programme(build_problem(told))
    rng = np.random.default_rng(seed)
    best = minimise(programme, clock=Clock.of(5))
    loose = Relaxation(programme).solve(programme.least, programme.most, clock=Clock.of(5))
    tried = [rng.normal(0, size, len(programme.lower)) for size in (1, 1e6, 1e-6)]
    for prices in [*tried, *([loose.prices] if loose.prices is not None else [])]:
        floats = bound_by_prices(programme, prices, programme.least, programme.most).bound
        fractions = exact_bound_by_prices(programme, prices, programme.least, programme.most)
        assert Fraction(floats) <= fractions
        assert floats == pytest.approx(float(fractions), rel=1e-9, abs=1e-6)
        if best.values is not None:
            assert floats <= best.bound + 1e-6 * abs(best.bound)


def test_a_capacity_that_is_the_float_sum_of_the_loads_serves_them() -> None:
    for loads in ([0.1] * 3, [0.1] * 10, [0.7, 0.1, 0.1, 0.1], [1.1, 2.2, 3.3], [1 / 3] * 7):
        for total in (math.fsum(loads), sum(loads), float(np.sum(loads))):
            for whole in (False, True):
                told = {
                    "model": "cflp", "cost": [[1]] * len(loads), "load": loads,
                    "capacity": [total], "single_source": whole,
                }  # fmt: skip
                answer = solve_siting(build_problem(told))
                assert (answer.status, answer.objective) == ("optimal", len(loads))


def test_a_capacity_that_is_written_short_is_short() -> None:
    told = {"model": "cflp", "cost": [[1], [1]], "load": [0.1, 0.2], "capacity": [0.299999999]}
    answer = solve_siting(build_problem(told))
    assert (answer.status, answer.would_do) == ("infeasible", {"capacity_short": 1e-9})


BASE: Told = {"cost": [[1, 2, 3], [2, 1, 3], [3, 2, 1]], "load": [1, 1, 1], "radius": 2}


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize(
    ("change", "status", "objective"),
    [
        ({"model": "cflp", "capacity": [0, 0, 0]}, "infeasible", None),
        ({"model": "cflp", "capacity": [0, 0, 0], "load": [0, 0, 0]}, "optimal", 3),
        ({"model": "cflp", "capacity": [0, 0, 3]}, "optimal", 7),
        ({"model": "cflp", "capacity": [1, 1, 1], "fixed": [0, 1, 2]}, "optimal", 3),
        ({"model": "cflp", "capacity": [1, 1, 0], "fixed": [0, 1, 2]}, "infeasible", None),
        ({"model": "capacitated_p_median", "capacity": [1, 1, 1], "p": 3}, "optimal", 3),
        ({"model": "capacitated_p_median", "capacity": [9, 9, 9], "p": 1}, "optimal", 5),
        ({"model": "capacitated_p_median", "capacity": [1, 1, 1], "p": 2}, "infeasible", None),
        ({"model": "mclp", "capacity": [0, 0, 0], "p": 1}, "optimal", 0),
        ({"model": "mclp", "capacity": [1, 1, 1], "p": 3}, "optimal", 3),
        ({"model": "mclp", "capacity": [1, 1, 1], "weights": [0, 0, 0], "p": 2}, "optimal", 0),
        ({"model": "cflp", "capacity": [3, 3, 3], "cost": [[1, 1, 1]] * 3}, "optimal", 3),
        ({"model": "cflp", "capacity": [1, 1, 1], "cost": [[0, 0, 0]] * 3}, "optimal", 0),
        ({"model": "cflp", "cost": [[4]], "load": [2], "capacity": [2]}, "optimal", 4),
        ({"model": "cflp", "cost": [[4]], "load": [2], "capacity": [1]}, "infeasible", None),
        ({"model": "cflp", "cost": [[4, 1]], "load": [2], "capacity": [2, 1]}, "optimal", None),
    ],
)
def test_problems_at_the_ends(change: Told, status: str, objective: float, *, single: bool) -> None:
    told = {**BASE, **change, "single_source": single}
    answer = solve_siting(build_problem(told))
    assert answer.status == status
    assert objective is None or answer.objective == objective


def test_ties_everywhere_are_proven() -> None:
    told = {
        "model": "capacitated_p_median", "cost": [[5.0] * 8] * 20, "load": [0.1] * 20, "p": 4,
        "capacity": [0.5] * 8,
    }  # fmt: skip
    for single in (True, False):
        answer = solve_siting(build_problem({**told, "single_source": single}))
        assert (answer.status, answer.objective) == ("optimal", 100)


def test_without_time_nothing_is_claimed() -> None:
    told = large(1, 30, 6) | {"single_source": True, "time_limit_s": 0}
    answer = solve_siting(build_problem(told))
    assert answer.status in {"feasible", "unknown"}


@pytest.mark.parametrize("single", [False, True])
def test_the_tree_alone_and_after_the_solver_agree(*, single: bool) -> None:
    rng = np.random.default_rng(4)
    points, sites = rng.uniform(0, 1000, (24, 2)), rng.uniform(0, 1000, (6, 2))
    load = rng.uniform(1, 50, 24).round(5)
    problem = build_problem({
        "model": "cflp", "load": load, "weights": load, "single_source": single,
        "cost": np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)).round(3),
        "capacity": (rng.uniform(0.5, 1.5, 6) * load.sum() / 2).round(5),
        "site_cost": (rng.uniform(0.5, 1.5, 6) * 5000).round(2),
    })  # fmt: skip
    alone, both = certify(problem, Clock.of(20)), search(problem, Clock.of(20))
    assert alone.sites is not None
    assert both.sites is not None
    assert alone.sites.tolist() == both.sites.tolist()
    assert alone.bound == pytest.approx(both.bound, rel=1e-9)


def test_a_flow_that_could_be_bettered_by_one_unit_at_a_time_ends_soon() -> None:
    told = {
        "model": "cflp", "load": [3.934047, 5.145309, 3.276503], "weights": [86, 9.1682, 15.66563],
        "cost": [[92, 66.92401, 73.39069, 18.11368], [73.725302, 22, None, 93.54],
                 [None, None, 11.3673, 14.2]],
        "capacity": [3.934047, 5.145309, 0, 3.276504],
    }  # fmt: skip
    problem = build_problem(told)
    split = feasible_allocation(problem, range(4))
    assert not isinstance(split, HallSet)
    assert split.paid == Truth({**told, "single_source": False}).split((0, 1, 2, 3))


def test_a_tiny_share_of_a_large_point_is_proven() -> None:
    told = {
        "model": "mclp", "cost": [[44.689, 95.2, 34.97]], "load": [752.09877], "radius": 50,
        "p": 3, "capacity": [0, 0, 1e-05],
    }  # fmt: skip
    answer = solve_siting(build_problem(told))
    assert (answer.status, answer.objective) == ("optimal", float(Fraction(1, 75209877)))
