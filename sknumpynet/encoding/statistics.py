"""Statistics of columns: moments, quantiles, missing values, which of them hold zeros and ones.

In: a table (dense or CSR) and which of its rows, with weights. Out: numbers in float64, of the
values that are there: a missing one (NaN) is in none of them. The table is gone through in blocks
of rows, or sorted in chunks of columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from ..rows import Rows, row_blocks

#: Passes over the columns for their mean and variance: one, unless the first rows mislead by more
#: than a hundred spreads; each gains 16 digits.
MOST_PASSES = 20


class ColumnsOf:
    """Some columns of a dense table, by their numbers; rows are copied when they are read."""

    def __init__(self, X: Matrix, columns: np.ndarray) -> None:
        self._X, self._columns = X, columns
        self.shape, self.dtype = (X.shape[0], len(columns)), X.dtype

    def __getitem__(self, where: Any) -> np.ndarray:
        """Rows by a number, a slice or numbers; or (all rows, a slice of the columns)."""
        if isinstance(where, tuple):
            return self._X[where[0]][:, self._columns[where[1]]]
        return self._X[where][..., self._columns]


def moments(X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted mean and standard deviation of each column, and the columns with missing values.

    Those are the numbers of the columns with other values too; one without has the moments 0.
    """
    if sp.issparse(X):
        return *_moments_sparse(X, rows), np.zeros(0, dtype=np.intp)
    mean, spread = _moments_dense(X, rows)
    # A missing value has made all sums of its column NaN, and those of no other.
    missing = np.flatnonzero(np.isnan(mean))
    if len(missing):
        of_present = _moments_of_present(ColumnsOf(X, missing), rows)
        mean[missing], spread[missing], weight = of_present
        missing = missing[weight > 0]
    return mean, spread, missing


