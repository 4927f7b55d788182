"""LSCP-B: everyone is covered, and as many as can be are covered twice, in case a site fails.

Belongs here: the model, its search and its proof. Does not belong here: plain covering.

With no ``p`` first the fewest sites that cover all, then of all sets of so many the one with the most
people covered at least twice: maximise Σ w_i u_i with Σ_j a_ij y_j - u_i >= 1, Σ_j y_j = p, u_i and y_j 0 or
1. Hogan & ReVelle (1986), "Concepts and applications of backup coverage", Management Science 32,
1434-1444 (their BACOP1); the fewest sites first: Daskin & Stern (1981), "A hierarchical objective set
covering model for emergency medical service vehicle deployment", Transportation Science 15, 137-152.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from time import perf_counter

import numpy as np
from scipy import sparse

from geoplan.plan.siting.assignment import nearest
from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.grain import least_difference
from geoplan.plan.siting.bounds.highs import Programme, minimise
from geoplan.plan.siting.problem import Floats, SitingAnswer, SitingProblem

_SHARE = 0.5  # of the time, for finding how few sites do
_SOLVER_LOSES = 1e-6  # of all weights: a thousand times the solver's tolerance


def solve_backup(
    problem: SitingProblem, clock: Clock, fewest: Callable[[SitingProblem], SitingAnswer]
) -> SitingAnswer:
    """The sites that cover all, and of those the most people twice.

    ``objective`` are the people covered at least twice, ``bound`` the most that can be. It is proven
    when the solver's bound, raised by more than it can be wrong, is less than one step of the weights
    away. ``fewest`` answers the plain covering problem; where it proves nothing, no answer of this
    model is called optimal.

    Examples
    --------
    Two sites cover all three points in two ways; only with 0 and 2 is the second covered twice.

    >>> from geoplan.plan.siting import build_problem, solve_siting
    >>> cost = [[1, 9, 9], [1, 9, 1], [9, 1, 1]]
    >>> problem = build_problem({"model": "lscp_b", "cost": cost, "radius": 1})
    >>> answer = solve_siting(problem)
    >>> answer.open, answer.objective, answer.status
    ((0, 2), 1.0, 'optimal')
    """
    begun = perf_counter()
    plain = replace(problem, model="lscp", p=None, k_best=1, site_cost=None)
    covering = fewest(replace(plain, time_limit_s=clock.left_s * _SHARE))
    if covering.objective is None:
        return replace(covering, ignored=problem.ignored, seconds=perf_counter() - begun)
    count = len(covering.open) if problem.p is None else problem.p
    if count < len(covering.open):
        few = covering.status == "optimal"
        return SitingAnswer(
            "infeasible" if few else "unknown", None, None, None, perf_counter() - begun,
            ignored=problem.ignored,
            would_do={"p": float(len(covering.open))} if few else {},
        )  # fmt: skip
    start = _filled_up(problem, covering.open, count)
    finish = minimise(_programme(problem, count), clock=clock, start=_values(problem, start))
    candidates, sites = problem.costs.shape[1], start
    if finish.values is not None:
        told = np.flatnonzero(finish.values[:candidates] > 0.5)  # noqa: PLR2004 - rounds 0 and 1
        if _covers_all(problem, tuple(told.tolist())) and len(told) == count:
            sites = max(sites, tuple(told.tolist()), key=lambda each: _twice(problem, each))
    objective = float(_twice(problem, sites))
    bound = max(objective, _bound(problem, -finish.bound, objective))
    proven = bound == objective and (problem.p is not None or covering.status == "optimal")
    gap = (bound - objective) / objective if objective else float(bound > 0)
    return SitingAnswer(
        status="optimal" if proven else "feasible",
        objective=objective,
        bound=bound,
        gap=gap,
        seconds=perf_counter() - begun,
        open=sites,
        assignment=nearest(problem, np.array(sites, dtype=np.int64)),
        rescored_objective=objective,
        ignored=problem.ignored,
    )


def _bound(problem: SitingProblem, told: float, objective: float) -> float:
    """The most people that can be covered twice; less than a step more than found is found."""
    everyone = float(problem.weights.sum())
    safe = min(everyone, told + _SOLVER_LOSES * everyone) if np.isfinite(told) else everyone
    step = least_difference([problem.weights])
    return objective if step and safe < objective + step else safe


def _programme(problem: SitingProblem, count: int) -> Programme:
    """Sites first, then a 0 or 1 for each point that is covered twice."""
    costs = problem.usable
    points, candidates = costs.shape
    cover = sparse.csr_array(
        (np.ones(len(costs.demand)), (costs.demand, costs.candidate)), costs.shape
    )
    rows = sparse.csr_array(
        sparse.vstack(
            [
                sparse.hstack([cover, -sparse.eye_array(points)]),
                np.concatenate([np.ones(candidates), np.zeros(points)])[None, :],
            ]
        )
    )
    least = np.zeros(candidates + points)
    least[list(problem.fixed)] = 1.0
    size = float(problem.weights.max(initial=0.0)) or 1.0
    return Programme(
        cost=np.concatenate([np.zeros(candidates), -problem.weights / size]) * size,
        rows=rows,
        lower=np.append(np.ones(points), count),
        upper=np.append(np.full(points, np.inf), count),
        least=least,
        most=np.ones(candidates + points),
        whole=np.ones(candidates + points, dtype=bool),
    )


def _filled_up(problem: SitingProblem, sites: tuple[int, ...], count: int) -> tuple[int, ...]:
    """As many sites as asked: one after the other the one that covers the most people twice."""
    chosen = [*sites]
    while len(chosen) < count:
        others = [each for each in range(problem.costs.shape[1]) if each not in chosen]
        chosen.append(max(others, key=lambda each: _twice(problem, (*chosen, each))))
    return tuple(sorted(chosen))


def _values(problem: SitingProblem, sites: tuple[int, ...]) -> Floats:
    is_open = np.zeros(problem.costs.shape[1])
    is_open[list(sites)] = 1.0
    return np.concatenate([is_open, (_times(problem, sites) > 1).astype(float)])


def _times(problem: SitingProblem, sites: tuple[int, ...]) -> np.ndarray:
    """How many of the sites cover each point."""
    costs, is_open = problem.usable, np.zeros(problem.costs.shape[1], dtype=bool)
    is_open[list(sites)] = True
    return np.bincount(costs.demand[is_open[costs.candidate]], minlength=costs.shape[0])


def _covers_all(problem: SitingProblem, sites: tuple[int, ...]) -> bool:
    return bool((_times(problem, sites) > 0).all()) and set(problem.fixed) <= set(sites)


def _twice(problem: SitingProblem, sites: tuple[int, ...]) -> Fraction:
    """The people covered at least twice, exactly, by the pairs as they were told."""
    radius, opened = problem.radius, set(sites)
    times = Counter(
        int(point)
        for point, site, cost in zip(
            problem.costs.demand, problem.costs.candidate, problem.costs.cost, strict=True
        )
        if int(site) in opened and (radius is None or cost <= radius)
    )
    covered = (Fraction(float(problem.weights[at])) for at, many in times.items() if many > 1)
    return sum(covered, Fraction(0))
