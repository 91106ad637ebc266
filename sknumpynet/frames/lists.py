"""Columns as lists of Python objects: a source for the reader without any library of frames.

In: the columns of X, each a list or a one-dimensional array. Out: the same as of a frame whose
columns hold these objects. What a value becomes is told by the functions that read columns of
objects in any frame.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..quoting import quoted
from .families import Values, as_objects, is_missing
from .tell_apart import SomeRows, tell_apart
from .values import is_exact, read_array

#: Types of numbers that NumPy makes floats of as ``float`` does, and what is missing among them.
_NUMBERS = {float, int, bool, np.float64, type(None)}


class ListSource:
    """Columns with names, each a list of Python objects or a one-dimensional array."""

    def __init__(self, names: Sequence[Any] | None, columns: Sequence[Any], n_rows: int) -> None:
        self._columns = columns
        self.names = None if names is None else list(names)
        self.shape = n_rows, len(columns)

    @cached_property
    def labels(self) -> Sequence[str]:
        """What the columns are called in messages."""
        names = range(self.shape[1]) if self.names is None else self.names
        return Labels(names)

    def part(self, start: int, stop: int) -> ListSource:
        """Some rows."""
        other = copy.copy(self)
        other._columns = [column[start:stop] for column in self._columns]
        other.shape = len(range(start, min(stop, self.shape[0]))), self.shape[1]
        return other

    def whole(self) -> np.ndarray | None:
        """The columns as one table, where all of it is float32 or all float64; else None."""
        dtypes = {getattr(column, "dtype", None) for column in self._columns}
        if len(dtypes) > 1 or not dtypes <= {np.dtype(np.float32), np.dtype(np.float64)}:
            return None
        return np.column_stack(self._columns)

    def numbers(self, columns: Sequence[int]) -> np.ndarray | None:
        """Several columns (k, n) as float64, if they hold nothing but plain numbers.

        One by one they take 8 us each, of a single row.
        """
        cells = [self._columns[j] for j in columns]
        if any(type(column) is not list for column in cells):
            if not all(type(c) is list or c.dtype.kind in "biuf" for c in cells):
                return None
            cells = [column if type(column) is list else column.tolist() for column in cells]
        odd = {type(value) for column in cells for value in column} - _NUMBERS
        if odd:
            if not all(is_missing(v) for column in cells for v in column if type(v) in odd):
                return None
            cells = [[None if type(v) in odd else v for v in column] for column in cells]
        try:
            return np.array(cells, dtype=np.float64)
        except OverflowError:
            # For a message about the integer.
            return None

    def values(
        self, j: int, category: bool | None, zone: str | None = None, declared: bool = False
    ) -> Values:
        """Of column j, as levels if it is a category; see :meth:`.sources.FrameSource.values`."""
        column, label = self._columns[j], self.labels[j]
        options: dict[str, Any] = {"category": bool(category), "declared": declared, "zone": zone}
        if isinstance(column, np.ndarray):
            return read_array(column, label, **options)
        return tell_apart([SomeRows(column)], label, **options)

    def as_written(self, j: int, zone: str | None) -> Values:
        """Of column j, text as text whatever it spells."""
        return self.values(j, False, zone)

    def levels(self, j: int) -> Values | None:
        """Objects declare none."""
        return None

    def fits_float32(self, j: int, category: bool | None) -> bool:
        """Whether float32 holds the numbers of column j exactly."""
        column = self._columns[j]
        if category or (category is None and _is_text(column)):
            return True
        array = column if isinstance(column, np.ndarray) else as_column(column)
        return array.dtype.kind in "biuf" and is_exact(array)


class Labels(Sequence):
    """Names as messages show them, quoted when they are asked for: 14 of them take 10 us."""

    def __init__(self, names: Sequence[Any]) -> None:
        self._names = names

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, j: Any) -> Any:
        return quoted(self._names[j])


def as_column(values: list[Any]) -> np.ndarray:
    """A list as an array: of numbers if there are no others, None and NaN among them missing.

    Integers that no float holds stay Python objects beside floats and what is missing.
    """
    kinds = set(map(type, values))
    try:
        if kinds and kinds <= {int, bool}:
            array = np.asarray(values)
            if array.dtype.kind in "biu":
                return array
        elif kinds <= _NUMBERS and kinds & {float, np.float64} and _fit_floats(values):
            return np.array(values, dtype=np.float64)
    except OverflowError:
        pass
    return as_objects(values)


def _fit_floats(values: list[Any]) -> bool:
    return all(type(v) is not int or abs(v) <= 2**53 for v in values)


def _is_text(column: Iterable[Any]) -> bool:
    kinds = set(map(type, column))
    return str in kinds and kinds <= {str, type(None)}
