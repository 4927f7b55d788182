"""Passing judgement: a standard and the layers in, an assessment out.

Belongs here: which measure judges which indicator, what it needs, and the remarks of the whole.
Each measure's own rules are in its module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from geoplan.assess.absence import (
    AREA_RULE,
    Absence,
    Needs,
    Unjudged,
    absence_remarks,
    absences,
    area_needs,
    without_places,
)
from geoplan.assess.floor_area.area_rule import pool_level
from geoplan.assess.floor_area.countable_area import amounts_on, dedicated_amounts, outdoor_remarks
from geoplan.assess.floor_area.crediting import unallocated_rests
from geoplan.assess.floor_area.readings import judge_every_reading
from geoplan.assess.gaps import center_gaps, childcare_gaps, list_gaps
from geoplan.assess.ground import Ground, settle_ground
from geoplan.assess.indicators.capacities import (
    judge_county_centers,
    judge_nursing_beds,
    judge_places,
)
from geoplan.assess.indicators.centers import judge_centers
from geoplan.assess.indicators.childcare import judge_childcare
from geoplan.assess.indicators.childcare_walks import can_be_reached
from geoplan.assess.indicators.reported_values import (
    compare_with_reported,
    judge_reported,
    newest_value,
    no_value,
    reported_twice,
    two_sources,
)
from geoplan.assess.listing import listed
from geoplan.assess.model import (
    Assessment,
    FacilityState,
    Gap,
    IndicatorResult,
    Place,
    PlaceNote,
    of_measure,
)
from geoplan.assess.places.facility_status import Qualifies, missing_functions, qualifies_as_center
from geoplan.assess.projects.phases import lost_phases
from geoplan.assess.projects.project_verdicts import judge_new_compounds, judge_projects
from geoplan.assess.walking.access import judge_access
from geoplan.assess.walking.people_reached import judge_reach, people_remarks
from geoplan.errors import DataError, Remark
from geoplan.layers.model import Facility, Layers, rows_of
from geoplan.layers.rows.row_order import remarks_in_order, rows_in_order
from geoplan.policy.model import Indicator, Standard
from geoplan.reach.ways import Ways
from geoplan.terms import Words, label


@dataclass(frozen=True, slots=True)
class Measure:
    """A computed indicator: the layers it cannot do without, its judge, and what is made of it.

    ``needs`` is a list of alternatives a place: any one layer of each will do. ``gaps`` lists what
    its uncovered units lack; ``hides_gaps`` where gaps are missed when it cannot be judged.
    ``level`` is that of its units, ``rc`` also where communities stand in for them.
    """

    needs: Needs
    judge: Callable[[Indicator, Ground], IndicatorResult]
    gaps: Callable[[IndicatorResult, Ground], list[Gap]] | None = None
    hides_gaps: bool = False
    level: str = ""


_PLACES_AND_FACILITIES = (("divisions",), ("facilities",))
MEASURES: Mapping[str, Measure] = {
    "nursing_bed_share": Measure((("facilities",),), judge_nursing_beds),
    "jiedao_elder_center_coverage": Measure(
        _PLACES_AND_FACILITIES, judge_centers, center_gaps, hides_gaps=True, level="jiedao"
    ),
    "childcare_places_per_1000": Measure(_PLACES_AND_FACILITIES, judge_places),
    "rc_childcare_coverage": Measure(
        (("residential_communities", "communities"), ("facilities",)),
        judge_childcare,
        childcare_gaps,
        hides_gaps=True,
        level="rc",
    ),
    "county_infant_guidance_rate": Measure(_PLACES_AND_FACILITIES, judge_county_centers),
    "new_compound_compliance": Measure(
        (("projects",),), judge_new_compounds, hides_gaps=True, level="project"
    ),
}


def assess(
    layers: Layers,
    standard: Standard,
    *,
    study: str,
    period_start: date | None = None,
    ways: Ways | None = None,
) -> Assessment:
    """Judge everything that the layers allow, on the standard's day; ``ways`` where they are laid.

    Raises
    ------
    DataError
        an indicator is reported twice for one day by one source, or the streets are no network.
    """
    # In order first, so that nothing after this can follow the file.
    layers = rows_in_order(layers)
    ground = settle_ground(layers, standard, period_start=period_start, ways=ways)
    unjudged = left_open(ground)
    units = judge_every_reading(ground, _area_left_open(unjudged))
    projects = judge_projects(ground)
    indicators, said = _judge_indicators(ground, unjudged)
    return Assessment(
        study=study,
        as_of=standard.as_of,
        standard=standard,
        layers=layers,
        belonging=ground.belonging,
        facilities={row.id: _facility_state(row, ground) for row in ground.facilities},
        indicators=indicators,
        units=units,
        projects=projects,
        gaps=list_gaps(
            layers, of_indicators=_gaps_of(indicators, ground), units=units, projects=projects
        ),
        remarks=remarks_in_order(
            (
                *layers.remarks,
                *absence_remarks(unjudged),
                *_place_remarks(ground.belonging.notes, layers),
                *_state_remarks(ground),
                *unallocated_rests(layers, standard),
                *outdoor_remarks(layers),
                *lost_phases(rows_of(layers.projects), rows_of(layers.phases)),
                *said,
                *people_remarks(ground.residents),
                *(() if ground.ways is None else ground.ways.remarks),
            )
        ),
        sources=layers.sources,
        period_start=period_start,
        reach=judge_reach(ground),
        access=judge_access(ground),
        ways=ground.ways,
        unjudged=unjudged,
    )


def left_open(ground: Ground) -> tuple[Unjudged, ...]:
    """Every question that the layers leave open: the computed indicators and the area rule."""
    asked = [
        (indicator.measure, _question(indicator, ground), measure.needs, measure.hides_gaps)
        for indicator in ground.standard.policy.indicators
        if (measure := MEASURES.get(indicator.measure)) is not None
    ]
    rule = Words(label("rule", AREA_RULE, "zh"), label("rule", AREA_RULE, "en"))
    asked.append((AREA_RULE, rule, area_needs(ground.layers), True))
    nowhere = layers_nowhere(ground)
    found = [
        Unjudged(
            subject,
            name,
            absences(ground.layers, needs, nowhere) or _cannot_walk(subject, ground),
            hides_gaps=hides_gaps,
        )
        for subject, name, needs, hides_gaps in asked
    ]
    return tuple(each for each in found if each.absences)


def _cannot_walk(subject: str, ground: Ground) -> tuple[Absence, ...]:
    """Coverage by walking, where nothing says from where to where."""
    by_walking = ground.standard.choice("coverage_mode") == "reach"
    if subject != "rc_childcare_coverage" or not by_walking or can_be_reached(ground):
        return ()
    by_rc = ground.layers.residential_communities is not None
    return without_places(ground.layers, "residential_communities" if by_rc else "communities")


def layers_nowhere(ground: Ground) -> frozenset[str]:
    """Layers of which not one row belongs to any unit: in a wrong CRS, or without a place.

    What they hold is not missing in the units; it is unknown where it is.
    """
    layers, belonging = ground.layers, ground.belonging
    units = ("divisions", "communities", "residential_communities", "compounds")
    found = set()
    if any(rows_of(getattr(layers, name)) for name in units) and not any(
        place != Place() or belonging.serving.get(key)
        for key, place in belonging.facilities.items()
    ):
        found.add("facilities")
    pool = pool_level(layers)
    if pool is not None and not any(
        row.stock != "existing" or getattr(belonging.compounds[row.id], pool) is not None
        for row in rows_of(layers.compounds)
    ):
        found.add("compounds")
    return frozenset(found)


def _gaps_of(results: Iterable[IndicatorResult], ground: Ground) -> Iterator[Gap]:
    """What the units of each measure lack, once for a measure however many indicators ask for it."""
    for name, measure in MEASURES.items():
        result = of_measure(name, results)
        if result is not None and measure.gaps is not None:
            yield from measure.gaps(result, ground)


def _question(indicator: Indicator, ground: Ground) -> Words:
    """The indicator; where a reported total stands in for it, its units are what is left open."""
    zh = f"{indicator.number} {indicator.label_zh}"
    en = f"{indicator.number} {indicator.label_en}"
    if newest_value(indicator, rows_of(ground.layers.reported), ground.standard.as_of) is None:
        return Words(zh, en)
    return Words(f"{zh}（只有填报总值，各单元不明）", f"{en} (a reported total only, no units)")


def _area_left_open(unjudged: Iterable[Unjudged]) -> Unjudged | None:
    return next((each for each in unjudged if each.subject == AREA_RULE), None)


def _judge_indicators(
    ground: Ground, unjudged: Iterable[Unjudged]
) -> tuple[tuple[IndicatorResult, ...], list[Remark]]:
    policy = ground.standard.policy
    problems = reported_twice(policy.indicators, ground.layers.reported)
    if problems:
        raise DataError(problems)
    rows = rows_of(ground.layers.reported)
    open_ = {each.subject: each for each in unjudged}
    results: list[IndicatorResult] = []
    remarks: list[Remark] = two_sources(policy.indicators, ground.layers.reported)
    for indicator in policy.indicators:
        row = newest_value(indicator, rows, ground.standard.as_of)
        measure = MEASURES.get(indicator.measure)
        if measure is None:
            results.append(judge_reported(indicator, row, ground.layers.reported))
            continue
        level = level_of(measure, ground.layers)
        absent = open_.get(indicator.measure)
        computed = (
            measure.judge(indicator, ground)
            if absent is None
            else no_value(indicator, absent.reason, absent.codes)
        )
        result, said = compare_with_reported(computed, row)
        results.append(replace(listed(result), level=level))
        remarks += said
    return tuple(results), [*remarks, *_stand_ins(ground.layers)]


def level_of(measure: Measure, layers: Layers) -> str:
    """The level of a measure's units; communities stand in where no residential ones are given."""
    stands_in = measure.level == "rc" and layers.residential_communities is None
    return "community" if stands_in else measure.level


