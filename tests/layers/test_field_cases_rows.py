"""Tables as people send them, whose right answers are known: rows that are no records, text tables."""

from __future__ import annotations

import re
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from geoplan import assess_study
from geoplan.assess.model import Assessment
from geoplan.errors import DataError, Problem

RIGHT = {
    "jiedao_elder_center_coverage": Fraction(50),
    "rc_childcare_coverage": Fraction(50),
    "childcare_places_per_1000": Fraction(25, 8),
}
HOUSEHOLDS = 5900


def assess(folder: Path) -> Assessment:
    return assess_study(folder)


def assert_clean(found: Assessment) -> None:
    values = {each.indicator.id: each.value for each in found.indicators}
    assert {key: values[key] for key in RIGHT} == RIGHT
    elder = [unit for unit in found.units if unit.kind == "elder" and unit.level == "community"]
    assert sum(unit.households or 0 for unit in elder) == HOUSEHOLDS


def refused(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(DataError) as error:
        assess(folder)
    return error.value.problems


@pytest.mark.parametrize(
    ("case", "code", "rows"),
    [
        ("clean", "", ()),
        ("heading_repeated", "HEADING_REPEATED", (5,)),
        ("subtotal_named", "TOTAL_ROW", (5, 9, 10)),
        ("div_total_row", "TOTAL_ROW", (4,)),
        ("of_which_rows", "PART_ROW", (3, 4)),
        ("bom_before_gbk", "ENCODING_GUESSED", ()),
    ],
)
def test_as_clean_and_said_why(
    case: str, code: str, rows: tuple[int, ...], shared_data: Path
) -> None:
    found = assess(shared_data / "field-cases" / case)
    assert_clean(found)
    told = [(remark.code, remark.rows) for remark in found.remarks]
    assert not code or (code, rows) in told
    for source in found.sources:
        aside = sum(
            len(remark.rows)
            for remark in found.remarks
            if remark.set_aside and remark.layer == source.layer
        )
        assert source.rows_read == source.rows_kept + aside


@pytest.mark.parametrize(
    ("case", "rows", "remedy"),
    [
        ("csv_unquoted_thousands", "2, 4, 7", "commas"),
        ("csv_unquoted_newline", "2, 3", "line break"),
    ],
)
def test_rows_that_do_not_fit_their_heading_are_named(
    case: str, rows: str, remedy: str, shared_data: Path
) -> None:
    (problem,) = refused(shared_data / "field-cases" / case)
    assert problem.where == "compounds.csv (compounds)"
    assert f"row {rows} " in problem.what.en
    assert f"第 {rows} 行" in problem.what.zh
    assert remedy in problem.remedy.en


def test_the_remedies_for_rows_work(shared_data: Path, tmp_path: Path) -> None:
    cases = shared_data / "field-cases"
    shutil.copytree(cases / "clean", tmp_path / "clean")
    for case, mend in (
        (
            "csv_unquoted_thousands",
            lambda text: re.sub(r"(,\d),(\d{3}$)", r"\1\2", text, flags=re.MULTILINE),
        ),
        ("csv_unquoted_newline", lambda text: re.sub(r"\r?\n花园", "花园", text)),
    ):
        shutil.copytree(cases / case, tmp_path / case)
        table = tmp_path / case / "compounds.csv"
        table.write_text(mend(table.read_text("utf-8-sig")), "utf-8")
        assert_clean(assess(tmp_path / case))


def test_two_columns_of_one_heading_are_chosen_as_the_advice_says(
    shared_data: Path, tmp_path: Path
) -> None:
    cases = shared_data / "field-cases"
    shutil.copytree(cases / "clean", tmp_path / "clean")
    shutil.copytree(cases / "csv_two_areas", tmp_path / "case")
    (problem,) = refused(tmp_path / "case")
    assert "12, 17" in problem.what.en
    toml = tmp_path / "case" / "study.toml"
    line = 'facilities = { path = "facilities.csv", crs = "WGS84" }'
    told = toml.read_text("utf-8")
    areas = []
    for advice in re.findall(r"columns = \{ [^}]+ \}", problem.remedy.zh):
        toml.write_text(told.replace(line, line.replace(" }", f", {advice} }}")), "utf-8")
        found = assess(tmp_path / "case")
        assert_clean(found)
        areas.append(sum(unit.provided_m2 for unit in found.units))
    assert len(set(areas)) == len(areas) == 2


def test_semicolons_inside_cells_separate_nothing(shared_data: Path) -> None:
    found = assess(shared_data / "field-cases" / "csv_few_columns_semicolons")
    (source,) = [source for source in found.sources if source.layer == "facilities"]
    assert source.rows_read == source.rows_kept == 6
    assert [key for _, key in source.headings] == [
        "facility_id",
        "facility_type",
        "community",
        "functions",
    ]
