"""Units as headings and cells write them, with the factor to geoplan's own.

Belongs here: looking a unit of ``cells.toml`` up. Does not belong here: numbers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from types import MappingProxyType

_BOOK = tomllib.loads((files("geoplan.layers.tables") / "cells.toml").read_text(encoding="utf-8"))
UNITS: Mapping[str, Decimal] = MappingProxyType(
    {
        unit: Decimal(factor)
        for factor, units in _BOOK["units"].items()
        for unit in units
        if factor != "0"
    }
)
NO_FACTOR = frozenset(_BOOK["units"]["0"])


def is_unit(text: str) -> bool:
    """Whether a normalised text is a unit, or several, and nothing else.

    Examples
    --------
    >>> is_unit("m2"), is_unit("单位m2、户"), is_unit("社区")
    (True, True, False)
    """
    bare = text.removeprefix("单位")
    known = UNITS.keys() | NO_FACTOR
    return bare in known or all(part in known for part in re.split(r"[、,;/]", bare))


def unit_factor(text: str) -> Decimal | None:
    """What a normalised unit multiplies its numbers with; ``None`` where that is not known.

    Examples
    --------
    >>> unit_factor("万人"), unit_factor("亩")
    (Decimal('10000'), None)
    """
    return UNITS.get(text.removeprefix("单位"))
