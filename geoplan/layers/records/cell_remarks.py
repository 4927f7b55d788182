"""What is said of cells that cleaning changed or could not read.

Belongs here: the sentences of the codes that parsers give. Does not belong here: parsing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from geoplan.errors import Remark
from geoplan.layers.raw_table import Register, listing
from geoplan.layers.tables.spellings import nearest_word
from geoplan.layers.tables.values import Codes, is_blank
from geoplan.terms import Words, label

_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "APPROX": ("是约数，按所写的数计", "is approximate and counts as the number written"),
        "EXPR": ("是算式，按其和计", "is a sum and counts as its total"),
        "UNIT_IN_CELL": ("带有单位，按所写的单位计", "has a unit of its own, which counts"),
        "RANGE": ("是范围，按未知处理", "is a range and is taken as unknown"),
        "BAD_NUMBER": ("不是数，按未知处理", "is no number and is taken as unknown"),
        "NEGATIVE": ("是负数，按未知处理", "is negative and is taken as unknown"),
        "BAD_DATE": ("不是日期，按未知处理", "is no day and is taken as unknown"),
        "DAY_ASSUMED": (
            "没有写到日，按当月或当年最后一天计",
            "names no day and counts as the last one it can mean",
        ),
        "DAY_AMBIGUOUS": (
            (
                "可能是两个不同的日期（如 2021.1 可能是 1 月，也可能是丢了末位 0 的 10 月），按未知处理；"
                "请写成 2021-10 或 2021-10-01 的样子"
            ),
            (
                "can be two different days (2021.1 may be January, or October without its last zero) and "
                "is taken as unknown; write it like 2021-10 or 2021-10-01"
            ),
        ),
        "YEAR_SHORT": (
            "只写了两位年份，按年、月、日的次序和最近的世纪计",
            "has a year of two figures; read as year, month, day of the nearest century",
        ),
        "TIME_ZONE": (
            "带有时区，按北京时间的日期计",
            "has a time zone and counts as its day in China",
        ),
        "CELL_ERROR": (
            "是出错的公式，不是空白，按未知处理；请在表格中改正",
            "is a formula with an error, which is no blank, and is taken as unknown; mend it there",
        ),
        "CODE_IS_DATE": (
            "在表格中已变成日期，原来的编号或文字丢了；请把该列设为“文本”后重新填写",
            (
                "was turned into a day by the spreadsheet, and what stood there is lost; "
                "format the column as text and fill it in again"
            ),
        ),
        "CODE_CUT": (
            "是丢了位数的编码，按空白处理；请从原始台账取回全部数字，并把该列设为“文本”",
            (
                "is a code that has lost digits and is taken as blank; get all of its digits from where "
                "it came from, and format the column as text"
            ),
        ),
        "BAD_YES_NO": (
            "没有读懂是“是”还是“否”，按未知处理",
            "is not understood as yes or no and is taken as unknown",
        ),
        "TEXT_AS_YES": ("写的是文字或编号，按“是”计", "is a text or a number and counts as yes"),
        "BAD_WORD": (
            "没有读懂，按未知处理；没有“未知”一项的按默认值处理，并在结果中注明",
            "is not understood and is taken as unknown, or as the default where there is no unknown",
        ),
        "UNKNOWN_WORD": (
            "含有没有读懂的词，已略过这些词",
            "holds words that are not understood; those were passed over",
        ),
        "BAD_SHARES": (
            "不是“编号:面积;编号:面积”的形式，按没有处理",
            'is not of the form "id:area;id:area" and is taken as absent',
        ),
        "UNKNOWN_TYPE": (
            "不是已知的设施类型，按“其他”处理，不计入任何指标",
            'is no known facility type; taken as "other", which counts for nothing',
        ),
        "UNKNOWN_STATUS": (
            "作为运营状态没有读懂，按“不详”处理，不视为运营",
            'is not understood as a status; taken as "unknown", not as operating',
        ),
    }
)
_SUGGEST = MappingProxyType({"UNKNOWN_TYPE": "facility_type", "UNKNOWN_STATUS": "status"})


def cell_remarks(
    heading: str,
    cells: Sequence[object],
    changed: Mapping[int, Codes],
    *,
    register: Register,
) -> list[Remark]:
    """One remark for each code of a column, with all its rows.

    Examples
    --------
    >>> import numpy as np
    >>> register = Register("facilities", np.array([2, 3]), ["F1", "F2"])
    >>> found = cell_remarks("面积", ["12", "约3"], {1: ("APPROX",)}, register=register)
    >>> found[0].rows, found[0].detail.en
    ((3,), 'column "面积", row 3: "约3" is approximate and counts as the number written')
    """
    places: dict[str, list[int]] = {}
    for position, codes in changed.items():
        for code in codes:
            places.setdefault(code, []).append(position)
    return [
        register.remark(code, _sentence(heading, cells, code, at, register), at)
        for code, at in places.items()
    ]


def _sentence(
    heading: str, cells: Sequence[object], code: str, at: Sequence[int], register: Register
) -> Words:
    zh, en = _SENTENCES[code]
    texts = list(dict.fromkeys(_shown(cells[position]) for position in at))
    rows = [int(register.rows[position]) for position in at]
    quoted_zh = listing([f"“{text}”" for text in texts], most=3)
    quoted_en = listing([f'"{text}"' for text in texts], most=3)
    hint = _hint(code, [cells[position] for position in at])
    return Words(
        f"“{heading}”列第 {listing(rows)} 行：{quoted_zh}{zh}{hint.zh}",
        f'column "{heading}", row {listing(rows)}: {quoted_en} {en}{hint.en}',
    )


def _shown(cell: object) -> str:
    return "" if is_blank(cell) else str(cell)[:30]


def _hint(code: str, cells: Sequence[object]) -> Words:
    """The known words that look most like the unknown ones."""
    group = _SUGGEST.get(code)
    if group is None:
        return Words("", "")
    near: dict[str, str] = {}
    for cell in dict.fromkeys(map(_shown, cells)):
        key = nearest_word(group, cell) if cell else None
        if key is not None and len(near) < 3:  # noqa: PLR2004 - enough to be of use
            near[cell] = key
    zh = "；".join(f"“{cell}”最接近“{label(group, key, 'zh')}”" for cell, key in near.items())
    en = "; ".join(f'nearest to "{cell}": {label(group, key, "en")}' for cell, key in near.items())
    return Words(f"（{zh}）" if zh else "", f" ({en})" if en else "")
