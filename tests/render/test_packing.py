"""A large map: simplified, stepped and deflated, and still the same map in a browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from playwright.sync_api import Browser

from geoplan.assess.model import Assessment
from geoplan.render.webmap import ground
from geoplan.render.webmap import page as map_room
from geoplan.render.webmap.packing import STEPS, simplified, stepped
from geoplan.render.webmap.page import write_map
from tests.render.test_map_page import opened
from tests.render.town import town


def wavy(x: float, y: float) -> shapely.Polygon:
    square = shapely.segmentize(shapely.box(x, y, x + 200, y + 200), 10)
    return shapely.transform(square, lambda xy: xy + 9 * np.sin(xy[:, ::-1] / 23))


def test_neighbours_keep_sharing_their_borders() -> None:
    places = np.array([wavy(x, y) for x in (0, 200, 400) for y in (0, 200)], dtype=object)
    fewer = simplified(places)
    assert shapely.get_num_coordinates(fewer).sum() < shapely.get_num_coordinates(places).sum()
    assert shapely.coverage_is_valid(fewer)
    whole, before = shapely.union_all(fewer), shapely.union_all(places)
    assert whole.geom_type == "Polygon"
    assert before.symmetric_difference(whole).area < before.area / 50


def test_what_overlaps_is_simplified_one_by_one() -> None:
    places = np.array([wavy(0, 0), wavy(100, 100)], dtype=object)
    assert not shapely.coverage_is_valid(places)
    assert shapely.is_valid(simplified(places)).all()


def test_steps_lead_back_to_the_corners() -> None:
    ring = [[22.40531, 107.35352], [22.40532, 107.35352], [22.40499, 107.36]]
    (steps,) = stepped([ring])
    corners = np.array(steps).reshape(-1, 2).cumsum(axis=0) / STEPS
    assert corners == pytest.approx(np.array(ring), abs=1e-9)


def test_a_packed_map_says_what_the_plain_one_says(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: Assessment = town()
    plain, packed = tmp_path / "plain.html", tmp_path / "packed.html"
    write_map(judged, plain)
    monkeypatch.setattr(map_room, "PACKED_FROM", 0)
    monkeypatch.setattr(ground, "MANY_SHAPES", 1)
    write_map(judged, packed)
    said = []
    for file in (plain, packed):
        for page in opened(browser, file):
            page.wait_for_function("window.geoplan")
            popups = page.evaluate("geoplan.data.popups")
            drawn = page.evaluate(
                "Object.values(geoplan.map._layers).filter((l) => l.unit).map((l) => l.getBounds().toBBoxString().split(',').map(Number))"
            )
            said.append((popups, page.locator("#gp-legend").inner_text(), drawn))
    (popups, legend, drawn), (packed_popups, packed_legend, packed_drawn) = said
    assert packed_popups == popups
    assert packed_legend == legend
    assert np.array(packed_drawn) == pytest.approx(np.array(drawn), abs=2e-4)


def test_a_map_that_no_page_can_carry_says_what_is_left_off(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = town()
    layers = judged.layers
    assert layers.compounds is not None
    counts = {
        name: len(layer.rows)
        for name in ("divisions", "communities", "residential_communities", "compounds")
        if (layer := getattr(layers, name)) is not None
    }
    monkeypatch.setattr(map_room, "MOST_SHAPES", sum(counts.values()) - 1)
    monkeypatch.setattr(map_room, "MOST_MARKS", 1)
    file = tmp_path / "map.html"
    write_map(judged, file)
    for page in opened(browser, file):
        said = page.locator("#gp-left-off").inner_text()
        assert f"小区 {counts['compounds']}" in said
        assert "养老托育设施" in said
        assert page.evaluate("geoplan.data.shapes.compounds.length") == 0
        assert page.evaluate("geoplan.data.facilities.length") == 0
        page.click("#gp-open-table")
        assert page.locator("#gp-table tbody tr").count() > 0
