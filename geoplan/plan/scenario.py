"""A change to the facilities of a city: open, close, change; applied to layers, never in place.

Belongs here: the kinds of change and how each alters the layers. Does not belong here: which
change is worth making (``programme``), or what it does to the indicators (``assess`` says that).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import DataError, Problem
from geoplan.layers.formats.vectors.nesting import is_deep_wkt
from geoplan.layers.model import Facility, Layer, Layers, Source, rows_of
from geoplan.plan.given import load_json
from geoplan.terms import Words

_TYPES = {each.name: str(each.type) for each in fields(Facility) if each.name != "row"}
_COLUMNS = frozenset(_TYPES) - {"id"}


@dataclass(frozen=True, slots=True)
class Open:
    """A facility that was not there: its row, and its place in the study's metric CRS if any."""

    facility: Facility
    place: shapely.Geometry | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """A facility that closes on a day."""

    facility: str
    day: date


@dataclass(frozen=True, slots=True)
class Change:
    """Columns of a facility that become other values: it is resized, converted, shared anew.

    ``values`` are by column of :class:`~geoplan.layers.model.Facility`.
    """

    facility: str
    values: Mapping[str, Any] = field(default_factory=dict)


Edit = Open | Close | Change


def apply(layers: Layers, edits: Iterable[Edit]) -> Layers:
    """The layers after the edits, in their order; what no edit names stays as it is.

    Raises
    ------
    DataError
        an edit opens a facility that is there, or names one that is not; all faults at once.

    Examples
    --------
    >>> source = Source("facilities", "f.csv", "", None, None, 1, 1)
    >>> kept = Facility(2, "F1", "elder_service_station", "")
    >>> city = Layers(None, facilities=Layer((kept,), None, source))
    >>> new = Facility(0, "F2", "childcare_institution", "")
    >>> [row.id for row in rows_of(apply(city, [Open(new)]).facilities)]
    ['F1', 'F2']
    >>> apply(city, [Close("F1", date(2024, 5, 1))]).facilities.rows[0].close_date
    datetime.date(2024, 5, 1)
    """
    changes = list(edits)
    if not changes:
        return layers
    rows = {row.id: row for row in rows_of(layers.facilities)}
    places = dict(zip(rows, _places(layers), strict=True))
    problems = []
    for edit in changes:
        problem = _fault(edit, rows)
        if problem is not None:
            problems.append(problem)
            continue
        if isinstance(edit, Open):
            last = max((row.row for row in rows.values()), default=1)
            rows[edit.facility.id] = replace(edit.facility, row=last + 1)
            places[edit.facility.id] = edit.place
        elif isinstance(edit, Close):
            rows[edit.facility] = replace(rows[edit.facility], close_date=edit.day)
        else:
            rows[edit.facility] = replace(rows[edit.facility], **edit.values)
    if problems:
        raise DataError(problems)
    return replace(layers, facilities=_layer(layers, rows, list(places.values())))


def _fault(edit: Edit, rows: Mapping[str, Facility]) -> Problem | None:
    key = edit.facility.id if isinstance(edit, Open) else edit.facility
    unknown = sorted(set(edit.values) - _COLUMNS) if isinstance(edit, Change) else []
    if isinstance(edit, Open) and key in rows:
        fault = Words("这个设施已经有了", "this facility is there already")
        remedy = Words("请换一个编号。", "Give it another id.")
    elif not isinstance(edit, Open) and key not in rows:
        fault = Words("没有这个设施", "there is no such facility")
        remedy = Words("请核对设施编号。", "Check the facility's id.")
    elif unknown:
        fault = Words(
            f"没有这些字段：{'、'.join(unknown)}", f"no such columns: {', '.join(unknown)}"
        )
        remedy = Words("请用设施图层的字段名。", "Use the columns of the layer of facilities.")
    else:
        return None
    return Problem(f"scenario: {key}", fault, remedy)


def _places(layers: Layers) -> Sequence[shapely.Geometry | None]:
    layer = layers.facilities
    if layer is None:
        return ()
    return [None] * len(layer.rows) if layer.geometry is None else list(layer.geometry)


