"""Levels that fit has not seen: of categories in which most rows, or all of them, have no others.

Of columns of text that is read as numbers or dates: text that cannot be read so.

In: a table, block by block, and the X that it was read from. Out: a warning that names the columns.
A level that is new here and there is nothing to be told of: the share of them that was to be
expected is known from fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..telling import warn
from .families import NOTHING, Values, level_shown
from .read_column import ReadColumn
from .sources import source_of

#: What is less likely than this by the levels of fit is told.
TOO_UNLIKELY = 1e-4

#: Rows of which most have new levels say something if they are as many.
FEWEST_ROWS = 10

#: Levels that a message shows of each side, and columns that it shows levels of.
SHOWN = 3


class New(NamedTuple):
    """A category of which too many rows have levels that fit has not seen.

    Attributes
    ----------
    label : str
        What messages call the column.
    n_there, n_new : int
        Rows that have a level, and those that have a new one.
    new, known : tuple of str
        Some of the levels here, and of those of fit, as they are shown.
    is_level : bool
        Whether they are levels; else text that spells something.
    """

    label: str
    n_there: int
    n_new: int
    new: tuple[str, ...]
    known: tuple[str, ...]
    is_level: bool

    def __str__(self) -> str:
        what = "are new" if self.is_level else "cannot be read"
        return (
            f"column {self.label} holds {', '.join(self.new)} ({self.n_new} of {self.n_there} "
            f"values {what}), fit saw {', '.join(self.known)}"
        )


class Levels:
    """Counts the rows of a table that have a level of fit, in each category.

    Parameters
    ----------
    columns : sequence of ReadColumn
        What the columns of X are.
    """

    def __init__(self, columns: Sequence[ReadColumn] = ()) -> None:
        # The number of the column in X and in the table.
        self._columns: list[tuple[int, int, ReadColumn]] = []
        start = 0
        for j, column in enumerate(columns):
            if column.chance_of_new < 1.0:
                self._columns.append((j, start, column))
            start += column.width
        self._n_known = [0] * len(self._columns)
        self._n_rows = 0

    def count(self, table: Any) -> Any:
        """Count those of a block of the table, which is given back."""
        if self._columns:
            self._n_rows += table.shape[0]
            for i, (_, start, column) in enumerate(self._columns):
                self._n_known[i] += int(np.count_nonzero(~column.are_missing(table[:, start])))
        return table

    def warn_if_new(self, X: Any, estimator: Any = None) -> None:
        """Warn of categories of X, all of whose rows have levels that fit has not seen.

        Fewer rows say nothing where new levels were to be expected.
        """
        found = self._too_new(X, estimator, most=False)
        levels = [new for new in found if new.is_level]
        unread = [new for new in found if not new.is_level]
        if levels:
            warn(
                f"X holds only levels that fit has not seen: {_list(levels)}. They count as "
                "unknown. Write them as in fit; capitals and blanks matter."
            )
        if unread:
            warn(
                f"X holds only text that cannot be read as that of fit: {_list(unread)}. It counts "
                "as missing. Write it as in fit."
            )

    def warn_if_not_alike(self, X_val: Any, estimator: Any = None) -> None:
        """Warn of categories of X_val, most of whose rows have levels that X does not have."""
        found = self._too_new(X_val, estimator, most=True)
        if found:
            warn(
                f"X_val does not look like X: {_list(found)}. What X does not have counts as "
                "unknown. Write it as in X; capitals and blanks matter."
            )

    def _too_new(self, X: Any, estimator: Any, *, most: bool) -> list[New]:
        """The categories with new levels in all rows, or in ``most``."""
        limit = self._n_rows // 2 if most else 0
        suspect = [pair for pair, n in zip(self._columns, self._n_known, strict=True) if n <= limit]
        if not most:
            # If all rows are there; fewer are told of less.
            n = self._n_rows
            suspect = [pair for pair in suspect if pair[2].chance_of_new ** n < TOO_UNLIKELY]
        if not suspect or not self._n_rows:
            return []
        # Read once more: nearly always there is none, and else most of it may be missing.
        source, found = source_of(X, estimator), []
        for j, _, column in suspect:
            values = column.values(source, j)
            if values.places is not None:
                new = _new(column, values, source.labels[j])
                n, of_all = new.n_there, new.n_new == new.n_there
                told = of_all and column.chance_of_new**n < TOO_UNLIKELY
                if most and n >= FEWEST_ROWS:
                    told |= new.n_new > max(0.5, 2 * column.chance_of_new) * n
                if told:
                    found.append(new)
        return found


def warn_if_lost(columns: Sequence[ReadColumn], X: Any, estimator: Any = None) -> None:
    """Warn of columns that showed no level or a single one to be learned, and now hold others.

    Or none at all, and now hold something else than numbers, which alone are taken then.
    """
    narrow = [
        (j, column)
        for j, column in enumerate(columns)
        if column.kind in ("category", "empty") and len(column.levels) < 2
    ]
    if not narrow:
        return
    source, lost = source_of(X, estimator), []
    for j, column in narrow:
        values, label = column.values(source, j), source.labels[j]
        if values.family == NOTHING or (values.family == "numbers" and not column.category):
            continue
        if values.places is None:
            # Dates, in a column that was empty.
            lost.append(label)
            continue
        new = _new(column, values, label)
        of_all = new.n_new == new.n_there
        if new.n_new and not (of_all and column.chance_of_new**new.n_there < TOO_UNLIKELY):
            lost.append(label)
    if lost:
        several = len(lost) > 1
        warn(
            f"Column{'s' if several else ''} {', '.join(lost)} of X showed no level, or one, in "
            "the first rows that were fitted. What has come since counts as one unknown level, or "
            "as missing. Begin with rows that show it, or declare all levels by a category dtype."
        )


def _new(column: ReadColumn, values: Values, label: str) -> New:
    places = values.places if values.places is not None else np.zeros(0, dtype=np.intp)
    there = column.are_there(values)
    is_new = there & column.are_missing(column.numbers(values))
    # In the order of the rows.
    keys = dict.fromkeys(places[np.flatnonzero(is_new)].tolist())
    shown = [level_shown(values.data[key], values.family) for key in list(keys)[: SHOWN + 1]]
    known = [level_shown(key, column.family) for key in column.keys[: SHOWN + 1]]
    n_there, n_new, is_level = int(there.sum()), int(is_new.sum()), column.category
    return New(label, n_there, n_new, _with_dots(shown), _with_dots(known), is_level)


def _with_dots(shown: list[str]) -> tuple[str, ...]:
    return tuple(shown) if len(shown) <= SHOWN else (*shown[:SHOWN], "...")


def _list(found: list[New]) -> str:
    told = "; ".join(map(str, found[:SHOWN]))
    others = [new.label for new in found[SHOWN:]]
    return f"{told}; so do columns {', '.join(others)}" if others else told
