"""Runs of whole numbers one after the other, to read many slices of an array at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.signedinteger[Any]]


def ranges(low: Whole, count: Whole) -> NDArray[np.int64]:
    """The numbers ``low[i] … low[i] + count[i] - 1`` of every i, one after the other.

    Examples
    --------
    >>> ranges(np.array([5, 0, 9]), np.array([2, 0, 1])).tolist()
    [5, 6, 9]
    """
    before = np.cumsum(count) - count
    return np.repeat(low - before, count) + np.arange(int(count.sum()))
