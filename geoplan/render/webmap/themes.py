"""The themes of the map: which class each unit is in, and how many are in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from geoplan.assess.model import Assessment, ReachRow, UnitResult
from geoplan.layers.model import LEVELS, Facility, rows_of
from geoplan.numbers import number_text
from geoplan.render import palette
from geoplan.render.palette import Class
from geoplan.render.planning.walking import reach_themes
from geoplan.render.webmap.ground import (
    Data,
)
from geoplan.terms import Verdict, Words, label

CENTER = "jiedao_elder_center_coverage"
CHILDCARE = "rc_childcare_coverage"
_PER_CENT = 100


def list_measures(assessment: Assessment, language: str) -> list[Data]:
    """The themes: title, layer, legend with counts, and the class of every unit."""
    return [
        measure
        for measure in (
            _center_measure(assessment, language),
            _childcare_measure(assessment, language),
            *_area_measures(assessment, language),
            *_reach_measures(assessment, language),
        )
        if measure is not None
    ]


def _measure(  # noqa: PLR0913 - a theme has these parts
    key: str,
    title: str,
    layer: str,
    classes: Sequence[Class],
    members: Mapping[str, str],
    language: str,
    values: Mapping[str, Fraction] | None = None,
) -> Data:
    index = {each.key: place for place, each in enumerate(classes)}
    counts = [0] * len(classes)
    for each in members.values():
        counts[index[each]] += 1
    return {
        "id": key,
        "title": title,
        "layer": layer,
        "legend": [
            {
                "label": each.label.say(language),
                "color": each.color,
                "hatch": each.hatch,
                "count": count,
            }
            for each, count in zip(classes, counts, strict=True)
        ],
        "classes": {unit: index[each] for unit, each in members.items()},
        "values": {unit: number_text(value) for unit, value in (values or {}).items()},
    }


def _center_measure(assessment: Assessment, language: str) -> Data | None:
    result = assessment.of_measure(CENTER)
    if result is None or result.numerator is None:
        return None
    members = dict.fromkeys(result.covered, "covered")
    members |= dict.fromkeys(result.unknown, "unknown")
    members |= {each.id: "outside" for each in result.excluded}
    members |= {key: _why_uncovered(key, assessment) for key in result.uncovered}
    title = Words("街道综合性养老服务中心", "sub-district elder-care centres").say(language)
    return _measure(CENTER, title, "divisions", palette.CENTER_CLASSES, members, language)


def _centers_in(division: str, assessment: Assessment) -> list[Facility]:
    return [
        row
        for row in rows_of(assessment.layers.facilities)
        if row.facility_type == "jiedao_elder_center"
        and assessment.belonging.facilities[row.id].division == division
    ]


def _why_uncovered(division: str, assessment: Assessment) -> str:
    states = [assessment.facilities[row.id] for row in _centers_in(division, assessment)]
    if any(state.state in {"operating", "trial"} for state in states):
        return "incomplete"
    coming = any(state.state == "under_construction" for state in states)
    return "committed" if coming else "uncovered"


def _childcare_measure(assessment: Assessment, language: str) -> Data | None:
    result = assessment.of_measure(CHILDCARE)
    if result is None or result.numerator is None:
        return None
    members = dict.fromkeys(result.covered, "covered")
    members |= dict.fromkeys(result.uncovered, "uncovered")
    members |= dict.fromkeys(result.unknown, "unknown")
    members |= {each.id: "outside" for each in result.excluded}
    by_rc = assessment.layers.residential_communities is not None
    layer = "residential_communities" if by_rc else "communities"
    title = Words("居住社区托育覆盖", "childcare in residential communities").say(language)
    return _measure(CHILDCARE, title, layer, palette.CHILDCARE_CLASSES, members, language)


def _area_measures(assessment: Assessment, language: str) -> list[Data]:
    """Provided against required, pooled and own; and m² per 100 households of each compound."""
    zh = language == "zh"
    measures: list[Data] = []
    for level in ("community", "rc", "compound"):
        layer = LEVELS[level].layer
        for kind in ("elder", "childcare"):
            units = [u for u in assessment.units if u.level == level and u.kind == kind]
            if not units or any(u.provided_m2 is None for u in units):  # or nothing is judged
                continue
            care = label("kind", kind, language)
            unit_word = label("level", level, language)
            pooled = level != "compound"
            title = (
                f"{care}面积达标率（{unit_word}{'统筹' if pooled else ''}）"
                if zh
                else f"{care} area ratio ({unit_word}{', pooled' if pooled else ''})"
            )
            members = {u.unit_id: _ratio_class(u) for u in units}
            ratios = {
                u.unit_id: u.provided_m2 / u.required_m2 * _PER_CENT
                for u in units
                if u.required_m2 and u.provided_m2 is not None and u.verdict is not Verdict.UNKNOWN
            }
            key = f"{level}_{kind}_ratio"
            measures.append(
                _measure(key, title, layer, palette.RATIO_CLASSES, members, language, ratios)
            )
            if level == "compound":
                title = f"{care}每百户面积（小区，㎡）" if zh else f"{care} m² per 100 households"
                members = {u.unit_id: _per_100_class(u) for u in units}
                per_100 = {
                    u.unit_id: u.provided_m2 * _PER_CENT / u.households
                    for u in units
                    if u.households
                    and u.provided_m2 is not None
                    and u.verdict is not Verdict.UNKNOWN
                }
                key = f"compound_{kind}_per100"
                measures.append(
                    _measure(key, title, layer, palette.PER_100_CLASSES, members, language, per_100)
                )
    return measures


def _reach_measures(assessment: Assessment, language: str) -> list[Data]:
    return [
        _measure(
            f"reach_{theme.kind}_{theme.layer}",
            theme.title,
            theme.layer,
            palette.REACH_CLASSES,
            {key: _reach_class(row) for key, row in theme.rows.items()},
            language,
            {
                key: row.share * _PER_CENT
                for key, row in theme.rows.items()
                if row.share is not None
            },
        )
        for theme in reach_themes(assessment, language)
    ]


def _reach_class(row: ReachRow) -> str:
    return "none" if row.share is None else palette.class_of(row.share, palette.REACH_BREAKS)


def _ratio_class(result: UnitResult) -> str:
    if result.verdict is Verdict.UNKNOWN:
        return "unknown"
    if result.verdict is Verdict.NA or not result.required_m2 or result.provided_m2 is None:
        return "none"
    return palette.class_of(result.provided_m2 / result.required_m2, palette.RATIO_BREAKS)


def _per_100_class(result: UnitResult) -> str:
    if result.verdict is Verdict.UNKNOWN:
        return "unknown"
    if result.verdict is Verdict.NA or not result.households or result.provided_m2 is None:
        return "none"
    return palette.class_of(result.provided_m2 * 100 / result.households, palette.PER_100_BREAKS)
