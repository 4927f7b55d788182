"""The judgement as data: everything a renderer needs, nothing it must compute.

Belongs here: the shape of results. Areas, gaps and rates are exact ``Fraction``; rates are in the
indicator's own unit (per cent: 66 2/3). Numbers become decimals only in ``geoplan.render``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from geoplan.assess.absence import Unjudged
from geoplan.errors import Remark
from geoplan.layers.model import Layers, Source
from geoplan.policy.model import Indicator, Standard
from geoplan.reach.ways import Ways
from geoplan.terms import Verdict, Words


@dataclass(frozen=True, slots=True)
class Excluded:
    """A unit left outside a count, with the reason code and what to do about it, if anything."""

    id: str
    reason: str
    advice: Words = Words("", "")


@dataclass(frozen=True, slots=True)
class Notice:
    """A flag of an indicator: what it is, whom it concerns, in words."""

    code: str
    id: str
    detail: Words


@dataclass(frozen=True, slots=True)
class Variant:
    """The same indicator under another definition."""

    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """One indicator: its value, the rows it came from and the verdict.

    ``value`` is exact, in the indicator's unit, ``None`` when there is none. ``need_more`` is how
    many more units (or places) the target asks for. ``source`` tells of a reported value where it
    came from; ``reason`` says why there is no value, ``codes`` the same for a script. ``covered_by`` maps each covered unit to the
    ids of the facilities credited with it. ``level`` is that of its units, empty where it has none.
    """

    indicator: Indicator
    value: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    verdict: Verdict
    provisional: bool = False
    could_turn: bool = False
    official: bool = True
    need_more: Fraction | None = None
    covered: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[Notice, ...] = ()
    variants: Mapping[str, Variant] = field(default_factory=dict)
    covered_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sum: Words = Words("", "")
    source: str | None = None
    reason: Words | None = None
    codes: tuple[str, ...] = ()
    level: str = ""


def of_measure(measure: str, results: Iterable[IndicatorResult]) -> IndicatorResult | None:
    """The result that a measure computed: ids belong to documents, measures to geoplan."""
    return next((each for each in results if each.indicator.measure == measure), None)


@dataclass(frozen=True, slots=True)
class Credit:
    """The floor area of one facility credited to one unit, in m²."""

    facility: str
    floor_m2: Fraction


@dataclass(frozen=True, slots=True)
class UnitResult:
    """The area rule for one unit and one kind (``elder``, ``childcare``).

    ``level`` is ``compound``, ``community`` or ``rc``, ``jiedao`` or ``city``. Areas are ``None`` where unknown.
    ``provided_m2`` is what is known to count; ``None`` where a layer is absent, so that nothing is
    known at all. ``facilities`` are those behind it.
    """

    unit_id: str
    level: str
    kind: str
    stock: str
    households: Fraction | None
    population: Fraction | None
    rate: Fraction
    required_m2: Fraction | None
    provided_m2: Fraction | None
    committed_m2: Fraction | None
    planned_m2: Fraction | None
    gap_m2: Fraction | None
    gap_after_committed_m2: Fraction | None
    verdict: Verdict
    official: bool
    codes: tuple[str, ...] = ()
    sum: Words = Words("", "")
    facilities: tuple[Credit, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one test of a new project found.

    ``part`` is the field of :class:`ProjectResult` it bears on, or ``project`` for the whole.
    ``verdict`` is what it makes of that part: ``FAIL``, ``UNKNOWN``, or ``PASS`` for a warning.
    ``amount`` is the number behind the code: m² missing, days late, or a share of households.
    """

    code: str
    part: str
    verdict: Verdict
    detail: Words
    amount: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Interim:
    """What the phases delivered so far ask for, and the rooms accepted by then.

    ``provided_m2`` and ``gap_m2`` are by kind, ``None`` where the area is unknown;
    ``share`` is the delivered part of all households, 0 to 1.
    """

    delivered_households: Fraction
    share: Fraction | None
    required_m2: Mapping[str, Fraction]
    provided_m2: Mapping[str, Fraction | None]
    gap_m2: Mapping[str, Fraction | None]


@dataclass(frozen=True, slots=True)
class ProjectResult:
    """A new housing project: area, the four synchronisations and the verdict.

    ``codes`` are all codes found, those of FAIL and UNKNOWN first; ``warnings`` are those among
    them that leave the verdict as it is; ``reasons`` are the sentences of FAIL and UNKNOWN.
    ``findings`` holds everything with its numbers. ``compliant`` is what indicator 14 counts:
    accepted, both areas pass, no synchronisation failed or unknown.
    """

    project_id: str
    stage: str
    stock: str
    in_rate: bool
    verdict: Verdict
    area_elder: Verdict
    area_childcare: Verdict
    sync_plan: Verdict
    sync_build: Verdict
    sync_accept: Verdict
    sync_deliver: Verdict
    required_elder_m2: Fraction | None
    required_childcare_m2: Fraction | None
    provided_elder_m2: Fraction | None
    provided_childcare_m2: Fraction | None
    gap_elder_m2: Fraction | None
    gap_childcare_m2: Fraction | None
    codes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reasons: tuple[Words, ...] = ()
    compliant: bool = False
    findings: tuple[Finding, ...] = ()
    interim: Interim | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A target missed at one unit. ``gap`` is ``None`` where the unit is unknown.

    ``rule`` is ``area_per_100_households``, ``new_project_area``, ``jiedao_elder_center`` or
    ``rc_childcare``; ``unit`` is ``m2`` or ``count``.
    """

    unit_id: str
    level: str
    official: bool
    rule: str
    kind: str
    gap: Fraction | None
    gap_after_committed: Fraction | None
    unit: str
    people: Fraction | None
    households: Fraction | None
    verdict: Verdict
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row belongs: ids of the units it is credited to, ``None`` where to none."""

    division: str | None = None
    community: str | None = None
    rc: str | None = None
    compound: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceNote:
    """What is doubtful about a row's place: at which unit, with which code.

    ``layer`` is empty for what concerns no row but the study.
    """

    layer: str
    id: str
    unit: str
    code: str
    detail: Words


