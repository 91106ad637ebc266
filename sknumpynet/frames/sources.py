"""Where columns come from: a frame, by way of narwhals, or a two-dimensional array.

In: X. Out: its columns one by one, as :class:`~.values.Values`, and whether float32 holds them. The
reader of frames knows nothing else of X.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array

from ..quoting import quoted
from .arrays import as_array, as_numbers
from .dicts import is_dict, names_of_dict, source_of_dict
from .families import Values, measured
from .lists import ListSource
from .no_table import refuse_no_table
from .values import CODED, as_arrow, dtype_of, is_exact, read_array, read_series

_SMALL = (nw.Float32, nw.Int8, nw.Int16, nw.UInt8, nw.UInt16, nw.Boolean)
_TEXT = (nw.String, *CODED)


class Opened:
    """X of another form behind the door of the estimators: a lazy frame.

    Attributes
    ----------
    names : list of str
        Of its columns.
    """

    names: list[str]

    def source(self) -> Any:
        """The columns, or those of some rows, if all were never there at once."""
        raise NotImplementedError

    def with_all(self, names: list[str]) -> Any:
        """The same with these columns, zeros where it has none."""
        raise NotImplementedError


def source_of(X: Any, estimator: Any = None) -> Any:
    """The columns of X, unless it is a source; at least one row and one column.

    ``estimator`` is for messages.
    """
    if isinstance(X, Opened):
        return X.source()
    if isinstance(X, (FrameSource, ArraySource, ListSource)):
        return X
    if _is_array_of_numbers(X) and 0 not in X.shape:
        # What scikit-learn would give back after 20 us.
        return ArraySource(X)
    frame = as_frame(X)
    checks = {"estimator": estimator, "ensure_all_finite": False, "input_name": "X"}
    if frame is not None or is_dict(X):
        source = source_of_dict(X) if frame is None else FrameSource(frame)
        if 0 in source.shape:
            refuse_none(source.shape, estimator)
        return source
    array = as_array(X)
    if not isinstance(array, np.ndarray):
        checks |= {"accept_sparse": "csr", "dtype": (np.float64, np.float32)}
        return ArraySource(check_array(array, **checks))
    return ArraySource(check_array(array, dtype=None, **checks))


def refuse_none(shape: tuple[int, ...], estimator: Any = None) -> None:
    """scikit-learn's ValueError about a table without rows, or without columns."""
    check_array(np.empty(shape), estimator=estimator, input_name="X")


def as_frame(X: Any) -> Any:
    """X as a narwhals frame; None if it is none.

    A pandas frame of nothing but sparse columns of zeros is left to scikit-learn, which makes it
    CSR.
    """
    frame = any_frame(X)
    return None if frame is None or _is_sparse(X, frame) else frame


def any_frame(X: Any) -> Any:
    """X as a narwhals frame, also where scikit-learn reads it; None if it is none."""
    if _is_array_of_numbers(X) or is_dict(X):
        # To find out that it is no frame of any library takes 90 us.
        return None
    if nw.dependencies.is_into_dataframe(X):
        return nw.from_native(X, eager_only=True)
    refuse_no_table(X)
    # A batch of pyarrow is a table of a single piece.
    if hasattr(X, "__arrow_c_array__") and hasattr(X, "schema"):
        return nw.from_arrow(X, backend="pyarrow")
    return None


def _is_array_of_numbers(X: Any) -> bool:
    return type(X) is np.ndarray and X.ndim == 2 and X.dtype.kind in "fiub"


def names_of(X: Any) -> list[Any] | None:
    """The names of the columns of a frame or a dict, whatever they are; None of anything else."""
    if isinstance(X, Opened):
        return list(X.names)
    if is_dict(X):
        return names_of_dict(X)
    names = _names_at_once(X)
    if names is not None and len(set(names)) == len(names):
        return names
    frame = any_frame(X)
    return None if frame is None else list(frame.columns)


def _names_at_once(X: Any) -> list[Any] | None:
    """Of the frames that are asked most. By way of narwhals it takes 20 to 40 us."""
    if nw.dependencies.is_pandas_dataframe(X):
        return X.columns.tolist()
    if nw.dependencies.is_polars_dataframe(X):
        return X.columns
    return X.column_names if nw.dependencies.is_pyarrow_table(X) else None


def _is_sparse(X: Any, frame: Any) -> bool:
    # Also a column may have the name "sparse".
    # Of a frame without columns everything is true.
    some = hasattr(X, "sparse") and len(frame.columns) > 0
    unknown = some and all(c.dtype == nw.Unknown for c in frame.iter_columns())
    return unknown and all(getattr(dtype, "fill_value", None) == 0 for dtype in X.dtypes)


