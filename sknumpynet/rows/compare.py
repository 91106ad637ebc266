"""Rows of a table compared with others of it, as far as their first difference.

In: a table (dense or CSR) and row numbers. Out: keys that order rows which were equal so far. -0.0
equals 0.0, two missing values (NaN) are equal and greater than any number, and an entry that is not
stored is 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from .rows import BLOCK_SIZE, select

#: Columns of two rows that are compared at first (64 bytes of float32 are read from memory at
#: once), and entries of a CSR matrix. Where they are all equal, four times as many follow.
FIRST_WIDTH, FIRST_ENTRIES = 16, 4

#: Columns of two values are sorted by as the bits of one number, if there are so many.
FEWEST_CODES = 8

#: Bytes of values of a row that are sorted by at once (random 0 and 1, compared: 16 bytes take a
#: quarter longer; they are the memory that it takes, beside some 50 bytes a row).
VALUE_BYTES = 32

#: From so many rows on, sorting them costs more than the calls that it takes.
MANY_ROWS = 4096


class Keys(NamedTuple):
    """What orders rows that are equal so far: first ``place``, then each of ``values``.

    ``known`` says how far rows of the same place and values are known to be equal: ``n_columns`` if
    to the end. All rows of a run know the same.
    """

    place: np.ndarray
    values: np.ndarray
    known: np.ndarray


class Table:
    """Compares rows of one table; how they are read, a subclass says."""

    def __init__(self, X: Any) -> None:
        self.X, self.n_columns = X, X.shape[1]

    def keys(self, rows: np.ndarray, others: np.ndarray, known: np.ndarray) -> Keys:
        """Keys of ``rows[i]``, from a comparison with ``others[i]``, equal as far as ``known[i]``.

        All rows of a run are compared with one row. What counts is the first column that differs.
        The earlier a row falls below the other, the smaller it is, and the earlier it rises above,
        the greater: so its place is ``column - n_columns`` or ``n_columns - column``, and 0 if it
        is equal. The row's values in that column and perhaps in some behind it (0 if it is equal)
        decide between rows of the same place.
        """
        n_values = self._n_values(known)
        found = Keys(
            np.zeros(len(rows), dtype=np.int32),
            np.zeros((n_values, len(rows)), dtype=self.X.dtype),
            np.full_like(known, self.n_columns),
        )
        step = max(1, BLOCK_SIZE // FIRST_WIDTH)
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            here = Keys(found.place[part], found.values[:, part], found.known[part])
            for at, column, mine, theirs, then in self._compared(
                rows[part], others[part], known[part], n_values
            ):
                value = mine[0]
                smaller = (value < theirs) | ((theirs != theirs) & (value == value))
                here.place[at] = np.where(smaller, column - self.n_columns, self.n_columns - column)
                here.values[:, at], here.known[at] = mine, then
        return found

    def _n_values(self, known: np.ndarray) -> int:
        """So many values of each row are given."""
        return 1

    def _compared(
        self, rows: np.ndarray, others: np.ndarray, known: np.ndarray, n_values: int
    ) -> Iterator[tuple[np.ndarray, ...]]:
        """Positions of rows that differ, first column, their values, the other's, and ``known``."""
        raise NotImplementedError


class Column(Table):
    """A single column, dense: the values say it all."""

    def keys(self, rows: np.ndarray, others: np.ndarray, known: np.ndarray) -> Keys:
        return Keys(np.zeros_like(known), self.X[rows].T, np.ones_like(known))


