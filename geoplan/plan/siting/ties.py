"""Equal optima told apart: one answer, whatever the order in which the data came.

Of the sets of sites that reach the same objective the answer is the one with

1. the least second criterion (:func:`second`): what people travel to the nearest open site, each
   counted as often as there are people (``lscp``, ``mclp``: of those served; ``p_center``); each
   demand point counted once (``p_median``); nothing (``cflp`` and all that limit loads);
2. then the fewest sites;
3. then the smallest candidates, compared from the first site on.

Belongs here: telling equals apart, exactly where that is affordable, and saying where it was not.
Does not belong here: finding the objective.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from scipy import sparse

from geoplan.plan.siting.assignment import nearest
from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.grain import least_difference
from geoplan.plan.siting.bounds.highs import has_none, minimise
from geoplan.plan.siting.certificates.rescore import exact, rescore
from geoplan.plan.siting.mixed_integer import build_programme
from geoplan.plan.siting.models.p_median import exchanged
from geoplan.plan.siting.problem import COVERING, Floats, Ints, SitingProblem

_PAIRS = 8_000  # beyond so many, telling equals apart takes longer than finding them
_CHUNK = 16  # candidates told apart by one programme: 2**16 is exact in its tolerances
_LOOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Told:
    """The set of sites, and whether it is proven to be the one of all its equals."""

    sites: tuple[int, ...]
    only: bool


def tell_apart(
    problem: SitingProblem,
    sites: tuple[int, ...],
    clock: Clock,
    *,
    barred: Sequence[tuple[int, ...]] = (),
) -> Told:
    """Of all sets as good as this one, which is proven to be best, the one answer.

    Parameters
    ----------
    problem : without limits of load; else, and where it is large, the sites come back as they are.
    sites : of the best objective among the sets that are not barred.
    clock : when it is up, the best equal found so far comes back, not as the only one.
    barred : sets of sites already known.
    """
    if problem.limits_load:
        return Told(sites, only=False)
    if len(problem.usable.cost) > _PAIRS:
        return Told(_nearer(problem, sites, clock, barred), only=False)
    equals = _Equals(problem, sites, tuple(barred), clock)
    only = equals.tell()
    return Told(equals.sites, only=only)


def _nearer(
    problem: SitingProblem, sites: tuple[int, ...], clock: Clock, barred: Sequence[tuple[int, ...]]
) -> tuple[int, ...]:
    """In p-center most sites are free to move: exchanges within what was reached save travel."""
    if problem.model != "p_center" or clock.up:
        return sites
    opened = np.array(sites, dtype=np.int64)
    reached = rescore(problem, sites, nearest(problem, opened))
    within = replace(problem, model="p_median", costs=problem.costs.within(float(reached)))
    return tuple(exchanged(within, opened, clock, barred=barred).tolist())


def second(problem: SitingProblem, sites: tuple[int, ...]) -> Fraction:
    """The second criterion of a set of sites, less is better."""
    costs, people = problem.usable, _counted(problem)
    if not people.any():
        return Fraction(0)
    opened = np.zeros(costs.shape[1], dtype=bool)
    opened[list(sites)] = True
    mine = costs.only(opened[costs.candidate])
    paid = np.full(costs.shape[0], np.inf)
    np.minimum.at(paid, mine.demand, mine.cost)
    there = np.flatnonzero(np.isfinite(paid) & (people > 0)).tolist()
    return sum((exact(people[i]) * exact(paid[i]) for i in there), Fraction(0))


def _counted(problem: SitingProblem) -> Floats:
    """How often each demand point counts in the second criterion."""
    if problem.model in COVERING or problem.model == "p_center":
        return problem.weights
    return np.full(problem.costs.shape[0], float(problem.model == "p_median"))


@dataclass(eq=False)
class _Equals:
    """The best of the equals so far, and the programme of all that are left."""

    problem: SitingProblem
    sites: tuple[int, ...]
    barred: tuple[tuple[int, ...], ...]
    clock: Clock

    def __post_init__(self) -> None:
        self.value = rescore(self.problem, self.sites, self._served(self.sites))
        self.asked = self._asked()
        self.programme = build_programme(self.asked, barred=self.barred)
        if self.problem.model == "mclp":  # a part of a point would fill up the half step of room
            whole = np.ones(len(self.programme.cost), dtype=bool)
            self.programme = replace(self.programme, whole=whole)

    def tell(self) -> bool:
        """Whether the sites are the only ones by all criteria."""
        weights, costs = self.problem.weights, self.problem.costs.cost
        paid = least_difference([weights]) * least_difference([costs])
        if self.problem.model != "p_center":
            self._no_worse(self.programme.cost, self._step())
        people = _counted(self.problem)[self.asked.usable.demand]
        candidates = self.asked.costs.shape[1]
        travel = np.concatenate([np.zeros(candidates), people * self.asked.usable.cost])
        count = np.zeros(len(travel))
        count[:candidates] = 1
        if people.any() and not self._least(travel, paid):
            return False
        if self.problem.p is None and not self._least(count, 1.0):
            return False
        return self._alone() or self._smallest()

    def _asked(self) -> SitingProblem:
        """The problem whose programme has all equals: p-center within what it reached."""
        if self.problem.model != "p_center":
            return self.problem
        within = self.problem.costs.within(float(self.value))
        return replace(self.problem, model="p_median", costs=within)

    def _step(self) -> float:
        """Two different objectives differ by at least this; 0 when that is not known."""
        problem = self.problem
        if problem.model == "lscp":
            return least_difference([problem.opening])
        people = least_difference([problem.weights])
        if problem.model == "mclp":
            return people
        paid = people * least_difference([problem.costs.cost])
        if problem.model == "cflp":
            return min(paid, paid * least_difference([problem.opening]))
        return paid

    def _served(self, sites: tuple[int, ...]) -> tuple[int | None, ...]:
        return nearest(self.problem, np.array(sites, dtype=np.int64))

    def _values(self) -> Floats:
        """The best of the equals as values of the programme."""
        costs = self.asked.usable
        opened = np.zeros(costs.shape[1])
        opened[list(self.sites)] = 1
        by = np.array(
            [
                -1 if j is None else j
                for j in nearest(self.asked, np.array(self.sites, dtype=np.int64))
            ]
        )
        return np.concatenate([opened, (by[costs.demand] == costs.candidate).astype(float)])

    def _no_worse(self, cost: Floats, step: float) -> None:
        """From now on only what costs no more than the sites do."""
        now = float(cost @ self._values())
        room = step / 2 if step else _LOOSE * max(1.0, abs(now))
        self._row(cost, now + room)

    def _row(self, values: Floats, most: float) -> None:
        old = self.programme
        rows = sparse.vstack([old.rows, sparse.csr_array(values[None, :])])
        lower, upper = np.append(old.lower, -np.inf), np.append(old.upper, most)
        self.programme = replace(old, rows=sparse.csr_array(rows), lower=lower, upper=upper)

    def _least(self, cost: Floats, step: float) -> bool:
        """The equals with the least of this cost; whether that is proven."""
        finish = minimise(
            replace(self.programme, cost=cost), clock=self.clock, start=self._values()
        )
        self._take(finish.values)
        now = float(cost @ self._values())
        self._no_worse(cost, step)
        return finish.bound >= now - (step / 2 if step else _LOOSE * max(1.0, abs(now)))

    def _take(self, values: Floats | None) -> None:
        """The sites of these values if they are better than those so far."""
        sites = self._opened(values)
        if sites is None or sites in self.barred:
            return
        if rescore(self.problem, sites, self._served(sites)) != self.value:
            return  # no equal: the tolerance of the solver let it through
        if self._order(sites) < self._order(self.sites):
            self.sites = sites

    def _order(self, sites: tuple[int, ...]) -> tuple[Fraction, int, tuple[int, ...]]:
        return second(self.problem, sites), len(sites), sites

    def _opened(self, values: Floats | None) -> tuple[int, ...] | None:
        if values is None:
            return None
        half = 0.5
        return tuple(np.flatnonzero(values[: self.asked.costs.shape[1]] > half).tolist())

    def _alone(self) -> bool:
        """Whether there is no other equal."""
        bars = build_programme(self.asked, barred=[self.sites])
        old, row = self.programme, [-1]
        others = replace(
            old,
            cost=np.zeros(len(old.cost)),
            rows=sparse.csr_array(sparse.vstack([old.rows, bars.rows[row]])),
            lower=np.append(old.lower, bars.lower[-1]),
            upper=np.append(old.upper, bars.upper[-1]),
        )
        finish = has_none(others, clock=self.clock)
        self._take(finish.values)
        return finish.values is None and finish.bound == math.inf

    def _smallest(self) -> bool:
        """The smallest candidates of all equals, some at a time from the first; whether proven."""
        candidates = self.asked.costs.shape[1]
        for begin in range(0, candidates, _CHUNK):
            chunk = np.arange(begin, min(begin + _CHUNK, candidates))
            cost = np.zeros(len(self.programme.cost))
            cost[chunk] = -(2.0 ** np.arange(_CHUNK)[::-1][: len(chunk)])
            programme = replace(self.programme, cost=cost)
            finish = minimise(programme, clock=self.clock, start=self._values())
            self._take(finish.values)
            opened = self._values()
            if finish.bound < float(cost @ opened) - 0.5:
                return False
            self._settle(chunk, opened[chunk])
            if sum(site < begin + _CHUNK for site in self.sites) == len(self.sites):
                return True
        return True

    def _settle(self, chunk: Ints, opened: Floats) -> None:
        least, most = self.programme.least.copy(), self.programme.most.copy()
        least[chunk], most[chunk] = opened, opened
        self.programme = replace(self.programme, least=least, most=most)
