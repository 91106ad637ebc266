"""Values of one column of a frame or an array, whatever the library that holds them.

In: a narwhals series, or a column of a NumPy array. Out: numbers with NaN for missing, or distinct
objects (text) and which of them each row has. Dates and durations come as microseconds: those of
the years 1685 to 2255 are exact in float64.
"""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

#: Columns of text of more rows are told apart by their library. 100,000 rows take it 12 (polars), 4
#: (pyarrow) and 50 ms (pandas), and a dict about 35; but pandas starts with 3 ms, also for one row.
#: In parts of so many rows, which pandas takes 84 bytes each for (3 MB).
FEW_ROWS, PART = 2**13, 2**15

#: What values are, by their Python types; the first row that fits. A text is no number, and a
#: number no date: a column learned from the one does not take the other.
FAMILIES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "dates": (dt.date, np.datetime64),
    # Before numbers: NumPy has made timedelta64 an integer.
    "durations": (dt.timedelta, np.timedelta64),
    "times of day": (dt.time,),
    "numbers": (numbers.Real, np.bool_, Decimal),
}
#: Dates of a column with a time zone; a column without any value; levels of several families.
ZONED, NOTHING, SEVERAL = "dates with a time zone", "nothing", "values of several kinds"


class Values(NamedTuple):
    """The values of a column.

    Attributes
    ----------
    family : str
        A key of ``FAMILIES``, or one of the three names below it.
    data : ndarray
        Of numbers, NaN where missing; or the distinct objects (text, levels of several kinds).
    places : ndarray of int, or None
        The place in ``data`` of each row's object; -1 where it is missing.
    zone : str or None
        The time zone of the dates, which are on its clock.
    """

    family: str
    data: np.ndarray
    places: np.ndarray | None = None
    zone: str | None = None

    def first(self) -> tuple[Any, int]:
        """The first value that is there, and its row."""
        if self.places is None:
            row = int(np.isnan(self.data).argmin())
            return self.data[row], row
        row = int((self.places >= 0).argmax())
        return self.data[self.places[row]], row


def read_series(series: Any, dtype: Any, name: str, zone: str | None = None) -> Values:
    """The values of a narwhals series; dates with a time zone by the clock of ``zone``, or theirs.

    ``dtype`` is the series' own, which pandas is slow to tell; ``name`` is for messages.
    """
    if dtype.is_nested():
        values = series.to_list()
        row = next((i for i, v in enumerate(values) if v is not None), None)
        if row is not None:
            raise _not_taken(values[row], row, name)
        return Values(NOTHING, np.full(len(values), np.nan))
    if dtype == nw.Boolean:
        dtype = nw.Float32()
        series = series.cast(dtype)
    elif dtype in (nw.Int128, nw.UInt128):
        dtype = nw.Float64()
        series = series.cast(dtype)
    elif dtype == nw.Date:
        series = series.cast(nw.Datetime("us"))
    if dtype == nw.Datetime and dtype.time_zone is not None:
        zone = dtype.time_zone if zone is None else zone
        if dtype.time_zone != zone:
            series = series.dt.convert_time_zone(zone)
        # The clock on the wall: its hour and weekday mean something. As a time it differs from the
        # instant by an offset that is constant but for an hour of daylight saving.
        series = series.dt.replace_time_zone(None)
        return Values(ZONED, microseconds(series.to_numpy()), None, zone)
    if len(series) > FEW_ROWS and dtype in (nw.String, nw.Categorical, nw.Enum):
        text = _read_text(series)
        if text is not None:
            return text
    declared = dtype in (nw.Categorical, nw.Enum)
    missing = None if dtype.is_numeric() else series.is_null().to_numpy()
    if declared and missing.all():
        # A dictionary of pyarrow without any level has no array.
        return Values(NOTHING, np.full(len(series), np.nan))
    array = series.to_numpy()
    if missing is None and array.dtype == object:
        # Decimals: as Python rounds them, libraries differ in the last bit. And pandas before 2.2
        # gives objects for numbers of pyarrow with gaps.
        missing = series.is_null().to_numpy()
    return read_array(array, name, missing, declared=declared)


def _read_text(series: Any) -> Values | None:
    """Text, told apart by its library.

    None if it is not text: a pandas column of objects is called so if the first hundred are.
    """
    try:
        levels = series.drop_nulls().unique().to_list()
    except TypeError:
        return None
    if not levels or not all(isinstance(level, str) for level in levels):
        return None
    numbers = list(range(len(levels)))
    places = np.empty(len(series), dtype=np.int32)
    # In parts: pandas merges two frames for it.
    for start in range(0, len(series), PART):
        part = series[start : start + PART]
        found = part.replace_strict(levels, numbers, return_dtype=nw.Int32).to_numpy()
        places[start : start + PART] = np.nan_to_num(found, nan=-1.0)
    return Values("text", _objects(levels), places)


