"""A bound by prices where loads are limited: each site takes the best of its room at these prices.

Each demand point offers a price for being served. A site fills its room with those that gain most
(a knapsack), and opens if their gains pay for it. Prices are searched by ``lagrange.climb``. The
value holds whatever the prices and whatever doubles lose: gains are counted a little too high.

Belongs here: what sites answer to prices, and which sites no better answer opens or closes.
Does not belong here: answers to the problem. Source: Geoffrion & McBride 1978; Beasley 1988, 1993;
Klose & Görtz 2007 (at least so many sites as hold all loads).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geoplan.plan.siting.bounds.lagrange import Priced
from geoplan.plan.siting.certificates.narrow import served_whole
from geoplan.plan.siting.loads.tariff import Tariff
from geoplan.plan.siting.problem import Floats, Ints

_UP, _ULP = 4 * 2.0**-52, 2.0**-52
_TABLE = 3_000_000  # cells beyond which whole points are not packed exactly


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """What the sites take at some prices.

    Parameters
    ----------
    at, share : pairs, and how much of each.
    gain : what each site gains at most.
    """

    at: Ints
    share: Floats
    gain: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Sites chosen by what they are worth, and how much worse it is to choose each otherwise."""

    value: float
    opened: Floats
    otherwise: Floats


@dataclass(slots=True, eq=False)
class Market:
    """The sites' answer to prices, where some are open and some closed already.

    Parameters
    ----------
    tariff : the problem.
    fixed, shut : sites that are open, and sites that are closed, whatever they are worth.
    otherwise : of the last answer, how much worse each site makes it when it is chosen otherwise.
    """

    tariff: Tariff
    fixed: NDArray[np.bool_]
    shut: NDArray[np.bool_]
    otherwise: Floats = field(default_factory=lambda: np.array([]))

    @classmethod
    def of(cls, tariff: Tariff) -> Market:
        """With the problem's own fixed sites."""
        fixed = np.zeros(tariff.sites, dtype=bool)
        fixed[list(tariff.problem.fixed)] = True
        return cls(tariff, fixed, np.zeros(tariff.sites, dtype=bool))

    def ask(self, prices: Floats) -> Priced:
        """What no answer can be below at these prices, and the sites that open."""
        tariff = self.tariff
        filled = fill(tariff, prices, self.shut)
        worth = tariff.opening - filled.gain
        choice = choose(self, worth)
        self.otherwise = choice.otherwise
        share = filled.share * choice.opened[tariff.site[filled.at]]
        point = tariff.point[filled.at]
        served: Floats = np.bincount(point, share, tariff.points).astype(float)
        value = tariff.base + float(prices.sum()) + choice.value
        lost = (
            _ULP
            * (tariff.points + tariff.sites + 8)
            * (abs(tariff.base) + float(prices.sum()) + float(np.abs(worth).sum()))
        )
        return Priced(value - lost, np.flatnonzero(choice.opened > 0), served, worth)


def fill(tariff: Tariff, prices: Floats, shut: NDArray[np.bool_]) -> Filled:
    """Each site takes what gains most for its room; the last may be a part of a point."""
    gains = prices[tariff.point] * (1 + _UP) - tariff.cost * (1 - _UP)
    at = np.flatnonzero(gains > 0)
    if shut.any():
        at = at[~shut[tariff.site[at]]]
    gain, site = gains[at], tariff.site[at]
    load = tariff.load[tariff.point[at]]
    rate = np.divide(gain, load, out=np.full(len(at), np.inf), where=load > 0)
    order = np.lexsort((-rate, site))
    at, gain, site = at[order], gain[order], site[order]
    load, rate = load[order], rate[order]
    begins = np.searchsorted(site, np.arange(tariff.sites))
    total = np.concatenate([[0.0], np.cumsum(load)])
    left = tariff.room[site] - (total[:-1] - total[begins[site]])
    share = np.where(load > 0, np.clip(left / np.where(load > 0, load, 1.0), 0.0, 1.0), 1.0)
    per_unit = np.zeros(tariff.sites)
    cut = np.flatnonzero(share < 1)[::-1]
    per_unit[site[cut]] = rate[cut]  # the first that does not fit is written last
    over = np.maximum(gain - per_unit[site] * load * (1 - _UP), 0.0)
    most = np.bincount(site, over, minlength=tariff.sites) + per_unit * tariff.room * (1 + _UP)
    longest = float(np.diff(np.append(begins, len(site))).max(initial=0))
    filled = Filled(at, share, most * (1 + (longest + 8) * _ULP))
    if served_whole(tariff.problem) and len(at):
        return _packed(tariff, filled, gain, begins) or filled
    return filled


