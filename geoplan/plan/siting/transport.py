"""Split service by given open sites in doubles: fast, for trying many sets of sites.

Belongs here: the transport programme of a set of sites. Does not belong here: choosing the sites;
exact shares (``flow``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from geoplan.plan.siting.highs import Programme, plainly
from geoplan.plan.siting.problem import Floats, Ints
from geoplan.plan.siting.search import Clock
from geoplan.plan.siting.tariff import Tariff

_WIDE = 16  # so many of the cheapest open sites are looked at first for each point


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Pairs and shares, what they cost, and what another load of each point would cost."""

    at: Ints
    shares: Floats
    paid: float
    prices: Floats


def split(tariff: Tariff, opened: Ints, clock: Clock) -> Split | None:
    """The cheapest shares when these sites are open; ``None`` when there are none, or no time."""
    at = tariff.of_sites(opened)
    order = np.lexsort((tariff.cost[at], tariff.point[at]))
    at = at[order]
    point = tariff.point[at]
    begins = np.searchsorted(point, np.arange(tariff.points + 1))
    if tariff.must_serve and (begins[1:] == begins[:-1]).any():
        return None
    easy = _cheapest(tariff, at, begins)
    if easy is not None:
        return easy
    rank = np.arange(len(at)) - begins[point]
    near = rank < _WIDE
    if near.all():
        return _programmed(tariff, opened, at, clock)
    found = _programmed(tariff, opened, at[near], clock)
    if found is None:
        return _programmed(tariff, opened, at, clock)
    return found


def _cheapest(tariff: Tariff, at: Ints, begins: Ints) -> Split | None:
    """Everybody at the cheapest site, where that overfills none."""
    there = begins[1:] > begins[:-1]
    first = at[begins[:-1][there]]
    taken = np.bincount(tariff.site[first], tariff.load[tariff.point[first]], tariff.sites)
    if (taken > tariff.room).any():
        return None
    prices = np.where(there, 0.0, tariff.away)
    prices[there] = tariff.cost[first]
    paid = float(prices.sum())
    return Split(first, np.ones(len(first)), paid, prices)


def _programmed(tariff: Tariff, opened: Ints, at: Ints, clock: Clock) -> Split | None:
    points, width = tariff.points, len(opened)
    place = np.zeros(tariff.sites, dtype=np.int64)
    place[opened] = np.arange(width)
    point, column = tariff.point[at], np.arange(len(at))
    size = np.maximum(tariff.room[opened], float(tariff.load.max(initial=1.0)))
    size[size == 0] = 1.0
    rows = np.concatenate([point, points + place[tariff.site[at]]])
    parts = tariff.load[point] / size[place[tariff.site[at]]]
    data = np.concatenate([np.ones(len(at)), parts])
    shape = (points + width, len(at))
    stays = 0.0 if tariff.must_serve else tariff.away[point]
    finish = plainly(
        Programme(
            cost=tariff.cost[at] - stays,
            rows=sparse.csr_array((data, (rows, np.tile(column, 2))), shape=shape),
            lower=np.concatenate(
                [np.full(points, float(tariff.must_serve)), np.full(width, -np.inf)]
            ),
            upper=np.concatenate([np.ones(points), tariff.room[opened] / size]),
            least=np.zeros(len(at)),
            most=np.full(len(at), np.inf),
            whole=np.zeros(len(at), dtype=bool),
        ),
        clock=clock,
    )
    if finish.values is None or not math.isfinite(finish.bound):
        return None
    stayed = 0.0 if tariff.must_serve else float(tariff.away.sum())
    prices = np.zeros(points) if finish.prices is None else finish.prices[:points]
    if not tariff.must_serve:
        prices = np.clip(prices + tariff.away, 0.0, tariff.away)
    kept = finish.values > 0
    return Split(at[kept], np.minimum(finish.values[kept], 1.0), finish.bound + stayed, prices)
