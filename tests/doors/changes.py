"""Changes of a layer that must not matter: the ways in which people send the same thing.

Each change rewrites a draft. Changes of one ``slot`` exclude each other; they are applied in the
order of ``SLOTS``, so that lines are put between rows after the columns are settled. A change that
does not fit a draft answers ``None``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from random import Random

import shapely
from pyproj import Transformer

from geoplan.layers.places import map_offsets as shift
from tests.doors.drafts import CRS, POLYGONS, REPOSITORY, Draft, kind_of
from tests.doors.files import add_columns, degrees

SLOTS = ("heading", "cell", "order", "place", "container", "writing", "line", "title")
Rewrite = Callable[[Draft, Random], Draft | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One way of sending the same layer."""

    name: str
    slot: str
    rewrite: Rewrite


CHANGES: dict[str, Change] = {}


def change(slot: str, name: str | None = None) -> Callable[[Rewrite], Rewrite]:
    """Enter a rewriting function into the table of changes."""

    def enter(rewrite: Rewrite) -> Rewrite:
        own = name or rewrite.__name__
        CHANGES[own] = Change(own, slot, rewrite)
        return rewrite

    return enter


# -------------------------------------------------------------------------------- headings


@cache
def _spellings(layer: str) -> Mapping[str, tuple[str, ...]]:
    """Every heading that means one field of a layer and no other, by field."""
    book = tomllib.loads((REPOSITORY / "geoplan/layers/tables/headings.toml").read_text("utf-8"))
    words, fields = book["words"], book["layer"][layer]
    lists = {
        field: [text for entry in entries for text in words.get(entry, [entry])]
        for field, entries in fields.items()
    }
    weak = {text for name in ("own_code", "registered_population", "registered_households")
            for text in words[name]} | set(book["ambiguous"])  # fmt: skip
    everywhere = [text.casefold() for texts in lists.values() for text in texts]
    return {
        field: tuple(
            text
            for text in texts
            if text not in weak and everywhere.count(text.casefold()) == 1 and text.isprintable()
        )
        for field, texts in lists.items()
    }


def _renamed(draft: Draft, name: Callable[[str, str], str]) -> Draft:
    headings = tuple(
        name(field, heading) if field else heading
        for field, heading in zip(draft.fields, draft.headings, strict=True)
    )
    return replace(draft, headings=headings)


@change("heading")
def keys_as_headings(draft: Draft, _: Random) -> Draft:
    return _renamed(draft, lambda field, _: field)


@change("heading")
def other_headings(draft: Draft, random: Random) -> Draft:
    spellings = _spellings(draft.layer)
    return _renamed(draft, lambda field, heading: random.choice(spellings.get(field) or (heading,)))


@change("heading")
def spaced_headings(draft: Draft, _: Random) -> Draft | None:
    if draft.container == "shp":
        return None
    return _renamed(draft, lambda _, heading: f" {heading[:1]} {heading[1:]}\u3000")


@change("heading")
def zero_width_headings(draft: Draft, _: Random) -> Draft | None:
    if draft.container == "shp":
        return None
    return _renamed(draft, lambda _, heading: f"\u200b{heading[:2]}\ufeff{heading[2:]}\u200d")


@change("heading")
def wide_headings(draft: Draft, _: Random) -> Draft:
    table = {at: at + 0xFEE0 for at in range(0x21, 0x7F)}
    return _renamed(draft, lambda _, heading: heading.translate(table))


# ----------------------------------------------------------------------------------- cells


def _rewritten(draft: Draft, kind: str, write: Callable[[str], object]) -> Draft | None:
    """The cells of one kind written otherwise, where they say anything."""
    if kind not in map(kind_of, filter(None, draft.fields)):
        return None
    own = [bool(field) and kind_of(field) == kind for field in draft.fields]
    rows = tuple(
        tuple(
            write(cell) if mine and isinstance(cell, str) and cell else cell
            for mine, cell in zip(own, row, strict=True)
        )
        for row in draft.rows
    )
    return replace(draft, rows=rows)


