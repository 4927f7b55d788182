"""What the benchmarks of walking share: street-like networks, the real one, clocks and tables.

A synthetic network is a grid of 80 m with moved crossings, one bend a street and a quarter of the
streets left out: about three arcs a node and a few small parts that hang loose, as in real data.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import shapely

from geoplan.layers.formats.streets.osm import read_osm
from geoplan.reach import Joins, Network, build_network
from geoplan.study import LayerFile

T = TypeVar("T")
REAL = Path(__file__).parents[2] / "shared" / "data" / "porto-alegre-r5r" / "poa_osm.pbf"
STEP_M, MOVED_M, BENT_M, KEPT = 80.0, 25.0, 12.0, 0.75
NEAR_M = 106.0
SEED = 20231231
USUAL = (0.1, 1.0)


def synthetic_lines(nodes: int) -> np.ndarray:
    """Bent streets between the moved crossings of a grid."""
    rng = np.random.default_rng(SEED)
    side = int(nodes**0.5)
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * STEP_M
    at += rng.uniform(-MOVED_M, MOVED_M, at.shape)
    number = np.arange(side * side).reshape(side, side)
    across = np.column_stack((number[:, :-1].ravel(), number[:, 1:].ravel()))
    up = np.column_stack((number[:-1].ravel(), number[1:].ravel()))
    edges = np.concatenate((across, up))
    edges = edges[rng.random(len(edges)) < KEPT]
    bend = (at[edges[:, 0]] + at[edges[:, 1]]) / 2 + rng.uniform(-BENT_M, BENT_M, (len(edges), 2))
    return shapely.linestrings(np.stack((at[edges[:, 0]], bend, at[edges[:, 1]]), axis=1))


def networks(sizes: Sequence[float]) -> Iterator[tuple[str, Network]]:
    """The real network where it is beside the repository, then the synthetic ones."""
    if REAL.exists():
        raw = read_osm(LayerFile("roads", REAL), REAL.name)
        lines = gpd.GeoSeries(raw.geometry, crs=4326).to_crs(31982).to_numpy()
        yield "Porto Alegre", build_network(lines)[0]
    else:
        print("Porto Alegre is skipped: ../shared/data/porto-alegre-r5r is not there")
    for millions in sizes:
        begun = perf_counter()
        lines = synthetic_lines(round(millions * 1e6))
        made = perf_counter()
        network, _ = build_network(lines)
        del lines
        print(f"synthetic {millions:g} M: drawn {made - begun:.1f} s, built {since(made)} s")
        yield f"synthetic {millions:g} M", network


def asked_sizes() -> tuple[float, ...]:
    """Millions of nodes from the command line; 0.1 and 1 if none."""
    return tuple(float(text) for text in sys.argv[1:]) or USUAL


def since(begun: float) -> str:
    """Seconds since a moment, for a message."""
    return f"{perf_counter() - begun:.1f}"


def some_places(network: Network, count: int, seed: int) -> np.ndarray:
    """Points anywhere in the box around the network."""
    rng = np.random.default_rng(SEED + seed)
    return rng.uniform(network.xy.min(axis=0), network.xy.max(axis=0), (count, 2))


def near_streets(network: Network, count: int, seed: int) -> np.ndarray:
    """Points within 150 m of some street, as homes stand."""
    rng = np.random.default_rng(SEED + seed)
    pieces = network.pieces[rng.integers(0, len(network.pieces), count)]
    return (pieces[:, :2] + pieces[:, 2:]) / 2 + rng.uniform(-NEAR_M, NEAR_M, (count, 2))


def at_nodes(network: Network) -> Joins:
    """A home at every node that has a street."""
    nodes = np.arange(len(network.xy))
    edge = np.full(len(nodes), -1, dtype=np.int32)
    numbers = np.arange(len(network.edge_nodes), dtype=np.int32)
    edge[network.edge_nodes[:, 1]] = numbers
    edge[network.edge_nodes[:, 0]] = numbers
    length_m = network.edge_length_m[edge]
    along_m = np.where(network.edge_nodes[edge, 0] == nodes, 0.0, length_m)
    nothing = np.zeros(len(nodes))
    return Joins(edge, along_m, length_m - along_m, nothing, network.xy, network.component)


def clock(work: Callable[[], T], *, runs: int = 5) -> tuple[float, T]:
    """The median seconds of some runs after a first one, and the answer."""
    answer = work()
    taken = []
    for _ in range(runs):
        begun = perf_counter()
        answer = work()
        taken.append(perf_counter() - begun)
    return median(taken), answer


def once(work: Callable[[], T]) -> tuple[float, T]:
    """The seconds of a single run, for slow peers."""
    begun = perf_counter()
    answer = work()
    return perf_counter() - begun, answer


def table(heading: str, rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, numbers to three digits."""
    shown = [[*heading.split("|")], *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in shown) for at in range(len(shown[0]))]
    for row in shown:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
    print(f"peak memory {peak_gb():.2f} GB; {machine()}\n")


def _cell(cell: object) -> str:
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)


def peak_gb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def machine() -> str:
    """Cores, memory, Python and the libraries that matter; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    names = ("numpy", "scipy", "numba", "shapely", "networkx")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, "
        f"{libraries}; load {busy:.1f}"
    )


def pandana_or_none() -> Any:
    """Find pandana where it is installed; it is AGPL, so only ever measured against."""
    try:
        version("pandana")
    except PackageNotFoundError:
        print("pandana is not installed and not compared")
        return None
    import pandana

    return pandana
