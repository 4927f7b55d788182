"""The coordinates of a table: which column is which, in what they are measured.

Belongs here: deciding by content and magnitude what two columns hold. Does not belong here: one
cell (``coordinate.py``), names of coordinate systems or transforming (``datum.py``).

Nothing is guessed: where two readings are possible the table is refused with the candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoplan.errors import Problem, Remark
from geoplan.layers.places.coordinate_text import read_coordinate
from geoplan.layers.places.datum import (
    CGCS2000,
    Bounds,
    Datum,
    Pairs,
    base_of,
    is_inside,
    is_plausible,
    lonlat_of,
    meridian_candidates,
    read_datum,
    zone_code,
)
from geoplan.layers.raw_table import listing
from geoplan.terms import Words

_CHINA_LON, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)
_NORTHING_M, _EASTING_M = (1e6, 7e6), (1e5, 9e5)
_ZONE_M = 1e6
_MOST_LON, _MOST_LAT = 180.0, 90.0
_SIXTY = 60
_DIGIT = 1e-6
_LEAST_PLACES, _MOST_WRITTEN = 10, 0.8
_NEAR_DEG = 0.05  # about five kilometres around the study's other layers


@dataclass(frozen=True, slots=True)
class Placed:
    """Coordinate pairs of a table, easting or longitude first, NaN where a row has none."""

    pairs: Pairs
    datum: Datum
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a table's coordinates before looking at them.

    ``declared`` is the ``crs`` of study.toml; ``area`` is where the study's other layers lie, in
    degrees; ``degrees`` is how study.toml says they are written: ``decimal``, ``ddd.mmss`` or not.
    """

    where: str
    layer: str
    declared: Datum | None = None
    area: Bounds | None = None
    degrees: str = ""


def read_pairs(first: Sequence[object], second: Sequence[object]) -> Pairs:
    """Two columns as pairs of coordinates, NaN where a row has none."""
    pairs = np.array(
        [[read_coordinate(a), read_coordinate(b)] for a, b in zip(first, second, strict=True)]
    ).reshape(-1, 2)
    pairs[~np.isfinite(pairs).all(axis=1)] = np.nan
    return pairs


def place_table(
    first: Sequence[object], second: Sequence[object], given: Given
) -> Placed | Problem:
    """Decide what two coordinate columns mean.

    ``first`` is the column called longitude or X, ``second`` latitude or Y.
    """
    return place_pairs(read_pairs(first, second), given)


def place_pairs(pairs: Pairs, given: Given) -> Placed | Problem:
    """Decide what pairs of coordinates mean that stand as they were written."""
    known = pairs[np.isfinite(pairs[:, 0])]
    if not len(known):
        return _nowhere(pairs, given)
    middle = np.median(known, axis=0)
    if np.all(np.abs(middle) <= _MOST_LON):
        return _place_degrees(pairs, middle, given)
    return _place_metres(pairs, middle, given)


def _nowhere(pairs: Pairs, given: Given) -> Placed | Problem:
    """A table whose coordinate cells are all blank lies nowhere, in any system."""
    datum = given.declared or read_datum("WGS84")
    return _ask_datum(given.where) if datum is None else Placed(pairs, datum, ())


def _place_degrees(pairs: Pairs, middle: NDArray[np.float64], given: Given) -> Placed | Problem:
    declared = given.declared
    if declared is None:
        return _ask_datum(given.where)
    if not declared.is_geographic:
        return _degrees_not_metres(middle, declared, where=given.where)
    if given.degrees != "decimal" and (given.degrees or looks_sexagesimal(pairs)):
        return _place_sexagesimal(pairs, declared, given)
    return _place_decimal(pairs, middle, declared, given)


def looks_sexagesimal(pairs: Pairs) -> bool:
    """Whether numbers such as 107.2112 are degrees, minutes and seconds: no pair of digits reaches 60.

    Of decimal degrees about two in three pairs of digits stay below 60, so ten places in which all
    do are no accident.

    Examples
    --------
    >>> looks_sexagesimal(np.array([[107.2112, 22.2418]] * 10))
    True
    >>> looks_sexagesimal(np.array([[107.3535, 22.4083]] * 10))
    False
    """
    known = pairs[np.isfinite(pairs[:, 0])]
    minutes, seconds = _digits(known)
    written = np.abs(known * 100 - np.rint(known * 100)) > _DIGIT  # more than two decimals
    if len(known) < _LEAST_PLACES or written.mean() < _MOST_WRITTEN:
        return False
    return bool((minutes < _SIXTY).all() and (seconds < _SIXTY).all())


