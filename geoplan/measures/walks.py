"""Who can walk to what, as pairs: the shape that every measure of access takes in.

A pair is a home and a facility with the metres between them; what is not in reach is not there.
Homes and facilities are counted from 0, and no pair is listed twice. Finding the pairs is
the business of ``geoplan.reach``. Metres are compared as they are given, *within* is <=: whoever
compares at the millimetre gives walks rounded to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.signedinteger[Any]]
Amounts = NDArray[np.floating[Any] | np.integer[Any]]


class Walks(Protocol):
    """Parallel arrays, one row a pair: which home, which facility, how many metres."""

    @property
    def home(self) -> Places: ...  # noqa: D102

    @property
    def facility(self) -> Places: ...  # noqa: D102

    @property
    def walk_m(self) -> NDArray[np.floating[Any]]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Pairs:
    """Parallel arrays, one row a pair: which home, which facility, how many metres."""

    home: Places
    facility: Places
    walk_m: NDArray[np.floating[Any]]


def pairs_within(walks: Walks, within_m: float) -> Pairs:
    """The pairs of at most ``within_m`` metres, in their order.

    Examples
    --------
    >>> walks = Pairs(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([300.0, 500.0, 501.0]))
    >>> pairs_within(walks, 500).facility
    array([0, 1])
    """
    near = walks.walk_m <= within_m
    return Pairs(walks.home[near], walks.facility[near], walks.walk_m[near])


def sums_by(place: Places, amounts: Amounts, *, count: int) -> Numbers:
    """What falls on each of ``count`` places, added up; nothing is 0.

    Examples
    --------
    >>> sums_by(np.array([0, 2, 0]), np.array([1.0, 5.0, 2.0]), count=3)
    array([3., 0., 5.])
    """
    return np.bincount(place, weights=amounts, minlength=count).astype(np.float64, copy=False)


def quotients(numerators: Numbers, denominators: Numbers, *, otherwise: float) -> Numbers:
    """Row by row one through the other, ``otherwise`` where there is nothing to divide by.

    Examples
    --------
    >>> quotients(np.array([1.0, 3.0]), np.array([2.0, 0.0]), otherwise=0)
    array([0.5, 0. ])
    """
    missing = np.full(len(numerators), otherwise, dtype=np.float64)
    return np.divide(numerators, denominators, out=missing, where=denominators != 0)
