"""Rows that add up other rows: totals by their name, by their sums, by their code.

Belongs here: deciding which rows are totals and which must be asked for. Does not belong here: the
words (``aside.py``) or the arithmetic (``sums.py``).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from geoplan.layers.contracts import CONTRACTS, parser_of
from geoplan.layers.rows.sums import Numbers, Sums, sums_of
from geoplan.layers.rows.table_rows import CODED, PLACES, TableRows
from geoplan.layers.tables import side_notes as aside
from geoplan.layers.tables.amounts import read_amount, read_count
from geoplan.layers.tables.values import is_blank, read_text
from geoplan.terms import Words

_NOT_ADDED = frozenset({"phase_count", "rent_yuan_per_year"})
_WHOLE_WORDS = frozenset({"合计", "小计", "总计", "共计"})
_LEAST_OTHERS = 3
_EDGES = frozenset({"TOTAL_ROW", "DERIVED_ROW", "SECTION_TITLE"})


def judge_named(rows: TableRows) -> list[int]:
    """Rows with the word of a total; gives those for which their sums must decide."""
    contested = []
    for at, kinds in sorted(rows.kinds.items()):
        words = {
            column: kind
            for column, kind in kinds.items()
            if kind == aside.TOTAL
            or (kind in {aside.DERIVED, aside.EVERYTHING} and rows.is_naming(at, column))
        }
        if not words or not rows.is_open(at):
            continue
        if _is_surely_total(rows, at, words):
            is_derived = aside.DERIVED in words.values() and aside.TOTAL not in words.values()
            rows.verdicts[at] = "DERIVED_ROW" if is_derived else "TOTAL_ROW"
        else:
            contested.append(at)
    return contested


def _is_surely_total(rows: TableRows, at: int, words: Mapping[int, str]) -> bool:
    if rows.is_bare(at):
        return is_blank(rows.name(at)) or any(rows.is_naming(at, column) for column in words)
    return any(
        column in rows.naming and aside.folded(rows.columns[column][at]) in _WHOLE_WORDS
        for column in words
    )


def additive(rows: TableRows) -> dict[str, Sequence[object]]:
    """The columns whose numbers can be added up."""
    return {
        key: rows.columns[column]
        for key, column in rows.fields.items()
        if parser_of(key) in {read_amount, read_count} and key not in _NOT_ADDED
    }


def needs_sums(rows: TableRows, contested: Sequence[int]) -> bool:
    """Whether sums can decide anything; a million homes are added up only for a reason."""
    return rows.layer != "homes" or bool(contested) or any(map(rows.is_open, rows.bare))


def judge_sums(rows: TableRows, numbers: Numbers, contested: list[int]) -> None:
    """Rows that are totals by their sums, whatever they are called, and rows to be asked for."""
    doubtful = [at for at in sorted(rows.bare) if rows.is_open(at)]
    doubtful = sorted({*doubtful, *(at for at in contested if rows.is_open(at))})
    if not doubtful or rows.layer == "reported":
        return
    for least in (2, 2, 1):  # rows without id may be records too; one row has a subtotal as well
        firm = {at for at in range(rows.size) if rows.is_open(at)} - set(doubtful)
        sums = sums_of(numbers, firm)
        edges = sorted({*doubtful, *(it for it, why in rows.verdicts.items() if why in _EDGES)})
        totals = [at for at in doubtful if _adds_up(at, edges, rows.size, sums, least)]
        if least == 1 and "TOTAL_ROW" not in rows.verdicts.values():
            break
        if least == 1:
            totals = [at for at in totals if is_blank(rows.name(at))]
        rows.mark(totals, "TOTAL_ROW")
        doubtful = [at for at in doubtful if rows.is_open(at)]
    for at in doubtful:
        _ask_for_total(rows, at, sums, is_named=at in contested)


def _adds_up(at: int, edges: Sequence[int], size: int, sums: Sums, least: int) -> bool:
    """Whether a row is the sum of the rows above or below it, as far as the next such row or all."""
    own = bisect_left(edges, at)
    before = edges[own - 1] + 1 if own else 0
    after = edges[own + 1] if own + 1 < len(edges) else size
    spans = [(before, at), (at + 1, after)]
    if least > 1:
        spans += [(0, at), (at + 1, size), (0, size)]
    return any(sums.is_sum(at, low, high, least=least) for low, high in spans)


def _ask_for_total(rows: TableRows, at: int, sums: Sums, *, is_named: bool) -> None:
    """Ask for a row that is called a total or has numbers and no name of its own."""
    if rows.layer == "homes" or not sums.said(at):
        return
    if is_named:
        if any(_is_called(rows, at, column) for column in rows.kinds[at]):
            rows.asked[at] = Words(
                "叫法像合计，但与其他行之和不符", "is called a total but adds up to no other rows"
            )
    elif is_blank(rows.name(at)) or aside.is_phase(rows.name(at)):
        rows.asked[at] = Words(
            "有数而没有自己的编号和名称，像合计或其中项",
            "has numbers but no id and no name of its own, as totals and parts have",
        )


def _is_called(rows: TableRows, at: int, column: int) -> bool:
    """Whether a word names its row; 全区 as the 街道 of a facility says only whom it serves."""
    if rows.kinds[at][column] == aside.TOTAL:
        return rows.is_naming(at, column)
    return column in {rows.fields.get(key) for key in ("name", CONTRACTS[rows.layer].id_field)}


def judge_coded(rows: TableRows, numbers: Numbers) -> None:
    """A row whose code is the beginning of the codes of others, and that adds up to those."""
    column = rows.fields.get(CONTRACTS[rows.layer].id_field)
    if rows.layer not in CODED or column is None:
        return
    codes = {
        at: text.rstrip("0")
        for at in range(rows.size)
        if rows.is_open(at) and (text := read_text(rows.columns[column][at])[0] or "").isdigit()
    }
    for at, code in codes.items():
        below = {it for it, other in codes.items() if other.startswith(code) and other != code}
        if code and len(below) > 1 and sums_of(numbers, below).is_sum(at, 0, rows.size):
            rows.verdicts[at] = "TOTAL_ROW"


def judge_ends(rows: TableRows, numbers: Numbers) -> None:
    """Ask for a first or last row that adds up to all the others and whose id is unlike theirs.

    X4 after X1, X2 and X3 is the next record, whatever its number: 600 after 100, 200 and 300 may
    be chance. HJ or 9999 after them is what offices put before a sum.
    """
    firm = [at for at in range(rows.size) if rows.is_open(at)]
    if rows.layer == "reported" or len(firm) < _LEAST_OTHERS or rows.raw.geometry is not None:
        return
    shapes = {at: _shape_of_id(rows, at) for at in firm}
    for at in {firm[0], firm[-1]}:
        if any(shapes[at] == shapes[other] for other in firm if other != at):
            continue
        if any(
            not is_blank(rows.columns[rows.fields[key]][at]) for key in PLACES if key in rows.fields
        ):
            continue
        sums = sums_of(numbers, set(firm) - {at})
        several = sum(map(bool, sums.said(at).values())) > 1  # two numbers rarely fit by chance
        least = _LEAST_OTHERS - 1 if several else _LEAST_OTHERS
        if sums.is_sum(at, 0, rows.size, least=least):
            rows.asked[at] = Words("等于其余各行之和，像合计", "adds up to all the other rows")


def _shape_of_id(rows: TableRows, at: int) -> str:
    """The id with every digit as 9, so that ids of one series look alike."""
    column = rows.fields.get(CONTRACTS[rows.layer].id_field)
    text = "" if column is None else read_text(rows.columns[column][at])[0] or ""
    return re.sub(r"\d", "9", text)
