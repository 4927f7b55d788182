"""Basemaps: what ``--tiles`` may be, a token that stays out of the file, a folder without network."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from geoplan.cli import main
from geoplan.errors import StudyError
from geoplan.render.webmap.basemap import TOKEN_VARIABLE, read_basemap
from geoplan.render.webmap.page import write_map
from tests.render.town import town

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGE = Path("maps/map.html")


@pytest.mark.parametrize(
    ("host", "datum"),
    [
        ("webrd01.is.autonavi.com", "GCJ-02"),
        ("wprd04.amap.com", "GCJ-02"),
        ("online1.map.bdimg.com", "BD-09"),
        ("tile.example.org", ""),
        ("notamap.com", ""),
    ],
)
def test_a_shifted_basemap_is_known_by_its_host(host: str, datum: str) -> None:
    assert read_basemap(f"https://{host}/{{z}}/{{x}}/{{y}}.png", PAGE).datum == datum


def test_the_token_is_asked_for_and_written_only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "key")
    asked = read_basemap("tianditu", PAGE)
    assert (asked.asks_token, asked.token) == (True, None)
    assert all("_w/wmts" in each for each in asked.templates)
    assert read_basemap("tianditu", PAGE, with_token=True).token == "key"  # noqa: S105
    monkeypatch.delenv(TOKEN_VARIABLE)
    with pytest.raises(StudyError, match=TOKEN_VARIABLE):
        read_basemap("tianditu", PAGE, with_token=True)


def test_what_is_no_basemap_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="no basemap"):
        read_basemap("openstreetmap", PAGE)
    with pytest.raises(StudyError, match="no tiles"):
        read_basemap(str(tmp_path), PAGE)
    result = CliRunner().invoke(main, ["map", ".", "--tiles", "nothing"])
    assert result.exit_code == 2


def test_a_folder_of_tiles_is_shown_without_network(browser: Browser, tmp_path: Path) -> None:
    for z in range(5, 19):
        (tmp_path / "tiles" / str(z) / "0").mkdir(parents=True)
    (tmp_path / "tiles" / "5" / "0" / "0.png").write_bytes(PIXEL)
    (tmp_path / "maps").mkdir()
    file = tmp_path / "maps" / "map.html"
    basemap = read_basemap(str(tmp_path / "tiles"), file)
    assert basemap.templates == ("../tiles/{z}/{x}/{y}.png",)
    write_map(town(), file, basemap=basemap)
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_function("document.querySelectorAll('img.leaflet-tile').length > 0")
    page.close()
    tiles = (tmp_path / "tiles").as_uri()
    assert asked
    assert all(url == file.as_uri() or url.startswith(tiles) for url in asked)


def test_the_page_asks_for_the_token_and_warns_of_a_shift(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    write_map(town(), file, basemap=read_basemap("tianditu", file))
    page = browser.new_page()
    page.route("**/*tianditu*/**", lambda route: route.abort())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    box = page.get_by_placeholder("请输入天地图密钥")
    box.fill("my-token")
    box.press("Enter")
    page.wait_for_function("document.querySelectorAll('img.leaflet-tile').length > 0")
    assert any("tk=my-token" in url for url in asked)
    assert "my-token" not in file.read_text(encoding="utf-8")
    page.close()
    write_map(town(), file, basemap=read_basemap("https://a.amap.com/{z}/{x}/{y}", file))
    page = browser.new_page()
    page.route("**/*amap*/**", lambda route: route.abort())
    page.goto(file.as_uri())
    assert "GCJ-02" in page.locator(".gp-warn").inner_text()
    page.close()
