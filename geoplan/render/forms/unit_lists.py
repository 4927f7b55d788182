"""The list of 街道 and the list of residential communities that go with 缺口清单."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from geoplan.assess.indicators.community_sizes import Settlement, settlements
from geoplan.assess.model import IndicatorResult
from geoplan.assess.remedies import nearest_childcare_m
from geoplan.layers.model import Facility, rows_of
from geoplan.render.sheets.form import Form, Group, number_column
from geoplan.render.sheets.table import Column, Kind
from geoplan.render.wording.view import View
from geoplan.terms import Words, terms

_STANDINGS = {
    "covered": Words("已覆盖", "covered"),
    "uncovered": Words("未覆盖", "not covered"),
    "unknown": Words("数据缺失", "unknown"),
}


def standing_words(result: IndicatorResult | None, key: str, view: View) -> str:
    """Whether a unit is covered, or why it is left out."""
    if result is None:
        return ""
    for part, words in _STANDINGS.items():
        if key in getattr(result, part):
            return view.say(words)
    for out in result.excluded:
        if out.id == key:
            reason = view.label("code", out.reason)
            return f"不计（{reason}）" if view.language == "zh" else f"left out ({reason})"
    return ""


def _header(view: View) -> tuple[str, ...]:
    day = view.assessment.as_of.isoformat()
    policy = view.assessment.standard.policy.id
    return (
        f"截至日期：{day}        规则版本：{policy}"
        if view.language == "zh"
        else f"as of {day}        rules {policy}",
    )


# ------------------------------------------------------------------------------------ 街道


@dataclass(frozen=True, slots=True)
class DivisionLine:
    """A 街道 with one of its centres, or with none."""

    number: int
    division: str
    standing: str
    center: Facility | None


def division_form(view: View) -> Form:
    """街道清单: every 街道 in scope with its centres, what they have and what they lack."""
    return Form(
        name=Words("街道清单", "sub-districts"),
        title=Words("街道综合性养老服务中心清单", "Sub-districts and their elder-care centres"),
        groups=(
            Group((number_column(), *_division_columns(view))),
            Group(_center_columns(view), Words("养老服务中心", "centre")),
            Group((_center_note(view),)),
        ),
        rows=list(_division_lines(view)),
        header=_header(view),
        unit=Words("单位：张、㎡", "in beds, m²").say(view.language),
        frozen=3,
    )


def _division_lines(view: View) -> Iterator[DivisionLine]:
    result = view.assessment.of_measure("jiedao_elder_center_coverage")
    if result is None:
        return
    inside = {*result.covered, *result.uncovered, *result.unknown}
    number = 0
    for row in rows_of(view.assessment.layers.divisions):
        if row.id in inside:
            standing = standing_words(result, row.id, view)
            for center in _centers_of(row.id, view) or [None]:
                number += 1
                yield DivisionLine(number, row.id, standing, center)


def _centers_of(division: str, view: View) -> list[Facility | None]:
    places = view.assessment.belonging.facilities
    return [
        row
        for row in rows_of(view.assessment.layers.facilities)
        if row.facility_type == "jiedao_elder_center" and places[row.id].division == division
    ]


def _division_columns(view: View) -> tuple[Column[DivisionLine], ...]:
    return (
        Column("division", Words("街道", "sub-district"), lambda each: view.register.name("jiedao", each.division), width=14),
        Column("division_code", Words("代码", "code"), lambda each: each.division, width=13),
        Column("standing", Words("是否覆盖", "covered"), lambda each: each.standing, width=10),
    )  # fmt: skip


def _center_columns(view: View) -> tuple[Column[DivisionLine], ...]:
    return (
        Column("qualifying", Words("合格机构名称", "qualifying institution"), lambda each: _qualifying(each, view), width=26),
        Column("functions", Words("具备功能", "functions"), lambda each: _functions(each.center, view), Kind.LIST, width=28),
        Column("missing_functions", Words("缺少功能", "missing functions"), lambda each: _lacking(each.center, view), Kind.LIST, width=20),
        Column("beds", Words("床位", "beds"), lambda each: each.center and each.center.beds, Kind.COUNT, width=8),
        Column("floor_area_m2", Words("建筑面积", "floor area"), lambda each: each.center and each.center.floor_area_m2, Kind.AREA, width=12),
        Column("state", Words("状态", "state"), lambda each: _state(each.center, view), width=14),
    )  # fmt: skip


def _center_note(view: View) -> Column[DivisionLine]:
    return Column("note", Words("备注", "note"), lambda each: _why_not(each, view), width=34)


def _qualifying(line: DivisionLine, view: View) -> str:
    qualifies = line.center is not None and view.assessment.facilities[line.center.id].qualifies
    return line.center.name or line.center.id if qualifies and line.center else ""


def _functions(center: Facility | None, view: View) -> list[str]:
    held = (center.functions if center else None) or frozenset()
    return [view.label("function", word) for word in terms("function") if word in held]


def _lacking(center: Facility | None, view: View) -> list[str]:
    if center is None:
        return []
    missing = view.assessment.facilities[center.id].missing_functions
    return [view.label("function", word) for word in missing]


def _state(center: Facility | None, view: View) -> str:
    return (
        "" if center is None else view.label("status", view.assessment.facilities[center.id].state)
    )


def _why_not(line: DivisionLine, view: View) -> str:
    """Names a centre that does not count, with the codes of its state."""
    zh = view.language == "zh"
    if line.center is None:
        return "没有街道综合性养老服务中心" if zh else "no centre"
    state = view.assessment.facilities[line.center.id]
    name = line.center.name or line.center.id
    unknown = state.qualifies is None
    parts = [view.label("code", code) for code in state.codes]
    if not state.qualifies:
        word = (
            ("功能或状态不明" if unknown else "不合格")
            if zh
            else ("unknown" if unknown else "does not qualify")
        )
        parts.insert(0, f"{name} {word}")
    return ("；" if zh else "; ").join(parts)


# -------------------------------------------------------------------------------- 居住社区


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A residential community with the childcare that covers it."""

    number: int
    unit: Settlement
    level: str
    standing: str
    facilities: tuple[str, ...]
    nearest_m: float | None


