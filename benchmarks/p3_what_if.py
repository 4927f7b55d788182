"""P3: open or close one facility and have the nearest of every node again.

Goal: less than 1 ms at 4 M nodes and 1,000 facilities, always equal to a search from scratch.
``python benchmarks/p3_what_if.py 4`` for the large one.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
from streets import asked_sizes, clock, networks, some_places, table

from geoplan.reach import join_points
from geoplan.reach.searches.compiled_search import spread
from geoplan.reach.what_if import NearestField, nearest_field

FACILITIES, CANDIDATES, CHECKED = 1000, 200, 5
CAP_M = 1e5


def main() -> None:
    """Check some changes against a search from scratch, then time each candidate."""
    rows = []
    for name, network in networks(asked_sizes()):
        places = some_places(network, FACILITIES + CANDIDATES, 3)
        sites = join_points(network, places, cap_m=CAP_M)
        is_open = np.arange(len(places)) < FACILITIES
        whole_s, field = clock(
            lambda n=network, s=sites, o=is_open: nearest_field(n, s, o, compiled_from=0), runs=3
        )
        _check(field)
        opened, closed = _times(field)
        rows.append([name, len(network.xy), 1000 * whole_s, *_shown(opened), *_shown(closed)])
    table("network|nodes|scratch ms|open ms|p90|close ms|p90", rows)


def _check(field: NearestField) -> None:
    """Open and close a few sites; each time the field must equal a search from scratch."""
    for site in (FACILITIES, FACILITIES + 1, 0, 1, 2)[:CHECKED]:
        for change in (field.open_site, field.close_site, field.open_site):
            change(site)
            fresh = spread(field.network, field.seeds_at(np.flatnonzero(field.is_open)))
            if not all(np.array_equal(*both) for both in zip(field.nodes(), fresh, strict=True)):
                raise SystemExit(f"site {site}: the field is not what a search finds")
    for site in (FACILITIES, FACILITIES + 1):
        field.close_site(site)


def _times(field: NearestField) -> tuple[list[float], list[float]]:
    opened, closed = [], []
    for site in range(FACILITIES, FACILITIES + CANDIDATES):
        for change, taken in ((field.open_site, opened), (field.close_site, closed)):
            begun = perf_counter()
            change(site)
            taken.append(1000 * (perf_counter() - begun))
    return opened, closed


def _shown(taken_ms: list[float]) -> tuple[float, float]:
    return float(np.median(taken_ms)), float(np.percentile(taken_ms, 90))


if __name__ == "__main__":
    main()
