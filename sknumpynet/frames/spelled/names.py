"""Text of digits that names things: levels, codes, numbers of rows. It stays a category.

In: the numbers of a column of text, how they are spelled and how many rows have each. Out: the rule
by which they are names, if they are. Nothing that says of itself that it is a quantity is asked: a
fraction, a unit, a currency, a mark of thousands, a sign.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from .number_parts import MEASURES, Parts
from .numbers import FoundNumbers

#: Whole numbers of at most so many values, of which each has this many rows on average.
FEW, LEAST_REPEATED = 20, 5

#: Of the rows, so many with a leading zero are enough.
LEAST_PADDED = 0.01

#: Numbers that all have so many digits are codes; those of years and revolutions have fewer.
LEAST_DIGITS = 5

#: Of codes, fewer end in two zeros; amounts are often round.
MOST_ROUND = 0.2

#: From so many rows on, a row each of numbers without large gaps are the rows' own.
LEAST_ROWS = 30

#: Whole numbers that may be years, of which each row may have its own.
YEARS = (1800, 2100)

#: What a column of names is called, in English.
_NAME = re.compile(
    r"(?:^|[\W_]|(?<=[a-z]))(?:id|ids|uid|zip|zip[\W_]?code|post[\W_]?code|postal[\W_]?code|code|"
    r"codes|phone|fax|isbn|ean|upc|ssn|fips|pid)$",
    re.IGNORECASE,
)


class WholeNumbers(NamedTuple):
    """A column of whole numbers that are spelled by digits alone.

    Attributes
    ----------
    digits : list of str
        Of each number, without a fraction of zeros.
    numbers : ndarray
    counts : ndarray
        Rows of each.
    name : str
        Of the column.
    """

    digits: list[str]
    numbers: np.ndarray
    counts: np.ndarray
    name: str


def _are_padded(column: WholeNumbers) -> bool:
    padded = [len(d) > 1 and d[0] == "0" for d in column.digits]
    return bool(column.counts[padded].sum() > LEAST_PADDED * column.counts.sum())


def _are_few(column: WholeNumbers) -> bool:
    n = len(np.unique(column.numbers))
    return n <= FEW and column.counts.sum() >= LEAST_REPEATED * n


def _number_rows(column: WholeNumbers) -> bool:
    n_rows, numbers = column.counts.sum(), column.numbers
    low, high = numbers.min(), numbers.max()
    if n_rows < LEAST_ROWS or (low >= YEARS[0] and high <= YEARS[1]):
        return False
    return bool(column.counts.max() == 1 and high - low < 2 * n_rows)


def _are_called_names(column: WholeNumbers) -> bool:
    # "paid" is a number: a word before "id" ends where that begins with a capital letter.
    found = _NAME.search(column.name)
    if not found:
        return False
    word = found[0].lstrip("_-. ")
    before = column.name[: len(column.name) - len(word)]
    return not before[-1:].isalpha() or word[0].isupper()


def _are_codes(column: WholeNumbers) -> bool:
    lengths = {len(d) for d in column.digits}
    if len(lengths) > 1 or lengths.pop() < LEAST_DIGITS:
        return False
    rounded = column.numbers % 100 == 0
    return bool(column.counts[rounded].sum() <= MOST_ROUND * column.counts.sum())


#: The rules, and for a message what they found. The last ones may be wrong, and are told.
CERTAIN: dict[str, Callable[[WholeNumbers], bool]] = {
    "numbers with leading zeros are names": _are_padded,
    "few whole numbers are names": _are_few,
    "whole numbers, of which every row has its own without gaps, number the rows": _number_rows,
}
DOUBTFUL: dict[str, Callable[[WholeNumbers], bool]] = {
    "whole numbers in a column of this name are names": _are_called_names,
    "whole numbers that all have as many digits are codes": _are_codes,
}


class Names(NamedTuple):
    """The rule by which numbers are names, and whether it may be wrong."""

    rule: str
    is_doubtful: bool


def rule_of_names(found: FoundNumbers, counts: np.ndarray, name: str) -> Names | None:
    """By which rule the numbers of a column of text are names; None if they are numbers.

    Parameters
    ----------
    found : FoundNumbers
    counts : ndarray
        Rows of each text.
    name : str
        Of the column.
    """
    read = ~np.isnan(found.numbers)
    if _are_bounds(found.parts, read):
        return Names("few numbers, some of them bounds, are names", False)
    unit = found.by.unit
    if unit and unit not in MEASURES and _are_few(_whole(found, read, counts, name)):
        return Names(f"few numbers with {unit!r} behind them are names", False)
    digits = _digits(found.parts, read)
    if digits is None:
        return None
    column = _whole(found, read, counts, name)._replace(digits=digits)
    for rules, is_doubtful in ((CERTAIN, False), (DOUBTFUL, True)):
        for rule, holds in rules.items():
            if holds(column):
                return Names(rule, is_doubtful and len(digits) > FEW)
    return None


def _whole(found: FoundNumbers, read: np.ndarray, counts: np.ndarray, name: str) -> WholeNumbers:
    return WholeNumbers([], found.numbers[read], counts[read], name)


def _are_bounds(parts: Sequence[Parts | None], read: np.ndarray) -> bool:
    """Whether they are few, as "< 1 year", "1 year" and "10+ years", where 1 is said twice."""
    there = [p for p, r in zip(parts, read.tolist(), strict=True) if r and p is not None]
    bounds = sum(p.bound for p in there)
    return len(there) <= FEW and 0 < bounds < len(there) / 2


def _digits(parts: Sequence[Parts | None], read: np.ndarray) -> list[str] | None:
    """The digits of whole numbers; None if one of them is more than its digits."""
    found = []
    for p, is_read in zip(parts, read.tolist(), strict=True):
        if p is None or not is_read:
            continue
        # The text of a float.
        digits = p.digits[:-2] if p.digits.endswith(".0") else p.digits
        if not (p.bare and digits.isdecimal()):
            return None
        found.append(digits)
    return found
