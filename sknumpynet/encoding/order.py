"""Rows put in order by their values, by comparison: column after column from the left.

In: tables (dense or CSR) with the same rows, and row numbers. Out: the numbers in order, and where
the values change. The order says nothing but what is smaller, so a change of a column's unit keeps
it, and so does a further column wherever the ones before it tell the rows apart. -0.0 equals 0.0,
two missing values (NaN) are equal and stand last, and an entry that is not stored is 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from .rows import BLOCK_SIZE, MOST_ROWS, number_type, row_numbers

#: Columns (CSR: entries) of two rows that are compared at first: 64 bytes of float32 are read from
#: memory at once. Where they are all equal, four times as many follow.
FIRST_WIDTH = 16

#: Bytes of values of a row that are sorted by at once.
VALUE_BYTES = 32


class Differences(NamedTuple):
    """Rows beside others: the first column that differs, as an order among rows beside one other.

    ``place`` is negative for the smaller rows, 0 for equal ones, positive for the greater. It goes
    up with the row: the earlier a row falls below the other, the smaller it is, and the earlier it
    rises above, the greater. ``values`` (k, n_rows) are the row's values in that column and in the
    k - 1 behind it (0 for equal rows); they decide between rows of the same place. ``known`` says
    how far rows of the same place and values are known to be equal: ``n_columns`` if to the end.
    """

    place: np.ndarray
    values: np.ndarray
    known: np.ndarray


class _Table:
    """Compares rows of one table; how they are read, a subclass says."""

    #: So many values of a row can be had at once.
    most_values = 1

    def __init__(self, X: Any) -> None:
        self.X, self.n_columns = X, X.shape[1]

    def first_differences(
        self, rows: np.ndarray, others: np.ndarray, known: np.ndarray, n_values: int
    ) -> Differences:
        """``rows[i]`` beside ``others[i]``, which are equal as far as ``known[i]``."""
        found = Differences(
            np.zeros(len(rows), dtype=np.int32),
            np.zeros((n_values, len(rows)), dtype=self.X.dtype),
            known.copy(),
        )
        step = BLOCK_SIZE // FIRST_WIDTH
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            here = Differences(found.place[part], found.values[:, part], found.known[part])
            for at, column, mine, theirs, then in self._compared(
                rows[part], others[part], known[part], n_values
            ):
                value = mine[0]
                smaller = (value < theirs) | ((theirs != theirs) & (value == value))
                here.place[at] = np.where(smaller, column - self.n_columns, self.n_columns - column)
                here.values[:, at], here.known[at] = mine, then
        return found

    def _compared(
        self, rows: np.ndarray, others: np.ndarray, known: np.ndarray, n_values: int
    ) -> Iterator[tuple[np.ndarray, ...]]:
        """Positions of rows that differ, first column, their values, the other's, and ``known``."""
        raise NotImplementedError


class _Column(_Table):
    """A single column, dense: the values say it all."""

    def first_differences(
        self, rows: np.ndarray, others: np.ndarray, known: np.ndarray, n_values: int
    ) -> Differences:
        return Differences(np.zeros_like(known), self.X[rows].T, np.ones_like(known))


