"""What every command on a study does: read, judge, write, give JSON, tell, exit.

Exit codes: 0 done, 2 refused (the user can put it right), 3 gaps or failures, 4 none failed but
some unknown, 5 no feasible answer, 130 interrupted; 1 is always our own bug.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoplan.cli.options import TABLES, Options
from geoplan.errors import GeoplanError, Problem, StudyError
from geoplan.terms import Words

if TYPE_CHECKING:
    from geoplan.assess.model import Assessment
    from geoplan.render.fileset.manifest import Run
    from geoplan.study import Study

REFUSED, GAPS, UNKNOWN, NO_ANSWER, INTERRUPTED = 2, 3, 4, 5, 130
_STOPPED = Words(
    "已按 Ctrl-C 中断，可重新运行。", "Interrupted by Ctrl-C; run it again to start over."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to.

    ``assessments`` are what it rests on, ``write`` puts its files into a folder and names them,
    ``document`` is asked only where JSON is wanted. ``said`` are texts for people; ``effective`` the
    options of this command alone, for the manifest.
    """

    assessments: Sequence[Assessment]
    write: Callable[[Path], Sequence[Path]]
    document: Callable[[], Mapping[str, Any]]
    said: Sequence[str] = ()
    lists_files: bool = True
    exit_code: int = 0
    effective: Mapping[str, Any] = field(default_factory=dict)
    studies: Sequence[Path] = ()
    programme: Path | None = None


class Refusing(click.Group):
    """A group whose commands end with exit code 2 and clear messages when input is refused."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; print problems, one a line, instead of a traceback."""
        try:
            return super().invoke(ctx)
        except GeoplanError as error:
            for problem in error.problems:
                echo(problem.say(_language_asked(ctx)), err=True)
            ctx.exit(REFUSED)
        except KeyboardInterrupt:
            echo(_STOPPED.say(_language_asked(ctx)), err=True)
            ctx.exit(INTERRUPTED)


def _language_asked(ctx: click.Context) -> str:
    """The language to refuse in: as asked on the command line, else Chinese."""
    return "en" if ctx.meta.get("geoplan.language") == "en" else "zh"


def echo(text: str, *, err: bool = False) -> None:
    """Print; what the data holds moves no cursor and turns no letters around."""
    from geoplan.render.sheets.harmless import visible

    click.echo(visible(text), err=err)


def begin(options: Options) -> tuple[Study, str]:
    """The study, and the language in which to speak of it from here on.

    A switch of files that an earlier run began and did not live to end is ended first.
    """
    from geoplan.study import read_study

    settle_files(options)
    study = read_study(
        options.study, as_of=options.as_of, policy=options.policy, overrides=options.overrides
    )
    language = options.language or study.language
    click.get_current_context().meta["geoplan.language"] = language
    if options.public:
        from geoplan.workflow import review_no_of

        review_no_of(study)  # refused before the work, not after it
    return study, language


def settle_files(options: Options) -> None:
    """A switch of files that an earlier run began and did not live to end is ended first."""
    from geoplan.render.fileset.staging import settle

    settle(out_folder(options))


def shown(study: Study, options: Options, *assessments: Assessment) -> tuple[Assessment, ...]:
    """What outputs may be made of: with ``--public`` the public editions and nothing else."""
    if not options.public:
        return assessments
    from geoplan.workflow import publish

    return publish(study, *assessments)


def chosen_formats(
    options: Options, usual: Sequence[str], allowed: Sequence[str] = TABLES
) -> Sequence[str]:
    """The formats asked for, all of them such as the command writes; else the usual ones."""
    others = [name for name in options.formats or () if name not in allowed]
    if others:
        raise StudyError(
            Problem(
                f"--format {','.join(others)}",
                Words("这个命令不写这种格式", "this command does not write it"),
                Words(f"可用：{','.join(allowed)}。", f"Choose from {','.join(allowed)}."),
            )
        )
    return options.formats or usual


def out_folder(options: Options) -> Path:
    """Where the outputs go: ``maps/`` in the study unless told."""
    folder = options.study if options.study.is_dir() else options.study.parent
    return options.out or folder / "maps"


def finish(
    command: str, options: Options, formats: Sequence[str], language: str, outcome: Outcome
) -> None:
    """Write the files and the JSON as one set, tell people, and end with the exit code."""
    run = _run(command, options, formats, language, outcome)
    json = None if options.json_file is None else _dumped(outcome.document())
    written = _put(options, run, outcome.write, json)
    for text in outcome.said:
        tell(options, text)
    for path in written if outcome.lists_files else ():
        tell(options, str(path))
    if outcome.exit_code:
        sys.exit(outcome.exit_code)


def tell(options: Options, text: str) -> None:
    """Print for people: not when quiet, and never into the JSON on stdout."""
    if not options.quiet:
        echo(text, err=options.json_file == "-")


def font_words(language: str) -> tuple[str, ...]:
    """That pictures are in English for want of a Chinese font."""
    from geoplan.render.pictures.fonts import font_remark

    remark = font_remark()
    return () if remark is None else (remark.detail.say(language),)


def _run(
    command: str, options: Options, formats: Sequence[str], language: str, outcome: Outcome
) -> Run:
    """What the manifest says of this run: effective options, and the inputs as they were read."""
    from geoplan.render.fileset.manifest import Run
    from geoplan.render.fileset.provenance import inputs_of

    assessments = outcome.assessments
    days = [each.as_of.isoformat() for each in assessments]
    policies = [each.standard.policy.id for each in assessments]
    told = {
        "as_of": days[0] if len(days) == 1 else days,
        "policy": policies[0] if len(set(policies)) == 1 else policies,
        "set": dict(options.overrides),
        "format": sorted(formats),
        "lang": language,
        "public": _public_note(assessments[0], language),
        **outcome.effective,
    }
    inputs = inputs_of(outcome.studies or [options.study], assessments, outcome.programme)
    return Run(command, told, inputs)


def _public_note(assessment: Assessment, language: str) -> bool | dict[str, str]:
    """Under which number an edition is public, and what is not in it."""
    public = assessment.publication
    if public is None:
        return False
    return {"review_no": public.review_no, "note": public.note.say(language)}


def _dumped(document: Mapping[str, Any]) -> bytes:
    from geoplan.render.documents.json_values import dump_document

    return dump_document(document).encode("utf-8")


def _put(
    options: Options, run: Run, write: Callable[[Path], Sequence[Path]], json: bytes | None
) -> list[Path]:
    """The files that ``write`` makes and the JSON, as one set; what goes to a stream goes last."""
    from geoplan.render.fileset.staging import whole_set

    folder, target = out_folder(options), options.json_file
    with whole_set(folder, run) as aside:
        written = write(aside.folder)
        if json is not None and target is not None and not _is_stream(target):
            aside.elsewhere[Path(target)] = json
    if json is not None and target is not None and _is_stream(target):
        write_bytes(json, target)
    return [folder / path.relative_to(aside.folder) for path in written]


def _is_stream(target: str) -> bool:
    """Standard output, a pipe or a device: nothing that could be replaced."""
    return target == "-" or (Path(target).exists() and not Path(target).is_file())


def write_bytes(content: bytes, target: str) -> None:
    """To the file, whole or not at all; to standard output for ``-``."""
    from geoplan.render.fileset.staging import write_whole

    if target == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    elif _is_stream(target):
        Path(target).write_bytes(content)
    else:
        write_whole(Path(target), content)
