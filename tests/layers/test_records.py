"""A row is a record or it is said why not: whatever stands around the records changes none.

Every test takes clean tables whose typed rows are known, puts one kind of disturbance into every
place that it can stand in, and asks for the same typed rows, with the disturbance told.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from geoplan.errors import DataError, Problem
from geoplan.layers.model import Layers
from geoplan.layers.read import read_layers
from geoplan.study import LayerFile
from tests.layers.small_town import FACILITIES, FACILITY_SHAPES, VECTOR_WRITERS, study

Cells = Sequence[object]
HEADINGS: dict[str, tuple[str, ...]] = {
    "compounds": ("所属街道", "所属社区", "小区编号", "小区名称", "总户数", "常住人口"),
    "communities": ("所属街道", "社区编号", "社区名称", "常住人口", "总户数"),
    "residential_communities": ("所属街道", "居住社区编号", "居住社区名称", "常住人口", "总户数"),
    "divisions": ("区县", "街道代码", "街道名称", "常住人口"),
    "facilities": ("所属街道", "设施编号", "设施名称", "设施类型", "建筑面积", "托位数"),
    "projects": ("所属街道", "项目编号", "项目名称", "规划户数", "用地面积"),
    "premises": ("所属街道", "房屋编号", "房屋名称", "建筑面积"),
}
STREETS = ("太平街道", "江南街道", "石景林街道")
NAME_AT = {"compounds": 3, "divisions": 2}  # elsewhere 2: the column of names
ID_AT = {"compounds": 2}  # elsewhere 1


def name_at(layer: str) -> int:
    return NAME_AT.get(layer, 2)


def id_at(layer: str) -> int:
    return ID_AT.get(layer, 1)


def sums_at(layer: str) -> list[int]:
    return [
        at
        for at, heading in enumerate(HEADINGS[layer])
        if heading in {"总户数", "常住人口", "建筑面积", "托位数", "规划户数", "用地面积"}
    ]


def clean(layer: str, *, seed: int = 1) -> list[list[object]]:
    """Three blocks of three records each; no number is the sum of others."""
    dice = Random(seed)  # noqa: S311 - test data
    rows: list[list[object]] = []
    for block, street in enumerate(STREETS):
        for at in range(3):
            number = block * 3 + at + 1
            values = [dice.randrange(101, 2999, 2) for _ in range(2)]
            rows.append(
                {
                    "compounds": [
                        street,
                        f"{street[0]}社区",
                        f"C{number}",
                        f"{number}号院",
                        *values,
                    ],
                    "communities": [
                        street,
                        f"45140200{block + 1}{number:03}",
                        f"第{number}村",
                        *values,
                    ],
                    "residential_communities": [street, f"R{number}", f"居住区{number}", *values],
                    "divisions": ["江州区", f"45140200{number}", f"街{number}街道", values[0]],
                    "facilities": [street, f"F{number}", f"站{number}", "托育园", *values],
                    "projects": [street, f"P{number}", f"城{number}", *values],
                    "premises": [street, f"V{number}", f"楼{number}", values[0]],
                }[layer]
            )
    return rows


def total(layer: str, rows: Sequence[Cells], label: str, at: int) -> list[object]:
    """A row of sums with a label in one column."""
    own: list[object] = [None] * len(HEADINGS[layer])
    own[at] = label
    for column in sums_at(layer):
        own[column] = sum(int(str(row[column])) for row in rows)
    return own


def lone(layer: str, text: str, at: int = 0) -> list[object]:
    own: list[object] = [None] * len(HEADINGS[layer])
    own[at] = text
    return own


def write(path: Path, heading: Cells, rows: Sequence[Cells], *, wide: Sequence[int] = ()) -> Path:
    """The rows as the suffix asks; ``wide`` are rows merged over the whole width."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([heading, *rows])
        return path
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [heading, *rows]:
        sheet.append(list(row))
    for at in wide:
        sheet.merge_cells(start_row=at + 2, end_row=at + 2, start_column=1, end_column=len(heading))
    book.save(path)
    return path


