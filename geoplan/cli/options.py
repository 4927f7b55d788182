"""The options of the commands: what is told on the command line, checked and typed.

Belongs here: options that several commands share. Does not belong here: what a command does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from geoplan.errors import Problem, StudyError
from geoplan.terms import Words

TABLES = ("csv", "xlsx", "geojson", "gpkg")
FORMATS = (*TABLES, "docx", "html")
PICTURES = ("png", "svg", "pdf")


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


def split_overrides(
    _ctx: click.Context, _parameter: click.Parameter, pairs: tuple[str, ...]
) -> dict[str, str]:
    """``--set name=value``, each once, as a mapping."""
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


def split_formats(
    ctx: click.Context, _parameter: click.Parameter, text: str | None
) -> tuple[str, ...] | None:
    """``--format csv,xlsx`` as a tuple of formats that are known."""
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


def json_target(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    """``--json`` names a file, or ``-``."""
    if text is None or text == "-" or (text.strip() and not Path(text).is_dir()):
        return text
    raise StudyError(
        Problem(
            f"--json {text}".rstrip(),
            Words("不是文件", "is no file"),
            Words("请写文件名，或写 - 输出到屏幕。", "Name a file, or - for standard output."),
        )
    )


def parse_day(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    """A day written as 2023-12-31."""
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


def parse_days(
    ctx: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[date, ...]:
    """Days of an option that may be repeated."""
    days = (parse_day(ctx, parameter, text) for text in texts)
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
        click.option("--as-of", callback=parse_day, metavar="DATE", help="Day to judge."),
        click.option("--policy", metavar="ID|FILE", help="Policy to judge by."),
        click.option(
            "--set",
            "overrides",
            multiple=True,
            callback=split_overrides,
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
            callback=json_target,
            metavar="FILE|-",
            help="Write the result as JSON.",
        ),
        click.option(
            "--format",
            "formats",
            callback=split_formats,
            metavar="LIST",
            help=f"Which outputs to write: {','.join(FORMATS)}.",
        ),
        click.option("--quiet", is_flag=True, help="Print nothing but problems."),
    ]
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Early warnings of projects count as failures, exit code 3: homes delivered far ahead of "
    "their rooms (HOUSING_AHEAD), or rooms short for the phases delivered (INTERIM_GAP).",
)
