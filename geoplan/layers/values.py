"""Cells to typed values: numbers, yes and no, words, lists, shares.

Belongs here: what one cell means, and the codes that say how it was changed (``domain.md`` §4.5).
Does not belong here: days (``days.py``), rows, files.

Every parser takes one cell and gives ``(value, codes)``; the value is ``None`` where the cell says
nothing or cannot be read. Binary numbers of a file become the shortest decimal that names them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, DecimalException
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from geoplan.layers.units import UNITS
from geoplan.terms import facility_types, terms

Codes = tuple[str, ...]
Parsed = tuple[object, Codes]
Parser = Callable[[object], Parsed]

NULLS = frozenset(
    "- -- — —— – － / // \\ . … ? ？ * 待定 待补 待核 不详 未知 暂缺 缺 缺失 空 #n/a n/a na null none nan "
    "<na> <null> nat #value! #ref! #div/0! #name? 未填 未统计".split()
) | {""}
NOTHING = frozenset({"无", "没有", "暂无", "均无"})
YES = frozenset("是 有 √ ✓ ✔ ☑ 对 y yes true t 1 已 已备案 已登记 具备 包含 含 提供 开放".split())
NO = frozenset(
    "否 无 × ✗ ✘ x 没有 n no false f 0 未 不是 未备案 未登记 备案中 正在备案 不具备 不包含 不含 不提供 不开放 暂无".split()
)
AGREED = frozenset(
    "合格 同意 通过 符合 是 达标 验收合格 验收通过 同意验收 符合要求 已通过 已同意 √ y yes true 1 pass".split()
)
REJECTED = frozenset(
    "不合格 不同意 不通过 未通过 不符合 否 不达标 验收不合格 退回 整改 限期整改 × n no false 0 fail".split()
)

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:e[+-]?\d{1,3})?"
_AMOUNT = re.compile(rf"({_NUMBER})([^\d.,+-].*)?")
_APPROXIMATE = re.compile(r"^(?:大约|大概|约|近|≈|~)|(?:左右|上下|余|多|以上)(?=\D*$)")
_RANGE = re.compile(r"\d\D{0,4}[-~至到—–]\D?\d")
_LIST = re.compile(r"[、,;/\n\r|]+")
_SHARE = re.compile(r"[;、\n\r|]+|,(?!\d{3}(?!\d))")
_MOST_DIGITS = 15


def plain(cell: object) -> str:
    """A cell as comparable text: no width, no case, no spaces.

    Examples
    --------
    >>> plain(" １２００ ㎡")
    '1200m2'
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(cell))).casefold()


def is_blank(cell: object) -> bool:
    """Whether a cell says nothing.

    Examples
    --------
    >>> is_blank("—"), is_blank(float("nan")), is_blank(0)
    (True, True, False)
    """
    if cell is None or cell != cell:  # noqa: PLR0124 - NaN
        return True
    return isinstance(cell, str) and plain(cell) in NULLS


def read_text(cell: object) -> tuple[str | None, Codes]:
    """Text as written, without the spaces around it; a whole number without its ``.0``.

    Examples
    --------
    >>> read_text(451402001.0), read_text(" 太平街道 "), read_text("/")
    (('451402001', ()), ('太平街道', ()), (None, ()))
    """
    if is_blank(cell) or (isinstance(cell, str) and plain(cell) in NOTHING):
        return None, ()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)), ()
    return " ".join(str(cell).split()), ()


def read_note(cell: object) -> tuple[str | None, Codes]:
    """Free text, kept whatever it says."""
    return (None, ()) if cell is None or not str(cell).strip() else (str(cell).strip(), ())


def read_id(cell: object) -> tuple[str | None, Codes]:
    """An id: text without width, and without the ``.0`` of a number.

    Examples
    --------
    >>> read_id("Ｆ12"), read_id("451402001.0"), read_id(7)
    (('F12', ()), ('451402001', ()), ('7', ()))
    """
    text, _ = read_text(cell)
    if text is None:
        return None, ()
    folded = unicodedata.normalize("NFKC", text).strip()
    return re.sub(r"^(\d+)\.0+$", r"\1", folded), ()


def read_amount(cell: object) -> tuple[Decimal | None, Codes]:
    """A number of square metres, places or beds: 无 is 0.

    Examples
    --------
    >>> read_amount("1,200㎡"), read_amount("约300"), read_amount("无")
    ((Decimal('1200'), ()), (Decimal('300'), ('APPROX',)), (Decimal('0'), ()))
    """
    if isinstance(cell, str) and plain(cell) in NOTHING:
        return Decimal(0), ()
    return read_count(cell)


def read_count(cell: object) -> tuple[Decimal | None, Codes]:
    """A number of people, households or yuan: 无 says nothing.

    Examples
    --------
    >>> read_count("1.2万"), read_count("300+200"), read_count("200-300"), read_count("无")
    ((Decimal('12000'), ()), (Decimal('500'), ('EXPR',)), (None, ('RANGE',)), (None, ()))
    >>> read_count(-5), read_count("很多")
    ((None, ('NEGATIVE',)), (None, ('BAD_NUMBER',)))
    """
    if is_blank(cell):
        return None, ()
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        return _signed(_decimal(cell), ())
    if not isinstance(cell, str):
        return None, ("BAD_NUMBER",)
    return _number_of_text(plain(cell).replace("−", "-"))


