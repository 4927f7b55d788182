"""What is doubtful in the rows of a study, beyond what reading and judging had to remark.

Belongs here: duplicates, closed sites, missing counts. Does not belong here: how much it matters
(``mending.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
import shapely

from geoplan.assess.model import Assessment
from geoplan.layers.model import Facility, rows_of
from geoplan.layers.tables.place_names import normal_name
from geoplan.terms import Words, label

SAME_PLACE_M = 1.0  # nearer than any two doors
NEAR_NAME_M = 300.0
NEAR_NAME = 0.8  # of the letters of both names in common


@dataclass(frozen=True, slots=True)
class Defect:
    """Rows of a layer that somebody should look at, and what to do about them."""

    code: str
    layer: str
    rows: tuple[int, ...]
    ids: tuple[str, ...]
    detail: Words
    remedy: Words


def find_defects(assessment: Assessment) -> tuple[Defect, ...]:
    """Every defect, in a fixed order."""
    facilities = [
        row
        for row in rows_of(assessment.layers.facilities)
        if assessment.facilities[row.id].state != "closed"
    ]
    return (
        *_same_place(facilities, assessment),
        *_same_name(facilities, assessment),
        *_near_name(facilities, assessment),
        *_closed(assessment),
        *_missing(assessment),
    )


def _defect(code: str, layer: str, rows: Sequence[object], detail: Words, remedy: Words) -> Defect:
    return Defect(
        code,
        layer,
        tuple(row.row for row in rows),  # type: ignore[attr-defined]
        tuple(row.id for row in rows),  # type: ignore[attr-defined]
        detail,
        remedy,
    )


def _points(rows: Sequence[Facility], assessment: Assessment) -> np.ndarray:
    """Where the rows stand, ``None`` where nowhere."""
    layer = assessment.layers.facilities
    places = np.full(len(rows), None, dtype=object)
    if layer is not None and layer.geometry is not None:
        place_of = dict(zip((row.id for row in layer.rows), layer.geometry, strict=True))
        places[:] = [place_of[row.id] for row in rows]
    points: np.ndarray = shapely.centroid(places)
    return points


def _same_place(rows: Sequence[Facility], assessment: Assessment) -> Iterator[Defect]:
    """Two of one type at one place are one written twice, or two in one house."""
    points = _points(rows, assessment)
    first, second = shapely.STRtree(points).query(
        points, predicate="dwithin", distance=SAME_PLACE_M
    )
    for group in _groups(
        (a, b)
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
        if a < b and rows[a].facility_type == rows[b].facility_type
    ):
        found = [rows[at] for at in group]
        ids = "、".join(row.id for row in found)
        yield _defect(
            "SAME_PLACE",
            "facilities",
            found,
            Words(f"{ids} 类型相同、位置相同", f"{ids}: one type at one place"),
            _once(),
        )


def _once() -> Words:
    return Words(
        "若是同一设施，请只留一行，否则面积、床位、托位会重复计算。",
        "If they are one facility, keep one row, or its area, beds and places count twice.",
    )


def _same_name(rows: Sequence[Facility], assessment: Assessment) -> Iterator[Defect]:
    """One name, one type, one 街道."""
    named: dict[tuple[str | None, str, str], list[Facility]] = defaultdict(list)
    for row in rows:
        if row.name:
            division = assessment.belonging.facilities[row.id].division
            named[division, row.facility_type, normal_name(row.name)].append(row)
    for (_, _, name), found in named.items():
        if len(found) > 1:
            ids = "、".join(row.id for row in found)
            yield _defect(
                "SAME_NAME",
                "facilities",
                found,
                Words(f"{ids} 同名“{name}”", f'{ids} share the name "{name}"'),
                _once(),
            )


def _near_name(rows: Sequence[Facility], assessment: Assessment) -> Iterator[Defect]:
    """Names that differ by a letter or two, of one type, near each other."""
    points = _points(rows, assessment)
    first, second = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEAR_NAME_M)
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        one, other = rows[a], rows[b]
        names = normal_name(one.name or ""), normal_name(other.name or "")
        if a >= b or one.facility_type != other.facility_type or names[0] == names[1]:
            continue
        if (
            all(names)
            and SequenceMatcher(None, *names).ratio() >= NEAR_NAME
            and not _numbered(names)
        ):
            yield _defect(
                "NEAR_NAME",
                "facilities",
                (one, other),
                Words(
                    f"{one.id}“{one.name}”与 {other.id}“{other.name}”名称相近、距离不足 {NEAR_NAME_M:.0f} 米",
                    f'{one.id} "{one.name}" and {other.id} "{other.name}" have similar names less than {NEAR_NAME_M:.0f} m apart',
                ),
                _once(),
            )


def _numbered(names: tuple[str, str]) -> bool:
    """Whether two names differ only by a number: 一号站 and 二号站 are two on purpose."""
    numerals = "0123456789一二三四五六七八九十甲乙丙丁ABCD"
    stripped = ["".join(letter for letter in name if letter not in numerals) for name in names]
    return stripped[0] == stripped[1]


def _groups(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Sets of things that are the same, from pairs of them.

    Examples
    --------
    >>> _groups([(0, 1), (1, 4), (2, 3)])
    [[0, 1, 4], [2, 3]]
    """
    of: dict[int, set[int]] = {}
    for a, b in pairs:
        together = of.get(a, {a}) | of.get(b, {b})
        for each in together:
            of[each] = together
    unique = {min(group): sorted(group) for group in of.values()}
    return [unique[key] for key in sorted(unique)]


