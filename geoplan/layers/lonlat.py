"""Geometry out of the study's metric CRS, for maps and files that speak longitude and latitude."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.layers.datum import lonlat_of, read_datum


def to_wgs84(geometry: NDArray[np.object_], crs: str | None) -> NDArray[np.object_]:
    """The same geometries in WGS 84 degrees, longitude first; ``None`` stays ``None``."""
    datum = None if crs is None else read_datum(crs)
    if datum is None:
        return geometry
    moved: NDArray[np.object_] = shapely.transform(geometry, lambda xy: lonlat_of(xy, datum))
    return moved
