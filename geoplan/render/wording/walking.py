"""Walking reach in sentences. Advisory everywhere: no verdict."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from geoplan.assess.model import Assessment, ReachRow
from geoplan.numbers import number_text, plain_text
from geoplan.terms import facility_types, label, unit

THEME_WITHIN_M = Fraction(500)  # the ten-minute life circle, GB 50180-2018
HEADLINE = {"elder": "pop_60plus", "childcare": "pop_under3"}


def kind_word(kind: str, language: str) -> str:
    """养老, 托育, or the name of a facility type."""
    return label("facility_type" if kind in facility_types() else "kind", kind, language)


def percent(row: ReachRow) -> Fraction | None:
    """The share in per cent."""
    return None if row.share is None else row.share * unit("%").per


def headlines(assessment: Assessment) -> Iterator[ReachRow]:
    """Of the whole study, elders to elder care and infants to childcare, every distance and mode."""
    for row in assessment.reach:
        if row.level == "study" and HEADLINE.get(row.kind) == row.people:
            yield row


def headline_text(assessment: Assessment, language: str) -> str:
    """One line: who can walk to what within the ten-minute circle, in the mode that counts first."""
    rows = [row for row in headlines(assessment) if row.within_m == THEME_WITHIN_M]
    first = {row.kind: row for row in reversed(rows)}
    parts = [_headline(row, language) for row in reversed(first.values()) if row.share is not None]
    if not parts:
        return ""
    zh = language == "zh"
    start = "步行可达（参考，不作结论）：" if zh else "Walking reach (advisory): "
    return start + ("；" if zh else "; ").join(parts)


def _headline(row: ReachRow, language: str) -> str:
    share = number_text(percent(row) or Fraction(0))
    people, kind = label("people", row.people, language), kind_word(row.kind, language)
    mode, metres = label("walk_mode", row.mode, language), plain_text(row.within_m)
    if language == "zh":
        return f"{people} {share}% 在{kind}设施 {metres} m 内（{mode}）"
    return f"{share}% of {people} within {metres} m of {kind} ({mode})"


def reach_lines(assessment: Assessment, language: str) -> dict[tuple[str, str], list[list[str]]]:
    """By level and unit: label and sum of each headline, in the mode that counts first."""
    if assessment.ways is None:
        return {}
    lines: dict[tuple[str, str], list[list[str]]] = {}
    for row in assessment.reach:
        is_headline = HEADLINE.get(row.kind) == row.people and row.within_m == THEME_WITHIN_M
        if is_headline and row.mode == assessment.ways.modes[0] and row.unit_id is not None:
            lines.setdefault((row.level, row.unit_id), []).append(_line(row, language))
    return lines


def _line(row: ReachRow, language: str) -> list[str]:
    people, kind = label("people", row.people, language), kind_word(row.kind, language)
    metres, share = plain_text(row.within_m), percent(row)
    head = (
        f"{people}步行{metres}米可达{kind}（参考）"
        if language == "zh"
        else f"{people} within {metres} m of {kind} (advisory)"
    )
    total = f"{plain_text(row.reached)} / {plain_text(row.total)}"
    return [head, total if share is None else f"{total} = {number_text(share)}%"]
