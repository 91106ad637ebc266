"""Columns by their sorted values: quantiles, the most frequent value, columns of two values.

In: a table (dense or CSR) and which of its rows, with weights. Out: numbers in float64, of the
values that are there. The table is sorted in chunks of columns.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from ..rows import Rows
from .two_values import as_zero_and_one

#: Columns are sorted in groups of about this many numbers (16 MB).
QUANTILE_CHUNK = 2**21


def sorted_columns(X: Matrix, rows: Rows) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Each column's number, its values in ascending order (float64) and their weights.

    The implicit zeros of a sparse column come as one entry with all their weight. Missing values
    are left out; a column that has no others comes as a single zero.
    """
    for j, values, weights in _of_these(X, rows):
        values, weights = rows.sorted_of_all(values, weights)
        if not len(values):
            values, weights = np.zeros(1), np.ones(1)
        yield j, values, weights


def _of_these(X: Matrix, rows: Rows) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """The same of these rows alone; of a column of missing values, none."""
    weight = np.ones(len(rows.index)) if rows.weight is None else rows.weight
    n_features, total = X.shape[1], weight.sum()
    if sp.issparse(X):
        by_column = X[rows.index].tocsc()
        for j in range(n_features):
            here = slice(by_column.indptr[j], by_column.indptr[j + 1])
            stored = weight[by_column.indices[here]]
            rest = total - stored.sum()
            values = np.append(by_column.data[here].astype(np.float64), 0.0)
            order = np.argsort(values, kind="stable")
            # Rounding may leave a trace of weight on zeros that are not there.
            stored = np.append(stored, rest if rest > 1e-9 * total else 0.0)
            order = order[stored[order] > 0]
            yield j, values[order], stored[order]
        return
    step = max(1, QUANTILE_CHUNK // max(1, len(rows.index)))
    for start in range(0, n_features, step):
        chunk = np.asarray(X[:, start : start + step])[rows.index].astype(np.float64)
        for offset in range(chunk.shape[1]):
            order = np.argsort(chunk[:, offset], kind="stable")
            values = chunk[order, offset]
            if len(values) and np.isnan(values[-1]):
                # Missing values are sorted behind all others.
                order = order[: np.searchsorted(values, np.nan)]
                values = values[: len(order)]
            yield start + offset, values, weight[order]


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of sorted ``values``: mean of the least x with F(x) >= q and the least with > q.

    Hyndman and Fan (1996), definition 2. A value of weight 2 counts as that value twice, and the
    median of an even number of values is the mean of the middle two.
    """
    cumulative = np.cumsum(weights)
    target = levels * cumulative[-1]
    # A target that is a border up to rounding is that border.
    slack = 1e-12 * cumulative[-1]
    last = len(values) - 1
    low = np.minimum(np.searchsorted(cumulative, target - slack, side="left"), last)
    high = np.minimum(np.searchsorted(cumulative, target + slack, side="right"), last)
    # Halved first: the sum of two large values overflows.
    return values[low] / 2.0 + values[high] / 2.0


def largest_share(values: np.ndarray, weights: np.ndarray) -> float:
    """The share of the weight that the most frequent of the sorted ``values`` has."""
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return float(np.add.reduceat(weights, starts).max() / weights.sum())


def moments_of_sorted(values: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    """Mean and standard deviation of a column; of one that has two values, as below.

    And ``(mean - center) / spread``, which is 0 but in a column of two values.
    """
    difference = values - values[0]
    shift = np.average(difference, weights=weights)
    mean = float(values[0] + shift)
    if ((values == values[0]) | (values == values[-1])).all():
        zero_to, spread = (float(v[0]) for v in as_zero_and_one(values[:1], values[-1:]))
        return zero_to, spread, (mean - zero_to) / spread if spread else 0.0
    spread = np.sqrt(np.average((difference - shift) ** 2, weights=weights))
    return mean, float(spread), 0.0
