"""Small cities built in code: typed rows and squares, judged by the shipped policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely

from geoplan.assess.ground import Ground, settle_ground
from geoplan.layers.model import Layer, Layers, Source
from geoplan.policy.model import Standard
from geoplan.policy.read import build_standard, read_policy

DAY = date(2023, 12, 31)


def standard(
    *, day: date = DAY, policy: str = "chongzuo-2021-2023", **overrides: object
) -> Standard:
    return build_standard(read_policy(policy), day, overrides)[0]


def square(x: float, y: float, size: float) -> shapely.Polygon:
    return shapely.box(x, y, x + size, y + size)


def layer(
    rows: Sequence[Any], places: Sequence[shapely.Geometry | None] | None = None
) -> Layer[Any]:
    geometry = None
    if places is not None:
        geometry = np.full(len(rows), None, dtype=object)
        geometry[:] = places
    count = len(rows)
    source = Source("made", "made in a test", "", None, None, count, count)
    return Layer(tuple(rows), geometry, source)


def ground(
    rules: Standard | None = None,
    aliases: Mapping[str, str] | None = None,
    **layers: Layer[Any],
) -> Ground:
    given: dict[str, Any] = {"aliases": aliases or {}, **layers}
    return settle_ground(Layers("EPSG:4545", **given), rules or standard())
