"""Split service by given open sites in doubles: fast, for trying many sets of sites.

Belongs here: the transport programme of a set of sites. Does not belong here: choosing the sites;
exact shares (``flow``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.highs import Finish, Programme, plainly
from geoplan.plan.siting.loads.tariff import Tariff
from geoplan.plan.siting.problem import Floats, Ints

_WIDE = (5, 16)  # so many of the cheapest open sites are looked at first for each point


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Pairs and shares, and what they cost.

    ``prices`` are what another load like each point's would cost, ``rooms`` what a unit of each
    site's room is worth.
    """

    at: Ints
    shares: Floats
    paid: float
    prices: Floats
    rooms: Floats


def split(
    tariff: Tariff, opened: Ints, clock: Clock, rooms: Floats, *, thorough: bool = False
) -> Split | None:
    """Cheap shares when these sites are open; ``None`` when there are none, or no time.

    Only the cheapest sites of each point are looked at, as long as all loads fit.

    Parameters
    ----------
    rooms : what a unit of each site's room may be worth; only tells which sites are cheap.
    thorough : whether to look at all sites where the loads do not fit the cheap ones.
    """
    places = tariff.places(opened)
    table = tariff.costs_at(places)
    there: NDArray[np.bool_] = np.asarray(np.isfinite(table).any(axis=1))
    if not len(opened) or (tariff.must_serve and not there.all()):
        return None
    easy = _cheapest(tariff, places, table, there)
    if easy is not None:
        return easy
    table += rooms[opened] * tariff.load[:, None]
    for wide in _WIDE:
        if wide < len(opened) and not clock.up:
            columns = np.argpartition(table, wide - 1, axis=1)[:, :wide]
            some = _Part(
                opened,
                np.take_along_axis(places, columns, 1),
                np.take_along_axis(table, columns, 1),
            )
            found = some.cheapest(tariff, clock)
            if found is not None:
                return found
    if len(opened) > _WIDE[-1] and not thorough:
        return None
    return _Part(opened, places, table).cheapest(tariff, clock)


def _cheapest(
    tariff: Tariff, places: Ints, table: Floats, there: NDArray[np.bool_]
) -> Split | None:
    """Everybody at the cheapest site, where that overfills none."""
    points = np.flatnonzero(there)
    first = places[points, np.argmin(table[points], axis=1)]
    taken = np.bincount(tariff.site[first], tariff.load[points], tariff.sites)
    if (taken > tariff.room).any():
        return None
    prices = np.where(there, 0.0, tariff.away)
    prices[points] = tariff.cost[first]
    shares = np.ones(len(first))
    return Split(first, shares, float(prices.sum()), prices, np.zeros(tariff.sites))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Pairs that are looked at, some a point, and what each may cost with its room."""

    opened: Ints
    places: Ints
    likely: Floats

    def cheapest(self, tariff: Tariff, clock: Clock) -> Split | None:
        """The transport programme of these pairs, begun with everybody at the likely cheapest."""
        points, width = tariff.points, len(self.opened)
        there = np.isfinite(self.likely)
        at, point = self.places[there], np.nonzero(there)[0]
        column = np.searchsorted(self.opened, tariff.site[at])
        size = np.maximum(tariff.room[self.opened], float(tariff.load.max(initial=1.0)))
        size[size == 0] = 1.0
        rows = np.concatenate([point, points + column])
        data = np.concatenate([np.ones(len(at)), tariff.load[point] / size[column]])
        shape, every = (points + width, len(at)), np.tile(np.arange(len(at)), 2)
        one = float(tariff.must_serve)
        programme = Programme(
            cost=tariff.cost[at] - (0.0 if tariff.must_serve else tariff.away[point]),
            rows=sparse.csr_array((data, (rows, every)), shape=shape),
            lower=np.concatenate([np.full(points, one or -np.inf), np.full(width, -np.inf)]),
            upper=np.concatenate([np.ones(points), tariff.room[self.opened] / size]),
            least=np.zeros(len(at)),
            most=np.full(len(at), np.inf),
            whole=np.zeros(len(at), dtype=bool),
        )
        served = np.flatnonzero(there.any(axis=1))
        number = np.full(there.shape, -1)
        number[there] = np.arange(len(at))
        basic = number[served, np.argmin(self.likely[served], axis=1)]
        finish = plainly(programme, clock=clock, basic=basic, tight=served)
        if finish.values is None or not math.isfinite(finish.bound):
            return None
        return self._split(tariff, finish, at, size)

    def _split(self, tariff: Tariff, finish: Finish, at: Ints, size: Floats) -> Split:
        points, values = tariff.points, np.zeros(len(at))
        values = values if finish.values is None else finish.values
        prices, rooms = np.zeros(points), np.zeros(tariff.sites)
        if finish.prices is not None:
            prices = finish.prices[:points]
            rooms[self.opened] = np.maximum(-finish.prices[points:], 0.0) / size
        stayed = 0.0
        if not tariff.must_serve:
            stayed = float(tariff.away.sum())
            prices = np.clip(prices + tariff.away, 0.0, tariff.away)
        kept = values > 0
        shares = np.minimum(values[kept], 1.0)
        return Split(at[kept], shares, finish.bound + stayed, prices, rooms)
