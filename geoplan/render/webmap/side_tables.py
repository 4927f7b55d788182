"""What stands beside the map: the headline for a hurried reader, and the rows of its tables.

Belongs here: units, facilities, projects, gaps and premises as rows that can be sorted and
filtered. Does not belong here: judging (``assess``), shapes and symbols (``marks``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from geoplan.assess.absence import AREA_RULE
from geoplan.assess.model import Assessment, Gap, ProjectResult
from geoplan.layers.model import LEVELS, Project, rows_of
from geoplan.layers.places.datum import to_wgs84
from geoplan.numbers import gap_text, number_text, plain_text
from geoplan.render.wording.words import code_text, verdict_word
from geoplan.terms import Verdict, Words, label

Data = dict[str, Any]
LAYER_OF = {**{level.name: level.layer for level in LEVELS.values()}, "project": "projects"}
_DIGITS = 6  # of a degree, about a decimetre
SYNCS = ("sync_plan", "sync_build", "sync_accept", "sync_deliver")
_DAYS = (
    "housing_delivery_date",
    "housing_acceptance_date",
    "completion_check_date",
    "housing_start_date",
    "works_permit_date",
    "land_grant_date",
)


def headline(assessment: Assessment, language: str) -> list[Data]:
    """How many 街道, communities and projects fall short of how many, and which.

    ``state`` is ``bad``, ``good``, or ``open`` where nothing was judged: no 0 / 0 looks like success.
    """
    parts = [
        _coverage_part("jiedao_elder_center_coverage", Words("街道未覆盖", "sub-districts without a centre"), assessment),
        _coverage_part("rc_childcare_coverage", Words("居住社区缺托育", "communities without childcare"), assessment),
        _area_part(assessment),
        _project_part(assessment),
    ]  # fmt: skip
    return [
        {**part, "label": part["label"].say(language), "state": _state(part)}
        for part in parts
        if part is not None
    ]


def _state(part: Data) -> str:
    if part["total"] == "0":
        return "open"
    return "bad" if part["count"] else "good"


def _left_open(subject: str, words: Words, assessment: Assessment) -> Data | None:
    """A tile that says that nothing was judged, where a layer is absent."""
    found = assessment.left_open(subject)
    if found is None:
        return None
    label_ = Words(f"{words.zh}：{found.reason.zh}", f"{words.en}: {found.reason.en}")
    return {"label": label_, "count": 0, "total": "0", "keys": [], "theme": "", "tab": "gaps"}


def _coverage_part(key: str, words: Words, assessment: Assessment) -> Data | None:
    found = assessment.of_measure(key)
    if found is None or found.denominator is None:
        return _left_open(key, words, assessment)
    return {
        "label": words,
        "count": len(found.uncovered),
        "total": plain_text(found.denominator),
        "keys": [f"{LAYER_OF[found.level]}/{unit}" for unit in found.uncovered],
        "theme": found.indicator.measure,
        "tab": "units",
    }


def _area_part(assessment: Assessment) -> Data | None:
    words = Words("单元面积不足", "units short of floor area")
    if (absent := _left_open(AREA_RULE, words, assessment)) is not None:
        return absent
    official = [unit for unit in assessment.units if unit.official]
    places = dict.fromkeys((unit.level, unit.unit_id) for unit in official)
    short = dict.fromkeys(
        (unit.level, unit.unit_id) for unit in official if unit.verdict is Verdict.FAIL
    )
    if not places:
        return None
    return {
        "label": words,
        "count": len(short),
        "total": str(len(places)),
        "keys": [f"{LAYER_OF[level]}/{key}" for level, key in short if level in LAYER_OF],
        "theme": "",
        "tab": "gaps",
    }


def _project_part(assessment: Assessment) -> Data | None:
    words = Words("新建项目不达标", "new projects that fail")
    if not assessment.projects:
        return _left_open("new_compound_compliance", words, assessment)
    failing = [each for each in assessment.projects if each.verdict is Verdict.FAIL]
    return {
        "label": words,
        "count": len(failing),
        "total": str(len(assessment.projects)),
        "keys": [f"projects/{each.project_id}" for each in failing],
        "theme": "",
        "tab": "projects",
    }


def unit_rows(assessment: Assessment) -> dict[str, dict[str, list[Any]]]:
    """Of each unit the name of its 街道 and its people, by layer and id."""
    names = {row.id: row.name or row.id for row in rows_of(assessment.layers.divisions)}
    places = {
        "communities": assessment.belonging.communities,
        "residential_communities": assessment.belonging.rcs,
        "compounds": assessment.belonging.compounds,
    }
    found: dict[str, dict[str, list[Any]]] = {}
    for layer in LAYER_OF.values():
        if layer == "projects":
            continue
        rows: dict[str, list[Any]] = {}
        for row in rows_of(getattr(assessment.layers, layer)):
            division = row.id if layer == "divisions" else places[layer][row.id].division
            people = None if row.population is None else float(row.population)
            rows[row.id] = [names.get(division or "", ""), people]
        found[layer] = rows
    return found


def project_rows(assessment: Assessment, language: str) -> list[Data]:
    """Every project with its four synchronisations, what is short and since when."""
    rows = {row.id: row for row in rows_of(assessment.layers.projects)}
    names = {row.id: row.name for row in rows_of(assessment.layers.divisions)}
    return [
        {
            "id": each.project_id,
            "name": rows[each.project_id].name or each.project_id,
            "jiedao": names.get(assessment.belonging.projects[each.project_id].division or "", ""),
            "verdict": each.verdict.value,
            "word": verdict_word(each.verdict, language),
            "syncs": [getattr(each, key).value for key in SYNCS],
            "short": _short(each, language),
            "since": _since(rows[each.project_id], assessment.as_of),
        }
        for each in assessment.projects
    ]


def _short(project: ProjectResult, language: str) -> str:
    return ("；" if language == "zh" else "; ").join(each.say(language) for each in project.reasons)


def _since(row: Project, day: date) -> str:
    """The last dated step of the housing by the day that is judged: from then on it is short."""
    days = [each for name in _DAYS if (each := getattr(row, name)) is not None and each <= day]
    return max(days).isoformat() if days else ""


def gap_rows(assessment: Assessment, language: str) -> list[Data]:
    """The official gaps with the unit they are at, the largest first."""
    names = {
        (level, row.id): row.name or row.id
        for level, layer in LAYER_OF.items()
        for row in rows_of(getattr(assessment.layers, layer))
    }
    return [
        {
            "key": f"{LAYER_OF[gap.level]}/{gap.unit_id}",
            "id": gap.unit_id,
            "name": names.get((gap.level, gap.unit_id), gap.unit_id),
            "level": label("level", gap.level, language),
            "rule": label("rule", gap.rule, language),
            "care": gap.kind,
            "kind": label("kind", gap.kind, language),
            "m2": float(gap.gap) if gap.unit == "m2" and gap.gap is not None else None,
            "gap": _gap_words(gap, language),
            "people": None if gap.people is None else float(gap.people),
            "why": _codes(gap.codes, language),
        }
        for gap in assessment.gaps
        if gap.official
    ]


def _gap_words(gap: Gap, language: str) -> str:
    if gap.gap is None:
        return "?"
    if gap.unit == "m2":
        return f"{gap_text(gap.gap)} {'㎡' if language == 'zh' else 'm²'}"
    return plain_text(gap.gap)


def _codes(codes: Iterable[str], language: str) -> str:
    return ("；" if language == "zh" else "; ").join(code_text(code, language) for code in codes)


def premises_rows(assessment: Assessment, language: str) -> list[Data]:
    """Vacant premises that have a place: how large, how they can be had, at what price."""
    layer = assessment.layers.premises
    if layer is None or layer.geometry is None:
        return []
    degrees = to_wgs84(np.asarray(layer.geometry, dtype=object), assessment.layers.crs)
    found = []
    for row, place in zip(layer.rows, degrees, strict=True):
        if place is None or place.is_empty:
            continue
        at = place.point_on_surface()
        modes = "、".join(label("mode", mode, language) for mode in row.modes)
        area = "?" if row.floor_area_m2 is None else number_text(Fraction(row.floor_area_m2))
        lines = [[Words("建筑面积", "floor area").say(language), f"{area} ㎡"]]
        lines.append([Words("可用方式", "how").say(language), modes])
        for words, value in (
            (Words("购置费用(元)", "price, yuan"), row.cost_yuan),
            (Words("年租金(元)", "rent a year, yuan"), row.rent_yuan_per_year),
        ):
            if value is not None:
                lines.append([words.say(language), plain_text(Fraction(value))])
        if row.available_from is not None:
            said = Words("可用日期", "available from").say(language)
            lines.append([said, row.available_from.isoformat()])
        lines.append(
            [Words("所在楼层", "floor").say(language), label("position", row.position, language)]
        )
        found.append(
            {
                "id": row.id,
                "name": row.name or row.id,
                "at": [round(at.y, _DIGITS), round(at.x, _DIGITS)],
                "lines": lines,
            }
        )
    return found
