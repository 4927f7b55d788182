"""Where a facility stands and which names it declares.

Belongs here: places by the name of a unit. Does not belong here: what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from sample.city import ORIGIN, SEED, City
from sample.places import COMMUNITIES, COUNTY
from sample.shapes import warped

Row = Mapping[str, object]
OUTSIDE = Point(428_100, 2_474_900)


class Gazetteer:
    """Units of the city by id or name; every call for a place gives another spot."""

    def __init__(self, city: City) -> None:
        self.random = np.random.default_rng(SEED + 1)
        self.compounds = {str(row["compound_id"]): row for row in city.compounds}
        self.shapes: dict[str, shapely.Geometry] = {
            str(row[key]): row["geometry"]
            for rows, key in (
                (city.divisions, "name"),
                (city.communities, "name"),
                (city.residential_communities, "rc_id"),
                (city.compounds, "compound_id"),
            )
            for row in rows
        }
        self.jiedao = {str(row["name"]): row["jiedao"] for row in city.communities}
        self.seats = {row.name: row.seat for row in COMMUNITIES if row.seat}

    def place(self, at: str) -> Point | None:
        """A compound's inside, a village seat, the middle of a common border, or nowhere."""
        if not at:
            return None
        if at == "outside":
            return OUTSIDE
        if "|" in at:
            one, other = (self.shapes[key] for key in at.split("|"))
            return _middle(shapely.shared_paths(one.exterior, other.exterior))
        if at in self.seats:
            seat = np.array([self.seats[at]]) + self.random.normal(0, 30, (1, 2))
            return Point(np.round(warped(seat) + ORIGIN, 2)[0])
        return self._inside(self.shapes[at])

    def _inside(self, shape: Polygon) -> Point:
        inner = shape.buffer(-20)
        area = shape if inner.is_empty else inner
        west, south, east, north = area.bounds
        while True:
            spot = Point(
                round(float(self.random.uniform(west, east)), 2),
                round(float(self.random.uniform(south, north)), 2),
            )
            if area.contains(spot):
                return spot


def _middle(shared: shapely.GeometryCollection) -> Point:
    """The middle vertex of the longest stretch of a common border."""
    lines = [line for part in shared.geoms for line in shapely.get_parts(shapely.line_merge(part))]
    points = max(lines, key=lambda line: line.length).coords
    return Point(points[len(points) // 2])


def declared_in(row: Row, spots: Gazetteer) -> Row:
    """The row with the 街道 and community it says it lies in, unless it says another or nothing."""
    at = str(row["at"])
    if row.get("declared") == "no" or not at or "|" in at:
        return row
    community = str(spots.compounds[at]["community"]) if at in spots.compounds else at
    declared: dict[str, object] = {
        "county": COUNTY,
        "jiedao": spots.jiedao[community],
        "community": community,
        **row,
    }
    if row.get("receiver") == "街道办事处":
        declared["receiver"] = f"{declared['jiedao']}办事处"
    return declared
