"""Fewer sites by exchange: leave one out, mend what it leaves open, remember what is hard to cover.

Belongs here: a search for small covers where every site costs the same. Does not belong here:
bounds. Source: Gao, Weise & Li 2015 (weighting-based local search for unicost set cover).
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.covering_matrix import Cover
from geoplan.plan.siting.problem import Floats, Ints

_LOG = logging.getLogger(__name__)
_LOOK = 64  # steps between looks at the clock
_PART, _LARGE = 0.3, 300  # of the time left; rows from which on code is compiled
_LOAD_S, _COMPILE_S = 3.0, 15.0  # seconds left without which it is not loaded, or not compiled
_PATIENCE, _ONES_A_LOOK = 150_000, 40_000_000  # steps without success; work between looks


def smallest_cover(cover: Cover, sites: Ints, *, least: int, clock: Clock) -> Ints:
    """The smallest cover that a search finds, by compiled code where the cover is large.

    Parameters
    ----------
    cover : who covers whom.
    sites : a cover to begin with.
    least : no cover is smaller, or none needs to be: the search ends there.
    clock : of the whole search, of which this is a part; without success it stops before.
    """
    rows = cover.rows.shape[0]
    if rows < _LARGE or not _ready(clock):
        part = clock.share(_PART)
        return fewer_sites(cover, sites, least=least, steps=4 * rows, clock=part)
    from geoplan.plan.siting.bounds import cover_kernels as kernels

    near = (cover.by_site @ cover.rows).tocsr()
    ones = kernels.Ones(
        *(
            array.astype(np.int64)
            for matrix in (cover.rows, cover.by_site, near)
            for array in (matrix.indptr, matrix.indices)
        )
    )
    chosen = np.zeros(cover.rows.shape[1], dtype=bool)
    chosen[sites] = True
    trial = kernels.begin(ones, chosen)
    at_once = max(_LOOK, _ONES_A_LOOK // (cover.rows.nnz * 16))
    best, since, part = len(sites), 0, clock.share(_PART)
    while best > least and since < _PATIENCE and not part.up:
        kernels.search(ones, trial, at_once, least)
        since = 0 if trial.at[kernels.BEST] < best else since + at_once
        best = int(trial.at[kernels.BEST])
    return np.flatnonzero(trial.best)


def _ready(clock: Clock) -> bool:
    """Whether the compiled search is loaded, or there is time to load it, or even to compile it."""
    if f"{__package__}.kernels" in sys.modules:
        return True
    if clock.left_s < _LOAD_S:
        return False
    folder = Path(__file__).parent / "__pycache__"
    if next(folder.glob("kernels.search*.nbi"), None) is not None:
        return True
    if clock.left_s < _COMPILE_S:
        return False
    _LOG.info("compiling the search for covers, once / 首次运行，编译选址算法约十秒")
    return True


def fewer_sites(cover: Cover, sites: Ints, *, least: int, steps: int, clock: Clock) -> Ints:
    """The smallest cover found in so many steps; never larger than the one given.

    Parameters
    ----------
    cover : who covers whom.
    sites : a cover to begin with.
    least : no cover is smaller: the search ends there.
    steps, clock : when to stop.
    """
    state = _State(cover)
    for site in sites.tolist():
        state.add(site)
    best = sites
    rng = np.random.default_rng(0)
    for step in range(steps):
        while not state.open_rows:
            best = np.flatnonzero(state.chosen)
            if len(best) <= least:
                return best
            state.drop(state.least_missed(step))
        if step % _LOOK == 0 and clock.up:
            break
        if state.chosen.any():
            state.drop(state.least_missed(step))
        hard = sorted(state.open_rows)[int(rng.integers(len(state.open_rows)))]
        state.add(state.best_for(hard))
        state.remember()
    return best


@dataclass(eq=False)
class _State:
    """Chosen sites with what each would be missed for, and what each other would add."""

    cover: Cover
    chosen: np.ndarray = field(init=False)
    times: np.ndarray = field(init=False)
    who: np.ndarray = field(init=False)
    weight: Floats = field(init=False)
    gain: Floats = field(init=False)
    loss: Floats = field(init=False)
    moved: np.ndarray = field(init=False)
    open_rows: set[int] = field(init=False)
    columns_of: Ints = field(init=False)
    clock: int = 0

    def __post_init__(self) -> None:
        points, candidates = self.cover.rows.shape
        self.chosen = np.zeros(candidates, dtype=bool)
        self.times = np.zeros(points, dtype=np.int64)
        self.who = np.zeros(points, dtype=np.int64)  # the sum of the chosen sites of each row
        self.weight = np.ones(points)
        self.gain = np.diff(self.cover.by_site.indptr).astype(float)
        self.gain = np.append(self.gain, 0.0)  # the last one stands for "no column"
        self.loss = np.zeros(candidates)
        self.moved = np.zeros(candidates, dtype=np.int64)
        self.open_rows = set(range(points))
        self.columns_of = self._padded()

    def _padded(self) -> Ints:
        """The columns of each row, filled up with the number of columns."""
        rows = self.cover.rows
        size = np.diff(rows.indptr)
        padded = np.full((rows.shape[0], int(size.max(initial=0))), rows.shape[1])
        at = np.arange(rows.nnz) - np.repeat(rows.indptr[:-1], size)
        padded[np.repeat(np.arange(rows.shape[0]), size), at] = rows.indices
        return padded

    def _rows(self, site: int) -> Ints:
        by_site = self.cover.by_site
        return np.asarray(by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]])

    def _gain(self, rows: Ints, change: Floats) -> None:
        """Columns of these rows would add so much more."""
        if len(rows):
            columns = self.columns_of[rows]
            weights = np.repeat(change, columns.shape[1])
            self.gain += np.bincount(columns.ravel(), weights, minlength=len(self.gain))

    def add(self, site: int) -> None:
        """Open a site."""
        rows = self._rows(site)
        before = self.times[rows]
        new, second = rows[before == 0], rows[before == 1]
        np.subtract.at(self.loss, self.who[second], self.weight[second])
        self.loss[site] = self.weight[new].sum()
        self._gain(new, -self.weight[new])
        self.times[rows] += 1
        self.who[rows] += site
        self.open_rows.difference_update(new.tolist())
        self._move(site, opened=True)

    def drop(self, site: int) -> None:
        """Close a site."""
        rows = self._rows(site)
        self.times[rows] -= 1
        self.who[rows] -= site
        after = self.times[rows]
        bare, single = rows[after == 0], rows[after == 1]
        np.add.at(self.loss, self.who[single], self.weight[single])
        self._gain(bare, self.weight[bare])
        self.open_rows.update(bare.tolist())
        self._move(site, opened=False)

    def _move(self, site: int, *, opened: bool) -> None:
        self.chosen[site] = opened
        self.clock += 1
        self.moved[site] = self.clock

    def least_missed(self, step: int) -> int:
        """The open site that is missed least, but not the one just opened; of equals the oldest."""
        sites = np.flatnonzero(self.chosen)
        if step and len(sites) > 1:
            sites = sites[self.moved[sites] != self.clock]
        loss = self.loss[sites]
        equal = sites[loss == loss.min()]
        return int(equal[np.argmin(self.moved[equal])])

    def best_for(self, row: int) -> int:
        """The site that covers this row and adds most, but not the one just closed if others do."""
        sites = self.columns_of[row]
        sites = sites[sites < len(self.chosen)]
        if len(sites) > 1:
            sites = sites[self.moved[sites] != self.clock]
        gain = self.gain[sites]
        equal = sites[gain == gain.max()]
        return int(equal[np.argmin(self.moved[equal])])

    def remember(self) -> None:
        """What is still open weighs more from now on."""
        rows = np.array(sorted(self.open_rows), dtype=int)
        self.weight[rows] += 1
        self._gain(rows, np.ones(len(rows)))
