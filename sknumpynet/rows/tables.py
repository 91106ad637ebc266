"""Tables read for comparing their rows: column by column, or two rows with each other.

In: a table (dense or CSR) and row numbers. Out: columns of values whose order, one after the other,
is that of the rows; whether rows differ; their hashes. -0.0 equals 0.0, two missing values (NaN)
are equal and greater than any number, and an entry that is not stored is 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from ..matrix import Matrix
from .codes import differ
from .hashes import row_hashes
from .rows import BLOCK_SIZE, are_consecutive, block_rows, select

#: Bytes of a row that are read at once, at most: the memory that it takes, beside some 50 a row.
ROW_BYTES = 32


class DenseTable:
    """The columns are those of the table."""

    def __init__(self, X: np.ndarray) -> None:
        # Blocks of a memory-mapped X would be memory maps, and slow.
        X = np.asarray(X)
        # Bits have no difference.
        self.X = X.view(np.uint8) if X.dtype == bool else X
        self.depth = X.shape[1]

    def columns(self, rows: np.ndarray, first: int) -> Iterator[np.ndarray]:
        """Values (n_rows,) of column ``first`` and those behind it, until the next is asked for."""
        # Often one column is enough.
        yield self._read(rows, first, np.empty((1, len(rows)), dtype=self.X.dtype))[0]
        width = max(1, min(self.depth - first - 1, ROW_BYTES // self.X.itemsize))
        block = np.empty((width, len(rows)), dtype=self.X.dtype)
        for start in range(first + 1, self.depth, width):
            yield from self._read(rows, start, block[: self.depth - start])

    def _read(self, rows: np.ndarray, first: int, block: np.ndarray) -> np.ndarray:
        """As many columns as the block has rows, into the block."""
        step = max(1, BLOCK_SIZE // len(block))
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            block[:, part] = self._transposed(rows[part], first, len(block))
        return block

    def _transposed(self, rows: np.ndarray, first: int, width: int) -> np.ndarray:
        columns = self.X[:, first : first + width]
        if are_consecutive(rows):
            return columns[rows[0] : rows[-1] + 1].T
        if not self.X.flags.c_contiguous:
            return columns[rows].T
        # By their places in memory: 3 ns a number, rows of a slice take 8.
        where = rows.astype(np.intp) * self.depth
        return self.X.reshape(-1)[where + np.arange(first, first + width)[:, None]]

    def differ(self, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Whether ``rows[i]`` and ``others[i]`` differ."""
        found, step = np.empty(len(rows), dtype=bool), block_rows(self.X)
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            mine, theirs = select(self.X, rows[part]), select(self.X, others[part])
            unlike = differ(mine, theirs)
            found[part] = unlike.any() and unlike.any(axis=1)
        return found

    def behind(self, column: int) -> DenseTable:
        """The columns from this one on."""
        return DenseTable(self.X[:, column:])

    def hashes(self, rows: np.ndarray) -> np.ndarray:
        return row_hashes(self.X, rows)


class SparseTable:
    """Two columns for each stored entry of a row: its place, then its value.

    Of two rows with the same first entries, the first column in which they differ is that of the
    next entry of one of them, where the other has 0. The earlier a positive entry stands, the
    greater is the row, and the earlier a negative one, the smaller. So the place of an entry in
    column j of d is d - j or j - d, by its sign, and 0 behind the last entry.
    """

    def __init__(self, X: sp.csr_matrix) -> None:
        if np.count_nonzero(X.data) < X.nnz:
            # A stored zero would count as an entry.
            X = X.copy()
            X.eliminate_zeros()
        self.X = X
        self.depth = 2 * int(np.diff(X.indptr).max(initial=0))

    def columns(self, rows: np.ndarray, first: int) -> Iterator[np.ndarray]:
        X, n_columns = self.X, self.X.shape[1]
        where, end = X.indptr[rows] + first // 2, X.indptr[rows + 1]
        for column in range(first, self.depth):
            if column % 2 == 0 or column == first:
                stored = where < end
                at = where[stored]
                values = np.zeros(len(rows), dtype=X.dtype)
                values[stored] = X.data[at]
            if column % 2 == 0:
                places = np.zeros(len(rows), dtype=np.int32)
                place = n_columns - X.indices[at]
                places[stored] = np.where(values[stored] < 0, -place, place)
                yield places
            else:
                yield values
                where += 1

    def differ(self, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        X = self.X
        start, other = X.indptr[rows], X.indptr[others]
        lengths = X.indptr[rows + 1] - start
        found = lengths != X.indptr[others + 1] - other
        step = block_rows(X)
        for first in range(0, len(rows), step):
            part = slice(first, first + step)
            same = np.flatnonzero(~found[part]) + first
            count = lengths[same]
            row = np.repeat(same, count)
            # 0, 1, ... within each row.
            entry = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
            mine, theirs = start[row] + entry, other[row] + entry
            unlike = (X.indices[mine] != X.indices[theirs]) | differ(X.data[mine], X.data[theirs])
            found[row[unlike]] = True
        return found

    def behind(self, column: int) -> SparseTable:
        """At least the columns from this one on."""
        return self

    def hashes(self, rows: np.ndarray) -> np.ndarray:
        return row_hashes(self.X, rows)


Table = DenseTable | SparseTable


def table_of(X: Matrix) -> Table:
    """What reads X."""
    return SparseTable(X) if sp.issparse(X) else DenseTable(X)
