"""Who is served by which open site.

Belongs here: assignments to a given set of sites. Does not belong here: choosing the sites.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geoplan.plan.siting.problem import Assignment, Floats, Ints, SitingProblem
from geoplan.plan.siting.ship import ship


def nearest(problem: SitingProblem, opened: Ints) -> tuple[int | None, ...]:
    """The cheapest open candidate of each demand point; the first of equals, ``None`` if none."""
    costs = problem.usable
    is_open = np.zeros(costs.shape[1], dtype=bool)
    is_open[np.asarray(opened, dtype=np.int64)] = True
    at = np.flatnonzero(is_open[costs.candidate])
    demand, candidate, cost = costs.demand[at], costs.candidate[at], costs.cost[at]
    lowest = np.full(costs.shape[0], np.inf)
    np.minimum.at(lowest, demand, cost)
    cheapest = np.flatnonzero(cost == lowest[demand])
    points, first = np.unique(demand[cheapest], return_index=True)  # sorted by candidate too
    chosen: list[int | None] = [None] * costs.shape[0]
    for point, site in zip(points.tolist(), candidate[cheapest][first].tolist(), strict=True):
        chosen[point] = site
    return tuple(chosen)


def from_values(problem: SitingProblem, opened: Ints, values: Floats) -> Assignment:
    """The assignment in the pairs' variables of a programme."""
    costs = problem.usable
    if problem.single_source:
        chosen: list[int | None] = [None] * costs.shape[0]
        for k in np.flatnonzero(values > 0.5).tolist():  # noqa: PLR2004 - rounds 0 and 1
            chosen[int(costs.demand[k])] = int(costs.candidate[k])
        return tuple(chosen)
    return ship(problem, opened, values)


def worth(problem: SitingProblem, opened: Ints, assignment: Assignment) -> float:
    """The objective of an answer, in arrays."""
    if problem.model == "lscp":
        return float(problem.opening[opened].sum())
    demand, candidate, share = _as_arrays(assignment)
    weights = problem.weights[demand] * share
    if problem.model == "mclp":
        return float(weights.sum())
    costs = problem.costs
    width = costs.shape[1]
    at = np.searchsorted(costs.demand * width + costs.candidate, demand * width + candidate)
    paid = costs.cost[at]
    if problem.model == "p_center":
        return float(paid.max(initial=0.0))
    opening = problem.opening[opened].sum() if problem.model == "cflp" else 0.0
    return float(opening + (weights * paid).sum())


def _as_arrays(assignment: Assignment) -> tuple[Ints, Ints, Floats]:
    """Demand point, candidate and share of everything that is served."""
    served = [
        (point, site, float(share))
        for point, given in enumerate(assignment)
        if given is not None
        for site, share in (given.items() if isinstance(given, Mapping) else [(given, 1.0)])
    ]
    demand, candidate, share = zip(*served, strict=True) if served else ((), (), ())
    return np.array(demand, dtype=int), np.array(candidate, dtype=int), np.array(share, dtype=float)
