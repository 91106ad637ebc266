"""Some rows of a table, with weights, and reading them in blocks.

In: X (dense or CSR, possibly memory-mapped) and weights. Out: row numbers with weights, and blocks
of X that are views where they can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..matrix import Matrix, is_sparse

#: Numbers per block wherever the whole table is gone through (1 MB in float64), and most rows.
BLOCK_SIZE, MOST_ROWS = 2**17, 4096


class Rows(NamedTuple):
    """Which rows of the table, and the weight of each (None: 1 each)."""

    index: np.ndarray  # type: ignore[assignment] # In place of the method of tuples.
    weight: np.ndarray | None

    def total(self) -> float:
        """Sum of the weights, the number of rows that they stand for."""
        return float(len(self.index) if self.weight is None else self.weight.sum())

    # What is learned of rows is learned of all of them, also of those that other ranks have, see
    # :class:`~.of_ranks.RowsOfRank`. Here there are none.

    @property
    def alone(self) -> bool:
        """Whether nobody else has rows of the same fit."""
        return True

    @property
    def counts(self) -> list[int]:
        """Rows of each that has some."""
        return [len(self.index)]

    @property
    def n_rows(self) -> int:
        """How many there are."""
        return sum(self.counts)

    def with_weight(self, weight: np.ndarray | None) -> Rows:
        """The same rows with other weights."""
        return Rows(self.index, weight)

    def of_mean_one(self) -> np.ndarray | None:
        """The weights divided by their mean."""
        weight = self.weight
        return None if weight is None else weight * (len(weight) / weight.sum())

    def relative_weight(self) -> np.ndarray | None:
        """Weights of these rows in a unit that is everybody's."""
        return self.weight

    def summed(self, *sums: np.ndarray) -> tuple[np.ndarray, ...]:
        """What sums over these rows come to over all rows."""
        return sums

    def each(self, value: Any) -> list[Any]:
        """What each has found that has some of the rows."""
        return [value]

    def average(self, values: np.ndarray) -> np.ndarray:
        """The weighted mean of each column of ``values`` (n, k), one row for each of these."""
        return np.average(values, axis=0, weights=self.weight)

    def mean(self, of_these: Callable[[], float]) -> float:
        """The mean over all rows of what has the mean ``of_these()`` over these."""
        return of_these()

    def standing_for_all(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Rows of ``values`` (n, k), one for each of these rows, and their weights of mean 1.

        What is a mean or a quantile of each column of them is that of all rows.
        """
        return values, self.of_mean_one()

    def sorted_of_all(
        self, values: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Sorted values of a column, and their weights, of all rows; or few that stand for them."""
        return values, weights

    def by_number(self) -> Rows:
        """The same in the order of the table, in which a file is read."""
        if self.weight is None:
            return Rows(np.sort(self.index), None)
        order = np.argsort(self.index)
        return Rows(self.index[order], self.weight[order])


def block_rows(X: Matrix) -> int:
    """Rows per block of the table X; of a sparse one only the stored numbers count."""
    per_row = X.nnz // max(1, X.shape[0]) if is_sparse(X) else X.shape[1]
    return max(1, min(MOST_ROWS, BLOCK_SIZE // max(1, per_row)))


def row_blocks(X: Matrix, rows: Rows) -> Iterator[tuple[Any, np.ndarray]]:
    """Blocks of the rows and their weights, in order; memory O(block)."""
    step = block_rows(X)
    for start in range(0, len(rows.index), step):
        index = rows.index[start : start + step]
        weight = None if rows.weight is None else rows.weight[start : start + step]
        yield select(X, index), np.ones(len(index)) if weight is None else weight


def select(X: Matrix, index: np.ndarray) -> Any:
    """``X[index]``, as a view where the rows follow one another."""
    return X[index[0] : index[-1] + 1] if are_consecutive(index) else X[index]


def are_consecutive(index: np.ndarray) -> bool:
    """Whether the rows follow one another."""
    n = len(index)
    return n > 0 and index[-1] - index[0] == n - 1 and bool((index[1:] - index[:-1] == 1).all())


def usable_rows(n_rows: int, weight: np.ndarray | None) -> Rows:
    """All rows of positive weight; weights that are all 1 become None."""
    if weight is None:
        return Rows(row_numbers(n_rows), None)
    index = np.flatnonzero(weight).astype(number_type(n_rows), copy=False)
    return weighted_rows(index, weight[index])


def number_type(n: int) -> np.dtype:
    """The dtype for numbers of up to n rows; half the memory suffices below 2^31."""
    return np.dtype(np.int32 if n < 2**31 else np.int64)


def run_lengths(starts: np.ndarray, n: int) -> np.ndarray:
    """Lengths of the runs in n rows that start there."""
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1:] = n - starts[-1:]
    return lengths


def row_numbers(n: int) -> np.ndarray:
    """0, 1, ..., n - 1."""
    return np.arange(n, dtype=number_type(n))


def weighted_rows(index: np.ndarray, weight: np.ndarray) -> Rows:
    """Rows with weights; those that are all 1 become None."""
    return Rows(index, None if (weight == 1.0).all() else weight)
