"""Where to open next: a siting model on a study's homes, facilities and possible sites.

Belongs here: turning a study into a siting problem, and its answer back into places and people.
Sites that are open are fixed; those that could open are vacant premises, facilities under
construction or planned, and suspended ones. Walks are those of the assessment: along streets
where they are given. Advisory, as all walking is: it moves no verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from geoplan.assess.absence import absences
from geoplan.assess.floor_area.countable_area import BAD_POSITIONS
from geoplan.assess.ground import Ground, settle_ground
from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.assess.places.facility_status import SERVING
from geoplan.assess.walking.people_reached import counted_units, exact, kinds_of
from geoplan.errors import DataError, Problem
from geoplan.layers.model import Facility, Layers, rows_of
from geoplan.plan.scenario import Open, apply
from geoplan.plan.siting import SitingAnswer, SitingProblem, solve_siting
from geoplan.plan.siting.problem import COVERING, Costs
from geoplan.policy.model import Standard
from geoplan.reach.straight import Pairs
from geoplan.reach.ways import pairs_of
from geoplan.terms import Words

STUDY_MODELS = ("mclp", "lscp", "p_median", "p_center")
GROUPS = {"elder": ("pop_60plus", "population"), "childcare": ("pop_under3", "population")}
_COMING = frozenset({"under_construction", "planned", "suspended", "built_idle"})
_TYPES = {"elder": "elder_service_station", "childcare": "childcare_institution"}
_FARTHEST_M = 5000.0  # for models that know no limit: nobody walks farther


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a model, a kind of facility, a distance, how many new sites.

    ``within_m`` is the distance that counts as covered; for ``p_median`` and ``p_center`` walks
    are looked at up to 5 km. ``sites`` are new ones, beside those that are open.
    """

    model: str = "mclp"
    kind: str = "elder"
    within_m: Fraction = Fraction(500)
    sites: int = 3
    k_best: int = 1
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site to open: ``people`` are those for whom it is the nearest and who were not covered."""

    id: str
    name: str
    layer: str
    people: Fraction
    at: int


@dataclass(frozen=True, slots=True)
class NextSites:
    """The answer with its certificate, in places and people.

    ``covered_before`` and ``covered_after`` are people within ``within_m``; ``mode`` is ``network``
    or ``straight``. ``out_of_reach`` are people whom no site, open or possible, can serve.
    ``alternatives`` are other sets of new sites, each with its objective.
    """

    question: Question
    people: str
    mode: str
    total: Fraction
    covered_before: Fraction
    covered_after: Fraction
    out_of_reach: Fraction
    homes_out_of_reach: tuple[str, ...]
    open_now: int
    candidates: int
    new: tuple[NewSite, ...]
    alternatives: tuple[tuple[float, tuple[str, ...]], ...]
    answer: SitingAnswer
    layers: Layers
    assessment: Assessment


def find_next_sites(
    layers: Layers, standard: Standard, question: Question, *, study: str
) -> NextSites:
    """Solve the question on a study.

    ``assessment`` of the answer is the ordinary one without walks; its ``layers`` have every
    possible site among the facilities.

    Raises
    ------
    DataError
        there are no homes, no facilities with a place, or no site that could open.
    """
    ground = settle_ground(_with_premises(layers, question.kind), standard)
    demand, group = _demand(ground, question.kind)
    now, coming = _sites(ground, question.kind)
    _refuse(layers, demand, coming)
    ways, residents = ground.ways, ground.residents
    if ways is None or residents is None:
        raise AssertionError  # homes are there: see above
    limit_m = float(question.within_m) if question.model in COVERING else _FARTHEST_M
    walks = pairs_of(ways, [*now, *coming], within_m=limit_m)
    asked = _ask(question, (residents.ids, demand), now, coming, walks)
    assessment = assess(replace(layers, homes=None, roads=None), standard, study=study)
    return _told(ground, assessment, (question, group), asked, solve_siting(asked.problem))


def _with_premises(layers: Layers, kind: str) -> Layers:
    """The layers with every vacant room that could be used as a facility that is planned."""
    premises = layers.premises
    if premises is None or premises.geometry is None:
        return layers
    taken = {row.id for row in rows_of(layers.facilities)}
    return apply(
        layers,
        [
            Open(
                Facility(0, _free_id(row.id, taken), _TYPES[kind], row.name, status="planned"),
                place,
            )
            for row, place in zip(premises.rows, premises.geometry, strict=True)
            if place is not None and row.position not in BAD_POSITIONS
        ],
    )


def _free_id(key: str, taken: set[str]) -> str:
    return key if key not in taken else f"premises:{key}"


def _demand(ground: Ground, kind: str) -> tuple[NDArray[np.float64], str]:
    """People at each home of the group the kind is for; 0 outside every division and where unknown."""
    residents = ground.residents
    if residents is None:
        return np.zeros(0), GROUPS[kind][0]
    (study, *_) = counted_units(residents)
    group = next(
        (each for each in GROUPS[kind] if not np.isnan(residents.people[each]).all()),
        GROUPS[kind][-1],
    )
    people = np.nan_to_num(residents.people[group])
    return np.where(study.of >= 0, people, 0.0), group


def _sites(ground: Ground, kind: str) -> tuple[list[int], list[int]]:
    """Positions of the facilities of a kind that serve, and of those that could, each by id.

    The order of rows means nothing: what is equal is told apart by ids.
    """
    layer = ground.layers.facilities
    now: list[int] = []
    coming: list[int] = []
    if layer is None or layer.geometry is None:
        return now, coming
    for at, row in sorted(enumerate(layer.rows), key=lambda placed: placed[1].id):
        if kind in kinds_of(row) and layer.geometry[at] is not None:
            if ground.states[row.id] in SERVING:
                now.append(at)
            elif ground.states[row.id] in _COMING:
                coming.append(at)
    return now, coming


def _refuse(layers: Layers, demand: NDArray[np.float64], coming: Sequence[int]) -> None:
    """Without people, without knowing what is open, without a site that could: all at once."""
    problems = []
    if not demand.sum():
        fault = Words("没有可用的住宅楼栋和人口", "there are no homes with people")
        remedy = Words("请在 study.toml 里给出 homes 图层。", "Give the layer homes in study.toml.")
        problems.append(Problem("site", fault, remedy))
    lacking = absences(layers, (("facilities",),))
    if lacking:  # to plan as if nothing were open would open what is there already
        words = lacking[0].words
        fault = Words(f"不知道已有哪些设施：{words.zh}", f"what is open is not known: {words.en}")
        remedy = Words(
            "请给出设施图层（facilities），已开设的和拟建的都写上。",
            "Give the layer facilities, with all that are open or to come.",
        )
        problems.append(Problem("site", fault, remedy))
    if not coming:
        fault = Words("没有可开设的点位", "there is no site that could open")
        remedy = Words(
            "请给出带坐标的存量用房（premises）或在建、规划设施。",
            "Give premises with coordinates, or facilities under construction or planned.",
        )
        problems.append(Problem("site", fault, remedy))
    if problems:
        raise DataError(problems)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The problem, and what its indices mean: positions of homes and of facilities."""

    problem: SitingProblem
    homes: NDArray[np.int64]
    sites: NDArray[np.int64]
    open_now: int
    out_of_reach: NDArray[np.int64]


