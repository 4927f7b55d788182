"""The rooms of a new project against the floor area it owes, document by document.

``docs/method.md`` §2.5, §3.2 and the rulings on 四同步 and stages.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from geoplan.assess.floor_area.countable_area import BAD_POSITIONS
from geoplan.assess.model import Finding
from geoplan.assess.places.unread_cells import not_understood
from geoplan.assess.projects.dossier import Dossier, Requirement, area_text, document_area
from geoplan.assess.projects.findings import (
    failing,
    missing,
    only_warnings,
    unread,
    verdict_of,
    warning,
    without_households,
)
from geoplan.assess.projects.stages import Stage
from geoplan.measures.supply import shortfall
from geoplan.numbers import gap_text, plain_text
from geoplan.terms import Verdict, Words, label

_PER_CENT = 100
_SHOWN = {
    "permit": Words("许可", "permitted"),
    "measured": Words("实测", "measured"),
    "handed": Words("移交", "handed over"),
}


@dataclass(frozen=True, slots=True)
class AreaOutcome:
    """The area test of one kind. Areas are ``None`` where unknown or not yet to be judged."""

    verdict: Verdict
    provided_m2: Fraction | None
    gap_m2: Fraction | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The area that a document shows, beside the area owed."""

    document: str
    kind: str
    floor_m2: Fraction
    required: Requirement

    @property
    def gap_m2(self) -> Fraction:
        """What is missing."""
        return shortfall(self.required.floor_m2, self.floor_m2)


def judge_area(dossier: Dossier, kind: str) -> AreaOutcome:
    """The area that counts, on the best evidence there is, against the area owed."""
    part = f"area_{kind}"
    required = dossier.required[kind]
    if required is None:
        return AreaOutcome(Verdict.UNKNOWN, None, None, (without_households(part),))
    if required.floor_m2 == 0:
        return AreaOutcome(Verdict.NA, None, None, ())
    lost = _rooms_that_do_not_count(dossier, kind, required)
    if dossier.stage < Stage.WORKS_PERMIT:
        return AreaOutcome(Verdict.PENDING, None, None, tuple(only_warnings(lost)))
    if any(each.verdict is Verdict.FAIL for each in lost):
        return AreaOutcome(Verdict.FAIL, Fraction(0), required.floor_m2, tuple(lost))
    document = best_document(dossier, kind)
    findings = [*compare_area(dossier, document, kind, part), *lost]
    verdict = verdict_of(findings)
    provided = document_area(dossier, document, kind)
    gap = None
    if provided is not None:
        missed = verdict is Verdict.FAIL
        gap = shortfall(required.floor_m2, provided) if missed else Fraction(0)
    return AreaOutcome(verdict, provided, gap, tuple(findings))


def best_document(dossier: Dossier, kind: str) -> str:
    """The measurement; before acceptance the works permit where nothing is measured yet."""
    finished = dossier.accepted or dossier.delivered
    measured = document_area(dossier, "measured", kind) is not None
    return "measured" if finished or measured else "permit"


def compare_area(dossier: Dossier, document: str, kind: str, part: str) -> list[Finding]:
    """What a document's area says against the area owed; nothing when it is enough."""
    required = dossier.required[kind]
    if required is None:
        return [without_households(part)]
    if required.floor_m2 == 0:
        return []
    floor_m2 = document_area(dossier, document, kind)
    if floor_m2 is None:
        return [missing(f"{document}_{kind}_m2", part)]
    shown = Shown(document, kind, floor_m2, required)
    more = _contract_not_understood(dossier, kind, part)  # which could ask for more
    if not shown.gap_m2:
        return more
    if floor_m2 >= _least_allowed(dossier, shown):
        within = _within_words(dossier, shown)
        return [warning("WITHIN_TOLERANCE", part, within, shown.gap_m2), *more]
    return [failing(_short_code(shown), part, _short_words(shown), shown.gap_m2)]


def _contract_not_understood(dossier: Dossier, kind: str, part: str) -> list[Finding]:
    granted, rooms = dossier.project.land_grant_date, rooms_of(kind)
    later = granted is not None and granted > dossier.day
    if later or not not_understood(dossier.project, f"contract_{kind}_m2"):
        return []
    what = Words(f"合同约定{rooms.zh}面积", f"the area of {rooms.en} in the contract")
    return [unread(what, part)]


