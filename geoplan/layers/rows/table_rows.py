"""A table seen row by row: what each row has of its own, and what was decided of it.

Belongs here: which columns make a record or name it, and the words of totals and parts by row. Does
not belong here: deciding (``captions.py``, ``totals.py``, ``subdivisions.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from geoplan.layers.contracts import CONTRACTS
from geoplan.layers.raw_table import RawTable
from geoplan.layers.tables import side_notes as aside
from geoplan.layers.tables.headings import Matched
from geoplan.layers.tables.values import is_blank
from geoplan.terms import Words

PLACES = ("lon", "lat", "x", "y")
CODED = frozenset({"divisions", "communities"})
_OWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"divisions": ("kind",), "facilities": ("facility_type",), "phases": ("phase",)}
)
_NAMING = frozenset(
    {"name", "jiedao", "community", "rc", "compound", "county", "kind", "facility_type", "phase"}
)
_KIND_HINT = re.compile(
    r"[计計总總共和均比占佔增减上去较全本汇其余餘括位差]|total|sum|aver|mean|medi|share|perc|yoy|which",
    re.IGNORECASE,
)
_NOTE_HINT = re.compile(
    r"[\s(（—–=*·…_~#※★☆▲△●◆■□-]*(?:[注註備备說说附填制審审複复打联聯單单負负分主数數资資来來統统盖以截本此表第共]"
    r"|\d+/\d|note|source|page)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class TableRows:
    """A table seen row by row, with what was decided of its rows so far.

    ``own`` are the columns that make a record; ``naming`` those that hold names; ``bare`` the rows
    with nothing of their own; ``kept`` the rows that study.toml calls records; ``kinds`` the words of totals and parts by row and column;
    ``verdicts`` the reasons by row.
    """

    raw: RawTable
    layer: str
    columns: Sequence[Sequence[object]]
    fields: Mapping[str, int]
    own: tuple[int, ...]
    naming: frozenset[int]
    kinds: Mapping[int, Mapping[int, str]]
    bare: frozenset[int]
    kept: frozenset[int]
    verdicts: dict[int, str] = field(default_factory=dict)
    asked: dict[int, Words] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.raw.rows)

    @property
    def can_tell(self) -> bool:
        """Whether the table has anything that makes a row a record."""
        return bool(self.own) or self.raw.geometry is not None

    def is_bare(self, at: int) -> bool:
        """Whether a row has nothing of its own, or no row of the table can have."""
        return at in self.bare or not self.can_tell

    def is_open(self, at: int) -> bool:
        """Whether nothing was decided of a row yet."""
        return at not in self.verdicts and at not in self.asked

    def said(self, at: int) -> list[int]:
        """The columns in which a row says anything."""
        return [column for column, cells in enumerate(self.columns) if not is_blank(cells[at])]

    def names(self, at: int) -> list[object]:
        """What a row is called: its cells in naming columns, or its first cell."""
        said = self.said(at)
        return [self.columns[column][at] for column in said if column in self.naming] or [
            self.columns[column][at] for column in said[:1]
        ]

    def name(self, at: int) -> object:
        """The cell of the column 名称, or ``None``."""
        column = self.fields.get("name", self.fields.get("phase"))
        return None if column is None else self.columns[column][at]

    def is_naming(self, at: int, column: int) -> bool:
        """Whether a cell says what its row is called."""
        return column in self.naming or self.said(at)[:1] == [column]

    def mark(self, found: Iterable[int], reason: str) -> None:
        """Set rows aside, unless something was decided of them or study.toml calls them records."""
        for at in found:
            if self.is_open(at) and at not in self.kept:
                self.verdicts[at] = reason


def look(raw: RawTable, matched: Matched, layer: str, kept: frozenset[int]) -> TableRows:
    """A table row by row; an id column that most rows leave blank makes no record."""
    columns = [raw.cells(column) for column in range(len(raw.columns))]
    fields = matched.columns
    contract = CONTRACTS[layer]
    kinds = {} if layer == "reported" else _kinds(columns)  # 占比 is an indicator there
    keys = [key for key in (contract.id_field, *_OWN.get(layer, ())) if key in fields]
    blanks = {key: _blank(columns[fields[key]], kinds.get(fields[key], {})) for key in keys}
    used = [key for key in keys if len(blanks[key]) * 2 <= len(raw.rows)]
    placed = [key for key in PLACES if key in fields]
    blanks |= {key: _blank(columns[fields[key]], {}) for key in placed}
    own = (*used, *placed)
    bare = set(range(len(raw.rows))) if own or raw.geometry is not None else set()
    for key in own:
        bare &= blanks[key]
    if raw.geometry is not None:
        bare &= {at for at, shape in enumerate(raw.geometry) if shape is None}
    naming = {
        column
        for key, column in fields.items()
        if key in {*_NAMING, contract.id_field, "project_id"}
    }
    by_row: dict[int, dict[int, str]] = {}
    for column, found in kinds.items():
        for at, kind in found.items():
            if at not in kept:
                by_row.setdefault(at, {})[column] = kind
    bare |= _same_again([columns[fields[key]] for key in own], by_row)
    return TableRows(
        raw,
        layer,
        columns,
        fields,
        tuple(fields[key] for key in own),
        frozenset(naming),
        by_row,
        frozenset(bare - kept),
        kept,
    )


def _same_again(
    own: Sequence[Sequence[object]], kinds: Mapping[int, Mapping[int, str]]
) -> set[int]:
    """Parts that repeat what makes the row above them a record, as merged cells do, and no more."""
    found: set[int] = set()
    for at, words in kinds.items():
        if not own or not at or aside.PART not in words.values():
            continue
        below = at
        while below < len(own[0]) and all(cells[below] == cells[at - 1] for cells in own):
            found.add(below)
            below += 1
    return found


def _kinds(columns: Sequence[Sequence[object]]) -> dict[int, dict[int, str]]:
    """The words of totals and parts by column and row."""
    found: dict[int, dict[int, str]] = {}
    for column, cells in enumerate(columns):
        texts = {cell for cell in cells if isinstance(cell, str)}
        if not _KIND_HINT.search("\n".join(texts)):  # one search for nearly every column
            continue
        hinted = (text for text in texts if _KIND_HINT.search(text))
        words = {text: kind for text in hinted if (kind := aside.kind_of(text)) is not None}
        if words:
            found[column] = {
                at: words[cell]
                for at, cell in enumerate(cells)
                if isinstance(cell, str) and cell in words
            }
    return found


def _blank(cells: Sequence[object], words: Mapping[int, str]) -> set[int]:
    """Rows whose cell says nothing of its own: blank, a total, a note."""
    blank = {at for at, cell in enumerate(cells) if says_nothing(cell)}
    blank |= {at for at, kind in words.items() if kind != aside.MAYBE_PART}
    return blank | set(note_cells(cells))


def says_nothing(cell: object) -> bool:
    """As ``is_blank``, quick for the ids and numbers that most cells are: no blank ends in a digit."""
    return not (isinstance(cell, str) and cell[-1:].isdigit()) and is_blank(cell)


def note_cells(cells: Sequence[object]) -> list[int]:
    """Rows whose cell in a column is a note."""
    texts = {cell for cell in cells if isinstance(cell, str) and _NOTE_HINT.match(cell)}
    notes = {text for text in texts if aside.is_note(text)}
    if not notes:
        return []
    return [at for at, cell in enumerate(cells) if isinstance(cell, str) and cell in notes]
