"""Names and places of the units of a study, by level and id.

Every table and sheet names a unit in the same way: by its name as the layer has it, with the
county, 街道 and community it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from geoplan.assess.model import Assessment, Belonging, Place
from geoplan.layers.model import LEVELS, Layer, Layers

# The layer that holds the units of a level.
LAYER_OF_LEVEL: Mapping[str, str] = {
    **{level.name: level.layer for level in LEVELS.values()},
    "project": "projects",
    "facility": "facilities",
    "premises": "premises",
}
_NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Address:
    """The names of the places a unit lies in, empty where there is none."""

    county: str = ""
    division: str = ""
    community: str = ""
    rc: str = ""
    compound: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """The rows of every layer by id, with the places they belong to.

    ``row_number`` gives the position of a row in its layer, where its shape stands too.
    """

    study: str
    layers: Layers
    belonging: Belonging
    row_number: Mapping[str, Mapping[str, int]]

    def row(self, layer: str, key: str) -> Any:
        """The typed row with an id, ``None`` when the layer has none."""
        number = self.row_number.get(layer, {}).get(key)
        return None if number is None else getattr(self.layers, layer).rows[number]

    def shape(self, layer: str, key: str) -> Any:
        """The geometry of a row in the study's metric CRS, ``None`` when it has none."""
        number = self.row_number.get(layer, {}).get(key)
        if number is None:
            return None
        geometry = getattr(self.layers, layer).geometry
        return None if geometry is None else geometry[number]

    def unit_row(self, level: str, key: str) -> Any:
        """The typed row of a unit, ``None`` when its layer has none."""
        return self.row(LAYER_OF_LEVEL[level], key) if level in LAYER_OF_LEVEL else None

    def shape_of(self, level: str, key: str) -> Any:
        """The geometry of a unit in the study's metric CRS, ``None`` when it has none."""
        return self.shape(LAYER_OF_LEVEL[level], key) if level in LAYER_OF_LEVEL else None

    def name(self, level: str, key: str) -> str:
        """The name of a unit; its id when it has none; the study's name for the whole."""
        if level in {"city", "study"}:
            return self.study
        row = self.unit_row(level, key)
        return str(key if row is None else row.name or key)

    def place(self, level: str, key: str) -> Place:
        """The ids of the units that a unit lies in, itself included."""
        belonging = self.belonging
        found: Place | None = {
            "jiedao": Place(division=key),
            "community": belonging.communities.get(key),
            "rc": belonging.rcs.get(key),
            "compound": belonging.compounds.get(key),
            "project": belonging.projects.get(key),
            "facility": belonging.facilities.get(key),
            "premises": belonging.premises.get(key),
        }.get(level)
        return found or _NOWHERE

    def address(self, level: str, key: str) -> Address:
        """The names of the places a unit lies in, itself included."""
        place = self.place(level, key)
        named = {
            "division": self._named("jiedao", place.division),
            "community": self._named("community", key if level == "community" else place.community),
            "rc": self._named("rc", key if level == "rc" else place.rc),
            "compound": self._named("compound", key if level == "compound" else place.compound),
        }
        return Address(county=self._county(place, level, key), **named)

    def _named(self, level: str, key: str | None) -> str:
        return "" if key is None else self.name(level, key)

    def _county(self, place: Place, level: str, key: str) -> str:
        division = None if place.division is None else self.row("divisions", place.division)
        if division is not None and division.county:
            return str(division.county)
        project = self.row("projects", key) if level == "project" else None
        return str(project.county) if project is not None and project.county else ""


def build_register(assessment: Assessment) -> Register:
    """The register of an assessed study."""
    held = {
        each.name: getattr(assessment.layers, each.name)
        for each in fields(Layers)
        if isinstance(getattr(assessment.layers, each.name), Layer)
    }
    return Register(
        study=assessment.study,
        layers=assessment.layers,
        belonging=assessment.belonging,
        row_number={
            name: {row.id: number for number, row in enumerate(layer.rows) if hasattr(row, "id")}
            for name, layer in held.items()
        },
    )
