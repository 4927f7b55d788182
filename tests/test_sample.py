"""The sample study, counted by brute force straight from its files, and made again.

Nothing here but the last section calls geoplan: the counts are a second telling of the rules.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import networkx as nx
import openpyxl
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from geoplan import assess_study
from geoplan.terms import facility_types, terms

Rows = list[dict[str, str]]

JIEDAO = {"451402001": "太平街道", "451402002": "江南街道", "451402003": "石景林街道"}
FOUR = {"全托", "日托", "上门服务", "技术支撑"}
DAYS = {"2021": date(2021, 12, 31), "2023": date(2023, 12, 31), "2024": date(2024, 6, 30)}
CHILDCARE = {"托育机构", "幼儿园托班", "养老托育综合体"}
BOUNDARIES = (
    "divisions", "communities", "residential_communities", "compounds", "homes", "roads", "gates",
)  # fmt: skip


# ------------------------------------------------------------------------ reading by hand


def layer(root: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(root / "data" / "boundaries" / f"{name}.gpkg")


def table(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def facilities(repository: Path) -> Rows:
    return table(repository / "data" / "facilities" / "facilities.csv")


@pytest.fixture(scope="module")
def points(facilities: Rows) -> dict[str, shapely.Point]:
    """Where they stand, in the metres of the boundaries."""
    metres = Transformer.from_crs("EPSG:4490", "EPSG:4545", always_xy=True)
    return {
        row["设施编号"]: shapely.Point(metres.transform(float(row["经度"]), float(row["纬度"])))
        for row in facilities
        if row["经度"]
    }


def day_of(text: str) -> date:
    """2020-01-31, 2020.1.31, or a month, which means its last day (December is all we have)."""
    parts = [
        int(part) for part in text.replace("年", "-").replace("月", "").replace(".", "-").split("-")
    ]
    return date(parts[0], parts[1], parts[2] if len(parts) > 2 else 31)


def serves(row: dict[str, str], day: date) -> bool:
    if row["停业时间"] and day_of(row["停业时间"]) <= day:
        return False
    if row["投用时间"] and day_of(row["投用时间"]) > day:
        return False
    if row["运营状态"] == "":
        return bool(row["投用时间"])
    return row["运营状态"] in {"运营", "试运行"} or (
        row["运营状态"] == "关停" and bool(row["停业时间"])
    )


def functions_of(row: dict[str, str]) -> set[str]:
    words = row["服务功能"].replace(",", "、").split("、")
    same = {"居家上门": "上门服务", "对下指导": "技术支撑"}
    return {same.get(word, word) for word in words if word}


# ------------------------------------------------------------------------------ baselines


@pytest.mark.parametrize(
    ("year", "covered"),
    [
        ("2021", {"太平街道", "江南街道"}),
        ("2023", {"太平街道", "江南街道"}),
        ("2024", {"太平街道", "江南街道", "石景林街道"}),
    ],
)
def test_streets_with_a_center_that_has_all_four_functions(
    facilities: Rows, year: str, covered: set[str]
) -> None:
    found = {
        row["街道"].removeprefix("江州区").removesuffix("办事处")
        for row in facilities
        if row["设施类型"] == "街道综合性养老服务中心"
        and serves(row, DAYS[year])
        and functions_of(row) >= FOUR
    }
    assert found & set(JIEDAO.values()) == covered


@pytest.mark.parametrize(
    ("year", "covered"),
    [
        ("2021", {"RC07", "RC17", "RC20"}),
        ("2023", {"RC01", "RC07", "RC15", "RC20", "RC33"}),
    ],
)
def test_ten_communities_in_range_and_those_with_childcare(
    repository: Path,
    facilities: Rows,
    points: dict[str, shapely.Point],
    year: str,
    covered: set[str],
) -> None:
    rcs = layer(repository, "residential_communities")
    in_range = rcs[(rcs.population >= 5000) & (rcs.population <= 12000)]
    assert len(in_range) == 10
    urban = set(layer(repository, "communities").query("urban_class in ['111', '112']").name)
    assert set(in_range.community) <= urban
    found: set[str] = set()
    for row in facilities:
        public = row["设施类型"] == "用人单位托育" and row["是否对外开放"] == "是"
        if row["设施类型"] not in CHILDCARE and not public:
            continue
        if not serves(row, DAYS[year]) or row["是否备案"] == "否" or not int(row["托位数"] or 0):
            continue
        listed = row["服务范围"].replace("；", "、").split("、") if row["服务范围"] else []
        for rc_id, area in zip(in_range.rc_id, in_range.geometry, strict=True):
            inside = rc_id in listed if listed else area.contains(points[row["设施编号"]])
            found |= {rc_id} if inside else set()
    assert found == covered


def places_by_side(
    repository: Path, facilities: Rows, points: dict[str, shapely.Point], day: date
) -> Counter[bool]:
    """Childcare places inside (True) and outside the three 街道."""
    divisions = layer(repository, "divisions")
    town = divisions[divisions.division_code.isin(JIEDAO)].union_all()
    places: Counter[bool] = Counter()
    for row in facilities:
        unfiled = row["是否备案"] == "否" or (
            row["设施类型"] == "家庭托育点" and row["是否备案"] != "是"
        )
        if row["托位数"] and serves(row, day) and not unfiled:
            places[bool(town.contains(points[row["设施编号"]]))] += int(row["托位数"])
    return places


def test_places_per_1000_are_the_plans_own_at_the_end_of_2021(
    repository: Path, facilities: Rows, points: dict[str, shapely.Point]
) -> None:
    divisions = layer(repository, "divisions").set_index("division_code").population
    places = places_by_side(repository, facilities, points, DAYS["2021"])
    for count, residents in (
        (places[True], divisions[list(JIEDAO)].sum()),
        (places.total(), divisions[[*JIEDAO, "451402101", "451402102"]].sum()),
        (places.total(), divisions.sum()),
    ):
        rate = Decimal(count) * 1000 / int(residents)
        assert rate.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("1.54")
    later = places_by_side(repository, facilities, points, DAYS["2023"])
    assert Decimal("1.6") < Decimal(later.total()) * 1000 / int(divisions.sum()) < Decimal("3.5")


@pytest.mark.parametrize(("year", "share"), [("2021", "46.00"), ("2023", "52.95")])
def test_nursing_beds(facilities: Rows, year: str, share: str) -> None:
    beds: Counter[str] = Counter()
    for row in facilities:
        if row["设施类型"] != "养老机构" or not serves(row, DAYS[year]) or not row["床位数"]:
            continue
        if int(row["护理型床位"]) <= int(row["床位数"]):
            beds.update({"all": int(row["床位数"]), "nursing": int(row["护理型床位"])})
    assert f"{Decimal(beds['nursing']) * 100 / beds['all']:.2f}" == share


def test_one_community_has_exactly_enough_and_one_a_hundredth_less(
    repository: Path, facilities: Rows
) -> None:
    compounds = layer(repository, "compounds").query("stock == 'existing'")
    rooms = {"日间照料中心", "老年服务站", "嵌入式养老服务机构", "老年食堂"}
    for community, gap in (("城西社区", "0"), ("沿山社区", "0.01")):
        own = compounds[compounds.community == community]
        required = Decimal(int(own.households.sum())) * 15 / 100
        provided = sum(
            Decimal(row["建筑面积(㎡)"])
            for row in facilities
            if row["社区"] == community and row["设施类型"] in rooms and serves(row, DAYS["2023"])
        )
        assert required - provided == Decimal(gap), community


# ----------------------------------------------------------------------- people and ground


def test_people_add_up(repository: Path) -> None:
    homes = layer(repository, "homes")
    groups = ["population", "households", "pop_60plus", "pop_65plus", "pop_under3"]
    assert (homes[groups] >= 0).all(axis=None)
    assert (homes.pop_65plus <= homes.pop_60plus).all()
    assert (homes.pop_60plus + homes.pop_under3 <= homes.population).all()
    compounds = layer(repository, "compounds").set_index("compound_id")
    rcs = layer(repository, "residential_communities").set_index("rc_id")
    communities = layer(repository, "communities").set_index("name")
    divisions = layer(repository, "divisions").set_index("division_code")
    by_compound = homes.groupby("compound")[groups].sum()
    homes["rc"] = homes.compound.map(compounds.rc)
    for counts, key, areas in (
        (by_compound, "compound_id", compounds),
        (homes.groupby("rc")[groups].sum(), "rc_id", rcs.drop("RC03")),
        (homes.groupby("community")[groups].sum(), "community_id", communities),
    ):
        for column in ("population", "households"):
            known = areas[column].dropna()
            assert len(known) >= len(areas) - 2, key
            found = counts[column].reindex(known.index, fill_value=0)
            assert (found == known).all(), (key, column)
    code = homes.community.map(communities.community_id.str[:9])
    by_division = homes.groupby(code)[[*groups]].sum().drop(columns="households")
    assert (by_division == divisions[by_division.columns].loc[by_division.index]).all(axis=None)


def test_people_are_as_old_as_the_census_says(repository: Path) -> None:
    for row in layer(repository, "divisions").itertuples():
        for part, share in (("60plus", 0.1278), ("65plus", 0.0928), ("under3", 0.0330)):
            assert getattr(row, f"pop_{part}") == round(row.population * share), row.name


def test_the_streets_without_compounds_are_part_of_their_community(repository: Path) -> None:
    homes = layer(repository, "homes").set_index("home_id")
    rcs = layer(repository, "residential_communities").set_index("rc_id")
    old = homes[homes.compound.isna() & homes.within(rcs.geometry["RC03"])]
    assert old.population.sum() == rcs.population["RC03"]
    assert old.households.sum() == rcs.households["RC03"]


def test_ground_nests_without_gaps_or_overlaps(repository: Path) -> None:
    found = {name: layer(repository, name) for name in BOUNDARIES}
    for name in BOUNDARIES:
        assert found[name].crs.to_epsg() == 4545
        assert found[name].is_valid.all()
    for name in ("divisions", "communities", "residential_communities"):
        assert shapely.coverage_is_valid(found[name].geometry.to_numpy()), name
    divisions = found["divisions"].set_index("division_code").geometry
    communities = found["communities"]
    own = communities.dissolve(communities.community_id.str[:9]).geometry
    assert (own.symmetric_difference(divisions.loc[own.index]).area < 1).all()
    by_name = communities.set_index("name").geometry
    rcs = found["residential_communities"].set_index("rc_id")
    compounds = found["compounds"].set_index("compound_id")
    homes = found["homes"].set_index("home_id")
    inside = homes[homes.compound.notna()]
    for parts, wholes in (
        (rcs, by_name.loc[rcs.community]),
        (compounds, rcs.geometry.loc[compounds.rc]),
        (inside, compounds.geometry.loc[inside.compound]),
        (homes, by_name.loc[homes.community]),
    ):
        outside = parts.geometry.reset_index(drop=True).difference(
            wholes.reset_index(drop=True), align=False
        )
        assert (outside.area < 1).all()
        assert (outside.length < 0.1).all() or parts is not homes


def test_names_and_codes_are_those_of_the_statistics(repository: Path, shared_data: Path) -> None:
    real = {
        row["code9"]: row["name"]
        for row in table(shared_data / "chongzuo-townships" / "townships_451400.csv")
    }
    for row in layer(repository, "divisions").itertuples():
        assert real[row.division_code] == row.name
    communities = layer(repository, "communities")
    town = communities[communities.community_id.str[:9].isin(JIEDAO)]
    is_village = town.community_id.str[9] == "2"
    assert ((~is_village).sum(), is_village.sum()) == (9, 13)
    assert town.name[~is_village].str.endswith("社区").all()


def test_each_lived_in_compound_has_a_gate_on_its_border_and_the_large_two(
    repository: Path,
) -> None:
    gates = layer(repository, "gates")
    compounds = layer(repository, "compounds").set_index("compound_id")
    count = gates.groupby("compound").size()
    for gate in gates.itertuples():
        border = compounds.geometry[gate.compound].boundary
        assert border.distance(gate.geometry) < 0.5
    assert set(count) == {1, 2}
    emptied = compounds.index[compounds.households == 0]
    assert set(compounds.index) - set(count.index) == set(emptied)


def test_streets_are_one_net_with_three_bridges_and_a_lonely_lane(repository: Path) -> None:
    roads = layer(repository, "roads")
    net = nx.Graph()
    for number, line in zip(roads.road_id, roads.geometry, strict=True):
        net.add_edge(line.coords[0], line.coords[-1], road=number)
    assert [len(part) for part in nx.connected_components(net)].count(2) == 1
    assert nx.number_connected_components(net) == 2
    assert (roads.road_class == "桥梁").sum() >= 3
    north = layer(repository, "divisions").set_index("name").geometry["太平街道"]
    crossing = roads[roads.crosses(north) & (roads.road_class == "桥梁")]
    inside_town = roads[roads.road_class != "乡村道路"]
    assert len(inside_town[inside_town.crosses(north)]) == len(crossing)
    assert 120_000 < roads.length.sum() < 240_000
    dead_ends = [node for node, degree in net.degree if degree == 1]
    assert len(dead_ends) > 50


# --------------------------------------------------------------------- what must be there


def test_every_type_status_and_tenure_is_there(facilities: Rows) -> None:
    def written(column: str) -> set[str]:
        return {row[column] for row in facilities}

    for group, column in (("status", "运营状态"), ("tenure", "产权性质"), ("position", "所在楼层")):
        said = {
            key for key, term in terms(group).items() if written(column) & {term.zh, *term.synonyms}
        }
        missing = set(terms(group)) - said
        assert missing <= {"unknown"}, (group, missing)
    types = {
        key
        for key, term in facility_types().items()
        if written("设施类型") & {term.zh, *term.synonyms}
    }
    assert types == set(facility_types())
    assert 80 <= len(facilities) <= 110


def test_sizes_are_those_promised(repository: Path) -> None:
    assert len(layer(repository, "residential_communities")) == 40
    assert 140 <= len(layer(repository, "compounds")) <= 160
    assert 2700 <= len(layer(repository, "homes")) <= 3300
    assert len(table(repository / "data" / "facilities" / "premises.csv")) == 30
    book = openpyxl.load_workbook(repository / "data" / "facilities" / "projects.xlsx")
    assert book.sheetnames == ["projects", "phases"]
    assert book["projects"].max_row == 21
    total = sum(path.stat().st_size for path in (repository / "data").rglob("*") if path.is_file())
    assert total <= 3_000_000


def test_what_is_invented_says_so(repository: Path, facilities: Rows) -> None:
    names = [row["设施名称"] for row in facilities]
    names += [row["房屋名称"] for row in table(repository / "data" / "facilities" / "premises.csv")]
    for area in ("residential_communities", "compounds"):
        names += list(layer(repository, area).name)
    sheet = openpyxl.load_workbook(repository / "data" / "facilities" / "projects.xlsx")["projects"]
    names += [str(row[0]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [name for name in names if "示意" not in name] == []
    study = tomllib.loads((repository / "study.toml").read_text(encoding="utf-8"))["study"]
    assert "示意数据" in study["name"]


def test_population_classes_touch_their_limits(repository: Path) -> None:
    people = set(layer(repository, "residential_communities").population.dropna())
    assert {4999, 5000, 12000, 12001} <= people
    assert max(people) > 24_000


# ---------------------------------------------------------------------------- made again


@pytest.fixture(scope="module")
def made(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The data made twice, in two runs at the same time."""
    folders = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    script = repository / "tools" / "make_sample.py"
    runs = [subprocess.Popen([sys.executable, script, folder]) for folder in folders]
    assert [run.wait() for run in runs] == [0, 0]
    return folders


