"""A study as plain sheets, before anyone has chosen a format, a heading or a way of writing.

A :class:`Draft` is one layer on its way to a file: headings, cells and places, and how they are to
be written. ``changes.py`` rewrites drafts in ways that must not matter; ``files.py`` writes them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import geopandas
import openpyxl
import pandas as pd
import shapely

from geoplan.layers.tables.headings import match_headings

CRS = "EPSG:4545"
REPOSITORY = Path(__file__).parents[2]
LEFT_OUT = ("homes", "roads", "gates")  # of the sample: they decide no verdict and take long

POLYGONS = ("divisions", "communities", "residential_communities", "compounds")
NUMBERS = (
    "population",
    "pop_60plus",
    "pop_65plus",
    "pop_under3",
    "households",
    "planned_households",
    "beds",
    "nursing_beds",
    "full_time_beds",
    "day_seats",
    "places",
    "inclusive_places",
    "enrolled",
    "cost_yuan",
    "rent_yuan_per_year",
)
DAYS = ("lease_start", "lease_end", "available_from", "as_of")
YES_NO = (
    "filed",
    "open_to_public",
    "counts_for_community",
    "land_clause",
    "full_time_care",
    "day_care",
    "home_visit",
    "technical_support",
)


@dataclass(frozen=True, slots=True)
class Draft:
    """One layer on its way to a file.

    ``fields`` are the keys of the columns, ``""`` for one that geoplan does not know; ``headings``
    what stands above them. ``rows`` are records, ``others`` are lines that are no records, each
    with the position it goes before. ``shapes`` are in EPSG:4545, or ``None`` once the places
    stand in columns. ``options`` go to the writer, ``entry`` into study.toml.
    """

    layer: str
    fields: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    shapes: tuple[shapely.Geometry | None, ...] | None
    container: str
    others: tuple[tuple[int, tuple[object, ...]], ...] = ()
    above: tuple[tuple[object, ...], ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    entry: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_table(self) -> bool:
        """Whether it goes out as text or as a workbook."""
        return self.container in TABLES


TABLES = frozenset({"csv", "xlsx"})


def kind_of(key: str) -> str:
    """``number``, ``day``, ``yes`` or ``text``: how the cells of a field are written."""
    if key in NUMBERS or key.endswith("_m2"):
        return "number"
    if key in DAYS or key.endswith("_date"):
        return "day"
    return "yes" if key in YES_NO else "text"


@cache
def sample() -> tuple[Draft, ...]:
    """The sample study: nine layers, none of which is a network."""
    boundaries, facilities = REPOSITORY / "data" / "boundaries", REPOSITORY / "data" / "facilities"
    return (
        *(_vector(layer, boundaries / f"{layer}.gpkg") for layer in POLYGONS),
        _sheet("projects", facilities / "projects.xlsx", "projects"),
        _sheet("phases", facilities / "projects.xlsx", "phases"),
        _text("facilities", facilities / "facilities.csv"),
        _text("premises", facilities / "premises.csv"),
        _text("reported", REPOSITORY / "data" / "reported.csv"),
    )


@cache
def town() -> tuple[Draft, ...]:
    """A street of four blocks with homes, gates and footpaths, small enough to walk by hand."""
    blocks = range(4)
    west, south = 430_000.0, 2_475_000.0

    def box(x: float, y: float, width: float, height: float) -> shapely.Geometry:
        return shapely.box(west + x, south + y, west + x + width, south + y + height)

    def point(x: float, y: float) -> shapely.Geometry:
        return shapely.Point(west + x, south + y)

    lines = [((x * 100, 0), (x * 100, 400)) for x in range(21)]
    lines += [((0, y * 100), (2000, y * 100)) for y in range(5)]
    return (
        _made(
            "divisions",
            ("division_code", "name", "county", "population", "pop_60plus", "pop_under3"),
            [
                (f"45140200{at + 1}", f"第{at}街道", "江州区", "12400", "1830", "310")
                for at in range(2)
            ],
            [box(at * 1000, 0, 1000, 400) for at in range(2)],
        ),
        _made(
            "communities",
            ("community_id", "name", "urban_class", "population", "households"),
            [
                (f"45140200{at // 2 + 1}00{at % 2 + 1}", f"第{at}社区", "111", "6200", "2100")
                for at in blocks
            ],
            [box(at * 500, 0, 500, 400) for at in blocks],
        ),
        _made(
            "residential_communities",
            ("rc_id", "name", "population"),
            [(f"R{at}", f"第{at}居住社区", ("5000", "12000", "4999", "8000")[at]) for at in blocks],
            [box(at * 500 + 20, 20, 460, 360) for at in blocks],
        ),
        _made(
            "compounds",
            ("compound_id", "name", "households", "stock"),
            [
                (f"X{at}", f"第{at}小区", ("333", "1000", "200", "1437")[at], "existing")
                for at in blocks
            ],
            [box(at * 500 + 110, 110, 180, 180) for at in blocks],
        ),
        _made(
            "facilities",
            (
                "facility_id",
                "name",
                "facility_type",
                "status",
                "open_date",
                "functions",
                "places",
                "filed",
                "floor_area_m2",
            ),
            [
                (
                    "F1",
                    "综合中心",
                    "街道综合性养老服务中心",
                    "运营",
                    "2019-10-01",
                    "全托、日托、上门服务、技术支撑",
                    "",
                    "",
                    "1200",
                ),
                (
                    "F2",
                    "东里托育园",
                    "托育机构",
                    "运营",
                    "2021-12-25",
                    "",
                    "1060",
                    "是",
                    "49.95",
                ),
                ("F3", "西里驿站", "养老服务站", "运营", "2022-03-05", "", "", "", "1150.5"),
                ("F4", "托育二园", "托育机构", "在建", "", "", "60", "否", "320"),
            ],
            [
                point(*spot)
                for spot in (
                    (143.37, 147.81),
                    (712.29, 143.63),
                    (1180.91, 230.17),
                    (1733.43, 161.59),
                )
            ],
        ),
        _made(
            "homes",
            ("home_id", "households", "population", "pop_60plus", "pop_under3"),
            [
                (f"B{at:02d}", str(20 + at), str(61 + 3 * at), str(9 + at), str(2 + at % 3))
                for at in range(24)
            ],
            [point(43.19 + at * 81.07, 57.71 + (at * 97) % 300) for at in range(24)],
        ),
        _made(
            "gates",
            ("gate_id", "compound", "name"),
            [(f"G{at}", f"X{at}", f"第{at}大门") for at in blocks],
            [point(at * 500 + 110, 143.27) for at in blocks],
        ),
        _made(
            "roads",
            ("road_name",),
            [(f"第{at}路",) for at in range(len(lines))],
            [
                shapely.LineString([(west + x, south + y) for x, y in _every_100_m(*line)])
                for line in lines
            ],
        ),
    )


def _every_100_m(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """The corners a street passes, for streets meet where they share a vertex."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1])) // 100
    return [
        (
            start[0] + (end[0] - start[0]) * at // steps,
            start[1] + (end[1] - start[1]) * at // steps,
        )
        for at in range(steps + 1)
    ]


