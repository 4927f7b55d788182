"""Which options to take in which year: a mixed-integer programme, goal after goal, with bounds.

The mathematics. Options ``w`` may be taken in year ``y`` (``u_wy`` in {0, 1}, at most one of each
group over all years), rooms of ``s_wy`` whole m² where the size is chosen, give ``z_wyn`` m² to
the area need ``n`` and give childcare (``q_wyn``) or a centre (``k_wyn``) to a unit; a need is
closed by the end of year ``t`` when ``c_nt`` = 1:

- ``Σ_n z_wyn <= F_w u_wy`` (or ``s_wy``), less ``F_w`` where the rooms are a centre;
- elder-care rooms leave ``childcare_least_m2`` where a unit is given childcare;
- ``Σ_w Σ_{y<=t} z_wyn >= gap_n c_nt``, and likewise one ``q`` or ``k`` for a missing facility;
- in every year ``Σ once + yearly + per m² <= budget_y``.

Goals one after the other, each kept while the next is sought: the gaps closed on the last day;
where all are closed the money, then the people year by year; where not, first the people for whom
a gap is closed by the end of the first year, the second, and so on, and the money last. That is
lexicographic goal programming (Charnes & Cooper 1961; Ignizio 1976) on a capacitated fixed-charge
covering model (Current & Storbeck 1988). Nothing that was done in one year is undone in a later one.
"""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from scipy import sparse

from geoplan.plan.programme.assumptions import Assumptions
from geoplan.plan.programme.needs import Need
from geoplan.plan.programme.options import Option
from geoplan.plan.programme.shared_areas import CENT, Taken, round_up, share_out
from geoplan.plan.siting.bounds.clock import Clock
from geoplan.plan.siting.bounds.highs import Programme, minimise
from geoplan.plan.siting.problem import Floats

_HALF = 0.5
_ALL_YEARS = -1
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal: what was reached, and what nothing can be better than.

    ``name`` is ``gaps``, ``yuan`` or ``people``; ``year`` the calendar year for people. The numbers
    are the solver's; what the programme prints is counted again exactly.
    """

    name: str
    year: int | None
    value: float
    bound: float

    @property
    def proven(self) -> bool:
        """Whether nothing better exists."""
        return math.isclose(self.value, self.bound, rel_tol=1e-6, abs_tol=_HALF)


@dataclass(frozen=True, slots=True)
class Choice:
    """What to take, the goals in their order, and the needs that are closed in the end.

    ``closes_all`` says that no more gaps could be closed with any amount of money.
    """

    taken: tuple[Taken, ...]
    goals: tuple[Goal, ...]
    closed: frozenset[int]
    closes_all: bool


@dataclass(slots=True)
class _Draft:
    """A programme being written: variables with their limits, rows as triplets."""

    most: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def variable(self, most: float = 1.0, *, whole: bool = True) -> int:
        """A new variable from 0 to ``most``."""
        self.most.append(most)
        self.whole.append(whole)
        return len(self.most) - 1

    def row(
        self, terms: Mapping[int, float], lower: float = -math.inf, upper: float = math.inf
    ) -> None:
        """A new row ``lower <= Σ value × variable <= upper``."""
        self.rows += [len(self.lower)] * len(terms)
        self.columns += terms
        self.values += terms.values()
        self.lower.append(lower)
        self.upper.append(upper)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the variables stand; all but ``closed`` are by (option, year) and need."""

    used: Mapping[tuple[int, int], int]
    size: Mapping[tuple[int, int], int]
    area: Mapping[tuple[int, int, int], int]
    covers: Mapping[tuple[int, int, int], int]
    centers: Mapping[tuple[int, int, int], int]
    closed: Mapping[tuple[int, int], int]


def choose(
    needs: Sequence[Need],
    options: Sequence[Option],
    assumed: Assumptions,
    *,
    seconds: float,
) -> Choice:
    """The best options under the goals, each year's within its budget.

    Raises
    ------
    TimeoutError
        nothing was found in the time.
    """
    search = _Search.begin(needs, options, assumed, seconds)
    people = [("people", year) for year in range(len(assumed.years))]
    money = [("yuan", _ALL_YEARS)]
    for name, year in [*money, *people] if search.closes_all else [*people, *money]:
        search.reach(name, year)
    return search.end()


