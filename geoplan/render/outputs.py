"""Which files an assessment becomes, and that they appear together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from geoplan.assess.model import Assessment
from geoplan.render.whole import whole_folder
from geoplan.terms import Verdict

_TABLES = ("csv", "xlsx", "geojson", "gpkg")


def write_outputs(
    assessment: Assessment, folder: Path, formats: Collection[str], *, language: str
) -> list[Path]:
    """Everything: tables, map and report, in the formats asked for.

    Returns
    -------
    The files written, in name order.
    """
    with whole_folder(folder) as staging:
        tables = [name for name in _TABLES if name in formats]
        if tables:
            from geoplan.render.tables import write_tables

            write_tables(assessment, staging, tables, language=language)
        if "html" in formats:
            from geoplan.render.map import write_map

            write_map(assessment, staging / "map.html", language=language)
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]


def write_gaps(
    assessment: Assessment, folder: Path, formats: Collection[str], *, language: str
) -> list[Path]:
    """The gap list only."""
    from geoplan.render.frames import gap_table
    from geoplan.render.tables import write_some

    with whole_folder(folder) as staging:
        tables = [gap_table(assessment, language)]
        write_some(tables, assessment, staging, formats, language=language, name="gaps")
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
    from geoplan.render.check_sheet import check_table
    from geoplan.render.tables import write_some

    with whole_folder(folder) as staging:
        tables = [check_table(assessment, elsewhere, language)]
        write_some(tables, assessment, staging, formats, language=language, name="compliance")
        names = sorted(path.name for path in staging.iterdir())
    return [folder / name for name in names]
