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
from numpy.typing import NDArray

from geoplan.plan.siting.flow import feasible_allocation
from geoplan.plan.siting.grain import least_difference
from geoplan.plan.siting.highs import Loosened, Programme, Relaxation
from geoplan.plan.siting.ledger import Ledger, keeps_count_and_budget, ledger, objective_of
from geoplan.plan.siting.prices import bound_by_prices
from geoplan.plan.siting.problem import Floats, HallSet, Ints, SitingProblem
from geoplan.plan.siting.rescore import exact, limit_of
from geoplan.plan.siting.search import Clock, Found
from geoplan.plan.siting.whole import bar, build_programme

_NEAR, _WHOLE, _LOST = 2e-10, 1e-6, 1e-12
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
    tree = _Tree(problem, programme, _Limits.of(problem), tuple(barred), _grain(problem))
    if start is not None and start.sites is not None:
        tree.offer(start.sites, start.values)
    elif problem.model == "cflp":
        tree.offer(np.arange(tree.candidates), None)
    return tree.search(clock)


@dataclass(slots=True, eq=False)
class _Tree:
    problem: SitingProblem
    programme: Programme
    limits: _Limits
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
                open_.extend(self.split(branch, clock))
        bound = min([self.floor, *(branch.bound for branch in open_)])
        if self.known is None:
            return Found(None, bound)
        known = float(self.known)
        bound = known if self.beaten(bound) and not self._only_aimed(bound) else min(bound, known)
        return Found(self.sites, bound, self.values)

    def _only_aimed(self, bound: float) -> bool:
        """Whether a bound is enough only because the search was told to end near the best."""
        return not self._proven(bound)

    def _proven(self, bound: float) -> bool:
        known = float(self.known or 0)
        slack = max(self.grain - _LOST * abs(known), _NEAR * abs(known))
        return bound >= known or bound > known - slack

    def beaten(self, bound: float) -> bool:
        """Whether nothing that costs at least this can be better than what is known."""
        if self.known is None:
            return False
        known = float(self.known)
        return self._proven(bound) or known - bound <= self.problem.target_gap * abs(known)

    def split(self, branch: _Branch, clock: Clock) -> list[_Branch]:
        """What is left of a branch: nothing, or two narrower ones."""
        least, most = self.programme.least.copy(), self.programme.most.copy()
        for index, value in branch.fixed:
            least[index] = most[index] = value
        if not self.limits.narrow(least, most):
            return []
        open_ = np.flatnonzero(self.programme.whole & (least < most))
        if not len(open_):
            sites = np.flatnonzero(least[: self.candidates] > 0)
            self.offer(sites, least[self.candidates :])
            self.floor = min(self.floor, self.tried.get(tuple(sites.tolist()), math.inf))
            return []
        self.relaxation = self.relaxation or Relaxation(self.programme)
        loose = self.relaxation.solve(least, most, clock=clock)
        if loose.stopped:
            self.floor = min(self.floor, branch.bound)
            return []
        bound, fixed = branch.bound, branch.fixed
        if loose.values is None:
            if self.no_answer(loose, least, most):
                return []
        else:
            bound, more = self.price(loose, least, most, branch)
            whole = self._whole(loose.values)
            if whole is not None:
                self.offer(*whole)
            if self.beaten(bound):
                self.floor = min(self.floor, bound)
                return []
            fixed += more
            taken = {index for index, _ in more}
            open_ = np.array([index for index in open_.tolist() if index not in taken], dtype=int)
            if not len(open_):
                return [_Branch(fixed, bound)]
        index, first = self.choose(open_, loose.values)
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
        slack = max(self.grain - _LOST * abs(known), _NEAR * abs(known))
        sure = self.programme.whole & (least < most) & (away > known - slack)
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
        return isinstance(feasible_allocation(self.problem, sites), HallSet)

    def _whole(self, values: Floats) -> tuple[Ints, Floats] | None:
        """The sites where all that must be whole nearly is."""
        whole = values[self.programme.whole]
        if np.abs(whole - np.rint(whole)).max(initial=0.0) > _WHOLE:
            return None
        return np.flatnonzero(values[: self.candidates] > 0.5), values[self.candidates :]  # noqa: PLR2004 - rounds 0 and 1

    def choose(self, open_: Ints, values: Floats | None) -> Fix:
        """The site, else the pair, that the relaxed problem splits most; and its nearer side."""
        if values is None:
            return int(open_[0]), 1
        split = np.abs(values[open_] - np.rint(values[open_]))
        split[open_ < self.candidates] += 1.0 * (split[open_ < self.candidates] > _WHOLE)
        index = int(open_[np.argmax(split)])
        return index, int(values[index] > 0.5)  # noqa: PLR2004 - rounds 0 and 1

    def offer(self, sites: Ints, values: Floats | None) -> None:
        """Count sites exactly, and keep them when they cost less."""
        opened = tuple(int(site) for site in sites)
        if not keeps_count_and_budget(self.problem, opened) or self._barred(opened):
            return
        if _served_whole(self.problem):
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
        costs, chosen = self.problem.usable, [None] * self.problem.costs.shape[0]
        kept = np.flatnonzero(values > 0.5)  # noqa: PLR2004 - rounds 0 and 1
        served: list[int | None] = list(chosen)
        for k in kept.tolist():
            served[int(costs.demand[k])] = int(costs.candidate[k])
        full = self.problem.model == "mclp" or None not in served
        if not full or not {site for site in served if site is not None} <= set(opened):
            return
        if self.limits.amounts.whole_loads_fit(opened, served):
            paid = sum((self._exact_price(k) for k in kept.tolist()), Fraction(0))
            self._keep(opened, paid, (values > 0.5).astype(float))  # noqa: PLR2004 - as above

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