def _number(write: Callable[[str], object]) -> Rewrite:
    def rewrite(draft: Draft, _: Random) -> Draft | None:
        return _rewritten(draft, "number", lambda cell: write(cell) if _is_number(cell) else cell)

    return rewrite


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()


def _as_ten_thousands(cell: str) -> str:
    return f"{Decimal(cell) / 10_000:f}万" if Decimal(cell) >= 10_000 else cell


for _name, _write in {
    "thousands": lambda cell: f"{Decimal(cell):,}",
    "wide_thousands": lambda cell: f"{Decimal(cell):,}".replace(",", "，"),
    "wide_digits": lambda cell: cell.translate({at: at + 0xFEE0 for at in range(0x30, 0x3A)}),
    "spaced_numbers": lambda cell: f"\u00a0{cell} ",
    "zero_width_numbers": lambda cell: f"{cell[:1]}\u200b{cell[1:]}\ufeff",
    "ten_thousands": _as_ten_thousands,
    "decimals": lambda cell: f"{cell}.00" if "." not in cell else f"{cell}0",
    "real_numbers": float,
    "apostrophes": lambda cell: f"'{cell}",
}.items():
    change("cell", _name)(_number(_write))


@change("cell")
def units_in_cells(draft: Draft, _: Random) -> Draft | None:
    if draft.layer == "reported":
        return None  # there the unit is a column
    units = {
        "m2": "㎡",
        "households": "户",
        "population": "人",
        "pop": "人",
        "places": "个",
        "beds": "张",
    }
    own = [
        next((unit for word, unit in units.items() if field and word in field.split("_")), "")
        if field and kind_of(field) == "number"
        else ""
        for field in draft.fields
    ]
    if not any(own):
        return None
    rows = tuple(
        tuple(
            f"{cell}{unit}" if unit and cell else cell for unit, cell in zip(own, row, strict=True)
        )
        for row in draft.rows
    )
    return replace(draft, rows=rows)


def _day(write: Callable[[date], object]) -> Rewrite:
    def rewrite(draft: Draft, _: Random) -> Draft | None:
        return _rewritten(
            draft,
            "day",
            lambda cell: write(date.fromisoformat(cell)) if len(cell) == 10 else cell,
        )

    return rewrite


_HAN = "〇一二三四五六七八九"


def _han(number: int) -> str:
    """Of 25 二十五."""
    tens, ones = divmod(number, 10)
    ten = {0: "", 1: "十"}.get(tens, f"{_HAN[tens]}十")
    return ten + (_HAN[ones] if ones else "")


for _name, _write_day in {
    "days_with_slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "days_with_dots": lambda day: f"{day.year}.{day.month:02d}.{day.day:02d}",
    "days_in_words": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "days_in_han": lambda day: (
        f"{''.join(_HAN[int(d)] for d in str(day.year))}年{_han(day.month)}月{_han(day.day)}日"
    ),
    "days_of_eight_digits": lambda day: f"{day:%Y%m%d}",
    "days_with_hours": lambda day: f"{day.isoformat()} 00:00:00",
    "days_with_zone": lambda day: f"{day.isoformat()}T00:00:00+08:00",
    "days_wide": lambda day: f"{day.year}－{day.month:02d}－{day.day:02d}",
}.items():
    change("cell", _name)(_day(_write_day))


@change("cell")
def days_as_excel_has_them(draft: Draft, random: Random) -> Draft | None:
    changed = _day(lambda day: datetime(day.year, day.month, day.day))(draft, random)  # noqa: DTZ001
    return None if changed is None else replace(changed, container="xlsx")


@change("cell")
def days_since_1904(draft: Draft, random: Random) -> Draft | None:
    changed = days_as_excel_has_them(draft, random)
    return changed and replace(changed, options={**changed.options, "calendar": "1904"})


