"""``geoplan picture``: sizes of paper, forms, text that can be found, and names that run nothing."""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from geoplan.assess.judge import assess
from geoplan.cli import main
from geoplan.render.pictures.paper_themes import paper_measures
from geoplan.render.pictures.picture import PAPERS, draw_picture, drawable_themes, paper_of
from tests.assess.build import standard
from tests.render.town import DIVISIONS, town, town_layers

THEME = "jiedao_elder_center_coverage"
HOSTILE = "<img src=x onerror=alert(1)>"
MM = 72 / 25.4


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["picture", *words])
    return result.exit_code, result.output


@pytest.mark.parametrize("name", sorted(PAPERS))
@pytest.mark.parametrize("portrait", [False, True])
def test_a_pdf_has_the_size_of_its_paper(name: str, *, portrait: bool) -> None:
    paper = paper_of(name, portrait=portrait, dpi=100)
    made = draw_picture(town(), THEME, paper=paper, form="pdf")
    (page,) = PdfReader(BytesIO(made)).pages
    short, long = PAPERS[name]
    width, height = (short, long) if portrait else (long, short)
    assert float(page.mediabox.width) == pytest.approx(width * MM, abs=0.5)
    assert float(page.mediabox.height) == pytest.approx(height * MM, abs=0.5)


def test_the_text_of_a_pdf_can_be_found(tmp_path: Path, repository: Path) -> None:
    code, said = run(str(repository), "--theme", THEME, "--format", "pdf", "--out", str(tmp_path))
    assert code == 0
    assert said.strip().endswith(f"{THEME}.pdf")
    text = PdfReader(tmp_path / "pictures" / f"{THEME}.pdf").pages[0].extract_text()
    assert "街道综合性养老服务中心" in text
    assert "2023-12-31" in text


def test_a_png_has_the_dots_that_were_asked_for() -> None:
    made = draw_picture(town(), THEME, paper=paper_of("A4", portrait=False, dpi=100))
    width, height = struct.unpack(">II", made[16:24])
    assert (width, height) == pytest.approx((297 / 25.4 * 100, 210 / 25.4 * 100), abs=2)


def test_an_svg_is_outlines_in_millimetres_and_runs_nothing() -> None:
    layers = town_layers()
    rows = tuple(replace(row, name=HOSTILE) for row in DIVISIONS.rows)
    named = assess(
        replace(layers, divisions=replace(DIVISIONS, rows=rows)), standard(), study="</script>$x^2$"
    )
    made = draw_picture(named, THEME, paper=paper_of("A3", portrait=False, dpi=100), form="svg")
    root = ET.fromstring(made)  # noqa: S314 - our own picture
    assert (root.get("width"), root.get("height")) == ("420mm", "297mm")
    tags = {each.tag.rpartition("}")[2] for each in root.iter()}
    assert not tags & {"script", "text", "image", "foreignObject", "a"}
    assert b"onerror" not in made.replace(b"<!-- <img", b"")


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_two_runs_write_the_same_bytes(form: str) -> None:
    paper = paper_of("A4", portrait=False, dpi=60)
    made = [draw_picture(town(), THEME, paper=paper, form=form) for _ in range(2)]
    assert made[0] == made[1]


def test_every_theme_with_shapes_can_be_drawn() -> None:
    judged = town()
    paper = paper_of("A4", portrait=False, dpi=40)
    for theme in drawable_themes(judged):
        assert draw_picture(judged, theme, paper=paper).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--theme", "nothing"), THEME),
        (("--format", "docx"), "png,svg,pdf"),
        (("--format", "gif"), "不认识的格式"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    repository: Path, words: tuple[str, ...], said: str
) -> None:
    code, told = run(str(repository), *words)
    assert code == 2
    assert said in told


def test_other_commands_write_no_pictures(repository: Path) -> None:
    result = CliRunner().invoke(main, ["assess", str(repository), "--format", "png"])
    assert result.exit_code == 2


def test_gaps_and_projects_are_themes_of_their_own() -> None:
    judged = town()
    themes = drawable_themes(judged)
    assert {"gaps_elder", "gaps_childcare", "projects"} <= set(themes)
    measures = {str(each["id"]): each for each in paper_measures(judged, "zh")}
    verdicts = Counter(each.verdict for each in judged.projects)
    legend = measures["projects"]["legend"]
    assert [each["count"] for each in legend] == [
        verdicts[each] for each in ("PASS", "FAIL", "PENDING", "UNKNOWN", "NA")
    ]
    for kind in ("elder", "childcare"):
        measure = measures[f"gaps_{kind}"]
        units = [
            unit
            for unit in judged.units
            if unit.official and unit.kind == kind and unit.unit_id in measure["classes"]
        ]
        for unit in units:
            said = measure["legend"][measure["classes"][unit.unit_id]]["label"]
            if unit.gap_m2 == 0:
                assert said == "无缺口"
            elif unit.gap_m2 is not None:
                assert said.startswith(("≤", ">"))
