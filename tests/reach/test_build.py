"""What a network is made of, what is refused and what is said."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geoplan.errors import DataError
from geoplan.reach import build_network
from geoplan.terms import terms
from tests.reach.streets import crooked_lines, grid_lines


def lines_of(*texts: str) -> NDArray[np.object_]:
    return np.array(shapely.from_wkt(list(texts)), dtype=object)


def test_a_grid_has_its_crossings_for_nodes() -> None:
    network, report = build_network(grid_lines(4, 3))
    assert (report.nodes, report.edges, report.components) == (12, 17, 1)
    assert report.length_m == 4 * 200 + 3 * 300
    assert len(network.indices) == 34
    assert set(network.length_m) == {100.0}


def test_a_bend_is_no_node_and_its_length_counts() -> None:
    network, _ = build_network(lines_of("LINESTRING (0 0, 30 0, 30 40)"))
    assert len(network.xy) == 2
    assert network.edge_length_m.tolist() == [70.0]
    assert sorted(network.piece_offset_m.tolist()) == [0.0, 30.0]


def test_lines_that_cross_without_a_vertex_stay_apart_as_on_a_bridge() -> None:
    _, report = build_network(lines_of("LINESTRING (0 0, 100 0)", "LINESTRING (50 -50, 50 50)"))
    assert report.components == 2
    assert report.touching == 0


def test_a_street_that_ends_on_another_is_joined_and_counted() -> None:
    network, report = build_network(
        lines_of(
            "LINESTRING (0 0, 99 0)",
            "LINESTRING (33 0, 33 50)",
            "LINESTRING (66 0.0009, 66 50)",
        )
    )
    assert (report.touching, report.components, report.nodes) == (2, 1, 6)
    assert report.length_m == pytest.approx(199, abs=0.01)
    assert network.edge_length_m.min() == pytest.approx(33, abs=0.001)


def test_two_streets_that_end_at_one_place_on_a_third_are_joined_to_it() -> None:
    _, report = build_network(
        lines_of("LINESTRING (0 0, 90 0)", "LINESTRING (30 0, 30 50)", "LINESTRING (30 0, 30 -50)")
    )
    assert (report.touching, report.components, report.nodes, report.edges) == (1, 1, 5, 4)


def test_a_stretch_drawn_over_a_longer_one_counts_once() -> None:
    network, report = build_network(
        lines_of("LINESTRING (0 0, 90 0)", "LINESTRING (30 0, 60 0)", "LINESTRING (0 0, 10 0)")
    )
    assert (report.touching, report.duplicates, report.components) == (3, 2, 1)
    assert network.edge_length_m.sum() == 90


def test_a_missing_line_is_counted_and_passed_over() -> None:
    _, report = build_network(np.array([None, *lines_of("LINESTRING (0 0, 90 0)")], dtype=object))
    assert (report.lines, report.empty, report.edges) == (2, 1, 1)


def test_a_street_that_stops_short_of_another_is_left_apart_and_counted() -> None:
    _, report = build_network(lines_of("LINESTRING (0 0, 99 0)", "LINESTRING (33 0.4, 33 50)"))
    assert (report.near_misses, report.touching, report.components) == (1, 0, 2)
    assert "STREET_NEAR_MISS" in {remark.code for remark in report.remarks}


def test_parallel_streets_keep_their_rows_and_leave_the_shorter_way() -> None:
    network, _ = build_network(
        lines_of("LINESTRING (0 0, 50 50, 100 0)", "LINESTRING (0 0, 100 0)")
    )
    assert len(network.edge_nodes) == 2
    assert network.length_m.tolist() == [100.0, 100.0]


def test_what_is_drawn_twice_counts_once_in_either_direction() -> None:
    street = "LINESTRING (0 0, 50 0, 100 0, 100 50)"
    backwards = "LINESTRING (100 50, 100 0, 50 0, 0 0)"
    once, _ = build_network(lines_of(street))
    twice, report = build_network(lines_of(street, street, backwards))
    assert report.duplicates == 6
    assert twice.edge_length_m.sum() == once.edge_length_m.sum() == 150


def test_a_street_partly_drawn_over_another_keeps_the_rest() -> None:
    network, report = build_network(
        lines_of("LINESTRING (0 0, 50 0, 100 0)", "LINESTRING (0 50, 50 0, 100 0, 150 50)")
    )
    assert report.duplicates == 1
    assert report.components == 1
    assert network.edge_length_m.sum() == pytest.approx(100 + 2 * 5000**0.5)


def test_pieces_without_length_are_dropped_and_counted() -> None:
    network, report = build_network(
        lines_of("LINESTRING (0 0, 50 0, 50 0, 50.0001 0, 100 0)", "LINESTRING (7 7, 7 7)")
    )
    assert report.zero_length == 3
    assert network.edge_length_m.tolist() == [100.0]


def test_a_ring_and_an_eight_are_streets_too() -> None:
    network, report = build_network(
        lines_of("LINESTRING (0 0, 30 0, 30 40, 0 0, -30 0, -30 -40, 0 0)")
    )
    assert report.nodes == 1
    assert sorted(network.edge_length_m.tolist()) == [120.0, 120.0]
    assert len(network.indices) == 0


def test_eight_hundred_parts_are_counted_with_the_share_of_the_largest() -> None:
    lines = [f"LINESTRING ({at * 100} 0, {at * 100 + 50} 0)" for at in range(799)]
    _, report = build_network(lines_of(*lines, "LINESTRING (0 900, 50 900, 100 900)"))
    assert report.components == 800
    assert report.largest_share == pytest.approx(100 / (799 * 50 + 100))
    said = {remark.code: remark.detail for remark in report.remarks}
    assert "800" in said["NETWORK_APART"].zh
    assert "800" in said["NETWORK_APART"].en


def test_component_nought_has_the_most_street() -> None:
    network, _ = build_network(
        lines_of("LINESTRING (0 0, 9 0)", "LINESTRING (0 50, 99 50)", "LINESTRING (0 70, 50 70)")
    )
    low = network.xy[:, 1]
    assert {float(y): int(c) for y, c in zip(low, network.component, strict=True)} == {
        0.0: 2,
        50.0: 0,
        70.0: 1,
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_degrees_are_refused(language: str) -> None:
    with pytest.raises(DataError) as caught:
        build_network(
            lines_of("LINESTRING (107.35 22.40, 107.352 22.401)"), where="data/roads.gpkg (roads)"
        )
    (problem,) = caught.value.problems
    assert problem.where == "data/roads.gpkg (roads)"
    assert ("经纬度" if language == "zh" else "degrees") in problem.say(language)


def test_a_small_network_in_metres_is_not_taken_for_degrees() -> None:
    _, report = build_network(lines_of("LINESTRING (0 0, 20 0, 20 20)"))
    assert report.length_m == 40


def test_coordinates_that_are_no_numbers_are_refused_with_their_lines() -> None:
    with np.errstate(invalid="ignore"):
        bad = shapely.linestrings([[0.0, 0.0], [np.nan, 5.0], [9.0, 9.0]])
    good = shapely.linestrings([[0.0, 0.0], [9.0, 9.0]])
    with pytest.raises(DataError, match=r"2 lines .* \(line 2, 3\)"):
        build_network(np.array([good, bad, bad], dtype=object))


@pytest.mark.parametrize(
    "texts", [(), ("LINESTRING EMPTY",), ("LINESTRING (5 5, 5 5)",)], ids=["none", "empty", "point"]
)
def test_a_network_without_streets_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="no lines"):
        build_network(lines_of(*texts))


def test_a_network_wider_than_a_country_is_refused() -> None:
    with pytest.raises(DataError, match="km wide"):
        build_network(lines_of("LINESTRING (0 0, 100 0)", "LINESTRING (9e6 0, 9.1e6 0)"))


def test_the_order_of_lines_does_not_matter() -> None:
    lines = crooked_lines(8, 8, 3)
    one, _ = build_network(lines)
    other, _ = build_network(lines[::-1])
    assert one.xy.tolist() == other.xy.tolist()
    assert one.indices.tolist() == other.indices.tolist()
    assert one.length_m.tolist() == pytest.approx(other.length_m.tolist(), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_all_streets_are_kept_to_the_centimetre(seed: int) -> None:
    lines = crooked_lines(12, 9, seed)
    network, report = build_network(lines)
    assert network.edge_length_m.sum() == pytest.approx(shapely.length(lines).sum(), abs=0.01)
    pieces = network.pieces[:, 2:] - network.pieces[:, :2]
    along = np.bincount(network.piece_edge, weights=np.hypot(*pieces.T))
    assert along.tolist() == pytest.approx(network.edge_length_m.tolist(), abs=1e-9)
    assert report.components == network.component.max() + 1
    first, last = network.piece_indptr[:-1], network.piece_indptr[1:] - 1
    assert (network.pieces[first, :2] == network.xy[network.edge_nodes[:, 0]]).all()
    assert (network.pieces[last, 2:] == network.xy[network.edge_nodes[:, 1]]).all()


def test_every_remark_has_a_label() -> None:
    lines = lines_of("LINESTRING (0 0, 9 0, 9 0)", "LINESTRING (0 0, 9 0)", "LINESTRING EMPTY")
    more = lines_of("LINESTRING (5 0, 5 9)", "LINESTRING (3 0.5, 3 9)", "LINESTRING (0 40, 9 40)")
    _, report = build_network(np.append(lines, more))
    codes = {remark.code for remark in report.remarks}
    assert len(codes) == 7
    assert codes <= set(terms("code"))
