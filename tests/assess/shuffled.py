"""A study with the rows of every file in another order, and a result without row numbers."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from typing import Any

import geopandas
import openpyxl

from geoplan.layers.model import Layer, Layers

# Row numbers as sentences have them: 第 3, 14, … (7) 行; rows 3, 14.
_LIST = r"\d+(?:, (?:\d+|… \(\d+\)))*"
_SAID = re.compile(rf"第 {_LIST} 行|\brows? {_LIST}")
_FILE = ("sha256", "rows", "source_row")


def shuffle_study(source: Path, target: Path, random: Random) -> Path:
    """A copy of a study in which every file has its rows in another order."""
    target.mkdir(parents=True)
    shutil.copy(source / "study.toml", target / "study.toml")
    shutil.copytree(source / "data", target / "data")
    for file in sorted((target / "data").rglob("*.*")):
        if file.suffix in _SHUFFLERS:
            _SHUFFLERS[file.suffix](file, random)
    return target


def _shuffle_csv(file: Path, random: Random) -> None:
    heading, *rows = file.read_text(encoding="utf-8-sig").splitlines()
    file.write_text("\n".join([heading, *other_order(rows, random)]) + "\n", encoding="utf-8-sig")


def _shuffle_gpkg(file: Path, random: Random) -> None:
    frame = geopandas.read_file(file)
    order = other_order(list(range(len(frame))), random)
    file.unlink()
    frame.iloc[order].to_file(file, layer=file.stem, driver="GPKG")


def _shuffle_book(file: Path, random: Random) -> None:
    book = openpyxl.load_workbook(file)
    for sheet in book:
        heading, *rows = (list(row) for row in sheet.iter_rows(values_only=True))
        for number, row in enumerate(other_order(rows, random), start=2):
            for column, cell in enumerate(row, start=1):
                sheet.cell(number, column).value = cell
        assert [cell.value for cell in sheet[1]] == heading
    book.save(file)


_SHUFFLERS = {".csv": _shuffle_csv, ".gpkg": _shuffle_gpkg, ".xlsx": _shuffle_book}


def other_order(rows: list[Any], random: Random) -> list[Any]:
    """The same rows in an order of their own; of three or more never the one they had."""
    order = list(range(len(rows)))
    while order == sorted(order) and len(order) > 2:
        random.shuffle(order)
    return [rows[at] for at in order]


def without_rows(text: str) -> list[str]:
    """The lines of a document without row numbers and without the sums of files."""
    document = json.loads(text)
    return [
        f"{part} {json.dumps(_plain(line), ensure_ascii=False)}"
        for part, value in document.items()
        for line in (value if isinstance(value, list) else [value])
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: len(each) if key == "rows" else "" if key == "sha256" else _plain(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _SAID.sub("rows", value) if isinstance(value, str) else value


def tables_of(folder: Path) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Every table of a result without row numbers and without the sums of files."""
    for file in sorted(folder.rglob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = [
                {key: _SAID.sub("rows", cell) for key, cell in row.items() if key not in _FILE}
                for row in csv.DictReader(opened)
            ]
        yield file.name, rows


def shuffle_layers(layers: Layers, random: Random) -> Layers:
    """The same layers with their rows in another order, and so with other row numbers."""
    given = ((each.name, getattr(layers, each.name)) for each in fields(Layers))
    changed: dict[str, Any] = {
        name: shuffle_layer(layer, random) for name, layer in given if isinstance(layer, Layer)
    }
    return replace(layers, **changed)


def shuffle_layer(layer: Layer[Any], random: Random) -> Layer[Any]:
    order = other_order(list(range(len(layer.rows))), random)
    rows = tuple(replace(layer.rows[at], row=row) for row, at in enumerate(order, start=2))
    geometry = None if layer.geometry is None else layer.geometry[order]
    return replace(layer, rows=rows, geometry=geometry)
