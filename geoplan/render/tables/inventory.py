"""The tables of the ground: units of the area rule, facilities, new projects."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from geoplan.assess.model import FacilityState, Place, ProjectResult, UnitResult
from geoplan.layers.model import Facility, rows_of
from geoplan.measures.coverage import share
from geoplan.numbers import number_text
from geoplan.render.sheets.table import Column, Kind, Table, build_table
from geoplan.render.wording.view import View
from geoplan.terms import Verdict, Words, terms, unit

# ---------------------------------------------------------------------------------- units


def unit_table(view: View) -> Table:
    """The area rule, one row a unit, a kind and a level."""
    results = view.assessment.units
    return build_table(
        "units",
        Words("小区与社区", "units"),
        columns=(*_unit_columns(view), *_area_columns(view)),
        rows=results,
        places=[view.register.shape_of(each.level, each.unit_id) for each in results],
    )


def _unit_columns(view: View) -> tuple[Column[UnitResult], ...]:
    register = view.register
    return (
        Column("level", Words("层级", "level"), lambda each: each.level, coded=True),
        Column("level_word", Words("层级", "level"), lambda each: view.label("level", each.level), width=9),
        Column("unit_id", Words("编号", "unit id"), lambda each: each.unit_id, width=14),
        Column("name", Words("名称", "name"), lambda each: register.name(each.level, each.unit_id), width=20),
        Column("division", Words("街道(镇)", "sub-district"), lambda each: register.address(each.level, each.unit_id).division, width=13),
        Column("community", Words("社区", "community"), lambda each: register.address(each.level, each.unit_id).community, width=13),
        Column("kind", Words("类别", "kind"), lambda each: each.kind, coded=True),
        Column("kind_word", Words("类别", "kind"), lambda each: view.label("kind", each.kind), width=7),
        Column("stock", Words("建设类型", "stock"), lambda each: each.stock, coded=True),
        Column("stock_word", Words("建设类型", "stock"), lambda each: view.label("stock", each.stock), width=9),
        Column("official", Words("正式口径", "official"), lambda each: each.official, Kind.FLAG, width=8),
        Column("households", Words("户数", "households"), lambda each: each.households, Kind.COUNT, width=9),
        Column("population", Words("人口", "population"), lambda each: each.population, Kind.COUNT, width=9),
    )  # fmt: skip


def _area_columns(view: View) -> tuple[Column[UnitResult], ...]:
    return (
        Column("rate", Words("标准(㎡/百户)", "m² per 100 households"), lambda each: each.rate, Kind.COUNT, width=10),
        Column("required_m2", Words("应配(㎡)", "required m²"), lambda each: each.required_m2, Kind.AREA, width=11),
        Column("provided_m2", Words("已配(㎡)", "provided m²"), lambda each: each.provided_m2, Kind.AREA, width=11),
        Column("provided_per_100", Words("已配(㎡/百户)", "provided m² per 100 households"), _per_100, Kind.AREA, width=11),
        Column("committed_m2", Words("在建(㎡)", "under construction m²"), lambda each: each.committed_m2, Kind.AREA, width=11),
        Column("planned_m2", Words("规划(㎡)", "planned m²"), lambda each: each.planned_m2, Kind.AREA, width=11),
        Column("gap_m2", Words("缺口(㎡)", "gap m²"), lambda each: each.gap_m2, Kind.GAP, width=11),
        Column("gap_after_committed_m2", Words("计入在建后缺口(㎡)", "gap after construction m²"), lambda each: each.gap_after_committed_m2, Kind.GAP, width=12),
        Column("verdict", Words("结论", "verdict"), lambda each: each.verdict.value, coded=True),
        Column("verdict_word", Words("结论", "verdict"), lambda each: view.verdict(each.verdict), Kind.VERDICT, width=10),
        Column("sum", Words("算式", "sum"), lambda each: view.say(each.sum), width=48),
        Column("codes", Words("原因代码", "codes"), lambda each: each.codes, Kind.LIST, coded=True),
        Column("codes_text", Words("原因", "reasons"), lambda each: view.codes(each.codes), width=30),
        Column("facilities", Words("计入的设施(㎡)", "facilities credited, m²"), lambda each: [f"{credit.facility} {number_text(credit.floor_m2)}" for credit in each.facilities], Kind.LIST, width=26),
        Column("members", Words("统筹的小区", "compounds pooled"), lambda each: each.members, Kind.LIST, width=26),
    )  # fmt: skip


def _per_100(result: UnitResult) -> Fraction | None:
    if not result.households or result.provided_m2 is None:
        return None
    part = share(result.provided_m2, result.households)
    return None if part is None else part * unit("m2_per_100_households").per


# ----------------------------------------------------------------------------- facilities


@dataclass(frozen=True, slots=True)
class Settled:
    """A facility with its state and place on the day."""

    row: Facility
    state: FacilityState
    place: Place


def facility_table(view: View) -> Table:
    """Every facility, where it belongs and what of it counts."""
    assessment = view.assessment
    found = [
        Settled(row, assessment.facilities[row.id], assessment.belonging.facilities[row.id])
        for row in rows_of(assessment.layers.facilities)
    ]
    return build_table(
        "facilities",
        Words("设施", "facilities"),
        columns=(*_facility_columns(view), *_counted_columns(view)),
        rows=found,
        places=[view.register.shape("facilities", each.row.id) for each in found],
    )


def _facility_columns(view: View) -> tuple[Column[Settled], ...]:
    return (
        Column("facility_id", Words("编号", "facility id"), lambda each: each.row.id, width=12),
        Column("name", Words("名称", "name"), lambda each: each.row.name, width=24),
        Column("facility_type", Words("类型", "type"), lambda each: each.row.facility_type, coded=True),
        Column("type_word", Words("类型", "type"), lambda each: view.label("facility_type", each.row.facility_type), width=20),
        Column("state", Words("截至日状态", "state on the day"), lambda each: each.state.state, coded=True),
        Column("state_word", Words("截至日状态", "state on the day"), lambda each: view.label("status", each.state.state), width=12),
        Column("open_date", Words("投用日期", "opened"), lambda each: each.row.open_date, Kind.DAY, width=11),
        Column("close_date", Words("停用日期", "closed"), lambda each: each.row.close_date, Kind.DAY, width=11),
        Column("division", Words("计入街道(镇)", "sub-district"), lambda each: each.place.division, coded=True),
        Column("division_name", Words("计入街道(镇)", "sub-district"), lambda each: _place_name("jiedao", each.place.division, view), width=14),
        Column("community", Words("计入社区", "community"), lambda each: each.place.community, coded=True),
        Column("community_name", Words("计入社区", "community"), lambda each: _place_name("community", each.place.community, view), width=14),
        Column("rc", Words("计入居住社区", "residential community"), lambda each: each.place.rc, coded=True),
        Column("rc_name", Words("计入居住社区", "residential community"), lambda each: _place_name("rc", each.place.rc, view), width=14),
        Column("compound", Words("计入小区", "compound"), lambda each: each.place.compound, coded=True),
        Column("compound_name", Words("计入小区", "compound"), lambda each: _place_name("compound", each.place.compound, view), width=14),
    )  # fmt: skip


def _counted_columns(view: View) -> tuple[Column[Settled], ...]:
    return (
        Column("beds", Words("床位数", "beds"), lambda each: each.row.beds, Kind.COUNT, width=8),
        Column("nursing_beds", Words("护理型床位", "nursing beds"), lambda each: each.row.nursing_beds, Kind.COUNT, width=9),
        Column("places", Words("托位数", "places"), lambda each: each.row.places, Kind.COUNT, width=8),
        Column("floor_area_m2", Words("建筑面积(㎡)", "floor area m²"), lambda each: each.row.floor_area_m2, Kind.AREA, width=11),
        Column("counted_elder_m2", Words("可计养老(㎡)", "counted elder m²"), lambda each: each.state.counted_m2.get("elder"), Kind.AREA, width=11),
        Column("counted_childcare_m2", Words("可计托育(㎡)", "counted childcare m²"), lambda each: each.state.counted_m2.get("childcare"), Kind.AREA, width=11),
        Column("functions", Words("具备功能", "functions"), lambda each: _functions(each.row, view), Kind.LIST, width=26),
        Column("missing_functions", Words("缺少功能", "missing functions"), lambda each: [view.label("function", word) for word in each.state.missing_functions], Kind.LIST, width=18),
        Column("qualifies", Words("街道中心合格", "qualifies as a centre"), lambda each: each.state.qualifies, Kind.FLAG, width=9),
        Column("codes", Words("说明代码", "codes"), lambda each: each.state.codes, Kind.LIST, coded=True),
        Column("codes_text", Words("说明", "notes"), lambda each: view.codes(each.state.codes), width=34),
        Column("source_row", Words("原表行号", "row in the file"), lambda each: each.row.row, Kind.INTEGER, width=8),
    )  # fmt: skip


def _functions(row: Facility, view: View) -> list[str] | None:
    if row.functions is None:
        return None
    return [view.label("function", word) for word in terms("function") if word in row.functions]


def _place_name(level: str, key: str | None, view: View) -> str:
    return "" if key is None else view.register.name(level, key)


# ------------------------------------------------------------------------------- projects


def project_table(view: View) -> Table:
    """New housing projects: area, the four synchronisations, the verdict and its reasons."""
    results = view.assessment.projects
    return build_table(
        "projects",
        Words("新建项目", "new projects"),
        columns=(
            *_project_columns(view),
            *(column for part in _PARTS for column in _verdict_columns(part, view)),
            *_project_area_columns(view),
        ),
        rows=results,
        places=[view.register.shape("projects", each.project_id) for each in results],
    )


_PARTS = {
    "area_elder": Words("养老面积", "elder-care area"),
    "area_childcare": Words("托育面积", "childcare area"),
    "sync_plan": Words("同步规划", "planned in step"),
    "sync_build": Words("同步建设", "built in step"),
    "sync_accept": Words("同步验收", "accepted in step"),
    "sync_deliver": Words("同步交付", "delivered in step"),
}


def _verdict_columns(part: str, view: View) -> tuple[Column[ProjectResult], ...]:
    """A part's verdict as a code and as a word."""
    heading = _PARTS[part]
    return (
        Column(part, heading, lambda each: getattr(each, part).value, coded=True),
        Column(
            f"{part}_word",
            heading,
            lambda each: view.verdict(getattr(each, part)),
            Kind.VERDICT,
            width=10,
        ),
    )


