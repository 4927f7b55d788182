"""Column contracts, ids, kinds and what rows say together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import shapely

from geoplan.errors import DataError, Problem
from geoplan.layers.model import Layers
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.small_town import (
    CRS,
    DIVISION_SHAPES,
    DIVISIONS,
    EAST,
    NORTH,
    study,
    write_vector,
)


def table(folder: Path, layer: str, *lines: str, **options: object) -> Layers:
    path = folder / f"{layer}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    file = LayerFile(layer, path, **options)  # type: ignore[arg-type]
    return read_layers(study(folder, **{layer: file}))


def problems(folder: Path, layer: str, *lines: str, **options: object) -> tuple[Problem, ...]:
    with pytest.raises(DataError) as refused:
        table(folder, layer, *lines, **options)
    return refused.value.problems


def said(layers: Layers, code: str) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
    return [(remark.rows, remark.ids) for remark in layers.remarks if remark.code == code]


def test_duplicate_ids_are_refused_with_every_row(tmp_path: Path) -> None:
    ids = ["A012", "B003", "A012", "C1", "B003", "B003"]
    (found,) = problems(
        tmp_path, "facilities", "facility_id,facility_type", *(f"{own},托育园" for own in ids)
    )
    assert str(found) == (
        'facilities.csv (facilities): column "facility_id": 2 values occur more than once '
        "(A012 rows 2, 4; B003 rows 3, 6, 7). Each facility needs its own id, or its area is "
        "counted twice. Give each its own, or drop the column and geoplan will number the rows."
    )
    assert "A012 在第 2, 4 行" in found.say("zh")


@pytest.mark.parametrize(
    ("layer", "heading", "missing"),
    [
        ("facilities", "设施编号,设施名称", "facility_type"),
        ("communities", "社区名称,常住人口", "community_id"),
        ("residential_communities", "居住社区名称,常住人口", "rc_id"),
        ("compounds", "小区名称,户数", "compound_id"),
        ("projects", "项目名称,规划户数", "project_id"),
        ("divisions", "名称,常住人口", "division_code"),
        ("reported", "指标编号,数值", "as_of"),
        ("reported", "指标编号,截至日期", "value"),
    ],
)
def test_missing_columns_are_named_with_what_was_found(
    layer: str, heading: str, missing: str, tmp_path: Path
) -> None:
    (found,) = problems(tmp_path, layer, heading, "甲,1")
    assert found.where == f"{layer}.csv ({layer})"
    assert missing in found.what.en
    for name in heading.split(","):
        assert name in found.what.en
        assert name in found.what.zh
    assert f"columns = {{ {missing} = " in found.remedy.en


def test_all_problems_of_all_layers_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("设施编号,设施类型\nF1,托育园\nF1,托育园\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("小区名称\n甲\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_layers(study(tmp_path, facilities="a.csv", compounds="b.csv", homes="c.gpkg"))
    assert sorted(problem.where for problem in refused.value.problems) == [
        "a.csv (facilities)",
        "b.csv (compounds)",
        "c.gpkg (homes)",
    ]


def test_rows_without_id_are_numbered(tmp_path: Path) -> None:
    layers = table(tmp_path, "facilities", "设施类型,名称", "托育园,甲", "托育园,乙")
    assert [row.id for row in layers.facilities.rows] == ["F1", "F2"]
    assert said(layers, "ROWS_NUMBERED") == [((), ())]
    layers = table(tmp_path, "facilities", "设施编号,设施类型", "A1,托育园", ",托育园")
    assert [row.id for row in layers.facilities.rows] == ["A1", "Frow3"]
    assert said(layers, "ID_BLANK") == [((3,), ("Frow3",))]


def test_a_name_may_be_the_id_when_the_user_says_so(tmp_path: Path) -> None:
    layers = table(
        tmp_path,
        "compounds",
        "小区名称,户数",
        "甲,100",
        "乙,无",
        columns={"compound_id": "小区名称"},
    )
    assert [(row.id, row.name, row.households) for row in layers.compounds.rows] == [
        ("甲", "甲", Decimal(100)),
        ("乙", "乙", None),
    ]


def test_division_codes_settle_id_and_kind(tmp_path: Path) -> None:
    layers = table(
        tmp_path,
        "divisions",
        "区划代码,名称,类别",
        "451402001000,太平街道办事处,街道",
        "451402002,江南街道,镇",
        "451402101.0,新和镇,",
        "451402200,左州乡,乡",
        "451402402,中泰产业园,街道",
        "451402000,某地,镇",
        "451402600,某地二,镇",
        "4514,某区,镇",
        ",无码镇,镇",
        ",无码街道,",
    )
    rows = layers.divisions.rows
    assert [(row.id, row.kind) for row in rows] == [
        ("451402001", "jiedao"),
        ("451402002", "jiedao"),
        ("451402101", "town"),
        ("451402200", "township"),
        ("451402402", "other"),
        ("451402000", "other"),
        ("451402600", "other"),
        ("某区", "town"),
        ("无码镇", "town"),
        ("无码街道", "jiedao"),
    ]
    (against,) = said(layers, "KIND_CONTRADICTS_CODE")
    assert against == ((3, 6, 7, 8), ("451402002", "451402402", "451402000", "451402600"))
    assert said(layers, "BAD_CODE") == [((9,), ("某区",))]
    assert said(layers, "KIND_UNKNOWN") == [((11,), ("无码街道",))]


def test_functions_from_a_list_from_columns_from_beds(tmp_path: Path) -> None:
    layers = table(
        tmp_path,
        "facilities",
        "设施编号,设施类型,服务功能,全托,日托,上门服务,技术支撑,全托床位,日托床位",
        "F1,养老院,全托、日托,,,,,,",
        "F2,养老院,,是,否,有,√,,",
        "F3,养老院,,,,,,10,5",
        "F4,养老院,,,,,,0,0",
        "F5,养老院,,,,,,,",
        "F6,养老院,,是,,,,,8",
        "F7,养老院,助餐,,,,,10,",
        "F8,养老院,,否,否,否,否,10,",
    )
    found = {row.id: row.functions for row in layers.facilities.rows}
    assert found == {
        "F1": {"full_time_care", "day_care"},
        "F2": {"full_time_care", "home_visit", "technical_support"},
        "F3": {"full_time_care", "day_care"},
        "F4": None,
        "F5": None,
        "F6": {"full_time_care"},
        "F7": frozenset(),
        "F8": frozenset(),
    }
    assert said(layers, "FUNCTIONS_FROM_BEDS") == [((4,), ("F3",))]
    assert said(layers, "FUNCTION_BLANK") == [((7,), ("F6",))]
    assert layers.facilities.rows[5].flags == (
        "FUNCTION_BLANK:day_care",
        "FUNCTION_BLANK:home_visit",
        "FUNCTION_BLANK:technical_support",
    )


def test_reversed_days_stay_and_are_told(tmp_path: Path) -> None:
    layers = table(
        tmp_path,
        "facilities",
        "设施编号,设施类型,开业时间,停业时间,租赁起始日期,租赁到期",
        "F1,托育园,2022-01-01,2021-01-01,2023-01-01,2022-01-01",
        "F2,托育园,2022-01-01,2022-01-01,,2020-01-01",
    )
    first, second = layers.facilities.rows
    assert first.flags == ("DATES_REVERSED:close_date", "DATES_REVERSED:lease_end")
    assert (first.open_date, first.close_date) == (date(2022, 1, 1), date(2021, 1, 1))
    assert second.flags == ()
    assert said(layers, "DATES_REVERSED") == [((2,), ("F1",))] * 2


def test_bad_cells_are_unknown_flagged_and_told_with_their_rows(tmp_path: Path) -> None:
    layers = table(
        tmp_path,
        "facilities",
        "设施编号,设施类型,状态,建筑面积,托位数,开业时间",
        "F1,游泳馆,热闹,-5,很多,明年",
        "F2,托育园,运营,200-300,约60,2021年",
        "F3,日间照料中兴,,300+200,无,",
    )
    one, two, three = layers.facilities.rows
    assert (one.facility_type, one.status) == ("other", "unknown")
    assert (one.floor_area_m2, one.places, one.open_date) == (None, None, None)
    assert set(one.flags) == {
        "UNKNOWN_TYPE:facility_type",
        "UNKNOWN_STATUS:status",
        "NEGATIVE:floor_area_m2",
        "BAD_NUMBER:places",
        "BAD_DATE:open_date",
    }
    assert (two.floor_area_m2, two.places) == (None, Decimal(60))
    assert (three.floor_area_m2, three.places, three.status) == (
        Decimal(500),
        Decimal(0),
        "unknown",
    )
    assert said(layers, "NEGATIVE") == [((2,), ("F1",))]
    assert said(layers, "UNKNOWN_TYPE") == [((2, 4), ("F1", "F3"))]
    unknown = next(remark for remark in layers.remarks if remark.code == "UNKNOWN_TYPE")
    assert "老年人日间照料中心" in unknown.detail.zh


def test_code_beats_name_of_a_declared_place(tmp_path: Path) -> None:
    layers = table(
        tmp_path,
        "facilities",
        "设施编号,设施类型,街道,街道代码,小区编号",
        "F1,托育园,太平街道,451402001,X1",
        "F2,托育园,江南街道,,",
    )
    assert [row.jiedao for row in layers.facilities.rows] == ["451402001", "江南街道"]
    assert [row.compound for row in layers.facilities.rows] == ["X1", None]


def test_reported_values(tmp_path: Path) -> None:
    layers = table(
        tmp_path,
        "reported",
        "indicator_id,as_of,value,unit,source",
        "elder_staff_trained,2023-12-31,0.3,万人次,人社局",
        "city_smart_elder_home,2023年,/,个,",
        "discipline_points_added,,20,个,",
    )
    rows = layers.reported.rows
    assert [(row.id, row.as_of, row.value) for row in rows] == [
        ("elder_staff_trained", date(2023, 12, 31), Decimal("0.3")),
        ("city_smart_elder_home", date(2023, 12, 31), None),
    ]
    assert said(layers, "INCOMPLETE_ROW") == [((4,), ())]
    twice = "elder_staff_trained,2023-12-31,0.3"
    (found,) = problems(tmp_path, "reported", "indicator_id,as_of,value", twice, twice)
    assert "rows 2, 3" in found.what.en


def test_homes_are_arrays(tmp_path: Path) -> None:
    layers = table(
        tmp_path,
        "homes",
        "home_id,households,population,60岁以上人口,社区,小区,X,Y",
        f"H1,30,80,12,中山社区,X1,{EAST + 10},{NORTH + 10}",
        f"H2,-3,约90,,,,{EAST + 20},{NORTH + 10}",
        "合计,27,170,,,,,",
        crs=CRS,
    )
    homes = layers.homes
    assert homes.ids.tolist() == ["H1", "H2"]
    np.testing.assert_array_equal(homes.households, [30, np.nan])
    np.testing.assert_array_equal(homes.population, [80, 90])
    np.testing.assert_array_equal(homes.pop_60plus, [12, np.nan])
    assert np.isnan(homes.pop_under3).all()
    assert homes.compound.tolist() == ["X1", None]
    assert shapely.get_x(homes.geometry).tolist() == [EAST + 10, EAST + 20]
    assert said(layers, "NEGATIVE") == [((3,), ("H2",))]
    assert said(layers, "APPROX") == [((3,), ("H2",))]
    assert (homes.source.rows_read, homes.source.rows_kept) == (3, 2)


def test_homes_with_polygons_and_number_columns(tmp_path: Path) -> None:
    rows = [{"households": 30, "population": 80.5}, {"households": -1, "population": None}]
    write_vector(tmp_path / "h.gpkg", rows, DIVISION_SHAPES[:2])
    layers = read_layers(study(tmp_path, homes="h.gpkg"))
    np.testing.assert_array_equal(layers.homes.households, [30, np.nan])
    np.testing.assert_array_equal(layers.homes.population, [80.5, np.nan])
    assert layers.homes.ids.tolist() == ["H1", "H2"]
    assert {remark.code for remark in layers.remarks} == {"ROWS_NUMBERED", "NEGATIVE"}


def test_roads_are_lines_and_nothing_else(tmp_path: Path) -> None:
    lines = [
        shapely.LineString([(EAST, NORTH), (EAST + 100, NORTH)]),
        shapely.MultiLineString(
            [[(EAST, NORTH), (EAST, NORTH + 50)], [(EAST, NORTH), (EAST + 1, NORTH)]]
        ),
        shapely.Point(EAST, NORTH),
        None,
    ]
    write_vector(tmp_path / "r.gpkg", [{"oneway": 1}] * 4, lines)
    layers = read_layers(study(tmp_path, roads="r.gpkg"))
    assert sorted(shapely.length(layers.roads.geometry)) == pytest.approx([1, 50, 100])
    assert said(layers, "NO_LINE") == [((3, 4), ())]
    assert (layers.roads.source.rows_read, layers.roads.source.rows_kept) == (4, 2)


def test_rows_outside_the_area_stay_and_are_told(tmp_path: Path) -> None:
    write_vector(tmp_path / "d.gpkg", DIVISIONS, DIVISION_SHAPES)
    lines = ["设施编号,设施类型,X,Y"]
    for own, east in (("F1", EAST + 500), ("F2", EAST - 900), ("F3", EAST - 1100)):
        lines.append(f"{own},托育园,{east},{NORTH + 500}")
    (tmp_path / "f.csv").write_text("\n".join(lines), encoding="utf-8")
    file = LayerFile("facilities", Path("f.csv"), crs=CRS)
    homes = LayerFile("homes", Path("f.csv"), crs=CRS, columns={"home_id": "设施编号"})
    layers = read_layers(study(tmp_path, divisions="d.gpkg", facilities=file, homes=homes))
    assert said(layers, "OUTSIDE_AREA") == [((4,), ("F3",))] * 2
    assert len(layers.facilities.rows) == len(layers.homes.ids) == 3


def test_places_that_cannot_be_and_shapes_that_are_none(tmp_path: Path) -> None:
    shapes = [
        shapely.Point(107.35, 22.4),
        shapely.Point(0, 0),
        None,
        shapely.Point(107.36, 22.4),
        shapely.LineString([(107.35, 22.4), (107.36, 22.4)]),
    ]
    import geopandas

    frame = geopandas.GeoDataFrame({"类型": ["托育园"] * 5}, geometry=shapes, crs=4326)
    frame.to_file(tmp_path / "f.gpkg")
    layers = read_layers(study(tmp_path, facilities="f.gpkg"))
    assert [shape is None for shape in layers.facilities.geometry] == [
        False,
        True,
        True,
        False,
        True,
    ]
    assert said(layers, "BAD_PLACE") == [((2,), ("F2",))]
    assert said(layers, "WRONG_GEOMETRY") == [((5,), ("F5",))]
    assert said(layers, "GEOMETRY_EMPTY") == [((3,), ("F3",))]


def test_a_broken_polygon_is_mended_and_told(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon(
        [(EAST, NORTH), (EAST + 4, NORTH + 4), (EAST + 4, NORTH), (EAST, NORTH + 4)]
    )
    write_vector(tmp_path / "x.gpkg", [{"compound_id": "X1"}], [bow_tie])
    layers = read_layers(study(tmp_path, compounds="x.gpkg"))
    assert layers.compounds.geometry[0].area == pytest.approx(8)
    assert said(layers, "GEOMETRY_MENDED") == [((1,), ("X1",))]


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:3857", "WGS84", "GCJ-02", "随便", "EPSG:2154"])
def test_a_study_is_not_measured_in_degrees_or_far_away(crs: str, tmp_path: Path) -> None:
    from dataclasses import replace

    write_vector(tmp_path / "d.gpkg", DIVISIONS, DIVISION_SHAPES)
    with pytest.raises(DataError) as refused:
        read_layers(replace(study(tmp_path, divisions="d.gpkg"), crs=crs))
    assert refused.value.problems[0].where == "study.toml: [study] crs"


def test_a_layer_in_web_mercator_is_taken_to_metres(tmp_path: Path) -> None:
    import geopandas

    frame = geopandas.GeoDataFrame(
        {"街道代码": ["451402001"]},
        geometry=[shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000)],
        crs=CRS,
    )
    frame.to_crs(3857).to_file(tmp_path / "d.gpkg")
    layers = read_layers(study(tmp_path, divisions="d.gpkg"))
    assert layers.crs == CRS
    assert layers.divisions.geometry[0].area == pytest.approx(1e6, rel=1e-5)


def test_f11_old_datums_warn(tmp_path: Path) -> None:
    layers = table(
        tmp_path, "facilities", "类型,X,Y", "托育园,2478823.724,433431.374", crs="EPSG:2433"
    )
    assert said(layers, "DATUM_BALLPARK") == [((), ())]
    assert layers.crs == CRS


def test_no_geometry_at_all(tmp_path: Path) -> None:
    layers = table(tmp_path, "facilities", "类型,街道", "托育园,太平街道")
    assert layers.crs is None
    assert layers.facilities.geometry is None
    assert layers.facilities.source.crs is None
