"""A Word document on A4: page, fonts, headings, tables, pictures, the number of the page.

Belongs here: how paper looks. Does not belong here: what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_WESTERN = "Times New Roman"
_BODY, _HEADING = "宋体", "黑体"  # Word knows both; others put their own Chinese font in place
_MARGIN_CM, _SHORT_CM, _LONG_CM = 2.0, 21.0, 29.7
_PICTURE_CM = 14.5  # two to a page
_BODY_PT, _CELL_PT, _NOTE_PT = 10.5, 8.5, 9
_HEAD_FILL = "E7EEF5"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest a zip file can say
_INVISIBLE = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table on paper: heading, width in cm, how its cells are set.

    ``align`` is ``left``, ``center`` or ``right``.
    """

    heading: str
    width_cm: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Ink:
    """A cell in a colour (``C3271B``), bold."""

    text: str
    color: str


def plain(text: str) -> str:
    r"""Text that Word can hold: without control characters, half pairs and hidden reversals.

    Examples
    --------
    >>> plain("太平\x00街道\x0b"), plain("甲\n乙\u202e丙")
    ('太平街道', '甲\n乙丙')
    """
    return "".join(each for each in text if _shown(each))


def _shown(character: str) -> bool:
    if character in "\n\t":
        return True
    code = ord(character)
    control = code < ord(" ") or ord("\x7f") <= code <= ord("\x9f")
    half_pair = 0xD800 <= code <= 0xDFFF  # noqa: PLR2004 - Unicode's surrogates
    return not control and not half_pair and character not in _INVISIBLE


class Paper:
    """A document being written, from top to bottom."""

    def __init__(self, title: str, day: date, *, language: str) -> None:
        from docx import Document

        self._document = Document()
        _set_page(self._document.sections[0])
        _set_styles(self._document.styles, language)
        _set_properties(self._document.core_properties, plain(title), day)
        _add_page_number(self._document.sections[0], language)

    def title(self, text: str, below: str) -> None:
        """The title of the document and the line below it."""
        self._document.add_paragraph(plain(text), style="Title")
        self._document.add_paragraph(plain(below), style="Subtitle")

    def heading(self, text: str, level: int = 1) -> None:
        """A heading that Word lists in its outline."""
        self._document.add_heading(plain(text), level)

    def text(self, text: str) -> None:
        """A paragraph."""
        self._document.add_paragraph(plain(text))

    def note(self, text: str) -> None:
        """A small paragraph below a table or picture."""
        self._document.add_paragraph(plain(text), style="Caption")

    def warn(self, text: str) -> None:
        """A paragraph nobody should miss."""
        from docx.shared import RGBColor

        run = self._document.add_paragraph().add_run(plain(text))
        run.bold = True
        run.font.color.rgb = RGBColor.from_string("C3271B")

    def bullets(self, texts: Iterable[str]) -> None:
        """A list."""
        for each in texts:
            self._document.add_paragraph(plain(each), style="List Bullet")

    def picture(self, png: bytes, caption: str) -> None:
        """A picture, kept together with its caption."""
        from docx.shared import Cm

        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        paragraph.alignment = _align("center")
        shape = paragraph.add_run().add_picture(BytesIO(png), width=Cm(_PICTURE_CM))
        about = shape._inline.docPr  # noqa: SLF001 - the library has no name for it
        about.set("descr", plain(caption))
        self._document.add_paragraph(plain(caption), style="Caption").alignment = _align("center")

    def table(self, fields: Sequence[Field], rows: Sequence[Sequence[str | Ink]]) -> None:
        """A table whose heading comes again on each page; no row is cut by a page's end."""
        table = self._document.add_table(rows=len(rows) + 1, cols=len(fields), style="Table Grid")
        _fix_widths(table, fields)
        filled = [[each.heading for each in fields], *rows]
        for number, (line, cells) in enumerate(zip(table.rows, filled, strict=True)):
            _keep_row_whole(line, head=number == 0)
            for field, place, cell in zip(fields, line.cells, cells, strict=True):
                _fill_cell(place, cell, field, head=number == 0)
        self._document.add_paragraph().paragraph_format.line_spacing = 0.6

    def turn(self, *, across: bool) -> None:
        """A new page, lying or standing."""
        from docx.enum.section import WD_ORIENT, WD_SECTION
        from docx.shared import Cm

        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
        wide, high = (_LONG_CM, _SHORT_CM) if across else (_SHORT_CM, _LONG_CM)
        section.page_width, section.page_height = Cm(wide), Cm(high)

    def content(self) -> bytes:
        """The file; the same bytes for the same document."""
        written = BytesIO()
        self._document.save(written)
        return _without_clock(written.getvalue())


# ------------------------------------------------------------------------------------ page


def _set_page(section: Any) -> None:
    from docx.shared import Cm

    section.page_width, section.page_height = Cm(_SHORT_CM), Cm(_LONG_CM)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)


