"""Cells to words of ``terms.toml``: types, statuses, storeys, classes, lists of them.

Belongs here: looking a spelling up. Does not belong here: any particular spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from geoplan.layers.values import Codes, Parsed, Parser, is_blank, plain, read_id, split_list
from geoplan.terms import facility_types, terms


@cache
def word_keys(group: str) -> Mapping[str, str]:
    """Every spelling of a group of ``terms.toml``, normalised, to its key.

    Examples
    --------
    >>> word_keys("status")["运营中"]
    'operating'
    """
    words = facility_types() if group == "facility_type" else terms(group)
    keys = {
        plain(spelling): key
        for key, word in words.items()
        for spelling in (*word.synonyms, word.en, word.zh, key)
    }
    return MappingProxyType(keys)


def find_word(group: str, cell: object) -> str | None:
    """The key a cell means, what stands in brackets left aside; ``None`` for an unknown word.

    Examples
    --------
    >>> find_word("facility_type", "托育园（民办）"), find_word("status", "热闹")
    ('childcare_institution', None)
    """
    text = plain(cell)
    keys = word_keys(group)
    return keys.get(text) or keys.get(re.sub(r"\([^()]*\)", "", text))


def nearest_word(group: str, cell: object) -> str | None:
    """The key whose spelling looks most like a cell."""
    near = get_close_matches(plain(cell), word_keys(group), 1, cutoff=0.4)
    return word_keys(group)[near[0]] if near else None


def word_reader(
    group: str, *, blank: str | None, unknown: str | None, code: str, is_needed: bool = False
) -> Parser:
    """A parser for the words of a group.

    ``blank`` is the value of a cell that says nothing, ``unknown`` of one that says something
    else; a blank cell of a needed column has the code of an unknown word.

    Examples
    --------
    >>> word_reader("stock", blank="existing", unknown=None, code="BAD_WORD")("拆除重建")
    ('new', ())
    """

    def read_word(cell: object) -> Parsed:
        # Looked up first: in a column of statuses 不详 says something, elsewhere it says nothing.
        key = None if cell is None else find_word(group, cell)
        if key is not None:
            return key, ()
        if is_blank(cell):
            return blank, (code,) if is_needed else ()
        return unknown, (code,)

    return read_word


def read_position(cell: object) -> tuple[str, Codes]:
    """The storey of a room: ``ground``, ``upper``, ``basement``, ``semi_basement``, ``mezzanine``.

    Examples
    --------
    >>> [read_position(cell)[0] for cell in ("一层", "3F", "B1", "负二层", "1-2层", None)]
    ['ground', 'upper', 'basement', 'basement', 'ground', 'ground']
    """
    if is_blank(cell):
        return "ground", ()
    key = find_word("position", cell)
    if key is not None:
        return key, ()
    text = plain(cell).translate(str.maketrans("一二三四五六七八九", "123456789"))
    if re.match(r"b\d|-\d|负|地下", text):
        return "basement", ()
    storey = re.match(r"第?(\d+)(?:\.0)?(?:[-~至,、+]\d+)*(?:f|层|楼|$)", text)
    if storey is None:
        return "ground", ("BAD_WORD",)
    return "ground" if storey[1] == "1" else "upper", ()


def read_position_given(cell: object) -> tuple[str | None, Codes]:
    """The storey of a room, ``None`` where the cell says nothing."""
    return (None, ()) if is_blank(cell) else read_position(cell)


def read_urban_class(cell: object) -> tuple[str | None, Codes]:
    """The three digits of the 城乡分类代码, or the key of its words.

    Examples
    --------
    >>> read_urban_class(111.0), read_urban_class("村庄"), read_urban_class("城里")
    (('111', ()), ('220', ()), (None, ('BAD_WORD',)))
    """
    text, _ = read_id(cell)
    if text is None:
        return None, ()
    if re.fullmatch(r"[12]\d\d", text):
        return text, ()
    key = find_word("urban_class", text)
    return (key, ()) if key else (None, ("BAD_WORD",))


def word_list_reader(group: str) -> Callable[[object], tuple[tuple[str, ...] | None, Codes]]:
    """A parser for a list of words of a group; the known ones in their order.

    Examples
    --------
    >>> word_list_reader("function")("全托、日间照料、唱歌")
    (('full_time_care', 'day_care'), ('UNKNOWN_WORD',))
    """

    def read_words(cell: object) -> tuple[tuple[str, ...] | None, Codes]:
        parts = split_list(cell)
        if not parts:
            return None, ()
        keys = [find_word(group, re.sub(r"等$", "", part)) for part in parts]
        known = tuple(dict.fromkeys(key for key in keys if key is not None))
        return known, ("UNKNOWN_WORD",) if None in keys else ()

    return read_words
