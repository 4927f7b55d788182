"""Checked columns and metric shapes put together to a finished layer with its source.

Belongs here: the last step of each kind of layer, and rows that lie outside the study area. Does
not belong here: reading or judging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geoplan.errors import Remark
from geoplan.layers.model import Homes, Layer, Roads, Source
from geoplan.layers.places.layer_shapes import (
    Drawn,
    event_remarks,
    outside_remarks,
    overlap_remarks,
)
from geoplan.layers.places.metric_ground import Opened
from geoplan.layers.places.repair import Shapes, single_lines
from geoplan.layers.raw_table import Register, Rows, listing
from geoplan.layers.records.home_rows import CheckedHomes, check_homes
from geoplan.layers.records.typed_rows import CheckedRows, check_rows
from geoplan.terms import Words

_POLYGON_LAYERS = ("divisions", "communities", "residential_communities", "compounds")
_PLACED_LAYERS = ("compounds", "projects", "facilities", "premises", "homes", "gates")
_MARGIN_M = 1000.0


@dataclass(frozen=True, slots=True)
class Built:
    """A finished layer with its source and remarks."""

    layer: Any
    source: Source
    remarks: tuple[Remark, ...]
    register: Register


def check_opened(found: Opened) -> CheckedRows | CheckedHomes:
    """The typed columns or rows of a layer."""
    if found.file.layer == "homes":
        return check_homes(found.raw, found.matched, found.file)
    return check_rows(found.raw, found.matched, found.file)


def build_layer(
    found: Opened, metric: Drawn | None, checked: CheckedRows | CheckedHomes | None
) -> Built:
    """The finished layer of a file."""
    if isinstance(checked, CheckedHomes):
        return _build_homes(found, metric, checked)
    if isinstance(checked, CheckedRows):
        return _build_rows(found, metric, checked)
    return _build_roads(found, metric)


def _build_rows(found: Opened, metric: Drawn | None, checked: CheckedRows) -> Built:
    layer = found.file.layer
    register = checked.register(layer)
    shapes = _kept_shapes(metric, checked.kept)
    source = _source(found, metric, len(checked.rows))
    said = _said(found, metric, checked, register.ids)
    if shapes is not None and layer in _POLYGON_LAYERS:
        said += overlap_remarks(shapes, register)
    return Built(Layer(checked.rows, shapes, source), source, tuple(said), register)


def _build_homes(found: Opened, metric: Drawn | None, checked: CheckedHomes) -> Built:
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
    said = _said(found, metric, checked, checked.ids.tolist())
    register = Register("homes", found.raw.rows[checked.kept], checked.ids.tolist())
    return Built(homes, source, tuple(said), register)


def _build_roads(found: Opened, metric: Drawn | None) -> Built:
    """The single lines; a feature without a line is set aside."""
    shapes = metric.shapes if metric is not None else np.empty(0, dtype=object)
    lines, without = single_lines(shapes)
    source = _source(found, metric, len(found.raw.rows) - len(without))
    said = _said_first(found, metric)
    register = Register("roads", found.raw.rows, [""] * len(found.raw.rows))
    if len(without):
        rows = listing([int(register.rows[at]) for at in without])
        detail = Words(f"第 {rows} 行不是线，未采用", f"rows {rows} are no lines and were not used")
        said.append(register.remark("NO_LINE", detail, without, set_aside=True))
    return Built(Roads(lines, source), source, tuple(said), register)


def _kept_shapes(metric: Drawn | None, kept: Rows) -> Shapes | None:
    return metric.shapes[kept] if metric is not None and metric.has_place else None


def _by_position(found: Opened, kept: Rows, ids: Sequence[object]) -> Register:
    """A register by position in the raw table, for what is said of shapes."""
    own = np.full(len(found.raw.rows), "", dtype=object)
    own[kept] = ids
    return Register(found.file.layer, found.raw.rows, own.tolist())


def _said(
    found: Opened,
    metric: Drawn | None,
    checked: CheckedRows | CheckedHomes,
    ids: Sequence[object],
) -> list[Remark]:
    """Everything that is to be said of a layer, in the order of its making."""
    before = [*_said_first(found, metric), *checked.remarks]
    if metric is None:
        return before
    register = _by_position(found, checked.kept, ids)
    return [*before, *event_remarks(metric, register, checked.kept)]


def _said_first(found: Opened, metric: Drawn | None) -> list[Remark]:
    """What reading the file, its headings and its datum had to decide."""
    raw = (replace(remark, layer=found.file.layer) for remark in found.raw.remarks)
    return [*raw, *found.matched.remarks, *(metric.remarks if metric is not None else ())]


def _source(found: Opened, metric: Drawn | None, rows_kept: int) -> Source:
    return Source(
        layer=found.file.layer,
        path=found.shown,
        sha256=found.sha256,
        crs=metric.datum.label if metric is not None and metric.has_place else None,
        encoding=found.raw.encoding,
        rows_read=len(found.raw.rows),
        rows_kept=rows_kept,
        headings=found.matched.headings,
    )


def all_outside(built: Mapping[str, Built]) -> list[Remark]:
    """Rows of any layer far outside the divisions."""
    divisions = built.get("divisions")
    if divisions is None or divisions.layer.geometry is None:
        return []
    area = [shape for shape in divisions.layer.geometry if shape is not None]
    remarks: list[Remark] = []
    for layer in _PLACED_LAYERS:
        made = built[layer].layer if layer in built else None
        if made is not None and made.geometry is not None:
            remarks += outside_remarks(made.geometry, area, _MARGIN_M, built[layer].register)
    return remarks
