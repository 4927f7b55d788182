"""Which rows of a table are records of its layer, and why the others are not.

Belongs here: deciding on a row by what it says, where it stands and what it adds up to. Does not
belong here: what a word means (``aside.py``), arithmetic (``sums.py``), or typing the rows that
stay (``check.py``).

A row is *bare* when it has nothing that makes a record of its layer: no id of its own, no type, no
place. A bare row with the word of a total is one; without the word, its sums decide; where they do
not, the row is asked for. A row that is not bare is a record unless both its words and its sums
speak against it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

import numpy as np

from geoplan.errors import Problem
from geoplan.layers import aside
from geoplan.layers.amounts import read_amount, read_count
from geoplan.layers.contracts import CONTRACTS, parser_of
from geoplan.layers.formats.grid import is_furniture
from geoplan.layers.headings import Matched, normal_heading, without_unit
from geoplan.layers.raw import RawTable, listing
from geoplan.layers.sums import Numbers, Sums, numbers_of, parts_of, sums_of
from geoplan.layers.units import is_unit
from geoplan.layers.values import is_blank, read_text
from geoplan.study import LayerFile
from geoplan.terms import Words

_MAKERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"phases": ("project_id",), "reported": ("indicator_id", "as_of")}
)
_OWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"divisions": ("kind",), "facilities": ("facility_type",), "phases": ("phase",)}
)
_PLACES = ("lon", "lat", "x", "y")
_NAMING = frozenset(
    {"name", "jiedao", "community", "rc", "compound", "county", "kind", "facility_type", "phase"}
)
_CODED = frozenset({"divisions", "communities"})
_NOT_ADDED = frozenset({"phase_count", "rent_yuan_per_year"})
_WHOLE_WORDS = frozenset({"合计", "小计", "总计", "共计"})
_KIND_HINT = re.compile(
    r"[计計总總共和均比占佔增减上去较全本汇其余餘括位差]|total|sum|aver|mean|medi|share|perc|yoy|which",
    re.IGNORECASE,
)
_NOTE_HINT = re.compile(
    r"[\s(（—–=*·…_~#※★☆▲△●◆■□-]*(?:[注註備备說说附填制審审複复打联聯單单負负分主数數资資来來統统盖以截本此表第共]"
    r"|\d+/\d|note|source|page)",
    re.IGNORECASE,
)
_BEFORE = " \u3000\t*"  # what may stand before the words of a heading
_HAN = re.compile(r"[\u3400-\u9fff]")
_LEAST_OTHERS = 3
_EDGES = frozenset({"TOTAL_ROW", "DERIVED_ROW", "SECTION_TITLE"})


@dataclass(frozen=True, slots=True)
class Aside:
    """Positions of the rows that are no records, by reason, and the rows nobody can tell."""

    found: dict[str, list[int]]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Rows:
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
        return len(self.raw.rows)

    @property
    def can_tell(self) -> bool:
        """Whether the table has anything that makes a row a record."""
        return bool(self.own) or self.raw.geometry is not None

    def is_bare(self, at: int) -> bool:
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
        return column in self.naming or self.said(at)[:1] == [column]


def find_aside(raw: RawTable, matched: Matched, file: LayerFile) -> Aside:
    """Tell records from rows that are none."""
    kept = frozenset(_positions(raw, file.keep_rows))
    rows = _look(raw, matched, file.layer, kept)
    problems = list(_told(rows, file))
    _mark(rows, _headings_again(rows), "HEADING_REPEATED")
    _mark(rows, _notes(rows), "FOOTNOTE")
    for at, column in _alone(rows):
        _judge_alone(rows, at, column)
    _mark(rows, _empty(rows), "EMPTY_ROW")
    _mark(rows, _incomplete(rows), "INCOMPLETE_ROW")
    contested = _judge_named(rows)
    numbers = numbers_of(_additive(rows)) if _needs_sums(rows, contested) else {}
    _judge_parts(rows, numbers)
    _judge_sums(rows, numbers, contested)
    if rows.layer != "homes":
        _judge_coded(rows, numbers)
        _judge_ends(rows, numbers)
    found: dict[str, list[int]] = {reason: [] for reason in aside.REASONS}
    for at, reason in sorted(rows.verdicts.items()):
        found[reason].append(at)
    problems += _questions(rows)
    return Aside(found, tuple(problems))


# ------------------------------------------------------------------------------ looking


def _look(raw: RawTable, matched: Matched, layer: str, kept: frozenset[int]) -> _Rows:
    columns = [raw.cells(column) for column in range(len(raw.columns))]
    fields = matched.columns
    contract = CONTRACTS[layer]
    kinds = {} if layer == "reported" else _kinds(columns)  # 占比 is an indicator there
    keys = [key for key in (contract.id_field, *_OWN.get(layer, ())) if key in fields]
    blanks = {key: _blank(columns[fields[key]], kinds.get(fields[key], {})) for key in keys}
    used = [key for key in keys if len(blanks[key]) * 2 <= len(raw.rows)]
    placed = [key for key in _PLACES if key in fields]
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
    return _Rows(
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
    blank = {at for at, cell in enumerate(cells) if _says_nothing(cell)}
    blank |= {at for at, kind in words.items() if kind != aside.MAYBE_PART}
    return blank | set(_note_cells(cells))


def _says_nothing(cell: object) -> bool:
    """As ``is_blank``, quick for the ids and numbers that most cells are: no blank ends in a digit."""
    return not (isinstance(cell, str) and cell[-1:].isdigit()) and is_blank(cell)


def _note_cells(cells: Sequence[object]) -> list[int]:
    texts = {cell for cell in cells if isinstance(cell, str) and _NOTE_HINT.match(cell)}
    notes = {text for text in texts if aside.is_note(text)}
    if not notes:
        return []
    return [at for at, cell in enumerate(cells) if isinstance(cell, str) and cell in notes]


def _mark(rows: _Rows, found: Sequence[int] | Iterator[int], reason: str) -> None:
    for at in found:
        if rows.is_open(at) and at not in rows.kept:
            rows.verdicts[at] = reason


def _positions(raw: RawTable, numbers: Sequence[int]) -> list[int]:
    if not numbers:
        return []
    return np.flatnonzero(np.isin(raw.rows, numbers)).tolist()


def _told(rows: _Rows, file: LayerFile) -> Iterator[Problem]:
    """What study.toml says of single rows, and row numbers that the file does not have."""
    for key, numbers in (("skip_rows", file.skip_rows), ("keep_rows", file.keep_rows)):
        known = set(rows.raw.rows[_positions(rows.raw, numbers)].tolist())
        missing = [number for number in numbers if number not in known]
        if missing:
            yield _no_such_rows(rows.raw.where, key, missing)
    _mark(rows, _positions(rows.raw, file.skip_rows), "SKIPPED_ROW")


# ------------------------------------------------------------------- headings, notes, titles


def _headings_again(rows: _Rows) -> list[int]:
    """Rows whose cells are for the most part their own headings, and the units below them."""
    hits: dict[int, int] = {}
    for cells, heading in zip(rows.columns, rows.raw.headings, strict=True):
        forms = _forms(heading)
        starts = {form[0] for form in forms} | {part[0] for part in heading.split("/") if part}
        for text in {cell for cell in cells if isinstance(cell, str)} if forms else ():
            if text.lstrip(_BEFORE)[:1].casefold() not in starts:
                continue
            if without_unit(normal_heading(text)) in forms:
                for at, cell in enumerate(cells):
                    hits[at] = hits.get(at, 0) + (cell == text)
    found = []
    for at, count in sorted(hits.items()):
        said = len(rows.said(at)) if count else 0
        if count and count * 2 >= said and (count > 1 or said == 1):
            found.append(at)
    return [*found, *(at for at in rows.bare if _is_unit_row(rows, at)), *_below(rows, found)]


def _below(rows: _Rows, found: Sequence[int]) -> Iterator[int]:
    """Rows of units and of column numbers right under a repeated heading."""
    for at in found:
        below = at + 1
        while below < rows.size and (_is_unit_row(rows, below) or is_furniture(_row(rows, below))):
            yield below
            below += 1


def _forms(heading: str) -> set[str]:
    """The heading as its rows may repeat it."""
    texts = (heading, *heading.split("/"))
    return {form for text in texts if (form := without_unit(normal_heading(text)))}


def _row(rows: _Rows, at: int) -> list[object]:
    return [cells[at] for cells in rows.columns]


def _is_unit_row(rows: _Rows, at: int) -> bool:
    said = [rows.columns[column][at] for column in rows.said(at)]
    return bool(said) and all(
        isinstance(cell, str) and is_unit(normal_heading(cell).strip("()")) for cell in said
    )


def _notes(rows: _Rows) -> list[int]:
    """Rows whose first cell is a note and that have nothing of their own."""
    found = set()
    for column, cells in enumerate(rows.columns):
        for at in _note_cells(cells):
            is_free = rows.is_bare(at) or column in rows.naming
            if is_free and rows.said(at)[:1] == [column]:
                found.add(at)
    return sorted(found)


def _alone(rows: _Rows) -> list[tuple[int, int]]:
    """Rows that say one thing, with its column."""
    once: dict[int, int] = {}
    never = set(range(rows.size))
    for column, cells in enumerate(rows.columns):
        for at in [at for at in once if not _says_nothing(cells[at])]:
            del once[at]
        new = {at for at in never if not _says_nothing(cells[at])}
        never -= new
        once |= dict.fromkeys(new, column)
        if not once and not never:
            break
    return sorted(item for item in once.items() if item[0] not in rows.kept)


def _judge_alone(rows: _Rows, at: int, column: int) -> None:
    cell = rows.columns[column][at]
    is_placed = rows.raw.geometry is not None and rows.raw.geometry[at] is not None
    if not rows.is_open(at) or is_placed or not isinstance(cell, str) or len(rows.columns) == 1:
        return
    if rows.kinds.get(at) and rows.kinds[at][column] != aside.MAYBE_PART:
        return  # a total without its numbers is judged with the totals
    is_banner = at in rows.raw.banners
    after_note = rows.verdicts.get(at - 1) == "FOOTNOTE"
    if aside.is_sentence(cell) or (after_note and (is_banner or column == 0)):
        rows.verdicts[at] = "FOOTNOTE"
    elif is_banner or aside.is_title(cell):
        rows.verdicts[at] = "SECTION_TITLE"
    else:
        _judge_name_alone(rows, at, column, cell)


def _judge_name_alone(rows: _Rows, at: int, column: int, cell: str) -> None:
    """A row that is one name, with nothing in the name that says what it is."""
    id_column = rows.fields.get(CONTRACTS[rows.layer].id_field)
    has_ids = id_column in rows.own
    if read_count(cell)[0] is not None:
        return
    is_place = aside.is_place(cell) and rows.layer != "divisions"
    is_named = column == rows.fields.get("name")
    if column == id_column:
        is_title = is_place or not _is_like_ids(rows, at, cell)
    else:
        is_title = is_place or (not is_named and rows.is_bare(at))
    if is_title:
        rows.verdicts[at] = "SECTION_TITLE"
    elif is_named and column != id_column and has_ids and rows.layer not in _CODED:
        rows.asked[at] = Words("只有一个名称，像标题又像记录", "is a name and nothing else")


def _is_like_ids(rows: _Rows, at: int, cell: str) -> bool:
    """Whether an id looks like the others, which have no Chinese characters or nearly all have."""
    if not _HAN.search(cell):
        return True
    column = rows.fields[CONTRACTS[rows.layer].id_field]
    others = [text for row, text in enumerate(rows.columns[column]) if row != at]
    named = sum(isinstance(text, str) and bool(_HAN.search(text)) for text in others)
    return named * 2 >= len(others)


def _empty(rows: _Rows) -> list[int]:
    """Rows in which no column that is read says anything."""
    blank = set(range(rows.size))
    for column in dict.fromkeys(rows.fields.values()):
        blank = {at for at in blank if _says_nothing(rows.columns[column][at])}
    if rows.raw.geometry is not None:
        blank = {at for at in blank if rows.raw.geometry[at] is None}
    return sorted(at for at in blank if at not in rows.kinds)


def _incomplete(rows: _Rows) -> list[int]:
    """Rows that lack what makes one: a phase's project, a reported value's day."""
    lost: set[int] = set()
    for key in _MAKERS.get(rows.layer, ()):
        parse, cells = parser_of(key), rows.columns[rows.fields[key]]
        lost |= {at for at, cell in enumerate(cells) if parse(cell)[0] is None}
    return sorted(at for at in lost if at not in rows.kinds)


# -------------------------------------------------------------------------------- totals


def _judge_named(rows: _Rows) -> list[int]:
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


def _is_surely_total(rows: _Rows, at: int, words: Mapping[int, str]) -> bool:
    if rows.is_bare(at):
        return is_blank(rows.name(at)) or any(rows.is_naming(at, column) for column in words)
    return any(
        column in rows.naming and aside.folded(rows.columns[column][at]) in _WHOLE_WORDS
        for column in words
    )


def _additive(rows: _Rows) -> dict[str, Sequence[object]]:
    """The columns whose numbers can be added up."""
    return {
        key: rows.columns[column]
        for key, column in rows.fields.items()
        if parser_of(key) in {read_amount, read_count} and key not in _NOT_ADDED
    }


def _needs_sums(rows: _Rows, contested: Sequence[int]) -> bool:
    return rows.layer != "homes" or bool(contested) or any(map(rows.is_open, rows.bare))


def _judge_sums(rows: _Rows, numbers: Numbers, contested: list[int]) -> None:
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
        _mark(rows, totals, "TOTAL_ROW")
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


def _ask_for_total(rows: _Rows, at: int, sums: Sums, *, is_named: bool) -> None:
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


def _is_called(rows: _Rows, at: int, column: int) -> bool:
    """Whether a word names its row; 全区 as the 街道 of a facility says only whom it serves."""
    if rows.kinds[at][column] == aside.TOTAL:
        return rows.is_naming(at, column)
    return column in {rows.fields.get(key) for key in ("name", CONTRACTS[rows.layer].id_field)}


def _judge_coded(rows: _Rows, numbers: Numbers) -> None:
    """A row whose code is the beginning of the codes of others, and that adds up to those."""
    column = rows.fields.get(CONTRACTS[rows.layer].id_field)
    if rows.layer not in _CODED or column is None:
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


def _judge_ends(rows: _Rows, numbers: Numbers) -> None:
    """Ask for a first or last row with an id of its own that adds up to all the others."""
    firm = [at for at in range(rows.size) if rows.is_open(at)]
    if rows.layer == "reported" or len(firm) < _LEAST_OTHERS or rows.raw.geometry is not None:
        return
    for at in {firm[0], firm[-1]}:
        if any(
            not is_blank(rows.columns[rows.fields[key]][at])
            for key in _PLACES
            if key in rows.fields
        ):
            continue
        sums = sums_of(numbers, set(firm) - {at})
        several = sum(map(bool, sums.said(at).values())) > 1  # two numbers rarely fit by chance
        least = _LEAST_OTHERS - 1 if several else _LEAST_OTHERS
        if sums.is_sum(at, 0, rows.size, least=least):
            rows.asked[at] = Words("等于其余各行之和，像合计", "adds up to all the other rows")


# --------------------------------------------------------------------------------- parts


def _judge_parts(rows: _Rows, numbers: Numbers) -> None:
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


def _flags(rows: _Rows) -> bool:
    return any({aside.PART, aside.MAYBE_PART} & {*kinds.values()} for kinds in rows.kinds.values())


def _part_kind(rows: _Rows, at: int) -> str | None:
    for column, kind in rows.kinds.get(at, {}).items():
        if kind in {aside.PART, aside.MAYBE_PART} and rows.is_naming(at, column):
            return kind
    return None


def _judge_run(rows: _Rows, numbers: Numbers, parent: int, kind: str | None) -> None:
    run = list(_run_below(rows, parent))
    if not run:
        return
    first = run[0]
    if kind == aside.MAYBE_PART and first not in rows.bare:
        return  # a place whose name begins so
    own = _numbers_at(numbers, parent)
    size = parts_of(own, [_numbers_at(numbers, at) for at in run])
    if size > 1 or (size and kind is not None):
        _mark(rows, run[:size], "PART_ROW")
    elif kind == aside.PART and rows.is_bare(first):
        named = (at for at in run if _part_kind(rows, at) == aside.PART or _is_phase_row(rows, at))
        _mark(rows, named, "PART_ROW")
    elif kind is not None:
        rows.asked[first] = Words(
            "写着“其中”，但与上一行的数对不上",
            "begins as a part of the row above but does not fit it",
        )


def _run_below(rows: _Rows, parent: int) -> Iterator[int]:
    """The rows below a record that may be its parts."""
    for at in range(parent + 1, rows.size):
        if rows.verdicts.get(at) is not None:
            return
        kind = _part_kind(rows, at)
        is_free = not rows.can_tell and (kind is not None or _is_phase_row(rows, at))
        if at not in rows.bare and kind != aside.PART and not is_free:
            return
        yield at


def _is_phase_row(rows: _Rows, at: int) -> bool:
    return any(map(aside.is_phase, rows.names(at)))


def _numbers_at(numbers: Numbers, at: int) -> dict[str, Decimal]:
    cells = {key: column[at] for key, column in numbers.items()}
    return {key: number for key, number in cells.items() if number is not None}


# ----------------------------------------------------------------------------- questions


def _questions(rows: _Rows) -> Iterator[Problem]:
    reasons: dict[Words, list[int]] = {}
    for at, why in sorted(rows.asked.items()):
        if at not in rows.kept and at not in rows.verdicts:
            reasons.setdefault(why, []).append(at)
    for why, found in reasons.items():
        yield _question(rows, why, found)


def _question(rows: _Rows, why: Words, found: Sequence[int]) -> Problem:
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
