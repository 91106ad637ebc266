"""What the columns of X were in fit, and how their values become numbers: one class per kind.

In: the values of a column. Out: a number for each row: NaN for a missing number or date, the code 0
for a missing or unknown level. Values of another type than in fit are an error.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .values import NOTHING, SEVERAL, ZONED, Values, family_of

#: From this code on float32 has gaps.
MOST_LEVELS = 2**24


class ReadColumn:
    """A column as it was learned.

    Attributes
    ----------
    name : str
    kind : {"number", "category", "date", "left out"}
    family : str
        What its values are, see :mod:`.values`.
    zone : str or None
        Time zone of the dates.
    levels : tuple of str
        Labels of the codes 1, 2, ...
    declared : bool
        Whether the levels are those of a category dtype.
    """

    kind = "number"
    levels: tuple[str, ...] = ()
    declared = False

    def __init__(self, name: str, family: str = "numbers", zone: str | None = None) -> None:
        self.name, self.family, self.zone = name, family, zone

    def read(self, values: Values, label: str) -> np.ndarray:
        """The column's numbers; ``label`` is its name in messages."""
        if values.family not in (self.family, NOTHING):
            raise self._another_type(values, label)
        return values.data

    def _another_type(self, values: Values, label: str) -> Exception:
        value, row = values.first()
        held = f"Column {label} of X holds {values.family} ({_shown(value, values)} in row {row})"
        if (self.family, values.family) == ("numbers", "text"):
            return ValueError(
                f"{held}. It is taken where categorical_features names the column; otherwise it "
                f"must hold numbers, as in fit."
            )
        return TypeError(f"{held}, but it held {self.family} in fit. Convert it to the same type.")


class LeftOutColumn(ReadColumn):
    """A column that nothing was learned from. It is not read: zeros, whatever it holds."""

    kind = "left out"


class NumberColumn(ReadColumn):
    """A number stays a number; durations are numbers of microseconds."""


class DateColumn(ReadColumn):
    """A date, a date with time, or a time of day: microseconds by the clock of its zone."""

    kind = "date"


class CategoryColumn(ReadColumn):
    """A category becomes its code: 1 to m by the sorted levels, 0 for missing and unknown.

    Parameters
    ----------
    name : str
    values : Values
        The levels to know, also several times.
    declared : bool
    """

    kind = "category"

    def __init__(self, name: str, values: Values, declared: bool) -> None:
        super().__init__(name, values.family)
        self.declared = declared
        if values.places is None:
            # Sorted, to be searched; a dict for the others.
            found = values.data[~np.isnan(values.data)].astype(np.float64)
            self._known: Any = np.unique(found)
        else:
            self._known = {v: i + 1 for i, v in enumerate(_in_order(values.data.tolist()))}
        if len(self._known) >= MOST_LEVELS:
            raise ValueError(f"Column {name} of X has {len(self._known)} levels: too many.")

    @property
    def levels(self) -> tuple[str, ...]:  # type: ignore[override]
        if isinstance(self._known, dict):
            return tuple(map(str, self._known))
        return tuple(_label(value, self.family) for value in self._known.tolist())

    def read(self, values: Values, label: str) -> np.ndarray:
        """The code of each row's level."""
        if NOTHING in (self.family, values.family):
            n = len(values.data if values.places is None else values.places)
            return np.zeros(n, dtype=np.float32)
        if isinstance(self._known, dict):
            return self._look_up(values, label)
        if values.family != self.family:
            raise self._another_type(values, label)
        place = np.searchsorted(self._known, values.data)
        place[place == len(self._known)] = 0
        return np.where(self._known[place] == values.data, place + 1, 0).astype(np.float32)

    def _look_up(self, values: Values, label: str) -> np.ndarray:
        several = SEVERAL in (self.family, values.family)
        if values.family != self.family and not several:
            raise self._another_type(values, label)
        codes = np.array([self._known.get(v, 0) for v in values.data.tolist()] + [0], np.float32)
        # Of several kinds, numbers come row by row, and text with the place of each row.
        return codes[:-1] if values.places is None else codes[values.places]


def _in_order(levels: list[Any]) -> list[Any]:
    try:
        return sorted(levels)
    except TypeError:
        return sorted(levels, key=lambda v: (str(family_of(type(v))), repr(v)))


def _label(value: float, family: str) -> str:
    if family.startswith("dates"):
        return str(np.datetime64(int(value), "us").astype("M8[s]"))
    return str(int(value)) if value.is_integer() else repr(value)


def _shown(value: Any, values: Values) -> str:
    return _label(float(value), values.family) if values.places is None else repr(value)


def column_for(values: Values, levels: Values | None, category: bool | None, name: str) -> Any:
    """The class of a column seen for the first time.

    ``levels`` are those of a category dtype. ``category`` says whether the column is one; None: as
    the dtype says.
    """
    if category is None:
        category = levels is not None or values.family == "text"
    # Of a column without values and type nothing is known: whatever comes later is unknown.
    if category or values.family == NOTHING:
        return CategoryColumn(name, values if levels is None else levels, levels is not None)
    if values.family in ("dates", ZONED, "times of day"):
        return DateColumn(name, values.family, values.zone)
    return NumberColumn(name, "durations" if values.family == "durations" else "numbers")