for _pair in (("有", "无"), ("√", "×"), ("Y", "N"), ("1", "0"), ("TRUE", "FALSE"), ("是 ", " 否")):

    def _yes_no(draft: Draft, _: Random, pair: tuple[str, str] = _pair) -> Draft | None:
        said = {"是": pair[0], "否": pair[1]}
        return _rewritten(draft, "yes", lambda cell: said.get(cell, cell))

    change("cell", f"yes_no_{_pair[0].strip()}")(_yes_no)


@change("cell")
def other_words(draft: Draft, random: Random) -> Draft | None:
    """Another spelling of the same word, where the vocabulary has one."""
    groups = {field: _words(field) for field in ("facility_type", "status", "tenure", "position")}
    own = [groups.get(field, {}) for field in draft.fields]
    if not any(own):
        return None
    rows = tuple(
        tuple(
            random.choice(words[cell]) if isinstance(cell, str) and cell in words else cell
            for words, cell in zip(own, row, strict=True)
        )
        for row in draft.rows
    )
    return replace(draft, rows=rows)


@cache
def _words(group: str) -> Mapping[str, tuple[str, ...]]:
    """Each spelling of a group of words to all spellings that mean the same."""
    book = tomllib.loads((REPOSITORY / "geoplan/terms.toml").read_text("utf-8"))
    return {
        spelling: (key, entry["zh"], *entry.get("also", ()))
        for key, entry in book.get(group, {}).items()
        for spelling in (key, entry["zh"], *entry.get("also", ()))
    }


for _blank in ("—", "/", "-", "#N/A", "\u3000", "待定"):

    def _blanks(draft: Draft, _: Random, blank: str = _blank) -> Draft | None:
        """Blank numbers and days, not words: an unknown status is no blank one."""
        own = [bool(field) and kind_of(field) in {"number", "day"} for field in draft.fields]
        rows = tuple(
            tuple(
                blank if mine and cell == "" else cell for mine, cell in zip(own, row, strict=True)
            )
            for row in draft.rows
        )
        return replace(draft, rows=rows) if rows != draft.rows else None

    change("cell", f"blank_as_{_blank.strip() or 'wide_space'}")(_blanks)


def _ids(write: Callable[[str], str]) -> Rewrite:
    def rewrite(draft: Draft, _: Random) -> Draft | None:
        own = [field.endswith(("_id", "_code")) or field == "name" for field in draft.fields]
        rows = tuple(
            tuple(
                write(cell) if mine and isinstance(cell, str) and cell else cell
                for mine, cell in zip(own, row, strict=True)
            )
            for row in draft.rows
        )
        return replace(draft, rows=rows) if rows != draft.rows else None

    return rewrite


for _name, _write in {
    "spaces_around_ids": lambda cell: f" {cell}\u3000",
    "zero_width_in_ids": lambda cell: f"{cell[:1]}\u200b{cell[1:]}",
    "mark_before_ids": lambda cell: f"\ufeff{cell}",
}.items():
    change("cell", _name)(_ids(_write))


@change("cell")
def codes_as_numbers(draft: Draft, _: Random) -> Draft | None:
    """Codes of digits as a program makes numbers of them, where no zero is lost."""
    own = [field.endswith(("_id", "_code")) for field in draft.fields]
    rows = tuple(
        tuple(
            float(cell)
            if mine and isinstance(cell, str) and cell.isdigit() and cell[0] != "0"
            else cell
            for mine, cell in zip(own, row, strict=True)
        )
        for row in draft.rows
    )
    return replace(draft, rows=rows, container="xlsx") if rows != draft.rows else None


# ----------------------------------------------------------------------------------- order


@change("order")
def rows_shuffled(draft: Draft, random: Random) -> Draft:
    order = random.sample(range(len(draft.rows)), len(draft.rows))
    shapes = draft.shapes and tuple(draft.shapes[at] for at in order)
    return replace(draft, rows=tuple(draft.rows[at] for at in order), shapes=shapes)


