"""Sites where loads, least loads or money are limited: good answers first, then proofs.

The order of steps: a first answer at once and exchanges of its sites; prices, whose sites are
completed and tried; a tree of prices over the sites that are left; a programme on these sites, and
the tree that proves in whole numbers. All answers are counted exactly, all bounds hold whatever
doubles lose.

Belongs here: the order of steps and how long each may take. Does not belong here: the steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.plan.siting.bounds.clock import Clock, Found
from geoplan.plan.siting.bounds.highs import Programme, minimise
from geoplan.plan.siting.certificates.counted import Counted
from geoplan.plan.siting.certificates.exact_tree import certify, never_fits
from geoplan.plan.siting.certificates.narrow import served_whole
from geoplan.plan.siting.first_answers import takes_too_long
from geoplan.plan.siting.loads.incumbents import Hunt
from geoplan.plan.siting.loads.loads_lagrange import Market
from geoplan.plan.siting.loads.price_tree import Branch, PriceTree
from geoplan.plan.siting.loads.promising import of_few_sites
from geoplan.plan.siting.loads.tariff import Tariff
from geoplan.plan.siting.mixed_integer import build_programme
from geoplan.plan.siting.problem import Floats, SitingProblem

_SMALL = 100  # pairs up to which the tree alone is enough
_QUICK, _PRICES, _EXCHANGE, _SHAKE = 0.08, 0.3, 0.15, 0.1  # of the time left
_TREE, _WHOLE_TREE, _SOLVER = 0.9, 0.5, 0.7
_MEDIUM, _PAIR_S = 1_000, 1e-3  # pairs up to which good answers are looked for only so long
_FEW = 30_000  # pairs up to which the solver's programme is worth its time
_NEAR = 4e-10
_COUNT_S, _AT_MOST = 3e-4, 0.4  # what counting a point exactly takes; of the time left
_SOLVER_LOSES = 1e-6  # a thousand times the solver's tolerance: its own bound never proves


def solve_limited(
    problem: SitingProblem, clock: Clock, *, barred: Sequence[tuple[int, ...]] = ()
) -> Found:
    """The best sites found in the time, counted exactly, and a bound that holds."""
    if len(problem.usable.cost) <= _SMALL:
        if never_fits(problem) is not None:
            return Found(None, math.inf)
        return certify(problem, clock, barred=barred)
    return _Steps(problem, clock, tuple(barred)).taken()


@dataclass(slots=True, eq=False)
class _Steps:
    """The answers so far, the bound so far, and the sites that a better answer may still open."""

    problem: SitingProblem
    clock: Clock
    barred: tuple[tuple[int, ...], ...]
    hunt: Hunt = field(init=False)
    counted: Counted = field(init=False)
    open_sites: NDArray[np.bool_] = field(init=False)
    bound: float = -math.inf
    floor: float = math.inf
    impossible: bool = False

    def __post_init__(self) -> None:
        tariff = Tariff.of(self.problem)
        left = self.clock.left_s
        kept = min(_COUNT_S * tariff.points, left * _AT_MOST)
        hunting = Clock(self.clock.ends - kept, self.clock)
        self.hunt = Hunt(tariff, hunting, frozenset(self.barred))
        self.counted = Counted(self.problem, self.barred, self.clock)
        self.open_sites = np.ones(self.problem.costs.shape[1], dtype=bool)

    def taken(self) -> Found:
        """All steps, as far as the time goes."""
        try:
            self._searched()
        except KeyboardInterrupt:
            self.clock.stop()
        self.counted.offer_first(self.hunt.found())
        if self.impossible:
            return Found(None, math.inf)
        if (
            self.counted.known is None
        ):  # what was closed was closed for an answer that does not hold
            self.open_sites[:], self.floor = True, math.inf
        if self._done() or self.clock.up or takes_too_long(self._few()[0], self.clock):
            return self.counted.found(self.bound)
        return self._finished()

    def _done(self) -> bool:
        if self.counted.known is None:
            return False
        known = float(self.counted.known)
        near = known - self.bound <= self.problem.target_gap * abs(known)
        return near or self.counted.proven(self.bound)

    def _share(self, part: float) -> Clock:
        """A part of the time left; less where the solver soon finds the best anyway."""
        pairs = len(self.hunt.tariff.pair)
        clock = self.hunt.clock
        if pairs > _MEDIUM or not clock.left_s:
            return clock.share(part)
        return clock.share(min(part, pairs * _PAIR_S / clock.left_s))

    def _searched(self) -> None:
        """Good answers and a bound by prices, as long as they are apart."""
        hunt, market = self.hunt, Market.of(self.hunt.tariff)
        hunt.first(market)
        if not hunt.known and never_fits(self.problem) is not None:
            self.impossible = True
            return
        quick = self._share(_QUICK)
        if hunt.known:
            hunt.settle(hunt.known[0].sites, quick)
        hunt.exchange(quick)
        best = hunt.by_prices(market, self._share(_PRICES))
        self.bound = best.bound
        for better in (hunt.exchange, hunt.shake, hunt.wander):
            if hunt.known and not self._near():
                better(self._share(_EXCHANGE))
        if not hunt.known or self._near():
            return
        again = hunt.by_prices(market, self._share(_EXCHANGE), best)
        best = again if again.bound > best.bound else best
        self.bound = best.bound
        market.ask(best.prices)
        self._close(best.bound, market.otherwise, best.priced.sites.tolist())
        tree = PriceTree(hunt, self._share(self._tree_part()))
        root = Branch(best.bound, market.fixed, market.shut, best.prices)
        self.bound = max(self.bound, min(tree.grow(root), hunt.paid))
        if not self._near():
            hunt.shake(self._share(_SHAKE))

    def _tree_part(self) -> float:
        return _WHOLE_TREE if served_whole(self.problem) else _TREE

    def _near(self) -> bool:
        """Whether answer and bound have met, as far as doubles tell."""
        apart = self.hunt.paid - self.bound
        return apart < self.counted.slack(self.hunt.paid) or (
            apart <= self.problem.target_gap * abs(self.hunt.paid)
        )

    def _close(self, bound: float, otherwise: Floats, opened: Sequence[int]) -> None:
        """No better answer opens a site that makes the bound too high."""
        if not self.hunt.known:
            return
        known = self.hunt.paid
        away = bound + otherwise * (1 - 1e-9)
        sure = away >= known - _NEAR * abs(known)
        sure[[*opened, *self.hunt.known[0].sites]] = False
        self.open_sites &= ~sure
        self.floor = min(self.floor, float(away[sure].min(initial=math.inf)))

    def _few(self) -> tuple[SitingProblem, NDArray[np.int64]]:
        return of_few_sites(self.problem, self.open_sites)

    def _finished(self) -> Found:
        """The solver searches what is left, the tree proves."""
        few, kept = self._few()
        programme = build_programme(few, barred=self.barred)
        known = self.counted.found(self.bound)
        starts = [replace(known, values=None if known.values is None else known.values[kept])]
        said = -math.inf
        if len(kept) <= _FEW:
            found = self._by_solver(few, programme, starts[0])
            starts.insert(0, found)
            said = self._safely(found.bound)
        proven = certify(few, self.clock, programme=programme, starts=starts, barred=self.barred)
        bound = max(min(proven.bound, self.floor), self.bound)
        if proven.sites is not None and proven.values is not None:
            values = np.zeros(len(self.problem.usable.cost))
            values[kept] = proven.values
            self.counted.offer(proven.sites, values)
        if proven.sites is None and proven.bound == math.inf and self.counted.known is None:
            return Found(None, math.inf)
        found = self.counted.found(bound)
        return replace(found, bound=max(found.bound, self._unproven(min(said, self.floor))))

    def _unproven(self, said: float) -> float:
        """What the solver says never makes an answer the proven best."""
        known = self.counted.known
        if known is None:
            return -math.inf
        return min(said, float(known) - _SOLVER_LOSES * max(abs(float(known)), _SOLVER_LOSES))

    def _by_solver(self, few: SitingProblem, programme: Programme, known: Found) -> Found:
        candidates, start = few.costs.shape[1], None
        if known.sites is not None and known.values is not None:
            start = np.zeros(len(programme.cost))
            start[known.sites], start[candidates:] = 1.0, known.values
        clock = self.clock.share(_SOLVER)
        finish = minimise(programme, clock=clock, gap=few.target_gap, start=start)
        if finish.values is None:
            return Found(None, finish.bound, interrupted=finish.interrupted)
        sites = np.flatnonzero(finish.values[:candidates] > 0.5)  # noqa: PLR2004 - rounds 0 and 1
        return Found(sites, finish.bound, finish.values[candidates:], finish.interrupted)

    def _safely(self, bound: float) -> float:
        """The solver's own bound with what its tolerances may lose taken off."""
        if not math.isfinite(bound):
            return -math.inf
        weights = float(self.problem.weights.sum()) * float(self.problem.model == "mclp")
        return bound - _SOLVER_LOSES * max(abs(bound), weights)
