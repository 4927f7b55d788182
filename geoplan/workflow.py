"""The order of steps, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.assess.absence import LAYER_EMPTY, LAYER_MISSING
from geoplan.assess.checkup.inspection import Inspection, inspect
from geoplan.assess.ground import settle_ground
from geoplan.assess.indicators.reported_values import reported_twice
from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment, Gap
from geoplan.assess.projects.project_verdicts import judge_projects
from geoplan.errors import DataError, Problem, StudyError
from geoplan.layers.model import rows_of
from geoplan.layers.read import look_through, read_layers
from geoplan.layers.rows.row_order import rows_in_order
from geoplan.policy.read import build_standard, read_policy
from geoplan.study import Study, read_study
from geoplan.terms import Verdict, Words

if TYPE_CHECKING:
    from geoplan.layers.model import Layers
    from geoplan.plan.comparison import Comparison, Side
    from geoplan.plan.next_sites import NextSites, Question
    from geoplan.plan.programme.programme import Programme
    from geoplan.plan.siting import SitingAnswer

_PAIR = 2
_COMPLIANCE = "new_compound_compliance"
_COMPLIANCE_LAYERS = frozenset({"divisions", "communities", "projects", "phases"})


def assess_study(
    folder: str | Path = ".",
    *,
    as_of: date | None = None,
    policy: str | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Assessment:
    """Read a study folder and judge it.

    Parameters
    ----------
    folder : the folder with study.toml, or that file.
    as_of : the day to judge, instead of the study's.
    policy : an id in the library or a file, instead of the study's.
    overrides : policy values by name, on top of the study's ``[policy_values]``.

    Raises
    ------
    GeoplanError
        study, policy or a layer cannot be used; every problem found is in ``problems``.
    """
    return assess_layers(read_study(folder, as_of=as_of, policy=policy, overrides=overrides))


def assess_layers(study: Study) -> Assessment:
    """Judge a study that has been read."""
    standard, remarks = build_standard(read_policy(study.policy), study.as_of, study.overrides)
    layers = _layers_of(study)
    assessment = assess(layers, standard, study=study.name, period_start=study.period_start)
    return replace(assessment, remarks=(*remarks, *assessment.remarks))


def assess_on(study: Study, assessment: Assessment, day: date) -> Assessment:
    """The same layers judged on another day; ways that are laid are not laid again."""
    if day == assessment.as_of:
        return assessment
    standard, _ = build_standard(read_policy(study.policy), day, study.overrides)
    return assess(
        assessment.layers,
        standard,
        study=study.name,
        period_start=study.period_start,
        ways=assessment.ways,
    )


def publish(study: Study, *assessments: Assessment) -> tuple[Assessment, ...]:
    """The public editions of assessments of a study: all that a renderer may see of them.

    Raises
    ------
    StudyError
        the study has no approved number.
    """
    from geoplan.render.public.edition import public_editions

    return public_editions(assessments, review_no_of(study))


def review_no_of(study: Study) -> str:
    """The approved number (审图号) that whatever is published must bear.

    Raises
    ------
    StudyError
        there is none.
    """
    if study.map_review_no is None:
        raise StudyError(
            Problem(
                "study.toml: [study] map_review_no",
                Words("公开地图需要审图号", "a public map needs its approved number"),
                Words(
                    '请写成 map_review_no = "桂S(2023)12-3号"。',
                    'Write map_review_no = "桂S(2023)12-3号".',
                ),
            )
        )
    return study.map_review_no


def _layers_of(study: Study) -> Layers:
    """The layers of a study with their rows in order, so that nothing can follow the files."""
    return rows_in_order(read_layers(study))


def inspect_study(study: Study) -> Inspection:
    """Look through the data of a study; what cannot be read is told, the rest is looked at."""
    standard, _ = build_standard(read_policy(study.policy), study.as_of, study.overrides)
    reading = look_through(study)
    twice = reported_twice(standard.policy.indicators, reading.layers.reported)
    if twice:
        layers = replace(reading.layers, reported=None)
        reading = replace(reading, layers=layers, problems=(*reading.problems, *twice))
    try:
        assessment = assess(
            reading.layers, standard, study=study.name, period_start=study.period_start
        )
    except DataError as error:  # the streets are no network
        layers = replace(reading.layers, roads=None)
        problems = (*reading.problems, *error.problems)
        reading = replace(reading, layers=layers, problems=problems)
        assessment = assess(layers, standard, study=study.name, period_start=study.period_start)
    return inspect(assessment, reading)


def new_study(folder: Path, *, policy: str, as_of: date | None, language: str) -> list[Path]:
    """Write an empty study to fill in, to be judged on ``as_of``, else the policy's last day.

    Raises
    ------
    GeoplanError
        there is no such policy, a file is there already, or the folder cannot be written.
    """
    from geoplan.render.forms.new_study import write_new_study

    day = as_of or read_policy(policy).until
    is_file = policy.lower().endswith(".toml")
    named = Path(policy).resolve().as_posix() if is_file else policy
    return write_new_study(folder, policy=named, as_of=day, language=language)


def find_gaps(folder: str | Path = ".", *, as_of: date | None = None) -> tuple[Gap, ...]:
    """Where the targets are missed in a study, the largest gap first."""
    return assess_study(folder, as_of=as_of).gaps


def check_compliance(study: Study) -> Assessment:
    """Judge the new housing projects only: quick, and nothing but what concerns them."""
    files = {name: file for name, file in study.layers.items() if name in _COMPLIANCE_LAYERS}
    assessment = assess_layers(replace(study, layers=files))
    indicators = tuple(
        result for result in assessment.indicators if result.indicator.measure == _COMPLIANCE
    )
    gaps = tuple(gap for gap in assessment.gaps if gap.level == "project")
    unjudged = tuple(each for each in assessment.unjudged if each.subject == _COMPLIANCE)
    others = {LAYER_MISSING, LAYER_EMPTY}
    remarks = tuple(
        each for each in assessment.remarks if each.layer == "projects" or each.code not in others
    )
    return replace(
        assessment,
        indicators=indicators,
        units=(),
        gaps=gaps,
        remarks=remarks,
        unjudged=unjudged,
    )


def only_project(assessment: Assessment, project_id: str) -> Assessment:
    """The same judgement with what concerns one project only (its id, or its full name).

    Raises
    ------
    StudyError
        there is no such project.
    """
    rows = rows_of(assessment.layers.projects)
    wanted = {row.id for row in rows if project_id in {row.id, row.name}}
    if not wanted:
        near = get_close_matches(project_id, [row.id for row in rows], n=1, cutoff=0)
        remedy = (
            Words(f"最接近的是 {near[0]}。", f"The nearest is {near[0]}.")
            if near
            else Words("请先给出项目图层。", "Give a layer of projects first.")
        )
        problem = Problem(
            f"--project {project_id}", Words("没有这个项目", "there is no such project"), remedy
        )
        raise StudyError(problem)
    return replace(
        assessment,
        projects=tuple(each for each in assessment.projects if each.project_id in wanted),
        gaps=tuple(gap for gap in assessment.gaps if gap.unit_id in wanted),
    )


def site_problem(file: str | Path) -> SitingAnswer:
    """Solve a siting problem that is given as a matrix in a JSON file.

    Raises
    ------
    DataError
        the file cannot be used; every fault is in ``problems``.
    """
    from geoplan.plan.siting import read_problem, solve_siting

    return solve_siting(read_problem(file))


def plan_sites(
    folder: str | Path = ".",
    *,
    as_of: date | None = None,
    years: str | None = None,
    budget: str | None = None,
    seconds: float = 60.0,
) -> Programme:
    """The programme of several years that closes the gaps of a study, or most of them.

    Parameters
    ----------
    folder : the folder with study.toml, or that file.
    as_of : the day to plan from, instead of the study's.
    years : ``2024-2026``, instead of those of the study's ``[programme]``.
    budget : ``300万,200万,200万``, one a year.
    seconds : for the search; what is found by then counts, with its bound.

    Raises
    ------
    GeoplanError
        study, policy or a layer cannot be used; every problem found is in ``problems``.
    TimeoutError
        nothing was found in the time.
    """
    study = read_study(folder, as_of=as_of)
    return programme_of(study, years=years, budget=budget, seconds=seconds)


def programme_of(
    study: Study, *, years: str | None, budget: str | None, seconds: float
) -> Programme:
    """The programme of a study that has been read."""
    from geoplan.plan.programme.assumptions import build_assumptions
    from geoplan.plan.programme.programme import plan_programme
    from geoplan.plan.programme.step_walks import mean_walks

    policy = read_policy(study.policy)
    standard, _ = build_standard(policy, study.as_of, study.overrides)
    assumed = build_assumptions(study.programme, as_of=study.as_of, years=years, budget=budget)
    given = layers = _layers_of(study)
    if standard.choice("coverage_mode") != "reach":  # walks decide no verdict then
        layers = replace(layers, homes=None, roads=None)

    def judge(after: Layers, day: date) -> Assessment:
        """The ordinary assessment, on any layers and day."""
        rules, _ = build_standard(policy, day, study.overrides)
        return assess(after, rules, study=study.name, period_start=study.period_start)

    found = plan_programme(layers, judge, assumed, as_of=study.as_of, seconds=seconds)
    walks = mean_walks(given, found.after.standard, found.steps)
    return replace(found, walk_m=walks)


def service_radius_m(study: Study) -> Fraction:
    """The walk that counts as covered under a study's policy."""
    standard, _ = build_standard(read_policy(study.policy), study.as_of, study.overrides)
    return standard.number("radius_m")


