"""The packed parts of a workbook: what openpyxl stumbles over is put right before it reads.

Belongs here: strict OOXML, styles and ornaments that are broken, formulas that nobody worked out.
Does not belong here: cells (``book.py``), number formats (``shown.py``).

A sheet is its cells; fonts, fills, rules and drawings say nothing here. So a workbook that
openpyxl refuses is given plain styles that keep the number formats, and no ornaments.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from posixpath import join, normpath
from xml.etree import ElementTree as ET
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

_STRICT = b"http://purl.oclc.org/ooxml/"
_NAMESPACES = (
    (rb"http://purl\.oclc\.org/ooxml/(spreadsheetml|drawingml)/(\w+)", rb"http://schemas.openxmlformats.org/\1/2006/\2"),
    (rb"http://purl\.oclc\.org/ooxml/officeDocument/(?:customXml|extendedProperties)", rb"urn:unused"),
    (rb"http://purl\.oclc\.org/ooxml/officeDocument/(\w+)", rb"http://schemas.openxmlformats.org/officeDocument/2006/\1"),
)  # fmt: skip
_SHEET_ORNAMENTS = (
    rb"conditionalFormatting|dataValidations|extLst|legacyDrawing|legacyDrawingHF|drawing|picture|oleObjects|"
    rb"controls|hyperlinks|autoFilter|sortState|sheetProtection|protectedRanges|scenarios|phoneticPr|"
    rb"printOptions|pageMargins|pageSetup|headerFooter|rowBreaks|colBreaks|customProperties|cellWatches|"
    rb"ignoredErrors|smartTags|tableParts|sheetPr|sheetViews|sheetFormatPr|cols|sheetCalcPr|dataConsolidate"
)
_BOOK_ORNAMENTS = (
    rb"definedNames|externalReferences|pivotCaches|bookViews|workbookProtection|extLst|fileVersion|"
    rb"customWorkbookViews|smartTagPr|webPublishing|fileRecoveryPr|AlternateContent"
)
_DROPPED = ("docProps/", "xl/worksheets/_rels/", "xl/drawings/", "xl/theme/", "xl/externalLinks/")
_STYLES = "xl/styles.xml"
_PLAIN_STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<numFmts>{formats}</numFmts><fonts><font/></fonts>"
    '<fills><fill><patternFill/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders><border/></borders>"
    '<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    "<cellXfs>{cells}</cellXfs>"
    '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")


def is_strict(content: bytes) -> bool:
    """Whether a workbook was saved as strict OOXML, which openpyxl takes for an empty one."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return any(
            _STRICT in packed.read(name) for name in packed.namelist() if name == "xl/workbook.xml"
        )


def with_usual_names(content: bytes) -> bytes:
    """Strict OOXML under the names of the usual kind."""

    def rename(name: str, part: bytes) -> bytes:
        if not name.endswith((".xml", ".rels")):
            return part
        for strict, usual in _NAMESPACES:
            part = re.sub(strict, usual, part)
        return part

    return _rewritten(content, rename)


def without_ornaments(content: bytes) -> bytes:
    """A workbook with nothing but its cells, their number formats, hidden rows and merged cells."""

    def plain(name: str, part: bytes) -> bytes | None:
        if name.startswith(_DROPPED):
            return None
        if name == _STYLES:
            return plain_styles(part)
        if name == "xl/workbook.xml":
            return _without(_BOOK_ORNAMENTS, part)
        if name.startswith("xl/worksheets/"):
            return _without(_SHEET_ORNAMENTS, part)
        return part

    return _rewritten(content, plain)


def plain_styles(part: bytes) -> bytes:
    """Styles that say of every cell its number format, and nothing else."""
    root = ET.fromstring(part)  # noqa: S314 - expat guards itself
    formats = "".join(
        f'<numFmt numFmtId="{_number(item, "numFmtId")}" formatCode={quoteattr(item.get("formatCode", "General"))}/>'
        for item in root.iter()
        if _tag(item) == "numFmt" and item.get("numFmtId")
    )
    listed = next((item for item in root if _tag(item) == "cellXfs"), ())
    cells = "".join(
        f'<xf numFmtId="{_number(item, "numFmtId")}" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        for item in listed
    )
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    return _PLAIN_STYLES.format(formats=formats, cells=cells or plain).encode()


def _tag(item: ET.Element) -> str:
    return item.tag.rpartition("}")[2]


def _number(item: ET.Element, name: str) -> int:
    text = item.get(name, "0")
    return int(text) if text.isdecimal() else 0


def _without(names: bytes, part: bytes) -> bytes:
    """Without some elements; what is not closed is an error, or each would be looked for to the end."""
    expat.ParserCreate().Parse(part, True)  # noqa: FBT003 - that is all
    return re.sub(
        rb"<((?:\w+:)?(?:" + names + rb"))\b(?:[^>]*/>|.*?</\1>)", b"", part, flags=re.DOTALL
    )


def _rewritten(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The package with every part changed; a part that becomes ``None`` is left out."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(written, "w") as target:
        for name in dict.fromkeys(packed.namelist()):
            part = change(name, packed.read(name))
            if part is not None:
                target.writestr(name, part)
    return written.getvalue()


def uncounted_cells(content: bytes) -> dict[str, list[tuple[int, int]]]:
    """Row and column, from 1, of the formulas of each sheet that no program has worked out.

    A formula whose result is an empty text has been worked out; one without a result has not.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        known = frozenset(packed.namelist())
        return {
            sheet: _uncounted(packed.read(part))
            for sheet, part in _parts_of(packed).items()
            if part in known
        }


def _uncounted(part: bytes) -> list[tuple[int, int]]:
    found = []
    for cell in _CELL.finditer(part):
        place = _PLACE.search(cell[1])
        if place and not re.search(rb"\bt=[\"']str[\"']", cell[1]):
            found.append((int(place[2]), _column(place[1].decode())))
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _parts_of(packed: zipfile.ZipFile) -> dict[str, str]:
    """The part of the package that holds each sheet; nothing where it cannot be told."""
    try:
        book = ET.fromstring(packed.read("xl/workbook.xml"))  # noqa: S314 - expat guards itself
        links = ET.fromstring(packed.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - expat guards itself
    except (KeyError, ET.ParseError):
        return {}
    targets = {item.get("Id"): item.get("Target", "") for item in links}
    parts: dict[str, str] = {}
    for item in book.iter():
        if _tag(item) == "sheet":
            key = next((value for name, value in item.attrib.items() if name.endswith("}id")), None)
            path = normpath(join("/xl", targets.get(key, ""))).lstrip("/")
            parts.setdefault(item.get("name", ""), path)
    return parts
