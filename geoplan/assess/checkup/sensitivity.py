"""The same indicators under other definitions, and who changes sides.

Every line is a full judgement of the same layers; nothing is estimated.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.resources import files

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment, IndicatorResult, ReachRow
from geoplan.measures.coverage import share
from geoplan.policy.read import build_standard
from geoplan.reach.ways import Ways, from_doors
from geoplan.terms import Verdict, Words, unit

_AREA_RULE = "area_per_100_households"
_WALKING = "walking_reach"
_QUARTER_HOUR = Fraction(15)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another definition: policy values that differ, compounds judged on their own, other ways.

    ``ways`` is empty, ``straight`` or ``door``; ``needs`` are layers.
    """

    id: str
    label: Words
    subjects: tuple[str, ...]
    values: Mapping[str, object]
    own_level: bool
    ways: str = ""
    needs: tuple[str, ...] = ()

    @property
    def is_on_foot(self) -> bool:
        """Whether anybody walks in it."""
        return _WALKING in self.subjects or self.values.get("coverage_mode") == "reach"


@dataclass(frozen=True, slots=True)
class Flip:
    """A unit whose standing changes: ``before`` and ``after`` are words such as ``covered``."""

    unit_id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One indicator or rule under one definition; ``alternative`` is ``None`` for the plan's own."""

    subject: str
    alternative: Alternative | None
    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None
    verdict: Verdict
    flips: tuple[Flip, ...]


def read_alternatives() -> tuple[Alternative, ...]:
    """The listed alternatives, in the order of their file."""
    text = (files("geoplan.policy") / "alternatives.toml").read_text(encoding="utf-8")
    return tuple(
        Alternative(
            id=row["id"],
            label=Words(row["zh"], row["en"]),
            subjects=tuple(row["subjects"]),
            values=row["values"],
            own_level=row.get("judged") == "own",
            ways=row.get("ways", ""),
            needs=tuple(row.get("needs", ())),
        )
        for row in tomllib.loads(text)["alternative"]
    )


def compare_definitions(assessment: Assessment) -> tuple[SensitivityRow, ...]:
    """Each indicator as the plan defines it, then under every alternative that bears on it."""
    layers = assessment.layers
    alternatives = [
        each
        for each in read_alternatives()
        if all(getattr(layers, need) is not None for need in each.needs)
    ]
    others = {each.id: _judge_again(assessment, each) for each in alternatives}
    rows: list[SensitivityRow] = []
    for subject in dict.fromkeys(subject for each in alternatives for subject in each.subjects):
        if subject not in (_AREA_RULE, _WALKING) and assessment.of_measure(subject) is None:
            continue  # the plan has no such indicator
        rows.append(_row(subject, None, assessment, assessment))
        rows += [
            _row(subject, each, others[each.id], assessment)
            for each in alternatives
            if subject in each.subjects
        ]
    return tuple(rows)


def _judge_again(assessment: Assessment, alternative: Alternative) -> Assessment:
    if not alternative.values and not alternative.ways:
        return assessment
    standard, layers = assessment.standard, assessment.layers
    overrides = {**standard.overrides, **alternative.values}
    other, _ = build_standard(standard.policy, standard.as_of, overrides)
    return assess(
        layers if alternative.is_on_foot else replace(layers, homes=None, roads=None),
        other,
        study=assessment.study,
        period_start=assessment.period_start,
        ways=_other_ways(assessment.ways, alternative.ways),
    )


def _other_ways(ways: Ways | None, how: str) -> Ways | None:
    if ways is None or ways.streets is None or not how:
        return ways
    streets = None if how == "straight" else from_doors(ways)
    return replace(ways, streets=streets)


