"""p-center: the smallest largest cost, found by asking which radius p sites can cover.

Belongs here: the search over the costs. Does not belong here: covering itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geoplan.plan.siting.highs import minimise
from geoplan.plan.siting.problem import Ints, SitingProblem
from geoplan.plan.siting.search import Clock, Found
from geoplan.plan.siting.whole import build_programme


def solve_center(
    problem: SitingProblem, clock: Clock, *, barred: Sequence[tuple[int, ...]] = ()
) -> Found:
    """The open sites with the smallest largest cost.

    The answer is one of the costs in the matrix. For a radius r, p sites do when the smallest
    cover (lscp) within r has at most p; that never turns back from yes to no as r grows, so the
    costs are searched by halves (Minieka 1970; Daskin 1995, section 5.3).
    """
    radii = np.unique(problem.costs.cost)
    low, high = 0, len(radii) - 1
    best: Ints | None = None
    while low <= high:
        middle = (low + high) // 2
        sites, proven = _cover(problem, float(radii[middle]), clock, barred)
        if sites is not None:
            best, high = sites, middle - 1
        elif proven:
            low = middle + 1
        else:
            break
    bound = float(radii[low]) if low < len(radii) else math.inf
    return Found(best, bound)


def _cover(
    problem: SitingProblem, radius: float, clock: Clock, barred: Sequence[tuple[int, ...]]
) -> tuple[Ints | None, bool]:
    """Exactly p sites that cover all within the radius; and whether the answer is proven."""
    question = replace(problem, model="lscp", radius=radius, site_cost=None)
    finish = minimise(build_programme(question, barred=barred), clock=clock)
    if finish.values is None:
        return None, finish.bound == math.inf
    return np.flatnonzero(finish.values[: problem.costs.shape[1]] > 0.5), True  # noqa: PLR2004
