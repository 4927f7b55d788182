"""The forms of the bureaus: every column of the specification in its order, totals, print set-up."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from geoplan.render.forms.check_sheet import write_check_sheet, write_check_tables
from geoplan.render.forms.gap_list import write_gap_list
from geoplan.render.forms.task_ledger import write_ledger
from geoplan.render.sheets.form import Form, Group, page_breaks
from geoplan.render.sheets.table import Column
from geoplan.terms import Verdict, Words
from tests.render.town import NASTY, town

# docs/method.md §5.1 and §3.3, word for word.
GAP_COLUMNS = [
    "序号",
    "县区",
    "街道",
    "社区/居住社区",
    "小区",
    "人口",
    "户数",
    "规则类型",
    "设施类别",
    "标准(㎡/百户)",
    "应配(㎡)",
    "已配(㎡)",
    "在建(㎡)",
    "缺口(㎡)",
    "计入在建后缺口(㎡)",
    "达标率(%)",
    "结论",
    "原因",
    "建议措施",
    "可利用存量资源",
    "责任单位",
    "完成时限",
    "数据来源",
    "备注",
]
DIVISION_COLUMNS = [
    "序号",
    "街道",
    "代码",
    "是否覆盖",
    "合格机构名称",
    "具备功能",
    "缺少功能",
    "床位",
    "建筑面积",
    "状态",
    "备注",
]
COMMUNITY_COLUMNS = [
    "序号",
    "名称",
    "人口",
    "规模类别",
    "是否覆盖",
    "托育设施",
    "托位",
    "面积",
    "距最近托育设施(m)",
]
TASK_COLUMNS = [
    "序号",
    "类别",
    "任务",
    "2021目标",
    "2023目标",
    "具体措施",
    "责任单位",
    "进展",
    "完成情况",
    "存在问题",
    "下一步",
    "佐证材料",
    "更新日期",
]
CHECK_COLUMNS = [
    "序号",
    "项目名称",
    "项目代码/宗地编号",
    "建设单位",
    "县(市、区)",
    "街道",
    "社区",
    "用地面积(㎡)",
    "住宅建筑面积(㎡)",
    "规划户数",
    "分期数",
    "出让合同编号",
    "出让日期",
    "出让条件含养老托育条款",
    "养老应配(㎡)",
    "托育应配(㎡)",
    "合同约定养老(㎡)",
    "合同约定托育(㎡)",
    "规划许可证号",
    "许可养老(㎡)",
    "许可托育(㎡)",
    "施工许可证号",
    "设施所在分期",
    "规划核实日期",
    "实测养老(㎡)",
    "实测托育(㎡)",
    "住宅验收日期",
    "设施验收日期",
    "民政意见",
    "卫健意见",
    "住宅交付日期",
    "设施移交日期",
    "接收单位",
    "移交养老(㎡)",
    "移交托育(㎡)",
    "不动产权证号",
    "投用日期",
    "同步规划",
    "同步建设",
    "同步验收",
    "同步交付",
    "养老缺口(㎡)",
    "托育缺口(㎡)",
    "综合结论",
    "不达标原因",
    "整改建议",
    "整改时限",
    "备注",
]
ELSEWHERE = {"guangxi-2021-2023": {"P1": Verdict.FAIL, "P3": Verdict.PENDING}}
WRITERS: dict[str, Callable[[Path], None]] = {
    "gaps": lambda path: write_gap_list(town(), path),
    "check": lambda path: write_check_sheet(town(), path, elsewhere=ELSEWHERE),
    "ledger": lambda path: write_ledger(town(), path),
}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("forms")
    paths = {name: folder / f"{name}.xlsx" for name in WRITERS}
    for name, write in WRITERS.items():
        write(paths[name])
    return paths


def sheet_of(path: Path, name: str | None = None) -> Worksheet:
    book = openpyxl.load_workbook(path)
    found = book[name] if name else book.worksheets[0]
    assert isinstance(found, Worksheet)
    return found


def heading_row(sheet: Worksheet) -> int:
    """The row of the group headings; the columns' own are below it or merged over both."""
    return int(re.findall(r"\d+", sheet.print_title_rows or "")[0])


def headings(sheet: Worksheet) -> list[str]:
    top = heading_row(sheet)
    merged = {str(each).split(":")[0] for each in sheet.merged_cells.ranges}
    found = []
    for over, own in zip(sheet[top], sheet[top + 1], strict=True):
        single = over.coordinate in merged and own.value is None
        found.append(str(over.value if single else own.value))
    return found


