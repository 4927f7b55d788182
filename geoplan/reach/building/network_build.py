"""Street centre lines to a network.

Belongs here: which lines are refused, where nodes stand, and the report of what was found. Does
not belong here: reading a file (``layers``) or which ways can be walked (``layers.formats.osm``).

Streets join where two lines have a vertex at the same millimetre, and where a street ends on
another within a millimetre. Lines that only cross do not join: one of them may be a bridge.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import DataError, Problem
from geoplan.reach.building.arcs import link_nodes, number_components
from geoplan.reach.building.build_remarks import said_of
from geoplan.reach.building.vertices import Drawing, drop_repeats, join_touching, number_vertices
from geoplan.reach.network import BuildReport, Index, Network
from geoplan.reach.order import curve_order
from geoplan.terms import Words

Ids = NDArray[np.int64]
Metres = NDArray[np.float64]

_DEGREES = (180.0, 90.0)
_SHORTEST_M = 0.05
_WIDEST_M = 3_000_000.0


def build_network(
    lines: NDArray[np.object_], *, where: str = "roads"
) -> tuple[Network, BuildReport]:
    """The network of street centre lines in metres.

    Parameters
    ----------
    lines : LineStrings or MultiLineStrings in a metric CRS; an element may be ``None``.
    where : the file and layer, as a message names it.

    Raises
    ------
    DataError
        without any line, with coordinates that are no numbers, in degrees, or wider than 3,000 km.

    Examples
    --------
    >>> network, report = build_network(shapely.from_wkt(
    ...     ["LINESTRING (0 0, 30 0, 30 40)", "LINESTRING (30 40, 90 40)"]
    ... ))
    >>> network.length_m.tolist(), report.nodes, report.edges, report.components
    ([70.0, 70.0, 60.0, 60.0], 3, 2, 1)
    """
    single = shapely.get_parts(lines)
    _check_lines(single, where)
    drawing, zero_length, duplicates = drop_repeats(number_vertices(single))
    if len(drawing.tail) == 0:
        raise DataError([Problem(where, *_no_lines())])
    drawing, touching, near_misses = join_touching(drawing)
    if touching:
        drawing, _, overlaid = drop_repeats(drawing)
        duplicates += overlaid
    network = _connect(drawing)
    shares = _length_shares(network)
    counts = {
        "lines": len(lines),
        "nodes": len(network.xy),
        "edges": len(network.edge_nodes),
        "empty": len(lines) - int((~shapely.is_empty(lines) & ~shapely.is_missing(lines)).sum()),
        "zero_length": zero_length,
        "duplicates": duplicates,
        "touching": touching,
        "near_misses": near_misses,
        "components": len(shares),
    }
    length_m, largest = float(network.edge_length_m.sum()), float(shares[0])
    remarks = said_of(counts, length_m, largest)
    return network, BuildReport(**counts, length_m=length_m, largest_share=largest, remarks=remarks)


def _check_lines(lines: NDArray[np.object_], where: str) -> None:
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    problems = [*_nothing(coordinates), *_no_numbers(coordinates, line)]
    if not problems:
        problems = [*_in_degrees(coordinates, line), *_too_wide(coordinates)]
    if problems:
        raise DataError([Problem(where, what, remedy) for what, remedy in problems])


def _nothing(coordinates: Metres) -> list[tuple[Words, Words]]:
    if len(coordinates):
        return []
    return [_no_lines()]


def _no_lines() -> tuple[Words, Words]:
    return (
        Words("道路图层没有线", "the street network holds no lines"),
        Words("请提供道路中心线的线图层。", "Provide the centre lines of the streets."),
    )


def _no_numbers(coordinates: Metres, line: Ids) -> list[tuple[Words, Words]]:
    wrong = np.unique(line[~np.isfinite(coordinates).all(axis=1)])
    if len(wrong) == 0:
        return []
    first = ", ".join(str(at + 1) for at in wrong[:5])
    return [
        (
            Words(
                f"{len(wrong)} 条线的坐标不是数值（第 {first} 条）",
                f"{len(wrong)} lines have coordinates that are no numbers (line {first})",
            ),
            Words("请修复或删除这些线后重试。", "Mend or delete these lines and try again."),
        )
    ]


def _in_degrees(coordinates: Metres, line: Ids) -> list[tuple[Words, Words]]:
    """A street whose usual piece is shorter than 5 cm, within ±180 and ±90, is in degrees."""
    if not (np.abs(coordinates) <= _DEGREES).all():
        return []
    step = np.diff(coordinates, axis=0)[line[1:] == line[:-1]]
    length = np.hypot(step[:, 0], step[:, 1])
    if not (length > 0).any() or np.median(length[length > 0]) >= _SHORTEST_M:
        return []
    return [
        (
            Words("道路坐标是经纬度，不是米", "the streets are in degrees, not in metres"),
            Words(
                "请声明图层的坐标系，由 geoplan 投影；或先投影为 CGCS2000 高斯－克吕格坐标。",
                "Declare the layer's CRS so that geoplan can project it, or project it to metres.",
            ),
        )
    ]


def _too_wide(coordinates: Metres) -> list[tuple[Words, Words]]:
    width = float((coordinates.max(axis=0) - coordinates.min(axis=0)).max())
    if width <= _WIDEST_M:
        return []
    return [
        (
            Words(
                f"路网宽 {width / 1000:,.0f} 公里", f"the network is {width / 1000:,.0f} km wide"
            ),
            Words("请核对坐标系与离群的线。", "Check the CRS and look for stray lines."),
        )
    ]


def _connect(drawing: Drawing) -> Network:
    """Nodes, edges and arcs of a drawing."""
    node, street_starts = _find_nodes(drawing)
    piece_indptr = np.append(street_starts, len(drawing.tail)).astype(np.int32)
    vertices = np.flatnonzero(node)
    vertices = vertices[curve_order(drawing.xy[vertices])]
    number = np.full(len(drawing.xy), -1, dtype=np.int32)
    number[vertices] = np.arange(len(vertices), dtype=np.int32)
    edge_nodes = np.column_stack(
        (number[drawing.tail[piece_indptr[:-1]]], number[drawing.head[piece_indptr[1:] - 1]])
    )
    return _assemble(drawing, vertices, edge_nodes, piece_indptr)


def _find_nodes(drawing: Drawing) -> tuple[NDArray[np.bool_], Ids]:
    """Which vertices are nodes, and the first piece of each edge.

    A node is an end of a line, a vertex where other than two pieces meet, or a gap in a line.
    """
    meeting = np.bincount(np.append(drawing.tail, drawing.head), minlength=len(drawing.xy))
    node = drawing.end | (meeting != 2)  # noqa: PLR2004
    follows = (drawing.street[1:] == drawing.street[:-1]) & (drawing.tail[1:] == drawing.head[:-1])
    node[drawing.tail[1:][~follows]] = True
    node[drawing.head[:-1][~follows]] = True
    starts = np.append(True, ~follows | node[drawing.tail[1:]])
    used = np.zeros(len(node), dtype=np.bool_)
    used[drawing.tail] = used[drawing.head] = True
    return node & used, np.flatnonzero(starts)


def _assemble(drawing: Drawing, vertices: Ids, edge_nodes: Index, piece_indptr: Index) -> Network:
    order = np.argsort(edge_nodes.min(axis=1), kind="stable")
    sizes = np.diff(piece_indptr)[order]
    indptr = np.append(0, np.cumsum(sizes)).astype(np.int32)
    piece = np.repeat(piece_indptr[:-1][order] - indptr[:-1], sizes) + np.arange(indptr[-1])
    edge = np.repeat(np.arange(len(order), dtype=np.int32), sizes)
    length_m = drawing.length_m[piece]
    offset_m = _offsets(length_m, indptr)
    edge_length_m = offset_m[indptr[1:] - 1] + length_m[indptr[1:] - 1]
    edge_nodes = np.ascontiguousarray(edge_nodes[order])
    arcs = link_nodes(len(vertices), edge_nodes, edge_length_m)
    return Network(
        xy=np.ascontiguousarray(drawing.xy[vertices]),
        indptr=arcs.indptr.astype(np.int32),
        indices=arcs.indices.astype(np.int32),
        length_m=arcs.data,
        component=number_components(arcs, edge_nodes[:, 0], edge_length_m),
        edge_nodes=edge_nodes,
        edge_length_m=edge_length_m,
        piece_indptr=indptr,
        pieces=np.hstack((drawing.xy[drawing.tail[piece]], drawing.xy[drawing.head[piece]])),
        piece_edge=edge,
        piece_offset_m=offset_m,
    )


def _offsets(length_m: Metres, indptr: Index) -> Metres:
    """Metres along its edge before each piece, added up edge by edge to lose nothing."""
    offset_m = np.zeros(len(length_m))
    last = indptr[1:] - 1
    at = indptr[:-1]
    while len(at):
        on = at < last
        at, last = at[on] + 1, last[on]
        offset_m[at] = offset_m[at - 1] + length_m[at - 1]
    return offset_m


def _length_shares(network: Network) -> Metres:
    """The share of the length of streets in each component, the largest first."""
    length_m = np.bincount(network.edge_component, weights=network.edge_length_m)
    return np.asarray(length_m / length_m.sum(), dtype=np.float64)
