"""An indicator's id belongs to its document: another plan may give its own, and nothing changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from geoplan.assess.checkup.sensitivity import compare_definitions
from geoplan.assess.judge import MEASURES
from geoplan.assess.model import Assessment
from geoplan.plan.comparison import Side, compare_sides
from geoplan.render.documents.assessment import build_document
from geoplan.render.documents.json_values import dump_document
from geoplan.render.forms.check_sheet import check_form
from geoplan.render.forms.task_ledger import ledger_form
from geoplan.render.forms.unit_lists import community_form, division_form
from geoplan.render.sheets.form import Form
from geoplan.render.terminal.summary import summary_text
from geoplan.render.webmap.page_data import map_data
from geoplan.render.webmap.side_tables import headline
from geoplan.render.wording.rules import responsible_for
from geoplan.render.wording.view import view_of
from geoplan.study import read_study
from geoplan.workflow import assess_layers

_POLICY = "chongzuo-2021-2023"


@pytest.fixture(scope="module")
def renamed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chongzuo's plan with other indicator ids, under the same policy id."""
    library = repository / "geoplan" / "policy" / "library" / f"{_POLICY}.toml"
    text = library.read_text(encoding="utf-8")
    head, *blocks = re.split(r"(?m)^(?=\[\[indicator\]\])", text)
    blocks = [re.sub(r'(?m)^id = "([^"]+)"', r'id = "own_\1"', block, count=1) for block in blocks]
    file = tmp_path_factory.mktemp("other") / "plan.toml"
    file.write_text(head + "".join(blocks), encoding="utf-8")
    return file


def _assessed(folder: Path, policy: str | None) -> Assessment:
    """The sample without what bureaus report, which they report under the ids of a document."""
    study = read_study(folder, policy=policy)
    layers = {name: file for name, file in study.layers.items() if name != "reported"}
    return assess_layers(replace(study, layers=layers))


def _plain(text: str) -> str:
    """Without the other ids and the checksum of the file that holds them."""
    return re.sub(r"own_(?=[a-z])|(?<=校验值 )[0-9a-f]+", "", text)


def test_the_document_is_the_same_but_for_the_ids(repository: Path, renamed: Path) -> None:
    ours, theirs = (
        json.loads(_plain(dump_document(build_document(each, language="zh"))))
        for each in (_assessed(repository, None), _assessed(repository, str(renamed)))
    )
    for each in (ours, theirs):
        each["policy"] = None
    assert len([gap for gap in ours["gaps"] if gap["rule"] != "area_per_100_households"]) > 5
    assert theirs == ours


def _sheet(form: Form) -> list[object]:
    """What stands in every cell of a form."""
    return [
        form.header,
        form.notes,
        [[cell.of(row) for cell in form.columns] for row in form.rows],
    ]


def test_every_paper_is_the_same_but_for_the_ids(repository: Path, renamed: Path) -> None:
    def papers(policy: str | None) -> Iterator[object]:
        found = _assessed(repository, policy)
        view = view_of(found, "zh")
        yield summary_text(found, "zh")
        yield [_sheet(form(view)) for form in (division_form, community_form, ledger_form)]
        yield _sheet(check_form(view, {}))
        yield [responsible_for(rule, view) for rule in ("jiedao_elder_center", "rc_childcare")]
        yield [(row.subject, row.value, row.flips) for row in compare_definitions(found)]
        yield headline(found, "zh")
        yield map_data(found, "zh")["measures"]

    for one, two in zip(papers(None), papers(str(renamed)), strict=True):
        assert _plain(repr(two)) == _plain(repr(one))


def test_plans_that_call_it_otherwise_are_compared(repository: Path, renamed: Path) -> None:
    found = [_assessed(repository, policy) for policy in (None, str(renamed))]
    comparison = compare_sides(*(Side("城", each.layers, each.standard) for each in found))
    assert comparison.turned == ()
    computed = {
        each.indicator.id for each in found[0].indicators if each.indicator.measure in MEASURES
    }
    assert {each.id for each in comparison.moved} == computed
    assert all(not any(each.parts or ()) for each in comparison.moved)
