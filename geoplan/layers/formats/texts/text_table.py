"""Text to rows of cells: separators, quotes, ends of line.

Belongs here: how a text table is written, and counting its records. Does not belong here: encodings
(``encodings.py``), rows that do not fit their heading (``text_faults.py``), or what a row means.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from geoplan.errors import DataError, Problem
from geoplan.layers.formats.bounds import check_rows
from geoplan.layers.formats.grid import Heading, Row, find_heading, is_said, padded
from geoplan.layers.formats.texts.encodings import cut_off
from geoplan.layers.formats.texts.text_faults import (
    Dialect,
    Record,
    length_problems,
    quote_problems,
    stray_quote,
    without_quoted,
)
from geoplan.layers.formats.vectors.vector import unreadable
from geoplan.layers.tables.headings import count_hits
from geoplan.layers.tables.side_notes import is_beside_data
from geoplan.study import LayerFile
from geoplan.terms import Words

SEPARATORS = ",;\t|；，"
_MOST_CELL = 10_000_000
_SAMPLE, _SAMPLE_ROWS = 20_000, 40


def rows_of_text(text: str, file: LayerFile, where: str) -> list[Row]:
    """The rows of a text table, one a record.

    Raises
    ------
    DataError
        rows are longer or shorter than their heading, a quote is never closed or closed in the
        wrong row, the file is cut off; with every row that is in doubt.
    """
    csv.field_size_limit(_MOST_CELL)
    dialect = dialect_of(text, file)
    lines = list(io.StringIO(text, newline=""))
    records = _records(lines, dialect, where)
    rows: list[Row] = [list(record.cells) for record in records]
    check_rows(rows, where)
    first = next((at for at, row in enumerate(rows) if any(map(is_said, row))), 0)
    head = padded(rows[: first + _SAMPLE_ROWS])
    heading = find_heading(head, (), layer=file.layer, override=file.columns)
    if _is_cut(records, heading, text):
        raise cut_off(where)
    counted = count_records(lines, dialect)
    problems = [
        *quote_problems(records, heading, dialect, where),
        *length_problems(records, heading, dialect, where),
    ]
    if not problems and counted != sum(any(map(is_said, row)) for row in rows):
        problems.append(_miscounted(counted, rows, where))
    if problems:
        raise DataError(problems)
    return rows


def dialect_of(text: str, file: LayerFile) -> Dialect:
    r"""What study.toml says; else the separator under which most headings are known.

    Of several with as many, the one under which the rows are most alike: a ``;`` inside quoted
    cells separates nothing.

    Examples
    --------
    >>> from pathlib import Path
    >>> text = '设施编号,服务功能\nF1,"全托;日托;助餐"\nF2,"日托;助餐;助浴"\n'
    >>> dialect_of(text, LayerFile("facilities", Path("a.csv"))).separator
    ','
    """
    quote = '"' if file.quote is None else file.quote
    if file.separator is not None:
        return Dialect(file.separator, quote)
    sample = text[:_SAMPLE] if len(text) <= _SAMPLE else text[: text.rfind("\n", 0, _SAMPLE) + 1]
    lines = list(io.StringIO(sample or text[:_SAMPLE], newline=""))
    known = [Dialect(separator, quote) for separator in SEPARATORS]
    return max(known, key=lambda dialect: _fitness(lines, dialect, file))


def _fitness(lines: Sequence[str], dialect: Dialect, file: LayerFile) -> tuple[float, ...]:
    try:
        found = [list(row) for row in dialect.reader(lines, is_strict=False)]
    except csv.Error:
        return (0, 0, 0)
    rows: list[Row] = [list(row) for row in found if any(map(is_said, row))][:_SAMPLE_ROWS]
    if not rows:
        return (0, 0, 0)
    heading = find_heading(padded(rows), (), layer=file.layer, override=file.columns)
    hits = count_hits(heading.names, file.layer, file.columns)
    width, often = Counter(map(len, rows)).most_common(1)[0]
    return (hits, often / len(rows) if width > 1 else 0, width)


def _records(lines: Sequence[str], dialect: Dialect, where: str) -> list[Record]:
    reader = dialect.reader(lines, is_strict=True)
    records: list[Record] = []
    before = 0
    try:
        for cells in reader:
            records.append(Record(before + 1, lines[before : reader.line_num], cells))
            before = reader.line_num
    except csv.Error as fault:
        if "limit" in str(fault):
            raise unreadable(where, fault) from fault
        raise DataError(stray_quote([before + 1], dialect, where)) from fault
    return records


def count_records(lines: Sequence[str], dialect: Dialect) -> int:
    r"""How many records say anything, counted without the reader that splits them into cells.

    A line is a record of its own unless a quote is open at its end.

    Examples
    --------
    >>> count_records(["a,b\n", '1,"x\n', 'y"\n', ",\n"], Dialect(",", '"'))
    2
    """
    count, pending = 0, ""
    for line in lines:
        text = pending + line.rstrip("\r\n")
        pending = f"{text}\n" if _is_open(text, dialect) else ""
        count += bool(not pending and _is_record(text, dialect))
    return count + bool(pending)


def _is_open(text: str, dialect: Dialect) -> bool:
    """Whether a quoted cell goes on beyond the end of the text."""
    if not dialect.quote or dialect.quote not in text:
        return False
    rest = without_quoted(text, dialect)
    start = re.escape(dialect.quote)
    return re.search(f"(?:^|{re.escape(dialect.separator)}){start}", rest) is not None


def _is_record(text: str, dialect: Dialect) -> bool:
    bare = text.replace(dialect.separator, " ")
    return bool((bare.replace(dialect.quote, " ") if dialect.quote else bare).strip())


def _is_cut(records: Sequence[Record], heading: Heading, text: str) -> bool:
    """Whether the last row stops short of the others, without an end of line."""
    if text.endswith(("\n", "\r")) or len(records) <= heading.end + 1:
        return False
    last = records[-1].cells
    if len(last) == 1 and is_beside_data(last[0]):
        return False
    return len(last) < min(len(records[-2].cells), max(len(each.cells) for each in records))


def _miscounted(counted: int, rows: Sequence[Row], where: str) -> Problem:
    found = sum(any(map(is_said, row)) for row in rows)
    return Problem(
        where,
        Words(
            f"文本有 {counted} 条记录，却读出 {found} 行",
            f"the text holds {counted} records, but {found} rows were read",
        ),
        Words(
            "请检查引号和换行，或另存为 .xlsx。",
            "Check its quotes and ends of lines, or save it as .xlsx.",
        ),
    )
