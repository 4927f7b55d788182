"""Which ways of OpenStreetMap can be walked.

Belongs here: the table of tags. Does not belong here: opening a file.

The table follows the walking filter of OSMnx 2 (G. Boeing, *Environment and Planning B*, 2025)
with three differences. A way that says ``foot=yes`` is walked whatever else it is, unless it is
not built. ``access=no`` closes a way as ``access=private`` does. And a carriageway whose pavement
is drawn on its own (``sidewalk=separate``) stays in: that moves a walk by the width of a street,
while leaving it out cuts streets off where pavements are drawn only here and there.
"""

from __future__ import annotations

from collections.abc import Mapping

_NOT_BUILT = frozenset(
    {"abandoned", "construction", "demolished", "no", "planned", "proposed", "razed"}
)
_NOT_FOR_FEET = frozenset(
    {
        "bus_guideway",
        "busway",
        "corridor",
        "cycleway",
        "elevator",
        "emergency_bay",
        "escape",
        "motor",
        "motorway",
        "motorway_link",
        "platform",
        "raceway",
        "rest_area",
        "services",
    }
)
_ALLOWED = frozenset({"yes", "designated", "permissive", "official"})
_CLOSED = frozenset({"no", "private"})


def is_walkable(tags: Mapping[str, str]) -> bool:
    """Whether people may walk along a way; in both directions, as one-way rules are for vehicles.

    Examples
    --------
    >>> is_walkable({"highway": "residential", "oneway": "yes"})
    True
    >>> is_walkable({"highway": "service", "access": "private"})
    False
    >>> is_walkable({"highway": "cycleway", "foot": "designated"})
    True
    """
    kind, foot = tags.get("highway"), tags.get("foot")
    if kind is None or kind in _NOT_BUILT or tags.get("area") == "yes":
        return False
    if foot in _ALLOWED:
        return True
    closed = foot in _CLOSED or tags.get("access") in _CLOSED or tags.get("service") == "private"
    return not closed and kind not in _NOT_FOR_FEET
