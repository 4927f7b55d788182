"""Rows that caption a table and are none of its records: headings again, titles, notes, blanks.

Belongs here: telling them by what they say and where they stand. Does not belong here: rows with
numbers (``totals.py``, ``subdivisions.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from geoplan.layers.contracts import CONTRACTS, parser_of
from geoplan.layers.formats.grid import is_furniture
from geoplan.layers.rows.table_rows import CODED, TableRows, note_cells, says_nothing
from geoplan.layers.tables import side_notes as aside
from geoplan.layers.tables.amounts import read_count
from geoplan.layers.tables.headings import normal_heading, without_unit
from geoplan.layers.tables.units import is_unit
from geoplan.terms import Words

_MAKERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"phases": ("project_id",), "reported": ("indicator_id", "as_of")}
)
_BEFORE = " \u3000\t*"  # what may stand before the words of a heading
_HAN = re.compile(r"[\u3400-\u9fff]")


def headings_again(rows: TableRows) -> list[int]:
    """Rows whose cells are for the most part their own headings, and the units below them."""
    hits: dict[int, int] = {}
    for cells, heading in zip(rows.columns, rows.raw.headings, strict=True):
        forms = _forms(heading)
        starts = {form[0] for form in forms} | {part[0] for part in heading.split("/") if part}
        for text in {cell for cell in cells if isinstance(cell, str)} if forms else ():
            if text.lstrip(_BEFORE)[:1].casefold() not in starts:
                continue
            if without_unit(normal_heading(text)) in forms:
                for at, cell in enumerate(cells):
                    hits[at] = hits.get(at, 0) + (cell == text)
    found = []
    for at, count in sorted(hits.items()):
        said = len(rows.said(at)) if count else 0
        if count and count * 2 >= said and (count > 1 or said == 1):
            found.append(at)
    return [*found, *(at for at in rows.bare if _is_unit_row(rows, at)), *_below(rows, found)]


def _below(rows: TableRows, found: Sequence[int]) -> Iterator[int]:
    """Rows of units and of column numbers right under a repeated heading."""
    for at in found:
        below = at + 1
        while below < rows.size and (_is_unit_row(rows, below) or is_furniture(_row(rows, below))):
            yield below
            below += 1


def _forms(heading: str) -> set[str]:
    """The heading as its rows may repeat it."""
    texts = (heading, *heading.split("/"))
    return {form for text in texts if (form := without_unit(normal_heading(text)))}


def _row(rows: TableRows, at: int) -> list[object]:
    return [cells[at] for cells in rows.columns]


def _is_unit_row(rows: TableRows, at: int) -> bool:
    said = [rows.columns[column][at] for column in rows.said(at)]
    return bool(said) and all(
        isinstance(cell, str) and is_unit(normal_heading(cell).strip("()")) for cell in said
    )


def notes(rows: TableRows) -> list[int]:
    """Rows whose first cell is a note and that have nothing of their own."""
    found = set()
    for column, cells in enumerate(rows.columns):
        for at in note_cells(cells):
            is_free = rows.is_bare(at) or column in rows.naming
            if is_free and rows.said(at)[:1] == [column]:
                found.add(at)
    return sorted(found)


def alone(rows: TableRows) -> list[tuple[int, int]]:
    """Rows that say one thing, with its column."""
    once: dict[int, int] = {}
    never = set(range(rows.size))
    for column, cells in enumerate(rows.columns):
        for at in [at for at in once if not says_nothing(cells[at])]:
            del once[at]
        new = {at for at in never if not says_nothing(cells[at])}
        never -= new
        once |= dict.fromkeys(new, column)
        if not once and not never:
            break
    return sorted(item for item in once.items() if item[0] not in rows.kept)


def judge_alone(rows: TableRows, at: int, column: int) -> None:
    """Decide on a row that says one thing: a note, a title, or nobody knows."""
    cell = rows.columns[column][at]
    is_placed = rows.raw.geometry is not None and rows.raw.geometry[at] is not None
    if not rows.is_open(at) or is_placed or not isinstance(cell, str) or len(rows.columns) == 1:
        return
    if rows.kinds.get(at) and rows.kinds[at][column] != aside.MAYBE_PART:
        return  # a total without its numbers is judged with the totals
    is_banner = at in rows.raw.banners
    after_note = rows.verdicts.get(at - 1) == "FOOTNOTE"
    if aside.is_sentence(cell) or (after_note and (is_banner or column == 0)):
        rows.verdicts[at] = "FOOTNOTE"
    elif is_banner or aside.is_title(cell):
        rows.verdicts[at] = "SECTION_TITLE"
    else:
        _judge_name_alone(rows, at, column, cell)


def _judge_name_alone(rows: TableRows, at: int, column: int, cell: str) -> None:
    """A row that is one name, with nothing in the name that says what it is."""
    id_column = rows.fields.get(CONTRACTS[rows.layer].id_field)
    has_ids = id_column in rows.own
    if read_count(cell)[0] is not None:
        return
    is_place = aside.is_place(cell) and rows.layer != "divisions"
    is_named = column == rows.fields.get("name")
    if column == id_column:
        is_title = is_place or not _is_like_ids(rows, at, cell)
    else:
        is_title = is_place or (not is_named and rows.is_bare(at))
    if is_title:
        rows.verdicts[at] = "SECTION_TITLE"
    elif is_named and column != id_column and has_ids and rows.layer not in CODED:
        rows.asked[at] = Words("只有一个名称，像标题又像记录", "is a name and nothing else")


def _is_like_ids(rows: TableRows, at: int, cell: str) -> bool:
    """Whether an id looks like the others, which have no Chinese characters or nearly all have."""
    if not _HAN.search(cell):
        return True
    column = rows.fields[CONTRACTS[rows.layer].id_field]
    others = [text for row, text in enumerate(rows.columns[column]) if row != at]
    named = sum(isinstance(text, str) and bool(_HAN.search(text)) for text in others)
    return named * 2 >= len(others)


def empty(rows: TableRows) -> list[int]:
    """Rows in which no column that is read says anything."""
    blank = set(range(rows.size))
    for column in dict.fromkeys(rows.fields.values()):
        blank = {at for at in blank if says_nothing(rows.columns[column][at])}
    if rows.raw.geometry is not None:
        blank = {at for at in blank if rows.raw.geometry[at] is None}
    return sorted(at for at in blank if at not in rows.kinds)


def incomplete(rows: TableRows) -> list[int]:
    """Rows that lack what makes one: a phase's project, a reported value's day."""
    lost: set[int] = set()
    for key in _MAKERS.get(rows.layer, ()):
        parse, cells = parser_of(key), rows.columns[rows.fields[key]]
        lost |= {at for at, cell in enumerate(cells) if parse(cell)[0] is None}
    return sorted(at for at in lost if at not in rows.kinds)
