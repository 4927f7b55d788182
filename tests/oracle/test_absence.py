"""Random cities with a layer taken out or emptied: nothing of it is judged, all else stays.

What a question needs is written down here once more, apart from the program.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from geoplan.assess.gaps import is_left_open
from geoplan.assess.model import Assessment
from geoplan.layers.model import Layer, Layers, Source
from geoplan.terms import Verdict
from tests.oracle.cities import build_city
from tests.oracle.direct import typed_layers
from tests.oracle.test_oracle import judge_layers

SEEDS = range(40)
AREA, CENTERS, CHILDCARE, PROJECTS = (
    "area_per_100_households",
    "jiedao_elder_center",
    "rc_childcare",
    "new_project_area",
)
INDICATORS = {
    "divisions": {
        "jiedao_elder_center_coverage",
        "childcare_places_per_1000",
        "county_infant_guidance_rate",
    },
    "facilities": {
        "nursing_bed_share",
        "jiedao_elder_center_coverage",
        "childcare_places_per_1000",
        "rc_childcare_coverage",
        "county_infant_guidance_rate",
    },
    "compounds": set(),
    "projects": {"new_compound_compliance"},
}
RULES = {
    "divisions": {CENTERS},
    "facilities": {AREA, CENTERS, CHILDCARE},
    "compounds": {AREA},
    "projects": {PROJECTS},
}


def without(layers: Layers, name: str, way: str) -> Layers:
    blank = Layer((), None, Source(name, f"{name}.csv", "", None, None, 0, 0))
    absent = None if way == "missing" else blank
    return replace(layers, **{name: absent})


@pytest.mark.parametrize("way", ["missing", "empty"])
@pytest.mark.parametrize("name", list(RULES))
def test_nothing_is_judged_of_a_layer_that_is_not_there(name: str, way: str) -> None:
    code = "LAYER_MISSING" if way == "missing" else "LAYER_EMPTY"
    for seed in SEEDS:
        city = build_city(seed)
        layers = typed_layers(city.given)
        found = judge_layers(without(layers, name, way), city)
        for result in found.indicators:
            if result.indicator.measure in INDICATORS[name]:
                assert result.verdict is Verdict.NA, (seed, result.indicator.id)
                assert code in result.codes, (seed, result.indicator.id)
                assert (result.covered, result.uncovered, result.need_more) == ((), (), None)
        assert not [gap for gap in found.gaps if gap.rule in RULES[name]], seed
        if AREA in RULES[name]:
            in_town = [each for each in found.units if each.codes != ("NOT_URBAN",)]
            assert all(each.verdict is Verdict.NA for each in in_town), seed
            assert all(code in each.codes for each in in_town), seed
        assert is_left_open(found), seed
        assert {each.layer for each in found.remarks if each.code == code} >= {name}, seed


@pytest.mark.parametrize("name", ["compounds", "facilities", "projects"])
def test_no_official_gap_is_new(name: str) -> None:
    for seed in SEEDS:
        city = build_city(seed)
        layers = typed_layers(city.given)
        whole, less = (
            judge_layers(each, city) for each in (layers, without(layers, name, "missing"))
        )
        assert _official(less) <= _official(whole), seed


def _official(found: Assessment) -> set[tuple[str, str, str, str]]:
    return {(gap.unit_id, gap.level, gap.rule, gap.kind) for gap in found.gaps if gap.official}
