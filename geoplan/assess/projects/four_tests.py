"""The four tests of 四同步: planned, built, accepted and delivered together with the housing.

``docs/method.md`` §3.2 and the rulings on 四同步. A blank is not a no: a blank field of a stage that has
passed leaves its test unknown, an expressed no fails it; before its stage a test is pending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from geoplan.assess.floor_area.countable_area import KINDS
from geoplan.assess.model import Finding
from geoplan.assess.places.unread_cells import not_understood
from geoplan.assess.projects.area_owed import compare_area
from geoplan.assess.projects.dossier import Dossier
from geoplan.assess.projects.findings import (
    combined_verdict,
    failing,
    missing,
    only_warnings,
    unread,
    verdict_of,
    warning,
    without_households,
)
from geoplan.assess.projects.phases import (
    Timing,
    all_households,
    allowed_share,
    is_phased,
    known_households,
    least_share,
    most_share,
    phase_number,
    timing_of,
)
from geoplan.assess.projects.stages import Stage, has_come
from geoplan.layers.rows.row_order import in_natural_order
from geoplan.numbers import number_text, plain_text
from geoplan.terms import Verdict, Words, label

_PER_CENT = 100
_NO_ORDER = "PHASE_ORDER_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of one test and what it found."""

    verdict: Verdict
    findings: tuple[Finding, ...]


def _judged(findings: list[Finding]) -> Outcome:
    return Outcome(verdict_of(findings), tuple(findings))


def _pending(findings: list[Finding]) -> Outcome:
    return Outcome(Verdict.PENDING, tuple(only_warnings(findings)))


# ------------------------------------------------------------------------------- planned


def judge_plan(dossier: Dossier) -> Outcome:
    """同步规划: the clause in the land conditions, and the areas in the works permit."""
    part = "sync_plan"
    findings = _clause_findings(dossier, part)
    if None in dossier.required.values():
        findings.append(without_households(part))
    elif dossier.stage >= Stage.WORKS_PERMIT:
        for kind in KINDS:
            findings += compare_area(dossier, "permit", kind, part)
    outcome = _judged(findings)
    early = dossier.stage < Stage.WORKS_PERMIT and outcome.verdict is Verdict.PASS
    return Outcome(Verdict.PENDING, outcome.findings) if early else outcome


def _clause_findings(dossier: Dossier, part: str) -> list[Finding]:
    """The clause is due once the land is granted; on earlier land its lack is only a warning."""
    clause, granted = dossier.project.land_clause, dossier.project.land_grant_date
    if dossier.stage < Stage.LAND_GRANT or clause:
        return []
    if dossier.stock == "legacy_new":
        return [warning("LEGACY_NO_CLAUSE", part, _legacy_words(dossier))]
    found = [] if has_come(granted, dossier.day) else [missing("land_grant_date", part)]
    if clause is None:
        return [*found, missing("land_clause", part)]
    return found or [failing("NO_LAND_CLAUSE", part, _no_clause_words(granted))]


def _no_clause_words(granted: date | None) -> Words:
    return Words(
        f"{granted} 供地，出让条件未含养老托育配建条款",
        f"land granted on {granted} without a clause on rooms for elders and children",
    )


def _legacy_words(dossier: Dossier) -> Words:
    granted = dossier.project.land_grant_date
    since = dossier.standard.day("new_rule_effective")
    silent = dossier.project.land_clause is None
    return Words(
        f"{granted} 供地，早于 {since}，出让条件{'未填' if silent else '未含'}养老托育配建条款",
        f"land granted on {granted}, before {since}: "
        f"{'no word on a clause' if silent else 'no clause'}",
    )


# --------------------------------------------------------------------------------- built


def judge_build(dossier: Dossier) -> Outcome:
    """同步建设: the rooms begun, and not behind most of the housing.

    Pending before the completion check; but an enforced phase rule is broken, or cannot be judged
    for want of an order, as soon as the plan of the phases says so.
    """
    part = "sync_build"
    phases = _phase_findings(dossier, part)
    findings = [*_start_findings(dossier, part), *phases]
    if dossier.stage >= Stage.COMPLETION_CHECK:
        return _judged(findings)
    known = [
        each for each in findings if each.verdict is not Verdict.UNKNOWN or each.code == _NO_ORDER
    ]
    verdict = combined_verdict([Verdict.PENDING, *(each.verdict for each in known)])
    return Outcome(verdict, tuple(known))


