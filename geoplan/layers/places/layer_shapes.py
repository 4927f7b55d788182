"""The shapes of a layer on their way from the file to the study's metric system.

Belongs here: in what a layer's coordinates are measured, taking them to metres, mending them, and
what is said of each step. Does not belong here: attributes (``check.py``), the formulas
(``datum.py``, ``repair.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import Problem, Remark
from geoplan.layers.contracts import CONTRACTS
from geoplan.layers.formats.earth import on_earth
from geoplan.layers.places import repair
from geoplan.layers.places.control_points import fit_control, fit_remark
from geoplan.layers.places.coordinates import (
    Given,
    does_not_fit,
    place_pairs,
    read_pairs,
    turned_words,
)
from geoplan.layers.places.datum import (
    Bounds,
    Datum,
    Pairs,
    is_plausible,
    lonlat_of,
    metric_of,
    read_datum,
    with_parameters,
)
from geoplan.layers.places.repair import Shapes
from geoplan.layers.places.written_shapes import (
    FIELD,
    Written,
    find_unreadable,
    find_written,
    several_written,
    unread_problem,
    written_remark,
)
from geoplan.layers.raw_table import RawTable, Register, Rows, listing
from geoplan.layers.tables.headings import Matched
from geoplan.layers.tables.values import is_blank
from geoplan.study import LayerFile
from geoplan.terms import Words

_MOST_PAIRS = 100
_MOST_IMPLAUSIBLE = 0.5
_MOST_UNREAD = 0.5
_NONE = np.empty(0, dtype=np.int64)
_GEOJSON = frozenset({".geojson", ".json"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to shapes, by position in the raw table."""

    code: str
    detail: Words
    at: Rows


