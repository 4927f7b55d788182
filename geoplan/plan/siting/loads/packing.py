"""Whole points into the rooms of given open sites: shifts, swaps, and a price for what overflows.

Belongs here: who goes whole to whom when the sites are known, as well as a short search finds it.
Does not belong here: choosing the sites; bounds. Source: Martello & Toth 1981 (generalised
assignment); Yagiura, Ibaraki & Glover 2004 (what overflows has a price that adapts); Lourenço,
Martin & Stützle 2003 (iterated local search).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.loads.tariff import Tariff
from geoplan.plan.siting.problem import Floats, Ints

_PAIRS, _NEAR = 60_000, 1e-9  # swaps that are looked at at a time
_STEPS, _DEARER, _CHEAPER, _SHAKEN = 400, 1.6, 0.8, 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """The site of each point (-1 where it stays away), and what it costs."""

    chosen: Ints
    paid: float


@dataclass(frozen=True, slots=True)
class Effort:
    """How often the best packing is shaken, and the seed of what is drawn for it."""

    tries: int
    seed: int = 0


def pack(tariff: Tariff, opened: Ints, clock: Clock, begin: Ints, effort: Effort) -> Packed | None:
    """The cheapest packing found that keeps all limits; ``None`` when none was found.

    Parameters
    ----------
    begin : a site for each point to begin from, -1 where none is known.
    """
    state = _Rooms.of(tariff, opened)
    if state is None:
        return None
    state.settle(begin)
    rng = np.random.default_rng(effort.seed)
    best: tuple[float, Ints] | None = None
    for turn in range(effort.tries + 1):
        if turn:
            state.shake(rng, None if best is None else best[1])
        state.descend(clock, rng)
        if state.keeps() and (best is None or state.paid() < best[0] - 1e-12 * abs(best[0])):
            best = state.paid(), state.where.copy()
        if clock.up:
            break
    if best is None:
        return None
    sites = np.append(opened, -1)
    return Packed(sites[best[1]], best[0])


@dataclass(slots=True, eq=False)
class _Rooms:
    """Where each point is, what each column holds; one more column is "away" in mclp."""

    table: Floats
    load: Floats
    room: Floats
    least: Floats
    price: float
    sites: Ints
    where: Ints = field(default_factory=lambda: np.array([], dtype=np.int64))
    held: Floats = field(default_factory=lambda: np.array([]))

    @classmethod
    def of(cls, tariff: Tariff, opened: Ints) -> _Rooms | None:
        table, room, least = tariff.matrix(opened), tariff.room[opened], tariff.least[opened]
        if not tariff.must_serve:
            table = np.hstack([table, tariff.away[:, None]])
            room, least = np.append(room, math.inf), np.append(least, 0.0)
        there = np.isfinite(table)
        if not there.any(axis=1).all():
            return None
        usual = float(np.median(table[there])) or 1.0
        price = usual / max(float(tariff.load.mean()), 1e-300)
        return cls(table, tariff.load, room, least, price, opened)

    def settle(self, begin: Ints) -> None:
        """Points where they begin, else at the cheapest column."""
        place = {int(site): column for column, site in enumerate(self.sites)}
        self.where = np.argmin(self.table, axis=1)
        for i, site in enumerate(begin.tolist()):
            column = place.get(site, -1)
            if column >= 0 and math.isfinite(self.table[i, column]):
                self.where[i] = column
        self._hold()

    def _hold(self) -> None:
        held: Floats = np.bincount(self.where, self.load, len(self.room)).astype(float)
        self.held = held

    def off(self, held: Floats, column: Ints | slice = slice(None)) -> Floats:
        """By how much so much in a column is too much, or too little."""
        over: Floats = np.maximum(held - self.room[column], 0.0)
        return over + np.maximum(self.least[column] - held, 0.0)

    def keeps(self) -> bool:
        """Whether all limits are kept."""
        return not self.off(self.held).any()

    def paid(self) -> float:
        """What the service costs."""
        return float(self.table[np.arange(len(self.where)), self.where].sum())

    def shake(self, rng: np.random.Generator, best: Ints | None) -> None:
        """Some points of the best packing go to one of their cheaper columns."""
        if best is not None:
            self.where = best.copy()
            self.price *= _CHEAPER
        count = max(2, round(_SHAKEN * len(self.where)))
        for i in rng.integers(len(self.where), size=count).tolist():
            near = np.argsort(self.table[i])[:4]
            near = near[np.isfinite(self.table[i, near])]
            self.where[i] = int(rng.choice(near))
        self._hold()

    def descend(self, clock: Clock, rng: np.random.Generator) -> None:
        """Shifts, then swaps, as long as they pay; what overflows becomes dearer until it fits."""
        dearer = 0
        for step in range(_STEPS + len(self.where)):
            if step % 16 == 0 and clock.up:
                return
            if self._shift() or self._swap(rng):
                continue
            if self.keeps() or dearer > 12:  # noqa: PLR2004 - dearer by hundreds: it does not fit
                return
            self.price *= _DEARER
            dearer += 1

    def _leaving(self) -> Floats:
        """What each point saves where it is, at the price of what overflows."""
        i, now = np.arange(len(self.where)), self.where
        off = self.off(self.held)[now] - self.off(self.held[now] - self.load, now)
        saved: Floats = self.table[i, now] + self.price * off
        return saved

    def _shift(self) -> bool:
        """The points that gain most by going elsewhere, one a column; whether one did."""
        to = self.held[None, :] + self.load[:, None]
        off = np.maximum(to - self.room, 0.0) + np.maximum(self.least - to, 0.0)
        change = self.table + self.price * (off - self.off(self.held))
        change[np.arange(len(self.where)), self.where] = np.inf
        change -= self._leaving()[:, None]
        rows = np.arange(len(self.where))
        column = np.argmin(change, axis=1)
        gain = change[rows, column] + _NEAR * (1.0 + np.abs(self.table[rows, self.where]))
        touched = np.zeros(len(self.room), dtype=bool)
        for i in np.argsort(gain)[: int((gain < 0).sum())].tolist():
            pair = [int(self.where[i]), int(column[i])]
            if not touched[pair].any():
                self._move(i, pair[1])
                touched[pair] = True
        return bool(touched.any())

    def _move(self, i: int, column: int) -> None:
        self.held[self.where[i]] -= self.load[i]
        self.held[column] += self.load[i]
        self.where[i] = column

    def _swap(self, rng: np.random.Generator) -> bool:
        """The points that gain most by changing places, two a column; whether some did."""
        size = len(self.where)
        rows = np.arange(size) if size**2 <= _PAIRS else self._some(rng)
        now, there = self.where[rows], self.where.copy()
        paid = self.table[np.arange(size), there]
        off = self.off(self.held)
        change = self.table[rows][:, there] + self.table[:, now].T
        change -= paid[rows][:, None] + paid[None, :]
        more = self.load[None, :] - self.load[rows][:, None]
        here = self.held[now][:, None] + more
        change += self.price * (
            np.maximum(here - self.room[now][:, None], 0.0)
            + np.maximum(self.least[now][:, None] - here, 0.0) - off[now][:, None]
        )  # fmt: skip
        away = self.held[there][None, :] - more
        change += self.price * (
            np.maximum(away - self.room[there], 0.0)
            + np.maximum(self.least[there] - away, 0.0) - off[there]
        )  # fmt: skip
        change[now[:, None] == there[None, :]] = np.inf
        with_ = np.argmin(change, axis=1)
        gain = change[np.arange(len(rows)), with_]
        gain += _NEAR * (1.0 + np.abs(paid[rows]) + np.abs(paid[with_]))
        touched = np.zeros(len(self.room), dtype=bool)
        for k in np.argsort(gain)[: int((gain < 0).sum())].tolist():
            i, other = int(rows[k]), int(with_[k])
            pair = [int(now[k]), int(there[other])]
            if not touched[pair].any():
                self._move(i, pair[1])
                self._move(other, pair[0])
                touched[pair] = True
        return bool(touched.any())

    def _some(self, rng: np.random.Generator) -> Ints:
        """Points in columns that overflow, or else any."""
        bad = np.flatnonzero(self.off(self.held)[self.where] > 0)
        pool = bad if len(bad) else np.arange(len(self.where))
        return np.sort(rng.permutation(pool)[: max(_PAIRS // len(self.where), 1)])
