"""Column contracts: a raw table to typed rows, or the problems that forbid it.

Belongs here: what a layer needs, ids, and putting typed columns together to rows. Does not belong
here: what a cell means (``values.py``), geometry (``shapes.py``), homes (``homes.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from itertools import repeat
from typing import Any

import numpy as np

from geoplan.errors import Problem, Remark
from geoplan.layers.contracts import CONTRACTS, Contract, parser_of
from geoplan.layers.places.united_shapes import differing
from geoplan.layers.raw_table import RawTable, Register, Rows, listing
from geoplan.layers.records.cell_remarks import cell_remarks
from geoplan.layers.records.row_consistency import Flags, Table, settlers_of
from geoplan.layers.rows.records import find_aside
from geoplan.layers.rows.sums import total_remarks
from geoplan.layers.tables.amounts import read_count
from geoplan.layers.tables.headings import Matched
from geoplan.layers.tables.side_notes import aside_remarks
from geoplan.layers.tables.spoiled_codes import (
    cut_codes,
    cut_problem,
    duplicates_remedy,
    short_code_remarks,
)
from geoplan.layers.tables.values import Codes, read_column
from geoplan.study import LayerFile
from geoplan.terms import Words

_UNIQUE_WHY = {
    "facilities": Words(
        "每个设施须有自己的编号，否则其面积会重复计算。请改正，或删去该列由 geoplan 编号。",
        "Each facility needs its own id, or its area is counted twice. "
        "Give each its own, or drop the column and geoplan will number the rows.",
    ),
}


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """Typed rows with the positions of the raw table they come from."""

    rows: tuple[Any, ...]
    kept: Rows
    remarks: tuple[Remark, ...]
    problems: tuple[Problem, ...]

    def register(self, layer: str) -> Register:
        """Row numbers and ids of the kept rows."""
        ids = [getattr(row, "id", getattr(row, "project_id", "")) for row in self.rows]
        return Register(layer, np.array([row.row for row in self.rows], dtype=np.int64), ids)


def missing_columns(raw: RawTable, matched: Matched, layer: str) -> list[Problem]:
    """A problem for every needed column that the table does not have."""
    problems = []
    for choices in CONTRACTS[layer].needed:
        if any(all(key in matched.columns for key in choice.split("+")) for choice in choices):
            continue
        zh, en = " 或 ".join(choices), " or ".join(f'"{choice}"' for choice in choices)
        found = listing([heading for heading in raw.headings if heading], most=60) or "—"
        key = choices[0].split("+")[0]
        problems.append(
            Problem(
                raw.where,
                Words(
                    f"{layer} 图层缺少 {zh} 列；文件中的列有：{found}",
                    f"the layer {layer} has no column {en}; the headings found are: {found}",
                ),
                Words(
                    f'请补上该列，或在 study.toml 指明：columns = {{ {key} = "文件中的列名" }}。',
                    "Add the column, or say in study.toml which one it is: "
                    f'columns = {{ {key} = "its heading in the file" }}.',
                ),
            )
        )
    return problems


def check_rows(raw: RawTable, matched: Matched, file: LayerFile) -> CheckedRows:
    """Type the rows of a layer, number those without id, set aside what is no row."""
    layer = file.layer
    contract = CONTRACTS[layer]
    cells = {field: raw.cells(column) for field, column in matched.columns.items()}
    told = find_aside(raw, matched, file)
    aside = {**told.found, "UNIT_PARTS": list(raw.parts)}
    kept = kept_rows(len(raw.rows), aside)
    own = {field: [column[at] for at in kept] for field, column in cells.items()}
    table, changed = _typed(own, matched, contract, raw.day_zero)
    rows = raw.rows[kept]
    table["id"], numbered = _numbered(table, contract, layer, rows)
    flags = _flags(changed)
    settled: list[Remark] = []
    for settle in settlers_of(layer):
        settled += settle(table, flags, Register(layer, rows, table["id"]))
    register = Register(layer, rows, table["id"])
    for field, codes in changed.items():
        heading = raw.headings[matched.columns[field]]
        settled += cell_remarks(heading, own[field], codes, register=register)
    if contract.id_field in matched.columns:
        settled += short_code_remarks(raw.headings[matched.columns[contract.id_field]], register)
    everything = Register(layer, raw.rows, [""] * len(raw.rows))
    totals = aside["TOTAL_ROW"]
    numbers = _numbers(table, kept) if totals else {}
    settled += _compared_totals(raw, matched, totals, numbers, everything)
    return CheckedRows(
        _built(table, contract, rows, flags),
        kept,
        (*aside_remarks(aside, everything), *numbered, *settled),
        (*told.problems, *_id_problems(own, table, layer, raw, matched, register)),
    )


def _id_problems(  # noqa: PLR0913 - what a row's id is told from
    cells: Mapping[str, Sequence[object]],
    table: Table,
    layer: str,
    raw: RawTable,
    matched: Matched,
    register: Register,
) -> list[Problem]:
    """Ids that have lost digits; else ids that occur twice."""
    field = CONTRACTS[layer].id_field or "project_id"
    cut = cut_codes(cells.get(field, ()))
    if not cut:
        return duplicate_ids(table, layer, raw, matched, register)
    rows = [int(register.rows[at]) for at in cut]
    heading = raw.headings[matched.columns[field]]
    return [cut_problem(raw.where, heading, [cells[field][at] for at in cut], rows)]


def _flags(changed: Mapping[str, Mapping[int, Codes]]) -> Flags:
    """The codes of every row, with their fields."""
    flags: Flags = {}
    for field, codes in changed.items():
        for at, words in codes.items():
            flags.setdefault(at, []).extend(f"{word}:{field}" for word in words)
    return flags


def kept_rows(size: int, aside: Mapping[str, Sequence[int]]) -> Rows:
    """Positions of the rows that were not set aside.

    Examples
    --------
    >>> kept_rows(4, {"TOTAL_ROW": [3], "EMPTY_ROW": [1]})
    array([0, 2])
    """
    stays = np.ones(size, dtype=bool)
    stays[[at for found in aside.values() for at in found]] = False
    return np.flatnonzero(stays)


def _typed(
    cells: Mapping[str, Sequence[object]], matched: Matched, contract: Contract, day_zero: date
) -> tuple[Table, dict[str, dict[int, Codes]]]:
    """Typed columns by the field of the row type, and what was changed by heading key."""
    table: Table = {}
    changed: dict[str, dict[int, Codes]] = {}
    for field, column in cells.items():
        attribute = "id" if field == contract.id_field else field
        factor = matched.scale.get(field, Decimal(1))
        table[attribute], codes = read_column(column, parser_of(attribute, day_zero), factor=factor)
        if codes:
            changed[field] = codes
    return table, changed


def _numbered(
    table: Table, contract: Contract, layer: str, rows: Rows
) -> tuple[list[object], list[Remark]]:
    """The ids, with numbers for rows that have none."""
    if layer == "phases":
        return table["project_id"], []
    if layer == "divisions":
        return table.get("id") or [None] * len(rows), []
    is_silent = all(own is None for own in table.get("id", ()))
    if contract.prefix and is_silent:
        return number_rows(contract, layer, rows)
    return number_blanks(table["id"], contract, layer, rows)


def number_rows(contract: Contract, layer: str, rows: Rows) -> tuple[list[object], list[Remark]]:
    """Ids for a table without an id column.

    Examples
    --------
    >>> number_rows(CONTRACTS["facilities"], "facilities", np.array([2, 3]))[0]
    ['F1', 'F2']
    """
    last = f"{contract.prefix}{len(rows)}"
    detail = Words(
        f"没有 {contract.id_field}，按顺序编号 {contract.prefix}1 至 {last}",
        f"there is no {contract.id_field}; the rows were numbered "
        f"{contract.prefix}1 to {last} in their order",
    )
    ids: list[object] = [f"{contract.prefix}{at + 1}" for at in range(len(rows))]
    return ids, [Remark("ROWS_NUMBERED", detail, layer)] if ids else []


def number_blanks(
    ids: list[object], contract: Contract, layer: str, rows: Rows
) -> tuple[list[object], list[Remark]]:
    """Ids from the row number where the id cell is blank."""
    blank = [at for at, own in enumerate(ids) if own is None]
    if not blank:
        return ids, []
    for at in blank:
        ids[at] = f"{contract.prefix}row{rows[at]}"
    shown = listing([int(rows[at]) for at in blank])
    detail = Words(
        f"第 {shown} 行的编号空白，改用行号编号（如 {ids[blank[0]]}）",
        f"the id in row {shown} is blank; the row number was used (such as {ids[blank[0]]})",
    )
    return ids, [Register(layer, rows, ids).remark("ID_BLANK", detail, blank)]


def duplicate_ids(
    table: Mapping[str, Sequence[object]],
    layer: str,
    raw: RawTable,
    matched: Matched,
    register: Register,
) -> list[Problem]:
    """One problem that lists every id that occurs more than once, with its rows."""
    keys: Sequence[object] = register.ids
    if layer == "phases":
        phases = table.get("phase", register.rows.tolist())
        keys = [f"{own}/{phase}" for own, phase in zip(table["project_id"], phases, strict=True)]
    if layer == "reported":
        sources = table.get("source", [None] * len(register.ids))
        told = zip(table["id"], table["as_of"], sources, strict=True)
        keys = [" ".join(str(each) for each in key if each) for key in told]
    if len(set(keys)) == len(keys):
        return []
    places: dict[object, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(int(register.rows[at]))
    twice = {key: rows for key, rows in places.items() if len(rows) > 1}
    column = matched.columns.get(CONTRACTS[layer].id_field, matched.columns.get("name", 0))
    parts = None
    if raw.geometry is not None and layer != "homes":
        first = {int(row) for row in next(iter(twice.values()))}
        parts = differing(
            raw, matched, [at for at, row in enumerate(raw.rows) if int(row) in first]
        )
    return [_duplicate_problem(twice, layer, raw, raw.headings[column], parts)]


def _duplicate_problem(
    twice: Mapping[object, Sequence[int]],
    layer: str,
    raw: RawTable,
    heading: str,
    parts: list[str] | None,
) -> Problem:
    zh = "；".join(f"{key} 在第 {listing(rows)} 行" for key, rows in list(twice.items())[:5])
    en = "; ".join(f"{key} rows {listing(rows)}" for key, rows in list(twice.items())[:5])
    more = "；…" if len(twice) > 5 else ""  # noqa: PLR2004 - what one line can hold
    remedy = _UNIQUE_WHY.get(layer) or Words(
        "编号须唯一，否则会重复计算。请改正编号。",
        "Each row needs its own id, or it is counted twice. Give each its own.",
    )
    if parts:
        remedy = _parts_remedy(parts)
    occur = "value occurs" if len(twice) == 1 else "values occur"
    return Problem(
        raw.where,
        Words(
            f"“{heading}”列有 {len(twice)} 个编号重复（{zh}{more}）",
            f'column "{heading}": {len(twice)} {occur} more than once ({en}{more})',
        ),
        duplicates_remedy(list(twice), remedy),
    )


def _parts_remedy(columns: Sequence[str]) -> Words:
    """What to do where drawn rows share an id and differ in some columns."""
    named = listing(columns)
    return Words(
        f"若是同一单元的几块图形，请使各行的 {named} 相同（或先合并成一行），geoplan 会合为一个、只计一次；"
        "若是不同单元，请各给一个编号。",
        f"If they are parts of one unit, make {named} the same in all of them (or merge them into one "
        "row): they are then united and counted once. If they are different units, give each its own id.",
    )


def _numbers(table: Table, kept: Rows) -> dict[str, dict[int, Decimal]]:
    """The numbers of every column by position in the raw table."""
    found = {
        field: {
            int(at): value
            for at, value in zip(kept, values, strict=True)
            if isinstance(value, Decimal)
        }
        for field, values in table.items()
    }
    return {field: numbers for field, numbers in found.items() if numbers}


def _compared_totals(
    raw: RawTable,
    matched: Matched,
    totals: Sequence[int],
    numbers: Mapping[str, Mapping[int, Decimal]],
    register: Register,
) -> list[Remark]:
    """Totals of number columns against our own sums."""
    columns: dict[str, list[object]] = {}
    sums: dict[str, Mapping[int, Decimal]] = {}
    for field, column in matched.columns.items():
        if field in numbers:
            heading, factor = raw.headings[column], matched.scale.get(field, Decimal(1))
            columns[heading] = [_scaled(cell, factor) for cell in raw.cells(column)]
            sums[heading] = numbers[field]
    return total_remarks(columns, sums, totals, register=register)


def _scaled(cell: object, factor: Decimal) -> object:
    number, _ = read_count(cell)
    return None if number is None else number * factor


def _built(
    table: Table, contract: Contract, rows: Rows, flags: Mapping[int, Sequence[str]]
) -> tuple[Any, ...]:
    """Typed rows from typed columns; a column the table lacks has the default of its field."""
    if contract.row_type is None:
        return ()
    size = len(rows)
    own = dict(table)
    own["row"] = [int(row) for row in rows]
    own["name"] = [name or i for name, i in zip(own.get("name", own["id"]), own["id"], strict=True)]
    own["flags"] = [tuple(flags.get(at, ())) for at in range(size)]
    own["modes"] = [modes or () for modes in own.get("modes", [()] * size)]
    phases = own.get("phase", [None] * size)
    own["phase"] = [phase or "" for phase in phases]
    columns: Iterable[Any] = [
        own[field.name] if field.name in own else repeat(field.default, size)
        for field in fields(contract.row_type)
    ]
    return tuple(contract.row_type(*values) for values in zip(*columns, strict=True))
