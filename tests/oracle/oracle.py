"""A second telling of the rules, by brute force, from the raw cells of a city.

Written from ``docs/method.md`` alone and in plain Python: fractions, dictionaries and boxes, no
geometry library and nothing of geoplan. It judges indicators 1, 2, 8, 9 and 12 and the area rule
(own and pooled). What the specification leaves open is in ``Unit.open`` and not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracle.ground import City, Ground
from tests.oracle.rates import INDICATORS, Rate, Rates
from tests.oracle.rooms import Rooms, Unit


@dataclass(frozen=True, slots=True)
class Telling:
    """What ought to come out: the rates by indicator, the units by level, id and kind."""

    rates: Mapping[str, Rate]
    units: Mapping[tuple[str, str, str], Unit]


def tell(
    city: City, *, as_of: date, policy: str, values: Mapping[str, Any] | None = None
) -> Telling:
    """Judge a city; an indicator without a rate is left out."""
    ground = Ground(city, as_of=as_of, policy=policy, values=values)
    rates = {name: judge(Rates(ground)) for name, judge in INDICATORS.items()}
    return Telling(
        {name: rate for name, rate in rates.items() if rate is not None}, Rooms(ground).area_rule()
    )
