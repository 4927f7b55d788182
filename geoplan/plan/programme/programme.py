"""A multi-year programme: which gaps are closed how, when and at what cost, proven by assessment.

The plan asks for a rolling three-year reserve of projects and for a list with a solution for each
entry (附件1-6, 附件1-8). Belongs here: the order of steps and the proof. Does not belong here: the
options (``rooms``, ``standing``, ``fresh``) or the choice among them (``choose``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from geoplan.assess.model import Assessment, IndicatorResult
from geoplan.layers.model import Layers
from geoplan.plan.programme.assumptions import Assumptions
from geoplan.plan.programme.existing_facilities import standing_options
from geoplan.plan.programme.needs import LeftOut, Need, list_needs
from geoplan.plan.programme.new_builds import fresh_options
from geoplan.plan.programme.options import Option
from geoplan.plan.programme.selection import Choice, Goal, choose, choose_cheapest
from geoplan.plan.programme.shared_areas import Taken
from geoplan.plan.programme.vacant_premises import room_options
from geoplan.plan.programme.works import Works
from geoplan.plan.scenario import Edit, apply

Judge = Callable[[Layers, date], Assessment]


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the programme: what is done, where, when, for whom and at what cost.

    ``year`` is a calendar year. ``serves`` are the needs it gives floor area to, with the m²;
    ``closes`` those whose missing facility it is. ``yuan_by_year`` is one amount for every year of
    the programme. ``land_m2`` is the land a new build takes.
    """

    id: str
    year: int
    instrument: str
    subject: str
    layer: str
    name: str
    floor_m2: Fraction
    serves: tuple[tuple[Need, Fraction], ...]
    closes: tuple[Need, ...]
    yuan_by_year: tuple[Fraction, ...]
    land_m2: Fraction
    lease_end: date | None
    far_m: float | None
    codes: tuple[str, ...]
    edits: tuple[Edit, ...]

    @property
    def yuan(self) -> Fraction:
        """What it costs within the programme."""
        return sum(self.yuan_by_year, Fraction(0))

    def area_m2(self, kind: str) -> Fraction:
        """The floor area it gives to gaps of a kind."""
        return sum((m2 for need, m2 in self.serves if need.kind == kind), Fraction(0))


@dataclass(frozen=True, slots=True)
class YearEnd:
    """Where the city stands at the end of a year, with the programme and without it.

    ``people`` are those for whom a gap has been closed so far, once for every gap. ``after`` is
    the ordinary assessment with everything carried out by then.
    """

    year: int
    budget_yuan: Fraction | None
    spent_yuan: Fraction
    land_m2: Fraction
    closed: tuple[Need, ...]
    people: Fraction
    indicators: tuple[IndicatorResult, ...]
    without: tuple[IndicatorResult, ...]
    gaps: int
    gaps_without: int
    after: Assessment


