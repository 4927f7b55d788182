"""GCJ-02 and BD-09: the shifted coordinates of Chinese map services, and back to WGS 84.

Belongs here: the two published formulas on arrays of degrees, and their inverse by iteration. Does
not belong here: deciding which coordinates are shifted. The formulas are approximations known from
the public; results are good to about a metre, the round trip to less than a millimetre.

Longitude and latitude are arrays of degrees, longitude first, everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

_AXIS_M = 6_378_245.0  # Krassovsky ellipsoid, which the formula is written for
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_SHIFTED_LON = (72.004, 137.8347)
_SHIFTED_LAT = (0.8293, 55.8271)
_BD_TURN = np.pi * 3000.0 / 180.0
_ROUNDS = 12


def gcj02_from_wgs84(lon: Degrees, lat: Degrees) -> Pair:
    """Shift WGS 84 degrees as the map services do; outside China nothing is shifted.

    Examples
    --------
    >>> lon, lat = gcj02_from_wgs84(np.array([118.0]), np.array([32.0]))
    >>> round(float(lon[0]), 9), round(float(lat[0]), 9)
    (118.005431014, 31.997964381)
    """
    east, north = _shift_m(lon - 105.0, lat - 35.0)
    angle = np.radians(lat)
    squash = 1.0 - _ECCENTRICITY_SQUARED * np.sin(angle) ** 2
    across = _AXIS_M / np.sqrt(squash) * np.cos(angle)
    along = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / (squash * np.sqrt(squash))
    inside = _is_shifted(lon, lat)
    return (
        lon + np.where(inside, np.degrees(east / across), 0.0),
        lat + np.where(inside, np.degrees(north / along), 0.0),
    )


def bd09_from_gcj02(lon: Degrees, lat: Degrees) -> Pair:
    """Shift GCJ-02 degrees once more, to BD-09."""
    reach = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return reach * np.cos(angle) + 0.0065, reach * np.sin(angle) + 0.006


def wgs84_from_gcj02(lon: Degrees, lat: Degrees) -> Pair:
    """Undo ``gcj02_from_wgs84``.

    Examples
    --------
    >>> lon, lat = wgs84_from_gcj02(np.array([107.357634]), np.array([22.402529]))
    >>> round(float(lon[0]), 4), round(float(lat[0]), 4)
    (107.3535, 22.4053)
    """
    return _undo(gcj02_from_wgs84, lon, lat)


def wgs84_from_bd09(lon: Degrees, lat: Degrees) -> Pair:
    """Undo ``bd09_from_gcj02`` and ``gcj02_from_wgs84``."""
    return wgs84_from_gcj02(*_undo(bd09_from_gcj02, lon, lat))


def _shift_m(x: Degrees, y: Degrees) -> Pair:
    """The published series: metres east and north of a point, from 105 E, 35 N."""
    root = np.sqrt(np.abs(x))
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (ripple + _waves(x, ((20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)))) * 2 / 3
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (ripple + _waves(y, ((20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)))) * 2 / 3
    return east, north


def _waves(at: Degrees, terms: tuple[tuple[float, float], ...]) -> Degrees:
    total = np.zeros_like(at)
    for height, length in terms:
        total += height * np.sin(at * np.pi / length)
    return total


def _is_shifted(lon: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    inside_lon = (lon >= _SHIFTED_LON[0]) & (lon <= _SHIFTED_LON[1])
    return np.asarray(inside_lon & (lat >= _SHIFTED_LAT[0]) & (lat <= _SHIFTED_LAT[1]))


def _undo(shift: Callable[[Degrees, Degrees], Pair], lon: Degrees, lat: Degrees) -> Pair:
    """The point whose shift is the given one: each round takes away the error still left."""
    guess_lon, guess_lat = lon.copy(), lat.copy()
    # Numbers that are no degrees at all overflow here, and are no places afterwards either.
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(_ROUNDS):
            shifted_lon, shifted_lat = shift(guess_lon, guess_lat)
            guess_lon += lon - shifted_lon
            guess_lat += lat - shifted_lat
    return guess_lon, guess_lat
