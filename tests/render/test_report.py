"""The report: what it must state, numbers equal to the assessment's, pages that can be handed in."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.layers.model import Layers
from geoplan.numbers import gap_text, number_text
from geoplan.render.paper.report import report_content, write_report
from geoplan.render.paper.report_words import (
    late_words,
    need_words,
    problems_by_bureau,
    shortfall_words,
    trend_words,
)
from geoplan.render.paper.word_document import plain
from geoplan.render.wording.view import view_of
from geoplan.render.wording.words import shown_value
from geoplan.terms import Verdict
from tests.assess.build import standard
from tests.render.town import DIVISIONS, NASTY, town, town_layers

HEADINGS = [
    "一、总体情况", "二、专题图", "三、街道综合性养老服务中心", "四、居住社区托育服务",
    "五、每百户养老、托育设施面积", "六、新建住宅项目配建与“四同步”", "七、步行可达（参考）",
    "八、按牵头单位的问题清单", "九、重点任务完成情况", "十、口径说明", "十一、数据来源",
    "十二、缺失数据与提示",
]  # fmt: skip


@pytest.fixture(scope="module")
def judged() -> Assessment:
    return town()


@pytest.fixture(scope="module")
def content(judged: Assessment) -> bytes:
    return report_content(judged)


@pytest.fixture(scope="module")
def document(content: bytes) -> Any:
    from docx import Document

    return Document(BytesIO(content))


def cells(document: Any) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def words_in(document: Any) -> str:
    tables = (cell for table in cells(document) for row in table for cell in row)
    return "\n".join([*(each.text for each in document.paragraphs), *tables])


def test_the_sections_are_real_headings(document: Any) -> None:
    found = [each.text for each in document.paragraphs if each.style.name == "Heading 1"]
    assert found == HEADINGS


def test_the_report_states_day_policy_and_rules(document: Any, judged: Assessment) -> None:
    text = words_in(document)
    policy = judged.standard.policy
    for word in ("2023年12月31日", policy.title, policy.document_no, policy.id):
        assert word in text


def test_the_scorecard_has_every_indicator_with_its_number(
    document: Any, judged: Assessment
) -> None:
    table = cells(document)[0]
    assert len(table) == len(judged.indicators) + 1
    for row, result in zip(table[1:], judged.indicators, strict=True):
        assert row[0] == result.indicator.number
        assert row[3].rstrip("*") == shown_value(result, judged.standard)
        assert row[3].endswith("*") == result.provisional
        assert shown_verdict(result.verdict) in row[-1]


def shown_verdict(verdict: Verdict) -> str:
    return {"PASS": "达标", "FAIL": "不达标", "PENDING": "待核", "UNKNOWN": "数据缺失",
            "NA": "不适用"}[verdict.value]  # fmt: skip


def test_every_official_failing_unit_stands_with_its_gap(document: Any, judged: Assessment) -> None:
    view = view_of(judged, "zh")
    rows = {(row[0], row[2], row[7]) for table in cells(document) for row in table if len(row) > 9}
    poor = [each for each in judged.units if each.official and each.verdict is Verdict.FAIL]
    assert poor
    for each in poor:
        name = plain(view.register.name(each.level, each.unit_id))
        assert each.gap_m2 is not None
        assert (name, view.label("kind", each.kind), gap_text(each.gap_m2)) in rows


def test_every_project_every_task_and_every_source_is_listed(
    document: Any, judged: Assessment
) -> None:
    tables = cells(document)
    text = words_in(document)
    tasks = next(table for table in tables if table[0][-1] == "下一步")
    assert [row[0] for row in tasks[1:]] == [
        str(each.number) for each in judged.standard.policy.tasks
    ]
    for project in judged.layers.projects.rows if judged.layers.projects else ():
        assert plain(project.name) in text
    for source in judged.sources:
        assert source.path in text
    for name, parameter in judged.standard.policy.parameters.items():
        assert parameter.label_zh in text, name


def test_each_leading_bureau_has_its_problems(judged: Assessment) -> None:
    found = problems_by_bureau(view_of(judged, "zh"))
    for result in judged.indicators:
        for bureau in result.indicator.lead:
            named = any(
                f"指标 {result.indicator.number} " in each for each in found.get(bureau, ())
            )
            assert named == (result.verdict is not Verdict.PASS)


def test_header_rows_come_again_and_no_table_is_wider_than_its_page(document: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm

    portrait, across = Cm(21 - 3.99), Cm(29.7 - 3.99)  # twips round
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        wide = across if table.rows[0].cells[-1].text == "下一步" else portrait
        assert sum(column.width for column in table.columns) <= wide
        assert not table.autofit
    widths = [(each.page_width > each.page_height) for each in document.sections]
    assert widths == [False, True, False]


def test_chinese_text_has_a_chinese_font(document: Any) -> None:
    from docx.oxml.ns import qn

    for name in ("Normal", "Heading 1", "Heading 2", "Title", "Caption"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in {"宋体", "黑体"}
        assert not any(each.endswith("Theme") for each in fonts.attrib)


def test_the_footer_counts_pages_by_fields(document: Any) -> None:
    xml = document.sections[0].footer._element.xml
    assert "PAGE" in xml
    assert "NUMPAGES" in xml


def test_pictures_have_a_description(document: Any) -> None:
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert len(described) == 4
    assert all(each.startswith("图 ") for each in described)


def test_the_same_assessment_gives_the_same_bytes(content: bytes) -> None:
    assert content == report_content(town())
    with ZipFile(BytesIO(content)) as parts:
        assert {each.date_time for each in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_document_is_dated_by_its_study(document: Any, judged: Assessment) -> None:
    assert document.core_properties.created.date() == judged.as_of
    assert document.core_properties.author == "geoplan"
    assert document.core_properties.comments == ""


@pytest.mark.parametrize(
    ("day", "late"),
    [(date(2023, 6, 30), False), (date(2023, 12, 25), False), (date(2023, 12, 26), True)],
)
def test_a_day_after_the_deadline_brings_a_reminder(day: date, *, late: bool) -> None:
    said = late_words(view_of(town(day=day), "zh"))
    assert bool(said) == late
    if late:
        assert "12月25日" in said


def test_provisional_values_say_so(document: Any, judged: Assessment) -> None:
    if any(each.provisional for each in judged.indicators):
        assert "* 暂定值：指标" in words_in(document)


def test_shortfall_and_need_never_hide_a_missed_target(judged: Assessment) -> None:
    view = view_of(judged, "zh")
    for each in judged.indicators:
        if each.verdict is Verdict.FAIL and each.value is not None:
            assert shortfall_words(each) not in {"", "0.00"}
        if each.verdict is Verdict.PASS:
            assert shortfall_words(each) == need_words(each, view) == ""


def test_the_trend_reads_the_baseline_as_the_plan_prints_it(judged: Assessment) -> None:
    view = view_of(judged, "zh")
    centers = next(each for each in judged.indicators if each.indicator.number == "2")
    for value, word in ((Fraction(200, 3), "持平"), (Fraction(67), "↑"), (Fraction(65), "↓")):
        assert trend_words(replace(centers, value=value), view) == word
    assert trend_words(replace(centers, value=None), view) == "/"


def test_text_that_word_cannot_hold_is_put_right() -> None:
    rows = tuple(replace(row, name=f"{row.name}\x00\x0b\ud800\ufffe") for row in DIVISIONS.rows)
    layers = town_layers(divisions=replace(DIVISIONS, rows=rows))
    strange = assess(layers, standard(), study="崇左\x07\u202e市")
    from docx import Document

    text = words_in(Document(BytesIO(report_content(strange))))
    assert "太平街道" in text
    assert "\u202e" not in text
    assert "\x07" not in text


def test_names_that_look_like_formulas_or_tags_stand_as_they_are(document: Any) -> None:
    assert NASTY[0] in words_in(document)


def test_a_study_without_layers_has_a_report_that_says_so() -> None:
    from docx import Document

    empty = assess(Layers(None), standard(), study="空")
    text = words_in(Document(BytesIO(report_content(empty))))
    assert "未提供的图层" in text
    assert "没有数据既不算缺口，也不算达标" in text  # said in place of an empty table
    assert "没有可绘制的图形" in text


def test_long_lists_say_where_the_rest_is() -> None:
    many = tuple(
        replace(DIVISIONS.rows[0], row=number, id=f"4514020{number:02}", name=f"街道{number}")
        for number in range(1, 100)
    )
    places = DIVISIONS.geometry
    assert places is not None
    geometry = np.full(len(many), places[0], dtype=object)
    layers = town_layers(divisions=replace(DIVISIONS, rows=many, geometry=geometry))
    from docx import Document

    judged = assess(layers, standard(), study="大市")
    document = Document(BytesIO(report_content(judged)))
    assert "此处列出前 80 条" in words_in(document)
    listed = next(table for table in cells(document) if table[0][0] == "街道")
    assert len(listed) == 81
    assert listed[1][1] == "未覆盖"


def test_english_has_english_headings(judged: Assessment) -> None:
    from docx import Document

    document = Document(BytesIO(report_content(judged, language="en")))
    found = [each.text for each in document.paragraphs if each.style.name == "Heading 1"]
    assert found[0] == "1. Overview"
    assert len(found) == len(HEADINGS)


@pytest.fixture(scope="module")
def pdf_text(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report as LibreOffice prints it, as text."""
    soffice, pdftotext = shutil.which("soffice"), shutil.which("pdftotext")
    if soffice is None or pdftotext is None:
        pytest.skip("needs libreoffice-writer and poppler-utils: `make test` installs them")
    folder = tmp_path_factory.mktemp("print")
    (folder / "report.docx").write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run(
        [*command, str(folder / "report.docx")], capture_output=True, timeout=600, check=False
    )
    if not (folder / "report.pdf").is_file():
        pytest.skip("this LibreOffice cannot open Word files: install libreoffice-writer")
    done = subprocess.run(
        [pdftotext, "-layout", str(folder / "report.pdf"), "-"], capture_output=True, check=True
    )
    return done.stdout.decode("utf-8")


def test_libreoffice_prints_headings_and_numbers(pdf_text: str, judged: Assessment) -> None:
    packed = "".join(pdf_text.split())
    for heading in HEADINGS:
        assert "".join(heading.split()) in packed
    for result in judged.indicators:
        if result.value is not None:
            assert number_text(result.value) in packed
    for unit in judged.units:
        if unit.official and unit.gap_m2:
            assert gap_text(unit.gap_m2) in packed


def test_a_report_is_written_whole(tmp_path: Path, content: bytes, judged: Assessment) -> None:
    write_report(judged, tmp_path / "new" / "报告.docx")
    assert (tmp_path / "new" / "报告.docx").read_bytes() == content


def test_plain_keeps_lines_and_rare_characters() -> None:
    assert plain("𬒔村\n\x9f甲") == "𬒔村\n甲"
