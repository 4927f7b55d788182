"""Which rows of a table are records of its layer, and why the others are not.

Belongs here: the order of questions that are put to the rows, and what study.toml says of single
ones. Does not belong here: any of those questions (``captions.py``, ``totals.py``,
``subdivisions.py``), or typing the rows that stay (``check.py``).

A row is *bare* when it has nothing that makes a record of its layer: no id of its own, no type, no
place. A bare row with the word of a total is one; without the word, its sums decide; where they do
not, the row is asked for. A row that is not bare is a record unless both its words and its sums
speak against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geoplan.errors import Problem
from geoplan.layers.raw_table import RawTable, listing
from geoplan.layers.rows.captions import (
    alone,
    empty,
    headings_again,
    incomplete,
    judge_alone,
    notes,
)
from geoplan.layers.rows.subdivisions import judge_parts
from geoplan.layers.rows.sums import numbers_of
from geoplan.layers.rows.table_rows import TableRows, look
from geoplan.layers.rows.totals import (
    additive,
    judge_coded,
    judge_ends,
    judge_named,
    judge_sums,
    needs_sums,
)
from geoplan.layers.tables import side_notes as aside
from geoplan.layers.tables.headings import Matched
from geoplan.study import LayerFile
from geoplan.terms import Words


@dataclass(frozen=True, slots=True)
class Aside:
    """Positions of the rows that are no records, by reason, and the rows nobody can tell."""

    found: dict[str, list[int]]
    problems: tuple[Problem, ...]


def find_aside(raw: RawTable, matched: Matched, file: LayerFile) -> Aside:
    """Tell records from rows that are none."""
    kept = frozenset(_positions(raw, file.keep_rows))
    rows = look(raw, matched, file.layer, kept)
    problems = list(_told(rows, file))
    rows.mark(headings_again(rows), "HEADING_REPEATED")
    rows.mark(notes(rows), "FOOTNOTE")
    for at, column in alone(rows):
        judge_alone(rows, at, column)
    rows.mark(empty(rows), "EMPTY_ROW")
    rows.mark(incomplete(rows), "INCOMPLETE_ROW")
    contested = judge_named(rows)
    numbers = numbers_of(additive(rows)) if needs_sums(rows, contested) else {}
    judge_parts(rows, numbers)
    judge_sums(rows, numbers, contested)
    if rows.layer != "homes":
        judge_coded(rows, numbers)
        judge_ends(rows, numbers)
    found: dict[str, list[int]] = {reason: [] for reason in aside.REASONS}
    for at, reason in sorted(rows.verdicts.items()):
        found[reason].append(at)
    problems += _questions(rows)
    return Aside(found, tuple(problems))


def _positions(raw: RawTable, numbers: Sequence[int]) -> list[int]:
    if not numbers:
        return []
    return np.flatnonzero(np.isin(raw.rows, numbers)).tolist()


def _told(rows: TableRows, file: LayerFile) -> Iterator[Problem]:
    """What study.toml says of single rows, and row numbers that the file does not have."""
    for key, numbers in (("skip_rows", file.skip_rows), ("keep_rows", file.keep_rows)):
        known = set(rows.raw.rows[_positions(rows.raw, numbers)].tolist())
        missing = [number for number in numbers if number not in known]
        if missing:
            yield _no_such_rows(rows.raw.where, key, missing)
    rows.mark(_positions(rows.raw, file.skip_rows), "SKIPPED_ROW")


def _questions(rows: TableRows) -> Iterator[Problem]:
    reasons: dict[Words, list[int]] = {}
    for at, why in sorted(rows.asked.items()):
        if at not in rows.kept and at not in rows.verdicts:
            reasons.setdefault(why, []).append(at)
    for why, found in reasons.items():
        yield _question(rows, why, found)


def _question(rows: TableRows, why: Words, found: Sequence[int]) -> Problem:
    numbers = [int(rows.raw.rows[at]) for at in found]
    shown = listing(numbers)
    written = ", ".join(map(str, numbers))
    return Problem(
        rows.raw.where,
        Words(f"第 {shown} 行{why.zh}", f"row {shown} {why.en}"),
        Words(
            f"若不是记录，请删去，或在 study.toml 该图层写 skip_rows = [{written}]；"
            f"若是记录，请写 keep_rows = [{written}]。",
            "If that is no record, remove it or write "
            f"skip_rows = [{written}] for the layer in study.toml; "
            f"if it is one, write keep_rows = [{written}].",
        ),
    )


def _no_such_rows(where: str, key: str, numbers: Sequence[int]) -> Problem:
    shown = listing(numbers)
    return Problem(
        where,
        Words(
            f"study.toml 的 {key} 写的第 {shown} 行没有数据",
            f"{key} names row {shown}, which holds no data",
        ),
        Words("请按消息中的行号改正。", "Use the row numbers that messages show."),
    )
