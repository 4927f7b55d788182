"""The inner loop of the search for small covers, compiled.

Belongs here: the steps of ``exchange`` on covers that are too large for numpy's calls, and nothing
else. Does not belong here: when to search, bounds. Importing this module loads numba.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoplan.reach.compiled.walk_kernels import compiled

Long = NDArray[np.int64]
Flags = NDArray[np.bool_]

OPEN, CHOSEN, BEST, STEP, LAST, DRAW = range(6)  # what ``Trial.at`` holds


class Ones(NamedTuple):
    """The ones of a covering matrix, by row and by site; and which sites share a row with each."""

    row_at: Long
    sites: Long
    site_at: Long
    rows: Long
    near_at: Long
    near: Long


class Trial(NamedTuple):
    """What is chosen now, and what each site would be missed for or would add.

    ``open_rows`` and ``sites`` are lists whose lengths stand in ``at``; ``row_at`` and ``site_at``
    say where in them each stands. ``who`` adds up the chosen sites of a row: where there is one, it
    is the sum. ``may`` is whether a site may come in: something near it changed since it left.
    """

    chosen: Flags
    best: Flags
    times: Long
    who: Long
    weight: Long
    score: Long
    moved: Long
    may: Flags
    open_rows: Long
    row_at: Long
    sites: Long
    site_at: Long
    at: Long


@compiled
def begin(ones: Ones, chosen: Flags) -> Trial:
    """A trial that begins with a cover."""
    points, sites = len(ones.row_at) - 1, len(ones.site_at) - 1
    trial = Trial(
        np.zeros(sites, np.bool_),
        chosen.copy(),
        np.zeros(points, np.int64),
        np.zeros(points, np.int64),
        np.ones(points, np.int64),
        ones.site_at[1:] - ones.site_at[:-1],
        np.zeros(sites, np.int64),
        np.ones(sites, np.bool_),
        np.arange(points),
        np.arange(points),
        np.zeros(sites, np.int64),
        np.zeros(sites, np.int64),
        np.zeros(6, np.int64),
    )
    trial.at[OPEN], trial.at[BEST], trial.at[LAST], trial.at[DRAW] = points, chosen.sum(), -1, 1
    for site in range(sites):
        if chosen[site]:
            add(ones, trial, site)
    return trial


@compiled
def add(ones: Ones, trial: Trial, site: int) -> None:
    """Open a site."""
    at = trial.at
    trial.chosen[site] = True
    trial.sites[at[CHOSEN]], trial.site_at[site] = site, at[CHOSEN]
    at[CHOSEN] += 1
    worth = 0
    for k in range(ones.site_at[site], ones.site_at[site + 1]):
        row = ones.rows[k]
        trial.times[row] += 1
        trial.who[row] += site
        if trial.times[row] == 1:
            weight = trial.weight[row]
            worth += weight
            at[OPEN] -= 1
            last, place = trial.open_rows[at[OPEN]], trial.row_at[row]
            trial.open_rows[place], trial.row_at[last] = last, place
            for other in range(ones.row_at[row], ones.row_at[row + 1]):
                trial.score[ones.sites[other]] -= weight
        elif trial.times[row] == 2:  # noqa: PLR2004 - the one that was alone no longer is
            trial.score[trial.who[row] - site] -= trial.weight[row]
    trial.score[site] = worth
    trial.moved[site], at[LAST] = at[STEP], site


@compiled
def drop(ones: Ones, trial: Trial, site: int) -> None:
    """Close a site; those that share a row with it may come in again, it may not yet."""
    at = trial.at
    trial.chosen[site] = False
    at[CHOSEN] -= 1
    last, place = trial.sites[at[CHOSEN]], trial.site_at[site]
    trial.sites[place], trial.site_at[last] = last, place
    worth = 0
    for k in range(ones.site_at[site], ones.site_at[site + 1]):
        row = ones.rows[k]
        weight = trial.weight[row]
        trial.times[row] -= 1
        trial.who[row] -= site
        if trial.times[row] == 0:
            worth += weight
            trial.open_rows[at[OPEN]], trial.row_at[row] = row, at[OPEN]
            at[OPEN] += 1
            for other in range(ones.row_at[row], ones.row_at[row + 1]):
                trial.score[ones.sites[other]] += weight
        elif trial.times[row] == 1:
            trial.score[trial.who[row]] += weight
    for k in range(ones.near_at[site], ones.near_at[site + 1]):
        trial.may[ones.near[k]] = True
    trial.score[site] = worth
    trial.moved[site], trial.may[site] = at[STEP], False


@compiled
def least_missed(trial: Trial) -> int:
    """The open site that is missed least, but not the one just opened; of equals the oldest."""
    found = -1
    for k in range(trial.at[CHOSEN]):
        site = trial.sites[k]
        if site == trial.at[LAST] and trial.at[CHOSEN] > 1:
            continue
        if (
            found < 0
            or trial.score[site] < trial.score[found]
            or (trial.score[site] == trial.score[found] and trial.moved[site] < trial.moved[found])
        ):
            found = site
    return found


@compiled
def best_for(ones: Ones, trial: Trial, row: int) -> int:
    """The site that covers this row and adds most, of those that may come in."""
    found = -1
    for k in range(ones.row_at[row], ones.row_at[row + 1]):
        site = ones.sites[k]
        if trial.may[site] and (
            found < 0
            or trial.score[site] > trial.score[found]
            or (trial.score[site] == trial.score[found] and trial.moved[site] < trial.moved[found])
        ):
            found = site
    return found if found >= 0 else ones.sites[ones.row_at[row]]


@compiled
def search(ones: Ones, trial: Trial, steps: int, least: int) -> None:
    """So many exchanges; the best cover so far stays in ``best``."""
    at = trial.at
    for _ in range(steps):
        at[STEP] += 1
        while at[OPEN] == 0:
            trial.best[:] = trial.chosen
            at[BEST] = at[CHOSEN]
            if at[BEST] <= least:
                return
            drop(ones, trial, least_missed(trial))
        if at[CHOSEN] > 0:
            drop(ones, trial, least_missed(trial))
        at[DRAW] = at[DRAW] * 48271 % 2147483647  # Park & Miller 1988
        add(ones, trial, best_for(ones, trial, trial.open_rows[at[DRAW] % at[OPEN]]))
        for k in range(at[OPEN]):
            row = trial.open_rows[k]
            trial.weight[row] += 1
            for other in range(ones.row_at[row], ones.row_at[row + 1]):
                trial.score[ones.sites[other]] += 1
