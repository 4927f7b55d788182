"""Set cover (lscp): the fewest (or cheapest) sites that cover everyone within a radius.

minimise Σ f_j y_j subject to Σ_{j covers i} y_j >= 1 for each i, y_j = 1 for the fixed sites,
y_j in {0, 1}. Source: Toregas, Swain, ReVelle & Bergman 1971; the bound and the greedy answers at
prices: Beasley 1990; Caprara, Fischetti & Toth 1999.

Belongs here: this model without capacities. Does not belong here: reductions, prices in general.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from geoplan.plan.siting.cover import (
    Cover,
    drop_dominated_columns,
    drop_dominated_rows,
    merge_equal_rows,
)
from geoplan.plan.siting.exchange import fewer_sites
from geoplan.plan.siting.grain import least_difference
from geoplan.plan.siting.highs import Programme, minimise, relaxed_prices
from geoplan.plan.siting.lagrange import NOTHING, Aim, Priced, Settled, climb, settled
from geoplan.plan.siting.problem import Floats, Ints, SitingProblem
from geoplan.plan.siting.search import Clock, Found, different

_GREEDY_EVERY, _NEAR, _PATIENT = 10, 0.3, 0.3
_SAFE = 1e-7
_LARGE = 2_000_000  # ones in the matrix, beyond which the relaxed problem takes too long


def solve_set_cover(
    problem: SitingProblem, clock: Clock, *, barred: Sequence[tuple[int, ...]] = ()
) -> Found:
    """The cheapest sites that cover everyone; every point must have a candidate in reach."""
    cover = _small(problem, clock, different_sites=bool(barred))
    choice = _Choice(cover, problem, tuple(barred))
    margin = least_difference([problem.opening])
    known = NOTHING
    if not barred:
        choice.keep(choice.greedy(cover.opening))
        best = climb(
            choice.ask,
            choice.improve,
            start=_first_prices(choice, clock.share(_NEAR)),
            most=np.full(cover.rows.shape[0], np.inf),
            aim=Aim(choice.cost, max(problem.target_gap, 0.0), clock.share(_NEAR)),
        )
        choice.exchange(best.bound, clock.share(_PATIENT))
        known = settled(replace(best, known=choice.cost), None, margin)
        if choice.cost - margin < best.bound:
            return Found(choice.opened(), choice.cost + choice.paid)
        if choice.cost - best.bound <= problem.target_gap * (choice.cost + choice.paid):
            return Found(choice.opened(), best.bound + choice.paid)
    return _finish(choice, clock, known)


def few_enough(problem: SitingProblem, clock: Clock) -> tuple[Ints | None, bool]:
    """At most p sites that cover everyone, the fixed ones among them; and whether it is proven.

    ``None`` and proven: there are none. Each site counts 1.
    """
    cover = _small(problem, clock, different_sites=False)
    choice = _Choice(cover, problem, ())
    room = (problem.p or 0) - len(problem.fixed)
    choice.keep(choice.greedy(cover.opening))
    if choice.cost <= room:
        return choice.opened(), True
    prices = _first_prices(choice, clock.share(_NEAR))
    bound = choice.ask(prices).value
    if bound > room + _SAFE * max(1.0, bound):
        return None, True
    choice.exchange(room, clock.share(_PATIENT))
    if choice.cost <= room:
        return choice.opened(), True
    programme = _at_most(_programme(choice, NOTHING), room)
    finish = minimise(programme, clock=clock)
    if finish.values is None:
        return None, finish.bound == math.inf
    choice.keep(np.flatnonzero(finish.values > 0.5))  # noqa: PLR2004 - rounds 0 and 1
    return choice.opened(), True


def _at_most(programme: Programme, room: int) -> Programme:
    """The question whether so many sites do, instead of how few."""
    count = sparse.csr_array(np.ones((1, len(programme.cost))))
    return replace(
        programme,
        cost=np.zeros(len(programme.cost)),
        rows=sparse.csr_array(sparse.vstack([programme.rows, count])),
        lower=np.append(programme.lower, -np.inf),
        upper=np.append(programme.upper, float(room)),
    )


def _first_prices(choice: _Choice, clock: Clock) -> Floats:
    """The prices of the relaxed problem; else each point bids its part of the cheapest site."""
    cover = choice.cover
    if 0 < cover.rows.nnz <= _LARGE:
        prices = relaxed_prices(_programme(choice, NOTHING), clock=clock)
        if prices is not None:
            return np.maximum(prices[: cover.rows.shape[0]], 0)
    per_point = cover.opening / np.maximum(1, np.diff(cover.by_site.indptr))
    prices = np.full(cover.rows.shape[0], np.inf)
    row = np.repeat(np.arange(cover.rows.shape[0]), np.diff(cover.rows.indptr))
    np.minimum.at(prices, row, per_point[cover.rows.indices])
    return np.where(np.isfinite(prices), prices, 0.0)


def _small(problem: SitingProblem, clock: Clock, *, different_sites: bool) -> Cover:
    """The covering matrix of what the fixed sites leave, without what cannot matter."""
    costs = problem.usable
    columns = np.arange(costs.shape[1])
    cover = Cover(costs.reach(), problem.weights, problem.opening.copy(), columns)
    served = cover.by_site[list(problem.fixed)].sum(axis=0) > 0
    cover = merge_equal_rows(cover.only_rows(~served))
    if cover.rows.shape[0] == 0:
        return cover
    if not different_sites:
        cover = drop_dominated_columns(cover, np.array([], dtype=int), clock)
    cover = drop_dominated_rows(merge_equal_rows(cover), clock)
    return (
        cover if different_sites else drop_dominated_columns(cover, np.array([], dtype=int), clock)
    )


@dataclass(eq=False)
class _Choice:
    """The best sites so far, as columns of the cover; the fixed ones aside."""

    cover: Cover
    problem: SitingProblem
    barred: tuple[tuple[int, ...], ...]
    sites: Ints | None = None
    cost: float = math.inf
    prices: Floats = field(default_factory=lambda: np.array([]))

    @property
    def paid(self) -> float:
        """What the fixed sites cost."""
        return float(self.problem.opening[list(self.problem.fixed)].sum())

    def opened(self) -> Ints:
        """The candidates that are open, the fixed ones among them."""
        mine = np.array([], dtype=int) if self.sites is None else self.cover.columns[self.sites]
        return np.union1d(mine, np.array(self.problem.fixed, dtype=int))

    def keep(self, sites: Ints) -> None:
        """Remember sites that cost less."""
        cost = float(self.cover.opening[sites].sum())
        if cost < self.cost:
            self.sites, self.cost = np.sort(sites), cost

    def greedy(self, cost: Floats, first: Ints | None = None) -> Ints:
        """Each time the site that covers most for its cost; then without those not needed."""
        by_site, rows = self.cover.by_site, self.cover.rows
        chosen = [] if first is None else first.tolist()
        times = by_site[chosen].sum(axis=0) if chosen else np.zeros(rows.shape[0])
        gains = by_site @ (times == 0).astype(float)
        price = np.maximum(cost, 1e-9)
        while (times == 0).any():
            site = int(np.argmax(gains / price))
            covered = by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]]
            new = covered[times[covered] == 0]
            times[covered] += 1
            gains -= np.bincount(rows[new].indices, minlength=len(gains))
            chosen.append(site)
        return self._needed(np.array(chosen, dtype=int), times)

    def _needed(self, chosen: Ints, times: Floats) -> Ints:
        """Without the dearest sites whose points are all covered twice."""
        by_site, kept = self.cover.by_site, []
        for site in chosen[np.argsort(-self.cover.opening[chosen], kind="stable")].tolist():
            covered = by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]]
            if (times[covered] > 1).all():
                times[covered] -= 1
            else:
                kept.append(site)
        return np.array(kept, dtype=int)

    def exchange(self, bound: float, clock: Clock) -> None:
        """Look for a smaller cover where every site costs the same."""
        costs = np.unique(self.cover.opening)
        if len(costs) == 1 and costs[0] > 0 and self.sites is not None:
            least, steps = math.ceil(bound / costs[0] - 1e-6), 4 * self.cover.rows.shape[0]
            sites = fewer_sites(self.cover, self.sites, least=least, steps=steps, clock=clock)
            self.keep(sites)

    def ask(self, prices: Floats) -> Priced:
        """All bids, and each site whose bids pay more than it costs."""
        self.prices = prices
        worth = self.cover.opening - self.cover.by_site @ prices
        sites = np.flatnonzero(worth < 0)
        opened = (worth < 0).astype(float)
        value = float(prices.sum() + worth[sites].sum())
        return Priced(value, sites, self.cover.rows @ opened, worth)

    def improve(self, priced: Priced, round_: int) -> float:
        """Now and then complete the sites that the prices open."""
        if round_ % _GREEDY_EVERY == 0:
            floor = 1e-3 * max(float(self.cover.opening.max(initial=0.0)), 1e-9)
            self.keep(self.greedy(np.maximum(priced.worth, floor)))
        return self.cost


def _programme(choice: _Choice, known: Settled) -> Programme:
    """What is left open; with known sets barred, the fixed sites are columns like others."""
    cover, problem = choice.cover, choice.problem
    bars = different(problem, cover.columns, choice.barred)
    points, candidates = cover.rows.shape
    least, most = np.zeros(candidates), np.ones(candidates)
    most[known.closed], least[known.opened] = 0, 1
    if choice.barred:
        least[np.isin(cover.columns, problem.fixed)] = 1
    return Programme(
        cost=cover.opening,
        rows=sparse.csr_array(sparse.vstack([cover.rows, bars.matrix])),
        lower=np.concatenate([np.ones(points), np.full(len(bars.most), -np.inf)]),
        upper=np.concatenate([np.full(points, np.inf), bars.most]),
        least=least,
        most=most,
        whole=np.ones(candidates, dtype=bool),
    )


def _finish(choice: _Choice, clock: Clock, known: Settled) -> Found:
    """HiGHS on what is left open."""
    problem, start = choice.problem, None
    if choice.sites is not None:
        start = np.zeros(len(choice.cover.columns))
        start[choice.sites] = 1
    programme = _programme(choice, known)
    finish = minimise(programme, clock=clock, gap=problem.target_gap, start=start)
    if finish.values is not None:
        choice.keep(np.flatnonzero(finish.values > 0.5))  # noqa: PLR2004 - rounds 0 and 1
    if choice.sites is None:
        return Found(None, finish.bound, interrupted=finish.interrupted)
    paid = 0.0 if choice.barred else choice.paid
    bound = max(known.bound, min(finish.bound, choice.cost)) + paid
    return Found(choice.opened(), bound, interrupted=finish.interrupted)
