"""The half-yearly and yearly report as a Word document (``docs/method.md`` §5.2).

Everything is read off the assessment: the same tables as in the spreadsheets, fewer columns.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from geoplan.assess.model import Assessment
from geoplan.render.fileset.staging import write_whole
from geoplan.render.paper import report_words as words
from geoplan.render.paper.report_chapters import (
    write_areas,
    write_childcare,
    write_divisions,
    write_maps,
    write_overview,
    write_projects,
    write_reach,
)
from geoplan.render.paper.report_closing import (
    write_definitions,
    write_missing,
    write_problems,
    write_sources,
    write_tasks,
)
from geoplan.render.paper.word_document import Paper
from geoplan.render.wording.view import View, view_of
from geoplan.terms import Words

_CHAPTERS = "一二三四五六七八九十"


def write_report(assessment: Assessment, path: Path, *, language: str = "zh") -> None:
    """Write the report; the same bytes for the same assessment."""
    write_whole(path, report_content(assessment, language=language))


def report_content(assessment: Assessment, *, language: str = "zh") -> bytes:
    """The report as the bytes of a .docx file."""
    view = view_of(assessment, language)
    paper = Paper(words.title_words(view), assessment.as_of, language=language)
    _write_head(paper, view)
    for number, (heading, write) in enumerate(_SECTIONS):
        if write is write_tasks:
            paper.turn(across=True)
        paper.heading(_numbered(number, view.say(heading), language))
        write(paper, view)
        if write is write_tasks:
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


_SECTIONS: tuple[tuple[Words, Callable[[Paper, View], None]], ...] = (
    (Words("总体情况", "Overview"), write_overview),
    (Words("专题图", "Maps"), write_maps),
    (Words("街道综合性养老服务中心", "Elder-care centres of the sub-districts"), write_divisions),
    (Words("居住社区托育服务", "Childcare in residential communities"), write_childcare),
    (Words("每百户养老、托育设施面积", "Floor area per 100 households"), write_areas),
    (Words("新建住宅项目配建与“四同步”", "New housing and the four synchronisations"), write_projects),
    (Words("步行可达（参考）", "Walking reach (advisory)"), write_reach),
    (Words("按牵头单位的问题清单", "Problems by leading bureau"), write_problems),
    (Words("重点任务完成情况", "Tasks"), write_tasks),
    (Words("口径说明", "Definitions"), write_definitions),
    (Words("数据来源", "Sources"), write_sources),
    (Words("缺失数据与提示", "Missing data and remarks"), write_missing),
)  # fmt: skip