def _made(
    layer: str,
    fields: tuple[str, ...],
    rows: list[tuple[str, ...]],
    shapes: list[shapely.Geometry],
) -> Draft:
    return Draft(layer, fields, fields, tuple(rows), tuple(shapes), "gpkg")


def _vector(layer: str, path: Path) -> Draft:
    frame = geopandas.read_file(path)
    headings = tuple(name for name in frame.columns if name != "geometry")
    cells = zip(*(map(_said, frame[name]) for name in headings), strict=True)
    return _draft(layer, headings, list(cells), tuple(frame.geometry), "gpkg")


def _sheet(layer: str, path: Path, name: str) -> Draft:
    sheet = openpyxl.load_workbook(path)[name]
    heading, *rows = sheet.iter_rows(values_only=True)
    return _draft(layer, tuple(map(_said, heading)), [tuple(map(_said, row)) for row in rows])


def _text(layer: str, path: Path) -> Draft:
    with path.open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    return _draft(layer, tuple(heading), [tuple(row) for row in rows])


def _said(cell: object) -> str:
    """A cell as text: whole numbers without their point, days without their hour."""
    if pd.isna(cell):
        return ""
    text = str(cell)
    return text.removesuffix(".0").removesuffix(" 00:00:00")


def _draft(
    layer: str,
    headings: tuple[str, ...],
    rows: list[tuple[str, ...]],
    shapes: tuple[shapely.Geometry, ...] | None = None,
    container: str = "csv",
) -> Draft:
    """A draft of what a file says, its coordinates turned into shapes."""
    matched = match_headings(
        headings, layer, where=layer, override={}, is_numeric=lambda _: headings[0] != ""
    )
    keys = {column: key for key, column in matched.columns.items()}
    fields = tuple(keys.get(at, "") for at in range(len(headings)))
    if not {"lon", "lat"} <= set(fields):
        return Draft(layer, fields, headings, tuple(rows), shapes, container)
    lon, lat = fields.index("lon"), fields.index("lat")
    spots = geopandas.GeoSeries(
        [
            shapely.Point(float(row[lon]), float(row[lat])) if row[lon] and row[lat] else None
            for row in rows
        ],
        crs="EPSG:4490",
    ).to_crs(CRS)
    kept = [at for at in range(len(headings)) if at not in (lon, lat)]
    return Draft(
        layer,
        tuple(fields[at] for at in kept),
        tuple(headings[at] for at in kept),
        tuple(tuple(row[at] for at in kept) for row in rows),
        tuple(spots),
        container,
    )