def _closed(assessment: Assessment) -> Iterator[Defect]:
    found = [
        row
        for row in rows_of(assessment.layers.facilities)
        if assessment.facilities[row.id].state == "closed"
    ]
    if found:
        yield _defect(
            "CLOSED_SITE",
            "facilities",
            found,
            Words(
                f"{len(found)} 处设施截至当日已关停，不计入",
                f"{len(found)} facilities are closed by that day and count for nothing",
            ),
            Words(
                "若仍在运营，请改正状态或停业时间。",
                "If one still operates, correct its status or closing day.",
            ),
        )


_COUNTED = (
    ("divisions", "population", "POPULATION_MISSING"),
    ("communities", "population", "POPULATION_MISSING"),
    ("residential_communities", "population", "POPULATION_MISSING"),
    ("compounds", "households", "HOUSEHOLDS_MISSING"),
    ("projects", "planned_households", "HOUSEHOLDS_MISSING"),
)


def _missing(assessment: Assessment) -> Iterator[Defect]:
    """Units without the count that their verdict needs; a layer that never has it is not faulty."""
    for layer, key, code in _COUNTED:
        rows = rows_of(getattr(assessment.layers, layer))
        blank = [row for row in rows if getattr(row, key) is None]
        if 0 < len(blank) < len(rows):
            word = label("people", "households" if "households" in key else key, "zh")
            yield _defect(
                code,
                layer,
                blank,
                Words(
                    f"{len(rows)} 行中 {len(blank)} 行没有{word}",
                    f"{len(blank)} of {len(rows)} rows have no {key}",
                ),
                Words(
                    "请补填；不详请留空，不要填 0。",
                    "Fill it in; leave it blank when unknown, never 0.",
                ),
            )
    centers = [
        row
        for row in rows_of(assessment.layers.facilities)
        if row.facility_type == "jiedao_elder_center" and row.functions is None
    ]
    if centers:
        yield _defect(
            "FUNCTIONS_MISSING",
            "facilities",
            centers,
            Words(
                f"{len(centers)} 处街道中心没有填服务功能",
                f"{len(centers)} sub-district centres do not say their functions",
            ),
            Words(
                "请填全托、日托、上门服务、技术支撑中具备的各项。",
                "Say which of the four functions they have.",
            ),
        )