def _start_findings(dossier: Dossier, part: str) -> list[Finding]:
    started, day = dossier.project.facility_start_date, dossier.day
    blank = _blank_housing_start(dossier, part)
    if started is None:
        return [missing("facility_start_date", part), *blank]
    if not has_come(started, day):
        if dossier.stage < Stage.COMPLETION_CHECK:
            return []
        return [failing("NOT_STARTED", part, _not_started_words(dossier.stage, started, day))]
    return [*_late_start(dossier, started, part), *blank]


def _blank_housing_start(dossier: Dossier, part: str) -> list[Finding]:
    """Past the completion check nobody can say whether the rooms began late.

    A warning, as a late start is; unknown where a late start fails.
    """
    if dossier.project.housing_start_date or dossier.stage < Stage.COMPLETION_CHECK:
        return []
    blank = missing("housing_start_date", part)
    return [blank if _is_enforced(dossier) else replace(blank, verdict=Verdict.PASS)]


def _is_enforced(dossier: Dossier) -> bool:
    """Whether the lag and the phases decide verdicts, or only warn."""
    return dossier.standard.choice("phase_rule") == "enforce"


def _not_started_words(stage: Stage, started: date, day: date) -> Words:
    return Words(
        f"住宅已到{label('stage', stage.key, 'zh')}阶段，设施截至 {day} 尚未开工（开工日期 {started}）",
        f"housing has reached the {label('stage', stage.key, 'en')}, "
        f"the rooms were not begun by {day} (start on {started})",
    )


def _late_start(dossier: Dossier, started: date, part: str) -> list[Finding]:
    """A start after the housing's, beyond the days allowed: a warning, a breach where enforced."""
    housing = dossier.project.housing_start_date
    allowed = dossier.standard.number("build_lag_days")
    if housing is None or (started - housing).days <= allowed:
        return []
    days = (started - housing).days
    detail = Words(
        f"设施 {started} 开工，晚于住宅开工 {housing} 共 {days} 天（允许 {plain_text(allowed)} 天）",
        f"rooms begun on {started}, {days} days after the housing on {housing} "
        f"({plain_text(allowed)} allowed)",
    )
    said = failing if _is_enforced(dossier) else warning
    return [said("START_LATE", part, detail, Fraction(days))]


def _phase_findings(dossier: Dossier, part: str) -> list[Finding]:
    """Rooms in one piece and in the first phase, or finished before most of the housing."""
    found: list[Finding] = []
    if dossier.project.facility_split:
        found.append(
            failing("SPLIT", part, Words("配建用房分散设置，未集中", "the rooms are split up"))
        )
    elif not_understood(dossier.project, "facility_split"):
        found.append(unread(Words("设施是否拆分", "whether the rooms are split up"), part))
    if is_phased(dossier.project, dossier.phases):
        found += _late_phase(dossier, part)
    if _is_enforced(dossier):
        return found
    order = [replace(each, verdict=Verdict.PASS) for each in found if each.code == _NO_ORDER]
    return [*only_warnings(found), *order]


def _late_phase(dossier: Dossier, part: str) -> list[Finding]:
    project, phases = dossier.project, dossier.phases
    if project.facility_phase is None:
        return [missing("facility_phase", part)]
    timing = timing_of(project, phases)
    if timing is None:
        return [missing("phases", part)]
    least, allowed = least_share(timing, project), allowed_share(dossier.standard)
    if timing.first or most_share(timing, project) <= allowed:
        return []
    if timing.first is None or least <= allowed:
        return [missing("phases", part) if timing.ordered else _without_order(dossier, part)]
    return [_phase_late(dossier, part, timing, least)]


def _without_order(dossier: Dossier, part: str) -> Finding:
    """Phases without numbers: nobody can say what is built when the rooms are."""
    silent = [each.phase for each in dossier.phases if phase_number(each.phase) is None]
    names = in_natural_order({each for each in silent if each})
    shown_zh = f"（{'、'.join(names)}）" if names else ""
    shown_en = f" ({', '.join(names)})" if names else ""
    detail = Words(
        f"{len(silent)} 个分期没有期号{shown_zh}，先后不明，无法判定设施是否早于多数住宅建成",
        f"{len(silent)} phases have no number{shown_en}: their order is unknown, and whether the "
        "rooms come before most of the housing",
    )
    return Finding(_NO_ORDER, part, Verdict.UNKNOWN, detail)