def test_two_runs_write_the_same_bytes(made: tuple[Path, Path]) -> None:
    hashes = [
        {
            path.relative_to(folder): sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in made
    ]
    assert len(hashes[0]) == 14
    assert hashes[0] == hashes[1]


def test_the_script_makes_the_data_that_is_kept(repository: Path, made: tuple[Path, Path]) -> None:
    for path in (made[0] / "data").rglob("*.csv"):
        assert (repository / path.relative_to(made[0])).read_bytes() == path.read_bytes(), path.name
    for name in BOUNDARIES:
        kept, new = layer(repository, name), layer(made[0], name)
        pd.testing.assert_frame_equal(
            pd.DataFrame(kept.drop(columns="geometry")), pd.DataFrame(new.drop(columns="geometry"))
        )
        assert shapely.equals_exact(kept.geometry, new.geometry, tolerance=0.02).all(), name
    sheets = [
        openpyxl.load_workbook(root / "data" / "facilities" / "projects.xlsx").worksheets
        for root in (repository, made[0])
    ]
    for kept_sheet, new_sheet in zip(*sheets, strict=True):
        assert list(kept_sheet.values) == list(new_sheet.values)


ASTRAY = """
import runpy, sys, types
import numpy as np

tools, folder = sys.argv[1:]
sys.path.insert(0, tools)
random = np.random.default_rng(7)


def astray(function):
    def wrapped(*values):
        right = function(*values)
        step = random.integers(-1, 2, size=np.shape(right)) * (np.abs(right) != 1)
        return np.where(step == 0, right, np.nextafter(right, step * np.inf))
    return wrapped


class Astray(types.ModuleType):
    def __getattr__(self, name):
        found = getattr(np, name)
        return astray(found) if name in {"sin", "cos", "arctan2", "hypot"} else found


from sample import shapes
shapes.np = Astray("numpy")
from sample import ground, streets
ground.np = streets.np = shapes.np
sys.argv = ["make_sample.py", folder]
runpy.run_path(tools + "/make_sample.py", run_name="__main__")
"""


def test_the_last_bit_of_a_sine_does_not_matter(
    repository: Path, made: tuple[Path, Path], tmp_path: Path
) -> None:
    """Processors differ in it; the data must not."""
    tools = repository / "tools"
    subprocess.run([sys.executable, "-c", ASTRAY, tools, tmp_path], check=True)
    for path in made[0].rglob("*"):
        if path.is_file():
            assert (tmp_path / path.relative_to(made[0])).read_bytes() == path.read_bytes()


def test_sources_match_the_files(repository: Path) -> None:
    data = repository / "data"
    listed = set()
    for file in data.rglob("SOURCES.toml"):
        sources = tomllib.loads(file.read_text(encoding="utf-8"))
        known = {source["id"] for source in sources["source"]}
        for entry in sources["file"]:
            path = file.parent / entry["name"]
            listed.add(path)
            assert sha256(path.read_bytes()).hexdigest() == entry["sha256"], entry["name"]
            assert set(entry["sources"]) <= known
    assert listed == {
        path for path in data.rglob("*") if path.is_file() and path.name != "SOURCES.toml"
    }


# ------------------------------------------------------------------- through the workflow

# What the sample is there to show; every one of them at the end of 2023.
ODD_CASES = set(
    """
    ACCEPT_LATE ALLOC_HH_MISSING ALLOC_REST AMBIGUOUS_NAME AREA_KIND AREA_MISSING AREA_OVERALLOCATED
    BAD_LOCATION BEDS_OR_STATUS_UNKNOWN CIVIL_AFFAIRS_REJECTED DATE_STATUS_CONFLICT EVIDENCE_NOT_GIVEN
    HANDOVER_AREA_SHORT HANDOVER_LATE HEALTH_REJECTED HH_ESTIMATED HH_MISSING HOUSING_AHEAD IDLE
    INTERIM_GAP LEASE_ENDED LEASE_EXPIRING LEASE_NOT_BEGUN LEASE_SHORT LEASE_TERM_UNKNOWN
    LEGACY_NO_CLAUSE LOC_MISMATCH MEASURED_SHORT_CHILDCARE MEASURED_SHORT_ELDER MISSING_FUNCTIONS
    NOT_FILED NOT_FILED_UNKNOWN NOT_IN_PERMIT NOT_JIEDAO NOT_STARTED NOT_URBAN NOT_YET_ACCEPTED
    NO_HANDOVER NO_LAND_CLAUSE NO_PLACE NURSING_EXCEEDS_BEDS ON_BOUNDARY OPEN_TO_PUBLIC_UNKNOWN
    OTHER_USE OUTSIDE_SCOPE OVERSIZE PERMIT_AREA_SHORT_CHILDCARE PERMIT_AREA_SHORT_ELDER PHASE_LATE
    PLACES_MISSING POP_ESTIMATED REPORTED_DIFFERS SHARED_SPLIT_MISSING SPLIT START_LATE
    STATUS_ASSUMED STATUS_UNKNOWN TRIAL UNDERSIZE UNKNOWN_NAME
    """.split()  # noqa: SIM905 - a list of sixty words reads best as text
)


def test_every_odd_case_shows_in_the_assessment(repository: Path) -> None:
    assessment = assess_study(repository)
    seen = Counter[str]()
    for indicator in assessment.indicators:
        seen.update(each.code for each in indicator.warnings)
        seen.update(each.reason for each in indicator.excluded)
    for part in (assessment.units, assessment.projects):
        seen.update(code.split(":")[0] for each in part for code in each.codes)
    seen.update(remark.code for remark in assessment.remarks)
    assert sorted(ODD_CASES - set(seen)) == []
    verdicts = defaultdict(set)
    for unit in assessment.units:
        if unit.level == "community" and unit.official:
            verdicts[unit.kind].add(str(unit.verdict))
    assert verdicts["elder"] >= {"PASS", "FAIL", "UNKNOWN"}
    assert verdicts["childcare"] >= {"PASS", "FAIL", "UNKNOWN"}
    assert {str(each.verdict) for each in assessment.projects} >= {
        "PASS", "FAIL", "PENDING", "UNKNOWN",
    }  # fmt: skip
