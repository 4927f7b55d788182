"""缺口 line by line: the columns of 缺口清单 (``docs/method.md`` §5.1), for the form and for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from geoplan.assess.model import Gap, ProjectResult, UnitResult
from geoplan.assess.remedies import NearPremises, Remedy, list_remedies
from geoplan.layers.model import rows_of
from geoplan.measures.coverage import share
from geoplan.numbers import gap_text, plain_text
from geoplan.render.sheets.form import Group, number_column
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.wording.rules import responsible_for
from geoplan.render.wording.view import View
from geoplan.terms import Verdict, Words, unit

_PER_CENT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: a gap, what it rests on and what could close it."""

    number: int
    gap: Gap
    remedy: Remedy
    unit: UnitResult | None
    project: ProjectResult | None


def gap_lines(view: View) -> list[Line]:
    """Every gap in the order of the assessment, with what it rests on."""
    assessment = view.assessment
    units = {(each.level, each.unit_id, each.kind): each for each in assessment.units}
    projects = {each.project_id: each for each in assessment.projects}
    return [
        Line(
            number=0,
            gap=gap,
            remedy=remedy,
            unit=units.get((gap.level, gap.unit_id, gap.kind)) if _is_area(gap) else None,
            project=projects.get(gap.unit_id) if gap.level == "project" else None,
        )
        for gap, remedy in zip(assessment.gaps, list_remedies(assessment), strict=True)
    ]


def _is_area(gap: Gap) -> bool:
    return gap.rule == "area_per_100_households"


# ------------------------------------------------------------------------------ for scripts


def gap_table(view: View) -> Table:
    """Every missed target, the largest first: the columns of the list and the codes behind them."""
    lines = gap_lines(view)
    listed = [column for group in list_groups(view) for column in group.columns]
    return build_table(
        "gaps",
        Words("缺口", "gaps"),
        columns=(*_key_columns(view), *(each for each in listed if each.key != "no")),
        rows=lines,
        places=[view.register.shape_of(each.gap.level, each.gap.unit_id) for each in lines],
    )


def _key_columns(view: View) -> tuple[Column[Line], ...]:
    register = view.register
    return (
        Column("level", Words("层级", "level"), lambda each: each.gap.level, coded=True),
        Column("level_word", Words("层级", "level"), lambda each: view.label("level", each.gap.level), width=10),
        Column("unit_id", Words("编号", "unit id"), lambda each: each.gap.unit_id, width=14),
        Column("name", Words("名称", "name"), lambda each: register.name(each.gap.level, each.gap.unit_id), width=20),
        Column("official", Words("正式口径", "official"), lambda each: each.gap.official, Kind.FLAG, width=8),
        Column("rule", Words("规则", "rule"), lambda each: each.gap.rule, coded=True),
        Column("kind", Words("类别", "kind"), lambda each: each.gap.kind, coded=True),
        Column("gap", Words("缺口", "gap"), lambda each: _amount(each.gap.gap, each.gap.unit), Kind.COUNT, width=10),
        Column("gap_after_committed", Words("计入在建后缺口", "gap after construction"), lambda each: _amount(each.gap.gap_after_committed, each.gap.unit), Kind.COUNT, width=11),
        Column("unit", Words("单位", "unit"), lambda each: each.gap.unit, coded=True),
        Column("unit_word", Words("单位", "unit"), lambda each: _unit_word(each.gap, view), width=7),
        Column("verdict", Words("结论", "verdict"), lambda each: each.gap.verdict.value, coded=True),
        Column("codes", Words("原因代码", "codes"), lambda each: each.gap.codes, Kind.LIST, coded=True),
        Column("instruments", Words("建议措施", "instruments"), lambda each: each.remedy.instruments, Kind.LIST, coded=True),
        Column("premises", Words("可利用存量资源", "premises near by"), lambda each: [near.id for near in each.remedy.premises], Kind.LIST, coded=True),
    )  # fmt: skip


def _amount(value: Fraction | None, unit_key: str) -> Fraction | None:
    """Areas rounded up to two decimals, counts as they are."""
    return value if value is None or unit_key == "count" else Fraction(gap_text(value))


def _unit_word(gap: Gap, view: View) -> str:
    words = unit(gap.unit)
    return words.zh if view.language == "zh" else words.en or gap.unit


# ----------------------------------------------------------------------- the bureau's list


def list_groups(view: View) -> tuple[Group, ...]:
    """The columns of the list in the bureau's order, under their merged headings."""
    return (
        Group((number_column(),)),
        Group(_place_columns(view), Words("位置", "place")),
        Group(_people_columns(), Words("服务对象", "people")),
        Group(_rule_columns(view), Words("标准", "rule")),
        Group(_area_columns(), Words("面积与缺口", "area and gap")),
        Group(_verdict_columns(view), Words("结论", "verdict")),
        Group(_remedy_columns(view), Words("解决方案", "way out")),
        Group(_origin_columns(view)),
    )


