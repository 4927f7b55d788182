"""The inner loops, compiled: walking outwards over streets, and looking for the nearest piece.

Belongs here: loops over arrays that Python or scipy is too slow for, and nothing else. Each has a
plain twin (``plain.py``, ``snap.py``) with the same answer to the last bit. Importing this module
loads numba; compiled code is kept on disk, so that only the first use ever waits for it.

Walking outwards is Dijkstra's search with buckets for a queue (R. B. Dial, *Communications of the
ACM* 12, 1969): what is about equally far shares a bucket. An improved node is queued once more and
its older entry is passed over, so the answer does not depend on the width of a bucket; entries
are used again, and when they run out there are made twice as many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

Metres = NDArray[np.float64]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
P = ParamSpec("P")
R = TypeVar("R")

_BUCKETS = 1 << 18
_ENTRIES = 1024
_SLACK_M = 1e-6
_HALF_OPEN_M = 0.001
_MM = 1000.0
_HALF = 32
_LOW = (1 << 32) - 1


class Arcs(NamedTuple):
    """The arcs of a network, a compressed sparse row matrix."""

    indptr: Index
    indices: Index
    length_m: Metres


class Starts(NamedTuple):
    """Where walks begin: a node, the metres already walked, and for whom."""

    node: Index
    walk_m: Metres
    owner: Index


class Field(NamedTuple):
    """What is known of each node, room for the nodes newly reached, and empty buckets."""

    walk_m: Metres
    owner: Index
    reached: Index
    buckets: Index


class Queue(NamedTuple):
    """Entries of the queue; what follows one in its bucket, or among the spare ones."""

    node: Index
    walk_m: Metres
    following: Index


class Doors(NamedTuple):
    """Homes by the nodes at the ends of their streets, and by facility on the same street.

    Homes are numbered in the order of their nodes, so that neighbours lie near in memory;
    ``position`` is where each stands among all homes.
    """

    position: Index
    indptr: Index
    home: Index
    along_m: Metres
    gap_m: Metres
    beside_indptr: Index
    beside_home: Index
    beside_m: Metres


class Room(NamedTuple):
    """Arrays used again for each facility: nodes, best walk of each home, homes met."""

    field: Field
    best_m: Metres
    met: Index


class Task(NamedTuple):
    """The facilities to search from, in this order, buckets a metre, and the distance."""

    facilities: Index
    per_m: float
    within_m: float


class Grid(NamedTuple):
    """Square cells over pieces of street."""

    left: float
    low: float
    cell_m: float
    columns: int
    rows: int


class Cells(NamedTuple):
    """The pieces that pass each cell, row by row of cells."""

    indptr: Long
    piece: Index


class Feet(NamedTuple):
    """The nearest piece of each point, the share of it before the foot, and the gap."""

    piece: Index
    share: Metres
    gap_m: Metres


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile at the first call, keep the result on disk, let other threads run meanwhile."""
    how: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    fast: Callable[P, R]
    try:
        fast = numba.njit(cache=True, **how)(function)
    except RuntimeError:  # no folder to keep the result in
        fast = numba.njit(**how)(function)
    return fast


def new_field(nodes: int) -> Field:
    """Nothing reached yet."""
    return Field(
        np.full(nodes, np.inf),
        np.full(nodes, -1, dtype=np.int32),
        np.empty(nodes, dtype=np.int32),
        np.full(_BUCKETS, -1, dtype=np.int32),
    )


@compiled
def new_queue(size: int, first: int) -> Queue:
    """Entries all spare, one after the other, numbered from ``first``."""
    following = np.arange(first + 1, first + size + 1).astype(np.int32)
    following[size - 1] = -1
    return Queue(np.empty(size, np.int32), np.empty(size, np.float64), following)


@compiled
def longer_queue(queue: Queue) -> Queue:
    """Twice as many entries, the new ones spare."""
    more = new_queue(len(queue.node), len(queue.node))
    return Queue(
        np.append(queue.node, more.node),
        np.append(queue.walk_m, more.walk_m),
        np.append(queue.following, more.following),
    )