def _project_columns(view: View) -> tuple[Column[ProjectResult], ...]:
    register = view.register
    return (
        Column("project_id", Words("编号", "project id"), lambda each: each.project_id, width=12),
        Column("name", Words("名称", "name"), lambda each: register.name("project", each.project_id), width=24),
        Column("county", Words("县(市、区)", "county"), lambda each: register.address("project", each.project_id).county, width=10),
        Column("division", Words("街道(镇)", "sub-district"), lambda each: register.address("project", each.project_id).division, width=13),
        Column("stage", Words("阶段", "stage"), lambda each: each.stage, coded=True),
        Column("stage_word", Words("阶段", "stage"), lambda each: view.label("stage", each.stage), width=15),
        Column("stock", Words("建设类型", "stock"), lambda each: each.stock, coded=True),
        Column("stock_word", Words("建设类型", "stock"), lambda each: view.label("stock", each.stock), width=14),
        Column("in_rate", Words("计入达标率", "in the rate"), lambda each: each.in_rate, Kind.FLAG, width=8),
        Column("compliant", Words("计为达标", "counted as compliant"), lambda each: each.compliant, Kind.FLAG, width=8),
        Column("planned_households", Words("规划户数", "planned households"), lambda each: register.row("projects", each.project_id).planned_households, Kind.COUNT, width=9),
        Column("verdict", Words("综合结论", "verdict"), lambda each: each.verdict.value, coded=True),
        Column("verdict_word", Words("综合结论", "verdict"), lambda each: view.verdict(each.verdict), Kind.VERDICT, width=12),
    )  # fmt: skip