def _stand_ins(layers: Layers) -> Iterable[Remark]:
    """Where another layer, or none, stands in for one that is missing (``docs/method.md`` §9)."""
    if layers.residential_communities is None and layers.communities is not None:
        yield _rc_from_communities()
    if layers.communities is None and layers.compounds is not None:
        yield _without_communities(pool_level(layers))


def _rc_from_communities() -> Remark:
    detail = Words(
        "没有居住社区图层，以城镇社区作为居住社区计算",
        "no layer of residential communities: urban communities are the units",
    )
    return Remark("RC_FROM_COMMUNITIES", detail, "communities")


def _without_communities(pool: str | None) -> Remark:
    """The area rule is then judged at another level, and on rural compounds too."""
    zh = "按居住社区统筹" if pool else "逐个小区"
    en = "pooled by residential community" if pool else "on each compound alone"
    detail = Words(
        f"没有社区图层：面积改为{zh}判定，乡村与镇区的小区也计在内",
        f"no layer of communities: the area rule is judged {en}, on compounds of towns and "
        "villages too",
    )
    return Remark("AREA_WITHOUT_COMMUNITIES", detail, "compounds")


def _facility_state(row: Facility, ground: Ground) -> FacilityState:
    state = ground.states[row.id]
    dedicated = dedicated_amounts(row, ground.standard)
    _, amounts = amounts_on(row, state, dedicated, ground.standard.as_of)
    center = row.facility_type == "jiedao_elder_center"
    qualifies = qualifies_as_center(row, state, ground.standard)
    codes = dict.fromkeys(
        (*ground.state_codes[row.id], *(code for each in amounts.values() for code in each.codes))
    )
    return FacilityState(
        id=row.id,
        state=state,
        codes=tuple(codes),
        counted_m2={kind: amount.floor_m2 for kind, amount in amounts.items()},
        missing_functions=missing_functions(row.functions) if center and row.functions else (),
        qualifies=_as_boolean(qualifies) if center else None,
    )


