"""What follows from the sites and pairs that are chosen already, in whole numbers.

Belongs here: variables that must be 0 or 1 because of counts, money, loads and limits, and the
proof that nothing is left. Does not belong here: prices, searching.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoplan.plan.siting.certificates.rescore import exact, limit_of
from geoplan.plan.siting.ledger import Ledger, ledger
from geoplan.plan.siting.problem import Floats, Ints, SitingProblem

_INT64 = 2**62


def served_whole(problem: SitingProblem) -> bool:
    """Whether each point goes whole to one site, and it matters to which."""
    return problem.single_source and problem.limits_load


@dataclass(slots=True, eq=False)
class Limits:
    """What follows in whole numbers from the variables that are chosen."""

    problem: SitingProblem
    amounts: Ledger
    load: NDArray[Any]
    opening: list[Fraction]
    budget: Fraction | None

    @classmethod
    def of(cls, problem: SitingProblem) -> Limits:
        """The limits of a problem, as arrays of machine integers where they fit."""
        amounts = ledger(problem)
        fits = (
            sum(amounts.load) < _INT64
            and max((*(amounts.capacity or ()), *amounts.least, 0)) < _INT64
        )
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
            if served_whole(self.problem) and not self._pairs(least, most):
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
