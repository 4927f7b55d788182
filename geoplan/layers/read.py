"""The files of a study to its typed layers: the order of steps and the table of formats.

Belongs here: which reader opens which suffix, what is refused and in which order a layer is
understood. Does not belong here: any step itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geoplan.errors import DataError, Problem, Remark
from geoplan.layers.contracts import LAYERS
from geoplan.layers.files import CONVERT, look_at, real_path, sha256_of
from geoplan.layers.formats.archives.zipped_layer import read_zip
from geoplan.layers.formats.drawings.dxf import read_dxf
from geoplan.layers.formats.drawings.kml import read_kml
from geoplan.layers.formats.parts import PHASES
from geoplan.layers.formats.streets.osm import read_osm
from geoplan.layers.formats.texts.sheet import list_sheets, read_csv, read_workbook
from geoplan.layers.formats.vectors.parquet import read_parquet
from geoplan.layers.formats.vectors.vector import list_parts, read_vector, unreadable
from geoplan.layers.layer_build import Built, all_outside, build_layer, check_opened
from geoplan.layers.model import Homes, Layers, Roads
from geoplan.layers.places.layer_agreement import doubt_remarks
from geoplan.layers.places.layer_shapes import Drawn
from geoplan.layers.places.metric_ground import Opened, all_to_metres, draw_all, working_crs
from geoplan.layers.places.stray_layers import find_apart
from geoplan.layers.places.united_shapes import unite_parts
from geoplan.layers.raw_table import RawTable, refuse
from geoplan.layers.records.overlong_cells import overlong_cells
from geoplan.layers.records.personal_particulars import (
    without_particulars,
    without_particulars_in_headings,
)
from geoplan.layers.records.typed_rows import missing_columns
from geoplan.layers.rows.row_order import homes_in_order, roads_in_order
from geoplan.layers.tables.headings import match_headings
from geoplan.layers.tables.invisible import without_invisible_cells
from geoplan.layers.tables.values import is_blank, plain
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
        ".dxf": read_dxf,
        ".kml": read_kml,
        ".kmz": read_kml,
        ".ovkml": read_kml,
        ".ovkmz": read_kml,
        ".parquet": read_parquet,
        ".geoparquet": read_parquet,
        ".csv": read_csv,
        ".tsv": read_csv,
        ".txt": read_csv,
        ".xlsx": read_workbook,
        ".xlsm": read_workbook,
        ".xls": read_workbook,
        ".et": read_workbook,
        ".zip": read_zip,
        ".osm": read_osm,
        ".pbf": read_osm,
        ".graphml": read_osm,
    }
)


PARTS: Mapping[str, Callable[[Path, str], list[str]]] = MappingProxyType(
    {
        ".gpkg": list_parts,
        ".gdb": list_parts,
        ".xlsx": list_sheets,
        ".xlsm": list_sheets,
        ".xls": list_sheets,
        ".et": list_sheets,
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a study: its sound layers, and every problem of the others.

    ``opened`` and ``drawn`` are the files as they stand, by layer.
    """

    layers: Layers
    problems: tuple[Problem, ...]
    opened: Mapping[str, Opened]
    drawn: Mapping[str, Drawn]


def read_layers(study: Study) -> Layers:
    """Read every layer of a study.

    Raises
    ------
    DataError
        with every problem of every layer at once.
    """
    reading = look_through(study)
    if reading.problems:
        raise DataError(reading.problems)
    return reading.layers


def look_through(study: Study) -> Reading:
    """Read whatever can be read; a layer with a problem is left out and its problems are told."""
    opened, problems = _open_all(study)
    drawn, misplaced = draw_all(opened)
    misplaced |= find_apart(opened, drawn)
    drawn = {layer: shapes for layer, shapes in drawn.items() if layer not in misplaced}
    target, refused = working_crs(study, drawn)
    metric = {} if target is None else all_to_metres(drawn, target)
    checked = {layer: check_opened(found) for layer, found in opened.items() if layer != "roads"}
    faults = {layer: [problem] for layer, problem in misplaced.items()}
    for layer, rows in checked.items():
        faults.setdefault(layer, []).extend(rows.problems)
    if not faults.get("roads"):
        faults.setdefault("roads", []).extend(_without_lines(opened, drawn))
    sound = [layer for layer in opened if not faults.get(layer) and not refused]
    built = {
        layer: build_layer(opened[layer], metric.get(layer), checked.get(layer)) for layer in sound
    }
    told = (problem for layer in opened for problem in faults.get(layer, ()))
    layers = replace(_together(built, metric, target), aliases=study.aliases)
    doubts = doubt_remarks(layers, drawn)
    layers = replace(layers, remarks=(*layers.remarks, *doubts))
    return Reading(layers, (*problems, *refused, *told), opened, drawn)


