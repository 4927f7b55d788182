"""How much may come out of a file: what its size explains, and not what it says of itself.

Belongs here: the one rule for rows, columns and unpacked bytes, and its message. Does not belong
here: counting them (each reader knows how, before it builds anything).

A packed file may unpack to a thousand times its size, and a table of two cells may span seventeen
thousand million. Small files may always come to something; beyond that the size of the file is the
measure, with room for whatever people's files do.
"""

from __future__ import annotations

from collections.abc import Sequence

from geoplan.errors import DataError
from geoplan.layers.raw_table import refuse
from geoplan.terms import Words

MOST_COLUMNS = 16_384  # Excel has no more
FREE_CELLS = 5_000_000
FREE_BYTES, FREE_ROWS = 10_000_000, 20_000
CELLS_A_BYTE = 2  # blanks take no room in some formats
UNPACKED_A_BYTE = 100  # of a workbook with the same row over and over; others stay below 30
_WIDENED = 5  # a table with one row ten times as wide as the others is a table yet
MOST_CELL = 32_767  # characters that a cell of Excel holds


def check_table(rows: int, columns: int, where: str, *, size: int) -> None:
    """Refuse a table that is wider than any, or larger than a file of so many bytes explains.

    Raises
    ------
    DataError
        it is.

    Examples
    --------
    >>> check_table(1_048_576, 16_384, "a.xlsx", size=6_000)
    Traceback (most recent call last):
    geoplan.errors.DataError: a.xlsx: it spans 1,048,576 rows and 16,384 columns, ...
    """
    if columns > MOST_COLUMNS or rows * columns > max(FREE_CELLS, CELLS_A_BYTE * size):
        raise refuse(
            where,
            Words(
                f"表有 {rows:,} 行、{columns:,} 列，与文件大小不相称",
                f"it spans {rows:,} rows and {columns:,} columns, which its size does not explain",
            ),
            Words(
                "请删去远处的零星单元格、过大的合并区域和多余的列，再另存。",
                "Delete stray cells far out, huge merged areas and needless columns, and save it again.",
            ),
        )


def check_rows(rows: Sequence[Sequence[object]], where: str) -> None:
    """Refuse rows of which one is so long that all would be, once they are as long as it.

    Raises
    ------
    DataError
        they are.
    """
    width = max(map(len, rows), default=0)
    check_table(len(rows), width, where, size=_WIDENED * sum(map(len, rows)))


def check_unpacked_rows(rows: int, where: str, *, size: int) -> None:
    """Refuse more rows than a packed file has bytes: they are the same one over and over.

    Raises
    ------
    DataError
        they are.
    """
    if rows > max(FREE_ROWS, size):
        raise too_much(where, Words(f"{rows:,} 行", f"{rows:,} rows"))


def most_unpacked(size: int) -> int:
    """The most bytes that a packed file of so many bytes explains."""
    return max(FREE_BYTES, UNPACKED_A_BYTE * size)


def megabytes(count: int) -> Words:
    """An amount of bytes in words."""
    return Words(f"{count // 1_000_000:,} MB", f"{count // 1_000_000:,} MB")


def too_much(where: str, amount: Words) -> DataError:
    """The refusal of a file out of which more comes than its size explains."""
    return refuse(
        where,
        Words(
            f"展开后有 {amount.zh}，大得不合常理",
            f"it unpacks to {amount.en}, which is absurdly large",
        ),
        Words(
            "请重新导出；若确有这么大，请先解压或拆分。",
            "Export it again; if it is meant, unpack or split it first.",
        ),
    )
