"""What a programme is to close: the official gaps on its last day.

Belongs here: which gaps a city can close, and why others are not its to close. Does not belong
here: how to close one (``means``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from geoplan.assess.model import Assessment, Gap

_CENTER, _CHILDCARE = "jiedao_elder_center", "rc_childcare"


@dataclass(frozen=True, slots=True)
class Need:
    """A gap to close.

    ``floor_m2`` is the area that is missing; ``None`` where a facility is missing. ``people`` are
    those for whom it is missing, estimated from households where nobody counted them.
    """

    unit_id: str
    level: str
    rule: str
    kind: str
    floor_m2: Fraction | None
    people: Fraction

    @property
    def is_center(self) -> bool:
        """Whether a 街道 lacks its comprehensive elder-care centre."""
        return self.rule == _CENTER

    @property
    def is_coverage(self) -> bool:
        """Whether a residential community lacks childcare."""
        return self.rule == _CHILDCARE


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A gap, premises or facility that plays no part, with the reason code."""

    id: str
    kind: str
    reason: str


def list_needs(assessment: Assessment) -> tuple[tuple[Need, ...], tuple[LeftOut, ...]]:
    """The gaps that a programme can close, the largest first, and those that it cannot.

    What a new project owes its developer builds (附件1-7); what is unknown is to be surveyed first.
    """
    needs, left_out = [], []
    for gap in assessment.gaps:
        reason = _why_not(gap)
        if reason:
            left_out.append(LeftOut(gap.unit_id, gap.kind, reason))
        elif gap.official and gap.gap:
            floor_m2 = None if gap.unit == "count" else gap.gap
            needs.append(
                Need(gap.unit_id, gap.level, gap.rule, gap.kind, floor_m2, _people(gap, assessment))
            )
    return tuple(needs), tuple(left_out)


def _people(gap: Gap, assessment: Assessment) -> Fraction:
    """As counted, else estimated from households."""
    if gap.people is not None:
        return gap.people
    size = assessment.standard.number("persons_per_household")
    return (gap.households or Fraction(0)) * size


def _why_not(gap: Gap) -> str:
    if gap.level == "project" and gap.official:
        return "DEVELOPER_OWES"
    return "GAP_UNKNOWN" if gap.gap is None else ""
