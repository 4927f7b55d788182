"""Order never matters: rows of any layer change places, and only row numbers change with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from geoplan.assess.judge import assess
from geoplan.cli import main
from geoplan.layers.model import Layers, Phase, Premises, Project, Reported
from geoplan.layers.rows.row_order import in_natural_order
from geoplan.policy.read import build_standard, read_policy
from geoplan.render.documents.assessment import build_document
from geoplan.render.documents.json_values import dump_document
from tests.assess.build import layer
from tests.assess.shuffled import shuffle_layers, shuffle_study, tables_of, without_rows
from tests.assess.test_synchrony_oracle import random_phases, random_row
from tests.oracle.cities import AS_OF, build_city
from tests.oracle.direct import typed_layers

# One command for each table and document that a study gives.
COMMANDS = {
    "assess": ("--sensitivity", "--format", "csv"),
    "inspect": ("--format", "html"),
    "gaps": ("--format", "csv"),
    "comply": ("--format", "csv"),
}


def result(command: str, folder: Path, out: Path) -> str:
    """The JSON of a command, its tables written beside it."""
    words = [command, str(folder), *COMMANDS[command], "--json", "-", "--quiet"]
    done = CliRunner().invoke(main, [*words, "--out", str(out)])
    assert done.exit_code in {0, 3}, done.output
    return done.stdout


@pytest.fixture(scope="module")
def shuffled(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("order") / "study"
    return shuffle_study(repository, folder, Random(7))  # noqa: S311 - repeatable, not secret


@pytest.mark.parametrize("command", COMMANDS)
def test_shuffling_every_file_of_the_sample_changes_row_numbers_only(
    command: str, repository: Path, shuffled: Path, tmp_path: Path
) -> None:
    before = result(command, repository, tmp_path / "before")
    after = result(command, shuffled, tmp_path / "after")
    assert without_rows(after) == without_rows(before)
    assert dict(tables_of(tmp_path / "after")) == dict(tables_of(tmp_path / "before"))


# ------------------------------------------------------------------------- random cities


def whole_city(seed: int) -> Layers:
    """A random city with every layer of rows: projects, phases, premises and reported values too."""
    random = Random(seed)  # noqa: S311
    projects = [Project(at + 2, f"P{at}", f"项目{at}", **random_row(random)) for at in range(12)]
    phases = [
        Phase(0, row.id, text, None if count is None else Decimal(count))
        for row in projects
        for text, count in random_phases(random)
    ]
    city = typed_layers(build_city(seed).given)
    shapes = [] if city.divisions is None else list(city.divisions.geometry)
    spots = [shape.centroid for shape in shapes]
    premises = [
        Premises(2 + at, f"V{at}", f"存量{at}", floor_area_m2=Decimal(200))
        for at in range(len(spots))
    ]
    return replace(
        city,
        projects=layer(projects),
        phases=layer([replace(each, row=at) for at, each in enumerate(phases, start=2)]),
        premises=layer(premises, spots),
        reported=layer(list(reported(random))),
    )


def reported(random: Random) -> Iterator[Reported]:
    """Values by id and by number, of several days and sources, never two of one source and day."""
    told = {
        (random.choice([("city_elder_guidance_center", "4"), ("childcare_places_per_1000", "8")]),
         AS_OF - timedelta(days=random.choice([0, 0, 300])),
         random.choice(["市民政局", "市卫健委 2024-01-05", None]))
        for _ in range(8)
    }  # fmt: skip
    for row, (names, day, source) in enumerate(sorted(told, key=str), start=2):
        value = Decimal(random.choice(["0", "1", "3.5"]))
        yield Reported(row, random.choice(names), day, value, source=source)


def document_of(layers: Layers, values: dict[str, object]) -> str:
    standard, _ = build_standard(read_policy("chongzuo-2021-2023"), AS_OF, values)
    return dump_document(build_document(assess(layers, standard, study="oracle")))


@pytest.mark.parametrize("phase_rule", ["warn", "enforce"])
def test_shuffling_every_layer_of_random_cities_changes_row_numbers_only(phase_rule: str) -> None:
    for seed in range(40):
        random, values = Random(seed), {"phase_rule": phase_rule}  # noqa: S311
        city = whole_city(seed)
        before = document_of(city, values)
        after = document_of(shuffle_layers(city, random), values)
        assert without_rows(after) == without_rows(before), seed


def test_every_list_of_ids_is_in_natural_order() -> None:
    for seed in range(20):
        document = json.loads(document_of(whole_city(seed), {}))
        for indicator in document["indicators"]:
            for part in ("covered", "uncovered", "unknown"):
                assert indicator[part] == list(in_natural_order(indicator[part]))
            excluded = [each["id"] for each in indicator["excluded"]]
            assert excluded == list(in_natural_order(excluded))
        for part, key in (("facilities", "id"), ("projects", "project_id")):
            ids = [row[key] for row in document[part]]
            assert ids == list(in_natural_order(ids))
