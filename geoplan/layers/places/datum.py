"""What coordinates are measured in, and the metric system a study is measured in.

Belongs here: names of coordinate systems, the choice of the metric one, taking shapes from one to
the other. The only module that knows pyproj. Does not belong here: reading coordinates from cells.

Longitude (easting) comes first everywhere. WGS 84 and CGCS2000 are taken as equal (they agree to
centimetres).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.layers.places import map_offsets as shift

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Pairs = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

WGS84, CGCS2000, XIAN80, BEIJING54, WEB_MERCATOR = 4326, 4490, 4610, 4214, 3857
_BALLPARK = re.compile(r"xian.?(?:19)?80|beijing.?(?:19)?54|new.?beijing", re.IGNORECASE)

# Gauss-Kruger zones by datum: first code with the zone number before the easting, and without.
_ZONES_3: Mapping[int, tuple[int, int]] = MappingProxyType(
    {CGCS2000: (4513, 4534), XIAN80: (2349, 2370), BEIJING54: (2401, 2422)}
)
_ZONES_6: Mapping[int, tuple[int, int]] = MappingProxyType(
    {CGCS2000: (4491, 4502), XIAN80: (2327, 2338), BEIJING54: (21413, 21453)}
)
_FIRST_3, _LAST_3 = 25, 45
_FIRST_6, _LAST_6 = 13, 23

_GCJ = re.compile(r"gcj|火星|高德|腾讯|奥维|amap|gaode|tencent")
_BD = re.compile(r"bd-?09|百度|baidu")
_NAMES = (
    (re.compile(r"cgcs2000|国家2000|2000国家|大地2000|2000坐标"), CGCS2000),
    (re.compile(r"wgs[-_ ]?(?:19)?84"), WGS84),
    (re.compile(r"xi'?an[-_ ]?(?:19)?80|西安(?:19)?80"), XIAN80),
    (re.compile(r"beijing[-_ ]?(?:19)?54|北京(?:19)?54|bj54"), BEIJING54),
)
_SIX = re.compile(r"(?:6|六)(?:度|°|-?_?degree)")
_MERIDIAN = re.compile(r"(?:cm|中央经线|中央子午线|经线)[^\d]{0,2}(\d{2,3})")
_ZONE = re.compile(r"(?:zone|带号)[^\d]{0,2}(\d{2})|(\d{2})(?:号?带)")

# A definition may name files, which PROJ would open; EPSG's list and "no grid" are none.
_OF_FILES = re.compile(
    r"(?:(?<![a-z_])init|grids|catalog|file)\s*=\s*(?!@?null\b|epsg:\d+\b)", re.IGNORECASE
)
_LONGEST = 100_000  # characters; a definition with everything in it has some thousand

_CHINA: Bounds = (73.0, 3.0, 136.0, 54.0)
_BEYOND_DEG = 6.0
_MOST_DISTORTION = 0.01
_NULL_ISLAND_DEG = 1e-3
_MOST_LON, _MOST_LAT = 180.0, 90.0


@dataclass(frozen=True, slots=True)
class Datum:
    """What coordinates are measured in.

    ``epsg_or_wkt`` is what pyproj reads; ``shifted`` is ``GCJ-02``, ``BD-09`` or empty; ``known``
    says that the user gave the parameters to WGS 84.
    """

    label: str
    epsg_or_wkt: str
    shifted: str = ""
    known: bool = False

    @property
    def is_geographic(self) -> bool:
        """Whether the coordinates are degrees."""
        return bool(_crs(self.epsg_or_wkt).is_geographic)

    @property
    def is_ballpark(self) -> bool:
        """Whether the way to CGCS2000 is only known roughly (tens of metres and more)."""
        if self.known:
            return False
        geodetic = _crs(self.epsg_or_wkt).geodetic_crs
        return geodetic is not None and _BALLPARK.search(geodetic.name) is not None


def read_datum(text: str) -> Datum | None:
    """The datum a person or a file names; ``None`` when it is none we know.

    Examples
    --------
    >>> read_datum("EPSG:4545").label, read_datum("火星坐标").label
    ('EPSG:4545', 'GCJ-02')
    >>> read_datum("国家2000 3度带 中央经线108").label, read_datum("CGCS2000 36带").label
    ('EPSG:4545', 'EPSG:4524')
    """
    if len(text) > _LONGEST or _OF_FILES.search(text):
        return None
    words = unicodedata.normalize("NFKC", text).casefold().strip()
    if re.fullmatch(r"(?:epsg:+)?\d{4,6}", words):
        return _by_code(words.rpartition(":")[2])
    if "[" in words or "utm" in words or words.startswith(("{", "+proj", "urn:", "ogc:", "http")):
        return _by_definition(text)
    for pattern, name in ((_GCJ, "GCJ-02"), (_BD, "BD-09")):
        if pattern.search(words):
            return Datum(name, f"EPSG:{WGS84}", name)
    for pattern, base in _NAMES:
        if pattern.search(words):
            return _by_words(pattern.sub("", words), base)
    return _by_definition(text)


def with_parameters(datum: Datum, towgs84: Sequence[float]) -> Datum:
    """The datum with the user's own three or seven parameters to WGS 84 (position vector).

    Examples
    --------
    >>> with_parameters(read_datum("北京54"), [10, 20, 30]).is_ballpark
    False
    """
    from pyproj import CRS
    from pyproj.crs import BoundCRS
    from pyproj.crs.coordinate_operation import ToWGS84Transformation

    source = _crs(datum.epsg_or_wkt)
    geodetic = source.geodetic_crs
    # PROJ wants seven; the four that are not given are nothing.
    seven = [*towgs84, *[0.0] * (7 - len(towgs84))]
    bound = BoundCRS(source, CRS(f"EPSG:{WGS84}"), ToWGS84Transformation(geodetic, *seven))
    return Datum(f"{datum.label} towgs84", bound.to_wkt(), datum.shifted, known=True)


def _by_words(words: str, base: int) -> Datum | None:
    meridian, zone = _MERIDIAN.search(words), _ZONE.search(words)
    if meridian is None and zone is None:
        return _by_code(str(base))
    is_six = bool(_SIX.search(words))
    if zone is not None:
        number = int(zone[1] or zone[2])
        code = zone_code(base, number, is_six=is_six and number <= _LAST_6)
    else:
        code = meridian_code(base, int(meridian[1]) if meridian else 0, is_six=is_six)
    return None if code is None else _by_code(str(code))


def zone_code(base: int, zone: int, *, is_six: bool = False) -> int | None:
    """The EPSG code of a Gauss-Kruger zone whose eastings begin with the zone number.

    Examples
    --------
    >>> zone_code(4490, 36), zone_code(4610, 36), zone_code(4214, 18)
    (4524, 2360, 21418)
    """
    if not is_six and _FIRST_3 <= zone <= _LAST_3 and base in _ZONES_3:
        return _ZONES_3[base][0] + zone - _FIRST_3
    if _FIRST_6 <= zone <= _LAST_6 and base in _ZONES_6:
        return _ZONES_6[base][0] + zone - _FIRST_6
    return None


def meridian_code(base: int, meridian: int, *, is_six: bool = False) -> int | None:
    """The EPSG code of a Gauss-Kruger zone by its central meridian, no zone number in eastings.

    Examples
    --------
    >>> meridian_code(4490, 108), meridian_code(4490, 105, is_six=True), meridian_code(4490, 107)
    (4545, 4507, None)
    """
    if is_six and base in _ZONES_6:
        zone, rest = divmod(meridian + 3, 6)
        inside = _FIRST_6 <= zone <= _LAST_6 and not rest
        return _ZONES_6[base][1] + zone - _FIRST_6 if inside else None
    zone, rest = divmod(meridian, 3)
    inside = _FIRST_3 <= zone <= _LAST_3 and not rest and base in _ZONES_3
    return _ZONES_3[base][1] + zone - _FIRST_3 if inside else None


def zones_of(base: int) -> list[int]:
    """Every Gauss-Kruger zone of China on a datum: 3 degrees, then 6, without and with the zone number.

    Examples
    --------
    >>> zones_of(4490)[11], len(zones_of(4490))
    (4545, 64)
    """
    threes, sixes = range(_LAST_3 - _FIRST_3 + 1), range(_LAST_6 - _FIRST_6 + 1)
    prefixed_3, plain_3 = _ZONES_3[base]
    prefixed_6, plain_6 = _ZONES_6[base]
    return [
        *(plain_3 + zone for zone in threes),
        *(prefixed_3 + zone for zone in threes),
        *(plain_6 + zone for zone in sixes),
        *(prefixed_6 + zone for zone in sixes),
    ]


def metric_crs(lon: float, lat: float) -> str:
    """The system to measure a place in: CGCS2000 3-degree zone in China, UTM elsewhere.

    Examples
    --------
    >>> metric_crs(107.35, 22.41), metric_crs(24.94, 60.17)
    ('EPSG:4545', 'EPSG:32635')
    """
    west, south, east, north = _CHINA
    if west <= lon < east and south <= lat <= north:
        zone = min(max(int((lon + 1.5) // 3), _FIRST_3), _LAST_3)
        return f"EPSG:{_ZONES_3[CGCS2000][1] + zone - _FIRST_3}"
    return f"EPSG:{(32601 if lat >= 0 else 32701) + int((lon + 180) // 6) % 60}"


def base_of(datum: Datum) -> int:
    """The geographic system a datum's zones belong to; CGCS2000 where it is none of China's.

    Examples
    --------
    >>> base_of(read_datum("EPSG:2360")), base_of(read_datum("WGS84"))
    (4610, 4490)
    """
    geodetic = _crs(datum.epsg_or_wkt).geodetic_crs
    name = geodetic.name.casefold() if geodetic is not None else ""
    return XIAN80 if "xian" in name else BEIJING54 if "beijing" in name else CGCS2000


def is_metric(datum: Datum) -> bool:
    """Whether lengths may be measured in a system: projected, in metres, not any Mercator web map.

    Examples
    --------
    >>> [is_metric(read_datum(text)) for text in ("EPSG:4545", "EPSG:4490", "EPSG:3857", "GCJ-02")]
    [True, False, False, False]
    """
    crs = _crs(datum.epsg_or_wkt)
    if datum.shifted or not crs.is_projected:
        return False
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    in_metres = all(axis.unit_conversion_factor == 1 for axis in crs.axis_info[:2])
    return in_metres and "Pseudo" not in method and not method.startswith("Mercator")


def is_distorted(datum: Datum, lon: float, lat: float) -> bool:
    """Whether lengths near a place are wrong by more than one per cent in a metric system."""
    from pyproj import Proj

    factors = Proj(_crs(datum.epsg_or_wkt)).get_factors(lon, lat)
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return bool(not np.all(np.abs(scales - 1) <= _MOST_DISTORTION))


def lonlat_of(pairs: Pairs, datum: Datum) -> Pairs:
    """WGS 84 degrees of coordinate pairs, one row a pair; infinite where there are none."""
    if datum.known:
        found = _moved(pairs, datum.epsg_or_wkt, f"EPSG:{WGS84}")
    elif datum.is_geographic:
        found = pairs
    else:
        geodetic = _geodetic_code(datum)
        found = _moved(pairs, datum.epsg_or_wkt, geodetic)
    if datum.shifted == "GCJ-02":
        return np.column_stack(shift.wgs84_from_gcj02(found[:, 0], found[:, 1]))
    if datum.shifted == "BD-09":
        return np.column_stack(shift.wgs84_from_bd09(found[:, 0], found[:, 1]))
    return found


def metric_of(pairs: Pairs, datum: Datum, target: str) -> Pairs:
    """Coordinate pairs in the metric system ``target``."""
    if datum.shifted or datum.known:
        return _moved(lonlat_of(pairs, datum), f"EPSG:{_equal_to_wgs84(target)}", target)
    if datum.label == target:
        return pairs
    source = datum.epsg_or_wkt
    if source == f"EPSG:{WGS84}":
        source = f"EPSG:{_equal_to_wgs84(target)}"
    return _moved(pairs, source, target)


def is_plausible(lonlat: Pairs, datum: Datum) -> NDArray[np.bool_]:
    """Which places can be meant: on Earth, not at 0°, 0°, not far outside the system's own area."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    on_earth = (np.abs(lon) <= _MOST_LON) & (np.abs(lat) <= _MOST_LAT)
    west, south, east, north = _area_of_use(datum)
    near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    null = (np.abs(lon) < _NULL_ISLAND_DEG) & (np.abs(lat) < _NULL_ISLAND_DEG)
    return np.asarray(on_earth & near & ~null)