def read(path: Path, layer: str, **options: Any) -> Layers:
    return read_layers(study(path.parent, **{layer: LayerFile(layer, Path(path.name), **options)}))


def typed(layers: Layers, layer: str) -> list[object]:
    return [replace(row, row=0) for row in getattr(layers, layer).rows]


def aside(layers: Layers) -> dict[str, tuple[int, ...]]:
    return {remark.code: remark.rows for remark in layers.remarks if remark.set_aside}


def check(  # noqa: PLR0913 - a table, how it is written, and its heading
    folder: Path,
    layer: str,
    rows: Sequence[tuple[Cells, str]],
    *,
    suffix: str = ".csv",
    wide: Sequence[int] = (),
    heading: Cells | None = None,
) -> Layers:
    """Rows with the reason each is set aside for (blank for a record) are read as that."""
    heads = heading or HEADINGS[layer]
    pure = write(folder / f"pure{suffix}", heads, [row for row, why in rows if not why])
    path = write(folder / f"mixed{suffix}", heads, [row for row, _ in rows], wide=wide)
    layers = read(path, layer)
    assert typed(layers, layer) == typed(read(pure, layer), layer)
    expected: dict[str, list[int]] = {}
    for number, (_, why) in enumerate(rows, 2):
        if why:
            expected.setdefault(why, []).append(number)
    assert aside(layers) == {why: tuple(found) for why, found in expected.items()}
    source = getattr(layers, layer).source
    assert source.rows_read == len(rows)
    assert source.rows_kept == sum(not why for _, why in rows)
    return layers


def problems(path: Path, layer: str, **options: Any) -> tuple[Problem, ...]:
    with pytest.raises(DataError) as refused:
        read(path, layer, **options)
    return refused.value.problems


BLOCK_LABELS = (
    "太平街道小计",
    "小计",
    "小　计",
    "小計",
    "计",
    "本页合计",
    "#1-#5 小计",
    "1—3号楼小计",
    "（一）小计",
    "街道合计：",
    "合计（3个）",
    "合计3个",
    "累计",
    "Subtotal",
)
WHOLE_LABELS = (
    "江州区合计",
    "合　　计",
    "合計",
    "总计",
    "總計",
    "全区",
    "全市合计",
    "共计9个",
    "总计（9处）",
    "共 9 个",
    "合计数",
    "总数",
    "Total",
    "Grand total:",
)


