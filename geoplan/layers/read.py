"""The files of a study to its typed layers: the order of steps and the table of formats.

Belongs here: which reader opens which suffix, what is refused and in which order a layer is
understood. Does not belong here: any step itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from geoplan.errors import DataError, Problem, Remark
from geoplan.layers.check import CheckedRows, check_rows, missing_columns
from geoplan.layers.contracts import LAYERS
from geoplan.layers.datum import Bounds, is_distorted, is_metric, lonlat_of, metric_crs, read_datum
from geoplan.layers.formats.osm import read_osm
from geoplan.layers.formats.parquet import read_parquet
from geoplan.layers.formats.parts import PHASES
from geoplan.layers.formats.sheet import list_sheets, read_csv, read_workbook
from geoplan.layers.formats.vector import list_parts, read_vector
from geoplan.layers.headings import Matched, match_headings
from geoplan.layers.homes import CheckedHomes, check_homes
from geoplan.layers.model import Homes, Layer, Layers, Roads, Source
from geoplan.layers.raw import RawTable, Register, refuse
from geoplan.layers.repair import single_lines
from geoplan.layers.shapes import (
    Drawn,
    draw_layer,
    event_remarks,
    outside_remarks,
    overlap_remarks,
    to_metres,
)
from geoplan.layers.values import is_blank, plain
from geoplan.study import LayerFile, Study
from geoplan.terms import Words

Reader = Callable[[LayerFile, str], RawTable]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".gpkg": read_vector,
        ".geojson": read_vector,
        ".json": read_vector,
        ".shp": read_vector,
        ".fgb": read_vector,
        ".gdb": read_vector,
        ".kml": read_vector,
        ".parquet": read_parquet,
        ".geoparquet": read_parquet,
        ".csv": read_csv,
        ".tsv": read_csv,
        ".txt": read_csv,
        ".xlsx": read_workbook,
        ".xlsm": read_workbook,
        ".osm": read_osm,
        ".pbf": read_osm,
        ".graphml": read_osm,
    }
)

_CONVERT: Mapping[str, Words] = MappingProxyType(
    dict.fromkeys(
        (".mdb", ".accdb"),
        Words(
            "请在 ArcGIS 中转为 .gdb、Shapefile 或 GeoPackage。",
            "Convert it to .gdb, shapefile or GeoPackage in ArcGIS.",
        ),
    )
    | dict.fromkeys(
        (".dwg", ".dxf", ".dgn"),
        Words(
            "请在 CAD 或 QGIS 中转为 GeoPackage，并写明坐标系。",
            "Convert it to GeoPackage in QGIS and state its coordinate system.",
        ),
    )
    | dict.fromkeys(
        (".wp", ".wl", ".wt", ".mpj", ".hdf", ".hdb"),
        Words("请在 MapGIS 中转为 Shapefile。", "Convert it to a shapefile in MapGIS."),
    )
    | dict.fromkeys(
        (".xls", ".et", ".ods", ".numbers"),
        Words("请在 Excel 或 WPS 中另存为 .xlsx。", "Save it as .xlsx in Excel or WPS."),
    )
    | dict.fromkeys(
        (".kmz", ".ovkml", ".ovkmz", ".ovjsn"),
        Words(
            '请导出为 .kml 或 GeoJSON；奥维数据请写 crs = "GCJ-02"。',
            'Export it as .kml or GeoJSON; for 奥维 data write crs = "GCJ-02".',
        ),
    )
    | dict.fromkeys(
        (".zip", ".rar", ".7z", ".gz", ".tar", ".bz2"),
        Words("请先解压。", "Unpack it first."),
    )
    | dict.fromkeys(
        (".pdf", ".doc", ".docx", ".wps", ".jpg", ".jpeg", ".png", ".tif", ".tiff"),
        Words("请提供电子表格或矢量数据。", "Provide a spreadsheet or vector data."),
    )
)
_HEADS: Mapping[str, bytes] = MappingProxyType(
    {
        ".gpkg": b"SQLite format 3\0",
        ".xlsx": b"PK",
        ".xlsm": b"PK",
        ".fgb": b"fgb",
        ".parquet": b"PAR1",
        ".geoparquet": b"PAR1",
        ".shp": b"\0\0\x27\x0a",
    }
)
_LOOKS: Mapping[bytes, str] = MappingProxyType(
    {
        b"SQLite format 3": ".gpkg",
        b"PK": ".xlsx / .zip",
        b"fgb": ".fgb",
        b"PAR1": ".parquet",
        b"\0\0\x27\x0a": ".shp",
        b"\xd0\xcf\x11\xe0": ".xls / .et",
        b"%PDF": ".pdf",
        b"AC10": ".dwg",
        b"\0\1\0\0Standard": ".mdb",
        b"Rar!": ".rar",
    }
)
_POLYGON_LAYERS = ("divisions", "communities", "residential_communities", "compounds")
_PLACED_LAYERS = ("compounds", "projects", "facilities", "premises", "homes")
_MARGIN_M = 1000.0


@dataclass(frozen=True, slots=True)
class _Opened:
    """A layer that could be read, with its columns understood."""

    file: LayerFile
    shown: str
    sha256: str
    raw: RawTable
    matched: Matched


@dataclass(frozen=True, slots=True)
class _Built:
    """A finished layer with its source and remarks."""

    layer: Any
    source: Source
    remarks: tuple[Remark, ...]


def read_layers(study: Study) -> Layers:
    """Read every layer of a study.

    Raises
    ------
    DataError
        with every problem of every layer at once.
    """
    opened, problems = _open_all(study)
    drawn, misplaced = _draw_all(opened)
    target, refused = _working_crs(study, drawn)
    problems = [*problems, *misplaced, *refused]
    metric = {} if problems or target is None else _to_metres(drawn, target)
    checked = {layer: _check(found) for layer, found in opened.items() if layer != "roads"}
    problems += [problem for rows in checked.values() for problem in rows.problems]
    problems += _without_lines(opened, drawn) if not problems else []
    if problems:
        raise DataError(problems)
    built = {
        layer: _build(opened[layer], metric.get(layer), checked.get(layer)) for layer in opened
    }
    remarks = [remark for made in built.values() for remark in made.remarks]
    return Layers(
        crs=target if drawn else None,
        sources=tuple(made.source for made in built.values()),
        remarks=(*remarks, *_outside(built)),
        **{layer: made.layer for layer, made in built.items()},
    )


def _open_all(study: Study) -> tuple[dict[str, _Opened], list[Problem]]:
    opened: dict[str, _Opened] = {}
    problems: list[Problem] = []
    for file in _files(study, problems):
        try:
            found = _open(file, study)
        except DataError as error:
            problems += error.problems
            continue
        faults = [*found.matched.problems]
        faults += missing_columns(found.raw, found.matched, file.layer) if not faults else []
        problems += faults
        if not faults:
            opened[file.layer] = found
    return opened, problems


def _files(study: Study, problems: list[Problem]) -> list[LayerFile]:
    """The files in the fixed order of layers, with the phases that stand beside the projects."""
    files = {
        layer: replace(file, path=study.folder / file.path) for layer, file in study.layers.items()
    }
    projects = files.get("projects")
    if projects is not None and "phases" not in files:
        try:
            part = _phases_part(projects)
        except DataError:
            part = None  # the projects themselves will say what is wrong with the file
        if part is not None:
            files["phases"] = LayerFile(
                "phases", projects.path, encoding=projects.encoding, sheet=part, sublayer=part
            )
    unknown = [layer for layer in files if layer not in LAYERS]
    problems += [_unknown_layer(layer, str(study.layers[layer].path)) for layer in unknown]
    return [files[layer] for layer in LAYERS if layer in files]


def _phases_part(projects: LayerFile) -> str | None:
    suffix = projects.path.suffix.lower()
    if not projects.path.exists() or suffix not in {".gpkg", ".gdb", ".xlsx", ".xlsm"}:
        return None
    _look_at(projects, str(projects.path))
    parts = list_sheets(projects.path) if suffix.startswith(".xls") else list_parts(projects.path)
    return next((part for part in parts if plain(part) in PHASES), None)


def _open(file: LayerFile, study: Study) -> _Opened:
    shown = _shown(file.path, study.folder)
    reader = _reader(file, shown)
    _look_at(file, shown)
    raw = reader(file, shown)
    matched = match_headings(
        raw.headings,
        file.layer,
        where=shown,
        override=file.columns,
        is_numeric=lambda column: _is_numeric(raw.cells(column)),
    )
    return _Opened(file, shown, _sha256(file.path), raw, matched)


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _reader(file: LayerFile, shown: str) -> Reader:
    suffix = file.path.suffix.lower()
    if not file.path.exists():
        raise refuse(
            shown,
            Words("文件不存在", "the file does not exist"),
            Words(
                f"请核对 study.toml 中 [layers] {file.layer} 的路径。",
                f"Check the path of {file.layer} under [layers] in study.toml.",
            ),
        )
    if suffix in READERS:
        return READERS[suffix]
    remedy = _CONVERT.get(suffix) or Words(
        f"可用的格式：{' '.join(READERS)}。", f"The formats are: {' '.join(READERS)}."
    )
    raise refuse(
        shown,
        Words(
            f"geoplan 不读 {suffix or '无后缀'} 文件",
            f"geoplan does not read {suffix or 'such'} files",
        ),
        remedy,
    )


def _look_at(file: LayerFile, shown: str) -> None:
    """Refuse a file that is empty or whose first bytes are those of another format."""
    if file.path.is_dir():
        if file.path.suffix.lower() == ".gdb":
            return
        raise refuse(
            shown,
            Words("这是文件夹", "this is a folder"),
            Words("请写文件的路径。", "Name a file."),
        )
    with file.path.open("rb") as stream:
        head = stream.read(64)
    if not head.strip():
        raise refuse(
            shown,
            Words("文件是空的", "the file is empty"),
            Words("请重新导出或重新拷贝。", "Export or copy it again."),
        )
    suffix = file.path.suffix.lower()
    looks = next((kind for start, kind in _LOOKS.items() if head.startswith(start)), None)
    is_text = READERS.get(suffix) is read_csv or suffix in {".geojson", ".json", ".kml"}
    expected = _HEADS.get(suffix)
    if (expected is not None and not head.startswith(expected)) or (is_text and looks is not None):
        hint_zh = f"，像是 {looks} 文件" if looks else ""
        hint_en = f"; it looks like {looks}" if looks else ""
        raise refuse(
            shown,
            Words(f"内容不是 {suffix} 格式{hint_zh}", f"the content is not {suffix}{hint_en}"),
            Words("请改正后缀或重新导出。", "Correct the suffix or export it again."),
        )


def _is_numeric(cells: Sequence[object]) -> bool:
    said = [cell for cell in cells[:200] if not is_blank(cell)]
    return bool(said) and all(_is_number(cell) for cell in said)


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) or plain(cell).replace(".", "", 1).isdigit()


def _sha256(path: Path) -> str:
    """Of the file; of every file of a folder, or of every part of a shapefile, in name order."""
    parts = [path]
    if path.is_dir():
        parts = [part for part in path.rglob("*") if part.is_file()]
    elif path.suffix.lower() == ".shp":
        parts = [part for part in path.parent.iterdir() if part.stem == path.stem]
    digest = hashlib.sha256()
    for part in sorted(parts):
        with part.open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):  # noqa: B023 - used at once
                digest.update(block)
    return digest.hexdigest()


def _draw_all(opened: Mapping[str, _Opened]) -> tuple[dict[str, Drawn], list[Problem]]:
    """The shapes of every layer; a table that needs to know the area is tried again with it."""
    drawn: dict[str, Drawn] = {}
    puzzles: list[str] = []
    for layer, found in opened.items():
        shapes = draw_layer(found.file, found.raw, found.matched, area=None)
        if isinstance(shapes, Problem):
            puzzles.append(layer)
        elif shapes is not None:
            drawn[layer] = shapes
    area = _area(drawn)
    problems = []
    for layer in puzzles:
        found = opened[layer]
        shapes = draw_layer(found.file, found.raw, found.matched, area=area)
        if isinstance(shapes, Problem):
            problems.append(shapes)
    return drawn, problems


def _places(drawn: Mapping[str, Drawn]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """The middles, in degrees, of the first layer that has a place."""
    for shapes in drawn.values():
        middles = shapes.middles()
        known = middles[np.isfinite(middles[:, 0])]
        if len(known):
            return lonlat_of(known, shapes.datum)
    return None


def _area(drawn: Mapping[str, Drawn]) -> Bounds | None:
    places = _places(drawn)
    if places is None:
        return None
    low, high = places.min(axis=0), places.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _working_crs(
    study: Study, drawn: Mapping[str, Drawn]
) -> tuple[str | None, tuple[Problem, ...]]:
    """The metric system: the study's own, or the one of the place."""
    places = _places(drawn)
    lon, lat = np.median(places, axis=0) if places is not None else (None, None)
    if study.crs is None:
        return (None if lon is None else metric_crs(float(lon), float(lat))), ()
    datum = read_datum(study.crs)
    if datum is None or not is_metric(datum):
        return None, (_not_metric(study.crs),)
    if lon is not None and is_distorted(datum, float(lon), float(lat)):
        return None, (_too_far(study.crs, metric_crs(float(lon), float(lat))),)
    return datum.label, ()


