"""People's particulars in cells: left out before anything is stored or said of them.

Belongs here: telling an identity number, a mobile number or a named contact by its content. Does
not belong here: columns whose headings say that they hold such things (``headings.py``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoplan.errors import Remark
from geoplan.layers.contracts import CONTRACTS, parser_of
from geoplan.layers.raw_table import Column, RawTable, Register, listing, plain_cells
from geoplan.layers.tables.amounts import read_reported, read_shares
from geoplan.layers.tables.headings import Matched
from geoplan.layers.tables.values import read_id, read_list
from geoplan.terms import Words

HIDDEN = "***"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
_CHECKS = "10X98765432"  # by the weighted sum modulo 11
_IDENTITY = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d.])")
_CONTACT = re.compile(
    r"((?:联系人|姓名|户主|监护人|经办人|负责人)\s*[:：]\s*)[\u4e00-\u9fff·]{2,4}(?![\u4e00-\u9fff])"
)
_HINT = re.compile(r"\d[-\d ]{9}|[人名主][\s]*[:：]")  # what every one of them holds
_LONG = re.compile(r"\d{17}")
_LEAST = 10**10  # the least number with as many digits as a mobile number

# Ids, lists of ids and values of any indicator: eleven digits may well be one of those.
_CODES = frozenset({read_reported, read_shares, read_id, read_list})
_IDS = frozenset({"lon", "lat", "x", "y", "geometry", "jiedao", "community", "rc", "compound"})


def is_identity_number(text: str) -> bool:
    """Whether 18 characters are a citizen's identity number: a day of birth and its check digit.

    Examples
    --------
    >>> is_identity_number("11010519491231002X"), is_identity_number("110105194912310021")
    (True, False)
    """
    try:
        date.fromisoformat(f"{text[6:10]}-{text[10:12]}-{text[12:14]}")
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text[:17], strict=True))
    return _CHECKS[total % len(_CHECKS)] == text[17].upper()


def hide(text: str, *, is_free: bool = True) -> str:
    """A text without identity numbers and, in a free text, mobile numbers and named contacts.

    Examples
    --------
    >>> hide("联系人：张三，13800138000，每周一开放")
    '联系人：***，***，每周一开放'
    >>> hide("桂房权证第20210012345号"), hide("13800138000", is_free=False)
    ('桂房权证第20210012345号', '13800138000')
    """
    told = _IDENTITY.sub(lambda found: HIDDEN if is_identity_number(found[0]) else found[0], text)
    if is_free:
        told = _MOBILE.sub(HIDDEN, told)
        told = _CONTACT.sub(rf"\1{HIDDEN}", told)
    return told


def without_particulars_in_headings(raw: RawTable) -> RawTable:
    """The table with people's particulars taken out of its headings, which may be a row of data."""
    headings = tuple(_hidden(heading, is_free=True) or heading for heading in raw.headings)
    if headings == raw.headings:
        return raw
    detail = Words(
        "表头中有身份证号、手机号或联系人姓名，已略去；请检查表头是否缺失",
        "identity numbers, mobile numbers or names of contacts stood in the headings and were taken "
        "out; check whether the row of headings is missing",
    )
    remark = Remark("PERSONAL_CELL", detail)
    return replace(raw, headings=headings, remarks=(*raw.remarks, remark))


def without_particulars(raw: RawTable, matched: Matched, layer: str) -> RawTable:
    """The table with people's particulars taken out of every column that is read, and a remark."""
    columns = list(raw.columns)
    remarks: list[Remark] = []
    register = Register(layer, raw.rows, [""] * len(raw.rows))
    for field, at in matched.columns.items():
        found = _found(raw.columns[at], is_free=_is_free(field, layer))
        if found:
            cells = raw.cells(at).copy()
            is_named = field in {"name", CONTRACTS[layer].id_field}
            for position, told in found.items():  # a row without name or id is given one
                cells[position] = None if is_named and told.strip() == HIDDEN else told
            columns[at] = cells
            remarks.append(_remark(raw.headings[at], found, register))
    if not remarks:
        return raw
    return replace(raw, columns=tuple(columns), remarks=(*raw.remarks, *remarks))


def _is_free(field: str, layer: str) -> bool:
    is_id = field in _IDS or field == CONTRACTS[layer].id_field
    return not is_id and parser_of(field) not in _CODES


def _found(column: Column, *, is_free: bool) -> dict[int, str]:
    """What to write instead, by position."""
    if isinstance(column, np.ndarray) and _is_short(column):
        return {}
    cells = plain_cells(column)
    hint = _HINT if is_free else _LONG
    if not hint.search("\n".join(_texts(cells))):  # one search for nearly every column
        return {}
    told = ((at, _hidden(_text(cell), is_free=is_free)) for at, cell in enumerate(cells))
    return {at: text for at, text in told if text is not None}


def _is_short(column: NDArray[Any]) -> bool:
    """Whether a typed column has no number as long as a mobile number."""
    kind = column.dtype.kind
    return kind in "bmM" or (kind in "iuf" and not (column >= _LEAST).any())


def _hidden(text: str, *, is_free: bool) -> str | None:
    """The text without particulars; ``None`` where it has none."""
    folded = unicodedata.normalize("NFKC", text)
    told = hide(folded, is_free=is_free)
    return None if told == folded else told


def _texts(cells: Sequence[object]) -> Iterable[str]:
    return (text for text in map(_text, cells) if text)


def _text(cell: object) -> str:
    """A cell that may hold a particular, as text."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, (int, float)) and cell >= _LEAST and cell == cell // 1:
        return f"{cell:d}" if isinstance(cell, int) else f"{cell:.0f}"
    return ""


def _remark(heading: str, found: Mapping[int, object], register: Register) -> Remark:
    rows = listing([int(register.rows[at]) for at in found])
    detail = Words(
        f"“{heading}”列第 {rows} 行含身份证号、手机号或联系人姓名，已略去，不保存也不显示；"
        "geoplan 只需要汇总数，建议从文件中删去",
        f'column "{heading}", rows {rows}: identity numbers, mobile numbers or names of contacts '
        "were taken out and are neither kept nor shown; better to remove them from the file",
    )
    return register.remark("PERSONAL_CELL", detail, found)
