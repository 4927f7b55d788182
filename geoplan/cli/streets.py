"""Commands that use the internet: no other command does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from geoplan.cli.options import language_option
from geoplan.cli.runner import Refusing, echo
from geoplan.errors import Problem, StudyError
from geoplan.terms import Words


@click.group(cls=Refusing)
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
    echo(said.say(language or "zh"))