def choose_cheapest(
    needs: Sequence[Need], options: Sequence[Option], assumed: Assumptions, *, seconds: float
) -> Choice:
    """What closes all that can be closed for the least money, whatever the budgets say.

    Raises
    ------
    TimeoutError
        nothing was found in the time.
    """
    search = _Search.begin(needs, options, replace(assumed, budgets_yuan=None), seconds)
    search.reach("yuan", _ALL_YEARS)
    return search.end()


@dataclass(slots=True)
class _Search:
    """A search under way: the programme so far, the best values, the goals reached."""

    needs: Sequence[Need]
    options: Sequence[Option]
    assumed: Assumptions
    draft: _Draft
    columns: _Columns
    clock: Clock
    values: Floats
    goals: list[Goal]
    closes_all: bool

    @classmethod
    def begin(
        cls,
        needs: Sequence[Need],
        options: Sequence[Option],
        assumed: Assumptions,
        seconds: float,
    ) -> _Search:
        """The first goal: as many gaps closed on the last day as can be."""
        draft = _Draft()
        columns = _write_columns(draft, needs, options, assumed)
        _write_rows(draft, columns, needs, options, assumed)
        clock = Clock.of(seconds)
        last = len(assumed.years) - 1
        count = {columns.closed[at, last]: 1.0 for at in range(len(needs))}
        values, bound = _reach(draft, count, clock, None, sign=-1.0)
        closed = round(_total(values, count))
        draft.row(count, lower=closed - _HALF)
        goals = [Goal("gaps", None, closed, math.floor(bound + 1e-6))]
        most = closed
        if assumed.budgets_yuan is not None and closed < len(needs):
            most = _most_closable(needs, options, assumed, clock)
        all_closed = closed == most
        return cls(needs, options, assumed, draft, columns, clock, values, goals, all_closed)

    def reach(self, name: str, year: int) -> None:
        """The next goal, as far as the goals before it and the time allow."""
        columns = self.columns
        money = name == "yuan"
        if money:
            terms = _committed(columns, self.options, self.assumed)
        else:
            terms = _people(columns, self.needs, year)
        sign = 1.0 if money else -1.0
        start = _stay_closed(self.values, columns)
        values, bound = _reach(self.draft, terms, self.clock, start, sign=sign)
        self.values = _stay_closed(values, columns)
        value = _total(self.values, terms)
        when = None if year == _ALL_YEARS else self.assumed.years[year]
        self.goals.append(Goal(name, when, value, bound))
        logger.info("%s %s: %.10g, bound %.10g", name, when or "", value, bound)
        slack = max(1e-6 * abs(value), _HALF)  # yuan and people are whole
        self.draft.row(terms, **({"upper": value + slack} if money else {"lower": value - slack}))

    def end(self) -> Choice:
        """What to take, divided among as few units as possible."""
        links, self.values = _fewest_links(self.draft, self.columns, self.clock, self.values)
        found = _read_off(self.values, self.columns, links, self.needs, self.assumed, self.options)
        last = len(self.assumed.years) - 1
        closed = frozenset(
            at
            for at in range(len(self.needs))
            if self.values[self.columns.closed[at, last]] > _HALF
        )
        return Choice(found, tuple(self.goals), closed, self.closes_all)


def _reach(
    draft: _Draft, terms: Mapping[int, float], clock: Clock, start: Floats | None, *, sign: float
) -> tuple[Floats, float]:
    """The values with the least ``sign`` × terms, and the bound of the terms.

    What was found before stands when nothing better is found in the time.
    """
    cost = np.zeros(len(draft.most))
    cost[list(terms)] = [sign * value for value in terms.values()]
    shape = (len(draft.lower), len(draft.most))
    programme = Programme(
        cost=cost,
        rows=sparse.csr_array((draft.values, (draft.rows, draft.columns)), shape=shape),
        lower=np.array(draft.lower),
        upper=np.array(draft.upper),
        least=np.zeros(len(draft.most)),
        most=np.array(draft.most),
        whole=np.array(draft.whole),
    )
    finish = minimise(programme, clock=clock.share(0.5), start=start)
    values = start if finish.values is None else finish.values
    if values is None:
        raise TimeoutError
    return values, sign * finish.bound


def _stay_closed(values: Floats, columns: _Columns) -> Floats:
    """What is closed by the end of a year is closed by the end of the next: rows allow it.

    As rows of the programme the same would only slow the search down.
    """
    settled = values.copy()
    for (need, year), column in columns.closed.items():  # by need, the years ascending
        if year:
            settled[column] = max(settled[column], settled[columns.closed[need, year - 1]])
    return settled


