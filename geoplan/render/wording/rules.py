"""The rule behind a sheet in words: the rates that were used, who is responsible."""

from __future__ import annotations

from geoplan.numbers import plain_text
from geoplan.policy.model import Policy
from geoplan.render.wording.view import View
from geoplan.terms import terms

_MEASURE_OF_RULE = {
    "jiedao_elder_center": "jiedao_elder_center_coverage",
    "rc_childcare": "rc_childcare_coverage",
}


def rates_in_words(view: View, *, stocks: tuple[str, ...] = ("existing", "new")) -> str:
    """The rates used, whether the plan states them, and what the user changed."""
    zh = view.language == "zh"
    said = [_rate(stock, kind, view) for stock in stocks for kind in terms("kind")]
    text = ("标准：" if zh else "Rates: ") + ("；" if zh else "; ").join(said)
    changed = changes_in_words(view)
    return f"{text}{'。' if zh else '.'}{changed}"


def _rate(stock: str, kind: str, view: View) -> str:
    zh = view.language == "zh"
    standard = view.assessment.standard
    name = f"{kind}_rate_{stock}"
    parameter = standard.policy.parameters[name]
    rate = plain_text(standard.number(name))
    text = f"{view.label('stock', stock)}{'' if zh else ' '}{view.label('kind', kind)} {rate} "
    text += "㎡/百户" if zh else "m² per 100 households"
    if name in standard.overrides:
        return f"{text}（本次设定）" if zh else f"{text} (set by you)"
    if parameter.assumed is None:
        where = standard.policy.clauses[parameter.clause].where
        return f"{text}（{where}）" if zh else f"{text} ({where})"
    ours = parameter.assumption(view.language)
    return f"{text}（假定：{ours}）" if zh else f"{text} (assumed: {ours})"


def changes_in_words(view: View) -> str:
    """The policy values that the user changed."""
    overrides = view.assessment.standard.overrides
    if not overrides:
        return ""
    listed = ", ".join(f"{name}={value}" for name, value in sorted(overrides.items()))
    return f"本次改动的参数：{listed}。" if view.language == "zh" else f" Changed values: {listed}."


def public_notes(view: View) -> tuple[str, ...]:
    """Under a sheet of the public edition: its approved number, what is not shown and why."""
    publication = view.assessment.publication
    if publication is None:
        return ()
    return (f"审图号：{publication.review_no}", view.say(publication.note))


def responsible_for(rule: str, view: View) -> str:
    """The bureaus that the plan names for a rule."""
    policy = view.assessment.standard.policy
    measure = _MEASURE_OF_RULE.get(rule)
    for each in policy.indicators:
        if each.measure == measure:
            return "、".join(each.lead)
    return _bureaus_of_rule(rule, policy)


def _bureaus_of_rule(rule: str, policy: Policy) -> str:
    """Of the task whose row the rule's sentence stands in."""
    if rule not in policy.rules:
        return ""
    where = policy.clauses[policy.rules[rule].clause].where
    found = (task for task in policy.tasks if policy.clauses[task.clause].where == where)
    return next((task.bureaus for task in found), "")
