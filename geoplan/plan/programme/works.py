"""What is taken, as changes of the facilities that an ordinary assessment can judge.

Belongs here: the rows that a programme opens and changes. Rooms for both kinds become two rows,
one a kind, so that each square metre is credited to one kind and one unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import shapely

from geoplan.assess.model import Assessment, Place
from geoplan.layers.model import LEVELS, Facility, Premises, rows_of
from geoplan.numbers import exact_decimal
from geoplan.plan.programme.assumptions import Assumptions
from geoplan.plan.programme.needs import Need
from geoplan.plan.programme.shared_areas import Taken
from geoplan.plan.programme.vacant_premises import unit_shapes
from geoplan.plan.scenario import Change, Edit, Open
from geoplan.terms import label, terms

_TENURES = {"buy": "purchased", "swap": "swapped", "lease": "leased", "free": "free_use"}
_TYPES = {"elder": "elder_service_station", "childcare": "childcare_institution"}
_ROW = 0  # settled when the row is added


class Works:
    """Turns what is taken into edits; holds what it looks up again and again."""

    def __init__(
        self,
        assessment: Assessment,
        needs: Sequence[Need],
        assumed: Assumptions,
        changes: Mapping[str, Mapping[str, Any]],
    ) -> None:
        layers = assessment.layers
        self._assessment, self._needs, self._assumed = assessment, needs, assumed
        self._changes = changes
        self._shapes = unit_shapes(assessment)
        self._facilities = {row.id: row for row in rows_of(layers.facilities)}
        premises = rows_of(layers.premises)
        geometry = None if layers.premises is None else layers.premises.geometry
        places = [None] * len(premises) if geometry is None else list(geometry)
        self._premises = {row.id: (row, place) for row, place in zip(premises, places, strict=True)}
        self._names = {
            (level.name, row.id): row.name
            for level in LEVELS.values()
            for row in rows_of(getattr(layers, level.layer))
        }

    def edits(self, taken: Taken) -> list[Edit]:
        """The changes that one option asks for, in force on the last day of its year."""
        day = date(self._assumed.years[taken.year], 12, 31)
        option = taken.option
        if option.layer == "premises":
            return list(self._in_premises(taken, day))
        if option.layer != "facilities":
            return list(self._built(taken, day))
        values = dict(self._changes.get(option.id, {}))
        row = self._facilities[option.subject]
        if option.instrument == "extend":
            values["floor_area_m2"] = (row.floor_area_m2 or Decimal(0)) + taken.size_m2
        elif option.instrument == "pool":
            values["allocations"] = self._lent(row, taken)
        elif "status" in values:
            values["open_date"] = day
        return [Change(row.id, values)]

    def unit_name(self, need: Need) -> str:
        """The name of the unit that a need is about, else its id."""
        return self._names.get((need.level, need.unit_id)) or need.unit_id

    def _lent(self, row: Facility, taken: Taken) -> tuple[tuple[str, Decimal], ...]:
        """The facility's own unit keeps what it does not give away."""
        place = self._assessment.belonging.facilities[row.id]
        own = place.compound or place.community or place.rc or ""
        rest = Fraction(row.floor_area_m2 or 0) - sum(taken.area.values())
        given = ((self._needs[at].unit_id, _decimal(m2)) for at, m2 in taken.area.items())
        return ((own, _decimal(rest)), *given)

    def _in_premises(self, taken: Taken, day: date) -> Iterator[Edit]:
        row, shape = self._premises[taken.option.subject]
        base = self._premises_row(row, taken, day)
        if taken.centers:
            yield Open(_as_center(base, self._needs[taken.centers[0]], taken.floor_m2), shape)
            return
        for kind, floor_m2 in self._parts(taken).items():
            part = self._part(base, taken, kind, floor_m2)
            yield Open(part, shape)

    def _premises_row(self, row: Premises, taken: Taken, day: date) -> Facility:
        place = self._assessment.belonging.premises[row.id]
        tenure = _TENURES[taken.option.instrument]
        leased = tenure == "leased"
        return replace(
            self._blank(f"GP-{row.id}", row.name or row.id, place, day),
            position=row.position,
            tenure=tenure,
            lease_start=day if leased else None,
            lease_end=self.lease_end(day) if leased else None,
        )

    def lease_end(self, day: date) -> date:
        """The last day of a lease that begins on ``day``."""
        until = day.year + int(self._assumed.lease_years)
        return day.replace(year=until) - timedelta(days=1)

    def _built(self, taken: Taken, day: date) -> Iterator[Edit]:
        option = taken.option
        asked = (*option.covers, *option.centers, *option.area)
        need = self._needs[asked[0]]  # what it is built for comes first
        place = self._place_of(need)
        shape = self._shapes.get((need.level, need.unit_id))
        name = f"{self.unit_name(need)}{label('instrument', 'build', 'zh')}"
        base = self._blank(f"GP-{need.unit_id}-{need.kind}", name, place, day)
        point = None if shape is None else shapely.point_on_surface(shape)
        if taken.centers:
            yield Open(_as_center(base, need, taken.floor_m2), point)
            return
        if need.is_coverage:
            base = replace(base, id=f"GP-{need.unit_id}-cover")
        yield Open(self._part(base, taken, need.kind, taken.floor_m2), point)

    def _place_of(self, need: Need) -> Place:
        belonging = self._assessment.belonging
        if need.level == "jiedao":
            return Place(division=need.unit_id)
        found = {
            "community": belonging.communities,
            "rc": belonging.rcs,
            "compound": belonging.compounds,
        }
        place = found[need.level].get(need.unit_id, Place())
        return replace(place, **{need.level: need.unit_id})

    def _blank(self, key: str, name: str, place: Place, day: date) -> Facility:
        return Facility(
            row=_ROW,
            id=key,
            facility_type="other",
            name=name,
            jiedao=place.division,
            community=place.community,
            rc=place.rc,
            compound=place.compound,
            status="operating",
            open_date=day,
            tenure="owned",
        )

    def _parts(self, taken: Taken) -> dict[str, Fraction]:
        """The rooms by kind: what is given away and asked for, and the rest to childcare.

        A single kind takes the rooms whole.
        """
        elder = sum(
            (m2 for at, m2 in taken.area.items() if self._needs[at].kind == "elder"), Fraction(0)
        )
        childcare = sum(taken.area.values(), Fraction(0)) - elder
        if not childcare and not taken.covers:
            return {"elder": taken.floor_m2}
        if not elder:
            return {"childcare": taken.floor_m2}
        return {"elder": elder, "childcare": taken.floor_m2 - elder}

    def _part(self, base: Facility, taken: Taken, kind: str, floor_m2: Fraction) -> Facility:
        given = {
            self._needs[at].unit_id: m2
            for at, m2 in taken.area.items()
            if self._needs[at].kind == kind
        }
        rest = floor_m2 - sum(given.values())
        if given and rest:
            given[max(given, key=lambda unit: given[unit])] += rest
        care = kind == "childcare"
        places = max(1, int(floor_m2 // self._assumed.place_m2)) if care else None
        return replace(
            base,
            id=f"{base.id}-{kind}" if taken.option.layer == "premises" else base.id,
            name=f"{base.name}·{label('kind', kind, 'zh')}",
            facility_type=_TYPES[kind],
            floor_area_m2=_decimal(floor_m2),
            allocations=tuple((unit, _decimal(m2)) for unit, m2 in given.items()) or None,
            places=None if places is None else Decimal(places),
            filed=True if care else None,
        )


def _as_center(base: Facility, need: Need, floor_m2: Fraction) -> Facility:
    return replace(
        base,
        id=f"{base.id}-center" if not base.id.endswith("-elder") else base.id,
        facility_type="jiedao_elder_center",
        jiedao=need.unit_id,
        compound=None,
        floor_area_m2=_decimal(floor_m2),
        functions=frozenset(terms("function")),
    )


def _decimal(m2: Fraction) -> Decimal:
    exact = exact_decimal(m2)
    if exact is None:  # hundredths and whole m² always have one; a premises' area was a decimal
        raise ArithmeticError(f"no finite decimal: {m2}")
    return exact
