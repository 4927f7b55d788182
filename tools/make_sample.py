"""Make the sample study 崇左市江州区（示意数据）: the layers that study.toml names.

Names, codes and census shares are real; everything below the county is invented and says so. It
needs no network, and the same versions of the libraries write the same bytes.

    python tools/make_sample.py [FOLDER]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sample.city import build_city
from sample.facilities import list_facilities
from sample.premises import list_premises
from sample.projects import list_phases, list_projects
from sample.reported import list_reported
from sample.spots import Gazetteer, declared_in
from sample.write import (
    CRS,
    DEGREES,
    FACILITY_HEADINGS,
    PREMISES_HEADINGS,
    REPORTED_HEADINGS,
    Row,
    with_degrees,
    write_boundaries,
    write_csv,
    write_projects,
    write_sources,
)

BOUNDARIES = (
    "divisions",
    "communities",
    "residential_communities",
    "compounds",
    "homes",
    "roads",
    "gates",
)


def main(folder: Path) -> None:
    """Everything below ``folder``/data."""
    data = folder / "data"
    for name in ("boundaries", "facilities"):
        (data / name).mkdir(parents=True, exist_ok=True)
    city = build_city()
    write_boundaries(data / "boundaries", city)
    spots = Gazetteer(city)
    facilities = placed(list_facilities(), spots)
    premises = placed(list_premises(), spots)
    projects = placed(list_projects(), spots)
    write_csv(data / "facilities" / "facilities.csv", facilities, FACILITY_HEADINGS)
    write_csv(data / "facilities" / "premises.csv", premises, PREMISES_HEADINGS)
    write_projects(data / "facilities" / "projects.xlsx", projects, list_phases())
    write_csv(data / "reported.csv", list_reported(), REPORTED_HEADINGS)
    write_sources(data / "boundaries", {f"{name}.gpkg": CRS for name in BOUNDARIES})
    degrees = dict.fromkeys(("facilities.csv", "premises.csv", "projects.xlsx"), DEGREES)
    write_sources(data / "facilities", degrees)
    write_sources(data, {"reported.csv": "none"})


def placed(rows: Sequence[Row], spots: Gazetteer) -> list[Row]:
    """The rows with the names they declare and their coordinates, each on its own spot."""
    places = [spots.place(str(row["at"])) for row in rows]
    return with_degrees([declared_in(row, spots) for row in rows], places)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
