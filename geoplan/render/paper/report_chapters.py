"""The chapters of the report on what was judged: indicators, maps, 街道, childcare, areas, walking, projects."""

from __future__ import annotations

from collections.abc import Sequence

from geoplan.assess.absence import AREA_RULE
from geoplan.assess.model import IndicatorResult, ProjectResult, ReachRow
from geoplan.numbers import number_text, plain_text
from geoplan.render.forms.unit_lists import community_form, division_form
from geoplan.render.paper import report_words as words
from geoplan.render.paper.report_parts import (
    ROWS_AT_MOST,
    Pick,
    _say_more,
    put_list,
    put_table,
    table_of,
    verdict_ink,
    write_result,
)
from geoplan.render.paper.word_document import Field, Ink, Paper
from geoplan.render.pictures.fonts import font_remark
from geoplan.render.pictures.picture import draw_picture, picture_themes
from geoplan.render.tables.inventory import unit_table
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.rules import rates_in_words
from geoplan.render.wording.targets import target_text
from geoplan.render.wording.view import View
from geoplan.render.wording.walking import headlines, kind_word, percent
from geoplan.render.wording.words import VERDICT_MARKS
from geoplan.terms import Verdict, Words

_CAPTIONS = {
    "jiedao_elder_center_coverage": Words(
        "街道综合性养老服务中心覆盖情况", "Elder-care centres of the sub-districts"
    ),
    "rc_childcare_coverage": Words(
        "居住社区托育服务覆盖情况", "Childcare in residential communities"
    ),
}
_PARTS = ("area_elder", "area_childcare", "sync_plan", "sync_build", "sync_accept", "sync_deliver")


def write_overview(paper: Paper, view: View) -> None:
    """Every indicator in a line, and the tallies."""
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
        verdict_ink(result.verdict, verdict),
    ]


def write_maps(paper: Paper, view: View) -> None:
    """The themes as pictures, with captions."""
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


def _caption(theme: str, view: View) -> str:
    """What a picture shows; themes of areas are called ``community_elder_ratio``."""
    if theme in _CAPTIONS:
        return view.say(_CAPTIONS[theme])
    level, kind, _ = theme.split("_")
    care, of_level = view.label("kind", kind), view.label("level", level)
    if view.language == "zh":
        return f"{care}设施面积达标率（按{of_level}）"
    return f"{care}: area provided of area required, by {of_level}"


def write_divisions(paper: Paper, view: View) -> None:
    """Each 街道 and its centre."""
    result = view.assessment.of_measure("jiedao_elder_center_coverage")
    write_result(paper, result, view)
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
    put_table(paper, table_of(division_form(view)), picks, view)


def write_childcare(paper: Paper, view: View) -> None:
    """Each residential community and its childcare."""
    write_result(paper, view.assessment.of_measure("rc_childcare_coverage"), view)
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
    put_table(paper, table_of(form), picks, view)
    for note in form.notes:
        paper.note(note)
    advice = words.size_advice(view)
    if advice:
        paper.heading(
            "规模调整建议" if view.language == "zh" else "Communities to split or merge", 2
        )
        put_list(paper, advice, view, elsewhere=Words("覆盖情况", "coverage"))


def write_areas(paper: Paper, view: View) -> None:
    """The area rule: sums, then the units that fall short."""
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
    put_table(
        paper,
        unit_table(view),
        picks,
        view,
        keep=lambda row: row["official"] is True and row["verdict"] in poor,
    )


def write_reach(paper: Paper, view: View) -> None:
    """Shares of people within reach on foot. Advisory."""
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


def write_projects(paper: Paper, view: View) -> None:
    """New housing: verdicts, tests, early warnings."""
    zh = view.language == "zh"
    result = view.assessment.of_measure("new_compound_compliance")
    write_result(paper, result, view)
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
                verdict_ink(each.verdict, view.verdict(each.verdict)),
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
    if len(projects) <= ROWS_AT_MOST:
        return projects
    poor = {Verdict.FAIL, Verdict.UNKNOWN}
    return sorted(projects, key=lambda each: each.verdict not in poor)[:ROWS_AT_MOST]


def _mark(verdict: Verdict) -> Ink:
    return verdict_ink(verdict, VERDICT_MARKS[verdict])