def _digits(pairs: Pairs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of 107.2112 the 21 and the 12; digits beyond are decimals of the seconds."""
    rest = np.round((np.abs(pairs) - np.floor(np.abs(pairs))) * 100, 8)
    minutes = np.floor(rest)
    return minutes, np.round((rest - minutes) * 100, 6)


def _place_sexagesimal(pairs: Pairs, declared: Datum, given: Given) -> Placed | Problem:
    """Minutes and seconds after the point: as study.toml says, or where only that reading fits."""
    converted = from_sexagesimal(pairs)
    middles = np.array([np.nanmedian(each, axis=0) for each in (pairs, converted)])
    if not given.degrees:
        if given.area is None:
            return _ask_degrees(middles, where=given.where)
        fits = is_inside(lonlat_of(middles, declared), given.area, margin_deg=_NEAR_DEG)
        if fits[0] == fits[1]:
            return _ask_degrees(middles, where=given.where)
        if fits[0]:
            return _place_decimal(pairs, middles[0], declared, given)
    placed = _place_decimal(converted, middles[1], declared, given)
    detail = Words(
        "坐标写作“度.分秒”（如 107.2112 即 107°21′12″），已换算为度",
        "coordinates are written degrees.minutes-seconds (107.2112 is 107°21′12″) and were converted",
    )
    return replace(placed, remarks=(*placed.remarks, Remark("DDD_MMSS", detail, given.layer)))


def from_sexagesimal(pairs: Pairs) -> Pairs:
    """Numbers such as 107.2112, which is 107°21′12″, in degrees.

    Examples
    --------
    >>> from_sexagesimal(np.array([[107.2112, 22.2418]])).round(6).tolist()
    [[107.353333, 22.405]]
    """
    minutes, seconds = _digits(pairs)
    whole = np.floor(np.abs(pairs))
    found: Pairs = np.sign(pairs) * (whole + minutes / _SIXTY + seconds / _SIXTY**2)
    return found


def _ask_degrees(middles: Pairs, *, where: str) -> Problem:
    as_decimal, as_minutes = (f"{lon:.4f}, {lat:.4f}" for lon, lat in middles)
    return Problem(
        where,
        Words(
            f"小数点后各两位都小于 60，可能是“度.分秒”：按小数读在 {as_decimal}，按度.分秒读在 {as_minutes}",
            "every two digits after the point are below 60, so they may be minutes and seconds: "
            f"as decimals the middle is {as_decimal}, as ddd.mmss {as_minutes}",
        ),
        Words(
            '请在 study.toml 该图层写明 degrees = "decimal" 或 degrees = "ddd.mmss"。',
            'Say degrees = "decimal" or degrees = "ddd.mmss" in study.toml, at this layer.',
        ),
    )


def _place_decimal(
    pairs: Pairs, middle: NDArray[np.float64], declared: Datum, given: Given
) -> Placed:
    if not _is_swapped(middle):
        return Placed(pairs, declared, ())
    detail = Words(
        "经度与纬度互换了，已按内容对调",
        "longitude and latitude stood in each other's place; they were told by content",
    )
    remark = Remark("LONLAT_SWAPPED", detail, given.layer)
    return Placed(pairs[:, ::-1].copy(), declared, (remark,))


def _is_swapped(middle: NDArray[np.float64]) -> bool:
    in_china = _within(middle[0], _CHINA_LAT) and _within(middle[1], _CHINA_LON)
    return in_china or abs(middle[1]) > _MOST_LAT >= abs(middle[0])


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _place_metres(pairs: Pairs, middle: NDArray[np.float64], given: Given) -> Placed | Problem:
    declared = given.declared
    if declared is not None and not declared.is_geographic:
        return _place_declared(pairs, middle, declared, given)
    if declared is not None and (declared.shifted or declared.label == "EPSG:4326"):
        return _metres_not_degrees(middle, declared, where=given.where)
    turned = _within(middle[0], _NORTHING_M) and not _within(middle[1], _NORTHING_M)
    easting, northing = (middle[1], middle[0]) if turned else (middle[0], middle[1])
    base = int(declared.label.rpartition(":")[2]) if declared else CGCS2000
    zone = int(easting // _ZONE_M)
    datum = _zone_datum(base, zone) if _within(northing, _NORTHING_M) else None
    if datum is not None:
        ordered = pairs[:, ::-1].copy() if turned else pairs
        remarks = (_found_remark(datum, zone, given), *_turned(given.layer, turned=turned))
        return Placed(ordered, datum, remarks)
    if not _within(northing, _NORTHING_M) or not _within(easting, _EASTING_M):
        return _unknown_metres(middle, where=given.where)
    return _ask_meridian(easting, northing, base, given)


def _zone_datum(base: int, zone: int) -> Datum | None:
    """The system whose eastings begin with a zone number."""
    code = zone_code(base, zone) or zone_code(base, zone, is_six=True)
    return None if code is None else read_datum(f"EPSG:{code}")


def _place_declared(
    pairs: Pairs, middle: NDArray[np.float64], declared: Datum, given: Given
) -> Placed | Problem:
    """Metres in a declared system: X may be the easting or, in Chinese surveys, the northing."""
    if _fits(middle, declared):
        return Placed(pairs, declared, ())
    if _fits(middle[::-1], declared):
        return Placed(pairs[:, ::-1].copy(), declared, _turned(given.layer, turned=True))
    return does_not_fit(middle, declared, where=given.where)


def _fits(middle: NDArray[np.float64], datum: Datum) -> bool:
    return bool(is_plausible(lonlat_of(middle.reshape(1, 2), datum), datum)[0])


def _turned(layer: str, *, turned: bool) -> tuple[Remark, ...]:
    if not turned:
        return ()
    return (Remark("AXES_SWAPPED", turned_words(), layer),)


def turned_words() -> Words:
    """That the northing stands first."""
    return Words(
        "X 是北坐标、Y 是东坐标（测量习惯），已按数值大小识别",
        "X holds northings and Y eastings, as surveyors write them; told by magnitude",
    )


def _found_remark(datum: Datum, zone: int, given: Given) -> Remark:
    assumed_zh = "" if given.declared else "，基准按 CGCS2000"
    assumed_en = "" if given.declared else ", on the datum CGCS2000"
    detail = Words(
        f"东坐标以带号 {zone} 开头，按 {datum.label} 读取{assumed_zh}；若不对，请在 study.toml 写明 crs",
        f"the eastings begin with the zone number {zone} and were read as {datum.label}{assumed_en}; "
        "if that is wrong, write crs in study.toml",
    )
    return Remark("CRS_FOUND", detail, given.layer)


def _ask_datum(where: str) -> Problem:
    return Problem(
        where,
        Words(
            "表中有经纬度，但没有说明坐标系；三种可能相差数百米",
            "the table has longitude and latitude, but nothing says in which system; "
            "the three possible ones lie hundreds of metres apart",
        ),
        Words(
            '请在 study.toml 该图层写明 crs = "WGS84"（或 "CGCS2000"）、"GCJ-02"（高德、腾讯、奥维）'
            '或 "BD-09"（百度）。',
            'Write in study.toml, at this layer, crs = "WGS84" (or "CGCS2000"), '
            '"GCJ-02" (Amap, Tencent) or "BD-09" (Baidu).',
        ),
    )


def _degrees_not_metres(middle: NDArray[np.float64], declared: Datum, *, where: str) -> Problem:
    return Problem(
        where,
        Words(
            f"坐标是度（如 {middle[0]:.4f}, {middle[1]:.4f}），而 crs 写的是 {declared.label}，以米计",
            f"the coordinates are degrees (such as {middle[0]:.4f}, {middle[1]:.4f}), "
            f"but crs says {declared.label}, which is in metres",
        ),
        Words(
            '请把 study.toml 中该图层的 crs 改为 "WGS84"、"CGCS2000"、"GCJ-02" 或 "BD-09"。',
            'Set the layer\'s crs in study.toml to "WGS84", "CGCS2000", "GCJ-02" or "BD-09".',
        ),
    )


def _metres_not_degrees(middle: NDArray[np.float64], declared: Datum, *, where: str) -> Problem:
    return Problem(
        where,
        Words(
            f"坐标以米计（如 {middle[0]:.1f}, {middle[1]:.1f}），而 crs 写的是 {declared.label}，应为度",
            f"the coordinates are metres (such as {middle[0]:.1f}, {middle[1]:.1f}), "
            f"but crs says {declared.label}, which is in degrees",
        ),
        Words(
            '请在 study.toml 该图层写明投影坐标系，如 crs = "EPSG:4545"。',
            'Write the projected system in study.toml, at this layer, such as crs = "EPSG:4545".',
        ),
    )


def _unknown_metres(middle: NDArray[np.float64], *, where: str) -> Problem:
    return Problem(
        where,
        Words(
            f"坐标（如 {middle[0]:.1f}, {middle[1]:.1f}）没有说明坐标系，也看不出是哪一种",
            f"nothing says what the coordinates (such as {middle[0]:.1f}, {middle[1]:.1f}) are "
            "measured in, and they fit no system geoplan can tell by itself",
        ),
        Words(
            '请在 study.toml 该图层写明 crs，如 "EPSG:4545"；地方独立坐标系请先转换为 CGCS2000。',
            'Write crs in study.toml, at this layer, such as "EPSG:4545"; '
            "convert a local system to CGCS2000 first.",
        ),
    )


def _ask_meridian(easting: float, northing: float, base: int, given: Given) -> Problem:
    """Six-digit eastings fit every zone: list the zones, the one near the study's area first."""
    candidates = meridian_candidates(easting, northing, base)
    near = [
        (label, place)
        for label, place in candidates
        if given.area and is_inside(place, given.area)[0]
    ]
    if near:
        label, place = near[0]
        middle = [name for name, _ in candidates].index(label)
        others = [name for name, _ in candidates[max(0, middle - 1) : middle + 2] if name != label]
        found_zh = f"；{label} 落在本研究区内（{place[0, 0]:.4f}, {place[0, 1]:.4f}），{listing(others)} 不在"
        found_en = (
            f"; {label} lies in the study area ({place[0, 0]:.4f}, {place[0, 1]:.4f}), "
            f"{' and '.join(others)} do not"
        )
        proposal = label
    else:
        shown = [f"{label} ({place[0, 0]:.2f})" for label, place in candidates]
        found_zh = f"；可能是 {listing(shown, most=21)}（括号内为经度）"
        found_en = f"; it may be {listing(shown, most=21)} (longitude in brackets)"
        proposal = "EPSG:…"
    return Problem(
        given.where,
        Words(
            f"坐标（东 {easting:.1f}，北 {northing:.1f}）没有带号，没有说明中央经线{found_zh}",
            f"the coordinates (east {easting:.1f}, north {northing:.1f}) have no zone number "
            f"and nothing says their central meridian{found_en}",
        ),
        Words(
            f'请确认后在 study.toml 该图层写明 crs = "{proposal}"。',
            f'Confirm and write crs = "{proposal}" in study.toml, at this layer.',
        ),
    )


def does_not_fit(middle: NDArray[np.float64], declared: Datum, *, where: str) -> Problem:
    """The problem of coordinates that cannot be in the system they are said to be in."""
    said = f"{middle[0]:.4f}, {middle[1]:.4f}"
    return Problem(
        where,
        Words(
            f"坐标（如 {said}）不可能是 {declared.label}",
            f"the coordinates (such as {said}) cannot be {declared.label}",
        ),
        _likelier(middle, declared),
    )


def _likelier(middle: NDArray[np.float64], declared: Datum) -> Words:
    """What the coordinates look like instead."""
    if np.all(np.abs(middle) <= _MOST_LON):
        if declared.is_geographic and abs(middle[1]) > _MOST_LAT:
            return Words(
                "像是经度与纬度互换了，请对调后重新导出。",
                "Longitude and latitude look swapped; exchange them and export again.",
            )
        if declared.is_geographic:
            return Words(
                "这些经纬度不在该坐标系的使用范围内；请核对坐标，或在 study.toml 该图层改写 crs。",
                "These degrees lie outside the area of that system; check them, or the layer's crs in "
                "study.toml.",
            )
        return Words(
            '数值像是经纬度，请在 study.toml 写明 crs，如 "WGS84"、"CGCS2000" 或 "GCJ-02"。',
            'They look like degrees; write crs in study.toml, such as "WGS84" or "GCJ-02".',
        )
    zones, base = [int(value // _ZONE_M) for value in middle], base_of(declared)
    codes = [zone_code(base, zone) or zone_code(base, zone, is_six=True) for zone in zones]
    code = next((code for code in reversed(codes) if code is not None), None)
    if code is None:
        return Words("请核对 study.toml 中该图层的 crs。", "Check the layer's crs in study.toml.")
    return Words(
        f'数值带有带号，像是 EPSG:{code}；请核对后在 study.toml 该图层写明 crs = "EPSG:{code}"。',
        f"The numbers carry a zone number, as EPSG:{code} has it; check, and write "
        f'crs = "EPSG:{code}" in study.toml, at this layer.',
    )
