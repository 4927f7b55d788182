"""What cells say that stand beside the data: totals, notes, titles, parts.

Belongs here: telling by its words what a cell is, and what is said of a row that was set aside.
Does not belong here: deciding on a row (``records.py``), or arithmetic (``sums.py``).

A word counts only where it fills the cell or ends it: 合计里小区, 统计局宿舍 and 其中堂 are places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from geoplan.errors import Remark
from geoplan.layers.raw_table import Register, listing
from geoplan.layers.tables.values import plain
from geoplan.terms import Words

TOTAL, DERIVED, EVERYTHING, PART, MAYBE_PART = "total", "derived", "everything", "part", "maybe"

_SIMPLE = str.maketrans("計總數佔個戶鎮鄉區縣註備說續均", "计总数占个户镇乡区县注备说续均")
_COUNT = r"(?:[::、,]?\(.*\))?[::]?(?:[\d.,]+[^\d]{0,8}[,、]?){0,3}"
_TOTAL = re.compile(
    r".{0,24}?(?:合计|小计|总计|共计|累计|总和|合共)"
    r"(?:数|值|户数|人数|人口|面积|床位数?|托位数?)?" + _COUNT
)
_BARE = re.compile(
    r"计|总|总数|总量|共[\d.,]+.{0,8}|(?:.{0,24}?(?:sub-?|grand))?totals?" + _COUNT + r"|sum[::]?"
)
_DERIVED = re.compile(
    r"(?:.{0,16}?(?:平均|平均数|平均值|均值|人均|户均|每户|中位数|占比|比重|比例|构成比|百分比|"
    r"同比|环比|增幅|增速|增长率|增减|增减额|差额)(?:[(].*[)]|[%‰])?"
    r"|占.{0,10}(?:比重|比例|%|的百分比)(?:[(].*[)]|[%‰])?"
    r"|(?:同比|环比|比上年|较上年|比去年|较去年|比上月|较上月|比上期)(?:净?增[长减加幅速]?|变化|下降)?"
    r"(?:率|数|额)?(?:[(].*[)]|[%‰])?"
    r"|(?:上年|去年|上期|上月|上季)(?:同期|末|底)?(?:数|值)?"
    r"|average|mean|median|share|percent(?:age)?|yoy)[::]?"
)
_EVERYTHING = re.compile(
    r"(?:全|本)(?:省|市|州|区|县|旗|镇|乡|街道|街|社区|村|部|体|国|域)(?:范围|汇总)?[::]?|汇总[::]?"
)
_NUMERAL = r"[一二三四五六七八九十百\d]+"
_PHASE = rf"(?:第?{_NUMERAL}(?:期|区|栋|幢|号楼|组团|标段|批|单元))"
_PART = re.compile(
    rf"[(]?其中[)]?(?:[::、,-].*|[(].*|{_PHASE}.{{0,6}})?|[(]其中.*[)]|(?:of)?which[::].*|包括[::].*|其余[::].*"
)
_MAYBE_PART = re.compile(r"其中.+|其余|其他部分|其它部分")
_PHASE_NAME = re.compile(rf"[(]?(?:其中)?{_PHASE}[)]?")
_NOTE = re.compile(
    r"[(]?(?:(?:注|备注|说明|附注|填报人|填表人|制表人|制表|审核人|审核|复核人|复核|填报单位|填表单位|"
    r"制表单位|填报日期|填表日期|制表日期|填报时间|打印时间|打印日期|联系人|联系电话|单位负责人|负责人|"
    r"分管领导|主要领导|数据来源|资料来源|来源|统计口径|指标解释|统计时间|统计日期|单位盖章|盖章|单位)"
    r"(?:\d*)(?:[(].*[)])?[::、.]|注\d+[.、]?|以下(?:空白|无正文)|以上(?:数据|为|各|表)|"
    r"(?:数据|统计|资料)?截[止至]|本表|此表|表中|note[s]?[::]|source[s]?[::])"
)
_PAGE = re.compile(
    rf"[(-]*(?:第{_NUMERAL}页[,、/]?(?:共{_NUMERAL}页)?|共{_NUMERAL}页|\d+/\d+页?|page\d+(?:of\d+)?)[)-]*"
)
_CONTINUED = re.compile(
    rf".{{0,20}}[(]?(?:续表|接上页|接上表|续上页|续上表|接下页|转下页|续下页|续前表|续)[)]?"
    rf"(?:[(]?{_NUMERAL}[)]?)?|(?:附)?表{_NUMERAL}(?:[(]续[)])?.{{0,30}}"
)
_NUMBERED = re.compile(
    r"[一二三四五六七八九十]{1,3}[、.,::].+|[(](?:[一二三四五六七八九十]{1,3}|\d{1,2})[)].+"
    r"|第[一二三四五六七八九十\d]{1,3}(?:部分|章|节|类|片区?|组)[::、]?.*|[ivx]{1,4}[、.].+|\d{1,2}[、.]\D.*"
)
_TITLE = re.compile(r".{2,40}(?:表|台账|清单|名册|名单|目录|一览|汇总|统计|情况|明细)(?:[(].*[)])?")
_PLACE = re.compile(r".{1,12}(?:街道|街道办|街道办事处|镇|乡|片区|城区|组团)(?:[(].*[)])?[::]?")
_DECORATION = "-—–=*·…_~#※★☆▲△●◆■□"
_LONG = 24  # a cell of so many characters that stands alone is a sentence


def folded(cell: object) -> str:
    """A cell as comparable text, in the simplified characters that the words here are written in.

    Examples
    --------
    >>> folded(" 小　計 ")
    '小计'
    """
    return plain(cell).translate(_SIMPLE)


def kind_of(cell: object) -> str | None:
    """What a cell says its row is: a total, a derived number, everything, a part; ``None`` of no such.

    Examples
    --------
    >>> [kind_of(cell) for cell in ("太平街道小计", "合 计（6个小区）", "计", "占比(%)", "全市")]
    ['total', 'total', 'total', 'derived', 'everything']
    >>> [kind_of(cell) for cell in ("合计里小区", "统计局宿舍", "设计院小区", "累计养老中心", 5)]
    [None, None, None, None, None]
    >>> [kind_of(cell) for cell in ("其中：一期", "其中一期", "其中已入住", "其中", "其中堂")]
    ['part', 'part', 'maybe', 'part', 'maybe']
    """
    if not isinstance(cell, str):
        return None
    text = folded(cell)
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(text):
            return kind
    return TOTAL if _BARE.fullmatch(text) else None


_KINDS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        PART: _PART,
        DERIVED: _DERIVED,
        TOTAL: _TOTAL,
        EVERYTHING: _EVERYTHING,
        MAYBE_PART: _MAYBE_PART,
    }
)


def is_note(cell: object) -> bool:
    """Whether a cell is a footnote, a signature or a page number.

    Examples
    --------
    >>> is_note("填报人：某某"), is_note("第 2 页 共 5 页"), is_note("注册中心")
    (True, True, False)
    """
    if not isinstance(cell, str):
        return False
    text = folded(cell).strip(_DECORATION)
    return bool(_NOTE.match(text) or _PAGE.fullmatch(text))


def is_sentence(cell: object) -> bool:
    """Whether a cell that stands alone is a sentence, or a line drawn of marks, and no name."""
    if isinstance(cell, str) and not re.search(r"\w", cell):
        return True
    return isinstance(cell, str) and (
        len(folded(cell)) >= _LONG or any(mark in cell for mark in "。；")
    )


def is_title(cell: object) -> bool:
    """Whether a cell that stands alone heads a part of the table.

    Examples
    --------
    >>> [is_title(cell) for cell in ("一、太平街道", "（一）老旧小区", "续表（二）", "小区一览表")]
    [True, True, True, True]
    >>> is_title("阳光花园"), is_title("1000")
    (False, False)
    """
    if not isinstance(cell, str):
        return False
    text = folded(cell).strip(_DECORATION)
    return any(each.fullmatch(text) for each in (_CONTINUED, _NUMBERED, _TITLE))


def is_place(cell: object) -> bool:
    """Whether a cell names a township-level place and nothing in it."""
    return isinstance(cell, str) and bool(_PLACE.fullmatch(folded(cell)))


def is_phase(cell: object) -> bool:
    """Whether a cell names a part by its number, or is set in under the row above it.

    Examples
    --------
    >>> is_phase("二期"), is_phase("      东区"), is_phase("金龙小区二期")
    (True, True, False)
    """
    if not isinstance(cell, str):
        return False
    return cell[:1] in " \u3000\t" or bool(_PHASE_NAME.fullmatch(folded(cell)))


def is_beside_data(cell: object) -> bool:
    """Whether a cell that is alone in its row says by itself that the row is no data."""
    if kind_of(cell) in {TOTAL, DERIVED, EVERYTHING}:
        return True
    return is_note(cell) or is_title(cell) or is_place(cell)


_SAID: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "SKIPPED_ROW": (
            "按 study.toml 的 skip_rows 不作为数据",
            "are no data, as skip_rows in study.toml says",
        ),
        "HEADING_REPEATED": ("重复表头，不作为数据", "repeat the heading and are no data"),
        "SECTION_TITLE": (
            "是分段标题、续表标记，不作为数据",
            "head a part of the table and are no data",
        ),
        "TOTAL_ROW": ("是合计行，不作为数据", "are totals and no data"),
        "DERIVED_ROW": (
            "是平均、占比、同比等推算行，不作为数据",
            "are averages, shares or changes and no data",
        ),
        "PART_ROW": (
            "是上一行的其中项，已含在上一行内，不另计",
            "are parts of the row above, which counts them already",
        ),
        "FOOTNOTE": ("是表注，不作为数据", "are footnotes and no data"),
        "EMPTY_ROW": ("没有任何可用的内容", "hold nothing that geoplan reads"),
        "INCOMPLETE_ROW": (
            "缺少项目编号、指标编号或日期，未采用",
            "lack their project, indicator or day and were not used",
        ),
        "UNIT_PARTS": (
            "与前面某行编号相同、内容一致，是同一单元的另一块图形，已并入该行，只计一次",
            (
                "agree with an earlier row in id and everything else: they are parts of one unit, "
                "united with it and counted once"
            ),
        ),
    }
)
REASONS = tuple(_SAID)


def aside_remarks(found: Mapping[str, Sequence[int]], register: Register) -> list[Remark]:
    """The remarks that carry the rows set aside, by code."""
    remarks = []
    for code, positions in found.items():
        if not positions:
            continue
        rows = listing([int(register.rows[position]) for position in positions])
        zh, en = _SAID[code]
        detail = Words(f"第 {rows} 行{zh}", f"rows {rows} {en}")
        remarks.append(register.remark(code, detail, positions, set_aside=True))
    return remarks
