"""The shipped policies: sound, cited, complete, and word for word what the document says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from geoplan.assess.judge import MEASURES
from geoplan.errors import PolicyError
from geoplan.policy.figures import parse_target
from geoplan.policy.model import Policy
from geoplan.policy.read import find_indicator, list_policies, read_policy
from geoplan.terms import terms

CITY, REGION = "chongzuo-2021-2023", "guangxi-2021-2023"


@pytest.fixture(scope="module")
def city() -> Policy:
    return read_policy(CITY)


@pytest.fixture(scope="module")
def region() -> Policy:
    return read_policy(REGION)


@pytest.fixture(scope="module")
def plan(repository: Path) -> str:
    """The published document without any white space."""
    folder = repository.parent / "shared" / "plan"
    if not folder.is_dir():
        pytest.skip("shared data absent: the plan's text is not in ../shared/plan")
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))
    return bare(text)


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_library_is_sound_and_in_order_of_id() -> None:
    assert [each.id for each in list_policies()] == [CITY, REGION]


def test_measure_names_are_those_that_are_computed() -> None:
    assert {*MEASURES, "reported"} == set(terms("measure"))


# ------------------------------------------------------------------------- nothing left out


def test_the_plan_is_there_row_by_row(city: Policy) -> None:
    assert [task.number for task in city.tasks] == list(range(1, 27))
    annex = [each.number for each in city.indicators if each.number.isdecimal()]
    assert annex == [str(number) for number in range(1, 17)]


def test_each_clause_is_judged_or_excused(city: Policy) -> None:
    cited = {
        *(each.clause for each in city.indicators),
        *(each.clause for each in city.parameters.values()),
        *(each.clause for each in city.rules.values()),
    }
    rows_judged = {f"附件1-{each.task}" for each in city.indicators if each.task is not None}
    for clause in city.clauses.values():
        judged = clause.id in cited or clause.where in rows_judged
        assert judged or clause.reason, clause.id


def test_what_is_excused_is_not_judged_and_what_is_reported_is_excused(city: Policy) -> None:
    cited = {each.clause for each in city.indicators}
    assert [each.id for each in city.clauses.values() if each.reason and each.id in cited] == []
    for each in city.indicators:
        assert (each.measure == "reported") == bool(each.reason), each.id


def test_each_task_is_judged_by_an_indicator_or_a_rule_or_excused(city: Policy) -> None:
    judged = {each.task for each in city.indicators}
    bare_tasks = [
        task.number
        for task in city.tasks
        if task.number not in judged and not city.clauses[task.clause].reason
    ]
    assert bare_tasks == []


def test_the_region_claims_nothing_that_was_not_seen(city: Policy, region: Policy) -> None:
    assert region.issued is None
    assert "官方文本未见" in region.document_no
    assert city.issued == date(2021, 12, 23)


@pytest.mark.parametrize("policy", list_policies(), ids=lambda policy: policy.id)
def test_each_number_is_cited_and_used(policy: Policy) -> None:
    used = {name for each in (*policy.indicators, *policy.rules.values()) for name in each.given}
    assert used == set(policy.parameters)
    for each in (*policy.parameters.values(), *policy.indicators, *policy.rules.values()):
        assert policy.clauses[each.clause].text


@pytest.mark.parametrize("policy", list_policies(), ids=lambda policy: policy.id)
def test_each_day_of_the_period_has_one_value_of_each_parameter(policy: Policy) -> None:
    days = [policy.since + timedelta(n) for n in range((policy.until - policy.since).days + 1)]
    assert len(days) == 3 * 365
    for parameter in policy.parameters.values():
        begins = [dated.since for dated in parameter.values]
        assert len(begins) == len(set(begins)), parameter.name
        if not parameter.optional:
            assert all(parameter.on(day) is not None for day in days), parameter.name


@pytest.mark.parametrize("policy", list_policies(), ids=lambda policy: policy.id)
def test_each_label_and_word_of_ours_is_in_both_languages(policy: Policy) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    ours = [
        *((each.assumed, each.assumed_en) for each in policy.parameters.values()),
        *((each.reason, each.reason_en) for each in policy.clauses.values()),
        *((each.reason, each.reason_en) for each in policy.indicators),
    ]
    for zh, en in ours:
        assert (zh is None) == (en is None), zh
        assert zh is None or chinese.search(zh)
    for each in (*policy.parameters.values(), *policy.indicators, *policy.rules.values()):
        assert chinese.search(each.label_zh), each
        assert each.label_en.strip(), each
        assert not chinese.search(each.label_en), each


def test_whatever_the_document_does_not_say_is_marked_as_ours(city: Policy) -> None:
    stated = {name for name, each in city.parameters.items() if each.assumed is None}
    assert {"elder_rate_existing", "childcare_rate_existing"} <= stated
    assert {"community_population_min", "community_population_max"} <= stated
    for name in ("elder_rate_new", "childcare_rate_new", "persons_per_household"):
        assert city.parameters[name].assumed, name


# ---------------------------------------------------------------------------- word for word


def quoted(policy: Policy) -> Iterator[tuple[str, str]]:
    """What stands in the policy as the document's words, with its place."""
    for clause in policy.clauses.values():
        yield f"clause {clause.id}", clause.text
    for task in policy.tasks:
        for name in ("category", "task", "goal_2021", "goal_2023", "measures", "bureaus"):
            yield f"task {task.number} {name}", getattr(task, name)


