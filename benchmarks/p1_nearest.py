"""P1: the nearest facility from every node, against scipy, networkx and, where installed, pandana.

Goal: at least 1.5 times as fast as scipy's ``dijkstra(min_only=True)`` at 1 M nodes and equal to
1e-9 m; 4 M nodes in at most 1.5 s. ``python benchmarks/p1_nearest.py 4`` for the large one.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from streets import SEED, asked_sizes, clock, networks, once, pandana_or_none, table

from geoplan.reach import Network
from geoplan.reach.searches import compiled_search as fast
from geoplan.reach.searches.walk_ends import Seeds

FACILITIES = (50, 1000)
CLOSE_M = 1e-9
SLOW_NODES = 200_000  # above this many, networkx is not waited for
FAR_M = 1e7


def main() -> None:
    """Check that all agree, then print the table."""
    pandana = pandana_or_none()
    rows = []
    for name, network in networks(asked_sizes()):
        nodes = len(network.xy)
        matrix = csr_array((network.length_m, network.indices, network.indptr), (nodes, nodes))
        for count in FACILITIES:
            places = np.random.default_rng(SEED).choice(nodes, count, replace=False)
            places = np.sort(places).astype(np.int32)
            seeds = Seeds(places, np.zeros(count), np.arange(count, dtype=np.int32))
            ours_s, (walk_m, _) = clock(lambda n=network, s=seeds: fast.spread(n, s))
            peer_s, theirs_m = clock(
                lambda m=matrix, p=places: dijkstra(m, indices=p, min_only=True)
            )
            _check(walk_m, theirs_m, CLOSE_M)
            row = [name, nodes, count, ours_s, peer_s, peer_s / ours_s]
            rows.append([*row, _networkx(network, places, walk_m, ours_s)])
            if pandana is not None:
                _print_pandana(pandana, network, places, walk_m, ours_s)
    table("network|nodes|facilities|geoplan s|scipy s|scipy/geoplan|networkx/geoplan", rows)


def _check(ours_m: np.ndarray, theirs_m: np.ndarray, close_m: float) -> None:
    same = np.isfinite(ours_m) == np.isfinite(theirs_m)
    both = np.isfinite(ours_m) & np.isfinite(theirs_m)
    most_m = np.abs(ours_m[both] - theirs_m[both]).max()
    if not same.all() or most_m > close_m:
        raise SystemExit(f"the answers differ by {most_m} m")


def _networkx(
    network: Network, places: np.ndarray, walk_m: np.ndarray, ours_s: float
) -> float | str:
    if len(network.xy) > SLOW_NODES:
        return "-"
    graph = nx.Graph()
    tail = np.repeat(np.arange(len(network.xy)), np.diff(network.indptr))
    arcs = zip(tail.tolist(), network.indices.tolist(), network.length_m.tolist(), strict=True)
    graph.add_nodes_from(range(len(network.xy)))
    graph.add_weighted_edges_from(arcs)
    taken, found = once(lambda: nx.multi_source_dijkstra_path_length(graph, set(places.tolist())))
    theirs_m = np.array([found.get(node, np.inf) for node in range(len(network.xy))])
    _check(walk_m, theirs_m, CLOSE_M)
    return taken / ours_s


def _print_pandana(
    pandana: object, network: Network, places: np.ndarray, walk_m: np.ndarray, ours_s: float
) -> None:
    import pandas as pd

    ends = pd.DataFrame(network.edge_nodes, columns=["from", "to"])
    x, y = (pd.Series(column) for column in network.xy.T)
    built_s, net = once(
        lambda: pandana.Network(
            x, y, ends["from"], ends["to"], pd.DataFrame({"m": network.edge_length_m})
        )
    )
    net.set_pois("all", FAR_M, 1, x[places], y[places])
    taken, found = clock(lambda: net.nearest_pois(FAR_M, "all", num_pois=1), runs=1)
    theirs_m = found[1].to_numpy()
    reached = np.isfinite(walk_m)
    if np.abs(theirs_m[reached] - walk_m[reached]).max() > 1:
        raise SystemExit("pandana differs by more than a metre")
    print(f"pandana: built in {built_s:.1f} s, {taken / ours_s:.1f} times as slow")


if __name__ == "__main__":
    main()
