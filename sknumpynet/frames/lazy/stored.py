"""A lazy X whose rows have been read once, into files: what a reader of frames learns columns from.

In: rows in batches. Out: the same that :class:`~..sources.FrameSource` gives of an eager frame: a
column at a time, or, of numbers alone, the table itself; and tables that are read batch by batch
into a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from ...quoting import quoted
from ..families import Values, measured
from ..sources import FrameSource, Opened, refuse_none
from ..take import with_rows_to_take
from ..values import is_exact
from .files import FullError, TableFile, no_room
from .rows import LazyRows
from .spool import Spool


class StoredRows(Opened):
    """What both kinds have in common.

    Attributes
    ----------
    shape : tuple of int
    names, labels : list of str
    """

    def __init__(self, rows: LazyRows) -> None:
        self.names, self.labels = rows.names, [quoted(name) for name in rows.names]
        self.shape = rows.n_rows, len(rows.names)

    def __len__(self) -> int:
        return self.shape[0]

    def source(self) -> StoredRows:
        return self

    def as_written(self, j: int, zone: str | None) -> Values:
        """Of column j, text as text whatever it spells."""
        return self.values(j, False, zone)

    def values(
        self, j: int, category: bool | None, zone: str | None = None, declared: bool = False
    ) -> Values:
        """Those of column j, see :class:`~..sources.FrameSource`."""
        raise NotImplementedError

    def rows(self, index: np.ndarray) -> Any:
        """Rows as an eager frame."""
        raise NotImplementedError

    def release(self) -> None:
        """Rows will not be asked for, nor values."""

    def close(self) -> None:
        """Close the files."""


class StoredNumbers(StoredRows):
    """Of numbers alone: their table is written at once."""

    def __init__(self, rows: LazyRows, file: TableFile) -> None:
        super().__init__(rows)
        self._file, self._table = file, file.table()

    def whole(self) -> np.ndarray:
        """The table; float32, if that holds all of its numbers."""
        return self._table

    def values(
        self, j: int, category: bool | None, zone: str | None = None, declared: bool = False
    ) -> Values:
        return measured("numbers", self._table[:, j])

    def levels(self, j: int) -> None:
        """Numbers declare none."""

    def close(self) -> None:
        del self._table
        self._file.close()

    def __getstate__(self) -> dict[str, Any]:
        # Nobody asks another process for its columns.
        return {name: getattr(self, name) for name in ("names", "labels", "shape")}


class StoredColumns(StoredRows):
    """Of any columns, which wait as they are."""

    def __init__(self, rows: LazyRows, spool: Spool) -> None:
        super().__init__(rows)
        self._spool = spool
        self._files: list[TableFile] = []
        self._last: tuple[int, FrameSource] | None = None

    def whole(self) -> None:
        """It is no table yet."""

    def values(
        self, j: int, category: bool | None, zone: str | None = None, declared: bool = False
    ) -> Values:
        return self._column(j).values(0, category, zone, declared)

    def levels(self, j: int) -> Values | None:
        """The levels that the dtype of column j declares, if it does."""
        return self._column(j).levels(0)

    def fits_float32(self, j: int, category: bool | None) -> bool:
        """Whether float32 holds the numbers of column j exactly."""
        return self._column(j).fits_float32(0, category)

    def _column(self, j: int) -> FrameSource:
        # It is asked for several times in a row.
        if self._last is None or self._last[0] != j:
            self._last = None
            self._last = j, FrameSource(self._spool.column(j))
        return self._last[1]

    def table(
        self, read: Callable[[FrameSource], np.ndarray], n_columns: int, dtype: Any
    ) -> np.ndarray:
        """The table (n, n_columns) of what ``read`` makes of some rows after others."""
        self._last = None
        file = TableFile(n_columns, dtype)
        self._files.append(file)
        try:
            for _, batch in self._spool.batches():
                file.append(read(FrameSource(batch)))
        except FullError as error:
            raise no_room(error, self.shape[0] * file.row_size, "the table of X") from None
        return file.table()

    def rows(self, index: np.ndarray) -> Any:
        order = np.argsort(index, kind="stable")
        ordered, parts = index[order], []
        for start, batch in self._spool.batches():
            first, stop = np.searchsorted(ordered, [start, start + len(batch)])
            if first < stop:
                parts.append(with_rows_to_take(batch)[ordered[first:stop] - start])
        back = np.empty(len(order), dtype=np.intp)
        back[order] = np.arange(len(order))
        return nw.to_native(nw.concat(parts)[back])

    def release(self) -> None:
        self._last = None
        self._spool.close()

    def __getstate__(self) -> dict[str, Any]:
        # The rows are for scorers; tables are passed by themselves.
        return self.__dict__ | {"_last": None, "_files": []}

    def close(self) -> None:
        self.release()
        for file in self._files:
            file.close()


def store(rows: LazyRows, *, numbers: bool) -> StoredRows:
    """Read all rows once.

    ``numbers``: columns of numbers are to be nothing else, and rows will not be asked for; if there
    are no others, their table alone is written.
    """
    batches = rows.batches()
    first = next(batches, None)
    if first is None or not rows.names:
        refuse_none((rows.n_rows, len(rows.names)))
        raise AssertionError("there is no row or no column")
    batches = chain([first], batches)
    if numbers and all(map(_is_number, first.schema.values())):
        return _stored_numbers(rows, batches)
    return _stored_columns(rows, batches)


def _is_number(dtype: Any) -> bool:
    if dtype in (nw.Int128, nw.UInt128) or dtype.is_decimal():
        return False
    return bool(dtype.is_numeric() or dtype == nw.Boolean)


def _stored_numbers(rows: LazyRows, batches: Iterator[Any]) -> StoredNumbers:
    dtype: Any = np.float32
    file = TableFile(len(rows.names), dtype)
    try:
        for batch in batches:
            source = FrameSource(batch)
            numbers = [source.values(j, None).data for j in range(len(rows.names))]
            if dtype == np.float32 and not all(map(is_exact, numbers)):
                dtype = np.float64
                file = file.widened(dtype)
            block = np.empty((len(batch), len(numbers)), dtype=dtype)
            for j, column in enumerate(numbers):
                block[:, j] = column
            file.append(block)
        return StoredNumbers(rows, file)
    except FullError as error:
        file.close()
        # The query is run to its end all the same, to say how much room it takes.
        n_rows = sum(map(len, batches), start=rows.n_rows)
        row_size = len(rows.names) * np.dtype(dtype).itemsize
        raise no_room(error, n_rows * row_size, "the table of X") from None
    except BaseException:
        file.close()
        raise


def _stored_columns(rows: LazyRows, batches: Iterator[Any]) -> StoredColumns:
    spool = Spool()
    try:
        for batch in batches:
            spool.append(batch)
        return StoredColumns(rows, spool)
    except FullError as error:
        spool.close()
        n_rows = sum(map(len, batches), start=rows.n_rows)
        raise no_room(error, round(n_rows * spool.row_size), "X, compressed,") from None
    except BaseException:
        spool.close()
        raise