def _packed(tariff: Tariff, filled: Filled, gain: Floats, begins: Ints) -> Filled | None:
    """The same where points are taken whole, where a table of all fillings is small enough.

    One row a site, one column a filling; the points of all sites come in one after the other
    (Bellman's recursion).
    """
    site, load = tariff.site[filled.at], tariff.load[tariff.point[filled.at]].astype(np.int64)
    size = np.diff(np.append(begins, len(site)))
    wide, long = int(tariff.room.max()) + 1, int(size.max())
    if tariff.sites * wide * long > _TABLE:
        return None
    busy = np.flatnonzero((filled.share < 1) & (filled.share > 0))
    rows = np.unique(site[busy])  # the others fit as they are
    if not len(rows):
        return None
    room = tariff.room[rows].astype(np.int64)
    columns, table = np.arange(wide), np.zeros((len(rows), wide))
    took = np.zeros((long, len(rows), wide), dtype=bool)
    for turn in range(long):
        there = np.flatnonzero(size[rows] > turn)
        item = begins[rows[there]] + turn
        back = columns[None, :] - load[item][:, None]
        with_it = np.take_along_axis(table[there], np.maximum(back, 0), axis=1)
        with_it = np.where(back >= 0, with_it + gain[item][:, None], -1.0)
        better = with_it > table[there]
        took[turn, there] = better
        table[there] = np.where(better, with_it, table[there])
    share, most = filled.share.copy(), filled.gain.copy()
    share[np.isin(site, rows)] = 0.0
    place = np.arange(len(rows))
    most[rows] = np.minimum(most[rows], table[place, room] * (1 + (long + 8) * _ULP))
    for turn in range(long - 1, -1, -1):
        there = np.flatnonzero((size[rows] > turn) & took[turn, place, room])
        item = begins[rows[there]] + turn
        share[item] = 1.0
        room[there] -= load[item]
    return Filled(filled.at, share, most)


def choose(market: Market, worth: Floats) -> Choice:
    """The sites that make the value least, within count or budget."""
    problem = market.tariff.problem
    if problem.p is None and problem.budget is not None:
        return _within_budget(market, worth)
    free = np.flatnonzero(~market.fixed & ~market.shut)
    free = free[np.argsort(worth[free], kind="stable")]
    given, opened = int(market.fixed.sum()), market.fixed.astype(float)
    least = (problem.p if problem.p is not None else market.tariff.fewest) - given
    count = least if problem.p is not None else max(least, int((worth[free] < 0).sum()))
    if count < 0 or count > len(free):
        return Choice(math.inf, opened, np.zeros(len(worth)))
    inside, outside = free[:count], free[count:]
    opened[inside] = 1.0
    otherwise = np.zeros(len(worth))
    worst, next_ = (
        worth[inside[-1:]].max(initial=-math.inf),
        worth[outside[:1]].min(initial=math.inf),
    )
    if problem.p is not None:
        otherwise[inside], otherwise[outside] = next_ - worth[inside], worth[outside] - worst
    else:
        at_least = count <= least
        otherwise[inside] = (next_ if at_least else 0.0) - worth[inside]
        otherwise[outside] = worth[outside] - (max(worst, 0.0) if at_least else 0.0)
    return Choice(float(worth[opened > 0].sum()), opened, np.maximum(otherwise, 0.0))


def _within_budget(market: Market, worth: Floats) -> Choice:
    """The last site may be opened in part: then what a unit of money is worth tells the rest."""
    problem, opened = market.tariff.problem, market.fixed.astype(float)
    free = np.flatnonzero(~market.fixed & ~market.shut & (worth < 0))
    money, price = float(problem.budget or 0.0), problem.opening
    rate = np.divide(
        -worth[free], price[free], out=np.full(len(free), np.inf), where=price[free] > 0
    )
    free, rate = free[np.argsort(-rate)], np.sort(rate)[::-1]
    before = np.cumsum(price[free]) - price[free]
    size = np.where(price[free] > 0, price[free], 1.0)
    part = np.where(price[free] > 0, np.clip((money - before) / size, 0.0, 1.0), 1.0)
    opened[free] = part
    cut = np.flatnonzero(part < 1)
    unit = float(rate[cut[0]]) if len(cut) else 0.0
    reduced = worth + unit * price * (1 - _UP)
    choosable = ~market.fixed & ~market.shut
    value = float(worth[market.fixed].sum() + np.minimum(reduced[choosable], 0.0).sum())
    value -= unit * money * (1 + 1e-12)
    return Choice(value, opened, np.where(choosable, np.abs(reduced), 0.0))


def first_prices(tariff: Tariff) -> Floats:
    """What each point would pay where as many sites as are needed were open, evenly spread.

    Of points in a plane the part of the way to the nearest of n, between the nearest and the mean
    of all candidates, goes with the root of n.
    """
    count = np.bincount(tariff.point, minlength=tariff.points)
    there = count > 0
    if not tariff.must_serve:
        return np.where(there, tariff.away * 0.5, 0.0)
    mean = np.bincount(tariff.point, tariff.cost, tariff.points) / np.maximum(count, 1)
    least = mean.copy()
    np.minimum.at(least, tariff.point, tariff.cost)
    wanted = max(tariff.problem.p or tariff.fewest, 1)
    share = tariff.load / max(float(tariff.load.sum()), 1e-300)
    opening = float(np.sort(tariff.opening)[:wanted].sum())
    prices: Floats = least + (mean - least) * min(1.0, wanted**-0.5) + share * opening
    return prices