class FrameSource:
    """The columns of a narwhals frame."""

    def __init__(self, frame: Any) -> None:
        # A frame of floats is read as a whole: to go through 20 columns takes pandas 0.3 ms.
        self._frame, self._dtypes = frame, list(frame.schema.values())
        if any(dtype in (nw.Unknown, nw.Time, nw.Datetime) for dtype in self._dtypes):
            self._dtypes = [dtype_of(series) for series in self._series]
        self.shape = frame.shape
        self.names: list[Any] | None = list(frame.columns)
        self.labels = [quoted(name) for name in self.names]

    @cached_property
    def _series(self) -> list[Any]:
        return list(self._frame.iter_columns())

    def part(self, start: int, stop: int) -> FrameSource:
        """Some rows; what is known of the columns is not asked for again."""
        other = copy.copy(self)
        other.__dict__.pop("_series", None)
        other._frame = self._frame[start:stop]
        other.shape = other._frame.shape
        return other

    def whole(self) -> np.ndarray | None:
        """The frame as an array, where all of it is float32 or all float64; else None.

        pandas then gives a view.
        """
        if len(set(self._dtypes)) > 1 or self._dtypes[0] not in (nw.Float32, nw.Float64):
            return None
        table = self._frame.to_numpy()
        return table if table.dtype in (np.float32, np.float64) else None

    def numbers(self, columns: Sequence[int]) -> None:
        """Columns of a frame are read one by one."""

    def values(
        self, j: int, category: bool | None, zone: str | None = None, declared: bool = False
    ) -> Values:
        """Of column j, as levels if it is a category; None: as its dtype says.

        Dates are on the clock of ``zone``, or else of their own. ``declared`` levels may be of
        several kinds.
        """
        dtype = self._dtypes[j]
        levels = dtype in CODED if category is None else category
        series, label = self._series[j], self.labels[j]
        return read_series(series, dtype, label, category=levels, declared=declared, zone=zone)

    def as_written(self, j: int, zone: str | None) -> Values:
        """Of column j, text as text whatever it spells."""
        return self.values(j, False, zone)

    def levels(self, j: int) -> Values | None:
        """The levels that the dtype of column j declares, if it does."""
        if self._dtypes[j] not in CODED:
            return None
        try:
            levels = self._series[j].cat.get_categories()
        except AttributeError:
            levels = as_arrow(self._series[j]).cat.get_categories()
        dtype = dtype_of(levels)
        return read_series(levels, dtype, self.labels[j], category=True, declared=True)

    def fits_float32(self, j: int, category: bool | None) -> bool:
        """Whether float32 holds the numbers of column j exactly."""
        dtype = self._dtypes[j]
        if category or dtype in _SMALL or (category is None and dtype in _TEXT):
            return True
        if not dtype.is_numeric() or dtype.is_decimal() or dtype in (nw.Int128, nw.UInt128):
            return False
        numbers = self._series[j].to_numpy()
        return numbers.dtype != object and is_exact(numbers)


class ArraySource:
    """The columns of a two-dimensional array, or of a CSR matrix of numbers."""

    names: list[Any] | None = None

    def __init__(self, array: Any) -> None:
        self._array, self.shape = array, array.shape

    @cached_property
    def labels(self) -> list[str]:
        """What the columns are called in messages."""
        return [str(j) for j in range(self.shape[1])]

    def whole(self) -> Any:
        """All of it as float32 or float64, if it is numbers; an array of floats is not copied."""
        if sp.issparse(self._array):
            return self._array
        numbers = as_numbers(self._array)
        if numbers is None or numbers.dtype in (np.float32, np.float64):
            return numbers
        return numbers.astype(np.float64)

    def numbers(self, columns: Sequence[int]) -> None:
        """Columns of an array beside categories are read one by one."""

    def values(
        self, j: int, category: bool | None, zone: str | None = None, declared: bool = False
    ) -> Values:
        """Of column j; text that is not a category as the numbers that it spells, if it does."""
        column = self._column(j)
        if not category:
            numbers = as_numbers(column)
            if numbers is not None:
                return measured("numbers", numbers)
        return read_array(
            column, self.labels[j], category=bool(category), declared=declared, zone=zone
        )

    def as_written(self, j: int, zone: str | None) -> Values:
        """Of column j, text as text whatever it spells: also where all of it is plain numbers."""
        return read_array(self._column(j), self.labels[j], zone=zone)

    def levels(self, j: int) -> None:
        """Arrays declare none."""

    def fits_float32(self, j: int, category: bool | None) -> bool:
        """Whether float32 holds the numbers of column j exactly."""
        return bool(category) or (self._array.dtype.kind in "biuf" and is_exact(self._column(j)))

    def _column(self, j: int) -> np.ndarray:
        if sp.issparse(self._array):
            raise ValueError(
                "X is sparse, but some of its columns are categories or dates: pass a frame or a "
                "dense array."
            )
        return self._array[:, j]
