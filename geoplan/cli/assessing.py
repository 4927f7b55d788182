"""Commands that judge a study and hand out what was found."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoplan.cli.options import (
    FORMATS,
    Options,
    language_option,
    parse_day,
    public_option,
    strict_option,
    study_options,
)
from geoplan.cli.runner import (
    GAPS,
    REFUSED,
    UNKNOWN,
    Outcome,
    begin,
    chosen_formats,
    echo,
    finish,
    font_words,
    shown,
)
from geoplan.errors import Problem, StudyError
from geoplan.terms import Verdict, Words

if TYPE_CHECKING:
    from geoplan.assess.checkup.sensitivity import SensitivityRow

_NEW_POLICY = "chongzuo-2021-2023"
_INSPECTED = ("xlsx", "html")


@click.command()
@click.option("--sensitivity", is_flag=True, help="Show the indicators under other definitions.")
@public_option
@study_options
def assess(sensitivity: bool, **told: Any) -> None:  # noqa: FBT001 - a command-line flag
    """The whole job: indicators, units, gaps, map and tables into maps/. 全部测算与出图."""
    options = Options(**told)
    formats = options.formats or FORMATS
    if sensitivity and options.public:  # who changes sides tells of counts that are withheld
        raise StudyError(
            Problem(
                "assess --public --sensitivity",
                Words("口径对比不能公开", "other definitions are not for the public"),
                Words("请去掉其中一个选项。", "Leave one of the two out."),
            )
        )
    study, language = begin(options)
    from geoplan.render.documents.assessment import build_document
    from geoplan.render.outputs import write_outputs
    from geoplan.render.terminal.summary import summary_text
    from geoplan.workflow import assess_layers, verdicts_elsewhere

    judged = assess_layers(study)
    (assessment,) = shown(study, options, judged)
    elsewhere = verdicts_elsewhere(judged) if "xlsx" in formats else None
    rows: tuple[SensitivityRow, ...] = ()
    said = [summary_text(assessment, language)]
    if sensitivity:
        from geoplan.assess.checkup.sensitivity import compare_definitions
        from geoplan.render.terminal.sensitivity import sensitivity_text

        rows = compare_definitions(assessment)
        said.append(sensitivity_text(rows, assessment, language))
    outcome = Outcome(
        [assessment],
        lambda folder: write_outputs(
            assessment, folder, formats, language=language, elsewhere=elsewhere
        ),
        lambda: build_document(assessment, language=language, sensitivity=rows),
        (*said, *(font_words(language) if "docx" in formats else ())),
    )
    finish("assess", options, formats, language, outcome)


@click.command()
@study_options
def inspect(**told: Any) -> None:
    """What the data says and what to mend in it; exit code 2 when it is refused. 检查数据."""
    options = Options(**told)
    formats = chosen_formats(options, _INSPECTED, _INSPECTED)
    from geoplan.render.documents.inspection import build_inspection
    from geoplan.render.outputs import write_inspection
    from geoplan.render.terminal.inspection import inspection_text
    from geoplan.render.wording.view import view_of
    from geoplan.workflow import inspect_study

    study, language = begin(options)
    inspection = inspect_study(study)
    outcome = Outcome(
        [inspection.assessment],
        lambda folder: write_inspection(inspection, folder, formats, language=language),
        lambda: build_inspection(inspection, language=language),
        [inspection_text(inspection, view_of(inspection.assessment, language))],
        exit_code=REFUSED if inspection.problems else 0,
    )
    finish("inspect", options, formats, language, outcome)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@language_option
@click.option("--policy", metavar="ID|FILE", default=_NEW_POLICY, help="Policy to judge by.")
@click.option("--as-of", callback=parse_day, metavar="DATE", help="Day to judge.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
def init(
    folder: Path, language: str | None, policy: str, as_of: date | None, *, quiet: bool
) -> None:
    """A new study: study.toml and empty tables to fill in. 新建研究文件夹与空白表格."""
    from geoplan.workflow import new_study

    for path in new_study(folder, policy=policy, as_of=as_of, language=language or "zh"):
        if not quiet:
            echo(str(path))


@click.command()
@public_option
@strict_option
@study_options
def gaps(*, strict: bool, **told: Any) -> None:
    """The gap list; exit code 3 when there are gaps, 4 when none but some not judged. 缺口清单."""
    options = Options(**told)
    formats = chosen_formats(options, ("csv", "xlsx", "geojson"))
    from geoplan.assess.gaps import is_left_open
    from geoplan.assess.projects.early_warnings import early_warnings
    from geoplan.render.documents.assessment import build_document
    from geoplan.render.outputs import write_gaps
    from geoplan.render.terminal.summary import gaps_text
    from geoplan.workflow import assess_layers

    study, language = begin(options)
    judged = assess_layers(study)
    (assessment,) = shown(study, options, judged)
    has_gaps = any(gap.official for gap in judged.gaps) or (strict and early_warnings(judged))
    outcome = Outcome(
        [assessment],
        lambda folder: write_gaps(assessment, folder, formats, language=language),
        lambda: build_document(assessment, language=language),
        [gaps_text(assessment, language)],
        lists_files=False,
        exit_code=GAPS if has_gaps else UNKNOWN if is_left_open(judged) else 0,
    )
    finish("gaps", options, formats, language, outcome)


@click.command()
@click.option("--project", "project_id", metavar="ID", help="One project only.")
@public_option
@strict_option
@study_options
def comply(project_id: str | None, *, strict: bool, **told: Any) -> None:
    """New housing: area and the four synchronisations. 新建项目“四同步”核查.

    Exit code 3 when a project fails, 4 when none fails but one is unknown or there is none.
    """
    options = Options(**told)
    formats = chosen_formats(options, ("xlsx",))
    from geoplan.assess.projects.early_warnings import early_warnings
    from geoplan.render.documents.assessment import build_document
    from geoplan.render.outputs import write_compliance
    from geoplan.render.terminal.projects import projects_text
    from geoplan.workflow import check_compliance, only_project, verdicts_elsewhere

    study, language = begin(options)
    judged = check_compliance(study)
    if project_id is not None:
        judged = only_project(judged, project_id)
    elsewhere = verdicts_elsewhere(judged)
    (assessment,) = shown(study, options, judged)
    verdicts = {project.verdict for project in judged.projects}
    fails = Verdict.FAIL in verdicts or (strict and early_warnings(judged))
    is_open = Verdict.UNKNOWN in verdicts or not verdicts
    outcome = Outcome(
        [assessment],
        lambda folder: write_compliance(assessment, elsewhere, folder, formats, language=language),
        lambda: build_document(assessment, language=language),
        [projects_text(assessment, language)],
        lists_files=False,
        exit_code=GAPS if fails else UNKNOWN if is_open else 0,
        effective={"project": project_id},
    )
    finish("comply", options, formats, language, outcome)


@click.command()
def schema() -> None:
    """Print the JSON Schema of the result. 输出结果的 JSON Schema."""
    from geoplan.render.documents.json_values import read_schema

    click.echo(read_schema(), nl=False)