def _objects(values: list[Any]) -> np.ndarray:
    """As a one-dimensional array, also of tuples."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def read_array(
    array: np.ndarray, name: str, missing: np.ndarray | None = None, *, declared: bool = False
) -> Values:
    """The values of a one-dimensional array.

    Parameters
    ----------
    array : ndarray
    name : str
        For messages.
    missing : ndarray of bool, optional
        Where values are missing; default: to be found out.
    declared : bool
        Whether they are levels of a category dtype, which may be of any kind.
    """
    kind = array.dtype.kind
    if kind in "biuf":
        return Values("numbers", _with_gaps(array, missing))
    if kind == "M":
        return Values("dates", _with_gaps(microseconds(array), missing))
    if kind == "m":
        return Values("durations", _with_gaps(microseconds(array), missing))
    array = array.astype(object, copy=False)
    if missing is None:
        missing = np.fromiter(map(_is_missing, array), dtype=bool, count=len(array))
    return _read_objects(array, name, missing, declared)


def _with_gaps(array: np.ndarray, missing: np.ndarray | None) -> np.ndarray:
    if missing is None or not missing.any():
        return array
    array = array.astype(np.float64)
    array[missing] = np.nan
    return array


def microseconds(array: np.ndarray) -> np.ndarray:
    """datetime64 or timedelta64 of any unit as microseconds (since 1970) in float64."""
    if np.datetime_data(array.dtype)[0] in ("Y", "M", "W"):
        array = array.astype(f"{array.dtype.kind}8[D]")
    unit, count = np.datetime_data(array.dtype)
    ticks = array.view(np.int64)
    if (unit, count) == ("ns", 1):
        # At once, a whole number of microseconds would be rounded twice.
        whole, rest = np.divmod(ticks, 1000)
        out = whole + rest / 1000.0
    else:
        out = ticks * (np.timedelta64(count, unit) / np.timedelta64(1, "us"))
    out[np.isnat(array)] = np.nan
    return out


def _read_objects(array: np.ndarray, name: str, missing: np.ndarray, declared: bool) -> Values:
    present = array[~missing]
    families = {family_of(t) for t in set(map(type, present.tolist()))}
    if not families:
        return Values(NOTHING, np.full(len(array), np.nan))
    several = len(families) > 1 or None in families
    if several and not declared:
        raise _first_not_taken(array, missing, name)
    if several or families == {"text"}:
        return _distinct(SEVERAL if several else "text", present, missing)
    (family,) = families
    out = np.full(len(array), np.nan)
    try:
        out[~missing] = _CONVERTERS[family](present)
    except (OverflowError, ValueError, TypeError) as error:
        value, row = present[0], int(missing.argmin())
        raise ValueError(
            f"Column {name} of X holds {family} as Python objects ({value!r} in row {row}), which "
            f"cannot be read as they are: {error}. Convert the column to a dtype for {family}."
        ) from None
    return Values(family, out)


def _distinct(family: str, present: np.ndarray, missing: np.ndarray) -> Values:
    objects = present.tolist()
    numbers = {value: number for number, value in enumerate(dict.fromkeys(objects))}
    places = np.full(len(missing), -1, dtype=np.int32)
    places[~missing] = np.fromiter(map(numbers.__getitem__, objects), np.int32, len(objects))
    return Values(family, _objects(list(numbers)), places)


def _floats(values: Iterable[Any]) -> np.ndarray:
    return np.array([float(v) for v in values])


def _dates(values: np.ndarray) -> np.ndarray:
    if any(getattr(v, "tzinfo", None) is not None for v in values):
        raise ValueError("they have time zones")
    return microseconds(values.astype("M8[us]"))


def _of_day(values: np.ndarray) -> np.ndarray:
    if any(v.tzinfo is not None for v in values):
        raise ValueError("they have time zones")
    seconds = [(v.hour * 60 + v.minute) * 60 + v.second for v in values]
    return np.array(seconds) * 1e6 + np.array([v.microsecond for v in values])


_CONVERTERS = {
    "numbers": _floats,
    "dates": _dates,
    "durations": lambda values: microseconds(values.astype("m8[us]")),
    "times of day": _of_day,
}


def family_of(kind: type) -> str | None:
    """The family of the values of a Python type; None if a column cannot hold them."""
    return next((name for name, types in FAMILIES.items() if issubclass(kind, types)), None)


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT, and pandas.NA, which is what comparing it gives."""
    if value is None or isinstance(value, str):
        return value is None
    different = value != value
    return different is value or (isinstance(different, (bool, np.bool_)) and bool(different))


def _first_not_taken(array: np.ndarray, missing: np.ndarray, name: str) -> TypeError:
    """The error about the first value that no column takes, or that is not like the first one."""
    rows = np.flatnonzero(~missing)
    families = [family_of(type(array[row])) for row in rows]
    if None in families:
        row = rows[families.index(None)]
        return _not_taken(array[row], row, name)
    other = next(i for i, family in enumerate(families) if family != families[0])
    first, row = array[rows[0]], rows[other]
    return TypeError(
        f"Column {name} of X mixes {families[0]} and {families[other]}: {first!r} in row {rows[0]},"
        f" {array[row]!r} in row {row}. Make it one of them, text for example by astype(str)."
    )


def _not_taken(value: Any, row: int, name: str) -> TypeError:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return TypeError(
        f"Column {name} of X holds {shown} in row {row}, of type {type(value).__name__}. A column "
        f"holds one of: {', '.join(FAMILIES)}. Convert or drop it."
    )
