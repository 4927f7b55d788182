"""Codes that a spreadsheet has spoiled: digits lost to 4.51E+11, zeros lost in front.

Belongs here: telling such codes, and what to do about them. Does not belong here: reading an id
(``values.py``), ids that occur twice (``check.py``).

A spoiled code cannot be mended here, and no other name helps: its digits must come from where the
code was given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from geoplan.errors import Problem, Remark
from geoplan.layers.raw_table import Register, listing
from geoplan.terms import Words

_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?e\+(\d{2,})", re.IGNORECASE)
_EXACT_DIGITS = 15  # what a spreadsheet keeps of a number
_GUARDED = re.compile(r"=\"(.*)\"|'(\d.*)")

REMEDY = Words(
    "这些编码被表格当作数字，位数已丢失，改名无济于事：请从原始台账或发码部门取回全部数字，"
    "先把该列的单元格格式设为“文本”再填写或粘贴，然后重新导出。",
    "A spreadsheet took these codes for numbers and their digits are lost; no other name will help. "
    "Get the whole codes from where they were given, format the column as text before filling it in, "
    "and export it again.",
)


def whole_code(text: str) -> str | None:
    """A code as it was meant: out of its guard, and out of a notation that lost nothing.

    ``None`` for a code whose digits are lost.

    Examples
    --------
    >>> whole_code("4.51402001001E+11"), whole_code("4.51402E+11"), whole_code('="0012"')
    ('451402001001', None, '0012')
    """
    guarded = _GUARDED.fullmatch(text)
    if guarded is not None:
        return guarded[1] or guarded[2]
    found = _SCIENTIFIC.fullmatch(text)
    if found is None:
        return text
    digits, size = found[1] + (found[2] or ""), int(found[3]) + 1
    return digits if len(digits) == size else None


def is_cut(cell: object) -> bool:
    """Whether a cell holds a code that has lost digits.

    Examples
    --------
    >>> is_cut("4.51402E+11"), is_cut(451402202100001000), is_cut(451402001000)
    (True, True, False)
    """
    if isinstance(cell, str):
        return "+" in cell and whole_code(cell.strip()) is None
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return False
    digits = str(int(cell)) if float(cell).is_integer() else ""
    return len(digits) > _EXACT_DIGITS and not digits[_EXACT_DIGITS:].strip("0")


def cut_codes(cells: Sequence[object]) -> list[int]:
    """Positions of the codes of a column that have lost digits."""
    return [at for at, cell in enumerate(cells) if is_cut(cell)]


def cut_problem(where: str, heading: str, cells: Sequence[object], rows: Sequence[int]) -> Problem:
    """The refusal of an id column whose codes have lost digits."""
    shown = listing(list(dict.fromkeys(map(str, cells))), most=3)
    return Problem(
        where,
        Words(
            f"“{heading}”列第 {listing(rows)} 行的编码已丢失位数（{shown}）",
            f'column "{heading}", row {listing(rows)}: the codes have lost digits ({shown})',
        ),
        REMEDY,
    )


def short_code_remarks(heading: str, register: Register) -> list[Remark]:
    """Codes shorter than their neighbours with zeros in front: theirs may have been lost.

    Examples
    --------
    >>> import numpy as np
    >>> register = Register("compounds", np.array([2, 3]), ["00121", "122"])
    >>> [remark.rows for remark in short_code_remarks("小区编号", register)]
    [(3,)]
    """
    ids = [str(own) if own else "" for own in register.ids]
    widths = {len(own) for own in ids if own.startswith("0") and own.isdigit() and len(own) > 1}
    if len(widths) != 1:
        return []
    width = widths.pop()
    short = [at for at, own in enumerate(ids) if own.isdigit() and len(own) < width]
    if not short:
        return []
    rows = listing([int(register.rows[at]) for at in short])
    detail = Words(
        f"“{heading}”列第 {rows} 行的编码不足 {width} 位，可能丢了前面的 0；{REMEDY.zh}",
        f'column "{heading}", row {rows}: codes of fewer than {width} digits may have lost zeros in '
        f"front. {REMEDY.en}",
    )
    return [register.remark("CODE_SHORT", detail, short)]


def duplicates_remedy(keys: Sequence[object], usual: Words) -> Words:
    """What to do about ids that occur twice; of figures alone, digits may have been lost."""
    if not all(str(key).isdigit() for key in keys):
        return usual
    return Words(
        f"{usual.zh}如果是表格把编码当作数字而丢了位数或前面的 0，请从原始台账取回编码，并把该列设为“文本”。",
        f"{usual.en} Where a spreadsheet took the codes for numbers and digits or zeros in front were "
        "lost, get the codes from where they were given and format the column as text.",
    )


def is_day(cell: object) -> bool:
    """Whether a spreadsheet turned what was typed into a day (3-1 became 1 March)."""
    return isinstance(cell, date)
