"""Tables made of the columns of X: once these are learned, and again of any other X.

In: the columns of a source, one after the other. Out: a table of numbers, and what each column is;
of what waits in files the table does, too, and is read batch by batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from typing import Any

import numpy as np

from .columns import ReadColumn, column_for
from .families import MIXED, Values, measured
from .lazy import StoredColumns
from .read_column import ReadOptions
from .spelled_columns import with_what_it_spells

#: Rows in which columns without any value are looked for at once.
LOOKED_AT = 2**14


def learn_table(
    source: Any, wanted: Sequence[bool | None], options: ReadOptions, parse_text: bool
) -> tuple[Any, list[ReadColumn] | None]:
    """The table, and what its columns are; None of an array of numbers.

    ``wanted`` says of each column whether it is a category; None: as its dtype says.
    """
    table = None if any(wanted) else source.whole()
    if table is not None and source.names is None:
        return table, None
    names = names_for(source)
    if table is not None:
        return table, plain_columns(names, are_empty(table))
    small, columns, start = _are_small(source, wanted), [], 0
    stored = isinstance(source, StoredColumns)
    if not stored:
        table = np.empty(source.shape, dtype=np.float32 if small else np.float64)
    for j, category in enumerate(wanted):
        label, values, levels = source.labels[j], source.values(j, category), source.levels(j)
        values = read_as(values, levels, category, names[j], parse_text)
        column = column_for(values, levels, category, names[j], label, options)
        columns.append(column)
        small = small and (column.is_small or values.family not in ("text", MIXED))
        if table is not None:
            table = _with_room(table, start, column, small)
            start = _write(table, start, column.width, column.numbers_of(values, label))
    if stored:
        table = _read_in_batches(source, columns, np.float32 if small else np.float64)
    return table, columns


def read_table(source: Any, columns: Sequence[ReadColumn], dtype: Any = None) -> np.ndarray:
    """The table of another X, in the smallest dtype that holds it, if none is asked for."""
    if dtype is None:
        small = _are_small(source, [column.is_small for column in columns])
        dtype = np.float32 if small else np.float64
    if isinstance(source, StoredColumns):
        return _read_in_batches(source, columns, dtype)
    return _read(source, columns, dtype)


def names_for(source: Any) -> list[str]:
    """The names of the columns, or x0, x1, ..."""
    names = source.names
    if names is None or not all(isinstance(name, str) for name in names):
        return [f"x{j}" for j in range(source.shape[1])]
    return names


def read_as(
    values: Values, levels: Values | None, category: bool | None, name: str, parse_text: bool
) -> Values:
    """The values of a column that is learned, with what their text spells, if it may be read."""
    if parse_text and not category and levels is None:
        return with_what_it_spells(values, name, levels=category is None)
    return values


def plain_columns(names: Sequence[str], empty: np.ndarray | None = None) -> list[ReadColumn]:
    """Columns of numbers, some of which may be without any."""
    empty = np.zeros(len(names), dtype=bool) if empty is None else empty
    values = [measured("numbers", np.where(e, np.nan, [0.0])) for e in empty]
    return [column_for(v, None, False, name, name) for name, v in zip(names, values, strict=True)]


def are_empty(table: np.ndarray) -> np.ndarray:
    """Which columns of a table hold nothing."""
    # Most columns have a value in the first row, and need no second look.
    empty = np.isnan(table[0])
    for start in range(0, len(table), LOOKED_AT):
        left = np.flatnonzero(empty)
        if not len(left):
            break
        empty[left] = np.isnan(table[start : start + LOOKED_AT, left]).all(axis=0)
    return empty


def _read(source: Any, columns: Sequence[ReadColumn], dtype: Any) -> np.ndarray:
    starts = list(accumulate((column.width for column in columns), initial=0))
    table = np.empty((source.shape[0], starts.pop()), dtype=dtype)
    plain = [j for j, column in enumerate(columns) if column.is_plain]
    numbers = source.numbers(plain) if plain else None
    if numbers is not None:
        table[:, [starts[j] for j in plain]] = numbers.T
    for j, column in enumerate(columns):
        if numbers is None or not column.is_plain:
            _write(table, starts[j], column.width, column.read(source, j))
    return table


def _read_in_batches(
    source: StoredColumns, columns: Sequence[ReadColumn], dtype: Any
) -> np.ndarray:
    n_columns = sum(column.width for column in columns)
    try:
        return source.table(partial(_read, columns=columns, dtype=dtype), n_columns, dtype)
    except (TypeError, ValueError):
        # For a message with the number of the row in X.
        for j, column in enumerate(columns):
            column.read(source, j)
        raise


def _with_room(table: np.ndarray, start: int, column: ReadColumn, small: bool) -> np.ndarray:
    """The table, which is full up to column ``start``, with room for the numbers of the column.

    Room is made for one. ``small``: float32 holds all of them.
    """
    dtype = np.dtype(np.float32 if small else np.float64)
    if column.width == 1 and table.dtype == dtype:
        return table
    wider = np.empty((len(table), table.shape[1] + column.width - 1), dtype=dtype)
    wider[:, :start] = table[:, :start]
    return wider


def _write(table: np.ndarray, start: int, width: int, numbers: Any) -> int:
    """Put the numbers into the columns from ``start`` on; what comes behind them."""
    table[:, start if width == 1 else slice(start, start + width)] = numbers
    return start + width


def _are_small(source: Any, small: Sequence[bool | None]) -> bool:
    """Whether float32 holds all numbers of the columns.

    ``small`` says of each column whether it does; False: to be looked up, None: by its dtype.
    """
    return all(source.fits_float32(j, known) for j, known in enumerate(small))
