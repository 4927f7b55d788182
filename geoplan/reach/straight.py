"""Straight distances: what a walk would be without streets. A comparison, never the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


_MILLIMETRE = 0.001


@dataclass(frozen=True, slots=True)
class Pairs:
    """Homes and facilities near each other: parallel arrays, by facility, then by home."""

    home: NDArray[np.int64]
    facility: NDArray[np.int64]
    walk_m: Numbers


@dataclass(frozen=True, slots=True)
class Nearest:
    """From each home the metres to the nearest facility, NaN without any, and which; -1 is none."""

    walk_m: Numbers
    facility: NDArray[np.int64]


def straight_nearest(homes: Numbers, facilities: Numbers) -> Nearest:
    """The nearest facility as the crow flies.

    Parameters
    ----------
    homes, facilities : coordinates in metres, shape (n, 2) and (m, 2); a home may be NaN.

    Examples
    --------
    >>> found = straight_nearest(np.array([[0.0, 0.0]]), np.array([[30.0, 40.0], [60.0, 80.0]]))
    >>> found.walk_m, found.facility
    (array([50.]), array([0]))
    """
    from scipy.spatial import cKDTree

    walk_m = np.full(len(homes), np.nan)
    facility = np.full(len(homes), -1, dtype=np.int64)
    placed = np.flatnonzero(np.isfinite(homes).all(axis=1))
    if len(facilities) and len(placed):
        walk_m[placed], facility[placed] = cKDTree(facilities).query(homes[placed], workers=-1)
    return Nearest(walk_m, facility)


def straight_pairs(homes: Numbers, facilities: Numbers, *, within_m: float) -> Pairs:
    """All homes and facilities at most ``within_m`` apart as the crow flies, to the millimetre.

    Examples
    --------
    >>> found = straight_pairs(np.array([[0.0, 0.0], [9.0, 0.0]]), np.zeros((1, 2)), within_m=8)
    >>> found.home, found.facility, found.walk_m
    (array([0]), array([0]), array([0.]))
    """
    from scipy.spatial import cKDTree

    placed = np.flatnonzero(np.isfinite(homes).all(axis=1))
    tree, others = cKDTree(homes[placed]), cKDTree(facilities)
    near = others.query_ball_tree(tree, within_m + _MILLIMETRE)
    facility = np.repeat(np.arange(len(near)), [len(each) for each in near])
    home = placed[np.array([at for each in near for at in sorted(each)], dtype=np.int64)]
    walk_m = np.hypot(*(homes[home] - facilities[facility]).T)
    within = np.round(walk_m, 3) <= within_m
    return Pairs(home[within], facility[within], walk_m[within])
