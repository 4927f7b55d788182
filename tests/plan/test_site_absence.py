"""What is not there is no empty city: nothing is sited as if no facility were open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoplan.cli import main


@pytest.mark.parametrize("way", ["missing", "headings only", "totals only"])
@pytest.mark.parametrize("model", ["mclp", "p_center"])
def test_sites_are_refused_without_facilities(
    repository: Path, tmp_path: Path, way: str, model: str
) -> None:
    shutil.copytree(repository / "data", tmp_path / "data")
    lines = (repository / "study.toml").read_text(encoding="utf-8").splitlines()
    if way == "missing":
        lines = [line for line in lines if not line.startswith("facilities")]
    else:
        total = "合计,\n" if way == "totals only" else ""
        table = tmp_path / "facilities.csv"
        table.write_text(f"设施编号,设施名称,设施类型\n{total}", encoding="utf-8")
        lines = [
            'facilities = "facilities.csv"' if line.startswith("facilities") else line
            for line in lines
        ]
    (tmp_path / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    done = CliRunner().invoke(main, ["site", str(tmp_path), "--model", model, "--lang", "en"])
    assert done.exit_code == 2, done.output
    assert "what is open is not known" in done.stderr
    assert not (tmp_path / "maps").exists()
