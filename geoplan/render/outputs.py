"""Which files an assessment becomes, and that they appear together or not at all."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from geoplan.assess.model import Assessment
from geoplan.render.whole import whole_folder

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
