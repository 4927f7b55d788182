"""The counts of people and households in an assessment, and every figure that is made of them.

Belongs here: which published number is the sum of which counts, for the rule of ``disclosure.py``.
A new output that shows a sum of counts, or a share of one, has its figure here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from geoplan.assess.floor_area.crediting import known_households
from geoplan.assess.model import Assessment, Place, UnitResult
from geoplan.layers.model import LEVELS, rows_of
from geoplan.render.public.disclosure import Count, Figure, Row, is_small
from geoplan.render.wording.unit_names import LAYER_OF_LEVEL

SUMMED = ("population", "households")
GROUPS = ("pop_60plus", "pop_65plus", "pop_under3")
_UNITS = ("jiedao", "community", "rc", "compound")
_PLACE_OF = {name: LEVELS[name].unit for name in ("jiedao", "community", "rc")}
_POOL = "pool:"  # a pooled row is not the row that the layer has of the same unit
_ADDS_UP = 2  # a total this near to its parts tells of them as if it were their sum


def pool(level: str) -> str:
    """The level of the pooled row of a unit: ``pool:community``."""
    return _POOL + level


def list_counts(assessment: Assessment) -> dict[Count, Fraction]:
    """Every count of people or households that the layers have."""
    return {
        (level, row.id, name): Fraction(value)
        for level in _UNITS
        for row in rows_of(getattr(assessment.layers, LAYER_OF_LEVEL[level]))
        for name in SUMMED
        if (value := getattr(row, name, None)) is not None
    }


def list_figures(assessment: Assessment) -> Iterator[Figure]:
    """Every figure that tells of counts besides the counts themselves."""
    counts = list_counts(assessment)
    yield from _unit_figures(assessment, counts)
    yield from _additions(assessment, counts)
    yield from _shared_buildings(assessment, counts)
    yield from _denominators(assessment, counts)


def small_projects(assessment: Assessment) -> set[str]:
    """Projects with a small count, or a small difference between two of their counts."""
    phases: dict[str, list[Fraction]] = {}
    for phase in rows_of(assessment.layers.phases):
        if phase.households is not None:
            phases.setdefault(phase.project_id, []).append(Fraction(phase.households))
    delivered = {
        each.project_id: each.interim.delivered_households
        for each in assessment.projects
        if each.interim is not None
    }
    found = set()
    for row in rows_of(assessment.layers.projects):
        parts = [*phases.get(row.id, ())]
        parts += [delivered[row.id]] if row.id in delivered else []
        if row.planned_households is not None:
            whole = Fraction(row.planned_households)
            rests = (whole - each for each in (*parts, sum(phases.get(row.id, ()), Fraction(0))))
            parts = [*parts, *(abs(each) for each in rests), whole]
        if any(map(is_small, parts)):
            found.add(row.id)
    return found


def small_units(assessment: Assessment) -> set[Row]:
    """Rows of the area rule whose households or people are few, estimated ones too."""
    return {
        (each.level if each.level == "compound" else pool(each.level), each.unit_id)
        for each in assessment.units
        if is_small(each.households) or is_small(each.population)
    }


def _demand(
    compound: str, name: str, counts: Mapping[Count, Fraction], per_household: Fraction
) -> tuple[Count, Fraction] | None:
    """The count behind a compound's number; households are estimated where they are not given."""
    own = ("compound", compound, name)
    if own in counts:
        return own, Fraction(1)
    people = ("compound", compound, "population")
    if name == "households" and people in counts:
        return people, 1 / per_household
    return None


def _unit_figures(assessment: Assessment, counts: Mapping[Count, Fraction]) -> Iterator[Figure]:
    """Pooled rows: the sum over their members."""
    per_household = assessment.standard.number("persons_per_household")
    for unit in assessment.units:
        if unit.level == "compound":
            continue
        for name in SUMMED:
            parts = [_demand(each, name, counts, per_household) for each in unit.members]
            if getattr(unit, name) is not None and parts and None not in parts:
                owner = (pool(unit.level), unit.unit_id)
                yield Figure(owner, tuple(sorted(filter(None, parts))))


def _places(assessment: Assessment) -> dict[str, Mapping[str, Place]]:
    belonging = assessment.belonging
    return {
        "community": belonging.communities,
        "rc": belonging.rcs,
        "compound": belonging.compounds,
    }


