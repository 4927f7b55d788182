"""Which unit each row is credited to: 街道, community, residential community, compound.

Declared beats located (``docs/method.md`` §2.3 and the ruling on belonging); a declared unit implies
the units it lies in when nothing nearer is declared; points on a border go to the lowest id, and
whatever is doubtful is noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geoplan.assess.model import Belonging, Place, PlaceNote
from geoplan.assess.places.serving import settle_serving
from geoplan.assess.places.unit_index import Located, Register, Row, build_register, locate
from geoplan.layers.model import LEVELS, Layer, Layers
from geoplan.policy.model import Standard
from geoplan.terms import Words, label

# From the smallest unit to the largest; the attribute of a row in which it is declared.
UNITS = ("compound", "rc", "community", "division")
_DECLARED_IN = {level.unit: level.declared for level in LEVELS.values()}
_LAYER_OF = {level.unit: level.layer for level in LEVELS.values()}


def settle_places(layers: Layers, standard: Standard) -> Belonging:
    """Settle the place of every row, from the largest units down to the facilities."""
    tolerance_m = float(standard.number("boundary_tol_m"))
    registers: dict[str, Register] = {}
    notes: list[PlaceNote] = []
    for unit in reversed(UNITS):
        layer = getattr(layers, _LAYER_OF[unit])
        if layer is None:
            continue
        places, found = _place_rows(layer, _LAYER_OF[unit], registers, tolerance_m)
        own = {key: replace(place, **{unit: key}) for key, place in places.items()}
        registers[unit] = build_register(unit, layer, own, layers.aliases)
        notes += found
    notes += _idle_aliases(layers.aliases, registers)
    settled: dict[str, Mapping[str, Place]] = {}
    for name in ("facilities", "projects", "premises"):
        layer = getattr(layers, name)
        settled[name], found = (
            ({}, []) if layer is None else _place_rows(layer, name, registers, tolerance_m)
        )
        notes += found
    serving, found = settle_serving(layers.facilities, settled["facilities"], registers)
    return Belonging(
        facilities=settled["facilities"],
        compounds=_places(registers, "compound"),
        rcs=_places(registers, "rc"),
        communities=_places(registers, "community"),
        projects=settled["projects"],
        premises=settled["premises"],
        serving=serving,
        notes=tuple(notes + found),
    )


def _places(registers: Mapping[str, Register], unit: str) -> Mapping[str, Place]:
    return registers[unit].places if unit in registers else {}


def _place_rows(
    layer: Layer[Row],  # type: ignore[type-var]
    name: str,
    registers: Mapping[str, Register],
    tolerance_m: float,
) -> tuple[dict[str, Place], list[PlaceNote]]:
    located = {
        unit: locate(layer.geometry, register, len(layer.rows), tolerance_m)
        for unit, register in registers.items()
    }
    places: dict[str, Place] = {}
    notes: list[PlaceNote] = []
    for index, row in enumerate(layer.rows):
        here = {unit: found[index] for unit, found in located.items()}
        has_place = layer.geometry is not None and layer.geometry[index] is not None
        places[row.id], found_notes = _settle_row(row, name, here, registers, has_place=has_place)
        notes += found_notes
    return places, notes


def _settle_row(
    row: Row,
    layer: str,
    here: Mapping[str, Located],
    registers: Mapping[str, Register],
    *,
    has_place: bool,
) -> tuple[Place, list[PlaceNote]]:
    """One row's place: at each unit declared, else implied by the nearest declared, else located."""
    notes: list[PlaceNote] = []
    chosen: dict[str, str | None] = {}
    declared: dict[str, str] = {}
    for unit in (unit for unit in UNITS if unit in registers):
        text = getattr(row, _DECLARED_IN[unit], None)
        if text:
            known, note = _declared(row.id, layer, str(text), registers[unit], here[unit])
            notes += note
            if known is not None:
                declared[unit] = known
    for unit in (unit for unit in UNITS if unit in registers):
        implied = _implied(unit, declared, registers)
        located = here[unit]
        chosen[unit] = implied or (located.candidates[0] if located.candidates else None)
        notes += _doubts(row.id, layer, unit, implied, located, has_place=has_place)
    return Place(**chosen), notes


