"""What a policy must hold before a study can be judged by it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from geoplan.errors import PolicyError, Problem
from geoplan.policy.model import Dated, Parameter, Policy
from geoplan.policy.needed import NEEDED_RULES, NEEDED_VALUES, missing_needs
from geoplan.policy.read import build_standard, list_policies, read_policy

CITY = read_policy("chongzuo-2021-2023")
SMALL = Path(__file__).parents[1] / "broken" / "policy" / "sound.toml"
KINDS = {
    "number": "number",
    "optional_number": "number",
    "choice": "choice",
    "flag": "flag",
    "day": "day",
}


def asked_for(repository: Path) -> Iterator[tuple[str, str]]:
    """Every policy value that code asks a standard for by name, with the kind it expects."""
    for path in (repository / "geoplan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="standard"), attr=kind)
                    | ast.Attribute(value=ast.Attribute(attr="standard"), attr=kind),
                    args=[ast.Constant(value=str(name))],
                ) if kind in KINDS:
                    yield name, KINDS[kind]


def with_value(name: str, **changed: object) -> Policy:
    parameter = replace(CITY.parameters[name], **changed)  # type: ignore[arg-type]
    return replace(CITY, parameters={**CITY.parameters, name: parameter})


def refused(policy: Policy) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        build_standard(policy, policy.since, {})
    return caught.value.problems


@pytest.mark.parametrize("policy", list_policies(), ids=lambda policy: policy.id)
def test_the_shipped_policies_lack_nothing(policy: Policy) -> None:
    assert missing_needs(policy) == []


def test_what_is_needed_is_what_a_city_can_set() -> None:
    assert list(NEEDED_VALUES) == list(CITY.parameters)
    for name, need in NEEDED_VALUES.items():
        assert need.choices == CITY.parameters[name].choices
        assert need.optional == CITY.parameters[name].optional


def test_code_asks_for_nothing_else_and_for_the_same_kind(repository: Path) -> None:
    asked = set(asked_for(repository))
    assert len(asked) > 15
    for name, kind in asked:
        assert NEEDED_VALUES[name].kind == kind, name


def test_a_policy_with_too_little_says_all_that_it_lacks() -> None:
    values, rules = refused(read_policy(SMALL))
    assert values.where == "small: [[parameter]]"
    said = values.say("en")
    assert all(name in said for name in NEEDED_VALUES if name != "elder_rate_existing")
    assert 'extends = "chongzuo-2021-2023"' in said
    assert NEEDED_RULES[1] in rules.say("zh")


def test_a_policy_that_extends_lacks_nothing(tmp_path: Path) -> None:
    own = SMALL.read_text(encoding="utf-8").partition("[[rule]]")[0]
    extending = own.replace('id = "small"', 'id = "small"\nextends = "chongzuo-2021-2023"')
    file = tmp_path / "own.toml"
    file.write_text(extending, encoding="utf-8")
    standard, _ = build_standard(read_policy(file), date(2022, 6, 30), {})
    assert standard.number("elder_rate_existing") == 10
    assert standard.number("childcare_rate_existing") == 15


@pytest.mark.parametrize(
    ("name", "changed", "key", "said"),
    [
        ("phase_rule", {"kind": "number"}, "kind", 'Write kind = "choice"'),
        ("elder_rate_new", {"unit": "m2"}, "unit", "m2_per_100_households"),
        ("elder_rate_new", {"unit": ""}, "unit", "m2_per_100_households"),
        ("phase_rule", {"choices": ("warn", "stop")}, "choices", "stop is not understood"),
        ("min_places", {"optional": True, "values": ()}, "optional", "cannot be left open"),
    ],
)
def test_a_value_the_judgement_would_not_understand(
    name: str, changed: dict[str, object], key: str, said: str
) -> None:
    (problem,) = refused(with_value(name, **changed))
    assert problem.where == f"{CITY.id}: [[parameter]] {name} {key}"
    assert said in problem.say("en")
    assert problem.say("zh") != problem.say("en")


def test_a_policy_may_have_values_of_its_own() -> None:
    own = Parameter(
        "own", "自有", "own", "number", "m", "c", None, (), (Dated(CITY.since, Decimal(1)),)
    )
    policy = replace(CITY, parameters={**CITY.parameters, "own": own})
    assert build_standard(policy, CITY.since, {})[0].number("own") == 1
