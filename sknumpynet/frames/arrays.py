"""X that is no frame: arrays of numbers, dates, text or any objects, lists, sparse matrices.

In: X. Out: an array whose entries are what the user passed, and the numbers that entries are or
spell. NumPy alone would make text of numbers beside text, integers of dates, and data of what a
mask hides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from ..quoting import quoted
from .families import family_of, is_missing


def as_array(X: Any) -> Any:
    """X as an array, of objects unless it is one or holds nothing but numbers.

    Sparse matrices, and frames of sparse columns, are left as they are.
    """
    if sp.issparse(X) or hasattr(X, "sparse"):
        return X
    if isinstance(X, np.ma.MaskedArray):
        return _without_mask(X)
    if isinstance(X, np.ndarray) or hasattr(X, "dtype"):
        array = X if isinstance(X, np.ndarray) else np.asarray(X)
        if array.dtype.names is not None:
            raise TypeError(
                f"X is a structured array of the fields {quoted(list(array.dtype.names))}: pass a "
                "frame of them, pandas.DataFrame(X) for example."
            )
        return array
    array = np.asarray(X)
    return array if array.dtype.kind in "biufc" else np.array(X, dtype=object)


def _without_mask(X: np.ma.MaskedArray) -> np.ndarray:
    """What the mask hides is missing."""
    if X.dtype.kind in "fMm":
        # In the unit of X: NumPy 2.5 deprecates a NaT without one.
        nothing: Any = np.array("nan" if X.dtype.kind == "f" else "NaT", X.dtype)
        return X.filled(nothing)
    mask = np.ma.getmaskarray(X)
    if not mask.any():
        return X.data
    array = X.data.astype(object)
    array[mask] = None
    return array


def as_numbers(array: np.ndarray) -> np.ndarray | None:
    """The array as numbers, if all of it are numbers, missing, or text that spells a number."""
    kind = array.dtype.kind
    if kind in "biuf":
        return array
    if kind not in "OUST":
        return None
    found = _with_nan(array) if kind == "O" else array
    try:
        return None if found is None else found.astype(np.float64)
    except (ArithmeticError, TypeError, ValueError):
        return None


def _with_nan(array: np.ndarray) -> np.ndarray | None:
    """The same with NaN for whatever else is missing; None if it holds more than text and numbers.

    NumPy has a number for dates and durations, in a unit that nothing tells.
    """
    values = array.ravel().tolist()
    kinds = set(map(type, values))
    odd = {kind for kind in kinds if family_of(kind) not in ("text", "numbers")} - {type(None)}
    if not odd:
        return array
    if not all(is_missing(value) for value in values if type(value) in odd):
        return None
    filled = np.array([np.nan if type(value) in odd else value for value in values], dtype=object)
    return filled.reshape(array.shape)
