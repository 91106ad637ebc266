"""What values are: text, dates, durations, times of day or numbers. One row for each family.

In: Python objects, each of them once. Out: what they are, numbers that measure them, and what they
are as the levels of a category: keys that are equal where the values are, and labels. Dates and
durations are measured in microseconds: those of the years 1685 to 2255 are exact in float64.
"""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ..quoting import cut, quoted
from .zones import clock_of_zone, name_of_zone

#: Dates of a column with a time zone; a column without any value; levels of several families.
ZONED, NOTHING, SEVERAL = "dates with a time zone", "nothing", "values of several kinds"

#: Text that may spell numbers too, or stand for a missing one.
MIXED = "text and numbers"

#: What to do with values of some types that no column takes.
ADVICE = {
    "Period": "convert it by .dt.to_timestamp()",
    "Interval": "convert it by astype('category') or to the number in its middle",
    "bytes": "decode it to text",
    "complex": "split it into two columns of numbers",
    "Decimal": "put None for it",
}


def microseconds(array: np.ndarray) -> np.ndarray:
    """datetime64 or timedelta64 of any unit as microseconds (since 1970) in float64."""
    if np.datetime_data(array.dtype)[0] in ("Y", "M", "W"):
        array = array.astype(f"{array.dtype.kind}8[D]")
    unit, count = np.datetime_data(array.dtype)
    ticks = array.astype(array.dtype.newbyteorder("="), copy=False).view(np.int64)
    if (unit, count) == ("ns", 1):
        # At once, a whole number of microseconds would be rounded twice.
        whole, rest = np.divmod(ticks, 1000)
        out = whole + rest / 1000.0
    else:
        tick = np.timedelta64(count, unit)  # type: ignore[call-overload] # A literal is wanted.
        out = ticks * (tick / np.timedelta64(1, "us"))
    out[np.isnat(array)] = np.nan
    return out


def _microseconds_of(values: list[Any], kind: str) -> np.ndarray:
    """The same of objects of dates ("M") or durations ("m"); of each by its own unit."""
    out = microseconds(as_objects(values).astype(f"{kind}8[us]"))
    for i, value in enumerate(values):
        if isinstance(value, np.generic):
            out[i] = microseconds(np.array([value]))[0]
        else:
            # pandas alone has them.
            out[i] += getattr(value, "nanosecond", getattr(value, "nanoseconds", 0)) / 1000.0
    return out


def _of_day(values: list[Any]) -> np.ndarray:
    if any(v.tzinfo is not None for v in values):
        raise ValueError("they have time zones")
    seconds = [(v.hour * 60 + v.minute) * 60 + v.second for v in values]
    return np.array(seconds) * 1e6 + np.array([v.microsecond for v in values])


def _exact(value: Any) -> int | float:
    """An equal Python number; a fraction as the nearest float."""
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    whole = int(value)
    return whole if whole == value else float(value)


