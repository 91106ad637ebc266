"""Edges of bins.

In: a column of numbers and weights of its rows. Out: rising values between which lie equal parts;
and which bins they are the edges of.
"""

from __future__ import annotations

import numpy as np

#: Edges of bins closer than this, in shares of the range of a column, are one edge.
NEAREST_EDGES = 1e-6


def quantiles(values: np.ndarray, weight: np.ndarray | None, n_bins: int) -> np.ndarray:
    """Up to ``n_bins + 1`` rising values that divide the rows into parts of equal weight."""
    order = np.argsort(values, kind="stable")
    values = values[order]
    up_to = np.arange(1.0, len(values) + 1) if weight is None else np.cumsum(weight[order])
    # The first value with at least this share of the weight: a row of weight 2 is that row twice.
    wanted = np.linspace(0, 1, n_bins + 1)[1:] * up_to[-1]
    places = np.searchsorted(up_to, wanted * (1 - 1e-12))
    edges = np.concatenate([values[:1], values[np.minimum(places, len(values) - 1)]])
    nearest = NEAREST_EDGES * (edges[-1] - edges[0])
    apart = np.flatnonzero(np.diff(edges) > nearest)
    return edges[np.concatenate([[0], apart + 1])]


def edges_up_to(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How many of each column's sorted edges (F, T) each number (B, F) has reached, as (B, F).

    Halving in all columns at once, without branches: 14 columns of 200 rows take 0.5 of the time of
    ``searchsorted``, 100 columns 0.3.
    """
    n_columns, n_edges = edges.shape
    half = 1 << (n_edges.bit_length() - 1)
    table = np.full((n_columns, 2 * half), np.inf, dtype=edges.dtype)
    table[:, :n_edges] = edges
    starts = 2 * half * np.arange(n_columns)
    found = np.empty(x.shape, dtype=np.intp)
    found[...] = starts
    while half:
        found += half * (table.take(found + (half - 1)) <= x)
        half //= 2
    found -= starts
    return found


def bins_between(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower edges and widths (F, T) of the bins, and the number of the last in each column (F,).

    Bins from the last edge on are never asked for; their width is 1, as is that of the only bin of
    a column of one value.
    """
    lower, width = edges[:, :-1], np.diff(edges, axis=1)
    last = np.maximum((width > 0).sum(axis=1) - 1, 0)
    width[width <= 0] = 1
    return lower, width, last
