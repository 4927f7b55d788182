"""Units as headings and cells write them, with the factor to geoplan's own.

Belongs here: spellings of units and their factors. Does not belong here: numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

_ONE = (
    "m2 m² 平方米 平米 平方 sqm 人 户 套 个 张 名 家 处 元 岁 % 人次 位 米 m 元/年 年 度 ° 所 间 栋 期 "
    "床 座 席 是/否 必填 选填"
)
_THOUSAND = "千 千人 千户 千元"
_TEN_THOUSAND = (
    "万 万人 万户 万元 万套 万张 万个 万位 万人次 万元/年 万平方米 万平米 万平方 万m2 公顷 ha hm2"
)
_MILLION = "平方公里 平方千米 km2"

UNITS: Mapping[str, Decimal] = MappingProxyType(
    dict.fromkeys(_ONE.split(), Decimal(1))
    | dict.fromkeys(_THOUSAND.split(), Decimal(1000))
    | dict.fromkeys(_TEN_THOUSAND.split(), Decimal(10_000))
    | dict.fromkeys(_MILLION.split(), Decimal(1_000_000))
)
NO_FACTOR = frozenset({"亩", "万亩"})


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
