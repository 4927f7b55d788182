"""In a notebook: the map shows itself, and geopandas goes on with the same classes and colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from geoplan.errors import StudyError
from geoplan.render.webmap.explore import explore_units, unit_frame
from geoplan.render.webmap.page import draw_map
from geoplan.render.webmap.themes import list_measures
from tests.render.town import town

THEME = "jiedao_elder_center_coverage"


def test_the_map_shows_itself(browser: Browser) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_content(draw_map(town())._repr_html_())
    frame = page.frame_locator("iframe")
    frame.locator("#gp-legend h2").wait_for(state="attached")
    assert frame.locator("h1").inner_text() == "崇左市（示意数据）"
    assert said == []
    page.close()


def test_the_frame_has_the_classes_of_the_map() -> None:
    judged = town()
    for measure in list_measures(judged, "zh"):
        frame = unit_frame(judged, measure["id"])
        counts = frame["class"].value_counts().to_dict()
        shown = {each["label"]: each["count"] for each in measure["legend"] if each["count"]}
        assert counts == shown
        assert frame.crs.to_epsg() == 4326


def test_geopandas_explores_in_the_same_colours() -> None:
    judged = town()
    measure = next(each for each in list_measures(judged, "zh") if each["id"] == THEME)
    page = explore_units(judged, THEME).get_root().render()
    for each in measure["legend"]:
        assert (each["color"] in page) == bool(each["count"])


def test_a_theme_that_is_not_there_is_refused() -> None:
    with pytest.raises(StudyError, match="no such theme"):
        unit_frame(town(), "nothing")