@compiled
def walk_out(arcs: Arcs, starts: Starts, field: Field, per_m: float, limit_m: float) -> int:
    """Walk out from the starts over all nodes whose walk they shorten, up to the limit (inclusive).

    Of equal walks the one with the smaller owner is kept. ``per_m`` is buckets a metre. Nodes
    that had no walk before are written to ``reached``; returns how many.
    """
    indptr, indices, length_m = arcs
    known_m, owner, reached, buckets = field
    queue = new_queue(_ENTRIES, 0)
    entry_node, entry_m, following = queue
    spare, waiting, bucket, count = 0, 0, len(buckets) - 1, 0
    start, arc, past = 0, 0, 0
    here_m, whose = 0.0, np.int32(-1)
    while True:
        # The next way on: a start, an arc of the node at hand, or the next node in the queue.
        if start < len(starts.node):
            node, way_m, whose = starts.node[start], starts.walk_m[start], starts.owner[start]
            start += 1
        elif arc < past:
            node, way_m = indices[arc], here_m + length_m[arc]
            arc += 1
        elif waiting == 0:
            return count
        else:
            entry = buckets[bucket]
            if entry < 0:
                bucket += 1
                continue
            buckets[bucket], following[entry], spare = following[entry], spare, entry
            waiting -= 1
            node = entry_node[entry]
            here_m = known_m[node]
            if entry_m[entry] == here_m:
                whose, arc, past = owner[node], indptr[node], indptr[node + 1]
            continue
        before_m = known_m[node]
        if way_m > min(before_m, limit_m) or (way_m == before_m and whose >= owner[node]):
            continue
        if before_m == np.inf:
            reached[count] = node
            count += 1
        known_m[node], owner[node] = way_m, whose
        if spare < 0:
            spare = len(entry_node)
            queue = longer_queue(queue)
            entry_node, entry_m, following = queue
        into = min(int(way_m * per_m), len(buckets) - 1)
        entry, spare = spare, following[spare]
        entry_node[entry], entry_m[entry] = node, way_m
        following[entry], buckets[into] = buckets[into], entry
        bucket = min(bucket, into)
        waiting += 1


@compiled
def forget(field: Field, count: int) -> None:
    """The nodes reached are as before."""
    for at in range(count):
        field.walk_m[field.reached[at]] = np.inf
        field.owner[field.reached[at]] = -1


@compiled
def forget_owner(arcs: Arcs, nodes: Index, owner: int, field: Field) -> int:
    """Forget every node of an owner, found from its starts on; they are left in ``reached``."""
    indptr, indices, _ = arcs
    known_m, owners, reached, _ = field
    count = 0
    for node in nodes:
        if owners[node] == owner:
            known_m[node], owners[node], reached[count] = np.inf, -1, node
            count += 1
    done = 0
    while done < count:
        node = reached[done]
        done += 1
        for arc in range(indptr[node], indptr[node + 1]):
            other = indices[arc]
            if owners[other] == owner:
                known_m[other], owners[other], reached[count] = np.inf, -1, other
                count += 1
    return count


@compiled
def starts_around(arcs: Arcs, others: Starts, field: Field, count: int) -> Starts:
    """Ways into the nodes just forgotten: along arcs from outside, and from starts within."""
    indptr, indices, length_m = arcs
    known_m, owners, reached, _ = field
    size = len(others.node)
    for node in reached[:count]:
        size += indptr[node + 1] - indptr[node]
    nodes, ways_m, whose = np.empty(size, np.int32), np.empty(size), np.empty(size, np.int32)
    total = 0
    for at, node in enumerate(others.node):
        if known_m[node] == np.inf:
            nodes[total], ways_m[total], whose[total] = node, others.walk_m[at], others.owner[at]
            total += 1
    for node in reached[:count]:
        for arc in range(indptr[node], indptr[node + 1]):
            other = indices[arc]
            if known_m[other] < np.inf:
                nodes[total], whose[total] = node, owners[other]
                ways_m[total] = known_m[other] + length_m[arc]
                total += 1
    return Starts(nodes[:total], ways_m[:total], whose[:total])


