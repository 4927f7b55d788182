"""The best answer so far of a problem with limits, counted exactly.

Belongs here: whether sites and shares that a search proposes keep every limit, and what they cost,
in the data's own decimals. Does not belong here: searching, bounds of what was not proposed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from geoplan.plan.siting.bounds.clock import Clock, Found, different
from geoplan.plan.siting.bounds.grain import least_difference
from geoplan.plan.siting.certificates.flow import feasible_allocation
from geoplan.plan.siting.certificates.narrow import served_whole
from geoplan.plan.siting.certificates.rescore import exact
from geoplan.plan.siting.ledger import keeps_count_and_budget, ledger, objective_of
from geoplan.plan.siting.problem import Floats, HallSet, Ints, Share, SitingProblem

_NEAR, _LOST, _HALF, _WHOLE = 2e-10, 1e-12, 0.5, 1e-6


@dataclass(slots=True, eq=False)
class Counted:
    """What is known: an objective with its sites and values; and what each set is never below."""

    problem: SitingProblem
    barred: tuple[tuple[int, ...], ...] = ()
    clock: Clock | None = None
    known: Fraction | None = None
    sites: Ints | None = None
    values: Floats | None = None
    shares: tuple[Share, ...] | None = None
    tried: dict[tuple[int, ...], float] = field(default_factory=dict)  # never below
    grain: float = field(init=False)

    def __post_init__(self) -> None:
        self.grain = _grain(self.problem)

    def slack(self, known: float) -> float:
        """Nothing better is nearer to what is known than this, or it counts as equal."""
        return max(self.grain - _LOST * abs(known), _NEAR * abs(known))

    def proven(self, bound: float) -> bool:
        """Whether this bound makes what is known the best."""
        if self.known is None:
            return False
        known = float(self.known)
        return bound >= known or bound > known - self.slack(known)

    def found(self, bound: float) -> Found:
        """The best with this bound, which is the objective where it proves that."""
        if self.known is None:
            return Found(None, bound)
        bound = float(self.known) if self.proven(bound) else bound
        return Found(self.sites, bound, self.values, shares=self.shares)

    def offer_first(self, answers: Sequence[Found]) -> None:
        """Count answers, the best first, until one holds."""
        for each in answers:
            if self.known is None and each.sites is not None:
                self.offer(each.sites, each.values)

    def offer(self, sites: Ints, values: Floats | None) -> None:
        """Count sites exactly, and keep them when they cost less."""
        opened = tuple(int(site) for site in sites)
        if not keeps_count_and_budget(self.problem, opened) or self._barred(opened):
            return
        if served_whole(self.problem):
            self._offer_whole(opened, values)
        elif opened not in self.tried:
            split = feasible_allocation(self.problem, opened, start=values, clock=self.clock)
            self.tried[opened] = math.inf
            if not isinstance(split, HallSet):
                opening = float(objective_of(self.problem, opened, Fraction(0)))
                self.tried[opened] = opening + split.least
                self._keep(opened, split.paid, self._as_values(split.shares), split.shares)

    def _offer_whole(self, opened: tuple[int, ...], values: Floats | None) -> None:
        if values is None:
            return
        costs, kept = self.problem.usable, np.flatnonzero(values > _HALF)
        served: list[int | None] = [None] * costs.shape[0]
        for k in kept.tolist():
            served[int(costs.demand[k])] = int(costs.candidate[k])
        full = self.problem.model == "mclp" or None not in served
        by_open = {site for site in served if site is not None} <= set(opened)
        if full and by_open and ledger(self.problem).whole_loads_fit(opened, served):
            paid = sum((self._exact_price(k) for k in kept.tolist()), Fraction(0))
            self._keep(opened, paid, (values > _HALF).astype(float))

    def _exact_price(self, pair: int) -> Fraction:
        costs = self.problem.usable
        if self.problem.model == "lscp":
            return Fraction(0)
        weight = exact(float(self.problem.weights[costs.demand[pair]]))
        return -weight if self.problem.model == "mclp" else weight * exact(float(costs.cost[pair]))

    def _keep(
        self,
        opened: tuple[int, ...],
        paid: Fraction,
        values: Floats,
        shares: tuple[Share, ...] | None = None,
    ) -> None:
        worth = objective_of(self.problem, opened, paid)
        if self.known is None or worth < self.known:
            self.known, self.sites = worth, np.array(opened, dtype=int)
            self.values, self.shares = values, shares

    def _as_values(self, shares: Sequence[Share]) -> Floats:
        costs = self.problem.usable
        width, values = costs.shape[1], np.zeros(len(costs.cost))
        parts = [
            (point * width + site, float(part))
            for point, of in enumerate(shares)
            for site, part in of.items()
        ]
        at = np.array([key for key, _ in parts], dtype=np.int64)
        place = np.searchsorted(costs.demand * width + costs.candidate, at)
        values[place] = [part for _, part in parts]
        return values

    def _barred(self, opened: tuple[int, ...]) -> bool:
        if not self.barred:
            return False
        candidates = np.arange(self.problem.costs.shape[1])
        bars = different(self.problem, candidates, self.barred)
        chosen = np.isin(candidates, opened).astype(float)
        return bool((bars.matrix @ chosen > bars.most + _WHOLE).any())


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
