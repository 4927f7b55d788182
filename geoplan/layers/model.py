"""What is there: the typed layers of a study.

Belongs here: the shape of a checked row and of a layer. Does not belong here: reading, cleaning
or judging. Numbers are exact (``Decimal``) and ``None`` where unknown; a day that was written
without its day or month stands for the last day it can mean, flagged in ``flags``. ``flags``
holds ``CODE:field`` words for whatever cleaning changed (``APPROX:floor_area_m2``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from geoplan.errors import Remark


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the city: what it is called wherever levels are told apart.

    Parameters
    ----------
    name : as results have it (``jiedao``).
    layer : the layer that holds its units.
    unit : the attribute of a place that names its unit of this level.
    declared : the field in which a row of another layer declares its unit.
    """

    name: str
    layer: str
    unit: str
    declared: str


# From the largest to the smallest.
LEVELS: Mapping[str, Level] = MappingProxyType(
    {
        each.name: each
        for each in (
            Level("jiedao", "divisions", "division", "jiedao"),
            Level("community", "communities", "community", "community"),
            Level("rc", "residential_communities", "rc", "rc"),
            Level("compound", "compounds", "compound", "compound"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layer came from; travels into every output.

    Parameters
    ----------
    layer : key of the layer (``divisions``).
    path : the file as written in study.toml.
    sha256 : of the file's bytes (for a folder or a multi-file format: of all its parts in name order).
    crs : what the coordinates were read as (``EPSG:4545``, ``GCJ-02``), or ``None`` without geometry.
    encoding : of the text, or ``None`` where the format fixes it.
    rows_read : rows that hold data (not titles, headings or blank lines).
    rows_kept : rows in the typed layer; ``rows_read - rows_kept`` are set aside by remarks.
    headings : (heading in the file, field key) in file order; key ``""`` where nothing matched.
    """

    layer: str
    path: str
    sha256: str
    crs: str | None
    encoding: str | None
    rows_read: int
    rows_kept: int
    headings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Division:
    """A township-level division: 街道, 镇, 乡 or other. ``kind`` is already settled from the code."""

    row: int
    id: str
    name: str
    kind: str
    county: str | None = None
    population: Decimal | None = None
    pop_60plus: Decimal | None = None
    pop_65plus: Decimal | None = None
    pop_under3: Decimal | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Community:
    """社区 or 行政村, with its 城乡分类代码 (``urban_class``) as three digits."""

    row: int
    id: str
    name: str
    jiedao: str | None = None
    urban_class: str | None = None
    population: Decimal | None = None
    households: Decimal | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResidentialCommunity:
    """居住社区: the planning unit of 5,000 to 12,000 residents."""

    row: int
    id: str
    name: str
    jiedao: str | None = None
    community: str | None = None
    population: Decimal | None = None
    households: Decimal | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compound:
    """住宅小区; ``stock`` is ``existing``, ``new`` or ``legacy_new``."""

    row: int
    id: str
    name: str
    jiedao: str | None = None
    community: str | None = None
    rc: str | None = None
    households: Decimal | None = None
    population: Decimal | None = None
    stock: str = "existing"
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """新建住宅项目 with the evidence of its stages. Booleans are ``None`` where silent.

    ``civil_affairs_opinion`` and ``health_opinion`` are ``True`` for 合格, ``False`` for 不合格.
    """

    row: int
    id: str
    name: str
    developer: str | None = None
    county: str | None = None
    jiedao: str | None = None
    community: str | None = None
    land_area_m2: Decimal | None = None
    housing_floor_m2: Decimal | None = None
    planned_households: Decimal | None = None
    phase_count: Decimal | None = None
    planning_condition_date: date | None = None
    land_contract_no: str | None = None
    land_grant_date: date | None = None
    land_clause: bool | None = None
    contract_elder_m2: Decimal | None = None
    contract_childcare_m2: Decimal | None = None
    land_permit_date: date | None = None
    scheme_review_date: date | None = None
    works_permit_no: str | None = None
    works_permit_date: date | None = None
    permit_elder_m2: Decimal | None = None
    permit_childcare_m2: Decimal | None = None
    construction_permit_no: str | None = None
    housing_start_date: date | None = None
    facility_start_date: date | None = None
    facility_phase: str | None = None
    facility_position: str | None = None
    facility_split: bool | None = None
    presale_date: date | None = None
    completion_check_date: date | None = None
    measured_elder_m2: Decimal | None = None
    measured_childcare_m2: Decimal | None = None
    housing_acceptance_date: date | None = None
    facility_acceptance_date: date | None = None
    civil_affairs_opinion: bool | None = None
    health_opinion: bool | None = None
    housing_delivery_date: date | None = None
    facility_handover_date: date | None = None
    receiver: str | None = None
    handed_elder_m2: Decimal | None = None
    handed_childcare_m2: Decimal | None = None
    title_no: str | None = None
    open_date: date | None = None
    other_use: bool | None = None
    note: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """分期 of a project; ``phase`` is its number as written (``1``)."""

    row: int
    project_id: str
    phase: str
    households: Decimal | None = None
    delivered_date: date | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility for elders or under-threes.

    ``functions`` is ``None`` when neither a list nor a yes/no column says anything; otherwise the
    set of ``full_time_care``, ``day_care``, ``home_visit``, ``technical_support`` it has.
    ``serves`` is ``None`` when there is no list, else the ids or names as written.
    ``allocations`` is ``None`` or the (unit as written, m²) pairs. ``area_kind`` is
    ``gross_floor``, ``usable``, ``land``, ``outdoor`` or ``unknown``; ``position`` is ``ground``,
    ``upper``, ``basement``, ``semi_basement`` or ``mezzanine``.
    """

    row: int
    id: str
    facility_type: str
    name: str
    jiedao: str | None = None
    community: str | None = None
    rc: str | None = None
    compound: str | None = None
    serves: tuple[str, ...] | None = None
    status: str = "unknown"
    open_date: date | None = None
    close_date: date | None = None
    functions: frozenset[str] | None = None
    beds: Decimal | None = None
    nursing_beds: Decimal | None = None
    full_time_beds: Decimal | None = None
    day_seats: Decimal | None = None
    places: Decimal | None = None
    inclusive_places: Decimal | None = None
    enrolled: Decimal | None = None
    filed: bool | None = None
    floor_area_m2: Decimal | None = None
    elder_area_m2: Decimal | None = None
    childcare_area_m2: Decimal | None = None
    other_area_m2: Decimal | None = None
    outdoor_area_m2: Decimal | None = None
    usable_area_m2: Decimal | None = None
    land_area_m2: Decimal | None = None
    allocations: tuple[tuple[str, Decimal], ...] | None = None
    area_kind: str = "gross_floor"
    position: str = "ground"
    tenure: str = "unknown"
    lease_start: date | None = None
    lease_end: date | None = None
    open_to_public: bool | None = None
    counts_for_community: bool | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Premises:
    """Vacant premises that could be bought, swapped, leased or used free (``modes``)."""

    row: int
    id: str
    name: str
    owner: str | None = None
    floor_area_m2: Decimal | None = None
    modes: tuple[str, ...] = ()
    cost_yuan: Decimal | None = None
    rent_yuan_per_year: Decimal | None = None
    available_from: date | None = None
    position: str = "ground"
    jiedao: str | None = None
    community: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """A way in and out of a compound; who lives there walks through one of its gates."""

    row: int
    id: str
    compound: str | None = None
    name: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """An indicator value typed in by its bureau."""

    row: int
    id: str
    as_of: date
    value: Decimal | None
    unit: str | None = None
    source: str | None = None
    flags: tuple[str, ...] = ()


class HasRow(Protocol):
    """Any typed row."""

    @property
    def row(self) -> int:
        """Row number as the user's own program shows it."""


RowT = TypeVar("RowT", bound=HasRow)


@dataclass(frozen=True, slots=True)
class Layer(Generic[RowT]):
    """Checked rows with their geometry, in file order.

    Parameters
    ----------
    rows : the typed rows.
    geometry : shapely geometries in the study's metric CRS, aligned with ``rows``; an element is
        ``None`` where that row has no place. ``None`` for a layer without any geometry.
    source : where it came from.
    """

    rows: tuple[RowT, ...]
    geometry: NDArray[np.object_] | None
    source: Source


def rows_of(layer: Layer[RowT] | None) -> tuple[RowT, ...]:
    """The rows of a layer; none where the layer was not given."""
    return () if layer is None else layer.rows


@dataclass(frozen=True, slots=True)
class Homes:
    """Residential buildings and the people in them: parallel arrays, one element a home.

    Counts are float64 and NaN where unknown. ``geometry`` is in the study's metric CRS.
    """

    ids: NDArray[np.object_]
    geometry: NDArray[np.object_]
    community: NDArray[np.object_]
    compound: NDArray[np.object_]
    households: NDArray[np.float64]
    population: NDArray[np.float64]
    pop_60plus: NDArray[np.float64]
    pop_65plus: NDArray[np.float64]
    pop_under3: NDArray[np.float64]
    source: Source


@dataclass(frozen=True, slots=True)
class Roads:
    """Street centre lines (LineStrings only) in the study's metric CRS."""

    geometry: NDArray[np.object_]
    source: Source


@dataclass(frozen=True, slots=True)
class Layers:
    """Everything a study says is there. A layer that was not given is ``None``.

    ``crs`` is the metric working CRS (``EPSG:4545``) of every geometry, ``None`` when no layer has
    any geometry; ``sources`` holds every source including those of the reported values and phases;
    ``aliases`` are other names of places, to the names or ids that the layers have.
    """

    crs: str | None
    divisions: Layer[Division] | None = None
    communities: Layer[Community] | None = None
    residential_communities: Layer[ResidentialCommunity] | None = None
    compounds: Layer[Compound] | None = None
    projects: Layer[Project] | None = None
    phases: Layer[Phase] | None = None
    facilities: Layer[Facility] | None = None
    premises: Layer[Premises] | None = None
    homes: Homes | None = None
    gates: Layer[Gate] | None = None
    roads: Roads | None = None
    reported: Layer[Reported] | None = None
    sources: tuple[Source, ...] = ()
    remarks: tuple[Remark, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
