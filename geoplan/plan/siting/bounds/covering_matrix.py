"""Who covers whom, made small: the matrix of a covering problem without what cannot matter.

Belongs here: reductions that lose no best answer. Does not belong here: choosing sites.
Source: Toregas & ReVelle 1972 and Daskin 1995, section 4.3 (row and column dominance).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.problem import Floats, Ints

_DENSE_CELLS = 60_000_000
_COMPARE, _COMPARE_S, _PACK_S = 200, 1e-10, 5e-9  # seconds for a cell, on a slow machine


@dataclass(frozen=True, eq=False)
class Cover:
    """A covering matrix with what its rows weigh and its columns cost.

    Parameters
    ----------
    rows : ones where a candidate (column) covers a demand point (row).
    weights : people of each row.
    opening : what each column costs.
    columns : the candidate's own index of each column.
    """

    rows: sparse.csr_array
    weights: Floats
    opening: Floats
    columns: Ints

    @cached_property
    def by_site(self) -> sparse.csr_array:
        """The same matrix candidate × demand."""
        return sparse.csr_array(self.rows.T)

    def only_rows(self, kept: NDArray[np.bool_] | Ints) -> Cover:
        """The same with some rows."""
        return Cover(self.rows[kept], self.weights[kept], self.opening, self.columns)

    def only_columns(self, kept: NDArray[np.bool_]) -> Cover:
        """The same with some columns."""
        rows = sparse.csr_array(self.rows[:, kept])
        return Cover(rows, self.weights, self.opening[kept], self.columns[kept])


def merge_equal_rows(cover: Cover) -> Cover:
    """Demand points covered by the same candidates become one, their people added up.

    Examples
    --------
    >>> ones = sparse.csr_array(np.array([[1.0, 0], [1, 0], [0, 1]]))
    >>> cover = Cover(ones, np.array([2.0, 3, 4]), np.ones(2), np.arange(2))
    >>> merge_equal_rows(cover).weights.tolist()
    [5.0, 4.0]
    """
    first, group = _equal_rows(cover.rows)
    weights = np.zeros(len(first))
    np.add.at(weights, group, cover.weights)
    return Cover(cover.rows[first], weights, cover.opening, cover.columns)


def _equal_rows(rows: sparse.csr_array) -> tuple[Ints, Ints]:
    """The first row of each kind, and the kind of each row: keys drawn at random, then compared."""
    rng = np.random.default_rng(0)
    keys = rows @ rng.random((rows.shape[1], 2))
    _, first, group = np.unique(keys.round(9), axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    first, group = first[order], rank[group.ravel()]
    if abs(rows - rows[first[group]]).sum() > 0:  # two kinds with one key: as good as never
        return np.arange(rows.shape[0]), np.arange(rows.shape[0])
    return first, group


def drop_dominated_columns(cover: Cover, kept_open: Ints, clock: Clock) -> Cover:
    """Without candidates that cover no more than another that costs no more.

    Parameters
    ----------
    cover : the covering problem.
    kept_open : columns that stay whatever they cover.
    clock : where comparing takes too much of the time left, all stay.
    """
    sites, points = cover.by_site.shape
    if sites * sites * (points + _COMPARE) * _COMPARE_S > clock.left_s / 4:
        return cover
    shared = _shared(cover.by_site)
    size = shared.diagonal().copy()
    inside = shared >= size[:, None]  # all that j covers is covered by k
    cheaper = cover.opening[:, None] >= cover.opening[None, :]
    same = inside & inside.T & (cover.opening[:, None] == cover.opening[None, :])
    later = np.tri(len(size), k=-1, dtype=bool)
    beaten = inside & cheaper & (~same | later)
    np.fill_diagonal(beaten, val=False)
    dominated = beaten.any(axis=1)
    dominated[kept_open] = False
    return cover.only_columns(~dominated)


def _shared(matrix: sparse.csr_array) -> Floats:
    """How many ones each two rows share."""
    if matrix.shape[0] * matrix.shape[1] <= _DENSE_CELLS:
        dense = matrix.toarray().astype(np.float32)
        return np.asarray(dense @ dense.T, dtype=np.float64)
    return np.asarray((matrix @ matrix.T).toarray(), dtype=np.float64)


def drop_dominated_rows(cover: Cover, clock: Clock) -> Cover:
    """Without demand points that are covered whenever another one is.

    Only for problems that cover every row: a row whose candidates include all of another row's.
    """
    rows, by_site = cover.rows, cover.by_site
    if rows.shape[0] * rows.shape[1] * _PACK_S > clock.left_s / 4:
        return cover
    bits = _packed(rows)
    size = np.diff(rows.indptr)
    alive = np.ones(len(size), dtype=bool)
    for i in np.argsort(size, kind="stable").tolist():
        if not alive[i]:
            continue
        if clock.up:
            break
        mine = rows.indices[rows.indptr[i] : rows.indptr[i + 1]]
        spans = by_site.indptr[mine + 1] - by_site.indptr[mine]
        rarest = mine[np.argmin(spans)]
        others = by_site.indices[by_site.indptr[rarest] : by_site.indptr[rarest + 1]]
        others = others[alive[others]]
        inside = ((bits[others] & bits[i]) == bits[i]).all(axis=1)
        alive[others[inside]] = False
        alive[i] = True
    return cover.only_rows(alive)


def _packed(rows: sparse.csr_array) -> NDArray[np.uint64]:
    """The rows as bits, 64 candidates a word."""
    words = -(-rows.shape[1] // 64)
    packed = np.zeros((rows.shape[0], words * 8), dtype=np.uint8)
    block = max(1, _DENSE_CELLS // max(1, rows.shape[1]))
    for begin in range(0, rows.shape[0], block):
        bits = np.packbits(rows[begin : begin + block].toarray() > 0, axis=1)
        packed[begin : begin + block, : bits.shape[1]] = bits
    return packed.view(np.uint64)
