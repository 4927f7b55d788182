"""The JSON result: its names, its schema, its numbers, the same bytes every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from geoplan.assess.judge import assess
from geoplan.layers.model import Layers
from geoplan.render.documents.assessment import build_document
from geoplan.render.documents.json_values import dump_document, read_schema
from geoplan.workflow import assess_study
from tests.assess.build import standard
from tests.render.town import NASTY, town

SCHEMA = json.loads(read_schema())
CHECK = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)

# What scripts hold on to.
PROMISED = {
    "indicators": "id value display unit numerator denominator target baseline verdict provisional "
    "could_turn need_more covered uncovered excluded unknown warnings variants clause sum",
    "units": "unit_id level kind stock households rate required_m2 provided_m2 committed_m2 "
    "planned_m2 gap_m2 gap_after_committed_m2 verdict codes sum facilities",
    "projects": "project_id stage in_rate verdict area_elder area_childcare sync_plan sync_build "
    "sync_accept sync_deliver codes required_elder_m2 required_childcare_m2 reasons",
    "gaps": "unit_id level official rule kind gap gap_after_committed unit people",
    "remarks": "layer rows ids code detail",
    "sources": "layer path sha256 crs encoding rows_read rows_kept",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dump_document(build_document(town())))
    return found


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("policy", ["chongzuo-2021-2023", "guangxi-2021-2023"])
def test_the_document_keeps_to_the_schema(language: str, policy: str) -> None:
    CHECK.validate(
        json.loads(dump_document(build_document(town(policy=policy), language=language)))
    )


def test_a_study_without_layers_keeps_to_the_schema() -> None:
    bare = assess(Layers(None), standard(), study="空")
    CHECK.validate(json.loads(dump_document(build_document(bare))))


def test_the_sample_keeps_to_the_schema(repository: Path) -> None:
    if not (repository / "study.toml").is_file():
        pytest.skip("the sample study is not made yet")
    CHECK.validate(json.loads(dump_document(build_document(assess_study(repository)))))


@pytest.mark.parametrize("where", ["", "indicators", "units", "projects", "gaps", "sources"])
def test_an_unknown_name_is_refused(where: str, document: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(document))
    (changed[where][0] if where else changed)["surprise"] = 1
    assert not CHECK.is_valid(changed)


def test_a_verdict_must_be_one_of_five(document: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(document))
    changed["indicators"][0]["verdict"] = "OK"
    assert not CHECK.is_valid(changed)


def objects(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of the schema that describes an object."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for key, part in schema.items():
            yield from objects(part, f"{path}/{key}")


def test_the_schema_is_strict_and_describes_every_name() -> None:
    for path, part in objects(SCHEMA):
        if "properties" not in part:
            assert "additionalProperties" in part, path  # a table by name, documented as such
            continue
        assert part["additionalProperties"] is False, path
        assert part["required"] == list(part["properties"]), path
        for name, each in part["properties"].items():
            assert each.get("description") or "$ref" in each, f"{path}/{name}"
    for name, part in SCHEMA["$defs"].items():
        assert part.get("description"), name


@pytest.mark.parametrize("part", PROMISED)
def test_the_promised_names_are_there(part: str, document: dict[str, Any]) -> None:
    assert document[part]
    for row in document[part]:
        assert set(PROMISED[part].split()) <= set(row)


def test_the_head(document: dict[str, Any]) -> None:
    assert document["study"] == "崇左市（示意数据）"
    assert document["as_of"] == "2023-12-31"
    assert document["policy"]["id"] == "chongzuo-2021-2023"
    assert document["policy"]["values"]["elder_rate_existing"] == 15
    assert document["policy"]["values"]["persons_per_household"] == 2.87
    assert document["policy"]["values"]["include_out_of_range"] is False
    assert document["policy"]["values"]["new_rule_effective"] == "2021-12-23"
    assert document["policy"]["values"]["usable_to_gross_ratio"] is None
    assert document["policy"]["overrides"] == {}
    assert document["reach"] == []


def test_overrides_are_printed() -> None:
    changed = build_document(town(persons_per_household="3.2", functions_mode="union_in_jiedao"))
    expected = {"functions_mode": "union_in_jiedao", "persons_per_household": 3.2}
    assert changed["policy"]["overrides"] == expected
    assert changed["policy"]["values"]["persons_per_household"] == 3.2


def indicator(document: dict[str, Any], key: str) -> dict[str, Any]:
    return next(each for each in document["indicators"] if each["id"] == key)


def test_an_indicator(document: dict[str, Any]) -> None:
    found = indicator(document, "jiedao_elder_center_coverage")
    assert (found["value"], found["display"]) == (33.333333, "33.33")
    assert (found["numerator"], found["denominator"], found["need_more"]) == (1, 3, 2)
    assert (found["target"], found["baseline"], found["unit"]) == (100, 66, "%")
    assert (found["verdict"], found["clause"]) == ("FAIL", "附件2-2")
    assert found["covered"] == ["451402001"]
    assert found["excluded"][0]["reason"] == "NOT_JIEDAO"
    assert found["variants"]["union_in_jiedao"]["denominator"] == 3


def test_a_rounded_display_does_not_decide(document: dict[str, Any]) -> None:
    found = indicator(document, "elder_staff_trained")
    assert (found["value"], found["display"], found["target"]) == (0.295, "0.30", 0.3)
    assert (found["verdict"], found["need_more"]) == ("FAIL", 0.005)


def test_the_plan_prints_integers() -> None:
    found = indicator(build_document(town(display="plan")), "jiedao_elder_center_coverage")
    assert (found["display"], found["value"]) == ("33", 33.333333)


def test_a_failing_unit_never_shows_a_gap_of_nothing(document: dict[str, Any]) -> None:
    for unit in document["units"]:
        if unit["verdict"] == "FAIL":
            assert unit["gap_m2"] > 0
            gap = Fraction(str(unit["required_m2"])) - Fraction(str(unit["provided_m2"]))
            assert Fraction(str(unit["gap_m2"])) >= gap


def test_unknown_is_null_and_never_nothing(document: dict[str, Any]) -> None:
    unknown = [each for each in document["gaps"] if each["verdict"] == "UNKNOWN"]
    assert unknown
    assert all(each["gap"] is None and not each["official"] for each in unknown)


def test_gaps_say_what_could_close_them(document: dict[str, Any]) -> None:
    by_unit = {(each["unit_id"], each["kind"]): each for each in document["gaps"]}
    pooled = by_unit["451402001001", "elder"]
    assert pooled["instruments"] == ["convert", "buy", "swap", "lease"]
    assert pooled["premises"][0] == {"id": "V1", "distance_m": 200.0}
    assert pooled["premises"][1] == {"id": "V2", "distance_m": None}
    assert by_unit["P2", "childcare"]["instruments"] == ["build"]
    assert by_unit["P2", "childcare"]["premises"] == []


def test_text_is_kept_as_it_is(document: dict[str, Any]) -> None:
    names = {each["name"] for each in document["facilities"]}
    assert {NASTY[3], NASTY[10]} <= names
    text = dump_document(build_document(town()))
    assert "太平中心" in text
    assert text.endswith("}\n")


DUMP = """
from tests.render.town import town
from geoplan.render.documents.assessment import build_document
from geoplan.render.documents.json_values import dump_document
import sys
sys.stdout.buffer.write(dump_document(build_document(town())).encode("utf-8"))
"""


def test_another_process_elsewhere_writes_the_same_bytes(repository: Path, tmp_path: Path) -> None:
    outputs = []
    for seed, zone, folder in (("1", "UTC", repository), ("2", "Asia/Shanghai", tmp_path)):
        env = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(repository)}
        done = subprocess.run(
            [sys.executable, "-c", DUMP], cwd=folder, env=env, capture_output=True, check=True
        )
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1] == dump_document(build_document(town())).encode("utf-8")
    assert str(repository).encode() not in outputs[0]
