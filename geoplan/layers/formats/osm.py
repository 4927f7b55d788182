"""OpenStreetMap extracts and saved street graphs. Their readers come with the issue on walking.

Belongs here: .osm, .osm.pbf and .graphml. Until then they are refused in words.
"""

from __future__ import annotations

from geoplan.layers.raw import RawTable, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words


def read_osm(file: LayerFile, where: str) -> RawTable:
    """Refuse, and say what can be read today."""
    kind = "".join(file.path.suffixes[-2:])
    raise refuse(
        where,
        Words(
            f"本版 geoplan 还不能读 {kind} 路网",
            f"this version cannot read {kind} street networks yet",
        ),
        Words(
            "请先转为 GeoPackage 的线图层，例如在 QGIS 中导出道路线。",
            "Convert it to a line layer of a GeoPackage first, for example by exporting lines in QGIS.",
        ),
    )
