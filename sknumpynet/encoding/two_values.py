"""Columns that have exactly two values.

In: a table (dense or CSR) and which of its rows. Out: numbers of the columns, and what brings these
values to 0 and 1. Missing values are none.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from ..rows import Rows, row_blocks
from .statistics import ColumnsOf, first_present


def two_valued_columns(
    X: Matrix, rows: Rows, missing: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the columns that have exactly two values in the given rows.

    And what brings these to 0 and 1 by ``(x - center) / spread``: 0 stays 0, if it is one of them,
    otherwise the lower value becomes 0. ``missing`` are the columns with missing values.
    """
    if sp.issparse(X):
        low, high = _two_values_sparse(X, rows)
    else:
        low, high = _two_values_dense(X, rows, missing)
    columns = np.flatnonzero(low < high)
    return columns, *as_zero_and_one(low[columns], high[columns])


def as_zero_and_one(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What brings two values to 0 and 1 by ``(x - center) / spread``."""
    return np.where(high == 0.0, 0.0, low), high - low


def _two_values_dense(
    X: np.ndarray, rows: Rows, missing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The two values of each column, nan where it has one or more than two."""
    first = X[rows.index[0]].astype(np.float64) if len(rows.index) else None
    first = rows.each(first)[0].copy()
    if len(missing):
        first[missing] = first_present(ColumnsOf(X, missing), rows)
    other = np.full(X.shape[1], np.nan)
    # Most columns drop out in the first block, which is all that they cost.
    columns = np.arange(X.shape[1])
    for block, _ in row_blocks(X, rows):
        if not len(columns):
            break
        block = block if len(columns) == X.shape[1] else block[:, columns]
        differs = block != first[columns]
        if len(missing):
            differs &= ~np.isnan(block)
        unknown = np.flatnonzero(np.isnan(other[columns]) & differs.any(axis=0))
        other[columns[unknown]] = block[differs[:, unknown].argmax(axis=0), unknown]
        third = (differs & (block != other[columns])).any(axis=0)
        other[columns[third]] = np.inf
        columns = columns[~third]
    # Others of several ranks are one value, or there is a third.
    others = np.stack(rows.each(other))
    least, most = np.fmin.reduce(others), np.fmax.reduce(others)
    other = np.where((least == most) & (most < np.inf), most, np.nan)
    return np.fmin(first, other) + 0 * other, np.fmax(first, other) + 0 * other


def _two_values_sparse(X: sp.csr_matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    # The same by the lowest and the highest stored value, and whether a zero is not stored.
    n_features = X.shape[1]
    low: np.ndarray = np.full(n_features, np.inf)
    high: np.ndarray = np.full(n_features, -np.inf)
    stored = np.zeros(n_features, dtype=np.int64)
    for block, _ in row_blocks(X, rows):
        np.minimum.at(low, block.indices, block.data)
        np.maximum.at(high, block.indices, block.data)
        stored += np.bincount(block.indices, minlength=n_features)
    (all_stored,) = rows.summed(stored)
    has_zero = all_stored < rows.n_rows
    low, high = np.minimum.reduce(rows.each(low)), np.maximum.reduce(rows.each(high))
    low = np.where(has_zero, np.minimum(low, 0), low)
    high = np.where(has_zero, np.maximum(high, 0), high)
    two = np.ones(n_features, dtype=bool)
    for block, _ in row_blocks(X, rows):
        ends = (block.data == low[block.indices]) | (block.data == high[block.indices])
        two[block.indices[~ends]] = False
    two = np.logical_and.reduce(rows.each(two))
    # Zero lies between two stored values: a third one.
    two &= ~(has_zero & (low < 0) & (high > 0))
    return np.where(two, low, np.nan), np.where(two, high, np.nan)