def rows_below(sheet: Worksheet) -> list[dict[str, object]]:
    """The rows of the table by heading, without totals and notes."""
    keys = headings(sheet)
    rows = []
    for cells in sheet.iter_rows(min_row=heading_row(sheet) + 2, values_only=True):
        if not isinstance(cells[0], int):
            break
        rows.append(dict(zip(keys, cells, strict=True)))
    return rows


# ------------------------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("form", "name", "columns"),
    [
        ("gaps", "缺口清单", GAP_COLUMNS),
        ("gaps", "数据缺失清单", GAP_COLUMNS),
        ("gaps", "参考缺口", GAP_COLUMNS),
        ("gaps", "街道清单", DIVISION_COLUMNS),
        ("gaps", "居住社区清单", COMMUNITY_COLUMNS),
        ("ledger", "任务台账", TASK_COLUMNS),
    ],
)
def test_every_column_in_its_order(
    form: str, name: str, columns: list[str], forms: dict[str, Path]
) -> None:
    assert headings(sheet_of(forms[form], name)) == columns


def test_the_check_sheet_has_one_column_more_with_the_other_policy(forms: dict[str, Path]) -> None:
    found = headings(sheet_of(forms["check"]))
    other = "按规则 guangxi-2021-2023 的结论"
    assert found[found.index("综合结论") + 1] == other
    assert [each for each in found if each != other] == CHECK_COLUMNS


# ------------------------------------------------------------------------------ gap list


def test_gaps_stand_on_the_sheet_they_belong_to(forms: dict[str, Path]) -> None:
    gaps = town().gaps
    book = openpyxl.load_workbook(forms["gaps"])
    counted = {name: len(rows_below(book[name])) for name in book.sheetnames[:3]}
    assert counted == {
        "缺口清单": sum(gap.official for gap in gaps),
        "数据缺失清单": sum(gap.verdict is Verdict.UNKNOWN for gap in gaps),
        "参考缺口": sum(not gap.official and gap.verdict is not Verdict.UNKNOWN for gap in gaps),
    }
    assert sum(counted.values()) == len(gaps)


def test_a_gap_line(forms: dict[str, Path]) -> None:
    rows = rows_below(sheet_of(forms["gaps"]))
    smallest = next(row for row in rows if row["缺口(㎡)"] == 0.01)
    assert smallest["社区/居住社区"] == "壶兴社区"
    assert (smallest["规则类型"], smallest["设施类别"], smallest["结论"]) == (
        "已建",
        "养老",
        "不达标",
    )
    assert (smallest["应配(㎡)"], smallest["已配(㎡)"], smallest["达标率(%)"]) == (
        49.95,
        49.94,
        99.98,
    )
    assert "333 户 × 15 ㎡/百户" in str(smallest["原因"])
    assert smallest["完成时限"] == datetime(2023, 12, 31)  # noqa: DTZ001
    assert str(smallest["责任单位"]).startswith("市住房城乡建设局")
    gaps = [float(str(row["缺口(㎡)"])) for row in rows if row["缺口(㎡)"] is not None]
    assert gaps == sorted(gaps, reverse=True)


def test_what_is_counted_in_places_is_no_area(forms: dict[str, Path]) -> None:
    rows = rows_below(sheet_of(forms["gaps"]))
    jiedao = next(
        row for row in rows if row["规则类型"] == "街道覆盖" and row["街道"] == "江南街道"
    )
    assert jiedao["缺口(㎡)"] is None
    assert jiedao["备注"] == "缺 1 处，计入在建后缺 1 处"
    assert jiedao["原因"] == f"{NASTY[3]}（运营，缺少技术支撑）"


def test_totals_are_the_sums_of_the_lines_shown(forms: dict[str, Path]) -> None:
    sheet = sheet_of(forms["gaps"])
    lines, keys = rows_below(sheet), headings(sheet)
    first = heading_row(sheet) + 2 + len(lines)
    totals = [
        dict(zip(keys, cells, strict=True))
        for cells in sheet.iter_rows(min_row=first, values_only=True)
        if cells[1] == "合计"
    ]
    assert totals
    for total in totals:
        among = [
            line
            for line in lines
            if (line["规则类型"], line["设施类别"]) == (total["规则类型"], total["设施类别"])
        ]
        for key in ("应配(㎡)", "缺口(㎡)", "计入在建后缺口(㎡)"):
            assert Decimal(str(total[key])) == sum(Decimal(str(line[key])) for line in among)
        assert total["备注"] == f"{len(among)} 条"


