"""Which coordinates can be a place at all, whatever system they are in.

Belongs here: the one bound for every reader. Does not belong here: which system it is.

Numbers beyond it, and what is no number, end GEOS in errors or in answers that mean nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST = 1e9  # an easting with its zone number before it is below 1e8


def on_earth(places: Any) -> NDArray[np.bool_]:
    """Which coordinates are numbers, and such as any system on Earth has.

    Examples
    --------
    >>> on_earth([[36_433_500.0, 2_478_000.0], [1e308, 1.0], [float("nan"), 1.0]]).tolist()
    [True, False, False]
    """
    within = np.abs(np.asarray(places, dtype=np.float64)) < _MOST
    whole: NDArray[np.bool_] = np.asarray(within.all(axis=-1))
    return whole