def _total(values: Floats, terms: Mapping[int, float]) -> float:
    return math.fsum(each * float(values[at]) for at, each in terms.items())


def _people(columns: _Columns, needs: Sequence[Need], year: int) -> dict[int, float]:
    return {columns.closed[at, year]: float(need.people) for at, need in enumerate(needs)}


def _write_columns(
    draft: _Draft, needs: Sequence[Need], options: Sequence[Option], assumed: Assumptions
) -> _Columns:
    columns = _Columns({}, {}, {}, {}, {}, {})
    for at, option in enumerate(options):
        for year in range(option.first_year, len(assumed.years)):
            columns.used[at, year] = draft.variable()  # type: ignore[index]
            if option.sized:
                columns.size[at, year] = draft.variable(option.most_m2)  # type: ignore[index]
            for need, most in option.area.items():
                useful = min(most, round_up(needs[need].floor_m2))
                columns.area[at, year, need] = draft.variable(_down(useful), whole=False)  # type: ignore[index]
            for need in option.covers:
                columns.covers[at, year, need] = draft.variable()  # type: ignore[index]
            for need in option.centers:
                columns.centers[at, year, need] = draft.variable()  # type: ignore[index]
    for need in range(len(needs)):
        for year in range(len(assumed.years)):
            columns.closed[need, year] = draft.variable()  # type: ignore[index]
    return columns


