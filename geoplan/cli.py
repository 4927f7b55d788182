"""The command line: parse, call the workflow, print.

Exit codes: 0 done, 2 refused (the user can put it right), 3 gaps or failures, 4 none failed but
some unknown, 5 no feasible answer, 130 interrupted; 1 is always our own bug. Heavy rooms are
imported inside the commands so that ``geoplan --help`` stays quick.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoplan import __version__
from geoplan.errors import GeoplanError, Problem, StudyError
from geoplan.terms import Verdict, Words

if TYPE_CHECKING:
    from geoplan.assess.checkup.sensitivity import SensitivityRow
    from geoplan.assess.model import Assessment
    from geoplan.render.fileset.manifest import Run
    from geoplan.study import Study

TABLES = ("csv", "xlsx", "geojson", "gpkg")
FORMATS = (*TABLES, "docx", "html")
PICTURES = ("png", "svg", "pdf")
_NEW_POLICY = "chongzuo-2021-2023"
INSPECTED = ("xlsx", "html")
_SITE_OPTIONS = (
    "problem", "programme", "years", "budget", "seconds",
    "model", "kind", "within", "sites", "k_best",
)  # fmt: skip
REFUSED, GAPS, UNKNOWN, NO_ANSWER, INTERRUPTED = 2, 3, 4, 5, 130
_STOPPED = Words(
    "已按 Ctrl-C 中断，可重新运行。", "Interrupted by Ctrl-C; run it again to start over."
)


@dataclass(frozen=True, slots=True)
class Options:
    """What every command that reads a study is told."""

    study: Path
    as_of: date | None
    policy: str | None
    overrides: Mapping[str, str]
    out: Path | None
    json_file: str | None
    formats: tuple[str, ...] | None
    language: str | None
    quiet: bool
    public: bool = False


def _echo(text: str, *, err: bool = False) -> None:
    """Print; what the data holds moves no cursor and turns no letters around."""
    from geoplan.render.sheets.harmless import visible

    click.echo(visible(text), err=err)


class Refusing(click.Group):
    """A group whose commands end with exit code 2 and clear messages when input is refused."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; print problems, one a line, instead of a traceback."""
        try:
            return super().invoke(ctx)
        except GeoplanError as error:
            for problem in error.problems:
                _echo(problem.say(_language_asked(ctx)), err=True)
            ctx.exit(REFUSED)
        except KeyboardInterrupt:
            _echo(_STOPPED.say(_language_asked(ctx)), err=True)
            ctx.exit(INTERRUPTED)


def _language_asked(ctx: click.Context) -> str:
    """The language to refuse in: as asked on the command line, else Chinese."""
    return "en" if ctx.meta.get("geoplan.language") == "en" else "zh"


def _split_overrides(
    _ctx: click.Context, _parameter: click.Parameter, pairs: tuple[str, ...]
) -> dict[str, str]:
    overrides: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise StudyError(
                Problem(
                    f"--set {pair}",
                    Words("缺少等号", "there is no equals sign"),
                    Words("请写成 --set 名称=值。", "Write --set name=value."),
                )
            )
        overrides[name.strip()] = value.strip()
    return overrides


