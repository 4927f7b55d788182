"""What every measure may look at: the checked layers, settled for one day and one standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from geoplan.assess.model import Belonging
from geoplan.assess.places.belonging import settle_places
from geoplan.assess.places.facility_status import state_on
from geoplan.assess.places.residents import Membership, Residents, settle_residents
from geoplan.assess.places.unread_cells import not_understood
from geoplan.layers.model import Facility, Layers, rows_of
from geoplan.policy.model import Standard
from geoplan.reach.ways import Ways, lay_ways

_RURAL_CLASSES = ("12", "2")  # NBS 城乡分类代码: 12x towns, 2xx villages (docs/method.md §1.1)


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground that a standard is held against.

    ``states`` and ``state_codes`` are by facility id; ``urban`` tells of each community id whether
    the rules for urban communities hold there (a blank class is taken as urban). ``residents`` and
    ``ways`` are there when the homes are given.
    """

    layers: Layers
    standard: Standard
    belonging: Belonging
    states: Mapping[str, str]
    state_codes: Mapping[str, tuple[str, ...]]
    urban: Mapping[str, bool]
    residents: Residents | None = None
    ways: Ways | None = None
    period_start: date | None = None

    @property
    def outside(self) -> frozenset[str]:
        """Facilities that declare no division and stand in none: nobody's, so never counted."""
        return frozenset(
            note.id
            for note in self.belonging.notes
            if note.layer == "facilities" and note.code == "OUTSIDE_SCOPE"
        )

    @property
    def urban_doubted(self) -> frozenset[str]:
        """Communities whose class was written but not understood: urban or not, who knows."""
        rows = rows_of(self.layers.communities)
        return frozenset(row.id for row in rows if not_understood(row, "urban_class"))

    @property
    def facilities(self) -> tuple[Facility, ...]:
        """The facility rows, none when there is no such layer."""
        return rows_of(self.layers.facilities)


def settle_ground(
    layers: Layers,
    standard: Standard,
    *,
    period_start: date | None = None,
    ways: Ways | None = None,
) -> Ground:
    """Settle places and states, once for all measures; ``ways`` where they are laid already."""
    settled = {row.id: state_on(row, standard.as_of) for row in rows_of(layers.facilities)}
    belonging = settle_places(layers, standard)
    residents = settle_residents(layers, belonging)
    return Ground(
        layers=layers,
        standard=standard,
        belonging=belonging,
        states={key: state for key, (state, _) in settled.items()},
        state_codes={key: codes for key, (_, codes) in settled.items()},
        urban={
            row.id: not (row.urban_class or "").startswith(_RURAL_CLASSES)
            for row in rows_of(layers.communities)
        },
        residents=residents,
        ways=ways or (None if residents is None else _lay_ways(layers, residents)),
        period_start=period_start,
    )


def _lay_ways(layers: Layers, residents: Residents) -> Ways:
    nowhere = Membership((), np.full(len(residents.ids), -1))
    compound = residents.units.get("compound", nowhere)
    return lay_ways(layers, residents.xy, compound.of, residents.gates)