def test_no_deadline_after_the_plan_has_ended(tmp_path: Path) -> None:
    write_gap_list(town(day=date(2024, 6, 30)), tmp_path / "late.xlsx")
    assert all(row["完成时限"] is None for row in rows_below(sheet_of(tmp_path / "late.xlsx")))


def test_the_rates_and_what_is_assumed_stand_below(forms: dict[str, Path]) -> None:
    for form in ("gaps", "check"):
        text = "".join(str(cell.value) for row in sheet_of(forms[form]) for cell in row)
        assert "新建养老 15 ㎡/百户（假定：方案未给出新建住宅的数字" in text


def test_a_changed_value_is_said(tmp_path: Path) -> None:
    write_gap_list(town(elder_rate_existing="20"), tmp_path / "changed.xlsx")
    sheet = sheet_of(tmp_path / "changed.xlsx")
    text = "".join(str(cell.value) for row in sheet for cell in row)
    assert "已建养老 20 ㎡/百户（本次设定）" in text
    assert "elder_rate_existing=20" in text


# --------------------------------------------------------------------------------- lists


def test_the_list_of_jiedao(forms: dict[str, Path]) -> None:
    rows = {row["街道"]: row for row in rows_below(sheet_of(forms["gaps"], "街道清单"))}
    assert set(rows) == {"太平街道", "江南街道", "石景林街道"}
    assert rows["太平街道"]["合格机构名称"] == "太平中心"
    assert rows["太平街道"]["具备功能"] == "全托、日托、上门服务、技术支撑"
    assert (rows["江南街道"]["是否覆盖"], rows["江南街道"]["缺少功能"]) == ("未覆盖", "技术支撑")
    assert rows["石景林街道"]["备注"] == "没有街道综合性养老服务中心"


def test_the_list_of_residential_communities(forms: dict[str, Path]) -> None:
    rows = {row["名称"]: row for row in rows_below(sheet_of(forms["gaps"], "居住社区清单"))}
    assert len(rows) == 5
    assert (rows["城西一区"]["是否覆盖"], rows["城西一区"]["托位"]) == ("已覆盖", 60)
    assert rows["丽金一区"]["规模类别"] == "偏大(>1.2万人)"
    assert rows["丽金二区"]["是否覆盖"] == "数据缺失"
    assert str(rows["壶兴二区"]["是否覆盖"]).startswith("不计")


# ---------------------------------------------------------------------------- check sheet


def test_the_check_sheet(forms: dict[str, Path]) -> None:
    rows = {row["项目代码/宗地编号"]: row for row in rows_below(sheet_of(forms["check"]))}
    words = {key: row["综合结论"] for key, row in rows.items()}
    assert words == {"P1": "达标", "P2": "不达标", "P3": "待核(未到阶段)", "P4": "数据缺失"}
    other = "按规则 guangxi-2021-2023 的结论"
    assert [row[other] for row in rows.values()] == ["不达标", None, "待核(未到阶段)", None]
    assert "低于应配 120.00 ㎡" in str(rows["P2"]["不达标原因"])
    assert (rows["P2"]["托育缺口(㎡)"], rows["P1"]["托育缺口(㎡)"]) == (10, 0)
    assert "变更规划许可" in str(rows["P2"]["整改建议"])
    assert rows["P4"]["整改建议"] == "补交材料：卫健意见"
    assert (rows["P4"]["民政意见"], rows["P4"]["卫健意见"]) == ("合格", None)
    assert (rows["P1"]["分期数"], rows["P1"]["出让条件含养老托育条款"]) == (2, "是")
    assert rows["P4"]["备注"] == NASTY[2]
    assert all(row["整改时限"] is None for row in rows.values())


def test_the_head_of_the_check_sheet(forms: dict[str, Path]) -> None:
    sheet = sheet_of(forms["check"])
    above = "".join(
        str(cell.value or "")
        for row in sheet.iter_rows(max_row=heading_row(sheet) - 1)
        for cell in row
    )
    for word in (
        "四同步”核查表",
        "核查单位",
        "核查日期：2023-12-31",
        "规则版本",
        "核查人",
        "复核人",
    ):
        assert word in above
    assert "chongzuo-2021-2023" in above