@compiled
def meet_homes(doors: Doors, room: Room, facility: int, count: int) -> int:
    """Note the homes with a door at a node reached, or beside the facility; returns how many."""
    _, indptr, homes, along_m, gap_m, beside_indptr, beside_home, beside_m = doors
    known_m, _, reached, _ = room.field
    _, best_m, met = room
    many = 0
    for node in reached[:count]:
        here_m = known_m[node]
        for door in range(indptr[node], indptr[node + 1]):
            home = homes[door]
            way_m = here_m + along_m[door] + gap_m[door]
            if best_m[home] == np.inf:
                met[many] = home
                many += 1
            best_m[home] = min(best_m[home], way_m)
    for at in range(beside_indptr[facility], beside_indptr[facility + 1]):
        home = beside_home[at]
        if best_m[home] == np.inf:
            met[many] = home
            many += 1
        best_m[home] = min(best_m[home], beside_m[at])
    return many


@compiled
def pair_up(
    arcs: Arcs, starts: Starts, doors: Doors, room: Room, task: Task
) -> tuple[Index, Metres, Index]:
    """The homes within a distance of each facility, in their order.

    A facility has two starts. ``walk_m`` and ``best_m`` come and leave infinite, ``owner`` at -1.
    Returns homes, walks and how many homes each facility has.
    """
    total = 0
    _, best_m, met = room
    home, walk_m = np.empty(_ENTRIES, np.int32), np.empty(_ENTRIES, np.float64)
    counts = np.zeros(len(task.facilities), np.int32)
    keys = np.empty(len(met), np.int64)
    for at, facility in enumerate(task.facilities):
        both = slice(2 * facility, 2 * facility + 2)
        own = Starts(starts.node[both], starts.walk_m[both], starts.owner[both])
        limit_m = task.within_m + _HALF_OPEN_M
        reached = walk_out(arcs, own, room.field, task.per_m, limit_m)
        many = meet_homes(doors, room, facility, reached)
        forget(room.field, reached)
        for at_home in range(many):
            keys[at_home] = (np.int64(doors.position[met[at_home]]) << _HALF) | met[at_home]
        keys[:many].sort()
        while total + many > len(home):
            home = np.append(home, np.empty_like(home))
            walk_m = np.append(walk_m, np.empty_like(walk_m))
        before = total
        for key in keys[:many]:
            one = key & _LOW
            way_m = best_m[one]
            best_m[one] = np.inf
            if np.rint(way_m * _MM) / _MM <= task.within_m:
                home[total], walk_m[total] = key >> _HALF, way_m
                total += 1
        counts[at] = total - before
    return home[:total].copy(), walk_m[:total].copy(), counts


@compiled
def rows_passed(grid: Grid, ends: tuple[float, float, float, float], column: int) -> Any:
    """The first and the last row of cells that a piece passes in a column."""
    x0, y0, x1, y1 = ends
    ya, yb = y0, y1
    if x1 - x0 > _SLACK_M:
        ax = max(grid.left + column * grid.cell_m - _SLACK_M, x0)
        bx = min(grid.left + (column + 1) * grid.cell_m + _SLACK_M, x1)
        ya = y0 + (y1 - y0) * ((ax - x0) / (x1 - x0))
        yb = y0 + (y1 - y0) * ((bx - x0) / (x1 - x0))
    low = int((min(ya, yb) - _SLACK_M - grid.low) / grid.cell_m)
    high = int((max(ya, yb) + _SLACK_M - grid.low) / grid.cell_m)
    return max(low, 0), min(high, grid.rows - 1)


@compiled
def fill_cells(pieces: Metres, grid: Grid, cells: Cells) -> None:
    """Write each piece into the cells it passes; with no room to write, only count them.

    ``indptr`` comes as zeros to count; then as the end of each cell, and leaves as its start.
    """
    counting = len(cells.piece) == 0
    for piece in range(len(pieces) - 1, -1, -1):
        x0, y0, x1, y1 = pieces[piece]
        if x0 > x1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        first = max(int((x0 - _SLACK_M - grid.left) / grid.cell_m), 0)
        last = min(int((x1 + _SLACK_M - grid.left) / grid.cell_m), grid.columns - 1)
        for column in range(first, last + 1):
            low, high = rows_passed(grid, (x0, y0, x1, y1), column)
            for row in range(low, high + 1):
                cell = row * grid.columns + column
                if counting:
                    cells.indptr[cell] += 1
                else:
                    cells.indptr[cell] -= 1
                    cells.piece[cells.indptr[cell]] = piece