def _layer(
    layers: Layers, rows: Mapping[str, Facility], places: Sequence[shapely.Geometry | None]
) -> Layer[Facility]:
    geometry: NDArray[np.object_] | None = None
    if any(place is not None for place in places):
        geometry = np.full(len(places), None, dtype=object)
        geometry[:] = places
    old = layers.facilities
    source = Source("facilities", "", "", layers.crs, None, 0, 0) if old is None else old.source
    return Layer(tuple(rows.values()), geometry, source)


# ------------------------------------------------------------------------------------ JSON


def edit_json(edit: Edit) -> dict[str, Any]:
    """An edit as it stands in a file: ``open`` with a row, ``close`` with a day, or ``change``.

    Examples
    --------
    >>> edit_json(Change("F1", {"floor_area_m2": Decimal("120.5"), "open_date": date(2024, 1, 2)}))
    {'change': 'F1', 'values': {'floor_area_m2': '120.5', 'open_date': '2024-01-02'}}
    """
    if isinstance(edit, Close):
        return {"close": edit.facility, "day": edit.day.isoformat()}
    if isinstance(edit, Change):
        values = {name: _to_json(value) for name, value in edit.values.items()}
        return {"change": edit.facility, "values": values}
    blank = Facility(0, "", "", "")
    values = {
        name: _to_json(getattr(edit.facility, name))
        for name in _TYPES
        if name in {"id", "facility_type", "name"}
        or getattr(edit.facility, name) != getattr(blank, name)
    }
    return {"open": values, "place": None if edit.place is None else shapely.to_wkt(edit.place, -1)}


def _to_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_to_json(each) for each in value]
    return value


def read_programme(path: str | Path, layers: Layers) -> tuple[tuple[Edit, ...], date]:
    """The edits of a programme that was written as JSON, and its last day.

    Parameters
    ----------
    path : what ``geoplan site --programme --json`` wrote.
    layers : of the study; places in the file are in its metric CRS.

    Raises
    ------
    DataError
        the file is no programme, or one for another CRS.
    """
    where = str(path)
    try:
        document = load_json(path)
        edits = tuple(_read_edit(each) for each in document["edits"])
        day, crs = date.fromisoformat(document["last_day"]), document["crs"]
    except OSError as error:
        fault = Words(f"打不开（{error.strerror}）", f"cannot be opened ({error.strerror})")
        remedy = Words("请检查文件名。", "Check the name of the file.")
        raise DataError(Problem(where, fault, remedy)) from None
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RecursionError,
        DecimalException,
        shapely.errors.GEOSException,
    ):
        fault = Words("不是 geoplan 的项目储备文件", "is no programme of geoplan")
        remedy = Words(
            "请用 geoplan site --programme --json 生成。",
            "Make one with geoplan site --programme --json.",
        )
        raise DataError(Problem(where, fault, remedy)) from None
    if crs != layers.crs:
        fault = Words(
            f"坐标系 {crs} 与研究的 {layers.crs} 不同", f"is in {crs}, the study in {layers.crs}"
        )
        remedy = Words("请在同一研究上重新生成。", "Make it again from the same study.")
        raise DataError(Problem(where, fault, remedy))
    return edits, day


def _read_edit(raw: Mapping[str, Any]) -> Edit:
    if "close" in raw:
        return Close(str(raw["close"]), date.fromisoformat(raw["day"]))
    if "change" in raw:
        return Change(str(raw["change"]), _read_values(raw["values"]))
    if is_deep_wkt(str(raw["place"])):
        raise ValueError("place")
    place = None if raw["place"] is None else shapely.from_wkt(raw["place"])
    return Open(Facility(row=0, **_read_values(raw["open"])), place)


def _read_values(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _from_json(_TYPES[name], value) for name, value in raw.items()}


def _from_json(kind: str, value: Any) -> Any:
    """A value of a column, by the column's type as it is written in the row's class."""
    if value is None:
        return None
    readers: dict[str, Callable[[Any], Any]] = {
        "Decimal": Decimal,
        "date": date.fromisoformat,
        "frozenset": lambda listed: frozenset(map(str, listed)),
        "tuple[tuple": lambda pairs: tuple((str(unit), Decimal(m2)) for unit, m2 in pairs),
        "tuple": lambda listed: tuple(map(str, listed)),
        "bool": bool,
        "str": str,
    }
    for start, read in readers.items():
        if kind.startswith(start):
            return read(value)
    raise ValueError(kind)
