"""Sites that are worth trying: prices' choices completed, exchanges, few sites of many.

Belongs here: which sets of sites to try next. Does not belong here: what they cost
(``capacitated``), proofs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geoplan.plan.siting.loads.loads_lagrange import fill
from geoplan.plan.siting.loads.tariff import Tariff
from geoplan.plan.siting.problem import Floats, Ints, SitingProblem

_TRIED = 200  # exchanges looked at, the likely ones first


def completed(tariff: Tariff, sites: Ints, worth: Floats) -> tuple[int, ...] | None:
    """The sites with others added, or closed, until count, money and rooms may do."""
    chosen = np.zeros(tariff.sites, dtype=bool)
    chosen[sites] = True
    fixed = np.zeros(tariff.sites, dtype=bool)
    fixed[list(tariff.problem.fixed)] = True
    chosen |= fixed
    if tariff.problem.p is not None:
        _to_count(chosen, fixed, worth, tariff.problem.p)
    elif tariff.problem.budget is not None:
        _to_money(chosen, fixed, worth, tariff.problem)
    if tariff.must_serve and not _to_room(chosen, fixed, worth, tariff):
        return None
    return tuple(np.flatnonzero(chosen).tolist())


def _to_count(
    chosen: NDArray[np.bool_], fixed: NDArray[np.bool_], worth: Floats, count: int
) -> None:
    inside = np.flatnonzero(chosen & ~fixed)
    extra = int(chosen.sum()) - count
    if extra > 0:
        chosen[inside[np.argsort(-worth[inside], kind="stable")][:extra]] = False
    outside = np.flatnonzero(~chosen)
    chosen[outside[np.argsort(worth[outside], kind="stable")][: max(-extra, 0)]] = True


def _to_money(
    chosen: NDArray[np.bool_], fixed: NDArray[np.bool_], worth: Floats, problem: SitingProblem
) -> None:
    """Those that gain most for their price, as far as the money goes."""
    left, price = float(problem.budget or 0.0), problem.opening
    rate = worth / np.maximum(price, 1e-12)
    order = np.argsort(np.where(chosen, rate - 1e300, rate), kind="stable")
    chosen[:] = fixed
    for site in order.tolist():
        if not fixed[site] and price[site] <= left and worth[site] <= 0:
            chosen[site] = True
            left -= price[site]


def _to_room(
    chosen: NDArray[np.bool_], fixed: NDArray[np.bool_], worth: Floats, tariff: Tariff
) -> bool:
    """Open more, or with a count larger ones, until all loads have room; whether they have."""
    total, room = float(tariff.load.sum()), tariff.room
    while room[chosen].sum() < total * (1 - 1e-12):
        outside = np.flatnonzero(~chosen & (room > 0))
        if tariff.problem.p is not None:
            inside = np.flatnonzero(chosen & ~fixed)
            if not len(inside):
                return False
            smallest = int(inside[np.argmin(room[inside])])
            outside = outside[room[outside] > room[smallest]]
            chosen[smallest] = False
        if not len(outside):
            return False
        each = worth[outside] - min(float(worth[outside].min()), 0.0)
        chosen[int(outside[np.argmin(each / room[outside])])] = True
    return True


def exchanges(tariff: Tariff, sites: tuple[int, ...], prices: Floats) -> Iterator[tuple[int, ...]]:
    """Sets with one site more, fewer or another, those first that seem to save most.

    What a site saves is what it gains at the points' present prices; closing one costs as much,
    and not less than its points pay more at the next open site.
    """
    inside, opened = np.array(sites, dtype=np.int64), np.zeros(tariff.sites, dtype=bool)
    opened[inside] = True
    saves = tariff.opening - fill(tariff, prices, np.zeros(tariff.sites, dtype=bool)).gain
    outside = np.flatnonzero(~opened)
    loses = np.maximum(_losses(tariff, inside), -saves[inside])
    can = ~np.isin(inside, tariff.problem.fixed)
    options: list[tuple[float, int, int]] = []
    if tariff.problem.p is None:
        options += [(saves[j], -1, j) for j in outside.tolist()]
        options += [(loses[k], int(inside[k]), -1) for k in np.flatnonzero(can).tolist()]
    best = outside[np.argsort(saves[outside], kind="stable")][:_TRIED].tolist()
    options += [
        (loses[k] + saves[j], int(inside[k]), j) for k in np.flatnonzero(can).tolist() for j in best
    ]
    total = float(tariff.load.sum()) if tariff.must_serve else 0.0
    held = float(tariff.room[inside].sum()) * (1 + 1e-12)
    for _, out, in_ in sorted(options)[:_TRIED]:
        left = held - (tariff.room[out] if out >= 0 else 0) + (tariff.room[in_] if in_ >= 0 else 0)
        if left >= total:
            kept = [site for site in sites if site != out]
            yield tuple(sorted([*kept, in_] if in_ >= 0 else kept))


def _losses(tariff: Tariff, inside: Ints) -> Floats:
    """What closing each open site costs where everyone goes to the cheapest, room or not."""
    table = tariff.matrix(inside)
    if not tariff.must_serve or len(inside) < 2:  # noqa: PLR2004 - one site has no next
        table = np.hstack([table, np.tile(tariff.away[:, None], 2)])
    first = np.argmin(table, axis=1)
    lowest = np.partition(table, 1, axis=1)[:, :2]
    more = np.where(np.isfinite(lowest[:, 1]), lowest[:, 1], 10 * lowest[:, 0]) - lowest[:, 0]
    more = np.where(np.isfinite(more), more, 0.0)
    lost = np.bincount(first, more, minlength=table.shape[1])[: len(inside)]
    return lost - tariff.opening[inside]


def recentred(tariff: Tariff, at: Ints, sites: tuple[int, ...]) -> tuple[int, ...]:
    """Each site moved to where the points that it serves would pay least, with the room for them.

    Parameters
    ----------
    at : the pairs of the present service; of several for a point the last counts.
    """
    width, inside = tariff.sites, np.array(sites, dtype=np.int64)
    group = np.full(tariff.points, -1)
    group[tariff.point[at]] = np.searchsorted(inside, tariff.site[at])
    here = np.flatnonzero(group[tariff.point] >= 0)
    key = group[tariff.point[here]] * width + tariff.site[here]
    shape, size = (len(inside), width), len(inside) * width
    paid = np.bincount(key, tariff.cost[here], size).reshape(shape) + tariff.opening
    reached = np.bincount(key, minlength=size).reshape(shape)
    members = np.bincount(group[group >= 0], minlength=len(inside))[:, None]
    held = np.bincount(group[group >= 0], tariff.load[group >= 0], len(inside))[:, None]
    held = np.minimum(held, tariff.room[inside][:, None])  # parts may have gone elsewhere
    can = (reached == members) & (tariff.room >= held) & (tariff.least <= held)
    paid = np.where(can, paid, np.inf)
    taken = set(sites)
    for row, site in enumerate(sites):
        if site in tariff.problem.fixed or not members[row, 0]:
            continue
        others = list(taken - {site})
        paid[row, others] = np.inf
        best = int(np.argmin(paid[row]))
        if paid[row, best] < paid[row, site]:
            taken.remove(site)
            taken.add(best)
    return tuple(sorted(taken))


def moved_about(
    tariff: Tariff, sites: tuple[int, ...], rng: np.random.Generator
) -> tuple[int, ...] | None:
    """Some sites closed and others opened, by chance, as many as count and rooms want."""
    closable = [site for site in sites if site not in tariff.problem.fixed]
    others = np.setdiff1d(np.flatnonzero(tariff.room > 0), sites)
    count = min(int(rng.integers(1, 4)), len(closable), len(others))
    if count == 0:
        return None
    out = rng.choice(closable, count, replace=False).tolist()
    new = rng.choice(others, count, replace=False).tolist()
    kept = np.array(sorted({*sites, *new} - set(out)), dtype=np.int64)
    return completed(tariff, kept, rng.permutation(tariff.sites).astype(float))


def of_few_sites(problem: SitingProblem, few: NDArray[np.bool_]) -> tuple[SitingProblem, Ints]:
    """The same with the pairs of few sites, and the places of these pairs."""
    kept = few[problem.usable.candidate]
    return replace(problem, costs=problem.usable.only(kept)), np.flatnonzero(kept)
