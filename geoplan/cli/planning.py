"""Commands that change the city on paper: where to open next, programmes, comparisons."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from geoplan.cli.options import (
    TABLES,
    Options,
    json_target,
    language_option,
    parse_days,
    split_formats,
    split_overrides,
    study_options,
)
from geoplan.cli.runner import (
    NO_ANSWER,
    Outcome,
    begin,
    chosen_formats,
    echo,
    finish,
    settle_files,
    tell,
    write_bytes,
)
from geoplan.errors import Problem, StudyError
from geoplan.terms import Words

_SITE_OPTIONS = (
    "problem", "programme", "years", "budget", "seconds",
    "model", "kind", "within", "sites", "k_best",
)  # fmt: skip


@click.command()
@click.option(
    "--problem",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Solve a siting problem given as a matrix in JSON; no study is read.",
)
@click.option("--programme", is_flag=True, help="Plan several years: which gaps to close when.")
@click.option("--years", metavar="FIRST-LAST", help="Years of the programme, e.g. 2024-2026.")
@click.option("--budget", metavar="LIST", help="Budget of each year, e.g. 300万,200万,200万.")
@click.option(
    "--time-limit",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    metavar="SECONDS",
    help="How long to search (default: 60).",
)
@click.option(
    "--model",
    type=click.Choice(["mclp", "lscp", "p_median", "p_center"]),
    default="mclp",
    help="mclp: most people within the distance (default); lscp: fewest sites for all; "
    "p_median: least walking; p_center: shortest longest walk.",
)
@click.option(
    "--kind", type=click.Choice(["elder", "childcare"]), default="elder", help="Kind of facility."
)
@click.option(
    "--within",
    type=click.FloatRange(min=0, min_open=True),
    metavar="METRES",
    help="Walk that counts as covered (default: the policy's radius_m).",
)
@click.option(
    "--sites", type=click.IntRange(min=1), default=3, help="How many to open (default: 3)."
)
@click.option("--k-best", type=click.IntRange(min=1), default=1, help="How many different answers.")
@study_options
def site(**told: Any) -> None:
    """Where to open next, with a certificate. 选址与项目储备，附最优性证明."""
    asked = {name: told.pop(name) for name in _SITE_OPTIONS}
    options = Options(**told)
    if asked["problem"] is not None:
        _solve_matrix(asked["problem"], options)
    elif asked["programme"]:
        _plan_years(options, asked)
    elif asked["years"] is not None or asked["budget"] is not None:
        raise StudyError(
            Problem(
                "site --years --budget",
                Words("只用于 --programme", "belong to --programme"),
                Words("请加上 --programme。", "Add --programme."),
            )
        )
    else:
        _find_sites(options, asked)


def _find_sites(options: Options, asked: Mapping[str, Any]) -> None:
    formats = chosen_formats(options, ("csv", "xlsx", "geojson"))
    from fractions import Fraction

    from geoplan.plan.next_sites import Question
    from geoplan.render.outputs import write_sites
    from geoplan.render.planning.next_sites import sites_document, sites_text
    from geoplan.workflow import next_sites_of, service_radius_m

    study, language = begin(options)
    within = asked["within"]
    question = Question(
        model=asked["model"],
        kind=asked["kind"],
        within_m=service_radius_m(study) if within is None else Fraction(str(within)),
        sites=asked["sites"],
        k_best=asked["k_best"],
        seconds=asked["seconds"],
    )
    found = next_sites_of(study, question)
    answered = found.answer.objective is not None
    told = {name: asked[name] for name in ("model", "kind", "within", "sites", "k_best", "seconds")}
    outcome = Outcome(
        [found.assessment],
        lambda folder: write_sites(found, folder, formats, language=language) if answered else [],
        lambda: sites_document(found, study.name, study.as_of.isoformat()),
        [sites_text(found, language)],
        exit_code=0 if answered else NO_ANSWER,
        effective=told,
    )
    finish("site", options, formats, language, outcome)


def _solve_matrix(problem: Path, options: Options) -> None:
    from geoplan.render.planning.siting import answer_json, answer_text
    from geoplan.workflow import site_problem

    answer = site_problem(problem)
    if options.json_file is not None:
        write_bytes(answer_json(answer).encode("utf-8"), options.json_file)
    tell(options, answer_text(answer, options.language or "zh"))
    if answer.objective is None:
        sys.exit(NO_ANSWER)


def _plan_years(options: Options, asked: Mapping[str, Any]) -> None:
    formats = chosen_formats(options, ("csv", "xlsx", "geojson", "html"), (*TABLES, "html"))
    from geoplan.render.outputs import write_programme
    from geoplan.render.planning.programme_json import programme_document
    from geoplan.render.planning.programme_text import programme_text
    from geoplan.render.wording.view import view_of
    from geoplan.workflow import programme_of

    study, language = begin(options)
    try:
        found = programme_of(
            study, years=asked["years"], budget=asked["budget"], seconds=asked["seconds"]
        )
    except TimeoutError:
        said = Words("时限内没有找到方案", "nothing was found in the time")
        echo(said.say(language), err=True)
        sys.exit(NO_ANSWER)
    view = view_of(found.after, language)
    told = {name: asked[name] for name in ("years", "budget", "seconds")}
    outcome = Outcome(
        [found.before],
        lambda folder: write_programme(found, folder, formats, language=language),
        lambda: programme_document(found, view),
        [programme_text(found, view)],
        exit_code=NO_ANSWER if found.needs and not found.steps else 0,
        effective=told,
    )
    finish("site --programme", options, formats, language, outcome)


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", required=False, type=click.Path(path_type=Path))
@language_option
@click.option(
    "--as-of",
    "days",
    multiple=True,
    callback=parse_days,
    metavar="DATE",
    help="Twice: two days of one study. Once: the day of both studies.",
)
@click.option(
    "--programme",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Compare with the study's programme, as site --programme --json wrote it.",
)
@click.option("--policy", metavar="ID|FILE", help="Policy to judge both sides by.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    callback=split_overrides,
    metavar="KEY=VALUE",
    help="Change one policy value on both sides; may be repeated.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the outputs (default: maps/ in the first study).",
)
@click.option(
    "--json",
    "json_file",
    callback=json_target,
    metavar="FILE|-",
    help="Write the result as JSON.",
)
@click.option(
    "--format",
    "formats",
    callback=split_formats,
    metavar="LIST",
    help=f"Which outputs to write: {','.join(TABLES)}.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
def compare(
    after: Path | None, days: tuple[date, ...], programme: Path | None, **told: Any
) -> None:
    """What moved each indicator between two studies, days or plans, and why. 对比."""
    options = Options(study=told.pop("before"), as_of=None, **told)
    formats = chosen_formats(options, ("csv", "xlsx"))
    from geoplan.render.outputs import write_comparison
    from geoplan.render.planning.comparison import comparison_document, comparison_text
    from geoplan.workflow import compare as compare_states

    settle_files(options)
    language = options.language or begin(options)[1]
    found = compare_states(
        options.study,
        after,
        as_of=days,
        policy=options.policy,
        overrides=options.overrides,
        programme=programme,
    )
    outcome = Outcome(
        [found.before, found.after],
        lambda folder: write_comparison(found, folder, formats, language=language),
        lambda: comparison_document(found, language),
        [comparison_text(found, language)],
        studies=[options.study] if after is None else [options.study, after],
        programme=programme,
    )
    finish("compare", options, formats, language, outcome)
