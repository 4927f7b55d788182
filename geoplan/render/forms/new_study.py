"""A new study: its study.toml and empty tables with the right headings.

Belongs here: writing them. Which columns there are is in ``template_columns.py``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from math import ceil
from pathlib import Path
from typing import Any

from geoplan.errors import Problem, StudyError
from geoplan.render.fileset.staging import whole_folder, write_whole
from geoplan.render.forms.new_study_columns import TABLES, TemplateColumn, template_columns
from geoplan.render.sheets.workbook import Styles
from geoplan.terms import Words, terms

_LINE_POINTS = 15  # of a row of text
_ROWS = 5000  # that get a list to choose from
_NEEDED_BLUE = "#CFE2F3"
_MOST_TITLE, _MOST_NOTE = 32, 255  # of Excel's input messages
_CHOICES, _NOTES = Words("选项", "choices"), Words("说明", "notes")


def write_new_study(folder: Path, *, policy: str, as_of: date, language: str) -> list[Path]:
    """A study to fill in; nothing is written where any of its files is there already.

    Raises
    ------
    StudyError
        a file of that name exists, or the folder cannot be written.
    """
    data = folder / "data"
    paths = [folder / "study.toml", *(data / f"{layer}.xlsx" for layer in TABLES)]
    there = [path for path in paths if path.exists()]
    if there:
        raise StudyError([_is_there(path) for path in there])
    with whole_folder(data) as staging:
        for layer in TABLES:
            _write_book(staging / f"{layer}.xlsx", layer, as_of, language)
    write_whole(paths[0], study_text(folder, policy, as_of, language).encode("utf-8"))
    return paths


def _is_there(path: Path) -> Problem:
    return Problem(
        str(path),
        Words("已经存在，没有写出任何文件", "is there already; nothing was written"),
        Words("请换一个空文件夹。", "Name an empty folder."),
    )


def study_text(folder: Path, policy: str, as_of: date, language: str) -> str:
    """The study.toml, with a comment in the language for every line a user may want."""
    say = {
        "head": Words("由 geoplan init 生成。路径相对于本文件。", "Made by geoplan init. Paths are relative to this file."),
        "layers": Words(
            "逐表填写；用不到的图层整行删去。有边界图（GPKG、SHP 等）时把路径换成该文件。",
            "Fill in the tables; delete the lines of layers you do not have. "
            "Where there are boundaries (GPKG, SHP and so on) name that file instead.",
        ),
        "crs": Words(
            '表中有经纬度时在该行加上坐标系，例如 crs = "EPSG:4490"、"GCJ-02" 或 "WGS84"。',
            'Where a table has longitudes, say their CRS, such as crs = "EPSG:4490", "GCJ-02" or "WGS84".',
        ),
        "aliases": Words("地名的其他写法 = 图层中的名称或编号", "other name of a place = its name or id in the layers"),
        "values": Words("需要时改变政策中的单个参数", "change single values of the policy where needed"),
    }  # fmt: skip
    told = {key: f"# {words.say(language)}" for key, words in say.items()}
    lines = [
        told["head"],
        "[study]",
        f"name = {_quoted(folder.resolve().name)}",
        f"policy = {_quoted(policy)}",
        f"as_of = {as_of.isoformat()}",
        f"language = {_quoted(language)}",
        "",
        "[layers]",
        told["layers"],
        told["crs"],
        *(
            f'{layer} = {{ path = "data/{layer}.xlsx", sheet = {_quoted(_sheet(layer))} }}'
            for layer in TABLES
        ),
        "",
        "[policy_values]",
        told["values"],
        "# persons_per_household = 3.0",
        "",
        "[aliases]",
        told["aliases"],
        '# "太平镇" = "太平街道"',
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A TOML string, which is written like one of JSON."""
    return json.dumps(text, ensure_ascii=False)


def _sheet(layer: str) -> str:
    return terms("layer")[layer].zh


