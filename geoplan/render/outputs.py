"""Which files an assessment becomes, and that they appear together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from geoplan.assess.checkup.inspection import Inspection
from geoplan.assess.model import Assessment
from geoplan.render.fileset.staging import whole_folder
from geoplan.render.sheets.harmless import visible
from geoplan.render.wording.view import view_of
from geoplan.terms import Verdict, Words

if TYPE_CHECKING:
    from geoplan.plan.comparison import Comparison
    from geoplan.plan.next_sites import NextSites
    from geoplan.plan.programme.programme import Programme
    from geoplan.render.pictures.picture import Paper
    from geoplan.render.webmap.page import Moment

_GAPS, _COMPLIANCE, _LEDGER = "gaps.xlsx", "compliance.xlsx", "ledger.xlsx"
_TABLES = ("csv", "xlsx", "geojson", "gpkg")


def write_outputs(
    assessment: Assessment,
    folder: Path,
    formats: Collection[str],
    *,
    language: str,
    elsewhere: Mapping[str, Mapping[str, Verdict]] | None = None,
) -> list[Path]:
    """Everything: tables, forms, map and report, in the formats asked for.

    ``elsewhere`` has the verdicts on new projects under other policies, for the check sheet.

    Returns
    -------
    The files written, in name order.
    """
    with whole_folder(folder) as staging:
        tables = [name for name in _TABLES if name in formats]
        if tables:
            from geoplan.render.tables.assessment import write_tables

            write_tables(assessment, staging, tables, language=language)
        if "xlsx" in formats:
            _write_forms(assessment, elsewhere or {}, staging, language)
        if "html" in formats:
            from geoplan.render.webmap.page import write_map

            write_map(assessment, staging / "map.html", language=language)
        if "docx" in formats:
            from geoplan.render.paper.report import write_report

            name = "报告.docx" if language == "zh" else "report.docx"
            write_report(assessment, staging / name, language=language)
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]


def _write_forms(
    assessment: Assessment,
    elsewhere: Mapping[str, Mapping[str, Verdict]],
    folder: Path,
    language: str,
) -> None:
    """The workbooks that bureaus file: gap list, check sheet of new projects, ledger of tasks."""
    from geoplan.render.forms.check_sheet import write_check_sheet
    from geoplan.render.forms.gap_list import write_gap_list
    from geoplan.render.forms.task_ledger import write_ledger

    write_gap_list(assessment, folder / _GAPS, language=language)
    write_check_sheet(assessment, folder / _COMPLIANCE, elsewhere=elsewhere, language=language)
    write_ledger(assessment, folder / _LEDGER, language=language)


def write_gaps(
    assessment: Assessment, folder: Path, formats: Collection[str], *, language: str
) -> list[Path]:
    """The gap list: ``gaps.xlsx`` as bureaus file it, the others as plain tables."""
    with whole_folder(folder) as staging:
        plain = [name for name in _TABLES if name in formats and name != "xlsx"]
        if plain:
            from geoplan.render.tables.assessment import write_tables

            write_tables(assessment, staging, plain, language=language, only=("gaps",))
        if "xlsx" in formats:
            from geoplan.render.forms.gap_list import write_gap_list

            write_gap_list(assessment, staging / _GAPS, language=language)
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]


def write_inspection(
    inspection: Inspection, folder: Path, formats: Collection[str], *, language: str
) -> list[Path]:
    """The workbook to repair from, and the same as a page."""
    from geoplan.render.sheets.workbook import write_workbook
    from geoplan.render.tables.inspection import inspection_tables
    from geoplan.render.tables.inspection_page import inspection_page

    view = view_of(inspection.assessment, language)
    with whole_folder(folder) as staging:
        if "xlsx" in formats:
            tables = inspection_tables(inspection, view)
            path = staging / "inspect.xlsx"
            write_workbook(tables, inspection.assessment, path, language=language)
        if "html" in formats:
            page = inspection_page(inspection, view)
            (staging / "inspect.html").write_bytes(visible(page).encode("utf-8"))
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]


def write_compliance(
    assessment: Assessment,
    elsewhere: Mapping[str, Mapping[str, Verdict]],
    folder: Path,
    formats: Collection[str],
    *,
    language: str,
) -> list[Path]:
    """The check sheet of new projects; ``elsewhere`` has the verdicts under other policies."""
    with whole_folder(folder) as staging:
        plain = [name for name in _TABLES if name in formats and name != "xlsx"]
        if plain:
            from geoplan.render.forms.check_sheet import write_check_tables

            write_check_tables(assessment, staging, plain, elsewhere=elsewhere, language=language)
        if "xlsx" in formats:
            from geoplan.render.forms.check_sheet import write_check_sheet

            path = staging / _COMPLIANCE
            write_check_sheet(assessment, path, elsewhere=elsewhere, language=language)
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]


def write_programme(
    programme: Programme, folder: Path, formats: Collection[str], *, language: str
) -> list[Path]:
    """The reserve list of projects as a workbook, and its tables for scripts."""
    from geoplan.render.planning.programme import programme_tables
    from geoplan.render.sheets.workbook import write_workbook
    from geoplan.render.tables.assessment import write_files

    view = view_of(programme.after, language)
    tables = programme_tables(programme, view)
    with whole_folder(folder) as staging:
        plain = [name for name in formats if name in _TABLES and name != "xlsx"]
        write_files(tables, programme.after, staging, plain, only=("programme",))
        if "xlsx" in formats:
            name = "项目储备库.xlsx" if language == "zh" else "programme.xlsx"
            write_workbook(tables, programme.after, staging / name, language=language)
        if "html" in formats:
            from geoplan.render.webmap.page import write_map

            write_map(
                programme.after,
                staging / "programme.html",
                language=language,
                moments=_programme_moments(programme, language),
            )
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]


def _programme_moments(programme: Programme, language: str) -> list[Moment]:
    """The last day without the programme, then the end of each year with what is done by then."""
    from geoplan.render.planning.programme import programme_marks
    from geoplan.render.webmap.page import Moment

    marks = programme_marks(programme, view_of(programme.after, language))
    return [
        Moment(Words("不实施", "without"), programme.before),
        *(
            Moment(
                Words(f"{end.year} 年末", f"end of {end.year}"),
                end.after,
                [mark for mark in marks if mark["year"] <= end.year],
            )
            for end in programme.years
        ),
    ]


def write_sites(
    found: NextSites, folder: Path, formats: Collection[str], *, language: str
) -> list[Path]:
    """The sites to open as tables."""
    from geoplan.render.planning.next_sites import sites_table
    from geoplan.render.sheets.workbook import write_workbook
    from geoplan.render.tables.assessment import write_files

    tables = [sites_table(found, language)]
    with whole_folder(folder) as staging:
        plain = [name for name in formats if name in _TABLES and name != "xlsx"]
        write_files(tables, found.assessment, staging, plain, only=("sites",))
        if "xlsx" in formats:
            write_workbook(tables, found.assessment, staging / "sites.xlsx", language=language)
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]


def write_comparison(
    comparison: Comparison, folder: Path, formats: Collection[str], *, language: str
) -> list[Path]:
    """What moved and what turned, as a workbook and as tables for scripts."""
    from geoplan.render.planning.comparison import comparison_tables
    from geoplan.render.sheets.workbook import write_workbook
    from geoplan.render.tables.assessment import write_files

    tables = comparison_tables(comparison, language)
    with whole_folder(folder) as staging:
        plain = [name for name in formats if name in _TABLES and name != "xlsx"]
        write_files(tables, comparison.after, staging, plain, only=("comparison",))
        if "xlsx" in formats:
            name = "对比.xlsx" if language == "zh" else "comparison.xlsx"
            write_workbook(tables, comparison.after, staging / name, language=language)
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]


def write_pictures(  # noqa: PLR0913 - what is drawn, where and on what
    assessment: Assessment,
    themes: Collection[str],
    folder: Path,
    forms: Collection[str],
    *,
    paper: Paper,
    language: str,
) -> list[Path]:
    """Each theme as a picture in each form, all of them or none."""
    from geoplan.render.pictures.picture import draw_picture

    with whole_folder(folder) as staging:
        for theme in themes:
            for form in forms:
                made = draw_picture(assessment, theme, language=language, paper=paper, form=form)
                (staging / f"{theme}.{form}").write_bytes(made)
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]
