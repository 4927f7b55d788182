"""The invented new housing projects: every stage and every finding of the four synchronisations.

Belongs here: twenty rows by hand. Areas follow the only figure of the plan, 15 m² for every 100
households. ``at`` is the compound the project has become, or one beside its site.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

Row = dict[str, object]

_NOT_BUILT = (
    "completion_check_date", "measured_elder_m2", "measured_childcare_m2", "housing_acceptance_date",
    "facility_acceptance_date", "civil_affairs_opinion", "health_opinion",
)  # fmt: skip
_NOT_DELIVERED = (
    "housing_delivery_date", "facility_handover_date", "receiver", "handed_elder_m2",
    "handed_childcare_m2",
)  # fmt: skip
_NOT_PERMITTED = (
    "works_permit_no", "works_permit_date", "permit_elder_m2", "permit_childcare_m2",
    "construction_permit_no", "housing_start_date", "facility_start_date",
)  # fmt: skip


def _in_step(number: int, at: str, households: int, **changes: object) -> Row:
    """A project that did everything in step and is finished, but for what ``changes`` says."""
    area = int((Decimal(households) * 15 / 100).to_integral_value(ROUND_CEILING)) + 2
    row: Row = {
        "project_id": f"P{number:02}",
        "name": f"新建{number:02}号项目（示意）",
        "developer": f"示意置业{'甲乙丙丁戊'[number % 5]}公司",
        "at": at,
        "land_area_m2": households * 46,
        "housing_floor_m2": households * 104,
        "planned_households": households,
        "phase_count": 1,
        "planning_condition_date": "2021-12-28",
        "land_contract_no": f"示意出让〔2022〕{number:03}号",
        "land_grant_date": "2022-01-18",
        "land_clause": "是",
        "works_permit_no": f"示意建字第{number:03}号",
        "works_permit_date": "2022-03-25",
        "permit_elder_m2": area,
        "permit_childcare_m2": area,
        "construction_permit_no": f"示意施字第{number:03}号",
        "housing_start_date": "2022-05-10",
        "facility_start_date": "2022-05-10",
        "facility_position": "首层",
        "completion_check_date": "2023-04-20",
        "measured_elder_m2": area,
        "measured_childcare_m2": area,
        "housing_acceptance_date": "2023-06-15",
        "facility_acceptance_date": "2023-06-15",
        "civil_affairs_opinion": "合格",
        "health_opinion": "合格",
        "housing_delivery_date": "2023-09-01",
        "facility_handover_date": "2023-08-20",
        "receiver": "街道办事处",
        "handed_elder_m2": area,
        "handed_childcare_m2": area,
    }
    return row | changes


def _legacy(number: int, at: str, households: int, **changes: object) -> Row:
    """A finished project on land granted before the plan."""
    earlier: Row = {
        "planning_condition_date": "2020-12-10",
        "land_contract_no": f"示意出让〔2021〕{number:03}号",
        "land_grant_date": "2021-06-01",
        "works_permit_date": "2021-09-15",
        "housing_start_date": "2021-11-20",
        "facility_start_date": "2021-11-20",
    }
    return _in_step(number, at, households, **(earlier | changes))


def _under_way(number: int, at: str, households: int | None, **changes: object) -> Row:
    """A project under construction: nothing measured, accepted or handed over."""
    nothing: Row = dict.fromkeys((*_NOT_BUILT, *_NOT_DELIVERED))
    row = _in_step(number, at, households or 0, **(nothing | changes))
    return row if households else row | {"planned_households": None}


# fmt: off
def list_projects() -> list[Row]:
    """Twelve accepted in 2023, one before, seven under way."""
    waiting: Row = dict.fromkeys(_NOT_DELIVERED)
    unpermitted: Row = dict.fromkeys(_NOT_PERMITTED)
    return [
        _in_step(1, "X031", 725, title_no="示意桂(2023)001号", open_date="2023-11-01", note="四同步齐全"),
        _in_step(2, "X146", 604, **(waiting | {"facility_start_date": "2022-08-01"}), note="已验收，尚未交付；设施开工晚于住宅"),
        _in_step(3, "X103", 469, measured_elder_m2=68.55, note="养老用房实测不足"),
        _in_step(4, "X117", 580, measured_childcare_m2=60, handed_childcare_m2=60, note="托育用房实测与移交不足"),
        _in_step(5, "X110", 374, land_grant_date="2022-08-01", land_clause="否", works_permit_date="2022-09-20",
                 housing_start_date="2022-10-08", facility_start_date="2022-10-08", note="出让条件未含条款"),
        _legacy(6, "X105", 437, land_clause="否", note="计划印发前供地"),
        _legacy(7, "X113", 545, housing_acceptance_date="2023-05-10", facility_acceptance_date="2023-06-01",
                note="设施验收晚于住宅"),
        _legacy(8, "X119", 574, **(waiting | {"housing_delivery_date": "2023-09-01"}), note="住宅已交付，设施未移交"),
        _legacy(9, "X141", 524, facility_handover_date="2023-10-12", note="移交晚于住宅交付"),
        _legacy(10, "X148", 671, health_opinion=None, note="卫健意见未填"),
        _legacy(11, "X028", 277, civil_affairs_opinion="不合格", note="民政意见不合格"),
        _in_step(12, "X026", 526, health_opinion="不合格", facility_position="地下室", note="托育用房在地下室"),
        _under_way(13, "X079", 1437, permit_childcare_m2=180, note="许可托育面积不足"),
        _under_way(14, "X147", 1500, phase_count=3, facility_phase="3", facility_start_date=None,
                   presale_date="2022-10-20", note="住宅交付过半，设施未开工"),
        _under_way(15, "X132", 1500, phase_count=3, facility_phase="2", presale_date="2022-12-01",
                   note="设施在第二期"),
        _under_way(16, "X136", None, **(unpermitted | {
            "planning_condition_date": "2023-10-09", "land_contract_no": None, "land_grant_date": None,
            "land_clause": None, "facility_position": None}), note="仅有规划条件，规划户数未定"),
        _under_way(17, "X054", 800, contract_elder_m2=200, contract_childcare_m2=120, permit_elder_m2=150,
                   note="合同要求高于规则"),
        _under_way(18, "X083", 880, **(unpermitted | {
            "planning_condition_date": "2023-01-12", "land_grant_date": "2023-03-15",
            "land_contract_no": "示意出让〔2023〕018号", "facility_position": None}), note="刚供地"),
        _in_step(19, "X097", 500, land_grant_date="2021-12-23", works_permit_date="2022-01-20",
                 housing_start_date="2022-02-15", facility_start_date="2022-02-15",
                 completion_check_date="2022-11-30", housing_acceptance_date="2022-12-20",
                 facility_acceptance_date="2022-12-18", housing_delivery_date="2023-02-01",
                 facility_handover_date="2023-01-20", other_use="是", note="配建用房改作售楼处"),
        _under_way(20, "X150", 620, permit_elder_m2=0, facility_split="是", completion_check_date="2023-11-10",
                   facility_start_date="2024-02-01", note="许可未列养老用房；住宅将竣工，设施未开工"),
    ]
# fmt: on


def list_phases() -> list[Row]:
    """Phases of the two projects built in parts."""
    return [
        {"project_id": project, "phase": phase, "households": households, "delivered_date": day}
        for project, phases in (
            ("P14", ((1, 450, "2023-03-31"), (2, 400, "2023-10-31"), (3, 650, None))),
            ("P15", ((1, 600, "2023-06-30"), (2, 500, None), (3, 400, None))),
        )
        for phase, households, day in phases
    ]
