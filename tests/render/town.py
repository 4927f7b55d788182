"""A small town judged in code, with something of everything a renderer must show.

Three 街道 (one with a whole centre, one whose centre lacks functions, one with none) and a town,
communities and residential communities of every size class, compounds that pass, fail and cannot
be judged, shared, leased, idle and future facilities, projects with every verdict, and names that
a spreadsheet or a page would run if they were let through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import shapely

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.errors import Remark
from geoplan.layers.model import (
    Community,
    Compound,
    Division,
    Facility,
    Layer,
    Layers,
    Phase,
    Premises,
    Project,
    Reported,
    ResidentialCommunity,
)
from geoplan.terms import Words
from tests.assess.build import DAY, layer, square, standard

EAST, NORTH = 433_000.0, 2_478_000.0
NASTY = (
    '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1＋1", "＠x", " =2",
    "</script><b>&\"'", '换\n行,"引号"',
)  # fmt: skip


def box(x: float, y: float, size: float) -> shapely.Polygon:
    return square(EAST + x, NORTH + y, size)


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


DIVISIONS = layer(
    [
        Division(1, "451402001", "太平街道", "jiedao", "江州区", Decimal(41000)),
        Division(2, "451402002", "江南街道", "jiedao", "江州区", Decimal(38000)),
        Division(3, "451402003", "石景林街道", "jiedao", "江州区", Decimal(35000)),
        Division(4, "451402100", "新和镇", "town", "江州区", Decimal(21000)),
    ],
    [box(0, 0, 1000), box(1000, 0, 1000), box(2000, 0, 1000), box(0, 1000, 1000)],
)
COMMUNITIES = layer(
    [
        Community(1, "451402001001", "壶兴社区", urban_class="111"),
        Community(2, "451402002001", "城西社区", urban_class="111"),
        Community(3, "451402003001", "丽金社区", urban_class="112"),
        Community(4, "451402100200", "新和村", urban_class="220"),
    ],
    [box(0, 0, 1000), box(1000, 0, 1000), box(2000, 0, 1000), box(0, 1000, 1000)],
)
RCS = layer(
    [
        ResidentialCommunity(1, "R1", "壶兴一区", population=Decimal(5000)),
        ResidentialCommunity(2, "R2", "城西一区", population=Decimal(8000)),
        ResidentialCommunity(3, "R3", "丽金一区", population=Decimal(12001)),
        ResidentialCommunity(4, "R4", "丽金二区"),
        ResidentialCommunity(5, "R5", "壶兴二区", population=Decimal(4000)),
    ],
    [box(0, 0, 500), box(1000, 0, 900), box(2000, 0, 500), box(2500, 0, 400), box(500, 0, 500)],
)
COMPOUNDS = layer(
    [
        Compound(1, "X1", "阳光小区", households=Decimal(333), population=Decimal(955)),
        Compound(2, "X2", NASTY[0], households=Decimal(1000), population=Decimal(2900)),
        Compound(3, "X3", "丽金苑", households=None, population=Decimal(2870)),
        Compound(4, "X4", "江景苑", households=Decimal(800), stock="new"),
        Compound(5, "X5", "新和新村", households=Decimal(200)),
        Compound(6, "X6", NASTY[9], households=None),
    ],
    [box(100, 100, 100), box(1100, 100, 100), box(2100, 100, 100), box(1300, 100, 100),
     box(100, 1100, 100), box(2600, 100, 100)],
)  # fmt: skip
FUNCTIONS = frozenset({"full_time_care", "day_care", "home_visit", "technical_support"})
_OPEN: Mapping[str, Any] = {"status": "operating", "open_date": date(2020, 5, 1)}
FACILITIES = layer(
    [
        Facility(2, "F1", "jiedao_elder_center", "太平中心", functions=FUNCTIONS, beds=Decimal(60), floor_area_m2=Decimal(1200), **_OPEN),
        Facility(3, "F2", "jiedao_elder_center", NASTY[3], functions=FUNCTIONS - {"technical_support"}, **_OPEN),
        Facility(4, "F3", "elder_day_care_center", "阳光照料中心", floor_area_m2=Decimal("49.94"), **_OPEN),
        Facility(5, "F4", "childcare_institution", "城西托育园", places=Decimal(60), filed=True, floor_area_m2=Decimal(150), **_OPEN),
        Facility(6, "F5", "elder_service_station", "城西服务站", floor_area_m2=Decimal(100), tenure="leased", lease_start=date(2020, 1, 1), lease_end=date(2023, 6, 30), **_OPEN),
        Facility(7, "F6", "elder_day_care_center", "城西在建中心", status="under_construction", floor_area_m2=Decimal(60)),
        Facility(8, "F7", "shared_complex", "丽金综合体", floor_area_m2=Decimal(300), **_OPEN),
        Facility(9, "F8", "elder_institution", "崇左养老院", beds=Decimal(200), nursing_beds=Decimal(106), **_OPEN),
        Facility(10, "F9", "elder_meal_point", NASTY[10], status="built_idle", floor_area_m2=Decimal("33.333")),
    ],
    [point(150, 150), point(1500, 500), point(150, 160), point(1150, 150), point(1160, 150),
     point(1170, 150), point(2150, 150), None, point(1320, 120)],
)  # fmt: skip
_DONE: Mapping[str, Any] = {
    "developer": "崇左开发公司",
    "county": "江州区",
    "planned_households": Decimal(800),
    "land_grant_date": date(2022, 3, 1),
    "land_clause": True,
    "works_permit_no": "建字第1号",
    "works_permit_date": date(2022, 5, 1),
    "permit_elder_m2": Decimal(120),
    "permit_childcare_m2": Decimal(120),
    "construction_permit_no": "施字第1号",
    "housing_start_date": date(2022, 7, 1),
    "facility_start_date": date(2022, 7, 1),
    "facility_phase": "1",
    "completion_check_date": date(2023, 4, 1),
    "measured_elder_m2": Decimal(120),
    "measured_childcare_m2": Decimal(120),
    "housing_acceptance_date": date(2023, 5, 10),
    "facility_acceptance_date": date(2023, 5, 10),
    "civil_affairs_opinion": True,
    "health_opinion": True,
    "housing_delivery_date": date(2023, 6, 30),
    "facility_handover_date": date(2023, 5, 20),
    "receiver": "江州区民政局",
    "handed_elder_m2": Decimal(120),
    "handed_childcare_m2": Decimal(120),
}
_P1 = Project(2, "P1", "滨江花园", **_DONE)
PROJECTS = layer(
    [
        _P1,
        replace(_P1, row=3, id="P2", name=NASTY[1], permit_childcare_m2=Decimal(110),
                measured_childcare_m2=Decimal(110), handed_childcare_m2=Decimal(110)),
        replace(_P1, row=4, id="P3", name="未批项目", housing_acceptance_date=None,
                facility_acceptance_date=None, housing_delivery_date=None,
                facility_handover_date=None, completion_check_date=None,
                measured_elder_m2=None, measured_childcare_m2=None,
                housing_start_date=None, facility_start_date=None),
        replace(_P1, row=5, id="P4", name="缺意见项目", health_opinion=None, note=NASTY[2]),
    ],
    [point(1600, 600), point(600, 600), None, point(2600, 600)],
)  # fmt: skip
PHASES = layer([Phase(2, "P1", "1", Decimal(500)), Phase(3, "P1", "2", Decimal(300))])
PREMISES = layer(
    [
        Premises(2, "V1", "旧厂房", floor_area_m2=Decimal(400), modes=("lease", "free")),
        Premises(
            3, "V2", NASTY[4], floor_area_m2=Decimal(90), modes=("buy",), community="壶兴社区"
        ),
    ],
    [point(1200, 200), None],
)
REPORTED = layer(
    [Reported(2, "elder_staff_trained", date(2023, 11, 30), Decimal("0.295"), "万人次", NASTY[0])]
)
REMARK = Remark("ON_BOUNDARY", Words("位于边界上", "on a border"), "facilities", (4, 7), ("F3",))


def town_layers(**changed: Layer[Any] | None) -> Layers:
    given: dict[str, Any] = {
        "divisions": DIVISIONS,
        "communities": COMMUNITIES,
        "residential_communities": RCS,
        "compounds": COMPOUNDS,
        "facilities": FACILITIES,
        "projects": PROJECTS,
        "phases": PHASES,
        "premises": PREMISES,
        "reported": REPORTED,
    } | changed
    sources = tuple(
        replace(each.source, layer=name, path=f"data/{name}.csv", sha256="0" * 64)
        for name, each in given.items()
        if each is not None
    )
    return Layers("EPSG:4545", **given, sources=sources, remarks=(REMARK,))


def town(*, policy: str = "chongzuo-2021-2023", day: date = DAY, **overrides: object) -> Assessment:
    """The town as judged by a shipped policy on a day."""
    rules = standard(day=day, policy=policy, **overrides)
    return assess(town_layers(), rules, study="崇左市（示意数据）")
