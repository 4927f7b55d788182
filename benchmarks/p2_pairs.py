"""P2: all homes and facilities within 800 m and 3 km of each other, 5,000 facilities.

Goal: at least 5 M pairs a second, flat from 0.1 to 4 M nodes, at most 16 bytes a pair. Homes are
the nodes, or as many doors near streets. ``python benchmarks/p2_pairs.py 4`` for the large one.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from streets import asked_sizes, at_nodes, clock, near_streets, networks, once, table

from geoplan.reach import Catchment, Joins, Network, join_points
from geoplan.reach.searches.compiled_search import pairs_within

FACILITIES, SAMPLE = 5000, 20
WITHIN_M = (800, 3000)
CAP_M = 1e5
CLOSE_M = 1e-6


def main() -> None:
    """Check a sample of facilities against scipy and networkx, then print the table."""
    rows = []
    for name, network in networks(asked_sizes()):
        nodes = at_nodes(network)
        chosen = np.random.default_rng(1).choice(len(network.xy), FACILITIES)
        facilities = _only(nodes, chosen)
        doors = join_points(network, near_streets(network, len(network.xy), 1), cap_m=CAP_M)
        for within_m in WITHIN_M:
            peers = _check(network, nodes, facilities, chosen, within_m)
            for kind, homes in (("nodes", nodes), ("doors", doors)):
                taken, found = clock(
                    lambda n=network, h=homes, f=facilities, w=within_m: pairs_within(n, h, f, w),
                    runs=2,
                )
                close = Catchment(*found)
                pairs = len(close.home)
                size = sum(part.nbytes for part in found) / max(pairs, 1)
                shown = peers if kind == "nodes" else ("-", "-")
                rows.append([name, kind, within_m, pairs, taken, pairs / taken / 1e6, size, *shown])
    table("network|homes|within m|pairs|s|M pairs/s|B a pair|networkx M/s|scipy M/s", rows)


def _only(joins: Joins, at: np.ndarray) -> Joins:
    return Joins(
        joins.edge[at],
        joins.along_m[at],
        joins.rest_m[at],
        joins.gap_m[at],
        joins.xy[at],
        joins.component[at],
    )


def _check(
    network: Network, nodes: Joins, facilities: Joins, chosen: np.ndarray, within_m: int
) -> tuple[float, float]:
    """Millions of pairs a second of networkx and scipy, which must find what geoplan finds."""
    few = _only(facilities, np.arange(SAMPLE))
    home, facility, walk_m = pairs_within(network, nodes, few, within_m)
    size = len(network.xy)
    matrix = csr_array((network.length_m, network.indices, network.indptr), (size, size))
    scipy_s, theirs_m = once(
        lambda: [dijkstra(matrix, indices=at, limit=within_m) for at in chosen[:SAMPLE]]
    )
    pairs = sum(int(np.isfinite(row).sum()) for row in theirs_m)
    wanted = np.array([theirs_m[f][h] for h, f in zip(home, facility, strict=True)])
    if pairs != len(home) or np.abs(walk_m - wanted).max() > CLOSE_M:
        raise SystemExit(f"scipy finds {pairs} pairs, geoplan {len(home)}, or their walks differ")
    graph = _graph_near(network, chosen[:SAMPLE], theirs_m)
    networkx_s, found = once(
        lambda: [
            nx.single_source_dijkstra_path_length(graph, int(at), cutoff=within_m)
            for at in chosen[:SAMPLE]
        ]
    )
    if sum(len(one) for one in found) != pairs:
        raise SystemExit("networkx finds another number of pairs")
    return pairs / networkx_s / 1e6, pairs / scipy_s / 1e6


def _graph_near(network: Network, chosen: np.ndarray, walks_m: list[np.ndarray]) -> nx.Graph:
    """The arcs that leave the nodes of the sample: all that networkx will look at."""
    reached = np.unique(np.concatenate([np.flatnonzero(np.isfinite(row)) for row in walks_m]))
    graph = nx.Graph()
    graph.add_nodes_from(chosen.tolist())
    for node in reached.tolist():
        arcs = slice(network.indptr[node], network.indptr[node + 1])
        for other, metres in zip(network.indices[arcs], network.length_m[arcs], strict=True):
            graph.add_edge(node, int(other), weight=float(metres))
    return graph


if __name__ == "__main__":
    main()
