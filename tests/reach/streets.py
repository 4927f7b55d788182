"""Street networks made by a rule, and slow walks to check the quick ones against."""

from __future__ import annotations

import heapq
from itertools import pairwise

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.reach import Joins, Network

Metres = NDArray[np.float64]


def grid_lines(columns: int, rows: int, *, step_m: float = 100.0) -> NDArray[np.object_]:
    """Straight streets between the crossings of a grid."""
    xs, ys = np.arange(columns) * step_m, np.arange(rows) * step_m
    lines = [[(x, ys[0]), *((x, y) for y in ys[1:])] for x in xs]
    lines += [[(xs[0], y), *((x, y) for x in xs[1:])] for y in ys]
    return np.array([shapely.LineString(line) for line in lines], dtype=object)


def crooked_lines(columns: int, rows: int, seed: int, *, keep: float = 0.8) -> NDArray[np.object_]:
    """A grid with moved crossings, bent streets and gaps: parts fall off, some streets are loops."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1) * 100.0
    at = np.round(at + rng.uniform(-30, 30, at.shape), 3)
    across = [((row, x), (row, x + 1)) for row in range(rows) for x in range(columns - 1)]
    up = [((row, x), (row + 1, x)) for row in range(rows - 1) for x in range(columns)]
    lines = [_bent(at[one], at[two], rng) for one, two in across + up if rng.random() < keep]
    ring = np.round(at[0, 0] + np.array([[0, 0], [-40, -10], [-40, -60], [10, -50], [0, 0]]), 3)
    return np.array([*lines, shapely.LineString(ring)], dtype=object)


def _bent(start: Metres, end: Metres, rng: np.random.Generator) -> shapely.LineString:
    bend = np.round((start + end) / 2 + rng.uniform(-20, 20, 2), 3)
    return shapely.LineString([start, bend, end])


def some_points(lines: NDArray[np.object_], count: int, seed: int) -> Metres:
    """Points within the box around the lines."""
    rng = np.random.default_rng(seed)
    left, low, right, high = shapely.total_bounds(lines)
    return np.column_stack((rng.uniform(left, right, count), rng.uniform(low, high, count)))


def walks_by_networkx(network: Network, homes: Joins, facilities: Joins) -> Metres:
    """Every walk, homes × facilities, in a graph where each door is a node; infinite without."""
    graph = nx.MultiGraph()
    on_edge: dict[int, list[tuple[float, str]]] = {}
    for kind, joins in (("h", homes), ("f", facilities)):
        for at in np.flatnonzero(joins.joined):
            on_edge.setdefault(int(joins.edge[at]), []).append(
                (float(joins.along_m[at]), f"{kind}{at}")
            )
            graph.add_edge(f"{kind}{at}", f"door {kind}{at}", weight=float(joins.gap_m[at]))
    for edge, (start, end) in enumerate(network.edge_nodes.tolist()):
        stops = [(0.0, start), *sorted(on_edge.get(edge, [])), (network.edge_length_m[edge], end)]
        for (before_m, one), (after_m, other) in pairwise(stops):
            graph.add_edge(one, other, weight=float(after_m - before_m))
    walks = np.full((len(homes.edge), len(facilities.edge)), np.inf)
    for facility in np.flatnonzero(facilities.joined):
        found = nx.single_source_dijkstra_path_length(graph, f"door f{facility}")
        for home in np.flatnonzero(homes.joined):
            walks[home, facility] = found.get(f"door h{home}", np.inf)
    return walks


def nearest_pieces_by_hand(network: Network, points: Metres) -> Metres:
    """The gap from each point to the nearest street, by measuring every piece."""
    lines = shapely.linestrings(network.pieces.reshape(-1, 2, 2))
    return np.array([shapely.distance(lines, shapely.Point(point)).min() for point in points])


def walks_by_heap(network: Network, starts: dict[int, float]) -> Metres:
    """Metres from the nearest start to each node, by the plainest search."""
    walk_m = np.full(len(network.xy), np.inf)
    queue = [(metres, node) for node, metres in starts.items()]
    heapq.heapify(queue)
    while queue:
        metres, node = heapq.heappop(queue)
        if metres >= walk_m[node]:
            continue
        walk_m[node] = metres
        for arc in range(network.indptr[node], network.indptr[node + 1]):
            heapq.heappush(queue, (metres + network.length_m[arc], int(network.indices[arc])))
    return walk_m