def _number_label(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _date_label(value: float) -> str:
    stamp = np.datetime64(int(value), "us")
    return str(stamp if int(value) % 1_000_000 else stamp.astype("M8[s]"))


def _duration(value: float) -> dt.timedelta:
    return dt.timedelta(microseconds=value)


class Family(NamedTuple):
    """Values that a column may hold.

    Attributes
    ----------
    types : tuple of type
        Of Python objects.
    measure : callable or None
        list of objects -> ndarray of numbers. None: they cannot be measured.
    levels : callable
        list of objects -> list of keys, equal where the values are, whatever library holds them.
    label : callable
        key -> str.
    """

    types: tuple[type, ...]
    measure: Callable[[list[Any]], np.ndarray] | None
    levels: Callable[[list[Any]], list[Any]]
    label: Callable[[Any], str]


def _measured(
    types: tuple[type, ...], measure: Callable[[list[Any]], np.ndarray], label: Callable
) -> Family:
    return Family(types, measure, lambda values: measure(values).tolist(), label)


#: The first row that fits. A text is no number, and a number no date: a column learned from the one
#: does not take the other.
FAMILIES: dict[str, Family] = {
    "text": Family((str,), None, list, str),
    "dates": _measured(
        (dt.date, np.datetime64),
        lambda values: _microseconds_of(values, "M"),
        _date_label,
    ),
    # Before numbers: NumPy has made timedelta64 an integer.
    "durations": _measured(
        (dt.timedelta, np.timedelta64),
        lambda values: _microseconds_of(values, "m"),
        lambda value: str(_duration(value)),
    ),
    "times of day": _measured(
        (dt.time,), _of_day, lambda value: str((dt.datetime.min + _duration(value)).time())
    ),
    "numbers": Family(
        (numbers.Real, np.bool_, Decimal),
        lambda values: np.array([float(v) for v in values]),
        lambda values: [_exact(v) for v in values],
        _number_label,
    ),
}


#: In messages; check_estimator looks for "argument must be ... string ... number".
_TAKEN = f"text (a string), {', '.join([*FAMILIES][1:-1])} or numbers"


class Values(NamedTuple):
    """The values of a column.

    Attributes
    ----------
    family : str
        A key of ``FAMILIES``, or ``ZONED``, ``NOTHING``, ``SEVERAL`` or ``MIXED``.
    data : ndarray
        Of numbers, NaN where missing; or the distinct levels by their keys.
    places : ndarray of int, or None
        The place in ``data`` of each row's level; -1 where it is missing.
    zone : str or None
        The time zone of the dates, which are on its clock.
    precision : dtype or None
        Of levels that were floats of fewer digits than float64.
    spelled : Spelled or None
        What the text spells, see :mod:`.spelled`, where that was looked at.
    of_all : ndarray of int, or None
        Rows of each level, where others have more of them than ``places`` tells of.
    """

    family: str
    data: np.ndarray
    places: np.ndarray | None = None
    zone: str | None = None
    precision: np.dtype | None = None
    spelled: Any = None
    of_all: np.ndarray | None = None

    @property
    def times(self) -> np.ndarray:
        """Rows of each level."""
        if self.of_all is not None:
            return self.of_all
        assert self.places is not None
        return np.bincount(self.places[self.places >= 0], minlength=len(self.data))

    def first(self) -> tuple[str, int]:
        """The first value that is there, as it is shown, and its row."""
        if self.places is None:
            row = int(np.isnan(self.data).argmin())
            return label_of(self.data[row].item(), self.family), row
        row = int((self.places >= 0).argmax())
        return level_shown(self.data[self.places[row]], self.family), row


def nothing(n_rows: int) -> Values:
    """A column in which all is missing."""
    return Values(NOTHING, np.full(n_rows, np.nan))


def measured(family: str, data: np.ndarray) -> Values:
    """A column of numbers; nothing if all of them are missing."""
    if data.dtype.kind == "f" and len(data) and np.isnan(data[0]) and np.isnan(data).all():
        return nothing(len(data))
    return Values(family, data)


def family_of(kind: type) -> str | None:
    """The family of the values of a Python type; None if a column cannot hold them."""
    return next((name for name, f in FAMILIES.items() if issubclass(kind, f.types)), None)


def label_of(key: Any, family: str) -> str:
    """What a level is called, by its key."""
    if family == ZONED:
        return FAMILIES["dates"].label(key) + "Z"
    return FAMILIES[family].label(key) if family in FAMILIES else str(key)


def level_shown(key: Any, family: str) -> str:
    """How a message shows a level, by its key."""
    return quoted(key) if isinstance(key, str) else cut(label_of(key, family))


def is_missing(value: Any) -> bool:
    """None, NaN, NaT, and pandas.NA, which is what comparing it gives."""
    if value is None or isinstance(value, str):
        return value is None
    try:
        different = value != value
    except ArithmeticError:
        # The signaling NaN of Decimal, which cannot be compared.
        return True
    if isinstance(different, (bool, np.bool_)):
        return bool(different)
    return different is value


def as_objects(values: list[Any]) -> np.ndarray:
    """As a one-dimensional array, also of tuples."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def on_one_clock(dates: list[Any], zone: str | None) -> tuple[list[Any], str | None]:
    """Dates without their time zones, by the clock of ``zone`` or else of the first one's; and it.

    Dates that have no zones are left as they are; the zone is None then.
    """
    zones = [getattr(date, "tzinfo", None) for date in dates]
    if all(z is None for z in zones):
        return dates, None
    if any(z is None for z in zones):
        raise ValueError("some have a time zone and some have none")
    own = name_of_zone(zones[0])
    clock = zones[0] if zone is None or zone == own else clock_of_zone(zone)
    return [d.astimezone(clock).replace(tzinfo=None) for d in dates], zone or own


def not_taken(value: Any, row: int, name: str) -> TypeError:
    """The error about a value that no column takes."""
    shown, kind = quoted(value), type(value).__name__
    advice = ADVICE.get(kind, "convert it to one of these, to text for example by astype(str)")
    return TypeError(
        f"Column {name} of X holds {shown} in row {row}, of type {kind}. A value of this argument "
        f"must be {_TAKEN}. Drop the column, or {advice}."
    )
