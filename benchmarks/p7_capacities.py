"""Siting with load limits: how near to the best, proven; ours beside HiGHS alone, same problem.

OR-Library's files are not needed: the instances are drawn by the published constructions with
fixed seeds, so they are of the same kind, not the same numbers.

- ``capa``, ``capb``, ``capc`` (Beasley 1988): 100 sites and 1,000 customers in a square of 1,000,
  a customer pays distance × demand × a number between 1 and 1.25, demands about 58; four
  capacities each, all sites alike; split demand.
- ``pmedcap`` (Osman & Christofides 1994): 50 points with p = 5 and 100 with p = 10 in a square of
  100, whole distances, demands 1 to 20, capacity 120, of which 82 to 96 % are needed, each point
  served whole.
- ``city``: 2,000 points and 300 sites as in ``p7_siting``, capacities that differ threefold.

Each answer is verified first: counted again by code that shares nothing with the search (done in
``solve_siting``, which refuses else), its bound not above it, and beside HiGHS: no bound of one is
above an answer of the other. Name groups, and seconds: ``p7_capacities.py capa pmedcap 300``;
``--plain`` runs HiGHS on the plain programme for as long.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np

from geoplan.plan.siting import SitingAnswer, SitingProblem, solve_siting
from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.highs import minimise
from geoplan.plan.siting.mixed_integer import build_programme
from geoplan.plan.siting.problem import Costs, Floats

CAPACITIES = {
    "capa": (8_000, 10_000, 12_000, 14_000),
    "capb": (5_000, 6_000, 7_000, 8_000),
    "capc": (5_000, 5_750, 6_500, 7_250),
}
SEEDS = {"capa": 1, "capb": 2, "capc": 3}
FILLED = (0.82, 0.96)
SIDE_M, CENTRES, SPREAD_M = 30_000, 60, 1_500
AGREED = 1e-6
CITY = ("city cflp", "city p-median", "city p-median whole", "city mclp")


def _costs(matrix: Floats) -> Costs:
    demand, candidate = np.divmod(np.arange(matrix.size), matrix.shape[1])
    return Costs(demand, candidate, matrix.ravel(), matrix.shape)


def _distances(points: Floats, sites: Floats) -> Floats:
    return np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))


def beasley(name: str, capacity: int) -> SitingProblem:
    """One of the large capacitated warehouse problems."""
    rng = np.random.default_rng(SEEDS[name])
    points, sites = rng.integers(0, 1001, (1000, 2)), rng.integers(0, 1001, (100, 2))
    unit = (_distances(points, sites) * rng.uniform(1, 1.25, (1000, 100))).round(4)
    demand = rng.integers(5, 113, 1000).astype(float)
    opening = rng.uniform(400_000, 900_000, 100).round(3)
    limit = np.full(100, float(capacity))
    return SitingProblem("cflp", _costs(unit), demand, demand, site_cost=opening, capacity=limit)


def pmedcap(points: int, p: int, seed: int) -> SitingProblem:
    """One of the capacitated p-medians of points."""
    rng = np.random.default_rng(100 * points + seed)
    places = rng.integers(1, 101, (points, 2))
    load = rng.integers(1, 21, points).astype(float)
    while not FILLED[0] <= load.sum() / (p * 120) <= FILLED[1]:
        load = rng.integers(1, 21, points).astype(float)
    return SitingProblem(
        "capacitated_p_median",
        _costs(np.floor(_distances(places, places))),
        np.ones(points),
        load,
        p=p,
        capacity=np.full(points, 120.0),
        single_source=True,
    )


def city(kind: str) -> SitingProblem:
    """2,000 points and 300 sites."""
    rng = np.random.default_rng(3)
    centres, even = rng.uniform(0, SIDE_M, (CENTRES, 2)), rng.uniform(0, SIDE_M, (1000, 2))
    dense = centres[rng.integers(0, CENTRES, 1000)] + rng.normal(0, SPREAD_M, (1000, 2))
    points = np.vstack([even, dense])
    sites = points[rng.choice(2000, 300, replace=False)]
    people = rng.integers(1, 400, 2000).astype(float)
    capacity = np.rint(rng.uniform(0.5, 1.5, 300) * people.sum() * 1.3 / 40)
    problem = SitingProblem(
        "capacitated_p_median",
        _costs(np.rint(_distances(points, sites))),
        people,
        people,
        p=40,
        capacity=capacity,
        single_source=kind.endswith("whole"),
    )
    if kind == "city cflp":
        opening = np.rint(rng.uniform(0.5, 1.5, 300) * 2e7)
        return replace(problem, model="cflp", p=None, site_cost=opening)
    return replace(problem, model="mclp", radius=2500.0) if kind == "city mclp" else problem


def cases(groups: list[str]) -> Iterator[tuple[str, SitingProblem]]:
    """Every problem of the groups asked for; all without any."""
    for name, capacities in CAPACITIES.items():
        for capacity in capacities if not groups or name in groups else ():
            yield f"{name} {capacity:,}", beasley(name, capacity)
    if not groups or "pmedcap" in groups:
        for points, p in ((50, 5), (100, 10)):
            for seed in range(1, 6):
                yield f"pmedcap {points} p={p} #{seed}", pmedcap(points, p, seed)
    for kind in CITY if not groups or "city" in groups else ():
        yield kind, city(kind)


def by_highs(problem: SitingProblem, seconds: float) -> tuple[float | None, float]:
    """Objective and bound of HiGHS on the plain programme, in the sense that less is better."""
    slim = replace(problem, costs=problem.usable)
    finish = minimise(build_programme(slim), clock=Clock.of(seconds))
    programme = build_programme(slim)
    found = None if finish.values is None else float(programme.cost @ finish.values)
    return found, finish.bound


def verified(answer: SitingAnswer, theirs: tuple[float | None, float] | None, sign: int) -> str:
    """Nothing where all numbers agree with one another."""
    if answer.objective is None or answer.bound is None:
        return answer.status.upper()
    ours, bound = sign * answer.objective, sign * answer.bound
    room = AGREED * abs(ours)
    faults = [] if bound <= ours + room else ["BOUND ABOVE ANSWER"]
    if theirs is not None:
        faults += ["HIGHS' BOUND ABOVE OURS"] if theirs[1] > ours + room else []
        faults += (
            ["BOUND ABOVE HIGHS"] if theirs[0] is not None and bound > theirs[0] + room else []
        )
    return ", ".join(faults)


def main() -> None:
    """Every case of the groups named."""
    words = [word for word in sys.argv[1:] if word != "--plain"]
    seconds = float(next((word for word in words if word.isdigit()), 60))
    for name, drawn in cases([word for word in words if not word.isdigit()]):
        problem = replace(drawn, time_limit_s=seconds)
        begun = perf_counter()
        answer = solve_siting(problem)
        taken = perf_counter() - begun
        sign = -1 if problem.model == "mclp" else 1
        theirs = by_highs(problem, seconds) if "--plain" in sys.argv else None
        line = f"{name:<22}{answer.objective or 0:>18,.2f}{answer.bound or 0:>18,.2f}"
        gap = float("inf") if answer.gap is None else answer.gap
        line += f"{gap:>10.4%}{taken:>8.1f} s  {answer.status:<9}"
        if theirs is not None:
            other = "nothing" if theirs[0] is None else f"{sign * theirs[0]:,.2f}"
            line += f" HiGHS {other}, bound {sign * theirs[1]:,.2f}"
        print(line, verified(answer, theirs, sign), flush=True)


if __name__ == "__main__":
    main()
