"""OpenStreetMap extracts: the ways people can walk, as lines.

Belongs here: .osm and .osm.pbf through pyosmium. Does not belong here: saved graphs
(``graphml.py``), which ways are walked (``walkable.py``) or where streets join (``reach``).

Ways meet where they share a node, so a bridge does not meet the street below it: their nodes
differ and, short of two nodes at one place, so do their coordinates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.bounds import FREE_BYTES, megabytes, too_much
from geoplan.layers.formats.streets.graphml import read_graphml
from geoplan.layers.formats.streets.pbf_blobs import unpacked_size
from geoplan.layers.formats.streets.walkable import is_walkable
from geoplan.layers.formats.vectors.vector import unreadable
from geoplan.layers.raw_table import RawTable, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

_UNPACKED_A_BYTE = 20  # extracts unpack to two or three times their size
_HEADINGS = ("osm_id", "highway", "name")


@dataclass(slots=True)
class _Ways:
    """The walkable ways met so far, and how many others there were."""

    ids: list[object] = field(default_factory=list)
    kinds: list[object] = field(default_factory=list)
    names: list[object] = field(default_factory=list)
    wkb: list[str] = field(default_factory=list)
    others: int = 0
    cut: int = 0


def read_osm(file: LayerFile, where: str) -> RawTable:
    """Read the walkable ways of an extract or a saved graph; the layer must be the roads.

    Raises
    ------
    DataError
        where the file is damaged, holds no walkable way, or is given for another layer.
    """
    if file.layer != "roads":
        raise _only_roads(file, where)
    if file.path.suffix.lower() == ".graphml":
        return read_graphml(file, where)
    ways = _read_ways(file.path, where)
    if not ways.wkb:
        raise _no_ways(where, ways.others)
    return RawTable(
        where=where,
        headings=_HEADINGS,
        columns=(ways.ids, ways.kinds, ways.names),
        rows=np.arange(1, len(ways.wkb) + 1),
        geometry=np.asarray(shapely.from_wkb(ways.wkb), dtype=object),
        crs="EPSG:4326",
        encoding="utf-8",
        remarks=_remarks(ways),
    )


def _read_ways(path: Path, where: str) -> _Ways:
    import osmium

    if path.suffix.lower() == ".pbf":
        unpacked, size = unpacked_size(path), path.stat().st_size
        if unpacked > max(FREE_BYTES, _UNPACKED_A_BYTE * size):
            raise too_much(where, megabytes(unpacked))
    ways = _Ways()
    factory = osmium.geom.WKBFactory()
    try:
        for way in _highways(path):
            tags = {tag.k: tag.v for tag in way.tags}
            if not is_walkable(tags):
                ways.others += 1
                continue
            lines = list(_lines(way, factory))
            ways.wkb += lines
            ways.ids += [way.id] * len(lines)
            ways.kinds += [tags["highway"]] * len(lines)
            ways.names += [tags.get("name")] * len(lines)
            ways.cut += not _is_whole(way)
    except Exception as fault:
        raise unreadable(where, fault) from fault
    return ways


def _highways(path: Path) -> Iterator[Any]:
    import osmium

    return iter(
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("highway"))
    )


def _is_whole(way: Any) -> bool:
    return all(node.location.valid() for node in way.nodes)


def _lines(way: Any, factory: Any) -> Iterator[str]:
    """The way, or the stretches of it whose nodes are in the extract."""
    if _is_whole(way):
        if len(way.nodes) > 1 and len({(node.x, node.y) for node in way.nodes}) > 1:
            yield factory.create_linestring(way)
        return
    for valid, nodes in groupby(way.nodes, key=lambda node: node.location.valid()):
        places = [(node.lon, node.lat) for node in nodes] if valid else []
        if len(set(places)) > 1:
            yield shapely.to_wkb(shapely.LineString(places), hex=True)


def _remarks(ways: _Ways) -> tuple[Remark, ...]:
    walked = Remark(
        "OSM_WALKED",
        Words(
            f"采用可步行的道路 {len(ways.wkb):,} 条；另有 {ways.others:,} 条不可步行（高速、未建成、"
            "私有等），未采用",
            f"{len(ways.wkb):,} ways that can be walked are used; {ways.others:,} others (motorways, "
            "not built, private and the like) are not",
        ),
    )
    if not ways.cut:
        return (walked,)
    cut = Remark(
        "OSM_CUT",
        Words(
            f"{ways.cut:,} 条道路有节点不在文件内，只采用文件内的部分",
            f"{ways.cut:,} ways have nodes outside the file; only the stretches inside are used",
        ),
    )
    return (walked, cut)


def _only_roads(file: LayerFile, where: str) -> DataError:
    suffix = file.path.suffix
    return refuse(
        where,
        Words(f"{suffix} 文件只用于道路（roads）", f"{suffix} files are read for roads only"),
        Words(
            "其他图层请转为 GeoPackage 或表格。",
            "Convert other layers to a GeoPackage or a table.",
        ),
    )


def _no_ways(where: str, others: int) -> DataError:
    return refuse(
        where,
        Words(
            f"文件里没有可步行的道路（另有 {others:,} 条不可步行）",
            f"the file holds no way that can be walked ({others:,} others)",
        ),
        Words("请核对范围，并导出 highway 要素。", "Check its extent, and export its highways."),
    )
