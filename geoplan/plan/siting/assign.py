"""Who is served by which open site.

Belongs here: assignments to a given set of sites. Does not belong here: choosing the sites.
"""

from __future__ import annotations

import numpy as np

from geoplan.plan.siting.problem import Assignment, Floats, Ints, SitingProblem
from geoplan.plan.siting.ship import ship


def nearest(problem: SitingProblem, opened: Ints) -> tuple[int | None, ...]:
    """The cheapest open candidate of each demand point; the first of equals, ``None`` if none."""
    costs = problem.usable
    is_open = np.zeros(costs.shape[1], dtype=bool)
    is_open[opened] = True
    costs = costs.only(is_open[costs.candidate])
    order = np.lexsort((costs.candidate, costs.cost, costs.demand))
    points, first = np.unique(costs.demand[order], return_index=True)
    chosen: list[int | None] = [None] * costs.shape[0]
    for point, site in zip(points.tolist(), costs.candidate[order][first].tolist(), strict=True):
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
