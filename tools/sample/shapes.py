"""Drawing on a plan in metres: smooth curves, blobs, cuts into parts of given size, the warp.

Belongs here: geometry that knows nothing of the city. Does not belong here: where anything lies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon, box

Points = NDArray[np.float64]
GRID_M = 0.5  # the plan stands on half metres: lines nearer than that are one line
STEP_M = 60.0  # longest straight piece of a line before it is warped
DIGITS = 3  # millimetres and milliradians: processors differ in the last bits of a sine
_FAR_M = 60_000.0


def curve(
    points: Sequence[tuple[float, float]] | Sequence[Points], step_m: float = STEP_M
) -> LineString:
    """A smooth line through ``points`` (a centripetal spline would be finer; this one is enough)."""
    known = np.asarray(points, dtype=float)
    padded = np.vstack([2 * known[0] - known[1], known, 2 * known[-1] - known[-2]])
    pieces = []
    for at in range(1, len(padded) - 2):
        before, start, end, after = padded[at - 1 : at + 3]
        count = max(2, int(np.hypot(*(end - start)) / step_m))
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        pieces.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return LineString(np.vstack([*pieces, known[-1:]]))


def blob(
    middle: tuple[float, float], radius_m: float, waves: Sequence[tuple[int, float, float]]
) -> Polygon:
    """A rounded outline: a circle with (number, metres, phase) waves on it."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    radius = radius_m + sum(size * np.cos(number * angle + phase) for number, size, phase in waves)
    return settled(
        Polygon(
            np.column_stack(
                [middle[0] + radius * np.cos(angle), middle[1] + radius * np.sin(angle)]
            )
        )
    )


def settled(shapes: Any) -> Any:
    """Shapes with their vertices on millimetres, so that every processor goes on from the same."""
    return shapely.transform(shapes, lambda xy: np.round(xy, DIGITS))


def long_axis(shape: Polygon) -> tuple[float, float, float]:
    """Direction of the long side of the smallest rectangle around a shape, with both lengths."""
    corners = np.asarray(shapely.minimum_rotated_rectangle(shape).exterior.coords)
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    along = sides[int(np.argmax(lengths))]
    direction = round(float(np.arctan2(along[1], along[0])), 2 * DIGITS)
    return direction, float(lengths.max()), float(lengths.min())


def _half(middle: Points, direction: float, offset_m: float) -> Polygon:
    """Everything before a line across ``direction``, ``offset_m`` beyond ``middle``."""
    sheet = box(-_FAR_M, -_FAR_M, offset_m, _FAR_M)
    turned = shapely.affinity.rotate(sheet, direction, origin=(0, 0), use_radians=True)
    return shapely.affinity.translate(turned, middle[0], middle[1])


def cut_at(shape: Polygon, part: float, direction: float) -> tuple[Polygon, Polygon] | None:
    """Two pieces, the first with ``part`` of the area; ``None`` when a piece falls apart."""
    middle = np.asarray(shape.centroid.coords[0])
    reach = 0.5 * sum(long_axis(shape)[1:]) * 1.5
    low, high = -reach, reach
    for _ in range(24):
        offset = (low + high) / 2
        if shape.intersection(_half(middle, direction, offset)).area < part * shape.area:
            low = offset
        else:
            high = offset
    half = _half(middle, direction, (low + high) / 2)
    first, second = settled(shape.intersection(half)), settled(shape.difference(half))
    if isinstance(first, Polygon) and isinstance(second, Polygon) and first.area and second.area:
        return first, second
    return None


def cut(shape: Polygon, part: float, rng: np.random.Generator) -> tuple[Polygon, Polygon]:
    """Two pieces cut across the long side, a little askew; along another line if need be."""
    along = long_axis(shape)[0]
    askew = float(rng.uniform(-0.14, 0.14))
    for turn in (askew, 0.0, np.pi / 2, np.pi / 4, -np.pi / 4, 0.4, -0.4, np.pi / 2 + 0.4):
        pieces = cut_at(shape, part, along + turn)
        if pieces is not None:
            return pieces
    raise ValueError(f"no clean cut of a shape at {shape.centroid}")


def share_out(
    shape: Polygon, weights: Sequence[tuple[str, float]], rng: np.random.Generator
) -> dict[str, Polygon]:
    """A part of the shape for every key, areas in the proportion of the weights."""
    if len(weights) == 1:
        return {weights[0][0]: shape}
    total = sum(weight for _, weight in weights)
    sums = np.cumsum([weight for _, weight in weights])
    at = int(np.argmin(np.abs(sums[:-1] - total / 2))) + 1
    first, second = cut(shape, float(sums[at - 1] / total), rng)
    return share_out(first, weights[:at], rng) | share_out(second, weights[at:], rng)


def cut_into_blocks(
    shape: Polygon, size_m2: Callable[[Polygon], float], rng: np.random.Generator
) -> list[Polygon]:
    """Blocks of about ``size_m2``, cut again and again across their long side."""
    if shape.area < size_m2(shape) * rng.uniform(1.1, 1.8):
        return [shape]
    first, second = cut(shape, float(rng.uniform(0.4, 0.6)), rng)
    return cut_into_blocks(first, size_m2, rng) + cut_into_blocks(second, size_m2, rng)


def densified(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape with a vertex at least every ``STEP_M``, so that the warp can bend it."""
    return shapely.segmentize(shape, STEP_M)


# Gentle waves of the ground: (metres, wave numbers a kilometre in x and y, phase).
_WAVES_X = ((130, 0.31, 1.17, 0.4), (46, 1.9, 3.3, 2.0), (11, 8.1, 6.2, 0.7))
_WAVES_Y = ((120, 1.31, 0.42, 1.9), (42, 3.6, 1.7, 0.3), (10, 5.7, 8.8, 2.9))


def warped(xy: Points) -> Points:
    """The plan bent as a real place is: no street stays straight, none crosses another."""
    x, y = xy[:, 0] / 1000, xy[:, 1] / 1000
    east = sum(size * np.sin(a * x + b * y + phase) for size, a, b, phase in _WAVES_X)
    north = sum(size * np.sin(a * x + b * y + phase) for size, a, b, phase in _WAVES_Y)
    return np.column_stack([xy[:, 0] + east, xy[:, 1] + north])
