"""Rows of a text table that do not fit: stray quotes, quotes over rows, too many or too few cells.

Belongs here: finding them and naming them. Does not belong here: splitting a text into rows
(``text_table.py``), or what a row means.

A row that is longer or shorter than its heading has its cells under the wrong names. Nothing in
the file says which ones, so such a file is refused with the rows named, never guessed at.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from geoplan.errors import Problem
from geoplan.layers.formats.grid import Heading, is_said
from geoplan.layers.raw_table import listing
from geoplan.layers.tables.side_notes import is_beside_data, is_note, is_place
from geoplan.terms import Words

_PART_OF_THOUSANDS = re.compile(r"\s*[+-]?\d{1,3}\s*")
_THOUSANDS = re.compile(r"\s*\d{3}(?:\.\d+)?\s*")
_WORD = re.compile(r"[^\W\d_]")
_SECONDS = re.compile(
    r"[\s\d.°º度'′’分NSEW东经西南北纬:+-]*\d\s*"
)  # 107°21'12" needs no second quote


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written; an empty ``quote`` is none."""

    separator: str
    quote: str

    def reader(self, lines: Sequence[str], *, is_strict: bool) -> Any:
        """The records of some lines, one after the other; strict about quotes or not."""
        return csv.reader(
            lines,
            delimiter=self.separator,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            strict=is_strict,
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A record with the lines of the text that it was read from, the first numbered from 1."""

    line: int
    lines: Sequence[str]
    cells: list[str]


def without_quoted(text: str, dialect: Dialect) -> str:
    """The text with every properly quoted cell emptied."""
    mark, separator = re.escape(dialect.quote), re.escape(dialect.separator)
    quoted = rf"(^|{separator}){mark}(?:[^{mark}]|{mark}{mark})*{mark}(?={separator}|$)"
    return re.sub(quoted, r"\1", text)


def quote_problems(
    records: Sequence[Record], heading: Heading, dialect: Dialect, where: str
) -> Iterator[Problem]:
    """Quotes that stand where they neither open nor close a cell, or that swallow rows."""
    if not dialect.quote:
        return
    quoted = [
        (at, record)
        for at, record in enumerate(records)
        if any(dialect.quote in line for line in record.lines)
    ]
    stray = [record.line for _, record in quoted if _has_stray_quote(record, dialect)]
    if stray:
        yield stray_quote(stray, dialect, where)
    width = _width(records, heading)
    swallowed = [
        record.line
        for at, record in quoted
        if at >= heading.end and _swallows(record, width, dialect)
    ]
    if swallowed:
        yield _swallowed(swallowed, dialect, where)


def _has_stray_quote(record: Record, dialect: Dialect) -> bool:
    """Whether an unquoted cell has half a pair of quotes, and not as a mark of seconds."""
    text = without_quoted("".join(record.lines).rstrip("\r\n"), dialect)
    return any(
        cell.count(dialect.quote) % 2 and not _SECONDS.fullmatch(cell.rpartition(dialect.quote)[0])
        for cell in text.split(dialect.separator)
    )


def _swallows(record: Record, width: int, dialect: Dialect) -> bool:
    """Whether the lines of one record would be rows of their own without its quotes."""
    if len(record.lines) == 1 or width == 1:
        return False
    fits = [line.count(dialect.separator) == width - 1 for line in record.lines]
    return all(fits) or any(fits[1:-1])


def stray_quote(lines: Sequence[int], dialect: Dialect, where: str) -> Problem:
    """The problem of quotes that neither open nor close a cell."""
    shown, mark = listing(lines), dialect.quote
    return Problem(
        where,
        Words(
            f"文本第 {shown} 行有多余或未闭合的引号 {mark}",
            f"text line {shown} has a quote {mark} that is stray or never closed",
        ),
        Words(
            f"请删去该引号，或在单元格内写成两个 {mark}{mark} 并给整格加引号；"
            '若引号只是文字，请在 study.toml 该图层写 quote = ""。',
            f"Remove it, or double it to {mark}{mark} and quote the whole cell; "
            'if quotes are mere text in this file, write quote = "" for the layer in study.toml.',
        ),
    )


def _swallowed(lines: Sequence[int], dialect: Dialect, where: str) -> Problem:
    shown, mark = listing(lines), dialect.quote
    return Problem(
        where,
        Words(
            f"文本第 {shown} 行的引号 {mark} 跨越了好几行，把后面的行并成了一格",
            f"the quote {mark} in text line {shown} runs over whole rows and makes one cell of them",
        ),
        Words(
            '请删去多余的引号；若引号只是文字，请在 study.toml 该图层写 quote = ""。',
            "Remove the stray quote; if quotes are mere text in this file, "
            'write quote = "" for the layer in study.toml.',
        ),
    )


def _width(records: Sequence[Record], heading: Heading) -> int:
    """Cells of the heading, blank ones at its end included."""
    return max((len(each.cells) for each in records[heading.start : heading.end]), default=0)


def _said_width(cells: Sequence[str]) -> int:
    return max((at + 1 for at, cell in enumerate(cells) if is_said(cell)), default=0)


def length_problems(
    records: Sequence[Record], heading: Heading, dialect: Dialect, where: str
) -> Iterator[Problem]:
    """Rows below the heading that have more or fewer cells than it."""
    width = _width(records, heading)
    named = max(
        (_said_width(each.cells) for each in records[heading.start : heading.end]), default=0
    )
    odd = [
        (at + 1, record.cells)
        for at, record in enumerate(records)
        if at >= heading.end and not named <= len(record.cells) <= width
    ]
    odd = [
        (row, cells)
        for row, cells in odd
        if not _stands_alone(cells, records[row - 2].cells if row - 2 >= heading.end else ())
    ]
    sizes = {row: len(cells) for row, cells in odd}
    longer = [row for row, cells in odd if _said_width(cells) > width]
    shorter = [row for row, cells in odd if len(cells) < named]
    below = sum(not _stands_alone(each.cells) for each in records[heading.end :]) if odd else 0
    split = _split_thousands(odd, width, below)
    if longer or split:
        rows = sorted({*longer, *split})
        is_split = bool(split) or any(_is_split(cells) for row, cells in odd if sizes[row] > width)
        yield _longer(
            rows, sizes[rows[0]], width, where, is_split=is_split and dialect.separator == ","
        )
    if shorter:
        yield _shorter(shorter, sizes[shorter[0]], named, where)


def _stands_alone(cells: Sequence[str], before: Sequence[str] = ()) -> bool:
    """Whether a row is blank, a note, or one cell that heads or closes a part of the table.

    A place that stands alone after a row that ends in a text may be the rest of that text.
    """
    said = [cell for cell in cells if is_said(cell)]
    if not said or is_note(said[0]):
        return True
    if len(said) > 1 or not is_beside_data(said[0]):
        return False
    is_rest = len(cells) == 1 and bool(before) and bool(_WORD.search(before[-1]))
    return not (is_rest and is_place(said[0]))


def _is_split(cells: Sequence[str]) -> bool:
    """Whether two neighbours look like a number cut at its thousands."""
    return any(
        _PART_OF_THOUSANDS.fullmatch(left) and _THOUSANDS.fullmatch(right)
        for left, right in pairwise(cells)
    )


def _split_thousands(odd: Sequence[tuple[int, Sequence[str]]], width: int, below: int) -> list[int]:
    """Rows longer than the heading by blanks alone, where a cut number pushed the blanks out.

    Where every one of the rows below the heading is as long and some have no such number, the
    program that wrote the file ends each row with a separator; nothing was pushed.
    """
    long = [(row, cells) for row, cells in odd if len(cells) > width >= _said_width(cells)]
    cut = [row for row, cells in long if _is_split(cells)]
    is_habit = len(long) == below and len({len(cells) for _, cells in long}) == 1
    return [] if is_habit and len(cut) < len(long) else cut


def _longer(rows: Sequence[int], size: int, width: int, where: str, *, is_split: bool) -> Problem:
    shown = listing(rows)
    cause = (
        Words(
            "多半是数字里的千分位逗号（1,000）没有加引号，请去掉这些逗号",
            "Most likely a number has a comma at its thousands (1,000); remove those commas",
        )
        if is_split
        else Words(
            "多半是文字里的分隔符没有加引号，请给该格加英文引号",
            "Most likely a text holds the separator; put that cell in quotes",
        )
    )
    return Problem(
        where,
        Words(
            f"第 {shown} 行的格数比表头多（表头 {width} 格，第 {rows[0]} 行 {size} 格），列对不上",
            f"row {shown} has more cells than the heading ({width}; row {rows[0]} has {size}), "
            "so its cells stand under the wrong headings",
        ),
        Words(
            f"{cause.zh}；或另存为 .xlsx；若分隔符判断有误，请在 study.toml 写 separator。",
            f"{cause.en}, or save the table as .xlsx; if the separator is another one, "
            "say separator in study.toml.",
        ),
    )


def _shorter(rows: Sequence[int], size: int, width: int, where: str) -> Problem:
    shown = listing(rows)
    return Problem(
        where,
        Words(
            f"第 {shown} 行的格数比表头少（表头 {width} 格，第 {rows[0]} 行 {size} 格），列对不上",
            f"row {shown} has fewer cells than the heading ({width}; row {rows[0]} has {size}), "
            "so its cells may stand under the wrong headings",
        ),
        Words(
            "多半是单元格里有换行没有加引号，或少了分隔符：请接成一行并补齐空格子的分隔符，"
            "或另存为 .xlsx。",
            "Most likely a cell holds a line break outside quotes, or a separator is missing: join "
            "the lines and give blank cells their separators, or save the table as .xlsx.",
        ),
    )
