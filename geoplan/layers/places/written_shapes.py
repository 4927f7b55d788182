"""Shapes and places that a table writes in the cells of one column.

Belongs here: telling a column of WKT, EWKT, hexadecimal WKB, GeoJSON texts, ``lng,lat`` pairs or lists
of pairs by its content, and reading it. Does not belong here: two columns of coordinates, or in what
they are measured (``place.py``).

Most of what a column says must be of that kind. What then is not is told, and where that is more
than half the layer is refused: a table that reads half its places answers for half its rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from geoplan.errors import Problem, Remark
from geoplan.layers.formats.vectors.curves import is_curved, linearise
from geoplan.layers.places.coordinate_text import read_pair
from geoplan.layers.places.repair import COLLECTION, Shapes
from geoplan.layers.raw_table import POINTS, RawTable, Rows, listing
from geoplan.layers.tables.headings import Matched, normal_heading
from geoplan.layers.tables.values import is_blank
from geoplan.terms import Words

FIELD = "geometry"  # of study.toml's columns: which column is meant
_WKT = re.compile(
    r"\s*(?:SRID\s*=\s*(\d+)\s*;\s*)?"
    r"((?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY).*",
    re.IGNORECASE | re.DOTALL,
)
_HEX = re.compile(r"\s*(?:\\x|0x|X')?(0[01][0-9a-fA-F]{16,})'?\s*")
_JSON = re.compile(r'\s*\{.*"(?:coordinates|geometry|geometries)".*\}\s*', re.DOTALL)
_HINT = re.compile(
    r"坐标|经纬|位置|地理|范围|边界|四至|界址|coord|location|lng|lon|lat|gps|geo|point|xy|polyline|boundary"
)
_NAMED = re.compile(
    r".{0,4}坐标|经纬度?(?:坐标)?|坐标串|e?wk[tb]|(?:the_)?geom|ln?glat|lonlat|latln?g"
)
_DIGITS = re.compile(r"\d\.\d{3,}|\d[°度]")
_RING, _PLACES = re.compile(r"[|]|\n\s*\n"), re.compile(r"[;；\n]")
_CHINA_LON, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)
_LEAST_RING = 3
_SAMPLE = 200
_MOST_DEPTH = 8  # of collections in collections
_SRID_FLAG, _SRID_AT, _SRID_END = 0x20000000, 5, 9

Read = Callable[[str], tuple[shapely.Geometry | None, int]]


@dataclass(frozen=True, slots=True)
class Written:
    """The shapes of a column in its own coordinates; ``srid`` is what the cells say, 0 where nothing.

    ``unread`` are the rows that say something that is no shape.
    """

    column: int
    kind: Words
    shapes: Shapes
    srid: int
    unread: Rows

    @property
    def is_points(self) -> bool:
        """Whether the column holds no more than places."""
        kinds = shapely.get_type_id(self.shapes[~shapely.is_missing(self.shapes)])
        return bool(np.isin(kinds, list(POINTS)).all())


def find_written(raw: RawTable, matched: Matched) -> list[Written]:
    """Every column that holds shapes or places; only that one which study.toml or a heading names."""
    named = matched.columns.get(FIELD)
    if named is not None and (found := _column(raw, named)) is not None:
        return [found]
    columns = range(len(raw.columns))
    return [found for column in columns if (found := _column(raw, column)) is not None]


def find_unreadable(raw: RawTable, matched: Matched) -> tuple[int, Rows] | None:
    """A column whose heading promises places and of which too little can be read, with its rows."""
    for column, heading in enumerate(raw.headings):
        if column in matched.columns.values() or not _NAMED.fullmatch(_bare(heading)):
            continue
        said = np.array([not is_blank(cell) for cell in raw.cells(column)], dtype=bool)
        if said.any():
            return column, np.flatnonzero(said)
    return None


def _bare(heading: str) -> str:
    return normal_heading(heading).split("(")[0]


def _column(raw: RawTable, column: int) -> Written | None:
    cells = raw.columns[column]
    if isinstance(cells, np.ndarray) and cells.dtype.kind != "O":
        return None
    texts = [cell if isinstance(cell, str) and not is_blank(cell) else None for cell in cells]
    said = [text for text in texts if text is not None]
    kind = _kind_of(said[:_SAMPLE], raw.headings[column])
    return None if kind is None else _read_all(texts, column, kind)


def _kind_of(texts: Sequence[str], heading: str) -> str | None:
    """The kind that most of the cells have."""
    is_hinted = _HINT.search(normal_heading(heading)) is not None
    kinds = [_kind(text, is_hinted=is_hinted) for text in texts]
    found = max(_KINDS, key=kinds.count)
    return found if 2 * kinds.count(found) > len(texts) else None


def _kind(text: str, *, is_hinted: bool) -> str | None:
    for kind, pattern in (("WKT", _WKT), ("WKB", _HEX), ("GeoJSON", _JSON)):
        if pattern.fullmatch(text):
            return kind
    return "pairs" if _looks_like_pairs(text, is_hinted=is_hinted) else None


def _looks_like_pairs(text: str, *, is_hinted: bool) -> bool:
    """Two coordinates, or a list of them; without a telling heading only such as lie in China."""
    first = _first_pair(text)
    if first is None:
        return False
    if is_hinted:
        return True
    low, high = sorted(first)
    is_china = _CHINA_LAT[0] <= low <= _CHINA_LAT[1] and _CHINA_LON[0] <= high <= _CHINA_LON[1]
    return is_china and len(_DIGITS.findall(text)) > 1


def _first_pair(text: str) -> tuple[float, float] | None:
    return read_pair(text) or read_pair(_PLACES.split(_RING.split(text)[0])[0])


def _read_all(texts: Sequence[str | None], column: int, kind: str) -> Written:
    words, read = _KINDS[kind]
    shapes = np.full(len(texts), None, dtype=object)
    srids, unread = [], []
    for at, text in enumerate(texts):
        if text is None:
            continue
        shapes[at], srid = read(text)
        if shapes[at] is None:
            unread.append(at)
        else:
            srids.append(srid)
    common = max(set(srids), key=srids.count, default=0)
    return Written(column, words, shapes, common, np.array(unread, dtype=np.int64))


def _read_wkt(text: str) -> tuple[shapely.Geometry | None, int]:
    found = _WKT.fullmatch(text)
    if found is None or text.upper().count("COLLECTION") > _MOST_DEPTH:
        return None, 0
    body = text[text.index(";") + 1 :] if found[1] else text
    return shapely.from_wkt(body.strip(), on_invalid="ignore"), int(found[1] or 0)


def _read_hex(text: str) -> tuple[shapely.Geometry | None, int]:
    found = _HEX.fullmatch(text)
    if found is None or len(found[1]) % 2:
        return None, 0
    data = bytes.fromhex(found[1])
    order: Literal["little", "big"] = "little" if data[0] else "big"
    has_srid = int.from_bytes(data[1:_SRID_AT], order) & _SRID_FLAG
    srid = int.from_bytes(data[_SRID_AT:_SRID_END], order) if has_srid else 0
    is_nested = int.from_bytes(data[1:_SRID_AT], order) % 1000 % 256 == COLLECTION
    if is_curved(data) or is_nested:  # linearise() looks how deep a collection goes
        return linearise(data), srid
    return shapely.from_wkb(data, on_invalid="ignore"), srid


def _read_json(text: str) -> tuple[shapely.Geometry | None, int]:
    if text.count("GeometryCollection") > _MOST_DEPTH:
        return None, 0
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None, 0
    shape = said.get("geometry") if said.get("type") == "Feature" else said
    return shapely.from_geojson(json.dumps(shape), on_invalid="ignore"), 0


def _read_pairs(text: str) -> tuple[shapely.Geometry | None, int]:
    """A place, or the rings of a boundary as map services write them: ``lng,lat;…|lng,lat;…``."""
    pair = read_pair(text)
    if pair is not None:
        return shapely.Point(pair), 0
    rings = []
    for ring in _RING.split(text):
        pairs = [read_pair(each) for each in _PLACES.split(ring) if each.strip()]
        if len(pairs) < _LEAST_RING or None in pairs:
            return None, 0
        rings.append(shapely.Polygon(pairs))
    return rings[0] if len(rings) == 1 else shapely.multipolygons(rings), 0


_KINDS: dict[str, tuple[Words, Read]] = {
    "WKT": (Words("WKT", "WKT"), _read_wkt),
    "WKB": (Words("十六进制 WKB", "hexadecimal WKB"), _read_hex),
    "GeoJSON": (Words("GeoJSON 文本", "GeoJSON texts"), _read_json),
    "pairs": (Words("坐标对", "pairs of coordinates"), _read_pairs),
}


def written_remark(raw: RawTable, found: Written, layer: str) -> Remark:
    """Which column the places came from, and how it writes them."""
    heading = raw.headings[found.column]
    detail = Words(
        f"“{heading}”列写的是{found.kind.zh}，位置由此读取",
        f'column "{heading}" holds {found.kind.en}; the places were read from it',
    )
    return Remark("SHAPES_WRITTEN", detail, layer)


def several_written(raw: RawTable, found: Sequence[Written]) -> Problem:
    """Several columns could be the places, and nothing says which."""
    named = [raw.headings[each.column] for each in found]
    return Problem(
        raw.where,
        Words(
            f"几列都写着坐标或图形：{listing(named)}",
            f"several columns hold places or shapes: {listing(named)}",
        ),
        Words(
            f'请在 study.toml 该图层写明用哪一列：columns = {{ {FIELD} = "{named[0]}" }}，并写明其 crs。',
            f"Say in study.toml, at this layer, which one to take: "
            f'columns = {{ {FIELD} = "{named[0]}" }}, and its crs.',
        ),
    )


def unread_problem(raw: RawTable, columns: Sequence[int], unread: Rows) -> Problem:
    """More than half of what a table says of its places cannot be read."""
    named = listing([raw.headings[column] for column in columns])
    rows = listing([int(raw.rows[at]) for at in unread])
    cells = " / ".join(str(raw.cells(column)[int(unread[0])])[:60] for column in columns)
    return Problem(
        raw.where,
        Words(
            f"“{named}”列第 {rows} 行的坐标读不懂（如“{cells}”）",
            f'column "{named}", row {rows}: the coordinates cannot be read (such as "{cells}")',
        ),
        Words(
            "请写成十进制度（107.3535）、度分秒（107°21′12.6″）或米。",
            "Write decimal degrees (107.3535), degrees, minutes and seconds (107°21′12.6″), or metres.",
        ),
    )