def _set_styles(styles: Any, language: str) -> None:
    from docx.shared import Pt

    for name, size, east in (
        ("Normal", _BODY_PT, _BODY), ("Title", 16, _HEADING), ("Subtitle", 12, _BODY),
        ("Heading 1", 15, _HEADING), ("Heading 2", 12, _HEADING), ("Caption", _NOTE_PT, _BODY),
    ):  # fmt: skip
        style = styles[name]
        style.font.size = Pt(size)
        style.font.italic = False
        style.font.bold = name.startswith("Heading") and language == "en"
        _set_font(style, east)
        _set_black(style)
    _set_spacing(styles)
    _set_chinese(styles)


def _set_chinese(styles: Any) -> None:
    """Say that the Chinese is that of the mainland, or its commas stand in mid-air."""
    from docx.oxml.ns import qn

    for each in styles.element.iter(qn("w:lang")):
        each.set(qn("w:eastAsia"), "zh-CN")


def _set_font(style: Any, east: str) -> None:
    """One font for Latin text, one for Chinese; the theme's fonts would win over both."""
    from docx.oxml.ns import qn

    style.font.name = _WESTERN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), east)
    fonts.set(qn("w:cs"), _WESTERN)


def _set_black(style: Any) -> None:
    from docx.shared import RGBColor

    style.font.color.rgb = RGBColor(0, 0, 0)


def _set_spacing(styles: Any) -> None:
    from docx.shared import Pt

    for name, before, after in (
        ("Normal", 0, 4), ("Title", 6, 4), ("Subtitle", 0, 8), ("Heading 1", 14, 6),
        ("Heading 2", 8, 4), ("Caption", 2, 8), ("List Bullet", 0, 2),
    ):  # fmt: skip
        pace = styles[name].paragraph_format
        pace.space_before, pace.space_after = Pt(before), Pt(after)
    styles["Title"].paragraph_format.alignment = _align("center")
    styles["Subtitle"].paragraph_format.alignment = _align("center")
    _drop_line_below(styles["Title"])


def _drop_line_below(style: Any) -> None:
    from docx.oxml.ns import qn

    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)


def _set_properties(properties: Any, title: str, day: date) -> None:
    """Nothing of the machine or the hour: the day of the study is the day of the document."""
    moment = datetime.combine(day, time(), UTC)
    properties.title, properties.author, properties.comments = title, "geoplan", ""
    properties.created = properties.modified = properties.last_printed = moment
    properties.last_modified_by, properties.revision = "geoplan", 1


def _add_page_number(section: Any, language: str) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = _align("center")
    before, between, after = ("第 ", " 页　共 ", " 页") if language == "zh" else ("", " / ", "")
    paragraph.add_run(before)
    _add_field(paragraph.add_run(), "PAGE")
    paragraph.add_run(between)
    _add_field(paragraph.add_run(), "NUMPAGES")
    paragraph.add_run(after)


def _add_field(run: Any, code: str) -> None:
    """A field that Word fills in: begin, code, shown until then, end."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind in ("begin", "code", "separate", "shown", "end"):
        if kind == "code":
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = f" {code} "
        elif kind == "shown":
            part = OxmlElement("w:t")
            part.text = "1"
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)  # noqa: SLF001


# ---------------------------------------------------------------------------------- tables


def _fix_widths(table: Any, fields: Sequence[Field]) -> None:
    """Widths that programs keep: in the table, in its grid, in each cell."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm

    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, field in zip(table.columns, fields, strict=True):
        column.width = Cm(field.width_cm)


def _keep_row_whole(row: Any, *, head: bool) -> None:
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()  # noqa: SLF001
    properties.append(OxmlElement("w:cantSplit"))
    if head:
        properties.append(OxmlElement("w:tblHeader"))


def _fill_cell(place: Any, cell: str | Ink, field: Field, *, head: bool) -> None:
    from docx.enum.table import WD_ALIGN_VERTICAL
    from docx.shared import Cm, Pt, RGBColor

    text, color = (cell.text, cell.color) if isinstance(cell, Ink) else (cell, "")
    place.width = Cm(field.width_cm)
    place.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    paragraph = place.paragraphs[0]
    paragraph.alignment = _align("center" if head else field.align)
    pace = paragraph.paragraph_format
    pace.space_before, pace.space_after, pace.line_spacing = Pt(1), Pt(1), 1.0
    run = paragraph.add_run(plain(text))
    run.font.size = Pt(_CELL_PT)
    run.bold = head or bool(color)
    if color:
        run.font.color.rgb = RGBColor.from_string(color)
    if head:
        _shade(place)


def _shade(place: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _HEAD_FILL)):
        shading.set(qn(f"w:{name}"), value)
    place._tc.get_or_add_tcPr().append(shading)  # noqa: SLF001


def _align(word: str) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    return {
        "left": WD_ALIGN_PARAGRAPH.LEFT,
        "center": WD_ALIGN_PARAGRAPH.CENTER,
        "right": WD_ALIGN_PARAGRAPH.RIGHT,
    }[word]


# ------------------------------------------------------------------------------------ file


def _without_clock(content: bytes) -> bytes:
    """The same zip with the first day a zip knows on every part."""
    rewritten = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(rewritten, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = ZipInfo(name, date_time=_FIRST_DAY)
            part.compress_type = ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            new.writestr(part, old.read(name))
    return rewritten.getvalue()
