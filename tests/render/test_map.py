"""The map in a real browser: what it shows, and that it asks for nothing outside itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.layers.model import Division, Layer, Layers
from geoplan.numbers import number_text
from geoplan.render.palette import (
    PER_100_BREAKS,
    PER_100_CLASSES,
    RATIO_BREAKS,
    RATIO_CLASSES,
    class_of,
)
from geoplan.render.webmap.basemap import Basemap
from geoplan.render.webmap.page import draw_map, write_map
from geoplan.render.webmap.page_data import map_data
from geoplan.terms import Verdict
from geoplan.workflow import assess_study
from tests.assess.build import layer, standard
from tests.render.town import DIVISIONS, FACILITIES, box, town, town_layers

HAN = re.compile(r"[\u3400-\u9fff]")
HOSTILE = "<img src=x onerror=alert(1)>"
WORSE = "</script></title><script>alert(2)</script>"


class Visit:
    """A page opened with everything but its own file cut off."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.asked: list[str] = []
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", self._dialog)
        page.route("**/*", self._route)
        self.own = file.as_uri()
        page.goto(self.own)

    def _route(self, route: Route) -> None:
        if route.request.url == self.own:
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()

    def _dialog(self, dialog: Any) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def data(self) -> Any:
        return self.page.evaluate("geoplan.data")

    def open(self, key: str) -> str:
        """The text of a popup, opened through the page."""
        self.page.evaluate("key => geoplan.open(key, geoplan.map.getCenter())", key)
        return self.page.locator(".gp-popup").last.inner_text()


Visiting = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visiting]:
    pages: list[Page] = []

    def open_map(assessment: Assessment, **how: Any) -> Visit:
        file = tmp_path / f"map{len(pages)}.html"
        write_map(assessment, file, **how)
        # Playwright's "offline" would also keep the page from asking; here it may try, and fails.
        pages.append(browser.new_page(viewport={"width": 1400, "height": 900}))
        return Visit(pages[-1], file)

    yield open_map
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def sample(repository: Path) -> Assessment:
    return assess_study(repository)


# ------------------------------------------------------------------------------- the sample


def test_a_click_on_a_street_says_what_its_centre_lacks(
    visit: Visiting, sample: Assessment
) -> None:
    opened = visit(sample)
    page = opened.page
    at = page.evaluate(
        """() => {
        const ring = geoplan.data.shapes.divisions.find((s) => s.name === "石景林街道").rings[0];
        const box = L.latLngBounds(ring);
        const clear = (point) => [...geoplan.data.facilities, ...geoplan.data.projects]
          .every((row) => geoplan.map.latLngToContainerPoint(row.at).distanceTo(point) > 14);
        const inside = (p) => ring.reduce((odd, a, i) => {
          const b = ring[(i + ring.length - 1) % ring.length];
          return (a[0] > p.lat) !== (b[0] > p.lat)
            && p.lng < (b[1] - a[1]) * (p.lat - a[0]) / (b[0] - a[0]) + a[1] ? !odd : odd;
        }, false);
        for (let i = 1; i < 20; i++) for (let j = 1; j < 20; j++) {
          const p = L.latLng(box.getSouth() + (box.getNorth() - box.getSouth()) * i / 20,
                             box.getWest() + (box.getEast() - box.getWest()) * j / 20);
          const point = geoplan.map.latLngToContainerPoint(p);
          if (inside(p) && clear(point)) {
            const frame = geoplan.map.getContainer().getBoundingClientRect();
            return [frame.left + point.x, frame.top + point.y];
          }
        }}"""
    )
    page.mouse.click(*at)
    page.wait_for_selector(".gp-popup")
    text = page.locator(".gp-popup").inner_text()
    assert "石景林街道" in text
    assert "缺少功能：技术支撑" in text
    assert "全托、日托、上门服务及对社区养老服务提供技术支撑等综合功能" in text
    assert (opened.said, opened.asked) == ([], [])


