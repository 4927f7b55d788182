"""Names, codes and classes (real) and how many people live where (invented but adding up).

Belongs here: tables. Does not belong here: geometry.
"""

from __future__ import annotations

from dataclasses import dataclass

COUNTY = "江州区"

# 江州区, 2020 census: shares of residents (the last is those under one year and half of those aged
# 1 to 4) and persons a household.
SHARE_60PLUS, SHARE_65PLUS, SHARE_UNDER3 = 0.1278, 0.0928, 0.0330
PERSONS_PER_HOUSEHOLD = 2.79


@dataclass(frozen=True, slots=True)
class Division:
    """街道 or 镇."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Community:
    """社区 or 村: where its seat is on the plan, and how many people live outside its compounds."""

    code: str
    name: str
    urban_class: str
    seat: tuple[float, float] | None = None
    villagers: int = 0


DIVISIONS = (
    Division("451402001", "太平街道", "街道"),
    Division("451402002", "江南街道", "街道"),
    Division("451402003", "石景林街道", "街道"),
    Division("451402101", "新和镇", "镇"),
    Division("451402102", "濑湍镇", "镇"),
    Division("451402402", "中泰产业园", "园区"),
)

# Urban communities have no seat: they are cut by main streets (see SUPERBLOCKS).
COMMUNITIES = (
    Community("451402001001", "壶兴社区", "111"),
    Community("451402001002", "中山社区", "111"),
    Community("451402001201", "卜寨村", "112", (-700, 2750), 1120),
    Community("451402001202", "公益村", "112", (-2450, 1950), 2210),
    Community("451402001203", "盆峒村", "220", (-3750, 2150), 1370),
    Community("451402001204", "宜村", "220", (-2150, 3250), 1980),
    Community("451402001205", "驮逐村", "220", (-400, 3850), 1240),
    Community("451402001206", "乙古村", "220", (1500, 3550), 1530),
    Community("451402001207", "古坡村", "220", (4200, 1450), 1410),
    Community("451402001208", "马安村", "112", (1500, 2500), 1890),
    Community("451402001209", "孔甲村", "220", (3050, 2550), 1160),
    Community("451402002001", "城西社区", "111"),
    Community("451402002002", "沿山社区", "111"),
    Community("451402002003", "新民社区", "111"),
    Community("451402002004", "中渡社区", "112"),
    Community("451402002201", "渠显村", "220", (-4100, -250), 1720),
    Community("451402002202", "大村", "112", (-3700, -2400), 1460),
    Community("451402002203", "长期村", "220", (-1400, -4350), 1330),
    Community("451402003002", "丽金社区", "111"),
    Community("451402003003", "友谊社区", "112"),
    Community("451402003004", "龙腾社区", "111"),
    Community("451402003201", "卜利村", "112", (3900, -2600), 2380),
    Community("451402101001", "新和社区", "121", (-5770, 3570), 5210),
    Community("451402101201", "那颜村", "220", (-4580, 3370), 2870),
    Community("451402101202", "新村", "220", (-5500, 2580), 3160),
    Community("451402101203", "卜花村", "220", (-6620, 2580), 2540),
    Community("451402101204", "庆合村", "220", (-7020, 3640), 2690),
    Community("451402101205", "通康村", "220", (-6560, 4630), 2330),
    Community("451402101206", "作字村", "220", (-5500, 5020), 2780),
    Community("451402101207", "兰山村", "220", (-4710, 4360), 3020),
    Community("451402101208", "岜岩村", "220", (-6100, 5620), 1950),
    Community("451402102001", "濑湍社区", "121", (6900, -210), 6140),
    Community("451402102201", "旧街村", "122", (6280, -760), 2980),
    Community("451402102202", "岜羊村", "220", (5860, 1040), 2160),
    Community("451402102203", "六京村", "220", (6620, 1310), 2420),
    Community("451402102204", "板兰村", "220", (7590, 1590), 1870),
    Community("451402102205", "陇丰村", "220", (8140, 900), 2050),
    Community("451402102206", "全凤村", "220", (8560, 140), 1690),
    Community("451402102207", "渠凹村", "220", (8070, -620), 1920),
    Community("451402102208", "仁良村", "220", (7450, -1310), 2240),
    Community("451402102209", "九岸村", "220", (6620, -1660), 2310),
    Community("451402102210", "叫城村", "220", (5660, -1170), 2070),
    Community("451402402001", "中泰产业园生活区（示意）", "123", (2500, -5700), 860),
)


@dataclass(frozen=True, slots=True)
class Superblock:
    """Land between main streets, with the residents of its residential communities in order."""

    community: str
    inside: tuple[float, float]
    residents: tuple[int, ...]


SUPERBLOCKS = (
    Superblock("壶兴社区", (-900, -600), (8460, 2380, 1180, 5000)),
    Superblock("壶兴社区", (600, -600), (4999, 1620, 12000)),
    Superblock("中山社区", (-1300, 900), (2240, 25060)),
    Superblock("中山社区", (600, 1000), (9120, 3480, 7350, 1510)),
    Superblock("中渡社区", (-2400, -50), (2860,)),
    Superblock("中渡社区", (-2000, -1300), (10150,)),
    Superblock("城西社区", (-2500, -1900), (3150, 6240, 1730)),
    Superblock("新民社区", (-900, -2200), (3690, 8875, 2090, 1340)),
    Superblock("沿山社区", (-900, -3100), (12001, 4170, 2760)),
    Superblock("龙腾社区", (2300, 300), (3320,)),
    Superblock("龙腾社区", (2700, -1600), (13460, 1900, 4420)),
    Superblock("丽金社区", (1900, -1000), (14320, 2410)),
    Superblock("丽金社区", (700, -2200), (4630, 7790)),
    Superblock("友谊社区", (1100, -3100), (2950, 5630, 3880)),
)

ORDINALS = ("第一", "第二", "第三", "第四", "第五", "第六", "第七")


@dataclass(frozen=True, slots=True)
class Settlement:
    """A residential community beside the seat of a village or town, outside the main streets."""

    name: str
    community: str
    residents: tuple[int, ...]  # of its compounds
    offset: tuple[float, float]  # of its corner from the seat, metres


SETTLEMENTS = (
    Settlement("卜寨居住社区（示意）", "卜寨村", (640, 410), (70, -330)),
    Settlement("大村居住社区（示意）", "大村", (720, 530), (60, 60)),
    Settlement("新和镇区居住社区（示意）", "新和社区", (980, 760), (-560, -330)),
    Settlement("驮逐居住社区（示意）", "驮逐村", (430,), (60, -300)),
)
COMPOUND_NAMES = [
    "临江", "金桂", "木棉", "榕荫", "花山", "壶城", "丽江", "归龙", "石林", "弄岗", "团城", "斜塔", "龙峡", "青云", "沿山",
    "桃源", "江畔", "城北", "凤凰", "白鹭", "银杏", "蔗香", "紫荆", "春晖", "和顺", "新风", "东盟", "骆越", "山水", "月湖",
]  # fmt: skip
COMPOUND_ENDINGS = ["花园", "小区", "苑", "家园", "新村", "佳园", "公寓", "宿舍区", "里"]
