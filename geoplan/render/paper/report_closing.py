"""The chapters that close the report: problems, tasks, definitions, sources, what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from geoplan.render.forms.task_ledger import ledger_form
from geoplan.render.paper import report_words as words
from geoplan.render.paper.report_parts import (
    Pick,
    put_list,
    put_table,
    shown_text,
    table_of,
)
from geoplan.render.paper.word_document import Field, Paper
from geoplan.render.tables.indicators import definition_table
from geoplan.render.tables.sources import remark_table, source_table
from geoplan.render.wording.rules import responsible_for
from geoplan.render.wording.view import View
from geoplan.terms import Words

_HASH_SHOWN = 12


def write_problems(paper: Paper, view: View) -> None:
    """What each leading bureau has to settle."""
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


def write_tasks(paper: Paper, view: View) -> None:
    """The tasks of the plan with what is known of them."""
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
    put_table(paper, table_of(ledger_form(view)), picks, view)


def write_definitions(paper: Paper, view: View) -> None:
    """The values used, each with its sentence."""
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
    put_table(paper, definition_table(view), picks, view, keep=lambda row: row["group"] == group)
    paper.note(
        "“说明”一栏有文字的为本工具的假定，政策原文未作规定。"
        if zh
        else "A value with a note is assumed: the document does not state it."
    )


def write_sources(paper: Paper, view: View) -> None:
    """The files read, with their checksums and rows."""
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
        [*(shown_text(row[at[key]], view) for key in keys), str(row[at["sha256"]])[:_HASH_SHOWN]]
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


def write_missing(paper: Paper, view: View) -> None:
    """What was missing or remarked."""
    zh = view.language == "zh"
    missing = words.missing_words(view)
    paper.heading("缺失数据" if zh else "Missing data", 2)
    if missing:
        put_list(paper, missing, view, elsewhere=Words("数据缺失清单", "unknown"))
    else:
        paper.text("没有影响结论的缺失数据。" if zh else "Nothing is missing.")
    paper.heading("提示" if zh else "Remarks", 2)
    picks = (
        Pick("layer_name", 2.4),
        Pick("label", 3.6),
        Pick("detail", 8.0),
        Pick("rows", 2.6),
    )
    put_table(paper, remark_table(view), picks, view)
