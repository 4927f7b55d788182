"""Arrow columns to raw columns and shapes.

Belongs here: what GDAL and Parquet hand over. Does not belong here: opening a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geoplan.errors import Remark
from geoplan.layers.formats.earth import on_earth
from geoplan.layers.formats.vectors.curves import is_curved, linearise
from geoplan.layers.formats.vectors.nesting import is_deep_wkb
from geoplan.layers.raw_table import Column, RawTable, listing
from geoplan.terms import Words

_DAMAGE = "\ufffd"


def table_of_arrow(table: Any, shape_name: str | None, where: str, layer: str) -> RawTable:
    """A raw table of an Arrow table; ``shape_name`` is its WKB column, if it has one."""
    names = [str(name) for name in table.column_names]
    at = names.index(shape_name) if shape_name in names else None
    others = [column for column in range(len(names)) if column != at]
    columns = tuple(read_arrow_column(table.column(column)) for column in others)
    shapes: Any = None
    broken: tuple[Remark, ...] = ()
    if at is not None:
        shapes, broken = read_wkb(table.column(at), layer)
    return RawTable(
        where,
        tuple(names[column] for column in others),
        columns,
        np.arange(1, table.num_rows + 1),
        shapes,
        remarks=(*broken, *_damage_remarks(columns, layer)),
    )


def read_arrow_column(column: Any) -> Column:
    """An Arrow column as numpy where it is numbers or text, else as plain Python values."""
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_floating(kind) or (kinds.is_integer(kind) and not column.null_count):
        numbers: Column = column.to_numpy()
        return numbers
    if kinds.is_string(kind) or kinds.is_large_string(kind):
        return _read_texts(column)
    if kinds.is_binary(kind) or kinds.is_large_binary(kind):
        return [None] * len(column)
    try:
        values: Column = column.to_pylist()
    except (ValueError, OverflowError):  # a day that no calendar has: 0000-00-00
        values = column.cast(pa.string()).to_pylist()
    return values


def _read_texts(column: Any) -> Column:
    """A text column; where it is not the UTF-8 it should be, as GB18030 or with marks of damage."""
    import pyarrow as pa

    try:
        texts: Column = column.to_numpy(zero_copy_only=False)
    except (pa.ArrowException, UnicodeDecodeError):
        return decode_texts(column.cast(pa.large_binary()).to_pylist())
    return texts


def decode_texts(cells: Sequence[bytes | None]) -> list[object]:
    """Texts that are not all UTF-8: GB18030 when most are not, else UTF-8 with marks of damage.

    Examples
    --------
    >>> decode_texts(["街道".encode("gb18030"), None])
    ['街道', None]
    >>> decode_texts(["街道".encode(), "社区".encode()[:-1]])
    ['街道', '社']
    """
    foreign = [cell for cell in cells if cell and not cell.isascii()]
    wrong = sum(_DAMAGE in cell.decode(errors="replace") for cell in foreign)
    codec = "gb18030" if 2 * wrong > len(foreign) else "utf-8"
    return [
        None if cell is None else cell.decode(codec, errors="replace").rstrip(_DAMAGE)
        for cell in cells
    ]


def read_wkb(column: Any, layer: str) -> tuple[Any, tuple[Remark, ...]]:
    """Shapes of a WKB column; a shape that cannot be decoded is ``None`` and remarked."""
    column.validate(full=True)  # what GDAL hands over of a damaged file may point beyond itself
    encoded = column.to_numpy(zero_copy_only=False)
    deep = [at for at, cell in enumerate(encoded) if is_deep_wkb(cell)]
    if deep:
        encoded = encoded.copy()
        encoded[deep] = None
    shapes, bent = _decoded(encoded)
    places, of = shapely.get_coordinates(shapes, return_index=True)
    shapes[of[~on_earth(places)]] = None
    curves = (_curve_remark(bent, layer),) if len(bent) else ()
    lost = np.flatnonzero(shapely.is_missing(shapes) & column.is_valid().to_numpy())
    if not len(lost):
        return shapes, curves
    rows = tuple(int(at) + 1 for at in lost)
    detail = Words(
        f"第 {listing(rows)} 个要素的图形无法解读（已损坏，或坐标不是数），按没有图形处理",
        f"the shapes of features {listing(rows)} cannot be decoded (damaged, or with coordinates "
        "that are no numbers); "
        "they are taken as having none",
    )
    return shapes, (*curves, Remark("BAD_GEOMETRY", detail, layer, rows))


def _decoded(encoded: Any) -> tuple[Any, Any]:
    """The shapes, and the positions of those that were curves or faces of a surface."""
    bent = np.flatnonzero([is_curved(cell) for cell in encoded])
    straight = encoded.copy()
    straight[bent] = None
    shapes = shapely.from_wkb(straight, on_invalid="ignore")
    shapes[bent] = [linearise(encoded[at]) for at in bent]
    return shapes, bent


def _curve_remark(bent: Any, layer: str) -> Remark:
    rows = tuple(int(at) + 1 for at in bent)
    detail = Words(
        f"第 {listing(rows)} 个要素是曲线或曲面，已化为细密的折线（每段不超过半度弧，面积误差约十万分之一）",
        f"features {listing(rows)} are curves or surfaces; they were cut into straight pieces of "
        "half a degree at most, which changes an area by about a hundred-thousandth",
    )
    return Remark("CURVE_CUT", detail, layer, rows)


def _damage_remarks(columns: Sequence[Column], layer: str) -> tuple[Remark, ...]:
    """Rows with damaged characters; only columns that had to be decoded here can have them."""
    rows = sorted(
        {
            at + 1
            for column in columns
            if isinstance(column, list)
            for at, cell in enumerate(column)
            if isinstance(cell, str) and _DAMAGE in cell
        }
    )
    if not rows:
        return ()
    detail = Words(
        f"第 {listing(rows)} 行有读不出的字符，已用“�”代替",
        f"rows {listing(rows)} hold characters that cannot be read; they were replaced by �",
    )
    return (Remark("ENCODING_DAMAGED", detail, layer, tuple(rows)),)