@change("order")
def columns_shuffled(draft: Draft, random: Random) -> Draft:
    order = random.sample(range(len(draft.headings)), len(draft.headings))
    return replace(
        draft,
        fields=tuple(draft.fields[at] for at in order),
        headings=tuple(draft.headings[at] for at in order),
        rows=tuple(tuple(row[at] for at in order) for row in draft.rows),
    )


@change("order")
def strange_columns(draft: Draft, _: Random) -> Draft:
    more = ("审核意见", "颜色")
    return replace(
        draft,
        fields=(*draft.fields, "", ""),
        headings=(*draft.headings, *more),
        rows=tuple((*row, "同意, 已阅", "红;绿") for row in draft.rows),
    )


@change("order")
def numbered_rows(draft: Draft, _: Random) -> Draft:
    return replace(
        draft,
        fields=("", *draft.fields),
        headings=("序号", *draft.headings),
        rows=tuple((str(at), *row) for at, row in enumerate(draft.rows, 1)),
    )


# ---------------------------------------------------------------------------------- places


def _is_points(draft: Draft) -> bool:
    shapes = [shape for shape in draft.shapes or () if shape is not None]
    return bool(shapes) and all(shape.geom_type == "Point" for shape in shapes)


def _points(
    headings: Sequence[str],
    write: Callable[[float, float], Sequence[object]],
    *,
    crs: str,
    transform: Callable[[shapely.Geometry], tuple[float, float]] = degrees,
) -> Rewrite:
    """The places of a layer of points, written into columns."""

    def rewrite(draft: Draft, _: Random) -> Draft | None:
        if not _is_points(draft) or draft.layer == "gates":
            return None
        blank = [""] * len(headings)
        cells = [blank if s is None else write(*transform(s)) for s in draft.shapes or ()]
        placed = add_columns(draft, [""] * len(headings), headings, cells, crs=crs)
        return placed if placed.is_table else replace(placed, container="csv")

    return rewrite


def _gcj(point: shapely.Geometry) -> tuple[float, float]:
    return _shifted(point, shift.gcj02_from_wgs84)


def _bd(point: shapely.Geometry) -> tuple[float, float]:
    lon, lat = _gcj(point)
    return _plain(*shift.bd09_from_gcj02(*_array(lon, lat)))


def _shifted(
    point: shapely.Geometry, by: Callable[..., tuple[object, object]]
) -> tuple[float, float]:
    return _plain(*by(*_array(*degrees(point))))


def _array(lon: float, lat: float) -> tuple[object, object]:
    import numpy as np

    return np.array([lon]), np.array([lat])


def _plain(lon: object, lat: object) -> tuple[float, float]:
    return float(lon[0]), float(lat[0])  # type: ignore[index]


def _metres(epsg: str) -> Callable[[shapely.Geometry], tuple[float, float]]:
    to = Transformer.from_crs(CRS, epsg, always_xy=True)
    return lambda point: to.transform(point.x, point.y)


