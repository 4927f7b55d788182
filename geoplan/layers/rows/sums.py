"""Sums of the rows of a table: which row adds up to which others.

Belongs here: the arithmetic that tells a total from a record, and comparing a stated total with our
own sum. Does not belong here: what a row is called (``aside.py``), or deciding on it
(``records.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from geoplan.errors import Remark
from geoplan.layers.raw_table import Register
from geoplan.layers.tables.amounts import read_amount, read_count
from geoplan.terms import Words

_NOTHING = Decimal(0)
Numbers = Mapping[str, Sequence[Decimal | None]]


@dataclass(frozen=True, slots=True)
class Sums:
    """Running sums of the additive columns over the rows that are taken for records.

    ``numbers`` are the cells by column; ``totals`` and ``counts`` have one entry more than the
    table has rows: the sum, and how many cells it has, of the records before that row.
    """

    numbers: Numbers
    totals: Mapping[str, Sequence[Decimal]]
    counts: Mapping[str, Sequence[int]]

    def said(self, at: int) -> dict[str, Decimal]:
        """The numbers of a row."""
        cells = {key: column[at] for key, column in self.numbers.items()}
        return {key: number for key, number in cells.items() if number is not None}

    def is_sum(self, at: int, low: int, high: int, *, least: int = 2) -> bool:
        """Whether a row adds up to the records of ``low`` to ``high``, in all of its numbers."""
        said = self.said(at)
        if not any(said.values()):
            return False
        return all(
            self.totals[key][high] - self.totals[key][low] == number
            and (self.counts[key][high] - self.counts[key][low] >= least or not number)
            for key, number in said.items()
        )


def numbers_of(columns: Mapping[str, Sequence[object]]) -> Numbers:
    """The additive columns as exact numbers, each distinct cell read once."""
    found = {}
    for key, cells in columns.items():
        distinct = {(type(cell), cell): read_amount(cell)[0] for cell in cells if cell == cell}  # noqa: PLR0124 - NaN
        found[key] = [distinct.get((type(cell), cell)) for cell in cells]
    return found


def sums_of(numbers: Numbers, records: Collection[int]) -> Sums:
    """Running sums over the given rows.

    Examples
    --------
    >>> numbers = numbers_of({"households": [1000, 500, 1500]})
    >>> sums_of(numbers, {0, 1}).is_sum(2, 0, 2)
    True
    """
    own = {
        key: [number if at in records else None for at, number in enumerate(column)]
        for key, column in numbers.items()
    }
    totals = {
        key: [_NOTHING, *accumulate(number or _NOTHING for number in column)]
        for key, column in own.items()
    }
    counts = {
        key: [0, *accumulate(int(number is not None) for number in column)]
        for key, column in own.items()
    }
    return Sums(numbers, totals, counts)


def parts_of(parent: Mapping[str, Decimal], rows: Sequence[Mapping[str, Decimal]]) -> int:
    """How many of the rows below a record add up to it; 0 where no number of them does.

    Examples
    --------
    >>> parts_of({"households": Decimal(10)}, [{"households": Decimal(n)} for n in (4, 6, 3)])
    2
    """
    sums: dict[str, Decimal] = {}
    for size, row in enumerate(rows, 1):
        for key, number in row.items():
            sums[key] = sums.get(key, _NOTHING) + number
        if sums and any(sums.values()) and all(parent.get(key) == sums[key] for key in sums):
            return size
    return 0


def total_remarks(
    columns: Mapping[str, Sequence[object]],
    sums: Mapping[str, Mapping[int, Decimal]],
    totals: Sequence[int],
    *,
    register: Register,
) -> list[Remark]:
    """Compare every total with the rows it may stand for: all, those since or until the next total.

    ``columns`` are the cells of the number columns by heading; ``sums`` the parsed numbers of the
    data rows by position.
    """
    remarks = []
    for order, total in enumerate(totals):
        before = totals[order - 1] if order else -1
        after = totals[order + 1] if order + 1 < len(totals) else len(register.rows)
        for heading, cells in columns.items():
            stated, _ = read_count(cells[total])
            numbers = sums[heading]
            ours = [
                sum((n for at, n in numbers.items() if low < at < high), _NOTHING)
                for low, high in (
                    (-1, len(register.rows)),
                    (before, total),
                    (total, after),
                    (-1, total),
                )
            ]
            if stated is not None and stated not in ours:
                remarks.append(_mismatch(heading, stated, ours[0], total, register))
    return remarks


def _mismatch(
    heading: str, stated: Decimal, ours: Decimal, total: int, register: Register
) -> Remark:
    detail = Words(
        f"“{heading}”列第 {register.rows[total]} 行的合计写 {stated}，各行相加是 {ours}",
        f'column "{heading}": the total in row {register.rows[total]} says {stated}, '
        f"the rows add up to {ours}",
    )
    return register.remark("TOTAL_MISMATCH", detail, [total])
