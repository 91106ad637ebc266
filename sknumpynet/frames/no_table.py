"""What is no table, told before a library stumbles over it.

In: X as it was passed. Out: nothing, or a TypeError that says what X is and what to pass instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from numbers import Number
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

#: What has one of these may be an array.
_OF_ARRAYS = ("shape", "__array__", "__array_interface__")


def refuse_no_table(X: Any) -> None:
    """TypeError if X is neither a frame, nor an array or what NumPy makes one of."""
    if isinstance(X, np.ndarray) and X.dtype != object:
        # As nearly always; to ask narwhals takes 30 us.
        return
    kind = type(X).__name__
    refuse_lazy(X, "X")
    what = _what_it_is(X, kind)
    if what is not None:
        raise TypeError(f"X is {what}, which is no table: pass a DataFrame or an array.")
    if isinstance(X, (list, tuple)) and hasattr(X[0], "__len__"):
        _refuse_rows_of_several_lengths(X)


_FOR_DASK = " The estimators of sknumpynet.dask take it."


def refuse_lazy(X: Any, name: str) -> None:
    """TypeError if it is a lazy frame; nobody who can read it batch by batch asks."""
    if is_lazy(X):
        library = type(X).__module__.partition(".")[0]
        raise TypeError(
            f"{name} is a lazy frame ({type(X).__name__} of {library}), whose values are not there "
            "yet, and which is not read batch by batch: pass what its .collect() or .compute() "
            "gives, or write it to Parquet files and pass polars.scan_parquet(...)."
            f"{_FOR_DASK if library.startswith('dask') else ''}"
        )


def is_lazy(X: Any) -> bool:
    """Whether it is a lazy frame, of Dask or by narwhals, which warns of that one."""
    if type(X).__module__.startswith("dask") and hasattr(X, "compute"):
        return True
    return isinstance(nw.from_native(X, allow_series=True, pass_through=True), nw.LazyFrame)


def _refuse_rows_of_several_lengths(X: Sequence[Any]) -> None:
    n = len(X[0])
    for i, row in enumerate(X):
        if hasattr(row, "__len__") and len(row) != n:
            raise ValueError(
                f"The rows of X have several lengths: {n} in row 0, {len(row)} in row {i}."
            )


def _what_it_is(X: Any, kind: str) -> str | None:
    """What X is if it is no table; None for what may be one."""
    if any(hasattr(X, name) for name in _OF_ARRAYS):
        # Among them dok_matrix, which is a dict.
        return f"an array of {_what_rows_are(X)}" if _holds_no_rows(X) else None
    if isinstance(X, (str, bytes)):
        return f"a text ({kind})"
    if isinstance(X, (Iterator, Set)):
        return f"a {kind}"
    if isinstance(X, Sequence):
        if not len(X):
            return f"an empty {kind}"
        rows = _what_rows_are(X)
        return None if rows is None else f"a {kind} of {rows}"
    return None if _is_buffer(X) else f"an object of type {kind}"


def _holds_no_rows(X: Any) -> bool:
    vector = isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1 and len(X) > 0
    return vector and isinstance(X[0], Mapping)


def _what_rows_are(X: Any) -> str | None:
    """What the rows are if they are none; None for what may be rows or numbers."""
    row = X[0]
    kind = type(row).__name__
    if isinstance(row, Mapping):
        return f"{kind} (of rows: pandas.DataFrame(list(X)))"
    if row is None or isinstance(row, (Number, np.generic)):
        return None
    return kind if isinstance(row, (str, bytes)) or not hasattr(row, "__len__") else None


def _is_buffer(X: Any) -> bool:
    try:
        memoryview(X)
    except TypeError:
        return False
    return True
