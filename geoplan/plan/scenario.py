"""A change to the facilities of a city: open, close, change; applied to layers, never in place.

Belongs here: the kinds of change and how each alters the layers. Does not belong here: which
change is worth making (``programme``), or what it does to the indicators (``assess`` says that).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoplan.errors import DataError, Problem
from geoplan.layers.model import Facility, Layer, Layers, Source, rows_of
from geoplan.terms import Words

_COLUMNS = frozenset(each.name for each in fields(Facility)) - {"row", "id"}


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
