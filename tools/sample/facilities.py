"""The invented facilities: every type, every status, every odd case of the rules at least once.

Areas of the ordinary ones are set so that communities stand at chosen parts of the standard
(one exactly at it); places of the ordinary ones so that the plan's own 1.54 places per 1,000
residents come out at the end of 2021.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import shapely

from sample.people import Area

Row = dict[str, Any]

# Part of the required area that each community has at the end of 2023: elder care, childcare.
LEVELS = {
    "451402001001": (1.12, 0.60),
    "451402001002": (0.86, 0.35),
    "451402002001": (1.00, 1.05),
    "451402002002": (0.55, 0.20),
    "451402002003": (1.30, 0.90),
    "451402002004": (0.80, 0.40),
    "451402003001": (0.40, 0.10),
    "451402003002": (0.95, 0.50),
    "451402003003": (0.70, 0.00),
}
ELDER_MIX = (
    ("老年人日间照料中心", "日间照料中心", "0.45", "2019-05-01", "购置"),
    ("老年服务站", "老年服务站", "0.30", "2020-09-01", "自有"),
    ("嵌入式养老服务机构", "长者照护之家", "0.15", "2021-03-15", "租赁"),
    ("老年助餐点", "老年食堂", "0.10", "2022-06-01", "无偿使用"),
)
PLACES_PER_1000 = Decimal("1.54")
ALL_FUNCTIONS = "全托、日托、上门服务、技术支撑"


class Book:
    """Facility rows in the making, numbered as they come."""

    def __init__(self, compounds: Sequence[Area], random: np.random.Generator) -> None:
        self.rows: list[Row] = []
        self.random = random
        self.compounds = compounds

    def compounds_of(self, unit: str) -> list[Area]:
        """Compounds of a community or residential community."""
        return [each for each in self.compounds if unit in {each.community, each.rc}]

    def add(self, kind: str, name: str, where: shapely.Point | None, **more: Any) -> Row:
        """One facility; ``where`` is in EPSG:4545."""
        row = {
            "设施编号": f"F{len(self.rows) + 1:03d}",
            "设施名称": f"示意{name}",
            "设施类型": kind,
            "运营状态": "运营",
            "point": where,
            **more,
        }
        self.rows.append(row)
        return row

    def spot(self, area: Area) -> shapely.Point:
        """A place well inside an area."""
        inner = area.polygon.buffer(-25)
        west, south, east, north = (area.polygon if inner.is_empty else inner).bounds
        while True:
            x, y = self.random.uniform((west, south), (east, north))
            point = shapely.Point(round(x, 2), round(y, 2))
            if area.polygon.contains(point):
                return point


def list_facilities(
    compounds: Sequence[Area],
    communities: Mapping[str, shapely.Geometry],
    residents: Mapping[str, int],
    required: Mapping[str, Decimal],
    random: np.random.Generator,
) -> list[Row]:
    """All facilities, in the existing ``compounds`` and elsewhere.

    ``required`` is the elder-care (and childcare) area of each community in m².
    """
    book = Book(compounds, random)
    add_centers(book, communities)
    add_institutions(book)
    add_elder_rooms(book, required)
    add_elder_oddities(book, communities)
    add_childcare(book, required, residents, communities)
    add_others(book, communities)
    return book.rows


def inside(area: shapely.Geometry, dx: float = 0.0, dy: float = 0.0) -> shapely.Point:
    """A point in an area, moved a little."""
    at = area.point_on_surface()
    return shapely.Point(round(at.x + dx, 2), round(at.y + dy, 2))


def add_centers(book: Book, at: Mapping[str, shapely.Geometry]) -> None:
    """街道 centres: two of three 街道 covered, 石景林 short of one function until 2024."""
    kind = "街道综合性养老服务中心"
    book.add(kind, "太平街道综合养老服务中心", inside(at["451402001001"]), 街道="太平街道办事处",
             投入使用时间="2019-10-01", 服务功能=ALL_FUNCTIONS, 全托床位=60, 日托床位=40,
             **{"建筑面积(㎡)": "2150", "产权性质": "自有"})  # fmt: skip
    book.add(kind, "太平街道第二养老服务中心", inside(at["451402001002"]), 街道="太平街道",
             投入使用时间="2023-06-01", 运营状态="试运行", 服务功能=ALL_FUNCTIONS, 全托床位=30,
             日托床位=20, **{"建筑面积(㎡)": "1080", "产权性质": "租赁", "租赁起始日期": "2023-05-01",
                         "租赁到期": "2028-04-30"})  # fmt: skip
    book.add(kind, "江南街道综合养老服务中心", inside(at["451402002003"]), 街道="江州区江南街道",
             投入使用时间="2020年12月", 服务功能=ALL_FUNCTIONS, 全托床位=45, 日托床位=30,
             是否计入社区="是", **{"建筑面积(㎡)": "1,420", "养老面积(㎡)": "260", "产权性质": "划拨"})  # fmt: skip
    # Declared in 石景林, standing across the border in 江南; no technical support.
    book.add(kind, "石景林街道养老服务中心", inside(at["451402002004"]), 街道="石景林街道",
             投入使用时间="2021-04-01", 服务功能="全托,日托,上门服务", 全托床位=24, 日托床位=20,
             **{"建筑面积(㎡)": "960", "产权性质": "租赁", "租赁起始日期": "2021-01-01",
                "租赁到期": "2025-12-31"})  # fmt: skip
    book.add(kind, "石景林街道综合养老服务中心（新址）", inside(at["451402003003"]), 街道="石景林街道",
             运营状态="在建", 投入使用时间="2024-06-30", 服务功能=ALL_FUNCTIONS, 全托床位=80,
             日托床位=50, **{"建筑面积(㎡)": "2600", "产权性质": "自有"})  # fmt: skip
    book.add(kind, "新和镇养老服务中心", inside(at["451402101001"]), 街道="新和镇",
             投入使用时间="2018-01-01", 服务功能=ALL_FUNCTIONS, 全托床位=40, 日托床位=10,
             **{"建筑面积(㎡)": "1500"})  # fmt: skip


def add_institutions(book: Book) -> None:
    """养老机构: 46.00 % nursing beds at the end of 2021, 52.95 % at the end of 2023."""
    spots = [book.compounds_of(rc)[-1] for rc in ("R001103", "R002102", "R003103", "R002203")]
    for index, (name, opened, beds, nursing, more) in enumerate(
        (
            ("江州区社会福利院", "2008-01-01", 600, 270, {}),
            ("太平养护院", "2015-07-01", 400, 190, {}),
            ("江南老年公寓", "2018-03-01", 200, 92, {}),
            ("市社会福利院新院", "2022-09-01", 800, 507, {}),
            ("旧城敬老院", "1998-01-01", 80, 10, {"运营状态": "关停", "停业时间": "2021-06-30"}),
            ("龙腾养老院", "2024-03-01", 150, 100, {"运营状态": "在建"}),
        )
    ):
        book.add("养老机构", name, book.spot(spots[index % 4]), 投入使用时间=opened, 床位数=beds,
                 护理型床位=nursing, **{"建筑面积(㎡)": str(beds * 32), **more})  # fmt: skip


def add_elder_rooms(book: Book, required: Mapping[str, Decimal]) -> None:
    """Four ordinary facilities a community that together reach its level."""
    for community, (elder, _) in LEVELS.items():
        wanted = required[community] * Decimal(str(elder))
        compounds = book.compounds_of(community)
        left = wanted
        for index, (kind, name, part, opened, tenure) in enumerate(ELDER_MIX):
            last = index == len(ELDER_MIX) - 1
            size = left if last else (wanted * Decimal(part)).quantize(Decimal(1))
            left -= size
            home = compounds[(index * 3 + 1) % len(compounds)]
            lease = (
                {"租赁起始日期": "2021-03-01", "租赁到期": "2026-02-28"} if tenure == "租赁" else {}
            )
            book.add(kind, f"{home.name.removeprefix('示意')}{name}", book.spot(home),
                     投入使用时间=opened, **{"建筑面积(㎡)": f"{size.quantize(Decimal('0.01')):f}",
                                       "产权性质": tenure, "小区": home.name if index == 1 else "",
                                       **lease})  # fmt: skip


def add_elder_oddities(book: Book, at: Mapping[str, shapely.Geometry]) -> None:
    """Rooms that do not count, count later, or count with a remark."""
    here = book.compounds_of("451402002003")  # a community that has enough without them
    unsure = book.compounds_of("451402002004")  # a community whose households are not all known
    short = book.compounds_of("451402003001")
    station, day_care = "老年服务站", "老年人日间照料中心"
    book.add(station, "已到期租房服务站", book.spot(short[0]), 投入使用时间="2018-01-01",
             **{"建筑面积(㎡)": "220", "产权性质": "租赁", "租赁起始日期": "2018-01-01", "租赁到期": "2022-12-31"})  # fmt: skip
    book.add(station, "即将到期租房服务站", book.spot(short[1]), 投入使用时间="2021-07-01",
             **{"建筑面积(㎡)": "60", "产权性质": "租赁", "租赁起始日期": "2021-07-01", "租赁到期": "2024-06-30"})  # fmt: skip
    book.add(station, "租期不明服务站", book.spot(short[2]), 投入使用时间="2020-01-01",
             **{"建筑面积(㎡)": "45", "产权性质": "租赁"})  # fmt: skip
    book.add(day_care, "在建日间照料中心", book.spot(short[3]), 运营状态="在建",
             投入使用时间="2024-10-01", **{"建筑面积(㎡)": "380", "产权性质": "购置"})  # fmt: skip
    book.add(day_care, "规划日间照料中心", book.spot(short[4]), 运营状态="规划",
             **{"建筑面积(㎡)": "350"})  # fmt: skip
    book.add(station, "闲置服务站", book.spot(short[5]), 运营状态="已建成未运营",
             **{"建筑面积(㎡)": "75", "产权性质": "移交"})  # fmt: skip
    book.add(station, "地下室活动站", book.spot(here[0]), 投入使用时间="2017-01-01",
             所在楼层="地下室", **{"建筑面积(㎡)": "130", "产权性质": "自有"})  # fmt: skip
    book.add(station, "只报使用面积的服务站", book.spot(here[1]), 投入使用时间="2019-01-01",
             面积口径="使用面积", **{"建筑面积(㎡)": "90"})  # fmt: skip
    book.add(station, "未报面积的服务站", book.spot(unsure[0]), 投入使用时间="2019-01-01")
    book.add(station, "只报用地面积的服务站", book.spot(unsure[3]), 投入使用时间="2019-06-01",
             面积口径="用地面积", **{"建筑面积(㎡)": "400"})  # fmt: skip
    book.add(day_care, "带活动场地的照料中心", book.spot(here[2]), 投入使用时间="2020-05-01",
             室外活动场地面积=40, **{"建筑面积(㎡)": "150", "产权性质": "自有"})  # fmt: skip
    served = [each.name for each in short[:2]]
    book.add(station, "两小区共用服务站", book.spot(short[0]), 投入使用时间="2020-02-01",
             服务范围="、".join(served), **{"建筑面积(㎡)": "64.40", "产权性质": "自有"})  # fmt: skip
    split = f"{here[3].id}:50;{here[4].id}:30"
    book.add(station, "按协议分摊的服务站", book.spot(here[3]), 投入使用时间="2020-02-01",
             面积分摊=split, **{"建筑面积(㎡)": "90", "产权性质": "自有"})  # fmt: skip
    border = at["451402002001"].intersection(at["451402002003"])
    on_border = border.interpolate(0.5, normalized=True)
    book.add(station, "边界上的服务站", on_border, 投入使用时间="2021-01-01",
             **{"建筑面积(㎡)": "0"})  # fmt: skip
    book.add(station, "暂停的服务站", book.spot(here[5]), 运营状态="停业",
             投入使用时间="2016-01-01", **{"建筑面积(㎡)": "110"})  # fmt: skip
    book.add(station, "状态空白的服务站", book.spot(here[6]), 运营状态="",
             投入使用时间="2021-08-01", **{"建筑面积(㎡)": "36", "产权性质": "自有"})  # fmt: skip
    book.add(station, "状态不详的服务站", book.spot(unsure[1]), 运营状态="不详",
             **{"建筑面积(㎡)": "58"})  # fmt: skip
    book.add(station, "名称写错小区的服务站", book.spot(unsure[2]), 小区="示意并不存在的小区",
             投入使用时间="2020-03-01", **{"建筑面积(㎡)": "48", "产权性质": "自有"})  # fmt: skip
    book.add("老年助餐点", "村级助餐点", inside(at["451402001202"]), 投入使用时间="2021-09-01",
             **{"建筑面积(㎡)": "60"})  # fmt: skip


def add_childcare(
    book: Book,
    required: Mapping[str, Decimal],
    residents: Mapping[str, int],
    at: Mapping[str, shapely.Geometry],
) -> None:
    """Childcare: three of the ten communities in range covered in 2021, five in 2023."""
    area = {
        community: (required[community] * Decimal(str(part))).quantize(Decimal("0.01"))
        for community, (_, part) in LEVELS.items()
    }
    institution, nursery = "托育机构", "幼儿园托班"
    filed = {"是否备案": "是"}

    def at_rc(rc: str, which: int = 0) -> shapely.Point:
        return book.spot(book.compounds_of(rc)[which])

    first = [
        book.add(
            institution,
            "壶兴托育园",
            at_rc("R001101"),
            投入使用时间="2020-09-01",
            托位数=60,
            普惠托位=40,
            在托人数=52,
            **filed,
            **{"建筑面积(㎡)": f"{area['451402001001']:f}", "产权性质": "购置"},
        ),
        book.add(
            nursery,
            "城西幼儿园托班",
            at_rc("R002101"),
            投入使用时间="2019-09-01",
            托位数=40,
            **filed,
            **{"建筑面积(㎡)": "3200", "托育面积(㎡)": f"{area['451402002001']:f}"},
        ),
        book.add(
            "养老托育综合体",
            "新民一老一小综合体",
            at_rc("R002301"),
            投入使用时间="2021-05-01",
            托位数=45,
            **filed,
            **{
                "建筑面积(㎡)": "900",
                "养老面积(㎡)": "180",
                "托育面积(㎡)": "420",
                "其他面积": "200",
                "产权性质": "自有",
            },
        ),
        book.add(
            nursery,
            "壶兴幼儿园托班（未单列面积）",
            at_rc("R001102"),
            投入使用时间="2018-03-01",
            托位数=80,
            **filed,
            **{"建筑面积(㎡)": "2600"},
        ),
        book.add(
            "家庭托育点",
            "木棉家庭托育点",
            at_rc("R003302"),
            投入使用时间="2021-06-01",
            托位数=5,
            **filed,
            **{"建筑面积(㎡)": "90"},
        ),
        book.add(
            "用人单位托育",
            "糖厂职工托育点",
            at_rc("R002302", 1),
            投入使用时间="2020-01-01",
            托位数=30,
            **filed,
            是否对外开放="否",
            **{"建筑面积(㎡)": "240"},
        ),
    ]
    wanted = places_for(sum(residents[key] for key in ("451402001", "451402002", "451402003")))
    book.add(institution, "新民托育中心", at_rc("R002302"), 投入使用时间="2019-03-01",
             托位数=wanted - sum(row["托位数"] for row in first), **filed,
             **{"建筑面积(㎡)": f"{area['451402002003'] - 490:f}", "产权性质": "租赁",
                "租赁起始日期": "2019-03-01", "租赁到期": "2029-02-28"})  # fmt: skip
    outside = places_for(sum(residents[key] for key in ("451402101", "451402102", "451402402")))
    book.add(nursery, "新和镇中心幼儿园托班", inside(at["451402101001"], 60, 40), 投入使用时间="2018-09-01",
             托位数=50, **filed, **{"建筑面积(㎡)": "2800"})  # fmt: skip
    book.add(nursery, "濑湍镇中心幼儿园托班", inside(at["451402102001"], 60, 40), 投入使用时间="2018-09-01",
             托位数=outside - 50, **filed, **{"建筑面积(㎡)": "2600"})  # fmt: skip
    # After 2021.
    book.add(institution, "中山普惠托育园", at_rc("R001201"), 投入使用时间="2022-09-01", 托位数=90,
             服务范围="R001201、R001202", **filed,
             **{"建筑面积(㎡)": f"{area['451402001002']:f}", "产权性质": "置换"})  # fmt: skip
    book.add(institution, "友谊托育中心", at_rc("R003201"), 投入使用时间="2023-03-01", 托位数=70,
             **filed, **{"建筑面积(㎡)": f"{area['451402003002']:f}", "产权性质": "租赁",
                         "租赁起始日期": "2023-01-01", "租赁到期": "2024-12-31"})  # fmt: skip
    book.add(nursery, "丽金幼儿园托班", at_rc("R003102"), 投入使用时间="2022-09-01", 托位数=40,
             **filed, **{"建筑面积(㎡)": "2900", "托育面积(㎡)": f"{area['451402003001']:f}"})  # fmt: skip
    book.add(institution, "沿山社区托育点", at_rc("R002202"), 投入使用时间="2023-05-01", 托位数=25,
             **{"建筑面积(㎡)": f"{area['451402002002']:f}", "产权性质": "无偿使用"})  # fmt: skip
    book.add(nursery, "中渡幼儿园托班", at_rc("R002402"), 投入使用时间="2023-09-01", 托位数=20,
             **filed, **{"建筑面积(㎡)": "2400", "托育面积(㎡)": f"{area['451402002004']:f}"})  # fmt: skip
    # In range and still not covered, each for another reason.
    book.add(institution, "已停业托育园", at_rc("R001104"), 投入使用时间="2019-01-01", 运营状态="停业",
             托位数=50, **filed, **{"建筑面积(㎡)": "300"})  # fmt: skip
    book.add(institution, "沿山托育园（在建）", at_rc("R002201"), 投入使用时间="2024-05-01", 运营状态="在建",
             托位数=60, **{"建筑面积(㎡)": "420", "产权性质": "购置"})  # fmt: skip
    book.add(institution, "未备案托育点", at_rc("R003101"), 投入使用时间="2022-02-01", 托位数=18,
             是否备案="否", **{"建筑面积(㎡)": "0"})  # fmt: skip
    book.add(institution, "未报托位的托育点", at_rc("R002401"), 投入使用时间="2022-02-01", 在托人数=30,
             **filed, **{"建筑面积(㎡)": "0"})  # fmt: skip
    book.add("用人单位托育", "医院职工托育点", at_rc("R003301"), 投入使用时间="2022-01-01", 托位数=20,
             **filed, **{"建筑面积(㎡)": "160"})  # fmt: skip
    book.add("家庭托育点", "未备案家庭托育点", at_rc("R003303"), 投入使用时间="2022-05-01", 托位数=5,
             **{"建筑面积(㎡)": "80"})  # fmt: skip


def places_for(residents: int) -> int:
    """Places that make 1.54 for every 1,000 residents."""
    return int((PLACES_PER_1000 * residents / 1000).to_integral_value())


def add_others(book: Book, at: Mapping[str, shapely.Geometry]) -> None:
    """Shared buildings, the guidance centre, and what counts for nothing."""
    shared = "养老托育综合体"
    spot = book.compounds_of
    book.add(shared, "友谊社区综合服务站（未分列）", book.spot(spot("R002403")[0]),
             投入使用时间="2022-11-01", **{"建筑面积(㎡)": "520"})  # fmt: skip
    book.add(shared, "中渡综合体（面积超分）", book.spot(spot("R002402")[1]), 投入使用时间="2021-11-01",
             **{"建筑面积(㎡)": "300", "养老面积(㎡)": "200", "托育面积(㎡)": "150"})  # fmt: skip
    book.add(shared, "龙腾党群服务中心养老站", book.spot(spot("R003304")[0]), 投入使用时间="2021-02-01",
             **{"建筑面积(㎡)": "800", "养老面积(㎡)": "60", "托育面积(㎡)": "0"})  # fmt: skip
    book.add(shared, "规划中的一老一小中心", inside(at["451402003003"], 300, 120), 运营状态="拟建",
             **{"建筑面积(㎡)": "1200", "养老面积(㎡)": "500", "托育面积(㎡)": "500"})  # fmt: skip
    book.add("婴幼儿照护服务指导中心", "江州区婴幼儿照护服务指导中心", inside(at["451402002003"], -180, 90),
             投入使用时间="2022-07-01", **{"建筑面积(㎡)": "650"})  # fmt: skip
    book.add("其他", "社区图书室", book.spot(spot("R003305")[0]), 投入使用时间="2015-01-01",
             **{"建筑面积(㎡)": "120"})  # fmt: skip
