"""The command line: one module a group of commands, one runner, and nothing that judges.

Belongs here: which commands there are. Their options are in ``options``; reading, writing, telling
and ending in ``runner``. Heavy rooms are imported inside the commands so that ``geoplan --help``
stays quick.
"""

from __future__ import annotations

import logging
import sys
from io import TextIOWrapper

import click

from geoplan import __version__
from geoplan.cli.assessing import assess, comply, gaps, init, inspect, schema
from geoplan.cli.mapping import map_, picture
from geoplan.cli.planning import compare, site
from geoplan.cli.policies import policy
from geoplan.cli.runner import Refusing
from geoplan.cli.streets import fetch


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


for _command in (
    assess,
    inspect,
    init,
    map_,
    picture,
    gaps,
    comply,
    site,
    compare,
    schema,
    fetch,
    policy,
):
    main.add_command(_command)
