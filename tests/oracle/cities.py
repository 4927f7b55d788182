"""Random small cities from a seed, with many values exactly on a threshold.

A city is raw cells, as they would stand in a bureau's table; nothing here judges anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar

from tests.cases.given import Question, Row

T = TypeVar("T")

AS_OF = date(2023, 12, 31)
POPULATIONS = ["4999", "5000", "5001", "8000", "11999", "12000", "12001", "25000"]
HOUSEHOLDS = ["0", "99", "100", "333", "334", "1000", "1437", "2000"]
ROOMS = [
    "0",
    "14.85",
    "14.84",
    "15",
    "49.95",
    "49.94",
    "49.96",
    "50.1",
    "150",
    "149.99",
    "300",
    "66.8",
]
TYPES = [
    "jiedao_elder_center",
    "elder_institution",
    "embedded_elder_facility",
    "elder_day_care_center",
    "elder_service_station",
    "elder_meal_point",
    "childcare_institution",
    "childcare_institution",
    "childcare_institution",
    "kindergarten_nursery_class",
    "employer_childcare",
    "home_childcare_point",
    "shared_complex",
    "shared_complex",
    "infant_care_guidance_center",
    "other",
]
THEMES = [  # what a city has most of
    [],
    [],
    ["jiedao_elder_center"] * 40,
    ["elder_institution"] * 15,
    ["childcare_institution"] * 30 + ["kindergarten_nursery_class"] * 10,
    ["elder_service_station", "childcare_institution", "shared_complex"] * 12,
]
OUTDOORS = {"elder_service_station", "elder_meal_point", "childcare_institution"}
BELOW_GROUND = ["basement", "semi_basement", "mezzanine"]


@dataclass(frozen=True, slots=True)
class City:
    """Raw cells by layer, and the question asked of them."""

    given: dict[str, list[Row]]
    question: Question


class Builder:
    """One city in the making."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - repeatable, not secret
        self.given: dict[str, list[Row]] = {}
        self.types = TYPES + self.some(THEMES)

    def some(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def often(self, share: float) -> bool:
        return self.random.random() < share

    def maybe(self, share: float, cell: str) -> str:
        return cell if self.often(share) else ""

    def build(self) -> City:
        self.divisions()
        if self.often(0.75):
            self.communities()
        if self.often(0.8):
            self.residential_communities()
        if self.often(0.9):
            self.compounds()
        self.facilities()
        return City(self.given, self.question())

    def question(self) -> Question:
        values: dict[str, Any] = {}
        for name, choices in (
            ("min_childcare_area_m2", [200]),
            ("min_places", [1, 10, 20]),
            ("persons_per_household", [3, 2.5]),
            ("boundary_tol_m", [0, 2]),
            ("min_single_m2", [50, 350]),
            ("center_counts_for_community", [True]),
            ("elder_rate_new", [30]),
            ("usable_to_gross_ratio", [0.75]),
        ):
            if self.often(0.12):
                values[name] = self.some(choices)
        policy = self.some(["chongzuo-2021-2023", "chongzuo-2021-2023", "guangxi-2021-2023"])
        return Question(policy, AS_OF, values)

    def divisions(self) -> None:
        rows = []
        for number in range(self.random.randint(3, 6)):
            code = self.some([1, 2, 3, 4, 99, 100, 199, 200, 400, 0, 600, 999])
            has_code = self.often(0.85)
            rows.append(
                {
                    "division_code": f"4514{number // 3 + 2:02d}{code:03d}" if has_code else "",
                    "name": f"第{number}街道",
                    "kind": self.some(
                        ["街道", "街道", "镇", "乡"] if not has_code else ["", "", "街道", "镇"]
                    ),
                    "county": self.some(["江州区", "扶绥县", "宁明县"]),
                    "population": self.some(["10000", "12000", "20000", "5714"]),
                    "square": f"{number * 1000} 0 1000",
                }
            )
        codes = [row["division_code"] for row in rows]
        for number, row in enumerate(rows):  # a code stands once
            if row["division_code"] in codes[:number]:
                row["division_code"] = f"4514{number // 3 + 2:02d}{number + 11:03d}"
        self.random.shuffle(rows)
        self.given["divisions"] = rows

    def communities(self) -> None:
        rows = []
        for division in self.given["divisions"]:
            west = int(division["square"].split()[0])
            for half in range(self.random.randint(1, 2)):
                rows.append(  # noqa: PERF401 - draws from one stream of random numbers
                    {
                        "community_id": f"C{west // 1000}{half}",
                        "name": f"社区{west // 1000}{half}",
                        "jiedao": self.maybe(0.3, division["name"]),
                        "urban_class": self.some(["111", "111", "111", "112", "121", "220", ""]),
                        "population": self.some([*POPULATIONS, ""]),
                        "households": self.maybe(0.3, "2000"),
                        "box": f"{west + half * 500} 0 500 1000",
                    }
                )
        self.given["communities"] = rows

    def residential_communities(self) -> None:
        rows = []
        for place, (west, south) in enumerate(self.halves()):
            for part in range(self.random.randint(0, 2)):
                population = self.some([*POPULATIONS, "", ""])
                households = "" if population else self.some(["", "2000", "4000", "1742", "1743"])
                rows.append(
                    {
                        "rc_id": f"R{place:02d}{part}",
                        "name": f"居住社区{place:02d}{part}",
                        "population": population,
                        "households": households,
                        "square": f"{west + 50} {south + 50 + part * 400} 400",
                    }
                )
        self.given["residential_communities"] = rows

    def halves(self) -> list[tuple[int, int]]:
        """South-west corners of the western and eastern half of every division."""
        wests = sorted(int(row["square"].split()[0]) for row in self.given["divisions"])
        return [(west + half, 0) for west in wests for half in (0, 500)]

    def compounds(self) -> None:
        rows = []
        for place, (west, south) in enumerate(self.halves()):
            for part in range(self.random.randint(0, 2)):
                number = f"{place:02d}{part}"
                households = self.some([*HOUSEHOLDS, *HOUSEHOLDS, "", "-5", "无"])
                population = self.maybe(0.4, "2870") if households == "" else ""
                rows.append(
                    {
                        "compound_id": f"X{number}",
                        "name": f"小区{number}",
                        "households": households,
                        "population": population,
                        "stock": self.some(["", "existing", "existing", "new", "legacy_new"]),
                        "jiedao": "",
                        "community": "",
                        "rc": "",
                        "square": self.spot_of_compound(west, south, part),
                    }
                )
        for row in rows:
            self.declare_compound(row)
        self.given["compounds"] = rows

    def spot_of_compound(self, west: int, south: int, part: int) -> str:
        """A square well inside one RC, or beside it; some compounds are a name only."""
        if self.often(0.15):
            return ""
        inside = self.often(0.8)
        return (
            f"{west + (150 if inside else 460)} {south + 150 + part * 400} {100 if inside else 30}"
        )

    def declare_compound(self, row: Row) -> None:
        columns = (
            ("community", "communities"),
            ("rc", "residential_communities"),
            ("jiedao", "divisions"),
        )
        if row["square"] and self.often(0.8):
            return
        for column, layer in columns:
            if self.given.get(layer) and self.often(0.5):
                row[column] = self.call(layer)
                return

    def call(self, layer: str) -> str:
        """A unit of a layer, by its id or by its name."""
        unit = self.some(self.given[layer])
        key = next(
            key for key in ("division_code", "community_id", "rc_id", "compound_id") if key in unit
        )
        return unit[key] if unit[key] and self.often(0.5) else unit["name"]

    def facilities(self) -> None:
        rows = [self.facility(f"F{number:02d}") for number in range(self.random.randint(5, 25))]
        self.random.shuffle(rows)
        self.given["facilities"] = rows

    def facility(self, key: str) -> Row:
        kind = self.some(self.types)
        row: Row = {
            "facility_id": key,
            "facility_type": kind,
            **dict.fromkeys(("jiedao", "community", "rc", "compound", "serves", "allocations"), ""),
            "point": self.spot(kind),
        }
        row |= self.times()
        self.place(row)
        if kind == "jiedao_elder_center":
            row |= self.centre()
        elif kind == "elder_institution":
            row["beds"] = self.some(["100", "50", "10", "0", ""])
            row["nursing_beds"] = self.some(["53", "52", "10", "0", ""])
        row |= self.rooms(kind)
        row |= self.care(kind)
        row |= self.tenure(row)
        self.spread(row)
        return row

    def spot(self, kind: str) -> str:
        """Mostly inside a division; often on a border or exactly 1 m beyond; sometimes nowhere."""
        if self.often(0.1):
            return "" if self.often(0.6) or not kind.startswith("elder_s") else "90000 90000"
        units = [*self.given.get("compounds", []), *self.given.get("residential_communities", [])]
        if units and self.often(0.6):
            square = self.some(units)["square"]
            if square:
                west, south, _ = (int(part) for part in square.split())
                return f"{west + 20} {south + 20}"
        west = int(self.some(self.given["divisions"])["square"].split()[0])
        across = self.some(
            [0, 1, 2, 50, 51, 49, 450, 499, 500, 501, 502, 200, 300, 470, 650, 700, 999, 1000]
        )
        along = self.some([1, 50, 200, 300, 449, 450, 451, 570, 600, 900])
        return f"{west + across} {along}"

    def times(self) -> Row:
        days = [AS_OF + timedelta(days=each) for each in (-400, -1, 0, 1, 300)]
        status = self.some(
            ["operating"] * 16
            + [
                "trial",
                "suspended",
                "closed",
                "built_idle",
                "under_construction",
                "planned",
                "",
                "",
            ]
        )
        return {
            "status": status,
            "open_date": self.maybe(0.4, str(self.some(days))),
            "close_date": self.maybe(0.5 if status == "closed" else 0.05, str(self.some(days))),
        }

    def place(self, row: Row) -> None:
        """What the row says about where it belongs: at most one level, sometimes a name nobody knows."""
        share = 0.35 if row["point"] else 0.8
        columns = (
            ("jiedao", "divisions"),
            ("compound", "compounds"),
            ("community", "communities"),
            ("rc", "residential_communities"),
        )
        column, layer = self.some(columns)
        if self.given.get(layer) and self.often(share):
            row[column] = self.call(layer) if self.often(0.92) else "查无此处"

    def centre(self) -> Row:
        full = "全托、日托、上门服务、技术支撑"
        functions = self.some([full, full, full, "全托、日托", "上门服务", ""])
        has_communities = "communities" in self.given
        return {
            "functions": functions,
            "full_time_beds": "" if functions else self.some(["", "0", "20"]),
            "day_seats": "" if functions else self.some(["", "0", "10"]),
            "floor_area_m2": self.some(["1200", "50"]),
            "counts_for_community": self.some(["", "是", "否"]) if has_communities else "否",
        }

    def rooms(self, kind: str) -> Row:
        if kind in {
            "jiedao_elder_center",
            "elder_institution",
            "other",
            "infant_care_guidance_center",
        }:
            return {}
        if kind == "shared_complex":
            return self.shared_rooms()
        if kind == "employer_childcare":  # whether its floor is all childcare is left open
            area = self.some([*ROOMS, "200", "180"])
            return {"floor_area_m2": area, "childcare_area_m2": area}
        row: Row = {"floor_area_m2": self.room()}
        if kind == "kindergarten_nursery_class" or self.often(0.1):
            column = "childcare_area_m2" if "child" in kind or "kinder" in kind else "elder_area_m2"
            row[column] = self.some([*ROOMS, "200", "180"])
            if kind == "kindergarten_nursery_class":  # a floor smaller than its part: left open
                row["floor_area_m2"] = self.some(["", "300", "2200"])
        if kind in OUTDOORS and row["floor_area_m2"] in {"150", "300"} and self.often(0.3):
            row["outdoor_area_m2"] = "40"  # beside a dedicated column it is not taken off
        if (
            "elder_area_m2" not in row
            and "childcare_area_m2" not in row
            and row["floor_area_m2"] not in {"", "0", "无"}
        ):
            row["area_kind"] = self.some(["", "", "", "", "gross_floor", "usable", "land"])
        return row

    def room(self) -> str:
        """An area; often to the cent what some compound needs, or a cent beside it."""
        counts = [unit["households"] for unit in self.given.get("compounds", [])]
        needed = [count for count in counts if count.isdigit() and count != "0"]
        if not needed or self.often(0.4):
            return self.some([*ROOMS, *ROOMS, "", "无"])
        hundredths = int(self.some(needed)) * self.some([15, 20]) + self.some([0, 0, 1, -1])
        return f"{hundredths // 100}.{hundredths % 100:02d}"

    def shared_rooms(self) -> Row:
        elder, childcare = self.some(["100", "150", "49.95"]), self.some(["50", "150", "0"])
        return {
            "floor_area_m2": self.some(["300", "300", "300", "", "199"]),
            "elder_area_m2": self.maybe(0.85, elder),
            "childcare_area_m2": self.maybe(0.85, childcare),
            "other_area_m2": self.some(["", "", "0", "60"]),
        }

    def care(self, kind: str) -> Row:
        if "child" not in kind and kind not in {"kindergarten_nursery_class", "shared_complex"}:
            return {}
        return {
            "filed": self.some(["是"] * 6 + ["否", ""]),
            "places": self.some(["0", "1", "9", "10", "19", "20", "35", "60", "100", ""]),
            "open_to_public": self.some(["是", "否", ""]),
        }

    def tenure(self, row: Row) -> Row:
        opened = row["open_date"]
        stands = row["status"] in {"operating", "trial", "built_idle", ""} and opened <= str(AS_OF)
        position = self.some([*[""] * 8, "upper", *BELOW_GROUND]) if stands else ""
        tenure = self.some(
            [
                "",
                "",
                "",
                "owned",
                "handed_over",
                "purchased",
                "swapped",
                "free_use",
                "leased",
                "leased",
            ]
        )
        if not stands or tenure != "leased":
            return {"position": position, "tenure": tenure if stands else ""}
        return {
            "position": position,
            "tenure": tenure,
            "lease_start": self.some(["", "2021-01-01", "2022-06-01", "2023-12-31", "2024-01-01"]),
            "lease_end": self.some(
                [
                    "",
                    "2023-12-30",
                    "2023-12-31",
                    "2024-06-30",
                    "2024-12-31",
                    "2025-05-30",
                    "2025-05-31",
                    "2030-01-01",
                ]
            ),
        }

    def spread(self, row: Row) -> None:
        """Some facilities serve several compounds, or an RC, or have written shares."""
        known = [
            unit
            for unit in self.given.get("compounds", [])
            if unit["households"] not in {"0", "-5", "无"} and not unit["population"]
        ]
        sure = [unit for unit in known if unit["households"]]
        if row["facility_type"] == "jiedao_elder_center" or row["compound"] or not self.often(0.25):
            return
        has_whole = row.get("floor_area_m2") not in {"", "无", None} and not row.get("area_kind")
        if self.often(0.5) and len(sure) > 1:
            served = self.random.sample(sure, self.random.randint(1, min(3, len(sure))))
            silent = [unit for unit in known if not unit["households"]]
            if len(served) > 1 and silent and self.often(0.3) and has_whole:
                served.append(self.some(silent))
            row["serves"] = "、".join(unit[self.some(["compound_id", "name"])] for unit in served)
        elif self.often(0.5) and self.given.get("residential_communities"):
            row["serves"] = self.call("residential_communities")
        elif (
            has_whole
            and len(sure) > 1
            and row["facility_type"] in OUTDOORS
            and "elder_area_m2" not in row
            and "childcare_area_m2" not in row
        ):
            first, second = self.random.sample(sure, 2)
            row["allocations"] = (
                f"{first['compound_id']}:{self.some(['10', '7.5'])};{second['name']}:{self.some(['4.85', '40', '140'])}"
            )


def build_city(seed: int) -> City:
    """The city of a seed."""
    return Builder(seed).build()