def next_sites_of(study: Study, question: Question) -> NextSites:
    """Where a study should open next, by a siting model on its homes and possible sites.

    Raises
    ------
    DataError
        there are no homes, or no site that could open.
    """
    from geoplan.plan.next_sites import find_next_sites

    standard, _ = build_standard(read_policy(study.policy), study.as_of, study.overrides)
    return find_next_sites(_layers_of(study), standard, question, study=study.name)


def compare(  # noqa: PLR0913 - each is one way of saying what to compare
    before: str | Path,
    after: str | Path | None = None,
    *,
    as_of: Sequence[date] = (),
    policy: str | None = None,
    overrides: Mapping[str, object] | None = None,
    programme: str | Path | None = None,
) -> Comparison:
    """What moved each indicator between two studies, two days, or a study and its programme.

    Parameters
    ----------
    before : the folder of a study.
    after : another one; without it ``as_of`` has two days, or ``programme`` is given.
    as_of : two days of one study, or at most one day for both studies.
    policy, overrides : for both sides, instead of the studies' own.
    programme : what ``geoplan site --programme --json`` wrote for the study.

    Raises
    ------
    GeoplanError
        a study cannot be used, or it is not said what to compare.
    """
    from geoplan.plan.comparison import compare_sides

    _refuse_comparison(after, as_of, programme)
    first_day, last_day = (as_of[0], as_of[-1]) if as_of else (None, None)
    one = read_study(before, as_of=first_day, policy=policy, overrides=overrides)
    first = _side_of(one)
    if programme is not None:
        from geoplan.plan.scenario import apply, read_programme

        edits, day = read_programme(programme, first.layers)
        second = _side_of(replace(one, as_of=day), layers=apply(first.layers, edits))
    elif after is None:
        second = _side_of(replace(one, as_of=last_day or one.as_of), layers=first.layers)
    else:
        two = read_study(after, as_of=last_day, policy=policy, overrides=overrides)
        # Both in one metric CRS, so that what did not move has not moved.
        second = _side_of(replace(two, crs=first.layers.crs or two.crs))
    return compare_sides(first, second)


