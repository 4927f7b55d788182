"""Findings of the tests of a new project, and the verdict they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from geoplan.assess.model import Finding
from geoplan.assess.places.unread_cells import not_understood
from geoplan.layers.model import Project
from geoplan.terms import Verdict, Words, label

_MISSING = "EVIDENCE_MISSING:"
_PRECEDENCE = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PENDING, Verdict.PASS)


def combined_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """FAIL before UNKNOWN before PENDING before PASS; NA only when there is nothing else.

    Examples
    --------
    >>> combined_verdict([Verdict.PASS, Verdict.UNKNOWN, Verdict.NA]).value
    'UNKNOWN'
    >>> combined_verdict([Verdict.NA]).value
    'NA'
    """
    seen = set(verdicts)
    return next((verdict for verdict in _PRECEDENCE if verdict in seen), Verdict.NA)


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The verdict of a part: pass when nothing was found against it."""
    return combined_verdict([Verdict.PASS, *(finding.verdict for finding in findings)])


def failing(code: str, part: str, detail: Words, amount: Fraction | None = None) -> Finding:
    """What breaks a rule."""
    return Finding(code, part, Verdict.FAIL, detail, amount)


def warning(code: str, part: str, detail: Words, amount: Fraction | None = None) -> Finding:
    """What should be known and leaves the verdict as it is."""
    return Finding(code, part, Verdict.PASS, detail, amount)


def missing(field: str, part: str) -> Finding:
    """A blank field of a stage that has passed."""
    detail = Words(
        f"{label('evidence', field, 'zh')}空白，无法判定",
        f"{label('evidence', field, 'en')}: blank, no verdict",
    )
    return Finding(f"{_MISSING}{field}", part, Verdict.UNKNOWN, detail)


def unread(what: Words, part: str) -> Finding:
    """A field that may be blank, and says something that was not understood."""
    detail = Words(
        f"{what.zh}写了内容但没有读懂，无法判定",
        f"{what.en}: written, but not understood; no verdict",
    )
    return Finding("WORD_NOT_UNDERSTOOD", part, Verdict.UNKNOWN, detail)


def as_written(finding: Finding, project: Project) -> Finding:
    """The finding as it is, or, of a cell that is no blank but was not understood, saying so."""
    field = finding.code.removeprefix(_MISSING)
    if field == finding.code or not not_understood(project, field):
        return finding
    what = Words(label("evidence", field, "zh"), label("evidence", field, "en"))
    return replace(finding, detail=unread(what, finding.part).detail)


def without_households(part: str) -> Finding:
    """Planned households unknown: nothing to compare with."""
    detail = Words(
        "规划户数缺失，无法计算应配面积", "planned households unknown: nothing to compare with"
    )
    return Finding("HH_MISSING", part, Verdict.UNKNOWN, detail)


def only_warnings(findings: Iterable[Finding]) -> list[Finding]:
    """Before its stage a breach is a warning, and a blank is no fault."""
    return [
        replace(finding, verdict=Verdict.PASS)
        for finding in findings
        if finding.verdict is not Verdict.UNKNOWN
    ]