@dataclass(frozen=True, slots=True)
class Drawn:
    """Shapes of a layer, in its own coordinates first and in metres later."""

    shapes: Shapes
    datum: Datum
    remarks: tuple[Remark, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def has_place(self) -> bool:
        """Whether any row has a shape."""
        return not bool(shapely.is_missing(self.shapes).all())

    def middles(self) -> Pairs:
        """The middle of every shape as a coordinate pair, NaN where there is none."""
        box = shapely.bounds(self.shapes) / 2  # halved before they are added: none gets too large
        return np.column_stack((box[:, 0] + box[:, 2], box[:, 1] + box[:, 3]))


def draw_layer(
    file: LayerFile, raw: RawTable, matched: Matched, *, area: Bounds | None
) -> Drawn | Problem | None:
    """The shapes of a layer in its own coordinates, or why they cannot be placed.

    ``None`` when the layer has no geometry. ``area`` is where other layers lie, in degrees.
    """
    if not CONTRACTS[file.layer].kinds:
        return None
    declared = read_datum(file.crs) if file.crs is not None else None
    if file.crs is not None and declared is None:
        return _unknown_crs(file.crs, raw.where)
    if declared is not None and file.towgs84:
        declared = with_parameters(declared, file.towgs84)
    if declared is not None and file.control:
        return _draw_local(file, raw, matched, declared)
    if raw.geometry is not None:
        return _draw_vector(raw.geometry, file, raw, declared=declared)
    return _draw_table(file, raw, matched, declared=declared, area=area)


def _draw_vector(
    shapes: Shapes,
    file: LayerFile,
    raw: RawTable,
    *,
    declared: Datum | None,
    unread: Rows = _NONE,
) -> Drawn | Problem | None:
    if shapely.is_missing(shapes).all() and raw.crs is None:
        return None
    own = read_datum(raw.crs) if raw.crs is not None else None
    if declared is None and own is None:
        return _no_crs(raw)
    remarks = _crs_remarks(file, declared=declared, own=own)
    if declared is not None and declared.shifted and own is not None and not own.is_geographic:
        declared = replace(own, label=declared.label, shifted=declared.shifted)
    datum = declared or own
    if datum is None:
        return _no_crs(raw)
    return _plausible(Drawn(shapes, datum, remarks, unread_events(unread)), raw, file.layer)


def _draw_local(
    file: LayerFile, raw: RawTable, matched: Matched, known: Datum
) -> Drawn | Problem | None:
    """Shapes of a local system, taken to a known one by control points."""
    fit = fit_control(file.control, file.fit, raw.where)
    if isinstance(fit, Problem):
        return fit
    shapes = raw.geometry
    if shapes is None:
        pairs = _pairs(raw, matched)
        if pairs is None:
            return None
        shapes = _as_points(pairs)
    moved = shapely.transform(shapely.force_2d(shapes), fit.apply)
    return _plausible(
        Drawn(moved, known, (fit_remark(fit, known.label, file.layer),)), raw, file.layer
    )


def _pairs(raw: RawTable, matched: Matched) -> Pairs | None:
    """Two coordinate columns as they stand, NaN where a row has none."""
    names = _coordinate_columns(matched)
    if names is None:
        return None
    first, second = (raw.cells(matched.columns[name]) for name in names)
    return read_pairs(first, second)


def _as_points(pairs: Pairs) -> Shapes:
    shapes = np.full(len(pairs), None, dtype=object)
    known = np.isfinite(pairs).all(axis=1)
    shapes[known] = shapely.points(pairs[known])
    return shapes


def _coordinate_columns(matched: Matched) -> tuple[str, str] | None:
    both = (("lon", "lat"), ("x", "y"))
    return next((pair for pair in both if all(name in matched.columns for name in pair)), None)


def _draw_table(
    file: LayerFile,
    raw: RawTable,
    matched: Matched,
    *,
    declared: Datum | None,
    area: Bounds | None,
) -> Drawn | Problem | None:
    given = Given(raw.where, file.layer, declared, area, file.degrees)
    pairs = _pairs(raw, matched)
    columns = _choose_written(find_written(raw, matched), matched, pairs)
    if len(columns) > 1:
        return several_written(raw, columns)
    if columns:
        return _draw_written(columns[0], file, raw, given)
    names = _coordinate_columns(matched)
    if pairs is None or names is None:
        lost = find_unreadable(raw, matched)
        return None if lost is None else unread_problem(raw, [lost[0]], lost[1])
    used = [matched.columns[name] for name in names]
    unread = _unread(raw, used, pairs)
    if _too_many(unread, int(np.isfinite(pairs[:, 0]).sum())):
        return unread_problem(raw, used, unread)
    placed = place_pairs(pairs, given)
    if isinstance(placed, Problem):
        return placed
    drawn = Drawn(_as_points(placed.pairs), placed.datum, placed.remarks, unread_events(unread))
    return _plausible(drawn, raw, file.layer)


def _choose_written(found: list[Written], matched: Matched, pairs: Pairs | None) -> list[Written]:
    """The written columns to take: outlines before places; none where two columns say as much."""
    if FIELD in matched.columns and len(found) == 1:
        return found
    chosen = [each for each in found if not each.is_points] or found
    if pairs is None or not chosen or not chosen[0].is_points:
        return chosen
    in_columns = int(np.isfinite(pairs[:, 0]).sum())
    in_cells = max(int((~shapely.is_missing(each.shapes)).sum()) for each in chosen)
    return chosen if in_cells > in_columns else []


def _draw_written(
    found: Written, file: LayerFile, raw: RawTable, given: Given
) -> Drawn | Problem | None:
    """Shapes of one column's cells, in the system that they, or study.toml, or their size tell."""
    if _too_many(found.unread, int((~shapely.is_missing(found.shapes)).sum())):
        return unread_problem(raw, [found.column], found.unread)
    shapes = shapely.force_2d(found.shapes)
    remark = written_remark(raw, found, file.layer)
    if found.srid:
        own = replace(raw, crs=f"EPSG:{found.srid}")
        drawn = _draw_vector(shapes, file, own, declared=given.declared, unread=found.unread)
        return (
            replace(drawn, remarks=(remark, *drawn.remarks)) if isinstance(drawn, Drawn) else drawn
        )
    placed = place_pairs(shapely.get_coordinates(shapes), given)
    if isinstance(placed, Problem):
        return placed
    shapes = shapely.set_coordinates(shapes, placed.pairs)
    remarks = (remark, *placed.remarks)
    return _plausible(
        Drawn(shapes, placed.datum, remarks, unread_events(found.unread)), raw, file.layer
    )


def _unread(raw: RawTable, columns: Sequence[int], pairs: Pairs) -> Rows:
    """Rows that say something in their coordinate columns which is no place."""
    said = [
        np.array([not is_blank(cell) for cell in raw.cells(column)], dtype=bool)
        for column in columns
    ]
    return np.flatnonzero((said[0] | said[1]) & ~np.isfinite(pairs[:, 0]))


def _too_many(unread: Rows, read: int) -> bool:
    return len(unread) > _MOST_UNREAD * (len(unread) + read)


def unread_events(unread: Rows) -> tuple[Event, ...]:
    """That the coordinates of some rows cannot be read."""
    if not len(unread):
        return ()
    words = Words(
        "坐标写了，但读不懂或只写了一半，按没有位置处理",
        "its coordinates are written but cannot be read, or only one of the two is there; "
        "taken as having no place",
    )
    return (Event("PLACE_UNREAD", words, unread),)


def _plausible(drawn: Drawn, raw: RawTable, layer: str) -> Drawn | Problem:
    """Take away places that cannot be meant; refuse when that would be most of them."""
    told = [event.at for event in drawn.events]
    blank = np.setdiff1d(
        np.flatnonzero(shapely.is_missing(drawn.shapes)), np.concatenate([*told, _NONE])
    )
    shapes, empty, unreadable = repair.drop_unfinished(drawn.shapes)
    drawn = replace(drawn, shapes=shapes)
    middles = drawn.middles()
    known = np.flatnonzero(np.isfinite(middles[:, 0]))
    if not len(known):
        return drawn
    odd = known[~is_plausible(lonlat_of(middles[known], drawn.datum), drawn.datum)]
    if len(odd) > _MOST_IMPLAUSIBLE * len(known):
        turned = _turned_around(drawn, middles[known], layer)
        if turned is not None:
            return _plausible(turned, raw, layer)
        return does_not_fit(np.median(middles[known], axis=0), drawn.datum, where=raw.where)
    shapes[odd] = None
    events = [
        Event("GEOMETRY_EMPTY", _no_place(), np.union1d(blank, empty)),
        Event("BAD_PLACE", _bad_place(drawn.datum), np.union1d(odd, unreadable)),
    ]
    found = (event for event in events if len(event.at))
    return replace(drawn, events=(*drawn.events, *found))


def _turned_around(drawn: Drawn, middles: Pairs, layer: str) -> Drawn | None:
    """Metres with the northing first, where only that order makes places of them."""
    other = middles[:, ::-1]
    if drawn.datum.is_geographic:
        return None
    if is_plausible(lonlat_of(other, drawn.datum), drawn.datum).mean() <= 1 - _MOST_IMPLAUSIBLE:
        return None
    shapes = shapely.transform(drawn.shapes, lambda xy: xy[:, ::-1])
    remark = Remark("AXES_SWAPPED", turned_words(), layer)
    return replace(drawn, shapes=shapes, remarks=(*drawn.remarks, remark))


def _no_place() -> Words:
    return Words("没有图形或坐标", "it has no shape and no coordinates")


def _bad_place(datum: Datum) -> Words:
    return Words(
        f"坐标不可能是 {datum.label} 中的位置（如 0,0 或非数值），按没有位置处理",
        f"the coordinates cannot be a place in {datum.label} (such as 0, 0 or no number); "
        "taken as having no place",
    )


def to_metres(drawn: Drawn, layer: str, target: str) -> Drawn:
    """The shapes in the metric system, mended, of the kinds the layer can hold."""
    shapes = _transformed(drawn, target)
    shapes, wrong = repair.keep_kinds(shapes, CONTRACTS[layer].kinds)
    events = list(drawn.events)
    beyond = _beyond(shapes)
    if len(beyond):
        shapes[beyond] = None
        events.append(Event("BAD_PLACE", _bad_place(drawn.datum), beyond))
    if len(wrong):
        events.append(Event("WRONG_GEOMETRY", _wrong_words(layer), wrong))
    mended = repair.mend_polygons(shapes)
    events += [
        Event("GEOMETRY_MENDED", _mended_words(before, after), np.array([at]))
        for at, before, after in zip(mended.at, mended.before_m2, mended.after_m2, strict=True)
    ][:_MOST_PAIRS]
    if len(mended.at) > _MOST_PAIRS:
        events.append(Event("GEOMETRY_MENDED", _mended_many(), mended.at[_MOST_PAIRS:]))
    return replace(
        drawn,
        shapes=mended.shapes,
        remarks=(*drawn.remarks, *_datum_remarks(drawn.datum, layer)),
        events=tuple(events),
    )


def _beyond(shapes: Shapes) -> NDArray[np.intp]:
    """Shapes of which a corner came to lie nowhere: the metric system does not reach it."""
    places, of = shapely.get_coordinates(shapes, return_index=True)
    return np.unique(of[~on_earth(places)])


def _transformed(drawn: Drawn, target: str) -> Shapes:
    if drawn.datum.label == target and not drawn.datum.shifted:
        return drawn.shapes
    moved: Shapes = shapely.transform(
        drawn.shapes, lambda pairs: metric_of(pairs, drawn.datum, target)
    )
    return moved


def event_remarks(drawn: Drawn, register: Register, kept: Rows) -> list[Remark]:
    """The events of the rows that stay, as remarks with rows and ids."""
    remarks = []
    for event in drawn.events:
        at = event.at[np.isin(event.at, kept)]
        if len(at):
            rows = listing([int(register.rows[position]) for position in at])
            detail = Words(f"第 {rows} 行：{event.detail.zh}", f"row {rows}: {event.detail.en}")
            remarks.append(register.remark(event.code, detail, at))
    return remarks


def overlap_remarks(shapes: Shapes, register: Register) -> list[Remark]:
    """Overlaps between the polygons of one layer: one remark a pair, the largest first."""
    overlaps = repair.find_overlaps(shapes)
    remarks = []
    for overlap in overlaps[:_MOST_PAIRS]:
        a, b = register.ids[overlap.first], register.ids[overlap.second]
        detail = Words(
            f"{a} 与 {b} 重叠 {overlap.shared_m2:.2f} ㎡，未作改动",
            f"{a} and {b} share {overlap.shared_m2:.2f} m²; nothing was changed",
        )
        remarks.append(register.remark("OVERLAP", detail, (overlap.first, overlap.second)))
    rest = overlaps[_MOST_PAIRS:]
    if rest:
        shared = sum(overlap.shared_m2 for overlap in rest)
        rows = sorted({at for overlap in rest for at in (overlap.first, overlap.second)})
        detail = Words(
            f"另有 {len(rest)} 对图形重叠，共 {shared:.2f} ㎡，未作改动",
            f"{len(rest)} more pairs share {shared:.2f} m² in all; nothing was changed",
        )
        remarks.append(register.remark("OVERLAP", detail, rows))
    return remarks


def outside_remarks(
    shapes: Shapes, area: Sequence[shapely.Geometry], margin_m: float, register: Register
) -> list[Remark]:
    """Rows that lie outside the study area by more than the margin; they stay."""
    at = repair.outside(shapes, area, margin_m=margin_m)
    if not len(at):
        return []
    rows = listing([int(register.rows[position]) for position in at])
    detail = Words(
        f"第 {rows} 行在研究区外 {margin_m:.0f} 米以上，请核对位置；未删除",
        f"row {rows} lies more than {margin_m:.0f} m outside the study area; check its place, "
        "it was kept",
    )
    return [register.remark("OUTSIDE_AREA", detail, at)]


def _crs_remarks(
    file: LayerFile, *, declared: Datum | None, own: Datum | None
) -> tuple[Remark, ...]:
    """What is said when study.toml overrules the file, or a GeoJSON overrules its standard."""
    if own is None or declared == own:
        return ()
    if declared is not None:
        detail = Words(
            f"文件自称 {own.label}，按 study.toml 写的 {declared.label} 读取",
            f"the file says {own.label}; it was read as {declared.label}, as study.toml says",
        )
        return (Remark("CRS_OVERRIDDEN", detail, file.layer),)
    if file.path.suffix.lower() in _GEOJSON and own.label != "EPSG:4326":
        detail = Words(
            f"GeoJSON 按标准应为 WGS84，此文件用旧式 crs 成员写明 {own.label}，按后者读取",
            f"a GeoJSON is in WGS 84 by its standard; this one names {own.label} in the older "
            "crs member and was read so",
        )
        return (Remark("CRS_MEMBER", detail, file.layer),)
    return ()


def _datum_remarks(datum: Datum, layer: str) -> tuple[Remark, ...]:
    if datum.shifted:
        detail = Words(
            f"{datum.shifted} 坐标已按公开算法换算为 WGS84，误差约 1 米",
            f"coordinates were taken from {datum.shifted} to WGS 84 by the public formula, "
            "good to about a metre",
        )
        return (Remark("DATUM_SHIFTED", detail, layer),)
    if datum.is_ballpark:
        detail = Words(
            f"{datum.label} 与 CGCS2000 之间没有公开的精确参数，位置可能偏差数十米到百余米",
            f"there are no public parameters between {datum.label} and CGCS2000; "
            "places may be off by tens of metres to more than a hundred",
        )
        return (Remark("DATUM_BALLPARK", detail, layer),)
    return ()


def _wrong_words(layer: str) -> Words:
    return Words(
        f"图形种类不适合 {layer} 图层，按没有位置处理",
        f"the shape is of a kind that {layer} cannot hold; taken as having no place",
    )


def _mended_words(before_m2: float, after_m2: float) -> Words:
    change = after_m2 - before_m2
    return Words(
        f"图形自相交等错误已修复，面积由 {before_m2:.2f} ㎡ 变为 {after_m2:.2f} ㎡（{change:+.2f}）",
        f"the shape crossed itself or was otherwise invalid and was mended; "
        f"its area went from {before_m2:.2f} m² to {after_m2:.2f} m² ({change:+.2f})",
    )


def _mended_many() -> Words:
    return Words("图形错误已修复", "invalid shapes were mended")


def _no_crs(raw: RawTable) -> Problem:
    said_zh = f"（文件写的是“{raw.crs[:60]}”）" if raw.crs else ""
    said_en = f' (it says "{raw.crs[:60]}")' if raw.crs else ""
    return Problem(
        raw.where,
        Words(
            f"图层没有可用的坐标系{said_zh}",
            f"the layer does not say what its coordinates are measured in{said_en}",
        ),
        Words(
            '请在 study.toml 该图层写明 crs，如 "EPSG:4545"、"CGCS2000"、"WGS84"、"GCJ-02"、"BD-09"，'
            "或补上 .prj 文件。",
            'Write crs in study.toml, at this layer: "EPSG:4545", "CGCS2000", "WGS84", "GCJ-02" or '
            '"BD-09"; or add the .prj file.',
        ),
    )


def _unknown_crs(text: str, where: str) -> Problem:
    return Problem(
        where,
        Words(f"不认识坐标系“{text}”", f'the coordinate system "{text}" is not known'),
        Words(
            '请写 EPSG 代码（如 "EPSG:4545"）或 "WGS84"、"CGCS2000"、"GCJ-02"、"BD-09"、"西安80"、"北京54"；'
            "地方独立坐标系请先转换。",
            'Write an EPSG code (such as "EPSG:4545") or "WGS84", "CGCS2000", "GCJ-02", "BD-09", '
            '"Xian80", "Beijing54"; convert a local system first.',
        ),
    )