def test_each_popup_says_the_numbers_of_the_assessment(visit: Visiting, sample: Assessment) -> None:
    opened = visit(sample)
    layers = {
        "jiedao": "divisions",
        "community": "communities",
        "rc": "residential_communities",
        "compound": "compounds",
    }
    sums = opened.page.evaluate(
        "Object.fromEntries(Object.entries(geoplan.data.popups).map(([k, p]) => [k, p.lines]))"
    )
    for unit in sample.units:
        if unit.level in layers:
            lines = dict(sums[f"{layers[unit.level]}/{unit.unit_id}"])
            assert unit.sum.zh in lines.values()
    for unit in [each for each in sample.units if each.level == "compound"][::20]:
        text = opened.open(f"compounds/{unit.unit_id}")
        assert " ".join(unit.sum.zh.split()) in " ".join(text.split())
        for credit in unit.facilities:
            assert f"{number_text(credit.floor_m2)} ㎡" in text
    assert (opened.said, opened.asked) == ([], [])


def test_the_scorecard_says_the_values_of_the_assessment(
    visit: Visiting, sample: Assessment
) -> None:
    page = visit(sample).page
    page.get_by_role("button", name="全部指标").click()
    rows = page.locator(".gp-score tr")
    assert rows.count() == len(sample.indicators)
    for row, result in zip(rows.all(), sample.indicators, strict=True):
        text = row.inner_text()
        assert result.indicator.label_zh in text
        assert ("/" if result.value is None else number_text(result.value)) in text
        assert ("*" in text) == result.provisional
    page.get_by_role("button", name="收起").click()
    assert page.locator(".gp-score tr:visible").count() == 6


def test_each_theme_has_its_classes_counted_as_judged(visit: Visiting, sample: Assessment) -> None:
    opened = visit(sample)
    page, measures = opened.page, opened.data()["measures"]
    assert len(measures) == page.locator("#gp-themes input").count() > 5
    for place, measure in enumerate(measures):
        page.locator("#gp-themes input").nth(place).check()
        rows = page.locator("#gp-legend .gp-row").all()
        shown = [
            (row.locator("span").first.inner_text(), int(row.locator(".c").inner_text()))
            for row in rows
        ]
        assert shown == [(each["label"], each["count"]) for each in measure["legend"]]
        assert page.locator("#gp-legend h2").inner_text() == measure["title"]
        assert sum(count for _, count in shown) == len(measure["classes"])
    by_id = {measure["id"]: measure for measure in measures}
    for level, kind in (("compound", "elder"), ("compound", "childcare"), ("community", "elder")):
        units = [each for each in sample.units if (each.level, each.kind) == (level, kind)]
        counts = [each["count"] for each in by_id[f"{level}_{kind}_ratio"]["legend"]]
        judged = [each.verdict for each in units]
        assert counts[3] + counts[4] == judged.count(Verdict.PASS)
        assert counts[0] + counts[1] + counts[2] == judged.count(Verdict.FAIL)
        assert counts[5] == judged.count(Verdict.UNKNOWN)
    assert (opened.said, opened.asked) == ([], [])


def test_the_mouse_reaches_marks_and_the_ground_between_them(
    visit: Visiting, sample: Assessment
) -> None:
    opened = visit(sample)
    page, first = opened.page, opened.data()["facilities"][0]
    x, y = page.evaluate(
        """(at) => {
        geoplan.map.setView(at, 18, { animate: false });
        const point = geoplan.map.latLngToContainerPoint(at);
        const frame = geoplan.map.getContainer().getBoundingClientRect();
        return [frame.left + point.x, frame.top + point.y];
        }""",
        first["at"],
    )
    tip = page.locator(".leaflet-tooltip:not(.gp-name)")
    page.mouse.move(x, y)
    assert tip.all_inner_texts() == [f"{first['name']} · {first['tip']}"]
    page.wait_for_timeout(100)  # the canvas looks every 32 ms
    # Marks may stand close together; on the ground between them one move is enough.
    for step in range(40, 400, 20):
        page.mouse.move(x - step, y)
        page.wait_for_timeout(350)  # tooltips fade
        if tip.count() == 1 and " · " not in tip.inner_text():
            break
    assert tip.count() == 1
    assert first["name"] not in tip.inner_text()
    page.mouse.move(5, 5, steps=4)
    expect(tip).to_have_count(0, timeout=30_000)
    page.mouse.click(x, y)
    assert page.locator(".gp-popup .sub").inner_text() == first["id"]
    assert opened.said == []