def _to_metres(drawn: Mapping[str, Drawn], target: str) -> dict[str, Drawn]:
    return {layer: to_metres(shapes, layer, target) for layer, shapes in drawn.items()}


def _check(found: _Opened) -> CheckedRows | CheckedHomes:
    if found.file.layer == "homes":
        return check_homes(found.raw, found.matched)
    return check_rows(found.raw, found.matched, found.file.layer)


def _build(
    found: _Opened, metric: Drawn | None, checked: CheckedRows | CheckedHomes | None
) -> _Built:
    if isinstance(checked, CheckedHomes):
        return _build_homes(found, metric, checked)
    if isinstance(checked, CheckedRows):
        return _build_rows(found, metric, checked)
    return _build_roads(found, metric)


def _build_rows(found: _Opened, metric: Drawn | None, checked: CheckedRows) -> _Built:
    layer = found.file.layer
    register = checked.register(layer)
    shapes = _kept_shapes(metric, checked.kept)
    source = _source(found, metric, len(checked.rows))
    said = _said(found, metric, checked.remarks, _by_position(found, checked.kept, register.ids))
    if shapes is not None and layer in _POLYGON_LAYERS:
        said += overlap_remarks(shapes, register)
    return _Built(Layer(checked.rows, shapes, source), source, tuple(said))