def is_inside(lonlat: Pairs, bounds: Bounds, *, margin_deg: float = 0.5) -> NDArray[np.bool_]:
    """Which places lie in a box of degrees or near it."""
    west, south, east, north = bounds
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside = (lon >= west - margin_deg) & (lon <= east + margin_deg)
    return np.asarray(inside & (lat >= south - margin_deg) & (lat <= north + margin_deg))


def meridian_candidates(easting: float, northing: float, base: int) -> list[tuple[str, Pairs]]:
    """Every 3-degree zone an easting without zone number could mean, with where that would be."""
    pair = np.array([[easting, northing]])
    found = []
    for zone in range(_FIRST_3, _LAST_3 + 1):
        datum = _by_code(str(meridian_code(base, zone * 3)))
        if datum is not None:
            found.append((datum.label, lonlat_of(pair, datum)))
    return found


def _area_of_use(datum: Datum) -> Bounds:
    area = _crs(datum.epsg_or_wkt).area_of_use
    if datum.shifted or area is None or area.west > area.east:
        return (-180.0, -90.0, 180.0, 90.0)
    return (
        area.west - _BEYOND_DEG,
        area.south - _BEYOND_DEG,
        area.east + _BEYOND_DEG,
        area.north + _BEYOND_DEG,
    )


