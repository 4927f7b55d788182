"""Early warnings: phases delivered while the rooms lag behind, dates that contradict each other.

``docs/method.md`` §2.5 (interim check) and the second series of rulings. Nothing here moves a verdict.
"""

from __future__ import annotations

from fractions import Fraction

from geoplan.assess.floor_area.area_rule import rate_of
from geoplan.assess.floor_area.countable_area import KINDS
from geoplan.assess.model import Assessment, Finding, Interim, ProjectResult
from geoplan.assess.projects.area_owed import rooms_of
from geoplan.assess.projects.dossier import Dossier, area_text, document_area
from geoplan.assess.projects.findings import warning
from geoplan.assess.projects.phases import (
    allowed_share,
    delivered_households,
    delivered_phases,
    share_of_all,
)
from geoplan.assess.projects.stages import has_come
from geoplan.measures.supply import required_area, shortfall
from geoplan.numbers import gap_text, number_text, plain_text
from geoplan.terms import Words, unit

_PER_CENT = 100
_PART = "project"
_EARLY = frozenset({"HOUSING_AHEAD", "INTERIM_GAP"})
# What comes after the acceptance of the housing.
_LATER = {
    "housing_delivery_date": Words("住宅交付日期", "housing delivered"),
    "facility_handover_date": Words("设施移交日期", "rooms handed over"),
}


def early_warnings(assessment: Assessment) -> tuple[ProjectResult, ...]:
    """The projects whose delivered homes are ahead of their rooms, though no verdict fails yet."""
    return tuple(each for each in assessment.projects if _EARLY & set(each.warnings))


def interim_of(dossier: Dossier) -> Interim | None:
    """What the delivered phases ask for; ``None`` when none is, or one does not tell its size."""
    households = delivered_households(dossier.phases, dossier.day)
    if households is None:
        return None
    per = unit("m2_per_100_households").per
    rates = {kind: rate_of(kind, dossier.stock, dossier.standard) for kind in KINDS}
    required = {kind: required_area(households, rate, per) for kind, rate in rates.items()}
    provided = {kind: _accepted_area(dossier, kind) for kind in KINDS}
    gaps = {
        kind: None if (area := provided[kind]) is None else shortfall(owed, area)
        for kind, owed in required.items()
    }
    share = share_of_all(households, dossier.project, dossier.phases)
    return Interim(households, share, required, provided, gaps)


def _accepted_area(dossier: Dossier, kind: str) -> Fraction | None:
    """The measured area once the rooms are accepted or handed over; nothing before."""
    if not _rooms_are_there(dossier):
        return Fraction(0)
    return document_area(dossier, "measured", kind)


def _rooms_are_there(dossier: Dossier) -> bool:
    project = dossier.project
    events = (project.facility_acceptance_date, project.facility_handover_date)
    return any(has_come(event, dossier.day) for event in events)


def interim_findings(dossier: Dossier, interim: Interim | None) -> list[Finding]:
    """Warnings while only a part of the housing is delivered."""
    if interim is None:
        return _unknown_size(dossier)
    if interim.share is None or interim.share >= 1:
        return []
    ahead = interim.share > allowed_share(dossier.standard) and not _rooms_are_there(dossier)
    found = [_housing_ahead(dossier, interim, interim.share)] if ahead else []
    return found + [_interim_gap(interim, kind, gap) for kind, gap in interim.gap_m2.items() if gap]


def _unknown_size(dossier: Dossier) -> list[Finding]:
    """Phases that are delivered and do not tell how many homes: nobody knows what they ask for."""
    silent = [
        phase.phase or f"第 {phase.row} 行"
        for phase in delivered_phases(dossier.phases, dossier.day)
        if phase.households is None
    ]
    if not silent or dossier.delivered:
        return []
    detail = Words(
        f"已交付的{'、'.join(silent)}没有户数，无法核对已交付住宅应配的面积",
        f"phases delivered without a number of households ({', '.join(silent)}): what they ask for "
        "by now is not known",
    )
    return [warning("PHASE_HOUSEHOLDS_UNKNOWN", _PART, detail)]


def order_findings(dossier: Dossier) -> list[Finding]:
    """A project delivered or handed over by a day on which its housing was not yet accepted."""
    accepted, day = dossier.project.housing_acceptance_date, dossier.day
    events = [
        (said, event)
        for field, said in _LATER.items()
        if has_come(event := getattr(dossier.project, field), day)
    ]
    if accepted is None or accepted <= day or not events:
        return []
    zh = "、".join(f"{said.zh} {event}" for said, event in events)
    en = ", ".join(f"{said.en} on {event}" for said, event in events)
    detail = Words(
        f"{zh}，住宅验收日期 {accepted} 却在 {day} 之后，请核对日期",
        f"{en}, but the housing is accepted on {accepted}, after {day}: check the dates",
    )
    return [warning("DATES_OUT_OF_ORDER", _PART, detail)]


def _housing_ahead(dossier: Dossier, interim: Interim, share: Fraction) -> Finding:
    begun = has_come(dossier.project.facility_start_date, dossier.day)
    count, shown = plain_text(interim.delivered_households), number_text(share * _PER_CENT)
    most = plain_text(dossier.standard.number("phase_share"))
    detail = Words(
        f"住宅已交付 {count} 户，占 {shown}%，超过 {most}%，配建用房{'尚未验收' if begun else '尚未开工'}",
        f"{count} households delivered, {shown} %, more than {most} %; "
        f"the rooms are not {'accepted' if begun else 'begun'}",
    )
    return warning("HOUSING_AHEAD", _PART, detail, share)


def _interim_gap(interim: Interim, kind: str, gap: Fraction) -> Finding:
    rooms, count = rooms_of(kind), plain_text(interim.delivered_households)
    owed, have = interim.required_m2[kind], interim.provided_m2[kind] or Fraction(0)
    detail = Words(
        f"已交付 {count} 户，{rooms.zh}阶段应配 {area_text(owed)} ㎡，已验收 {area_text(have)} ㎡，缺 {gap_text(gap)} ㎡",
        f"{count} households delivered ask for {area_text(owed)} m² of {rooms.en} by now, "
        f"{area_text(have)} m² accepted, short by {gap_text(gap)} m²",
    )
    return warning("INTERIM_GAP", _PART, detail, gap)
