"""Fonts that have Chinese characters, found by looking at the files that are there now.

Belongs here: which fonts a picture may be written with, and what to say when none has Chinese.
Does not belong here: drawing. matplotlib remembers the fonts it once saw in a file of its own; one
installed later is not in that list and would be missed for good, so every font file that the list
does not know is read again.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any

from geoplan.errors import Remark
from geoplan.terms import Words

# Fonts with Chinese characters, the best known on each system first; any other comes after them.
FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimHei", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "Heiti SC", "STHeiti", "Noto Sans CJK JP", "Noto Serif CJK SC",
    "Source Han Serif SC", "SimSun", "Songti SC", "STSong", "FangSong", "KaiTi",
    "AR PL UMing CN", "AR PL UKai CN", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
LATIN = "DejaVu Sans"  # comes with matplotlib
_AT_MOST = 3
_REGULAR = frozenset({400, "normal", "regular", "book"})
_SAMPLE = "街道养老托育服务达标数据截至坐标系"
_log = logging.getLogger(__name__)


def font_remark() -> Remark | None:
    """What to say when no font on this machine has Chinese characters."""
    if chinese_fonts():
        return None
    return Remark(
        "NO_CHINESE_FONT",
        Words(
            "本机没有含汉字的字体，图上用英文和编号；请安装思源黑体（Noto Sans CJK SC）后重新生成",
            "no font on this machine has Chinese characters, so maps bear English words and ids;"
            " install Noto Sans CJK SC and run again",
        ),
    )


def chinese_fonts() -> tuple[str, ...]:
    """The fonts to write Chinese with, best first: at most three, and only such as really have it."""
    known = _known_fonts()
    names = {each.name for each in known}
    best = [name for name in FONTS if name in names and _covers(name)]
    if not best:
        upright = {
            each.name for each in known if each.style == "normal" and each.weight in _REGULAR
        }
        best = [name for name in sorted(upright) if _covers(name)]
    return tuple(best[:_AT_MOST])


def read_font(name: str) -> Any:
    """An installed font, which gives 0 for the index of a character it does not have."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return get_font(findfont(FontProperties(family=[name]), fallback_to_default=False))


def _known_fonts() -> list[Any]:
    """The fonts that matplotlib knows and that are there, with those installed since it looked."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    listed = {each.fname for each in fontManager.ttflist}
    for path in sorted({*findSystemFonts()} - listed - _unreadable()):
        try:
            fontManager.addfont(path)
        except Exception as error:  # noqa: BLE001 - a broken font file fails in many ways
            _log.debug("font %s cannot be read: %s", path, error)
            _unreadable().add(path)
    return [each for each in fontManager.ttflist if Path(each.fname).is_file()]


@cache
def _unreadable() -> set[str]:
    """Font files that were tried in vain, not to be tried again by this process."""
    return set()


def _covers(name: str) -> bool:
    """Whether the font has Chinese: a glyph of its own for each character.

    A font of last resort has one glyph for whole blocks of characters, an empty box.
    """
    try:
        font = read_font(name)
    except (OSError, RuntimeError, ValueError):  # broken since it was listed
        return False
    glyphs = {font.get_char_index(ord(each)) for each in _SAMPLE}
    return 0 not in glyphs and len(glyphs) == len(set(_SAMPLE))
