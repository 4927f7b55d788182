"""Cells to typed values: text, ids, yes and no, lists; and whole columns.

Belongs here: what one cell means, and the codes that say how it was changed. Does not belong here:
numbers (``amounts.py``), days (``days.py``), words of the trade (``words.py``), rows, files.

Every parser takes one cell and gives ``(value, codes)``; the value is ``None`` where the cell says
nothing or cannot be read. The words themselves are in ``cells.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from importlib.resources import files
from typing import cast

from geoplan.layers.tables.invisible import without_invisible
from geoplan.layers.tables.negation import (
    Question,
    Sense,
    is_denied,
    is_hedged,
    question,
    sense_of,
    words_of_kind,
)
from geoplan.layers.tables.spoiled_codes import is_cut, is_day, whole_code

Codes = tuple[str, ...]
Parsed = tuple[object, Codes]
Parser = Callable[[object], Parsed]

_WORDS = tomllib.loads((files("geoplan.layers.tables") / "cells.toml").read_text(encoding="utf-8"))
NULLS = frozenset({"", *_WORDS["nulls"], *_WORDS["errors"]})
NOTHING = frozenset(_WORDS["nothing"])
ERRORS = frozenset(_WORDS["errors"])
YES, NO = frozenset(_WORDS["yes"]), frozenset(_WORDS["no"])
AGREED, REJECTED = frozenset(_WORDS["agreed"]), frozenset(_WORDS["rejected"])

_SPELLED_NULLS = frozenset(
    spelling
    for word in NULLS | NOTHING
    for spelling in (word, word.upper(), word.title(), word[:-1].title() + word[-1:].upper())
)
_LONGEST = 2 * max(map(len, NULLS | NOTHING))
_LIST = re.compile(r"[、,;/\n\r|]+")


def plain(cell: object) -> str:
    """A cell as comparable text: no width, no case, no spaces, nothing that cannot be seen.

    Examples
    --------
    >>> plain(" １２００ ㎡")
    '1200m2'
    """
    seen = without_invisible(str(cell))
    return "".join(unicodedata.normalize("NFKC", seen).split()).casefold()


def is_blank(cell: object) -> bool:
    """Whether a cell says nothing.

    Examples
    --------
    >>> is_blank("—"), is_blank(float("nan")), is_blank(0)
    (True, True, False)
    """
    if cell is None or cell != cell:  # noqa: PLR0124 - NaN
        return True
    return isinstance(cell, str) and len(text := cell.strip()) <= _LONGEST and plain(text) in NULLS


def is_nothing(cell: object) -> bool:
    """Whether a cell says that there is none.

    Examples
    --------
    >>> is_nothing("无"), is_nothing(0)
    (True, False)
    """
    return isinstance(cell, str) and len(cell) <= _LONGEST and plain(cell) in NOTHING


def read_text(cell: object) -> tuple[str | None, Codes]:
    """Text as written, without the spaces around it; a whole number without its ``.0``.

    Examples
    --------
    >>> read_text(451402001.0), read_text(" 太平街道 "), read_text("/")
    (('451402001', ()), ('太平街道', ()), (None, ()))
    """
    if is_blank(cell) or is_nothing(cell):
        return None, ()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)), ()
    return " ".join(str(cell).split()), ()


def read_note(cell: object) -> tuple[str | None, Codes]:
    """Free text, kept whatever it says."""
    return (None, ()) if cell is None or not str(cell).strip() else (str(cell).strip(), ())


def read_id(cell: object) -> tuple[str | None, Codes]:
    """An id: text without width, and without the ``.0`` of a number; whole, or not at all.

    Examples
    --------
    >>> read_id("4.51402001001E+11"), read_id("4.51402E+11")
    (('451402001001', ()), (None, ('CODE_CUT',)))
    >>> read_id("Ｆ12"), read_id("451402001.0"), read_id(7)
    (('F12', ()), ('451402001', ()), ('7', ()))
    """
    if is_day(cell):
        return str(cell)[: len("2021-03-01")], ("CODE_IS_DATE",)
    if is_cut(cell):
        return None, ("CODE_CUT",)
    text, _ = read_text(cell)
    if text is None:
        return None, ()
    folded = unicodedata.normalize("NFKC", text).strip()
    whole = whole_code(folded)
    return (None, ("CODE_CUT",)) if whole is None else (re.sub(r"^(\d+)\.0+$", r"\1", whole), ())


def read_yes_no(cell: object) -> tuple[bool | None, Codes]:
    """Yes or no; what denies a yes is a no, and what neither answers nor denies is not understood.

    Examples
    --------
    >>> [read_yes_no(cell)[0] for cell in ("是", "×", 1, "0.0", "暂不对外开放", "待定")]
    [True, False, True, False, False, None]
    >>> read_yes_no("也许"), read_yes_no("是（部分）")
    ((None, ('BAD_YES_NO',)), (None, ('BAD_YES_NO',)))
    """
    return _answer(cell, _ASKED)


def read_filed(cell: object) -> tuple[bool | None, Codes]:
    """Whether a facility is filed; a filing number is a yes.

    Examples
    --------
    >>> read_filed("未备案"), read_filed("已注销备案"), read_filed("桂托备2021-007")
    ((False, ()), (False, ()), (True, ('TEXT_AS_YES',)))
    """
    answer, codes = _answer(cell, _FILED)
    if codes and re.search(r"\d", str(cell)) and _is_plain_statement(cell):
        return True, ("TEXT_AS_YES",)
    return answer, codes


def read_clause(cell: object) -> tuple[bool | None, Codes]:
    """Whether the land conditions hold a clause; the clause itself is a yes.

    Examples
    --------
    >>> read_clause("否"), read_clause("每百户不少于20㎡"), read_clause("未纳入")
    ((False, ()), (True, ('TEXT_AS_YES',)), (False, ()))
    """
    answer, codes = _answer(cell, _CLAUSE)
    if codes and _is_plain_statement(cell):
        return True, ("TEXT_AS_YES",)
    return answer, codes


def read_opinion(cell: object) -> tuple[bool | None, Codes]:
    """The opinion of a bureau at acceptance; one that is awaited or conditional is not understood.

    Examples
    --------
    >>> read_opinion("合格"), read_opinion("不合格"), read_opinion("合格（有条件）")
    ((True, ()), (False, ()), (None, ('BAD_YES_NO',)))
    """
    return _answer(cell, _OPINION)


_ASKED = question(YES, NO, words_of_kind("said"))
_CLAUSE = question(YES, NO, [*words_of_kind("said"), *words_of_kind("clause")])
_FILED = question(YES, NO, ("备案", "登记"))
_OPINION = question(AGREED, REJECTED, words_of_kind("approved"), pending_is_no=False)


def _answer(cell: object, asked: Question) -> tuple[bool | None, Codes]:
    if isinstance(cell, bool):
        return cell, ()
    text = "" if is_blank(cell) else re.sub(r"\.0$", "", plain(cell))
    if not text:
        return None, ()
    sense = sense_of(text, asked)
    if sense in {Sense.YES, Sense.NO}:
        return sense is Sense.YES, ()
    return None, ("BAD_YES_NO",)


def _is_plain_statement(cell: object) -> bool:
    text = plain(cell)
    return not is_denied(text) and not is_hedged(text)


def split_list(cell: object) -> tuple[str, ...]:
    """The parts of a list in one cell.

    Examples
    --------
    >>> split_list("沿山社区、新民社区；X3/X4")
    ('沿山社区', '新民社区', 'X3', 'X4')
    """
    text, _ = read_text(str(cell).replace("\n", "、") if isinstance(cell, str) else cell)
    if text is None:
        return ()
    parts = _LIST.split(text.translate(str.maketrans("，；／｜", ",;/|")))
    return tuple(dict.fromkeys(part.strip() for part in parts if not is_blank(part.strip())))


def read_list(cell: object) -> tuple[tuple[str, ...] | None, Codes]:
    """A list of names or ids; ``None`` where there is none."""
    return split_list(cell) or None, ()


def read_column(
    cells: Sequence[object], parse: Parser, *, factor: Decimal = Decimal(1)
) -> tuple[list[object], dict[int, Codes]]:
    """Parse a column, each distinct cell once.

    Returns the values and, by position, the codes of the cells that were changed. Numbers are
    multiplied with ``factor``.

    Examples
    --------
    >>> read_column(["是", "也许"], read_yes_no)
    ([True, None], {1: ('BAD_YES_NO',)})
    """
    keys: Sequence[Hashable] = cells
    if len(set(map(type, cells)) - {type(None)}) > 1:  # 1, 1.0 and True are equal, and not the same
        keys = [(type(cell), cell) for cell in cells]
    distinct = dict(zip(keys, cells, strict=True)).items()
    parsed = {
        key: _parsed_error(parse) if is_error(cell) else parse(cell) for key, cell in distinct
    }
    if factor != 1:
        parsed = {key: (_times(value, factor), codes) for key, (value, codes) in parsed.items()}
    values = [parsed[key][0] for key in keys]
    odd = {key: codes for key, (_, codes) in parsed.items() if codes}
    changed = {at: odd[key] for at, key in enumerate(keys) if key in odd} if odd else {}
    return values, changed


def is_error(cell: object) -> bool:
    """Whether a cell is a formula that gave an error, or was never worked out.

    Examples
    --------
    >>> is_error("#REF!"), is_error("#3楼")
    (True, False)
    """
    return isinstance(cell, str) and cell[:1] == "#" and plain(cell) in ERRORS


def _parsed_error(parse: Parser) -> Parsed:
    """What a blank means, and that it is none."""
    value, codes = parse(None)
    return value, (*codes, "CELL_ERROR")


def _times(value: object, factor: Decimal) -> object:
    return value * factor if isinstance(value, Decimal) else value


def read_ids(cells: Sequence[object]) -> list[object]:
    """A column of ids; plain ones, as nearly all are, are told all at once."""
    if set(map(type, cells)) != {str}:
        return read_column(cells, read_id)[0]
    texts = cast("Sequence[str]", cells)
    joined = "\n".join(texts)
    is_plain = joined.isascii() and joined.count("\n") == len(texts) - 1
    odd = r"[\x00-\x09\x0b-\x20]|\.0$|e\+\d|^['=#]"
    if not is_plain or re.search(odd, joined, re.MULTILINE | re.IGNORECASE):
        return read_column(cells, read_id)[0]
    if not _SPELLED_NULLS.isdisjoint(texts):
        return read_column(cells, read_id)[0]
    return list(texts)
