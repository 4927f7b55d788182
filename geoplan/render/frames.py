"""The tables of an assessment as rows of cells, before any file format.

One table a subject; every cell is what the JSON says, rounded for the eye (areas and rates half
up, gaps up). A renderer only writes these rows down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from geoplan.assess.model import Assessment, Gap, IndicatorResult, ProjectResult, UnitResult
from geoplan.layers.model import rows_of
from geoplan.numbers import exact_decimal, gap_text, number_text
from geoplan.render.policy_text import target_text
from geoplan.render.words import shown_value, verdict_word
from geoplan.terms import Words, label, unit

Cell = str | Decimal | None
_LAYERS = {
    "compound": "compounds",
    "community": "communities",
    "rc": "residential_communities",
    "jiedao": "divisions",
    "project": "projects",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a stable English key, the heading people read, and how a number in it looks."""

    key: str
    heading: Words
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A named table; ``geometry`` is aligned with ``rows``, ``None`` for a table without places."""

    name: str
    title: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    geometry: NDArray[np.object_] | None = None


def tables_of(assessment: Assessment, language: str) -> tuple[Table, ...]:
    """Every table of an assessment, in the order a reader wants them."""
    return (
        indicator_table(assessment, language),
        standing_table(assessment, language),
        unit_table(assessment, language),
        facility_table(assessment, language),
        gap_table(assessment, language),
        project_table(assessment, language),
        remark_table(assessment, language),
        source_table(assessment),
        definition_table(assessment, language),
    )


# ---------------------------------------------------------------------------- small pieces


def names_of(assessment: Assessment) -> dict[tuple[str, str], str]:
    """The name of each (level, id)."""
    found = {("city", "city"): assessment.study}
    for level, layer in _LAYERS.items():
        rows = rows_of(getattr(assessment.layers, layer))
        found |= {(level, row.id): row.name for row in rows}
    return found


def places_of(assessment: Assessment) -> dict[tuple[str, str], object]:
    """The geometry of each (level, id) that has one."""
    found: dict[tuple[str, str], object] = {}
    for level, name in (*_LAYERS.items(), ("facility", "facilities")):
        layer = getattr(assessment.layers, name)
        if layer is not None and layer.geometry is not None:
            found |= {
                (level, row.id): place
                for row, place in zip(layer.rows, layer.geometry, strict=True)
                if place is not None
            }
    return found


def area(value: Fraction | None) -> Decimal | None:
    """Two decimals, half up."""
    return None if value is None else Decimal(number_text(value))


def gap_number(value: Fraction | None) -> Decimal | None:
    """Two decimals, up: a gap that exists is never written as none."""
    return None if value is None else Decimal(gap_text(value))


def plain(value: Fraction | Decimal | None) -> Decimal | None:
    """A count or a rate as short as it is exact, two decimals where it has no finite form."""
    if value is None:
        return None
    exact = exact_decimal(Fraction(value))
    return area(Fraction(value)) if exact is None else exact


def yes(value: bool | None, language: str) -> str:  # noqa: FBT001 - the value itself
    """A yes or no, or nothing where unknown."""
    if value is None:
        return ""
    return {("zh", True): "是", ("zh", False): "否", ("en", True): "yes"}.get(
        (language, value), "no"
    )


def codes_text(codes: Iterable[str], language: str) -> str:
    """Codes with their labels: ``LEASE_ENDED 租赁已到期，不计``."""
    return "; ".join(code_text(code, language) for code in codes)


def code_text(code: str, language: str) -> str:
    """One code with its label; ``EVIDENCE_MISSING:field`` names the field."""
    name, _, field = code.partition(":")
    words = label("code", name, language)
    about = f"（{label('evidence', field, language)}）" if field else ""
    return f"{code} {words}{about}"


def columns(*parts: tuple[str, str, str] | tuple[str, str, str, int]) -> tuple[Column, ...]:
    """Columns from (key, zh, en) or (key, zh, en, decimals)."""
    return tuple(
        Column(part[0], Words(part[1], part[2]), part[3] if len(part) == 4 else None)  # noqa: PLR2004
        for part in parts
    )


def _geometry(places: Sequence[object]) -> NDArray[np.object_]:
    found = np.full(len(places), None, dtype=object)
    found[:] = places
    return found


# --------------------------------------------------------------------------------- tables

_INDICATOR_COLUMNS = columns(
    ("number", "序号", "No."),
    ("indicator_id", "指标编号", "indicator id"),
    ("name", "指标", "indicator"),
    ("unit", "单位", "unit"),
    ("baseline", "2021年基数", "baseline 2021"),
    ("value", "现值", "value"),
    ("target", "目标", "target"),
    ("verdict", "结论", "verdict"),
    ("need_more", "还需", "still needed"),
    ("numerator", "分子", "numerator"),
    ("denominator", "分母", "denominator"),
    ("sum", "算式", "sum"),
    ("provisional", "暂定", "provisional"),
    ("could_turn", "可能改变结论", "could turn"),
    ("official", "正式口径", "official"),
    ("covered", "已覆盖/计入", "covered"),
    ("uncovered", "未覆盖", "uncovered"),
    ("unknown", "数据缺失", "unknown"),
    ("excluded", "不计及原因", "excluded"),
    ("clause", "出处", "clause"),
    ("lead", "牵头单位", "lead"),
    ("note", "说明", "note"),
)


def indicator_table(assessment: Assessment, language: str) -> Table:
    """The scorecard."""
    rows = tuple(_indicator_row(each, assessment, language) for each in assessment.indicators)
    return Table("indicators", Words("指标", "indicators"), _INDICATOR_COLUMNS, rows)


def _indicator_row(
    result: IndicatorResult, assessment: Assessment, language: str
) -> tuple[Cell, ...]:
    indicator = result.indicator
    words = unit(indicator.unit)
    notes = [
        *([result.reason.say(language)] if result.reason else []),
        *([result.source] if result.source else []),
        *(f"{each.code} {each.detail.say(language)}" for each in result.warnings),
    ]
    return (
        indicator.number,
        indicator.id,
        indicator.label_zh if language == "zh" else indicator.label_en,
        words.zh if language == "zh" else words.en,
        target_text(indicator.baseline),
        shown_value(result, assessment.standard),
        target_text(indicator.target),
        verdict_word(result.verdict, language),
        plain(result.need_more),
        plain(result.numerator),
        plain(result.denominator),
        result.sum.say(language),
        yes(result.provisional, language),
        yes(result.could_turn, language),
        yes(result.official, language),
        "、".join(result.covered),
        "、".join(result.uncovered),
        "、".join(result.unknown),
        "、".join(f"{each.id} {label('code', each.reason, language)}" for each in result.excluded),
        indicator.clause,
        "、".join(indicator.lead),
        "; ".join(notes),
    )


_STANDING_COLUMNS = columns(
    ("indicator_id", "指标编号", "indicator id"),
    ("unit_id", "单元编号", "unit id"),
    ("name", "名称", "name"),
    ("level", "层级", "level"),
    ("standing", "状况", "standing"),
    ("facilities", "计入的设施", "facilities credited"),
    ("reason", "原因", "reason"),
)
_STANDINGS = {
    "covered": Words("已覆盖", "covered"),
    "uncovered": Words("未覆盖", "not covered"),
    "unknown": Words("数据缺失", "unknown"),
    "excluded": Words("不计", "excluded"),
}


def standing_table(assessment: Assessment, language: str) -> Table:
    """Every unit of the two coverage indicators: covered or not, by whom, or why left out."""
    names, places = names_of(assessment), places_of(assessment)
    rc_level = "rc" if assessment.layers.residential_communities is not None else "community"
    rows: list[tuple[Cell, ...]] = []
    where: list[object] = []
    for result in assessment.indicators:
        level = {
            "jiedao_elder_center_coverage": "jiedao",
            "rc_childcare_coverage": rc_level,
        }.get(result.indicator.measure)
        for key, standing, reason in _standings(result) if level else ():
            rows.append(
                (
                    result.indicator.id,
                    key,
                    names.get((level or "", key), ""),
                    label("level", level or "", language),
                    _STANDINGS[standing].say(language),
                    "、".join(result.covered_by.get(key, ())),
                    label("code", reason, language) if reason else "",
                )
            )
            where.append(places.get((level or "", key)))
    title = Words("覆盖情况", "coverage")
    return Table("coverage", title, _STANDING_COLUMNS, tuple(rows), _geometry(where))


def _standings(result: IndicatorResult) -> list[tuple[str, str, str]]:
    return [
        *((key, "covered", "") for key in result.covered),
        *((key, "uncovered", "") for key in result.uncovered),
        *((key, "unknown", "") for key in result.unknown),
        *((each.id, "excluded", each.reason) for each in result.excluded),
    ]


_UNIT_COLUMNS = columns(
    ("unit_id", "单元编号", "unit id"),
    ("name", "名称", "name"),
    ("level", "层级", "level"),
    ("kind", "类别", "kind"),
    ("stock", "建设类型", "stock"),
    ("official", "正式口径", "official"),
    ("households", "户数", "households"),
    ("population", "人口", "population"),
    ("rate", "标准(㎡/百户)", "m² per 100 households"),
    ("required_m2", "应配(㎡)", "required m²", 2),
    ("provided_m2", "已配(㎡)", "provided m²", 2),
    ("committed_m2", "在建(㎡)", "under construction m²", 2),
    ("planned_m2", "规划(㎡)", "planned m²", 2),
    ("gap_m2", "缺口(㎡)", "gap m²", 2),
    ("gap_after_committed_m2", "计入在建后缺口(㎡)", "gap after construction m²", 2),
    ("verdict", "结论", "verdict"),
    ("codes", "原因", "codes"),
    ("sum", "算式", "sum"),
    ("facilities", "计入的设施", "facilities credited"),
)


def unit_table(assessment: Assessment, language: str) -> Table:
    """The area rule, one row a unit, a kind and a level."""
    names, places = names_of(assessment), places_of(assessment)
    rows = tuple(_unit_row(each, names, language) for each in assessment.units)
    where = [places.get((each.level, each.unit_id)) for each in assessment.units]
    title = Words("每百户面积", "area rule")
    return Table("units", title, _UNIT_COLUMNS, rows, _geometry(where))


def _unit_row(
    result: UnitResult, names: Mapping[tuple[str, str], str], language: str
) -> tuple[Cell, ...]:
    return (
        result.unit_id,
        names.get((result.level, result.unit_id), ""),
        label("level", result.level, language),
        label("kind", result.kind, language),
        label("stock", result.stock, language),
        yes(result.official, language),
        plain(result.households),
        plain(result.population),
        plain(result.rate),
        area(result.required_m2),
        area(result.provided_m2),
        area(result.committed_m2),
        area(result.planned_m2),
        gap_number(result.gap_m2),
        gap_number(result.gap_after_committed_m2),
        verdict_word(result.verdict, language),
        codes_text(result.codes, language),
        result.sum.say(language),
        "、".join(
            f"{credit.facility} {number_text(credit.floor_m2)}" for credit in result.facilities
        ),
    )


_FACILITY_COLUMNS = columns(
    ("facility_id", "设施编号", "facility id"),
    ("name", "设施名称", "name"),
    ("facility_type", "设施类型", "type"),
    ("state", "截至日状态", "state on the day"),
    ("division", "街道/镇", "division"),
    ("community", "社区", "community"),
    ("rc", "居住社区", "residential community"),
    ("compound", "小区", "compound"),
    ("beds", "床位数", "beds"),
    ("nursing_beds", "护理型床位", "nursing beds"),
    ("places", "托位数", "places"),
    ("floor_area_m2", "建筑面积(㎡)", "floor area m²", 2),
    ("counted_elder_m2", "可计养老(㎡)", "counted elder m²", 2),
    ("counted_childcare_m2", "可计托育(㎡)", "counted childcare m²", 2),
    ("missing_functions", "缺少功能", "missing functions"),
    ("codes", "说明", "codes"),
)


def facility_table(assessment: Assessment, language: str) -> Table:
    """Every facility, where it belongs and what of it counts."""
    places = places_of(assessment)
    rows: list[tuple[Cell, ...]] = []
    for row in rows_of(assessment.layers.facilities):
        state, place = assessment.facilities[row.id], assessment.belonging.facilities[row.id]
        rows.append(
            (
                row.id,
                row.name,
                label("facility_type", row.facility_type, language),
                label("status", state.state, language),
                place.division,
                place.community,
                place.rc,
                place.compound,
                plain(row.beds),
                plain(row.nursing_beds),
                plain(row.places),
                area(None if row.floor_area_m2 is None else Fraction(row.floor_area_m2)),
                area(state.counted_m2.get("elder")),
                area(state.counted_m2.get("childcare")),
                "、".join(label("function", each, language) for each in state.missing_functions),
                codes_text(state.codes, language),
            )
        )
    where = [places.get(("facility", key)) for key in assessment.facilities]
    title = Words("设施", "facilities")
    return Table("facilities", title, _FACILITY_COLUMNS, tuple(rows), _geometry(where))


_GAP_COLUMNS = columns(
    ("unit_id", "单元编号", "unit id"),
    ("name", "名称", "name"),
    ("level", "层级", "level"),
    ("official", "正式口径", "official"),
    ("rule", "规则", "rule"),
    ("kind", "类别", "kind"),
    ("gap", "缺口", "gap"),
    ("gap_after_committed", "计入在建后缺口", "gap after construction"),
    ("unit", "单位", "unit"),
    ("people", "人口", "people"),
    ("households", "户数", "households"),
    ("verdict", "结论", "verdict"),
    ("codes", "原因", "codes"),
)


def gap_table(assessment: Assessment, language: str) -> Table:
    """Every missed target, the largest first."""
    names, places = names_of(assessment), places_of(assessment)
    rows = tuple(_gap_row(each, names, language) for each in assessment.gaps)
    where = [places.get((each.level, each.unit_id)) for each in assessment.gaps]
    return Table("gaps", Words("缺口", "gaps"), _GAP_COLUMNS, rows, _geometry(where))


def _gap_row(gap: Gap, names: Mapping[tuple[str, str], str], language: str) -> tuple[Cell, ...]:
    rounded = plain if gap.unit == "count" else gap_number
    words = unit(gap.unit)
    return (
        gap.unit_id,
        names.get((gap.level, gap.unit_id), ""),
        label("level", gap.level, language),
        yes(gap.official, language),
        label("rule", gap.rule, language),
        label("kind", gap.kind, language),
        rounded(gap.gap),
        rounded(gap.gap_after_committed),
        words.zh if language == "zh" else words.en,
        plain(gap.people),
        plain(gap.households),
        verdict_word(gap.verdict, language),
        codes_text(gap.codes, language),
    )


_SYNCS = ("sync_plan", "sync_build", "sync_accept", "sync_deliver")
_PROJECT_COLUMNS = columns(
    ("project_id", "项目编号", "project id"),
    ("name", "项目名称", "name"),
    ("stage", "阶段", "stage"),
    ("stock", "建设类型", "stock"),
    ("in_rate", "计入达标率", "in the rate"),
    ("verdict", "综合结论", "verdict"),
    ("area_elder", "养老面积", "elder area"),
    ("area_childcare", "托育面积", "childcare area"),
    ("sync_plan", "同步规划", "planned in step"),
    ("sync_build", "同步建设", "built in step"),
    ("sync_accept", "同步验收", "accepted in step"),
    ("sync_deliver", "同步交付", "delivered in step"),
    ("required_elder_m2", "养老应配(㎡)", "required elder m²", 2),
    ("required_childcare_m2", "托育应配(㎡)", "required childcare m²", 2),
    ("gap_elder_m2", "养老缺口(㎡)", "elder gap m²", 2),
    ("gap_childcare_m2", "托育缺口(㎡)", "childcare gap m²", 2),
    ("codes", "原因代码", "codes"),
    ("reasons", "不达标或缺失原因", "reasons"),
    ("warnings", "提示", "warnings"),
)


def project_table(assessment: Assessment, language: str) -> Table:
    """New housing projects and their four synchronisations."""
    names, places = names_of(assessment), places_of(assessment)
    rows = tuple(_project_row(each, names, language) for each in assessment.projects)
    where = [places.get(("project", each.project_id)) for each in assessment.projects]
    title = Words("新建项目", "new projects")
    return Table("projects", title, _PROJECT_COLUMNS, rows, _geometry(where))


def _project_row(
    result: ProjectResult, names: Mapping[tuple[str, str], str], language: str
) -> tuple[Cell, ...]:
    return (
        result.project_id,
        names.get(("project", result.project_id), ""),
        label("stage", result.stage, language),
        label("stock", result.stock, language),
        yes(result.in_rate, language),
        verdict_word(result.verdict, language),
        verdict_word(result.area_elder, language),
        verdict_word(result.area_childcare, language),
        *(verdict_word(getattr(result, each), language) for each in _SYNCS),
        area(result.required_elder_m2),
        area(result.required_childcare_m2),
        gap_number(result.gap_elder_m2),
        gap_number(result.gap_childcare_m2),
        "、".join(result.codes),
        "；".join(each.say(language) for each in result.reasons),
        codes_text(result.warnings, language),
    )


_REMARK_COLUMNS = columns(
    ("layer", "图层", "layer"),
    ("code", "代码", "code"),
    ("rows", "行号", "rows"),
    ("ids", "编号", "ids"),
    ("set_aside", "未读入", "set aside"),
    ("detail", "说明", "detail"),
)


def remark_table(assessment: Assessment, language: str) -> Table:
    """Everything worth knowing that did not stop the work."""
    rows = tuple(
        (
            label("layer", each.layer, language) if each.layer else "",
            each.code,
            "、".join(str(row) for row in each.rows),
            "、".join(each.ids),
            yes(each.set_aside, language),
            each.detail.say(language),
        )
        for each in assessment.remarks
    )
    return Table("remarks", Words("提示", "remarks"), _REMARK_COLUMNS, rows)


_SOURCE_COLUMNS = columns(
    ("layer", "图层", "layer"),
    ("path", "文件", "file"),
    ("rows_read", "读入行数", "rows read"),
    ("rows_kept", "采用行数", "rows kept"),
    ("crs", "坐标系", "CRS"),
    ("encoding", "编码", "encoding"),
    ("sha256", "SHA-256", "SHA-256"),
)


def source_table(assessment: Assessment) -> Table:
    """The files that were read."""
    rows = tuple(
        (
            each.layer,
            each.path,
            Decimal(each.rows_read),
            Decimal(each.rows_kept),
            each.crs,
            each.encoding,
            each.sha256,
        )
        for each in assessment.sources
    )
    return Table("sources", Words("数据来源", "sources"), _SOURCE_COLUMNS, rows)


_DEFINITION_COLUMNS = columns(
    ("name", "参数", "value"),
    ("meaning", "含义", "meaning"),
    ("value", "本次取值", "as used"),
    ("changed", "用户改动", "changed"),
    ("clause", "出处", "clause"),
    ("text", "条文", "sentence"),
    ("assumed", "说明", "note"),
)


def definition_table(assessment: Assessment, language: str) -> Table:
    """口径说明: every policy value that was used, with the sentence it rests on."""
    standard = assessment.standard
    rows = tuple(
        (
            name,
            parameter.label_zh if language == "zh" else parameter.label_en,
            _shown(standard.values[name]),
            yes(name in standard.overrides, language),
            parameter.clause,
            standard.policy.clauses[parameter.clause].text,
            parameter.assumed,
        )
        for name, parameter in standard.policy.parameters.items()
    )
    return Table("definitions", Words("口径说明", "definitions"), _DEFINITION_COLUMNS, rows)


def _shown(value: object) -> Cell:
    if value is None or isinstance(value, Decimal):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
