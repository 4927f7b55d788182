"""All layers on one ground: where each lies, and the metric system that measures them.

Belongs here: what needs several layers at once before any row is typed. Does not belong here: one
layer's shapes (``shapes.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geoplan.errors import Problem
from geoplan.layers.places.datum import (
    Bounds,
    Pairs,
    is_distorted,
    is_metric,
    lonlat_of,
    metric_crs,
    read_datum,
)
from geoplan.layers.places.layer_shapes import Drawn, draw_layer, to_metres
from geoplan.layers.raw_table import RawTable
from geoplan.layers.tables.headings import Matched
from geoplan.study import LayerFile, Study
from geoplan.terms import Words

_SAMPLE = 1000


@dataclass(frozen=True, slots=True)
class Opened:
    """A layer that could be read, with its columns understood."""

    file: LayerFile
    shown: str
    sha256: str
    raw: RawTable
    matched: Matched


def draw_all(opened: Mapping[str, Opened]) -> tuple[dict[str, Drawn], dict[str, Problem]]:
    """The shapes of every layer in its own coordinates.

    What cannot be placed is a problem, worded with what the other layers tell of the area.
    """
    drawn: dict[str, Drawn] = {}
    puzzles: dict[str, Opened] = {}
    for layer, found in opened.items():
        shapes = draw_layer(found.file, found.raw, found.matched, area=None)
        if isinstance(shapes, Problem):
            puzzles[layer] = found
        elif shapes is not None:
            drawn[layer] = shapes
    area = _area(drawn)
    retried = {
        layer: draw_layer(found.file, found.raw, found.matched, area=area)
        for layer, found in puzzles.items()
    }
    return drawn, {
        layer: problem for layer, problem in retried.items() if isinstance(problem, Problem)
    }


def _places(drawn: Mapping[str, Drawn]) -> Pairs | None:
    """Some thousand middles, in degrees, of the first layer that has a place."""
    for shapes in drawn.values():
        middles = shapes.middles()
        known = middles[np.isfinite(middles[:, 0])]
        if len(known):
            return lonlat_of(known[:: max(1, len(known) // _SAMPLE)], shapes.datum)
    return None


def _area(drawn: Mapping[str, Drawn]) -> Bounds | None:
    places = _places(drawn)
    if places is None:
        return None
    low, high = places.min(axis=0), places.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def working_crs(study: Study, drawn: Mapping[str, Drawn]) -> tuple[str | None, tuple[Problem, ...]]:
    """The metric system: the study's own, or the one of the place."""
    places = _places(drawn)
    middle = None if places is None else np.median(places, axis=0)
    if study.crs is None:
        return (None if middle is None else metric_crs(float(middle[0]), float(middle[1]))), ()
    datum = read_datum(study.crs)
    if datum is None or not is_metric(datum):
        return None, (_not_metric(study.crs),)
    if middle is not None and is_distorted(datum, float(middle[0]), float(middle[1])):
        better = metric_crs(float(middle[0]), float(middle[1]))
        return None, (_too_far(study.crs, better),)
    return datum.label, ()


def all_to_metres(drawn: Mapping[str, Drawn], target: str) -> dict[str, Drawn]:
    """The shapes of every layer in the metric system."""
    return {layer: to_metres(shapes, layer, target) for layer, shapes in drawn.items()}


def _not_metric(text: str) -> Problem:
    return Problem(
        "study.toml: [study] crs",
        Words(
            f"“{text}”不能用来量长度和面积（须是以米计的投影坐标系，不能是经纬度或 Web 墨卡托）",
            f'lengths and areas cannot be measured in "{text}": it must be a projected system in '
            "metres, not degrees and not Web Mercator",
        ),
        Words(
            '请写 "EPSG:4545" 一类的 CGCS2000 3 度带，或删去 crs 由 geoplan 按位置选择。',
            'Write a CGCS2000 3-degree zone such as "EPSG:4545", or remove crs and geoplan will choose one.',
        ),
    )


def _too_far(text: str, better: str) -> Problem:
    return Problem(
        "study.toml: [study] crs",
        Words(
            f"在本研究区用“{text}”量得的长度误差超过 1%",
            f'lengths measured in "{text}" are wrong by more than 1 % at the place of this study',
        ),
        Words(
            f'请改为 crs = "{better}"，或删去该行。', f'Write crs = "{better}", or remove the line.'
        ),
    )
