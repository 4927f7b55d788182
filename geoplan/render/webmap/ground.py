"""The ground of the map: shapes, streets and places, in degrees and few digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.model import Assessment
from geoplan.layers.model import rows_of
from geoplan.layers.places.datum import to_wgs84
from geoplan.render.webmap.packing import MANY_SHAPES, simplified, stepped
from geoplan.terms import Words

_DEGREE_DIGITS = 6  # about a decimetre
# More streets than this turn a map black and a file into a hundred megabytes.
MOST_ROAD_POINTS = 300_000
_POLYGON_LAYERS = ("divisions", "communities", "residential_communities", "compounds")
HIDDEN_STATES = frozenset({"closed"})
Data = dict[str, Any]


def ground_data(assessment: Assessment) -> Data:
    """What is the same in every language and on every day: shapes, streets, where to look."""
    return {
        "shapes": {name: _shapes(assessment, name) for name in _POLYGON_LAYERS},
        "roads": _road_lines(assessment),
        "focus": _focus(assessment),
    }


def crs_words(crs: str | None, language: str) -> str:
    """The working CRS as a title block names it: ``CGCS2000 / 3度带 CM108E（EPSG:4545）``."""
    code = (crs or "").rpartition(":")[2]
    first_meridian_code, last_meridian_code, first_meridian = 4534, 4554, 75
    if code.isdigit() and first_meridian_code <= int(code) <= last_meridian_code:
        meridian = first_meridian + 3 * (int(code) - first_meridian_code)
        zone = Words("3度带", "3-degree zone").say(language)
        return f"CGCS2000 / {zone} CM{meridian}E ({crs})"
    return crs or "/"


def _focus(assessment: Assessment) -> list[list[float]]:
    """Where the map opens: on the 街道, two corners as latitude and longitude."""
    degrees = degrees_of(assessment, "divisions")
    if degrees is None:
        return []
    rows = rows_of(assessment.layers.divisions)
    own = [place for row, place in zip(rows, degrees, strict=True) if row.kind == "jiedao"]
    if not any(place is not None for place in own):
        return []
    west, south, east, north = shapely.total_bounds(np.array(own, dtype=object)).tolist()
    return [[south, west], [north, east]]


def degrees_of(assessment: Assessment, name: str) -> NDArray[np.object_] | None:
    """Shapes of a layer in degrees of WGS 84; ``None`` without shapes."""
    layer = getattr(assessment.layers, name)
    if layer is None or layer.geometry is None:
        return None
    return to_wgs84(layer.geometry, assessment.layers.crs)


def _shapes(assessment: Assessment, name: str) -> list[Data]:
    """Polygons of a layer: id, name, rings of latitude and longitude.

    Of a large layer the rings are simplified and written as steps (``render.packing``).
    """
    layer = getattr(assessment.layers, name)
    if layer is None or layer.geometry is None:
        return []
    many = len(layer.rows) >= MANY_SHAPES
    places = simplified(layer.geometry) if many else layer.geometry
    degrees = to_wgs84(places, assessment.layers.crs)
    return [
        {"id": row.id, "name": row.name, **_rings(place, many=many)}
        for row, place in zip(layer.rows, degrees, strict=True)
        if place is not None and place.geom_type in {"Polygon", "MultiPolygon"}
    ]


def _rings(place: shapely.Geometry, *, many: bool) -> Data:
    parts = shapely.get_parts(place)
    rings = [pairs_of(ring) for part in parts for ring in (part.exterior, *part.interiors)]
    return {"steps": stepped(rings)} if many else {"rings": rings}


def pairs_of(line: shapely.Geometry) -> list[list[float]]:
    """Latitude first, as the page's map library wants it."""
    lonlat = shapely.get_coordinates(line).round(_DEGREE_DIGITS)
    pairs: list[list[float]] = lonlat[:, ::-1].tolist()
    return pairs


def in_degrees(shape: shapely.Geometry, assessment: Assessment) -> shapely.Geometry:
    """One shape in degrees of WGS 84."""
    single = np.array([shape], dtype=object)
    return to_wgs84(single, assessment.layers.crs)[0]


def _road_lines(assessment: Assessment) -> list[list[list[float]]]:
    degrees = None if assessment.layers.roads is None else assessment.layers.roads.geometry
    if degrees is None or shapely.get_num_coordinates(degrees).sum() > MOST_ROAD_POINTS:
        return []
    return [pairs_of(line) for line in to_wgs84(degrees, assessment.layers.crs)]
