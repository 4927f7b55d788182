"""What could close a gap: instruments by rule, premises near by against brute force."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import shapely

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.assess.remedies import list_remedies, nearest_childcare_m
from geoplan.layers.model import Community, Compound, Facility, Layers, Premises, rows_of
from tests.assess.build import layer, square, standard


def city(seed: int, radius_m: int) -> Assessment:
    """Four communities, compounds without any facility, premises strewn about."""
    random = Random(seed)  # noqa: S311 - not a secret
    corners = [(0, 0), (1000, 0), (0, 1000), (1000, 1000)]
    homes = [(random.uniform(0, 1900), random.uniform(0, 1900)) for _ in range(12)]
    rooms = [(random.uniform(-300, 2300), random.uniform(-300, 2300)) for _ in range(25)]
    layers = Layers(
        "EPSG:4545",
        communities=layer(
            [Community(number, f"C{number}", f"社区{number}") for number in range(4)],
            [square(x, y, 1000) for x, y in corners],
        ),
        compounds=layer(
            [Compound(number, f"X{number}", "小区", households=Decimal(100)) for number in range(12)],
            [square(x, y, 80) for x, y in homes],
        ),
        facilities=layer(
            [
                Facility(number, f"F{number}", "childcare_institution", "托育", status="operating",
                         places=Decimal(number % 2 * 20), filed=True)
                for number in range(6)
            ],
            [shapely.Point(x + 40, y) for x, y in rooms[:6]],
        ),
        premises=layer(
            [Premises(number, f"V{number:02}", "房屋") for number in range(25)],
            [shapely.Point(x, y) for x, y in rooms],
        ),
    )  # fmt: skip
    return assess(layers, standard(radius_m=radius_m), study="城")


def test_premises_of_the_community_and_within_the_radius_the_nearest_first() -> None:
    for seed, radius_m in ((1, 0), (2, 300), (3, 500)):
        found = city(seed, radius_m)
        places = found.belonging
        shapes = {
            (level, row.id): shape
            for level, held in (
                ("community", found.layers.communities),
                ("compound", found.layers.compounds),
            )
            if held is not None and held.geometry is not None
            for row, shape in zip(held.rows, held.geometry, strict=True)
        }
        premises = found.layers.premises
        assert premises is not None
        assert premises.geometry is not None
        for gap, remedy in zip(found.gaps, list_remedies(found), strict=True):
            shape = shapes[gap.level, gap.unit_id]
            home = (
                places.compounds[gap.unit_id].community if gap.level == "compound" else gap.unit_id
            )
            expected = sorted(
                (shape.distance(point), row.id)
                for row, point in zip(premises.rows, premises.geometry, strict=True)
                if places.premises[row.id].community == home or shape.distance(point) <= radius_m
            )
            assert [(near.distance_m, near.id) for near in remedy.premises] == expected
        assert any(remedy.premises for remedy in list_remedies(found))


def test_instruments_are_those_the_plan_names() -> None:
    found = city(1, 300)
    said = {
        (gap.level, gap.kind): remedy.instruments
        for gap, remedy in zip(found.gaps, list_remedies(found), strict=True)
        if gap.rule == "area_per_100_households"
    }
    assert said["community", "elder"] == ("convert", "buy", "swap", "lease")
    assert said["community", "childcare"] == ("buy", "swap", "lease")
    assert said["compound", "childcare"] == ("buy", "swap", "lease", "pool")


def test_the_nearest_childcare_is_the_nearest_that_qualifies() -> None:
    found = city(2, 300)
    facilities = found.layers.facilities
    communities = found.layers.communities
    assert facilities is not None
    assert facilities.geometry is not None
    assert communities is not None
    assert communities.geometry is not None
    points = [
        point for row, point in zip(facilities.rows, facilities.geometry, strict=True) if row.places
    ]
    nearest = nearest_childcare_m(found)
    for row, shape in zip(communities.rows, communities.geometry, strict=True):
        middle = shapely.point_on_surface(shape)
        assert nearest[row.id] == min(middle.distance(point) for point in points)


def test_no_childcare_no_distance() -> None:
    found = assess(
        Layers(
            "EPSG:4545",
            communities=layer([Community(1, "C1", "社区")], [square(0, 0, 1000)]),
            facilities=layer([], []),
        ),
        standard(),
        study="城",
    )
    assert nearest_childcare_m(found) == {"C1": None}
    assert rows_of(found.layers.premises) == ()
