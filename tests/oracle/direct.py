"""A city's cells as typed layers, without files: for thousands of cities in a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from geoplan.layers.model import (
    Community,
    Compound,
    Division,
    Facility,
    Layer,
    Layers,
    ResidentialCommunity,
    Source,
)
from tests.cases.given import CRS, Row, place_of
from tests.oracle.ground import kind_of

_WORDS = {
    "全托": "full_time_care",
    "日托": "day_care",
    "上门服务": "home_visit",
    "技术支撑": "technical_support",
}
_BEDS = {"full_time_beds": "full_time_care", "day_seats": "day_care"}
_KEYS = {
    "division_code": "id",
    "community_id": "id",
    "rc_id": "id",
    "compound_id": "id",
    "facility_id": "id",
}
_PLACES = ("square", "box", "point", "wkt")
_TYPES: Mapping[str, Callable[..., Any]] = {
    "divisions": Division,
    "communities": Community,
    "residential_communities": ResidentialCommunity,
    "compounds": Compound,
    "facilities": Facility,
}


def _amount(cell: str) -> Decimal | None:
    return Decimal(0) if cell == "无" else Decimal(cell)


def _count(cell: str) -> Decimal | None:
    return None if cell == "无" or cell.startswith("-") else Decimal(cell)


def _shares(cell: str) -> tuple[tuple[str, Decimal], ...]:
    parts = (part.split(":") for part in cell.split(";"))
    return tuple((name, Decimal(area)) for name, area in parts)


def _yes(cell: str) -> bool:
    return cell == "是"


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("population", "households"), _count),
    **dict.fromkeys(
        (
            *("beds", "nursing_beds", "full_time_beds", "day_seats", "places", "floor_area_m2"),
            *("elder_area_m2", "childcare_area_m2", "other_area_m2", "outdoor_area_m2"),
        ),
        _amount,
    ),
    **dict.fromkeys(("open_date", "close_date", "lease_start", "lease_end"), date.fromisoformat),
    **dict.fromkeys(("filed", "open_to_public", "counts_for_community"), _yes),
    "serves": lambda cell: tuple(cell.split("、")),
    "functions": lambda cell: frozenset(_WORDS[word] for word in cell.split("、")),
    "allocations": _shares,
}


def typed_layers(given: Mapping[str, Sequence[Row]]) -> Layers:
    """The layers as reading the files would give them."""
    return Layers(CRS, **{name: _layer(name, rows) for name, rows in given.items()})


def _layer(name: str, rows: Sequence[Row]) -> Layer[Any]:
    geometry = np.full(len(rows), None, dtype=object)
    geometry[:] = [place_of(row) for row in rows]
    source = Source(name, name, "", CRS, None, len(rows), len(rows))
    typed = tuple(_typed(name, number, row) for number, row in enumerate(rows, start=2))
    return Layer(typed, geometry, source)


def _typed(name: str, number: int, row: Row) -> Any:
    cells = {
        _KEYS.get(key, key): _PARSERS.get(key, str)(cell)
        for key, cell in row.items()
        if cell and key not in _PLACES
    }
    if name == "divisions":
        cells |= {"id": cells.get("id") or cells["name"], "kind": kind_of(row)}
    if name == "facilities" and "functions" not in cells:
        found = {_BEDS[key] for key in _BEDS if cells.get(key)}
        cells["functions"] = frozenset(found) or None
    return _TYPES[name](number, **{"name": cells.get("id"), **cells})
