"""A search tree over sites whose every bound is one by prices.

A branch has sites that are open and sites that are closed; prices go on from those of the branch
above. The branch with the least bound is split first, so that the bound of all rises.

Belongs here: raising the bound beyond what prices alone reach, where loads are limited. Does not
belong here: what sites answer to prices (``loads_lagrange``); proofs in whole numbers (``tree``).
Source: Geoffrion 1974; Görtz & Klose 2012 (branching on sites with prices for points).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.lagrange import Aim, Priced, climb
from geoplan.plan.siting.loads.incumbents import Hunt
from geoplan.plan.siting.loads.loads_lagrange import Market
from geoplan.plan.siting.loads.promising import completed
from geoplan.plan.siting.problem import Floats

_STEP, _NEAR, _TRYING = 0.1, 4e-10, 0.3
_MEMORY = 0.9  # of how often a site opened


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """Sites chosen so far, prices to go on from, and what the branch cannot be below."""

    bound: float
    fixed: NDArray[np.bool_]
    shut: NDArray[np.bool_]
    prices: Floats


@dataclass(slots=True, eq=False)
class PriceTree:
    """The open branches by their bounds; ``floor`` is the least bound of those that are closed."""

    hunt: Hunt
    clock: Clock
    heap: list[tuple[float, int, Branch]] = field(default_factory=list)
    floor: float = math.inf
    count: int = 0
    spent: float = 0.0

    def grow(self, root: Branch) -> float:
        """Split branches until time is up or nothing better is left; the bound of all."""
        began = self.clock.left_s
        self._add(root)
        while self.heap and not self.clock.up:
            bound, _, branch = heapq.heappop(self.heap)
            if self._beaten(bound):
                self.floor = min(self.floor, bound)
                continue
            try:
                self._split(branch, began)
            except KeyboardInterrupt:
                self.floor = min(self.floor, bound)
                self.clock.stop()
        return min([self.floor, *(bound for bound, _, _ in self.heap)])

    def _add(self, branch: Branch) -> None:
        self.count += 1
        heapq.heappush(self.heap, (branch.bound, self.count, branch))

    def _beaten(self, bound: float) -> bool:
        known = self.hunt.paid
        gap = max(_NEAR, self.hunt.tariff.problem.target_gap)
        return known < math.inf and known - bound <= gap * abs(known)

    def _split(self, branch: Branch, began: float) -> None:
        tariff = self.hunt.tariff.without(branch.shut)
        market = Market(tariff, branch.fixed.copy(), branch.shut.copy())
        often = np.zeros(self.hunt.tariff.sites)

        def improve(priced: Priced, round_: int) -> float:
            nonlocal often
            often *= _MEMORY
            often[priced.sites] += 1 - _MEMORY
            if round_ == 0 or self.spent < _TRYING * (began - self.clock.left_s):
                self._try(market, priced)
            return self.hunt.paid

        aim = Aim(self.hunt.paid, 0.0, self.clock, _STEP)
        best = climb(market.ask, improve, start=branch.prices, most=self.hunt.tariff.away, aim=aim)
        bound = max(branch.bound, best.bound)
        market.ask(best.prices)
        self._settle(market, best.bound, best.priced)
        left = np.flatnonzero(~market.fixed & ~market.shut)
        if self._beaten(bound):
            self.floor = min(self.floor, bound)
        elif not len(left):
            self._leaf(market, bound)
        else:
            site = int(left[np.argmin(np.abs(often[left] - 0.5))])
            self._halves(Branch(bound, market.fixed, market.shut, best.prices), site)

    def _try(self, market: Market, priced: Priced) -> None:
        before = self.clock.left_s
        worth = np.where(market.shut, np.inf, priced.worth)
        self.hunt.offer(completed(self.hunt.tariff, priced.sites, worth))
        self.spent += before - self.clock.left_s

    def _settle(self, market: Market, bound: float, priced: Priced) -> None:
        """Sites that every better answer of this branch opens, or closes."""
        known = self.hunt.paid
        if not known < math.inf:
            return
        gap = max(_NEAR, self.hunt.tariff.problem.target_gap)
        away = bound + market.otherwise * (1 - 1e-9)
        sure = (away >= known - gap * abs(known)) & ~market.fixed & ~market.shut
        if not sure.any():
            return
        self.floor = min(self.floor, float(away[sure].min()))
        inside = np.zeros(len(sure), dtype=bool)
        inside[priced.sites] = True
        market.fixed |= sure & inside
        market.shut |= sure & ~inside

    def _leaf(self, market: Market, bound: float) -> None:
        """All sites are chosen: points that may be split cost what the flow costs."""
        sites = tuple(np.flatnonzero(market.fixed).tolist())
        self.hunt.offer(sites)
        exact = [each for each in self.hunt.known if each.sites == sites]
        if exact:
            bound = max(bound, market.ask(exact[0].prices).value)
        self.floor = min(self.floor, bound)

    def _halves(self, branch: Branch, site: int) -> None:
        for side in (True, False):
            fixed, shut = branch.fixed.copy(), branch.shut.copy()
            (fixed if side else shut)[site] = True
            if self._possible(fixed, shut):
                self._add(Branch(branch.bound, fixed, shut, branch.prices))

    def _possible(self, fixed: NDArray[np.bool_], shut: NDArray[np.bool_]) -> bool:
        """Whether count and rooms allow it; what rounding may have lost is given back."""
        tariff, count = self.hunt.tariff, self.hunt.tariff.problem.p
        if count is not None and not fixed.sum() <= count <= (~shut).sum():
            return False
        room = float(tariff.room[~shut].sum()) * (1 + 1e-9)
        return not tariff.must_serve or room >= float(tariff.load.sum())
