"""Columns of text that spells something else: numbers, dates, or yes and no.

In: text, and where a later frame holds them the real numbers and dates. Out: numbers with NaN for
what is missing or cannot be read; yes and no are a category of two levels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .families import MIXED, ZONED, Values
from .read_column import ReadColumn
from .spelled import (
    Dates,
    Numbers,
    YesNo,
    are_marks,
    as_real,
    what_it_spells,
    what_text_among_numbers_spells,
)
from .zones import name_of_minutes


def with_what_it_spells(values: Values, name: str, *, levels: bool) -> Values:
    """The values of a column of fit, with what their text spells.

    Parameters
    ----------
    values : Values
    name : str
        Of the column.
    levels : bool
        Whether text may be levels.
    """
    if values.family not in ("text", MIXED) or values.places is None:
        return values
    counts = values.times
    if values.family == "text":
        return values._replace(
            spelled=what_it_spells(values.data.tolist(), counts, name, levels=levels)
        )
    return values._replace(spelled=what_text_among_numbers_spells(values.data.tolist(), counts))


#: Texts of fit that are kept to be shown.
MOST_SHOWN = 4


class SpelledColumn(ReadColumn):
    """What they have in common. Each distinct text is read once.

    Attributes
    ----------
    by : Numbers, Dates or YesNo
        How the text is read.
    """

    #: The class of what reads the text.
    spelled_by: type
    by: Any

    def __init__(self, name: str, values: Values, category: bool | None, declared: bool) -> None:
        super().__init__(name, values)
        found = values.spelled
        self.by, self.n_unread = found.by, found.n_unread
        self.why, self.doubt = found.why, found.doubt
        # In files, text is what all formats bring back.
        known = zip(values.data.tolist(), self.are_missing(found.numbers).tolist(), strict=True)
        self._shown = [str(value) for value, is_missing in known if not is_missing][:MOST_SHOWN]
        n_there = int(values.times.sum())
        self.chance_of_new = (found.n_others + 1.0) / (n_there + 1.0)

    @classmethod
    def takes(cls, values: Values, category: bool | None) -> bool:
        return values.spelled is not None and isinstance(values.spelled.by, cls.spelled_by)

    def values(self, source: Any, j: int) -> Values:
        return source.as_written(j, self.zone)

    @property
    def keys(self) -> list[Any]:
        return self._shown

    def are_there(self, values: Values) -> np.ndarray:
        marks = are_marks([key if isinstance(key, str) else "." for key in values.data.tolist()])
        return super().are_there(values) & ~np.append(marks, False)[values.places]

    def accepts(self, family: str) -> bool:
        return family == "text" or self.accepts_real(family)

    def accepts_real(self, family: str) -> bool:
        """Whether values that are no text are what the text spells."""
        raise NotImplementedError

    def numbers(self, values: Values) -> np.ndarray:
        if values.places is None:
            return self.of_real(values.data)
        if values.spelled is not None:
            known = values.spelled.numbers
        else:
            known = self.of_distinct(values.data.tolist())
        # The last one is for the place -1.
        return np.append(known, self.missing)[values.places]

    def of_distinct(self, values: list[Any]) -> np.ndarray:
        """The numbers of distinct values, of which some are text."""
        return self.by.read(values)

    def of_real(self, numbers: np.ndarray) -> np.ndarray:
        """Those of real numbers and dates."""
        return numbers


class SpelledNumberColumn(SpelledColumn):
    """Text that spells numbers; real numbers are what it spells."""

    spelled_by = Numbers

    def accepts_real(self, family: str) -> bool:
        return family in ("numbers", MIXED)

    def of_distinct(self, values: list[Any]) -> np.ndarray:
        texts = self.by.read([v if isinstance(v, str) else "" for v in values])
        pairs = zip(values, texts.tolist(), strict=True)
        return np.array([text if isinstance(v, str) else as_real(v) for v, text in pairs])


class SpelledDateColumn(SpelledColumn):
    """Text that spells dates or times of day: microseconds by one clock."""

    spelled_by = Dates
    kind = "date"

    def __init__(self, name: str, values: Values, category: bool | None, declared: bool) -> None:
        super().__init__(name, values, category, declared)
        if self.by.zone is not None:
            self.zone = name_of_minutes(self.by.zone)

    def accepts_real(self, family: str) -> bool:
        dates = ZONED if self.zone is not None else "dates"
        return family == (dates if self.by.family == "dates" else self.by.family)


class YesNoColumn(SpelledColumn):
    """Text that says yes or no, whatever its case: a category of two levels."""

    spelled_by = YesNo
    kind = "category"
    missing = 0.0
    is_small = True

    def __init__(self, name: str, values: Values, category: bool | None, declared: bool) -> None:
        super().__init__(name, values, category, declared)
        self.levels = self.by.levels

    def accepts_real(self, family: str) -> bool:
        return family == "numbers"

    def of_real(self, numbers: np.ndarray) -> np.ndarray:
        return np.where((numbers == 0) | (numbers == 1), numbers + 1.0, self.missing)
