"""A grid of cells to a table: title rows, headings of several rows, unit rows, merged cells.

Belongs here: what spreadsheets and CSV files of offices have around their data. Does not belong
here: opening a file, or what a row means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.errors import Remark
from geoplan.layers.formats.bounds import check_rows
from geoplan.layers.raw_table import RawTable, listing
from geoplan.layers.tables.headings import count_hits, normal_heading
from geoplan.layers.tables.units import is_unit
from geoplan.study import LayerFile
from geoplan.terms import Words

_MOST_TITLE_ROWS = 15
_MOST_HEADING_ROWS = 3
_LEAST_CODE = 100_000
_NUMBER = re.compile(r"\s*[-+\d.,]+%?\s*")
Row = list[object]


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range of cells, positions from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the heading stands: ``start`` its first row, ``end`` the row after its last."""

    start: int
    end: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a sheet or a text table, with what reading them had to decide."""

    cells: list[Row]
    merges: tuple[Merge, ...] = ()
    encoding: str | None = None
    remarks: tuple[Remark, ...] = ()


def table_of_grid(grid: Grid, file: LayerFile, where: str) -> RawTable:
    """Find the heading of a grid and cut the data out below it."""
    check_rows(grid.cells, where)
    cells = padded(grid.cells)
    width = len(cells[0]) if cells else 0
    heading = find_heading(cells, grid.merges, layer=file.layer, override=file.columns)
    names, start = _with_units(cells, heading)
    shared = _fill_merged(cells, grid.merges, start)
    numbers = [at for at in range(start, len(cells)) if any(map(is_said, cells[at]))]
    kept = [column for column in range(width) if names[column] or _is_used(cells, numbers, column)]
    own = (*_heading_remarks(heading, file.layer), *_shared_remarks(shared, names, file.layer))
    return RawTable(
        where,
        tuple(names[column] for column in kept),
        tuple([cells[at][column] for at in numbers] for column in kept),
        np.array(numbers, dtype=np.int64) + 1,
        None,
        None,
        grid.encoding,
        (*grid.remarks, *own),
        _banners(grid.merges, numbers, len(kept)),
    )


def padded(cells: Sequence[Row]) -> list[Row]:
    """The rows, each as long as the longest."""
    width = max((len(row) for row in cells), default=0)
    return [[*row, *[None] * (width - len(row))] for row in cells]


def _banners(merges: Sequence[Merge], numbers: Sequence[int], width: int) -> tuple[int, ...]:
    """Positions of rows that are one cell merged over half the columns or more."""
    wide = {
        merge.top
        for merge in merges
        if merge.top == merge.bottom and (merge.right - merge.left + 1) * 2 >= max(width, 3)
    }
    return tuple(position for position, at in enumerate(numbers) if at in wide)


def find_heading(
    cells: Sequence[Row], merges: Sequence[Merge], *, layer: str, override: Mapping[str, str]
) -> Heading:
    """The rows, of the first fifteen, that name the most fields; the fewest rows that do so.

    Examples
    --------
    >>> rows = [["设施一览表", None], ["设施名称", "床位"], ["幸福院", 12]]
    >>> find_heading(rows, [Merge(0, 0, 0, 1)], layer="facilities", override={}).start
    1
    """
    first = next((at for at, row in enumerate(cells) if any(map(is_said, row))), 0)
    best, most = (
        Heading(first, min(first + 1, len(cells)), _names(cells, merges, first, first + 1)),
        0,
    )
    for height in range(1, _MOST_HEADING_ROWS + 1):
        for start in range(first, min(len(cells) - height + 1, _MOST_TITLE_ROWS)):
            names = _names(cells, merges, start, start + height)
            hits = count_hits(names, layer, override)
            if hits > most:
                best, most = Heading(start, start + height, names), hits
    return best


def _names(cells: Sequence[Row], merges: Sequence[Merge], start: int, end: int) -> tuple[str, ...]:
    """The heading of each column: its cells from top to bottom, joined where they differ."""
    rows = [list(row) for row in cells[start:end]]
    for merge in merges:
        if start <= merge.top and merge.bottom < end:
            value = rows[merge.top - start][merge.left]
            for row in rows[merge.top - start : merge.bottom - start + 1]:
                row[merge.left : merge.right + 1] = [value] * (merge.right - merge.left + 1)
    return tuple(
        _joined([row[column] for row in rows]) for column in range(len(rows[0]) if rows else 0)
    )


def _joined(cells: Sequence[object]) -> str:
    texts = (" ".join(str(cell).split()) for cell in cells if is_said(cell))
    return "/".join(dict.fromkeys(texts))


def _with_units(cells: Sequence[Row], heading: Heading) -> tuple[list[str], int]:
    """The headings with the units of a unit row in brackets, and the first row of data."""
    names, start = list(heading.names), heading.end
    if start < len(cells) and _is_second_row(names, cells[start]):
        names = _joined_below(names, cells[start])
        start += 1
    while start < len(cells) and is_furniture(cells[start]):
        for column, cell in enumerate(cells[start]):
            if is_said(cell) and is_unit(normal_heading(str(cell)).strip("()")) and names[column]:
                names[column] = f"{names[column]}({normal_heading(str(cell)).strip('()')})"
        start += 1
    return names, start


def _is_second_row(names: Sequence[str], row: Sequence[object]) -> bool:
    """Whether a row tells apart columns of one heading, and says nothing in any other column."""
    under = [column for column, cell in enumerate(row) if is_said(cell)]
    texts = [row[column] for column in under]
    if not texts or not all(isinstance(text, str) for text in texts):
        return False
    if any(_NUMBER.fullmatch(str(text)) for text in texts) or len({*texts}) < len(texts):
        return False
    shared = {name for name in names if name and names.count(name) > 1}
    return len(under) > 1 and all(
        names[column] in shared
        or (not names[column] and column - 1 in under)
        or (column + 1 in under and not names[column + 1])
        for column in under
    )


def _joined_below(names: Sequence[str], row: Sequence[object]) -> list[str]:
    """The headings with the second row; a blank one stands under its left neighbour's."""
    joined: list[str] = []
    above = ""
    for name, cell in zip(names, row, strict=True):
        above = name or (above if is_said(cell) else "")
        joined.append(_joined([above, cell]))
    return joined