def _row(
    subject: str, alternative: Alternative | None, other: Assessment, base: Assessment
) -> SensitivityRow:
    own = alternative is not None and alternative.own_level
    flips = tuple(_flips(_standing(subject, base, own=False), _standing(subject, other, own=own)))
    if subject == _AREA_RULE:
        return _area_row(alternative, _standing(subject, other, own=own), flips)
    if subject == _WALKING:
        return _walking_row(alternative, other, flips)
    result = _result(subject, other)
    return SensitivityRow(
        subject=subject,
        alternative=alternative,
        numerator=result.numerator,
        denominator=result.denominator,
        value=result.value,
        verdict=result.verdict,
        flips=flips,
    )


def _area_row(
    alternative: Alternative | None, standing: Mapping[str, str], flips: tuple[Flip, ...]
) -> SensitivityRow:
    """The area rule has no rate in the plan; shown is how many units and kinds pass it."""
    judged = [word for word in standing.values() if word in {Verdict.PASS, Verdict.FAIL}]
    passing = judged.count(Verdict.PASS)
    return SensitivityRow(
        subject=_AREA_RULE,
        alternative=alternative,
        numerator=Fraction(passing),
        denominator=Fraction(len(judged)),
        value=percent_of(passing, len(judged)),
        verdict=Verdict.NA,
        flips=flips,
    )


def _walking_row(
    alternative: Alternative | None, other: Assessment, flips: tuple[Flip, ...]
) -> SensitivityRow:
    """Elders who walk to elder care in a quarter of an hour; the plan sets no target."""
    whole = next((row for row in _walks(other) if row.level == "study"), None)
    part = None if whole is None else whole.share
    return SensitivityRow(
        subject=_WALKING,
        alternative=alternative,
        numerator=None if whole is None else whole.reached,
        denominator=None if whole is None else whole.total,
        value=None if part is None else part * unit("%").per,
        verdict=Verdict.NA,
        flips=flips,
    )


def _walks(assessment: Assessment) -> Iterable[ReachRow]:
    mode = assessment.ways.modes[0] if assessment.ways is not None else ""
    for row in assessment.reach:
        asked = (row.kind, row.people, row.mode, row.minutes)
        if asked == ("elder", "pop_60plus", mode, _QUARTER_HOUR):
            yield row


def _walking_standing(assessment: Assessment) -> dict[str, str]:
    """Communities by whether enough of their elders walk there in a quarter of an hour."""
    enough = assessment.standard.number("reach_share")
    return {
        row.unit_id: "covered" if row.share >= enough else "uncovered"
        for row in _walks(assessment)
        if row.level == "community" and row.unit_id is not None and row.share is not None
    }


def percent_of(part: int, whole: int) -> Fraction | None:
    """A part in per cent; none of nothing."""
    found = share(part, whole)
    return None if found is None else found * unit("%").per


def _result(measure: str, assessment: Assessment) -> IndicatorResult:
    found = assessment.of_measure(measure)
    if found is None:
        raise LookupError(f"no indicator is computed by {measure}")
    return found


def _standing(subject: str, assessment: Assessment, *, own: bool) -> dict[str, str]:
    """What each unit is under an indicator or rule."""
    if subject == _AREA_RULE:
        return _area_standing(assessment, own=own)
    if subject == _WALKING:
        return _walking_standing(assessment)
    result = _result(subject, assessment)
    return {
        **dict.fromkeys(result.covered, "covered"),
        **dict.fromkeys(result.uncovered, "uncovered"),
        **dict.fromkeys(result.unknown, "unknown"),
        **{each.id: "excluded" for each in result.excluded},
    }


def _area_standing(assessment: Assessment, *, own: bool) -> dict[str, str]:
    """Verdicts of compounds by kind: their own, or that of the pool they are judged in."""
    found: dict[str, str] = {}
    for each in assessment.units:
        if own and each.level == "compound":
            found[f"{each.unit_id}/{each.kind}"] = each.verdict
        if not own and each.official:
            for member in each.members or (each.unit_id,):
                found[f"{member}/{each.kind}"] = each.verdict
    return found


def _flips(before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[Flip]:
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key, "excluded"), after.get(key, "excluded")
        if was != now:
            yield Flip(key, was, now)
