"""A table before any file format: columns that say where their cells come from, and settled cells.

A number is rounded here and nowhere later, so CSV, XLSX, GeoJSON and GeoPackage show the same one:
areas and percentages to two decimals half up, gaps to two decimals up, counts as short as they are
exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from itertools import compress
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from geoplan.numbers import gap_text, number_text, plain_text
from geoplan.terms import Words

Cell = str | tuple[str, ...] | int | Decimal | bool | date | None
RowT = TypeVar("RowT")


class Kind(Enum):
    """What the cells of a column hold, hence how they are rounded and shown."""

    TEXT = "text"
    LIST = "list"
    FLAG = "flag"
    DAY = "day"
    INTEGER = "integer"
    COUNT = "count"
    AREA = "area"
    GAP = "gap"
    PERCENT = "percent"
    VERDICT = "verdict"  # the word of a verdict
    MIXED = "mixed"  # a number, or the word that stands for none


NUMBERS = frozenset({Kind.COUNT, Kind.AREA, Kind.GAP, Kind.PERCENT})
TWO_DECIMALS = frozenset({Kind.AREA, Kind.GAP, Kind.PERCENT})
_ROUNDED: dict[Kind, Callable[[Fraction], str]] = {
    Kind.COUNT: plain_text,
    Kind.AREA: number_text,
    Kind.PERCENT: number_text,
    Kind.GAP: gap_text,
}


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """A column: a stable English key, a heading for people, where its cells come from.

    ``coded`` columns hold codes (``FAIL``) that only scripts want; another column has the words.
    """

    key: str
    heading: Words
    of: Callable[[RowT], Any]
    kind: Kind = Kind.TEXT
    width: float = 12
    coded: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Settled cells under their columns.

    ``geometry`` is aligned with ``rows``, in the study's metric CRS; ``None`` for a table whose
    rows have no place. ``shown`` says which rows people want to see, all when ``None``.
    """

    name: str
    title: Words
    columns: tuple[Column[Any], ...]
    rows: tuple[tuple[Cell, ...], ...]
    geometry: NDArray[np.object_] | None = None
    shown: tuple[bool, ...] | None = None

    def for_people(self) -> Table:
        """The table without the columns and the rows that only scripts want."""
        kept = [place for place, column in enumerate(self.columns) if not column.coded]
        rows = self.rows if self.shown is None else tuple(compress(self.rows, self.shown))
        return Table(
            self.name,
            self.title,
            tuple(self.columns[place] for place in kept),
            tuple(tuple(row[place] for place in kept) for row in rows),
            self.geometry,
        )


def build_table(
    name: str,
    title: Words,
    *,
    columns: Sequence[Column[RowT]],
    rows: Iterable[RowT],
    places: Iterable[object] | None = None,
) -> Table:
    """A table of ``rows``; ``places`` has the geometry of each, ``None`` where it has none."""
    plain = frozenset(Kind) - NUMBERS - {Kind.LIST}
    settled = tuple(
        tuple(
            column.of(row) if column.kind in plain else settle_cell(column.of(row), column.kind)
            for column in columns
        )
        for row in rows
    )
    geometry = None
    if places is not None:
        geometry = np.full(len(settled), None, dtype=object)
        geometry[:] = list(places)
    return Table(name, title, tuple(columns), settled, geometry)


def settle_cell(raw: Any, kind: Kind) -> Cell:
    """The cell as every format shows it.

    Examples
    --------
    >>> settle_cell(Fraction(4, 1000), Kind.GAP), settle_cell(Fraction(4, 1000), Kind.AREA)
    (Decimal('0.01'), Decimal('0.00'))
    >>> settle_cell(Fraction(333), Kind.COUNT), settle_cell(None, Kind.COUNT)
    (Decimal('333'), None)
    """
    if raw is None:
        return None
    if kind in NUMBERS:
        return _round(kind, raw if isinstance(raw, Fraction) else Fraction(raw))
    if kind is Kind.LIST:
        return tuple(str(each) for each in raw)
    settled: Cell = raw
    return settled


@lru_cache(maxsize=1 << 16)
def _round(kind: Kind, value: Fraction) -> Decimal:
    """Rounded once; the same few numbers come again and again."""
    return Decimal(_ROUNDED[kind](value))
