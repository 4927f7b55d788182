"""A file as it stands: headings, cells and shapes, before anything is understood.

Belongs here: what every reader of a format hands to ``check.py``, and how a place in a file is
named in a message. Does not belong here: opening a file, or knowing what a heading means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from geoplan.errors import DataError, Problem, Remark
from geoplan.terms import Words

Rows = NDArray[np.int64]
POINTS = frozenset({0, 4})
LINES = frozenset({1, 5})
POLYGONS = frozenset({3, 6})
DAY_ZERO = date(1899, 12, 30)  # 1900 is a leap year to Excel, so its days begin two days early
Column = list[object] | NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class RawTable:
    """Rows of one sheet or layer of a file, in file order.

    Parameters
    ----------
    where : the file, as a message names it.
    headings : as written; headings of several rows are joined by ``/``.
    columns : one a heading, all of the same length; a numpy array where the format is typed.
    rows : row numbers as the user's own program shows them.
    geometry : shapely geometries in the file's own coordinates, or ``None`` for a table.
    crs : what the file itself says of its coordinates, or ``None``.
    encoding : of the text, or ``None`` where the format fixes it.
    remarks : what reading the format had to decide.
    banners : positions of rows that are one cell merged over half the table or more.
    day_zero : the day from which a workbook counts its days.
    parts : positions of rows whose shapes were united with an earlier row's, as parts of its unit.
    """

    where: str
    headings: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: NDArray[np.int64]
    geometry: NDArray[np.object_] | None = None
    crs: str | None = None
    encoding: str | None = None
    remarks: tuple[Remark, ...] = ()
    banners: tuple[int, ...] = ()
    day_zero: date = DAY_ZERO
    parts: tuple[int, ...] = ()

    def cells(self, column: int) -> list[object]:
        """One column as plain Python values; a missing number is NaN."""
        return plain_cells(self.columns[column])


@dataclass(frozen=True, slots=True)
class Register:
    """Row numbers and ids of a layer, so that a remark on positions can name them."""

    layer: str
    rows: NDArray[np.int64]
    ids: Sequence[object]

    def remark(
        self, code: str, detail: Words, at: Iterable[int], *, set_aside: bool = False
    ) -> Remark:
        """A remark on the rows at the given positions."""
        places = [int(position) for position in at]
        rows = tuple(int(self.rows[position]) for position in places)
        ids = tuple(str(self.ids[position]) for position in places if self.ids[position])
        return Remark(code, detail, self.layer, rows, ids, set_aside)


def plain_cells(column: Column) -> list[object]:
    """Plain Python values, a 32-bit float as the short decimal it was written from.

    Examples
    --------
    >>> plain_cells(np.array([49.95], dtype=np.float32))
    [49.95]
    """
    if isinstance(column, list):
        return column
    if column.dtype == np.float32:
        return [float(str(number)) for number in column]
    cells: list[object] = column.tolist()
    return cells


def refuse(where: str, what: Words, remedy: Words) -> DataError:
    """The error of one file with one fault."""
    return DataError(Problem(where, what, remedy))


def listing(values: Sequence[object], *, most: int = 5) -> str:
    """The first few of a list for a message.

    Examples
    --------
    >>> listing([14, 87])
    '14, 87'
    >>> listing(range(2, 9))
    '2, 3, 4, 5, 6, … (7)'
    """
    shown = ", ".join(str(value) for value in values[:most])
    return shown if len(values) <= most else f"{shown}, … ({len(values)})"