def _dms(value: float) -> tuple[int, int, str]:
    whole = round(value * 3600, 6)
    return int(whole // 3600), int(whole % 3600 // 60), f"{whole % 60:.6f}"


def _written(pattern: str) -> Callable[[float, float], Sequence[str]]:
    return lambda lon, lat: [pattern.format(*_dms(value)) for value in (lon, lat)]


def _minutes(value: float) -> str:
    return f"{int(value)}°{value % 1 * 60:.8f}′"


_LONLAT = ("经度", "纬度")
for _name, _rewrite in {
    "degrees": _points(_LONLAT, lambda x, y: (f"{x:.9f}", f"{y:.9f}"), crs="EPSG:4490"),
    "gcj02": _points(
        _LONLAT, lambda x, y: (f"{x:.10f}", f"{y:.10f}"), crs="GCJ-02", transform=_gcj
    ),
    "bd09": _points(_LONLAT, lambda x, y: (f"{x:.10f}", f"{y:.10f}"), crs="BD-09", transform=_bd),
    "dms": _points(_LONLAT, _written("{}°{}′{}″"), crs="EPSG:4490"),
    "dms_plain": _points(_LONLAT, _written("{}°{}'{}\""), crs="EPSG:4490"),
    "dms_words": _points(_LONLAT, _written("{}度{}分{}秒"), crs="EPSG:4490"),
    "dms_dashes": _points(_LONLAT, _written("{}-{}-{}"), crs="EPSG:4490"),
    "dms_spaces": _points(_LONLAT, _written("{} {} {}"), crs="EPSG:4490"),
    "dms_colons": _points(_LONLAT, _written("{}:{}:{}"), crs="EPSG:4490"),
    "decimal_minutes": _points(_LONLAT, lambda x, y: (_minutes(x), _minutes(y)), crs="EPSG:4490"),
    "east_north_letters": _points(
        _LONLAT, lambda x, y: (f"{x:.9f}°E", f"{y:.9f}°N"), crs="EPSG:4490"
    ),
    "columns_swapped": _points(_LONLAT, lambda x, y: (f"{y:.9f}", f"{x:.9f}"), crs="EPSG:4490"),
    "one_cell": _points(("经纬度",), lambda x, y: (f"{x:.9f},{y:.9f}",), crs="EPSG:4490"),
    "one_cell_wide": _points(("坐标",), lambda x, y: (f"（{x:.9f}，{y:.9f}）",), crs="EPSG:4490"),
    "northing_easting": _points(
        ("X", "Y"), lambda x, y: (f"{y:.7f}", f"{x:.7f}"), crs=CRS, transform=_metres(CRS)
    ),
    "with_zone_number": _points(
        ("X", "Y"),
        lambda x, y: (f"{y:.7f}", f"{x:.7f}"),
        crs="EPSG:4524",
        transform=_metres("EPSG:4524"),
    ),
}.items():
    change("place", _name)(_rewrite)


def _texts(heading: str, write: Callable[[shapely.Geometry], str], crs: str) -> Rewrite:
    """The places of any layer as a text of geometry in one column."""

    def rewrite(draft: Draft, _: Random) -> Draft | None:
        if draft.shapes is None:
            return None
        cells = [("" if shape is None else write(shape),) for shape in draft.shapes]
        placed = add_columns(draft, ("",), (heading,), cells, crs=crs)
        return placed if placed.is_table else replace(placed, container="csv")

    return rewrite


change("place", "wkt")(_texts("WKT", lambda s: shapely.to_wkt(s, rounding_precision=6), CRS))
change("place", "wkt_small")(
    _texts("geometry", lambda s: shapely.to_wkt(s, rounding_precision=6).lower(), CRS)
)
change("place", "ewkt")(
    _texts("geom", lambda s: f"SRID=4545;{shapely.to_wkt(s, rounding_precision=6)}", CRS)
)
change("place", "wkb")(_texts("wkb_geometry", lambda s: shapely.to_wkb(s, hex=True), CRS))


# ------------------------------------------------------------------------------ containers


def _into(container: str, **options: str) -> Rewrite:
    def rewrite(draft: Draft, _: Random) -> Draft | None:
        placeless = draft.shapes is None or any(shape is None for shape in draft.shapes)
        if container not in {"csv", "xlsx"} and placeless:
            return None
        if container.startswith("shp") and draft.layer not in POLYGONS:
            return None  # too many columns of facilities share their first ten bytes
        return replace(draft, container=container, options={**draft.options, **options})

    return rewrite


for _encoding in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"):
    change("container", f"csv_{_encoding}")(_into("csv", encoding=_encoding))
for _word, _separator in {"tab": "\t", "semicolon": ";", "bar": "|"}.items():
    change("container", f"csv_{_word}")(_into("csv", separator=_separator))
for _container in (
    "xlsx", "gpkg", "geojson", "shp", "shp_utf8", "zip", "fgb", "gdb", "parquet", "kml", "kmz", "ovkml",
):  # fmt: skip
    change("container", _container)(_into(_container))


@change("writing")
def number_format_of_thousands(draft: Draft, _: Random) -> Draft | None:
    """Numbers as a workbook holds them, shown with separators."""
    changed = _rewritten(draft, "number", lambda cell: float(cell) if _is_number(cell) else cell)
    if changed is None:
        return None
    options = {**draft.options, "number_format": "#,##0.00"}
    return replace(changed, container="xlsx", options=options)


# ----------------------------------------------------------------------------------- lines


def _first_word(draft: Draft, *words: str) -> list[object]:
    """A line with words in the first cells and nothing after."""
    return [*words, *[""] * (len(draft.headings) - len(words))]


def _sums(draft: Draft, start: int, end: int, word: str, column: int = 0) -> list[object] | None:
    """A line of totals of the rows between two positions."""
    line: list[object] = [""] * len(draft.headings)
    for at, field in enumerate(draft.fields):
        if field and kind_of(field) == "number":
            numbers = [
                Decimal(row[at])
                for row in draft.rows[start:end]
                if isinstance(row[at], str) and _is_number(row[at])
            ]
            line[at] = str(sum(numbers)) if numbers else ""
    if not any(line) or line[column]:
        return None
    line[column] = word
    return line


def _line(word: str, where: str, *, summed: bool, column: str = "first") -> Rewrite:
    def rewrite(draft: Draft, random: Random) -> Draft | None:
        if draft.layer == "reported" or any(draft.others):
            return None
        size = len(draft.rows)
        at = {"end": size, "start": 0}.get(where, random.randrange(1, size))
        texts = [i for i, f in enumerate(draft.fields) if f and kind_of(f) == "text"]
        cell = {"first": 0, "name": draft.fields.index("name") if "name" in draft.fields else 0,
                "any": random.choice(texts)}[column]  # fmt: skip
        line = _sums(draft, 0, at or size, word, cell) if summed else _first_word(draft, word)
        return line and replace(draft, others=((at, tuple(line)),))

    return rewrite


for _word in (
    "合计",
    "小计",
    "总 计",
    "累计",
    "全区合计",
    "江州区合计",
    "太平街道小计",
    "本页合计",
    "合　计",
):
    change("line", f"total_{_word}")(_line(_word, "end", summed=True))
change("line", "total_in_name")(_line("合计", "end", summed=True, column="name"))
change("line", "total_in_any_column")(_line("总计", "end", summed=True, column="any"))
change("line", "subtotal_between")(_line("第一片区小计", "between", summed=True))
for _word in ("一、城区部分", "（二）新区部分", "续表", "续表（二）"):
    change("line", f"section_{_word}")(_line(_word, "between", summed=False))
for _word in ("注：以上数据由各单位填报。", "填表人：某某", "备注：截至年末"):
    change("line", f"note_{_word[:2]}")(_line(_word, "end", summed=False))
change("line", "blank_line")(_line("", "between", summed=False))


@change("line")
def heading_repeated(draft: Draft, random: Random) -> Draft | None:
    if any(draft.others) or not draft.is_table:
        return None
    return replace(draft, others=((random.randrange(1, len(draft.rows)), draft.headings),))


@change("title")
def title_above(draft: Draft, _: Random) -> Draft | None:
    if not draft.is_table:
        return None
    return replace(draft, above=(("江州区基础数据一览表",), ("填报单位：江州区",)))


@change("title")
def unit_row(draft: Draft, _: Random) -> Draft | None:
    """Units in a line of their own below the heading."""
    if not draft.is_table or any(draft.others):
        return None
    units = {"m2": "㎡", "households": "户", "population": "人", "places": "个"}
    line = tuple(
        next((unit for word, unit in units.items() if field and word in field.split("_")), "")
        for field in draft.fields
    )
    return replace(draft, others=((0, line),)) if any(line) else None
