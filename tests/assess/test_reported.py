"""Reported values: one key for id and number, one value for a day and a source."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from geoplan.errors import DataError
from geoplan.study import read_study
from geoplan.workflow import assess_study, inspect_study
from tests.cases.given import Question, write_study

GUIDANCE = "city_elder_guidance_center"
# Two values of one indicator, day and source, however the indicator and the source are written.
TWICE = [
    ((GUIDANCE, "市民政局", "1"), ("4", "市民政局", "0")),
    (("4", "市民政局", "1"), ("4", "市民政局", "1")),
    ((GUIDANCE, "", "1"), ("4", "", "0")),
    ((GUIDANCE, "市民政局(示意)", "1"), ("4", "市民政局（示意） ", "0")),
]


def reported(folder: Path, *rows: tuple[str, str, str]) -> Path:
    table = [
        {"indicator_id": key, "as_of": "2023-12-31", "value": value, "source": source}
        for key, source, value in rows
    ]
    return write_study(folder, {"reported": table}, Question())


@pytest.mark.parametrize("rows", TWICE)
def test_two_values_of_one_day_and_source_are_refused_by_name(
    rows: tuple[tuple[str, str, str], ...], tmp_path: Path
) -> None:
    for number, order in enumerate(itertools.permutations(rows)):
        folder = reported(tmp_path / str(number), *order)
        with pytest.raises(DataError) as refused:
            assess_study(folder)
        (problem,) = refused.value.problems
        assert "reported.csv" in problem.where
        assert any(name in problem.what.zh for name in (GUIDANCE, "4 2023-12-31"))
        assert "2, 3" in problem.what.zh


def test_inspect_tells_them_and_looks_at_the_rest(tmp_path: Path) -> None:
    folder = reported(tmp_path, (GUIDANCE, "市民政局", "1"), ("4", "市民政局", "0"))
    inspection = inspect_study(read_study(folder))
    (problem,) = inspection.problems
    assert GUIDANCE in problem.what.zh
    assert inspection.assessment.layers.reported is None


def test_a_blank_value_beside_a_value_is_no_second_value(tmp_path: Path) -> None:
    folder = reported(tmp_path, (GUIDANCE, "市民政局", "1"), ("4", "市民政局", "待定"))
    values = {each.indicator.id: each.value for each in assess_study(folder).indicators}
    assert values[GUIDANCE] == 1
