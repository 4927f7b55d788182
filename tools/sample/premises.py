"""The invented vacant premises of public owners.

Belongs here: thirty rows by hand. Together they close every gap but those of 龙腾, where what is
usable does not suffice.
"""

from __future__ import annotations

Row = dict[str, str]

_BUY_YUAN_M2, _RENT_YUAN_M2 = 4200, 216
_OWNERS = (
    "城投公司（示意）",
    "国资公司（示意）",
    "机关事务局（示意）",
    "公租房中心（示意）",
    "糖业公司（示意）",
)

# compound or seat, m², ways to use it, floor, free from
_PREMISES = (
    ("X010", "260", "租赁", "首层", "2024-01-01"),
    ("X014", "320", "购置、置换", "首层", "2024-03-01"),
    ("X020", "300", "租赁、无偿使用", "首层", "2024-01-01"),
    ("X051", "420", "购置", "首层", "2024-01-01"),
    ("X058", "380", "租赁", "首层", "2024-06-01"),
    ("X034", "500", "购置、租赁", "首层", "2024-01-01"),
    ("X040", "360", "无偿使用", "首层", "2024-09-01"),
    ("X046", "300", "置换", "二层", "2024-01-01"),
    ("X056", "450", "租赁", "首层", "2025-01-01"),
    ("X055", "260", "购置", "首层", "2024-01-01"),
    ("X073", "400", "购置、租赁", "首层", "2024-01-01"),
    ("X079", "450", "租赁", "首层", "2024-04-01"),
    ("X093", "180", "无偿使用", "首层", "2024-01-01"),
    ("X107", "480", "购置", "首层", "2024-01-01"),
    ("X116", "350", "租赁", "首层", "2024-01-01"),
    ("X122", "420", "置换、租赁", "首层", "2024-07-01"),
    ("X111", "260", "无偿使用", "首层", "2025-03-01"),
    ("X137", "420", "租赁", "首层", "2024-01-01"),
    ("X149", "300", "购置", "首层", "2024-01-01"),
    ("X136", "400", "无偿使用", "地下室", "2024-01-01"),
    ("X139", "40", "租赁", "首层", "2024-01-01"),
    ("X067", "240", "租赁", "首层", "2024-02-01"),
    ("X130", "300", "租赁", "首层", "2024-01-01"),
    ("X127", "1300", "购置、置换、租赁", "首层", "2024-05-01"),
    ("X104", "200", "租赁", "首层", "2024-01-01"),
    ("X049", "350", "租赁", "三层", "2025-06-01"),
    ("X061", "", "租赁", "首层", "2024-01-01"),
    ("X153", "120", "无偿使用", "首层", "2024-01-01"),
    ("X025", "220", "购置", "二层", "2024-10-01"),
    ("", "150", "无偿使用", "首层", "2024-01-01"),
)


def list_premises() -> list[Row]:
    """All premises; the last has no coordinates, only names."""
    rows = []
    for number, (at, area, modes, position, free_from) in enumerate(_PREMISES, 1):
        size = int(area or 0)
        row = {
            "premises_id": f"V{number:02}",
            "name": f"{number:02}号存量用房（示意）",
            "owner": _OWNERS[number % len(_OWNERS)],
            "at": at,
            "floor_area_m2": area,
            "modes": modes,
            "cost_yuan": str(size * _BUY_YUAN_M2) if size and {"购", "置"} & set(modes) else "",
            "rent_yuan_per_year": str(size * _RENT_YUAN_M2) if size and "租" in modes else "",
            "available_from": free_from,
            "position": position,
        }
        rows.append(row if at else row | {"jiedao": "太平街道", "community": "壶兴社区"})
    return rows
