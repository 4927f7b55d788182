"""缺口清单 as a workbook (``domain.md`` §5.1).

The official gaps, the units without data and gaps for reference, each on a sheet, with the lists of
街道 and residential communities.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from geoplan.assess.model import Assessment, Gap, ProjectResult, UnitResult
from geoplan.assess.remedies import Remedy, list_remedies
from geoplan.layers.model import rows_of
from geoplan.measures.coverage import share
from geoplan.numbers import plain_text
from geoplan.render.coverage_lists import community_form, division_form
from geoplan.render.inventory import premises_text
from geoplan.render.rules import rates_in_words, responsible_for
from geoplan.render.sheets import Form, Group, number_column, write_form
from geoplan.render.table import Cell, Column, Kind, settle_cell
from geoplan.render.view import View, view_of
from geoplan.render.workbook import Styles, workbook_for
from geoplan.terms import Verdict, Words, terms

_PER_CENT = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: a gap, what it rests on and what could close it."""

    number: int
    gap: Gap
    remedy: Remedy
    unit: UnitResult | None
    project: ProjectResult | None


def write_gap_list(assessment: Assessment, path: Path, *, language: str = "zh") -> None:
    """Write 缺口清单 and the lists that go with it as one workbook."""
    view = view_of(assessment, language)
    with workbook_for(path, assessment) as book:
        styles = Styles(book)
        for form in (*gap_forms(view), division_form(view), community_form(view)):
            write_form(book, form, assessment, styles=styles, language=language)


def gap_forms(view: View) -> tuple[Form, Form, Form]:
    """Official gaps; units that lack data; gaps at levels that are not the official one."""
    lines = _lines(view)
    unknown = [each for each in lines if each.gap.verdict is Verdict.UNKNOWN]
    official = [each for each in lines if each.gap.official]
    others = [
        each for each in lines if not each.gap.official and each.gap.verdict is not Verdict.UNKNOWN
    ]
    return (
        _form(Words("缺口清单", "gaps"), official, view),
        _form(Words("数据缺失清单", "unknown"), unknown, view),
        _form(Words("参考缺口", "for reference"), others, view),
    )


def _lines(view: View) -> list[Line]:
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


def _form(name: Words, lines: Sequence[Line], view: View) -> Form:
    numbered = [
        Line(number, each.gap, each.remedy, each.unit, each.project)
        for number, each in enumerate(lines, start=1)
    ]
    groups = _groups(view)
    return Form(
        name=name,
        title=_title(name, view),
        groups=groups,
        rows=numbered,
        header=_header(view),
        unit=Words("单位：㎡、户、人", "in m², households, persons").say(view.language),
        totals=_totals(numbered, groups, view),
        notes=_notes(name, view),
        frozen=5,
    )


def _title(name: Words, view: View) -> Words:
    study = view.assessment.study
    return Words(
        f"{study}养老托育服务设施{name.zh}", f"{study}: elder-care and childcare {name.en}"
    )


def _header(view: View) -> tuple[str, ...]:
    assessment = view.assessment
    policy = assessment.standard.policy
    if view.language == "zh":
        return (
            f"编制单位：                    截至日期：{assessment.as_of.isoformat()}",
            f"依据：{policy.title}（{policy.document_no}）；规则版本 {policy.id}",
        )
    return (
        f"compiled by:                    as of {assessment.as_of.isoformat()}",
        f"under {policy.title} ({policy.document_no}); rules {policy.id}",
    )


# -------------------------------------------------------------------------------- columns


def _groups(view: View) -> tuple[Group, ...]:
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
        Column("rule", Words("规则类型", "rule"), lambda each: view.say(_rule_word(each)), width=8),
        Column("kind", Words("设施类别", "kind"), lambda each: view.label("kind", each.gap.kind), width=9),
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
        Column("verdict", Words("结论", "verdict"), lambda each: view.verdict(each.gap.verdict), Kind.VERDICT, width=8),
        Column("reason", Words("原因", "reason"), lambda each: _reason(each, view), width=38),
    )  # fmt: skip


def _remedy_columns(view: View) -> tuple[Column[Line], ...]:
    return (
        Column("instruments", Words("建议措施", "instruments"), lambda each: [view.label("instrument", word) for word in each.remedy.instruments], Kind.LIST, width=12),
        Column("premises", Words("可利用存量资源", "premises near by"), lambda each: premises_text(each.remedy.premises, view), width=36),
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


def _rule_word(line: Line) -> Words:
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


# ----------------------------------------------------------------------- totals and notes


def _totals(
    lines: Iterable[Line], groups: Sequence[Group], view: View
) -> tuple[tuple[Cell, ...], ...]:
    """Sums of the areas shown above, apart by rule and kind."""
    keys = [column.key for group in groups for column in group.columns]
    summed = ("required_m2", "provided_m2", "gap_m2", "gap_after_committed_m2")
    columns = {column.key: column for group in groups for column in group.columns}
    rows: list[tuple[Cell, ...]] = []
    listed = list(lines)
    for rule in (Words("已建", "existing"), Words("新建", "new")):
        for kind in terms("kind"):
            among = [each for each in listed if _rule_word(each) == rule and each.gap.kind == kind]
            if not among:
                continue
            row: dict[str, Cell] = dict.fromkeys(keys)
            row["county"] = Words("合计", "total").say(view.language)
            row["rule"], row["kind"] = view.say(rule), view.label("kind", kind)
            row["note"] = f"{len(among)} {'条' if view.language == 'zh' else 'lines'}"
            row |= {key: _sum_of(columns[key], among) for key in summed}
            rows.append(tuple(row.values()))
    return tuple(rows)


def _sum_of(column: Column[Line], lines: Iterable[Line]) -> Decimal:
    cells = (settle_cell(column.of(each), column.kind) for each in lines)
    return sum((cell for cell in cells if isinstance(cell, Decimal)), Decimal(0))


def _notes(name: Words, view: View) -> tuple[str, ...]:
    zh = view.language == "zh"
    about = {
        "缺口清单": Words(
            "本表为正式口径：已建小区按社区统筹，新建项目与新建小区单独计算，街道和居住社区按是否覆盖。",
            "Official level: existing compounds pooled by community, new ones each on its own, sub-districts and residential communities by coverage.",
        ),
        "数据缺失清单": Words(
            "本表单元因数据缺失不作结论，补齐后重新测算。",
            "No verdict for want of data: supply it and assess again.",
        ),
        "参考缺口": Words(
            "本表为单个小区的参考缺口，正式结论按统筹后的社区（见缺口清单），不与正式缺口相加。",
            "Single compounds, for reference: the official verdict is on the pool. Do not add to the official gaps.",
        ),
    }[name.zh]
    rounding = (
        "缺口按两位小数进位，其余面积四舍五入；合计为上列显示值之和；精确值见 JSON。可利用存量资源为本社区或服务半径内的闲置房屋，距离为直线距离。"
        if zh
        else "Gaps round up to two decimals, other areas half up; totals add what is shown; exact numbers are in the JSON. Premises are those of the community or within the service radius, straight distance."
    )
    return (about.say(view.language), rates_in_words(view), rounding)
