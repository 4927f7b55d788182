"""Straight distances: what a walk would be without streets. A comparison, never the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


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
