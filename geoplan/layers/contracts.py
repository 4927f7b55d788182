"""What each layer must hold: its row type, its id, the columns it cannot do without.

Belongs here: the README's table of layers as data, and which parser reads which field. Does
not belong here: doing it (``check.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from geoplan.layers.model import (
    Community,
    Compound,
    Division,
    Facility,
    Gate,
    Phase,
    Premises,
    Project,
    Reported,
    ResidentialCommunity,
)
from geoplan.layers.raw_table import DAY_ZERO, LINES, POINTS, POLYGONS
from geoplan.layers.tables import values
from geoplan.layers.tables.amounts import read_amount, read_count, read_reported, read_shares
from geoplan.layers.tables.days import day_reader, read_day
from geoplan.layers.tables.spellings import (
    read_position,
    read_position_given,
    read_urban_class,
    word_list_reader,
    word_reader,
)
from geoplan.layers.tables.status_words import read_status
from geoplan.layers.tables.values import Parser

LAYERS = (
    "divisions",
    "communities",
    "residential_communities",
    "compounds",
    "projects",
    "phases",
    "facilities",
    "premises",
    "homes",
    "gates",
    "roads",
    "reported",
)


@dataclass(frozen=True, slots=True)
class Contract:
    """A layer's needs.

    Parameters
    ----------
    row_type : the dataclass of its rows, ``None`` for homes and roads.
    id_field : the heading's key of the id, which is ``id`` in the row.
    prefix : of the ids geoplan gives when the column is missing; empty where it must not be.
    needed : keys that must be there; of a tuple one is enough, joined by + both must be.
    kinds : geometry types that can stand in the layer, empty for a layer without geometry.
    """

    row_type: type[Any] | None
    id_field: str
    prefix: str = ""
    needed: tuple[tuple[str, ...], ...] = ()
    kinds: frozenset[int] = frozenset()


CONTRACTS: Mapping[str, Contract] = MappingProxyType(
    {
        "divisions": Contract(
            Division, "division_code", "", (("division_code", "name+kind"),), POLYGONS
        ),
        "communities": Contract(Community, "community_id", "", (("community_id",),), POLYGONS),
        "residential_communities": Contract(
            ResidentialCommunity, "rc_id", "", (("rc_id",),), POLYGONS
        ),
        "compounds": Contract(Compound, "compound_id", "", (("compound_id",),), POINTS | POLYGONS),
        "projects": Contract(Project, "project_id", "", (("project_id",),), POINTS | POLYGONS),
        "phases": Contract(Phase, "", "", (("project_id",),)),
        "facilities": Contract(
            Facility, "facility_id", "F", (("facility_type",),), POINTS | POLYGONS
        ),
        "premises": Contract(Premises, "premises_id", "V", (), POINTS | POLYGONS),
        "homes": Contract(None, "home_id", "H", (), POINTS | POLYGONS),
        "gates": Contract(Gate, "gate_id", "G", (("compound",),), POINTS),
        "roads": Contract(None, "", "", (), LINES),
        "reported": Contract(
            Reported, "indicator_id", "", (("indicator_id",), ("as_of",), ("value",))
        ),
    }
)

_AMOUNTS = (
    "beds",
    "nursing_beds",
    "full_time_beds",
    "day_seats",
    "places",
    "inclusive_places",
    "enrolled",
    "floor_area_m2",
    "elder_area_m2",
    "childcare_area_m2",
    "other_area_m2",
    "outdoor_area_m2",
    "usable_area_m2",
    "land_area_m2",
    "housing_floor_m2",
    "contract_elder_m2",
    "contract_childcare_m2",
    "permit_elder_m2",
    "permit_childcare_m2",
    "measured_elder_m2",
    "measured_childcare_m2",
    "handed_elder_m2",
    "handed_childcare_m2",
)
_COUNTS = (
    "population",
    "pop_60plus",
    "pop_65plus",
    "pop_under3",
    "households",
    "planned_households",
    "phase_count",
    "cost_yuan",
    "rent_yuan_per_year",
)
_DAYS = (
    "planning_condition_date",
    "land_grant_date",
    "land_permit_date",
    "scheme_review_date",
    "works_permit_date",
    "housing_start_date",
    "facility_start_date",
    "presale_date",
    "completion_check_date",
    "housing_acceptance_date",
    "facility_acceptance_date",
    "housing_delivery_date",
    "facility_handover_date",
    "open_date",
    "close_date",
    "lease_start",
    "lease_end",
    "available_from",
    "delivered_date",
    "as_of",
)
_YES_NO = (
    "facility_split",
    "other_use",
    "open_to_public",
    "counts_for_community",
    "full_time_care",
    "day_care",
    "home_visit",
    "technical_support",
)
_IDS = (
    "id",
    "project_id",
    "phase",
    "jiedao_code",
    "community_code",
    "rc_code",
    "compound_code",
    "facility_phase",
)

PARSERS: Mapping[str, Parser] = MappingProxyType(
    {
        **dict.fromkeys(_AMOUNTS, read_amount),
        **dict.fromkeys(_COUNTS, read_count),
        **dict.fromkeys(_DAYS, read_day),
        **dict.fromkeys(_YES_NO, values.read_yes_no),
        **dict.fromkeys(_IDS, values.read_id),
        **dict.fromkeys(("civil_affairs_opinion", "health_opinion"), values.read_opinion),
        "value": read_reported,
        "note": values.read_note,
        "filed": values.read_filed,
        "land_clause": values.read_clause,
        "serves": values.read_list,
        "allocations": read_shares,
        "functions": word_list_reader("function"),
        "modes": word_list_reader("mode"),
        "position": read_position,
        "facility_position": read_position_given,
        "urban_class": read_urban_class,
        "facility_type": word_reader(
            "facility_type", blank="other", unknown="other", code="UNKNOWN_TYPE", is_needed=True
        ),
        "status": read_status,
        "tenure": word_reader("tenure", blank="unknown", unknown="unknown", code="BAD_WORD"),
        "stock": word_reader("stock", blank="existing", unknown="existing", code="BAD_WORD"),
        "area_kind": word_reader(
            "area_kind", blank="gross_floor", unknown="unknown", code="BAD_WORD"
        ),
        "kind": word_reader("division_kind", blank=None, unknown=None, code="BAD_WORD"),
    }
)


def parser_of(field: str, day_zero: date = DAY_ZERO) -> Parser:
    """The parser of a field: its own, or plain text; days are counted from ``day_zero``."""
    if field in _DAYS:
        return day_reader(day_zero)
    return PARSERS.get(field, values.read_text)
