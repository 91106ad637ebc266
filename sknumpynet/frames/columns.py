"""What the columns of X were in fit, and how their values become numbers: one class per kind.

In: the values of a column. Out: one or more numbers for each row: NaN for a missing number or date,
the code 0 for a missing or unknown level. Values of another type than in fit are an error. A new
kind is one class and its place in ``COLUMNS``.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ..packed import packed, unpacked
from .families import MIXED, NOTHING, SEVERAL, ZONED, Values, family_of, label_of, nothing
from .free_text import FreeTextColumn
from .read_column import DEFAULTS, ReadColumn, ReadOptions, mixed
from .spelled_columns import SpelledDateColumn, SpelledNumberColumn, YesNoColumn

#: From this code on float32 has gaps.
MOST_LEVELS = 2**24


class LeftOutColumn(ReadColumn):
    """A column that nothing was learned from. It is not read: zeros, whatever it holds."""

    kind = "left out"
    is_small = True

    def __init__(self, column: ReadColumn) -> None:
        super().__init__(column.name, nothing(0))
        self.width, self.why, self.n_unread = column.width, column.why_left_out, column.n_unread
        self.why_left_out = self.why

    def read(self, source: Any, j: int) -> float:
        return 0.0


class EmptyColumn(ReadColumn):
    """A column that had no value. Numbers are taken later; all else, and levels, are missing."""

    kind = "empty"

    def __init__(self, name: str, values: Values, category: bool | None, declared: bool) -> None:
        super().__init__(name, values, category, declared)
        self.is_plain = not category
        if category:
            self.kind, self.missing = CategoryColumn.kind, CategoryColumn.missing

    @staticmethod
    def takes(values: Values, category: bool | None) -> bool:
        return values.family == NOTHING

    def accepts(self, family: str) -> bool:
        return True

    def numbers(self, values: Values) -> Any:
        return values.data if values.family == "numbers" and not self.category else self.missing


class NumberColumn(ReadColumn):
    """A number stays a number; durations are numbers of microseconds."""

    def __init__(self, name: str, values: Values, category: bool | None, declared: bool) -> None:
        super().__init__(name, values, category, declared)
        self.is_plain = self.family == "numbers"

    @staticmethod
    def takes(values: Values, category: bool | None) -> bool:
        return not category and values.family in ("numbers", "durations")

    def refuses(self, what: str, family: str, label: str) -> Exception:
        if (self.family, family) != ("numbers", "text"):
            return super().refuses(what, family, label)
        return ValueError(
            f"Column {label} of X holds {what}, but it held numbers in fit. Convert it to numbers, "
            "by pandas.to_numeric for example."
        )


class DateColumn(ReadColumn):
    """A date, a date with time, or a time of day: microseconds by the clock of its zone."""

    kind = "date"

    @staticmethod
    def takes(values: Values, category: bool | None) -> bool:
        return not category and values.family in ("dates", ZONED, "times of day")


class CategoryColumn(ReadColumn):
    """A category becomes its code: 1 to m by the sorted levels, 0 for missing and unknown.

    Levels are told apart by their exact values, integers of any size too. Only where one of the two
    had fewer digits than float64, fractions are compared with these.
    """

    why_left_out = "nearly every row is a level of its own"

    kind = "category"
    missing = 0.0
    is_small = True

    def __init__(self, name: str, values: Values, category: bool | None, declared: bool) -> None:
        super().__init__(name, values, True, declared)
        self._precision = values.precision
        known = _in_order(list(dict.fromkeys(values.data.tolist())))
        if len(known) >= MOST_LEVELS:
            raise ValueError(f"Column {name} of X has {len(known)} levels: too many.")
        self._levels = packed(known)
        self._know(known)
        if values.spelled is not None:
            self.why, self.doubt = values.spelled.why, values.spelled.doubt

    def _know(self, levels: list[Any]) -> None:
        self._known = {key: i + 1 for i, key in enumerate(levels)}
        self.levels = _labels(levels, self.family, self._precision)

    def expect(self, values: Values) -> None:
        """Learn from the values of all rows how often a level is to be expected that is new.

        That is about the share of the rows whose level no other has: Good (1953), "The population
        frequencies of species and the estimation of population parameters".
        """
        if values.places is not None:
            times = values.times
            self.chance_of_new = float(np.sum(times == 1) + 1) / float(times.sum() + 1)

    @property
    def keys(self) -> list[Any]:
        return list(self._known)

    # The state holds no dict of levels: formats that are no pickles take text for keys, and have
    # given back True for False, and one level for 1 and "1". Its arrays are those of the column, so
    # that the file of several models has them once.

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in ("_known", "levels")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._know(unpacked(self._levels))

    @staticmethod
    def takes(values: Values, category: bool | None) -> bool:
        return bool(category or (category is None and values.family == "text"))

    def accepts(self, family: str) -> bool:
        return family == self.family or SEVERAL in (family, self.family)

    def numbers(self, values: Values) -> np.ndarray:
        codes = [self._known.get(key, 0) for key in values.data.tolist()]
        coarser = [p for p in (self._precision, values.precision) if p is not None]
        if coarser:
            codes = self._by_rounded(codes, values, min(coarser, key=lambda p: p.itemsize))
        # The last one is for the place -1.
        return np.array([*codes, 0], dtype=np.float32)[values.places]

    def _by_rounded(self, codes: list[int], values: Values, precision: np.dtype) -> list[int]:
        """Codes of fractions that were not found by all their digits."""
        rounded: dict[float, int] = {}
        for key, code in self._known.items():
            if _is_fraction(key):
                # Of two levels that become one it is neither.
                number = _rounded(key, precision)
                rounded[number] = 0 if number in rounded else code
        return [
            code or (rounded.get(_rounded(key, precision), 0) if _is_fraction(key) else 0)
            for code, key in zip(codes, values.data.tolist(), strict=True)
        ]


#: The kinds of columns. A column is of the first kind that takes it.
COLUMNS: tuple[type[ReadColumn], ...] = (
    EmptyColumn,
    SpelledNumberColumn,
    SpelledDateColumn,
    YesNoColumn,
    FreeTextColumn,
    CategoryColumn,
    NumberColumn,
    DateColumn,
)

TEXT_WHERE = (
    "It is taken where categorical_features names the column; otherwise it must hold numbers or "
    "dates, or text that spells them"
)


def column_for(
    values: Values,
    levels: Values | None,
    category: bool | None,
    name: str,
    label: str,
    options: ReadOptions = DEFAULTS,
) -> ReadColumn:
    """A column that is seen for the first time.

    Parameters
    ----------
    values : Values
    levels : Values or None
        Those of a category dtype.
    category : bool or None
        Whether the column is one; None: as the dtype says.
    name : str
    label : str
        Its name in messages.
    options : ReadOptions
    """
    if category is None and levels is not None:
        category = True
    declared = bool(category) and levels is not None
    learned = levels if declared and levels is not None else values
    for kind in COLUMNS:
        column = kind.learned(name, learned, category, declared, options)
        if isinstance(column, CategoryColumn):
            column.expect(values)
        if column is not None:
            return column
    if values.family == MIXED:
        raise mixed(values, label)
    shown, row = values.first()
    doubt = f" It {values.spelled.doubt}." if values.spelled and values.spelled.doubt else ""
    raise ValueError(
        f"Column {label} of X holds {values.family} ({shown} in row {row}). {TEXT_WHERE}.{doubt}"
    )


def _in_order(levels: list[Any]) -> list[Any]:
    try:
        return sorted(levels)
    except TypeError:
        return sorted(levels, key=lambda v: (str(family_of(type(v))), repr(v)))


def _labels(levels: list[Any], family: str, precision: np.dtype | None) -> tuple[str, ...]:
    """A label for each level; where two would be the same, Python's way to write them."""
    if family == "text":
        return tuple(levels)
    shown = levels
    if precision is not None:
        # 0.1 in float32 is 0.10000000149011612.
        shown = [precision.type(v) if _is_fraction(v) else v for v in levels]
    labels = [label_of(v, family) for v in shown]
    several = {label for label, n in Counter(labels).items() if n > 1}
    pairs = zip(labels, levels, strict=True)
    return tuple(repr(v) if label in several else label for label, v in pairs)


def _is_fraction(key: Any) -> bool:
    return isinstance(key, float) and not key.is_integer()


def _rounded(key: float, precision: np.dtype) -> float:
    return float(precision.type(key))
