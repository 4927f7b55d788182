"""A 街道 of two communities, and whatever a test puts into it, planned for 2024 to 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import shapely

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.layers.model import (
    Community,
    Compound,
    Division,
    Facility,
    Layers,
    Premises,
    ResidentialCommunity,
)
from geoplan.plan.programme.assumptions import Assumptions, build_assumptions
from geoplan.plan.programme.programme import Programme, plan_programme
from geoplan.policy.read import build_standard, read_policy
from tests.assess.build import DAY, layer, square

# One price of everything that can be checked in the head.
PRICES = {
    "build_yuan_per_m2": 5000,
    "extend_yuan_per_m2": 4000,
    "fit_out_yuan_per_m2": 1000,
    "rent_yuan_per_m2_year": 100,
    "function_yuan": 100_000,
    "center_least_m2": 1000,
    "childcare_least_m2": 100,
    "rooms_least_m2": 10,
}


def room(key: str, m2: int | None, modes: tuple[str, ...] = ("lease",), **told: Any) -> Premises:
    """Premises in the first community, 20,000 yuan a year or 400,000 once."""
    usual = {"cost_yuan": Decimal(400_000), "rent_yuan_per_year": Decimal(20_000)}
    where = {"jiedao": "451402001", "community": "C1"}
    floor = None if m2 is None else Decimal(m2)
    return Premises(0, key, key, floor_area_m2=floor, modes=modes, **{**usual, **where, **told})


def station(key: str, m2: int, kind: str = "elder_service_station", **told: Any) -> Facility:
    """A facility in the first community that serves now."""
    usual = {"status": "operating", "tenure": "owned", "community": "C1", "jiedao": "451402001"}
    places = {"places": Decimal(20), "filed": True} if kind == "childcare_institution" else {}
    return Facility(0, key, kind, key, floor_area_m2=Decimal(m2), **{**usual, **places, **told})


def city(
    *,
    facilities: tuple[Facility, ...] = (),
    premises: tuple[Premises, ...] = (),
    households: tuple[int, int] = (1000, 0),
    stock: str = "existing",
    communities: tuple[ResidentialCommunity, ...] = (),
) -> Layers:
    """1,000 households in the first community: 150 m² of each kind are due."""
    first, second = households
    middle = shapely.Point(500, 500)
    return Layers(
        "EPSG:4545",
        divisions=layer(
            [Division(2, "451402001", "太平街道", "jiedao", population=Decimal(9000))],
            [square(0, 0, 2000)],
        ),
        communities=layer(
            [
                Community(2, "C1", "壶兴社区", "451402001", "111", Decimal(20000)),
                Community(3, "C2", "中山社区", "451402001", "111", Decimal(20000)),
            ],
            [square(0, 0, 1000), square(1000, 0, 1000)],
        ),
        residential_communities=layer(communities, [square(0, 0, 1000) for _ in communities])
        if communities
        else None,
        compounds=layer(
            [
                Compound(2, "X1", "甲小区", community="C1", households=Decimal(first), stock=stock),
                *(
                    [Compound(3, "X2", "乙小区", community="C2", households=Decimal(second))]
                    if second
                    else []
                ),
            ],
            [square(100, 100, 300), *([square(1100, 100, 300)] if second else [])],
        ),
        facilities=layer(
            [replace(row, row=at) for at, row in enumerate(facilities, 2)],
            [middle for _ in facilities],
        )
        if facilities
        else layer([station("F0", 1, status="closed")], [middle]),
        premises=layer(
            [replace(row, row=at) for at, row in enumerate(premises, 2)],
            [middle for _ in premises],
        ),
    )


def judge(layers: Layers, day: date) -> Assessment:
    """The ordinary assessment."""
    rules, _ = build_standard(read_policy("chongzuo-2021-2023"), day, {})
    return assess(layers, rules, study="试城")


def assumed(*instruments: str, budget: str | None = None, **told: Any) -> Assumptions:
    """The prices above, with only these instruments allowed."""
    raw = {**PRICES, **told, **({"instruments": list(instruments)} if instruments else {})}
    return build_assumptions(raw, as_of=DAY, budget=budget)


def plan(layers: Layers, *instruments: str, budget: str | None = None, **told: Any) -> Programme:
    """The programme of a city."""
    rules = assumed(*instruments, budget=budget, **told)
    return plan_programme(layers, judge, rules, as_of=DAY, seconds=300)


def closed(programme: Programme) -> set[tuple[str, str, str]]:
    """What is closed on the last day: unit, rule, kind."""
    return {(need.unit_id, need.rule, need.kind) for need in programme.years[-1].closed}
