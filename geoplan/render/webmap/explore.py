"""A theme as a table with places, and in the colours of the map through ``GeoDataFrame.explore``.

For notebooks: whoever works in geopandas goes on from here with the classes that the map shows.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from geoplan.assess.model import Assessment
from geoplan.errors import Problem, StudyError
from geoplan.layers.places.datum import to_wgs84
from geoplan.render.webmap.ground import Data
from geoplan.render.webmap.themes import list_measures
from geoplan.terms import Words

if TYPE_CHECKING:
    import folium
    import geopandas as gpd


def unit_frame(assessment: Assessment, theme: str, *, language: str = "zh") -> gpd.GeoDataFrame:
    """The units of a theme in WGS 84: id, name, class, value (as the map shows it).

    Raises
    ------
    StudyError
        there is no such theme in this assessment.
    """
    import geopandas as gpd

    measure = _measure(assessment, theme, language)
    layer = getattr(assessment.layers, measure["layer"])
    labels = [each["label"] for each in measure["legend"]]
    shown = [
        (row, place)
        for row, place in zip(layer.rows, layer.geometry, strict=True)
        if place is not None and row.id in measure["classes"]
    ]
    places = np.empty(len(shown), dtype=object)
    places[:] = [place for _, place in shown]
    return gpd.GeoDataFrame(
        {
            "id": [row.id for row, _ in shown],
            "name": [row.name for row, _ in shown],
            "class": [labels[measure["classes"][row.id]] for row, _ in shown],
            "value": [measure["values"].get(row.id) for row, _ in shown],
        },
        geometry=to_wgs84(places, assessment.layers.crs),
        crs=4326,
    )


def explore_units(assessment: Assessment, theme: str, *, language: str = "zh") -> folium.Map:
    """The theme through ``GeoDataFrame.explore``: the map's classes, order and colours, no basemap.

    Raises
    ------
    StudyError
        there is no such theme, or mapclassify, which geopandas needs for it, is not installed.
    """
    if find_spec("mapclassify") is None:
        problem = Problem(
            "explore_units",
            Words("缺少 mapclassify", "mapclassify is not installed"),
            Words(
                '请运行 pip install "geoplan[notebook]"。', 'Run pip install "geoplan[notebook]".'
            ),
        )
        raise StudyError(problem)
    measure = _measure(assessment, theme, language)
    frame = unit_frame(assessment, theme, language=language)
    there = [each for each in measure["legend"] if each["count"]]
    found: folium.Map = frame.explore(
        column="class",
        categorical=True,
        categories=[each["label"] for each in there],
        cmap=[each["color"] for each in there],
        tiles=None,
        tooltip=["id", "name", "class", "value"],
        legend_kwds={"caption": measure["title"]},
    )
    return found


def _measure(assessment: Assessment, theme: str, language: str) -> Data:
    measures = {each["id"]: each for each in list_measures(assessment, language)}
    if (
        theme in measures
        and getattr(assessment.layers, measures[theme]["layer"]).geometry is not None
    ):
        return measures[theme]
    problem = Problem(
        f"theme {theme}",
        Words("没有这个专题", "there is no such theme"),
        Words(f"可用：{'、'.join(measures)}。", f"Choose from {', '.join(measures)}."),
    )
    raise StudyError(problem)
