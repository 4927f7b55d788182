"""The symbols of the map: facilities, projects, and what can be walked to from them."""

from __future__ import annotations

import shapely

from geoplan.assess.model import Assessment
from geoplan.layers.model import rows_of
from geoplan.render import palette
from geoplan.render.planning.walking import walk_areas
from geoplan.render.webmap.ground import (
    _DEGREE_DIGITS,
    HIDDEN_STATES,
    Data,
    degrees_of,
    in_degrees,
    pairs_of,
)
from geoplan.render.webmap.side_tables import (
    SYNCS,
)
from geoplan.terms import facility_types, label

_LOOK = {
    "operating": "solid",
    "trial": "solid",
    "under_construction": "hollow",
    "planned": "hollow",
}


def walk_outlines(assessment: Assessment, language: str) -> list[Data]:
    """Where people live who can walk to a kind of facility, as outlines to draw over the map."""
    return [
        {
            "id": f"walk_{kind}",
            "title": title,
            "color": palette.MARKS[kind][0],
            "rings": [
                [pairs_of(ring) for ring in (part.exterior, *part.interiors)]
                for part in shapely.get_parts(in_degrees(shape, assessment))
            ],
        }
        for kind, title, shape in walk_areas(assessment, language)
    ]


def _points(assessment: Assessment, name: str) -> list[tuple[str, float, float]]:
    degrees = degrees_of(assessment, name)
    if degrees is None:
        return []
    rows = getattr(assessment.layers, name).rows
    found: list[tuple[str, float, float]] = []
    for row, place in zip(rows, degrees, strict=True):
        if place is not None and not place.is_empty:
            at = place.point_on_surface()
            found.append((row.id, round(at.y, _DEGREE_DIGITS), round(at.x, _DEGREE_DIGITS)))
    return found


def facility_marks(assessment: Assessment, language: str) -> list[Data]:
    """Symbols by type and status; closed ones are gone from the ground and from the map."""
    rows = {row.id: row for row in rows_of(assessment.layers.facilities)}
    divisions = {row.id: row.name for row in rows_of(assessment.layers.divisions)}
    return [
        {
            "id": key,
            "name": rows[key].name or key,
            "at": [lat, lon],
            "mark": facility_types()[rows[key].facility_type].symbol,
            "look": _LOOK.get(assessment.facilities[key].state, "grey"),
            "tip": label("facility_type", rows[key].facility_type, language),
            "status": label("status", assessment.facilities[key].state, language),
            "jiedao": divisions.get(assessment.belonging.facilities[key].division or "", ""),
        }
        for key, lat, lon in _points(assessment, "facilities")
        if assessment.facilities[key].state not in HIDDEN_STATES
    ]


def project_marks(assessment: Assessment) -> list[Data]:
    """Projects that can be placed, with their verdicts."""
    results = {each.project_id: each for each in assessment.projects}
    names = {row.id: row.name for row in rows_of(assessment.layers.projects)}
    return [
        {
            "id": key,
            "name": names[key] or key,
            "at": [lat, lon],
            "verdict": results[key].verdict.value,
            "syncs": [getattr(results[key], sync).value for sync in SYNCS],
        }
        for key, lat, lon in _points(assessment, "projects")
        if key in results
    ]