def _together(
    built: Mapping[str, Built], metric: Mapping[str, Drawn], target: str | None
) -> Layers:
    remarks = [remark for made in built.values() for remark in made.remarks]
    return Layers(
        crs=target if any(metric[layer].has_place for layer in built if layer in metric) else None,
        sources=tuple(made.source for made in built.values()),
        remarks=(*remarks, *all_outside(built)),
        **{layer: _in_order(made.layer) for layer, made in built.items()},
    )


def _in_order(layer: Any) -> Any:
    """A layer of arrays with its elements in order; rows keep the order of the file until used."""
    if isinstance(layer, Homes):
        return homes_in_order(layer)
    return roads_in_order(layer) if isinstance(layer, Roads) else layer


def _open_all(study: Study) -> tuple[dict[str, Opened], list[Problem]]:
    opened: dict[str, Opened] = {}
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
    if "projects" in files and "phases" not in files:
        files |= _phases_of(files["projects"])
    problems += [
        _unknown_layer(layer, _shown(file.path, study.folder))
        for layer, file in files.items()
        if layer not in LAYERS
    ]
    return [files[layer] for layer in LAYERS if layer in files]


def _phases_of(projects: LayerFile) -> dict[str, LayerFile]:
    """The phases in a second sheet or layer of the projects' file, if it has one.

    A file that cannot be opened has none; reading the projects will say what is wrong with it.
    """
    list_names = PARTS.get(projects.path.suffix.lower())
    if list_names is None or not projects.path.exists():
        return {}
    try:
        look_at(projects.path, "")
        names = list_names(projects.path, "")
    except Exception:  # noqa: BLE001 - see above
        return {}
    part = next((name for name in names if plain(name) in PHASES), None)
    if part is None:
        return {}
    mine = replace(projects, columns={}, skip_rows=(), keep_rows=())  # those are of the projects
    file = replace(mine, layer="phases", sheet=part, sublayer=part)
    return {"phases": file}


def _open(file: LayerFile, study: Study) -> Opened:
    shown = _shown(file.path, study.folder)
    where = f"{shown} ({file.layer})"
    reader = _reader(file, where)
    read = without_invisible_cells(_read_by(reader, file, where), file.layer)
    raw = without_particulars_in_headings(read)
    matched = match_headings(
        raw.headings,
        file.layer,
        where=where,
        override=file.columns,
        is_numeric=lambda column: _is_numeric(raw.cells(column)),
    )
    overlong = tuple(overlong_cells(raw, matched))
    if overlong:
        raise DataError(overlong)
    told = unite_parts(without_particulars(raw, matched, file.layer), matched, file.layer)
    return Opened(file, shown, sha256_of(file.path), told, matched)


def _read_by(reader: Reader, file: LayerFile, where: str) -> RawTable:
    """What a reader makes of a file.

    Whatever else goes wrong inside a reader is the file's doing, as the libraries behind it know no
    end of errors: it is refused with the error's own name. What is done with the rows afterwards is
    ours, and its errors are left to be seen.
    """
    try:
        look_at(file.path, where)
        read = reader(file, where)
    except DataError:
        raise
    except Exception as fault:
        raise unreadable(where, fault) from fault
    led = real_path(file.path)
    if led is None:
        return read
    detail = Words(f"文件名是链接，实际读取 {led}", f"the name is a link; what was read is {led}")
    return replace(read, remarks=(Remark("LINK_FOLLOWED", detail, file.layer), *read.remarks))


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _reader(file: LayerFile, where: str) -> Reader:
    suffix = file.path.suffix.lower()
    if not file.path.exists():
        raise refuse(
            where,
            Words("文件不存在", "the file does not exist"),
            Words(
                f"请核对 study.toml 中 [layers] {file.layer} 的路径。",
                f"Check the path of {file.layer} under [layers] in study.toml.",
            ),
        )
    if suffix in READERS:
        return READERS[suffix]
    remedy = CONVERT.get(suffix) or Words(
        f"可用的格式：{' '.join(READERS)}。", f"The formats are: {' '.join(READERS)}."
    )
    raise refuse(
        where,
        Words(
            f"geoplan 不读 {suffix or '无后缀'} 文件",
            f"geoplan does not read {suffix or 'such'} files",
        ),
        remedy,
    )


def _is_numeric(cells: Sequence[object]) -> bool:
    said = [cell for cell in cells[:200] if not is_blank(cell)]
    return bool(said) and all(_is_number(cell) for cell in said)


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) or plain(cell).replace(".", "", 1).isdigit()


def _without_lines(opened: Mapping[str, Opened], drawn: Mapping[str, Drawn]) -> list[Problem]:
    if "roads" not in opened or "roads" in drawn:
        return []
    return [
        Problem(
            opened["roads"].raw.where,
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
