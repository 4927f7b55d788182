"""The ground of a picture: units in their classes, roads, borders, marks and names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from geoplan.assess.model import Assessment
from geoplan.layers.model import Facility, rows_of
from geoplan.render.pictures.furniture import (
    Pen,
    look_of,
    mark_look,
)
from geoplan.render.webmap.ground import MOST_ROAD_POINTS, Data
from geoplan.render.webmap.themes import CENTER, CHILDCARE
from geoplan.terms import facility_types

WIDTH_IN, HEIGHT_IN, DPI = 6.5, 4.5, 200
MAP_BOX = (0.015, 0.085, 0.69, 0.825)  # left, bottom, width, height of the drawn ground
_MARGIN = 0.04
_LABELS_AT_MOST = 60
LIFT = 5.0
_GONE = frozenset({"closed", "suspended", "unknown"})
_OPEN = frozenset({"operating", "trial"})
_AREAS = frozenset({"Polygon", "MultiPolygon"})


def has_shapes(assessment: Assessment, layer: str) -> bool:
    """Whether a layer has anything to draw."""
    return any(place is not None and not place.is_empty for place in _places(assessment, layer))


def _places(assessment: Assessment, name: str) -> Iterable[Any]:
    layer = getattr(assessment.layers, name)
    return () if layer is None or layer.geometry is None else layer.geometry


def shapes_of(assessment: Assessment, name: str) -> dict[str, shapely.Geometry]:
    """The shapes of a layer by unit id, in metres."""
    rows = rows_of(getattr(assessment.layers, name))
    return {
        row.id: place
        for row, place in zip(rows, _places(assessment, name), strict=False)
        if place is not None and not place.is_empty
    }


def drawn_bounds(
    measure: Data, shapes: Mapping[str, shapely.Geometry], height_in: float
) -> tuple[float, float, float, float]:
    """West, south, east, north of everything that has a class of its own."""
    keys = [
        key
        for key, index in measure["classes"].items()
        if key in shapes and not _is_backdrop(measure, index)
    ]
    framed = [shapes[key] for key in keys] or list(shapes.values())
    west, south, east, north = shapely.total_bounds(np.array(framed, dtype=object)).tolist()
    shape = MAP_BOX[2] * WIDTH_IN / (MAP_BOX[3] * height_in)
    middle = ((west + east) / 2, (south + north) / 2)
    return fill_sheet(*middle, east - west, north - south, shape=shape)


def fill_sheet(
    x: float, y: float, width_m: float, height_m: float, *, shape: float
) -> tuple[float, float, float, float]:
    """The frame around a middle with a margin, in the proportions of the drawn ground."""
    half = max(width_m, height_m * shape, 1.0) * (0.5 + _MARGIN)
    return x - half, y - half / shape, x + half, y + half / shape


def _is_backdrop(measure: Data, index: int) -> bool:
    """Whether a class only says that a unit is not meant: 不是街道, 不适用."""
    return str(measure["legend"][index]["color"]) == "#f5f5f5"


def beyond(axes: Any, measure: Data, shapes: Mapping[str, shapely.Geometry]) -> int:
    """How many units of the legend lie outside the sheet, or have no shape at all."""
    sheet = _sheet(axes)
    return sum(
        key not in shapes or not shapes[key].intersects(sheet)
        for key, index in measure["classes"].items()
        if not _is_backdrop(measure, index)
    )


def _sheet(axes: Any) -> shapely.Polygon:
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return shapely.box(west, south, east, north)


def draw_roads(axes: Any, assessment: Assessment) -> None:
    """Streets as thin lines."""
    from matplotlib.collections import LineCollection

    if assessment.layers.roads is None:
        return
    lines = assessment.layers.roads.geometry
    if shapely.get_num_coordinates(lines).sum() > MOST_ROAD_POINTS:
        return
    inside = lines[shapely.intersects(lines, _sheet(axes))]
    axes.add_collection(
        LineCollection(
            [shapely.get_coordinates(line) for line in inside],
            colors="#33333340",
            linewidths=0.3,
            zorder=2.5,
        ),
        autolim=False,
    )


def draw_units(axes: Any, measure: Data, shapes: Mapping[str, shapely.Geometry]) -> None:
    """Each class as one path: thousands of patches would take minutes to draw."""
    from matplotlib.patches import PathPatch

    for index, look in enumerate(measure["legend"]):
        own = [
            shapes[key] for key, at in measure["classes"].items() if at == index and key in shapes
        ]
        areas = [place for place in own if place.geom_type in _AREAS]
        circles = "size" in look
        spots = [place.centroid for place in own if circles or place.geom_type not in _AREAS]
        if areas:
            face = {**look, "color": "#f4f4f2"} if circles and look["size"] else look
            axes.add_patch(PathPatch(_path(areas), **look_of(face), zorder=2))
        if circles and not look["size"]:
            continue
        axes.plot(
            [at.x for at in spots],
            [at.y for at in spots],
            "o",
            ms=look.get("size", 5),
            alpha=0.75 if circles else 1.0,
            mfc=look["color"],
            mec="#333333",
            mew=0.4,
            zorder=2,
        )
        for at in spots if look.get("sign") else ():
            axes.text(
                at.x, at.y, look["sign"], color="#ffffff", fontsize=5.5, ha="center", va="center",
                zorder=3, clip_on=True,
            )  # fmt: skip


def _path(places: Sequence[shapely.Geometry]) -> Any:
    """All rings of the polygons as one path, holes included."""
    from matplotlib.path import Path

    parts = shapely.get_parts(shapely.orient_polygons(np.array(places, dtype=object)))
    rings = shapely.get_rings(parts)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(corners), Path.LINETO, dtype=Path.code_type)
    last = np.flatnonzero(np.append(np.diff(ring) != 0, True))
    codes[last] = Path.CLOSEPOLY
    codes[np.append(0, last[:-1] + 1)] = Path.MOVETO
    return Path(corners, codes)


def draw_borders(axes: Any, assessment: Assessment) -> None:
    """The borders of the 街道 over everything."""
    from matplotlib.patches import PathPatch

    borders = [
        place for place in shapes_of(assessment, "divisions").values() if place.geom_type in _AREAS
    ]
    if borders:
        patch = PathPatch(_path(borders), facecolor="none", edgecolor="#222222", linewidth=0.9)
        patch.set_zorder(3)
        axes.add_patch(patch)


def draw_marks(axes: Any, assessment: Assessment, measure: Data) -> list[tuple[str, bool]]:
    """The facilities a theme is about; returns (mark, solid) of those drawn."""
    if measure.get("bare"):
        return []
    drawn: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    rows = rows_of(assessment.layers.facilities)
    for row, place in zip(rows, _places(assessment, "facilities"), strict=False):
        state = assessment.facilities[row.id].state
        if place is None or place.is_empty or state in _GONE or not _concerns(row, measure["id"]):
            continue
        at = place.centroid
        key = (facility_types()[row.facility_type].symbol, state in _OPEN)
        drawn.setdefault(key, []).append((at.x, at.y))
    for (mark, solid), points in sorted(drawn.items()):
        axes.plot(*zip(*points, strict=True), **mark_look(mark, solid=solid), zorder=5)
    return sorted(drawn, key=lambda each: (each[0], not each[1]))


def _concerns(row: Facility, theme: str) -> bool:
    symbol = facility_types()[row.facility_type].symbol
    if theme == CENTER:
        return row.facility_type == "jiedao_elder_center"
    kind = "childcare" if theme == CHILDCARE or "childcare" in theme else "elder"
    if kind == "elder" and row.facility_type == "jiedao_elder_center":
        return False
    return symbol in {kind, "combined"}


def named_units(
    assessment: Assessment, measure: Data, shapes: Mapping[str, shapely.Geometry], pen: Pen
) -> list[tuple[str, float, float]]:
    """Names with their places, by class and size; none where there are too many."""
    rows = rows_of(getattr(assessment.layers, measure["layer"]))
    named = [row for row in rows if row.id in shapes and row.id in measure["classes"]]
    if len(named) > _LABELS_AT_MOST:
        return []
    named.sort(key=lambda row: (measure["classes"][row.id], -shapes[row.id].area, row.id))
    at = {row.id: shapes[row.id].point_on_surface() for row in named}
    return [(pen.name(row.id, row.name), at[row.id].x, at[row.id].y) for row in named]


def draw_names(axes: Any, names: Sequence[tuple[str, float, float]], *, lift: float) -> None:
    """Write the names that have room, ``lift`` points above their place.

    One that would lie on another is left to the table.
    """
    from matplotlib.patheffects import withStroke

    renderer = axes.figure.canvas.get_renderer()
    taken: list[Any] = []
    for name, x, y in names:
        text = axes.annotate(
            name, (x, y), xytext=(0, lift), textcoords="offset points", fontsize=6, ha="center",
            va="bottom", color="#111111", zorder=6, clip_on=True, path_effects=[withStroke(linewidth=1.6, foreground="white")],
        )  # fmt: skip
        extent = text.get_window_extent(renderer)
        inside = (axes.bbox.contains(*corner) for corner in (extent.min, extent.max))
        if not all(inside) or any(extent.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(extent)
