"""Edges of bins.

In: a column of numbers and weights of its rows. Out: rising values between which lie equal parts.
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
