"""Which heading is which field: docs/method.md §4.4 and the README."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import pytest

from geoplan.layers.contracts import CONTRACTS, LAYERS
from geoplan.layers.tables.headings import (
    Matched,
    canonical,
    heading_scale,
    match_headings,
    vocabulary,
)

# The columns of the README, word for word.
CONTRACT = {
    "divisions": "division_code name kind county population pop_60plus pop_65plus pop_under3",
    "communities": "community_id name jiedao urban_class population households",
    "residential_communities": "rc_id name jiedao community population households",
    "compounds": "compound_id name jiedao community rc households population stock",
    "projects": "project_id name developer county jiedao community planned_households "
    "land_grant_date land_clause contract_elder_m2 contract_childcare_m2 works_permit_no "
    "works_permit_date permit_elder_m2 permit_childcare_m2 housing_start_date facility_start_date "
    "facility_phase completion_check_date measured_elder_m2 measured_childcare_m2 "
    "housing_acceptance_date facility_acceptance_date civil_affairs_opinion health_opinion "
    "housing_delivery_date facility_handover_date receiver handed_elder_m2 handed_childcare_m2 "
    "title_no open_date",
    "phases": "project_id phase households delivered_date",
    "facilities": "facility_id facility_type name jiedao community rc compound serves status "
    "open_date close_date functions beds nursing_beds full_time_beds day_seats places "
    "inclusive_places enrolled filed floor_area_m2 elder_area_m2 childcare_area_m2 other_area_m2 "
    "outdoor_area_m2 allocations area_kind position tenure lease_start lease_end open_to_public "
    "counts_for_community",
    "premises": "premises_id name owner floor_area_m2 modes cost_yuan rent_yuan_per_year "
    "available_from position jiedao community",
    "homes": "home_id households population pop_60plus pop_65plus pop_under3 community compound",
    "gates": "gate_id compound name",
    "roads": "",
    "reported": "indicator_id as_of value unit source",
}

# docs/method.md §4.4 with the layer in which each list must work, and the field it means there.
SYNONYMS = [
    ("facilities", "jiedao", "街道名称 街道 所属街道 所在街道 镇街 乡镇街道 乡镇(街道) 街道(乡镇) 街道办 街道办事处 街镇 XZJD JDMC street subdistrict jiedao_name"),
    ("divisions", "name", "街道名称 街道 JDMC street jiedao_name name"),
    ("divisions", "division_code", "街道代码 乡镇代码 区划代码 行政区代码 行政区划代码 XZQDM JDDM code jiedao_code"),
    ("facilities", "jiedao", "街道代码 区划代码 JDDM jiedao_code"),
    ("projects", "county", "县区 县(市、区) 所属县区 区县 行政区 所在区县 XZQMC county district county_name"),
    ("facilities", "community", "社区名称 社区 所属社区 所在社区 村居 村(社区) 居委会 社区居委会 SQMC community community_name 社区代码 SQDM"),
    ("communities", "community_id", "社区代码 村居代码 村级代码 统计用区划代码 SQDM community_code code"),
    ("communities", "name", "社区名称 社区 村(社区) SQMC community_name name"),
    ("residential_communities", "name", "居住社区名称 完整居住社区 完整社区 居住社区 生活圈名称 五分钟生活圈 JZSQMC rc_name"),
    ("compounds", "rc", "居住社区名称 完整居住社区 生活圈名称 rc_name"),
    ("compounds", "name", "小区名称 小区 楼盘名称 住宅小区 居住小区 小区(院落) XQMC estate compound_name"),
    ("projects", "name", "项目名称 项目 建设项目名称 楼盘项目 地块名称 XMMC project project_name"),
    ("projects", "project_id", "项目代码 项目编号 宗地编号 宗地号 地块编号 出让编号 电子监管号 XMBH project_code"),
    ("projects", "developer", "建设单位 开发商 开发企业 受让人 竞得人 开发单位"),
    ("compounds", "households", "户数 总户数 居民户数 住户数 住宅套数 总套数 套数 建成户数 HS ZHS households"),
    ("projects", "planned_households", "规划户数 规划总户数 规划套数 设计户数 批准户数 许可户数 GHHS"),
    ("communities", "population", "人口 总人口 常住人口 人口数 居住人口 现状人口 常住人口数 人数 RK RKS CZRK pop"),
    ("homes", "pop_60plus", "60岁以上人口 60岁及以上 60岁以上老年人 老年人口 老年人口(60+) 60+人口 LNRK60"),
    ("homes", "pop_65plus", "65岁以上人口 65岁及以上 65岁以上老年人 65+人口 65周岁及以上 LNRK65"),
    ("homes", "pop_under3", "3岁以下婴幼儿 3岁以下人口 0-3岁人口 0~3岁婴幼儿数 婴幼儿人数 三岁以下人口 YYE"),
    ("facilities", "name", "设施名称 机构名称 名称 养老机构名称 托育机构名称 站点名称 服务中心名称 SSMC JGMC name facility_name"),
    ("facilities", "facility_type", "设施类型 机构类型 类型 类别 设施类别 服务类型 SSLX type"),
    ("facilities", "floor_area_m2", "建筑面积 面积 建筑面积(㎡) 总建筑面积 房屋建筑面积 用房面积 设施面积 建筑面积_平方米 JZMJ area"),
    ("facilities", "elder_area_m2", "养老面积 养老用房面积 养老服务设施面积 养老建筑面积 养老设施建筑面积 居家养老用房面积 YLMJ"),
    ("facilities", "childcare_area_m2", "托育面积 托育用房面积 托育服务设施面积 婴幼儿照护场地面积 托育建筑面积 托儿所面积 TYMJ"),
    ("facilities", "land_area_m2", "用地面积 占地面积 土地面积 宗地面积 地块面积 YDMJ ZDMJ"),
    ("facilities", "usable_area_m2", "使用面积 套内面积 套内建筑面积 室内面积 实际使用面积"),
    ("facilities", "places", "托位数 托位 铺位数 核定托位 可提供托位 收托规模 额定托位数 设计托位 TWS"),
    ("facilities", "inclusive_places", "普惠托位 普惠托位数 普惠性托位 普惠性托位数 其中普惠托位"),
    ("facilities", "enrolled", "在托人数 实际收托 收托人数 在园托班人数 入托人数"),
    ("facilities", "beds", "床位数 床位 总床位 床位总数 养老床位数 核定床位 设置床位 CWS"),
    ("facilities", "nursing_beds", "护理型床位 护理型床位数 护理床位 护理床位数 其中护理型 护理型(张) HLXCW"),
    ("facilities", "full_time_beds", "全托床位 全托床位数量 长托床位 托养床位 短托床位"),
    ("facilities", "day_seats", "日托床位 日间照料床位 日托位 日间照料席位 日托床位数量"),
    ("facilities", "functions", "服务功能 功能 服务内容 具备功能 服务项目"),
    ("facilities", "status", "运营状态 状态 建设状态 运营情况 是否运营 现状/规划 建设情况 ZT"),
    ("facilities", "open_date", "开业时间 投用时间 运营时间 启用日期 投入使用时间"),
    ("facilities", "close_date", "停业时间 关停时间 注销日期 关闭日期 停用时间"),
    ("facilities", "tenure", "产权性质 用房性质 取得方式 房屋来源 权属 房屋性质"),
    ("facilities", "lease_end", "租赁到期 租期截止 合同到期日 租赁截止日期 到期时间"),
    ("facilities", "filed", "是否备案 备案情况 备案状态 备案编号 登记备案 是否登记备案"),
    ("facilities", "serves", "服务社区 服务范围 覆盖社区 服务小区 辐射社区 服务对象范围"),
    ("facilities", "lon", "经度 lng lon longitude 东经 经度坐标"),
    ("facilities", "lat", "纬度 lat latitude 北纬 纬度坐标 WD"),
    ("facilities", "x", "X 坐标X POINT_X"),
    ("facilities", "y", "Y 坐标Y POINT_Y"),
    ("projects", "land_grant_date", "出让日期 出让时间 成交时间 合同签订日期 供地时间 土地出让日期"),
    ("projects", "land_clause", "出让条件 是否纳入出让条件 出让条件含养老托育 配建条款 配建要求 土地出让条件"),
    ("projects", "works_permit_no", "建设工程规划许可证 工程规划许可证号 工规证号 规划许可证编号 建规证号"),
    ("projects", "housing_acceptance_date", "验收日期 竣工验收日期 联合验收时间 竣工时间 备案日期 acceptance_date"),
    ("projects", "facility_handover_date", "移交日期 移交时间 交接日期 设施移交时间 移交确认日期 handover_date"),
    # The "Headings" paragraph of the README.
    ("facilities", "facility_id", "设施编号"),
    ("compounds", "compound_id", "小区编号"),
    ("residential_communities", "rc_id", "居住社区编号"),
    ("premises", "premises_id", "房屋编号"),
    ("homes", "home_id", "楼栋编号"),
    ("gates", "gate_id", "出入口编号"),
    ("communities", "urban_class", "城乡分类代码"),
    ("facilities", "area_kind", "面积口径"),
    ("facilities", "position", "所在楼层"),
    ("facilities", "lease_start", "租赁起始日期"),
    ("projects", "works_permit_date", "工程规划许可日期"),
    ("projects", "housing_start_date", "住宅开工日期"),
    ("projects", "facility_start_date", "设施开工日期"),
    ("facilities", "outdoor_area_m2", "室外活动场地面积"),
    ("facilities", "other_area_m2", "其他面积"),
    ("facilities", "allocations", "面积分摊"),
    ("facilities", "open_to_public", "是否对外开放"),
    ("facilities", "counts_for_community", "是否计入社区"),
    ("compounds", "stock", "建设类型"),
]  # fmt: skip

# The columns of the check sheet, docs/method.md §3.3; the results among them mean nothing.
CHECK_SHEET = {
    "序号": "",
    "项目名称": "name",
    "项目代码/宗地编号": "project_id",
    "建设单位": "developer",
    "县(市、区)": "county",
    "街道": "jiedao",
    "社区": "community",
    "用地面积(㎡)": "land_area_m2",
    "住宅建筑面积(㎡)": "housing_floor_m2",
    "规划户数": "planned_households",
    "分期数": "phase_count",
    "出让合同编号": "land_contract_no",
    "出让日期": "land_grant_date",
    "出让条件含养老托育条款(是/否)": "land_clause",
    "养老应配(㎡)": "",
    "托育应配(㎡)": "",
    "合同约定养老(㎡)": "contract_elder_m2",
    "合同约定托育(㎡)": "contract_childcare_m2",
    "规划许可证号": "works_permit_no",
    "许可养老(㎡)": "permit_elder_m2",
    "许可托育(㎡)": "permit_childcare_m2",
    "施工许可证号": "construction_permit_no",
    "设施所在分期": "facility_phase",
    "规划核实日期": "completion_check_date",
    "实测养老(㎡)": "measured_elder_m2",
    "实测托育(㎡)": "measured_childcare_m2",
    "住宅验收日期": "housing_acceptance_date",
    "设施验收日期": "facility_acceptance_date",
    "民政意见": "civil_affairs_opinion",
    "卫健意见": "health_opinion",
    "住宅交付日期": "housing_delivery_date",
    "设施移交日期": "facility_handover_date",
    "接收单位": "receiver",
    "移交养老(㎡)": "handed_elder_m2",
    "移交托育(㎡)": "handed_childcare_m2",
    "不动产权证号": "title_no",
    "投用日期": "open_date",
    "同步规划": "",
    "同步建设": "",
    "同步验收": "",
    "同步交付": "",
    "养老缺口(㎡)": "",
    "托育缺口(㎡)": "",
    "综合结论": "",
    "不达标原因": "",
    "整改建议": "",
    "整改时限": "",
    "备注": "note",
}


def match(headings: Sequence[str], layer: str, **override: str) -> Matched:
    return match_headings(
        headings, layer, where="a.csv", override=override, is_numeric=lambda _: False
    )


def keys(headings: Sequence[str], layer: str, **override: str) -> list[str]:
    found = match(headings, layer, **override)
    assert found.problems == ()
    return [key for _, key in found.headings]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_key_of_the_contract_is_its_own_heading(layer: str) -> None:
    names = CONTRACT[layer].split()
    assert keys(names, layer) == names
    assert keys([name.upper() for name in names], layer) == names


def test_every_layer_has_a_contract() -> None:
    assert set(CONTRACT) == set(LAYERS) == set(CONTRACTS)


@pytest.mark.parametrize(("layer", "field", "spellings"), SYNONYMS)
def test_synonyms(layer: str, field: str, spellings: str) -> None:
    for spelling in spellings.split():
        assert keys([spelling], layer) == [field], spelling
        assert keys([f" {spelling} （㎡）\n"], layer) == [field], spelling


def test_the_check_sheet_is_understood_and_its_results_are_not_data() -> None:
    assert dict(match(list(CHECK_SHEET), "projects").headings) == CHECK_SHEET
    assert match(list(CHECK_SHEET), "projects").problems == ()


@pytest.mark.parametrize("heading", ["社区养老服", "社区养", "养老服务设", "elder_area_"])
def test_names_cut_at_ten_bytes(heading: str) -> None:
    found = match([heading], "facilities")
    assert dict(found.headings) == {heading: "elder_area_m2"}
    assert [remark.code for remark in found.remarks] == ["HEADING_GUESSED"]


def test_a_cut_name_that_may_mean_two_fields_is_a_problem() -> None:
    found = match(["works_perm"], "projects")
    assert len(found.problems) == 1
    assert "works_permit_date or works_permit_no" in found.problems[0].what.en
    one = match(["works_perm", "works_permit_no"], "projects")
    assert one.problems == ()
    assert one.columns == {"works_permit_no": 1, "works_permit_date": 0}


def test_two_columns_for_one_field_are_a_problem_that_names_both() -> None:
    found = match(["建筑面积", "总建筑面积", "名称"], "facilities")
    assert len(found.problems) == 1
    assert "建筑面积" in found.problems[0].what.zh
    assert "总建筑面积" in found.problems[0].what.zh
    assert 'columns = { floor_area_m2 = "建筑面积" }' in found.problems[0].remedy.en
    chosen = match(["建筑面积", "总建筑面积"], "facilities", floor_area_m2="总建筑面积")
    assert chosen.problems == ()
    assert chosen.columns == {"floor_area_m2": 1}


def test_code_and_name_of_a_place_are_one_field() -> None:
    found = match(["街道代码", "街道名称", "社区代码", "社区"], "facilities")
    assert found.problems == ()
    assert [key for _, key in found.headings] == ["jiedao", "jiedao", "community", "community"]
    assert canonical("jiedao_code", "facilities") == "jiedao"


def test_a_generic_id_gives_way_to_the_own_one() -> None:
    found = match(["id", "facility_id"], "facilities")
    assert found.columns == {"facility_id": 1}
    assert [remark.code for remark in found.remarks] == ["COLUMN_PASSED_OVER"]


def test_a_phrase_is_known_by_its_head() -> None:
    assert keys(["现状常住人口（2022年）"], "communities") == ["population"]
    assert keys(["2022年末常住人口数"], "communities") == ["population"]
    for heading in ("非常住人口", "流动人口", "小区物业公司", "社区居委会负责人", "人均建筑面积"):
        assert keys([heading], "facilities") == [""], heading
    for heading in ("工作人员人数", "入住户数", "常住人口增长率", "残疾人口"):
        assert keys([heading], "communities") == [""], heading


def test_registered_people_stand_in_for_residents_and_say_so() -> None:
    alone = match(["户籍人口", "户籍户数"], "communities")
    assert alone.columns == {"population": 0, "households": 1}
    assert [remark.code for remark in alone.remarks] == ["HEADING_GUESSED"] * 2
    both = match(["户籍人口", "常住人口"], "communities")
    assert both.columns == {"population": 1}
    assert [remark.code for remark in both.remarks] == ["COLUMN_PASSED_OVER"]


def test_headings_of_several_rows() -> None:
    headings = ["街道/街道", "面积/养老", "面积/托育", "养老服务设施/建筑面积", "床位/护理型"]
    assert keys(headings[:3], "facilities") == ["jiedao", "elder_area_m2", "childcare_area_m2"]
    assert keys(headings[3:], "facilities") == ["elder_area_m2", "nursing_beds"]


def test_jd_is_a_longitude_when_it_holds_numbers() -> None:
    found = match_headings(
        ["JD", "WD"], "facilities", where="a", override={}, is_numeric=lambda _: True
    )
    assert found.columns == {"lon": 0, "lat": 1}
    assert match(["JD"], "facilities").columns == {"jiedao": 0}


def test_units_in_headings_scale() -> None:
    found = match(["社区代码", "常住人口（万人）", "户数(户)"], "communities")
    assert found.scale == {"population": Decimal(10_000)}
    assert [remark.code for remark in found.remarks] == ["UNIT_SCALED"]
    acres = match(["用地面积（亩）"], "facilities")
    assert acres.columns == {}
    assert [remark.code for remark in acres.remarks] == ["UNIT_UNKNOWN"]


@pytest.mark.parametrize(
    "heading", ["联系电话", "负责人姓名", "身份证号", "法人联系方式", "手机", "LXDH", "phone"]
)
def test_people_s_particulars_are_not_read(heading: str) -> None:
    found = match([heading, "设施名称"], "facilities")
    assert found.columns == {"name": 1}
    assert [remark.code for remark in found.remarks] == ["PERSONAL_COLUMN"]
    assert heading in found.remarks[0].detail.zh


def test_override_faults_are_named_with_the_nearest() -> None:
    unknown = match(["面积"], "facilities", floor_area_m="面积")
    assert "floor_area_m2" in unknown.problems[0].remedy.en
    absent = match(["面积"], "facilities", floor_area_m2="建筑面积")
    assert "面积" in absent.problems[0].remedy.zh


def test_the_name_may_stand_for_the_id() -> None:
    found = match(["小区名称", "户数"], "compounds", compound_id="小区名称")
    assert found.columns == {"compound_id": 0, "name": 0, "households": 1}


def test_no_spelling_means_two_fields_of_a_layer() -> None:
    for layer in LAYERS:
        words = vocabulary(layer)
        for heading in {**words.weak, **words.strong}:
            assert match([heading], layer).problems == ()


def _laundered(heading: str) -> str:
    """As a geodatabase names the field: letters, digits and Han stay, every mark becomes ``_``."""
    return re.sub(r"[^\w㎡]", "_", heading)


@pytest.mark.parametrize(("layer", "field", "spellings"), SYNONYMS)
def test_a_geodatabase_that_launders_headings_changes_nothing(
    layer: str, field: str, spellings: str
) -> None:
    def read(heading: str) -> tuple[dict[str, int], Decimal | None]:
        found = match_headings([heading], layer, where="a", override={}, is_numeric=bool)
        return dict(found.columns), heading_scale(heading)

    for spelling in spellings.split():
        if re.search(r"[\u4e00-\u9fff]", spelling) and not spelling.endswith(")"):
            for heading in (
                spelling,
                f"{spelling}（㎡）",
                f"{spelling}(是/否)",
                f"{spelling}[万人]",
            ):
                assert read(_laundered(heading)) == read(heading), (field, heading)
