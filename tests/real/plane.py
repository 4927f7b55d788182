"""Points and polygons told apart in plain Python, for comparison with the real libraries.

Longitude and latitude become metres east and north of a corner by the length of a degree there,
which over a city is true to a few millimetres in a metre.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians

Spot = tuple[float, float]
Ring = Sequence[Spot]

_CORNER = (121.4, 31.2)
_NORTH_M = 110_873.0  # a degree of latitude at 31.2° N on the ellipsoid
_EAST_M = 111_412.84 * cos(radians(31.2)) - 93.5 * cos(radians(93.6)) + 0.118 * cos(radians(156))


def metres(place: Spot) -> Spot:
    """Metres east and north of the corner."""
    return (place[0] - _CORNER[0]) * _EAST_M, (place[1] - _CORNER[1]) * _NORTH_M


def degrees(spot: Spot) -> Spot:
    """Longitude and latitude of a spot in metres."""
    return spot[0] / _EAST_M + _CORNER[0], spot[1] / _NORTH_M + _CORNER[1]


def is_inside(spot: Spot, rings: Sequence[Ring]) -> bool:
    """Whether a ray to the east crosses the rings an odd number of times."""
    x, y = spot
    crossings = 0
    for ring in rings:
        for (ax, ay), (bx, by) in pairwise(ring):
            if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
                crossings += 1
    return crossings % 2 == 1


def border_m(spot: Spot, rings: Sequence[Ring]) -> float:
    """Metres to the nearest edge."""
    return min(_edge_m(spot, a, b) for ring in rings for a, b in pairwise(ring))


def _edge_m(spot: Spot, a: Spot, b: Spot) -> float:
    across, along = b[0] - a[0], b[1] - a[1]
    length = across * across + along * along
    share = 0.0
    if length:
        share = ((spot[0] - a[0]) * across + (spot[1] - a[1]) * along) / length
    share = min(1.0, max(0.0, share))
    return hypot(spot[0] - a[0] - share * across, spot[1] - a[1] - share * along)
