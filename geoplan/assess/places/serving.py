"""Whom each facility says it serves: names and ids of its list, and its express allocations."""

from __future__ import annotations

from collections.abc import Mapping

from geoplan.assess.model import Place, PlaceNote, Serving
from geoplan.assess.places.unit_index import Register
from geoplan.layers.model import Facility, Layer, rows_of
from geoplan.terms import Words


def settle_serving(
    facilities: Layer[Facility] | None,
    places: Mapping[str, Place],
    registers: Mapping[str, Register],
) -> tuple[dict[str, tuple[Serving, ...]], list[PlaceNote]]:
    """The units in each facility's ``serves`` list and ``allocations``, names resolved."""
    serving: dict[str, tuple[Serving, ...]] = {}
    notes: list[PlaceNote] = []
    for facility in rows_of(facilities):
        explicit = dict(facility.allocations or ())
        units: list[Serving] = []
        for text in dict.fromkeys([*(facility.serves or ()), *explicit]):
            unit = _served_unit(text, places[facility.id], registers)
            if unit is None:
                notes.append(_unknown_served(facility.id, text))
            else:
                units.append(Serving(*unit, explicit.get(text), text in (facility.serves or ())))
        if units:
            serving[facility.id] = tuple(units)
    return serving, notes


def _served_unit(
    text: str, home: Place, registers: Mapping[str, Register]
) -> tuple[str, str] | None:
    """(unit, id) that an entry of a serves list means: an id anywhere beats a name."""
    searched = [unit for unit in ("rc", "community", "compound") if unit in registers]
    for unit in searched:
        if text.strip() in registers[unit].places:
            return unit, text.strip()
    for unit in searched:
        found = registers[unit].find(text)
        if len(found) > 1:
            found = tuple(
                key for key in found if registers[unit].places[key].community == home.community
            )
        if len(found) == 1:
            return unit, found[0]
    return None


def _unknown_served(facility_id: str, text: str) -> PlaceNote:
    return PlaceNote(
        "facilities",
        facility_id,
        "serves",
        "UNKNOWN_NAME",
        Words(
            f"{facility_id} 服务范围中的“{text}”查不到，或有多处同名",
            f'{facility_id}: "{text}" in its serves list or allocations is no known unit, or several',
        ),
    )
