"""Tables as offices send them: docs/method.md §4.1 and §7 F12 to F14."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from geoplan.errors import DataError
from geoplan.layers.model import Layers
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.small_town import study


def codes(layers: Layers) -> list[str]:
    return [remark.code for remark in layers.remarks]


def remark_rows(layers: Layers, code: str) -> list[tuple[int, ...]]:
    return [remark.rows for remark in layers.remarks if remark.code == code]


def facilities(folder: Path, name: str = "a.xlsx", **options: str) -> Layers:
    return read_layers(
        study(folder, facilities=LayerFile("facilities", Path(name), **options))  # type: ignore[arg-type]
    )


def test_f14_a_bureau_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["江州区养老托育设施情况统计表"])
    sheet.merge_cells("A1:G1")
    sheet.append(["单位：㎡、张、个"])
    sheet.append(["序号", "所属街道", "设施名称", "设施类型", "面积", None, "托位数"])
    sheet.append([None, None, None, None, "养老", "托育", None])
    for column in "ABCDG":
        sheet.merge_cells(f"{column}3:{column}4")
    sheet.merge_cells("E3:F3")
    sheet.append(["甲", "乙", "1", "2", "3", "4", "5"])
    sheet.append([1, "太平街道", "壶兴站", "养老服务站", 150, None, None])
    sheet.append([2, None, "中山托育园", "托育园", None, "约200", 60])
    sheet.merge_cells("B6:B7")
    sheet.append([None, "小计", None, None, 150, 200, 60])
    sheet.append([3, "江南街道", "沿山综合体", "一老一小综合体", 120, 80, 20])
    sheet.append(["合  计", None, None, None, 270, 290, 80])
    sheet.append(["注：数据截至2023年12月。"])
    sheet.append(["填报人：某某          联系电话：…"])
    book.save(tmp_path / "a.xlsx")
    layers = facilities(tmp_path)
    rows = layers.facilities.rows
    assert [row.row for row in rows] == [6, 7, 9]
    assert [row.name for row in rows] == ["壶兴站", "中山托育园", "沿山综合体"]
    assert [row.jiedao for row in rows] == ["太平街道", "太平街道", "江南街道"]
    assert [row.elder_area_m2 for row in rows] == [Decimal(150), None, Decimal(120)]
    assert [row.childcare_area_m2 for row in rows] == [None, Decimal(200), Decimal(80)]
    assert rows[1].flags == ("APPROX:childcare_area_m2",)
    assert [row.id for row in rows] == ["F1", "F2", "F3"]
    assert remark_rows(layers, "TOTAL_ROW") == [(8, 10)]
    assert remark_rows(layers, "FOOTNOTE") == [(11, 12)]
    assert remark_rows(layers, "TOTAL_MISMATCH") == [(10,)]
    assert remark_rows(layers, "HEADING_ROWS") == [(3, 4)]
    mismatch = next(remark for remark in layers.remarks if remark.code == "TOTAL_MISMATCH")
    assert "290" in mismatch.detail.zh
    assert "280" in mismatch.detail.zh
    assert layers.facilities.source.rows_read == 7
    assert layers.facilities.source.rows_kept == 3


def test_a_number_in_merged_cells_is_not_repeated(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["设施编号", "街道代码", "设施类型", "建筑面积"])
    sheet.append(["F1", 451402001, "托育园", 300])
    sheet.append(["F2", None, "托育园", None])
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("D2:D3")
    book.save(tmp_path / "a.xlsx")
    layers = facilities(tmp_path)
    rows = layers.facilities.rows
    assert [row.jiedao for row in rows] == ["451402001", "451402001"]
    assert [row.floor_area_m2 for row in rows] == [Decimal(300), None]
    assert remark_rows(layers, "MERGED_NUMBER") == [(2, 3)]


def test_the_sheet_that_names_the_layer_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表由民政局填写"])
    sheet = book.create_sheet("Sheet2")
    sheet.append(["设施编号", "设施类型"])
    sheet.append(["F1", "托育园"])
    hidden = book.create_sheet("旧表")
    hidden.append(["设施编号", "设施类型"])
    hidden.append(["F9", "托育园"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    assert [row.id for row in facilities(tmp_path).facilities.rows] == ["F1"]
    assert [row.id for row in facilities(tmp_path, sheet="旧表").facilities.rows] == ["F9"]
    with pytest.raises(DataError, match="说明, Sheet2, 旧表"):
        facilities(tmp_path, sheet="Sheet3")


def test_sheets_that_fit_alike_must_be_chosen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("太平", "江南"):
        sheet = book.create_sheet(name)
        sheet.append(["设施编号", "设施类型"])
        sheet.append(["F1", "托育园"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match='layer = "太平"'):
        facilities(tmp_path)


def test_hidden_rows_are_read_and_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["设施编号", "设施类型"])
    sheet.append(["F1", "托育园"])
    sheet.append(["F2", "托育园"])
    sheet.row_dimensions[3].hidden = True
    book.save(tmp_path / "a.xlsx")
    layers = facilities(tmp_path)
    assert len(layers.facilities.rows) == 2
    assert remark_rows(layers, "HIDDEN_ROWS") == [(3,)]


def test_phases_stand_in_a_second_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "projects"
    book.active.append(["项目编号", "项目名称", "规划户数"])
    book.active.append(["P1", "阳光城", 1500])
    sheet = book.create_sheet("phases")
    sheet.append(["项目编号", "分期", "户数", "交付日期"])
    sheet.append(["P1", 1, 600, "2022-06-30"])
    sheet.append(["P1", 2.0, 500, None])
    sheet.append([None, 3, 400, None])
    book.save(tmp_path / "a.xlsx")
    layers = read_layers(study(tmp_path, projects="a.xlsx"))
    assert [(row.project_id, row.phase) for row in layers.phases.rows] == [("P1", "1"), ("P1", "2")]
    assert layers.phases.rows[0].households == Decimal(600)
    assert [source.layer for source in layers.sources] == ["projects", "phases"]
    assert remark_rows(layers, "INCOMPLETE_ROW") == [(4,)]


def test_a_csv_with_titles_units_and_semicolons(tmp_path: Path) -> None:
    lines = [
        "设施一览表;;;",
        "设施编号;设施类型;建筑面积;备注",
        ";;㎡;",
        "F1;托育园;1.200,5;甲、乙",
        "F2;托育园;300;",
        ";;;",
        "F3;托育园;１２０;",
    ]
    (tmp_path / "a.csv").write_bytes("\r\n".join(lines).encode("gb18030"))
    layers = facilities(tmp_path, "a.csv")
    assert [row.row for row in layers.facilities.rows] == [4, 5, 7]
    assert [row.floor_area_m2 for row in layers.facilities.rows] == [
        None,
        Decimal(300),
        Decimal(120),
    ]
    assert "BAD_NUMBER" in codes(layers)
    assert layers.facilities.source.encoding == "GB18030"


def test_units_in_the_heading_scale_and_totals_agree(tmp_path: Path) -> None:
    text = "社区代码,社区名称,常住人口(万人)\nC1,甲,1.2\nC2,乙,0.8\n合计,,2.0\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    layers = read_layers(study(tmp_path, communities="a.csv"))
    assert [row.population for row in layers.communities.rows] == [Decimal(12000), Decimal(8000)]
    assert "TOTAL_MISMATCH" not in codes(layers)
    assert "UNIT_SCALED" in codes(layers)


def test_people_s_particulars_leave_no_trace(tmp_path: Path) -> None:
    text = "设施编号,设施类型,联系电话,负责人姓名\nF1,托育园,13800000000,张三丰\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    layers = facilities(tmp_path, "a.csv")
    assert "PERSONAL_COLUMN" in codes(layers)
    assert "13800000000" not in repr(layers)
    assert "张三丰" not in repr(layers)


def test_a_stated_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("设施编号,设施类型\nF1,托育园\n".encode("gb18030"))
    with pytest.raises(DataError, match="utf-8"):
        facilities(tmp_path, "a.csv", encoding="utf-8")
    with pytest.raises(DataError, match="klingon"):
        facilities(tmp_path, "a.csv", encoding="klingon")
    assert facilities(tmp_path, "a.csv", encoding="gbk").facilities.source.encoding == "GB18030"


def test_formulas_without_result_are_blank_and_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["设施编号", "设施类型", "建筑面积"])
    sheet.append(["F1", "托育园", "=100+50"])
    sheet.append(["F2", "托育园", 80])
    book.save(tmp_path / "a.xlsx")
    layers = facilities(tmp_path)
    assert [row.floor_area_m2 for row in layers.facilities.rows] == [None, Decimal(80)]
    assert remark_rows(layers, "FORMULA_WITHOUT_RESULT") == [(2,)]


def test_phases_stand_in_a_second_layer(tmp_path: Path) -> None:
    import geopandas
    import pandas as pd
    import pyogrio

    path = tmp_path / "p.gpkg"
    shapes = geopandas.points_from_xy([433_500.0], [2_478_500.0], crs="EPSG:4545")
    geopandas.GeoDataFrame({"project_id": ["P1"]}, geometry=shapes).to_file(path, layer="projects")
    phases = pd.DataFrame({"project_id": ["P1", "P1"], "phase": [1, 2], "households": [600, 500]})
    pyogrio.write_dataframe(phases, path, layer="分期")
    layers = read_layers(study(tmp_path, projects="p.gpkg"))
    assert [(row.phase, row.households) for row in layers.phases.rows] == [
        ("1", Decimal(600)),
        ("2", Decimal(500)),
    ]
    assert layers.projects.geometry[0].x == 433_500
    assert layers.phases.geometry is None


def test_full_width_semicolons_separate(tmp_path: Path) -> None:
    text = "设施编号；设施类型；建筑面积\nF1；托育园；100\n"
    (tmp_path / "a.csv").write_text(text, encoding="gb18030")
    assert facilities(tmp_path, "a.csv").facilities.rows[0].floor_area_m2 == Decimal(100)


def test_kml(tmp_path: Path) -> None:
    (tmp_path / "a.kml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        '<Placemark><name>幸福院</name><ExtendedData><Data name="type"><value>养老院</value></Data>'
        "</ExtendedData><Point><coordinates>107.3535,22.4053,0</coordinates></Point></Placemark>"
        "</Document></kml>",
        encoding="utf-8",
    )
    layers = facilities(tmp_path, "a.kml")
    row = layers.facilities.rows[0]
    assert (row.id, row.name, row.facility_type) == ("F1", "幸福院", "elder_institution")
    assert layers.facilities.geometry[0].x == pytest.approx(433431.374, abs=0.01)
