"""The public edition of an assessment: no exact places, no small counts, nobody's vacant rooms.

A public map needs an approved number (审图号, 《公开地图内容表示规范》); ``study.toml`` gives it as
``map_review_no``. Belongs here: what is taken out of an assessment before any renderer sees it, so
that no output can show more. Which counts are small, and which others cover them, is in
``disclosure.py``. Verdicts and areas stay wherever they tell of no withheld count: they are about
public duties, not about people. A number of the public edition is exact or absent; only people
within reach are rounded, and said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.assess.model import (
    Assessment,
    Excluded,
    Gap,
    IndicatorResult,
    Notice,
    Publication,
    ReachRow,
)
from geoplan.errors import Remark
from geoplan.layers.model import Layer, Layers, rows_of
from geoplan.render.public.counts import (
    GROUPS,
    SUMMED,
    list_counts,
    list_figures,
    pool,
    small_projects,
    small_units,
)
from geoplan.render.public.disclosure import SMALL, Count, Figure, Row, is_small, withheld_rows
from geoplan.render.wording.unit_names import LAYER_OF_LEVEL
from geoplan.terms import Verdict, Words, label

CELL_M = 200.0  # a point stands in the middle of its cell
FULL = 100  # people within reach are told in full hundreds
_UNITS = ("jiedao", "community", "rc", "compound")
_ABSENT = frozenset({"premises", "gates", "homes"})
_AREA_RULE = "area_per_100_households"
_SMALL_WORDS = Words(f"户数少于 {SMALL}，不公开", f"fewer than {SMALL} households: not shown")
_COVER_WORDS = Words(
    f"户数、人口不公开：否则可推出少于 {SMALL} 的数",
    f"households and people not shown: a count below {SMALL} could be worked back from them",
)
_RULE = Words(
    f"公开版：1 至 {SMALL - 1} 的户数、人口不公开；能与其他数字合起来把它推算到±2以内的数字也不公开"
    f"（连同其应配、已配、缺口和结论）；设施和项目的点位模糊到 {CELL_M:.0f} 米格网；"
    f"步行可达人数取整到百",
    f"Public edition: counts of 1 to {SMALL - 1} households or people are not shown, nor are figures "
    "that would together tell one within ±2 (with the areas, gaps and verdicts on them); places of "
    f"facilities and projects are blurred to cells of {CELL_M:.0f} m; people within reach are "
    "rounded to full hundreds",
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """What the public edition leaves out: rows of counts, and whole projects."""

    rows: Mapping[Row, bool]
    projects: frozenset[str]

    def hides(self, level: str, key: str) -> bool:
        """Whether a row is left out."""
        return (level, key) in self.rows

    def hides_area(self, level: str, key: str) -> bool:
        """Whether the area rule of a unit is left out: the row of a compound, or the pool."""
        return self.hides(level if level == "compound" else pool(level), key)

    def ids(self) -> set[str]:
        """Every unit and project with something left out."""
        return {key for _, key in self.rows} | self.projects


def public_assessment(assessment: Assessment, review_no: str = "") -> Assessment:
    """The public edition of one assessment that is published alone."""
    return public_editions((assessment,), review_no)[0]


def public_editions(assessments: Sequence[Assessment], review_no: str) -> tuple[Assessment, ...]:
    """The public editions of assessments of one study that are published together.

    What one of them withholds no other may tell, so the choice is made for all of them at once.
    """
    fresh = [each for each in assessments if each.publication is None]
    withheld = _withheld(fresh)
    return tuple(
        _edition(each, withheld, review_no) if each.publication is None else each
        for each in assessments
    )


def _withheld(assessments: Iterable[Assessment]) -> Withheld:
    counts: dict[Count, Fraction] = {}
    figures: set[Figure] = set()
    small: set[Row] = set()
    projects: set[str] = set()
    for each in assessments:
        counts |= list_counts(each)
        figures |= set(list_figures(each))
        small |= small_units(each)
        projects |= small_projects(each)
    return Withheld(withheld_rows(counts, figures, small), frozenset(projects))


def _edition(assessment: Assessment, withheld: Withheld, review_no: str) -> Assessment:
    kept = [gap for gap in assessment.gaps if not _is_hidden(gap, withheld)]
    publication = Publication(review_no=review_no, note=_RULE, withheld=_reasons(withheld))
    return replace(
        assessment,
        layers=_public_layers(assessment.layers, withheld),
        indicators=tuple(_public_indicator(each, withheld) for each in assessment.indicators),
        units=tuple(
            each for each in assessment.units if not withheld.hides_area(each.level, each.unit_id)
        ),
        projects=tuple(
            each for each in assessment.projects if each.project_id not in withheld.projects
        ),
        gaps=tuple(_public_gap(gap, withheld) for gap in kept),
        remarks=_public_remarks(assessment, withheld, review_no),
        reach=tuple(_rounded(row) for row in assessment.reach if not _rests_on_few(row)),
        access=(),
        ways=None,
        publication=publication,
    )


def _reasons(withheld: Withheld) -> dict[Row, Words]:
    """Why a unit has no numbers, by its level whichever of its rows is left out."""
    reasons: dict[Row, Words] = {}
    for (level, key), is_itself_small in withheld.rows.items():
        unit = (level.rpartition(":")[2], key)
        if reasons.get(unit) != _SMALL_WORDS:
            reasons[unit] = _SMALL_WORDS if is_itself_small else _COVER_WORDS
    return reasons | {("project", key): _SMALL_WORDS for key in sorted(withheld.projects)}


# -------------------------------------------------------------------------------- layers


def _public_layers(layers: Layers, withheld: Withheld) -> Layers:
    masked: dict[str, Any] = {
        LAYER_OF_LEVEL[level]: _masked(getattr(layers, LAYER_OF_LEVEL[level]), level, withheld)
        for level in _UNITS
    }
    return replace(
        layers,
        **masked,
        facilities=_blurred(layers.facilities),
        projects=_without_notes(_blurred(_kept(layers.projects, "id", withheld.projects))),
        phases=_kept(layers.phases, "project_id", withheld.projects),
        remarks=(),
        premises=None,
        gates=None,
        homes=None,
    )


def _masked(layer: Layer[Any] | None, level: str, withheld: Withheld) -> Layer[Any] | None:
    """Withheld rows without their counts; of the others only small age groups go."""
    if layer is None:
        return None
    return replace(layer, rows=tuple(_masked_row(row, level, withheld) for row in layer.rows))


def _masked_row(row: Any, level: str, withheld: Withheld) -> Any:
    hidden = withheld.hides(level, row.id)
    names = [
        name
        for name in (*SUMMED, *GROUPS)
        if hasattr(row, name) and (hidden or (name in GROUPS and is_small(getattr(row, name))))
    ]
    return replace(row, **dict.fromkeys(names)) if names else row


def _kept(layer: Layer[Any] | None, key: str, left_out: frozenset[str]) -> Layer[Any] | None:
    if layer is None:
        return None
    stay = np.array([getattr(row, key) not in left_out for row in layer.rows], dtype=bool)
    rows = tuple(row for row, stays in zip(layer.rows, stay, strict=True) if stays)
    geometry = None if layer.geometry is None else layer.geometry[stay]
    return replace(layer, rows=rows, geometry=geometry)


def _without_notes(layer: Layer[Any] | None) -> Layer[Any] | None:
    """What a bureau wrote to itself may tell anything."""
    if layer is None:
        return None
    return replace(layer, rows=tuple(replace(row, note=None) for row in layer.rows))


def _blurred(layer: Layer[Any] | None) -> Layer[Any] | None:
    """Each place becomes the middle of the cell it stands in."""
    if layer is None or layer.geometry is None:
        return layer
    points = shapely.point_on_surface(layer.geometry)
    blurred: NDArray[np.object_] = shapely.transform(
        points, lambda xy: (np.floor(xy / CELL_M) + 0.5) * CELL_M
    )
    return replace(layer, geometry=blurred)


# ------------------------------------------------------------------------------- results


def _public_indicator(result: IndicatorResult, withheld: Withheld) -> IndicatorResult:
    shown = replace(
        result,
        warnings=tuple(_public_notice(each, withheld) for each in result.warnings),
        excluded=tuple(_public_excluded(each, withheld) for each in result.excluded),
    )
    if not withheld.hides("indicator", result.indicator.id):
        return shown
    return replace(
        shown,
        value=None,
        denominator=None,
        need_more=None,
        verdict=Verdict.NA,
        could_turn=False,
        variants={},
        sum=Words("", ""),
        reason=_COVER_WORDS,
    )


def _public_notice(notice: Notice, withheld: Withheld) -> Notice:
    """A notice on a unit whose counts are withheld says what it is, and no number."""
    if notice.id not in withheld.ids():
        return notice
    words = Words(label("code", notice.code, "zh"), label("code", notice.code, "en"))
    return replace(notice, detail=words)


def _public_excluded(excluded: Excluded, withheld: Withheld) -> Excluded:
    """Advice on merging quotes the people of neighbours, so it goes when any is withheld."""
    if any(level in {"rc", "community"} for level, _ in withheld.rows):
        return replace(excluded, advice=Words("", ""))
    return excluded


def _is_hidden(gap: Gap, withheld: Withheld) -> bool:
    if gap.level == "project":
        return gap.unit_id in withheld.projects
    return gap.rule == _AREA_RULE and withheld.hides_area(gap.level, gap.unit_id)


def _public_gap(gap: Gap, withheld: Withheld) -> Gap:
    """A missing centre or childcare stays; the people it is missing for go when withheld."""
    if gap.rule != _AREA_RULE and withheld.hides(gap.level, gap.unit_id):
        return replace(gap, people=None, households=None)
    return gap


def _public_remarks(
    assessment: Assessment, withheld: Withheld, review_no: str
) -> tuple[Remark, ...]:
    """The rule and what it left out; other remarks by their codes, without the cells they quote."""
    rule = Words(f"{_RULE.zh}。审图号：{review_no}", f"{_RULE.en}. 审图号: {review_no}")
    told = [Remark("WITHHELD", rule)]
    for level in (*_UNITS, "project"):
        layer = LAYER_OF_LEVEL[level]
        ids = {key for at, key in _reasons(withheld) if at == level}
        rows = [row for row in rows_of(getattr(assessment.layers, layer)) if row.id in ids]
        if rows:
            detail = Words(
                f"{len(rows)} 处的户数、人口及由其得出的数字不公开",
                f"{len(rows)} whose counts, and what follows from them, are not shown",
            )
            numbers, keys = zip(*((row.row, row.id) for row in rows), strict=True)
            told.append(Remark("WITHHELD", detail, layer, numbers, keys))
    for remark in assessment.remarks:
        if remark.layer not in _ABSENT:
            words = Words(label("code", remark.code, "zh"), label("code", remark.code, "en"))
            told.append(replace(remark, detail=words))
    return tuple(told)


def _rests_on_few(row: ReachRow) -> bool:
    parts = (row.total, row.reached, row.unreachable, row.total - row.reached)
    return row.total < FULL or any(is_small(part) for part in parts)


def _rounded(row: ReachRow) -> ReachRow:
    """People in full hundreds, so that neither a difference nor a share tells of a few."""
    return replace(
        row,
        total=_full(row.total),
        reached=_full(row.reached),
        unreachable=_full(row.unreachable),
    )


def _full(people: Fraction | Decimal) -> Fraction:
    return Fraction((Fraction(people) + FULL // 2) // FULL * FULL)