def _project_area_columns(view: View) -> tuple[Column[ProjectResult], ...]:
    return (
        Column("required_elder_m2", Words("养老应配(㎡)", "required elder m²"), lambda each: each.required_elder_m2, Kind.AREA, width=11),
        Column("required_childcare_m2", Words("托育应配(㎡)", "required childcare m²"), lambda each: each.required_childcare_m2, Kind.AREA, width=11),
        Column("provided_elder_m2", Words("养老已配(㎡)", "provided elder m²"), lambda each: each.provided_elder_m2, Kind.AREA, width=11),
        Column("provided_childcare_m2", Words("托育已配(㎡)", "provided childcare m²"), lambda each: each.provided_childcare_m2, Kind.AREA, width=11),
        Column("gap_elder_m2", Words("养老缺口(㎡)", "elder gap m²"), lambda each: each.gap_elder_m2, Kind.GAP, width=11),
        Column("gap_childcare_m2", Words("托育缺口(㎡)", "childcare gap m²"), lambda each: each.gap_childcare_m2, Kind.GAP, width=11),
        Column("reasons", Words("不达标或缺失原因", "reasons"), lambda each: [view.say(words) for words in each.reasons], Kind.LIST, width=50),
        Column("codes", Words("代码", "codes"), lambda each: each.codes, Kind.LIST, coded=True),
        Column("codes_text", Words("代码含义", "codes"), lambda each: view.codes(each.codes), width=34),
        Column("warnings", Words("提示代码", "warnings"), lambda each: each.warnings, Kind.LIST, coded=True),
        Column("warnings_text", Words("提示", "warnings"), lambda each: _warnings(each, view), Kind.LIST, width=40),
    )  # fmt: skip


def _warnings(result: ProjectResult, view: View) -> list[str]:
    """What should be known and leaves the verdict as it is, each sentence once."""
    said = (view.say(each.detail) for each in result.findings if each.verdict is Verdict.PASS)
    return list(dict.fromkeys(said))
