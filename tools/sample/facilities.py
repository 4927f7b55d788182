"""The invented facilities: every type and status, every odd case of the rules at least once.

Belongs here: one line a facility, by hand, with what it is there for. Areas are set so that at the
end of 2023 城西 has exactly what the standard asks and 沿山 0.01 m² less; places so that the end of
2021 gives the plan's 1.54 places per 1,000 residents. ``at`` is a compound, the seat of a village,
two units whose common border it stands on, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

Row = dict[str, str]

CENTER, INSTITUTION = "街道综合性养老服务中心", "养老机构"
DAY, STATION, EMBEDDED, MEALS = "日间照料中心", "老年服务站", "嵌入式养老服务机构", "老年食堂"
NURSERY, CLASS, EMPLOYER, HOME = "托育机构", "幼儿园托班", "用人单位托育", "家庭托育点"
SHARED = "养老托育综合体"
ALL_FOUR = "全托、日托、上门服务、技术支撑"


def list_facilities() -> list[Row]:
    """All facilities, numbered in their order. ``declared = "no"`` leaves 街道 and 社区 blank."""
    rows = [
        *_centers(),
        *_institutions(),
        *_elder_rooms_north(),
        *_elder_rooms_south(),
        *_elder_rooms_elsewhere(),
        *_childcare_of_2021(),
        *_childcare_since(),
        *_shared_and_others(),
    ]
    for number, row in enumerate(rows, 1):
        row["facility_id"] = f"F{number:03}"
    return rows


def _row(kind: str, name: str, at: str, opened: str = "", area: str = "", **more: str) -> Row:
    return {
        "facility_type": kind,
        "name": f"{name}（示意）",
        "at": at,
        "status": "运营",
        "open_date": opened,
        "floor_area_m2": area,
        **more,
    }


def _leased(start: str, end: str) -> Row:
    return {"tenure": "租赁", "lease_start": start, "lease_end": end}


# fmt: off
def _centers() -> Iterator[Row]:
    """Two of the three 街道 have a centre with all four functions, 石景林 not before March 2024."""
    yield _row(CENTER, "太平街道综合养老服务中心", "X003", "2019-10-01", "2150", jiedao="太平街道办事处",
               functions=ALL_FOUR, full_time_beds="60", day_seats="40", tenure="自有")
    # Declared in 太平, standing across the river in 江南.
    yield _row(CENTER, "太平街道第二养老服务中心", "X084", "2023-06-01", "1080", status="试运行",
               jiedao="太平街道", community="", functions=ALL_FOUR, full_time_beds="30", day_seats="20",
               **_leased("2023-05-01", "2028-04-30"))
    # No list of functions: beds and seats tell of two.
    yield _row(CENTER, "中山养老服务分中心", "X060", "2021-11-01", "640", full_time_beds="12",
               day_seats="16", tenure="自有")
    yield _row(CENTER, "江南街道综合养老服务中心", "X096", "2020年12月", "1,420", jiedao="江州区江南街道",
               functions="全托,日托,上门服务,技术支撑", full_time_beds="45", day_seats="30", tenure="划拨")
    yield _row(CENTER, "江南街道老年服务中心旧址", "X078", "2012-03-01", "700", status="关停",
               close_date="2022-05-01", functions=ALL_FOUR, full_time_beds="20", day_seats="10")
    yield _row(CENTER, "石景林街道养老服务中心", "X142", "2021-04-01", "960", functions="全托、日托、上门服务",
               full_time_beds="24", day_seats="20", elder_area_m2="100", counts_for_community="是",
               **_leased("2021-01-01", "2025-12-31"))
    # With the one before it, all four functions in union.
    yield _row(CENTER, "石景林街道居家养老指导站", "X109", "2022-06-01", "180",
               functions="居家上门、对下指导", tenure="自有")
    yield _row(CENTER, "石景林街道综合养老服务中心新址", "X129", "2024-03-01", "2600",
               functions=ALL_FOUR, full_time_beds="80", day_seats="50", tenure="自有")
    yield _row(CENTER, "新和镇养老服务中心", "X155", "2018-01-01", "1500", functions=ALL_FOUR,
               full_time_beds="40", day_seats="10", tenure="自有")


def _institutions() -> Iterator[Row]:
    """Nursing beds: 552 of 1,200 at the end of 2021, 1,059 of 2,000 at the end of 2023."""
    for name, at, opened, beds, nursing, more in (
        ("市社会福利院", "X013", "2008-01-01", "600", "270", {}),
        ("太平养护院", "X044", "2015-07-01", "400", "190", {}),
        ("江南老年公寓", "X077", "2018-03-01", "200", "92", {}),
        ("市社会福利院新院", "X145", "2022-09-01", "800", "507", {}),
        ("旧城敬老院", "X009", "1998-01-01", "80", "10", {"status": "关停", "close_date": "2021-06-30"}),
        ("马安护理院", "马安村", "2022-05-01", "60", "66", {}),
        ("城西颐养院", "X068", "2023-01-15", "", "", {}),
    ):
        area = str(int(beds) * 32) if beds else "1900"
        yield _row(INSTITUTION, name, at, opened, area, beds=beds, nursing_beds=nursing, tenure="自有", **more)


def _elder_rooms_north() -> Iterator[Row]:
    """壶兴 has enough, whatever is doubtful; 中山 is far from it."""
    yield _row(DAY, "壶兴日间照料中心", "X003", "2019-05-01", "380", day_seats="24", tenure="购置")
    yield _row(STATION, "壶兴老年服务站", "X008", "2018.9.1", "150", position="一层", tenure="自有")
    yield _row(EMBEDDED, "长者照护之家", "X011", "2020-12-01", "420", beds="18", tenure="自有")
    yield _row(MEALS, "壶兴老年食堂", "X015", "2021-09-01", "90", tenure="无偿使用")
    yield _row(DAY, "江滨日间照料中心", "X022", "2021-03-01", "350", day_seats="20", tenure="移交")
    yield _row(STATION, "建成未用的服务站", "X019", "", "120", status="已建成未运营", tenure="移交")
    yield _row(STATION, "地下活动站", "X017", "2017-01-01", "130", position="地下室", tenure="自有")
    yield _row(DAY, "带活动场地的照料中心", "X024", "2020-05-01", "240", outdoor_area_m2="40", tenure="自有")
    yield _row(STATION, "状态不详的服务站", "X010", "", "58", status="不详")
    yield _row(STATION, "未报面积的服务站", "X021", "2019-01-01")
    yield _row(DAY, "中山日间照料中心", "X030", "2019-06-01", "460", day_seats="30", tenure="购置")
    yield _row(EMBEDDED, "中山嵌入式照护站", "X045", "2021-03-15", "360", position="二层", beds="14", **_leased("2021-03-01", "2026-02-28"))
    yield _row(DAY, "城北日间照料中心", "X057", "2020-01-01", "260", **_leased("2020-01-01", "2024-06-30"))
    yield _row(STATION, "租约已到期的服务站", "X042", "2018-01-01", "220", **_leased("2018-01-01", "2023-06-30"))
    yield _row(STATION, "租约未开始的服务站", "X037", "2021-10-01", "180", **_leased("2024-02-01", "2029-01-31"))
    yield _row(STATION, "租期不明的服务站", "X048", "2020-01-01", "约90", tenure="租赁")
    yield _row(STATION, "两小区共用的服务站", "X032", "2020-02-01", "120", position="半地下室", serves="X032、X035", tenure="自有")
    yield _row(STATION, "按协议分摊的服务站", "X047", "2020-02-01", "90", allocations="X047:50;X050:30", tenure="自有")
    yield _row(STATION, "恰好达标的服务站", "X053", "2021-05-01", "49.95", compound="X053", tenure="自有")


def _elder_rooms_south() -> Iterator[Row]:
    """城西 exactly enough, 沿山 0.01 m² short, 中渡 unknown, the others short in several ways."""
    yield _row(DAY, "城西日间照料中心", "X066", "2019-05-01", "330", day_seats="20", tenure="购置")
    yield _row(STATION, "城西老年服务站", "X063", "2020-09-01", "170", tenure="自有")
    yield _row(EMBEDDED, "城西长者之家", "X067", "2021-03-15", "104.95", beds="8", tenure="置换")
    yield _row(DAY, "沿山日间照料中心", "X072", "2019-05-01", "510.79", day_seats="30", tenure="购置")
    yield _row(STATION, "沿山老年服务站", "X075", "2020-09-01", "270", tenure="自有")
    yield _row(EMBEDDED, "沿山照护之家", "X080", "2021-03-15", "238", beds="12", tenure="自有")
    yield _row(DAY, "新民日间照料中心", "X091", "2019-05-01", "320", day_seats="20", tenure="购置")
    yield _row(STATION, "新民老年服务站", "X088", "2020-09-01", "170", tenure="自有")
    yield _row(DAY, "新民第二日间照料中心", "X087", "2024-10-01", "380", status="在建", tenure="购置")
    yield _row(STATION, "中渡老年服务站", "X100", "2019-01-01", "230", tenure="自有")
    yield _row(STATION, "只报使用面积的服务站", "X099", "2019-01-01", "", usable_area_m2="90")
    yield _row(STATION, "只报用地面积的服务站", "X102", "2019-06-01", "400", area_kind="用地面积")
    yield _row(DAY, "丽金日间照料中心", "X108", "2019-05-01", "300", day_seats="20", tenure="购置")
    yield _row(STATION, "丽金老年服务站", "X114", "2020-09-01", "120", tenure="自有")
    yield _row(STATION, "应已投用的服务站", "X118", "2023-06-01", "200", status="在建", tenure="自有")
    yield _row(DAY, "友谊日间照料中心", "X130", "2019-05-01", "430", day_seats="26", tenure="购置")
    yield _row(EMBEDDED, "友谊照护之家", "X133", "2021-03-15", "270", beds="10", tenure="自有")
    yield _row(STATION, "龙腾老年服务站", "X140", "2020-09-01", "200", tenure="自有")
    yield _row(EMBEDDED, "龙腾照护之家", "X144", "2021-03-15", "180", beds="8", **_leased("2021-03-01", "2031-02-28"))
    yield _row(STATION, "状态空白的服务站", "X139", "2021-08-01", "36", status="", tenure="自有")
    yield _row(STATION, "新建小区地下服务站", "X110", "2023-09-01", "60", position="地下室", tenure="移交")


def _elder_rooms_elsewhere() -> Iterator[Row]:
    """Odd places: villages, borders, names without a place, a place without a name."""
    yield _row(STATION, "卜寨两小区服务站", "X151", "2020-02-01", "70", serves="X151；X152", tenure="自有")
    yield _row(STATION, "大村服务站", "X153", "2020-02-01", "40", tenure="自有")
    yield _row(MEALS, "宜村助餐点", "宜村", "2021-09-01", "60", tenure="无偿使用")
    yield _row(MEALS, "两街道边界上的助餐点", "江南街道|石景林街道", "2021-01-01", "0", declared="no")
    yield _row(STATION, "两居住社区边界上的服务站", "RC24|RC25", "2021-01-01", "0", declared="no")
    yield _row(MEALS, "区界外的助餐点", "outside", "2021-01-01", "45", declared="no")
    yield _row(MEALS, "只有名称没有坐标的助餐点", "", "2021-01-01", "0", jiedao="太平街道", community="壶兴社区")
    yield _row(MEALS, "无坐标无名称的助餐点", "", "2021-01-01", "30", declared="no")
    yield _row(STATION, "小区名写错的服务站", "X085", "2020-03-01", "0", compound="不存在的小区（示意）")
    # Two compounds have this name, and it stands in neither.
    yield _row(MEALS, "小区同名的助餐点", "X120", "2020-03-01", "0", compound="同名花园（示意）")
    # Declared in one residential community, standing in another.
    yield _row(MEALS, "坐标不符的助餐点", "X090", "2020-03-01", "0", rc="RC19")


def _childcare_of_2021() -> Iterator[Row]:
    """Places at the end of 2021: 357 in the three 街道, 87 in the two 镇."""
    yes = {"filed": "是"}
    yield _row(NURSERY, "壶城托育园", "X023", "2020-09-01", "600", places="60", inclusive_places="40",
               enrolled="52", tenure="购置", **yes)
    yield _row(CLASS, "城西幼儿园托班", "X065", "2019-09-01", "3200", childcare_area_m2="260", places="40",
               close_date="2023-03-31", status="关停", **yes)
    yield _row(SHARED, "新民一老一小综合体", "X089", "2021-05-01", "900", elder_area_m2="180",
               childcare_area_m2="420", other_area_m2="200", places="45", tenure="自有", **yes)
    yield _row(NURSERY, "中山托育中心", "X029", "2019-03-01", "700", places="50", filed="桂托备〔2019〕01号",
               **_leased("2019-03-01", "2029-02-28"))
    yield _row(NURSERY, "沿山托育园", "X071", "2018-03-01", "360", places="36", status="关停",
               close_date="2022-12-31", **yes)
    yield _row(CLASS, "丽金幼儿园托班", "X106", "2021-09-01", "2900", childcare_area_m2="150", places="30", **yes)
    yield _row(HOME, "木棉家庭托育点", "X012", "2021-06-01", "90", places="5", **yes)
    yield _row(EMPLOYER, "糖厂职工托育点", "X143", "2020-01-01", "240", places="20", open_to_public="否", **yes)
    yield _row(CLASS, "壶兴幼儿园托班", "X007", "2018-03-01", "2600", places="36", **yes)
    yield _row(NURSERY, "龙腾托育点", "X147", "2021-09-01", "150", position="夹层", status="试运行", places="15", tenure="自有")
    yield _row(CLASS, "卜寨幼儿园托班", "X151", "2019-09-01", "1800", childcare_area_m2="60", places="20", **yes)
    yield _row(NURSERY, "未备案托育点", "X059", "2021-02-01", "240", places="18", filed="否", **_leased("2021-02-01", "2024-01-31"))
    yield _row(NURSERY, "停业托育园", "X009", "2019-01-01", "300", status="停业", places="50", **yes)
    yield _row(NURSERY, "早年关停的托育点", "X067", "2017-01-01", "200", status="关停", places="30", **yes)
    yield _row(CLASS, "新和镇中心幼儿园托班", "X156", "2018-09-01", "2800", places="46", **yes)
    yield _row(CLASS, "濑湍镇中心幼儿园托班", "濑湍社区", "2018-09-01", "2600", places="41", **yes)


def _childcare_since() -> Iterator[Row]:
    """After 2021: three more residential communities in range covered, one lost."""
    yes = {"filed": "是"}
    yield _row(NURSERY, "中渡托育中心", "X101", "2022-09-01", "616.95", places="80", inclusive_places="60",
               tenure="购置", **yes)
    yield _row(NURSERY, "石景林托育中心", "X113", "2023-05-01", "380", places="60", serves="RC30、RC33",
               tenure="置换", **yes)
    yield _row(CLASS, "壶城幼儿园托班", "X004", "2022-09-01", "2600", childcare_area_m2="180", places="30", **yes)
    yield _row(NURSERY, "江滨托育点", "X016", "2022-03-01", "260", places="25", **yes,
               **_leased("2022-03-01", "2027-02-28"))
    yield _row(CLASS, "龙腾幼儿园托班", "X149", "2023-09-01", "2400", places="40", **yes)
    yield _row(NURSERY, "沿山社区托育点", "X082", "2022-03-01", "220", places="20", tenure="无偿使用", **yes)
    yield _row(NURSERY, "城西托育园", "X064", "2022-01-01", "400", places="36", **yes,
               **_leased("2022-01-01", "2024-06-30"))
    yield _row(NURSERY, "城西第二托育园", "X069", "2022-06-01", "210", places="18", tenure="自有")
    yield _row(NURSERY, "新民托育点", "X095", "2022-10-01", "370", places="30", tenure="自有", **yes)
    yield _row(NURSERY, "中山普惠托育园", "X050", "2024-05-01", "420", status="在建", places="60", tenure="购置")
    yield _row(NURSERY, "未报托位的托育点", "X061", "2022-02-01", "150", enrolled="30", tenure="自有", **yes)
    yield _row(EMPLOYER, "医院职工托育点", "X128", "2022-01-01", "160", places="20", **yes)


def _shared_and_others() -> Iterator[Row]:
    """Buildings for both kinds, the guidance centre, and what counts for nothing."""
    yield _row(SHARED, "友谊社区综合服务站", "X131", "2022-11-01", "520", tenure="自有")
    yield _row(SHARED, "丽金综合体", "X112", "2021-11-01", "300", elder_area_m2="200", childcare_area_m2="150")
    yield _row(SHARED, "龙腾党群服务中心养老站", "X150", "2021-02-01", "800", elder_area_m2="60",
               childcare_area_m2="0", tenure="无偿使用")
    yield _row(SHARED, "规划一老一小中心", "X135", "", "1200", status="拟建", elder_area_m2="500",
               childcare_area_m2="500")
    yield _row(SHARED, "新建小区配套用房", "X031", "2023-04-01", "240", elder_area_m2="120",
               childcare_area_m2="120", tenure="移交")
    yield _row("婴幼儿照护服务指导中心", "江州区婴幼儿照护服务指导中心", "X085", "2022-07-01", "650", tenure="自有")
    yield _row("其他", "社区图书室", "X134", "2015-01-01", "120", tenure="自有")
# fmt: on
