"""Words for the state of a facility that no list holds: 停办, 暂未运营, 因疫情停业, 即将开园.

Belongs here: how such words are built. Does not belong here: the plain ones (``terms.toml``), or
which state holds on a day (``geoplan.assess.places.facility_status``).

A word is read whole or not at all: what is left over, hedged, denied twice or contradicted is no
status that we understand, and never operating.
"""

from __future__ import annotations

import re

from geoplan.layers.tables.negation import any_of, is_denied, is_hedged, words_of_kind
from geoplan.layers.tables.spellings import find_word, word_keys
from geoplan.layers.tables.values import Codes, is_blank, plain

_WHEN = r"(?:(?:自|于|从|至|到)?\d{4}[年./-](?:\d{1,2}月?)?(?:[./-]?\d{1,2}日?)?(?:份)?(?:起|后|已|以来)?)"
_LEAD = rf"(?:{any_of([*words_of_kind('adverbs'), '暂时', '临时', '长期', '永久', '全面', '彻底', '自行', '主动', '被', '该园', '该机构', '机构'])}|因\w{{1,8}}?|{_WHEN})*"
_TAIL = r"(?:中|了|的|状态|阶段|期间|至今|已久|。|!)*"
_OPEN = any_of(words_of_kind("serving"))
_GAP = rf"(?:{any_of(['在', '正式', '对外', '完全', '进行', '投入', '开始', '实际', '能', '曾'])})*"
_NOT = any_of([*words_of_kind("not"), "尚未", "暂未", "还未", "仍未"])
_PERMIT = any_of(
    ["运营", "办学", "备案", "登记", "许可", "许可证", "执照", "营业执照", "资质", "机构"]
)

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (key, re.compile(_LEAD + body + _TAIL))
    for key, body in (
        (
            "closed",
            (
                rf"(?:停办|停托|停园|关停|关闭|关门|关园|倒闭|闭园|闭馆|撤并|撤点|拆除|拆迁|拆|取缔|解散|腾退|清退|"
                rf"(?:注销|吊销|撤销|废止|作废|终止|取消|退出)(?:{_PERMIT}|{_OPEN})?)+"
            ),
        ),
        (
            "suspended",
            (
                rf"(?:(?:停止|暂停|停|歇|休|中止|中断)(?:{_OPEN}|业|用|运|运转|运行|课|招|收|服务|整顿|整改|营)"
                r"|整顿|整改|限期整改|歇业整顿)+|停"
            ),
        ),
        (
            "built_idle",
            (
                rf"(?:建成|已建成|竣工|完工)?(?:后|但)?{_NOT}"
                rf"{_GAP}{_OPEN}"
            ),
        ),
        (
            "under_construction",
            (
                rf"(?:在建|在装修|施工|装修|改造|建设|改建|扩建|新建|翻修)(?:施工|改造|建设|装修)?"
                rf"|(?:待|即将|将要|预计|准备){_GAP}{_OPEN}|停工|停建"
                rf"|{_NOT}{_GAP}(?:建成|完工|竣工|交付|验收|建好|装修)"
            ),
        ),
        (
            "planned",
            rf"(?:拟|筹|筹备|计划|规划|拟定|谋划){_GAP}(?:建|建设|办|开办|设|设立|{_OPEN})",
        ),
    )
)
_SERVES = re.compile(
    rf"{_LEAD}(?:恢复|重新)?(?:正常)?(?:{_OPEN})+(?:正常)?{_TAIL}|{_LEAD}(?:复业|复园|复营)"
)
# Answers to 是否运营; a figure is the code of a list that we do not have.
_YES, _NO = (
    frozenset({"是", "对", "y", "yes", "true"}),
    frozenset({"否", "不是", "不", "n", "no", "false", "×", "✗"}),
)
_BUILT = frozenset({"建成", "已建成", "竣工", "已竣工", "完工", "已完工"})
_IMPLIED = {
    "trial": {"yes", "operating"},
    "closed": {"no", "suspended", "built_idle", "built"},
    "suspended": {"no", "built_idle", "built"},
    "under_construction": {"no", "built_idle"},
    "planned": {"no", "built_idle"},
    "built_idle": {"no", "built"},
}
_TIME = re.compile(_WHEN)
_UNDECIDED = frozenset({"待定", "待核", "待补", "空", "缺"})  # says something, which is not: blank
_PARTS = re.compile(r"[,;、。,;]+")


def read_status(cell: object) -> tuple[str, Codes]:
    """The status of a facility; ``unknown`` with a code for a word that is not understood.

    Examples
    --------
    >>> [read_status(cell)[0] for cell in ("停办", "暂未运营", "因疫情停业", "即将开园", "筹建中")]
    ['closed', 'built_idle', 'suspended', 'under_construction', 'planned']
    >>> read_status("未停业"), read_status("部分运营"), read_status(None)
    (('unknown', ('UNKNOWN_STATUS',)), ('unknown', ('UNKNOWN_STATUS',)), ('unknown', ()))
    """
    if isinstance(cell, bool):
        return ("operating" if cell else "suspended"), ()
    key = None if cell is None else find_word("status", cell)
    if key is not None:
        return key, ()
    if is_blank(cell) and plain(cell) not in _UNDECIDED:
        return "unknown", ()
    parts = _PARTS.split(_without_brackets(plain(cell)))
    kind = _agreed({_kind_of(part) for part in parts if part and not _TIME.fullmatch(part)})
    return (kind, ()) if kind is not None else ("unknown", ("UNKNOWN_STATUS",))


def _agreed(kinds: set[str | None]) -> str | None:
    """What clauses say together: the one that says most, where none gainsays it."""
    for telling in ("trial", "closed", "suspended", "under_construction", "planned", "built_idle"):
        if telling in kinds and kinds <= _IMPLIED[telling] | {telling}:
            return telling
    kind = kinds.pop() if len(kinds) == 1 else None
    return {"yes": "operating", "no": "suspended", "built": None}.get(kind or "", kind)


def _kind_of(text: str) -> str | None:
    """The status that one clause says, ``None`` where it is not understood."""
    if text in _YES | _NO:
        return "yes" if text in _YES else "no"
    bare = re.fullmatch(rf"{_LEAD}?(.*?){_TAIL}", text)
    keys = word_keys("status")
    for each in (text, bare[1] if bare else text):
        if each in _BUILT:
            return "built"
        if each in keys:
            return keys[each]
    for key, pattern in _KINDS:
        if pattern.fullmatch(text):
            return key
    plainly = _SERVES.fullmatch(text) and not is_denied(text) and not is_hedged(text)
    return "operating" if plainly else None


def _without_brackets(text: str) -> str:
    """A text without brackets that say nothing of the state; the others become clauses of it."""

    def clause(found: re.Match[str]) -> str:
        inside = found[1]
        says = is_denied(inside) or is_hedged(inside) or _kind_of(inside) is not None
        return f",{inside}" if says or re.search(_OPEN, inside) else ""

    return re.sub(r"\(([^()]*)\)", clause, text)
