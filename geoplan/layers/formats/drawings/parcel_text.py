"""国土界址点 TXT: parcels as lists of boundary points, as natural resources bureaus exchange them.

Belongs here: the sections ``[属性描述]`` and ``[地块坐标]``, and rings from their points. Does not
belong here: projections (``datum.py``).

A parcel begins with a line ``点数,面积,地块编号,地块名称,图形属性,图幅号,用途,地类编码,@``; its points
follow as ``J1,圈号,X,Y``. **X is the northing and Y the easting.** Points of one 圈号 are a ring; a
ring inside another is a hole, a ring beside it another part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import numpy as np
import shapely

from geoplan.errors import DataError, Remark
from geoplan.layers.raw_table import RawTable, listing, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

MARK = "[地块坐标]"
_MOST_M = 1e8  # from the equator, or with a zone number before the easting
_FIELDS = (
    "点数",
    "地块面积(公顷)",
    "地块编号",
    "地块名称",
    "图形属性",
    "图幅号",
    "地块用途",
    "地类编码",
)
_PREFIXED = 10_000_000  # an easting of eight digits begins with its zone
_NORTHING_M = (1e6, 7e6)  # of China
_LEAST_RING = 3
_POINT_CELLS = 4
_HECTARE_M2 = Decimal(10_000)
_TOLERANCE = Decimal("0.01")
_DEGREES = {"3": 3, "6": 6}

Point = tuple[float, float]


@dataclass(slots=True)
class _Parcel:
    """One parcel: its line in the file, what it says of itself, its rings by number."""

    line: int
    cells: list[str]
    rings: dict[str, list[Point]] = field(default_factory=dict)


def is_parcel_text(text: str) -> bool:
    r"""Whether a text is a list of parcels and not a table.

    Examples
    --------
    >>> is_parcel_text("[属性描述]\n[地块坐标]\n"), is_parcel_text("编号,名称\n")
    (True, False)
    """
    return MARK in text


def read_parcels(text: str, file: LayerFile, where: str, *, encoding: str) -> RawTable:
    """The parcels as rows with polygons, in the coordinate system that the head names."""
    lines = text.splitlines()
    start = next(at for at, line in enumerate(lines) if MARK in line)
    head = dict(_head(lines[:start]))
    parcels, odd = _parcels(lines, start + 1)
    turned = _turn(parcels, file.layer)
    if not parcels:
        raise refuse(
            where,
            Words("[地块坐标] 下没有地块", f"there is no parcel below {MARK}"),
            Words("请重新导出。", "Export it again."),
        )
    shapes = np.full(len(parcels), None, dtype=object)
    shapes[:] = [_polygon(parcel.rings.values()) for parcel in parcels]
    return RawTable(
        where,
        _FIELDS,
        tuple([_cell(parcel, at) for parcel in parcels] for at in range(len(_FIELDS))),
        np.array([parcel.line for parcel in parcels], dtype=np.int64),
        shapes,
        None if file.crs else _system(head, parcels, where),
        encoding,
        (*turned, *_remarks(parcels, shapes.tolist(), odd, file.layer)),
    )


def _head(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, equals, value = line.partition("=")
        if equals:
            yield key.strip(), value.strip()


def _parcels(lines: Sequence[str], start: int) -> tuple[list[_Parcel], list[int]]:
    """The parcels, and the lines that are neither a parcel nor a point."""
    parcels: list[_Parcel] = []
    odd: list[int] = []
    for number, line in enumerate(lines[start:], start + 1):
        cells = _cells(line)
        if not cells:
            continue
        point = _point(cells)
        if cells[-1] == "@":
            parcels.append(_Parcel(number, cells[:-1]))
        elif point is not None and parcels:
            parcels[-1].rings.setdefault(cells[1], []).append(point)
        else:
            odd.append(number)
    return parcels, odd


def _cells(line: str) -> list[str]:
    """The cells of a line, without the empty ones of commas at its end.

    Examples
    --------
    >>> _cells("J1,1,2478100.0,36433300.0,,"), _cells(",,")
    (['J1', '1', '2478100.0', '36433300.0'], [])
    """
    cells = [cell.strip() for cell in re.split("[,，]", line.strip())]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _turn(parcels: Sequence[_Parcel], layer: str) -> tuple[Remark, ...]:
    """Exchange the coordinates of a file that has the easting first, as its numbers tell.

    In China a northing has seven digits, an easting six, or eight where a zone number begins it.
    """
    points = np.array([point for each in parcels for ring in each.rings.values() for point in ring])
    if not len(points):
        return ()
    easting, northing = np.median(points, axis=0)
    if not _is_northing(easting) or _is_northing(northing):
        return ()
    for parcel in parcels:
        parcel.rings = {
            ring: [(north, east) for east, north in own] for ring, own in parcel.rings.items()
        }
    detail = Words(
        "界址点的东坐标写在北坐标之前（格式规定 X 为北坐标在前），已按数值大小对调",
        "the easting stands before the northing, though the format has the northing (X) first; "
        "they were told by magnitude and exchanged",
    )
    return (Remark("AXES_SWAPPED", detail, layer),)


def _is_northing(metres: float) -> bool:
    return _NORTHING_M[0] <= metres < _NORTHING_M[1]


def _point(cells: Sequence[str]) -> Point | None:
    """Easting and northing of a boundary point; the file has the northing first."""
    if len(cells) < _POINT_CELLS:
        return None
    try:
        northing, easting = float(cells[2]), float(cells[3])
    except ValueError:
        return None
    return (easting, northing) if abs(easting) < _MOST_M and abs(northing) < _MOST_M else None


def _polygon(rings: Iterable[list[Point]]) -> shapely.Geometry | None:
    """Rings in order: inside an earlier one a hole, else a part; none where no ring closes."""
    parts: list[tuple[shapely.Polygon, list[shapely.Polygon]]] = []
    closed = [ring for ring in rings if len(set(ring)) >= _LEAST_RING]
    for ring in sorted(map(shapely.Polygon, closed), key=lambda each: -each.area):
        outer = next((holes for part, holes in parts if part.contains_properly(ring)), None)
        if outer is None:
            parts.append((ring, []))
        else:
            outer.append(ring)
    polygons = [
        shapely.Polygon(part.exterior, [hole.exterior for hole in holes]) for part, holes in parts
    ]
    if not polygons:
        return None
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _cell(parcel: _Parcel, at: int) -> str | None:
    return parcel.cells[at] if at < len(parcel.cells) and parcel.cells[at] else None


def _system(head: Mapping[str, str], parcels: Sequence[_Parcel], where: str) -> str:
    """The coordinate system in words: its name, its bands and its meridian or zone."""
    name, bands, zone = head.get("坐标系"), _DEGREES.get(head.get("几度分带", "")), head.get("带号")
    if not name or bands is None or not (zone or "").isdigit():
        raise _no_system(where)
    number = int(zone or 0)
    eastings = [point[0] for each in parcels for ring in each.rings.values() for point in ring]
    if eastings and min(eastings) >= _PREFIXED:
        return f"{name} {bands}度带 {number}带"
    meridian = number * 3 if bands == 3 else number * 6 - 3  # noqa: PLR2004 - degrees of a band
    return f"{name} {bands}度带 中央经线{meridian}"


def _no_system(where: str) -> DataError:
    return refuse(
        where,
        Words(
            "[属性描述] 没有写全坐标系、几度分带和带号",
            "[属性描述] does not give 坐标系, 几度分带 and 带号",
        ),
        Words(
            '请补全，或在 study.toml 写明 crs，如 crs = "EPSG:4524"。',
            'Complete it, or say crs in study.toml, such as crs = "EPSG:4524".',
        ),
    )


def _remarks(
    parcels: Sequence[_Parcel], shapes: Sequence[object], odd: Sequence[int], layer: str
) -> Iterator[Remark]:
    if odd:
        detail = Words(
            f"第 {listing(list(odd))} 行既不是地块也不是界址点，已略去",
            f"lines {listing(list(odd))} are neither a parcel nor a point and were left out",
        )
        yield Remark("PARCEL_LINE", detail, layer, tuple(odd))
    short = [each.line for each, shape in zip(parcels, shapes, strict=True) if shape is None]
    if short:
        detail = Words(
            f"第 {listing(short)} 行的地块不足三个界址点，没有图形",
            f"the parcels of lines {listing(short)} have fewer than three points and no shape",
        )
        yield Remark("NO_SHAPE", detail, layer, tuple(short))
    for parcel, shape in zip(parcels, shapes, strict=True):
        stated, count = _stated_ha(parcel), sum(map(len, parcel.rings.values()))
        measured = None if shape is None else Decimal(str(float(shapely.area(shape)))) / _HECTARE_M2
        if stated and measured and abs(measured - stated) > stated * _TOLERANCE:
            detail = Words(
                f"第 {parcel.line} 行写明面积 {stated} 公顷，按界址点计算为 {measured:.4f} 公顷",
                f"line {parcel.line} states {stated} ha; its points enclose {measured:.4f} ha",
            )
            yield Remark("PARCEL_AREA", detail, layer, (parcel.line,))
        if (parcel.cells[:1] or [""])[0].isdigit() and int(parcel.cells[0]) != count:
            detail = Words(
                f"第 {parcel.line} 行写明 {parcel.cells[0]} 个界址点，读到 {count} 个",
                f"line {parcel.line} states {parcel.cells[0]} points; {count} were found",
            )
            yield Remark("PARCEL_POINTS", detail, layer, (parcel.line,))


def _stated_ha(parcel: _Parcel) -> Decimal | None:
    """The area a parcel states, in hectares as the format has it."""
    try:
        return Decimal(parcel.cells[1])
    except (IndexError, InvalidOperation):
        return None
