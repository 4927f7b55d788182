"""P4: 200 walking outlines for drawing.

Goal: at most 15 s, all valid. The peer widens all streets of an outline at once, which is timed on
a few outlines and reckoned up. ``python benchmarks/p4_outlines.py 1 4`` for larger networks.
"""

from __future__ import annotations

import numpy as np
import shapely
from streets import asked_sizes, networks, once, some_places, table

from geoplan.reach import Network, join_points, outlines

OUTLINES, SAMPLE = 200, 3
WITHIN_M, WIDTH_M = (1000, 1500), 25
CAP_M = 1e5
ALIKE = 0.98  # round corners take in a little more than cut ones


def main() -> None:
    """Draw, check that all are valid and much like the peer's, and print the table."""
    rows = []
    for name, network in networks(asked_sizes()):
        facilities = join_points(network, some_places(network, OUTLINES, 4), cap_m=CAP_M)
        outlines(network, facilities, within_m=1, width_m=1)
        for within_m in WITHIN_M:
            taken, drawn = once(
                lambda n=network, f=facilities, w=within_m: outlines(
                    n, f, within_m=w, width_m=WIDTH_M
                )
            )
            shapes = drawn[[shape is not None for shape in drawn]]
            if not shapely.is_valid(shapes).all():
                raise SystemExit("an outline is not valid")
            peer_s = _peer(network, drawn)
            corners = float(shapely.get_num_coordinates(shapes).mean())
            rows.append([name, within_m, len(shapes), taken, corners, peer_s / taken])
    table("network|within m|outlines|s|corners each|one buffer/geoplan", rows)


def _peer(network: Network, drawn: np.ndarray) -> float:
    """Seconds for all outlines by a buffer of one MultiLineString, reckoned from a few."""
    total = 0.0
    lines = shapely.linestrings(network.pieces.reshape(-1, 2, 2))
    tree = shapely.STRtree(lines)
    for at in np.flatnonzero(~shapely.is_missing(drawn))[:SAMPLE]:
        inside = lines[tree.query(shapely.buffer(drawn[at], -WIDTH_M / 2), predicate="contains")]
        taken, shape = once(
            lambda inside=inside: shapely.buffer(shapely.multilinestrings(inside), WIDTH_M)
        )
        total += taken
        common = shapely.intersection(shape, drawn[at]).area
        if common < ALIKE * shape.area:
            raise SystemExit("the outline leaves out streets that the peer has")
    return total * OUTLINES / SAMPLE


if __name__ == "__main__":
    main()