def _ask(
    question: Question,
    homes_of: tuple[NDArray[np.object_], NDArray[np.float64]],
    now: Sequence[int],
    coming: Sequence[int],
    found: Pairs,
) -> _Asked:
    """Homes with people whom some site can serve, against all sites; walks at the millimetre.

    ``homes_of`` are the ids of all homes and the people in them.
    """
    ids, demand = homes_of
    peopled = np.flatnonzero(demand > 0)
    reached = np.unique(found.home)
    homes = np.intersect1d(peopled, reached)
    homes = homes[np.argsort(np.asarray(ids, dtype=str)[homes], kind="stable")]
    sites = np.array([*now, *coming], dtype=np.int64)
    row_of = np.full(len(demand), -1, dtype=np.int64)
    row_of[homes] = np.arange(len(homes))
    column_of = np.full(int(sites.max()) + 1, -1, dtype=np.int64)
    column_of[sites] = np.arange(len(sites))
    kept = row_of[found.home] >= 0
    rows, columns = row_of[found.home[kept]], column_of[found.facility[kept]]
    order = np.lexsort((columns, rows))
    walk_m = np.round(found.walk_m[kept], 3)[order]
    covering = question.model in COVERING
    problem = SitingProblem(
        model=question.model,
        costs=Costs(rows[order], columns[order], walk_m, (len(homes), len(sites))),
        weights=demand[homes],
        load=demand[homes],
        p=None if question.model == "lscp" else len(now) + min(question.sites, len(coming)),
        radius=float(question.within_m) if covering else None,
        fixed=tuple(range(len(now))),
        time_limit_s=question.seconds,
        k_best=question.k_best,
    )
    return _Asked(problem, homes, sites, len(now), np.setdiff1d(peopled, reached))


