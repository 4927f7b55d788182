"""Whether a word says the opposite of another: negation as a kind, not as a list for each field.

Belongs here: 未备案, 不对外开放, 备案已注销, 拟开放, 是（已停用）: denials around a word that a field
knows. Does not belong here: the words of a field (``values.py``, ``words.py``, ``terms.toml``).

A text is never taken for a yes because a yes stands in it. It is a no where one denial stands
beside the words it denies and nothing else contradicts; everything else that denies, hedges or says
two things at once is not understood.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from typing import Any

BOOK: dict[str, Any] = tomllib.loads(
    (files("geoplan.layers.tables") / "cells.toml").read_text(encoding="utf-8")
)
_WORDS: dict[str, list[str]] = BOOK["negation"]


class Sense(Enum):
    """What a text says of a question: yes, no, nothing about it, or something not understood."""

    YES = "yes"
    NO = "no"
    SILENT = "silent"
    UNREAD = "unread"


def any_of(words: Iterable[str]) -> str:
    """A pattern of words, the longest first.

    Examples
    --------
    >>> any_of(["未", "尚未"])
    '(?:尚未|未)'
    """
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"


_DENIALS = [*_WORDS["not"], *_WORDS["ended"], *_WORDS["not_yet"]]
_DENIAL = re.compile(any_of(_DENIALS))
_NOT_YET = frozenset(_WORDS["not_yet"])
_IDIOM = re.compile(any_of(_WORDS["idioms"]))
_HEDGE = re.compile(any_of(_WORDS["hedges"]))
_ADVERB = any_of(_WORDS["adverbs"])
_BETWEEN = re.compile(rf"(?:{_ADVERB}|[在向到经由对与]\w{{1,8}})*")
_LEADING = re.compile(rf"^{_ADVERB}+")
_TRAILING = re.compile(r"(?:的|了|状态|情况|手续)+$")
_AWAITED = re.compile(any_of(_NOT_YET))
_RESERVE = re.compile(r"但|整改|需|须|补正|复验|完善|后")  # what an opinion may hang on
_TURN = re.compile(r"[但而且却已又]|后来|恢复|重新|复业")
_CLAUSES = re.compile(r"[(),;:、,。;:!/|+]+")


@dataclass(frozen=True, slots=True)
class Question:
    """What a field asks: the words that answer it outright, and those a denial can deny.

    ``pending_is_no`` tells whether what is still to come is a no (a filing that is applied for) or
    no answer yet (an opinion that is awaited).
    """

    yes: frozenset[str]
    no: frozenset[str]
    deniable: re.Pattern[str]
    pending_is_no: bool = True


def question(
    yes: Collection[str],
    no: Collection[str],
    deniable: Collection[str],
    *,
    pending_is_no: bool = True,
) -> Question:
    """A question from its words."""
    words = re.compile(any_of([*deniable, *(word for word in yes if len(word) > 1)]))
    return Question(frozenset(yes), frozenset(no), words, pending_is_no)


def words_of_kind(name: str) -> list[str]:
    """A list of ``[negation]`` in ``cells.toml``."""
    return _WORDS[name]


def is_denied(text: str) -> bool:
    """Whether a normalised text denies, ends or awaits anything.

    Examples
    --------
    >>> is_denied("已停用"), is_denied("不少于20m2"), is_denied("民办")
    (True, False, False)
    """
    return _DENIAL.search(_IDIOM.sub("", text)) is not None


def is_hedged(text: str) -> bool:
    """Whether a normalised text says a thing in part, for a time or on a condition.

    Examples
    --------
    >>> is_hedged("整改后合格"), is_hedged("部分"), is_hedged("暂未"), is_hedged("目前")
    (True, True, False, False)
    """
    return _HEDGE.search(_DENIAL.sub("", _IDIOM.sub("", text))) is not None


def sense_of(text: str, asked: Question) -> Sense:
    """What a normalised text answers; contradicting parts are not understood.

    Examples
    --------
    >>> filed = question(["是", "已备案"], ["否", "未备案"], ["备案"])
    >>> [sense_of(text, filed).name for text in ("已备案", "暂未备案", "备案已注销", "是(民办)")]
    ['YES', 'NO', 'NO', 'YES']
    >>> [sense_of(text, filed).name for text in ("是(已注销)", "未注销备案", "部分备案", "热闹")]
    ['UNREAD', 'UNREAD', 'UNREAD', 'SILENT']
    """
    if text in asked.yes | asked.no:
        return Sense.YES if text in asked.yes else Sense.NO
    parts = [part for part in _CLAUSES.split(text) if part]
    found = {_clause_sense(part, asked) for part in parts} - {Sense.SILENT}
    if not found:
        return Sense.SILENT
    if not asked.pending_is_no and any(map(_RESERVE.search, parts)):
        return Sense.UNREAD
    return found.pop() if len(found) == 1 else Sense.UNREAD


def _clause_sense(text: str, asked: Question) -> Sense:
    bare = _TRAILING.sub("", text)
    for each in (text, bare, bare if _AWAITED.match(bare) else _LEADING.sub("", bare)):
        if each in asked.yes | asked.no:
            return Sense.YES if each in asked.yes else Sense.NO
    plainly = _IDIOM.sub("", text)
    denials = list(_DENIAL.finditer(plainly))
    if is_hedged(text) or len(denials) > 1:
        return Sense.UNREAD
    if not denials:
        return _plain_sense(plainly, asked)
    return _denied_sense(plainly, denials[0], asked)


def _plain_sense(text: str, asked: Question) -> Sense:
    """A clause that denies nothing: a yes where it is a word of the question and adverbs alone."""
    found = asked.deniable.search(text)
    if found is None:
        return Sense.SILENT
    beside = _BETWEEN.fullmatch(text[: found.start()]) and _BETWEEN.fullmatch(text[found.end() :])
    return Sense.YES if beside and len(found[0]) > 1 else Sense.UNREAD


def _denied_sense(text: str, denial: re.Match[str], asked: Question) -> Sense:
    """A clause with one denial: a no if that denies a word of the question, and nothing else."""
    before, after = text[: denial.start()], text[denial.end() :]
    awaited = denial[0] in _NOT_YET
    if awaited and not asked.pending_is_no:
        return Sense.UNREAD
    said_before, said_after = asked.deniable.search(before), asked.deniable.search(after)
    if said_before and not said_after:  # 备案已注销, 备案未通过; not 备案人未到场
        rest = before[_last_end(asked.deniable, before) :]
        ends = _BETWEEN.fullmatch(after) or denial[0] not in _WORDS["not"]
        is_no = ends and _BETWEEN.fullmatch(rest) and not _TURN.search(after)
        return Sense.NO if is_no else Sense.UNREAD
    if said_after and not said_before and _is_beside(after, asked.deniable):
        return Sense.NO
    if awaited and not said_before and not said_after:  # 正在办理: of the thing that is asked for
        return Sense.NO
    return Sense.UNREAD


def _is_beside(after: str, deniable: re.Pattern[str]) -> bool:
    """Whether a word of the question follows with nothing but adverbs between, and no turn after."""
    return any(
        _BETWEEN.fullmatch(after[: found.start()]) and not _TURN.search(after[found.end() :])
        for found in deniable.finditer(after)
    )


def _last_end(pattern: re.Pattern[str], text: str) -> int:
    return max(found.end() for found in pattern.finditer(text))
