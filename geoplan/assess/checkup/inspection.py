"""Everything a look at a study's data brings up, for whoever mends it."""

from __future__ import annotations

from dataclasses import dataclass

from geoplan.assess.checkup.defects import Defect, find_defects
from geoplan.assess.checkup.mending import MendingEffect, mending_effects
from geoplan.assess.model import Assessment
from geoplan.errors import Problem
from geoplan.layers.places.datum_doctor import DatumEvidence, examine_datums
from geoplan.layers.read import Reading


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was understood, what was refused, what is doubtful and how much it matters.

    ``assessment`` judges the layers that could be read; ``problems`` are those of the others, each
    of which refuses an assessment until it is mended; ``evidence`` is the datum doctor's.
    """

    assessment: Assessment
    problems: tuple[Problem, ...]
    defects: tuple[Defect, ...]
    effects: tuple[MendingEffect, ...]
    evidence: tuple[DatumEvidence, ...] = ()


def inspect(assessment: Assessment, reading: Reading) -> Inspection:
    """Look for defects in what could be read, and recompute what mending them would move."""
    defects = find_defects(assessment)
    return Inspection(
        assessment=assessment,
        problems=reading.problems,
        defects=defects,
        effects=mending_effects(assessment, defects),
        evidence=examine_datums(reading.opened, reading.drawn, reading.layers),
    )
