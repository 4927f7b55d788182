"""Edges to arcs: both directions, the shorter of two ways, and the parts that hang together.

Belongs here: graph algebra on numbered nodes. Does not belong here: geometry.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Metres = NDArray[np.float64]
Index = NDArray[np.int32]


def link_nodes(nodes: int, edge_nodes: Index, edge_length_m: Metres) -> Any:
    """The arcs between nodes as a sparse matrix in rows, the column numbers in order.

    Parallel edges leave the shortest, loops leave no arc.

    Examples
    --------
    >>> edges = np.array([[0, 1], [1, 0], [1, 1]], dtype=np.int32)
    >>> link_nodes(2, edges, np.array([50.0, 40.0, 9.0])).toarray().tolist()
    [[0.0, 40.0], [40.0, 0.0]]
    """
    from scipy.sparse import coo_array

    low = edge_nodes.min(axis=1).astype(np.int64)
    high = edge_nodes.max(axis=1).astype(np.int64)
    order = np.lexsort((edge_length_m, low * nodes + high))
    order = order[low[order] != high[order]]
    low, high, length_m = low[order], high[order], edge_length_m[order]
    first = np.ones(len(low), dtype=np.bool_)
    first[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
    low, high, length_m = low[first], high[first], length_m[first]
    ends = (np.append(low, high), np.append(high, low))
    arcs = coo_array((np.append(length_m, length_m), ends), shape=(nodes, nodes)).tocsr()
    arcs.sort_indices()
    return arcs


def number_components(arcs: Any, edge_node: Index, edge_length_m: Metres) -> Index:
    """The component of each node, numbered from the one with the most street.

    Parameters
    ----------
    edge_node : one node of each edge.

    Examples
    --------
    >>> edges = np.array([[0, 1], [2, 3]], dtype=np.int32)
    >>> arcs = link_nodes(4, edges, np.array([5.0, 40.0]))
    >>> number_components(arcs, edges[:, 0], np.array([5.0, 40.0])).tolist()
    [1, 1, 0, 0]
    """
    from scipy.sparse.csgraph import connected_components

    count, found = connected_components(arcs, directed=False)
    length_m = np.bincount(found[edge_node], weights=edge_length_m, minlength=count)
    rank = np.empty(count, dtype=np.int32)
    rank[np.argsort(-length_m, kind="stable")] = np.arange(count, dtype=np.int32)
    numbered: Index = rank[found]
    return numbered
