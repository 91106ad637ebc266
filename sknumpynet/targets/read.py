"""The door for y: what the user passes as a target, or as a list of classes, becomes an array.

In: arrays, lists, series and frames of any library, sparse matrices, masked arrays. Out: an array
(n,) or (n, n_outputs) of the values as they are (integers stay integers, whatever held them), or a
ValueError that says how many are missing, and where.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import scipy.sparse as sp

from ..frames.families import as_objects, is_missing
from ..quoting import quoted

#: Integers up to this are exact in float64.
EXACT = 2**53

_MISSING_IN = {"y": "X and y", "y_val": "X_val and y_val"}


def read_target(y: Any, name: str) -> Any:
    """The array of y. ``name`` is what the user calls it.

    None, and arrays of more than two dimensions, are left to scikit-learn's checks.
    """
    if y is None:
        return y
    values = _values_of(y, name)
    if values.ndim == 0:
        hint = " Only beside a lazy X it may be the name of a column." if isinstance(y, str) else ""
        raise ValueError(
            f"{name} must hold a value for each row. Got {quoted(y)} of type {type(y).__name__}."
            f"{hint}"
        )
    if values.ndim in (1, 2):
        missing = _missing_in(values)
        if missing.any():
            raise _are_missing(missing, name)
        _refuse_infinite(values, name)
    return natural(values)


def natural(values: np.ndarray) -> np.ndarray:
    """Python's booleans and numbers as an array of these, if there is nothing else.

    Of several columns all or none: what has no common dtype stays as it is.
    """
    if values.dtype.kind == "T":
        return values.astype(object)
    if values.dtype.kind != "O" or values.ndim not in (1, 2):
        return values
    if values.ndim == 1:
        return _natural_column(values)
    return side_by_side([_natural_column(column) for column in values.T])


def side_by_side(columns: list[np.ndarray]) -> np.ndarray:
    """Columns as one array, in which no value has become another one."""
    kinds = {column.dtype.kind for column in columns}
    common = len(kinds) == 1 or kinds <= frozenset("biuf")
    dtype = np.result_type(*columns) if common else np.dtype(object)
    if dtype.kind == "f" and not all(map(_fits_float64, columns)):
        dtype = np.dtype(object)
    table = np.empty((len(columns[0]), len(columns)), dtype)
    for j, column in enumerate(columns):
        # Dates of NumPy would become integers in an array of objects.
        dates = dtype.kind == "O" and column.dtype.kind in "Mm"
        table[:, j] = as_objects(list(column)) if dates else column
    return table


def _fits_float64(column: np.ndarray) -> bool:
    """Whether there is no integer that float64 may round."""
    if column.dtype.kind not in "iu" or not column.size:
        return True
    return int(column.max()) <= EXACT and int(column.min()) >= -EXACT


def _natural_column(column: np.ndarray) -> np.ndarray:
    # Of the types themselves: an IntEnum is more than its number.
    types = set(map(type, column))
    if not types:
        return column
    if types <= {bool, np.bool_}:
        return column.astype(bool)
    if all(kind is int or issubclass(kind, np.integer) for kind in types):
        whole = np.array(column.tolist())
        # Beyond 64 bits, or of both signs near there, they stay what they are.
        return whole if whole.dtype.kind in "iu" else column
    if all(kind in (int, float) or issubclass(kind, (np.floating, np.integer)) for kind in types):
        floats = column.astype(np.float64)
        return floats if (floats == column).all() else column
    return column


def _values_of(y: Any, name: str) -> np.ndarray:
    """The values; what a container marks as missing is None, or what it is called there."""
    if type(y) is np.ndarray:
        return y
    if isinstance(y, (list, tuple)):
        return _of_list(y)
    if isinstance(y, np.ma.MaskedArray):
        return _of_masked(y)
    if sp.issparse(y):
        return y.toarray()
    pyarrow = nw.dependencies.get_pyarrow()
    if pyarrow is not None and isinstance(y, pyarrow.Array):
        y = pyarrow.chunked_array([y])
    if nw.dependencies.is_pandas_like_dataframe(y):
        # By their places: names may be there twice.
        series = [nw.from_native(y.iloc[:, j], series_only=True) for j in range(y.shape[1])]
    else:
        # A batch of pyarrow is a table of a single piece.
        is_batch = hasattr(y, "__arrow_c_array__") and hasattr(y, "schema")
        y = nw.from_arrow(y, backend="pyarrow") if is_batch else y
        known = nw.from_native(y, allow_series=True, pass_through=True)
        if isinstance(known, nw.LazyFrame):
            raise TypeError(
                f"{name} is a lazy frame ({type(y).__name__}), whose values are not there yet: "
                "pass what its .collect() or .compute() gives."
            )
        if isinstance(known, nw.Series):
            return _of_series(known)
        series = list(known.iter_columns()) if isinstance(known, nw.DataFrame) else []
    return side_by_side([natural(_of_series(s)) for s in series]) if series else np.asarray(y)


def _of_masked(y: np.ma.MaskedArray) -> np.ndarray:
    if not np.ma.is_masked(y):
        return y.data
    values = y.data.astype(object)
    values[np.ma.getmaskarray(y)] = None
    return values


def _of_series(series: Any) -> np.ndarray:
    if np.asarray(series.is_null().to_numpy(), dtype=bool).any():
        return as_objects(series.to_list())
    if series.dtype in (nw.String, nw.Int128, nw.UInt128):
        # Text that NumPy, or pandas, has no dtype for, and integers of more bits than NumPy has.
        return as_objects(series.to_list())
    native = nw.to_native(series)
    # Of pandas what NumPy makes of it: its own dtypes would become floats.
    if hasattr(native, "iloc"):
        return np.asarray(native)
    if series.dtype == nw.Datetime and series.dtype.time_zone is not None:
        # NumPy's have no time zone.
        return as_objects(series.to_list())
    return series.to_numpy()


def _of_list(y: Any) -> np.ndarray:
    """A list, in which a number beside text stays a number, and None and NaN what they are."""
    try:
        plain = np.asarray(y)
    except (ValueError, OverflowError):
        # Rows of different lengths: objects, which the labels refuse.
        return as_objects(list(y))
    if not plain.size or plain.dtype.kind not in "biufcUS":
        return plain
    objects = np.empty(plain.shape, dtype=object)
    objects[...] = as_objects(list(y)) if plain.ndim == 1 else np.array(y, dtype=object)
    types = set(map(type, objects.flat))
    if plain.dtype.kind in "US":
        return plain if types <= {str, bytes, np.str_, np.bytes_} else objects
    if any(map(_is_more_than_a_number, types)):
        return objects
    # Large integers become floats beside fractions.
    return natural(objects) if plain.dtype.kind == "f" and int in types else plain


def _is_more_than_a_number(kind: type) -> bool:
    """Whether it is a subclass of Python's numbers, as an IntEnum is."""
    plain = kind in (bool, int, float, complex) or issubclass(kind, np.generic)
    return not plain and issubclass(kind, (int, float, complex))


