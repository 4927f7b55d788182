"""Walking reach in a table, in sentences and as themes of the map. Advisory everywhere: no verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from geoplan.assess.model import AccessRow, Assessment, ReachRow
from geoplan.assess.places.facility_status import SERVING
from geoplan.assess.walking.people_reached import kinds_of
from geoplan.layers.model import LEVELS, rows_of
from geoplan.numbers import plain_text
from geoplan.reach.ways import walk_outline
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.wording.view import View
from geoplan.render.wording.walking import HEADLINE, THEME_WITHIN_M, kind_word, percent
from geoplan.terms import Words, label

_SHOWN_LEVELS = ("study", "jiedao")


def reach_table(view: View) -> Table:
    """How many people can walk to what: a row a unit, a kind, a group, a mode and a distance.

    Without geometry: a unit has dozens of rows, and its shape stands in the other tables. People
    are shown elder care and childcare by 街道, in the mode that counts first; scripts get all.
    """
    ways = view.assessment.ways
    mode = "" if ways is None else ways.modes[0]
    table = build_table(
        "reach",
        Words("步行可达（参考）", "walking reach (advisory)"),
        columns=(*_unit_columns(view), *_people_columns(view)),
        rows=view.assessment.reach,
    )
    shown = tuple(
        row.kind in HEADLINE and row.mode == mode and row.level in _SHOWN_LEVELS
        for row in view.assessment.reach
    )
    return replace(table, shown=shown)


def access_table(view: View) -> Table:
    """How far people walk, what they find in a quarter of an hour, how evenly it is shared."""
    return build_table(
        "access",
        Words("步行距离与均衡（参考）", "walks and evenness (advisory)"),
        columns=(*_unit_columns(view), *_access_columns(view)),
        rows=view.assessment.access,
    )


def _access_columns(view: View) -> tuple[Column[Any], ...]:
    return (
        Column("total", Words("总数", "in all"), lambda each: each.total, Kind.COUNT, width=11),
        Column("walkers", Words("有路可达", "with a way"), lambda each: each.walkers, Kind.COUNT, width=11),
        Column("mean_walk_m", Words("平均距离(m)", "mean walk m"), lambda each: _metres(each.mean_walk_m), Kind.AREA, width=11),
        Column("median_walk_m", Words("中位距离(m)", "median walk m"), lambda each: _metres(each.median_walk_m), Kind.AREA, width=11),
        Column("p90_walk_m", Words("90%距离(m)", "90th percentile m"), lambda each: _metres(each.p90_walk_m), Kind.AREA, width=11),
        Column("supply", Words("供给", "supply"), lambda each: each.supply, coded=True),
        Column("supply_word", Words("供给", "supply"), lambda each: view.label("supply", each.supply), width=12),
        Column("within_m", Words("15分钟步行(m)", "15 minutes' walk m"), lambda each: each.within_m, Kind.COUNT, width=11),
        Column("supplied", Words("分摊到的供给(两步移动搜寻法)", "supply that falls to them (2SFCA)"), lambda each: each.supplied, Kind.AREA, width=16),
        Column("per_1000", Words("每千人", "per 1,000"), lambda each: _metres(each.per_1000), Kind.AREA, width=10),
        Column("gini", Words("基尼系数", "Gini"), lambda each: _metres(each.gini), Kind.AREA, width=9),
        Column("theil", Words("泰尔指数", "Theil"), lambda each: _metres(each.theil), Kind.AREA, width=9),
        Column("palma", Words("帕尔马比值", "Palma"), lambda each: _metres(each.palma), Kind.AREA, width=10),
        Column("placed", Words("就近有位", "find a place"), lambda each: each.placed, Kind.COUNT, width=10),
        Column("no_room", Words("可达但无位", "reach only full ones"), lambda each: each.no_room, Kind.COUNT, width=11),
    )  # fmt: skip


def _metres(value: float | None) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def _unit_columns(view: View) -> tuple[Column[Any], ...]:
    return (
        Column("level", Words("层级", "level"), lambda each: each.level, coded=True),
        Column("level_word", Words("层级", "level"), lambda each: view.label("level", each.level), width=9),
        Column("unit_id", Words("编号", "unit id"), lambda each: each.unit_id, width=14),
        Column("name", Words("名称", "name"), lambda each: _name(each, view), width=20),
        Column("kind", Words("类别", "kind"), lambda each: each.kind, coded=True),
        Column("kind_word", Words("到哪类设施", "to the nearest"), lambda each: kind_word(each.kind, view.language), width=22),
        Column("people", Words("人群", "people"), lambda each: each.people, coded=True),
        Column("people_word", Words("人群", "people"), lambda each: view.label("people", each.people), width=14),
        Column("mode", Words("距离", "distance"), lambda each: each.mode, coded=True),
        Column("mode_word", Words("距离", "distance"), lambda each: view.label("walk_mode", each.mode), width=10),
    )  # fmt: skip


def _people_columns(view: View) -> tuple[Column[ReachRow], ...]:
    return (
        Column("within_m", Words("以内(m)", "within m"), lambda each: each.within_m, Kind.COUNT, width=9),
        Column("minutes", Words("合步行(分钟)", "minutes' walk"), lambda each: each.minutes, Kind.COUNT, width=10),
        Column("total", Words("总数", "in all"), lambda each: each.total, Kind.COUNT, width=11),
        Column("reached", Words("可达", "within reach"), lambda each: each.reached, Kind.COUNT, width=11),
        Column("share_pct", Words("可达比例(%)", "within reach, %"), percent, Kind.PERCENT, width=11),
        Column("unreachable", Words("无路可达", "without any way"), lambda each: each.unreachable, Kind.COUNT, width=11),
        Column("sum", Words("算式", "sum"), lambda each: _sum(each, view), coded=True),
    )  # fmt: skip


def _name(row: ReachRow | AccessRow, view: View) -> str:
    if row.unit_id is None:
        return view.assessment.study
    return view.register.name(row.level, row.unit_id)


def _sum(row: ReachRow, view: View) -> str:
    del view
    return f"{plain_text(row.reached)} / {plain_text(row.total)} × 100"


# ------------------------------------------------------------------------------- sentences


# --------------------------------------------------------------------------------- themes


@dataclass(frozen=True, slots=True)
class ReachTheme:
    """Shares by unit, for one theme of the map."""

    kind: str
    layer: str
    title: str
    rows: Mapping[str, ReachRow]


_LAYER_OF = {name: LEVELS[name].layer for name in ("community", "rc")}


def reach_themes(assessment: Assessment, language: str) -> list[ReachTheme]:
    """Elders near elder care and infants near childcare, by community and residential community."""
    found: dict[tuple[str, str], dict[str, ReachRow]] = {}
    for row in assessment.reach:
        if row.level in _LAYER_OF and row.within_m == THEME_WITHIN_M and row.unit_id is not None:
            found.setdefault((row.kind, row.level), {})[row.unit_id] = row
    return [
        ReachTheme(kind, _LAYER_OF[level], _theme_title(kind, level, rows, language), rows)
        for (kind, level), rows in found.items()
    ]


def walk_areas(assessment: Assessment, language: str) -> list[tuple[str, str, Any]]:
    """Per kind its key, its title and the streets within the theme's distance, in metres."""
    ways = assessment.ways
    if ways is None:
        return []
    areas = []
    for kind in HEADLINE:
        serving = [
            at
            for at, row in enumerate(rows_of(assessment.layers.facilities))
            if kind in kinds_of(row) and assessment.facilities[row.id].state in SERVING
        ]
        shape = walk_outline(ways, serving, within_m=float(THEME_WITHIN_M))
        if shape is not None:
            care, metres = kind_word(kind, language), plain_text(THEME_WITHIN_M)
            title = (
                f"步行{metres}米可达{care}设施的范围"
                if language == "zh"
                else f"within {metres} m of {care} on foot"
            )
            areas.append((kind, title, shape))
    return areas


def _theme_title(kind: str, level: str, rows: Mapping[str, ReachRow], language: str) -> str:
    row = next(iter(rows.values()))
    people, care = label("people", row.people, language), kind_word(kind, language)
    where, mode = label("level", level, language), label("walk_mode", row.mode, language)
    metres = plain_text(row.within_m)
    if language == "zh":
        return f"{people}步行{metres}米可达{care}设施比例（{where}，{mode}，参考）"
    return f"{people} within {metres} m of {care} ({where}, {mode}, advisory)"
