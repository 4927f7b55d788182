"""Days that are written in words, put into figures: 二〇二二年三月五日, 1 May 2020, 民国一百一十年.

Belongs here: spelling. Does not belong here: which day it is (``days.py``).
"""

from __future__ import annotations

import re

_FIGURES = {mark: str(at) for at, marks in enumerate(("〇零○ｏ", "一壹元", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for mark in marks}  # fmt: skip
_HAN = "〇零○一二三四五六七八九壹贰叁肆伍陆柒捌玖"
_TENS = {"廿": "二十", "卅": "三十", "拾": "十", "正月": "一月"}
_MONTHS = {
    name: str(at)
    for at, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_LONG = "uary|ruary|ch|il|e|y|ust|t|tember|ober|ember"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})(?:{_LONG})?\.?"
_ENGLISH = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:[-/,]| )*{_MONTH}(?:[-/,]| )*(?P<year>\d{{4}}|\d{{2}})",
        rf"{_MONTH}[-/ ]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[, ]+(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})(?:[-/,]| )*{_MONTH}(?:[-/,]| )*(?P<day>\d{{1,2}})",
        rf"{_MONTH}(?:[-/,]| )*(?P<year>\d{{4}})",
        rf"(?P<year>\d{{4}})(?:[-/,]| )*{_MONTH}",
    )
)
_CHINESE = re.compile(r"(\d{4}|\d{2})年(?:度)?(?:(\d{1,2})月(?:份)?(?:(\d{1,2})[日号])?)?")
_BEFORE = re.compile(r"^(?:公元|公历|西元|自|从|至|到|截至|截止|于)+")
_AFTER = re.compile(
    r"(?:(?:起|止|截止|为止|到期|底|末|上午|下午|凌晨|晚上|中午|早上)|\((?:星期|周)[一二三四五六日天]\)|星期[一二三四五六日天]"
    r"|(?<=[日号])(?:上午|下午|凌晨|晚)?\d{1,2}[时点:](?:\d{1,2}分?)?(?:\d{1,2}秒)?)+$"
)
_REPUBLIC, _CENTURY, _TURN = 1911, 2000, 70


def in_figures(text: str) -> str:
    """A folded text with the day in it as figures between strokes; else as it is.

    Examples
    --------
    >>> in_figures("二〇二二年三月五日"), in_figures("二零二一年十二月三十一日"), in_figures("民国110年5月")
    ('2022-3-5', '2021-12-31', '2021-5')
    >>> in_figures("01-may-20"), in_figures("may 1, 2020"), in_figures("2022年9月1日上午")
    ('2020-5-1', '2020-5-1', '2022-9-1')
    """
    english = _english(text)
    if english is not None:
        return english
    bare = _AFTER.sub("", _BEFORE.sub("", _han_in_figures("".join(text.split()))))
    if bare.startswith("民国"):
        return _of_republic(bare.removeprefix("民国"))
    found = _CHINESE.fullmatch(bare)
    if found:
        return "-".join(part for part in (_whole_year(found[1]), found[2], found[3]) if part)
    return (
        re.sub(r"年|月(?=\d)", "-", bare).rstrip("日号月-") if re.search(r"\d{4}", bare) else bare
    )


def _english(text: str) -> str | None:
    for pattern in _ENGLISH:
        found = pattern.fullmatch(text)
        if found:
            parts = found.groupdict()
            month = _MONTHS[parts["month"]]
            day = parts.get("day")
            return "-".join([_whole_year(parts["year"]), month, *([str(int(day))] if day else [])])
    return None


def _whole_year(year: str) -> str:
    if len(year) > 2:  # noqa: PLR2004 - a year of two figures
        return year
    short = int(year)
    return str(short + _CENTURY - (100 if short >= _TURN else 0))


def _of_republic(text: str) -> str:
    found = re.fullmatch(r"(\d{1,3})年(?:(\d{1,2})月(?:(\d{1,2})[日号])?)?", text)
    if found is None:
        return text
    return "-".join(part for part in (str(int(found[1]) + _REPUBLIC), found[2], found[3]) if part)


def _han_in_figures(text: str) -> str:
    """Chinese numerals as figures: years figure by figure, months and days up to 31."""
    for short, long in _TENS.items():
        text = text.replace(short, long)
    text = re.sub(rf"[{_HAN}o]{{2,4}}(?=年)", lambda found: _by_figure(found[0]), text)
    hundreds = (
        r"一百(?:零?([一二三四五六七八九])|([一二三四五六七八九])?十([一二三四五六七八九])?)?(?=年)"
    )
    text = re.sub(hundreds, _over_hundred, text)
    return re.sub(
        r"([一二三四五六七八九])?十([一二三四五六七八九])?|(?<![星期周])[〇零一二三四五六七八九](?=[月日号年])",
        _below_hundred,
        text,
    )


def _by_figure(text: str) -> str:
    return "".join("0" if mark == "o" else _FIGURES[mark] for mark in text)


def _over_hundred(found: re.Match[str]) -> str:
    ones, tens, units = (int(_FIGURES[mark]) if mark else 0 for mark in found.groups())
    has_tens = "十" in found[0]
    return str(100 + ones + (10 * (tens or 1) if has_tens else 0) + units)


def _below_hundred(found: re.Match[str]) -> str:
    if "十" not in found[0]:
        return _FIGURES[found[0]]
    tens, units = (int(_FIGURES[mark]) if mark else 0 for mark in found.groups())
    return str(10 * (tens or 1) + units)
