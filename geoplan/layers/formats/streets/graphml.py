"""Street graphs as OSMnx saves them: each edge once, as a line.

Belongs here: .graphml, read piece by piece so that a large one fits in memory. Does not belong
here: which ways are walked (``walkable.py``) or where streets join (``reach``).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.earth import on_earth
from geoplan.layers.formats.streets.walkable import is_walkable
from geoplan.layers.formats.vectors.nesting import is_deep_wkt
from geoplan.layers.formats.vectors.vector import unreadable
from geoplan.layers.raw_table import RawTable, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

_TAGS = ("highway", "foot", "access", "service", "area")
_DEGREES = "EPSG:4326"


@dataclass(slots=True)
class _Graph:
    """What has been read of a graph so far."""

    keys: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    edges: list[dict[str, str]] = field(default_factory=list)


def read_graphml(file: LayerFile, where: str) -> RawTable:
    """Read the walkable edges of a saved graph; both directions of a street are one line."""
    try:
        graph = _read_graph(file.path)
        walked = [edge for edge in graph.edges if _is_walked(edge)]
        lines = np.array([_line(edge, graph) for edge in walked], dtype=object)
    except Exception as fault:  # expat, Python's literals and GEOS have many kinds of error
        raise unreadable(where, fault) from fault
    if len(lines) == 0:
        raise _no_edges(where, len(graph.edges))
    once = _once(lines)
    columns = tuple(
        [walked[at].get(heading) for at in once] for heading in ("osmid", "highway", "name")
    )
    return RawTable(
        where=where,
        headings=("osm_id", "highway", "name"),
        columns=columns,
        rows=np.arange(1, len(once) + 1),
        geometry=lines[once],
        crs=graph.said.get("crs", _DEGREES),
        encoding="utf-8",
        remarks=(_said(len(once), len(walked), len(graph.edges)),),
    )


def _read_graph(path: Path) -> _Graph:
    from xml.etree import ElementTree as ET

    graph = _Graph()
    # Expat itself refuses entities that grow without bound.
    for _, element in ET.iterparse(path):  # noqa: S314
        kind = element.tag.rpartition("}")[2]
        if kind == "key":
            graph.keys[element.attrib["id"]] = element.attrib["attr.name"]
        elif kind == "node":
            values = _values(element, graph.keys)
            graph.places[element.attrib["id"]] = (float(values["x"]), float(values["y"]))
            element.clear()
        elif kind == "edge":
            graph.edges.append(_values(element, graph.keys) | _ends(element))
            element.clear()
        elif kind == "graph":
            graph.said = _values(element, graph.keys)
    return graph


def _values(element: Any, keys: Mapping[str, str]) -> dict[str, str]:
    return {
        keys[child.attrib["key"]]: child.text or ""
        for child in element
        if child.tag.endswith("data")
    }


def _ends(element: Any) -> dict[str, str]:
    return {"source": element.attrib["source"], "target": element.attrib["target"]}


def _is_walked(edge: Mapping[str, str]) -> bool:
    """Whether an edge can be walked; one that joins several ways, if one of them can.

    Examples
    --------
    >>> _is_walked({"highway": "['motorway', 'residential']"}), _is_walked({})
    (True, True)
    """
    if "highway" not in edge:
        return True
    tags = {key: _listed(edge[key]) for key in _TAGS if key in edge}
    single = {key: values[0] for key, values in tags.items() if values}
    return any(is_walkable(single | {"highway": kind}) for kind in tags["highway"])


def _listed(text: str) -> list[str]:
    """One value, or the several that OSMnx writes as a Python list."""
    if not text.startswith("["):
        return [text]
    return [str(value) for value in ast.literal_eval(text)]


def _line(edge: Mapping[str, str], graph: _Graph) -> shapely.LineString:
    if edge.get("geometry"):
        if is_deep_wkt(edge["geometry"]):
            raise ValueError("a geometry is nested too deep")
        line = shapely.from_wkt(edge["geometry"])
        if not on_earth(shapely.get_coordinates(line)).all():
            raise ValueError(edge["geometry"][:80])
        return line
    ends = [graph.places[edge["source"]], graph.places[edge["target"]]]
    if not on_earth(ends).all():
        raise ValueError(ends)
    return shapely.LineString(ends)


def _once(lines: NDArray[np.object_]) -> NDArray[np.int64]:
    """The first position of each line, whichever way round it runs."""
    alike = shapely.to_wkb(shapely.normalize(lines))
    _, first = np.unique(alike.astype(object), return_index=True)
    return np.sort(first)


def _said(lines: int, walked: int, edges: int) -> Remark:
    return Remark(
        "OSM_WALKED",
        Words(
            f"采用可步行的道路 {lines:,} 条（有向边 {walked:,} 条，往返合为一条）；"
            f"另有 {edges - walked:,} 条边不可步行，未采用",
            f"{lines:,} streets that can be walked are used ({walked:,} directed edges, there and "
            f"back made one); {edges - walked:,} other edges are not",
        ),
    )


def _no_edges(where: str, edges: int) -> DataError:
    return refuse(
        where,
        Words(
            f"图里没有可步行的边（共 {edges:,} 条边）",
            f"the graph holds no edge that can be walked (of {edges:,})",
        ),
        Words(
            "请用 OSMnx 的 save_graphml 另存，并保留 highway 属性。",
            "Save it with OSMnx's save_graphml and keep the attribute highway.",
        ),
    )