def _told(
    ground: Ground,
    assessment: Assessment,
    about: tuple[Question, str],
    asked: _Asked,
    answer: SitingAnswer,
) -> NextSites:
    question, group = about
    rows = ground.facilities
    premises = {row.id for row in rows_of(ground.layers.premises)}
    demand = asked.problem.weights
    walks = _nearest(asked, range(asked.open_now)), _nearest(asked, answer.open)
    before, after = (walk[0] <= float(question.within_m) for walk in walks)
    owner = walks[1][1]
    gained = after & ~before
    opened = [at for at in answer.open if at >= asked.open_now]
    residents = ground.residents
    if residents is None or ground.ways is None:
        raise AssertionError  # refused before
    total, _ = _demand(ground, question.kind)

    def site(at: int) -> NewSite:
        row = rows[int(asked.sites[at])]
        key = row.id.removeprefix("premises:")
        layer = "premises" if key in premises and row.status == "planned" else "facilities"
        people = exact(demand[gained & (owner == at)].sum())
        return NewSite(key, row.name, layer, people, int(asked.sites[at]))

    return NextSites(
        question=question,
        people=group,
        mode=ground.ways.modes[0],
        total=exact(total.sum()),
        covered_before=exact(demand[before].sum()),
        covered_after=exact(demand[after].sum()),
        out_of_reach=exact(total[asked.out_of_reach].sum()),
        homes_out_of_reach=tuple(str(residents.ids[at]) for at in asked.out_of_reach.tolist()),
        open_now=asked.open_now,
        candidates=len(asked.sites) - asked.open_now,
        new=tuple(sorted(map(site, opened), key=lambda each: (-each.people, each.id))),
        alternatives=tuple(
            (other.objective, tuple(site(at).id for at in other.open if at >= asked.open_now))
            for other in answer.alternatives
        ),
        answer=replace(answer, assignment=()),
        layers=ground.layers,
        assessment=assessment,
    )


def _nearest(asked: _Asked, opened: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Of each home the walk to the nearest open site, infinite without one, and which it is."""
    costs = asked.problem.costs
    home, site, walk_m = costs.demand, costs.candidate, costs.cost
    is_open = np.isin(site, list(opened))
    home, site, walk_m = home[is_open], site[is_open], walk_m[is_open]
    order = np.lexsort((site, walk_m, home))
    home, first = np.unique(home[order], return_index=True)
    nearest_m = np.full(len(asked.homes), np.inf)
    owner = np.full(len(asked.homes), -1, dtype=np.int64)
    nearest_m[home], owner[home] = walk_m[order][first], site[order][first]
    return nearest_m, owner
