"""One unit drawn in several rows: its parts put together to one shape.

Belongs here: telling the parts of one unit from two units with one id. Does not belong here: what
to say of two units with one id (``check.py``).

A desktop program that explodes a polygon of several parts copies its attributes to every part.
Polygon rows with the same id that agree in everything else are therefore one unit, counted once;
rows that differ in anything that is said of them are not, and stay a problem. Row numbers and
measures that a program writes for each shape by itself may differ.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
import shapely

from geoplan.layers.contracts import CONTRACTS
from geoplan.layers.places.repair import Shapes
from geoplan.layers.raw_table import POLYGONS, RawTable
from geoplan.layers.tables.headings import Matched, normal_heading
from geoplan.layers.tables.values import is_blank, plain, read_id

# Of each shape and not of the unit: row numbers, and lengths and areas of the drawing.
_OF_SHAPE = re.compile(
    r"fid|ogc_?fid|objectid(?:_\d+)?|gid|oid_?|shape_?(?:area|leng(?:th)?)|st_?(?:area|length)(?:\(.*\))?|"
    r"perimeter|area|周长|面积|图形面积|图斑面积|图形周长|tbmj"
)


def unite_parts(raw: RawTable, matched: Matched, layer: str) -> RawTable:
    """The table with the parts of each unit united in its first row; the others are ``parts``."""
    column = matched.columns.get(CONTRACTS[layer].id_field)
    if raw.geometry is None or column is None or layer == "homes":
        return raw
    ids = [read_id(cell)[0] for cell in raw.cells(column)]
    repeated = {each for each in _repeated(ids) if each is not None}
    if not repeated:
        return raw
    compared = _compared(raw, matched)
    groups: dict[Hashable, list[int]] = {}
    for at in (at for at, own in enumerate(ids) if own in repeated):
        groups.setdefault(ids[at], []).append(at)
    united = [group for group in groups.values() if _are_parts(group, raw, compared)]
    shapes = raw.geometry.copy()
    for group in united:
        shapes[group[0]] = _as_one(shapely.force_2d(shapes[group]))
    rest = tuple(at for group in united for at in group[1:])
    return replace(raw, geometry=shapes, parts=tuple(sorted(rest)))


def _as_one(parts: Shapes) -> shapely.Geometry:
    """The union; broken parts are only laid side by side, to be mended and remarked later."""
    if shapely.is_valid(parts).all():
        return shapely.union_all(parts)
    return shapely.multipolygons(shapely.get_parts(parts))


def differing(raw: RawTable, matched: Matched, at: Sequence[int]) -> list[str]:
    """The headings in which rows of one id say different things."""
    return [
        raw.headings[column]
        for column, cells in _compared(raw, matched).items()
        if len({cells[position] for position in at}) > 1
    ]


def _repeated(ids: Sequence[object]) -> set[object]:
    seen: set[object] = set()
    return {each for each in ids if each in seen or seen.add(each)}  # type: ignore[func-returns-value]


def _compared(raw: RawTable, matched: Matched) -> dict[int, list[str]]:
    """The columns in which the parts of a unit must agree, as comparable texts."""
    used = set(matched.columns.values())
    return {
        column: ["" if is_blank(cell) else plain(cell) for cell in raw.cells(column)]
        for column, heading in enumerate(raw.headings)
        if column in used or not _OF_SHAPE.fullmatch(normal_heading(heading).split("(")[0])
    }


def _are_parts(group: Sequence[int], raw: RawTable, compared: dict[int, list[str]]) -> bool:
    """Whether rows are polygons that agree in every column compared."""
    kinds = shapely.get_type_id(raw.geometry[list(group)])  # type: ignore[index]
    agree = all(len({cells[at] for at in group}) == 1 for cells in compared.values())
    return agree and bool(np.isin(kinds, list(POLYGONS)).all())
