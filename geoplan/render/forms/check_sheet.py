"""新建住宅小区养老托育设施配建“四同步”核查表 in the bureau's columns (``docs/method.md`` §3.3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoplan.assess.model import Assessment, ProjectResult
from geoplan.assess.projects.phases import count_of
from geoplan.layers.model import Project, rows_of
from geoplan.numbers import gap_text
from geoplan.render.sheets.form import Form, Group, number_column, write_form
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.sheets.workbook import Styles, workbook_for
from geoplan.render.tables.assessment import write_files
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.rules import public_notes, rates_in_words
from geoplan.render.wording.view import View, view_of
from geoplan.terms import Verdict, Words, terms

Elsewhere = Mapping[str, Mapping[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Line:
    """A project as declared and as judged."""

    number: int
    row: Project
    result: ProjectResult


def write_check_sheet(
    assessment: Assessment, path: Path, *, elsewhere: Elsewhere | None = None, language: str = "zh"
) -> None:
    """Write the check sheet of every project.

    ``elsewhere`` has the verdicts on the same projects under other policies, by policy id.
    """
    view = view_of(assessment, language)
    form = check_form(view, elsewhere or {})
    with workbook_for(path, assessment) as book:
        write_form(book, form, assessment, styles=Styles(book), language=language)


def write_check_tables(
    assessment: Assessment,
    folder: Path,
    formats: Collection[str],
    *,
    elsewhere: Elsewhere | None = None,
    language: str = "zh",
) -> None:
    """Write the same lines as CSV, GeoJSON or GeoPackage, named ``compliance``."""
    table = check_table(view_of(assessment, language), elsewhere or {})
    write_files([table], assessment, folder, formats, only=(table.name,))


def check_table(view: View, elsewhere: Elsewhere) -> Table:
    """The same columns as a plain table."""
    lines = _lines(view)
    return build_table(
        "compliance",
        Words("四同步核查表", "compliance"),
        columns=[column for group in _groups(view, elsewhere) for column in group.columns],
        rows=lines,
        places=[view.register.shape("projects", each.row.id) for each in lines],
    )


def check_form(view: View, elsewhere: Elsewhere) -> Form:
    """The check sheet as the bureau files it."""
    return Form(
        name=Words("四同步核查表", "compliance"),
        title=Words(
            "新建住宅小区养老托育设施配建“四同步”核查表",
            "New housing: check of care rooms and the four synchronisations",
        ),
        groups=_groups(view, elsewhere),
        rows=_lines(view),
        header=_header(view),
        unit=Words("单位：㎡、户", "in m², households").say(view.language),
        notes=_notes(view),
        frozen=2,
        scale=66,
    )


def _lines(view: View) -> list[Line]:
    results = {each.project_id: each for each in view.assessment.projects}
    rows = [row for row in rows_of(view.assessment.layers.projects) if row.id in results]
    return [Line(number, row, results[row.id]) for number, row in enumerate(rows, start=1)]


def _header(view: View) -> tuple[str, ...]:
    assessment = view.assessment
    policy = assessment.standard.policy
    day, blank = assessment.as_of.isoformat(), " " * 24
    if view.language == "zh":
        return (
            f"核查单位：{blank}核查日期：{day}{blank}核查人：{blank}复核人：",
            f"规则版本：{policy.title}（{policy.document_no}，{policy.id}，校验值 {policy.sha256[:12]}）",
        )
    return (
        f"checked by:{blank}date: {day}{blank}name:{blank}second:",
        f"rules: {policy.title} ({policy.document_no}, {policy.id}, SHA-256 {policy.sha256[:12]})",
    )


def _notes(view: View) -> tuple[str, ...]:
    words = Words(
        "缺口按两位小数进位，其余面积四舍五入；“待核”为尚未到该阶段，“数据缺失”为已过阶段而材料空白，按不达标计入达标率但不作结论。",
        "Gaps round up to two decimals, other areas half up; pending: the stage is not reached; unknown: the stage has passed and evidence is blank.",
    )
    return (
        *open_lines(view.assessment, view.language),
        rates_in_words(view, stocks=("new",)),
        view.say(words),
        *public_notes(view),
    )


# -------------------------------------------------------------------------------- columns


def _groups(view: View, elsewhere: Elsewhere) -> tuple[Group, ...]:
    return (
        Group((number_column(), _text("name", "项目名称", "project", 16))),
        Group(_identity_columns(view), Words("项目基本情况", "project")),
        Group(_land_columns(), Words("土地出让", "land")),
        Group(_required_columns(), Words("应配与合同约定", "required and contracted")),
        Group(_permit_columns(), Words("规划许可与施工", "permits")),
        Group(_completion_columns(), Words("核实与验收", "completion and acceptance")),
        Group(_handover_columns(), Words("交付与移交", "delivery and handover")),
        Group(_sync_columns(view), Words("四同步", "four synchronisations")),
        Group(_verdict_columns(view, elsewhere), Words("核查结论", "verdict")),
        Group(_action_columns(view), Words("整改", "to be done")),
    )


def _text(key: str, zh: str, en: str, width: float = 10) -> Column[Line]:
    return Column(key, Words(zh, en), lambda each: getattr(each.row, key), width=width)


def _area(key: str, zh: str, en: str) -> Column[Line]:
    return Column(key, Words(zh, en), lambda each: getattr(each.row, key), Kind.AREA, width=9)


def _day(key: str, zh: str, en: str) -> Column[Line]:
    return Column(key, Words(zh, en), lambda each: getattr(each.row, key), Kind.DAY, width=11)


def _identity_columns(view: View) -> tuple[Column[Line], ...]:
    def address(line: Line, part: str) -> str:
        return str(getattr(view.register.address("project", line.row.id), part))

    return (
        Column("project_id", Words("项目代码/宗地编号", "project id"), lambda each: each.row.id, width=12),
        _text("developer", "建设单位", "developer", 13),
        Column("county", Words("县(市、区)", "county"), lambda each: address(each, "county"), width=8),
        Column("jiedao", Words("街道", "sub-district"), lambda each: address(each, "division") or each.row.jiedao, width=11),
        Column("community", Words("社区", "community"), lambda each: address(each, "community") or each.row.community, width=11),
        _area("land_area_m2", "用地面积(㎡)", "land m²"),
        _area("housing_floor_m2", "住宅建筑面积(㎡)", "housing m²"),
        Column("planned_households", Words("规划户数", "households"), lambda each: each.row.planned_households, Kind.COUNT, width=7),
        Column("phase_count", Words("分期数", "phases"), lambda each: _phases(each, view), Kind.COUNT, width=6),
    )  # fmt: skip


def _land_columns() -> tuple[Column[Line], ...]:
    heading = Words("出让条件含养老托育条款", "clause in the land conditions")
    return (
        _text("land_contract_no", "出让合同编号", "contract no.", 12),
        _day("land_grant_date", "出让日期", "granted"),
        Column("land_clause", heading, lambda each: each.row.land_clause, Kind.FLAG, width=8),
    )


def _required_columns() -> tuple[Column[Line], ...]:
    return (
        Column("required_elder_m2", Words("养老应配(㎡)", "required elder m²"), lambda each: each.result.required_elder_m2, Kind.AREA, width=9),
        Column("required_childcare_m2", Words("托育应配(㎡)", "required childcare m²"), lambda each: each.result.required_childcare_m2, Kind.AREA, width=9),
        _area("contract_elder_m2", "合同约定养老(㎡)", "contract elder m²"),
        _area("contract_childcare_m2", "合同约定托育(㎡)", "contract childcare m²"),
    )  # fmt: skip


def _permit_columns() -> tuple[Column[Line], ...]:
    return (
        _text("works_permit_no", "规划许可证号", "works permit no.", 12),
        _area("permit_elder_m2", "许可养老(㎡)", "permitted elder m²"),
        _area("permit_childcare_m2", "许可托育(㎡)", "permitted childcare m²"),
        _text("construction_permit_no", "施工许可证号", "construction permit no.", 12),
        _text("facility_phase", "设施所在分期", "phase of the rooms", 7),
    )


def _completion_columns() -> tuple[Column[Line], ...]:
    return (
        _day("completion_check_date", "规划核实日期", "completion check"),
        _area("measured_elder_m2", "实测养老(㎡)", "measured elder m²"),
        _area("measured_childcare_m2", "实测托育(㎡)", "measured childcare m²"),
        _day("housing_acceptance_date", "住宅验收日期", "housing accepted"),
        _day("facility_acceptance_date", "设施验收日期", "rooms accepted"),
        _opinion("civil_affairs_opinion", Words("民政意见", "civil affairs")),
        _opinion("health_opinion", Words("卫健意见", "health commission")),
    )


def _opinion(key: str, heading: Words) -> Column[Line]:
    words = {True: "合格", False: "不合格"}
    return Column(key, heading, lambda each: words.get(getattr(each.row, key)), width=8)


def _handover_columns() -> tuple[Column[Line], ...]:
    return (
        _day("housing_delivery_date", "住宅交付日期", "housing delivered"),
        _day("facility_handover_date", "设施移交日期", "rooms handed over"),
        _text("receiver", "接收单位", "receiver", 12),
        _area("handed_elder_m2", "移交养老(㎡)", "handed elder m²"),
        _area("handed_childcare_m2", "移交托育(㎡)", "handed childcare m²"),
        _text("title_no", "不动产权证号", "title no.", 12),
        _day("open_date", "投用日期", "opened"),
    )


def _sync_columns(view: View) -> tuple[Column[Line], ...]:
    def column(key: str, heading: Words) -> Column[Line]:
        return Column(
            key, heading, lambda each: view.verdict(getattr(each.result, key)), Kind.VERDICT, 10
        )

    return tuple(column(key, Words(term.zh, term.en)) for key, term in terms("sync").items())


def _verdict_columns(view: View, elsewhere: Elsewhere) -> tuple[Column[Line], ...]:
    return (
        Column("gap_elder_m2", Words("养老缺口(㎡)", "elder gap m²"), lambda each: each.result.gap_elder_m2, Kind.GAP, width=9),
        Column("gap_childcare_m2", Words("托育缺口(㎡)", "childcare gap m²"), lambda each: each.result.gap_childcare_m2, Kind.GAP, width=9),
        Column("verdict", Words("综合结论", "verdict"), lambda each: view.verdict(each.result.verdict), Kind.VERDICT, width=10),
        *(_elsewhere_column(policy, verdicts, view) for policy, verdicts in elsewhere.items()),
        Column("reasons", Words("不达标原因", "reasons"), lambda each: _between(view).join(view.say(words) for words in each.result.reasons), width=54),
    )  # fmt: skip


def _elsewhere_column(policy: str, verdicts: Mapping[str, Verdict], view: View) -> Column[Line]:
    heading = Words(f"按规则 {policy} 的结论", f"verdict under {policy}")
    key = f"verdict_{policy}".replace("-", "_")

    def word(line: Line) -> str:
        verdict = verdicts.get(line.row.id)
        return "" if verdict is None else view.verdict(verdict)

    return Column(key, heading, word, Kind.VERDICT, width=13)


def _action_columns(view: View) -> tuple[Column[Line], ...]:
    return (
        Column("advice", Words("整改建议", "advice"), lambda each: _advice(each.result, view), width=34),
        Column("advice_due", Words("整改时限", "due"), lambda _: None, width=11),
        Column("note", Words("备注", "note"), lambda each: _note(each, view), width=44),
    )  # fmt: skip


# ---------------------------------------------------------------------------------- cells


def _between(view: View) -> str:
    return "；" if view.language == "zh" else "; "


def _phases(line: Line, view: View) -> Any:
    if line.row.phase_count is not None:
        return line.row.phase_count
    phases = rows_of(view.assessment.layers.phases)
    return count_of(each for each in phases if each.project_id == line.row.id) or None


def _advice(result: ProjectResult, view: View) -> str:
    """What each code against the project asks for, each advice once."""
    said: list[str] = []
    for code in result.codes:
        name, _, field = code.partition(":")
        if code not in result.warnings and name in terms("advice"):
            about = f"：{view.label('evidence', field)}" if field else ""
            said.append(view.label("advice", name) + about)
    return _between(view).join(dict.fromkeys(said))


def _note(line: Line, view: View) -> str:
    """Warnings, what the delivered phases lack, and the bureau's own note."""
    findings = line.result.findings
    said = [view.say(each.detail) for each in findings if each.verdict is Verdict.PASS]
    interim = line.result.interim
    if interim is not None:
        for kind, gap in interim.gap_m2.items():
            if gap:
                said.append(_interim_words(kind, gap_text(gap), view))
    if line.row.note:
        said.append(line.row.note)
    return _between(view).join(dict.fromkeys(said))


def _interim_words(kind: str, gap: str, view: View) -> str:
    name = view.label("kind", kind)
    if view.language == "zh":
        return f"按已交付户数{name}缺 {gap} ㎡"
    return f"{name} short by {gap} m² for the phases delivered"