def _place_columns(view: View) -> tuple[Column[Line], ...]:
    def address(line: Line, part: str) -> str:
        return str(getattr(view.register.address(line.gap.level, line.gap.unit_id), part))

    return (
        Column("county", Words("县区", "county"), lambda each: address(each, "county"), width=8),
        Column("division", Words("街道", "sub-district"), lambda each: address(each, "division"), width=11),
        Column("community", Words("社区/居住社区", "community"), lambda each: _community(each, view), width=12),
        Column("compound", Words("小区", "compound"), lambda each: _compound(each, view), width=13),
    )  # fmt: skip


def _people_columns() -> tuple[Column[Line], ...]:
    return (
        Column("people", Words("人口", "people"), lambda each: each.gap.people, Kind.COUNT, width=8),
        Column("households", Words("户数", "households"), lambda each: each.gap.households, Kind.COUNT, width=10),
    )  # fmt: skip


def _rule_columns(view: View) -> tuple[Column[Line], ...]:
    return (
        Column("rule_word", Words("规则类型", "rule"), lambda each: view.say(rule_word(each)), width=8),
        Column("kind_word", Words("设施类别", "kind"), lambda each: view.label("kind", each.gap.kind), width=9),
        Column("rate", Words("标准(㎡/百户)", "m² per 100 households"), lambda each: _rate(each, view), Kind.COUNT, width=9),
    )  # fmt: skip


def _area_columns() -> tuple[Column[Line], ...]:
    return (
        Column("required_m2", Words("应配(㎡)", "required m²"), _required, Kind.AREA, width=10),
        Column("provided_m2", Words("已配(㎡)", "provided m²"), _provided, Kind.AREA, width=10),
        Column("committed_m2", Words("在建(㎡)", "under construction m²"), lambda each: each.unit and each.unit.committed_m2, Kind.AREA, width=9),
        Column("gap_m2", Words("缺口(㎡)", "gap m²"), lambda each: _in_m2(each.gap, each.gap.gap), Kind.GAP, width=10),
        Column("gap_after_committed_m2", Words("计入在建后缺口(㎡)", "gap after construction m²"), lambda each: _in_m2(each.gap, each.gap.gap_after_committed), Kind.GAP, width=11),
        Column("ratio_pct", Words("达标率(%)", "provided %"), _ratio, Kind.PERCENT, width=8),
    )  # fmt: skip


def _verdict_columns(view: View) -> tuple[Column[Line], ...]:
    return (
        Column("verdict_word", Words("结论", "verdict"), lambda each: view.verdict(each.gap.verdict), Kind.VERDICT, width=8),
        Column("reason", Words("原因", "reason"), lambda each: _reason(each, view), width=38),
    )  # fmt: skip


def _remedy_columns(view: View) -> tuple[Column[Line], ...]:
    return (
        Column("instruments_text", Words("建议措施", "instruments"), lambda each: [view.label("instrument", word) for word in each.remedy.instruments], Kind.LIST, width=12),
        Column("premises_text", Words("可利用存量资源", "premises near by"), lambda each: _premises_text(each.remedy.premises, view), width=36),
        Column("responsible", Words("责任单位", "responsible"), lambda each: responsible_for(each.gap.rule, view), width=30),
        Column("due", Words("完成时限", "due"), lambda _: _due(view), Kind.DAY, width=11),
    )  # fmt: skip


def _origin_columns(view: View) -> tuple[Column[Line], ...]:
    return (
        Column("source", Words("数据来源", "source"), lambda each: _sources(each, view), width=25),
        Column("note", Words("备注", "note"), lambda each: _note(each, view), width=18),
    )


# ---------------------------------------------------------------------------------- cells


def _community(line: Line, view: View) -> str:
    address = view.register.address(line.gap.level, line.gap.unit_id)
    return address.rc if line.gap.level == "rc" else address.community or address.rc


def _compound(line: Line, view: View) -> str:
    if line.gap.level in {"compound", "project"}:
        return view.register.name(line.gap.level, line.gap.unit_id)
    return ""


def rule_word(line: Line) -> Words:
    """已建 or 新建 for areas, else what is to be covered."""
    if line.gap.rule == "jiedao_elder_center":
        return Words("街道覆盖", "coverage of sub-districts")
    if line.gap.rule == "rc_childcare":
        return Words("托育覆盖", "childcare coverage")
    if line.unit is not None and line.unit.stock == "existing":
        return Words("已建", "existing")
    return Words("新建", "new")


def _rate(line: Line, view: View) -> Fraction | None:
    if line.unit is not None:
        return line.unit.rate
    if line.project is None:
        return None
    return view.assessment.standard.number(f"{line.gap.kind}_rate_new")


def _required(line: Line) -> Fraction | None:
    if line.unit is not None:
        return line.unit.required_m2
    found: Fraction | None = getattr(line.project, f"required_{line.gap.kind}_m2", None)
    return found