@pytest.mark.parametrize("layer", HEADINGS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_named_totals_in_every_place(layer: str, suffix: str, tmp_path: Path) -> None:
    rows = clean(layer)
    places = [0, id_at(layer), name_at(layer)]
    for turn, label in enumerate(BLOCK_LABELS):
        at = places[turn % len(places)]
        whole = WHOLE_LABELS[turn % len(WHOLE_LABELS)]
        mixed: list[tuple[Cells, str]] = []
        for start in (0, 3, 6):
            block = [(row, "") for row in rows[start : start + 3]]
            own = (total(layer, rows[start : start + 3], label, at), "TOTAL_ROW")
            mixed += [own, *block] if turn % 2 else [*block, own]
        everything = (total(layer, rows, whole, places[(turn + 1) % len(places)]), "TOTAL_ROW")
        mixed = [everything, *mixed] if turn % 3 else [*mixed, everything]
        check(tmp_path, layer, mixed, suffix=suffix)


@pytest.mark.parametrize("layer", HEADINGS)
def test_a_sum_is_a_total_whatever_it_is_called(layer: str, tmp_path: Path) -> None:
    rows = clean(layer)
    for label in ("江州区", "城区", "三个街道", "全部小区", "汇总情况", ""):
        for at in (0, name_at(layer)):
            own = (total(layer, rows, label, at), "TOTAL_ROW")
            records = [(row, "") for row in rows]
            check(tmp_path, layer, [*records, own])
            check(tmp_path, layer, [own, *records])
    blocks: list[tuple[Cells, str]] = []
    for start, street in zip((0, 3, 6), STREETS, strict=True):
        block = rows[start : start + 3]
        blocks += [*((row, "") for row in block), (total(layer, block, street, 0), "TOTAL_ROW")]
    check(tmp_path, layer, [*blocks, (total(layer, rows, "江州区", 0), "TOTAL_ROW")])


def test_the_row_of_the_county_among_its_divisions(tmp_path: Path) -> None:
    rows = clean("divisions")
    own = total("divisions", rows, "江州区", 2)
    for code in ("451402", "451402000", "451402000000"):
        own[1] = code
        check(tmp_path, "divisions", [(own, "TOTAL_ROW"), *((row, "") for row in rows)])


@pytest.mark.parametrize("layer", HEADINGS)
@pytest.mark.parametrize(
    "label",
    [
        "平均",
        "平均数",
        "均值",
        "占比",
        "占比（%）",
        "占全市比重(%)",
        "同比增长%",
        "上年同期",
        "户均",
        "增长率",
    ],
)
def test_averages_and_shares(layer: str, label: str, tmp_path: Path) -> None:
    rows = clean(layer)
    for at in (0, name_at(layer)):
        own = lone(layer, label, at)
        for column in sums_at(layer):
            own[column] = "12.5"
        records = [(row, "") for row in rows]
        check(tmp_path, layer, [*records[:4], (own, "DERIVED_ROW"), *records[4:]])
        check(tmp_path, layer, [*records, (own, "DERIVED_ROW")])


@pytest.mark.parametrize("layer", HEADINGS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_headings_again(layer: str, suffix: str, tmp_path: Path) -> None:
    rows = [(row, "") for row in clean(layer)]
    heads = HEADINGS[layer]
    spaced = [f" {heading[0]}　{heading[1:]}" for heading in heads]
    partly = [heading if at < 3 else None for at, heading in enumerate(heads)]
    units = ["户" if at in sums_at(layer) else None for at in range(len(heads))]
    numbers = [str(at + 1) for at in range(len(heads))]
    for again in (heads, spaced, partly):
        for at in (0, 1, 5, 9):
            check(
                tmp_path,
                layer,
                [*rows[:at], (again, "HEADING_REPEATED"), *rows[at:]],
                suffix=suffix,
            )
    page = [(row, "HEADING_REPEATED") for row in (heads, units, numbers)]
    check(tmp_path, layer, [*rows[:3], *page, *rows[3:6], page[0], *rows[6:]], suffix=suffix)


TITLES = (
    "一、太平街道",
    "（一）老旧小区",
    "(2) 新建",
    "续表",
    "续表（二）",
    "表1（续）",
    "接上页",
    "第一部分 城区",
    "江州区小区情况一览表",
    "太平街道",
    "1．城区",
)


@pytest.mark.parametrize("layer", [layer for layer in HEADINGS if layer != "divisions"])
@pytest.mark.parametrize("title", TITLES)
def test_titles_of_sections(layer: str, title: str, tmp_path: Path) -> None:
    rows = [(row, "") for row in clean(layer)]
    for column in (0, id_at(layer), name_at(layer)):
        for at in (0, 4, 9):
            own = (lone(layer, title, column), "SECTION_TITLE")
            check(tmp_path, layer, [*rows[:at], own, *rows[at:]])


@pytest.mark.parametrize("layer", HEADINGS)
@pytest.mark.parametrize("title", ["老城区部分", "新建", "城东", "太平"])
def test_a_title_merged_over_the_table(layer: str, title: str, tmp_path: Path) -> None:
    rows = [(row, "") for row in clean(layer)]
    for at in (0, 4):
        own = (lone(layer, title), "SECTION_TITLE")
        check(tmp_path, layer, [*rows[:at], own, *rows[at:]], suffix=".xlsx", wide=[at])


@pytest.mark.parametrize("layer", HEADINGS)
def test_notes(layer: str, tmp_path: Path) -> None:
    rows = [(row, "") for row in clean(layer)]
    for note in (
        "注：数据截至2023年12月",
        "注1：总户数含在建",
        "填表人：某某",
        "数据来源：民政局",
        "截至2023年底",
        "第 1 页 共 3 页",
        "本表由社区填报",
        "（以下空白）以下无正文，本页仅供核对使用，不作为统计依据使用",
        "※ 以上户数为竣工备案的套数，不含尚未交付的部分，请注意口径。",
    ):
        own = (lone(layer, note), "FOOTNOTE")
        check(tmp_path, layer, [*rows[:4], own, *rows[4:], own])
        check(tmp_path, layer, [*rows, own], suffix=".xlsx", wide=[9])
    several = [(lone(layer, text), "FOOTNOTE") for text in ("说明：", "1.甲乙", "2.丙丁")]
    check(tmp_path, layer, [*rows, *several])


@pytest.mark.parametrize("layer", [layer for layer in HEADINGS if layer != "divisions"])
@pytest.mark.parametrize(
    "names",
    [
        ("其中：一期", "      二期"),
        ("其中:一期", "二期"),
        ("其中", "其余：二期"),
        ("其中一期", "（二期）"),
        ("（其中）一期", "　　二期"),
        ("其中：已交付", "未交付"),
        ("一期", "二期"),
    ],
)
def test_parts_of_the_row_above(layer: str, names: tuple[str, str], tmp_path: Path) -> None:
    rows = clean(layer)
    for at in (0, 4, 8):
        parts = [lone(layer, name, name_at(layer)) for name in names]
        for column in sums_at(layer):
            whole = int(str(rows[at][column]))
            parts[0][column], parts[1][column] = whole // 3, whole - whole // 3
        mixed: list[tuple[Cells, str]] = [(row, "") for row in rows]
        mixed[at + 1 : at + 1] = [(part, "PART_ROW") for part in parts]
        check(tmp_path, layer, mixed)
        check(tmp_path, layer, mixed, suffix=".xlsx")


@pytest.mark.parametrize("layer", [layer for layer in HEADINGS if layer != "divisions"])
def test_parts_under_one_merged_id(layer: str, tmp_path: Path) -> None:
    rows = clean(layer)
    parts = [list(rows[4]) for _ in range(2)]
    for part, name in zip(parts, ("其中：一期", "二期"), strict=True):
        part[name_at(layer)] = name
    for column in sums_at(layer):
        whole = int(str(rows[4][column]))
        parts[0][column], parts[1][column] = whole // 3, whole - whole // 3
    mixed: list[tuple[Cells, str]] = [(row, "") for row in rows]
    mixed[5:5] = [(part, "PART_ROW") for part in parts]
    check(tmp_path, layer, mixed)


@pytest.mark.parametrize("layer", HEADINGS)
def test_a_part_alone_is_named_as_one(layer: str, tmp_path: Path) -> None:
    rows = [(row, "") for row in clean(layer)]
    part = lone(layer, "其中：保障房", name_at(layer))
    for column in sums_at(layer):
        part[column] = 7
    check(tmp_path, layer, [*rows[:3], (part, "PART_ROW"), *rows[3:]])


NAMES_THAT_STAY = (
    "统计局宿舍",
    "合计里小区",
    "设计院小区",
    "全民健身小区",
    "其中堂",
    "累计养老中心",
    "总计划局大院",
    "小计生家园",
    "注册中心公寓",
    "续家庄",
    "均安苑",
    "占比里",
    "同比路小区",
    "一期",
    "表里山河",
    "全州",
)


@pytest.mark.parametrize("layer", HEADINGS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_names_that_look_like_totals_and_are_places(
    layer: str, suffix: str, tmp_path: Path
) -> None:
    names = NAMES_THAT_STAY[:-1]
    rows: list[Cells] = []
    for start in range(0, len(names), 9):
        for row, name in zip(clean(layer, seed=start + 3), names[start : start + 9], strict=False):
            own = list(row)
            own[name_at(layer)] = name
            own[id_at(layer)] = f"{own[id_at(layer)]}{start % 10}"
            rows.append(own)
    layers = check(tmp_path, layer, [(row, "") for row in rows], suffix=suffix)
    assert [row.name for row in getattr(layers, layer).rows] == list(names)


def test_a_record_without_id_stays_and_is_told(tmp_path: Path) -> None:
    rows = clean("compounds")
    rows[4][2] = None
    layers = read(write(tmp_path / "a.csv", HEADINGS["compounds"], rows), "compounds")
    assert len(layers.compounds.rows) == 9
    assert [remark.rows for remark in layers.remarks if remark.code == "ID_BLANK"] == [(6,)]


@pytest.mark.parametrize(
    ("layer", "row"),
    [
        ("compounds", [None, None, "C99", "各街道小计", 5, 5]),
        ("compounds", ["太平街道", None, None, None, 5, 5]),
        ("compounds", ["太平街道", None, None, "二期", 5, 5]),
        ("compounds", [None, None, None, "阳光花园", None, None]),
        ("compounds", total("compounds", clean("compounds"), "C99", 2)),
        ("divisions", ["江州区", None, None, 5]),
    ],
)
def test_a_row_that_nobody_can_tell_is_asked_for(layer: str, row: Cells, tmp_path: Path) -> None:
    rows = clean(layer)
    path = write(tmp_path / "a.csv", HEADINGS[layer], [*rows, row])
    (found,) = problems(path, layer)
    assert "row 11 " in found.what.en
    assert "第 11 行" in found.what.zh
    assert "skip_rows = [11]" in found.remedy.en
    assert "keep_rows = [11]" in found.remedy.zh
    skipped = read(path, layer, skip_rows=(11,))
    assert aside(skipped) == {"SKIPPED_ROW": (11,)}
    assert len(getattr(skipped, layer).rows) == 9
    kept = read(path, layer, keep_rows=(11,))
    assert aside(kept) == {}
    assert len(getattr(kept, layer).rows) == 10


def test_what_study_toml_says_of_rows_wins(tmp_path: Path) -> None:
    rows = clean("compounds")
    mixed = [*rows, total("compounds", rows, "合计", 0)]
    path = write(tmp_path / "a.csv", HEADINGS["compounds"], mixed)
    kept = read(path, "compounds", keep_rows=(11,))
    assert len(kept.compounds.rows) == 10
    skipped = read(path, "compounds", skip_rows=(2, 3))
    assert aside(skipped) == {"SKIPPED_ROW": (2, 3), "TOTAL_ROW": (11,)}
    (found,) = problems(path, "compounds", skip_rows=(40,))
    assert "row 40" in found.what.en


def test_phases_under_a_merged_project(tmp_path: Path) -> None:
    heading = ("项目编号", "分期", "户数")
    rows = [("P1", "一期", 300), ("P1", "二期", 200), ("P1", "小计", 500)]
    rows += [("P2", "一期", 100), ("P2", "二期", 450), ("P2", None, 550)]
    whys = ["", "", "TOTAL_ROW"] * 2
    check(tmp_path, "phases", list(zip(rows, whys, strict=True)), heading=heading)


def test_reported_names_that_end_like_shares_stay(tmp_path: Path) -> None:
    heading = ("指标编号", "截至日期", "数值", "来源")
    rows = [("护理型床位占比", "2023-12-31", "55", "民政局"), ("1", "2023-12-31", "55", "累计")]
    check(tmp_path, "reported", [(row, "") for row in rows], heading=heading)


# ---------------------------------------------------------------------------- row lengths


def text_of(rows: Sequence[Cells], separator: str = ",") -> list[str]:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\n").writerows(rows)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("layer", HEADINGS)
@pytest.mark.parametrize("at", [1, 5, 9])
def test_a_damaged_row_is_named(layer: str, at: int, tmp_path: Path) -> None:
    lines = text_of([HEADINGS[layer], *clean(layer)])
    cells = lines[at].split(",")
    thousands = ",".join([*cells[:-1], "1", "000"])
    damages = {
        "more cells": thousands,
        "fewer cells": ",".join(cells[:-1]),
        "stray": ",".join([cells[0], f'"{cells[1]}', *cells[2:]]),
        "row": lines[at].replace(cells[name_at(layer)], f"{cells[name_at(layer)]}\n里", 1),
        "closed": ",".join([cells[0], cells[1], f'{cells[2]}"', *cells[3:]]),
        "has a quote": ",".join([cells[0], f'"{cells[1]}"里', *cells[2:]]),
    }
    for said, damaged in damages.items():
        path = tmp_path / "a.csv"
        path.write_text("\n".join([*lines[:at], damaged, *lines[at + 1 :]]) + "\n", "utf-8")
        found = problems(path, layer)
        assert said in found[0].what.en
        assert re.search(rf"\b{at + 1}\b", found[0].what.en)
        assert re.search(rf"\b{at + 1}\b", found[0].what.zh)


def test_two_stray_quotes_that_close_each_other_swallow_nothing(tmp_path: Path) -> None:
    lines = text_of([HEADINGS["compounds"], *clean("compounds")])
    first, second = lines[2].split(","), lines[5].split(",")
    lines[2] = ",".join([*first[:3], f'"{first[3]}', *first[4:]])
    lines[5] = ",".join([*second[:3], f'{second[3]}"', *second[4:]])
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    (found,) = problems(path, "compounds")
    assert "text line 3 " in found.what.en
    layers = read(path, "compounds", quote="")
    assert len(layers.compounds.rows) == 9
    assert layers.compounds.rows[1].name == f'"{first[3]}'


def test_cells_of_several_lines_are_one_record(tmp_path: Path) -> None:
    rows = clean("compounds")
    rows[2][3] = "三号院\n（原, 粮食局）\n宿舍"
    path = write(tmp_path / "a.csv", HEADINGS["compounds"], rows)
    layers = read(path, "compounds")
    assert layers.compounds.source.rows_read == len(layers.compounds.rows) == 9
    assert [row.row for row in layers.compounds.rows] == list(range(2, 11))


def test_rows_padded_with_blanks_and_blank_lines_are_well(tmp_path: Path) -> None:
    lines = text_of([HEADINGS["compounds"], *clean("compounds")])
    pure = tmp_path / "pure.csv"
    pure.write_text("\n".join(lines) + "\n", "utf-8")
    expected = typed(read(pure, "compounds"), "compounds")
    for text in (
        "\n".join(line + ",," for line in lines),
        "\n".join([lines[0], *(line + "," for line in lines[1:])]),
        "\r\n".join(lines) + "\r\n\r\n,,,,,\r\n",
        "\n\n".join(lines),
        "\r".join(lines),
        "小区一览表,,,,,\n单位：户\n" + "\n".join(lines) + "\n注：甲,乙,丙\n",
    ):
        path = tmp_path / "a.csv"
        path.write_text(text, "utf-8", newline="")
        assert typed(read(path, "compounds"), "compounds") == expected


def test_cut_thousands_before_a_blank_note_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "小区编号,小区名称,总户数,备注\nC1,甲,1,000,\nC2,乙,500,\nC3,丙,2,000,\n", "utf-8"
    )
    (found,) = problems(path, "compounds")
    assert "row 2, 4 has more cells" in found.what.en


def test_the_rest_of_a_broken_cell_is_no_title(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    heading, last = "设施编号,设施类型,服务范围\n", "F2,托育园,壶兴社区\n"
    path.write_text(f"{heading}F1,托育园,太平街道、\n江南街道\n{last}", "utf-8")
    (found,) = problems(path, "facilities")
    assert "row 3 has fewer cells" in found.what.en
    path.write_text(f"{heading}江南街道\nF1,托育园,\n太平街道\n{last}", "utf-8")
    assert aside(read(path, "facilities")) == {"SECTION_TITLE": (2, 4)}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "；", "，"])
def test_separators_are_told_by_the_headings(separator: str, tmp_path: Path) -> None:
    others = "".join({",", ";", "|"} - {separator})
    rows = clean("facilities")
    for row in rows:
        row[2] = others.join("甲乙丙丁戊己庚辛")
    plain = [[cell for at, cell in enumerate(row) if at in {1, 2, 3}] for row in rows]
    heading = [HEADINGS["facilities"][at] for at in (1, 2, 3)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(text_of([heading, *plain], separator)) + "\n", "utf-8")
    found = read(path, "facilities").facilities.rows
    assert [row.name for row in found] == [row[2] for row in rows]
    path.write_text("\n".join(text_of([heading, *plain], "^")) + "\n", "utf-8")
    found = read(path, "facilities", separator="^").facilities.rows
    assert [row.name for row in found] == [row[2] for row in rows]


def test_another_quote_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("小区编号,小区名称,总户数\nC1,'甲,乙',500\nC2,丙,20\n", "utf-8")
    assert "row 2 has more cells" in problems(path, "compounds")[0].what.en
    rows = read(path, "compounds", quote="'").compounds.rows
    assert [(row.name, row.households) for row in rows] == [
        ("甲,乙", Decimal(500)),
        ("丙", Decimal(20)),
    ]


# ------------------------------------------------------------------------------ encodings


@pytest.mark.parametrize("chosen", [(0,), (3,), (0, 1, 2), (9,), (2, 5, 8), tuple(range(1, 10))])
def test_lines_of_two_encodings(chosen: tuple[int, ...], tmp_path: Path) -> None:
    lines = text_of([HEADINGS["compounds"], *clean("compounds")])
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"\n".join(
            line.encode("gb18030" if at in chosen else "utf-8") for at, line in enumerate(lines)
        )
        + b"\n"
    )
    layers = read(path, "compounds")
    assert [row.name for row in layers.compounds.rows] == [row[3] for row in clean("compounds")]
    (said,) = [remark for remark in layers.remarks if remark.code == "ENCODING_MIXED"]
    assert said.rows == tuple(at + 1 for at in chosen)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_the_mark_of_utf_8_before_either(encoding: str, tmp_path: Path) -> None:
    lines = text_of([HEADINGS["compounds"], *clean("compounds")])
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode(encoding) + b"\n")
    layers = read(path, "compounds")
    assert [row.name for row in layers.compounds.rows] == [row[3] for row in clean("compounds")]
    codes = {remark.code for remark in layers.remarks}
    assert ("ENCODING_GUESSED" in codes) is (encoding == "gb18030")
    assert read(path, "compounds", encoding=encoding).compounds.rows == layers.compounds.rows


