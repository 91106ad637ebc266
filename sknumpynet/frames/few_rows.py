"""Few rows of a frame as Python objects, all cells at once.

In: a frame of pandas, polars or pyarrow. Out: a source of its columns as lists, or as arrays where
objects would not say all that there is. To go through 14 columns of one row takes pandas and
narwhals 1 ms, to give the cells 0.03.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from .dicts import is_dict, source_of_dict
from .families import Values, is_missing
from .lists import ListSource
from .sources import FrameSource, any_frame
from .values import CODED, dtype_of

#: Rows that are read so. Of 14 columns a prediction takes 0.33 times as long for one row, for 64
#: rows 0.57 (pandas) and 0.50 (polars). See DECISIONS: a row in time.
FEW = 64

#: Dtypes of which Python objects say all: they become the same numbers and levels as an array.
OBJECTS = (
    *(nw.Float64, nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32, nw.UInt64),
    *(nw.Boolean, nw.String, nw.Object),
)

#: The same of pandas. The dates of others have no nanoseconds, and must be of the years to 9999.
TIMES = (nw.Datetime, nw.Duration)

#: From the objects of a column to what is read; None: the source of frames reads it.
Read = Callable[[list[Any]], Any]


class FewRows(ListSource):
    """The cells of a frame X.

    Parameters
    ----------
    X : frame
    names : list
    columns : sequence
        Lists of objects, arrays, or None for those that the source of frames is to read.
    n_rows : int
    table : ndarray, optional
        All of X, where it is of one float type.
    """

    def __init__(
        self,
        X: Any,
        names: list[Any],
        columns: Sequence[Any],
        n_rows: int,
        table: np.ndarray | None = None,
    ) -> None:
        super().__init__(names, columns, n_rows)
        self._X, self._table = X, table

    def whole(self) -> np.ndarray | None:
        return self._table

    def numbers(self, columns: Sequence[int]) -> np.ndarray | None:
        if any(self._columns[j] is None for j in columns):
            return None
        return super().numbers(columns)

    def values(
        self, j: int, category: bool | None, zone: str | None = None, declared: bool = False
    ) -> Values:
        if self._columns[j] is None:
            return self.frame.values(j, category, zone, declared)
        return super().values(j, category, zone, declared)

    @cached_property
    def frame(self) -> FrameSource:
        """The source of X that looks at each column, whose errors are those of all rows."""
        return FrameSource(any_frame(self._X))


def few_rows_of(X: Any) -> ListSource | None:
    """The columns of a frame of few rows, or of a dict; None of any other X."""
    if is_dict(X):
        source = source_of_dict(X, few=FEW)
        return source if 0 < source.shape[0] <= FEW else None
    if nw.dependencies.is_pandas_dataframe(X):
        return _of_pandas(X) if 0 < len(X) <= FEW else None
    if nw.dependencies.is_polars_dataframe(X):
        return _of_polars(X) if 0 < X.height <= FEW else None
    if nw.dependencies.is_pyarrow_table(X):
        return _of_arrow(X) if 0 < X.num_rows <= FEW else None
    return None


def _of_pandas(X: Any) -> FewRows | None:
    dtypes = X.dtypes.tolist()
    if not dtypes:
        return None
    is_float = isinstance(dtypes[0], np.dtype) and dtypes[0] in (np.float32, np.float64)
    if is_float and all(dtype == dtypes[0] for dtype in dtypes):
        return _of_floats(X, X.columns.tolist())
    # pandas makes a dtype for each column of levels, and takes 50 us to compare two.
    categorical = nw.dependencies.get_pandas().CategoricalDtype
    how = [_if_text if isinstance(dtype, categorical) else _how_pandas(dtype) for dtype in dtypes]
    if all(read is _not for read in how):
        # They may be sparse.
        return None
    cells = X.to_numpy(dtype=object).T.tolist()
    columns = [read(objects) for read, objects in zip(how, cells, strict=True)]
    return FewRows(X, X.columns.tolist(), columns, len(X))


def _of_polars(X: Any) -> FewRows:
    dtypes = X.dtypes
    floats = nw.dependencies.get_polars().Float32, nw.dependencies.get_polars().Float64
    if dtypes and dtypes[0] in floats and all(dtype == dtypes[0] for dtype in dtypes):
        return _of_floats(X, X.columns)
    how = [_how_polars(dtype) for dtype in dtypes]
    columns = [
        series.to_numpy() if read is None else read(series.to_list())
        for read, series in zip(how, X.get_columns(), strict=True)
    ]
    return FewRows(X, X.columns, columns, X.height)


def _of_arrow(X: Any) -> FewRows | None:
    if len(set(X.schema.types)) == 1:
        # All of them floats are one table.
        return None
    how = [_how_arrow(dtype) for dtype in X.schema.types]
    columns = [read(column.to_pylist()) for read, column in zip(how, X.columns, strict=True)]
    return FewRows(X, X.column_names, columns, X.num_rows)


def _of_floats(X: Any, names: list[Any]) -> FewRows:
    table = X.to_numpy()
    return FewRows(X, names, list(table.T), len(table), table)


@lru_cache(maxsize=256)
def _how_pandas(dtype: Any) -> Read:
    try:
        empty = nw.dependencies.get_pandas().Series([], dtype=dtype)
        known = dtype_of(nw.from_native(empty, series_only=True))
    except (TypeError, ValueError, NotImplementedError):
        # What narwhals does not know, or of what Arrow makes no empty column.
        return _not
    if known in TIMES and getattr(known, "time_zone", None) is None:
        return _as_they_are
    return _how(known)


@lru_cache(maxsize=256)
def _how_polars(dtype: Any) -> Read | None:
    """None: an array of the library is as good, and quicker."""
    empty = nw.dependencies.get_polars().Series([], dtype=dtype)
    known = nw.from_native(empty, series_only=True).dtype
    times = known in (nw.Date, *TIMES) and getattr(known, "time_zone", None) is None
    return None if times or known == nw.Float32 else _how(known)


@lru_cache(maxsize=256)
def _how_arrow(dtype: Any) -> Read:
    try:
        empty = nw.dependencies.get_pyarrow().chunked_array([], type=dtype)
        return _how(nw.from_native(empty, series_only=True).dtype)
    except (TypeError, ValueError, NotImplementedError):
        return _not


def _how(dtype: Any) -> Read:
    if dtype == nw.Float32:
        return _as_float32
    return _as_they_are if dtype in OBJECTS else _if_text if dtype in CODED else _not


def _as_they_are(objects: list[Any]) -> list[Any]:
    return objects


def _as_float32(objects: list[Any]) -> np.ndarray:
    """Levels have to know that they had fewer digits."""
    return np.array([v if type(v) is float else np.nan for v in objects], dtype=np.float32)


def _if_text(objects: list[Any]) -> list[Any] | None:
    """Levels that are no text may be of a kind that objects do not tell."""
    return objects if all(type(v) is str or is_missing(v) for v in objects) else None


def _not(objects: list[Any]) -> None:
    return None
