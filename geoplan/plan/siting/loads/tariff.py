"""A problem with limits as doubles, site by site: what the search for good answers looks at.

Belongs here: pairs, loads and rooms in the sense that less is better. Does not belong here:
anything that decides; whether an answer keeps its limits is counted in ``ledger`` and ``flow``.

In mclp a point may stay away for what it weighs, and is served for nothing; all other models serve
everybody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.plan.siting.certificates.narrow import served_whole
from geoplan.plan.siting.ledger import Ledger, ledger
from geoplan.plan.siting.problem import Floats, Ints, SitingProblem


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """The usable pairs sorted by site, and what each site can do.

    Parameters
    ----------
    site, point, cost : of each pair that can be used; the cost of serving the whole point.
    pair : the place of each of them among the problem's usable pairs.
    begins : where the pairs of each site begin, and the end.
    load, room, least : in the ledger's units; a room is never more than all loads together.
    opening : what each site adds to the objective.
    away : what it costs not to serve each point; infinite where it must be served.
    fewest : no answer has fewer sites, by their rooms.
    base : what the objective is when all of that costs nothing.
    """

    problem: SitingProblem
    amounts: Ledger
    site: Ints
    point: Ints
    cost: Floats
    pair: Ints
    begins: Ints
    load: Floats
    room: Floats
    least: Floats
    opening: Floats
    away: Floats
    fewest: int
    base: float

    @classmethod
    def of(cls, problem: SitingProblem) -> Tariff:
        """The tariff of a problem with any limits."""
        amounts, costs, covers = ledger(problem), problem.usable, problem.model == "mclp"
        load = np.array(amounts.load, dtype=float)
        total, sites = float(load.sum()), costs.shape[1]
        limit = amounts.capacity
        room = np.array([total] * sites if limit is None else limit, dtype=float)
        pair = np.argsort(costs.candidate, kind="stable")
        if served_whole(problem):
            pair = pair[load[costs.demand[pair]] <= room[costs.candidate[pair]]]
        site, point = costs.candidate[pair], costs.demand[pair]
        paid = problem.model in {"cflp", "capacitated_p_median", "p_median"}
        cost = problem.weights[point] * costs.cost[pair] if paid else np.zeros(len(pair))
        room = np.minimum(room, total)
        counted = problem.model in {"cflp", "lscp"}
        return cls(
            problem, amounts, site, point, cost, pair,
            np.searchsorted(site, np.arange(sites + 1)),
            load, room, np.array(amounts.least, dtype=float),
            problem.opening if counted else np.zeros(sites),
            problem.weights if covers else np.full(len(load), math.inf),
            0 if covers else _fewest(room, total),
            -float(problem.weights.sum()) if covers else 0.0,
        )  # fmt: skip

    @property
    def sites(self) -> int:
        """How many candidates there are."""
        return len(self.room)

    @property
    def points(self) -> int:
        """How many demand points there are."""
        return len(self.load)

    @property
    def must_serve(self) -> bool:
        """Whether everybody is served."""
        return self.problem.model != "mclp"

    def without(self, shut: NDArray[np.bool_]) -> Tariff:
        """The same without the pairs of some sites."""
        kept = np.flatnonzero(~shut[self.site])
        site = self.site[kept]
        return replace(
            self,
            site=site, point=self.point[kept], cost=self.cost[kept], pair=self.pair[kept],
            begins=np.searchsorted(site, np.arange(self.sites + 1)),
        )  # fmt: skip

    def places(self, opened: Ints) -> Ints:
        """Point × open site: the place of each pair, -1 where there is none."""
        table = np.full((self.points, len(opened)), -1)
        for column, j in enumerate(opened.tolist()):
            here = np.arange(self.begins[j], self.begins[j + 1])
            table[self.point[here], column] = here
        return table

    def matrix(self, opened: Ints) -> Floats:
        """Point × open site: what serving the point whole costs, infinite where it cannot be."""
        return self.costs_at(self.places(opened))

    def costs_at(self, places: Ints) -> Floats:
        """The costs of pairs, infinite where there is none."""
        return np.append(self.cost, np.inf)[places]

    def values(self, at: Ints, shares: Floats) -> Floats:
        """Shares of some pairs as values of all usable pairs."""
        full = np.zeros(len(self.problem.usable.cost))
        full[self.pair[at]] = shares
        return full


def _fewest(room: Floats, total: float) -> int:
    """How many of the largest rooms hold all loads; what rounding may have added is left out."""
    held = np.cumsum(np.sort(room)[::-1]) * (1 + 1e-12)
    return min(int(np.searchsorted(held, total)) + 1, len(room))