# ---------------------------------------------------------------- counted without the parser


def physical_rows(path: Path) -> int:
    """Rows that hold a value below the first, counted in the bytes of the file."""
    if path.suffix == ".csv":
        lines = path.read_bytes().decode("utf-8").splitlines()
        return sum(bool(line.strip(' ,"')) for line in lines) - 1
    with zipfile.ZipFile(path) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode("utf-8")
    return sum("<v>" in row or "<is>" in row for row in re.findall(r"<row .*?</row>", sheet)) - 1


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("seed", range(12))
def test_rows_read_are_the_rows_of_the_file(seed: int, suffix: str, tmp_path: Path) -> None:
    dice = Random(seed)  # noqa: S311 - test data
    for layer, heads in HEADINGS.items():
        rows: list[Cells] = list(clean(layer, seed=seed))
        others = [
            heads,
            total(layer, rows, "合计", 0),
            lone(layer, "注：一"),
            lone(layer, "续表"),
            [None] * len(heads),
        ]
        for _ in range(dice.randrange(1, 9)):
            rows.insert(dice.randrange(len(rows) + 1), dice.choice(others))
        path = write(tmp_path / f"{layer}{suffix}", heads, rows)
        layers = read(path, layer)
        source = getattr(layers, layer).source
        assert source.rows_read == physical_rows(path)
        told = sum(len(remark.rows) for remark in layers.remarks if remark.set_aside)
        assert source.rows_read == source.rows_kept + told
        assert source.rows_kept == 9