def test_overlays_go_and_come_back(visit: Visiting, sample: Assessment) -> None:
    page = visit(sample).page

    def drawn() -> int:
        return int(page.evaluate("Object.keys(geoplan.map._layers).length"))

    boxes = page.locator("#gp-overlays input").all()
    assert len(boxes) == 9
    on = {checkbox.get_attribute("name") for checkbox in boxes if checkbox.is_checked()}
    assert on == {"facilities", "projects", "roads", "names"}
    for checkbox in boxes:
        checkbox.check()
        before = drawn()
        checkbox.uncheck()
        assert drawn() < before
        checkbox.check()
        assert drawn() == before


def test_places_are_found_by_name_and_id_with_the_keyboard(
    visit: Visiting, sample: Assessment
) -> None:
    opened = visit(sample)
    page = opened.page
    search = page.locator("#gp-search input")
    for words, title in (("石景林", "石景林街道"), ("451402003", "石景林街道")):
        search.fill(words)
        search.press("Enter")
        assert page.locator(".gp-popup h3").last.inner_text() == title
        assert page.locator("#gp-found button").count() == 0
    shown = opened.data()["facilities"][4]["id"]
    search.fill(shown.lower())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".gp-popup .sub").last.inner_text() == shown
    search.fill("没有这样的地方")
    assert "没有找到" in page.locator("#gp-found").inner_text()
    search.press("Escape")
    assert search.input_value() == ""
    assert not page.locator("#gp-found").is_visible()
    assert opened.said == []


def test_in_english_only_names_and_quotations_are_chinese(
    visit: Visiting, sample: Assessment
) -> None:
    opened = visit(sample, language="en")
    page = opened.page
    page.get_by_role("button", name="all indicators").click()
    names = [sample.study, sample.standard.policy.title, sample.standard.policy.document_no]
    names += [each.indicator.number for each in sample.indicators]
    panel = page.locator("#gp-panel").inner_text() + page.locator("#gp-legend").inner_text()
    for name in sorted(names, key=len, reverse=True):
        panel = panel.replace(name, "")
    assert not HAN.search(panel), HAN.search(panel)
    assert "；" not in panel
    assert not HAN.search(json.dumps(opened.data()["meta"]["marks"], ensure_ascii=False))
    text = opened.open("divisions/451402003")
    assert "lacks technical support" in text
    assert "㎡" not in text
    assert (opened.said, opened.asked) == ([], [])


