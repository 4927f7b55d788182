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

from geoplan.plan.siting.bounds.clock import Clock, Found, different
from geoplan.plan.siting.bounds.covering_matrix import (
    Cover,
    drop_dominated_columns,
    drop_dominated_rows,
    merge_equal_rows,
)
from geoplan.plan.siting.bounds.exchange import smallest_cover
from geoplan.plan.siting.bounds.grain import least_difference
from geoplan.plan.siting.bounds.highs import Programme, has_none, minimise, relaxed
from geoplan.plan.siting.bounds.lagrange import NOTHING, Aim, Climb, Priced, Settled, climb, settled
from geoplan.plan.siting.problem import Floats, Ints, SitingProblem

_GREEDY_EVERY, _NEAR = 10, 0.3
_SAFE, _NEAR_ZERO, _SLACK = 1e-7, 1e-4, 0.02
_AGAIN = 3  # answers that leave points open, after which all are asked about
_ROUNDED = 1e-10  # more than sums of doubles lose
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
        best = _best_prices(choice, clock)
        choice.exchange(choice.near_enough(best.bound), clock)
        known = settled(replace(best, known=choice.cost), None, margin)
        known = replace(known, bound=choice.rounded(best.bound))
        if choice.cost > choice.near_enough(best.bound):
            known = replace(known, bound=_raised(choice, best, clock))
        if choice.cost - margin < known.bound:
            return Found(choice.opened(), choice.cost + choice.paid)
        if choice.cost <= choice.near_enough(known.bound) or clock.up:
            return Found(choice.opened(), known.bound + choice.paid)
    return _finish(choice, clock, known)


def _best_prices(choice: _Choice, clock: Clock) -> Climb:
    """The best bound by prices, and covers found on the way.

    Prices of the relaxed problem are the best there are; where covers are looked for by exchange,
    nothing is left to climb for.
    """
    prices = _first_prices(choice, clock.share(_NEAR))
    if choice.loose is not None and choice.alike:
        priced = choice.ask(prices)
        choice.improve(priced, 0)
        return Climb(priced.value * (1 - _ROUNDED), prices, priced, choice.cost)
    return climb(
        choice.ask,
        choice.improve,
        start=prices,
        most=np.full(choice.cover.rows.shape[0], np.inf),
        aim=Aim(choice.cost, max(choice.problem.target_gap, 0.0), clock.share(_NEAR)),
    )


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
    choice.exchange(room, clock)
    if choice.cost <= room:
        return choice.opened(), True
    programme = _at_most(_programme(choice, NOTHING), room)
    finish = minimise(programme, clock=clock)
    if finish.values is None:
        return None, finish.bound == math.inf
    choice.keep(np.flatnonzero(finish.values > 0.5))  # noqa: PLR2004 - rounds 0 and 1
    return choice.opened(), True


def _raised(choice: _Choice, best: Climb, clock: Clock) -> float:
    """A higher bound, by asking one after another whether so few sites do.

    Only the rows that are scarce in the relaxed problem are asked about: if even they need more
    sites, all do. Where the answer covers them but not all, the rows that it leaves
    join them; after some such answers all do.
    """
    cover, each, bound = choice.cover, choice.alike, best.bound
    if choice.loose is None or not each:
        return bound
    again = 0
    scarce = (best.prices > _NEAR_ZERO) | (cover.rows @ choice.loose < 1 + _SLACK)
    while choice.cost > choice.near_enough(bound) and not clock.up:
        few, some = _whole(bound / each), _reduced(cover.only_rows(scarce), clock)
        programme = _programme(_Choice(some, choice.problem, ()), NOTHING)
        asked = replace(_at_most(programme, few), cost=some.opening)
        finish = has_none(asked, clock=clock)
        if finish.values is None:
            raised = choice.rounded(min(finish.bound, (few + 1) * each))
            if raised <= bound:
                return bound
            bound = raised
            continue
        candidates = some.columns[finish.values > 0.5]  # noqa: PLR2004 - rounds 0 and 1
        sites = np.searchsorted(cover.columns, candidates)
        left = cover.by_site[sites].sum(axis=0) == 0
        if not left.any():
            choice.keep(sites)
            return few * each
        again += 1
        scarce |= left if again < _AGAIN else True
    return bound


def _reduced(cover: Cover, clock: Clock) -> Cover:
    """Without what cannot matter, until nothing more goes."""
    while True:
        before = cover.rows.shape
        cover = drop_dominated_columns(cover, np.array([], dtype=int), clock)
        cover = drop_dominated_rows(merge_equal_rows(cover), clock)
        if cover.rows.shape == before:
            return cover


def _whole(value: float) -> int:
    """The next whole number, but not for what sums of doubles may add."""
    return math.ceil(value - 1e-6)


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
        loose = relaxed(_programme(choice, NOTHING), clock=clock)
        if loose.prices is not None and loose.values is not None:
            choice.loose = loose.values
            return np.maximum(loose.prices[: cover.rows.shape[0]], 0)
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
    loose: Floats | None = None  # the sites when they need not be whole

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

    @property
    def alike(self) -> float:
        """What each site costs, where all cost the same; else 0."""
        costs = self.cover.opening
        return float(costs[0]) if len(costs) and (costs == costs[0]).all() else 0.0

    def near_enough(self, bound: float) -> float:
        """What sites may cost to be as near to this bound as was asked for."""
        gap = min(max(self.problem.target_gap, 0.0), 0.5)
        enough = (bound + gap * self.paid) / (1 - gap)
        return max(enough, self.rounded(bound))

    def rounded(self, bound: float) -> float:
        """A bound that whole sites can reach, where all cost the same."""
        whole = self.alike > 0 and math.isfinite(bound)
        return _whole(bound / self.alike) * self.alike if whole else bound

    def exchange(self, least: float, clock: Clock) -> None:
        """Look for a smaller cover, but not below this cost, where every site costs the same."""
        if self.alike > 0 and self.sites is not None and self.cover.rows.shape[0]:
            most = max(math.floor(least / self.alike + 1e-6), 1)
            self.keep(smallest_cover(self.cover, self.sites, least=most, clock=clock))

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
