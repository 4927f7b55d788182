"""What is to be said of a workbook: hidden rows, numbers as they are shown, formulas, damages.

Belongs here: the words. Does not belong here: opening a workbook (``book.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoplan.errors import Remark
from geoplan.layers.raw_table import listing
from geoplan.terms import Words


def mended_remark() -> Remark:
    """That only the cells of a damaged workbook were read."""
    detail = Words(
        "工作簿的样式或附件有损坏，只读了单元格、数字格式和合并单元格",
        "styles or ornaments of the workbook are damaged; only its cells, number formats and merged "
        "cells were read",
    )
    return Remark("WORKBOOK_MENDED", detail)


def shown_remarks(odd: Mapping[int, tuple[object, object]], layer: str) -> tuple[Remark, ...]:
    """That numbers count as their formats show them, if there are any."""
    if not odd:
        return ()
    rows = tuple(odd)
    stored, shown = next(iter(odd.values()))
    detail = Words(
        f"第 {listing(rows)} 行的数按单元格的显示格式读取（如存为 {stored}、显示为 {shown}）",
        f"numbers in row {listing(rows)} count as their cells show them "
        f"(such as {stored}, which is shown as {shown})",
    )
    return (Remark("SHOWN_AS", detail, layer, rows),)


def hidden_rows(rows: Sequence[int], layer: str) -> tuple[Remark, ...]:
    """That hidden rows were read too, if there are any."""
    if not rows:
        return ()
    detail = Words(
        f"第 {listing(rows)} 行是隐藏行，也读入了",
        f"rows {listing(rows)} are hidden in the sheet; they were read too",
    )
    return (Remark("HIDDEN_ROWS", detail, layer, tuple(rows)),)


def without_result(rows: tuple[int, ...], layer: str) -> tuple[Remark, ...]:
    """That formulas were never worked out, and in which rows."""
    detail = Words(
        f"第 {listing(rows)} 行有没算出结果的公式，按未知处理；请用 Excel 打开并保存一次",
        f"rows {listing(rows)} hold formulas without a result, which count as unknown; "
        "open the workbook in Excel and save it once",
    )
    return (Remark("FORMULA_WITHOUT_RESULT", detail, layer, rows),)
