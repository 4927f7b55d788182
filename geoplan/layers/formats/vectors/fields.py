"""What a geodatabase says of its fields: their aliases and the words behind their codes.

Belongs here: FileGDB and GeoPackage, whose columns are called ZT and hold 1 where people see
运营状态 and 运营. Does not belong here: which heading means which field (``headings.py``).

The alias is matched first, then the field's own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from geoplan.errors import Remark
from geoplan.layers.raw_table import RawTable, listing, plain_cells
from geoplan.layers.tables.headings import count_hits, normal_heading
from geoplan.study import LayerFile
from geoplan.terms import Words

Codes = Mapping[str, str]
Ask = Callable[[str], Mapping[str, Sequence[Any]]]

_ALIAS, _DOMAIN = b"GDAL:OGR:alternative_name", b"GDAL:OGR:domain_name"
_TITLES = "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = '{part}'"
_ENUMS = (
    "SELECT constraint_name, value, description FROM gpkg_data_column_constraints "
    "WHERE constraint_type = 'enum'"
)
_ITEMS = "SELECT Name, Definition FROM GDB_Items"


def plain_codes(table: Any) -> Any:
    """The Arrow table with the codes of coded fields as they are, for words of our own choosing.

    GDAL gives such a field as a dictionary of its words, in which a code without a word is an
    index beyond the end.
    """
    import pyarrow as pa
    import pyarrow.types as kinds

    for at, field in enumerate(table.schema):
        if kinds.is_dictionary(field.type):
            chunks = [chunk.indices for chunk in table.column(at).chunks]
            codes = pa.chunked_array(chunks, type=field.type.index_type)
            kept = pa.field(field.name, field.type.index_type, metadata=field.metadata)
            table = table.set_column(at, kept, codes)
    return table


def with_fields_said(raw: RawTable, schema: Any, file: LayerFile, part: str, ask: Ask) -> RawTable:
    """The raw table under its aliases and with words for codes; ``ask`` puts SQL to the file."""
    told = {field.name: field.metadata or {} for field in schema}
    domains = {
        at: told[name][_DOMAIN].decode(errors="replace")
        for at, name in enumerate(raw.headings)
        if _DOMAIN in told.get(name, {})
    }
    named, remarks = _named(raw, told, file, part, ask)
    decoded, said = _decoded(replace(raw, headings=named), domains, file.layer, ask)
    return replace(decoded, remarks=(*raw.remarks, *remarks, *said))


def _named(
    raw: RawTable, told: Mapping[str, Mapping[bytes, bytes]], file: LayerFile, part: str, ask: Ask
) -> tuple[tuple[str, ...], list[Remark]]:
    titles = _titles(file, part, ask)
    headings = []
    for name in raw.headings:
        alias = told.get(name, {}).get(_ALIAS, b"").decode(errors="replace").strip()
        headings.append(_best_name(name, [titles.get(name, ""), alias], file))
    pairs = [
        f"{own} → {new}" for own, new in zip(raw.headings, headings, strict=True) if own != new
    ]
    if not pairs:
        return tuple(headings), []
    shown = listing(pairs, most=30)
    detail = Words(f"字段按别名读取：{shown}", f"fields were read by their aliases: {shown}")
    return tuple(headings), [Remark("FIELD_ALIAS", detail, file.layer)]


def _best_name(name: str, aliases: Sequence[str], file: LayerFile) -> str:
    """The alias, where it means a field or the name does not; but as study.toml calls it."""
    others = [alias for alias in aliases if alias and alias != name]
    asked = {normal_heading(heading) for heading in file.columns.values()}
    for each in (name, *others):
        if normal_heading(each) in asked:
            return each
    for each in (*others, name):
        if count_hits([each], file.layer, {}):
            return each
    return others[0] if others else name


def _titles(file: LayerFile, part: str, ask: Ask) -> dict[str, str]:
    if file.path.suffix.lower() != ".gpkg":
        return {}
    found = ask(_TITLES.format(part=part.replace("'", "''")))
    pairs = zip(found.get("column_name", ()), found.get("title", ()), strict=True)
    return {str(name): str(title).strip() for name, title in pairs if title}


def _decoded(
    raw: RawTable, domains: Mapping[int, str], layer: str, ask: Ask
) -> tuple[RawTable, list[Remark]]:
    """Words in place of codes; a code that has no word stays as it is, and is told."""
    if not domains:
        return raw, []
    books = dict(_books(ask))
    columns = list(raw.columns)
    remarks = []
    for at, domain in domains.items():
        words = books.get(domain)
        if not words:
            continue  # a range, or a list that is not in the file
        cells = [_code(cell) for cell in plain_cells(raw.columns[at])]
        columns[at] = [None if cell is None else words.get(cell, cell) for cell in cells]
        lost = [row for row, cell in enumerate(cells) if cell is not None and cell not in words]
        if lost:
            remarks.append(_without_word(raw, at, lost, layer))
    return replace(raw, columns=tuple(columns)), remarks


def _code(cell: object) -> str | None:
    if cell is None or cell != cell:  # noqa: PLR0124 - NaN
        return None
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip() or None


def _without_word(raw: RawTable, at: int, lost: Sequence[int], layer: str) -> Remark:
    rows = tuple(int(raw.rows[row]) for row in lost)
    detail = Words(
        f"“{raw.headings[at]}”字段第 {listing(rows)} 行的代码不在其值域表中，照代码读取",
        f'field "{raw.headings[at]}", row {listing(rows)}: codes that its list of values does not '
        "hold were read as they are",
    )
    return Remark("CODE_WITHOUT_WORD", detail, layer, rows)


def _books(ask: Ask) -> Iterator[tuple[str, Codes]]:
    """Every list of codes and words of the file, by name."""
    enums = ask(_ENUMS)
    names = enums.get("constraint_name", ())
    for name in dict.fromkeys(names):
        rows = zip(names, enums["value"], enums["description"], strict=True)
        yield str(name), {str(code): str(word) for own, code, word in rows if own == name and word}
    items = ask(_ITEMS)
    for name, text in zip(items.get("Name", ()), items.get("Definition", ()), strict=True):
        if text and "CodedValue" in text:
            yield str(name), _coded_values(text)


def _coded_values(text: str) -> Codes:
    try:
        root = ET.fromstring(text)  # noqa: S314 - expat guards itself
    except ET.ParseError:
        return {}
    pairs = ((item.findtext("Code"), item.findtext("Name")) for item in root.iter("CodedValue"))
    return {code.strip(): name.strip() for code, name in pairs if code and name}
