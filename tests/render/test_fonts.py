"""A font installed after the first run is found: matplotlib's own list of fonts is older than it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pypdf import PdfReader

from geoplan.render.pictures import fonts
from geoplan.render.pictures.fonts import chinese_fonts, font_remark, read_font

_RUN = "import sys; from geoplan.cli import main\nfor words in sys.argv[1:]: main(words.split('|'), standalone_mode=False)"
_THEME = "jiedao_elder_center_coverage"
_FAMILY = "Chinese Of No Fame"


def make_font(path: Path, family: str = _FAMILY) -> None:
    """A font of squares: one glyph for each Chinese character, mark and letter."""
    codes = [*range(0x20, 0x7F), *range(0x3000, 0x3020), *range(0x4E00, 0xA000), 0x3014, 0x3015,
             *range(0xFF01, 0xFF5F), *range(0xB0, 0xB8)]  # fmt: skip
    cmap = {code: f"u{code:04X}" for code in codes}
    pen = TTGlyphPen(None)
    for step, corner in enumerate([(50, 0), (50, 800), (850, 800), (850, 0)]):
        (pen.lineTo if step else pen.moveTo)(corner)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *cmap.values()])
    builder.setupCharacterMap(cmap)
    builder.setupGlyf(dict.fromkeys([".notdef", *cmap.values()], square))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *cmap.values()], (900, 50)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(usWeightClass=400)
    builder.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)


def run(
    home: Path, study: Path, *commands: str, fonts_seen: bool
) -> subprocess.CompletedProcess[str]:
    """The commands in a process of a user who owns nothing but ``home``."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MPL")},
        "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_DATA_HOME": str(home / ".local/share"), "MPLCONFIGDIR": str(home / "mpl"),
        "PYTHONPATH": str(study), "PYTHONUTF8": "1", **({} if fonts_seen else {"MPL_IGNORE_SYSTEM_FONTS": "1"}),
    }  # fmt: skip
    asked = [f"{command}|{study}|--out|{home / 'maps'}" for command in commands]
    return subprocess.run(
        [sys.executable, "-W", "error:Glyph", "-c", _RUN, *asked],
        env=environment, cwd=home, check=True, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


def read_report(path: Path) -> tuple[str, list[bytes]]:
    with ZipFile(path) as packed:
        text = re.sub("<[^>]*>", "", packed.read("word/document.xml").decode("utf-8"))
        return text, [packed.read(name) for name in packed.namelist() if name.endswith(".png")]


def test_a_font_installed_after_the_first_run_is_found_by_the_next(
    tmp_path: Path, repository: Path
) -> None:
    done = run(tmp_path, repository, "assess|--format|docx", fonts_seen=False)
    assert "本机没有含汉字的字体" in done.stdout
    said, english = read_report(tmp_path / "maps" / "报告.docx")
    assert "本机没有含汉字的字体" in said
    (listed,) = (tmp_path / "mpl").glob("fontlist*.json")
    kept = listed.read_bytes()

    make_font(tmp_path / ".local/share/fonts/later.ttf")
    picture = f"picture|--theme|{_THEME}|--format|pdf"
    done = run(tmp_path, repository, "assess|--format|docx", picture, fonts_seen=True)
    said, chinese = read_report(tmp_path / "maps" / "报告.docx")
    assert "本机没有含汉字的字体" not in said
    assert len(chinese) == len(english)
    assert not set(chinese) & set(english)
    (page,) = PdfReader(tmp_path / "maps" / "pictures" / f"{_THEME}.pdf").pages
    text = page.extract_text()
    assert "街道综合性养老服务中心" in text
    assert "??" not in text
    assert "findfont" not in done.stderr
    assert listed.read_bytes() == kept  # found past the old list, not by chance of a new one


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of fonts that this process has not looked into; it has only matplotlib's own."""
    from matplotlib import font_manager

    own = [each for each in font_manager.fontManager.ttflist if "mpl-data" in each.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(
        font_manager, "findSystemFonts", lambda: sorted(map(str, tmp_path.iterdir()))
    )
    font_manager.fontManager._findfont_cached.cache_clear()
    return tmp_path


def test_any_font_that_has_chinese_will_do_and_a_box_for_all_is_none(later: Path) -> None:
    assert chinese_fonts() == ()  # the font of last resort that comes with matplotlib has none
    assert font_remark() is not None
    make_font(later / "no_fame.ttf")
    assert chinese_fonts() == (_FAMILY,)
    assert font_remark() is None
    assert read_font(_FAMILY).get_char_index(ord("养"))


def test_a_known_font_comes_before_others(later: Path) -> None:
    make_font(later / "a.ttf")
    make_font(later / "b.ttf", "SimHei")
    assert chinese_fonts() == ("SimHei",)


def test_a_broken_font_file_is_passed_over_and_not_tried_again(later: Path) -> None:
    (later / "broken.ttf").write_bytes(b"no font")
    make_font(later / "sound.ttf")
    assert chinese_fonts() == (_FAMILY,)
    assert str(later / "broken.ttf") in fonts._unreadable()


def test_a_listed_font_that_is_gone_by_now_is_not_used(later: Path) -> None:
    make_font(later / "gone.ttf", "SimHei")
    make_font(later / "stays.ttf", "KaiTi")
    assert chinese_fonts() == ("SimHei", "KaiTi")
    (later / "gone.ttf").unlink()
    assert chinese_fonts() == ("KaiTi",)