def _as_boolean(qualifies: Qualifies) -> bool | None:
    return None if qualifies is Qualifies.UNKNOWN else qualifies is Qualifies.YES


def _place_remarks(notes: Iterable[PlaceNote], layers: Layers) -> list[Remark]:
    """One remark a layer, a unit and a code, naming every row."""
    grouped: dict[tuple[str, str, str], list[PlaceNote]] = defaultdict(list)
    of_study = [Remark(note.code, note.detail) for note in notes if not note.layer]
    for note in notes:
        if note.layer:
            grouped[note.layer, note.unit, note.code].append(note)
    return of_study + [
        _grouped_remark(
            code, layer, [note.id for note in found], [note.detail for note in found], layers
        )
        for (layer, _, code), found in grouped.items()
    ]


def _state_remarks(ground: Ground) -> list[Remark]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for key, codes in ground.state_codes.items():
        for code in codes:
            grouped[code].append(key)
    return [
        _grouped_remark(
            code,
            "facilities",
            ids,
            [
                Words(
                    f"{label('code', code, 'zh')}：{'、'.join(ids)}",
                    f"{label('code', code, 'en')}: {', '.join(ids)}",
                )
            ],
            ground.layers,
        )
        for code, ids in grouped.items()
    ]


def _grouped_remark(
    code: str, layer: str, ids: Sequence[str], details: Sequence[Words], layers: Layers
) -> Remark:
    row_of = {row.id: row.row for row in getattr(layers, layer).rows}
    detail = Words("；".join(each.zh for each in details), "; ".join(each.en for each in details))
    unique = tuple(dict.fromkeys(ids))
    return Remark(code, detail, layer, tuple(row_of[key] for key in unique), unique)
