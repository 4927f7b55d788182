"""Everybody to open sites at once: those first that would lose most by waiting.

Belongs here: a first service of given sites, in a moment. Does not belong here: a good one.
Source: Martello & Toth 1981 (regret).
"""

from __future__ import annotations

import numpy as np

from geoplan.plan.siting.certificates.narrow import served_whole
from geoplan.plan.siting.loads.tariff import Tariff
from geoplan.plan.siting.problem import Floats, Ints

_LEFT = 1e-12


def by_regret(tariff: Tariff, opened: Ints) -> tuple[Ints, Floats] | None:
    """Pairs and shares; ``None`` where somebody finds no room this way.

    In each round all that are left ask at the cheapest site with room, and each site takes those
    whose next cheapest is dearest, as far as its room goes.
    """
    places, whole = tariff.places(opened), served_whole(tariff.problem)
    table, room = tariff.costs_at(places), tariff.room[opened].copy()
    left = np.ones(tariff.points)
    taken: list[tuple[Ints, Floats]] = []
    waiting = np.arange(tariff.points)
    while len(waiting) and len(opened):
        load = left[waiting] * tariff.load[waiting]
        closed = room < load[:, None] if whole else (room <= 0) & (load[:, None] > 0)
        asked = np.where(closed, np.inf, table[waiting])
        column = np.argmin(asked, axis=1)
        least = asked[np.arange(len(waiting)), column]
        can = np.isfinite(least)
        if not can.all():
            if tariff.must_serve:
                return None
            waiting, load, column, asked = waiting[can], load[can], column[can], asked[can]
            if not len(waiting):
                break
        share = _accepted(asked, column, load, room, whole=whole)
        got = np.flatnonzero(share > 0)
        point = waiting[got]
        taken.append((places[point, column[got]], share[got] * left[point]))
        room -= np.bincount(column[got], load[got] * share[got], len(opened))
        room = np.maximum(room, 0.0)
        left[point] *= 1 - share[got]
        waiting = waiting[left[waiting] > _LEFT]
    if not taken:
        return np.array([], dtype=np.int64), np.array([])
    return np.concatenate([at for at, _ in taken]), np.concatenate([part for _, part in taken])


def _accepted(asked: Floats, column: Ints, load: Floats, room: Floats, *, whole: bool) -> Floats:
    """Which part of each that asks is taken: those that would lose most first."""
    width = asked.shape[1]
    lowest = np.partition(asked, min(1, width - 1), axis=1)[:, min(1, width - 1)]
    regret = np.where(np.isfinite(lowest), lowest, np.inf) - asked.min(axis=1)
    order = np.lexsort((-regret, column))
    held, by_column = load[order], column[order]
    total = np.concatenate([[0.0], np.cumsum(held)])
    begins = np.searchsorted(by_column, np.arange(width))
    free = room[by_column] - (total[:-1] - total[begins[by_column]])
    size = np.where(held > 0, held, 1.0)
    part = np.where(held > 0, np.clip(free / size, 0.0, 1.0), 1.0)
    share = np.zeros(len(load))
    share[order] = np.floor(part + _LEFT) if whole else part
    return share