def _split_formats(
    ctx: click.Context, _parameter: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    if text is None:
        return None
    known = PICTURES if ctx.command.name == "picture" else FORMATS
    formats = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    unknown = [part for part in formats if part not in known]
    if unknown or not formats:
        raise StudyError(
            Problem(
                f"--format {text}",
                Words(f"不认识的格式 {'、'.join(unknown)}", f"unknown format {', '.join(unknown)}"),
                Words(f"可用：{','.join(known)}。", f"Choose from {','.join(known)}."),
            )
        )
    return formats


def _json_target(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    if text is None or text == "-" or (text.strip() and not Path(text).is_dir()):
        return text
    raise StudyError(
        Problem(
            f"--json {text}".rstrip(),
            Words("不是文件", "is no file"),
            Words("请写文件名，或写 - 输出到屏幕。", "Name a file, or - for standard output."),
        )
    )


def _parse_day(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise StudyError(
            Problem(
                f"--as-of {text}",
                Words("不是日期", "is not a day"),
                Words("请写成 2023-12-31。", "Write 2023-12-31."),
            )
        ) from None


def _parse_days(
    ctx: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[date, ...]:
    days = (_parse_day(ctx, parameter, text) for text in texts)
    return tuple(day for day in days if day is not None)


def _remember_language(
    ctx: click.Context, _parameter: click.Parameter, language: str | None
) -> str | None:
    ctx.meta["geoplan.language"] = language
    return language


language_option = click.option(
    "--lang",
    "language",
    type=click.Choice(["zh", "en"]),
    is_eager=True,
    callback=_remember_language,
    help="Language of messages and outputs (default: the study's).",
)


public_option = click.option(
    "--public", is_flag=True, help="For anyone to see: needs map_review_no in study.toml."
)


def study_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that all commands on a study share."""
    decorators = [
        click.argument("study", default=".", type=click.Path(path_type=Path)),
        language_option,
        click.option("--as-of", callback=_parse_day, metavar="DATE", help="Day to judge."),
        click.option("--policy", metavar="ID|FILE", help="Policy to judge by."),
        click.option(
            "--set",
            "overrides",
            multiple=True,
            callback=_split_overrides,
            metavar="KEY=VALUE",
            help="Change one policy value; may be repeated.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder for the outputs (default: maps/ in the study).",
        ),
        click.option(
            "--json",
            "json_file",
            callback=_json_target,
            metavar="FILE|-",
            help="Write the result as JSON.",
        ),
        click.option(
            "--format",
            "formats",
            callback=_split_formats,
            metavar="LIST",
            help=f"Which outputs to write: {','.join(FORMATS)}.",
        ),
        click.option("--quiet", is_flag=True, help="Print nothing but problems."),
    ]
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


def _assess(options: Options) -> tuple[Assessment, str]:
    """The assessment as it may be shown, and the language in which to speak of it."""
    from geoplan.workflow import assess_layers

    study = _read(options)
    (shown,) = _shown(study, options, assess_layers(study))
    return shown, options.language or study.language


def _shown(study: Study, options: Options, *assessments: Assessment) -> tuple[Assessment, ...]:
    """What outputs may be made of: with ``--public`` the public editions and nothing else."""
    if not options.public:
        return assessments
    from geoplan.workflow import publish

    return publish(study, *assessments)


def _read(options: Options) -> Study:
    from geoplan.study import read_study

    _settle(options)
    study = read_study(
        options.study, as_of=options.as_of, policy=options.policy, overrides=options.overrides
    )
    # From here on a refusal is told in the study's language, unless another was asked for.
    click.get_current_context().meta["geoplan.language"] = options.language or study.language
    if options.public:
        from geoplan.workflow import review_no_of

        review_no_of(study)  # refused before the work, not after it
    return study


def _settle(options: Options) -> None:
    """A switch of files that an earlier run began and did not live to end is ended first."""
    from geoplan.render.fileset.staging import settle

    settle(_out_folder(options))


def _formats(
    options: Options, usual: tuple[str, ...], more: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The formats asked for, of the tables (and ``more``) that a command writes; else the usual."""
    allowed = (*TABLES, *more)
    others = [name for name in options.formats or () if name not in allowed]
    if others:
        raise StudyError(
            Problem(
                f"--format {','.join(others)}",
                Words("这个命令只写表格", "this command writes tables only")
                if not more
                else Words("这个命令不写这种格式", "this command does not write it"),
                Words(f"可用：{','.join(allowed)}。", f"Choose from {','.join(allowed)}."),
            )
        )
    return options.formats or usual


def _out_folder(options: Options) -> Path:
    folder = options.study if options.study.is_dir() else options.study.parent
    return options.out or folder / "maps"


def _run(  # noqa: PLR0913 - everything a result depends on
    command: str,
    options: Options,
    assessments: Sequence[Assessment],
    formats: Sequence[str],
    language: str,
    *,
    studies: Sequence[Path] = (),
    programme: Path | None = None,
    **more: Any,
) -> Run:
    """What the manifest says of this run: effective options, and the inputs as they were read."""
    from geoplan.render.fileset.manifest import Run
    from geoplan.render.fileset.provenance import inputs_of

    days = [each.as_of.isoformat() for each in assessments]
    policies = [each.standard.policy.id for each in assessments]
    told = {
        "as_of": days[0] if len(days) == 1 else days,
        "policy": policies[0] if len(set(policies)) == 1 else policies,
        "set": dict(options.overrides),
        "format": sorted(formats),
        "lang": language,
        "public": _public_note(assessments[0], language),
        **more,
    }
    return Run(command, told, inputs_of(studies or [options.study], assessments, programme))


def _public_note(assessment: Assessment, language: str) -> bool | dict[str, str]:
    """Under which number an edition is public, and what is not in it."""
    public = assessment.publication
    if public is None:
        return False
    return {"review_no": public.review_no, "note": public.note.say(language)}


def _document(
    options: Options,
    assessment: Assessment,
    language: str,
    sensitivity: Sequence[SensitivityRow] = (),
) -> bytes | None:
    """The result as JSON, if it was asked for."""
    from geoplan.render.documents.assessment import build_document

    return _json(
        options,
        lambda: build_document(assessment, language=language, sensitivity=sensitivity),
    )


def _json(options: Options, build: Callable[[], Mapping[str, Any]]) -> bytes | None:
    if options.json_file is None:
        return None
    from geoplan.render.documents.assessment import dump_document

    return dump_document(build()).encode("utf-8")


def _put(
    options: Options, run: Run, write: Callable[[Path], Sequence[Path]], json: bytes | None
) -> list[Path]:
    """The files that ``write`` makes and the JSON, as one set; what goes to a stream goes last."""
    from geoplan.render.fileset.staging import whole_set

    folder, target = _out_folder(options), options.json_file
    with whole_set(folder, run) as aside:
        written = write(aside.folder)
        if json is not None and target is not None and not _is_stream(target):
            aside.elsewhere[Path(target)] = json
    if json is not None and target is not None and _is_stream(target):
        _write_bytes(json, target)
    return [folder / path.relative_to(aside.folder) for path in written]


def _is_stream(target: str) -> bool:
    """Standard output, a pipe or a device: nothing that could be replaced."""
    return target == "-" or (Path(target).exists() and not Path(target).is_file())


def _write_bytes(content: bytes, target: str) -> None:
    """To the file, whole or not at all; to standard output for ``-``."""
    from geoplan.render.fileset.staging import write_whole

    if target == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    elif _is_stream(target):
        Path(target).write_bytes(content)
    else:
        write_whole(Path(target), content)


def _tell(options: Options, text: str) -> None:
    """Print for people: not when quiet, and never into the JSON on stdout."""
    if not options.quiet:
        _echo(text, err=options.json_file == "-")


def _tell_fonts(options: Options, language: str) -> None:
    """That pictures are in English for want of a Chinese font."""
    from geoplan.render.pictures.fonts import font_remark

    remark = font_remark()
    if remark is not None:
        _tell(options, remark.detail.say(language))


@click.group(cls=Refusing)
@click.version_option(__version__, prog_name="geoplan")
def main() -> None:
    """From a published elder-care and childcare plan to verdicts, gaps and maps.

    把养老托育行动计划变成可复核的测算、缺口清单和地图。
    """
    if sys.stderr.isatty():
        logging.basicConfig(level=logging.WARNING, format="%(message)s")
        logging.getLogger("geoplan").setLevel(logging.INFO)
    # A Windows console may know fewer characters than we print; none is worth a crash.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


@main.command()
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
    study = _read(options)
    language = options.language or study.language
    from geoplan.render.outputs import write_outputs
    from geoplan.render.terminal.summary import summary_text
    from geoplan.workflow import assess_layers, verdicts_elsewhere

    judged = assess_layers(study)
    (assessment,) = _shown(study, options, judged)
    elsewhere = verdicts_elsewhere(judged) if "xlsx" in formats else None
    rows: tuple[SensitivityRow, ...] = ()
    if sensitivity:
        from geoplan.assess.checkup.sensitivity import compare_definitions

        rows = compare_definitions(assessment)
    written = _put(
        options,
        _run("assess", options, [assessment], formats, language),
        lambda folder: write_outputs(
            assessment, folder, formats, language=language, elsewhere=elsewhere
        ),
        _document(options, assessment, language, rows),
    )
    _tell(options, summary_text(assessment, language))
    if sensitivity:
        from geoplan.render.terminal.sensitivity import sensitivity_text

        _tell(options, sensitivity_text(rows, assessment, language))
    if "docx" in formats:
        _tell_fonts(options, language)
    for path in written:
        _tell(options, str(path))


@main.command()
@study_options
def inspect(**told: Any) -> None:
    """What the data says and what to mend in it; exit code 2 when it is refused. 检查数据."""
    options = Options(**told)
    formats = options.formats or INSPECTED
    if not set(formats) <= set(INSPECTED):
        raise StudyError(
            Problem(
                f"--format {','.join(formats)}",
                Words("这个命令只写 xlsx 和 html", "this command writes xlsx and html only"),
                Words(f"可用：{','.join(INSPECTED)}。", f"Choose from {','.join(INSPECTED)}."),
            )
        )
    from geoplan.render.outputs import write_inspection
    from geoplan.render.terminal.inspection import inspection_text
    from geoplan.render.wording.view import view_of
    from geoplan.workflow import inspect_study

    study = _read(options)
    language = options.language or study.language
    inspection = inspect_study(study)
    from geoplan.render.documents.assessment import build_inspection

    written = _put(
        options,
        _run("inspect", options, [inspection.assessment], formats, language),
        lambda folder: write_inspection(inspection, folder, formats, language=language),
        _json(options, lambda: build_inspection(inspection, language=language)),
    )
    _tell(options, inspection_text(inspection, view_of(inspection.assessment, language)))
    for path in written:
        _tell(options, str(path))
    if inspection.problems:
        sys.exit(REFUSED)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@language_option
@click.option("--policy", metavar="ID|FILE", default=_NEW_POLICY, help="Policy to judge by.")
@click.option("--as-of", callback=_parse_day, metavar="DATE", help="Day to judge.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
def init(
    folder: Path, language: str | None, policy: str, as_of: date | None, *, quiet: bool
) -> None:
    """A new study: study.toml and empty tables to fill in. 新建研究文件夹与空白表格."""
    from geoplan.workflow import new_study

    for path in new_study(folder, policy=policy, as_of=as_of, language=language or "zh"):
        if not quiet:
            _echo(str(path))


@main.command(name="map")
@click.option(
    "--tiles",
    metavar="TEMPLATE|FOLDER|tianditu",
    help="Basemap: http://server/{z}/{x}/{y}.png, a WMTS template, a folder of tiles, tianditu.",
)
@click.option(
    "--with-token", is_flag=True, help="Write TIANDITU_TOKEN into the page instead of asking."
)
@click.option(
    "--moment",
    "days",
    multiple=True,
    callback=_parse_days,
    metavar="DATE",
    help="A day on the slider of the map; may be repeated.",
)
@public_option
@study_options
def map_(tiles: str | None, days: tuple[date, ...], *, with_token: bool, **told: Any) -> None:
    """The interactive map only. 只出地图."""
    options = Options(**told)
    from geoplan.render.webmap.basemap import read_basemap

    page = _out_folder(options) / "map.html"
    basemap = None if tiles is None else read_basemap(tiles, page, with_token=with_token)
    study = _read(options)
    language = options.language or study.language
    from geoplan.render.webmap.page import Moment, write_map
    from geoplan.workflow import assess_layers, assess_on

    today = assess_layers(study)
    named = sorted({*days, today.as_of} if days else ())
    states = [assess_on(study, today, day) for day in named]
    assessment, *states = _shown(study, options, today, *states)
    moments = [
        Moment(Words(day.isoformat(), day.isoformat()), state)
        for day, state in zip(named, states, strict=True)
    ]

    def write(folder: Path) -> list[Path]:
        path = folder / page.name
        write_map(assessment, path, language=language, basemap=basemap, moments=moments)
        return [path]

    asked: dict[str, Any] = {
        "moment": [day.isoformat() for day in days],
        "tiles": tiles is not None,  # its text may hold a token
        "with_token": with_token,
    }
    run = _run("map", options, [assessment], ["html"], language, **asked)
    for path in _put(options, run, write, _document(options, assessment, language)):
        _tell(options, str(path))


@main.command()
@click.option("--theme", "themes", multiple=True, metavar="NAME", help="A theme; may be repeated.")
@click.option(
    "--paper", type=click.Choice(["A0", "A1", "A2", "A3", "A4"]), default="A4", help="Paper size."
)
@click.option("--portrait", is_flag=True, help="Upright instead of across.")
@click.option(
    "--dpi", type=click.IntRange(30, 1200), default=200, help="Dots an inch of PNG (default: 200)."
)
@public_option
@study_options
def picture(themes: tuple[str, ...], paper: str, *, portrait: bool, dpi: int, **told: Any) -> None:
    """The thematic maps as pictures for print: PNG, SVG or PDF. 专题图."""
    options = Options(**told)
    forms = options.formats or PICTURES[:1]
    assessment, language = _assess(options)
    from geoplan.render.outputs import write_pictures
    from geoplan.render.pictures.picture import drawable_themes, paper_of

    known = drawable_themes(assessment)
    unknown = [theme for theme in themes if theme not in known]
    if unknown or not known:
        listed = "、".join(f"{theme}（{title}）" for theme, title in known.items())
        raise StudyError(
            Problem(
                f"--theme {','.join(unknown)}".rstrip(),
                Words("没有这个专题图", "there is no such theme"),
                Words(f"可用：{listed or '无'}。", f"Choose from {', '.join(known) or 'none'}."),
            )
        )
    sheet = paper_of(paper, portrait=portrait, dpi=dpi)
    chosen = themes or tuple(known)
    asked: dict[str, Any] = {
        "theme": list(chosen),
        "paper": paper,
        "portrait": portrait,
        "dpi": dpi,
    }
    written = _put(
        options,
        _run("picture", options, [assessment], forms, language, **asked),
        lambda folder: write_pictures(
            assessment, chosen, folder / "pictures", forms, paper=sheet, language=language
        ),
        _document(options, assessment, language),
    )
    _tell_fonts(options, language)
    for path in written:
        _tell(options, str(path))


strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Early warnings of projects count as failures, exit code 3: homes delivered far ahead of "
    "their rooms (HOUSING_AHEAD), or rooms short for the phases delivered (INTERIM_GAP).",
)


@main.command()
@public_option
@strict_option
@study_options
def gaps(*, strict: bool, **told: Any) -> None:
    """The gap list; exit code 3 when there are gaps, 4 when none but some not judged. 缺口清单."""
    options = Options(**told)
    formats = _formats(options, ("csv", "xlsx", "geojson"))
    from geoplan.assess.gaps import is_left_open
    from geoplan.assess.projects.early_warnings import early_warnings
    from geoplan.render.outputs import write_gaps
    from geoplan.render.terminal.summary import gaps_text
    from geoplan.workflow import assess_layers

    study = _read(options)
    language = options.language or study.language
    judged = assess_layers(study)
    (assessment,) = _shown(study, options, judged)
    _put(
        options,
        _run("gaps", options, [assessment], formats, language),
        lambda folder: write_gaps(assessment, folder, formats, language=language),
        _document(options, assessment, language),
    )
    _tell(options, gaps_text(assessment, language))
    if any(gap.official for gap in judged.gaps) or (strict and early_warnings(judged)):
        sys.exit(GAPS)
    if is_left_open(judged):
        sys.exit(UNKNOWN)


@main.command()
@click.option("--project", "project_id", metavar="ID", help="One project only.")
@public_option
@strict_option
@study_options
def comply(project_id: str | None, *, strict: bool, **told: Any) -> None:
    """New housing: area and the four synchronisations. 新建项目“四同步”核查.

    Exit code 3 when a project fails, 4 when none fails but one is unknown or there is none.
    """
    options = Options(**told)
    formats = _formats(options, ("xlsx",))
    from geoplan.assess.projects.early_warnings import early_warnings
    from geoplan.render.outputs import write_compliance
    from geoplan.render.terminal.projects import projects_text
    from geoplan.workflow import check_compliance, only_project, verdicts_elsewhere

    study = _read(options)
    language = options.language or study.language
    judged = check_compliance(study)
    if project_id is not None:
        judged = only_project(judged, project_id)
    elsewhere = verdicts_elsewhere(judged)
    (assessment,) = _shown(study, options, judged)
    _put(
        options,
        _run("comply", options, [assessment], formats, language, project=project_id),
        lambda folder: write_compliance(assessment, elsewhere, folder, formats, language=language),
        _document(options, assessment, language),
    )
    _tell(options, projects_text(assessment, language))
    verdicts = {project.verdict for project in judged.projects}
    if Verdict.FAIL in verdicts or (strict and early_warnings(judged)):
        sys.exit(GAPS)
    if Verdict.UNKNOWN in verdicts or not verdicts:
        sys.exit(UNKNOWN)


@main.command()
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
    formats = _formats(options, ("csv", "xlsx", "geojson"))
    from fractions import Fraction

    from geoplan.plan.next_sites import Question
    from geoplan.render.outputs import write_sites
    from geoplan.render.planning.next_sites import sites_document, sites_text
    from geoplan.workflow import next_sites_of, service_radius_m

    study = _read(options)
    language = options.language or study.language
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
    written = _put(
        options,
        _run("site", options, [found.assessment], formats, language, **told),
        lambda folder: write_sites(found, folder, formats, language=language) if answered else [],
        _json(options, lambda: sites_document(found, study.name, study.as_of.isoformat())),
    )
    _tell(options, sites_text(found, language))
    for path in written:
        _tell(options, str(path))
    if not answered:
        sys.exit(NO_ANSWER)


def _solve_matrix(problem: Path, options: Options) -> None:
    from geoplan.render.planning.siting import answer_json, answer_text
    from geoplan.workflow import site_problem

    answer = site_problem(problem)
    if options.json_file is not None:
        _write_bytes(answer_json(answer).encode("utf-8"), options.json_file)
    _tell(options, answer_text(answer, options.language or "zh"))
    if answer.objective is None:
        sys.exit(NO_ANSWER)


def _plan_years(options: Options, asked: Mapping[str, Any]) -> None:
    formats = _formats(options, ("csv", "xlsx", "geojson", "html"), ("html",))
    from geoplan.render.outputs import write_programme
    from geoplan.render.planning.programme import programme_document, programme_text
    from geoplan.render.wording.view import view_of
    from geoplan.workflow import programme_of

    study = _read(options)
    language = options.language or study.language
    try:
        found = programme_of(
            study, years=asked["years"], budget=asked["budget"], seconds=asked["seconds"]
        )
    except TimeoutError:
        said = Words("时限内没有找到方案", "nothing was found in the time")
        _echo(said.say(language), err=True)
        sys.exit(NO_ANSWER)
    view = view_of(found.after, language)
    told = {name: asked[name] for name in ("years", "budget", "seconds")}
    written = _put(
        options,
        _run("site --programme", options, [found.before], formats, language, **told),
        lambda folder: write_programme(found, folder, formats, language=language),
        _json(options, lambda: programme_document(found, view)),
    )
    _tell(options, programme_text(found, view))
    for path in written:
        _tell(options, str(path))
    if found.needs and not found.steps:
        sys.exit(NO_ANSWER)


@main.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", required=False, type=click.Path(path_type=Path))
@language_option
@click.option(
    "--as-of",
    "days",
    multiple=True,
    callback=_parse_days,
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
    callback=_split_overrides,
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
    callback=_json_target,
    metavar="FILE|-",
    help="Write the result as JSON.",
)
@click.option(
    "--format",
    "formats",
    callback=_split_formats,
    metavar="LIST",
    help=f"Which outputs to write: {','.join(TABLES)}.",
)
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
def compare(
    after: Path | None, days: tuple[date, ...], programme: Path | None, **told: Any
) -> None:
    """What moved each indicator between two studies, days or plans, and why. 对比."""
    options = Options(study=told.pop("before"), as_of=None, **told)
    formats = _formats(options, ("csv", "xlsx"))
    from geoplan.render.outputs import write_comparison
    from geoplan.render.planning.comparison import comparison_document, comparison_text
    from geoplan.workflow import compare as compare_states

    _settle(options)
    language = options.language or _read(options).language
    found = compare_states(
        options.study,
        after,
        as_of=days,
        policy=options.policy,
        overrides=options.overrides,
        programme=programme,
    )
    sides = [found.before, found.after]
    studies = [options.study] if after is None else [options.study, after]
    written = _put(
        options,
        _run("compare", options, sides, formats, language, studies=studies, programme=programme),
        lambda folder: write_comparison(found, folder, formats, language=language),
        _json(options, lambda: comparison_document(found, language)),
    )
    _tell(options, comparison_text(found, language))
    for path in written:
        _tell(options, str(path))


@main.command()
def schema() -> None:
    """Print the JSON Schema of the result. 输出结果的 JSON Schema."""
    from geoplan.render.documents.assessment import read_schema

    click.echo(read_schema(), nl=False)


@main.group(cls=Refusing)
def fetch() -> None:
    """Data from the internet; no other command uses it. 联网取数据."""


@fetch.command()
@click.option("--place", metavar="NAME", help="A place by its name.")
@click.option("--bbox", metavar="W,S,E,N", help="A box in degrees: west,south,east,north.")
@click.option("--endpoint", metavar="URL", help="Overpass server to ask.")
@click.option("--geocoder", metavar="URL", help="Nominatim server that finds the place.")
@click.option(
    "--out",
    default="roads.gpkg",
    type=click.Path(path_type=Path, dir_okay=False),
    help="GeoPackage to write (default: roads.gpkg).",
)
@language_option
def osm(out: Path, language: str | None, **asked: str | None) -> None:
    """Streets that can be walked, from OpenStreetMap. 从 OpenStreetMap 取可步行道路."""
    from geoplan.layers.formats.streets.osm_download import LICENCE, Order, fetch_streets, read_box

    place, box = asked["place"], asked["bbox"]
    if (place is None) == (box is None):
        raise StudyError(
            Problem(
                "fetch osm",
                Words("需要地名或范围之一", "it needs either a place or a box"),
                Words("请写 --place 或 --bbox。", "Give --place or --bbox."),
            )
        )
    area = place if place is not None else read_box(box or "")
    order = Order(area, asked["endpoint"], asked["geocoder"])
    lines = fetch_streets(order, out, day=date.today())  # noqa: DTZ011 - the day on the wall
    said = Words(
        f"{out}：{lines:,} 条道路，{LICENCE}；来源记入 {out.parent / 'SOURCES.toml'}",
        f"{out}: {lines:,} streets, {LICENCE}; noted in {out.parent / 'SOURCES.toml'}",
    )
    _echo(said.say(language or "zh"))


@main.group(cls=Refusing)
def policy() -> None:
    """The rule book. 规则库."""


@policy.command(name="list")
@language_option
def list_(language: str | None) -> None:
    """The policies of the library. 规则库中的政策."""
    from geoplan.policy.read import list_policies
    from geoplan.render.terminal.policies import policies_text

    _echo(policies_text(list_policies(), language or "zh"))


@policy.command()
@click.argument("policy_id", metavar="ID|FILE")
@language_option
def show(policy_id: str, language: str | None) -> None:
    """Every indicator and value of a policy. 一项政策的指标与参数."""
    from geoplan.policy.read import read_policy
    from geoplan.render.terminal.policies import policy_text

    _echo(policy_text(read_policy(policy_id), language or "zh"))


@policy.command()
@click.argument("indicator", metavar="INDICATOR")
@click.option("--policy", "policy_id", default="chongzuo-2021-2023", metavar="ID|FILE")
@language_option
def cite(indicator: str, policy_id: str, language: str | None) -> None:
    """The sentence behind an indicator (its id or number). 指标出处."""
    from geoplan.policy.read import find_indicator, read_policy
    from geoplan.render.terminal.policies import citation_text

    rules = read_policy(policy_id)
    _echo(citation_text(rules, find_indicator(rules, indicator), language or "zh"))


@policy.command()
@click.argument("file", metavar="FILE")
@language_option
def check(file: str, language: str | None) -> None:
    """Whether a policy file is sound; every fault at once. 检查政策文件."""
    from geoplan.policy.read import build_standard, read_policy

    rules = read_policy(file)
    build_standard(rules, rules.since, {})  # whether a study can be judged by it
    sound = Words(
        f"{rules.id}：{len(rules.clauses)} 条条文、{len(rules.indicators)} 项指标、{len(rules.parameters)} 个参数，无误",
        f"{rules.id}: {len(rules.clauses)} clauses, {len(rules.indicators)} indicators, {len(rules.parameters)} values, sound",
    )
    _echo(sound.say(language or "zh"))