def community_form(view: View) -> Form:
    """居住社区清单: population, size class, childcare, the way to the nearest one."""
    return Form(
        name=Words("居住社区清单", "residential communities"),
        title=Words("居住社区托育服务覆盖清单", "Residential communities and their childcare"),
        groups=(
            Group((number_column(), *_community_columns(view))),
            Group(_childcare_columns(view), Words("托育服务", "childcare")),
        ),
        rows=list(_community_lines(view)),
        header=_header(view),
        unit=Words("单位：人、个、㎡、m", "in persons, places, m², m").say(view.language),
        notes=(
            Words(
                "距最近托育设施为居住社区中心点到最近合格托育设施的直线距离，仅供参考。",
                "Distance: straight from the middle of the community to the nearest qualifying childcare, for reference.",
            ).say(view.language),
        ),
        frozen=2,
    )


def _community_lines(view: View) -> Iterator[CommunityLine]:
    assessment = view.assessment
    result = view.assessment.of_measure("rc_childcare_coverage")
    nearest = nearest_childcare_m(assessment)  # of exact places only
    level = "rc" if assessment.layers.residential_communities is not None else "community"
    for number, each in enumerate(settlements(assessment.layers, assessment.standard), start=1):
        credited = () if result is None else result.covered_by.get(each.id, ())
        standing = standing_words(result, each.id, view)
        yield CommunityLine(number, each, level, standing, tuple(credited), nearest[each.id])


def _community_columns(view: View) -> tuple[Column[CommunityLine], ...]:
    return (
        Column("name", Words("名称", "name"), lambda each: view.register.name(each.level, each.unit.id), width=22),
        Column("population", Words("人口", "population"), lambda each: each.unit.population, Kind.COUNT, width=10),
        Column("size_class", Words("规模类别", "size"), lambda each: _size(each.unit, view), width=20),
        Column("standing", Words("是否覆盖", "covered"), lambda each: each.standing, width=24),
    )  # fmt: skip


def _size(unit: Settlement, view: View) -> str:
    word = view.label("size_class", unit.size_class)
    publication = view.assessment.publication
    if publication is not None and unit.population is None:
        withheld = (publication.withheld.get((level, unit.id)) for level in ("rc", "community"))
        return next((view.say(words) for words in withheld if words is not None), word)
    if not unit.estimated:
        return word
    return f"{word}（人口为估算）" if view.language == "zh" else f"{word} (estimated)"


def _childcare_columns(view: View) -> tuple[Column[CommunityLine], ...]:
    return (
        Column("facilities", Words("托育设施", "facilities"), lambda each: view.named("facility", each.facilities), Kind.LIST, width=36),
        Column("places", Words("托位", "places"), lambda each: _places(each, view), Kind.COUNT, width=9),
        Column("childcare_m2", Words("面积", "area"), lambda each: _childcare_m2(each, view), Kind.AREA, width=12),
        Column("nearest_m", Words("距最近托育设施(m)", "nearest childcare (m)"), lambda each: _whole_metres(each.nearest_m), Kind.COUNT, width=12),
    )  # fmt: skip


def _places(line: CommunityLine, view: View) -> Decimal | None:
    rows = [view.register.row("facilities", key) for key in line.facilities]
    known = [row.places for row in rows if row.places is not None]
    return sum(known, Decimal(0)) if known else None


def _childcare_m2(line: CommunityLine, view: View) -> Fraction | None:
    states = [view.assessment.facilities[key] for key in line.facilities]
    known = [area for each in states if (area := each.counted_m2.get("childcare")) is not None]
    return sum(known, Fraction(0)) if known else None


def _whole_metres(distance_m: float | None) -> Decimal | None:
    return None if distance_m is None else Decimal(round(distance_m))
