"""Rows that divide the record above them: 其中, phases, halves that add up to it.

Belongs here: deciding which rows are parts. Does not belong here: the words (``aside.py``) or the
arithmetic (``sums.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from geoplan.layers.rows.sums import Numbers, parts_of
from geoplan.layers.rows.table_rows import TableRows
from geoplan.layers.tables import side_notes as aside
from geoplan.terms import Words


def judge_parts(rows: TableRows, numbers: Numbers) -> None:
    """Rows that only divide the record above them."""
    for at in range(rows.size) if rows.bare or _flags(rows) else ():
        if not rows.is_open(at):
            continue
        kind = _part_kind(rows, at)
        if kind is None and at not in rows.bare:
            continue
        parent = next((it for it in range(at - 1, -1, -1) if it not in rows.verdicts), None)
        if parent is None or (kind is None and parent in rows.bare):
            continue
        _judge_run(rows, numbers, parent, kind)


def _flags(rows: TableRows) -> bool:
    return any({aside.PART, aside.MAYBE_PART} & {*kinds.values()} for kinds in rows.kinds.values())


def _part_kind(rows: TableRows, at: int) -> str | None:
    for column, kind in rows.kinds.get(at, {}).items():
        if kind in {aside.PART, aside.MAYBE_PART} and rows.is_naming(at, column):
            return kind
    return None


def _judge_run(rows: TableRows, numbers: Numbers, parent: int, kind: str | None) -> None:
    run = list(_run_below(rows, parent))
    if not run:
        return
    first = run[0]
    if kind == aside.MAYBE_PART and first not in rows.bare:
        return  # a place whose name begins so
    own = _numbers_at(numbers, parent)
    size = parts_of(own, [_numbers_at(numbers, at) for at in run])
    if size > 1 or (size and kind is not None):
        rows.mark(run[:size], "PART_ROW")
    elif kind == aside.PART and rows.is_bare(first):
        named = (at for at in run if _part_kind(rows, at) == aside.PART or _is_phase_row(rows, at))
        rows.mark(named, "PART_ROW")
    elif kind is not None:
        rows.asked[first] = Words(
            "写着“其中”，但与上一行的数对不上",
            "begins as a part of the row above but does not fit it",
        )


def _run_below(rows: TableRows, parent: int) -> Iterator[int]:
    """The rows below a record that may be its parts."""
    for at in range(parent + 1, rows.size):
        if rows.verdicts.get(at) is not None:
            return
        kind = _part_kind(rows, at)
        is_free = not rows.can_tell and (kind is not None or _is_phase_row(rows, at))
        if at not in rows.bare and kind != aside.PART and not is_free:
            return
        yield at


def _is_phase_row(rows: TableRows, at: int) -> bool:
    return any(map(aside.is_phase, rows.names(at)))


def _numbers_at(numbers: Numbers, at: int) -> dict[str, Decimal]:
    cells = {key: column[at] for key, column in numbers.items()}
    return {key: number for key, number in cells.items() if number is not None}
