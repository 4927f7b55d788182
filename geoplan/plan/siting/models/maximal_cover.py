"""Maximal cover (mclp): p sites that cover the most people within a radius.

maximise Σ w_i z_i subject to z_i <= Σ_{j covers i} y_j, Σ y_j = p, y_j = 1 for the fixed sites,
y_j and z_i in {0, 1}. Source: Church & ReVelle 1974; the bound: Galvão & ReVelle 1996; the swaps:
Teitz & Bart 1968.

Belongs here: this model without capacities and with a number of sites. Does not belong here:
reductions, prices in general.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from geoplan.plan.siting.bounds.clock import Clock, Found, different, top_up
from geoplan.plan.siting.bounds.covering_matrix import (
    Cover,
    drop_dominated_columns,
    merge_equal_rows,
)
from geoplan.plan.siting.bounds.grain import least_difference
from geoplan.plan.siting.bounds.highs import Programme, minimise
from geoplan.plan.siting.bounds.lagrange import NOTHING, Aim, Priced, Settled, climb, settled
from geoplan.plan.siting.problem import Floats, Ints, SitingProblem

_SWAP_FIRST = 8
_NEAR, _LARGE = 0.5, 200_000  # how long to bid before HiGHS; it does not help with larger ones


def solve_maximal(
    problem: SitingProblem, clock: Clock, *, barred: Sequence[tuple[int, ...]] = ()
) -> Found:
    """The sites that cover the most, as a search that minimises minus the people covered."""
    cover = _small(problem, clock, different_sites=bool(barred))
    fixed = np.flatnonzero(np.isin(cover.columns, problem.fixed))
    count = min(problem.p or 0, len(cover.columns))
    choice = _Choice(cover, fixed, count, clock)
    if barred:
        return _finish(problem, choice, clock, barred, NOTHING)
    choice.swap(choice.greedy())
    margin = least_difference([problem.weights])
    best = climb(
        choice.ask,
        choice.improve,
        start=cover.weights / np.maximum(1, np.diff(cover.rows.indptr)) ** 0.5,
        most=cover.weights,
        aim=Aim(
            -choice.covered,
            problem.target_gap,
            clock.share(_NEAR if cover.rows.nnz < _LARGE else 1.0),
        ),
    )
    if best.known - margin < best.bound or -choice.covered - best.bound <= (
        problem.target_gap * choice.covered
    ):
        bound = -choice.covered if best.known - margin < best.bound else best.bound
        return Found(top_up(problem, cover.columns[choice.sites]), bound)
    return _finish(problem, choice, clock, barred, settled(best, count, margin))


def _small(problem: SitingProblem, clock: Clock, *, different_sites: bool) -> Cover:
    """The covering matrix without what cannot matter."""
    costs = problem.usable
    rows = costs.reach()
    columns = np.arange(costs.shape[1])
    cover = Cover(rows, problem.weights, np.zeros(len(columns)), columns)
    matters = (np.diff(rows.indptr) > 0) & (problem.weights > 0)
    cover = merge_equal_rows(cover.only_rows(matters))
    if different_sites or cover.rows.shape[0] == 0:
        return cover
    return drop_dominated_columns(cover, np.array(problem.fixed, dtype=int), clock)


@dataclass(eq=False)
class _Choice:
    """The best sites so far, as columns of the cover."""

    cover: Cover
    fixed: Ints
    count: int
    clock: Clock
    sites: Ints = field(default_factory=lambda: np.array([], dtype=int))
    covered: float = -1.0

    def value(self, sites: Ints) -> float:
        """The people that these sites cover."""
        served = self.cover.by_site[sites].sum(axis=0) > 0
        return float(self.cover.weights[served].sum())

    def keep(self, sites: Ints) -> None:
        """Remember sites that cover more."""
        value = self.value(sites)
        if value > self.covered:
            self.sites, self.covered = np.sort(sites), value

    def greedy(self) -> Ints:
        """Each time the site that adds the most people."""
        by_site, left = self.cover.by_site, self.cover.weights.copy()
        chosen = list(self.fixed.tolist())
        for site in chosen:
            left[_covered_by(by_site, site)] = 0
        while len(chosen) < self.count:
            gains = by_site @ left
            gains[chosen] = -1
            site = int(np.argmax(gains))
            chosen.append(site)
            left[_covered_by(by_site, site)] = 0
        return np.array(chosen, dtype=int)

    def swap(self, sites: Ints) -> None:
        """The best exchange of one site for another, until none helps."""
        self.keep(sites)
        sites = sites.copy()
        movable = ~np.isin(sites, self.fixed)
        while movable.any() and not self.clock.up:
            gain, place, site = self._best_swap(sites, movable)
            if gain <= 0:
                break
            sites[place] = site
        self.keep(sites)

    def _best_swap(self, sites: Ints, movable: np.ndarray) -> tuple[float, int, int]:
        by_site, weights = self.cover.by_site, self.cover.weights
        chosen = by_site[sites]
        times = chosen.sum(axis=0)
        adds = by_site @ (weights * (times == 0))
        alone = sparse.csr_array(chosen * (weights * (times == 1))[None, :])
        changes = np.asarray((alone @ self.cover.rows).toarray())
        changes += adds[None, :] - alone.sum(axis=1)[:, None]
        changes[~movable] = -np.inf
        changes[:, sites] = -np.inf
        place, site = np.unravel_index(int(np.argmax(changes)), changes.shape)
        step = float(changes[place, site])
        tiny = 1e-9 * max(1.0, self.covered)
        return (step if step > tiny else 0.0), int(place), int(site)

    def ask(self, prices: Floats) -> Priced:
        """Minus the people covered, at best: what is not bid, and the p best sums of bids."""
        worth = -(self.cover.by_site @ prices)
        forced = worth.copy()
        forced[self.fixed] = -np.inf
        sites = np.argpartition(forced, self.count - 1)[: self.count]
        served = self.cover.by_site[sites].sum(axis=0)
        value = -float((self.cover.weights - prices).sum()) + float(worth[sites].sum())
        forced_worth = worth.copy()
        forced_worth[self.fixed] = worth.min(initial=0.0)
        return Priced(value, sites, np.asarray(served), forced_worth)

    def improve(self, priced: Priced, round_: int) -> float:
        """Look at the sites that the prices open; now and then exchange from there."""
        later = round_ & (round_ - 1) == 0  # each time twice as late
        often = round_ % _SWAP_FIRST == 0 and self.cover.rows.nnz < _LARGE
        if round_ >= _SWAP_FIRST and (often or later):
            self.swap(priced.sites)
        else:
            self.keep(priced.sites)
        return -self.covered


def _covered_by(by_site: sparse.csr_array, site: int) -> Ints:
    return np.asarray(by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]])


def _finish(
    problem: SitingProblem,
    choice: _Choice,
    clock: Clock,
    barred: Sequence[tuple[int, ...]],
    known: Settled,
) -> Found:
    """HiGHS on what is left open."""
    programme = _programme(problem, choice, barred, known)
    start = _start(choice) if len(choice.sites) else None
    gap, searched = problem.target_gap, len(choice.sites) > 0 and not barred
    finish = minimise(programme, clock=clock, gap=gap, start=start, only_prove=searched)
    if finish.values is not None:
        sites = np.flatnonzero(finish.values[: len(choice.cover.columns)] > 0.5)  # noqa: PLR2004
        choice.keep(sites)
    if not len(choice.sites):
        return Found(None, finish.bound, interrupted=finish.interrupted)
    proven = max(known.bound, min(finish.bound, -choice.covered))
    sites = choice.cover.columns[choice.sites]
    return Found(top_up(problem, sites), proven, interrupted=finish.interrupted)


def _programme(
    problem: SitingProblem,
    choice: _Choice,
    barred: Sequence[tuple[int, ...]],
    known: Settled,
) -> Programme:
    """Columns: the sites, then the rows' z in [0, 1]."""
    cover = choice.cover
    points, candidates = cover.rows.shape
    least, most = np.zeros(candidates + points), np.ones(candidates + points)
    most[known.closed], least[known.opened], least[choice.fixed] = 0, 1, 1
    links = sparse.hstack([cover.rows, -sparse.eye_array(points)])
    count = sparse.csr_array(np.ones((1, candidates)))
    bars = different(problem, cover.columns, barred)
    side = sparse.vstack([count, bars.matrix])
    side = sparse.hstack([side, sparse.csr_array((side.shape[0], points))])
    rows = sparse.csr_array(sparse.vstack([links, side]))
    whole = np.arange(candidates + points) < candidates
    return Programme(
        cost=np.concatenate([np.zeros(candidates), -cover.weights]),
        rows=rows,
        lower=np.concatenate([np.zeros(points), [choice.count], np.full(len(bars.most), -np.inf)]),
        upper=np.concatenate([np.full(points, np.inf), [choice.count], bars.most]),
        least=least,
        most=most,
        whole=whole,
    )


def _start(choice: _Choice) -> Floats:
    """The best sites so far as values of the programme."""
    opened = np.zeros(len(choice.cover.columns))
    opened[choice.sites] = 1
    return np.concatenate([opened, (choice.cover.rows @ opened > 0).astype(float)])
