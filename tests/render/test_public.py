"""The public map: what must not be in the file is nowhere in it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.cli import main
from geoplan.layers.model import Compound
from geoplan.render.public.edition import CELL_M, public_assessment
from geoplan.render.webmap.page import page_data, write_map
from geoplan.workflow import assess_study
from tests.assess.build import layer, standard
from tests.render.town import box, town, town_layers

NUMBER = "桂S(2023)12-3号"


@pytest.fixture(scope="module")
def sample(repository: Path) -> Assessment:
    return assess_study(repository)


def test_the_verdicts_stay(sample: Assessment) -> None:
    public = public_assessment(sample)
    assert [each.verdict for each in public.units] == [each.verdict for each in sample.units]
    assert public.indicators == sample.indicators
    assert [each.gap for each in public.gaps] == [each.gap for each in sample.gaps]


def test_no_exact_place_of_a_facility_is_in_the_file(sample: Assessment, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    write_map(sample, file, review_no=NUMBER)
    text = file.read_text(encoding="utf-8")
    exact = page_data(sample, "zh")["views"][0]
    for row in (*exact["facilities"], *exact["projects"]):
        assert f'"at":[{row["at"][0]},{row["at"][1]}]' not in text
    assert NUMBER in text
    premises = sample.layers.premises
    assert premises is not None
    for row in premises.rows:
        assert (row.owner or "城投公司（示意）") not in text
    public = public_assessment(sample)
    assert public.layers.facilities is not None
    assert sample.layers.facilities is not None
    for one, two in zip(
        public.layers.facilities.geometry, sample.layers.facilities.geometry, strict=True
    ):
        if two is not None:
            assert one.distance(shapely.point_on_surface(two)) <= CELL_M


def test_small_counts_are_hidden_and_zero_is_not(tmp_path: Path) -> None:
    layers = town_layers()
    rows = [
        Compound(2, "XS", "小小区", households=Decimal(7), population=Decimal(9)),
        Compound(3, "XT", "大小区", households=Decimal(10), population=Decimal(31)),
        Compound(4, "XU", "更大小区", households=Decimal(20), population=Decimal(61)),
    ]
    places = [box(10, 10, 20), box(40, 10, 20), box(70, 10, 20)]
    small = replace(layers, compounds=layer(rows, places))
    judged = assess(small, standard(), study="试城")
    shown = page_data(public_assessment(judged), "zh")["views"][0]
    assert shown["units"]["compounds"]["XS"][1] is None
    assert shown["units"]["compounds"]["XT"][1] is None  # 7 = 37 - 20 - 10
    assert shown["units"]["compounds"]["XU"][1] == 61
    lines = {line for _, line in shown["popups"]["compounds/XS"]["lines"]}
    assert lines == {"户数少于 10，不公开"}
    file = tmp_path / "map.html"
    write_map(judged, file, review_no=NUMBER)
    assert not re.search(r"(?<!\d)7 户 ×", file.read_text(encoding="utf-8"))


def test_people_within_reach_are_told_in_full_hundreds(sample: Assessment) -> None:
    public = public_assessment(sample)
    assert len(public.reach) > 100
    for row in public.reach:
        assert {row.total % 100, row.reached % 100, row.unreachable % 100} == {0}
    assert not public.access


def test_a_public_map_needs_its_number(repository: Path) -> None:
    result = CliRunner().invoke(main, ["map", str(repository), "--public"])
    assert result.exit_code == 2
    assert "审图号" in result.output


def test_the_number_stands_on_the_page(repository: Path, tmp_path: Path) -> None:
    text = (repository / "study.toml").read_text(encoding="utf-8")
    data = (repository / "data").as_posix()
    text = text.replace('"data/', f'"{data}/').replace(
        "[study]\n", f'[study]\nmap_review_no = "{NUMBER}"\n'
    )
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["map", str(tmp_path), "--public"])
    assert result.exit_code == 0, result.output
    assert f"审图号：{NUMBER}" in (tmp_path / "maps" / "map.html").read_text(encoding="utf-8")


def test_a_town_without_anything_private_is_drawn_too(tmp_path: Path) -> None:
    write_map(town(), tmp_path / "map.html", review_no=NUMBER)
