"""What makes a large map small: shapes by fewer corners in whole steps, each sentence once, deflated.

Belongs here: how data stands in the page. What it says is settled in ``marks`` and ``beside``, and
shapes are simplified for drawing only: no figure is taken from them.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.render.sheets.harmless import visible

Data = dict[str, Any]

# From here on a layer is simplified, and shapes are written as steps of a hundred-thousandth of a
# degree, about a metre.
MANY_SHAPES = 2_000
STEPS = 100_000
# A page of more characters than this is deflated; every browser of the last years can inflate it.
PACKED_FROM = 3_000_000
_PARTS = 100  # of the side of a unit: what moves by less is not seen when it fills the screen


def simplified(places: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes in metres with fewer corners; neighbours keep sharing their borders.

    The tolerance is a hundredth of the side of the middle unit, so that a unit which fills the
    screen is drawn to about ten dots. Layers whose shapes overlap are simplified one by one.

    Examples
    --------
    >>> square = shapely.segmentize(shapely.box(0, 0, 100, 100), 5)
    >>> [len(shapely.get_coordinates(each)) for each in (square, simplified(np.array([square]))[0])]
    [81, 5]
    """
    areas = shapely.area(places)
    known = areas[areas > 0]
    if not len(known):
        return places
    tolerance_m = float(np.sqrt(np.median(known))) / _PARTS
    polygons = shapely.get_dimensions(places) > 1
    made = places.copy()
    # To the millimetre, so that borders which are the same are the same to the last bit.
    whole = shapely.transform(places[polygons], lambda xy: xy.round(3))
    if shapely.coverage_is_valid(whole):
        made[polygons] = shapely.coverage_simplify(whole, tolerance_m)
    else:
        made[polygons] = shapely.simplify(places[polygons], tolerance_m)
    return made


def stepped(rings: Sequence[Sequence[Sequence[float]]]) -> list[list[int]]:
    """Rings of latitude and longitude as whole steps from corner to corner.

    Examples
    --------
    >>> stepped([[[22.4, 107.35], [22.40001, 107.35002]]])
    [[2240000, 10735000, 1, 2]]
    """
    found = []
    for ring in rings:
        whole = np.rint(np.asarray(ring) * STEPS).astype(np.int64)
        steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
        moved = (steps != 0).any(axis=1)
        found.append(steps[moved].ravel().tolist())
    return found


def shared_quotes(popups: Mapping[str, Data]) -> list[list[str]]:
    """Every sentence of the plan once; the popups are left with its place in the list."""
    places: dict[tuple[str, ...], int] = {}
    for popup in popups.values():
        popup["quotes"] = [
            places.setdefault(tuple(quote), len(places)) for quote in popup["quotes"]
        ]
    return [list(quote) for quote in places]


def packed(text: str) -> str:
    """Text deflated, in characters that any page can hold."""
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 6)).decode("ascii")


def compact(data: Any) -> str:
    """JSON without a blank."""
    return visible(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
