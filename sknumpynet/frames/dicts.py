"""X as a dict of columns, as JSON and web services have it: read without any library of frames.

In: ``{"age": [22, 38], "sex": ["male", None]}``, or a single row, ``{"age": 22, "sex": None}``, or
a list of such rows.
Out: its columns as lists or arrays, by their names. It is a frame whose columns hold such objects,
but that a dict has no order: at its keys, columns are known by name alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..quoting import quoted, quoted_list
from .arrays import as_array
from .lists import ListSource, as_column


def is_dict(X: Any) -> bool:
    """Whether X is a dict of columns. Among sparse matrices of SciPy there is one."""
    return type(X) is dict or (isinstance(X, Mapping) and not hasattr(X, "shape"))


def from_rows(X: Any) -> Any:
    """A list of dicts, each a row, as a dict of columns; anything else as it is."""
    if type(X) is not list or not X or not is_dict(X[0]):
        return X
    names = X[0].keys()
    for i, row in enumerate(X):
        if not is_dict(row):
            raise TypeError(f"Row {i} of X is a {type(row).__name__}, and row 0 a dict.")
        if row.keys() != names:
            raise _other_keys(i, row, X[0])
    return {name: [row[name] for row in X] for name in names}


def _other_keys(i: int, row: Mapping[Any, Any], first: Mapping[Any, Any]) -> ValueError:
    missing = [name for name in first if name not in row]
    unknown = [name for name in row if name not in first]
    parts = [f"lacks {quoted_list(missing)} (None is what is missing)"] if missing else []
    parts += [f"has {quoted_list(unknown)} beyond them"] if unknown else []
    return ValueError(
        f"The rows of X must have the same keys. Beside row 0, row {i} {' and '.join(parts)}."
    )


def names_of_dict(X: Mapping[Any, Any]) -> list[Any]:
    """Its keys, of which there is one at least."""
    if not X:
        raise TypeError(
            f"X is an empty {type(X).__name__}, which is no table: pass a DataFrame or an array."
        )
    return list(X)


def in_order(X: Mapping[Any, Any], names: Sequence[Any]) -> Mapping[Any, Any]:
    """The dict with its keys in this order, where they are these; otherwise as it is."""
    if len(X) != len(names) or not all(name in X for name in names):
        return X
    return {name: X[name] for name in names}


def with_all_keys(X: Mapping[Any, Any], names: Sequence[Any]) -> Mapping[Any, Any]:
    """The dict with the columns ``names``, zeros where it has none."""
    columns, n_rows = columns_of(X)
    there = dict(zip(X, columns, strict=True))
    return {name: there.get(name, [0.0] * n_rows) for name in names}


def rows_of(X: Mapping[Any, Any], index: np.ndarray) -> dict[Any, Any]:
    """Some rows, as a dict of arrays."""
    columns, _ = columns_of(X)
    arrays = [c if isinstance(c, np.ndarray) else as_column(c) for c in columns]
    return {name: array[index] for name, array in zip(X, arrays, strict=True)}


def source_of_dict(X: Mapping[Any, Any], *, few: int = 0) -> ListSource:
    """The columns of a dict, as arrays; where there are so ``few`` rows, lists stay lists."""
    names = names_of_dict(X)
    columns, n_rows = columns_of(X)
    if n_rows > few:
        columns = [c if isinstance(c, np.ndarray) else as_column(c) for c in columns]
    return ListSource(names, columns, n_rows)


def columns_of(X: Mapping[Any, Any]) -> tuple[list[Any], int]:
    """The columns of a dict, each a list or an array of one axis, and their length."""
    columns = list(X.values())
    kinds = set(map(type, columns))
    if kinds != {list}:
        scalars = [_is_value(column) for column in columns]
        if all(scalars):
            return [[value] for value in columns], 1
        if any(scalars):
            raise _some_are_values(X, scalars)
        columns = [_column(name, column) for name, column in X.items()]
    n_rows = len(columns[0])
    for name, column in zip(X, columns, strict=True):
        if len(column) != n_rows:
            raise ValueError(
                f"The columns of X have several lengths: {n_rows} in {quoted(next(iter(X)))}, "
                f"{len(column)} in {quoted(name)}."
            )
    return columns, n_rows


def _is_value(column: Any) -> bool:
    """Whether it is one value, and no column of them."""
    if isinstance(column, (str, bytes)) or not hasattr(column, "__len__"):
        return True
    return getattr(column, "ndim", 1) == 0


def _some_are_values(X: Mapping[Any, Any], scalars: list[bool]) -> TypeError:
    names = list(X)
    value, column = names[scalars.index(True)], names[scalars.index(False)]
    return TypeError(
        f"X is a {type(X).__name__} in which {quoted(value)} is a single value "
        f"({quoted(X[value])}) and {quoted(column)} a column. Pass a list for every column, or for "
        "one row a value for each."
    )


def _column(name: Any, column: Any) -> Any:
    """A column as a list or an array of one axis."""
    if isinstance(column, (list, tuple)):
        return list(column)
    if not isinstance(column, np.ndarray):
        # A series, an array of another library.
        for method in ("to_list", "tolist", "to_pylist"):
            if hasattr(column, method):
                column = getattr(column, method)()
                break
        if isinstance(column, list):
            return column
    if isinstance(column, np.ndarray) and column.ndim == 1:
        return as_array(column)
    shown = f"of shape {column.shape}" if hasattr(column, "shape") else f"({quoted(column)})"
    raise TypeError(
        f"Column {quoted(name)} of X is of type {type(column).__name__} {shown}. It must be a list "
        "or an array of one axis, with one value for each row."
    )