def _provided(line: Line) -> Fraction | None:
    if line.unit is not None:
        return line.unit.provided_m2
    found: Fraction | None = getattr(line.project, f"provided_{line.gap.kind}_m2", None)
    return found


def _in_m2(gap: Gap, value: Fraction | None) -> Fraction | None:
    return value if gap.unit == "m2" else None


def _ratio(line: Line) -> Fraction | None:
    required, provided = _required(line), _provided(line)
    part = None if required is None or provided is None else share(provided, required)
    return None if part is None else part * _PER_CENT


def _reason(line: Line, view: View) -> str:
    between = "；" if view.language == "zh" else "; "
    if line.project is not None:
        return between.join(view.say(words) for words in line.project.reasons)
    if line.unit is not None:
        parts = [view.say(line.unit.sum), *(view.code(code) for code in line.gap.codes)]
        return between.join(parts)
    if line.gap.rule == "jiedao_elder_center":
        return _why_no_center(line.gap.unit_id, view)
    return _why_no_childcare(line.gap, view)


def _why_no_center(division: str, view: View) -> str:
    """The centres there are, and what each lacks."""
    assessment, zh = view.assessment, view.language == "zh"
    said: list[str] = []
    for row in rows_of(assessment.layers.facilities):
        here = assessment.belonging.facilities[row.id].division == division
        if not here or row.facility_type != "jiedao_elder_center":
            continue
        state = assessment.facilities[row.id]
        parts = [view.label("status", state.state)]
        if state.missing_functions:
            lacking = "、".join(view.label("function", word) for word in state.missing_functions)
            parts.append(f"缺少{lacking}" if zh else f"lacks {lacking}")
        name = row.name or row.id
        said.append(f"{name}（{'，'.join(parts)}）" if zh else f"{name} ({', '.join(parts)})")
    nothing = "没有街道综合性养老服务中心" if zh else "no comprehensive elder-care centre"
    return ("；" if zh else "; ").join(said) or nothing


def _why_no_childcare(gap: Gap, view: View) -> str:
    if gap.verdict is Verdict.UNKNOWN:
        return Words("人口或托育设施情况不明", "population or childcare unknown").say(view.language)
    return Words("没有合格的托育设施", "no qualifying childcare").say(view.language)


def _due(view: View) -> date | None:
    """The last day of the plan, as long as it has not passed."""
    until = view.assessment.standard.policy.until
    return until if view.assessment.as_of <= until else None


_LAYERS_BEHIND: Mapping[str, tuple[str, ...]] = {
    "area_per_100_households": ("compounds", "facilities"),
    "new_project_area": ("projects",),
    "jiedao_elder_center": ("divisions", "facilities"),
    "rc_childcare": ("residential_communities", "facilities"),
}


def _sources(line: Line, view: View) -> str:
    """The files a line rests on, by their names."""
    paths = {each.layer: each.path for each in view.assessment.sources}
    behind = [paths[layer] for layer in _LAYERS_BEHIND[line.gap.rule] if layer in paths]
    return "、".join(path.replace("\\", "/").rpartition("/")[2] for path in behind)


def _note(line: Line, view: View) -> str:
    gap, zh = line.gap, view.language == "zh"
    if gap.unit == "count" and gap.gap is not None and gap.gap_after_committed is not None:
        short, after = plain_text(gap.gap), plain_text(gap.gap_after_committed)
        if zh:
            return f"缺 {short} 处，计入在建后缺 {after} 处"
        return f"{short} missing, {after} after construction"
    if line.unit is not None and len(line.unit.members) > 0:
        count = len(line.unit.members)
        return f"统筹 {count} 个小区" if zh else f"{count} compounds pooled"
    return ""


_MOST_PREMISES = 4


def _premises_text(near: tuple[NearPremises, ...], view: View) -> str:
    """The nearest premises in words, and how many more there are."""
    zh = view.language == "zh"
    said = [_premises_words(each, view) for each in near[:_MOST_PREMISES]]
    more = len(near) - len(said)
    if more:
        said.append(f"另有 {more} 处" if zh else f"{more} more")
    return ("；" if zh else "; ").join(said)


def _premises_words(near: NearPremises, view: View) -> str:
    """``V1（400 ㎡，租赁/无偿使用，距 200 m）``."""
    zh = view.language == "zh"
    row = view.register.row("premises", near.id)
    parts: list[str] = []
    if row.floor_area_m2 is not None:
        parts.append(f"{plain_text(Fraction(row.floor_area_m2))} {'㎡' if zh else 'm²'}")
    if row.modes:
        parts.append("/".join(view.label("mode", mode) for mode in row.modes))
    if row.position != "ground":
        parts.append(view.label("position", row.position))
    if near.distance_m:
        parts.append(f"距 {near.distance_m:.0f} m" if zh else f"{near.distance_m:.0f} m away")
    return f"{near.id}（{'，'.join(parts)}）" if zh else f"{near.id} ({', '.join(parts)})"
