"""Telling the values of a column apart: which there are, and which of them each row has.

In: a column as parts, each a list of Python objects or an array. Out: :class:`~.families.Values`,
numbers for each row or the distinct levels. It takes time in proportion to rows and levels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..quoting import quoted, told
from .families import (
    FAMILIES,
    MIXED,
    SEVERAL,
    ZONED,
    Values,
    as_objects,
    family_of,
    is_missing,
    microseconds,
    not_taken,
    nothing,
    on_one_clock,
)


class SomeRows:
    """Some rows of a column.

    Parameters
    ----------
    values : list or ndarray
    missing : ndarray of bool, optional
        Rows that are missing, which have no value in ``values``; others may be missing by value.
    """

    def __init__(self, values: Any, missing: np.ndarray | None = None) -> None:
        if isinstance(values, np.ndarray) and values.dtype.kind not in "biufMm":
            values = values.tolist()
        self.values, self._missing = values, missing
        self.kind = values.dtype.kind if isinstance(values, np.ndarray) else "O"

    def places(self, known: dict[Any, int]) -> np.ndarray:
        """The place in ``known`` of each row's value, which is added there; -1 without value."""
        if self.kind == "O":
            for value in dict.fromkeys(self.values):
                known.setdefault(value, len(known))
            found = np.fromiter(map(known.__getitem__, self.values), np.int32, len(self.values))
        else:
            values = microseconds(self.values) if self.kind in "Mm" else self.values
            distinct, inverse = np.unique(values, return_inverse=True)
            codes = [known.setdefault(value, len(known)) for value in distinct.tolist()]
            found = np.array(codes, dtype=np.int32)[inverse]
        if self._missing is None:
            return found
        places = np.full(len(self._missing), -1, dtype=np.int32)
        places[~self._missing] = found
        return places

    def not_hashable(self, start: int, name: str) -> TypeError:
        """The error about the first value that cannot be told apart; ``start``: rows before."""
        there = np.ones(len(self.values), bool) if self._missing is None else ~self._missing
        for row, value in zip(np.flatnonzero(there).tolist(), self.values, strict=True):
            try:
                hash(value)
            except TypeError:
                return not_taken(value, start + row, name)
        raise AssertionError("all values can be told apart")


def tell_apart(
    parts: Iterable[SomeRows],
    name: str,
    *,
    category: bool,
    declared: bool = False,
    zone: str | None = None,
) -> Values:
    """The values of a column.

    Parameters
    ----------
    parts : iterable of SomeRows
    name : str
        Of the column, for messages.
    category : bool
        Whether they are levels. Otherwise they are measured, but for text.
    declared : bool
        Whether they are of a category dtype, which may hold levels of several kinds.
    zone : str, optional
        Dates with a time zone are told by its clock; default: that of the first one. As levels they
        are instants in UTC.
    """
    known: dict[Any, int] = {}
    found: list[np.ndarray] = []
    family = precision = None
    for part in parts:
        try:
            found.append(part.places(known))
        except TypeError:
            raise part.not_hashable(sum(map(len, found)), name) from None
        family = {"M": "dates", "m": "durations"}.get(part.kind)
        if part.kind == "f" and part.values.dtype.itemsize < 8:
            precision = part.values.dtype
    places = found[0] if len(found) == 1 else np.concatenate(found)
    if set(map(type, known)) == {str}:
        # As most often: nothing is missing by value, and there is one family.
        return Values("text", as_objects(list(known)), places)
    keys, places = _of_those_there(list(known), places)
    if not keys:
        return nothing(len(places))
    if family is not None:
        # They are measured already.
        return _settled(family, keys, places, category, list, np.array)
    families = {family_of(kind) for kind in set(map(type, keys))}
    if families == {"text"}:
        return Values("text", as_objects(keys), places)
    if families == {"text", "numbers"} and not category:
        return Values(MIXED, as_objects(keys), places)
    family = families.pop()
    if families or family is None:
        if declared:
            return Values(SEVERAL, as_objects(keys), places)
        raise not_of_one_family(keys, places, name)
    try:
        return _of_objects(family, keys, places, category, zone)._replace(precision=precision)
    except (ArithmeticError, ValueError, TypeError) as error:
        row = int((places >= 0).argmax())
        raise ValueError(
            f"Column {name} of X holds {family} as Python objects ({quoted(keys[places[row]])} in "
            f"row {row}), which cannot be read as they are: {told(error)}. Convert the column to a "
            f"dtype for {family}."
        ) from None


def _of_those_there(keys: list[Any], places: np.ndarray) -> tuple[list[Any], np.ndarray]:
    there = np.array([type(key) is str or not is_missing(key) for key in keys], dtype=bool)
    if there.all():
        return keys, places
    # The last one is for the place -1.
    place = np.append(np.where(there, np.cumsum(there) - 1, -1), -1).astype(np.int32)
    return [key for key, t in zip(keys, there, strict=True) if t], place[places]


def _of_objects(
    family: str, objects: list[Any], places: np.ndarray, category: bool, zone: str | None
) -> Values:
    own, clock = FAMILIES[family], None
    if family == "dates":
        objects, clock = on_one_clock(objects, "UTC" if category else zone)
    shown = family if clock is None else ZONED
    values = _settled(shown, objects, places, category, own.levels, own.measure)
    return values._replace(zone=clock)


def _settled(
    family: str,
    keys: list[Any],
    places: np.ndarray,
    category: bool,
    levels: Callable,
    measure: Callable | None,
) -> Values:
    """As levels, or as numbers for each row."""
    if category or measure is None:
        return Values(family, as_objects(levels(keys)), places)
    return Values(family, np.append(measure(keys), np.nan)[places])


def not_of_one_family(keys: list[Any], places: np.ndarray, name: str) -> TypeError:
    """The error about the first value that no column takes, or that is not like the first one."""
    families = [family_of(type(key)) for key in keys]
    rows = np.flatnonzero(places >= 0)
    first = int(rows[0])
    wrong = [family is None for family in families]
    if not any(wrong):
        wrong = [family != families[places[first]] for family in families]
    row = int(rows[np.array(wrong)[places[rows]].argmax()])
    value, begin = keys[places[row]], keys[places[first]]
    if family_of(type(value)) is None:
        return not_taken(value, row, name)
    kinds = f"{families[places[first]]} and {families[places[row]]}"
    return TypeError(
        f"Column {name} of X mixes {kinds}: {quoted(begin)} in row {first}, {quoted(value)} in row "
        f"{row}. Make it one of them, text for example by astype(str)."
    )
