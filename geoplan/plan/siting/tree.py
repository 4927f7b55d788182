"""The certificate of a problem with limits: a search tree whose every end is proven.

Belongs here: when nothing better is left, and when there is no answer, with loads, capacities,
least loads and budgets. Does not belong here: good answers fast; floats that decide.

A branch ends because (1) prices prove that it cannot be better: ``prices``; (2) prices, a Hall set
or whole numbers prove that it has no answer: ``prices``, ``flow``, ``ledger``; (3) everything in it
is chosen, and counted exactly. The solver's floats only say where to look. Source: Land & Doig
1960; fixing by reduced costs: Crowder, Johnson & Padberg 1983.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from geoplan.plan.siting.flow import feasible_allocation, hall_set
from geoplan.plan.siting.grain import least_difference
from geoplan.plan.siting.highs import Loosened, Programme, Relaxation
from geoplan.plan.siting.ledger import keeps_count_and_budget, objective_of
from geoplan.plan.siting.narrow import Limits, served_whole
from geoplan.plan.siting.prices import bound_by_prices
from geoplan.plan.siting.problem import Floats, HallSet, Ints, SitingProblem
from geoplan.plan.siting.rescore import exact
from geoplan.plan.siting.search import Clock, Found
from geoplan.plan.siting.whole import bar, build_programme

_NEAR, _WHOLE, _LOST, _HALF = 2e-10, 1e-6, 1e-12, 0.5
Fix = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Branch:
    """Variables that are chosen (index, 0 or 1), and what it cannot be below."""

    fixed: tuple[Fix, ...]
    bound: float


def certify(
    problem: SitingProblem,
    clock: Clock,
    *,
    programme: Programme | None = None,
    start: Found | None = None,
    barred: Sequence[tuple[int, ...]] = (),
) -> Found:
    """The best sites, proven; or, when time is up, the best so far and a bound that holds.

    Parameters
    ----------
    programme : of the problem, where it is built already.
    start : what a search found; it is counted again here.
    """
    programme = programme or build_programme(problem, barred=barred)
    tree = _Tree(problem, programme, Limits.of(problem), tuple(barred), _grain(problem))
    if start is not None and start.sites is not None:
        tree.offer(start.sites, start.values)
    elif problem.model == "cflp":
        tree.offer(np.arange(tree.candidates), None)
    return tree.search(clock)


@dataclass(slots=True, eq=False)
class _Tree:
    problem: SitingProblem
    programme: Programme
    limits: Limits
    barred: tuple[tuple[int, ...], ...]
    grain: float
    relaxation: Relaxation | None = None
    known: Fraction | None = None
    sites: Ints | None = None
    values: Floats | None = None
    floor: float = math.inf
    tried: dict[tuple[int, ...], float] = field(default_factory=dict)  # never below

    @property
    def candidates(self) -> int:
        return self.problem.costs.shape[1]

    def search(self, clock: Clock) -> Found:
        """Depth first, the side that the relaxed problem leans to before the other."""
        open_ = [_Branch((), _never_below(self.problem))]
        while open_:
            branch = open_.pop()
            if self.beaten(branch.bound):
                self.floor = min(self.floor, branch.bound)
            elif clock.up:
                open_.append(branch)
                break
            else:
                open_.extend(self._until_interrupted(branch, clock))
        bound = min([self.floor, *(branch.bound for branch in open_)])
        if self.known is None:
            return Found(None, bound)
        known = float(self.known)
        return Found(self.sites, known if self.proven(bound) else bound, self.values)

    def _until_interrupted(self, branch: _Branch, clock: Clock) -> list[_Branch]:
        """Split a branch; Ctrl-C leaves it open and ends the search."""
        try:
            return self.split(branch, clock)
        except KeyboardInterrupt:
            clock.stop()
            return [branch]

    def _slack(self, known: float) -> float:
        """Nothing better is nearer to what is known than this, or it counts as equal."""
        return max(self.grain - _LOST * abs(known), _NEAR * abs(known))

    def proven(self, bound: float) -> bool:
        """Whether this bound makes what is known the best."""
        known = float(self.known or 0)
        return bound >= known or bound > known - self._slack(known)

    def beaten(self, bound: float) -> bool:
        """Whether nothing that costs at least this can be better than what is known."""
        if self.known is None:
            return False
        known = float(self.known)
        return self.proven(bound) or known - bound <= self.problem.target_gap * abs(known)

    def split(self, branch: _Branch, clock: Clock) -> list[_Branch]:
        """What is left of a branch: nothing, or two narrower ones."""
        least, most = self.programme.least.copy(), self.programme.most.copy()
        for index, value in branch.fixed:
            least[index] = most[index] = value
        if not self.limits.narrow(least, most):
            return []
        if not (self.programme.whole & (least < most)).any():
            self.count(least)
            return []
        self.relaxation = self.relaxation or Relaxation(self.programme)
        loose = self.relaxation.solve(least, most, clock=clock)
        if loose.stopped:
            self.floor = min(self.floor, branch.bound)
            return []
        if loose.values is None and self.no_answer(loose, least, most):
            return []
        return self.narrower(branch, loose, least, most)

    def count(self, chosen: Floats) -> None:
        """The end of a branch in which everything is chosen."""
        sites = np.flatnonzero(chosen[: self.candidates] > 0)
        self.offer(sites, chosen[self.candidates :])
        self.floor = min(self.floor, self.tried.get(tuple(sites.tolist()), math.inf))

    def narrower(
        self, branch: _Branch, loose: Loosened, least: Floats, most: Floats
    ) -> list[_Branch]:
        """The two sides of a choice; nothing where the prices say that neither is better."""
        bound, fixed = branch.bound, branch.fixed
        free = self.programme.whole & (least < most)
        if loose.values is not None:
            self.offer_whole_values(loose.values)
            bound, more = self.price(loose, least, most, branch)
            if self.beaten(bound):
                self.floor = min(self.floor, bound)
                return []
            fixed += more
            free[[index for index, _ in more]] = False
        if not free.any():
            return [_Branch(fixed, bound)]
        index, first = self.choose(np.flatnonzero(free), loose.values)
        return [_Branch((*fixed, (index, side)), bound) for side in (1 - first, first)]

    def price(
        self, loose: Loosened, least: Floats, most: Floats, branch: _Branch
    ) -> tuple[float, tuple[Fix, ...]]:
        """The bound of a branch, and the variables that prices choose."""
        if loose.prices is None:
            return branch.bound, ()
        priced = bound_by_prices(self.programme, loose.prices, least, most)
        bound = max(branch.bound, priced.bound)
        if self.known is None:
            return bound, ()
        fixed = []
        away = priced.bound + np.abs(priced.reduced) * (1 - 1e-9)
        known = float(self.known)
        sure = self.programme.whole & (least < most) & (away > known - self._slack(known))
        for index in np.flatnonzero(sure).tolist():
            fixed.append((index, int(priced.reduced[index] < 0)))
            self.floor = min(self.floor, float(away[index]))
        return bound, tuple(fixed)

    def no_answer(self, loose: Loosened, least: Floats, most: Floats) -> bool:
        """Whether it is proven that nothing is within these limits."""
        if loose.prices is not None:
            for sign in (1.0, -1.0):
                ray = sign * loose.prices
                if bound_by_prices(self.programme, ray, least, most, free=True).bound > 0:
                    return True
        if self.problem.model == "mclp":
            return False
        sites = np.flatnonzero(most[: self.candidates] > 0).tolist()
        return hall_set(self.problem, sites) is not None

    def offer_whole_values(self, values: Floats) -> None:
        """Count the relaxed problem's answer where all that must be whole nearly is."""
        whole = values[self.programme.whole]
        if np.abs(whole - np.rint(whole)).max(initial=0.0) <= _WHOLE:
            self.offer(np.flatnonzero(values[: self.candidates] > _HALF), values[self.candidates :])

    def choose(self, open_: Ints, values: Floats | None) -> Fix:
        """The site, else the pair, that the relaxed problem splits most; and its nearer side."""
        if values is None:
            return int(open_[0]), 1
        split = np.abs(values[open_] - np.rint(values[open_]))
        split[open_ < self.candidates] += 1.0 * (split[open_ < self.candidates] > _WHOLE)
        index = int(open_[np.argmax(split)])
        return index, int(values[index] > _HALF)

    def offer(self, sites: Ints, values: Floats | None) -> None:
        """Count sites exactly, and keep them when they cost less."""
        opened = tuple(int(site) for site in sites)
        if not keeps_count_and_budget(self.problem, opened) or self._barred(opened):
            return
        if served_whole(self.problem):
            self._offer_whole(opened, values)
        elif opened not in self.tried:
            split = feasible_allocation(self.problem, opened, start=values)
            self.tried[opened] = math.inf
            if not isinstance(split, HallSet):
                opening = float(objective_of(self.problem, opened, Fraction(0)))
                self.tried[opened] = opening + split.least
                self._keep(opened, split.paid, self._as_values(split.shares))

    def _offer_whole(self, opened: tuple[int, ...], values: Floats | None) -> None:
        if values is None:
            return
        costs, kept = self.problem.usable, np.flatnonzero(values > _HALF)
        served: list[int | None] = [None] * costs.shape[0]
        for k in kept.tolist():
            served[int(costs.demand[k])] = int(costs.candidate[k])
        full = self.problem.model == "mclp" or None not in served
        by_open = {site for site in served if site is not None} <= set(opened)
        if full and by_open and self.limits.amounts.whole_loads_fit(opened, served):
            paid = sum((self._exact_price(k) for k in kept.tolist()), Fraction(0))
            self._keep(opened, paid, (values > _HALF).astype(float))

    def _exact_price(self, pair: int) -> Fraction:
        costs = self.problem.usable
        if self.problem.model == "lscp":
            return Fraction(0)
        weight = exact(float(self.problem.weights[costs.demand[pair]]))
        return -weight if self.problem.model == "mclp" else weight * exact(float(costs.cost[pair]))

    def _keep(self, opened: tuple[int, ...], paid: Fraction, values: Floats) -> None:
        worth = objective_of(self.problem, opened, paid)
        if self.known is None or worth < self.known:
            self.known, self.sites, self.values = worth, np.array(opened, dtype=int), values

    def _as_values(self, shares: Sequence[Any]) -> Floats:
        costs = self.problem.usable
        pairs = zip(costs.demand.tolist(), costs.candidate.tolist(), strict=True)
        return np.array([float(shares[point].get(site, 0)) for point, site in pairs])

    def _barred(self, opened: tuple[int, ...]) -> bool:
        chosen = np.zeros(self.candidates)
        chosen[list(opened)] = 1
        rows = [bar(self.problem, sites) for sites in self.barred]
        return any(
            float((row.matrix[:, : self.candidates] @ chosen)[0]) > float(row.upper[0]) + _WHOLE
            for row in rows
        )


def _never_below(problem: SitingProblem) -> float:
    """What holds before anything is known: nothing is paid, or everybody is covered."""
    if problem.model != "mclp":
        return 0.0
    total = sum((exact(weight) for weight in problem.weights.tolist()), Fraction(0))
    return math.nextafter(-float(total), -math.inf)


def _grain(problem: SitingProblem) -> float:
    """Two different objectives differ by at least this, where all is served whole; else 0."""
    if problem.model == "lscp":
        return least_difference([problem.opening])
    if not served_whole(problem) and (problem.limits_load or problem.model != "mclp"):
        return 0.0
    weight = least_difference([problem.weights])
    if problem.model == "mclp":
        return weight
    paid = weight * least_difference([problem.usable.cost])
    opening = least_difference([problem.opening]) if problem.model == "cflp" else paid
    return min(paid, opening)


def never_fits(problem: SitingProblem) -> HallSet | None:
    """The points that even all candidates cannot serve, where capacities are why."""
    if problem.capacity is None or problem.model in {"mclp", "p_median", "p_center"}:
        return None
    short = hall_set(problem, range(problem.costs.shape[1]))
    return short if short is not None and short.sites else None
