"""Cells to words of ``terms.toml``: types, statuses, storeys, classes, lists of them.

Belongs here: looking a spelling up. Does not belong here: any particular spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from geoplan.layers.tables.negation import BOOK, Sense, is_denied, is_hedged, question, sense_of
from geoplan.layers.tables.values import (
    NO,
    YES,
    Codes,
    Parsed,
    Parser,
    is_blank,
    plain,
    read_id,
    split_list,
)
from geoplan.terms import facility_types, terms

_BRACKET = re.compile(r"\(([^()]*)\)")
_OTHER_SERVICES = frozenset(BOOK["services"]["other"])
_TYPES = frozenset({"facility_type", "division_kind", "urban_class"})


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
    """The key a cell means; ``None`` for an unknown word.

    What stands in brackets is left aside, unless it denies, hedges or says another word.

    Examples
    --------
    >>> find_word("facility_type", "托育园（民办）"), find_word("status", "热闹")
    ('childcare_institution', None)
    >>> find_word("status", "运营（民办）"), find_word("status", "运营（已停业）")
    ('operating', None)
    """
    text = plain(cell)
    keys = word_keys(group)
    if text in keys:
        return keys[text]
    key = keys.get(_BRACKET.sub("", text))
    inside = _BRACKET.findall(text)
    return None if key and any(_gainsays(part, key, group) for part in inside) else key


def _gainsays(inside: str, key: str, group: str) -> bool:
    """Whether what stands in brackets behind a word takes it back; of a type, only another type."""
    if word_keys(group).get(inside, key) != key:
        return True
    return group not in _TYPES and (is_denied(inside) or is_hedged(inside))


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
    if is_denied(plain(cell)) or is_hedged(plain(cell)):
        return "ground", ("BAD_WORD",)  # the code says that it is not known
    text = plain(cell).translate(str.maketrans("一二三四五六七八九", "123456789"))
    if re.match(r"b\d|-\d|负|地下", text):
        return "basement", ()
    storey = re.match(r"第?(\d+)(?:\.0)?(?:[-~至,、+]\d+)*(?:f|层|楼|$)", text)
    if storey is None or re.search(r"地下|负|夹层|架空", text):
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

    A word that is denied (无全托, 全托：否) is left out and understood.

    Examples
    --------
    >>> word_list_reader("function")("全托、日间照料、唱歌")
    (('full_time_care', 'day_care'), ('UNKNOWN_WORD',))
    >>> word_list_reader("function")("日托、暂无全托、上门服务（否）")
    (('day_care',), ())
    """

    def read_words(cell: object) -> tuple[tuple[str, ...] | None, Codes]:
        parts = split_list(cell)
        if not parts:
            return None, ()
        found = [_listed(group, re.sub(r"等$", "", part)) for part in parts]
        known = tuple(dict.fromkeys(key for key, _ in found if key is not None))
        return known, () if all(is_read for _, is_read in found) else ("UNKNOWN_WORD",)

    return read_words


def _listed(group: str, part: str) -> tuple[str | None, bool]:
    """The key of one part of a list, ``None`` for one that is denied, and whether it was read."""
    key = find_word(group, part)
    if key is not None:
        return key, True
    head, _, answer = re.sub(r"[(:](.*?)\)?$", r"|\1", plain(part)).partition("|")
    key = word_keys(group).get(head)
    if key is not None and answer:
        sense = sense_of(answer, _HAS)
        return (key if sense is Sense.YES else None), sense in {Sense.YES, Sense.NO}
    spellings = word_keys(group).keys()
    if plain(part) in _OTHER_SERVICES:
        return None, True
    return None, sense_of(plain(part), question(spellings, (), spellings)) is Sense.NO


_HAS = question(YES, NO, ("提供", "开展", "开放", "设置"))
