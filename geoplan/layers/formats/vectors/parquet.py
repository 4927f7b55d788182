"""GeoParquet files, read by pyarrow.

Belongs here: the ``geo`` metadata of a Parquet file. Does not belong here: the meaning of a column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.bounds import (
    check_table,
    check_unpacked_rows,
    megabytes,
    most_unpacked,
    too_much,
)
from geoplan.layers.formats.vectors.vector import checked_table, unreadable
from geoplan.layers.raw_table import RawTable, listing, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

_ROWS_PACKED = 10  # rows of much the same values take next to nothing


def read_parquet(file: LayerFile, where: str) -> RawTable:
    """Read a Parquet file, with the geometry its metadata names."""
    import pyarrow.parquet as pq
    import pyarrow.types as kinds

    size = file.path.stat().st_size
    try:
        with pq.ParquetFile(file.path) as opened:
            _check_size(opened.metadata, size, where)
            schema = opened.schema_arrow
        nested = [field.name for field in schema if kinds.is_nested(field.type)]
        plain = [field.name for field in schema if not kinds.is_nested(field.type)]
        with pq.ParquetFile(file.path, read_dictionary=_texts_of(schema)) as opened:
            table = _unfolded(opened.read(columns=plain), size, where)
    except DataError:
        raise
    except Exception as fault:
        raise unreadable(where, fault) from fault
    read = _table_of(table, file, where)
    said = (_nested_remark(nested, file.layer),) if nested else ()
    return replace(read, remarks=(*said, *read.remarks))


def _check_size(metadata: Any, size: int, where: str) -> None:
    """Refuse what says of itself that it holds more than its size explains.

    The same value over and over takes no room. The columns of a group are not asked: pyarrow ends
    the whole program where what is said of one is damaged.
    """
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    rows = max(metadata.num_rows, sum(group.num_rows for group in groups))
    check_table(rows, metadata.num_columns, where, size=_ROWS_PACKED * size)
    check_unpacked_rows(rows, where, size=size)
    unpacked = sum(group.total_byte_size for group in groups)
    if unpacked > most_unpacked(size):
        raise too_much(where, megabytes(unpacked))


def _nested_remark(names: Sequence[str], layer: str) -> Remark:
    """That lists and structures, which can be of any length, are no cells."""
    shown = listing(names, most=30)
    detail = Words(
        f"列 {shown} 的内容是列表或结构，不是单个值，没有读取",
        f"the columns {shown} hold lists or structures instead of single values and were not read",
    )
    return Remark("NESTED_LEFT", detail, layer)


def _texts_of(schema: Any) -> list[str]:
    """The columns of texts and bytes: each value is kept once until it is known what all come to."""
    import pyarrow.types as kinds

    return [
        field.name
        for field in schema
        if kinds.is_string(field.type)
        or kinds.is_binary(field.type)
        or kinds.is_large_string(field.type)
        or kinds.is_large_binary(field.type)
    ]


def _unfolded(table: Any, size: int, where: str) -> Any:
    """The table with its texts written out, if they come to no more than its size explains."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, field in enumerate(table.schema):
        if not isinstance(field.type, pa.DictionaryType):
            continue
        column = table.column(at)
        length = 0
        for chunk in column.chunks:
            lengths = pc.binary_length(chunk.dictionary)
            length += int(pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0)
        if length > most_unpacked(size):
            raise too_much(where, megabytes(length))
        table = table.set_column(
            at, field.with_type(field.type.value_type), column.cast(field.type.value_type)
        )
    return table


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
