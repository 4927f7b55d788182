"""Rates of counted units: value, verdict, and what the unknown ones could change.

Shared by every indicator that counts units (``docs/method.md`` §2.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from geoplan.assess.ground import Ground
from geoplan.assess.model import Excluded, IndicatorResult, Notice, Variant
from geoplan.assess.places.facility_status import Qualifies
from geoplan.measures.coverage import more_units_needed, share
from geoplan.numbers import plain_text
from geoplan.policy.model import Indicator, Target
from geoplan.terms import Verdict, Words, label, unit

_FLAGGED_STATES = ("TRIAL", "STATUS_ASSUMED", "STATUS_NOT_UNDERSTOOD")


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of a rate: in the denominator, by outcome; and those that stand outside it."""

    covered: tuple[str, ...]
    uncovered: tuple[str, ...]
    unknown: tuple[str, ...]
    unclassified: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Size of the denominator."""
        return len(self.covered) + len(self.uncovered) + len(self.unknown)


def verdict_on(target: Target | None, value: Fraction | None) -> Verdict:
    """Pass or fail on the exact value; without a value or a target, not applicable."""
    if target is None or value is None:
        return Verdict.NA
    return Verdict.PASS if target.met(value) else Verdict.FAIL


def rate_value(indicator: Indicator, numerator: int, denominator: int) -> Fraction | None:
    """The rate in the indicator's unit (per cent), ``None`` without a denominator."""
    part = share(numerator, denominator)
    return None if part is None else part * unit(indicator.unit).per


def variant_of(indicator: Indicator, numerator: int, denominator: int) -> Variant:
    """The same indicator counted another way."""
    value = rate_value(indicator, numerator, denominator)
    verdict = verdict_on(indicator.target, value)
    return Variant(Fraction(numerator), Fraction(denominator), value, verdict)


def sum_words(indicator: Indicator, numerator: Fraction, denominator: Fraction) -> Words:
    """The sum as text: ``2 / 3 × 100``."""
    per = plain_text(unit(indicator.unit).per)
    text = f"{plain_text(numerator)} / {plain_text(denominator)} × {per}"
    return Words(text, text)


def units_still_needed(indicator: Indicator, total: int, covered: int) -> Fraction | None:
    """How many more units the target asks for; ``None`` without a target or a denominator."""
    if indicator.target is None or not total:
        return None
    target_share = Fraction(indicator.target.value) / unit(indicator.unit).per
    return Fraction(more_units_needed(target_share, total, covered))


def count_by_outcome(ids: Iterable[str], outcome: Mapping[str, Qualifies]) -> Counted:
    """Sort the ids of a denominator by what is known of them."""
    found: dict[Qualifies, list[str]] = {which: [] for which in Qualifies}
    for key in ids:
        found[outcome.get(key, Qualifies.NO)].append(key)
    return Counted(
        tuple(found[Qualifies.YES]), tuple(found[Qualifies.NO]), tuple(found[Qualifies.UNKNOWN])
    )


def best_of(outcomes: Iterable[Qualifies]) -> Qualifies:
    """One facility that qualifies is enough; else one that might leaves it unknown."""
    seen = set(outcomes)
    if Qualifies.YES in seen:
        return Qualifies.YES
    return Qualifies.UNKNOWN if Qualifies.UNKNOWN in seen else Qualifies.NO


def finish_rate(  # noqa: PLR0913 - a result has these parts
    indicator: Indicator,
    counted: Counted,
    *,
    official: bool,
    excluded: tuple[Excluded, ...],
    warnings: tuple[Notice, ...],
    variants: Mapping[str, Variant],
    covered_by: Mapping[str, tuple[str, ...]],
    turns: Callable[[Verdict], bool] | None = None,
) -> IndicatorResult:
    """A rate of counted units as a result: value, verdict, what the unknown ones could change."""
    covered, total = len(counted.covered), counted.total
    value = rate_value(indicator, covered, total)
    verdict = verdict_on(indicator.target, value)
    best = rate_value(indicator, covered + len(counted.unknown), total)
    could_turn = verdict_on(indicator.target, best) != verdict if turns is None else turns(verdict)
    unknown = (*counted.unknown, *counted.unclassified)
    return IndicatorResult(
        indicator=indicator,
        value=value,
        numerator=Fraction(covered),
        denominator=Fraction(total),
        verdict=verdict,
        provisional=bool(unknown),
        could_turn=bool(unknown) and could_turn,
        official=official,
        need_more=units_still_needed(indicator, total, covered),
        covered=counted.covered,
        uncovered=counted.uncovered,
        excluded=excluded,
        unknown=unknown,
        warnings=warnings,
        variants=variants,
        covered_by=covered_by,
        sum=sum_words(indicator, Fraction(covered), Fraction(total)),
        reason=None if total else Words("分母为零，无覆盖率", "nothing to cover: no rate"),
    )


def place_warnings(ids: set[str], unit_name: str, ground: Ground) -> list[Notice]:
    """What is doubtful about the place of the facilities that bear on an indicator."""
    return [
        Notice(note.code, note.id, note.detail)
        for note in ground.belonging.notes
        if note.layer == "facilities" and note.id in ids and note.unit == unit_name
    ]


def state_warnings(facility_id: str, ground: Ground) -> list[Notice]:
    """Trial runs and assumed statuses, which count but are said so."""
    return [
        notice(code, facility_id)
        for code in ground.state_codes.get(facility_id, ())
        if code in _FLAGGED_STATES
    ]


def notice(code: str, key: str) -> Notice:
    """A code about a row, in the words of its label."""
    zh, en = label("code", code, "zh"), label("code", code, "en")
    return Notice(code, key, Words(f"{key} {zh}", f"{key}: {en}"))
