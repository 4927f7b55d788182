"""CAD drawings: closed polylines of one CAD layer as polygons, its lines as streets.

Belongs here: which entities of a drawing are rows, and which texts name them. Does not belong
here: units and coordinate system, which a drawing does not know: study.toml must say ``crs``.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.bounds import megabytes, too_much
from geoplan.layers.formats.drawings.blocks import drawn_size
from geoplan.layers.formats.earth import on_earth
from geoplan.layers.formats.parts import choose_part
from geoplan.layers.formats.vectors.gdal_gate import ask_frame
from geoplan.layers.formats.vectors.vector import unreadable
from geoplan.layers.raw_table import RawTable, listing
from geoplan.study import LayerFile
from geoplan.terms import Words

_LINES = frozenset({"LineString", "MultiLineString"})
_FREE_DRAWN, _DRAWN_A_BYTE = 50_000_000, 20  # with every block drawn wherever it is inserted
_LEAST_RING = 4  # points of a closed ring, the first come again


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The entities of a drawing, parallel arrays: CAD layer, handle, text, shape."""

    layer: NDArray[np.object_]
    handle: NDArray[np.object_]
    text: NDArray[np.object_]
    shape: NDArray[np.object_]
    endless: int


def read_dxf(file: LayerFile, where: str) -> RawTable:
    """Read one CAD layer: the one asked for, the only one that can hold the layer, or its own."""
    drawing = _open(file.path, where)
    usable = _lines(drawing) if file.layer == "roads" else _rings(drawing)
    names = list(dict.fromkeys(drawing.layer[usable].tolist()))
    part = choose_part(names, file.layer, asked=file.sublayer, where=where)
    if not isinstance(part, str):
        raise DataError(part)
    of_part = drawing.layer == part
    rows = np.flatnonzero(usable & of_part)
    shapes = drawing.shape[rows]
    remarks = list(_endless_remarks(drawing, file))
    titles: list[object] = [None] * len(rows)
    if file.layer != "roads":
        shapes = np.array([_polygon(shape) for shape in shapes], dtype=object)
        titles, said = _titles(drawing, shapes, file.layer)
        remarks += said
        remarks += _open_remarks(drawing, np.flatnonzero(_lines(drawing) & of_part & ~usable), file)
    return RawTable(
        where,
        ("code", "name"),
        (drawing.handle[rows].tolist(), titles),
        rows + 1,
        shapes,
        remarks=tuple(remarks),
    )


def _open(path: Path, where: str) -> _Drawing:
    content = path.read_bytes()
    drawn = drawn_size(content)
    if drawn > max(_FREE_DRAWN, _DRAWN_A_BYTE * len(content)):
        raise too_much(where, megabytes(drawn))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on code pages and the like: texts are looked at here
            table = ask_frame(path, "entities")
    except Exception as fault:
        raise unreadable(where, fault) from fault
    shapes = np.array(table.geometry.values, dtype=object)
    endless = [at for at, shape in enumerate(shapes) if not _is_finite(shape)]
    shapes[endless] = None
    return _Drawing(
        layer=_texts(table, "Layer"),
        handle=_texts(table, "EntityHandle"),
        text=_texts(table, "Text"),
        shape=shapely.force_2d(shapes),
        endless=len(endless),
    )


def _is_finite(shape: shapely.Geometry | None) -> bool:
    return bool(on_earth(shapely.get_coordinates(shape)).all())


def _endless_remarks(drawing: _Drawing, file: LayerFile) -> Iterator[Remark]:
    if drawing.endless:
        detail = Words(
            f"图中有 {drawing.endless} 个实体的坐标不是数，未采用",
            f"{drawing.endless} entities of the drawing have coordinates that are no numbers; "
            "they were not used",
        )
        yield Remark("BAD_GEOMETRY", detail, file.layer)


def _texts(table: Any, name: str) -> NDArray[np.object_]:
    cells = [str(cell).strip() if isinstance(cell, str) else "" for cell in table[name]]
    texts = np.empty(len(cells), dtype=object)
    texts[:] = cells
    return texts


def _lines(drawing: _Drawing) -> NDArray[np.bool_]:
    kinds = (shape.geom_type if shape is not None else "" for shape in drawing.shape)
    return np.array([kind in _LINES for kind in kinds], dtype=np.bool_)


def _rings(drawing: _Drawing) -> NDArray[np.bool_]:
    """Closed polylines, and hatches, which are polygons already."""
    kinds = [shape.geom_type if shape is not None else "" for shape in drawing.shape]
    return np.array(
        [
            kind in {"Polygon", "MultiPolygon"}
            or (kind == "LineString" and shape.is_closed and len(shape.coords) >= _LEAST_RING)
            for kind, shape in zip(kinds, drawing.shape, strict=True)
        ],
        dtype=np.bool_,
    )


def _polygon(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.Polygon(shape) if shape.geom_type == "LineString" else shape


def _titles(
    drawing: _Drawing, shapes: NDArray[np.object_], layer: str
) -> tuple[list[object], list[Remark]]:
    """The text that stands in each polygon; none where there are several."""
    written = np.flatnonzero(drawing.text != "")
    spots = shapely.centroid(drawing.shape[written])
    polygon, text = shapely.STRtree(spots).query(shapes, predicate="contains")
    titles: list[object] = [None] * len(shapes)
    several = []
    for at in range(len(shapes)):
        found = dict.fromkeys(drawing.text[written[text[polygon == at]]].tolist())
        if len(found) == 1:
            titles[at] = next(iter(found))
        elif found:
            several.append(f"{len(found)}: {'、'.join(found)}")
    if not several:
        return titles, []
    detail = Words(
        f"{len(several)} 个多边形内有几处文字，不知道哪个是名称（{listing(several)}）",
        f"{len(several)} polygons hold several texts, and nothing says which is the name ({listing(several)})",
    )
    return titles, [Remark("DXF_TEXTS", detail, layer)]


def _open_remarks(drawing: _Drawing, rows: NDArray[np.int64], file: LayerFile) -> Iterator[Remark]:
    if len(rows):
        handles = drawing.handle[rows].tolist()
        detail = Words(
            f"{len(rows)} 条没有闭合的多段线未采用（句柄 {listing(handles)}）",
            f"{len(rows)} polylines are not closed and were not used (handles {listing(handles)})",
        )
        yield Remark("OPEN_LINE", detail, file.layer, set_aside=True)