def _side_of(study: Study, *, layers: Layers | None = None) -> Side:
    from geoplan.plan.comparison import Side

    standard, _ = build_standard(read_policy(study.policy), study.as_of, study.overrides)
    given = _layers_of(study) if layers is None else layers
    return Side(study.name, given, standard, study.period_start)


def _refuse_comparison(
    after: str | Path | None, days: Sequence[date], programme: str | Path | None
) -> None:
    """Exactly one pair must be named: two studies, two days, or a study and its programme."""
    pairs = [after is not None, programme is not None, len(days) == _PAIR]
    if sum(pairs) == 1 and len(days) <= _PAIR and not (programme is not None and days[1:]):
        return
    fault = Words("没有说清楚比较哪两个状态", "it is not said which two states to compare")
    remedy = Words(
        "请给两个研究，或一个研究加两个 --as-of，或一个研究加 --programme。",
        "Give two studies, or one study and --as-of twice, or one study and --programme.",
    )
    raise StudyError(Problem("compare", fault, remedy))


def verdicts_elsewhere(assessment: Assessment) -> dict[str, dict[str, Verdict]]:
    """Verdicts on the same projects under the policies that the plan is compared with, by id."""
    found: dict[str, dict[str, Verdict]] = {}
    for name in assessment.standard.policy.compare_with if assessment.projects else ():
        policy = read_policy(name)
        standard, _ = build_standard(policy, assessment.as_of, {})
        layers = replace(assessment.layers, homes=None, roads=None)
        ground = settle_ground(layers, standard, period_start=assessment.period_start)
        found[policy.id] = {each.project_id: each.verdict for each in judge_projects(ground)}
    return found