# ------------------------------------------------------------------- columns of one heading


def test_the_advice_on_two_columns_of_one_heading_works(tmp_path: Path) -> None:
    heading = (*HEADINGS["facilities"][:5], "建筑面积")
    rows = [[*row[:5], at] for at, row in enumerate(clean("facilities"))]
    path = write(tmp_path / "a.csv", heading, rows)
    (found,) = problems(path, "facilities")
    advised = re.findall(r'floor_area_m2 = "([^"]+)"', found.remedy.en)
    assert advised == re.findall(r'floor_area_m2 = "([^"]+)"', found.remedy.zh)
    assert advised == ["建筑面积#1", "建筑面积#2"]
    for name, column in zip(advised, (4, 5), strict=True):
        own = read(path, "facilities", columns={"floor_area_m2": name}).facilities.rows
        assert [row.floor_area_m2 for row in own] == [row[column] for row in rows]
    again = problems(path, "facilities", columns={"floor_area_m2": "建筑面积"})[0]
    assert "建筑面积#2" in again.remedy.zh
    absent = problems(path, "facilities", columns={"floor_area_m2": "建筑面积#3"})[0]
    assert "not in the file" in absent.what.en


@pytest.mark.parametrize("repeated", [True, False])
def test_a_second_row_of_headings_tells_columns_apart(tmp_path: Path, *, repeated: bool) -> None:
    heading = (*HEADINGS["facilities"][:4], "建筑面积", "建筑面积" if repeated else None)
    below = [None, None, None, None, "一层", "二层"]
    rows = [[*row[:5], at] for at, row in enumerate(clean("facilities"))]
    book = openpyxl.Workbook()
    for row in [heading, below, *rows]:
        book.active.append(list(row))
    if not repeated:
        book.active.merge_cells("E1:F1")
    book.save(tmp_path / "a.xlsx")
    found = problems(tmp_path / "a.xlsx", "facilities")
    advised = re.findall(r'floor_area_m2 = "([^"]+)"', found[0].remedy.en)
    assert advised == ["建筑面积/一层", "建筑面积/二层"]
    for name, column in zip(advised, (4, 5), strict=True):
        own = read(tmp_path / "a.xlsx", "facilities", columns={"floor_area_m2": name})
        assert [row.floor_area_m2 for row in own.facilities.rows] == [row[column] for row in rows]


# ----------------------------------------------------------------------------- deleted records


@pytest.mark.parametrize("deleted", [(0,), (1,), (2,), (0, 2)])
def test_records_marked_as_deleted_in_a_shapefile_are_told(
    deleted: tuple[int, ...], tmp_path: Path
) -> None:
    path = VECTOR_WRITERS["shp utf-8"](tmp_path, FACILITIES, FACILITY_SHAPES)
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    start, size = (int.from_bytes(content[at : at + 2], "little") for at in (8, 10))
    for record in deleted:
        content[start + record * size] = ord("*")
    table.write_bytes(content)
    layers = read(path, "facilities")
    assert [row.id for row in layers.facilities.rows] == [
        str(row["设施编号"]) for at, row in enumerate(FACILITIES) if at not in deleted
    ]
    (said,) = [remark for remark in layers.remarks if remark.code == "DELETED_RECORDS"]
    assert f"{len(deleted)} records" in said.detail.en