def test_the_page_names_no_other_server(sample: Assessment) -> None:
    page: str = draw_map(sample).get_root().render()
    hosts = set(re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//([^/"'\s>]+)""", page))
    loads = re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", page)
    assert hosts - {"leafletjs.com"} == set()  # the credit that Leaflet can show, and here does not
    assert loads == []
    assert not re.search(r"cdn|jsdelivr|unpkg|googleapis|bootstrapcdn|sourceMappingURL", page)


def test_two_pages_are_the_same_and_both_are_whole(sample: Assessment, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_map(sample, tmp_path / f"{name}.html")
    content = (tmp_path / "one.html").read_bytes()
    assert content == (tmp_path / "two.html").read_bytes()
    assert content.decode("utf-8").count("geoplanStart(") == 2  # what it is, and its one call


def test_basemap_tiles_are_asked_of_their_server_only(visit: Visiting, sample: Assessment) -> None:
    opened = visit(sample, basemap=Basemap(("http://tiles.invalid/{z}/{x}/{y}.png",)))
    for _ in range(100):
        opened.page.wait_for_timeout(300)
        if opened.asked:
            break
    assert opened.asked
    assert all(re.fullmatch(r"http://tiles\.invalid/\d+/\d+/\d+\.png", url) for url in opened.asked)


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (800, 1000)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_lies_over_something_else(
    visit: Visiting, sample: Assessment, width: int, height: int, language: str
) -> None:
    page = visit(sample, language=language).page
    page.set_viewport_size({"width": width, "height": height})
    selectors = (
        "#gp-panel",
        "#gp-legend",
        "#gp-north",
        ".leaflet-control-zoom",
        ".leaflet-control-scale",
    )
    boxes = {each: page.locator(each).bounding_box() for each in selectors}
    for one, first in boxes.items():
        assert first is not None, one
        assert first["x"] >= 0
        assert first["x"] + first["width"] <= width
        assert first["y"] + first["height"] <= height
        for other, second in boxes.items():
            if one < other and second is not None:
                apart = (
                    first["x"] + first["width"] <= second["x"]
                    or second["x"] + second["width"] <= first["x"]
                    or first["y"] + first["height"] <= second["y"]
                    or second["y"] + second["height"] <= first["y"]
                )
                assert apart, (one, other)
    panel = page.locator("#gp-panel")
    assert panel.evaluate("(node) => node.scrollWidth <= node.clientWidth")
    panel.evaluate("(node) => node.scrollTo(0, node.scrollHeight)")
    last = page.locator("#gp-overlays").bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= height


# ------------------------------------------------------------------------ what could go wrong


def hostile_town() -> Assessment:
    divisions = replace(
        DIVISIONS,
        rows=(
            replace(DIVISIONS.rows[0], name=HOSTILE),
            replace(DIVISIONS.rows[1], name=WORSE),
            *DIVISIONS.rows[2:],
        ),
    )
    facilities = replace(
        FACILITIES, rows=(replace(FACILITIES.rows[0], name=HOSTILE), *FACILITIES.rows[1:])
    )
    layers = town_layers(divisions=divisions, facilities=facilities)
    return assess(layers, standard(), study=f"{WORSE}{HOSTILE}")


def test_names_are_text_everywhere(visit: Visiting) -> None:
    opened = visit(hostile_town())
    page = opened.page
    assert page.title() == f"{WORSE}{HOSTILE}"
    assert page.locator("h1").inner_text() == f"{WORSE}{HOSTILE}"
    assert HOSTILE in opened.open("divisions/451402001")
    assert WORSE in opened.open("divisions/451402002")
    assert HOSTILE in opened.open("facilities/F1")
    for key in opened.data()["popups"]:
        opened.open(key)
    search = page.locator("#gp-search input")
    search.fill("<img")
    assert HOSTILE in page.locator("#gp-found").inner_text()
    search.press("Enter")
    page.evaluate(
        "geoplan.map.eachLayer((layer) => { if (layer.getTooltip && layer.getTooltip()) layer.openTooltip(); })"
    )
    shown = page.locator(".leaflet-tooltip-pane").inner_text()
    assert HOSTILE in shown
    page.wait_for_timeout(100)
    assert page.locator("img").count() == 0
    assert (opened.said, opened.asked) == ([], [])


@pytest.mark.parametrize("name", ["{{ 7 * 7 }}", "{% if %}", "{# 注 #}", "{% endraw %}"])
def test_names_are_no_templates(visit: Visiting, name: str) -> None:
    divisions = replace(
        DIVISIONS, rows=(replace(DIVISIONS.rows[0], name=name), *DIVISIONS.rows[1:])
    )
    opened = visit(assess(town_layers(divisions=divisions), standard(), study=f"县{name}"))
    assert opened.page.locator("h1").inner_text() == opened.page.title() == f"县{name}"
    assert name in opened.open("divisions/451402001")
    assert opened.said == []


WITHOUT: dict[str, Callable[[], Layers]] = {
    "anything": lambda: Layers(None),
    "divisions": lambda: town_layers(divisions=None),
    "communities and residential communities": lambda: town_layers(
        communities=None, residential_communities=None
    ),
    "facilities": lambda: town_layers(facilities=layer([], [])),
    "a layer of facilities": lambda: town_layers(facilities=None),
    "any geometry": lambda: replace(
        town_layers(
            **{name: replace(given, geometry=None) for name, given in _given(town_layers()).items()}
        ),
        crs=None,
    ),
    "geometry of one division": lambda: town_layers(
        divisions=layer(
            [*DIVISIONS.rows[:3], Division(4, "451402100", "", "town")],
            [box(0, 0, 1000), box(1000, 0, 1000), box(2000, 0, 1000), None],
        )
    ),
}


def _given(layers: Layers) -> dict[str, Layer[Any]]:
    names = (
        "divisions",
        "communities",
        "residential_communities",
        "compounds",
        "facilities",
        "projects",
        "premises",
    )
    return {name: getattr(layers, name) for name in names}


@pytest.mark.parametrize("what", WITHOUT)
def test_a_map_opens_without(visit: Visiting, what: str) -> None:
    assessment = assess(WITHOUT[what](), standard(), study="小县")
    opened = visit(assessment)
    assert opened.page.locator("h1").inner_text() == "小县"
    for radio in opened.page.locator("#gp-themes input").all():
        radio.check()
    for key in opened.data()["popups"]:
        opened.open(key)
    assert (opened.said, opened.asked) == ([], [])


def test_a_legend_without_themes_is_not_shown(visit: Visiting) -> None:
    page = visit(assess(Layers(None), standard(), study="小县")).page
    assert not page.locator("#gp-legend").is_visible()
    assert not page.locator("#gp-themes").is_visible()


# ----------------------------------------------------------------------------------- classes


@pytest.mark.parametrize(
    ("breaks", "classes", "passing"),
    [(RATIO_BREAKS, RATIO_CLASSES, Fraction(1)), (PER_100_BREAKS, PER_100_CLASSES, Fraction(15))],
)
def test_a_value_equal_to_the_standard_is_in_the_passing_class(
    breaks: tuple[Fraction, ...], classes: tuple[Any, ...], passing: Fraction
) -> None:
    least = Fraction(1, 10**30)
    words = {each.key: each.label.zh for each in classes}
    assert "达标" in words[class_of(passing, breaks)]
    assert "达标" not in words[class_of(passing - least, breaks)]
    assert class_of(passing, breaks) == class_of(passing + least, breaks)
    assert class_of(Fraction(0), breaks) == "0"
    assert class_of(least, breaks) == "1"
    for number, each in enumerate(breaks[1:], start=1):
        assert class_of(each - least, breaks) == str(number)
        assert class_of(each, breaks) == str(number + 1)


def test_a_compound_with_exactly_what_is_required_is_drawn_as_passing() -> None:
    rate = "15.0"
    layers = town_layers(
        facilities=replace(
            FACILITIES,
            rows=tuple(
                replace(row, floor_area_m2=Fraction("49.95")) if row.id == "F3" else row
                for row in FACILITIES.rows
            ),
        )
    )
    data = map_data(assess(layers, standard(elder_rate_existing=rate), study="小县"), "zh")
    ratio = next(each for each in data["measures"] if each["id"] == "compound_elder_ratio")
    assert ratio["legend"][ratio["classes"]["X1"]]["label"] == "100–<150%（达标）"
    ratio = next(
        each for each in map_data(town(), "zh")["measures"] if each["id"] == "compound_elder_ratio"
    )
    assert ratio["legend"][ratio["classes"]["X1"]]["label"] == "50–<100%"
