"""Cells that hold more text than a cell of their column can.

Belongs here: how long is too long, and the problem that says so. Does not belong here: what a cell
means.

A name of a hundred thousand letters is a quote that nobody closed, or is meant to keep whoever
compares it busy: looking for the name it is most like takes its length squared.
"""

from __future__ import annotations

from collections.abc import Iterator

from geoplan.errors import Problem
from geoplan.layers.raw_table import RawTable, listing
from geoplan.layers.tables.headings import Matched
from geoplan.terms import Words

_LONGEST = 1_000  # characters of a name, a code, a number, a day
_LONGEST_LIST = 32_767  # of a list, as long as a cell of Excel can be
_LISTS = frozenset({"serves", "allocations", "functions", "modes"})
_FREE = frozenset({"note"})


def overlong_cells(raw: RawTable, matched: Matched) -> Iterator[Problem]:
    """A problem for every column with cells that are too long."""
    for field, column in matched.columns.items():
        most = _LONGEST_LIST if field in _LISTS else _LONGEST
        cells = raw.columns[column]
        if field in _FREE or not (isinstance(cells, list) or cells.dtype == object):
            continue
        rows = [
            int(raw.rows[at])
            for at, cell in enumerate(cells)
            if isinstance(cell, str) and len(cell) > most
        ]
        if rows:
            yield _too_long(raw, raw.headings[column], rows, most)


def _too_long(raw: RawTable, heading: str, rows: list[int], most: int) -> Problem:
    return Problem(
        raw.where,
        Words(
            f"“{heading}”列第 {listing(rows)} 行的文字超过 {most:,} 个字",
            f'column "{heading}", rows {listing(rows)}: texts of more than {most:,} characters',
        ),
        Words(
            "请检查引号是否成对、内容是否粘贴错列。",
            "Check that quotes are closed and that nothing was pasted into the wrong column.",
        ),
    )
