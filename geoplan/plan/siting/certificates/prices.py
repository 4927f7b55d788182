"""Bounds by prices that hold whatever the solver's tolerances did.

Belongs here: what no answer can be below, evaluated outside the solver. Does not belong here:
finding good prices.

For any prices λ of the rows, with the sign that each row allows, no values within their limits
cost less than Σ_r λ_r b_r + Σ_k min over x_k of (c_k - Σ_r λ_r a_rk) x_k (weak duality; Neumaier &
Shcherbina 2004 give the safe form). It needs no tolerance: bad prices only make it weak. What
rounding can lose is bounded and taken off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from geoplan.plan.siting.bounds.highs import Programme
from geoplan.plan.siting.certificates.rescore import exact
from geoplan.plan.siting.problem import Floats

_ULP = 2.0**-52


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """A bound, and by how much each variable that leaves its side makes it worse."""

    bound: float
    reduced: Floats


def bound_by_prices(
    programme: Programme, prices: Floats, least: Floats, most: Floats, *, free: bool = False
) -> Priced:
    """What no values within these limits can cost less than.

    Parameters
    ----------
    prices : one a row; one whose sign its row does not allow counts as 0.
    free : whether the costs count as nothing: a bound above 0 proves that there are no values.
    """
    price = _allowed(programme, prices)
    at = np.where(price > 0, programme.lower, programme.upper)
    fixed = price[price != 0] * at[price != 0]
    cost = np.zeros(len(programme.cost)) if free else programme.cost
    by_column = programme.rows.T.tocsr()
    reduced = cost - by_column @ price
    size = np.abs(cost) + abs(by_column) @ np.abs(price)
    entries = np.diff(by_column.indptr) + 4
    parts = np.minimum(reduced * least, reduced * most)
    extent = np.maximum(np.abs(least), np.abs(most))
    lost = math.fsum(2 * _ULP * entries * size * extent) + 4 * _ULP * math.fsum(np.abs(fixed))
    base = 0.0 if free else programme.base
    value = base + math.fsum([*fixed.tolist(), *parts.tolist()])
    return Priced(value - lost * (1 + _ULP) - 2 * _ULP * abs(value), reduced)


def _allowed(programme: Programme, prices: Floats) -> Floats:
    """Without prices that would lean on a limit that a row does not have."""
    up = (prices > 0) & np.isfinite(programme.lower)
    down = (prices < 0) & np.isfinite(programme.upper)
    return np.where(up | down, prices, 0.0)


def exact_bound_by_prices(
    programme: Programme, prices: Floats, least: Floats, most: Floats
) -> Fraction:
    """The same in fractions, every number of the programme as it is written; for tests and reports."""
    price = [exact(each) for each in _allowed(programme, prices).tolist()]
    lower, upper = programme.lower.tolist(), programme.upper.tolist()
    total = exact(programme.base) + sum(
        (p * exact(lower[r] if p > 0 else upper[r]) for r, p in enumerate(price) if p), Fraction(0)
    )
    by_column = programme.rows.tocsc()
    for k, cost in enumerate(programme.cost.tolist()):
        here = slice(by_column.indptr[k], by_column.indptr[k + 1])
        entries = zip(by_column.indices[here], by_column.data[here].tolist(), strict=True)
        reduced = exact(cost) - sum((price[r] * exact(a) for r, a in entries), Fraction(0))
        total += min(reduced * exact(float(least[k])), reduced * exact(float(most[k])))
    return total
