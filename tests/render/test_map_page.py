"""The page around the map in a real browser: table, headline, languages, moments, tools, print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.render.documents.assessment import build_document
from geoplan.render.webmap.page import Moment, page_data, write_map
from geoplan.terms import Words
from geoplan.workflow import assess_study
from tests.assess.build import standard
from tests.render.town import FACILITIES, town_layers

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def sample(repository: Path) -> Assessment:
    return assess_study(repository)


@pytest.fixture(scope="module")
def file(sample: Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(sample, path)
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    yield from opened(browser, file)


def opened(browser: Browser, file: Path, width: int = 1400) -> Iterator[Page]:
    """A page that may load nothing but its file, and must say nothing."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda asked: said.append(asked.url) if asked.url != file.as_uri() else None)
    page.goto(file.as_uri())
    yield page
    page.close()
    assert said == []


def texts(page: Page, column: int) -> list[str]:
    return page.locator(f"#gp-table tbody td:nth-child({column})").all_inner_texts()


def test_the_headline_counts_what_the_document_says(page: Page, sample: Assessment) -> None:
    document = build_document(sample)
    counts = [
        len(each["uncovered"])
        for key in ("jiedao_elder_center_coverage", "rc_childcare_coverage")
        for each in document["indicators"]
        if each["id"] == key
    ]
    failing = sum(each["verdict"] == "FAIL" for each in document["projects"])
    shown = [int(each) for each in page.locator("#gp-headline b").all_inner_texts()]
    assert [shown[0], shown[1], shown[3]] == [*counts, failing]
    page.locator("#gp-headline button").nth(1).click()
    uncovered = next(
        each["uncovered"]
        for each in document["indicators"]
        if each["id"] == "rc_childcare_coverage"
    )
    assert sorted(texts(page, 1)) == sorted(uncovered)
    assert (
        page.locator("#gp-themes input:checked").get_attribute("value") == "rc_childcare_coverage"
    )


def test_projects_are_listed_with_their_four_synchronisations(
    page: Page, sample: Assessment
) -> None:
    page.click("#gp-open-table")
    page.click("[data-tab=projects]")
    signs = {"PASS": "✓", "FAIL": "✗", "PENDING": "…", "UNKNOWN": "?", "NA": "/"}
    for row, project in zip(page.locator("#gp-table tbody tr").all(), sample.projects, strict=True):
        cells = row.locator("td").all_inner_texts()
        assert cells[0] == project.project_id
        syncs = (project.sync_plan, project.sync_build, project.sync_accept, project.sync_deliver)
        said = "".join(
            f"{letter}{signs[each]}" for letter, each in zip("规建验交", syncs, strict=True)
        )
        assert "".join(cells[4].split()) == said
        assert cells[6] == "；".join(each.zh for each in project.reasons)


def test_gaps_are_sorted_filtered_and_found_on_the_map(page: Page, sample: Assessment) -> None:
    official = [gap for gap in sample.gaps if gap.official]
    page.click("#gp-open-table")
    page.click("[data-tab=gaps]")
    assert page.locator(".gp-count").inner_text() == f"{len(official)} / {len(official)} 行"
    page.locator("#gp-table th button", has_text="人口").click()
    people = [int(each.replace(",", "")) for each in texts(page, 8) if each]
    assert people == sorted(people)
    assert page.locator("#gp-table th[aria-sort=ascending]").count() == 1
    page.locator("#gp-table select[data-field=kind]").select_option("托育")
    kept = sum(gap.kind == "childcare" for gap in official)
    assert page.locator("#gp-table tbody tr").count() == kept
    first = page.locator("#gp-table tbody tr").first
    first.focus()
    page.keyboard.press("Enter")
    assert first.get_attribute("class") == "here"
    assert page.locator(".gp-popup .sub").inner_text().endswith(texts(page, 1)[0])
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.rowIndex") == 2
    page.get_by_role("button", name="清除筛选").click()
    assert page.locator("#gp-table tbody tr").count() == len(official)


def test_what_is_filtered_out_fades_on_the_map(page: Page) -> None:
    page.click("#gp-open-table")
    opacity = "() => Object.values(geoplan.map._layers).filter((l) => l.unit).map((l) => l.options.fillOpacity)"
    assert set(page.evaluate(opacity)) == {0.72}
    page.locator("#gp-table input[type=search]").fill("太平")
    assert sorted(page.evaluate(opacity))[-2:] == [0.08, 0.72]
    page.locator("#gp-table .gp-close").click()
    assert set(page.evaluate(opacity)) == {0.72}


def test_a_click_on_the_map_shows_the_row(page: Page) -> None:
    page.click("#gp-open-table")
    page.evaluate("geoplan.open('divisions/451402003', geoplan.map.getCenter())")
    assert page.locator("#gp-table tr.here td").first.inner_text() == "451402003"


