"""The terminal's answer on new projects: a line each, in columns, with every reason in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from geoplan.assess.judge import assess
from geoplan.assess.model import Assessment
from geoplan.layers.model import Layers, Project
from geoplan.render.terminal.projects import projects_text, text_width
from tests.assess.build import layer, standard
from tests.assess.orderly import GOOD

WAITING = replace(GOOD, housing_delivery_date=None, facility_handover_date=None)
ROWS = (
    WAITING,
    replace(WAITING, id="P2-2022-017", name="龙腾嘉园（安置）", measured_elder_m2=Decimal(100)),
    replace(WAITING, id="P3", health_opinion=None, facility_start_date=date(2023, 1, 31)),
)


def assessed(*rows: Project, **overrides: object) -> Assessment:
    rules = standard(**overrides)
    return assess(Layers(None, projects=layer(rows)), rules, study="崇左市（示意数据）")


def project_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line[:2] in {"√ ", "× ", "… ", "? "}]


def test_one_line_a_project_with_its_reasons_in_full() -> None:
    good, short, unknown = project_lines(projects_text(assessed(*ROWS), "zh"))
    assert good.split() == ["…", "待核(未到阶段)", "P1", "江景苑", "联合验收", "√", "√", "√", "…"]
    assert short.endswith(
        "实测养老用房 100.00 ㎡，低于应配 120.00 ㎡（800 户 × 15 ㎡/百户），缺 20.00 ㎡"
    )
    assert unknown.endswith(
        "卫健意见空白，无法判定；提示：设施 2023-01-31 开工，晚于住宅开工 2022-12-01 共 61 天（允许 0 天）"
    )


def test_columns_stand_under_their_headings() -> None:
    for language, heading in (("zh", "阶段"), ("en", "stage")):
        lines = projects_text(assessed(*ROWS), language).splitlines()
        head = next(line for line in lines if heading in line)
        stage = "联合验收" if language == "zh" else "joint acceptance"
        places = {text_width(line[: line.index(stage)]) for line in project_lines("\n".join(lines))}
        assert places == {text_width(head[: head.index(heading)])}


def test_it_names_the_policy_its_rates_and_what_is_assumed() -> None:
    text = projects_text(assessed(*ROWS), "zh")
    assert "chongzuo-2021-2023" in text
    assert "养老 15 ㎡/百户（假定），托育 15 ㎡/百户（假定）" in text
    assert "注：方案未给出新建住宅的数字" in text
    own = projects_text(assessed(*ROWS, elder_rate_new=30, childcare_rate_new=20), "zh")
    assert "养老 30 ㎡/百户（本次设定），托育 20 ㎡/百户（本次设定）" in own
    assert "注：" not in own


def test_it_closes_with_the_counts_and_the_rate() -> None:
    text = projects_text(assessed(*ROWS), "zh")
    assert "共 3 个项目：不达标 1，待核(未到阶段) 1，数据缺失 1" in text
    assert "本期达标率 1/3 33.33%*，目标 =100，× 不达标（只看面积 2/3；" in text
    assert text.endswith("* 暂定值，有数据缺失的项目")


def test_one_project_alone_has_no_rate() -> None:
    whole = assessed(*ROWS)
    text = projects_text(replace(whole, projects=whole.projects[1:2]), "zh")
    assert len(project_lines(text)) == 1
    assert "达标率" not in text


def test_without_projects_there_is_no_rate() -> None:
    text = projects_text(assessed(), "en")
    assert "0 projects" in text
    assert "rate of the period / /, target =100, / not applicable" in text
