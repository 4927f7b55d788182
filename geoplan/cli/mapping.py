"""Commands that draw: the interactive map, and maps as pictures."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from geoplan.cli.options import PICTURES, Options, parse_days, public_option, study_options
from geoplan.cli.runner import Outcome, begin, finish, font_words, out_folder, shown
from geoplan.errors import Problem, StudyError
from geoplan.terms import Words


@click.command(name="map")
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
    callback=parse_days,
    metavar="DATE",
    help="A day on the slider of the map; may be repeated.",
)
@public_option
@study_options
def map_(tiles: str | None, days: tuple[date, ...], *, with_token: bool, **told: Any) -> None:
    """The interactive map only. 只出地图."""
    options = Options(**told)
    from geoplan.render.webmap.basemap import read_basemap

    page = out_folder(options) / "map.html"
    basemap = None if tiles is None else read_basemap(tiles, page, with_token=with_token)
    study, language = begin(options)
    from geoplan.render.documents.assessment import build_document
    from geoplan.render.webmap.page import Moment, write_map
    from geoplan.workflow import assess_layers, assess_on

    today = assess_layers(study)
    named = sorted({*days, today.as_of} if days else ())
    states = [assess_on(study, today, day) for day in named]
    assessment, *states = shown(study, options, today, *states)
    moments = [
        Moment(Words(day.isoformat(), day.isoformat()), state)
        for day, state in zip(named, states, strict=True)
    ]

    def write(folder: Path) -> list[Path]:
        path = folder / page.name
        write_map(assessment, path, language=language, basemap=basemap, moments=moments)
        return [path]

    effective = {
        "moment": [day.isoformat() for day in days],
        "tiles": tiles is not None,  # its text may hold a token
        "with_token": with_token,
    }
    outcome = Outcome(
        [assessment],
        write,
        lambda: build_document(assessment, language=language),
        effective=effective,
    )
    finish("map", options, ["html"], language, outcome)


@click.command()
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
    study, language = begin(options)
    from geoplan.render.documents.assessment import build_document
    from geoplan.render.outputs import write_pictures
    from geoplan.render.pictures.picture import drawable_themes, paper_of
    from geoplan.workflow import assess_layers

    (assessment,) = shown(study, options, assess_layers(study))
    known = drawable_themes(assessment)
    unknown = [theme for theme in themes if theme not in known]
    if unknown or not known:
        raise StudyError(_no_such_theme(unknown, known))
    sheet = paper_of(paper, portrait=portrait, dpi=dpi)
    chosen = themes or tuple(known)
    outcome = Outcome(
        [assessment],
        lambda folder: write_pictures(
            assessment, chosen, folder / "pictures", forms, paper=sheet, language=language
        ),
        lambda: build_document(assessment, language=language),
        font_words(language),
        effective={"theme": list(chosen), "paper": paper, "portrait": portrait, "dpi": dpi},
    )
    finish("picture", options, forms, language, outcome)


def _no_such_theme(unknown: list[str], known: dict[str, str]) -> Problem:
    listed = "、".join(f"{theme}（{title}）" for theme, title in known.items())
    return Problem(
        f"--theme {','.join(unknown)}".rstrip(),
        Words("没有这个专题图", "there is no such theme"),
        Words(f"可用：{listed or '无'}。", f"Choose from {', '.join(known) or 'none'}."),
    )
