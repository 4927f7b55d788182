"""A cycle of arcs that is shorter than nothing, and distances where there is none.

Belongs here: the search on a full matrix of lengths. Does not belong here: what the arcs mean.
"""

from __future__ import annotations

import numpy as np

from geoplan.plan.siting.problem import Floats, Ints


def negative_cycle(length: Floats, least: float) -> tuple[list[int] | None, Floats]:
    """A cycle shorter than nothing, and the distances when there is none (Bellman 1958).

    Parameters
    ----------
    length : of the arc from each row's node to each column's; infinite where there is none.
    least : what a distance must become shorter by to count.

    Examples
    --------
    >>> negative_cycle(np.array([[0.0, 2.0], [-3.0, 0.0]]), 0.0)[0]
    [1, 0]
    """
    size = len(length)
    distance, before = np.zeros(size), np.full(size, -1)
    for _ in range(size + 1):
        through = distance[:, None] + length
        first = np.argmin(through, axis=0)
        shorter = through[first, np.arange(size)] < distance - least
        if not shorter.any():
            return None, distance
        distance = np.where(shorter, through[first, np.arange(size)], distance)
        before = np.where(shorter, first, before)
        cycle = _cycle_in(before)
        if cycle is not None:
            return cycle, distance
    return None, distance


def _cycle_in(before: Ints) -> list[int] | None:
    """A cycle among the nodes' predecessors, in the order of the arcs."""
    seen = np.zeros(len(before), dtype=int)
    for root in range(len(before)):
        node, path = root, []
        while node >= 0 and not seen[node]:
            seen[node] = root + 1
            path.append(node)
            node = int(before[node])
        if node >= 0 and seen[node] == root + 1:
            cycle = path[path.index(node) :]
            return cycle[::-1]
    return None
