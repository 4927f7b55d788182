"""What is given, as a planner writes it down, turned into the files a bureau would send.

A layer is a small table of text: columns parted by ``|``, the first line names them by their keys
(README, layers). Blank means keep what ``like`` says, or nothing; ``—`` means the cell is
blank in the file. ``F1..F3`` stands for three rows, and ``#`` for their running number. A place is
a ``square`` (west, south, side), a ``box`` (west, south, width, height), a ``point`` (east, north)
or a ``wkt``, all in metres from a corner of 崇左 in EPSG:4545.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas
import openpyxl
import shapely
from shapely.affinity import translate

Row = dict[str, str]
Given = Mapping[str, Sequence[Row]]

CRS = "EPSG:4545"
CORNER = (430_000, 2_475_000)
PLACES = ("square", "box", "point", "wkt")
BLANK = "—"
# ``phases`` stand in the workbook of the projects, ``phases_alone`` in a file of their own.
_KEYS = {"phases_alone": "phases"}
_RANGE = re.compile(r"(?P<stem>.*?)(?P<first>\d+)\.\.(?P=stem)(?P<last>\d+)")


def read_rows(text: str, like: Mapping[str, Mapping[str, Any]] | None = None) -> list[Row]:
    """The rows of a table written with ``|``; ``like`` holds the model rows it may name.

    Examples
    --------
    >>> read_rows("rc_id | population\\nR1..R2 | 8000")
    [{'rc_id': 'R1', 'population': '8000'}, {'rc_id': 'R2', 'population': '8000'}]
    """
    heading, *lines = (line for line in text.splitlines() if line.strip())
    columns = [column.strip() for column in heading.split("|")]
    rows: list[Row] = []
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != len(columns):
            raise ValueError(f"{len(cells)} cells under {len(columns)} columns: {line}")
        rows += expand_row(dict(zip(columns, cells, strict=True)))
    return [_filled(row, like or {}) for row in rows]


def expand_row(row: Row) -> list[Row]:
    """One row for each number of its ranges, which must be of one length."""
    ranges = {column: spread for column, cell in row.items() if (spread := _spread(cell))}
    if not ranges:
        return [row]
    spreads = list(zip(*ranges.values(), strict=True))
    return [
        {column: cell.replace("#", str(number)) for column, cell in row.items()}
        | dict(zip(ranges, cells, strict=True))
        for number, cells in enumerate(spreads, start=1)
    ]


def _spread(cell: str) -> list[str]:
    found = _RANGE.fullmatch(cell)
    if found is None:
        return []
    stem, first, last = found["stem"], found["first"], found["last"]
    return [f"{stem}{n:0{len(first)}d}" for n in range(int(first), int(last) + 1)]


def _filled(row: Row, like: Mapping[str, Mapping[str, Any]]) -> Row:
    model = like[row["like"]] if row.get("like") else {}
    said = {column: cell for column, cell in row.items() if cell and column != "like"}
    whole = {**{key: _text(value) for key, value in model.items()}, **said}
    return {**dict.fromkeys(row, ""), **whole} if not model else whole


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)


def place_of(row: Row) -> shapely.Geometry | None:
    """The geometry a row is given, in EPSG:4545."""
    kind = next((kind for kind in PLACES if row.get(kind)), None)
    if kind is None:
        return None
    if kind == "wkt":
        return translate(shapely.from_wkt(row["wkt"]), *CORNER)
    numbers = [float(part) for part in row[kind].split()]
    east, north = numbers[0] + CORNER[0], numbers[1] + CORNER[1]
    if kind == "point":
        return shapely.Point(east, north)
    width, height = numbers[2], numbers[-1]
    return shapely.box(east, north, east + width, north + height)


@dataclass(frozen=True, slots=True)
class Question:
    """By what, on which day and with which values the given layers are to be judged."""

    policy: str = "chongzuo-2021-2023"
    as_of: date = date(2023, 12, 31)
    values: Mapping[str, Any] = field(default_factory=dict)
    period_start: date | None = None


def write_study(folder: Path, given: Given, question: Question) -> Path:
    """A study folder with a file for each layer given."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        _KEYS.get(layer, layer): write_layer(folder, layer, rows, given.get("phases", ()))
        for layer, rows in given.items()
        if layer != "phases"
    }
    start = question.period_start
    lines = ["[study]", 'name = "算例"', f'policy = "{question.policy}"']
    lines += [f"as_of = {question.as_of}", f"period_start = {start}" if start else ""]
    lines += ["[layers]", *(f'{layer} = "{file}"' for layer, file in files.items())]
    lines += [
        "[policy_values]",
        *(f"{key} = {toml(value)}" for key, value in question.values.items()),
    ]
    (folder / "study.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, (str, bool)):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else str(value)


def write_layer(folder: Path, layer: str, rows: Sequence[Row], phases: Sequence[Row]) -> str:
    """GeoPackage where a row has a place, a workbook where there are phases, else CSV."""
    if any(place_of(row) is not None for row in rows):
        frame_of(rows).to_file(folder / f"{layer}.gpkg", driver="GPKG")
        return f"{layer}.gpkg"
    sheets = {layer: _grid(rows)}
    if layer == "projects" and phases:
        return _write_workbook(folder / f"{layer}.xlsx", {**sheets, "phases": _grid(phases)})
    with (folder / f"{layer}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(_grid(rows))
    return f"{layer}.csv"


def _cell(text: str) -> str:
    return "" if text == BLANK else text


def _grid(rows: Sequence[Row]) -> list[list[str]]:
    columns = [
        column for column in dict.fromkeys(c for row in rows for c in row) if column not in PLACES
    ]
    return [columns, *([_cell(row.get(column, "")) for column in columns] for row in rows)]


def frame_of(rows: Sequence[Row]) -> geopandas.GeoDataFrame:
    """The rows of a layer with their places, every cell as text."""
    columns = [
        column for column in dict.fromkeys(c for row in rows for c in row) if column not in PLACES
    ]
    cells = {column: [_cell(row.get(column, "")) or None for row in rows] for column in columns}
    return geopandas.GeoDataFrame(cells, geometry=[place_of(row) for row in rows], crs=CRS)


def _write_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[str]]]) -> str:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append([_number(cell) for cell in line])
    book.save(path)
    return path.name


def _number(cell: str) -> object:
    """Numbers as numbers, as a workbook holds them; ids and days stay text."""
    return float(Decimal(cell)) if re.fullmatch(r"\d{1,6}(\.\d+)?", cell) else cell or None
