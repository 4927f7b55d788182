"""How fast access is measured from given walks: ours beside PySAL access, the same answers first.

PySAL access is not needed by geoplan; where it is installed (``pip install access``) it is timed
on a tenth of the walks. The city is drawn at random: only its sizes are real. Pass a number below
1 to try a smaller one: ``python benchmarks/access_measures.py 0.1``.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Callable
from fractions import Fraction
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from geoplan.measures.access import balanced, supply_in_reach, three_step, two_step
from geoplan.measures.allocate import allocate
from geoplan.measures.decay import zones
from geoplan.measures.nearest import coverage_share, nearest_walk_m, percentile_walk_m
from geoplan.measures.spread import gini, palma_ratio, theil
from geoplan.measures.walks import Pairs

HOMES, FACILITIES, CHOICES = 1_000_000, 5_000, 10
LIMITS_M, WEIGHTS = [300, 600, 1000], [1.0, 0.68, 0.22]
GOAL_S = 1.0  # a measure of 10 million pairs
ROUNDS = 3


def draw_city(homes: int, facilities: int) -> tuple[Pairs, np.ndarray, np.ndarray]:
    """Each home with walks to ten facilities, its people, and the places of each facility."""
    rng = np.random.default_rng(2023)
    home = np.repeat(np.arange(homes), CHOICES)
    first = rng.integers(0, facilities, homes)
    facility = (first[:, None] + np.arange(CHOICES)).ravel() % facilities
    walks = Pairs(home, facility, rng.uniform(0, 1200, len(home)).round(1))
    return walks, rng.integers(1, 50, homes), rng.integers(10, 300, facilities)


def seconds(work: Callable[[], Any]) -> float:
    """The median of a few runs, after one that is not counted."""
    work()
    taken = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        work()
        taken.append(perf_counter() - begun)
    return median(taken)


def tell(name: str, pairs: int, taken: float, note: str = "") -> None:
    """One row of the table."""
    print(f"{name:<34}{pairs:>12,}{taken:>10.3f}  {note}")


def time_measures(homes: int, facilities: int) -> None:
    """Every measure on the whole city."""
    walks, people, supply = draw_city(homes, facilities)
    pairs, decay = len(walks.home), zones(LIMITS_M, WEIGHTS)
    for method in (two_step, three_step, balanced):
        taken = seconds(lambda of=method: of(walks, people, supply=supply, decay=decay))
        tell(method.__name__, pairs, taken, f"goal {GOAL_S:.1f}")
    tell("supply_in_reach", pairs, seconds(lambda: supply_in_reach(walks, supply, homes=homes)))
    tell("nearest_walk_m", pairs, seconds(lambda: nearest_walk_m(walks, homes=homes)))
    nearest = nearest_walk_m(walks, homes=homes)
    tell("coverage_share", homes, seconds(lambda: coverage_share(nearest, people, within_m=300)))
    tenth = Fraction(1, 10)
    part = 9 * tenth
    tell("percentile", homes, seconds(lambda: percentile_walk_m(nearest, people, part=part)))
    has = two_step(walks, people, supply=supply, decay=decay).per_head
    for measure in (gini, theil):
        tell(measure.__name__, homes, seconds(lambda of=measure: of(has, people)))
    tails = {"richest": tenth, "poorest": 4 * tenth}
    tell("palma_ratio", homes, seconds(lambda: palma_ratio(has, people, **tails)))


def time_beside_peer(homes: int, facilities: int) -> None:
    """2SFCA with zones and 3SFCA on both sides: equal first, then timed."""
    import pandas as pd
    from access import Access, weights

    walks, people, supply = draw_city(homes, facilities)
    table = pd.DataFrame({"home": walks.home, "to": walks.facility, "m": walks.walk_m})
    peer = Access(
        demand_df=pd.DataFrame({"id": np.arange(homes), "people": people}),
        demand_index="id",
        demand_value="people",
        supply_df=pd.DataFrame({"id": np.arange(facilities), "places": supply}),
        supply_index="id",
        supply_value="places",
        cost_df=table,
        cost_origin="home",
        cost_dest="to",
        cost_name="m",
    )
    steps = weights.step_fn(dict(zip(LIMITS_M, WEIGHTS, strict=True)))
    decay = zones(LIMITS_M, WEIGHTS)
    both = [
        ("two_step", two_step, peer.two_stage_fca),
        ("three_step", three_step, peer.three_stage_fca),
    ]
    for name, ours, theirs in both:
        settings = {"name": name, "weight_fn": steps, "max_cost": LIMITS_M[-1]}
        begun = perf_counter()
        theirs(**settings)
        their_s = perf_counter() - begun
        answer = peer.access_df[f"{name}_places"].fillna(0).to_numpy()
        mine = ours(walks, people, supply=supply, decay=decay).per_head
        if not np.allclose(answer, mine, rtol=1e-9, atol=1e-12):
            raise SystemExit(f"{name}: the answers differ by {np.abs(answer - mine).max():.3g}")
        our_s = seconds(lambda of=ours: of(walks, people, supply=supply, decay=decay))
        note = f"PySAL access {their_s:.2f} s, {their_s / our_s:.0f} times ours; answers equal"
        tell(name, len(walks.home), our_s, note)


def time_allocation(homes: int, facilities: int, *, side_m: float, reach_m: float) -> None:
    """Who goes where with limited places, within reach as the crow flies, proven."""
    rng = np.random.default_rng(2023)
    doors = cKDTree(rng.uniform(0, side_m, (facilities, 2)))
    standing = cKDTree(rng.uniform(0, side_m, (homes, 2)))
    near = standing.sparse_distance_matrix(doors, reach_m, output_type="coo_matrix")
    people = rng.integers(0, 50, homes)
    capacity = rng.integers(0, 2 * int(people.sum()) // facilities, facilities)
    begun = perf_counter()
    walks = Pairs(near.row, near.col, near.data)
    found = allocate(walks, people, capacity=capacity, grain_m=1)
    taken = perf_counter() - begun
    note = f"{found.served:,} of {people.sum():,} people, proven: {found.proven}"
    tell(f"allocate {homes:,} x {facilities:,}", len(near.data), taken, note)


def main() -> None:
    """Print the table."""
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    homes, facilities = round(HOMES * scale), max(CHOICES, round(FACILITIES * scale))
    print(f"{'measure':<34}{'pairs, homes':>12}{'s':>10}")
    time_measures(homes, facilities)
    time_allocation(homes // 100, facilities // 25, side_m=10_000, reach_m=800)
    time_allocation(homes // 10, facilities // 5, side_m=30_000, reach_m=800)
    if importlib.util.find_spec("access"):
        warnings.simplefilter("ignore")  # the peer's own, about pandas
        time_beside_peer(homes // 10, facilities // 10)
    else:
        print("PySAL access is not installed: nothing to compare with")


if __name__ == "__main__":
    main()