def _additions(assessment: Assessment, counts: Mapping[Count, Fraction]) -> Iterator[Figure]:
    """Units whose own count is the sum of the smaller units in them: a reader can presume that."""
    places = _places(assessment)
    for number, level in enumerate(_UNITS[:-1]):
        for smaller in _UNITS[number + 1 :]:
            inside: dict[str | None, list[str]] = {}
            for key, place in places[smaller].items():
                inside.setdefault(getattr(place, _PLACE_OF[level]), []).append(key)
            for unit, members in inside.items():
                for name in SUMMED:
                    whole = (level, unit or "", name)
                    parts = [(smaller, member, name) for member in members]
                    if whole in counts and all(part in counts for part in parts):
                        found = sum((counts[part] for part in parts), Fraction(0))
                        if abs(counts[whole] - found) <= _ADDS_UP:
                            yield Figure(None, _relation(whole, parts))


def _relation(whole: Count, parts: Iterable[Count]) -> tuple[tuple[Count, Fraction], ...]:
    return tuple(sorted([(whole, Fraction(-1)), *((part, Fraction(1)) for part in parts)]))


def _shared_buildings(assessment: Assessment, counts: Mapping[Count, Fraction]) -> Iterator[Figure]:
    """A building divided by households: what one unit gets of it tells its share of all."""
    places = _places(assessment)
    known = known_households(assessment.layers, assessment.belonging)
    existing = {row.id for row in rows_of(assessment.layers.compounds) if row.stock == "existing"}
    for serving in assessment.belonging.serving.values():
        served = [(each.unit, each.id) for each in serving if each.listed]
        divided = len(served) > 1 and all(each.floor_m2 is None for each in serving)
        if not divided or not all(known.get(each) for each in served):
            continue
        weights = {each: _weight(each, counts, places["compound"], existing) for each in served}
        total = sum((known[each] or Fraction(0) for each in served), Fraction(0))
        for unit in assessment.units:
            mine = [each for each in served if _lies_in(each, unit, places)]
            share = sum((known[each] or Fraction(0) for each in mine), Fraction(0)) / total
            if mine and share != 1:
                level = unit.level if unit.level == "compound" else pool(unit.level)
                yield Figure((level, unit.unit_id), _share(mine, weights, share))


def _weight(
    unit: Row,
    counts: Mapping[Count, Fraction],
    places: Mapping[str, Place],
    existing: set[str],
) -> list[Count]:
    """The counts behind the households of a served unit (``assess.credit.known_households``)."""
    own = (*unit, "households")
    if own in counts:
        return [own]
    level, key = unit
    return [
        ("compound", each, "households")
        for each, place in places.items()
        if each in existing and getattr(place, _PLACE_OF[level]) == key
    ]


def _lies_in(served: Row, unit: UnitResult, places: Mapping[str, Mapping[str, Place]]) -> bool:
    level, key = served
    if unit.level == "compound":
        return served == ("compound", unit.unit_id)
    if level == "compound":
        return key in unit.members
    place = places[level][key]
    return unit.level == "city" or getattr(place, _PLACE_OF[unit.level]) == unit.unit_id


def _share(
    mine: Iterable[Row], weights: Mapping[Row, Iterable[Count]], share: Fraction
) -> tuple[tuple[Count, Fraction], ...]:
    """Σ of mine − share × Σ of all = 0."""
    factors: dict[Count, Fraction] = {}
    inside = set(mine)
    for unit, counts in weights.items():
        for count in counts:
            factors[count] = factors.get(count, Fraction(0)) + (unit in inside) - share
    return tuple(sorted(factors.items()))


def _denominators(assessment: Assessment, counts: Mapping[Count, Fraction]) -> Iterator[Figure]:
    """Indicators over all people: the sum of the divisions stands in them."""
    parts = sorted(count for count in counts if count[0] == "jiedao" and count[2] == "population")
    whole = sum((counts[count] for count in parts), Fraction(0))
    for result in assessment.indicators:
        if parts and result.denominator == whole:
            owner = ("indicator", result.indicator.id)
            yield Figure(owner, tuple((count, Fraction(1)) for count in parts))
