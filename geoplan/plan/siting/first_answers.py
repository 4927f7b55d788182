"""A first answer and a first bound, before anything is built.

Each time the point that pays most gets its cheapest candidate (Gonzalez 1985, with people counted
where the model counts them); no answer is below what each point pays at its cheapest candidate.

Belongs here: what is known after a few looks at the pairs. Does not belong here: anything sorted,
reduced or searched.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.certificates.rescore import exact
from geoplan.plan.siting.problem import Floats, Ints, SitingProblem

_BUILD_S = 1.5e-7  # what sorting and reducing takes for each pair on a slow machine
_PROGRAMME_S = 2.5e-6  # the same where each pair is a variable with a row of its own
_END_S, _END_POINT_S = 3e-8, 2e-5  # serving and counting again, for each pair and each point


def takes_too_long(problem: SitingProblem, clock: Clock) -> bool:
    """Whether the time is up before the pairs would be sorted and reduced."""
    plain = problem.model in {"cflp", "capacitated_p_median"} or problem.budget is not None
    for_each = _PROGRAMME_S if plain or problem.limits_load else _BUILD_S
    return len(problem.costs.cost) * for_each > clock.left_s


def end_s(problem: SitingProblem) -> float:
    """The seconds to keep for serving everyone and counting again."""
    return len(problem.costs.cost) * _END_S + problem.costs.shape[0] * _END_POINT_S


def cheapest(problem: SitingProblem) -> Floats:
    """What each point pays at its cheapest candidate, infinite where there is none."""
    costs = problem.usable
    least = np.full(costs.shape[0], np.inf)
    begins = np.searchsorted(costs.demand, np.arange(costs.shape[0]))
    there = np.diff(np.append(begins, len(costs.cost))) > 0
    if there.any():
        least[there] = np.minimum.reduceat(costs.cost, begins[there])
    return least


def first_bound(problem: SitingProblem) -> float:
    """What no answer can be below: everyone at the cheapest candidate."""
    paid = cheapest(problem)
    if problem.model == "p_center":
        return float(paid.max(initial=0.0))
    weights = problem.weights
    if problem.model == "mclp":
        return -float(weights[np.isfinite(paid)].sum())
    if problem.model == "lscp":
        return _least_cover(problem)
    opening = problem.opening[list(problem.fixed)].sum() if problem.model == "cflp" else 0.0
    counted = weights > 0
    return float((weights[counted] * paid[counted]).sum() + opening) * (1 - 1e-12)


def _least_cover(problem: SitingProblem) -> float:
    """The fixed sites, and the cheapest one for whichever point outside them is the dearest."""
    costs, fixed = problem.usable, list(problem.fixed)
    opening = np.zeros(costs.shape[1])
    opening[:] = problem.opening
    paid = float(opening[fixed].sum())
    opening[fixed] = 0.0
    least = np.full(costs.shape[0], np.inf)
    np.minimum.at(least, costs.demand, opening[costs.candidate])
    return paid + float(least[np.isfinite(least)].max(initial=0.0))


def first_sites(problem: SitingProblem, clock: Clock) -> Ints | None:
    """Sites that everyone reaches, not yet good ones; ``None`` where none were found so soon."""
    if problem.limits_load:
        return None
    if problem.budget is not None:
        return _affordable(problem, clock)
    start = _Start(problem)
    for site in problem.fixed:
        start.add(site)
    while start.wants_more() and not (clock.up and start.serves_all()):
        needed = start.next()
        if needed is None:
            break
        start.add(needed)
    return start.sites()


def _affordable(problem: SitingProblem, clock: Clock) -> Ints | None:
    """Each time the site that adds most people for its cost, as long as the budget lasts."""
    costs, chosen = problem.usable, list(problem.fixed)
    if problem.p is not None:
        return None
    left, open_points = exact(problem.budget or 0.0), np.ones(costs.shape[0], dtype=bool)
    prices = [exact(price) for price in problem.opening.tolist()]
    open_points[costs.demand[np.isin(costs.candidate, chosen)]] = False
    while not clock.up:
        adds = (problem.weights * open_points)[costs.demand]
        gains = np.bincount(costs.candidate, adds, minlength=costs.shape[1])
        gains[chosen] = 0
        gains[[price > left for price in prices]] = 0
        site = int(np.argmax(gains / np.maximum(problem.opening, 1e-9)))
        if gains[site] <= 0:
            break
        chosen.append(site)
        left -= prices[site]
        open_points[costs.demand[costs.candidate == site]] = False
    return np.array(sorted(chosen), dtype=np.int64)


@dataclass(eq=False)
class _Start:
    """The sites so far and what each point pays at them."""

    problem: SitingProblem
    chosen: list[int] = field(default_factory=list)
    asked: set[int] = field(default_factory=set)
    paying: Floats = field(init=False)

    def __post_init__(self) -> None:
        costs = self.costs = self.problem.usable
        self.paying = np.full(costs.shape[0], np.inf)
        self.begins = np.searchsorted(costs.demand, np.arange(costs.shape[0] + 1))
        self.square = len(costs.cost) == costs.shape[0] * costs.shape[1]
        self.by_site = None
        if not self.square:
            at = np.arange(len(costs.cost), dtype=np.int64)
            rows = sparse.csr_array((at, costs.candidate, self.begins), shape=costs.shape)
            self.by_site = sparse.csc_array(rows)
        counts = self.problem.model != "p_center"
        self.people = self.problem.weights if counts else np.ones(costs.shape[0])

    def add(self, site: int) -> None:
        """Open a site."""
        points, paid = self._column(site)
        self.paying[points] = np.minimum(self.paying[points], paid)
        self.chosen.append(site)

    def _column(self, site: int) -> tuple[Ints | slice, Floats]:
        costs = self.costs
        if self.by_site is None:
            return slice(None), costs.cost.reshape(costs.shape)[:, site]
        begin, end = self.by_site.indptr[site], self.by_site.indptr[site + 1]
        return self.by_site.indices[begin:end], costs.cost[self.by_site.data[begin:end]]

    def wants_more(self) -> bool:
        """Whether the model opens more sites than these."""
        if self.problem.p is not None:
            return len(self.chosen) < self.problem.p
        return not np.isfinite(self.paying).all()

    def serves_all(self) -> bool:
        """Whether the sites so far are an answer, once they are filled up."""
        return self.problem.model == "mclp" or bool(np.isfinite(self.paying).all())

    def next(self) -> int | None:
        """The cheapest candidate, not yet open, of the point that pays most."""
        unreached = ~np.isfinite(self.paying)
        if unreached.any() and self.problem.model != "mclp":
            point = int(np.argmax(np.where(unreached, self.people + 1, 0)))
        else:
            covered = self.problem.model in {"lscp", "mclp"}
            pays = unreached.astype(float) if covered else np.where(unreached, 0, self.paying)
            point = int(np.argmax(pays * self.people))
        begin, end = self.begins[point], self.begins[point + 1]
        paid = self.costs.cost[begin:end]
        best = int(self.costs.candidate[begin + int(np.argmin(paid))]) if end > begin else -1
        if best >= 0 and best not in self.chosen:
            return best
        closed = np.setdiff1d(np.arange(self.costs.shape[1]), self.chosen)
        return int(closed[0]) if len(closed) and self.problem.p is not None else None

    def sites(self) -> Ints | None:
        """The sites, filled up to p; ``None`` when someone reaches none of them."""
        if not self.serves_all():
            return None
        missing = (self.problem.p or 0) - len(self.chosen)
        if missing > 0:
            closed = np.setdiff1d(np.arange(self.costs.shape[1]), self.chosen)
            self.chosen += closed[:missing].tolist()
        return np.array(sorted(self.chosen), dtype=np.int64)


def worth_of(problem: SitingProblem, sites: Ints) -> float:
    """What these sites cost by the model's objective, nothing limiting loads (mclp: minus)."""
    if problem.model == "lscp":
        return float(problem.opening[sites].sum())
    costs = problem.usable
    opened = np.zeros(costs.shape[1], dtype=bool)
    opened[sites] = True
    at = np.flatnonzero(opened[costs.candidate])
    paid = np.full(costs.shape[0], np.inf)
    np.minimum.at(paid, costs.demand[at], costs.cost[at])
    if problem.model == "mclp":
        return -float(problem.weights[np.isfinite(paid)].sum())
    if not np.isfinite(paid).all():
        return math.inf
    if problem.model == "p_center":
        return float(paid.max(initial=0.0))
    opening = problem.opening[sites].sum() if problem.model == "cflp" else 0.0
    return float((problem.weights * paid).sum() + opening)
