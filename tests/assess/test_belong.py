"""Where rows belong: declared beats located, borders and overlaps go to the lowest id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import shapely

from geoplan.assess.ground import Ground
from geoplan.assess.judge import assess
from geoplan.layers.model import (
    Community,
    Compound,
    Division,
    Facility,
    Layers,
    ResidentialCommunity,
)
from tests.assess.build import ground, layer, square, standard

TAIPING, JIANGNAN = "451402001", "451402002"
DIVISIONS = layer(
    [Division(1, TAIPING, "太平街道", "jiedao"), Division(2, JIANGNAN, "江南街道", "jiedao")],
    [square(0, 0, 1000), square(1000, 0, 1000)],
)
COMMUNITIES = layer(
    [Community(1, "C1", "壶兴社区"), Community(2, "C2", "城西社区")],
    [square(0, 0, 1000), square(1000, 0, 1000)],
)
RCS = layer(
    [ResidentialCommunity(1, "R1", "壶兴居住社区"), ResidentialCommunity(2, "R2", "城西居住社区")],
    [square(0, 0, 500), square(1000, 0, 500)],
)
COMPOUNDS = layer(
    [
        Compound(1, "X1", "阳光小区"),
        Compound(2, "X2", "阳光小区"),
        Compound(3, "X3", "江景苑", community="C1"),
    ],
    [square(100, 100, 100), square(1100, 100, 100), square(1300, 100, 100)],
)
CENTER = Facility(2, "F1", "jiedao_elder_center", "中心", status="operating")


def settled(
    facility: Facility, place: shapely.Geometry | None, aliases: Mapping[str, str] | None = None
) -> Ground:
    return ground(
        aliases=aliases,
        divisions=DIVISIONS,
        communities=COMMUNITIES,
        residential_communities=RCS,
        compounds=COMPOUNDS,
        facilities=layer([facility], [place]),
    )


def codes(found: Ground, unit: str = "division") -> list[str]:
    notes = found.belonging.notes
    return [note.code for note in notes if note.layer == "facilities" and note.unit == unit]


def test_stands_inside() -> None:
    found = settled(CENTER, shapely.Point(150, 150))
    place = found.belonging.facilities["F1"]
    assert (place.division, place.community, place.rc, place.compound) == (
        TAIPING,
        "C1",
        "R1",
        "X1",
    )
    assert codes(found) == []


def test_declared_beats_located() -> None:
    found = settled(replace(CENTER, jiedao="江南街道"), shapely.Point(600, 600))
    assert found.belonging.facilities["F1"].division == JIANGNAN
    assert codes(found) == ["LOC_MISMATCH"]


def test_declared_by_code_or_by_any_spelling_of_the_name() -> None:
    for text in (JIANGNAN, "江南街道", "江南街道办事处", "江州区江南街道"):
        found = settled(replace(CENTER, jiedao=text), None)
        assert found.belonging.facilities["F1"].division == JIANGNAN, text


def test_a_name_that_fits_nothing_is_remarked_and_location_is_used() -> None:
    found = settled(replace(CENTER, jiedao="东街道"), shapely.Point(600, 600))
    assert found.belonging.facilities["F1"].division == TAIPING
    assert codes(found) == ["UNKNOWN_NAME"]


def test_on_the_border_the_lowest_code_is_credited() -> None:
    found = settled(CENTER, shapely.Point(1000, 600))
    assert found.belonging.facilities["F1"].division == TAIPING
    assert codes(found) == ["ON_BOUNDARY"]


def test_the_tolerance_of_one_metre_is_inclusive() -> None:
    assert codes(settled(CENTER, shapely.Point(1001, 600))) == ["ON_BOUNDARY"]
    beyond = settled(CENTER, shapely.Point(1001.01, 600))
    assert codes(beyond) == []
    assert beyond.belonging.facilities["F1"].division == JIANGNAN


def test_outside_everything() -> None:
    found = settled(CENTER, shapely.Point(5000, 5000))
    assert found.belonging.facilities["F1"].division is None
    assert codes(found) == ["OUTSIDE_SCOPE"]


def test_no_place_at_all() -> None:
    assert codes(settled(CENTER, None)) == ["NO_PLACE"]


def test_a_declared_compound_implies_what_it_lies_in() -> None:
    found = settled(replace(CENTER, compound="X2"), shapely.Point(150, 150))
    place = found.belonging.facilities["F1"]
    assert (place.division, place.community, place.rc, place.compound) == (
        JIANGNAN,
        "C2",
        "R2",
        "X2",
    )


def test_nearer_declaration_beats_what_a_compound_implies() -> None:
    found = settled(replace(CENTER, compound="X2", jiedao=TAIPING), None)
    assert found.belonging.facilities["F1"].division == TAIPING


def test_a_compound_declared_elsewhere_implies_its_declared_community() -> None:
    found = settled(replace(CENTER, compound="江景苑"), None)
    assert found.belonging.facilities["F1"].community == "C1"


def test_a_name_of_two_compounds_is_settled_by_location_or_not_at_all() -> None:
    here = settled(replace(CENTER, compound="阳光小区"), shapely.Point(1150, 150))
    assert here.belonging.facilities["F1"].compound == "X2"
    nowhere = settled(replace(CENTER, compound="阳光小区"), None)
    assert nowhere.belonging.facilities["F1"].compound is None
    assert codes(nowhere, "compound") == ["AMBIGUOUS_NAME"]


def test_an_area_belongs_where_most_of_it_lies() -> None:
    straddling = layer([Compound(1, "X9", "跨界小区")], [shapely.box(950, 0, 1100, 100)])
    found = ground(divisions=DIVISIONS, compounds=straddling)
    assert found.belonging.compounds["X9"].division == JIANGNAN


def test_an_area_cut_in_halves_goes_to_the_lowest_code_with_a_remark() -> None:
    straddling = layer([Compound(1, "X9", "跨界小区")], [shapely.box(900, 0, 1100, 100)])
    found = ground(divisions=DIVISIONS, compounds=straddling)
    assert found.belonging.compounds["X9"].division == TAIPING
    assert [note.code for note in found.belonging.notes] == ["ON_BOUNDARY"]


def test_overlapping_divisions_credit_a_point_once() -> None:
    overlapping = layer(DIVISIONS.rows, [square(0, 0, 1100), square(1000, 0, 1000)])
    found = ground(divisions=overlapping, facilities=layer([CENTER], [shapely.Point(1050, 500)]))
    assert found.belonging.facilities["F1"].division == TAIPING
    assert codes(found) == ["ON_BOUNDARY"]


def test_an_alias_is_a_name_wherever_a_place_is_declared() -> None:
    aliases = {"太平镇": JIANGNAN, "老城西": "城西社区", "阳光新村": "X1"}
    row = replace(CENTER, jiedao="太平镇", serves=("老城西", "阳光新村"))
    found = settled(row, None, aliases)
    assert found.belonging.facilities["F1"].division == JIANGNAN
    assert [each.id for each in found.belonging.serving["F1"]] == ["C2", "X1"]
    assert codes(found) == []


def test_an_alias_is_found_in_any_spelling() -> None:
    found = settled(replace(CENTER, jiedao="老太平街"), None, {"老太平街道办事处": "太平街道办"})
    assert found.belonging.facilities["F1"].division == TAIPING


def test_a_name_of_the_layers_beats_an_alias_and_an_idle_alias_is_told() -> None:
    aliases = {"太平街道": "江南街道", "旧村": "不在图层"}
    found = settled(replace(CENTER, jiedao="太平街道"), None, aliases)
    assert found.belonging.facilities["F1"].division == TAIPING
    idle = [note.detail.zh for note in found.belonging.notes if note.code == "ALIAS_IDLE"]
    assert len(idle) == 2
    assert ["太平街道" in said for said in idle] == [True, False]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("太平镇", "太平街道"),
        ("大平街道", "太平街道"),
        ("江南", "江南街道"),
        ("东街道", None),
        ("不存在街道(示意)", None),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(text: str, near: str | None) -> None:
    found = settled(replace(CENTER, jiedao=text), shapely.Point(600, 600))
    (note,) = [each for each in found.belonging.notes if each.code == "UNKNOWN_NAME"]
    assert (f'"{text}" = "{near}"' in note.detail.zh) == (near is not None)
    assert ("aliases" in note.detail.en) == (near is not None)


def test_an_idle_alias_is_a_remark_of_the_study() -> None:
    found = assess(Layers(None, divisions=DIVISIONS, aliases={"甲": "乙"}), standard(), study="s")
    assert [each.layer for each in found.remarks if each.code == "ALIAS_IDLE"] == [""]