def test_the_language_changes_in_the_page_and_the_choice_stays(
    page: Page, sample: Assessment
) -> None:
    page.locator("#gp-themes input").nth(2).check()
    page.locator("#gp-overlays input[name=premises]").check()
    page.click("#gp-language")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("#gp-themes input").nth(2).is_checked()
    assert page.locator("#gp-overlays input[name=premises]").is_checked()
    english = page_data(sample, "en")["views"][0]
    assert page.locator("#gp-legend h2").inner_text() == english["measures"][2]["title"]
    page.evaluate("geoplan.open('projects/P03', geoplan.map.getCenter())")
    assert "short by 1.80 m²" in page.locator(".gp-popup").inner_text()
    page.click("#gp-language")
    assert page.locator("#gp-open-table").inner_text() == "表格"


def test_a_way_is_measured(page: Page) -> None:
    page.click("#gp-measure")
    for x in (700, 900):
        page.mouse.click(x, 820)
        page.wait_for_timeout(300)  # two clicks at once are a double click
    said = page.locator("#gp-length").inner_text()
    metres = page.evaluate(
        "geoplan.map.distance(geoplan.map.mouseEventToLatLng({clientX: 700, clientY: 820}),"
        " geoplan.map.mouseEventToLatLng({clientX: 900, clientY: 820}))"
    )
    assert said == (f"{metres / 1000:.2f} km" if metres >= 1000 else f"{round(metres)} m")
    assert page.locator(".gp-popup").count() == 0
    page.keyboard.press("Escape")
    assert page.locator("#gp-length").inner_text() == ""


def test_the_printed_sheet_is_one_a3_page(page: Page) -> None:
    page.click("#gp-open-table")  # which is not printed
    page.evaluate("geoplan.layout(true)")
    assert not page.locator("#gp-table").is_visible()
    assert not page.locator("#gp-panel").is_visible()
    boxes = {key: page.locator(f"#gp-{key}").bounding_box() for key in ("legend", "block", "north")}
    assert all(boxes.values())
    sheet = page.pdf(format="A3", landscape=True, print_background=True)
    assert b"/Count 1" in sheet
    page.evaluate("geoplan.layout(false)")
    assert page.locator("#gp-panel").is_visible()


def test_two_days_and_a_programme_share_one_page(
    browser: Browser, repository: Path, tmp_path: Path
) -> None:
    before = assess_study(repository, as_of=date(2021, 12, 31))
    after = assess_study(repository)
    steps = [
        {"year": 2024, "id": "lease:V1", "name": HOSTILE, "kind": "租赁", "m2": "150.00",
         "cost": "30", "serves": ["壶兴社区 养老 150 ㎡"], "point": [22.39, 107.36]}
    ]  # fmt: skip
    moments = (
        Moment(Words("2021 年", "2021"), before),
        Moment(Words("2023 年", "2023"), after, steps),
    )
    file = tmp_path / "map.html"
    write_map(after, file, moments=moments)
    for page in opened(browser, file):
        assert page.locator("#gp-time b").inner_text() == "2021 年"
        assert page.locator(".gp-meta b").nth(1).inner_text() == "2021-12-31"
        slider = page.locator("#gp-time input")
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("#gp-time b").inner_text() == "2023 年"
        assert page.locator(".gp-meta b").nth(1).inner_text() == "2023-12-31"
        page.click("#gp-open-table")
        page.click("[data-tab=programme]")
        page.locator("#gp-table tbody tr").click()
        assert HOSTILE in page.locator(".gp-popup h3").inner_text()
    one = len(str(page_data(after, "zh")["shapes"]))
    assert len(file.read_bytes()) < 3_500_000 - one  # the shapes are there once


def test_hostile_names_stay_text_in_the_table(browser: Browser, tmp_path: Path) -> None:
    layers = town_layers()
    rows = tuple(replace(row, name=HOSTILE) for row in FACILITIES.rows)
    layers = replace(layers, facilities=replace(FACILITIES, rows=rows))
    file = tmp_path / "map.html"
    write_map(assess(layers, standard(), study="试城"), file)
    for page in opened(browser, file):
        page.click("#gp-open-table")
        page.click("[data-tab=facilities]")
        assert HOSTILE in texts(page, 2)
        assert page.locator("img").count() == 0


@pytest.mark.parametrize("width", [820, 1024])
def test_nothing_overlaps_on_a_tablet(
    browser: Browser, sample: Assessment, tmp_path: Path, width: int
) -> None:
    file = tmp_path / "map.html"
    write_map(sample, file, moments=[Moment(Words(day, day), sample) for day in ("一", "二")])
    for page in opened(browser, file, width):
        slider, legend = (page.locator(each).bounding_box() for each in ("#gp-time", "#gp-legend"))
        assert slider
        assert legend
        beside = slider["x"] >= legend["x"] + legend["width"]
        above = slider["y"] + slider["height"] <= legend["y"]
        assert beside or above
        panel, tools = (page.locator(each).bounding_box() for each in ("#gp-panel", "#gp-tools"))
        north = page.locator("#gp-north").bounding_box()
        assert panel
        assert tools
        assert north
        assert panel["x"] + panel["width"] <= tools["x"]
        assert tools["x"] + tools["width"] <= north["x"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_large_study_holds_one_language(sample: Assessment, monkeypatch: Any) -> None:
    monkeypatch.setattr("geoplan.render.webmap.page.MOST_UNITS_TWICE", 10)
    held = page_data(sample, "zh")
    assert (held["languages"], len(held["views"])) == (["zh"], 1)
