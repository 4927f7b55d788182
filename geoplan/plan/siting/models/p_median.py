"""p-median: p sites with the least people-weighted cost to the nearest of them.

minimise Σ w_i c_ij x_ij subject to Σ_j x_ij = 1, x_ij <= y_j, Σ y_j = p, y_j = 1 for the fixed
sites, y_j in {0, 1}. Source: Hakimi 1964; ReVelle & Swain 1970; exchange: Teitz & Bart 1968 in the
way of Resende & Werneck 2007; the bound: Cornuéjols, Fisher & Nemhauser 1977; the programme that
finishes, one step a distance: García, Labbé & Marín 2011.

Belongs here: this model. Does not belong here: prices in general, capacities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geoplan.plan.siting.bounds.clock import Clock, Found, different
from geoplan.plan.siting.bounds.grain import least_difference
from geoplan.plan.siting.bounds.highs import Programme, minimise
from geoplan.plan.siting.bounds.lagrange import NOTHING, Aim, Climb, Priced, Settled, climb, settled
from geoplan.plan.siting.problem import Costs, Floats, Ints, SitingProblem

_NEAR, _SWAP_FIRST, _SMALL = 0.7, 8, 300_000
_CELLS, _EQUAL, _DEEPEST = 4_000_000, 5e-10, 300
_BRANCHED, _AGAIN = 1_000_000, 0.4  # pairs up to which to branch, and the first step there
_SORTED, _SORT_S = 6_000_000, 1e-6  # pairs sorted for it at most, and the seconds for each
_STEPS = 600_000  # steps of the finishing programme beyond which it does not help


def solve_median(
    problem: SitingProblem, clock: Clock, *, barred: Sequence[tuple[int, ...]] = ()
) -> Found:
    """The p sites with the least weighted cost; every point must reach some candidate."""
    choice = _Choice(problem, tuple(barred), clock)
    choice.swap(choice.greedy())
    margin = _margin(problem)
    if not math.isfinite(choice.cost):
        return _finish(choice, clock, NOTHING)
    best = climb(
        choice.ask,
        choice.improve,
        start=choice.first_prices(),
        most=choice.dearest,
        aim=Aim(choice.cost, problem.target_gap, clock.share(_NEAR)),
    )
    if choice.cost - margin < best.bound:
        return Found(choice.sites, choice.cost)
    if choice.cost - best.bound <= problem.target_gap * choice.cost:
        return Found(choice.sites, best.bound)
    if barred or len(choice.near.cost) > _BRANCHED:
        return _finish(choice, clock, settled(best, problem.p, margin))
    bound = _branch(choice, best, margin)
    return Found(choice.sites, min(bound, choice.cost))


def exchanged(
    problem: SitingProblem, sites: Ints, clock: Clock, *, barred: Sequence[tuple[int, ...]] = ()
) -> Ints:
    """These sites after the exchanges that save most, one by one, until none helps."""
    choice = _Choice(problem, tuple(barred), clock)
    choice.swap(sites)
    return sites if choice.sites is None else choice.sites


def _branch(choice: _Choice, parent: Climb, margin: float, *, depth: int = 0) -> float:
    """What no answer of this part of the tree can be below, or be better than the best known.

    Prices settle what they can; then one site is tried closed and open (Beasley 1985;
    Christofides & Beasley 1982). When time is up the parent's bound stands.
    """
    if choice.cost - margin < parent.bound:
        return choice.cost
    if choice.clock.up or depth > _DEEPEST or _near_enough(choice, parent.bound):
        return parent.bound
    before = choice.closed.copy(), choice.forced.copy()
    done = settled(replace(parent, known=choice.cost), choice.count, margin)
    choice.closed[done.closed], choice.forced[done.opened] = True, True
    site = choice.doubtful(parent)
    if site is None:
        bound = choice.leaf()
    else:
        bound = math.inf
        for side in (choice.closed, choice.forced):
            side[site] = True
            bound = min(bound, _branch(choice, choice.climb_from(parent), margin, depth=depth + 1))
            side[site] = False
    choice.closed[:], choice.forced[:] = before
    return max(parent.bound, min(bound, choice.cost))


def _near_enough(choice: _Choice, bound: float) -> bool:
    return choice.cost - bound <= max(choice.problem.target_gap, _EQUAL) * choice.cost


def _margin(problem: SitingProblem) -> float:
    """Two different answers differ by at least this."""
    return least_difference([problem.weights]) * least_difference([problem.costs.cost])


@dataclass(eq=False)
class _Choice:
    """The best sites so far, and the pairs sorted for asking."""

    problem: SitingProblem
    barred: tuple[tuple[int, ...], ...]
    clock: Clock
    pairs: Costs = field(init=False)
    paid: Floats = field(init=False)
    fixed: Ints = field(init=False)
    dearest: Floats = field(init=False)
    near: Costs = field(init=False)
    closed: NDArray[np.bool_] = field(init=False)
    forced: NDArray[np.bool_] = field(init=False)
    by_site: sparse.csc_array = field(init=False)
    large: float = field(init=False)
    sites: Ints | None = None
    cost: float = math.inf

    def __post_init__(self) -> None:
        costs = self.problem.costs
        self.pairs = costs
        self.paid = self.problem.weights[costs.demand] * costs.cost
        self.fixed = np.array(self.problem.fixed, dtype=int)
        self.closed = np.zeros(costs.shape[1], dtype=bool)
        self.forced = np.zeros(costs.shape[1], dtype=bool)
        self.forced[self.fixed] = True
        self.near, self.dearest = _nearest_pairs(self.problem, self.paid)
        self.by_site = _by_site(costs, self.paid)
        self.large = 2.0 * max(1.0, float(self.paid.max(initial=0.0))) * costs.shape[0]

    @property
    def count(self) -> int:
        return self.problem.p or 0

    def first_two(self, sites: Ints) -> tuple[Floats, Floats, Ints]:
        """What each point pays at its cheapest and second cheapest of these sites, and the first."""
        demand = self.pairs.shape[0]
        mine = self.by_site[:, sites]
        table = np.full((demand, max(2, len(sites))), np.inf)
        table[mine.indices, np.repeat(np.arange(len(sites)), np.diff(mine.indptr))] = mine.data
        first = table.argmin(axis=1)
        lowest = table[np.arange(demand), first].copy()
        table[np.arange(demand), first] = np.inf
        return lowest, table.min(axis=1), first

    def keep(self, sites: Ints) -> None:
        """Remember sites that cost less."""
        sites = np.sort(sites)
        if tuple(sites.tolist()) in self.barred:
            return
        cost = float(self.first_two(sites)[0].sum())
        if cost < self.cost:
            self.sites, self.cost = sites, cost

    def greedy(self) -> Ints:
        """Each time the site that saves most; unreached points weigh more than any cost."""
        near, candidates = self.near, self.pairs.shape[1]
        paying = np.minimum(self.dearest, self.large)
        chosen = list(self.fixed.tolist())
        if chosen:
            paying = np.minimum(self.first_two(self.fixed)[0], paying)
        while len(chosen) < self.count:
            saved = np.maximum(paying[near.demand] - near.cost, 0)
            gains = np.bincount(near.candidate, saved, minlength=candidates)
            gains[chosen] = -1
            if self.clock.up:
                rest = np.argsort(-gains, kind="stable")[: self.count - len(chosen)]
                return np.array([*chosen, *rest.tolist()], dtype=int)
            site = int(np.argmax(gains))
            chosen.append(site)
            at = near.candidate == site
            np.minimum.at(paying, near.demand[at], near.cost[at])
        return np.array(chosen, dtype=int)

    def swap(self, sites: Ints) -> None:
        """The best exchange of one site for another, until none helps."""
        sites, paying = np.sort(sites), math.inf
        while True:
            lowest, second, first = self.first_two(sites)
            if float(lowest.sum()) >= paying or not np.isfinite(lowest).all():
                return
            paying = float(lowest.sum())
            self.keep(sites)
            better = self._best_swap(sites, lowest, np.minimum(second, self.second_best), first)
            if better is None or self.clock.up:
                return
            sites = better

    @property
    def second_best(self) -> Floats:
        """What a point pays at most without its site, as far as its nearest pairs tell."""
        return np.minimum(self.dearest, self.large)

    def _best_swap(self, sites: Ints, lowest: Floats, second: Floats, first: Ints) -> Ints | None:
        candidates, near = self.pairs.shape[1], self.near
        bounded = np.maximum(second, lowest)
        useful = near.cost < bounded[near.demand]
        point, site, pay = near.demand[useful], near.candidate[useful], near.cost[useful]
        gains = np.bincount(site, np.maximum(lowest[point] - pay, 0), minlength=candidates)
        losses = np.bincount(first, bounded - lowest, minlength=len(sites))
        back = bounded[point] - np.maximum(pay, lowest[point])
        cells = first[point] * candidates + site
        extra = np.bincount(cells, back, minlength=len(sites) * candidates)
        changes = gains[None, :] - losses[:, None] + extra.reshape(len(sites), candidates)
        changes[np.isin(sites, self.fixed)] = -np.inf
        changes[:, sites] = -np.inf
        for cell in np.argsort(-changes, axis=None)[: 1 + len(self.barred)].tolist():
            place, new = divmod(cell, candidates)
            if changes[place, new] <= 1e-9 * max(1.0, float(lowest.sum())):
                return None
            better = sites.copy()
            better[place] = new
            better = np.sort(better)
            if tuple(better.tolist()) not in self.barred:
                return better
        return None

    def first_prices(self) -> Floats:
        """Between what a point pays now and would pay without its site."""
        lowest, second, _ = self.first_two(np.array([], int) if self.sites is None else self.sites)
        second = np.where(np.isfinite(second), second, lowest)
        return np.minimum((lowest + second) / 2, self.dearest)

    def ask(self, prices: Floats) -> Priced:
        """All prices, and the p sites whose points gain most by them."""
        near, candidates = self.near, self.pairs.shape[1]
        gain = near.cost - prices[near.demand]
        useful = gain < 0
        worth = np.zeros(candidates)
        worth += np.bincount(near.candidate[useful], gain[useful], minlength=candidates)
        forced = worth.copy()
        forced[self.closed] = np.inf
        forced[self.forced] = -np.inf
        sites = np.argpartition(forced, self.count - 1)[: self.count]
        opened = np.zeros(candidates, dtype=bool)
        opened[sites] = True
        at = near.demand[useful][opened[near.candidate[useful]]]
        served = np.bincount(at, minlength=len(prices)).astype(float)
        value = float(prices.sum() + worth[sites].sum())
        worth[self.closed] = np.inf
        worth[self.forced] = worth.min(initial=0.0)
        return Priced(value, sites, served, worth)

    def doubtful(self, parent: Climb) -> int | None:
        """The site that the prices open with the least conviction; ``None`` when all is settled."""
        free = ~self.closed & ~self.forced
        if self.forced.sum() >= self.count or free.sum() + self.forced.sum() <= self.count:
            return None
        inside = parent.priced.sites[free[parent.priced.sites]]
        if len(inside) == 0:
            inside = np.flatnonzero(free)
        return int(inside[np.argmax(parent.priced.worth[inside])])

    def leaf(self) -> float:
        """The only answer left, if it is one."""
        sites = np.flatnonzero(self.forced)
        if len(sites) < self.count:
            sites = np.flatnonzero(~self.closed)
        if len(sites) != self.count:
            return math.inf
        self.keep(sites)
        return float(self.first_two(sites)[0].sum())

    def climb_from(self, parent: Climb) -> Climb:
        """The bound of a part of the tree, from the prices of the whole."""
        open_pairs = ~self.closed[self.near.candidate]
        everything, self.near = self.near, self.near.only(open_pairs)
        aim = Aim(self.cost, self.problem.target_gap, self.clock, step=_AGAIN)
        found = climb(self.ask, self.improve, start=parent.prices, most=self.dearest, aim=aim)
        self.near = everything
        return replace(found, bound=max(found.bound, parent.bound))

    def improve(self, priced: Priced, round_: int) -> float:
        """Now and then look at the sites that the prices open, and exchange from there."""
        later = round_ & (round_ - 1) == 0
        often = round_ % _SWAP_FIRST == 0 and len(self.paid) < _SMALL
        if round_ >= _SWAP_FIRST and (often or later):
            self.swap(priced.sites)
        return self.cost


def _by_site(costs: Costs, paid: Floats) -> sparse.csc_array:
    """What each point pays at each site, site by site; quickly where there is every pair."""
    demand, candidates = costs.shape
    if len(paid) < demand * candidates:
        return sparse.csc_array((paid, (costs.demand, costs.candidate)), shape=costs.shape)
    rows = np.tile(np.arange(demand), candidates)
    begins = np.arange(candidates + 1) * demand
    return sparse.csc_array((paid.reshape(costs.shape).ravel("F"), rows, begins), costs.shape)


def _nearest_pairs(problem: SitingProblem, paid: Floats) -> tuple[Costs, Floats]:
    """The cheapest pairs of each point, as many as prices can ever tempt, and the highest price.

    No price may exceed what the first pair left out would pay: then leaving it out changes
    nothing. Where no pair is left out a price has no limit.
    """
    costs = problem.costs
    demand, candidates = costs.shape
    kept = max(40, 8 * candidates // max(1, problem.p or 1))
    if kept >= candidates:
        whole = Costs(costs.demand, costs.candidate, paid, costs.shape)
        return whole, np.full(demand, np.inf)
    near, dearest = np.zeros(len(paid), dtype=bool), np.full(demand, np.inf)
    block = max(1, _CELLS // candidates)
    for begin in range(0, demand, block):
        end = min(begin + block, demand)
        low, high = np.searchsorted(costs.demand, [begin, end])
        table = np.full((end - begin, candidates), np.inf)
        rows, columns = costs.demand[low:high] - begin, costs.candidate[low:high]
        table[rows, columns] = paid[low:high]
        limit = np.partition(table, kept, axis=1)[:, kept]
        near[low:high] = paid[low:high] < limit[rows]
        dearest[begin:end] = limit
    return Costs(costs.demand[near], costs.candidate[near], paid[near], costs.shape), dearest


def _finish(choice: _Choice, clock: Clock, known: Settled) -> Found:
    """HiGHS on what is left open, where that is small enough to help."""
    kept = _tempting(choice, known)
    long = np.count_nonzero(kept) * _SORT_S > clock.left_s
    if choice.sites is not None and (long or np.count_nonzero(kept) > _SORTED):
        return Found(choice.sites, known.bound)
    steps = _build_steps(choice, kept)
    if steps.count > _STEPS and choice.sites is not None:
        return Found(choice.sites, known.bound)
    programme = _programme(choice, known, steps)
    start = None if choice.sites is None else _start(choice, steps)
    gap = choice.problem.target_gap
    finish = minimise(programme, clock=clock, gap=gap, start=start)
    if finish.values is not None:
        opened = finish.values[: choice.pairs.shape[1]] > 0.5  # noqa: PLR2004 - rounds 0 and 1
        choice.keep(np.flatnonzero(opened))
    if choice.sites is None:
        return Found(None, finish.bound, interrupted=finish.interrupted)
    bound = max(known.bound, min(finish.bound, choice.cost))
    return Found(choice.sites, bound, interrupted=finish.interrupted)


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """For each point its different costs in order: a step is paid when nothing below it is open.

    Parameters
    ----------
    point, rise : the point of each step, and how much dearer than the step before it is.
    member, site : which candidate serves at which step.
    count : how many steps there are.
    """

    point: Ints
    rise: Floats
    member: Ints
    site: Ints
    count: int


def _tempting(choice: _Choice, known: Settled) -> NDArray[np.bool_]:
    """The pairs that a better answer may use: at open ends, and not dearer than what is open."""
    pairs, paid = choice.pairs, choice.paid
    closed = np.zeros(pairs.shape[1], dtype=bool)
    closed[known.closed] = True
    always = np.union1d(known.opened, choice.fixed).astype(int)
    most = choice.first_two(always)[0] if len(always) else np.full(pairs.shape[0], np.inf)
    return ~closed[pairs.candidate] & (paid <= most[pairs.demand])


def _build_steps(choice: _Choice, kept: NDArray[np.bool_]) -> _Steps:
    pairs, paid = choice.pairs, choice.paid
    point, site, pay = pairs.demand[kept], pairs.candidate[kept], paid[kept]
    order = np.lexsort((site, pay, point))
    point, site, pay = point[order], site[order], pay[order]
    new = np.ones(len(point), dtype=bool)
    new[1:] = (point[1:] != point[:-1]) | (pay[1:] != pay[:-1])
    member = np.cumsum(new) - 1
    points, pays = point[new], pay[new]
    rise = pays.copy()
    same = np.zeros(len(points), dtype=bool)
    same[1:] = points[1:] == points[:-1]
    rise[same] -= pays[:-1][same[1:]]
    return _Steps(points, rise, member, site, len(points))


def _programme(choice: _Choice, known: Settled, steps: _Steps) -> Programme:
    """Columns: the sites, then for each step whether it is not enough (the next one is paid).

    With z_r = 1 when no site up to step r is open: z_r + Σ_{sites of r} y >= z_{r-1}, z_0 = 1,
    and z = 0 at the last step; the cost is the first step plus Σ rise_{r+1} z_r.
    """
    candidates, count = choice.pairs.shape[1], steps.count
    first = np.ones(count, dtype=bool)
    first[1:] = steps.point[1:] != steps.point[:-1]
    last = np.append(first[1:], True)
    later = np.flatnonzero(~first)
    ones = np.ones(len(steps.member))
    rows = np.concatenate([steps.member, np.arange(count), later])
    columns = np.concatenate([steps.site, candidates + np.arange(count), candidates + later - 1])
    values = np.concatenate([ones, np.ones(count), -np.ones(len(later))])
    links = sparse.csr_array((values, (rows, columns)), shape=(count, candidates + count))
    bars = different(choice.problem, np.arange(candidates), choice.barred)
    side = sparse.vstack([sparse.csr_array(np.ones((1, candidates))), bars.matrix])
    side = sparse.hstack([side, sparse.csr_array((side.shape[0], count))])
    cost = np.zeros(candidates + count)
    cost[candidates + later - 1] = steps.rise[later]
    least, most = np.zeros(candidates + count), np.ones(candidates + count)
    most[known.closed], least[known.opened], least[choice.fixed] = 0, 1, 1
    most[candidates:][last] = 0
    base = float(steps.rise[first].sum())
    return Programme(
        cost=cost,
        rows=sparse.csr_array(sparse.vstack([links, side])),
        lower=np.concatenate(
            [first.astype(float), [choice.count], np.full(len(bars.most), -np.inf)]
        ),
        upper=np.concatenate([np.full(count, np.inf), [choice.count], bars.most]),
        least=least,
        most=most,
        whole=np.arange(candidates + count) < candidates,
        base=base,
    )


def _start(choice: _Choice, steps: _Steps) -> Floats:
    """The best sites so far as values of the programme."""
    candidates = choice.pairs.shape[1]
    opened = np.zeros(candidates)
    opened[choice.sites] = 1
    here = np.bincount(steps.member, opened[steps.site], minlength=steps.count)
    total = np.cumsum(here)
    first = np.ones(steps.count, dtype=bool)
    first[1:] = steps.point[1:] != steps.point[:-1]
    before = (total - here)[first][np.cumsum(first) - 1]
    return np.concatenate([opened, (total - before == 0).astype(float)])
