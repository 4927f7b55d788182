"""Who can walk where: metres along streets."""

from geoplan.reach.building.network_build import build_network
from geoplan.reach.catchment import Catchment, is_within, nearest, pairs, why_unreached
from geoplan.reach.join import Joins, Unreached, join_points
from geoplan.reach.network import BuildReport, Network
from geoplan.reach.outline import outlines
from geoplan.reach.straight import Nearest, straight_nearest
from geoplan.reach.what_if import NearestField, nearest_field

__all__ = [
    "BuildReport",
    "Catchment",
    "Joins",
    "Nearest",
    "NearestField",
    "Network",
    "Unreached",
    "build_network",
    "is_within",
    "join_points",
    "nearest",
    "nearest_field",
    "outlines",
    "pairs",
    "straight_nearest",
    "why_unreached",
]