def test_clauses_and_tasks_are_verbatim(city: Policy, plan: str) -> None:
    changed = [
        f"{place}: {text}"
        for place, text in quoted(city)
        for part in re.split(r"[…|]", text)
        if bare(part) not in plan
    ]
    assert changed == []


def test_each_row_of_annex_2_cites_its_own_row(city: Policy) -> None:
    annex = [each for each in city.indicators if each.number.isdecimal()]
    assert [(each.clause, each.number) for each in annex] == [
        (f"附件2-{each.number}", each.number) for each in annex
    ]
    for each in annex:
        assert bare(city.clauses[each.clause].text).startswith(f"{each.number}."), each.id


def test_the_numbers_of_annex_2_are_those_of_the_quoted_row(city: Policy) -> None:
    for each in city.indicators:
        if not each.number.isdecimal():
            continue
        _, *cells = (cell.strip() for cell in city.clauses[each.clause].text.split("|"))
        assert each.target is not None
        asked = each.target.op  # 达标率 and 100 in task 7 mean exactly, elsewhere at least
        assert [each.region_target, each.baseline, each.target] == [
            parse_target(cells[0], asked),
            parse_target(cells[1], "=="),
            parse_target(cells[2], asked),
        ], each.id


# ----------------------------------------------------------------------------- known values


@pytest.mark.parametrize(
    ("number", "op", "value", "baseline", "region_value"),
    [
        ("1", ">=", "53", "45", "53"),
        ("2", ">=", "100", "66", "80"),
        ("3", ">=", "0.3", None, "6"),
        ("5", ">=", "0", "0", "10"),
        ("8", ">=", "3.5", "1.54", "3.5"),
        ("9", ">=", "60", "30", "60"),
        ("12", ">=", "50", "14", "50"),
        ("14", "==", "100", None, "100"),
        ("15", ">=", "80", None, "90"),
    ],
)
def test_targets_of_annex_2(  # noqa: PLR0913 - the columns of the annex
    city: Policy,
    region: Policy,
    number: str,
    op: str,
    value: str,
    baseline: str | None,
    region_value: str,
) -> None:
    own, theirs = find_indicator(city, number), find_indicator(region, number)
    assert own.target is not None
    assert theirs.target is not None
    assert (own.target.op, str(own.target.value)) == (op, value)
    assert (own.baseline and str(own.baseline.value)) == baseline
    assert str(theirs.target.value) == region_value
    assert theirs.baseline is None


def test_only_what_is_called_above_is_strict(city: Policy) -> None:
    strict = [each.id for each in city.indicators if each.target and each.target.op == ">"]
    assert strict == ["elder_health_management_rate"]


def test_guangxi_asks_twenty_of_new_housing_and_nothing_else_of_its_own(
    city: Policy, region: Policy
) -> None:
    day = date(2023, 12, 31)
    values = {name: each.on(day) for name, each in region.parameters.items()}
    changed = {name for name, each in city.parameters.items() if each.on(day) != values[name]}
    assert changed == {"elder_rate_new", "childcare_rate_new"}
    assert values["elder_rate_new"] == values["childcare_rate_new"] == Decimal(20)
    assert all("未经核实" in (region.parameters[name].assumed or "") for name in changed)
    assert {each.number for each in region.indicators} == {str(n) for n in range(1, 17)}


def test_a_policy_that_extends_another_changes_when_the_other_does(
    city: Policy, region: Policy
) -> None:
    assert city.sha256 != region.sha256
    assert len(city.sha256) == len(region.sha256) == 64


def test_an_unknown_indicator_names_the_nearest(city: Policy) -> None:
    with pytest.raises(PolicyError, match="rc_childcare_coverage"):
        find_indicator(city, "rc_childcare_coverag")
    assert find_indicator(city, "2") is find_indicator(city, "jiedao_elder_center_coverage")


def test_a_document_s_own_sentence_takes_over_a_role(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        '[policy]\nid = "own"\nextends = "chongzuo-2021-2023"\ntitle = "小县行动计划"\nissuer = "小县"\n'
        'document_no = "1"\nsince = 2021-01-01\nuntil = 2023-12-31\n'
        '[[clause]]\nid = "一"\nwhere = "第一条"\ntext = "街道中心应具备四项功能。"\nrole = "center_rule"\n',
        encoding="utf-8",
    )
    own = read_policy(file)
    rule, goal = own.sentence("center_rule"), own.sentence("coverage_goal")
    assert rule is not None
    assert goal is not None
    assert (rule.id, goal.where) == ("一", "附件1-8")
    assert own.compare_with == ("guangxi-2021-2023",)  # as the plan that it extends says
    assert read_policy("guangxi-2021-2023").compare_with == ("chongzuo-2021-2023",)
