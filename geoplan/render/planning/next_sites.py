"""Where to open next, for people, scripts and maps.

Belongs here: words, columns and the order of keys. Does not belong here: counting anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from geoplan import __version__
from geoplan.numbers import json_number, number_text, plain_text
from geoplan.plan.next_sites import NewSite, NextSites
from geoplan.render.planning.siting import answer_text
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.wording.text_columns import table_text
from geoplan.terms import Words, label

_NAMED = 20


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    site: NewSite


def sites_table(found: NextSites, language: str) -> Table:
    """The new sites, those that cover the most people first."""
    lines = [_Line(number, site) for number, site in enumerate(found.new, start=1)]
    group = Words(label("people", found.people, "zh"), label("people", found.people, "en"))
    columns: tuple[Column[_Line], ...] = (
        Column("number", Words("序号", "No."), lambda each: each.number, Kind.INTEGER, width=6),
        Column("site_id", Words("编号", "id"), lambda each: each.site.id, width=14),
        Column("name", Words("名称", "name"), lambda each: each.site.name, width=26),
        Column("layer", Words("来源", "layer"), lambda each: each.site.layer, coded=True),
        Column("layer_word", Words("来源", "layer"), lambda each: label("layer", each.site.layer, language), width=14),
        Column("people", Words(f"新增覆盖{group.zh}", f"{group.en} newly within reach"), lambda each: each.site.people, Kind.COUNT, width=16),
    )  # fmt: skip
    geometry = None if found.layers.facilities is None else found.layers.facilities.geometry
    places = [None if geometry is None else geometry[site.at] for site in found.new]
    title = Words("建议点位", "sites to open")
    return build_table("sites", title, columns=columns, rows=lines, places=places)


def sites_text(found: NextSites, language: str) -> str:
    """The sites, what they cover, and the certificate."""
    zh = language == "zh"
    question = found.question
    group, kind = label("people", found.people, language), label("kind", question.kind, language)
    mode = label("walk_mode", found.mode, language)
    within = plain_text(question.within_m)
    head = (
        f"{kind}设施，{mode} {within} m：现有 {found.open_now} 处，可开设 {found.candidates} 处，模型 {question.model}"
        if zh
        else f"{kind} facilities, {mode} {within} m: {found.open_now} open, {found.candidates} possible, model {question.model}"
    )
    heads = (
        ("编号", "名称", "来源", f"新增覆盖{group}")
        if zh
        else ("id", "name", "layer", f"{group} newly within reach")
    )
    rows = [
        (site.id, site.name, label("layer", site.layer, language), plain_text(site.people))
        for site in found.new
    ]
    lines = [head, table_text(heads, rows) if rows else "", _covered(found, group, language)]
    if found.homes_out_of_reach:
        lines.append(_out_of_reach(found, group, language))
    lines += _alternatives(found, language)
    return "\n".join([*filter(None, lines), *_certificate(found, language)])


def _share(part: Fraction, total: Fraction) -> str:
    return f"{number_text(part / total * 100)} %" if total else "/"


def _covered(found: NextSites, group: str, language: str) -> str:
    before, after, total = found.covered_before, found.covered_after, found.total
    said = Words(
        f"{group}可达：{plain_text(before)} / {plain_text(total)}（{_share(before, total)}）→ {plain_text(after)}（{_share(after, total)}）",
        f"{group} within reach: {plain_text(before)} of {plain_text(total)} ({_share(before, total)}) → {plain_text(after)} ({_share(after, total)})",
    )
    return said.say(language)


def _out_of_reach(found: NextSites, group: str, language: str) -> str:
    homes = found.homes_out_of_reach
    names = ", ".join(homes[:_NAMED]) + (", …" if len(homes) > _NAMED else "")
    people = plain_text(found.out_of_reach)
    said = Words(
        f"{len(homes)} 处住宅（{group} {people}）没有任何点位可达：{names}",
        f"{len(homes)} homes ({people} {group}) that no site reaches: {names}",
    )
    return said.say(language)


def _alternatives(found: NextSites, language: str) -> list[str]:
    word = Words("备选", "alternative").say(language)
    return [
        f"{word} {objective:.10g}: {', '.join(sites) or '—'}"
        for objective, sites in found.alternatives
    ]


def _certificate(found: NextSites, language: str) -> list[str]:
    """Status, objective and bound; the places are named above, not by index."""
    lines = answer_text(found.answer, language).splitlines()
    hidden = ("开设候选点", "open candidates", "备选", "alternative ")
    return [line for line in lines if not line.startswith(hidden)]


def sites_document(found: NextSites, study: str, as_of: str) -> dict[str, Any]:
    """The answer for scripts."""
    question, answer = found.question, found.answer
    return {
        "geoplan": __version__,
        "study": study,
        "as_of": as_of,
        "model": question.model,
        "kind": question.kind,
        "people": found.people,
        "mode": found.mode,
        "within_m": json_number(question.within_m),
        "status": answer.status,
        "objective": answer.objective,
        "bound": answer.bound,
        "gap": answer.gap,
        "seconds": round(answer.seconds, 3),
        "rescored_objective": answer.rescored_objective,
        "total": json_number(found.total),
        "covered_before": json_number(found.covered_before),
        "covered_after": json_number(found.covered_after),
        "out_of_reach": json_number(found.out_of_reach),
        "homes_out_of_reach": list(found.homes_out_of_reach),
        "open_now": found.open_now,
        "candidates": found.candidates,
        "open": [
            {"id": site.id, "name": site.name, "layer": site.layer, "people": json_number(site.people)}
            for site in found.new
        ],
        "alternatives": [
            {"objective": objective, "open": list(sites)} for objective, sites in found.alternatives
        ],
        "only": answer.only,
        "would_do": dict(answer.would_do),
    }  # fmt: skip