def _missing_in(values: np.ndarray) -> np.ndarray:
    """Which values are None, NaN, NaT or NA by themselves."""
    kind = values.dtype.kind
    if kind in "fc":
        return np.isnan(values)
    if kind in "Mm":
        return np.isnat(values)
    if kind not in "OT":
        return np.zeros(values.shape, dtype=bool)
    flat = values.ravel().tolist()
    found = np.fromiter(map(is_missing, flat), bool, len(flat))
    return found.reshape(values.shape)


def _are_missing(missing: np.ndarray, name: str) -> ValueError:
    n, place = int(missing.sum()), np.argwhere(missing)[0]
    if name not in _MISSING_IN:
        return ValueError(
            f"{name} must not contain missing values (NaN, None, NA, NaT): there are {n}, the "
            f"first in place {place[0]}. Leave them out."
        )
    column = f", column {place[1]}" if missing.ndim == 2 and missing.shape[1] > 1 else ""
    values = "value is" if n == 1 else "values are"
    return ValueError(
        f"{name} must not contain missing values (NaN, None, NA, NaT): {n} {values} missing, the "
        f"first in row {place[0]}{column}. Drop these rows from {_MISSING_IN[name]}, or fill "
        f"{name}."
    )


def _refuse_infinite(values: np.ndarray, name: str) -> None:
    """scikit-learn's ValueError, with the first row that it is about."""
    if values.dtype.kind != "f" or np.isfinite(values).all():
        return
    row = np.argwhere(~np.isfinite(values))[0][0]
    raise ValueError(
        f"Input {name} contains infinity or a value too large for dtype('{values.dtype}'). "
        f"Got {values[row]} in row {row}."
    )


def refuse_no_numbers(values: np.ndarray, name: str) -> None:
    """ValueError about the first value that is no number, nor text that spells one."""
    if values.dtype.kind in "biufc":
        return
    try:
        values.astype(np.float64)
        return
    except (ArithmeticError, TypeError, ValueError):
        flat = values.ravel().tolist()
        place = next((i for i, value in enumerate(flat) if not _is_number(value)), None)
    if place is None:
        return
    value = flat[place]
    row = place // (values.shape[1] if values.ndim == 2 else 1)
    raise ValueError(
        f"{name} must hold numbers. Got {quoted(value)} of type {type(value).__name__} in row "
        f"{row}."
    )


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (ArithmeticError, TypeError, ValueError):
        return False
    return True