def _write_book(path: Path, layer: str, as_of: date, language: str) -> None:
    """The table, for projects their phases, what each column means, and the lists to choose from."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime.combine(as_of, time())})
        styles = Styles(book)
        layers = (layer, "phases") if layer == "projects" else (layer,)
        sheets = [(each, book.add_worksheet(_sheet(each))) for each in layers]
        notes = book.add_worksheet(_NOTES.say(language))
        choices = book.add_worksheet(_CHOICES.say(language))
        choices.hide()
        row, taken = 1, 0
        for each, sheet in sheets:
            columns = template_columns(each)
            _write_head(sheet, columns, styles)
            taken = _write_choices(sheet, choices, columns, taken, language)
            row = _write_notes(notes, columns, styles, row, language)
        _write_note_head(notes, styles, language)


def _write_head(sheet: Any, columns: Sequence[TemplateColumn], styles: Styles) -> None:
    for at, column in enumerate(columns):
        needed = {"bg_color": _NEEDED_BLUE} if column.is_needed else {}
        look = {"bold": True, "text_wrap": True, "align": "center", **needed}
        # Text, so that Excel keeps the leading noughts of codes and all 18 places of long ones.
        body = styles.get() if column.is_number else styles.get(num_format="@")
        sheet.set_column(at, at, max(12, 2 * len(column.heading) + 2), body)
        sheet.write_string(0, at, column.heading, styles.get(**look))
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()


def _write_choices(
    sheet: Any, choices: Any, columns: Sequence[TemplateColumn], taken: int, language: str
) -> int:
    """The input message of every column, and its list on the sheet of lists."""
    for at, column in enumerate(columns):
        told = {
            "input_title": column.heading[:_MOST_TITLE],
            "input_message": _note(column, language)[:_MOST_NOTE],
        }
        rule: dict[str, object] = {"validate": "any"}
        if column.choices:
            choices.write_column(0, taken, column.choices)
            rule = {
                "validate": "list",
                "source": _range(choices.get_name(), taken, len(column.choices)),
                "error_type": "warning",  # several words may stand in one cell
            }
            taken += 1
        sheet.data_validation(1, at, _ROWS, at, {**rule, **told})
    return taken


def _range(sheet: str, column: int, size: int) -> str:
    from xlsxwriter.utility import xl_range_abs

    return f"='{sheet}'!{xl_range_abs(0, column, size - 1, column)}"


def _note(column: TemplateColumn, language: str) -> str:
    unknown = Words("不详留空。", " Blank when unknown.").say(language)
    must = Words("必填。", "Needed. ").say(language)
    told = column.note.say(language)
    return f"{must}{told}" if column.is_needed else f"{told}{unknown}"


_NOTE_HEAD = (
    (Words("列", "column"), 30),
    (Words("字段", "field"), 26),
    (Words("怎样填写", "how to fill it in"), 70),
    (Words("可选的词", "words to choose from"), 70),
)


def _write_note_head(notes: Any, styles: Styles, language: str) -> None:
    for at, (words, width) in enumerate(_NOTE_HEAD):
        notes.set_column(at, at, width)
        notes.write_string(0, at, words.say(language), styles.heading())
    notes.freeze_panes(1, 0)
    notes.set_landscape()
    notes.fit_to_pages(1, 0)


def _write_notes(
    notes: Any, columns: Sequence[TemplateColumn], styles: Styles, row: int, language: str
) -> int:
    style = styles.get(text_wrap=True)
    for column in columns:
        cells = (column.heading, column.field, _note(column, language), "、".join(column.choices))
        widths = [width for _, width in _NOTE_HEAD]
        lines = max(ceil(2 * len(cell) / width) for cell, width in zip(cells, widths, strict=True))
        notes.set_row(row, _LINE_POINTS * lines)
        for at, cell in enumerate(cells):
            notes.write_string(row, at, cell, style)
        row += 1
    return row
