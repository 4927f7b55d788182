"""Whole people: numbers shared out so that the parts add up to the whole exactly.

Belongs here: controlled rounding. Does not belong here: who lives where.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


def share_whole(
    total: int, weights: Sequence[float] | NDArray[np.floating[Any]], caps: Whole | None = None
) -> Whole:
    """``total`` in whole numbers in the proportion of ``weights``: the largest remainders go first.

    No part exceeds its cap; what a cap leaves over goes to the others.
    """
    quota = np.asarray(weights, dtype=float)
    room = np.full(len(quota), total) if caps is None else np.asarray(caps)
    if room.sum() < total:
        raise ValueError(f"{total} do not fit into {room.sum()}")
    parts = np.zeros(len(quota), dtype=np.int64)
    while parts.sum() < total:
        free = (parts < room) & (quota > 0)
        left = total - int(parts.sum())
        exact = np.where(free, quota, 0) / quota[free].sum() * left
        whole = np.minimum(np.floor(exact).astype(np.int64), room - parts)
        parts += whole
        left = total - int(parts.sum())
        if left < free.sum():
            order = np.lexsort((np.arange(len(quota)), -np.round(exact - np.floor(exact), 9)))
            for at in order:
                if left and free[at] and parts[at] < room[at]:
                    parts[at] += 1
                    left -= 1
    return parts