def _moments_dense(X: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    # One pass over the differences d to an origin near the mean:
    #   center = origin + sum w d / W,    spread^2 = sum w d^2 / W - (center - origin)^2.
    # The subtraction costs as many digits as (center - origin)^2 is larger than spread^2. The mean
    # of the first rows is near enough unless they are few or light and lie far away: then another
    # pass starts from the mean that was found, until the mean cannot be told any better.
    origin = rows.each(_near_mean(X, rows) if len(rows.index) else None)[0]
    for _ in range(MOST_PASSES):
        shift, variance = _moments_about(origin, X, rows)
        nearer = origin + shift
        if not ((shift * shift > 1e4 * variance) & (nearer != origin)).any():
            break
        origin = nearer
    return nearer, np.sqrt(variance)


def _near_mean(X: np.ndarray, rows: Rows) -> np.ndarray:
    """The mean of the first rows."""
    first = X[rows.index[0]].astype(np.float64)
    block, w = next(row_blocks(X, rows))
    # Differences to the first row inside keep a constant column exact, with the spread 0.
    return first + w @ (block - first) / w.sum()


def _moments_about(origin: np.ndarray, X: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """``center - origin`` and the variance of each column, by differences to ``origin``."""
    sums, squares = np.zeros_like(origin), np.zeros_like(origin)
    for block, w in row_blocks(X, rows):
        difference = block - origin
        sums += w @ difference
        np.multiply(difference, difference, out=difference)
        squares += w @ difference
    sums, squares = rows.summed(sums, squares)
    total = rows.total()
    shift = sums / total
    return shift, np.maximum(squares / total - shift * shift, 0.0)


def _moments_of_present(X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # The same passes, from the first value that is there, over differences in which a missing
    # value is 0 with the weight 0; 2 to 3 times as slow. The weight of the others is returned too.
    origin = first_present(X, rows)
    for _ in range(MOST_PASSES):
        sums, squares, total = (np.zeros(X.shape[1]) for _ in range(3))
        for block, w in row_blocks(X, rows):
            difference = block - origin
            absent = np.isnan(difference)
            difference[absent] = 0.0
            sums += w @ difference
            np.multiply(difference, difference, out=difference)
            squares += w @ difference
            total += w @ ~absent
        sums, squares, total = rows.summed(sums, squares, total)
        divisor = np.where(total > 0.0, total, 1.0)
        shift = sums / divisor
        variance = np.maximum(squares / divisor - shift * shift, 0.0)
        nearer = origin + shift
        if not ((shift * shift > 1e4 * variance) & (nearer != origin)).any():
            break
        origin = nearer
    return nearer, np.sqrt(variance), total


def first_present(X: Matrix, rows: Rows) -> np.ndarray:
    """The first value of each column that is there; 0 in a column without."""
    first = np.full(X.shape[1], np.nan)
    for block, _ in row_blocks(X, rows):
        wanted = np.flatnonzero(np.isnan(first))
        if not len(wanted):
            break
        part = block[:, wanted]
        first[wanted] = part[np.isnan(part).argmin(axis=0), np.arange(len(wanted))]
    first, *others = rows.each(first)
    for later in others:
        np.copyto(first, later, where=np.isnan(first))
    return np.nan_to_num(first, nan=0.0)


def _moments_sparse(X: sp.csr_matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    # The same sums over the stored entries; the zeros, of weight W - W_stored, add mean^2 each. In
    # a full column, differences to the first row as above; elsewhere to 0.
    n_features, total = X.shape[1], rows.total()

    def column_sums(values: np.ndarray, block: sp.csr_matrix) -> np.ndarray:
        return np.bincount(block.indices, weights=values, minlength=n_features)

    def stored() -> Iterator[tuple[Any, np.ndarray]]:
        for block, w in row_blocks(X, rows):
            yield block, np.repeat(w, np.diff(block.indptr))

    counts, sums = np.zeros(n_features, dtype=np.intp), np.zeros(n_features)
    for block, _ in row_blocks(X, rows):
        counts += np.bincount(block.indices, minlength=n_features)
    (counts,) = rows.summed(counts)
    first_row = rows.each(X[rows.index[:1]].toarray().ravel().astype(np.float64))[0]
    origin = np.where(counts == rows.n_rows, first_row, 0.0)
    for block, w in stored():
        sums += column_sums(w * (block.data - origin[block.indices]), block)
    (sums,) = rows.summed(sums)
    mean = origin + sums / total
    squares, weight = np.zeros(n_features), np.zeros(n_features)
    for block, w in stored():
        difference = block.data - mean[block.indices]
        squares += column_sums(w * difference * difference, block)
        weight += column_sums(w, block)
    squares, weight = rows.summed(squares, weight)
    absent = np.where(counts == rows.n_rows, 0.0, np.maximum(total - weight, 0.0))
    squares += absent * mean * mean
    return mean, np.sqrt(squares / total)


def ranges(X: Matrix, rows: Rows) -> np.ndarray:
    """Lowest and highest value of each column, shape (2, n_features), in float64.

    Of a column without values they are inf and -inf.
    """
    low, high = np.full(X.shape[1], np.inf), np.full(X.shape[1], -np.inf)
    for block, _ in row_blocks(X, rows):
        if sp.issparse(X):
            least, most = (m.toarray().ravel() for m in (block.min(axis=0), block.max(axis=0)))
        else:
            least, most = np.fmin.reduce(block, axis=0), np.fmax.reduce(block, axis=0)
        np.fmin(low, least, out=low)
        np.fmax(high, most, out=high)
    lows, highs = zip(*rows.each((low, high)), strict=True)
    return np.stack([np.minimum.reduce(lows), np.maximum.reduce(highs)])


def means(X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of each column, and the columns with missing values, as :func:`moments`.

    0 for a column without values, or if the sum overflows.
    """
    sums = np.zeros(X.shape[1])
    for block, w in row_blocks(X, rows):
        sums += w @ block
    (sums,) = rows.summed(sums)
    mean = sums / rows.total()
    # A missing value makes the sum NaN; a sparse table has none.
    gaps = np.zeros(0, dtype=np.intp) if sp.issparse(X) else np.flatnonzero(np.isnan(mean))
    missing = gaps
    if len(gaps):
        of_gaps = ColumnsOf(X, gaps)
        mean[gaps] = _moments_of_present(of_gaps, rows)[0]
        missing = gaps[missing_columns(of_gaps, rows)]
    return np.where(np.isfinite(mean), mean, 0.0), missing


def missing_columns(X: Matrix, rows: Rows) -> np.ndarray:
    """Numbers of the columns with missing values and others; a sparse table has none."""
    if sp.issparse(X):
        return np.zeros(0, dtype=np.intp)
    some, every = np.zeros(X.shape[1], dtype=bool), np.ones(X.shape[1], dtype=bool)
    for block, _ in row_blocks(X, rows):
        # A missing value makes the sum NaN.
        columns = np.flatnonzero(np.isnan(block.sum(axis=0)))
        absent = np.zeros(block.shape, dtype=bool)
        absent[:, columns] = np.isnan(block[:, columns])
        some |= absent.any(axis=0)
        every &= absent.all(axis=0)
    here, full = rows.summed(some.astype(np.intp), (~every).astype(np.intp))
    return np.flatnonzero((here > 0) & (full > 0))