def _geodetic_code(datum: Datum) -> str:
    geodetic = _crs(datum.epsg_or_wkt).geodetic_crs
    return str(geodetic.to_wkt()) if geodetic is not None else f"EPSG:{WGS84}"


def _equal_to_wgs84(target: str) -> int:
    """The geographic system to start from: CGCS2000 itself when the target is on it."""
    geodetic = _crs(target).geodetic_crs
    name = geodetic.name if geodetic is not None else ""
    return CGCS2000 if name.startswith("China Geodetic Coordinate System 2000") else WGS84


def _moved(pairs: Pairs, source: str, target: str) -> Pairs:
    if not len(pairs):
        return pairs
    moved = _transformer(source, target).transform(pairs[:, 0], pairs[:, 1])
    return np.column_stack(moved)


@cache
def _transformer(source: str, target: str) -> Transformer:
    from pyproj import Transformer as Make
    from pyproj import network

    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    return Make.from_crs(_crs(source), _crs(target), always_xy=True)


@cache
def _crs(text: str) -> CRS:
    from pyproj import CRS as Make  # noqa: N811 - heavy

    return Make.from_user_input(text)


def _by_code(code: str) -> Datum | None:
    datum = Datum(f"EPSG:{int(code)}", f"EPSG:{int(code)}")
    return datum if _measures_places(datum.epsg_or_wkt) else None


def _by_definition(text: str) -> Datum | None:
    if not _measures_places(text):
        return None
    crs = _crs(text)
    if crs.is_geographic and crs.name in {"WGS 84", "WGS 84 (CRS84)"}:
        return _by_code(str(WGS84))
    authority = crs.to_authority(min_confidence=70)
    if authority is not None and authority[0] == "EPSG":
        return _by_code(authority[1])
    return Datum(crs.name, text)


def _measures_places(text: str) -> bool:
    """Whether pyproj knows a system of this text, in degrees or projected."""
    from pyproj.exceptions import ProjError

    try:
        crs = _crs(text)
        if crs.is_projected and crs.geodetic_crs is not None:
            _transformer(text, crs.geodetic_crs.to_wkt())
    except ProjError:
        return False
    return bool(crs.is_geographic or crs.is_projected)


def to_wgs84(geometry: NDArray[np.object_], crs: str | None) -> NDArray[np.object_]:
    """The same geometries in WGS 84 degrees, longitude first; ``None`` stays ``None``."""
    datum = None if crs is None else read_datum(crs)
    if datum is None:
        return geometry
    moved: NDArray[np.object_] = shapely.transform(geometry, lambda xy: lonlat_of(xy, datum))
    return moved
