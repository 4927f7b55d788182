"""Words are never taken for their opposite: every field by every denial, hedge and contradiction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from geoplan.assess.places.facility_status import SERVING, state_on
from geoplan.layers.contracts import PARSERS, parser_of
from geoplan.layers.model import Facility
from geoplan.layers.tables.spellings import word_keys
from geoplan.layers.tables.status_words import read_status
from geoplan.layers.tables.values import read_clause, read_filed, read_opinion, read_yes_no
from geoplan.terms import terms

DENIALS = ("未", "不", "没有", "无", "非", "尚未", "暂未", "从未", "不再", "不予")
ENDED = ("停止", "取消", "撤销", "已注销", "暂停", "终止")
AWAITED = ("拟", "待", "准备", "计划", "即将", "筹备")
HEDGES = ("部分", "有条件", "整改后", "基本", "原则上", "可能", "曾")
SERVE = ("运营", "营业", "开业", "开园", "投用", "使用", "开放", "招生")
BRACKETS = ("（{}）", "({})", "，{}", "；{}", " {}")


def said(word: str) -> tuple[str, ...]:
    return tuple(f"{word}{tail}" for tail in ("", "。", "了", " "))


@pytest.mark.parametrize(("denial", "word"), [*product((*DENIALS, *ENDED, *AWAITED), SERVE)])
def test_a_status_denied_is_never_operating(denial: str, word: str) -> None:
    for text in said(denial + word):
        assert read_status(text)[0] not in SERVING, text


@pytest.mark.parametrize(("denial", "word"), [*product(DENIALS[:2] + DENIALS[5:8], SERVE)])
def test_a_status_denied_plainly_is_understood(denial: str, word: str) -> None:
    assert read_status(denial + word) == ("built_idle", ())


@pytest.mark.parametrize("key", [key for key in terms("status") if key not in SERVING])
def test_every_word_for_standing_still_may_be_dressed(key: str) -> None:
    spellings = [word for word, own in word_keys("status").items() if own == key]
    for word, (before, after) in product(
        spellings, [("", ""), ("目前", ""), ("已", ""), ("", "中"), ("", "状态"), ("现", "了")]
    ):
        assert read_status(before + word + after)[0] not in SERVING, before + word + after


@pytest.mark.parametrize("bracket", BRACKETS)
@pytest.mark.parametrize(
    "word", ["停业", "已停办", "未运营", "注销", "暂停", "拆除", "闲置", "在建", "拟建"]
)
def test_a_status_that_is_taken_back_is_not_operating(bracket: str, word: str) -> None:
    for head in ("运营", "正常运营", "是", "开业", "已投用", "试运行"):
        text = head + bracket.format(word)
        assert read_status(text)[0] not in SERVING, text


@pytest.mark.parametrize(
    "word",
    ["未停业", "没有停办", "未注销", "不停业", "停业后恢复运营", "热闹", "部分运营", "1", "待定"],
)
def test_a_status_not_understood_is_unknown_and_no_blank(word: str) -> None:
    assert read_status(word) == ("unknown", ("UNKNOWN_STATUS",))
    facility = Facility(
        2, "F1", "other", "", open_date=date(2020, 1, 1), flags=("UNKNOWN_STATUS:status",)
    )
    assert state_on(facility, date(2023, 1, 1)) == ("unknown", ("STATUS_NOT_UNDERSTOOD",))
    blank = replace(facility, flags=())
    assert state_on(blank, date(2023, 1, 1)) == ("operating", ("STATUS_ASSUMED",))


FIELDS = {
    "filed": (read_filed, ("备案", "登记")),
    "open_to_public": (read_yes_no, ("开放", "对外开放", "向社会开放")),
    "land_clause": (read_clause, ("纳入", "约定", "配建", "要求")),
    "facility_split": (read_yes_no, ("拆分", "分散")),
    "other_use": (read_yes_no, ("挪作他用", "改作他用")),
    "counts_for_community": (read_yes_no, ("计入",)),
    "full_time_care": (read_yes_no, ("提供", "具备")),
    "civil_affairs_opinion": (read_opinion, ("合格", "同意", "通过", "达标")),
}
PAIRS = [(field, word) for field, (_, words) in FIELDS.items() for word in words]


@pytest.mark.parametrize(("field", "word"), PAIRS)
def test_a_yes_denied_is_never_a_yes(field: str, word: str) -> None:
    read = FIELDS[field][0]
    for denial in (*DENIALS, *ENDED, *AWAITED):
        for text in said(denial + word):
            assert read(text)[0] is not True, text
    for hedge in HEDGES:
        assert read(hedge + word)[0] is not True, hedge + word
    for head, bracket, taken in product(
        ("是", word, f"已{word}"), BRACKETS, ("已注销", "未完成", "已取消", "有条件", "暂停")
    ):
        text = head + bracket.format(taken)
        assert read(text)[0] is not True, text


@pytest.mark.parametrize(("field", "word"), PAIRS)
def test_a_yes_denied_plainly_is_a_no(field: str, word: str) -> None:
    for denial in ("未", "不", "没有", "不予"):
        assert FIELDS[field][0](denial + word) == (False, ()), denial + word


@pytest.mark.parametrize(("field", "word"), PAIRS)
def test_a_no_denied_is_never_a_no(field: str, word: str) -> None:
    for twice in (f"不是未{word}", f"并非不{word}", f"未取消{word}", f"没有撤销{word}"):
        assert FIELDS[field][0](twice)[0] is not False, twice


@pytest.mark.parametrize(
    ("read", "text", "answer"),
    [
        (read_filed, "备案中", False),
        (read_filed, "已注销备案", False),
        (read_filed, "否（正在办理）", False),
        (read_filed, "备案已过期", False),
        (read_filed, "备案号2021-007，已注销", None),
        (read_filed, "桂托备2021-007", True),
        (read_opinion, "整改后合格", None),
        (read_opinion, "合格，但需整改", None),
        (read_opinion, "待验收", None),
        (read_opinion, "尚未通过", None),
        (read_opinion, "无异议", True),
        (read_opinion, "无意见", None),
        (read_clause, "每百户不少于20㎡", True),
        (read_clause, "无偿移交民政部门", True),
        (read_clause, "无此条款", False),
        (read_yes_no, "不收费开放", None),
        (read_yes_no, "仅对本单位开放", None),
    ],
)
def test_words_of_the_offices(
    read: Callable[[object], tuple[object, object]],
    text: str,
    answer: object,
) -> None:
    assert read(text)[0] is answer


@pytest.mark.parametrize("group", ["tenure", "stock", "area_kind", "mode", "function", "position"])
def test_an_enumerated_word_denied_is_not_that_word(group: str) -> None:
    field = {"mode": "modes", "function": "functions"}.get(group, group)
    for spelling, key in word_keys(group).items():
        for text in (f"非{spelling}", f"不是{spelling}", f"{spelling}（已取消）", f"无{spelling}"):
            if text in word_keys(group):
                continue
            value, codes = parser_of(field)(text)
            is_that = value == key or (isinstance(value, tuple) and key in value)
            assert not is_that or codes, text


def test_a_function_that_is_not_offered_is_not_there() -> None:
    read = PARSERS["functions"]
    for text in (
        "日托、无全托",
        "日托、不提供全托",
        "日托、全托：否",
        "日托、全托（筹备中）",
        "日托、暂无全托",
    ):
        assert read(text) == (("day_care",), ()), text