def _served_whole(problem: SitingProblem) -> bool:
    return problem.single_source and problem.limits_load


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
    if not _served_whole(problem) and (problem.limits_load or problem.model != "mclp"):
        return 0.0
    weight = least_difference([problem.weights])
    if problem.model == "mclp":
        return weight
    paid = weight * least_difference([problem.usable.cost])
    opening = least_difference([problem.opening]) if problem.model == "cflp" else paid
    return min(paid, opening)


@dataclass(slots=True, eq=False)
class _Limits:
    """What follows in whole numbers from the variables that are chosen."""

    problem: SitingProblem
    amounts: Ledger
    load: NDArray[Any]
    opening: list[Fraction]
    budget: Fraction | None

    @classmethod
    def of(cls, problem: SitingProblem) -> _Limits:
        amounts = ledger(problem)
        fits = sum(amounts.load) < 2**62 and max((*(amounts.capacity or ()), *amounts.least, 0)) < 2**62
        load = np.array(amounts.load, dtype=np.int64 if fits else object)
        opening = [exact(each) for each in problem.opening.tolist()]
        for site in problem.fixed:
            opening[site] = Fraction(0)
        budget = None
        if problem.budget is not None:
            budget = limit_of(problem.budget, rough=False, most=True)
        return cls(problem, amounts, load, opening, budget)

    def narrow(self, least: Floats, most: Floats) -> bool:
        """Choose what is forced, in place; whether anything is left."""
        while True:
            before = float(least.sum() - most.sum())
            if not self._sites(least, most):
                return False
            if _served_whole(self.problem) and not self._pairs(least, most):
                return False
            if (least > most).any():
                return False
            if float(least.sum() - most.sum()) == before:
                return True

    def _sites(self, least: Floats, most: Floats) -> bool:
        """Count and budget."""
        size = self.problem.costs.shape[1]
        opened, closed = least[:size] > 0, most[:size] == 0
        if self.problem.p is not None:
            if opened.sum() > self.problem.p or (~closed).sum() < self.problem.p:
                return False
            if opened.sum() == self.problem.p:
                most[:size][~opened] = 0
            elif (~closed).sum() == self.problem.p:
                least[:size][~closed] = 1
        if self.budget is None:
            return True
        left = self.budget - sum((self.opening[j] for j in np.flatnonzero(opened)), Fraction(0))
        for site in np.flatnonzero(~opened & ~closed).tolist():
            if self.opening[site] > left:
                most[site] = 0
        return left >= 0

    def _pairs(self, least: Floats, most: Floats) -> bool:
        """Whole service: one site a point, and no site beyond its limits."""
        costs, size = self.problem.usable, self.problem.costs.shape[1]
        can, does = most[size:], least[size:]
        can[most[costs.candidate] == 0] = 0
        serves = np.flatnonzero(does > 0)
        if (can[serves] == 0).any():
            return False
        least[costs.candidate[serves]] = 1
        taken = np.zeros(costs.shape[0], dtype=bool)
        taken[costs.demand[serves]] = True
        if len(np.unique(costs.demand[serves])) < len(serves):
            return False
        can[taken[costs.demand] & (does == 0)] = 0
        if self.amounts.capacity is not None and not self._room(can, does, serves):
            return False
        if self.problem.model != "mclp":
            ways = np.bincount(costs.demand[can > 0], minlength=costs.shape[0])
            if (ways == 0).any():
                return False
            does[(can > 0) & (ways == 1)[costs.demand]] = 1
        return self._enough(least, most)

    def _room(self, can: Floats, does: Floats, serves: Ints) -> bool:
        costs = self.problem.usable
        left = np.array(self.amounts.capacity, dtype=self.load.dtype)
        np.subtract.at(left, costs.candidate[serves], self.load[costs.demand[serves]])
        if (left < 0).any():
            return False
        can[(self.load[costs.demand] > left[costs.candidate]) & (does == 0)] = 0
        return True

    def _enough(self, least: Floats, most: Floats) -> bool:
        """A site stays closed that cannot be given what it must serve."""
        if not any(self.amounts.least):
            return True
        costs, size = self.problem.usable, self.problem.costs.shape[1]
        there = np.flatnonzero(most[size:] > 0)
        given = np.zeros(size, dtype=self.load.dtype)
        np.add.at(given, costs.candidate[there], self.load[costs.demand[there]])
        short = given < np.array(self.amounts.least, dtype=self.load.dtype)
        most[:size][short] = 0
        return not (least[:size][short] > 0).any()


def never_fits(problem: SitingProblem) -> HallSet | None:
    """The points that even all candidates cannot serve, where capacities are why."""
    if problem.capacity is None or problem.model in {"mclp", "p_median", "p_center"}:
        return None
    split = feasible_allocation(problem, range(problem.costs.shape[1]))
    return split if isinstance(split, HallSet) and split.sites else None
