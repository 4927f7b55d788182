"""Text in columns for a terminal.

Laid out by rich, which knows that a Chinese character is two columns wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

_WIDTH = 160  # a full screen; longer cells wrap inside their column


def table_text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows in aligned columns under a heading, one line a row unless it is very long."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, pad_edge=False)
    for heading in head:
        table.add_column(Text(heading))
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out = StringIO()
    Console(file=out, width=_WIDTH, color_system=None, legacy_windows=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())
