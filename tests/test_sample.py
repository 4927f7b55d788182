"""The sample study, counted by brute force straight from its files, and made again."""

from __future__ import annotations

import csv
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pyproj import Transformer

JIEDAO = ("451402001", "451402002", "451402003")
FOUR = {"全托", "日托", "上门服务", "技术支撑"}
DAYS = {"2021": date(2021, 12, 31), "2023": date(2023, 12, 31)}


def layer(repository: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(repository / "data" / "boundaries" / f"{name}.gpkg")


def facilities(repository: Path) -> list[dict[str, str]]:
    path = repository / "data" / "facilities" / "facilities.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def begun(row: dict[str, str], day: date) -> bool:
    """Open by hand: the file writes days, and once a month."""
    text = row["投入使用时间"].replace("年", "-").replace("月", "")
    if text.count("-") == 1:
        text += "-31"
    return bool(text) and date.fromisoformat(text) <= day


def serves(row: dict[str, str], day: date) -> bool:
    closed = row["停业时间"] and date.fromisoformat(row["停业时间"]) <= day
    return row["运营状态"] in {"运营", "试运行", ""} and begun(row, day) and not closed


def points(rows: list[dict[str, str]]) -> dict[str, shapely.Point]:
    metres = Transformer.from_crs("EPSG:4490", "EPSG:4545", always_xy=True)
    return {
        row["设施编号"]: shapely.Point(metres.transform(float(row["经度"]), float(row["纬度"])))
        for row in rows
    }


@pytest.mark.parametrize("year", DAYS)
def test_two_of_three_streets_have_a_center(repository: Path, year: str) -> None:
    covered = {
        row["街道"].removeprefix("江州区").removesuffix("办事处")
        for row in facilities(repository)
        if row["设施类型"] == "街道综合性养老服务中心"
        and serves(row, DAYS[year])
        and set(row["服务功能"].replace(",", "、").split("、")) >= FOUR
        and "街道" in row["街道"]
    }
    assert covered == {"太平街道", "江南街道"}


@pytest.mark.parametrize(("year", "covered"), [("2021", 3), ("2023", 5)])
def test_childcare_of_the_ten_communities_in_range(
    repository: Path, year: str, covered: int
) -> None:
    rcs = layer(repository, "residential_communities")
    in_range = rcs[(rcs.population >= 5000) & (rcs.population <= 12000)]
    assert len(in_range) == 10
    rows, found = facilities(repository), set()
    where = points(rows)
    for row in rows:
        kind = row["设施类型"]
        if kind not in {"托育机构", "幼儿园托班", "养老托育综合体"} or not serves(row, DAYS[year]):
            continue
        if row["是否备案"] == "否" or not row["托位数"]:
            continue
        listed = [part for part in row["服务范围"].split("、") if part]
        for rc_id, area in zip(in_range.rc_id, in_range.geometry, strict=True):
            inside = rc_id in listed if listed else area.contains(where[row["设施编号"]])
            found |= {rc_id} if inside else set()
    assert len(found) == covered


def test_places_per_1000_are_the_plans_own_at_the_end_of_2021(repository: Path) -> None:
    divisions = layer(repository, "divisions")
    rows = facilities(repository)
    where = points(rows)
    town = shapely.union_all(divisions[divisions.division_code.isin(JIEDAO)].geometry.to_numpy())
    places = Counter[bool]()
    for row in rows:
        if row["托位数"] and serves(row, DAYS["2021"]) and row["是否备案"] != "否":
            places[bool(town.contains(where[row["设施编号"]]))] += int(row["托位数"])
    people = int(divisions.population.sum())
    own = int(divisions[divisions.division_code.isin(JIEDAO)].population.sum())
    for count, residents in ((places[True], own), (places[True] + places[False], people)):
        rate = (Decimal(count) * 1000 / residents).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert rate == Decimal("1.54")


def test_people_add_up(repository: Path) -> None:
    homes = layer(repository, "homes")
    groups = ["population", "pop_60plus", "pop_65plus", "pop_under3"]
    communities = layer(repository, "communities").set_index("community_id")
    summed = homes.groupby("community")[["population", "households"]].sum()
    assert (summed["population"] == communities.population.loc[summed.index]).all()
    assert (summed["households"] == communities.households.loc[summed.index]).all()
    divisions = layer(repository, "divisions").set_index("division_code")
    by_division = homes.groupby(homes.community.str[:9])[groups].sum()
    assert (by_division == divisions.loc[by_division.index, groups]).all(axis=None)
    compounds = layer(repository, "compounds").set_index("compound_id")
    inside = homes[homes.compound.notna()].groupby("compound")["population"].sum()
    known = compounds[compounds.population.notna()].index
    assert (inside.loc[known] == compounds.population.loc[known]).all()


def test_ground_nests_without_gaps(repository: Path) -> None:
    communities = layer(repository, "communities")
    divisions = layer(repository, "divisions").set_index("division_code")
    for code, area in zip(divisions.index, divisions.geometry, strict=True):
        own = communities[communities.community_id.str.startswith(code)]
        difference = shapely.union_all(own.geometry.to_numpy()).symmetric_difference(area)
        assert difference.area < 1.0, code


def test_sizes_are_those_promised(repository: Path) -> None:
    rows = facilities(repository)
    assert len(layer(repository, "residential_communities")) == 40
    assert 140 <= len(layer(repository, "compounds")) <= 160
    assert 80 <= len(rows) <= 100
    assert 2700 <= len(layer(repository, "homes")) <= 3300
    from geoplan.terms import facility_types, terms

    types = {word for each in facility_types().values() for word in (each.zh, *each.synonyms)}
    assert {row["设施类型"] for row in rows} <= types
    assert len({row["设施类型"] for row in rows}) == len(facility_types())
    written = {row["运营状态"] for row in rows}
    assert {"运营", "试运行", "停业", "关停", "已建成未运营", "在建", "规划", "不详"} <= written
    assert len(terms("status")) == 8


def test_sources_match_the_files(repository: Path) -> None:
    for folder in ("boundaries", "facilities"):
        where = repository / "data" / folder
        listed = tomllib.loads((where / "SOURCES.toml").read_text(encoding="utf-8"))["file"]
        for entry in listed:
            content = (where / entry["name"]).read_bytes()
            assert sha256(content).hexdigest() == entry["sha256"], entry["name"]


def test_made_again_it_is_the_same(repository: Path, tmp_path: Path) -> None:
    script = repository / "tools" / "make_sample.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.suffix == ".csv"}
    assert made
    for name, content in made.items():
        (kept,) = (repository / "data").rglob(name)
        assert kept.read_bytes() == content, name
    again = layer(tmp_path, "homes")
    assert again.equals(layer(repository, "homes"))
