"""P5: join a million points to the nearest street.

Goal: at most 1.5 s, exact. ``python benchmarks/p5_snap.py 4`` for the large network.
"""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import cKDTree
from streets import asked_sizes, clock, near_streets, networks, once, table

from geoplan.reach import join_points
from geoplan.reach.nearest_piece import search_grid, search_tree

POINTS, SAMPLE = 1_000_000, 20_000
CAP_M = 1e6


def main() -> None:
    """Check a sample to the last bit against a tree, then print the table."""
    rows = []
    for name, network in networks(asked_sizes()):
        points = near_streets(network, POINTS, 5)
        few = points[:SAMPLE]
        found, wanted = search_grid(network.pieces, few), search_tree(network.pieces, few)
        if not all(np.array_equal(*both) for both in zip(found, wanted, strict=True)):
            raise SystemExit("grid and tree differ")
        tree_s = _tree_seconds(network.pieces, points)
        ours_s, joins = clock(lambda n=network, p=points: join_points(n, p, cap_m=CAP_M), runs=3)
        node_s, (to_node_m, _) = once(lambda n=network, p=points: cKDTree(n.xy).query(p))
        wrong_m = float((to_node_m - joins.gap_m).mean())
        rows.append([name, len(network.pieces), ours_s, tree_s, tree_s / ours_s, node_s, wrong_m])
    table("network|pieces|geoplan s|STRtree s|tree/geoplan|node s|node off by m", rows)


def _tree_seconds(pieces: np.ndarray, points: np.ndarray) -> float:
    """Seconds of shapely's tree for all points, its queries reckoned from a sample."""
    built_s, tree = once(lambda: shapely.STRtree(shapely.linestrings(pieces.reshape(-1, 2, 2))))
    shapes = shapely.points(points[:SAMPLE])
    asked_s, _ = once(lambda: tree.query_nearest(shapes, all_matches=False))
    return built_s + asked_s * len(points) / SAMPLE


if __name__ == "__main__":
    main()