def _build_homes(found: _Opened, metric: Drawn | None, checked: CheckedHomes) -> _Built:
    shapes = _kept_shapes(metric, checked.kept)
    source = _source(found, metric, len(checked.kept))
    if shapes is None:
        shapes = np.full(len(checked.kept), None, dtype=object)
    homes = Homes(
        ids=checked.ids,
        geometry=shapes,
        community=checked.community,
        compound=checked.compound,
        source=source,
        **checked.counts,
    )
    register = _by_position(found, checked.kept, checked.ids)
    return _Built(homes, source, tuple(_said(found, metric, checked.remarks, register)))


def _build_roads(found: _Opened, metric: Drawn | None) -> _Built:
    shapes = metric.shapes if metric is not None else np.empty(0, dtype=object)
    lines, without = single_lines(shapes)
    register = Register("roads", found.raw.rows, [""] * len(found.raw.rows))
    source = _source(found, metric, len(found.raw.rows) - len(without))
    said = _said(found, metric, (), register)
    if len(without):
        detail = Words("不是线，未采用", "these are no lines and were not used")
        said.append(register.remark("NO_LINE", detail, without, set_aside=True))
    return _Built(Roads(lines, source), source, tuple(said))


def _kept_shapes(metric: Drawn | None, kept: Any) -> Any:
    if metric is None or np.equal(metric.shapes, None).all():
        return None
    return metric.shapes[kept]


