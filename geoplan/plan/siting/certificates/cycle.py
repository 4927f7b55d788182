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


def least_mean_cycle(length: Floats) -> list[int] | None:
    """The cycle whose arcs are shortest on average (Karp 1978); ``None`` where there is no cycle.

    Cancelling these ends after few rounds whatever the amounts, where any cycle may go on moving
    one unit at a time (Goldberg & Tarjan 1989).

    Examples
    --------
    >>> least_mean_cycle(np.array([[0.0, 2.0, 9.0], [-3.0, 0.0, 1.0], [0.0, -5.0, 0.0]]))
    [2, 1]
    """
    size = len(length)
    arcs = length.copy()
    np.fill_diagonal(arcs, np.inf)
    distance = np.zeros((size + 1, size))
    before = np.zeros((size + 1, size), dtype=int)
    for step in range(1, size + 1):
        through = distance[step - 1][:, None] + arcs
        before[step] = np.argmin(through, axis=0)
        distance[step] = through[before[step], np.arange(size)]
    ends = np.flatnonzero(np.isfinite(distance[size]))
    if not len(ends):
        return None
    left = (size - np.arange(size))[:, None]
    mean = ((distance[size, ends] - distance[:size, ends]) / left).max(axis=0)
    walk = [int(ends[np.argmin(mean)])]
    for step in range(size, 0, -1):
        walk.append(int(before[step, walk[-1]]))
    return _first_cycle(walk[::-1], arcs)


def _first_cycle(walk: list[int], arcs: Floats) -> list[int]:
    """The shortest on average among the cycles of a walk, each closed as soon as it can be."""
    path: list[int] = []
    cycles = []
    for node in walk:
        if node in path:
            cycles.append(path[path.index(node) :])
            path = path[: path.index(node)]
        path.append(node)
    return min(cycles, key=lambda cycle: float(arcs[cycle, [*cycle[1:], cycle[0]]].mean()))
