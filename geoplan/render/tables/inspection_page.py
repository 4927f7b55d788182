"""An inspection as one page of HTML without network: every table, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from geoplan.assess.checkup.inspection import Inspection
from geoplan.render.palette import VERDICT_COLORS
from geoplan.render.sheets.table import NUMBERS, Cell, Kind, Table
from geoplan.render.tables.inspection import inspection_tables
from geoplan.render.wording.open_ends import open_lines
from geoplan.render.wording.view import View
from geoplan.terms import Words

_STYLE = f"""
body {{ font: 15px/1.5 "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", sans-serif;
  color: #1f2933; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.15rem; margin-top: 2rem; }}
table {{ border-collapse: collapse; width: 100%; font-size: 13px; table-layout: fixed; }}
th, td {{ border: 1px solid #b8c0ca; padding: .3rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }}
th {{ background: #e7ecf2; position: sticky; top: 0; }}
td.number {{ text-align: right; }}
.bad {{ color: {VERDICT_COLORS["FAIL"]}; }} .good {{ color: {VERDICT_COLORS["PASS"]}; }}
@media print {{ body {{ margin: 0; max-width: none; }} th {{ position: static; }} }}
"""


def inspection_page(inspection: Inspection, view: View) -> str:
    """The page, the same bytes for the same inspection."""
    study = escape(inspection.assessment.study)
    title = Words("数据检查", "inspection").say(view.language)
    body = "".join(_body(inspection, view))
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if view.language == "zh" else "en"}">\n<head>\n'
        f'<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{study} {title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{study} {title}</h1>\n{body}</body>\n</html>\n"
    )


def _body(inspection: Inspection, view: View) -> Iterator[str]:
    count, open_ = len(inspection.problems), open_lines(inspection.assessment, view.language)
    if count:
        words = Words(
            f"有 {count} 项必须改正，改正前不能测算。", f"{count} to mend before assessing."
        )
    elif open_:
        words = Words("有的内容无法判断：", "Some of it cannot be judged:")
    else:
        words = Words("没有必须改正的问题。", "Nothing has to be mended before assessing.")
    day = inspection.assessment.as_of.isoformat()
    yield f"<p>{Words('截至', 'as of').say(view.language)} {day}</p>\n"
    yield f'<p class="{"bad" if count or open_ else "good"}">{words.say(view.language)}</p>\n'
    yield from (f"<p>{escape(line)}</p>\n" for line in open_)
    for table in inspection_tables(inspection, view):
        if table.rows:
            yield from _table(table.for_people(), view)


def _table(table: Table, view: View) -> Iterator[str]:
    yield f"<h2>{escape(view.say(table.title))} ({len(table.rows)})</h2>\n<table>\n"
    width = sum(column.width for column in table.columns)
    yield from (f'<col style="width:{column.width / width:.1%}">' for column in table.columns)
    yield "<thead><tr>"
    yield from (f"<th>{escape(view.say(column.heading))}</th>" for column in table.columns)
    yield "</tr></thead>\n<tbody>\n"
    for row in table.rows:
        cells = (
            f"<td{' class=number' if column.kind in _RIGHT else ''}>{escape(_text(cell, view))}</td>"
            for cell, column in zip(row, table.columns, strict=True)
        )
        yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody>\n</table>\n"


_RIGHT = NUMBERS | {Kind.INTEGER}


def _text(cell: Cell, view: View) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return (Words("是", "yes") if cell else Words("否", "no")).say(view.language)
    return "、".join(cell) if isinstance(cell, tuple) else str(cell)
