"""Rows that are no rows of a layer: totals, footnotes, blanks.

Belongs here: telling them from data, and comparing a total with our own sum. Does not belong here:
judging the rows that stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from geoplan.errors import Remark
from geoplan.layers.amounts import read_count
from geoplan.layers.raw import Register, listing
from geoplan.layers.values import is_blank, plain
from geoplan.terms import Words

_TOTAL = re.compile(
    r"(?:本页|本表|全市|全区|全县|全镇|全街道|各街道|其中)?(?:合计|小计|总计|共计|累计)(?:数)?[:]?"
)
_WHOLE = re.compile(r"(?:全市|全区|全县|全州)[:]?")
_NOTE = re.compile(
    r"(?:注|备注|说明|填报人|填表人|制表人|制表|审核人|复核人|填报单位|填表单位|填报日期|填表日期|填报时间|"
    r"联系人|联系电话|单位负责人|负责人|数据来源|统计口径|指标解释)(?:\d*)[:、.]"
)
_NOTE_STARTS = tuple("注备说填制审复联单负数统指")


def find_totals(columns: Sequence[Sequence[object]]) -> list[int]:
    """Positions of rows that hold a total.

    Examples
    --------
    >>> find_totals([["太平街道", "合 计", None], ["幸福院", None, "小计"]])
    [1, 2]
    """
    found = set()
    for column, cells in enumerate(columns):
        for position, cell in enumerate(cells):
            if not isinstance(cell, str) or not ("计" in cell or cell.startswith("全")):
                continue
            text = plain(cell)
            first = all(is_blank(before[position]) for before in columns[:column])
            if _TOTAL.fullmatch(text) or (first and _WHOLE.fullmatch(text)):
                found.add(position)
    return sorted(found)


def find_notes(columns: Sequence[Sequence[object]]) -> list[int]:
    """Positions of rows whose first cell is a footnote.

    Examples
    --------
    >>> find_notes([["幸福院", "填报人：某某"], [12, None]])
    [1]
    """
    found = []
    for column, cells in enumerate(columns):
        for position, cell in enumerate(cells):
            if not isinstance(cell, str) or not cell.lstrip().startswith(_NOTE_STARTS):
                continue
            if _NOTE.match(plain(cell)) and all(is_blank(it[position]) for it in columns[:column]):
                found.append(position)
    return sorted(found)


def find_blanks(columns: Sequence[Sequence[object]], size: int) -> list[int]:
    """Positions of rows in which no given column says anything."""
    blank = set(range(size))
    for cells in columns:
        blank = {position for position in blank if is_blank(cells[position])}
    return sorted(blank)


def total_remarks(
    columns: Mapping[str, Sequence[object]],
    sums: Mapping[str, Mapping[int, Decimal]],
    totals: Sequence[int],
    *,
    register: Register,
) -> list[Remark]:
    """Compare every total with the rows it may stand for: all, those since or until the next total.

    ``columns`` are the cells of the number columns by heading; ``sums`` the parsed numbers of the
    data rows by position.
    """
    remarks = []
    for order, total in enumerate(totals):
        before = totals[order - 1] if order else -1
        after = totals[order + 1] if order + 1 < len(totals) else len(register.rows)
        for heading, cells in columns.items():
            stated, _ = read_count(cells[total])
            numbers = sums[heading]
            ours = [
                sum((n for at, n in numbers.items() if low < at < high), Decimal(0))
                for low, high in ((-1, len(register.rows)), (before, total), (total, after))
            ]
            if stated is not None and stated not in ours:
                remarks.append(_mismatch(heading, stated, ours[0], total, register))
    return remarks


def _mismatch(
    heading: str, stated: Decimal, ours: Decimal, total: int, register: Register
) -> Remark:
    detail = Words(
        f"“{heading}”列第 {register.rows[total]} 行的合计写 {stated}，各行相加是 {ours}",
        f'column "{heading}": the total in row {register.rows[total]} says {stated}, '
        f"the rows add up to {ours}",
    )
    return register.remark("TOTAL_MISMATCH", detail, [total])


def aside_remarks(found: Mapping[str, Sequence[int]], register: Register) -> list[Remark]:
    """The remarks that carry the rows set aside, by code."""
    said = {
        "TOTAL_ROW": ("是合计行，不作为数据", "are totals and no data"),
        "FOOTNOTE": ("是表注，不作为数据", "are footnotes and no data"),
        "EMPTY_ROW": ("没有任何可用的内容", "hold nothing that geoplan reads"),
        "INCOMPLETE_ROW": (
            "缺少项目编号、指标编号或日期，未采用",
            "lack their project, indicator or day and were not used",
        ),
    }
    remarks = []
    for code, positions in found.items():
        if not positions:
            continue
        rows = listing([int(register.rows[position]) for position in positions])
        detail = Words(f"第 {rows} 行{said[code][0]}", f"rows {rows} {said[code][1]}")
        remarks.append(register.remark(code, detail, positions, set_aside=True))
    return remarks
