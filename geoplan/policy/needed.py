"""What a policy must hold before anything can be judged by it.

A policy that lacks some of it takes it over with ``extends``. Belongs here: the names, kinds and
words that the judgement asks a policy for. Does not belong here: any value of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from geoplan.errors import Problem
from geoplan.policy.model import Parameter, Policy
from geoplan.terms import Words


@dataclass(frozen=True, slots=True)
class Need:
    """Of a policy value: its kind, its unit, and the words the judgement understands.

    Only what is ``optional`` may be without a value.
    """

    kind: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False


# The sentences that are quoted beside a measure's units, as roles of clauses.
QUOTED_ROLES: Mapping[str, tuple[str, ...]] = {
    "jiedao_elder_center_coverage": ("center_rule", "coverage_goal"),
    "rc_childcare_coverage": ("coverage_goal",),
}
NEEDED_RULES = ("area_per_100_households", "new_project_area")
NEEDED_VALUES: Mapping[str, Need] = {
    "elder_rate_existing": Need("number", "m2_per_100_households"),
    "childcare_rate_existing": Need("number", "m2_per_100_households"),
    "elder_rate_new": Need("number", "m2_per_100_households"),
    "childcare_rate_new": Need("number", "m2_per_100_households"),
    "min_single_m2": Need("number", "m2"),
    "community_population_min": Need("number", "persons"),
    "community_population_max": Need("number", "persons"),
    "persons_per_household": Need("number", "persons_per_household"),
    "functions_mode": Need("choice", choices=("single_institution", "union_in_jiedao")),
    "division_scope": Need(
        "choice", choices=("jiedao_only", "jiedao_and_county_seat_towns", "all_town_level")
    ),
    "min_center_area_m2": Need("number", "m2"),
    "min_childcare_area_m2": Need("number", "m2"),
    "min_places": Need("number", "count"),
    "coverage_mode": Need("choice", choices=("official", "located", "served", "reach")),
    "reach_share": Need("number", "share"),
    "radius_m": Need("number", "m"),
    "include_out_of_range": Need("flag"),
    "shared_policy": Need("choice", choices=("unknown", "elder_first", "half")),
    "usable_to_gross_ratio": Need("number", "share", optional=True),
    "center_counts_for_community": Need("flag"),
    "legacy_policy": Need("choice", choices=("include", "exclude")),
    "new_rule_effective": Need("day"),
    "phase_rule": Need("choice", choices=("warn", "enforce")),
    "phase_share": Need("number", "%"),
    "build_lag_days": Need("number", "days"),
    "measure_tolerance_pct": Need("number", "%"),
    "boundary_tol_m": Need("number", "m"),
    "display": Need("choice", choices=("standard", "plan")),
    "walk_m_per_min": Need("number", "m_per_min"),
    "walk_m_per_min_elder": Need("number", "m_per_min"),
}


def missing_needs(policy: Policy) -> list[Problem]:
    """Why nothing can be judged by the policy; empty when everything can."""
    problems = [
        *_absent(policy, "parameter", [n for n in NEEDED_VALUES if n not in policy.parameters]),
        *_absent(policy, "rule", [name for name in NEEDED_RULES if name not in policy.rules]),
    ]
    for name, need in NEEDED_VALUES.items():
        if name in policy.parameters:
            problems += _unlike(policy, policy.parameters[name], need)
    return problems


def _absent(policy: Policy, table: str, names: list[str]) -> Iterator[Problem]:
    if names:
        yield Problem(
            f"{policy.id}: [[{table}]]",
            Words(f"缺少 {'、'.join(names)}", f"has no {', '.join(names)}"),
            Words(
                '请补上；或在 [policy] 中写 extends = "chongzuo-2021-2023"，其余沿用该政策。',
                'Add them; or write extends = "chongzuo-2021-2023" under [policy] to take over '
                "whatever you do not state.",
            ),
        )


def _unlike(policy: Policy, parameter: Parameter, need: Need) -> Iterator[Problem]:
    """What of the parameter the judgement would not understand."""
    for key, found, wanted in (
        ("kind", parameter.kind, need.kind),
        ("unit", parameter.unit, need.unit),
    ):
        if found != wanted:
            yield Problem(
                f"{policy.id}: [[parameter]] {parameter.name} {key}",
                Words(f"{key} 是“{found}”", f'{key} is "{found}"'),
                Words(f'请写成 {key} = "{wanted}"。', f'Write {key} = "{wanted}".'),
            )
    if parameter.optional and not need.optional:
        yield Problem(
            f"{policy.id}: [[parameter]] {parameter.name} optional",
            Words("这个参数不能没有数值", "this value cannot be left open"),
            Words("请删去 optional 并给出数值。", "Delete `optional` and give a value."),
        )
    if unknown := [each for each in parameter.choices if each not in need.choices]:
        yield Problem(
            f"{policy.id}: [[parameter]] {parameter.name} choices",
            Words(f"不认识 {'、'.join(unknown)}", f"{', '.join(unknown)} is not understood"),
            Words(f"可用：{'、'.join(need.choices)}。", f"Choose from {', '.join(need.choices)}."),
        )
