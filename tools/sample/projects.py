"""The invented new housing projects: each outcome of the four synchronisations at least once."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Any

Row = dict[str, Any]

PER_100_HOUSEHOLDS = Decimal(15)
HEADINGS = (
    "项目代码", "项目名称", "建设单位", "县(市、区)", "街道", "社区", "用地面积(㎡)", "住宅建筑面积(㎡)",
    "规划户数", "分期数", "出让合同编号", "出让日期", "出让条件含养老托育条款(是/否)", "合同约定养老(㎡)",
    "合同约定托育(㎡)", "规划许可证号", "工程规划许可日期", "许可养老(㎡)", "许可托育(㎡)", "施工许可证号",
    "住宅开工日期", "设施开工日期", "设施所在分期", "规划核实日期", "实测养老(㎡)", "实测托育(㎡)",
    "住宅验收日期", "设施验收日期", "民政意见", "卫健意见", "住宅交付日期", "设施移交日期", "接收单位",
    "移交养老(㎡)", "移交托育(㎡)", "不动产权证号", "投用日期", "备注",
)  # fmt: skip
PLACES = (
    ("太平街道", "壶兴社区"),
    ("太平街道", "中山社区"),
    ("江南街道", "城西社区"),
    ("江南街道", "新民社区"),
    ("石景林街道", "丽金社区"),
    ("石景林街道", "友谊社区"),
    ("石景林街道", "龙腾社区"),
)


def asked(households: int) -> Decimal:
    """What 15 m² for every 100 households comes to, up to the next whole square metre."""
    return (PER_100_HOUSEHOLDS * households / 100).to_integral_value(ROUND_CEILING)


def finished(number: int, households: int, **changes: Any) -> Row:
    """A project that did everything in step, but for what ``changes`` says."""
    area = asked(households)
    jiedao, community = PLACES[number % len(PLACES)]
    row = {
        "项目代码": f"P{number:02d}",
        "项目名称": f"示意新建{number:02d}号项目",
        "建设单位": f"示意置业{'甲乙丙丁戊'[number % 5]}公司",
        "县(市、区)": "江州区",
        "街道": jiedao,
        "社区": community,
        "用地面积(㎡)": households * 46,
        "住宅建筑面积(㎡)": households * 104,
        "规划户数": households,
        "分期数": 1,
        "出让合同编号": f"示意出让〔2022〕{number:03d}",
        "出让日期": "2022-01-18",
        "出让条件含养老托育条款(是/否)": "是",
        "规划许可证号": f"示意建字第{number:03d}号",
        "工程规划许可日期": "2022-03-25",
        "许可养老(㎡)": area,
        "许可托育(㎡)": area,
        "施工许可证号": f"示意施字第{number:03d}号",
        "住宅开工日期": "2022-05-10",
        "设施开工日期": "2022-05-10",
        "规划核实日期": "2023-04-20",
        "实测养老(㎡)": area,
        "实测托育(㎡)": area,
        "住宅验收日期": "2023-06-15",
        "设施验收日期": "2023-06-15",
        "民政意见": "合格",
        "卫健意见": "合格",
        "住宅交付日期": "2023-09-01",
        "设施移交日期": "2023-08-20",
        "接收单位": f"{jiedao}办事处",
        "移交养老(㎡)": area,
        "移交托育(㎡)": area,
    }
    return {**row, **changes}


def begun(number: int, households: int, **changes: Any) -> Row:
    """A project under construction: nothing measured, accepted or handed over yet."""
    later = (
        "规划核实日期", "实测养老(㎡)", "实测托育(㎡)", "住宅验收日期", "设施验收日期", "民政意见", "卫健意见",
        "住宅交付日期", "设施移交日期", "接收单位", "移交养老(㎡)", "移交托育(㎡)",
    )  # fmt: skip
    return {**finished(number, households), **dict.fromkeys(later), **changes}


def list_projects() -> list[Row]:
    """Twenty projects."""
    designed = dict.fromkeys(
        ("规划许可证号", "工程规划许可日期", "许可养老(㎡)", "许可托育(㎡)", "施工许可证号", "住宅开工日期", "设施开工日期")
    )  # fmt: skip
    return [
        finished(1, 640, 不动产权证号="示意桂(2023)001", 投用日期="2023-11-01", 备注="四同步齐全"),
        finished(
            2,
            512,
            **{
                "住宅交付日期": None,
                "设施移交日期": None,
                "移交养老(㎡)": None,
                "移交托育(㎡)": None,
                "接收单位": None,
            },
            备注="已验收，尚未交付",
        ),
        finished(
            3,
            800,
            **{"许可养老(㎡)": 110, "实测养老(㎡)": 110, "移交养老(㎡)": 110},
            备注="养老用房不足",
        ),
        finished(
            4, 960, **{"实测托育(㎡)": "142.20", "移交托育(㎡)": "142.20"}, 备注="托育实测不足"
        ),
        finished(5, 430, **{"出让日期": "2022-08-01", "出让条件含养老托育条款(是/否)": "否"}),
        finished(
            6,
            700,
            **{"出让日期": "2021-06-01", "出让条件含养老托育条款(是/否)": "否"},
            备注="计划印发前供地",
        ),
        finished(7, 560, 住宅验收日期="2023-05-10", 设施验收日期="2023-06-01"),
        finished(
            8,
            610,
            **{"设施移交日期": None, "移交养老(㎡)": None, "移交托育(㎡)": None, "接收单位": None},
        ),
        finished(9, 480, 设施移交日期="2023-10-12"),
        finished(10, 520, 卫健意见=None),
        finished(11, 590, 民政意见="不合格"),
        begun(12, 1200, 备注="按进度正常"),
        begun(13, 1437, **{"许可养老(㎡)": 180, "许可托育(㎡)": 216}),
        begun(
            14,
            1500,
            分期数=3,
            设施所在分期="3",
            设施开工日期=None,
            备注="住宅过半，设施未开工",
        ),
        begun(15, 1500, 分期数=3, 设施所在分期="2"),
        finished(16, 450, 规划户数=None, 备注="规划户数未报"),
        finished(17, 800, **{"合同约定养老(㎡)": 200}, 备注="合同要求高于规则"),
        begun(18, 880, **designed, 出让日期="2023-03-15", 备注="刚供地"),
        finished(
            19,
            500,
            住宅验收日期="2022-12-20",
            设施验收日期="2022-12-18",
            规划核实日期="2022-11-30",
            住宅开工日期="2022-04-01",
            设施开工日期="2022-04-01",
            住宅交付日期="2023-02-01",
            设施移交日期="2023-01-20",
        ),
        finished(20, 620, **{"许可养老(㎡)": 0, "实测养老(㎡)": 0, "移交养老(㎡)": 0}),
    ]


def list_phases() -> list[Row]:
    """Phases of the projects built in parts."""
    return [
        {"项目代码": project, "分期": phase, "户数": households, "交付日期": day}
        for project, parts in (
            ("P14", (("1", 450, "2023-03-31"), ("2", 400, "2023-10-31"), ("3", 650, None))),
            ("P15", (("1", 600, "2023-06-30"), ("2", 500, None), ("3", 400, None))),
        )
        for phase, households, day in parts
    ]