def _number_of_text(text: str) -> tuple[Decimal | None, Codes]:
    if text in NOTHING:
        return None, ()
    bare = _APPROXIMATE.sub("", text)
    codes: Codes = ("APPROX",) if bare != text else ()
    whole = _amount(bare)
    if whole is not None:
        return _signed(whole, codes)
    if _RANGE.search(bare):
        return None, (*codes, "RANGE")
    parts = [_amount(part) for part in bare.split("+")] if "+" in bare[1:] else [_amount(bare)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None, ("BAD_NUMBER",)
    return _signed(sum(known, Decimal(0)), (*codes, "EXPR") if len(parts) > 1 else codes)


def _amount(text: str) -> Decimal | None:
    """One number with its unit, or ``None``."""
    found = _AMOUNT.fullmatch(text)
    if found is None or not any(mark.isdigit() for mark in found[1]):
        return None
    factor = UNITS.get(found[2].strip("()")) if found[2] else Decimal(1)
    number = _decimal(found[1].replace(",", ""))
    return None if factor is None or number is None else number * factor


def _decimal(value: float | Decimal | str) -> Decimal | None:
    """The exact decimal of a number; ``None`` for one that no count or area can have."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    try:
        number = Decimal(text)
    except DecimalException:
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) > _MOST_DIGITS):
        return None
    return number


def _signed(number: Decimal | None, codes: Codes) -> tuple[Decimal | None, Codes]:
    if number is None:
        return None, ("BAD_NUMBER",)
    if number < 0:
        return None, ("NEGATIVE",)
    whole = number == number.to_integral_value()
    return (Decimal(int(number)) if whole else number.normalize()), codes


def read_yes_no(cell: object) -> tuple[bool | None, Codes]:
    """Yes or no.

    Examples
    --------
    >>> [read_yes_no(cell)[0] for cell in ("是", "×", 1, "0.0", "待定")]
    [True, False, True, False, None]
    >>> read_yes_no("也许")
    (None, ('BAD_YES_NO',))
    """
    if isinstance(cell, bool):
        return cell, ()
    return _choice(cell, YES, NO)


def read_filed(cell: object) -> tuple[bool | None, Codes]:
    """Whether a facility is filed; a filing number is a yes.

    Examples
    --------
    >>> read_filed("未备案"), read_filed("桂托备2021-007")
    ((False, ()), (True, ('TEXT_AS_YES',)))
    """
    answer, codes = read_yes_no(cell)
    if codes and re.search(r"\d", str(cell)):
        return True, ("TEXT_AS_YES",)
    return answer, codes


def read_clause(cell: object) -> tuple[bool | None, Codes]:
    """Whether the land conditions hold a clause; the clause itself is a yes.

    Examples
    --------
    >>> read_clause("否"), read_clause("按每百户20㎡配建养老用房"), read_clause("未纳入")
    ((False, ()), (True, ('TEXT_AS_YES',)), (False, ()))
    """
    answer, codes = read_yes_no(cell)
    if not codes:
        return answer, ()
    if re.match(r"未|无|没有|不", plain(cell)):
        return False, ()
    return True, ("TEXT_AS_YES",)


def read_opinion(cell: object) -> tuple[bool | None, Codes]:
    """The opinion of a bureau at acceptance.

    Examples
    --------
    >>> read_opinion("合格"), read_opinion("不合格")
    ((True, ()), (False, ()))
    """
    return (cell, ()) if isinstance(cell, bool) else _choice(cell, AGREED, REJECTED)


def _choice(
    cell: object, positive: frozenset[str], negative: frozenset[str]
) -> tuple[bool | None, Codes]:
    text = "" if is_blank(cell) else re.sub(r"\.0$", "", plain(cell))
    if text in positive:
        return True, ()
    if text in negative:
        return False, ()
    return None, ("BAD_YES_NO",) if text else ()


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
        if is_blank(cell):
            return blank, (code,) if is_needed else ()
        key = find_word(group, cell)
        return (key, ()) if key is not None else (unknown, (code,))

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


def read_shares(cell: object) -> tuple[tuple[tuple[str, Decimal], ...] | None, Codes]:
    """Explicit shares of a floor area: which unit gets how many square metres.

    Examples
    --------
    >>> read_shares("X1:90；X2：1,060㎡")
    ((('X1', Decimal('90')), ('X2', Decimal('1060'))), ())
    >>> read_shares("X1:很多")
    (None, ('BAD_SHARES',))
    """
    if is_blank(cell) or (isinstance(cell, str) and plain(cell) in NOTHING):
        return None, ()
    shares = []
    for part in _SHARE.split(unicodedata.normalize("NFKC", str(cell))):
        unit, colon, amount = part.rpartition(":")
        number, codes = read_amount(amount)
        if part.strip() and (not colon or not unit.strip() or number is None or codes):
            return None, ("BAD_SHARES",)
        if part.strip() and number is not None:
            shares.append((unit.strip(), number))
    return tuple(shares) or None, ()


def read_column(
    cells: Sequence[object], parse: Parser, *, factor: Decimal = Decimal(1)
) -> tuple[list[object], dict[int, Codes]]:
    """Parse a column, each distinct cell once.

    Returns the values and, by position, the codes of the cells that were changed. Numbers are
    multiplied with ``factor``.

    Examples
    --------
    >>> read_column(["12", "约3"], read_count)
    ([Decimal('12'), Decimal('3')], {1: ('APPROX',)})
    """
    seen: dict[tuple[type, object], Parsed] = {}
    values: list[object] = []
    changed: dict[int, Codes] = {}
    for position, cell in enumerate(cells):
        key = (type(cell), cell)
        if key not in seen:
            value, codes = parse(cell)
            seen[key] = (value * factor if isinstance(value, Decimal) else value), codes
        value, codes = seen[key]
        values.append(value)
        if codes:
            changed[position] = codes
    return values, changed
