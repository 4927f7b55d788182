"""任务台账: the tasks of Annex 1 with what geoplan knows of their progress (``docs/method.md`` §5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geoplan.assess.model import Assessment, IndicatorResult
from geoplan.policy.model import Task
from geoplan.render.sheets.form import Form, Group, write_form
from geoplan.render.sheets.table import Column, Kind
from geoplan.render.sheets.workbook import Styles, workbook_for
from geoplan.render.wording.targets import target_text
from geoplan.render.wording.view import View, view_of
from geoplan.render.wording.words import shown_value
from geoplan.terms import Words, unit


@dataclass(frozen=True, slots=True)
class Line:
    """A task with the indicators that measure it."""

    number: int
    task: Task
    indicators: tuple[IndicatorResult, ...]


def write_ledger(assessment: Assessment, path: Path, *, language: str = "zh") -> None:
    """Write 台账: progress filled in where an indicator tells it, the rest for the bureaus."""
    view = view_of(assessment, language)
    with workbook_for(path, assessment) as book:
        write_form(book, ledger_form(view), assessment, styles=Styles(book), language=language)


def ledger_form(view: View) -> Form:
    """The ledger as the bureaus keep it."""
    assessment = view.assessment
    policy = assessment.standard.policy
    day = assessment.as_of.isoformat()
    return Form(
        name=Words("任务台账", "tasks"),
        title=Words(f"{policy.title}任务台账", f"{policy.title}: tasks"),
        groups=(
            Group(_task_columns(), Words("任务与目标", "task")),
            Group(_progress_columns(view), Words("进展（由责任单位填报）", "progress")),
        ),
        rows=_lines(assessment),
        header=(
            f"依据：{policy.document_no}        截至日期：{day}        填报单位：                    填报人："
            if view.language == "zh"
            else f"under {policy.document_no}        as of {day}        bureau:                    name:",
        ),
        notes=(
            Words(
                "“进展”已按测算或填报的指标预填，可修改；“完成情况”填：已完成、进行中、未启动、滞后。",
                "Progress is filled in from the indicators and may be changed; state: done, going on, not begun, late.",
            ).say(view.language),
        ),
        frozen=3,
    )


def _lines(assessment: Assessment) -> list[Line]:
    return [
        Line(
            task.number,
            task,
            tuple(each for each in assessment.indicators if each.indicator.task == task.number),
        )
        for task in assessment.standard.policy.tasks
    ]


def _task_columns() -> tuple[Column[Line], ...]:
    return (
        Column("number", Words("序号", "No."), lambda each: each.number, Kind.INTEGER, width=5),
        Column("category", Words("类别", "category"), lambda each: each.task.category, width=11),
        Column("task", Words("任务", "task"), lambda each: each.task.task, width=20),
        Column("goal_2021", Words("2021目标", "goal 2021"), lambda each: each.task.goal_2021, width=24),
        Column("goal_2023", Words("2023目标", "goal 2023"), lambda each: each.task.goal_2023, width=26),
        Column("measures", Words("具体措施", "measures"), lambda each: each.task.measures, width=56),
        Column("bureaus", Words("责任单位", "responsible"), lambda each: each.task.bureaus, width=20),
    )  # fmt: skip


def _progress_columns(view: View) -> tuple[Column[Line], ...]:
    return (
        Column("progress", Words("进展", "progress"), lambda each: _progress(each, view), width=34),
        Column("state", Words("完成情况", "state"), lambda _: None, width=10),
        Column("problems", Words("存在问题", "problems"), lambda _: None, width=14),
        Column("next_step", Words("下一步", "next"), lambda _: None, width=14),
        Column("evidence", Words("佐证材料", "evidence"), lambda _: None, width=12),
        Column("updated", Words("更新日期", "updated"), lambda each: _updated(each, view), Kind.DAY, width=11),
    )  # fmt: skip


def _progress(line: Line, view: View) -> str:
    said = [_indicator_words(each, view) for each in line.indicators if each.value is not None]
    return "\n".join(said)


def _indicator_words(result: IndicatorResult, view: View) -> str:
    indicator = result.indicator
    zh = view.language == "zh"
    words = unit(indicator.unit)
    value = shown_value(result, view.assessment.standard) + (words.zh if zh else f" {words.en}")
    provisional = ("，暂定值" if zh else ", provisional") if result.provisional else ""
    name = indicator.label_zh if zh else indicator.label_en
    target, verdict = target_text(indicator.target), view.verdict(result.verdict)
    if zh:
        return f"{name}：{value}（目标 {target}，{verdict}{provisional}）"
    return f"{name}: {value} (target {target}, {verdict}{provisional})"


def _updated(line: Line, view: View) -> date | None:
    known = any(each.value is not None for each in line.indicators)
    return view.assessment.as_of if known else None