def _least_allowed(dossier: Dossier, shown: Shown) -> Fraction:
    """The least area that passes: the tolerance is for measuring what was built.

    Rooms that passed the measurement within it are handed over in full when all that was measured
    is handed over.
    """
    owed = shown.required.floor_m2
    tolerated = owed * (1 - dossier.standard.number("measure_tolerance_pct") / _PER_CENT)
    if shown.document == "measured":
        return tolerated
    measured = document_area(dossier, "measured", shown.kind)
    if shown.document == "handed" and measured is not None and measured >= tolerated:
        return measured
    return owed


def _short_code(shown: Shown) -> str:
    if shown.document == "permit":
        return f"PERMIT_AREA_SHORT_{shown.kind.upper()}" if shown.floor_m2 else "NOT_IN_PERMIT"
    if shown.document == "measured":
        return f"MEASURED_SHORT_{shown.kind.upper()}"
    return "HANDOVER_AREA_SHORT"


def _short_words(shown: Shown) -> Words:
    rooms, basis = rooms_of(shown.kind), shown.required.basis
    owed, gap = area_text(shown.required.floor_m2), gap_text(shown.gap_m2)
    if shown.document == "permit" and not shown.floor_m2:
        return Words(
            f"规划许可未列{rooms.zh}（0 ㎡），应配 {owed} ㎡（{basis.zh}），缺 {gap} ㎡",
            f"the works permit has no {rooms.en} (0 m²), {owed} m² required "
            f"({basis.en}), short by {gap} m²",
        )
    word, have = _SHOWN[shown.document], area_text(shown.floor_m2)
    return Words(
        f"{word.zh}{rooms.zh} {have} ㎡，低于应配 {owed} ㎡（{basis.zh}），缺 {gap} ㎡",
        f"{rooms.en} {word.en} {have} m², below the {owed} m² required "
        f"({basis.en}), short by {gap} m²",
    )


def _within_words(dossier: Dossier, shown: Shown) -> Words:
    per_cent = plain_text(dossier.standard.number("measure_tolerance_pct"))
    word, rooms = _SHOWN[shown.document], rooms_of(shown.kind)
    have, owed = area_text(shown.floor_m2), area_text(shown.required.floor_m2)
    gap = gap_text(shown.gap_m2)
    return Words(
        f"{word.zh}{rooms.zh} {have} ㎡，比应配 {owed} ㎡ 少 {gap} ㎡，"
        f"在测量允许误差 {per_cent}% 以内，按达标计",
        f"{rooms.en} {word.en} {have} m², {gap} m² less than the {owed} m² required "
        f"but within the tolerance of {per_cent} %: passes",
    )


def _rooms_that_do_not_count(dossier: Dossier, kind: str, required: Requirement) -> list[Finding]:
    """Rooms put to another use, or below ground or on a mezzanine, count 0 in a new build."""
    part, project, rooms = f"area_{kind}", dossier.project, rooms_of(kind)
    owed, basis = area_text(required.floor_m2), required.basis
    ending = Words(
        f"不计面积，应配 {owed} ㎡（{basis.zh}），缺 {gap_text(required.floor_m2)} ㎡",
        f"counts 0 m² of the {owed} m² required ({basis.en})",
    )
    found: list[Finding] = []
    if project.other_use:
        detail = Words(
            f"{rooms.zh}改作他用，{ending.zh}", f"{rooms.en} put to another use, {ending.en}"
        )
        found.append(failing("OTHER_USE", part, detail, required.floor_m2))
    elif not_understood(project, "other_use"):
        found.append(unread(Words("是否挪作他用", "whether the rooms serve another use"), part))
    position = project.facility_position
    if position in BAD_POSITIONS:
        zh, en = label("position", position, "zh"), label("position", position, "en")
        detail = Words(f"{rooms.zh}位于{zh}，{ending.zh}", f"{rooms.en} in a {en}, {ending.en}")
        found.append(failing("BAD_LOCATION", part, detail, required.floor_m2))
    elif not_understood(project, "facility_position"):
        found.append(unread(Words("设施所在楼层", "the storey of the rooms"), part))
    return found


def rooms_of(kind: str) -> Words:
    """养老用房, 托育用房."""
    return Words(f"{label('kind', kind, 'zh')}用房", f"{label('kind', kind, 'en')} rooms")