@dataclass(frozen=True, slots=True)
class Serving:
    """A unit that a facility serves (``rc``, ``community``, ``compound``).

    ``floor_m2`` is the area allocated to it expressly; ``listed`` says that it stands in the
    ``serves`` list and not only in the allocations.
    """

    unit: str
    id: str
    floor_m2: Decimal | None
    listed: bool


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where every row belongs, by id; ``serving`` has the facilities with a list of their own."""

    facilities: Mapping[str, Place]
    compounds: Mapping[str, Place]
    rcs: Mapping[str, Place]
    communities: Mapping[str, Place]
    projects: Mapping[str, Place]
    premises: Mapping[str, Place]
    serving: Mapping[str, tuple[Serving, ...]] = field(default_factory=dict)
    notes: tuple[PlaceNote, ...] = ()


@dataclass(frozen=True, slots=True)
class FacilityState:
    """A facility on the day.

    ``state`` is one of the statuses of ``terms.toml``; ``codes`` tell how it was settled.
    ``counted_m2`` maps ``elder`` and ``childcare`` to the floor area that may count, ``None``
    where unknown; ``missing_functions`` and ``qualifies`` concern 街道 centres
    (``qualifies`` is ``None`` where unknown or of another type).
    """

    id: str
    state: str
    codes: tuple[str, ...]
    counted_m2: Mapping[str, Fraction | None]
    missing_functions: tuple[str, ...] = ()
    qualifies: bool | None = None


@dataclass(frozen=True, slots=True)
class ReachRow:
    """How many people of a unit can walk to a facility of a kind within a distance. No verdict.

    ``unit_id`` is ``None`` for the whole study; ``level`` is ``study``, ``jiedao``, ``community``
    or ``rc``; ``kind`` is ``elder``, ``childcare`` or a facility type; ``mode`` is ``network`` or
    ``straight``. ``minutes`` is set where the distance is a walking time at that group's speed.
    ``unreachable`` are the people from whose home no way leads to any such facility, however long;
    they are part of ``total``.
    """

    unit_id: str | None
    level: str
    kind: str
    people: str
    mode: str
    within_m: Fraction
    minutes: Fraction | None
    total: Fraction
    reached: Fraction
    unreachable: Fraction

    @property
    def share(self) -> Fraction | None:
        """Reached of all, ``None`` where there is nobody."""
        return self.reached / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """How far people walk to a kind of facility, and what there is for them in reach. No verdict.

    The walks are those of the ``people`` who have one (``walkers``); a percentile that nobody
    reaches is ``None``. ``within_m`` is a quarter of an hour at their speed. ``supply`` is
    ``beds``, ``places`` or ``floor_m2``; ``supplied`` is how much of it falls to these people by
    the two-step floating catchment area, ``per_1000`` the same for 1,000 of them. ``gini``, ``theil`` and
    ``palma`` tell how evenly that is shared: 0, 0 and a quarter when evenly. ``placed`` is how
    many people the places hold when everyone goes as near as there is room, ``no_room`` how many
    are left over though a facility is in reach; ``None`` where nobody is put anywhere.
    """

    unit_id: str | None
    level: str
    kind: str
    people: str
    mode: str
    total: Fraction
    walkers: Fraction
    mean_walk_m: float | None
    median_walk_m: float | None
    p90_walk_m: float | None
    supply: str
    within_m: Fraction
    supplied: Fraction
    per_1000: float | None
    gini: float | None
    theil: float | None
    palma: float | None
    placed: Fraction | None = None
    no_room: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """That an assessment is its public edition, and what is not in it.

    ``review_no`` is the 审图号; ``withheld`` tells of units, by level and id, why their counts are
    not shown, ``note`` is the rule.
    """

    review_no: str
    note: Words
    withheld: Mapping[tuple[str, str], Words]


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole judgement of a study on a day.

    ``unjudged`` is what its layers leave open; ``publication`` is set on its public edition.
    """

    study: str
    as_of: date
    standard: Standard
    layers: Layers
    belonging: Belonging
    facilities: Mapping[str, FacilityState]
    indicators: tuple[IndicatorResult, ...]
    units: tuple[UnitResult, ...]
    projects: tuple[ProjectResult, ...]
    gaps: tuple[Gap, ...]
    remarks: tuple[Remark, ...]
    sources: tuple[Source, ...]
    period_start: date | None = None
    reach: tuple[ReachRow, ...] = ()
    access: tuple[AccessRow, ...] = ()
    ways: Ways | None = None
    publication: Publication | None = None
    unjudged: tuple[Unjudged, ...] = ()

    def of_measure(self, measure: str) -> IndicatorResult | None:
        """The indicator that a measure computes, whatever the plan calls it; ``None`` without one."""
        return of_measure(measure, self.indicators)

    def left_open(self, subject: str) -> Unjudged | None:
        """What keeps a measure, or the area rule, from being judged; ``None`` where nothing does."""
        return next((each for each in self.unjudged if each.subject == subject), None)
