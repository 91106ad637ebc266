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


#: Columns are sorted in groups of about this many numbers (16 MB).
QUANTILE_CHUNK = 2**21


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
    first = X[rows.index[0]].astype(np.float64)
    block, w = next(row_blocks(X, rows))
    # Differences to the first row inside keep a constant column exact, with the spread 0.
    origin = first + w @ (block - first) / w.sum()
    for _ in range(MOST_PASSES):
        shift, variance = _moments_about(origin, X, rows)
        nearer = origin + shift
        if not ((shift * shift > 1e4 * variance) & (nearer != origin)).any():
            break
        origin = nearer
    return nearer, np.sqrt(variance)


def _moments_about(origin: np.ndarray, X: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """``center - origin`` and the variance of each column, by differences to ``origin``."""
    sums, squares = np.zeros_like(origin), np.zeros_like(origin)
    for block, w in row_blocks(X, rows):
        difference = block - origin
        sums += w @ difference
        np.multiply(difference, difference, out=difference)
        squares += w @ difference
    total = rows.total()
    shift = sums / total
    return shift, np.maximum(squares / total - shift * shift, 0.0)


def _moments_of_present(X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # The same passes, from the first value that is there, over differences in which a missing
    # value is 0 with the weight 0; 2 to 3 times as slow. The weight of the others is returned too.
    origin = _first_present(X, rows)
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
        divisor = np.where(total > 0.0, total, 1.0)
        shift = sums / divisor
        variance = np.maximum(squares / divisor - shift * shift, 0.0)
        nearer = origin + shift
        if not ((shift * shift > 1e4 * variance) & (nearer != origin)).any():
            break
        origin = nearer
    return nearer, np.sqrt(variance), total


def _first_present(X: Matrix, rows: Rows) -> np.ndarray:
    """The first value of each column that is there; 0 in a column without."""
    first = np.full(X.shape[1], np.nan)
    for block, _ in row_blocks(X, rows):
        wanted = np.flatnonzero(np.isnan(first))
        if not len(wanted):
            break
        part = block[:, wanted]
        first[wanted] = part[np.isnan(part).argmin(axis=0), np.arange(len(wanted))]
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

    counts = sum(
        np.bincount(block.indices, minlength=n_features) for block, _ in row_blocks(X, rows)
    )
    first_row = X[rows.index[:1]].toarray().ravel().astype(np.float64)
    origin = np.where(counts == len(rows.index), first_row, 0.0)
    sums = sum(
        column_sums(w * (block.data - origin[block.indices]), block) for block, w in stored()
    )
    mean = origin + sums / total
    squares, weight = np.zeros(n_features), np.zeros(n_features)
    for block, w in stored():
        difference = block.data - mean[block.indices]
        squares += column_sums(w * difference * difference, block)
        weight += column_sums(w, block)
    absent = np.where(counts == len(rows.index), 0.0, np.maximum(total - weight, 0.0))
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
    return np.stack([low, high])


def means(X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of each column, and the columns with missing values, as :func:`moments`.

    0 for a column without values, or if the sum overflows.
    """
    mean = sum(w @ block for block, w in row_blocks(X, rows)) / rows.total()
    # A missing value makes the sum NaN; a sparse table has none.
    gaps = np.zeros(0, dtype=np.intp) if sp.issparse(X) else np.flatnonzero(np.isnan(mean))
    missing = gaps
    if len(gaps):
        of_gaps = ColumnsOf(X, gaps)
        mean[gaps] = _moments_of_present(of_gaps, rows)[0]
        missing = gaps[missing_columns(of_gaps, rows)]
    return np.where(np.isfinite(mean), mean, 0.0), missing


def sorted_columns(X: Matrix, rows: Rows) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Each column's number, its values in ascending order (float64) and their weights.

    The implicit zeros of a sparse column come as one entry with all their weight. Missing values
    are left out; a column that has no others comes as a single zero.
    """
    weight = np.ones(len(rows.index)) if rows.weight is None else rows.weight
    n_features = X.shape[1]
    if sp.issparse(X):
        by_column = X[rows.index].tocsc()
        for j in range(n_features):
            here = slice(by_column.indptr[j], by_column.indptr[j + 1])
            stored = weight[by_column.indices[here]]
            rest = rows.total() - stored.sum()
            values = np.append(by_column.data[here].astype(np.float64), 0.0)
            order = np.argsort(values, kind="stable")
            # Rounding may leave a trace of weight on zeros that are not there.
            stored = np.append(stored, rest if rest > 1e-9 * rows.total() else 0.0)
            order = order[stored[order] > 0]
            yield j, values[order], stored[order]
        return
    step = max(1, QUANTILE_CHUNK // max(1, len(rows.index)))
    for start in range(0, n_features, step):
        chunk = np.asarray(X[:, start : start + step])[rows.index].astype(np.float64)
        for offset in range(chunk.shape[1]):
            order = np.argsort(chunk[:, offset], kind="stable")
            values = chunk[order, offset]
            if np.isnan(values[-1]):
                # Missing values are sorted behind all others.
                order = order[: np.searchsorted(values, np.nan)]
                values = values[: len(order)]
            if len(order):
                yield start + offset, values, weight[order]
            else:
                yield start + offset, np.zeros(1), np.ones(1)


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
        zero_to, spread = (float(v[0]) for v in _as_zero_and_one(values[:1], values[-1:]))
        return zero_to, spread, (mean - zero_to) / spread if spread else 0.0
    spread = np.sqrt(np.average((difference - shift) ** 2, weights=weights))
    return mean, float(spread), 0.0


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
    return columns, *_as_zero_and_one(low[columns], high[columns])


def _as_zero_and_one(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.where(high == 0.0, 0.0, low), high - low


def _two_values_dense(
    X: np.ndarray, rows: Rows, missing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The two values of each column, nan where it has one or more than two."""
    first = X[rows.index[0]].astype(np.float64)
    if len(missing):
        first[missing] = _first_present(ColumnsOf(X, missing), rows)
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
        other[columns[third]] = np.nan
        columns = columns[~third]
    return np.fmin(first, other) + 0 * other, np.fmax(first, other) + 0 * other


def _two_values_sparse(X: sp.csr_matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    # The same by the lowest and the highest stored value, and whether a zero is not stored.
    n_features = X.shape[1]
    low, high = np.full(n_features, np.inf), np.full(n_features, -np.inf)
    stored = np.zeros(n_features, dtype=np.int64)
    for block, _ in row_blocks(X, rows):
        np.minimum.at(low, block.indices, block.data)
        np.maximum.at(high, block.indices, block.data)
        stored += np.bincount(block.indices, minlength=n_features)
    has_zero = stored < len(rows.index)
    low, high = (
        np.where(has_zero, np.minimum(low, 0), low),
        np.where(has_zero, np.maximum(high, 0), high),
    )
    two = np.ones(n_features, dtype=bool)
    for block, _ in row_blocks(X, rows):
        ends = (block.data == low[block.indices]) | (block.data == high[block.indices])
        two[block.indices[~ends]] = False
    # Zero lies between two stored values: a third one.
    two &= ~(has_zero & (low < 0) & (high > 0))
    return np.where(two, low, np.nan), np.where(two, high, np.nan)


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
    return np.flatnonzero(some & ~every)