def is_furniture(row: Sequence[object]) -> bool:
    """Whether a row below the heading holds units or column numbers instead of data."""
    said = [normal_heading(str(cell)).strip("()") for cell in row if is_said(cell)]
    if not said:
        return False
    if all(is_unit(text) for text in said) or said[0].startswith("单位"):
        return True
    counted = [text.removesuffix(".0") for text in said if text not in {"甲", "乙", "丙", "栏次"}]
    numbers = [str(number) for number in range(1, len(counted) + 1)]
    return len(said) > 3 and counted == numbers  # noqa: PLR2004 - three numbers may be data


def _fill_merged(cells: list[Row], merges: Sequence[Merge], start: int) -> list[tuple[int, int]]:
    """Fill texts and codes of merged cells into every cell they cover.

    A number that is no code stays in its first row, for it belongs to all rows together; gives
    the rows and columns of such cells.
    """
    shared: list[tuple[int, int]] = []
    for merge in merges:
        if merge.top < start or merge.bottom == merge.top:
            continue
        value = cells[merge.top][merge.left]
        if isinstance(value, (int, float)) and abs(value) < _LEAST_CODE:
            shared += [(at, merge.left) for at in range(merge.top, merge.bottom + 1)]
            continue
        for at in range(merge.top, min(merge.bottom + 1, len(cells))):
            cells[at][merge.left] = value
    return shared


def is_said(cell: object) -> bool:
    """Whether a cell holds anything at all, a mark for nothing included."""
    return cell is not None and cell == cell and str(cell).strip() != ""  # noqa: PLR0124 - NaN


def _is_used(cells: Sequence[Row], numbers: Sequence[int], column: int) -> bool:
    return any(is_said(cells[at][column]) for at in numbers)


def _heading_remarks(heading: Heading, layer: str) -> Iterator[Remark]:
    if heading.start == 0 and heading.end == 1:
        return
    rows = tuple(range(heading.start + 1, heading.end + 1))
    detail = Words(
        f"表头在第 {listing(rows)} 行，以上各行不是数据",
        f"the headings stand in row {listing(rows)}; the rows above are no data",
    )
    yield Remark("HEADING_ROWS", detail, layer, rows)


def _shared_remarks(
    shared: Sequence[tuple[int, int]], names: Sequence[str], layer: str
) -> Iterator[Remark]:
    for column in dict.fromkeys(column for _, column in shared):
        rows = tuple(at + 1 for at, own in shared if own == column)
        detail = Words(
            f"“{names[column]}”列有合并单元格，其中的数只记在第一行，没有重复计入各行",
            f'column "{names[column]}" has merged cells; their number is kept in the first row only '
            "and not repeated in each",
        )
        yield Remark("MERGED_NUMBER", detail, layer, rows)