@compiled
def foot(ends: Metres, x: float, y: float) -> tuple[float, float]:
    """The share of a piece before the foot of a point, and the gap; as in ``snap.feet``."""
    start_x, start_y, end_x, end_y = ends
    step_x, step_y = end_x - start_x, end_y - start_y
    off_x, off_y = x - start_x, y - start_y
    t = (off_x * step_x + off_y * step_y) / (step_x * step_x + step_y * step_y)
    t = min(max(t, 0.0), 1.0)
    away_x, away_y = off_x - t * step_x, off_y - t * step_y
    return t, np.sqrt(away_x * away_x + away_y * away_y)


@compiled
def pieces_around(
    pieces: Metres, grid: Grid, cells: Cells, points: Metres, within_m: float
) -> tuple[Long, Long]:
    """Points and pieces at most a distance apart; a pair may come more than once."""
    total = 0
    found, near = np.empty(_ENTRIES, np.int64), np.empty(_ENTRIES, np.int64)
    for at in range(len(points)):
        x, y = points[at]
        first = max(int((x - within_m - grid.left) / grid.cell_m), 0)
        last = min(int((x + within_m - grid.left) / grid.cell_m), grid.columns - 1)
        low = max(int((y - within_m - grid.low) / grid.cell_m), 0)
        high = min(int((y + within_m - grid.low) / grid.cell_m), grid.rows - 1)
        for row in range(low, high + 1):
            start = cells.indptr[row * grid.columns + first]
            past = cells.indptr[row * grid.columns + last + 1]
            for piece in cells.piece[start:past]:
                _, gap_m = foot(pieces[piece], x, y)
                if gap_m <= within_m:
                    if total == len(found):
                        found = np.append(found, np.empty_like(found))
                        near = np.append(near, np.empty_like(near))
                    found[total], near[total] = at, piece
                    total += 1
    return found[:total].copy(), near[:total].copy()


@compiled
def search_cell(
    pieces: Metres, cells: Cells, cell: int, place: tuple[float, float], best: Any
) -> Any:
    """The best of what was known (piece, share, gap) and the pieces of a cell."""
    for entry in range(cells.indptr[cell], cells.indptr[cell + 1]):
        piece = cells.piece[entry]
        t, gap_m = foot(pieces[piece], place[0], place[1])
        if gap_m < best[2] or (gap_m == best[2] and piece < best[0]):
            best = (np.int64(piece), t, gap_m)
    return best


@compiled
def search_cells(pieces: Metres, grid: Grid, cells: Cells, points: Metres, feet: Feet) -> None:
    """The nearest piece of each point, ring by ring of cells until no nearer one can follow."""
    for at in range(len(points)):
        x, y = points[at]
        column = min(max(int((x - grid.left) / grid.cell_m), 0), grid.columns - 1)
        row = min(max(int((y - grid.low) / grid.cell_m), 0), grid.rows - 1)
        best = (np.int64(-1), 0.0, np.inf)
        widest = max(row, grid.rows - row, column, grid.columns - column)
        for ring in range(widest + 1):
            if (ring - 1) * grid.cell_m - _SLACK_M > best[2]:
                break
            for r in range(max(row - ring, 0), min(row + ring, grid.rows - 1) + 1):
                step = 1 if r in (row - ring, row + ring) else max(2 * ring, 1)
                for c in range(column - ring, column + ring + 1, step):
                    if 0 <= c < grid.columns:
                        cell = r * grid.columns + c
                        best = search_cell(pieces, cells, cell, (x, y), best)
        feet.piece[at], feet.share[at], feet.gap_m[at] = best
