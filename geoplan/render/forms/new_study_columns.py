"""The columns of the empty tables that a new study starts with.

Belongs here: which heading a field gets, its unit, what may be chosen in it. The headings are those
that reading knows, so that whatever is filled in is understood. Does not belong here: writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from geoplan.layers.contracts import CONTRACTS, parser_of
from geoplan.layers.raw_table import POLYGONS
from geoplan.layers.tables.days import read_day
from geoplan.layers.tables.headings import canonical, vocabulary
from geoplan.layers.tables.values import read_clause, read_filed, read_opinion, read_yes_no
from geoplan.terms import Words, terms

# Layers of a table each, in the order of study.toml; the phases stand beside the projects.
TABLES = (
    "divisions",
    "communities",
    "residential_communities",
    "compounds",
    "projects",
    "facilities",
    "premises",
    "homes",
    "reported",
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LEFT_OUT = frozenset(
    {"x", "y", "geometry", "functions"}
)  # degrees instead; four columns of yes and no instead
_PLACE_FIELDS = frozenset({"lon", "lat"})  # a point is no boundary
_WORDS = {
    "facility_type": "facility_type",
    "status": "status",
    "tenure": "tenure",
    "modes": "mode",
    "stock": "stock",
    "position": "position",
    "facility_position": "position",
    "area_kind": "area_kind",
    "urban_class": "urban_class",
}
_YES_NO = (read_yes_no, read_clause, read_filed)
_UNITS = {
    "beds": "张",
    "nursing_beds": "张",
    "full_time_beds": "张",
    "day_seats": "张",
    "places": "个",
    "inclusive_places": "个",
    "enrolled": "人",
    "population": "人",
    "pop_60plus": "人",
    "pop_65plus": "人",
    "pop_under3": "人",
    "households": "户",
    "planned_households": "户",
    "phase_count": "期",
    "cost_yuan": "元",
    "rent_yuan_per_year": "元/年",
    "lon": "°",
    "lat": "°",
}
_LISTS = frozenset({"serves", "allocations", "modes"})


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column: its heading, whether it is needed, what may be chosen, what to say of it."""

    field: str
    heading: str
    is_needed: bool
    choices: tuple[str, ...]
    note: Words
    is_number: bool = False


def template_columns(layer: str) -> tuple[TemplateColumn, ...]:
    """The columns of a layer's table, those of its place last.

    Examples
    --------
    >>> [column.heading for column in template_columns("reported")]
    ['指标编号', '截至日期', '数值', '单位', '来源']
    """
    return tuple(_column(field, layer) for field in _fields(layer))


def _fields(layer: str) -> Iterator[str]:
    left_out = _LEFT_OUT | (_PLACE_FIELDS if CONTRACTS[layer].kinds == POLYGONS else set())
    for field in vocabulary(layer).fields:
        is_code = canonical(field, layer) != field
        if field not in left_out and not is_code:
            yield field


def _column(field: str, layer: str) -> TemplateColumn:
    unit = "㎡" if field.endswith("_m2") else _UNITS.get(field, "")
    heading = _heading(field, layer)
    return TemplateColumn(
        field=field,
        heading=f"{heading}({unit})" if unit else heading,
        is_needed=_is_needed(field, layer),
        choices=_choices(field),
        note=_note(field),
        is_number=bool(unit) or field == "value",
    )


def _heading(field: str, layer: str) -> str:
    """The first Chinese spelling that means the field and nothing else."""
    book = vocabulary(layer).strong
    return next(text for text, meant in book.items() if meant == field and _CHINESE.search(text))


def _is_needed(field: str, layer: str) -> bool:
    return any(field in choices[0].split("+") for choices in CONTRACTS[layer].needed)


def _choices(field: str) -> tuple[str, ...]:
    if field in _WORDS:
        return tuple(term.zh for term in terms(_WORDS[field]).values())
    if field == "kind":
        return tuple(term.zh for term in terms("division_kind").values())
    parser = parser_of(field)
    if parser is read_opinion:
        return ("合格", "不合格")
    return ("是", "否") if parser in _YES_NO else ()


def _note(field: str) -> Words:
    """How the column is filled in."""
    if field in _LISTS:
        return _LIST_NOTES[field]
    if field in _NOTES:
        return _NOTES[field]
    if parser_of(field) is read_day:
        return Words("写成 2023-12-31。", "Write 2023-12-31.")
    if _choices(field):
        return Words("从下拉列表选择。", "Choose from the list.")
    if field.endswith("_m2") or field in _UNITS:
        return Words("只填数字；没有填 0。", "A number; 0 for none.")
    return Words("按实填写。", "As it is.")


_LIST_NOTES = {
    "serves": Words(
        "服务的社区、居住社区或小区，编号或名称，用顿号隔开。",
        "The communities or compounds served, ids or names, separated by 、.",
    ),
    "allocations": Words(
        "面积分给多个单元时写“编号:面积;编号:面积”。",
        "Where several units share the area: id:area;id:area.",
    ),
    "modes": Words(
        "可从下拉列表选择一种；多种用顿号隔开。", "Choose one; several are separated by 、."
    ),
}
_PLACE = Words("所属单元的名称或编号。", "The unit's name or id.")
_NOTES = {
    "jiedao": _PLACE,
    "community": _PLACE,
    "rc": _PLACE,
    "compound": _PLACE,
    "division_code": Words("9 位区划代码。", "The division's code of 9 digits."),
    "indicator_id": Words(
        "指标编号，见 geoplan policy show。", "The indicator's id: see geoplan policy show."
    ),
    "lon": Words(
        "小数度；坐标系在 study.toml 的 crs 写明。",
        "Decimal degrees; the CRS stands in study.toml.",
    ),
    "lat": Words(
        "小数度；坐标系在 study.toml 的 crs 写明。",
        "Decimal degrees; the CRS stands in study.toml.",
    ),
}