class _DenseTable(_Table):
    """``known`` counts columns."""

    def __init__(self, X: Any) -> None:
        # Blocks of a memory-mapped X would be memory maps, and slow.
        super().__init__(np.asarray(X))
        self.most_values = min(self.n_columns, VALUE_BYTES // X.itemsize)

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
            due[due], at, column = _first_of_each(_differ(mine, theirs))
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


class _SparseTable(_Table):
    """``known`` counts stored entries, of which each row has as many in the same columns."""

    def __init__(self, X: Any) -> None:
        if np.count_nonzero(X.data) < X.nnz:
            X = X.copy()
            X.eliminate_zeros()
        super().__init__(X)

    def _compared(
        self, rows: np.ndarray, others: np.ndarray, known: np.ndarray, n_values: int
    ) -> Iterator[tuple[np.ndarray, ...]]:
        left, first, width = np.arange(len(rows)), known, FIRST_WIDTH
        while len(left):
            my_columns, mine = self._entries(rows[left], first[left], width)
            their_columns, theirs = self._entries(others[left], first[left], width)
            found, at, entry = _first_of_each((my_columns != their_columns) | _differ(mine, theirs))
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


def _differ(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whether values differ; two NaN do not."""
    return (a != b) & ((a == a) | (b == b))


def _first_of_each(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether each row has a mark; the rows that have one, and the column of their first."""
    column = marks.argmax(axis=1)
    found = marks[np.arange(len(marks)), column]
    at = np.flatnonzero(found)
    return found, at, column[at]


def ordered(tables: list[Any], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put rows in order by the columns of the first table, then by those of the next.

    Parameters
    ----------
    tables : list of ndarrays and CSR matrices of shape (n, any)
        CSR matrices in canonical format. A table is read only where rows are still equal.
    rows : ndarray of row numbers

    Returns
    -------
    order : ndarray
        The rows in order. Equal ones stay in the order in which they came.
    new : ndarray of bool
        Whether a row differs from the one before.
    """
    rank, by = np.zeros(len(rows), dtype=number_type(len(rows))), row_numbers(len(rows))
    new = _changes(rank)
    for X in tables:
        if not new.all():
            _refine(_table(X), rows, rank, by, _starts(new))
            by = np.argsort(rank, kind="stable").astype(rank.dtype, copy=False)
            new = _changes(rank[by])
    return rows[by], new


def _table(X: Any) -> _Table:
    if sp.issparse(X):
        return _SparseTable(X)
    return _Column(X) if X.shape[1] == 1 else _DenseTable(X)


def _changes(values: np.ndarray) -> np.ndarray:
    """Whether a value differs from the one before; True for the first."""
    changes = np.ones(len(values), dtype=bool)
    changes[1:] = _differ(values[1:], values[:-1])
    return changes


def _refine(
    table: _Table, rows: np.ndarray, rank: np.ndarray, by: np.ndarray, starts: np.ndarray
) -> None:
    """Let the table decide between rows of equal rank, in place; a rank counts the rows before.

    ``by`` lists the positions by rank, and ``starts`` says where in it a new rank starts.

    Quicksort of strings (Bentley and Sedgewick, 1997, "Fast algorithms for sorting and searching
    strings"), all runs of equal rank at once: every row is compared with the one in the middle of
    its run, from where they are known to be equal to their first difference. What stays together
    has that difference in common. So the rounds are about the logarithm of the longest run,
    whatever the columns hold. Rows are read in the order in which they came, that of the table.
    """
    where, run, known = row_numbers(len(rows)), rank, np.zeros(len(rows), dtype=np.int32)
    unfinished = np.ones(len(rows), dtype=bool)
    # In a long table the first difference may well be enough, and further values cost 10 ms each
    # on 200,000 rows; in a short one a round costs more than they do (0.06 ms).
    n_values = 1 if len(rows) > MOST_ROWS else table.most_values
    while True:
        lengths = _lengths(starts, len(by))
        others = _spread(rows[where[by[starts + lengths // 2]]], lengths, by)
        unfinished &= _spread(lengths > 1, lengths, by)
        where, run, known = where[unfinished], run[unfinished], known[unfinished]
        if not len(where):
            return
        others = others[unfinished]
        # Several numbers per row live here at once: what is not needed any more is dropped.
        del by, starts, lengths, unfinished
        place, values, known = table.first_differences(rows[where], others, known, n_values)
        if not (place.any() or values.any()):
            return
        del others
        by, starts = _sorted(run, place, values, table.n_columns)
        del values
        run = _new_ranks(run, by, starts)
        rank[where] = run
        unfinished = (place != 0) & (known < table.n_columns)
        n_values = table.most_values


def _sorted(
    run: np.ndarray, place: np.ndarray, values: np.ndarray, n_columns: int
) -> tuple[np.ndarray, np.ndarray]:
    """The order by run, then place, then values, and where new runs start."""
    span = 2 * n_columns + 1
    # One number for run and place; small ones are sorted faster.
    key = run.astype(number_type((int(run.max()) + 1) * span))
    key *= span
    key += place
    by = np.lexsort((*values[::-1], key)).astype(run.dtype, copy=False)
    new = _changes(key[by])
    for value in values:
        new |= _changes(value[by])
    return by, _starts(new)


def _starts(new: np.ndarray) -> np.ndarray:
    """Where a run starts."""
    return np.flatnonzero(new).astype(number_type(len(new)), copy=False)


def _lengths(starts: np.ndarray, n: int) -> np.ndarray:
    """Lengths of the runs in n rows."""
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1] = n - starts[-1]
    return lengths


def _new_ranks(run: np.ndarray, by: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """In a run of rank r, a new run behind k of its rows gets the rank r + k."""
    old = run[by[starts]]
    first = np.flatnonzero(_changes(old))
    begins = np.repeat(starts[first], _lengths(first, len(starts)))
    return _spread(old + (starts - begins), _lengths(starts, len(by)), by)


def _spread(values: np.ndarray, lengths: np.ndarray, by: np.ndarray) -> np.ndarray:
    """A value per run, for each of its rows: ``by`` lists the rows, run after run."""
    spread = np.empty(len(by), dtype=values.dtype)
    spread[by] = np.repeat(values, lengths)
    return spread