def test_the_check_sheet_as_plain_tables(tmp_path: Path) -> None:
    write_check_tables(town(), tmp_path, ("csv", "geojson", "gpkg"), elsewhere=ELSEWHERE)
    assert {path.suffix for path in tmp_path.iterdir()} == {".csv", ".geojson", ".gpkg"}
    head = (tmp_path / "compliance.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert "verdict_guangxi_2021_2023" in head.split(",")


# --------------------------------------------------------------------------------- ledger


def test_the_ledger_has_every_task_and_fills_in_what_is_known(forms: dict[str, Path]) -> None:
    rows = rows_below(sheet_of(forms["ledger"]))
    assert [row["序号"] for row in rows] == list(range(1, 27))
    assert "城市街道综合性养老服务机构(中心)覆盖率：33.33%" in str(rows[7]["进展"])
    assert rows[7]["更新日期"] == datetime(2023, 12, 31)  # noqa: DTZ001
    assert rows[0]["进展"] is None
    assert all(row["完成情况"] is None for row in rows)


# ------------------------------------------------------------------------------- on paper


@pytest.mark.parametrize("form", WRITERS)
def test_forms_are_ready_to_print(form: str, forms: dict[str, Path]) -> None:
    for sheet in openpyxl.load_workbook(forms[form]).worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 8  # A3
        top = heading_row(sheet)
        assert sheet.print_title_rows == f"${top}:${top + 1}"
        assert sheet.print_area
        assert sheet.freeze_panes == sheet.cell(top + 2, 1).coordinate.replace(
            "A", sheet.freeze_panes.rstrip("0123456789")
        )
        assert any(str(each).startswith(("A1:", "C1:")) for each in sheet.merged_cells.ranges)


def test_pages_break_between_groups() -> None:
    def group(*widths: float) -> Group:
        heading = Words("组", "group")
        return Group(
            tuple(Column(str(width), heading, lambda _: "", width=width) for width in widths),
            heading,
        )

    wide = Form(
        name=Words("表", "form"),
        title=Words("表", "form"),
        groups=(group(10, 10), group(60), group(60), group(60), group(60)),
        rows=(),
        scale=100,
    )
    assert page_breaks(wide) == [4]
    assert page_breaks(Form(wide.name, wide.title, wide.groups, ())) == []


@pytest.mark.parametrize("form", WRITERS)
def test_two_runs_write_the_same_bytes(form: str, forms: dict[str, Path], tmp_path: Path) -> None:
    WRITERS[form](tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == forms[form].read_bytes()


def test_no_cell_is_a_formula(forms: dict[str, Path]) -> None:
    for path in forms.values():
        for sheet in openpyxl.load_workbook(path).worksheets:
            assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_forms_speak_english_too(tmp_path: Path) -> None:
    write_gap_list(town(), tmp_path / "gaps.xlsx", language="en")
    write_check_sheet(town(), tmp_path / "check.xlsx", elsewhere=ELSEWHERE, language="en")
    write_ledger(town(), tmp_path / "ledger.xlsx", language="en")
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for path in sorted(tmp_path.iterdir()):
        for sheet in openpyxl.load_workbook(path).worksheets:
            assert not chinese.search(sheet.title)
            assert not [each for each in headings(sheet) if chinese.search(each)]


@pytest.fixture(scope="module")
def pages(forms: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The forms as PDF, made by LibreOffice."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None or shutil.which("pdftotext") is None:
        pytest.skip("no LibreOffice or poppler-utils on this machine: `make test` installs them")
    folder = tmp_path_factory.mktemp("pdf")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *forms.values()],
        check=True,
        capture_output=True,
        timeout=600,
    )
    return {name: folder / f"{name}.pdf" for name in forms}


def letters(text: str) -> Counter[str]:
    """How often each Chinese character and digit occurs: wrapping may part words, not lose them."""
    return Counter(letter for letter in text if letter.isalnum())


@pytest.mark.parametrize("form", WRITERS)
def test_nothing_is_lost_or_boxed_on_paper(
    form: str, forms: dict[str, Path], pages: dict[str, Path]
) -> None:
    pdf = pages[form]
    text = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True).stdout
    on_paper = letters(text.decode("utf-8"))
    asked = Counter[str]()
    for sheet in openpyxl.load_workbook(forms[form]).worksheets:
        asked += letters("".join(headings(sheet)))
        for row in rows_below(sheet):
            asked += letters("".join(cell for cell in row.values() if isinstance(cell, str)))
    assert asked - on_paper == Counter()
    assert "\ufffd" not in text.decode("utf-8")
    fonts = subprocess.run(["pdffonts", pdf], check=True, capture_output=True, text=True).stdout
    assert re.search(r"CJK|Hei|Song|Sun|Ming|WenQuan", fonts)
