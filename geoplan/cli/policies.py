"""Commands on the rule book."""

from __future__ import annotations

import click

from geoplan.cli.options import language_option
from geoplan.cli.runner import Refusing, echo
from geoplan.terms import Words


@click.group(cls=Refusing)
def policy() -> None:
    """The rule book. 规则库."""


@policy.command(name="list")
@language_option
def list_(language: str | None) -> None:
    """The policies of the library. 规则库中的政策."""
    from geoplan.policy.read import list_policies
    from geoplan.render.terminal.policies import policies_text

    echo(policies_text(list_policies(), language or "zh"))


@policy.command()
@click.argument("policy_id", metavar="ID|FILE")
@language_option
def show(policy_id: str, language: str | None) -> None:
    """Every indicator and value of a policy. 一项政策的指标与参数."""
    from geoplan.policy.read import read_policy
    from geoplan.render.terminal.policies import policy_text

    echo(policy_text(read_policy(policy_id), language or "zh"))


@policy.command()
@click.argument("indicator", metavar="INDICATOR")
@click.option("--policy", "policy_id", default="chongzuo-2021-2023", metavar="ID|FILE")
@language_option
def cite(indicator: str, policy_id: str, language: str | None) -> None:
    """The sentence behind an indicator (its id or number). 指标出处."""
    from geoplan.policy.read import find_indicator, read_policy
    from geoplan.render.terminal.policies import citation_text

    rules = read_policy(policy_id)
    echo(citation_text(rules, find_indicator(rules, indicator), language or "zh"))


@policy.command()
@click.argument("file", metavar="FILE")
@language_option
def check(file: str, language: str | None) -> None:
    """Whether a policy file is sound; every fault at once. 检查政策文件."""
    from geoplan.policy.read import build_standard, read_policy

    rules = read_policy(file)
    build_standard(rules, rules.since, {})  # whether a study can be judged by it
    sound = Words(
        f"{rules.id}：{len(rules.clauses)} 条条文、{len(rules.indicators)} 项指标、{len(rules.parameters)} 个参数，无误",
        f"{rules.id}: {len(rules.clauses)} clauses, {len(rules.indicators)} indicators, {len(rules.parameters)} values, sound",
    )
    echo(sound.say(language or "zh"))
