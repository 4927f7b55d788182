"""Characters that nobody sees, taken out of a table before anything is compared.

Belongs here: which characters have no width, and what is said of them. Does not belong here: what a
cell means. They come with text copied from web pages and chat programs; two codes that look the
same must be the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geoplan.errors import Remark
from geoplan.layers.raw_table import Column, RawTable, listing, plain_cells
from geoplan.terms import Words

# Controls, soft hyphen, joiners, marks of direction, fillers, variation selectors and tags.
_NO_WIDTH = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f"
    r"\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_SPACES = r"\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNSEEN = re.compile(f"[{_NO_WIDTH}]")
_SPACE = re.compile(f"[{_SPACES}]")
_TEXT_MARK = re.compile(r"'(?=[\d.+-])")  # how a spreadsheet says that digits are text
_ODD = re.compile(f"(?m:^{_TEXT_MARK.pattern})|[{_NO_WIDTH}{_SPACES}]")
_CODE = re.compile(
    rf"[\s{_SPACES}]*[A-Za-z0-9.,_/+-]+(?:[{_SPACES}]+[A-Za-z0-9.,_/+-]+)*[\s{_SPACES}]*"
)


def without_invisible(text: str) -> str:
    r"""A text without the characters that have no width.

    Examples
    --------
    >>> without_invisible("F\u200b12\ufeff"), without_invisible("太平\u3000街道")
    ('F12', '太平\u3000街道')
    """
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("", text)


def visible(text: str) -> str:
    r"""A cell as it is seen: nothing without width, no odd spaces in a code, plain ones in a name.

    The apostrophe by which a spreadsheet keeps digits as text is not seen either.

    Examples
    --------
    >>> visible("451402\xa0001"), visible("太平\u3000街道"), visible("\u202d1,200\u202c")
    ('451402001', '太平 街道', '1,200')
    >>> visible("'007")
    '007'
    """
    seen = _UNSEEN.sub("", text)
    if _TEXT_MARK.match(seen):
        seen = seen[1:]
    return _SPACE.sub("" if _CODE.fullmatch(seen) else " ", seen)


def without_invisible_cells(raw: RawTable, layer: str) -> RawTable:
    """The table with every heading and cell as it is seen, and a remark on the cells that differ."""
    headings = tuple(visible(heading) for heading in raw.headings)
    columns = list(raw.columns)
    remarks: list[Remark] = []
    if headings != raw.headings:
        remarks.append(_heading_remark(headings, raw.headings, layer))
    for at, column in enumerate(raw.columns):
        odd = _odd_cells(column)
        if odd:
            cells = list(plain_cells(column))
            for position, text in odd.items():
                cells[position] = text
            columns[at] = cells
            rows = tuple(int(raw.rows[position]) for position in odd)
            remarks.append(_cell_remark(headings[at], rows, layer))
    if not remarks:
        return raw
    told = (*raw.remarks, *remarks)
    return replace(raw, headings=headings, columns=tuple(columns), remarks=told)


def _odd_cells(column: Column) -> dict[int, str]:
    """The cells that look otherwise than they are, as they look, by position."""
    if isinstance(column, np.ndarray) and column.dtype != object:
        return {}
    cells: Sequence[object] = plain_cells(column)
    texts = [cell for cell in cells if isinstance(cell, str)]
    if not _ODD.search("\n".join(texts)):  # one search for nearly every column
        return {}
    odd = {at: cell for at, cell in enumerate(cells) if isinstance(cell, str) and _ODD.search(cell)}
    return {at: visible(cell) for at, cell in odd.items()}


def _heading_remark(headings: Sequence[str], written: Sequence[str], layer: str) -> Remark:
    named = [seen for seen, own in zip(headings, written, strict=True) if seen != own]
    detail = Words(
        f"表头 {listing(named)} 含有看不见的字符，已略去",
        f"the headings {listing(named)} hold characters that cannot be seen; they were left out",
    )
    return Remark("INVISIBLE", detail, layer)


def _cell_remark(heading: str, rows: tuple[int, ...], layer: str) -> Remark:
    detail = Words(
        f"“{heading}”列第 {listing(rows)} 行含有看不见的字符（零宽字符、不间断空格、表示文本的撇号等），已略去",
        f'column "{heading}", row {listing(rows)}: characters that cannot be seen (of no width, or '
        "non-breaking spaces) were left out",
    )
    return Remark("INVISIBLE", detail, layer, rows)
