"""Where things are and in what state, told from raw cells: fractions and boxes, nothing of geoplan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

Row = Mapping[str, str]
City = Mapping[str, Sequence[Row]]

SERVING = {"operating", "trial"}
STANDING = {"operating", "trial", "built_idle"}
RURAL = ("12", "2")


def number(cell: str | None) -> Fraction | None:
    return Fraction(cell) if cell and cell not in {"无", "若干"} else None


def amount(cell: str | None) -> Fraction | None:
    return Fraction(0) if cell == "无" else number(cell)


def day(cell: str | None) -> date | None:
    return date.fromisoformat(cell) if cell else None


def truth(cell: str | None) -> bool | None:
    return {"是": True, "否": False}.get(cell or "")


def names(cell: str | None) -> list[str]:
    return [word for word in (cell or "").split("、") if word]


def kind_of(row: Row) -> str:
    """街道, town, township or other: by the code, else as stated."""
    code = row.get("division_code")
    if code:
        last = int(code[6:])
        ends = ((0, "other"), (99, "jiedao"), (199, "town"), (399, "township"), (999, "other"))
        return next(kind for end, kind in ends if last <= end)
    return {"街道": "jiedao", "镇": "town", "乡": "township"}.get(row.get("kind", ""), "other")


class Ground:
    """One city on one day, by one policy."""

    def __init__(
        self, city: City, *, as_of: date, policy: str, values: Mapping[str, Any] | None = None
    ) -> None:
        self.city = city
        self.as_of = as_of
        self.policy = policy
        self.values = values or {}
        self.tolerance = Fraction(str(self.values.get("boundary_tol_m", 1)))
        self.per_household = Fraction(str(self.values.get("persons_per_household", "2.87")))
        self.facilities = {row["facility_id"]: row for row in city.get("facilities", ())}
        self.units = {
            "division": {self.division_id(row): row for row in city.get("divisions", ())},
            "community": {row["community_id"]: row for row in city.get("communities", ())},
            "rc": {row["rc_id"]: row for row in city.get("residential_communities", ())},
            "compound": {row["compound_id"]: row for row in city.get("compounds", ())},
        }
        self.states = {key: self.state(row) for key, row in self.facilities.items()}

    @staticmethod
    def division_id(row: Row) -> str:
        return row.get("division_code") or row["name"]

    def named(self, level: str, word: str | None) -> str | None:
        """The unit called so, by id or by name."""
        for key, row in self.units[level].items():
            if word and word in {key, row.get("name")}:
                return key
        return None

    def around(self, level: str, row: Row) -> list[str]:
        """Units no farther than the tolerance from a point, or that hold a box; lowest first."""
        spot = box_of(row)
        if spot is None:
            return []
        reach = self.tolerance if spot[0] == spot[2] else Fraction(0)
        return sorted(
            key
            for key, unit in self.units[level].items()
            if (area := box_of(unit)) is not None and apart(spot, area) <= reach * reach
        )

    def declared(self, level: str, row: Row) -> str | None:
        column = {"division": "jiedao"}.get(level, level)
        return self.named(level, row.get(column))

    def belongs(self, level: str, row: Row) -> str | None:
        """Declared beats implied beats located."""
        found = self.declared(level, row) or self.implied(level, row)
        if found is not None:
            return found
        near = self.around(level, row)
        return near[0] if near else None

    def implied(self, level: str, row: Row) -> str | None:
        """What a declared smaller unit says: a compound its RC, both their community, all their 街道."""
        smaller = {
            "division": ("compound", "rc", "community"),
            "community": ("compound", "rc"),
            "rc": ("compound",),
            "compound": (),
        }[level]
        for other in smaller:
            unit = self.declared(other, row)
            if unit is not None:
                found = self.belongs(level, self.units[other][unit])
                if found is not None:
                    return found
        return None

    def state(self, row: Row) -> str:
        """§9 Status and dates."""
        status, opened, closed = (
            row.get("status", ""),
            day(row.get("open_date")),
            day(row.get("close_date")),
        )
        if closed and closed <= self.as_of:
            return "closed"
        if opened and opened > self.as_of:
            return "planned" if status == "planned" else "under_construction"
        if status == "closed":
            return "operating" if closed else "closed"
        if status in {"", "unknown"}:
            return "operating" if opened else "unknown"
        return status

    def of_type(self, *types: str) -> Iterable[tuple[str, Row]]:
        return ((key, row) for key, row in self.facilities.items() if row["facility_type"] in types)

    def is_rural(self, level: str, row: Row) -> bool:
        """Class 12x or 2xx of its community; without a communities layer nothing is."""
        community = row if level == "community" else None
        if community is None:
            key = self.belongs("community", row)
            community = self.units["community"].get(key) if key else None
        return bool(community and community.get("urban_class", "").startswith(RURAL))

    def population(self, row: Row) -> Fraction | None:
        given, households = number(row.get("population")), number(row.get("households"))
        if given is not None:
            return given
        return None if households is None else households * self.per_household

    def place_warnings(self, level: str, key: str, row: Row) -> set[tuple[str, str]]:
        near, declared = self.around(level, row), self.declared(level, row)
        if declared is None and self.implied(level, row) is None:
            return {("ON_BOUNDARY", key)} if len(near) > 1 else set()
        return {("LOC_MISMATCH", key)} if declared and near and declared not in near else set()


def box_of(row: Row) -> tuple[Fraction, Fraction, Fraction, Fraction] | None:
    """West, south, east, north of what a row is given; a point is a box without size."""
    for kind in ("square", "box", "point"):
        if row.get(kind):
            parts = [Fraction(part) for part in row[kind].split()]
            width, height = (parts[2], parts[-1]) if kind != "point" else (Fraction(0), Fraction(0))
            return parts[0], parts[1], parts[0] + width, parts[1] + height
    return None


def apart(spot: tuple[Fraction, ...], area: tuple[Fraction, ...]) -> Fraction:
    """The square of the distance from a point to a box; for a box, 0 only where it lies inside."""
    if spot[0] != spot[2]:
        inside = (
            area[0] <= spot[0] and area[1] <= spot[1] and spot[2] <= area[2] and spot[3] <= area[3]
        )
        return Fraction(0 if inside else 1)
    across = max(area[0] - spot[0], spot[0] - area[2], Fraction(0))
    along = max(area[1] - spot[1], spot[1] - area[3], Fraction(0))
    return across * across + along * along
