"""Good answers fast where loads are limited; bounds by prices that no answer is below."""

from __future__ import annotations

import math
from dataclasses import replace
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from geoplan.plan.siting import SitingProblem, build_problem, solve_siting
from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.ledger import ledger
from geoplan.plan.siting.loads.incumbents import Hunt
from geoplan.plan.siting.loads.loads_lagrange import Market, first_prices
from geoplan.plan.siting.loads.packing import Effort, pack
from geoplan.plan.siting.loads.tariff import Tariff
from geoplan.plan.siting.problem import Costs
from tests.plan.brute import Truth, all_steps, drawn, verdict

KINDS = ("cflp", "capacitated_p_median", "mclp", "mclp_budget")


@pytest.mark.parametrize("first", range(0, 120, 20))
def test_all_steps_end_where_trying_everything_does(first: int) -> None:
    with all_steps():
        wrong = {seed: verdict(drawn(seed)) for seed in range(first, first + 20)}
    assert set(wrong.values()) == {"right"}, wrong


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_no_answer_is_below_the_bound_whatever_the_prices(first: int) -> None:
    rng = np.random.default_rng(first)
    for seed in range(first, first + 50):
        told = drawn(seed)
        known, problem = Truth(told).best(), build_problem(told)
        if known is None or problem.model == "lscp":
            continue
        tariff = Tariff.of(problem)
        for size in (0, 1e-3, 1, 10, 1e4):
            prices = first_prices(tariff) * size * rng.uniform(0, 2, tariff.points)
            prices = np.minimum(prices, tariff.away)
            assert Market.of(tariff).ask(prices).value <= known, seed


@pytest.mark.parametrize("seed", range(30))
def test_what_a_site_chosen_otherwise_costs_is_never_more_than_it_does(seed: int) -> None:
    told = drawn(seed)
    problem = build_problem(told)
    if problem.model == "lscp":
        return
    tariff, truth = Tariff.of(problem), Truth(told)
    market = Market.of(tariff)
    prices = np.minimum(first_prices(tariff), tariff.away)
    priced = market.ask(prices)
    chosen = set(priced.sites.tolist())
    if problem.budget is not None or not math.isfinite(priced.value):
        return
    for sites in truth.allowed():
        worth = truth.worth(sites)
        for site in range(tariff.sites) if worth is not None else ():
            if (site in sites) != (site in chosen):
                least = priced.value + market.otherwise[site] * (1 - 1e-9)
                assert least <= float(worth or 0) + 1e-9 * abs(float(worth or 0))


def town(kind: str, points: int, sites: int, *, whole: bool, seconds: float) -> SitingProblem:
    rng = np.random.default_rng(points + sites)
    homes, places = (rng.uniform(0, 20_000, (count, 2)) for count in (points, sites))
    metres = np.hypot(*(homes[:, None] - places[None]).transpose(2, 0, 1)).round(1)
    people = rng.integers(1, 50, points).astype(float)
    count = sites // 5
    told: dict[str, Any] = {"capacity": np.rint(people.sum() / count * rng.uniform(1, 2, sites))}
    if kind in {"mclp", "capacitated_p_median"}:
        told["p"] = count
    if kind in {"mclp_budget", "cflp"}:
        told["site_cost"] = rng.integers(1, 9, sites) * 10_000.0
    if kind.startswith("mclp"):
        told["radius"] = 4_000.0
    if kind == "mclp_budget":
        told["budget"] = 50_000.0 * count
    demand, candidate = np.divmod(np.arange(metres.size), sites)
    return SitingProblem(
        kind.removesuffix("_budget"),
        Costs(demand, candidate, metres.ravel(), metres.shape),
        people,
        people,
        single_source=whole,
        time_limit_s=seconds,
        **told,
    )


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("points", "sites"), [(60, 15), (1000, 150)])
def test_something_is_found_soon_and_the_time_is_kept(
    kind: str, points: int, sites: int, *, whole: bool
) -> None:
    problem = town(kind, points, sites, whole=whole, seconds=0.5)
    began = process_time()
    answer = solve_siting(problem)
    assert process_time() - began <= 0.5 * 1.1 + 0.5
    assert answer.status in {"optimal", "feasible"}
    assert answer.bound is not None
    assert math.isfinite(answer.bound)


@pytest.mark.parametrize(("kind", "gap"), [("cflp", 0.01), ("capacitated_p_median", 0.02)])
def test_answers_are_near_their_bound(kind: str, gap: float) -> None:
    answer = solve_siting(town(kind, 150, 30, whole=False, seconds=2))
    assert answer.gap is not None
    assert answer.gap <= gap


def test_a_problem_of_which_every_order_is_proven_has_one_objective() -> None:
    problem = town("capacitated_p_median", 30, 8, whole=True, seconds=10)
    answer = solve_siting(problem)
    matrix, order = problem.costs.dense(), np.random.default_rng(1).permutation(30)
    demand, candidate = np.divmod(np.arange(matrix.size), 8)
    shuffled = replace(
        problem,
        costs=Costs(demand, candidate, matrix[order].ravel(), matrix.shape),
        weights=problem.weights[order],
        load=problem.load[order],
    )
    other = solve_siting(shuffled)
    assert (answer.status, other.status) == ("optimal", "optimal")
    assert answer.objective == other.objective


@pytest.mark.parametrize("step", ["settle", "exchange", "by_prices", "wander", "shake"])
def test_ctrl_c_in_any_step_keeps_the_best_so_far(step: str) -> None:
    problem = town("capacitated_p_median", 80, 20, whole=True, seconds=2)
    with patch.object(Hunt, step, side_effect=KeyboardInterrupt):
        answer = solve_siting(problem)
    assert answer.status in {"optimal", "feasible"}
    assert len(answer.open) == 4


@pytest.mark.parametrize("seed", range(4))
def test_a_packing_keeps_every_limit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = town("capacitated_p_median", 60, 6, whole=True, seconds=1)
    least = np.full(6, problem.load.sum() / 12).round()
    even = np.full(6, math.ceil(problem.load.sum() / 6 * 1.05))
    problem = replace(problem, p=6, capacity=even, least_load=least)
    begin = rng.integers(0, 6, 60)
    packed = pack(Tariff.of(problem), np.arange(6), Clock.of(2), begin, Effort(3, seed))
    assert packed is not None
    assert ledger(problem).whole_loads_fit(range(6), packed.chosen.tolist())


def test_a_set_that_is_barred_does_not_come_again() -> None:
    problem = replace(town("cflp", 40, 8, whole=False, seconds=5), k_best=3)
    answer = solve_siting(problem)
    sets = [answer.open, *(other.open for other in answer.alternatives)]
    worths = [answer.objective, *(other.objective for other in answer.alternatives)]
    assert len(set(sets)) == len(sets) == 3
    assert worths == sorted(worths, key=lambda worth: worth or 0)
