"""The rule book as text: nothing cut off, nothing left out, both languages."""

from __future__ import annotations

import re

import pytest

from geoplan.policy.model import Indicator, Policy
from geoplan.policy.read import find_indicator, list_policies, read_policy
from geoplan.render.terminal.policies import citation_text, policies_text, policy_text

CITY = read_policy("chongzuo-2021-2023")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_names_every_policy_with_its_period(language: str) -> None:
    text = policies_text(list_policies(), language)
    for policy in list_policies():
        (line,) = [line for line in text.splitlines() if policy.id in line]
        assert policy.title in line
        assert "2021-01-01 – 2023-12-31" in line


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("policy", list_policies(), ids=lambda policy: policy.id)
def test_a_policy_is_shown_whole(policy: Policy, language: str) -> None:
    text = policy_text(policy, language)
    assert "…" not in text
    for parameter in policy.parameters.values():
        assert parameter.name in text
        assert (parameter.assumption(language) or "") in text
    for indicator in policy.indicators:
        assert indicator.clause in text


def test_each_number_stands_beside_its_unit_and_sentence() -> None:
    lines = policy_text(CITY, "zh").splitlines()
    (line,) = [line for line in lines if line.startswith(" elder_rate_existing")]
    assert "15 ㎡/百户" in line
    assert "附件1-8-面积" in line
    (line,) = [line for line in lines if line.startswith(" usable_to_gross_ratio")]
    assert " / " in line
    (line,) = [line for line in lines if line.startswith(" 1 ")]
    assert line.split()[3:5] == ["≥45", "≥53"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("indicator", CITY.indicators, ids=lambda each: each.id)
def test_a_citation_says_the_sentence_the_bureaus_and_how_or_why_not(
    indicator: Indicator, language: str
) -> None:
    text = citation_text(CITY, indicator, language)
    assert CITY.clauses[indicator.clause].text in text
    assert CITY.document_no in text
    assert "、".join(indicator.lead) in text
    if indicator.task is not None:
        assert CITY.tasks[indicator.task - 1].bureaus in text
    if indicator.measure == "reported":
        assert (indicator.excuse(language) or "?") in text
    else:
        assert " ÷ " in text
    for name in indicator.given:
        assert re.search(rf"^  {name}(：|: )", text, re.MULTILINE)


def test_a_citation_tells_base_and_targets_apart() -> None:
    text = citation_text(CITY, find_indicator(CITY, "2"), "zh")
    assert "2021年基数：66\n目标：≥100\n广西目标：≥80" in text
    text = citation_text(CITY, find_indicator(CITY, "3"), "en")
    assert "baseline of 2021: /\ntarget: ≥0.3\ntarget of Guangxi: ≥6" in text


def test_in_english_only_the_document_is_chinese() -> None:
    for indicator in CITY.indicators:
        text = citation_text(CITY, indicator, "en")
        heads = [line.partition(": ")[0] for line in text.splitlines()[3:]]
        assert [head for head in heads if CHINESE.search(head)] == []
