"""Values of one column of a frame or an array, whatever the library that holds them.

In: a narwhals series, or a column of a NumPy array. Out: :class:`~.families.Values`: numbers with
NaN for missing; or, of text and wherever they are to be the levels of a category, the distinct
values and which of them each row has. A column in which all is missing is nothing, whatever its
dtype.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from ..quoting import told
from .families import NOTHING, ZONED, Values, measured, microseconds, not_taken, nothing
from .tell_apart import SomeRows, tell_apart
from .zones import name_of_zone, offset_of_zone

#: Rows that are told apart in one go: text becomes Python objects for it (3 MB). A dict takes at
#: most 130 ms for 100,000 rows, libraries' own functions 420. See DECISIONS: rows told apart at
#: once.
PART = 2**15

#: Numbers that are looked at in one go to see if float32 holds them all.
LOOK = 2**16

#: Dtypes of category columns.
CODED = (nw.Categorical, nw.Enum)

#: Dates of pandas with a time zone. Where its name has more than letters in it, narwhals (2.29)
#: does not know the dtype, and takes it for a time of day (2.0) where pyarrow holds the column.
_ZONED_PANDAS = re.compile(
    r"(?:datetime64|timestamp)\[(s|ms|us|ns), (?:tz=)?(.+?)\](?:\[pyarrow\])?"
)


def dtype_of(series: Any) -> Any:
    """The narwhals dtype of a series; a time zone by the name that :mod:`.zones` gives it."""
    dtype = series.dtype
    if dtype in (nw.Unknown, nw.Time):
        found = _ZONED_PANDAS.fullmatch(_native_dtype(series))
        if found:
            dtype = nw.Datetime(*found.groups())  # type: ignore[arg-type] # Of the pattern.
    if dtype == nw.Datetime and dtype.time_zone is not None:
        zone = getattr(getattr(nw.to_native(series), "dtype", None), "tz", dtype.time_zone)
        return nw.Datetime(dtype.time_unit, name_of_zone(zone))
    return dtype


def _native_dtype(series: Any) -> str:
    return str(getattr(nw.to_native(series), "dtype", ""))


def as_arrow(series: Any) -> Any:
    """A series of pandas that pyarrow holds, as one of pyarrow."""
    table = nw.from_native(series.to_frame().to_arrow(), eager_only=True)
    return table.get_column(table.columns[0])


def _decoded(series: Any) -> Any:
    """A category column of pyarrow as its values, of which those may be missing that it lists.

    Columns of other libraries are left as they are.
    """
    if _native_dtype(series).endswith("[pyarrow]"):
        series = as_arrow(series)
    native = nw.to_native(series)
    values = getattr(getattr(native, "type", None), "value_type", None)
    return series if values is None else nw.from_native(native.cast(values), series_only=True)


def read_series(
    series: Any,
    dtype: Any,
    name: str,
    *,
    category: bool = False,
    declared: bool = False,
    zone: str | None = None,
) -> Values:
    """The values of a narwhals series.

    Parameters
    ----------
    series : Series
    dtype : DType
        What :func:`dtype_of` says of it, which is slow in pandas.
    name : str
        For messages.
    category : bool
        Whether they are levels, to be told apart; text always is.
    declared : bool
        Whether they are the levels of a category dtype.
    zone : str, optional
        Dates with a time zone are told by its clock; default: that of their own. As levels they
        are instants in UTC.
    """
    if dtype.is_nested():
        values = series.to_list()
        row = next((i for i, v in enumerate(values) if v is not None), None)
        if row is not None:
            raise not_taken(values[row], row, name)
        return nothing(len(values))
    if dtype in CODED:
        declared, series = True, _decoded(series)
        dtype = dtype_of(series)
    if dtype == nw.Datetime and dtype.time_zone is not None:
        # As levels they are instants: an hour of each autumn is two hours on a wall.
        zone = "UTC" if category else zone or dtype.time_zone
        values = read_array(_wall_clock(series, dtype, zone, name), name, category=category)
        return values if values.family == NOTHING else values._replace(family=ZONED, zone=zone)
    if dtype == nw.Date:
        series = series.cast(nw.Datetime("us"))
    elif category or dtype in (nw.String, *CODED):
        parts = _parts(series, dtype)
        return tell_apart(parts, name, category=category, declared=declared, zone=zone)
    elif dtype == nw.Boolean:
        series = series.cast(nw.Float32())
    elif dtype in (nw.Int128, nw.UInt128):
        series = series.cast(nw.Float64())
    return read_array(series.to_numpy(), name, category=category, zone=zone)


def read_array(
    array: np.ndarray,
    name: str,
    *,
    category: bool = False,
    declared: bool = False,
    zone: str | None = None,
) -> Values:
    """The same of a one-dimensional array."""
    kind = array.dtype.kind
    if kind == "m" and np.datetime_data(array.dtype)[0] == "generic":
        raise ValueError(
            f"Column {name} of X holds durations without a unit: give them one, by "
            "astype('timedelta64[s]') for example."
        )
    if category or kind not in "biufMm":
        return tell_apart([SomeRows(array)], name, category=category, declared=declared, zone=zone)
    if kind in "Mm":
        return measured("dates" if kind == "M" else "durations", microseconds(array))
    return measured("numbers", array)


def _wall_clock(series: Any, dtype: Any, zone: str, name: str) -> np.ndarray:
    """Dates without a zone, as a clock in ``zone`` shows them.

    Its hour and weekday mean something. As a time it differs from the instant by an offset that is
    constant but for an hour of daylight saving.
    """
    offset = offset_of_zone(zone)
    try:
        if dtype.time_zone != zone or offset is not None:
            # By way of UTC: narwhals does not know all zones, nor pyarrow and polars all offsets.
            series = series.cast(nw.Datetime(dtype.time_unit, "UTC"))
        if offset is None and dtype.time_zone != zone:
            series = series.dt.convert_time_zone(zone)
    except MemoryError:
        raise
    except Exception as error:  # Each library has its own.
        raise ValueError(
            f"Column {name} of X holds dates of the time zone {dtype.time_zone!r}, which "
            f"cannot be converted to that of fit, {zone!r}: {told(error)}"
        ) from None
    if _native_dtype(series).endswith("[pyarrow]"):
        # Where pandas before 2.2 gives the clock of UTC.
        series = as_arrow(series)
    clock = series.dt.replace_time_zone(None).to_numpy()
    return clock + np.timedelta64(offset // dt.timedelta(seconds=1), "s") if offset else clock


def _parts(series: Any, dtype: Any) -> Iterator[SomeRows]:
    for start in range(0, max(len(series), 1), PART):
        part = series[start : start + PART] if len(series) > PART else series
        if dtype in (nw.String, nw.Object, nw.Int128, nw.UInt128):
            yield SomeRows(part.to_list())
            continue
        # Those that are there alone: a gap would make floats of all integers, and pyarrow gives the
        # last level for it.
        missing = part.is_null().to_numpy()
        present = part.drop_nulls() if missing.any() else part
        yield SomeRows(present.to_numpy(), missing if missing.any() else None)


def is_exact(numbers: np.ndarray) -> bool:
    """Whether float32 holds all of them exactly."""
    if np.can_cast(numbers.dtype, np.float32):
        return True
    with np.errstate(over="ignore"):
        for start in range(0, len(numbers), LOOK):
            part = numbers[start : start + LOOK]
            small = part.astype(np.float32)
            # Compared in float64: an integer above 2^53 may look exact, and float64 has no more.
            if ((small != part.astype(np.float64)) & (part == part)).any():
                return False
    return True