def _declared(
    row_id: str, layer: str, text: str, register: Register, located: Located
) -> tuple[str | None, list[PlaceNote]]:
    """The one unit a declared name or id means, if it means one."""
    found = register.find(text)
    if len(found) > 1:
        found = tuple(key for key in found if key in located.candidates) or found
    if len(found) == 1:
        return found[0], []
    unit = label("level", "jiedao" if register.unit == "division" else register.unit, "zh")
    if found:
        return None, [
            PlaceNote(
                layer,
                row_id,
                register.unit,
                "AMBIGUOUS_NAME",
                Words(
                    f"{row_id} 所填{unit}“{text}”有 {len(found)} 处同名（{'、'.join(found)}），按位置判断",
                    f'{row_id}: "{text}" names {len(found)} units ({", ".join(found)}); its location is used',
                ),
            )
        ]
    return None, [
        PlaceNote(
            layer,
            row_id,
            register.unit,
            "UNKNOWN_NAME",
            _unknown_name(row_id, unit, text, register),
        )
    ]


def _unknown_name(row_id: str, unit: str, text: str, register: Register) -> Words:
    """What is said of a name that fits nothing, with the nearest one that does."""
    near = register.nearest(text)
    zh = f"{row_id} 所填{unit}“{text}”在图层中查不到，按位置判断"
    en = f'{row_id}: "{text}" is not in the {register.unit} layer; its location is used'
    if near is None:
        return Words(zh, en)
    entry = f'"{text}" = "{near}"'
    return Words(
        f"{zh}；最接近的是“{near}”，若是同一处，请在 study.toml 的 [aliases] 写 {entry}",
        f'{en}; the nearest is "{near}": if it is the same place, write {entry} '
        "under [aliases] in study.toml",
    )


def _idle_aliases(aliases: Mapping[str, str], registers: Mapping[str, Register]) -> list[PlaceNote]:
    """Aliases of nothing, and names that are already a place's own."""
    notes = []
    for alias, meant in aliases.items():
        known = [each for each in registers.values() if each.find(meant)]
        if any(set(each.find(alias)) & set(each.find(meant)) for each in known):
            continue
        zh, en = (
            (
                f"“{alias}”本身是图层中的名称，别名不起作用",
                f'"{alias}" is a name in the layers itself',
            )
            if known
            else (f"“{meant}”在图层中查不到，别名不起作用", f'"{meant}" is in no layer')
        )
        detail = Words(
            f'study.toml 的 [aliases] "{alias}"：{zh}',
            f'study.toml [aliases] "{alias}": {en}; the alias does nothing',
        )
        notes.append(PlaceNote("", "", "", "ALIAS_IDLE", detail))
    return notes


def _implied(
    unit: str, declared: Mapping[str, str], registers: Mapping[str, Register]
) -> str | None:
    """The declared unit, or the one in which the nearest smaller declared unit lies."""
    for smaller in reversed(UNITS[: UNITS.index(unit) + 1]):
        if smaller in declared:
            found: str | None = getattr(registers[smaller].places[declared[smaller]], unit)
            if found is not None:
                return found
    return None


def _doubts(  # noqa: PLR0913 - what is known of one place
    row_id: str,
    layer: str,
    unit: str,
    implied: str | None,
    located: Located,
    *,
    has_place: bool,
) -> list[PlaceNote]:
    """What a reader should know about how this place was settled."""
    if implied is not None:
        outside_all = unit == "division" and has_place and not located.candidates
        if implied in located.candidates or not (located.candidates or outside_all):
            return []
        there = located.candidates[0] if located.candidates else None
        return [
            PlaceNote(
                layer,
                row_id,
                unit,
                "LOC_MISMATCH",
                Words(
                    f"{row_id} 申报属于 {implied}，坐标位于 {there or '所有街道与乡镇之外'}，按申报计",
                    f"{row_id} is declared in {implied} but stands in {there or 'no division'}; the declaration counts",
                ),
            )
        ]
    if located.doubtful:
        return [
            PlaceNote(
                layer,
                row_id,
                unit,
                "ON_BOUNDARY",
                Words(
                    f"{row_id} 位于 {'、'.join(located.candidates)} 边界上，计入编号最小的 {located.candidates[0]}",
                    f"{row_id} stands on the border of {', '.join(located.candidates)}; the lowest id {located.candidates[0]} is credited",
                ),
            )
        ]
    if unit == "division" and not located.candidates:
        return [_nowhere(row_id, layer, has_place=has_place)]
    return []


def _nowhere(row_id: str, layer: str, *, has_place: bool) -> PlaceNote:
    if has_place:
        return PlaceNote(
            layer,
            row_id,
            "division",
            "OUTSIDE_SCOPE",
            Words(
                f"{row_id} 未申报街道，坐标也不在任何街道或乡镇内，不计入",
                f"{row_id} declares no sub-district and stands in none; it is not counted for any",
            ),
        )
    return PlaceNote(
        layer,
        row_id,
        "division",
        "NO_PLACE",
        Words(
            f"{row_id} 既无坐标也未申报所属单元，无法计入任何街道",
            f"{row_id} has neither coordinates nor a declared unit; it is counted for no sub-district",
        ),
    )
