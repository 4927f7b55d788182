"""The half-yearly and yearly report as a Word document (``domain.md`` §5.2).

Everything is read off the assessment: the same tables as in the spreadsheets, fewer columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from geoplan.assess.absence import AREA_RULE
from geoplan.assess.model import Assessment, IndicatorResult, ProjectResult, ReachRow
from geoplan.numbers import number_text, plain_text
from geoplan.render.fileset.staging import write_whole
from geoplan.render.forms.task_ledger import ledger_form
from geoplan.render.forms.unit_lists import community_form, division_form
from geoplan.render.palette import VERDICT_COLORS
from geoplan.render.paper import report_words as words
from geoplan.render.paper.word_document import Field, Ink, Paper
from geoplan.render.pictures.fonts import font_remark
from geoplan.render.pictures.picture import draw_picture, picture_themes
from geoplan.render.sheets.form import Form
from geoplan.render.sheets.table import Cell, Kind, Table, build_table
from geoplan.render.tables.indicators import definition_table
from geoplan.render.tables.inventory import unit_table
from geoplan.render.tables.sources import remark_table, source_table
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.rules import rates_in_words, responsible_for
from geoplan.render.wording.targets import target_text
from geoplan.render.wording.view import View, view_of
from geoplan.render.wording.walking import headlines, kind_word, percent
from geoplan.render.wording.words import VERDICT_MARKS
from geoplan.terms import Verdict, Words

_ROWS_AT_MOST = 80
# Words of rows that come first where there is no room for all.
_POOR = frozenset({"不达标", "fail", "未覆盖", "not covered", "数据缺失", "unknown (data missing)"})
_CHAPTERS = "一二三四五六七八九十"
_HASH_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Pick:
    """A column of a table shown in the report, with its width in cm; another heading if too long."""

    key: str
    width_cm: float
    align: str = "left"
    heading: Words | None = None


def write_report(assessment: Assessment, path: Path, *, language: str = "zh") -> None:
    """Write the report; the same bytes for the same assessment."""
    write_whole(path, report_content(assessment, language=language))


def report_content(assessment: Assessment, *, language: str = "zh") -> bytes:
    """The report as the bytes of a .docx file."""
    view = view_of(assessment, language)
    paper = Paper(words.title_words(view), assessment.as_of, language=language)
    _write_head(paper, view)
    for number, (heading, write) in enumerate(_SECTIONS):
        if write is _write_tasks:
            paper.turn(across=True)
        paper.heading(_numbered(number, view.say(heading), language))
        write(paper, view)
        if write is _write_tasks:
            paper.turn(across=False)
    return paper.content()


def _numbered(number: int, heading: str, language: str) -> str:
    """一、总体情况 or 1. Overview.

    Examples
    --------
    >>> _numbered(0, "总体情况", "zh"), _numbered(10, "缺失数据", "zh"), _numbered(1, "Maps", "en")
    ('一、总体情况', '十一、缺失数据', '2. Maps')
    """
    if language != "zh":
        return f"{number + 1}. {heading}"
    tens, ones = divmod(number, len(_CHAPTERS))
    return f"{'十' * tens}{_CHAPTERS[ones]}、{heading}"


# --------------------------------------------------------------------------------- tables


def _put(
    paper: Paper,
    table: Table,
    picks: Sequence[Pick],
    view: View,
    *,
    keep: Callable[[dict[str, Cell]], bool] = lambda _: True,
) -> None:
    """The picked columns of the rows kept, and a line on those there is no room for."""
    keys = [column.key for column in table.columns]
    rows = [row for row in table.rows if keep(dict(zip(keys, row, strict=True)))]
    if not rows:
        paper.text("（无）" if view.language == "zh" else "(none)")
        return
    places = [keys.index(pick.key) for pick in picks]
    fields = [
        Field(view.say(pick.heading or table.columns[at].heading), pick.width_cm, pick.align)
        for pick, at in zip(picks, places, strict=True)
    ]
    if len(rows) > _ROWS_AT_MOST:
        rows.sort(key=lambda row: _POOR.isdisjoint(each for each in row if isinstance(each, str)))
    shown = rows[:_ROWS_AT_MOST]
    paper.table(
        fields,
        [[_ink(row[at], table.columns[at].kind, view) for at in places] for row in shown],
    )
    _say_more(paper, len(rows), view, elsewhere=table.title)


def _list(paper: Paper, texts: Sequence[str], view: View, *, elsewhere: Words) -> None:
    """The first texts as a list, and where the others are."""
    paper.bullets(texts[:_ROWS_AT_MOST])
    _say_more(paper, len(texts), view, elsewhere=elsewhere)


def _say_more(paper: Paper, count: int, view: View, *, elsewhere: Words) -> None:
    """In which sheet the lines stand that there is no room for."""
    if count > _ROWS_AT_MOST:
        name = view.say(elsewhere)
        paper.note(
            f"共 {count} 条，此处列出前 {_ROWS_AT_MOST} 条，其余见电子表格“{name}”。"
            if view.language == "zh"
            else f'{count} lines; the first {_ROWS_AT_MOST} are here, all in the sheet "{name}".'
        )


def _table_of(form: Form) -> Table:
    """The rows of a form as a table."""
    return build_table("form", form.name, columns=form.columns, rows=form.rows)


def _ink(cell: Cell, kind: Kind, view: View) -> str | Ink:
    text = _text(cell, view)
    if kind is Kind.VERDICT:
        for each in Verdict:
            if text == view.verdict(each):
                return _verdict_ink(each, text)
    return text


def _verdict_ink(verdict: Verdict, text: str) -> Ink:
    return Ink(text, VERDICT_COLORS[verdict.value].removeprefix("#").upper())


def _text(cell: Cell, view: View) -> str:
    zh = view.language == "zh"
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return ("是" if cell else "否") if zh else ("yes" if cell else "no")
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, tuple):
        return ("、" if zh else ", ").join(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


# ------------------------------------------------------------------------------- sections


def _write_head(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    day = words.day_words(view.assessment.as_of, view)
    paper.title(words.title_words(view), f"（截至{day}）" if zh else f"as of {day}")
    for name, value in words.head_rows(view):
        paper.text(f"{name}：{value}" if zh else f"{name}: {value}")
    late = words.late_words(view)
    if late:
        paper.warn(late)


def _write_overview(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    paper.text(words.overview_words(view))
    period = view.assessment.standard.policy
    since, until = period.since.year, period.until.year
    fields = (
        Field("序号" if zh else "No.", 1.9, "center"),
        Field("指标" if zh else "indicator", 4.7),
        Field(f"{since}基数" if zh else f"in {since}", 1.4, "right"),
        Field("现值" if zh else "now", 1.6, "right"),
        Field("较基数" if zh else "trend", 1.1, "center"),
        Field(f"{until}目标" if zh else f"for {until}", 1.4, "right"),
        Field("差距" if zh else "gap", 1.2, "right"),
        Field("还需" if zh else "still needed", 1.9),
        Field("结论" if zh else "verdict", 1.8, "center"),
    )
    paper.table(fields, [_score_row(each, view) for each in view.assessment.indicators])
    for note in (*words.provisional_words(view), *open_lines(view.assessment, view.language)):
        paper.note(note)
    paper.note(
        "结论按精确值比较，“≥”含等于；现值四舍五入到两位小数，差距按两位小数进位，单位同指标；"
        "“较基数”按基数的位数截尾后比较；“/”为无数值。"
        if zh
        else "Verdicts compare exact values, ≥ includes equal; values round half up, gaps up;"
        " the trend compares at the decimals of the baseline; / is no value."
    )


def _score_row(result: IndicatorResult, view: View) -> list[str | Ink]:
    verdict = f"{VERDICT_MARKS[result.verdict]} {view.verdict(result.verdict)}"
    return [
        result.indicator.number,
        words.indicator_name(result, view),
        target_text(result.indicator.baseline).removeprefix("="),
        words.value_words(result, view),
        words.trend_words(result, view),
        target_text(result.indicator.target).removeprefix("="),
        words.shortfall_words(result),
        words.need_words(result, view),
        _verdict_ink(result.verdict, verdict),
    ]


def _write_maps(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    themes = picture_themes(view.assessment)
    if not themes:
        paper.text(
            "各图层没有可绘制的图形，故无专题图。" if zh else "No layer has shapes, so no maps."
        )
    for number, theme in enumerate(themes, start=1):
        caption = _caption(theme, view)
        png = draw_picture(view.assessment, theme, language=view.language)
        paper.picture(png, f"图 {number}　{caption}" if zh else f"Figure {number}. {caption}")
    remark = font_remark()
    if themes and remark is not None:
        paper.note(view.say(remark.detail))


_CAPTIONS = {
    "jiedao_elder_center_coverage": Words(
        "街道综合性养老服务中心覆盖情况", "Elder-care centres of the sub-districts"
    ),
    "rc_childcare_coverage": Words(
        "居住社区托育服务覆盖情况", "Childcare in residential communities"
    ),
}


def _caption(theme: str, view: View) -> str:
    """What a picture shows; themes of areas are called ``community_elder_ratio``."""
    if theme in _CAPTIONS:
        return view.say(_CAPTIONS[theme])
    level, kind, _ = theme.split("_")
    care, of_level = view.label("kind", kind), view.label("level", level)
    if view.language == "zh":
        return f"{care}设施面积达标率（按{of_level}）"
    return f"{care}: area provided of area required, by {of_level}"


def _write_divisions(paper: Paper, view: View) -> None:
    result = view.assessment.of_measure("jiedao_elder_center_coverage")
    _write_result(paper, result, view)
    picks = (
        Pick("division", 2.4),
        Pick("standing", 1.5, "center"),
        Pick("qualifying", 3.4),
        Pick("missing_functions", 2.2),
        Pick("beds", 1.2, "right"),
        Pick("floor_area_m2", 1.6, "right"),
        Pick("state", 1.4, "center"),
        Pick("note", 2.9),
    )
    _put(paper, _table_of(division_form(view)), picks, view)


def _write_childcare(paper: Paper, view: View) -> None:
    _write_result(paper, view.assessment.of_measure("rc_childcare_coverage"), view)
    picks = (
        Pick("name", 3.0),
        Pick("population", 1.4, "right"),
        Pick("size_class", 2.6),
        Pick("standing", 3.2),
        Pick("facilities", 3.5),
        Pick("places", 1.2, "right"),
        Pick("nearest_m", 1.7, "right"),
    )
    form = community_form(view)
    _put(paper, _table_of(form), picks, view)
    for note in form.notes:
        paper.note(note)
    advice = words.size_advice(view)
    if advice:
        paper.heading(
            "规模调整建议" if view.language == "zh" else "Communities to split or merge", 2
        )
        _list(paper, advice, view, elsewhere=Words("覆盖情况", "coverage"))


def _write_areas(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    official = [each for each in view.assessment.units if each.official]
    paper.text(rates_in_words(view))
    absent = view.assessment.left_open(AREA_RULE)
    if absent is not None:
        paper.text(
            f"无法判断：{absent.reason.zh}。没有数据既不算缺口，也不算达标。"
            if zh
            else f"Not judged: {absent.reason.en}. What is not there is neither a gap nor a success."
        )
        return
    if not official:
        paper.text("没有可测算的单元。" if zh else "There is no unit to assess.")
        return
    fields = (
        Field("类型（层级）" if zh else "stock (level)", 2.8),
        Field("类别" if zh else "kind", 1.2, "center"),
        Field("单元数" if zh else "units", 1.2, "right"),
        *(Field(view.verdict(each), 1.3, "right") for each in words.COUNTED_VERDICTS),
        Field("应配(㎡)" if zh else "required m²", 1.7, "right"),
        Field("已配(㎡)" if zh else "provided m²", 1.7, "right"),
        Field("缺口(㎡)" if zh else "gap m²", 1.6, "right"),
        Field("计入在建后" if zh else "after construction", 1.6, "right"),
    )
    paper.table(fields, words.area_rows(official, view))
    paper.note(
        "合计为各单元显示值之和，多余面积不抵其他单元的缺口；带 * 的合计不含户数不明的单元。"
        if zh
        else "Sums add what is shown; what one has to spare closes no other's gap;"
        " a star marks sums without units whose households are unknown."
    )
    paper.heading("不达标和数据缺失的单元" if zh else "Units that fail or lack data", 2)
    picks = (
        Pick("name", 3.0),
        Pick("division", 1.9),
        Pick("kind_word", 1.0, "center"),
        Pick("stock_word", 1.6, "center"),
        Pick("households", 1.3, "right"),
        Pick("required_m2", 1.5, "right"),
        Pick("provided_m2", 1.5, "right"),
        Pick("gap_m2", 1.5, "right"),
        Pick("gap_after_committed_m2", 1.8, "right", Words("计入在建后(㎡)", "after constr. m²")),
        Pick("verdict_word", 1.5, "center"),
    )
    poor = {Verdict.FAIL.value, Verdict.UNKNOWN.value}
    _put(
        paper,
        unit_table(view),
        picks,
        view,
        keep=lambda row: row["official"] is True and row["verdict"] in poor,
    )


def _write_reach(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    rows = list(headlines(view.assessment))
    if not rows:
        paper.text(
            "未提供住宅楼栋图层或设施位置，不测算步行可达。"
            if zh
            else "Not computed: no homes, or no facility with a place."
        )
        return
    paper.text(
        "住宅到最近一处运营中设施的距离，“以内”含等于；仅供参考，不作考核结论。人数取自住宅楼栋图层。"
        if zh
        else "From each home to the nearest serving facility; advisory, no verdict. People are those of the homes layer."
    )
    fields = (
        Field("人群" if zh else "people", 3.6),
        Field("到哪类设施" if zh else "to the nearest", 2.6),
        Field("距离" if zh else "distance", 1.8),
        Field("以内(m)" if zh else "within m", 1.8, "right"),
        Field("合步行(分钟)" if zh else "minutes", 2.2, "right"),
        Field("可达/总数" if zh else "within / in all", 3.4, "right"),
        Field("比例(%)" if zh else "%", 1.6, "right"),
    )
    paper.table(fields, [_reach_cells(row, view) for row in rows])


def _reach_cells(row: ReachRow, view: View) -> list[str]:
    share = percent(row)
    return [
        view.label("people", row.people),
        kind_word(row.kind, view.language),
        view.label("walk_mode", row.mode),
        plain_text(row.within_m),
        "" if row.minutes is None else plain_text(row.minutes),
        f"{plain_text(row.reached)} / {plain_text(row.total)}",
        "/" if share is None else number_text(share),
    ]


def _write_projects(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    result = view.assessment.of_measure("new_compound_compliance")
    _write_result(paper, result, view)
    if not view.assessment.projects:
        paper.text("没有可判断的新建项目。" if zh else "There is no project to judge.")
        return
    paper.text(words.projects_overview(view))
    heads = (
        ("项目", "project", 2.4, "left"), ("阶段", "stage", 1.5, "center"),
        ("养老面积", "elder m²", 0.95, "center"), ("托育面积", "childcare m²", 0.95, "center"),
        ("同步规划", "plan", 0.95, "center"), ("同步建设", "build", 0.95, "center"),
        ("同步验收", "accept", 0.95, "center"), ("同步交付", "deliver", 0.95, "center"),
        ("综合结论", "verdict", 1.5, "center"), ("原因与提示", "reasons", 5.5, "left"),
    )  # fmt: skip
    paper.table(
        [Field(chinese if zh else english, width, align) for chinese, english, width, align in heads],
        [
            [
                view.register.name("project", each.project_id),
                view.label("stage", each.stage),
                *(_mark(getattr(each, part)) for part in _PARTS),
                _verdict_ink(each.verdict, view.verdict(each.verdict)),
                words.project_words(each, view),
            ]
            for each in _projects_shown(view)
        ],
    )  # fmt: skip
    marks = "　".join(f"{VERDICT_MARKS[each]} {view.verdict(each)}" for each in Verdict)
    paper.note(marks)
    total = len(view.assessment.projects)
    _say_more(paper, total, view, elsewhere=Words("四同步核查表", "compliance"))


def _projects_shown(view: View) -> Sequence[ProjectResult]:
    """All in their order; where there is no room for all, those that fail or lack data first."""
    projects = view.assessment.projects
    if len(projects) <= _ROWS_AT_MOST:
        return projects
    poor = {Verdict.FAIL, Verdict.UNKNOWN}
    return sorted(projects, key=lambda each: each.verdict not in poor)[:_ROWS_AT_MOST]


_PARTS = ("area_elder", "area_childcare", "sync_plan", "sync_build", "sync_accept", "sync_deliver")


def _mark(verdict: Verdict) -> Ink:
    return _verdict_ink(verdict, VERDICT_MARKS[verdict])


def _write_result(paper: Paper, result: IndicatorResult | None, view: View) -> None:
    """The indicator behind a section in one sentence, its sum, its clause, its variants."""
    zh = view.language == "zh"
    if result is None:
        paper.text("本政策没有对应的指标。" if zh else "The policy has no such indicator.")
        return
    clause = view.assessment.standard.policy.clauses[result.indicator.clause]
    paper.text(f"{words.problem_words(result, view)}{'。' if zh else '.'}")
    total = view.say(result.sum)
    if total:
        paper.note(
            f"算式：{total}；出处：{clause.where}（{clause.text}）"
            if zh
            else f"Sum: {total}; {clause.where}: {clause.text}"
        )
    others = words.variant_words(result, view)
    if others:
        listed = ("；" if zh else "; ").join(others)
        paper.note(f"其他口径（供参考）：{listed}。" if zh else f"For reference: {listed}.")


def _write_problems(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    fields = (
        Field("牵头单位" if zh else "lead", 3.6),
        Field("存在问题" if zh else "problem", 13.0),
    )
    rows = [
        (bureau, "\n".join(f"{at}. {each}" for at, each in enumerate(said, start=1)))
        for bureau, said in words.problems_by_bureau(view).items()
    ]
    rows += [(bureaus, said) for bureaus, said in _area_problems(view)]
    if rows:
        paper.table(fields, rows)
    else:
        paper.text("各项指标均已达标。" if zh else "Every indicator is reached.")
    asked = words.decision_words(view)
    if asked:
        paper.heading("提请研究事项" if zh else "For decision", 2)
        paper.bullets(asked)


def _area_problems(view: View) -> Iterable[tuple[str, str]]:
    """The gaps of the area rule under the bureaus the plan names for it."""
    lines = [
        f"{row[0]}{row[1]}：{row[4]} 个单元不达标，缺口 {row[9]} ㎡，计入在建后 {row[10]} ㎡"
        if view.language == "zh"
        else f"{row[0]} {row[1]}: {row[4]} units fail, gap {row[9]} m², {row[10]} m² after construction"
        for row in words.area_rows((u for u in view.assessment.units if u.official), view)
        if row[4] != "0"
    ]
    if lines:
        yield responsible_for("area_per_100_households", view), "\n".join(lines)


def _write_tasks(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    paper.text(
        "“进展”已按测算或填报的指标预填，可修改；其余各栏由责任单位填写。"
        if zh
        else "Progress is filled in from the indicators; the rest is for the bureaus."
    )
    picks = (
        Pick("number", 1.1, "center"),
        Pick("task", 3.8),
        Pick("goal_2023", 5.6),
        Pick("bureaus", 4.0),
        Pick("progress", 5.4),
        Pick("problems", 2.6),
        Pick("next_step", 2.6),
    )
    _put(paper, _table_of(ledger_form(view)), picks, view)


def _write_definitions(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    paper.text(
        "“以内”“不超过”含等于，“不低于”“以上”“达到”含等于，“超过”不含等于；应配面积按户数比例计算，"
        "不足百户不进位；面积为建筑面积；达标、不达标之外，材料未到阶段为“待核”，"
        "缺材料为“数据缺失”，不作结论。"
        if zh
        else "Within and at least include equal, beyond does not; required area is pro rata;"
        " areas are gross floor areas; what lacks evidence is unknown and gets no verdict."
    )
    picks = (
        Pick("meaning", 3.4),
        Pick("value", 2.6),
        Pick("unit", 1.5),
        Pick("changed", 1.2, "center"),
        Pick("clause", 1.9),
        Pick("note", 6.0),
    )
    group = "参数" if zh else "value"
    _put(paper, definition_table(view), picks, view, keep=lambda row: row["group"] == group)
    paper.note(
        "“说明”一栏有文字的为本工具的假定，政策原文未作规定。"
        if zh
        else "A value with a note is assumed: the document does not state it."
    )


def _write_sources(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    fields = (
        Field("图层" if zh else "layer", 2.6),
        Field("文件" if zh else "file", 5.6),
        Field("读入" if zh else "read", 1.3, "right"),
        Field("采用" if zh else "kept", 1.3, "right"),
        Field("未采用" if zh else "aside", 1.3, "right"),
        Field("坐标系" if zh else "CRS", 1.9),
        Field("SHA-256", 2.6),
    )
    table = source_table(view)
    at = {column.key: place for place, column in enumerate(table.columns)}
    keys = ("layer_name", "path", "rows_read", "rows_kept", "rows_set_aside", "crs")
    rows = [
        [*(_text(row[at[key]], view) for key in keys), str(row[at["sha256"]])[:_HASH_SHOWN]]
        for row in table.rows
    ]
    if rows:
        paper.table(fields, rows)
    paper.bullets(words.reported_words(view))
    paper.note(
        "SHA-256 取前 12 位；全部校验值和列名对照见电子表格“数据来源”。"
        if zh
        else 'First 12 digits of the SHA-256; all of them are in the sheet "sources".'
    )


def _write_missing(paper: Paper, view: View) -> None:
    zh = view.language == "zh"
    missing = words.missing_words(view)
    paper.heading("缺失数据" if zh else "Missing data", 2)
    if missing:
        _list(paper, missing, view, elsewhere=Words("数据缺失清单", "unknown"))
    else:
        paper.text("没有影响结论的缺失数据。" if zh else "Nothing is missing.")
    paper.heading("提示" if zh else "Remarks", 2)
    picks = (
        Pick("layer_name", 2.4),
        Pick("label", 3.6),
        Pick("detail", 8.0),
        Pick("rows", 2.6),
    )
    _put(paper, remark_table(view), picks, view)


_SECTIONS: tuple[tuple[Words, Callable[[Paper, View], None]], ...] = (
    (Words("总体情况", "Overview"), _write_overview),
    (Words("专题图", "Maps"), _write_maps),
    (Words("街道综合性养老服务中心", "Elder-care centres of the sub-districts"), _write_divisions),
    (Words("居住社区托育服务", "Childcare in residential communities"), _write_childcare),
    (Words("每百户养老、托育设施面积", "Floor area per 100 households"), _write_areas),
    (Words("新建住宅项目配建与“四同步”", "New housing and the four synchronisations"), _write_projects),
    (Words("步行可达（参考）", "Walking reach (advisory)"), _write_reach),
    (Words("按牵头单位的问题清单", "Problems by leading bureau"), _write_problems),
    (Words("重点任务完成情况", "Tasks"), _write_tasks),
    (Words("口径说明", "Definitions"), _write_definitions),
    (Words("数据来源", "Sources"), _write_sources),
    (Words("缺失数据与提示", "Missing data and remarks"), _write_missing),
)  # fmt: skip
