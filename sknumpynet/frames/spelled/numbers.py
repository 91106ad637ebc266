"""Text that spells numbers: money, thousands, percent, numbers with a unit.

In: the distinct texts of a column. Out: how they are to be read, one way for all of them, and the
numbers. One pair of marks for thousands and fractions, one currency and one unit are taken; what
does not fit is missing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .marks import Share
from .number_parts import Parts, parts_of

#: Marks of thousands and fractions, in the order in which they are tried.
MARKS = ((",", "."), (".", ","), (" ", "."), (" ", ","), ("'", "."), ("'", ","))

#: Texts that are looked at first, and the part of them that must be numbers.
LOOK, LEAST = 200, 0.2

#: From so many on that have three digits behind a point, and none that has another number of
#: digits, the point is one of thousands where whole numbers below 1000 have none.
LEAST_THOUSANDS = 5

_SAME_MARK = str.maketrans({"’": "'", "\u00a0": " ", "\u2009": " ", "\u202f": " "})
_BY_POINT = re.compile(r"[1-9]\d{0,2}\.\d{3}")


@cache
def _form(thousands: str, decimal: str) -> re.Pattern[str]:
    """Digits with these marks; in India groups of two stand before the last one of three."""
    t, d = re.escape(thousands), re.escape(decimal)
    group = r"\d{2,3}" if thousands == "," else r"\d{3}"
    return re.compile(rf"(?:[1-9]\d{{0,2}}(?:{t}{group})*{t}\d{{3}}|\d+)(?:{d}\d*)?|{d}\d+")


@dataclass(frozen=True)
class Numbers:
    """How the numbers of a column are spelled.

    Parameters
    ----------
    thousands, decimal : str
        The marks.
    unit : str
        What may stand behind them.
    currency : str
        Which may stand before or behind them.
    """

    thousands: str = ","
    decimal: str = "."
    unit: str = ""
    currency: str = ""

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """The numbers of the texts; NaN where they spell none."""
        return self.numbers([parts_of(text) for text in texts])

    def numbers(self, parts: Sequence[Parts | None]) -> np.ndarray:
        """The same of texts that are taken apart."""
        return np.array([math.nan if p is None else self._number(p) for p in parts])

    def _number(self, parts: Parts) -> float:
        if parts.currency not in ("", self.currency) or parts.unit not in ("", self.unit):
            return math.nan
        digits = parts.digits
        if not (self.decimal == "." and digits.replace(".", "", 1).isdecimal()):
            digits = digits.translate(_SAME_MARK)
            if not _form(self.thousands, self.decimal).fullmatch(digits):
                return math.nan
            digits = digits.replace(self.thousands, "").replace(self.decimal, ".")
        number = float(digits) * parts.factor
        # Nothing is said of what 5 is among percents, nor of 5 thousand among sizes of files.
        odd = abs(parts.factor) != 1.0 or self.unit in ("%", "‰")
        if self.unit and not parts.unit and odd and number:
            return math.nan
        return math.nan if math.isinf(number) else number

    @property
    def told(self) -> str:
        """How they are read, for a sentence."""
        said = []
        if self.thousands != ",":
            mark = "a blank" if self.thousands == " " else f"{self.thousands!r}"
            said.append(f"thousands mark {mark}, decimal mark {self.decimal!r}")
        if self.currency:
            said.append(f"currency {self.currency}")
        if self.unit:
            said.append(f"unit {self.unit!r}")
        return ", ".join(said)


@dataclass(frozen=True)
class FoundNumbers:
    """How a column is read, its numbers, and what is to be said of them.

    Attributes
    ----------
    by : Numbers
    numbers : ndarray
        Of each text.
    parts : sequence
        Of each text; None where it is no number.
    share : Share
    doubt : str
    """

    by: Numbers
    numbers: np.ndarray
    parts: Sequence[Parts | None]
    share: Share
    doubt: str = ""


def find_numbers(texts: Sequence[str], counts: np.ndarray, beside: int = 0) -> FoundNumbers | None:
    """How the texts spell numbers, of which ``counts`` rows have each; None if they do not.

    ``beside`` rows hold numbers that are no text.
    """
    look = [parts_of(text) is not None for text in texts[:LOOK]]
    if not beside and sum(look) < LEAST * len(look):
        return None
    parts = [parts_of(text) for text in texts]
    read = np.array([part is not None for part in parts])
    if not Share(texts, counts, read, beside).is_enough:
        return None
    unit = _most_common([p.unit if p else "" for p in parts], counts)
    currency = _most_common([p.currency if p else "" for p in parts], counts)
    best: FoundNumbers | None = None
    for thousands, decimal in MARKS:
        by = Numbers(thousands, decimal, unit, currency)
        numbers = by.numbers(parts)
        share = Share(texts, counts, ~np.isnan(numbers), beside)
        if best is None or share.n_read > best.share.n_read:
            best = FoundNumbers(by, numbers, parts, share)
        if not share.n_others:
            break
    assert best is not None
    if not best.share.is_enough or are_addresses(parts):
        return None
    return best if beside else _by_points(texts, counts, best)


def _most_common(names: Sequence[str], counts: np.ndarray) -> str:
    rows: Counter[str] = Counter()
    for name, count in zip(names, counts.tolist(), strict=True):
        if name:
            rows[name] += count
    return rows.most_common(1)[0][0] if rows else ""


def are_addresses(parts: Sequence[Parts | None]) -> bool:
    """Whether all are four groups with points between them, as addresses of computers are."""
    points = {p.digits.count(".") for p in parts if p is not None}
    return points == {3}


def _by_points(texts: Sequence[str], counts: np.ndarray, found: FoundNumbers) -> FoundNumbers:
    """The same, unless the point is one of thousands: "950" and "1.200", and never "1.2".

    A program that writes fractions writes 950.000 beside 1.200, or else 1.2.
    """
    by = found.by
    if (by.thousands, by.decimal) != (",", "."):
        return found
    digits = [p.digits for p in found.parts if p is not None]
    pointed = [d for d in digits if not d.isdecimal()]
    whole = [d for d in digits if d.isdecimal()]
    if len(pointed) < LEAST_THOUSANDS or not whole or max(map(len, whole)) > 3:
        return found
    if not all(_BY_POINT.fullmatch(d) for d in pointed):
        return found
    other = Numbers(".", ",", by.unit, by.currency)
    numbers = other.numbers(found.parts)
    doubt = f"{pointed[0]!r} is read as {int(float(pointed[0].replace('.', '')))}"
    return FoundNumbers(
        other, numbers, found.parts, Share(texts, counts, ~np.isnan(numbers)), doubt
    )
