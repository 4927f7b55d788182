"""JSON that people hand over: problems to solve, programmes to compare with.

Belongs here: getting it out of its file. Does not belong here: what it must hold.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def load_json(path: str | Path) -> Any:
    """What a JSON file holds.

    Raises
    ------
    OSError, ValueError, RecursionError
        it cannot be opened, is no ordinary file (a pipe would be waited for without end), or no
        JSON that can be held.
    """
    file = Path(path)
    if file.exists() and not file.is_file():
        raise ValueError("no ordinary file")
    return json.loads(file.read_text(encoding="utf-8-sig"))