def _phase_late(dossier: Dossier, part: str, timing: Timing, share: Fraction) -> Finding:
    project = dossier.project
    built = known_households(timing.before)
    total = plain_text(all_households(project, dossier.phases) or built / share)
    shown = number_text(share * _PER_CENT)
    most = plain_text(dossier.standard.number("phase_share"))
    number = phase_number(project.facility_phase)
    phase = f"“{project.facility_phase}”" if number is None else f"第 {number} 期"
    phase_en = project.facility_phase if number is None else number
    detail = Words(
        f"设施随{phase}建成，届时住宅累计 {plain_text(built)} 户，占 {total} 户的 {shown}%，超过 {most}%",
        f"rooms come with phase {phase_en}, when {plain_text(built)} of {total} households "
        f"({shown} %) are built, more than {most} %",
    )
    return failing("PHASE_LATE", part, detail, share)


# ------------------------------------------------------------------------------ accepted


def judge_accept(dossier: Dossier) -> Outcome:
    """同步验收: accepted no later than the housing, measured areas enough, both bureaus agree."""
    part = "sync_accept"
    opinions = _opinion_findings(dossier, part)
    if not dossier.accepted:
        if dossier.delivered and dossier.project.housing_acceptance_date is None:
            return _judged([missing("housing_acceptance_date", part)])
        return _pending(opinions)
    findings = _acceptance_findings(dossier, part)
    for kind in KINDS:
        findings += compare_area(dossier, "measured", kind, part)
    return _judged([*findings, *opinions])


def _acceptance_findings(dossier: Dossier, part: str) -> list[Finding]:
    housing = dossier.project.housing_acceptance_date
    facility = dossier.project.facility_acceptance_date
    if facility is None:
        return [missing("facility_acceptance_date", part)]
    if housing is None or facility <= housing:
        return []
    days = (facility - housing).days
    detail = Words(
        f"设施 {facility} 验收，晚于住宅验收 {housing}，迟 {days} 天",
        f"rooms accepted on {facility}, {days} days after the housing on {housing}",
    )
    return [failing("ACCEPT_LATE", part, detail, Fraction(days))]


_OPINIONS = (
    ("civil_affairs_opinion", "CIVIL_AFFAIRS_REJECTED", Words("民政", "civil affairs")),
    ("health_opinion", "HEALTH_REJECTED", Words("卫健", "the health commission")),
)


def _opinion_findings(dossier: Dossier, part: str) -> list[Finding]:
    found: list[Finding] = []
    for field, code, bureau in _OPINIONS:
        opinion: bool | None = getattr(dossier.project, field)
        if opinion is None:
            found.append(missing(field, part))
        elif not opinion:
            detail = Words(f"{bureau.zh}部门验收意见为不合格", f"rejected by {bureau.en}")
            found.append(failing(code, part, detail))
    return found


# ----------------------------------------------------------------------------- delivered


def judge_deliver(dossier: Dossier) -> Outcome:
    """同步交付: handed over no later than the housing is delivered, and all of it."""
    part = "sync_deliver"
    housing = dossier.project.housing_delivery_date
    if housing is None or not dossier.delivered:
        return _pending([])
    handed = dossier.project.facility_handover_date
    if handed is None or not has_come(handed, dossier.day):
        return _judged([failing("NO_HANDOVER", part, _no_handover_words(housing, handed))])
    findings = [] if handed <= housing else [_late_handover(housing, handed, part)]
    for kind in KINDS:
        findings += compare_area(dossier, "handed", kind, part)
    return _judged(findings)


def _no_handover_words(housing: date, handed: date | None) -> Words:
    if handed is None:
        return Words(
            f"住宅已于 {housing} 交付，设施无移交记录",
            f"housing delivered on {housing}, no handover of the rooms",
        )
    return Words(
        f"住宅已于 {housing} 交付，设施移交日期 {handed} 尚未到",
        f"housing delivered on {housing}, handover of the rooms only on {handed}",
    )


def _late_handover(housing: date, handed: date, part: str) -> Finding:
    days = (handed - housing).days
    detail = Words(
        f"设施 {handed} 移交，晚于住宅交付 {housing}，迟 {days} 天",
        f"rooms handed over on {handed}, {days} days after the housing on {housing}",
    )
    return failing("HANDOVER_LATE", part, detail, Fraction(days))


SYNCS: Mapping[str, Callable[[Dossier], Outcome]] = {
    "sync_plan": judge_plan,
    "sync_build": judge_build,
    "sync_accept": judge_accept,
    "sync_deliver": judge_deliver,
}