def _by_position(found: _Opened, kept: Any, ids: Sequence[object]) -> Register:
    """A register by position in the raw table, for what is said of shapes."""
    own: list[object] = [""] * len(found.raw.rows)
    for at, name in zip(kept, ids, strict=True):
        own[at] = name
    return Register(found.file.layer, found.raw.rows, own)


def _said(
    found: _Opened, metric: Drawn | None, checked: Sequence[Remark], register: Register
) -> list[Remark]:
    before = [
        *(replace(remark, layer=found.file.layer) for remark in found.raw.remarks),
        *found.matched.remarks,
    ]
    if metric is None:
        return [*before, *checked]
    return [*before, *metric.remarks, *checked, *event_remarks(metric, register)]


def _source(found: _Opened, metric: Drawn | None, rows_kept: int) -> Source:
    return Source(
        layer=found.file.layer,
        path=found.shown,
        sha256=found.sha256,
        crs=metric.datum.label if metric is not None else None,
        encoding=found.raw.encoding,
        rows_read=len(found.raw.rows),
        rows_kept=rows_kept,
        headings=found.matched.headings,
    )


def _outside(built: Mapping[str, _Built]) -> list[Remark]:
    """Rows of any layer far outside the divisions."""
    divisions = built.get("divisions")
    if divisions is None or divisions.layer.geometry is None:
        return []
    area = [shape for shape in divisions.layer.geometry if shape is not None]
    remarks: list[Remark] = []
    for layer in _PLACED_LAYERS:
        made = built[layer].layer if layer in built else None
        if made is not None and made.geometry is not None:
            remarks += outside_remarks(made.geometry, area, _MARGIN_M, _register(layer, made))
    return remarks


def _register(layer: str, made: Layer[Any] | Homes) -> Register:
    if isinstance(made, Homes):
        return Register(layer, np.arange(1, len(made.ids) + 1), made.ids.tolist())
    rows = np.array([row.row for row in made.rows], dtype=np.int64)
    return Register(layer, rows, [row.id for row in made.rows])


def _without_lines(opened: Mapping[str, _Opened], drawn: Mapping[str, Drawn]) -> list[Problem]:
    if "roads" not in opened or "roads" in drawn:
        return []
    return [
        Problem(
            opened["roads"].shown,
            Words("道路图层没有线", "the layer roads holds no lines"),
            Words("请提供道路中心线的线图层。", "Provide the centre lines of the streets."),
        )
    ]


def _unknown_layer(layer: str, path: str) -> Problem:
    return Problem(
        path,
        Words(f"没有名为 {layer} 的图层", f'there is no layer called "{layer}"'),
        Words(f"可用的图层：{'、'.join(LAYERS)}。", f"The layers are: {', '.join(LAYERS)}."),
    )


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
