"""Column contracts: a raw table to typed rows, or the problems that forbid it.

Belongs here: what a layer needs, ids, and putting typed columns together to rows. Does not belong
here: what a cell means (``values.py``), geometry (``shapes.py``), homes (``homes.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any

import numpy as np

from geoplan.errors import Problem, Remark
from geoplan.layers.aside import (
    aside_remarks,
    find_blanks,
    find_notes,
    find_totals,
    total_remarks,
)
from geoplan.layers.cells import cell_remarks
from geoplan.layers.contracts import CONTRACTS, Contract, parser_of, row_fields
from geoplan.layers.headings import Matched
from geoplan.layers.raw import RawTable, Register, listing
from geoplan.layers.repair import Rows
from geoplan.layers.settle import Flags, Table, settlers_of
from geoplan.layers.values import is_blank, read_column, read_count
from geoplan.terms import Words

_UNIQUE_WHY = {
    "facilities": Words(
        "每个设施须有自己的编号，否则其面积会重复计算。请改正，或删去该列由 geoplan 编号。",
        "Each facility needs its own id, or its area is counted twice. "
        "Rename them, or drop the column and geoplan will number the rows.",
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


def check_rows(raw: RawTable, matched: Matched, layer: str) -> CheckedRows:
    """Type the rows of a layer, number those without id, set aside what is no row."""
    contract = CONTRACTS[layer]
    cells = {field: raw.cells(column) for field, column in matched.columns.items()}
    raw_register = Register(layer, raw.rows, [""] * len(raw.rows))
    aside = find_aside(raw, cells)
    kept = np.setdiff1d(np.arange(len(raw.rows)), [at for found in aside.values() for at in found])
    remarks = aside_remarks(aside, raw_register)
    table, changed = _typed(cells, matched, kept, contract)
    table, kept, lost = _without_incomplete(table, changed, kept, layer, raw_register)
    rows = raw.rows[kept]
    ids, numbered = _numbered(table, contract, layer, rows)
    table["id"] = ids
    register = Register(layer, rows, table["id"])
    flags: Flags = {}
    for field, codes in changed.items():
        heading = raw.headings[matched.columns[field]]
        own = [cells[field][at] for at in kept]
        remarks += cell_remarks(heading, own, codes, register=register)
        for at, words in codes.items():
            flags.setdefault(at, []).extend(f"{word}:{field}" for word in words)
    for settle in settlers_of(layer):
        remarks += settle(table, flags, register)
        register = Register(layer, rows, table["id"])
    problems = duplicate_ids(table, layer, raw, matched, register)
    remarks += _compared_totals(raw, matched, aside["TOTAL_ROW"], kept, table)
    built = _built(table, contract, rows, flags)
    return CheckedRows(built, kept, (*remarks, *lost, *numbered), tuple(problems))


def find_aside(raw: RawTable, cells: Mapping[str, Sequence[object]]) -> dict[str, list[int]]:
    """Positions of the rows that are no rows of the layer, by reason."""
    texts = [column for column in map(raw.cells, range(len(raw.columns))) if _has_text(column)]
    totals = find_totals(texts)
    notes = [at for at in find_notes(texts) if at not in set(totals)]
    taken = {*totals, *notes}
    blanks = find_blanks(list(cells.values()), len(raw.rows))
    placeless = [at for at in blanks if raw.geometry is None or raw.geometry[at] is None]
    return {
        "TOTAL_ROW": totals,
        "FOOTNOTE": notes,
        "EMPTY_ROW": [at for at in placeless if at not in taken],
    }


def _has_text(cells: Sequence[object]) -> bool:
    return any(isinstance(cell, str) for cell in cells)


def _typed(
    cells: Mapping[str, Sequence[object]], matched: Matched, kept: Rows, contract: Contract
) -> tuple[Table, dict[str, dict[int, tuple[str, ...]]]]:
    """Typed columns by the field of the row type, and what was changed by heading key."""
    table: Table = {}
    changed: dict[str, dict[int, tuple[str, ...]]] = {}
    for field, column in cells.items():
        attribute = "id" if field == contract.id_field else field
        factor = matched.scale.get(field, Decimal(1))
        own = [column[at] for at in kept]
        table[attribute], codes = read_column(own, parser_of(attribute), factor=factor)
        if codes:
            changed[field] = codes
    return table, changed


def _without_incomplete(
    table: Table,
    changed: dict[str, dict[int, tuple[str, ...]]],
    kept: Rows,
    layer: str,
    register: Register,
) -> tuple[Table, Rows, list[Remark]]:
    """Set aside the rows that lack what makes them a row: a phase's project, a value's day."""
    needed = {"phases": ("project_id",), "reported": ("id", "as_of")}.get(layer, ())
    lost = [at for at in range(len(kept)) if any(table[field][at] is None for field in needed)]
    if not lost:
        return table, kept, []
    stay = [at for at in range(len(kept)) if at not in set(lost)]
    order = {at: new for new, at in enumerate(stay)}
    for field, codes in changed.items():
        changed[field] = {order[at]: code for at, code in codes.items() if at in order}
    rows = listing([int(register.rows[kept[at]]) for at in lost])
    named = "、".join(needed)
    detail = Words(
        f"第 {rows} 行没有 {named}，未采用", f"rows {rows} lack {named} and were not used"
    )
    remark = register.remark("INCOMPLETE_ROW", detail, kept[lost], set_aside=True)
    return (
        {field: [cells[at] for at in stay] for field, cells in table.items()},
        kept[stay],
        [remark],
    )


def _numbered(
    table: Table, contract: Contract, layer: str, rows: Rows
) -> tuple[list[object], list[Remark]]:
    """The ids, with numbers for rows that have none."""
    size = len(rows)
    register = Register(layer, rows, [""] * size)
    if "id" not in table:
        if not contract.prefix:
            return [None] * size, []
        detail = Words(
            f"没有 {contract.id_field} 列，按顺序编号 {contract.prefix}1–{contract.prefix}{size}",
            f"there is no column {contract.id_field}; the rows were numbered "
            f"{contract.prefix}1 to {contract.prefix}{size} in their order",
        )
        numbers: list[object] = [f"{contract.prefix}{at + 1}" for at in range(size)]
        return numbers, [
            Register(layer, rows, numbers).remark("ROWS_NUMBERED", detail, range(size))
        ]
    blank = [at for at, own in enumerate(table["id"]) if own is None]
    if not blank or layer == "divisions":
        return table["id"], []
    ids = list(table["id"])
    for at in blank:
        ids[at] = f"{contract.prefix or layer}-row{rows[at]}"
    shown = listing([int(rows[at]) for at in blank])
    detail = Words(
        f"第 {shown} 行的编号空白，改用行号编号（如 {ids[blank[0]]}）",
        f"the id in row {shown} is blank; the row number was used instead (such as {ids[blank[0]]})",
    )
    return ids, [register.remark("ID_BLANK", detail, blank)]


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
        phases = table.get("phase", [None] * len(register.rows))
        keys = [f"{own}/{phase}" for own, phase in zip(table["project_id"], phases, strict=True)]
    if layer == "reported":
        keys = [f"{own} {day}" for own, day in zip(table["id"], table["as_of"], strict=True)]
    if len(set(keys)) == len(keys):
        return []
    places: dict[object, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(int(register.rows[at]))
    twice = {key: rows for key, rows in places.items() if len(rows) > 1}
    column = matched.columns.get(CONTRACTS[layer].id_field, matched.columns.get("name", 0))
    return [_duplicate_problem(twice, layer, raw, raw.headings[column])]


def _duplicate_problem(
    twice: Mapping[object, Sequence[int]], layer: str, raw: RawTable, heading: str
) -> Problem:
    zh = "；".join(f"{key} 在第 {listing(rows)} 行" for key, rows in list(twice.items())[:5])
    en = "; ".join(f"{key} rows {listing(rows)}" for key, rows in list(twice.items())[:5])
    more = "；…" if len(twice) > 5 else ""  # noqa: PLR2004 - what one line can hold
    remedy = _UNIQUE_WHY.get(layer) or Words(
        "编号须唯一，否则会重复计算。请改正编号。",
        "Each row needs its own id, or it is counted twice. Rename them.",
    )
    occur = "value occurs" if len(twice) == 1 else "values occur"
    return Problem(
        raw.where,
        Words(
            f"“{heading}”列有 {len(twice)} 个编号重复（{zh}{more}）",
            f'column "{heading}": {len(twice)} {occur} more than once ({en}{more})',
        ),
        remedy,
    )


def _compared_totals(
    raw: RawTable, matched: Matched, totals: Sequence[int], kept: Rows, table: Table
) -> list[Remark]:
    """Totals of number columns against our own sums."""
    if not totals:
        return []
    columns, sums = {}, {}
    for field, column in matched.columns.items():
        numbers = {
            int(at): value
            for at, value in zip(kept, table.get(field, repeat(None)), strict=False)
            if isinstance(value, Decimal)
        }
        heading = raw.headings[column]
        if numbers:
            factor = matched.scale.get(field, Decimal(1))
            columns[heading] = [_scaled(cell, factor) for cell in raw.cells(column)]
            sums[heading] = numbers
    register = Register(raw_layer(matched, raw), raw.rows, [""] * len(raw.rows))
    return total_remarks(columns, sums, totals, register=register)


def raw_layer(matched: Matched, raw: RawTable) -> str:
    return ""


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
    ids = table.get("id", [""] * size)
    table["row"] = [int(row) for row in rows]
    table["name"] = [name or own for name, own in zip(table.get("name", ids), ids, strict=True)]
    table["flags"] = [tuple(flags.get(at, ())) for at in range(size)]
    if "modes" in table:
        table["modes"] = [modes or () for modes in table["modes"]]
    if contract.id_field == "" and "phase" not in table:
        table["phase"] = ["1"] * size
    names = row_fields(contract.row_type)
    defaults = _defaults(contract.row_type)
    columns: Iterable[Any] = [table.get(name) or repeat(defaults.get(name), size) for name in names]
    return tuple(contract.row_type(*values) for values in zip(*columns, strict=True))


def _defaults(row_type: type[Any]) -> Mapping[str, object]:
    from dataclasses import MISSING, fields  # noqa: PLC0415

    return {field.name: field.default for field in fields(row_type) if field.default is not MISSING}


def blank_cells(cells: Sequence[object]) -> list[int]:
    """Positions of the cells that say nothing."""
    return [at for at, cell in enumerate(cells) if is_blank(cell)]