def _down(m2: Fraction) -> float:
    """To the hundredth below, as a float."""
    return float(m2 // CENT * CENT)


def _write_rows(
    draft: _Draft,
    columns: _Columns,
    needs: Sequence[Need],
    options: Sequence[Option],
    assumed: Assumptions,
) -> None:
    groups: dict[str, dict[int, float]] = defaultdict(dict)
    for (at, _), column in columns.used.items():
        groups[options[at].group][column] = 1.0
    for terms in groups.values():
        draft.row(terms, upper=1.0)
    for at, year in columns.used:
        _write_option(draft, columns, (at, year), needs, options[at], assumed)
    for year in range(len(assumed.years)):
        if assumed.budgets_yuan is not None:
            budget = float(assumed.budgets_yuan[year])
            draft.row(_spent(columns, options, year=year), upper=budget)
    given: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    for (_, year, need), column in (
        *columns.area.items(),
        *columns.covers.items(),
        *columns.centers.items(),
    ):
        for later in range(year, len(assumed.years)):
            given[need, later][column] = 1.0
    for (need, year), column in columns.closed.items():
        asked = float(round_up(needs[need].floor_m2)) if needs[need].floor_m2 is not None else 1.0
        draft.row({**given[need, year], column: -asked}, lower=0.0)


def _write_option(  # noqa: PLR0913 - what one option is made of
    draft: _Draft,
    columns: _Columns,
    key: tuple[int, int],
    needs: Sequence[Need],
    option: Option,
    assumed: Assumptions,
) -> None:
    used = columns.used[key]
    area = {need: columns.area[(*key, need)] for need in option.area}
    covers = [columns.covers[(*key, need)] for need in option.covers]
    centers = [columns.centers[(*key, need)] for need in option.centers]
    for column in (*covers, *centers):
        draft.row({column: 1.0, used: -1.0}, upper=0.0)
    for column in area.values():
        draft.row({column: 1.0, used: -draft.most[column]}, upper=0.0)
    if option.fixed:
        return
    if option.sized:
        size = columns.size[key]
        draft.row({size: 1.0, used: -float(option.most_m2)}, upper=0.0)
        draft.row({size: 1.0, used: -float(option.least_m2)}, lower=0.0)
        rooms, floor_m2 = {size: -1.0}, float(option.most_m2)
    else:
        floor_m2 = _down(option.floor_m2 or Fraction(0))
        rooms = {used: -floor_m2}
    together = dict.fromkeys(area.values(), 1.0)
    draft.row({**together, **rooms, **dict.fromkeys(centers, floor_m2)}, upper=0.0)
    elder = {column: 1.0 for need, column in area.items() if needs[need].kind == "elder"}
    least = float(round_up(assumed.childcare_least_m2))
    for column in covers:
        draft.row({**elder, **rooms, column: least, **dict.fromkeys(centers, floor_m2)}, upper=0.0)
    if len(centers) > 1:
        draft.row(dict.fromkeys(centers, 1.0), upper=1.0)


def _spent(columns: _Columns, options: Sequence[Option], *, year: int) -> dict[int, float]:
    """Yuan spent in a year."""
    terms: dict[int, float] = {}
    for (at, taken), column in columns.used.items():
        option = options[at]
        once = option.yuan_once if year == taken else Fraction(0)
        terms[column] = float(once + (option.yuan_per_year if year >= taken else 0))
        if option.sized and taken == year:
            terms[columns.size[at, taken]] = float(option.yuan_per_m2)
    return {column: cost for column, cost in terms.items() if cost}


def _committed(
    columns: _Columns, options: Sequence[Option], assumed: Assumptions
) -> dict[int, float]:
    """Yuan committed: what is paid once and the rent of a whole lease.

    Counting only the years of the programme would put every lease off to the last of them.
    """
    terms: dict[int, float] = {}
    for (at, taken), column in columns.used.items():
        option = options[at]
        terms[column] = float(option.yuan_once + option.yuan_per_year * assumed.lease_years)
        if option.sized:
            terms[columns.size[at, taken]] = float(option.yuan_per_m2)
    return {column: cost for column, cost in terms.items() if cost}


def _most_closable(
    needs: Sequence[Need], options: Sequence[Option], assumed: Assumptions, clock: Clock
) -> int:
    """How many gaps could be closed if money were no limit."""
    rich = replace(assumed, budgets_yuan=None)
    draft = _Draft()
    columns = _write_columns(draft, needs, options, rich)
    _write_rows(draft, columns, needs, options, rich)
    last = len(assumed.years) - 1
    count = {columns.closed[at, last]: 1.0 for at in range(len(needs))}
    values, _ = _reach(draft, count, clock, None, sign=-1.0)
    return round(_total(values, count))


def _fewest_links(
    draft: _Draft, columns: _Columns, clock: Clock, start: Floats
) -> tuple[frozenset[tuple[int, int, int]], Floats]:
    """Of all ways to divide what is taken, one in which each serves as few units as possible.

    Rooms of half a square metre for a unit far off close a gap on paper only.
    """
    for column in (*columns.used.values(), *columns.size.values()):
        value = round(float(start[column]))
        draft.row({column: 1.0}, lower=value, upper=value)
    links = {}
    for key, column in columns.area.items():
        if start[columns.used[key[:2]]] > _HALF:
            links[key] = draft.variable()
            draft.row({column: 1.0, links[key]: -draft.most[column]}, upper=0.0)
    begin = np.concatenate((start, np.ones(len(links))))
    values, _ = _reach(draft, dict.fromkeys(links.values(), 1.0), clock, begin, sign=1.0)
    return frozenset(key for key, column in links.items() if values[column] > _HALF), values


# ------------------------------------------------------------------------------ reading off


def _read_off(  # noqa: PLR0913 - what was asked and what was found
    values: Floats,
    columns: _Columns,
    links: frozenset[tuple[int, int, int]],
    needs: Sequence[Need],
    assumed: Assumptions,
    options: Sequence[Option],
) -> tuple[Taken, ...]:
    """What the values say, the areas settled anew in whole hundredths."""
    on = [key for key, column in columns.used.items() if values[column] > _HALF]
    closed = {
        need: min(
            year for year in range(len(assumed.years)) if values[columns.closed[need, year]] > _HALF
        )
        for need in range(len(needs))
        if values[columns.closed[need, len(assumed.years) - 1]] > _HALF
    }
    taken = [
        Taken(
            option=options[at],
            year=year,
            size_m2=round(float(values[columns.size[at, year]])) if options[at].sized else 0,
            area={need: Fraction(0) for need in options[at].area if (at, year, need) in links},
            covers=_on(values, columns.covers, (at, year), options[at].covers),
            centers=_on(values, columns.centers, (at, year), options[at].centers),
        )
        for at, year in on
    ]
    least = assumed.childcare_least_m2
    shared = share_out(taken, closed, needs, childcare_least_m2=least)
    return tuple(each for each in shared if each.area or each.covers or each.centers)


def _on(
    values: Floats,
    columns: Mapping[tuple[int, int, int], int],
    key: tuple[int, int],
    needs: Iterable[int],
) -> tuple[int, ...]:
    return tuple(need for need in needs if values[columns[(*key, need)]] > _HALF)