class DenseTable(Table):
    """``known`` counts columns."""

    def __init__(self, X: Any) -> None:
        # Blocks of a memory-mapped X would be memory maps, and slow.
        super().__init__(np.asarray(X))

    def _n_values(self, known: np.ndarray) -> int:
        # At first one column may well be enough, and further values cost 10 ms each on 200,000
        # rows. With few rows, to compare them once more costs more than that (0.06 ms).
        if len(known) > MANY_ROWS and not known.any():
            return 1
        return min(self.n_columns, VALUE_BYTES // self.X.itemsize)

    def keys(self, rows: np.ndarray, others: np.ndarray, known: np.ndarray) -> Keys:
        first = int(known[0])
        if len(rows) > MANY_ROWS and (known == first).all():
            codes, width = self._codes(rows, first)
            if width:
                known = np.full_like(known, first + width)
                return Keys(np.zeros_like(known), codes[None], known)
        return super().keys(rows, others, known)

    def _codes(self, rows: np.ndarray, first: int) -> tuple[np.ndarray, int]:
        """A bit per column from ``first`` on, as long as columns hold two values; and how many.

        On 200,000 x 100 random bits this takes 0.1 s, comparisons with one row 0.35.
        """
        columns, step = self.X[:, first : first + 64], max(1, BLOCK_SIZE // 64)
        parts = [slice(start, start + step) for start in range(0, len(rows), step)]
        # The first block says how far to look.
        block = select(columns, rows[parts[0]])
        low, high = block.min(axis=0), block.max(axis=0)
        width = _leading((block == low) | (block == high))
        codes = np.empty(len(rows), dtype=np.uint64)
        if width < FEWEST_CODES:
            return codes, 0
        columns, low, high = columns[:, :width], low[:width], high[:width]
        for part in parts[1:]:
            block = select(columns, rows[part])
            np.minimum(low, block.min(axis=0), out=low)
            np.maximum(high, block.max(axis=0), out=high)
        bits = np.zeros((step, 64), dtype=bool)
        for part in parts:
            block = select(columns, rows[part])
            here = bits[: len(block)]
            is_high = np.equal(block, high, out=here[:, : len(high)])
            width = min(width, _leading(is_high | (block == low)))
            codes[part] = np.packbits(here, axis=1).view(">u8")[:, 0]
        if width < FEWEST_CODES:
            return codes, 0
        codes >>= np.uint64(64 - width)
        return codes, width

    def _compared(
        self, rows: np.ndarray, others: np.ndarray, known: np.ndarray, n_values: int
    ) -> Iterator[tuple[np.ndarray, ...]]:
        left, first, width = np.arange(len(rows)), int(known.min()), FIRST_WIDTH
        while len(left) and first < self.n_columns:
            # The columns before known[i] are equal: to compare some of them again is no error.
            due = known[left] < first + width
            now = left[due]
            columns = self.X[:, first : first + width]
            mine, theirs = columns[rows[now]], columns[others[now]]
            due[due], at, column = _first_of_each(differ(mine, theirs))
            theirs, then = theirs[at, column], first + column + n_values
            if n_values == 1:
                mine = mine[at, column][None]
            else:
                mine = self._values(rows[now[at]], first + column, n_values)
            yield now[at], first + column, mine, theirs, np.minimum(then, self.n_columns)
            left = left[~due]
            first += width
            width = _next_width(width, len(left))

    def _values(self, rows: np.ndarray, column: np.ndarray, n_values: int) -> np.ndarray:
        """(n_values, n_rows) values from a column on; behind the last column, 0."""
        column = column + np.arange(n_values)[:, None]
        behind = column >= self.n_columns
        column[behind] = 0
        values = self.X[rows, column]
        values[behind] = 0
        return values


class SparseTable(Table):
    """``known`` counts stored entries, of which each row has as many in the same columns."""

    def __init__(self, X: Any) -> None:
        if np.count_nonzero(X.data) < X.nnz:
            # A stored zero would count as an entry.
            X = X.copy()
            X.eliminate_zeros()
        super().__init__(X)

    def _compared(
        self, rows: np.ndarray, others: np.ndarray, known: np.ndarray, n_values: int
    ) -> Iterator[tuple[np.ndarray, ...]]:
        left, first, width = np.arange(len(rows)), known, FIRST_ENTRIES
        while len(left):
            my_columns, mine = self._entries(rows[left], first[left], width)
            their_columns, theirs = self._entries(others[left], first[left], width)
            found, at, entry = _first_of_each((my_columns != their_columns) | differ(mine, theirs))
            a, b = my_columns[at, entry], their_columns[at, entry]
            column = np.minimum(a, b)
            # Where only one of the two rows has an entry, the other's value is 0.
            value = np.where(a == column, mine[at, entry], 0)
            other = np.where(b == column, theirs[at, entry], 0)
            yield left[at], column, value[None], other, first[left[at]] + entry + (a == column)
            # Behind the last entry of both rows nothing follows.
            ended = np.minimum(my_columns[:, -1], their_columns[:, -1]) == self.n_columns
            left = left[~(found | ended)]
            first = first + width
            width = _next_width(width, len(left))

    def _entries(
        self, rows: np.ndarray, first: np.ndarray, width: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of entries ``first`` to ``first + width``; behind the last: n, 0."""
        X = self.X
        if not X.nnz:
            shape = (len(rows), width)
            return np.full(shape, self.n_columns), np.zeros(shape, dtype=X.dtype)
        where = (X.indptr[rows] + first)[:, None] + np.arange(width)
        behind = where >= X.indptr[rows + 1][:, None]
        where[behind] = 0
        columns, values = X.indices[where], X.data[where]
        columns[behind], values[behind] = self.n_columns, 0
        return columns, values


def _next_width(width: int, n_rows: int) -> int:
    """Four times the width, as long as the numbers of that many rows make a block."""
    return max(FIRST_WIDTH, min(4 * width, BLOCK_SIZE // max(1, n_rows)))


def differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whether values differ; two NaN do not."""
    return (a != b) & ((a == a) | (b == b))


def _leading(marks: np.ndarray) -> int:
    """Number of columns before the first one that has no mark somewhere."""
    whole = np.all(marks, axis=0)
    return len(whole) if whole.all() else int(whole.argmin())


def _first_of_each(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether each row has a mark; the rows that have one, and the column of their first."""
    column = marks.argmax(axis=1)
    found = marks[np.arange(len(marks)), column]
    at = np.flatnonzero(found)
    return found, at, column[at]


def table_of(X: Any) -> Table:
    """What compares the rows of X."""
    if sp.issparse(X):
        return SparseTable(X)
    return Column(X) if X.shape[1] == 1 else DenseTable(X)