@dataclass(frozen=True, slots=True)
class Programme:
    """The programme, its proof and what it leaves open.

    ``open_needs`` are gaps that it does not close: no option serves them, or the money is short.
    ``no_option`` are those among them that nothing could close. ``least_yuan`` is what closing all
    that can be closed costs by year when money is no limit; ``None`` when all are closed.
    ``after`` is the ordinary assessment of the last day with everything carried out. ``walk_m``
    is by step the mean walk of the people it serves, where homes are given (``step_walks``).
    """

    study: str
    as_of: date
    assumed: Assumptions
    goals: tuple[Goal, ...]
    steps: tuple[Step, ...]
    years: tuple[YearEnd, ...]
    needs: tuple[Need, ...]
    open_needs: tuple[Need, ...]
    no_option: tuple[Need, ...]
    left_out: tuple[LeftOut, ...]
    least_yuan: tuple[Fraction, ...] | None
    before: Assessment
    after: Assessment
    walk_m: Mapping[str, float] = field(default_factory=dict)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Every change, in the order of the years."""
        return tuple(edit for step in self.steps for edit in step.edits)


def plan_programme(
    layers: Layers, judge: Judge, assumed: Assumptions, *, as_of: date, seconds: float = 60.0
) -> Programme:
    """The programme that closes the gaps of the last day of its years.

    Parameters
    ----------
    layers : of the study.
    judge : assesses layers on a day.
    assumed : years, budgets, prices.
    as_of : the study's own day.
    seconds : for the search; what is found by then counts, with its bound.

    Raises
    ------
    TimeoutError
        nothing was found in the time.
    """
    before = judge(layers, assumed.last_day)
    assumed = _with_minima(assumed, before)
    needs, left_out = list_needs(before)
    standing, changes = standing_options(before, needs, assumed)
    rooms, unfit = room_options(before, needs, assumed)
    options = [*standing, *rooms, *fresh_options(before, needs, assumed)]
    choice = choose(needs, options, assumed, seconds=seconds)
    works = Works(before, needs, assumed, changes)
    steps = tuple(
        _step(each, works, needs, assumed)
        for each in sorted(choice.taken, key=lambda each: (each.year, each.option.id))
    )
    years = _year_ends(layers, judge, steps, needs, assumed)
    after = years[-1].after
    closed = frozenset(need for end in years for need in end.closed)
    _prove(closed, needs, after)
    # What the cheapest way leaves open, however much it may cost, nothing closes.
    best = choice if choice.closes_all else _cheapest(needs, options, assumed, seconds)
    none = [] if best is None else [at for at in range(len(needs)) if at not in best.closed]
    return Programme(
        study=before.study,
        as_of=as_of,
        assumed=assumed,
        goals=choice.goals,
        steps=steps,
        years=years,
        needs=needs,
        open_needs=tuple(need for need in needs if need not in closed),
        no_option=tuple(needs[at] for at in none),
        left_out=(*left_out, *unfit),
        least_yuan=None
        if choice.closes_all or best is None
        else _costs([_yuan_by_year(each, assumed) for each in best.taken]),
        before=before,
        after=after,
    )


def _with_minima(assumed: Assumptions, assessment: Assessment) -> Assumptions:
    """Rooms at least as large as the policy asks."""
    number = assessment.standard.number
    places_m2 = number("min_places") * assumed.place_m2
    return replace(
        assumed,
        center_least_m2=max(assumed.center_least_m2, number("min_center_area_m2")),
        childcare_least_m2=max(
            assumed.childcare_least_m2, number("min_childcare_area_m2"), places_m2
        ),
    )


def _cheapest(
    needs: Sequence[Need], options: Sequence[Option], assumed: Assumptions, seconds: float
) -> Choice | None:
    """Closing everything that can be closed for the least money; ``None`` if not found in time."""
    try:
        return choose_cheapest(needs, options, assumed, seconds=seconds)
    except TimeoutError:
        return None


def _costs(by_step: Sequence[Sequence[Fraction]]) -> tuple[Fraction, ...]:
    """The sum of each year."""
    return tuple(sum(column, Fraction(0)) for column in zip(*by_step, strict=True))


def _yuan_by_year(taken: Taken, assumed: Assumptions) -> tuple[Fraction, ...]:
    option = taken.option
    once = option.yuan_once + option.yuan_per_m2 * taken.size_m2
    return tuple(
        (once if year == taken.year else Fraction(0))
        + (option.yuan_per_year if year >= taken.year else Fraction(0))
        for year in range(len(assumed.years))
    )


def _step(taken: Taken, works: Works, needs: Sequence[Need], assumed: Assumptions) -> Step:
    option = taken.option
    year = assumed.years[taken.year]
    served = [*taken.area, *taken.covers, *taken.centers]
    subject = [needs[at] for at in served if needs[at].unit_id == option.subject]
    name = option.name or (works.unit_name(subject[0]) if subject else option.subject)
    leased = option.instrument == "lease"
    far = [option.far_m[at] for at in served if at in option.far_m]
    return Step(
        id=option.id,
        year=year,
        instrument=option.instrument,
        subject=option.subject,
        layer=option.layer,
        name=name,
        floor_m2=taken.floor_m2,
        serves=tuple((needs[at], m2) for at, m2 in taken.area.items()),
        closes=tuple(needs[at] for at in (*taken.covers, *taken.centers)),
        yuan_by_year=_yuan_by_year(taken, assumed),
        land_m2=option.land_m2 * taken.floor_m2 if option.sized else option.land_m2,
        lease_end=works.lease_end(date(year, 12, 31)) if leased else option.lease_end,
        far_m=max(far, default=None),
        codes=option.codes,
        edits=tuple(works.edits(taken)),
    )


def _year_ends(
    layers: Layers,
    judge: Judge,
    steps: Sequence[Step],
    needs: Sequence[Need],
    assumed: Assumptions,
) -> tuple[YearEnd, ...]:
    ends = []
    for at, year in enumerate(assumed.years):
        day = date(year, 12, 31)
        done = [edit for step in steps if step.year <= year for edit in step.edits]
        now, without = judge(apply(layers, done), day), judge(layers, day)
        closed = _closed_by(year, steps, needs)
        ends.append(
            YearEnd(
                year=year,
                budget_yuan=None if assumed.budgets_yuan is None else assumed.budgets_yuan[at],
                spent_yuan=sum((step.yuan_by_year[at] for step in steps), Fraction(0)),
                land_m2=sum((step.land_m2 for step in steps if step.year == year), Fraction(0)),
                closed=closed,
                people=sum((need.people for need in closed), Fraction(0)),
                indicators=now.indicators,
                without=without.indicators,
                gaps=_official(now),
                gaps_without=_official(without),
                after=now,
            )
        )
    return tuple(ends)


def _official(assessment: Assessment) -> int:
    return sum(gap.official for gap in assessment.gaps)


def _closed_by(year: int, steps: Sequence[Step], needs: Sequence[Need]) -> tuple[Need, ...]:
    """The needs whose gap is closed by what was done up to the end of a year."""
    given: dict[Need, Fraction] = {}
    met: set[Need] = set()
    for step in steps:
        if step.year <= year:
            met.update(step.closes)
            for need, m2 in step.serves:
                given[need] = given.get(need, Fraction(0)) + m2
    return tuple(
        need
        for need in needs
        if need in met or (need.floor_m2 is not None and given.get(need, 0) >= need.floor_m2)
    )


def _prove(closed: frozenset[Need], needs: Sequence[Need], after: Assessment) -> None:
    """The ordinary assessment finds none of the gaps that were closed, and none that was not there.

    Raises
    ------
    ArithmeticError
        it does: the programme would promise what the rules do not grant.
    """
    left = {
        (gap.unit_id, gap.level, gap.rule, gap.kind)
        for gap in after.gaps
        if gap.official and gap.gap
    }
    promised = {(need.unit_id, need.level, need.rule, need.kind) for need in closed}
    known = {(need.unit_id, need.level, need.rule, need.kind) for need in needs}
    fresh = {gap for gap in left - known if gap[1] != "project"}
    if left & promised or fresh:
        raise ArithmeticError(f"not closed: {sorted(left & promised)}; new: {sorted(fresh)}")


def by_need(programme: Programme) -> Mapping[Need, tuple[Step, ...]]:
    """The steps that work on each need, in the order of the needs."""
    return {
        need: tuple(
            step
            for step in programme.steps
            if need in step.closes or any(need == each for each, _ in step.serves)
        )
        for need in programme.needs
    }
