"""GeoParquet files, read by pyarrow.

Belongs here: the ``geo`` metadata of a Parquet file. Does not belong here: the meaning of a column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geoplan.layers.formats.vector import checked_table, unreadable
from geoplan.layers.raw import RawTable, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words


def read_parquet(file: LayerFile, where: str) -> RawTable:
    """Read a Parquet file, with the geometry its metadata names."""
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(file.path)
    except Exception as fault:
        raise unreadable(where, fault) from fault
    return _table_of(table, file, where)


def _table_of(table: Any, file: LayerFile, where: str) -> RawTable:
    geo = _geo_of(table.schema.metadata or {})
    shape_name = geo.get("primary_column")
    if shape_name not in table.column_names:
        return checked_table(table, None, where, file.layer)
    stated = geo["columns"].get(shape_name, {})
    _check_wkb(stated, where)
    return replace(checked_table(table, shape_name, where, file.layer), crs=_crs_of(stated))


def _geo_of(metadata: Mapping[bytes, bytes]) -> Mapping[str, Any]:
    try:
        found = json.loads(metadata.get(b"geo", b"{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) and "columns" in found else {}


def _check_wkb(column: Mapping[str, Any], where: str) -> None:
    if str(column.get("encoding", "WKB")).upper() != "WKB":
        raise refuse(
            where,
            Words("图形不是 WKB 编码", "its shapes are not encoded as WKB"),
            Words("请以 WKB 编码重新导出 GeoParquet。", "Export the GeoParquet with WKB encoding."),
        )


def _crs_of(column: Mapping[str, Any]) -> str | None:
    """The stated system; absent means longitude and latitude, null means unknown."""
    crs = column.get("crs", "OGC:CRS84")
    return json.dumps(crs) if isinstance(crs, dict) else crs
