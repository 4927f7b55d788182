"""Residential buildings and streets: a million rows as arrays, no object a row.

Belongs here: the check of the layers that are arrays. Does not belong here: typed rows
(``check.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import Problem, Remark
from geoplan.layers.contracts import CONTRACTS
from geoplan.layers.raw_table import Column, RawTable, Register, Rows, plain_cells
from geoplan.layers.records.cell_remarks import cell_remarks
from geoplan.layers.records.row_consistency import settle_places
from geoplan.layers.records.typed_rows import duplicate_ids, kept_rows, number_blanks, number_rows
from geoplan.layers.rows.records import Aside, find_aside
from geoplan.layers.tables.amounts import read_count
from geoplan.layers.tables.headings import Matched
from geoplan.layers.tables.side_notes import aside_remarks
from geoplan.layers.tables.spoiled_codes import cut_codes, cut_problem
from geoplan.layers.tables.values import Codes, read_column, read_ids, read_text
from geoplan.study import LayerFile

COUNTS = ("households", "population", "pop_60plus", "pop_65plus", "pop_under3")
Numbers = NDArray[np.float64]
Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class CheckedHomes:
    """Columns of homes, with the positions of the raw table they come from."""

    ids: Texts
    community: Texts
    compound: Texts
    counts: Mapping[str, Numbers]
    kept: Rows
    remarks: tuple[Remark, ...]
    problems: tuple[Problem, ...]


def check_homes(raw: RawTable, matched: Matched, file: LayerFile) -> CheckedHomes:
    """Columns of the homes layer as arrays, unknown counts as NaN."""
    all_rows = Register("homes", raw.rows, [""] * len(raw.rows))
    told = _aside(raw, matched, file)
    aside = told.found
    kept = kept_rows(len(raw.rows), aside)
    register = Register("homes", raw.rows[kept], [""] * len(kept))
    ids, remarks = _ids(raw, matched, kept)
    register = Register("homes", raw.rows[kept], ids)
    counts = {}
    for field in COUNTS:
        counts[field], said = _counts(raw, matched, field, kept, register)
        remarks += said
    places = {
        field: _texts(raw, matched, field, kept)
        for field in ("community", "community_code", "compound", "compound_code")
        if field in matched.columns
    }
    settle_places(places, {}, register)
    unknown = np.full(len(kept), None, dtype=object)
    return CheckedHomes(
        _as_objects(ids),
        _as_objects(places.get("community", unknown)),
        _as_objects(places.get("compound", unknown)),
        counts,
        kept,
        (*aside_remarks(aside, all_rows), *remarks),
        (*told.problems, *_id_problems(raw, matched, kept, register)),
    )


def _aside(raw: RawTable, matched: Matched, file: LayerFile) -> Aside:
    """A row with a shape is a home; the others may be totals, notes or blanks."""
    is_drawn = raw.geometry is not None and not shapely.is_missing(raw.geometry).any()
    if is_drawn and not file.skip_rows:
        return Aside({}, ())
    return find_aside(raw, matched, file)


def _ids(raw: RawTable, matched: Matched, kept: Rows) -> tuple[list[object], list[Remark]]:
    contract = CONTRACTS["homes"]
    if "home_id" not in matched.columns:
        return number_rows(contract, "homes", raw.rows[kept])
    ids = read_ids(_cells(raw.columns[matched.columns["home_id"]], kept))
    return number_blanks(ids, contract, "homes", raw.rows[kept])


def _id_problems(raw: RawTable, matched: Matched, kept: Rows, register: Register) -> list[Problem]:
    """Ids that have lost digits; else ids that occur twice."""
    at = matched.columns.get("home_id")
    if at is not None:
        cells = _cells(raw.columns[at], kept)
        cut = cut_codes(cells)
        rows = [int(register.rows[position]) for position in cut]
        if cut:
            shown = [cells[position] for position in cut]
            return [cut_problem(raw.where, raw.headings[at], shown, rows)]
    return duplicate_ids({"id": register.ids}, "homes", raw, matched, register)


def _counts(
    raw: RawTable, matched: Matched, field: str, kept: Rows, register: Register
) -> tuple[Numbers, list[Remark]]:
    """One column of counts: numbers as they are, texts parsed, nonsense NaN with a remark."""
    if field not in matched.columns:
        return np.full(len(kept), np.nan), []
    column = raw.columns[matched.columns[field]]
    factor = matched.scale.get(field, Decimal(1))
    if isinstance(column, np.ndarray) and column.dtype.kind in "iuf":
        numbers, changed = _checked(column[kept].astype(np.float64) * float(factor))
    else:
        values, changed = read_column(_cells(column, kept), read_count, factor=factor)
        numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
    heading = raw.headings[matched.columns[field]]
    if not changed:
        return numbers, []
    return numbers, cell_remarks(heading, _cells(column, kept), changed, register=register)


def _checked(numbers: Numbers) -> tuple[Numbers, dict[int, Codes]]:
    changed: dict[int, Codes] = {int(at): ("NEGATIVE",) for at in np.flatnonzero(numbers < 0)}
    changed |= {int(at): ("BAD_NUMBER",) for at in np.flatnonzero(np.isinf(numbers))}
    numbers[list(changed)] = np.nan
    return numbers, changed


def _texts(raw: RawTable, matched: Matched, field: str, kept: Rows) -> list[object]:
    return read_column(_cells(raw.columns[matched.columns[field]], kept), read_text)[0]


def _cells(column: Column, kept: Rows) -> Sequence[object]:
    if isinstance(column, np.ndarray):
        return plain_cells(column[kept])
    return column if len(kept) == len(column) else [column[at] for at in kept]


def _as_objects(cells: Sequence[object] | Texts) -> Texts:
    if isinstance(cells, np.ndarray):
        return cells
    texts = np.empty(len(cells), dtype=object)
    texts[:] = cells
    return texts
