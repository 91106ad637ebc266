"""Columns of a stream that have shown nothing so far: their statistics go on.

In: the rows of one part of the stream after the other. Out: the scaling, measured by all rows so
far from the part on in which a column first shows something: another value than the one it had, or
any value. What is kept of earlier rows is bounded: one value and its weight for each column, and of
the first 50 rows all.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from ..frames import TableColumns
from ..matrix import Matrix
from ..rows import DistinctRows, Rows, row_blocks
from ..telling import warn
from .scaling import ColumnTooLargeError, Scaling
from .statistics import ColumnsOf, ranges

#: Rows that are looked at first, and columns that a message names.
LOOKED_AT, NAMED = 500, 5

#: A column that varies is measured anew until so many rows have been seen: of the first two values
#: the difference would be its unit.
FEWEST_ROWS = 50


class OpenColumns:
    """Columns of numbers that were constant or empty in all rows so far.

    Or, of fewer than 50 rows, in the first part.

    Parameters
    ----------
    index : ndarray of shape (n,)
        Their numbers among the columns of the scaling.
    n_rows : int
        Rows of the stream so far.
    values, weights : ndarrays of shape (k, n)
        The rows, NaN for missing; of 50 and more a single one, with the weight of all.
    counts : ndarray of shape (n,)
        Rows in which a column had a value.
    few : ndarray
        The columns that the last part has closed by fewer than 50 values.
    """

    def __init__(
        self,
        index: np.ndarray,
        n_rows: int,
        values: np.ndarray,
        weights: np.ndarray,
        counts: np.ndarray,
        few: np.ndarray,
    ) -> None:
        self.index, self.n_rows = index, n_rows
        self.values, self.weights, self.counts, self.few = values, weights, counts, few

    @classmethod
    def after(cls, X: Matrix, rows: Rows, scaling: Scaling) -> OpenColumns:
        """Those of the first part, of which the scaling has learned."""
        index = scaling.constant
        none = np.zeros((0, len(index)))
        before = cls(index, 0, none, none, np.zeros(len(index), dtype=np.int64), index[:0])
        return before._with(_columns(X, index), rows, np.arange(len(index)))

    def further(self, X: Matrix, rows: Rows, scaling: Scaling) -> tuple[OpenColumns, Scaling]:
        """Those that are left after another part X, and the scaling with what it shows."""
        part = _columns(X, self.index)
        low, high = ranges(part, rows)
        lowest = np.fmin(low, np.fmin.reduce(self.values, axis=0))
        highest = np.fmax(high, np.fmax.reduce(self.values, axis=0))
        first = ~(self.weights > 0).any(axis=0) & (low <= high)
        shows = np.flatnonzero((lowest < highest) | first)
        constant = np.ones(len(self.index), dtype=bool)
        if len(shows):
            scaling = copy.copy(scaling)
        for columns in self._alike(shows):
            measured = self._measured(part, rows, columns, type(scaling))
            scaling.replace(self.index[columns], measured)
            constant[columns] = False
            constant[columns[measured.constant]] = True
        return self._with(part, rows, np.flatnonzero(constant)), scaling

    def _alike(self, columns: np.ndarray) -> Iterator[np.ndarray]:
        """The columns in groups whose earlier rows have the same weights."""
        if len(columns):
            _, group = np.unique(self.weights[:, columns], axis=1, return_inverse=True)
            order = np.argsort(group.ravel(), kind="stable")
            ends = np.flatnonzero(np.diff(group.ravel()[order])) + 1
            yield from np.split(columns[order], ends)

    def _measured(
        self, part: Matrix, rows: Rows, columns: np.ndarray, kind: type[Scaling]
    ) -> Scaling:
        """Those columns by all rows so far."""
        now = _columns(part, columns)[rows.index]
        past, weight = self.values[:, columns], self.weights[:, columns[0]]
        there = weight > 0
        weight_now = np.ones(len(rows.index)) if rows.weight is None else rows.weight
        weight = np.concatenate([weight[there], weight_now])
        if sp.issparse(now):
            table = sp.vstack([sp.csr_matrix(past[there]), now], format="csr")
        else:
            table = np.concatenate([past[there], now], dtype=np.float64)
        all_of_them = Rows(np.arange(len(weight)), None if (weight == 1.0).all() else weight)
        try:
            return kind(True).fit(table, all_of_them)
        except ColumnTooLargeError as error:
            raise ColumnTooLargeError(int(self.index[columns[error.column]])) from None

    def _with(self, part: Matrix, rows: Rows, constant: np.ndarray) -> OpenColumns:
        """After these rows, in which the columns ``constant`` have shown nothing."""
        n_rows = self.n_rows + len(rows.index)
        counts, weight = _values_there(part, rows)
        counts = self.counts + counts
        small = n_rows < FEWEST_ROWS and not sp.issparse(part)
        left = np.arange(len(self.index)) if small else constant
        closed = np.setdiff1d(np.arange(len(self.index)), left)
        few = self.index[closed[counts[closed] < FEWEST_ROWS]]
        if small:
            now = np.asarray(_columns(part, left)[rows.index], dtype=np.float64)
            w = np.ones(len(now)) if rows.weight is None else rows.weight
            values = np.concatenate([self.values[:, left], now])
            weights = np.concatenate([self.weights[:, left], w[:, np.newaxis] * ~np.isnan(now)])
        else:
            low, high = ranges(_columns(part, left), rows)
            low[low > high] = np.nan
            values = np.fmin(low, np.fmin.reduce(self.values[:, left], axis=0, initial=np.nan))
            weights = weight[left] + self.weights[:, left].sum(axis=0)
            values, weights = values[np.newaxis], weights[np.newaxis]
        return OpenColumns(self.index[left], n_rows, values, weights, counts[left], few)


def _columns(X: Matrix, columns: np.ndarray) -> Matrix:
    """Some columns of a table."""
    if len(columns) == X.shape[1]:
        return X
    return X[:, columns] if sp.issparse(X) else ColumnsOf(X, columns)


def _values_there(X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """How many of the rows have a value in each column, and their weight."""
    if sp.issparse(X):
        n = X.shape[1]
        return np.full(n, len(rows.index)), np.full(n, rows.total())
    counts, weight = np.zeros(X.shape[1], dtype=np.int64), np.zeros(X.shape[1])
    for block, w in row_blocks(X, rows):
        there = ~np.isnan(block)
        counts += there.sum(axis=0)
        weight += w @ there
    return counts, weight


def are_few(X: Matrix, rows: Rows) -> bool:
    """Whether there are fewer than 50 different rows."""
    if len(rows.index) < FEWEST_ROWS:
        return True
    y = np.zeros(X.shape[0])
    for n in sorted({min(LOOKED_AT, len(rows.index)), len(rows.index)}):
        if DistinctRows(X, y, Rows(rows.index[:n], None)).n_groups >= FEWEST_ROWS:
            return False
    return True


def warn_of_few(fixed: np.ndarray, columns: TableColumns) -> None:
    """Warn that few rows have said what these columns of the table are for the whole stream."""
    labels = list(dict.fromkeys(columns.label(j) for j in fixed.tolist()))
    if not labels:
        return
    shown, n = ", ".join(labels[:NAMED]), len(labels) - NAMED
    more = f" and {n} more" if n > 0 else ""
    one = len(labels) == 1
    warn(
        f"Fewer than {FEWEST_ROWS} different rows say for the whole stream what column"
        f"{'' if one else 's'} {shown}{more} of X {'is' if one else 'are'}: range and levels are "
        "learned in the first call of partial_fit that shows any. Pass more rows in that call."
    )
