"""Pictures: the classes of the map on paper, Chinese really drawn, the same bytes each time."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from geoplan.assess.judge import assess
from geoplan.layers.model import Layers
from geoplan.render.pictures import fonts
from geoplan.render.pictures.fonts import chinese_fonts, font_remark
from geoplan.render.pictures.furniture import scale_bar_m
from geoplan.render.pictures.picture import draw_picture, picture_themes
from geoplan.render.webmap.themes import list_measures
from tests.assess.build import standard
from tests.render.town import DIVISIONS, town, town_layers

THEMES = (
    "jiedao_elder_center_coverage",
    "rc_childcare_coverage",
    "community_elder_ratio",
    "community_childcare_ratio",
)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def drawn_texts(monkeypatch: pytest.MonkeyPatch, theme: str, language: str = "zh") -> list[str]:
    """Every text of a picture, as it stands in the figure."""
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    found: list[str] = []
    save = Figure.savefig

    def spy(figure: Figure, *args: object, **kwargs: object) -> None:
        found.extend(text.get_text() for text in figure.findobj(Text))
        save(figure, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", spy)
    draw_picture(town(), theme, language=language)
    return found


def test_themes_are_coverage_then_the_official_area_ratio() -> None:
    assert picture_themes(town()) == THEMES


def test_layers_without_shapes_have_no_theme() -> None:
    bare = replace(DIVISIONS, geometry=None)
    layers = Layers("EPSG:4545", divisions=bare)
    assert picture_themes(assess(layers, standard(), study="无图形")) == ()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_picture_is_a_png_and_comes_out_the_same_again(theme: str, language: str) -> None:
    first = draw_picture(town(), theme, language=language)
    assert size_of(first) == (1300, 900)
    assert first == draw_picture(town(), theme, language=language)
    assert b"Software" not in first
    assert b"tIME" not in first


@pytest.mark.parametrize("theme", THEMES)
def test_the_legend_counts_what_the_map_counts(monkeypatch: pytest.MonkeyPatch, theme: str) -> None:
    measure = next(each for each in list_measures(town(), "zh") if each["id"] == theme)
    texts = drawn_texts(monkeypatch, theme)
    for each in measure["legend"]:
        line = f"{each['label']}:  {each['count']}"
        assert (line in texts) == bool(each["count"])
    assert f"合计:  {len(measure['classes'])}" in texts


def test_the_sheet_says_what_a_map_must_say(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = " | ".join(drawn_texts(monkeypatch, THEMES[0]))
    for word in ("街道综合性养老服务中心", "2023-12-31", "CGCS2000", "EPSG:4545", "内部工作底图",
                 "图例", "北", " m", "太平街道", "石景林街道"):  # fmt: skip
        assert word in texts


def test_chinese_is_drawn_with_a_font_that_has_it() -> None:
    if not chinese_fonts():
        pytest.skip("no font with Chinese characters here: install fonts-noto-cjk")
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties(family=[chinese_fonts()[0]])))
    assert all(font.get_char_index(ord(each)) for each in "街道综合性养老服务中心托育达标")
    assert font_remark() is None


def test_without_a_chinese_font_labels_are_english_and_units_bear_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "_SAMPLE", "\U000f0000\U000f0001")  # in no font
    remark = font_remark()
    assert remark is not None
    assert "Noto Sans CJK SC" in remark.detail.zh
    texts = drawn_texts(monkeypatch, THEMES[0])
    assert "451402001" in texts
    assert "Legend" in texts
    assert not any("\u4e00" <= each <= "\u9fff" or each == "?" for text in texts for each in text)


def test_characters_that_no_font_has_do_not_stop_the_picture() -> None:
    rows = tuple(replace(row, name=f"\U000f0000$^{row.name}\x00") for row in DIVISIONS.rows)
    layers = town_layers(divisions=replace(DIVISIONS, rows=rows))
    strange = assess(layers, standard(), study="$\\frac{1}{$ \U000f0000")
    assert size_of(draw_picture(strange, THEMES[0])) == (1300, 900)


@pytest.mark.parametrize("width_m", [0.5, 3, 7, 99, 4000, 123456, 5e6])
def test_the_scale_bar_is_round_and_short(width_m: float) -> None:
    length = scale_bar_m(width_m)
    assert str(length).rstrip("0") in {"1", "2", "5"}
    assert length == 1 or length * 4 <= width_m
