"""A siting answer for a person and for a script.

Belongs here: words and the order of keys. Does not belong here: counting anything.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from geoplan.render.sheets.harmless import visible
from geoplan.terms import Words

if TYPE_CHECKING:
    from geoplan.plan.siting import SitingAnswer
    from geoplan.plan.siting.problem import HallSet, Share

_STATUS = {
    "optimal": Words("已证明最优", "proven to be the best"),
    "feasible": Words("可行，未证明最优", "feasible, not proven to be the best"),
    "infeasible": Words("没有可行方案", "there is no feasible answer"),
    "unknown": Words("时限内没有找到方案", "nothing was found in the time"),
}
_NAMED = 20


def answer_json(answer: SitingAnswer) -> str:
    """The answer as the JSON document of the file format."""
    document = {
        "status": answer.status,
        "objective": _finite(answer.objective),
        "bound": _finite(answer.bound),
        "gap": _finite(answer.gap),
        "seconds": round(answer.seconds, 3),
        "open": list(answer.open),
        "assignment": [_served(each) for each in answer.assignment],
        "rescored_objective": _finite(answer.rescored_objective),
        "uncoverable": list(answer.uncoverable),
        "alternatives": [
            {"open": list(other.open), "objective": other.objective}
            for other in answer.alternatives
        ],
        "only": answer.only,
        "would_do": dict(answer.would_do),
        "short": _short_json(answer),
        "ignored": list(answer.ignored),
    }
    return visible(json.dumps(document, ensure_ascii=False)) + "\n"


def _short_json(answer: SitingAnswer) -> dict[str, Any] | None:
    short = answer.short
    if short is None:
        return None
    return {
        "points": list(short.points),
        "sites": list(short.sites),
        "load": float(short.load),
        "capacity": float(short.capacity),
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _served(given: int | Share | None) -> Any:
    if isinstance(given, Mapping):
        return {str(site): _share(share) for site, share in given.items()}
    return given


def _share(share: Fraction) -> float:
    return float(share)


def answer_text(answer: SitingAnswer, language: str) -> str:
    """A few lines: what was found, how good it is, what stays out of reach."""
    lines = [_STATUS[answer.status], *_found(answer), *_missing(answer)]
    return "\n".join(line.say(language) for line in lines)


def _found(answer: SitingAnswer) -> list[Words]:
    if answer.objective is None or answer.gap is None:
        return []
    sites = ", ".join(str(site) for site in answer.open)
    objective, bound = f"{answer.objective:.10g}", f"{answer.bound:.10g}"
    gap = f"{answer.gap:.2%}" if math.isfinite(answer.gap) else "—"
    lines = [
        Words(f"开设候选点：{sites}", f"open candidates: {sites}"),
        Words(
            f"目标值 {objective}（独立复算 {answer.rescored_objective:.10g}），界 {bound}，差距 {gap}，{answer.seconds:.1f} 秒",
            f"objective {objective} (counted again: {answer.rescored_objective:.10g}), bound {bound}, gap {gap}, {answer.seconds:.1f} s",
        ),
    ]
    if answer.status == "optimal" and not answer.only:
        lines.append(
            Words(
                "可能还有同样好的方案，未逐一分辨",
                "other sets may be as good: equals were not all told apart",
            )
        )
    for other in answer.alternatives:
        sites = ", ".join(str(site) for site in other.open)
        worth = f"{other.objective:.10g}"
        lines.append(Words(f"备选 {worth}：{sites}", f"alternative {worth}: {sites}"))
    return lines


def _missing(answer: SitingAnswer) -> list[Words]:
    lines = []
    if answer.uncoverable:
        count = len(answer.uncoverable)
        names = ", ".join(str(point) for point in answer.uncoverable[:_NAMED])
        more = ", …" if count > _NAMED else ""
        lines.append(
            Words(
                f"{count} 个需求点没有候选点可达：{names}{more}",
                f"{count} demand points that no candidate reaches: {names}{more}",
            )
        )
    if answer.ignored:
        names = ", ".join(answer.ignored)
        lines.append(Words(f"这个模型不用：{names}", f"plays no part in this model: {names}"))
    if answer.short is not None:
        lines.append(_short(answer.short))
    for key, value in answer.would_do.items():
        lines.append(Words(f"{key} = {value:.10g} 即可", f"{key} = {value:.10g} would do"))
    return lines


def _short(short: HallSet) -> Words:
    """The proof that capacities do not suffice, whatever is opened."""
    points = ", ".join(str(point) for point in short.points[:_NAMED])
    sites = ", ".join(str(site) for site in short.sites[:_NAMED])
    more = [", …" if len(each) > _NAMED else "" for each in (short.points, short.sites)]
    load, room = f"{float(short.load):.15g}", f"{float(short.capacity):.15g}"
    return Words(
        f"即使全开也不够：需求点 {points}{more[0]} 共需 {load}，它们可达的候选点 {sites}{more[1]} 一共只能服务 {room}",
        f"not even with all open: demand points {points}{more[0]} need {load} together, and the "
        f"candidates that they reach, {sites}{more[1]}, can serve {room} in all",
    )
