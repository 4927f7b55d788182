"""Shares of open sites with capacities: the cheapest split, exact in the data's own decimals.

Belongs here: who is served by whom once the sites are known and points may be split. Does not
belong here: choosing the sites; the flow itself: ``flow``.
"""

from __future__ import annotations

from geoplan.plan.siting.certificates.flow import feasible_allocation
from geoplan.plan.siting.problem import Floats, HallSet, Ints, Share, SitingProblem


def ship(problem: SitingProblem, opened: Ints, shares: Floats) -> tuple[Share, ...]:
    """The cheapest shares when these sites are open, begun from those that a search found.

    Raises
    ------
    RuntimeError
        the sites cannot serve everyone: a fault of ours, as only verified sites come here.
    """
    split = feasible_allocation(problem, opened.tolist(), start=shares)
    if isinstance(split, HallSet):
        fault = f"{problem.model}: points {split.points} do not fit their sites"
        raise RuntimeError(fault)  # noqa: TRY004 - no question of types
    return split.shares
