"""Parts of the report: tables with their columns picked, lists, an indicator in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from geoplan.assess.model import IndicatorResult
from geoplan.render.palette import VERDICT_COLORS
from geoplan.render.paper import report_words as words
from geoplan.render.paper.word_document import Field, Ink, Paper
from geoplan.render.sheets.form import Form
from geoplan.render.sheets.table import Cell, Kind, Table, build_table
from geoplan.render.wording.view import View
from geoplan.terms import Verdict, Words

ROWS_AT_MOST = 80
# Words of rows that come first where there is no room for all.
_POOR = frozenset({"不达标", "fail", "未覆盖", "not covered", "数据缺失", "unknown (data missing)"})


@dataclass(frozen=True, slots=True)
class Pick:
    """A column of a table shown in the report, with its width in cm; another heading if too long."""

    key: str
    width_cm: float
    align: str = "left"
    heading: Words | None = None


def put_table(
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
    if len(rows) > ROWS_AT_MOST:
        rows.sort(key=lambda row: _POOR.isdisjoint(each for each in row if isinstance(each, str)))
    shown = rows[:ROWS_AT_MOST]
    paper.table(
        fields,
        [[_ink(row[at], table.columns[at].kind, view) for at in places] for row in shown],
    )
    _say_more(paper, len(rows), view, elsewhere=table.title)


def put_list(paper: Paper, texts: Sequence[str], view: View, *, elsewhere: Words) -> None:
    """The first texts as a list, and where the others are."""
    paper.bullets(texts[:ROWS_AT_MOST])
    _say_more(paper, len(texts), view, elsewhere=elsewhere)


def _say_more(paper: Paper, count: int, view: View, *, elsewhere: Words) -> None:
    """In which sheet the lines stand that there is no room for."""
    if count > ROWS_AT_MOST:
        name = view.say(elsewhere)
        paper.note(
            f"共 {count} 条，此处列出前 {ROWS_AT_MOST} 条，其余见电子表格“{name}”。"
            if view.language == "zh"
            else f'{count} lines; the first {ROWS_AT_MOST} are here, all in the sheet "{name}".'
        )


def table_of(form: Form) -> Table:
    """The rows of a form as a table."""
    return build_table("form", form.name, columns=form.columns, rows=form.rows)


def _ink(cell: Cell, kind: Kind, view: View) -> str | Ink:
    text = shown_text(cell, view)
    if kind is Kind.VERDICT:
        for each in Verdict:
            if text == view.verdict(each):
                return verdict_ink(each, text)
    return text


def verdict_ink(verdict: Verdict, text: str) -> Ink:
    """Words in the colour of a verdict."""
    return Ink(text, VERDICT_COLORS[verdict.value].removeprefix("#").upper())


def shown_text(cell: Cell, view: View) -> str:
    """A cell as text."""
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


def write_result(paper: Paper, result: IndicatorResult | None, view: View) -> None:
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
