"""The names at the top of the package: each one step of the work, usable from a notebook."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import geoplan
from geoplan.errors import GeoplanError


def test_every_name_is_there_and_nothing_else() -> None:
    assert list(geoplan.__all__) == sorted(geoplan.__all__)
    for name in geoplan.__all__:
        assert callable(getattr(geoplan, name)), name
        assert getattr(geoplan, name).__doc__, name
    assert set(geoplan.__all__) <= set(dir(geoplan))
    assert not hasattr(geoplan, "assess_studies")


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ("geopandas", "folium", "matplotlib", "pandas", "shapely", "numpy", "openpyxl", "docx")
    code = f"import sys, geoplan, geoplan.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_work_step_by_step(repository: Path, tmp_path: Path) -> None:
    assessment = geoplan.assess_study(repository, as_of=date(2023, 6, 30))
    assert assessment.as_of == date(2023, 6, 30)
    document = geoplan.build_document(assessment)
    assert document["as_of"] == "2023-06-30"
    geoplan.write_map(assessment, tmp_path / "map.html")
    geoplan.write_tables(assessment, tmp_path, ["csv"])
    assert (tmp_path / "map.html").stat().st_size > 100_000
    assert (tmp_path / "indicators.csv").is_file()
    shown = geoplan.draw_map(assessment)._repr_html_()
    assert "iframe" in shown


def test_layers_and_policy_by_themselves(repository: Path) -> None:
    layers = geoplan.read_layers(geoplan.read_study(repository))
    assert layers.divisions is not None
    assert geoplan.read_policy("chongzuo-2021-2023").indicators


def test_refusals_are_one_family_of_errors(tmp_path: Path) -> None:
    for name in ("assess_study", "read_study"):
        with pytest.raises(GeoplanError) as caught:
            getattr(geoplan, name)(tmp_path)
        assert caught.value.problems
    with pytest.raises(GeoplanError):
        geoplan.read_policy(tmp_path / "absent.toml")
