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
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from geoplan.plan.siting.bounds.clock import Clock, Found
from geoplan.plan.siting.bounds.highs import Loosened, Programme, Relaxation
from geoplan.plan.siting.certificates.counted import Counted
from geoplan.plan.siting.certificates.flow import hall_set
from geoplan.plan.siting.certificates.narrow import Limits
from geoplan.plan.siting.certificates.prices import bound_by_prices
from geoplan.plan.siting.certificates.rescore import exact
from geoplan.plan.siting.mixed_integer import build_programme
from geoplan.plan.siting.problem import Floats, HallSet, Ints, SitingProblem

_WHOLE, _HALF = 1e-6, 0.5
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
    starts: Sequence[Found] = (),
    barred: Sequence[tuple[int, ...]] = (),
) -> Found:
    """The best sites, proven; or, when time is up, the best so far and a bound that holds.

    Parameters
    ----------
    programme : of the problem, where it is built already.
    starts : what a search found; it is counted again here.
    """
    programme = programme or build_programme(problem, barred=barred)
    counted = Counted(problem, tuple(barred), clock)
    for start in starts:
        if start.sites is not None:
            counted.offer(start.sites, start.values)
    if counted.known is None and problem.model == "cflp":
        counted.offer(np.arange(problem.costs.shape[1]), None)
    return _Tree(problem, programme, Limits.of(problem), counted).search(clock)


@dataclass(slots=True, eq=False)
class _Tree:
    problem: SitingProblem
    programme: Programme
    limits: Limits
    counted: Counted
    relaxation: Relaxation | None = None
    floor: float = math.inf

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
        return self.counted.found(bound)

    def _until_interrupted(self, branch: _Branch, clock: Clock) -> list[_Branch]:
        """Split a branch; Ctrl-C leaves it open and ends the search."""
        try:
            return self.split(branch, clock)
        except KeyboardInterrupt:
            clock.stop()
            return [branch]

    def beaten(self, bound: float) -> bool:
        """Whether nothing that costs at least this can be better than what is known."""
        if self.counted.known is None:
            return False
        known = float(self.counted.known)
        return self.counted.proven(bound) or known - bound <= self.problem.target_gap * abs(known)

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
        self.counted.offer(sites, chosen[self.candidates :])
        self.floor = min(self.floor, self.counted.tried.get(tuple(sites.tolist()), math.inf))

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
        if self.counted.known is None:
            return bound, ()
        fixed = []
        away = priced.bound + np.abs(priced.reduced) * (1 - 1e-9)
        known = float(self.counted.known)
        sure = self.programme.whole & (least < most) & (away > known - self.counted.slack(known))
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
            self.counted.offer(
                np.flatnonzero(values[: self.candidates] > _HALF), values[self.candidates :]
            )

    def choose(self, open_: Ints, values: Floats | None) -> Fix:
        """The site, else the pair, that the relaxed problem splits most; and its nearer side."""
        if values is None:
            return int(open_[0]), 1
        split = np.abs(values[open_] - np.rint(values[open_]))
        split[open_ < self.candidates] += 1.0 * (split[open_ < self.candidates] > _WHOLE)
        index = int(open_[np.argmax(split)])
        return index, int(values[index] > _HALF)


def _never_below(problem: SitingProblem) -> float:
    """What holds before anything is known: nothing is paid, or everybody is covered."""
    if problem.model != "mclp":
        return 0.0
    total = sum((exact(weight) for weight in problem.weights.tolist()), Fraction(0))
    return math.nextafter(-float(total), -math.inf)


def never_fits(problem: SitingProblem) -> HallSet | None:
    """The points that even all candidates cannot serve, where capacities are why."""
    if problem.capacity is None or problem.model in {"mclp", "p_median", "p_center"}:
        return None
    short = hall_set(problem, range(problem.costs.shape[1]))
    return short if short is not None and short.sites else None
