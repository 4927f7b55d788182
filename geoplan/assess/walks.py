"""From every home to the nearest facility of a kind: along streets where they are given, and straight.

Belongs here: which homes and facilities walk, and in which mode. Does not belong here: metres
along streets (``geoplan.reach``), or counting the people (``reach.py``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.residents import Residents
from geoplan.layers.model import Layers
from geoplan.reach.straight import Nearest, straight_nearest


@dataclass(frozen=True, slots=True)
class Ways:
    """The homes and facilities of a study as points, metres in its metric CRS.

    ``facilities`` has one row a facility, NaN where it has no place.
    """

    homes: NDArray[np.float64]
    facilities: NDArray[np.float64]

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes a walk can be measured in, the one that counts first."""
        return ("straight",)


def lay_ways(layers: Layers, residents: Residents) -> Ways:
    """The ways between the homes and the facilities of a study."""
    return Ways(residents.xy, facility_points(layers))


def facility_points(layers: Layers) -> NDArray[np.float64]:
    """One row a facility, NaN without a place; a building by its centre: nobody says where its door is."""
    layer = layers.facilities
    if layer is None or layer.geometry is None:
        return np.full((0 if layer is None else len(layer.rows), 2), np.nan)
    centres = shapely.centroid(layer.geometry)
    return np.column_stack((shapely.get_x(centres), shapely.get_y(centres)))


def nearest_of(ways: Ways, facilities: Iterable[int], mode: str) -> Nearest:
    """The nearest of the facilities at the given positions from every home."""
    del mode
    chosen = np.array(sorted(facilities), dtype=np.int64)
    found = straight_nearest(ways.homes, ways.facilities[chosen])
    facility = np.append(chosen, -1)[found.facility]
    return Nearest(found.walk_m, facility)
