"""Whether the rows to validate on look like the rows to train on, column by column.

In: two tables, dense or CSR, and the rows of each. Out: the column that differs most, if the rows
were most likely not transformed alike, or None. Only ranges are compared, and how many values lie
outside of them: rare values and heavy tails do not mislead those as they mislead means.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from ..rows import Rows, row_blocks
from .statistics import ColumnsOf, ranges

#: A column is far if the median is outside the training range by more than this many widths of it:
#: between 0.33, the most of the ends of files, and 0.78, raw columns behind a scaler. See
#: DECISIONS: validation rows that look otherwise.
FAR_OUTSIDE = 0.5

#: Columns have collapsed if the typical one has less than this part of the range of training rows:
#: raw ones of diabetes have 0.05. See DECISIONS: validation rows that look otherwise.
COLLAPSED = 1 / 15

#: Fewer rows than this say nothing.
FEWEST_ROWS = 10


class Shift(NamedTuple):
    """A column that differs, the way it does, and its ranges.

    Attributes
    ----------
    column : int
    columns : ndarray
        All that differ like this one.
    collapsed : bool
        Whether its values are too close together; otherwise they are elsewhere.
    here, training : ndarray of shape (2,)
        Its lowest and highest value in the validation and in the training rows.
    distance : float
        Between its means there, in standard deviations of the training rows.
    """

    column: int
    columns: np.ndarray
    collapsed: bool
    here: np.ndarray
    training: np.ndarray
    distance: float


def find_shift(
    X: Matrix, rows: Rows, X_val: Matrix, rows_val: Rows, columns: np.ndarray | None = None
) -> Shift | None:
    """The column in which the validation rows differ most from the training rows, or None.

    They differ if in some column more than half of the values are outside the training range by
    more than half of its width; or if in more than half of the columns they have less than 1/15 of
    the range of as many training rows. A column that is constant in training has no unit to compare
    with, and is left out. Missing values (NaN) are, too. ``columns`` are the numbers of those that
    are compared; default: all.
    """
    n_columns = X.shape[1] if columns is None else len(columns)
    if n_columns == 0 or min(len(rows.index), len(rows_val.index)) < FEWEST_ROWS:
        return None
    if columns is not None and n_columns < X.shape[1]:
        found = find_shift(ColumnsOf(X, columns), rows, ColumnsOf(X_val, columns), rows_val)
        if found is None:
            return None
        return found._replace(column=int(columns[found.column]), columns=columns[found.columns])
    # A range that overflows is infinite: nothing lies outside of it.
    with np.errstate(over="ignore", invalid="ignore"):
        training, here = ranges(X, rows), ranges(X_val, rows_val)
        amount = _widths_outside(training, here, X_val, rows_val)
        collapsed = not amount.any()
        if collapsed:
            amount = _times_closer(X, rows, here, len(rows_val.index))
        if not amount.any():
            return None
        j = int(amount.argmax())
        mean, spread = _moments_of_column(X, rows, j)
        distance = abs(_moments_of_column(X_val, rows_val, j)[0] - mean) / spread
    differing = np.flatnonzero(amount)
    return Shift(j, differing, collapsed, here[:, j], training[:, j], float(distance))


def _widths_outside(
    training: np.ndarray, here: np.ndarray, X_val: Matrix, rows_val: Rows
) -> np.ndarray:
    """Widths from the training range to the farthest value, for columns that are far; else 0."""
    low, high = training
    width = high - low
    outside = _weight_outside(
        X_val, rows_val, low - FAR_OUTSIDE * width, high + FAR_OUTSIDE * width
    )
    far = (outside > 0.5 * rows_val.total()) & (width > 0)
    farthest = np.maximum(low - here[0], here[1] - high)
    return np.where(far, farthest, 0.0) / np.where(far, width, 1.0)


def _times_closer(X: Matrix, rows: Rows, here: np.ndarray, n: int) -> np.ndarray:
    """Training range / range here, for columns that have collapsed if most have; else 0."""
    # Of as many training rows, evenly spaced: of heavy tails, more rows see more.
    places = np.linspace(0, len(rows.index) - 1, min(n, len(rows.index))).astype(np.intp)
    width = np.ptp(ranges(X, Rows(rows.index[places], None)), axis=0)
    width_here = here[1] - here[0]
    both = (width > 0) & (width_here > 0)
    times = np.where(both, width, 0.0) / np.where(both, width_here, 1.0)
    times[times * COLLAPSED <= 1.0] = 0.0
    return times if 2 * np.count_nonzero(times) > np.count_nonzero(both) else np.zeros(1)


def _weight_outside(X: Matrix, rows: Rows, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Weight of the rows below ``low`` or above ``high``, for each column."""
    found = np.zeros(X.shape[1])
    for block, w in row_blocks(X, rows):
        if not sp.issparse(X):
            found += w @ ((block < low) | (block > high))
            continue
        j, x = block.indices, block.data
        stored = np.repeat(w, np.diff(block.indptr))
        outside = (x < low[j]) | (x > high[j])
        found += np.bincount(j[outside], weights=stored[outside], minlength=len(found))
        zeros = w.sum() - np.bincount(j, weights=stored, minlength=len(found))
        found += np.where((low > 0) | (high < 0), zeros, 0.0)
    return found


def _moments_of_column(X: Matrix, rows: Rows, j: int) -> tuple[float, float]:
    """Weighted mean and standard deviation of column j."""
    parts, weights = [], []
    for block, w in row_blocks(X, rows):
        column = block[:, [j]]
        parts.append((column.toarray() if sp.issparse(X) else column).ravel().astype(np.float64))
        weights.append(w)
    values, w = np.concatenate(parts), np.concatenate(weights)
    there = ~np.isnan(values)
    values, w = values[there], w[there]
    mean = np.average(values, weights=w)
    return float(mean), float(np.sqrt(np.average((values - mean) ** 2, weights=w)))
