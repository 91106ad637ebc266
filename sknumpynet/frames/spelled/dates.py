"""Text that spells dates or times of day.

In: the distinct texts of a column. Out: how they are to be read, one way for all of them, and
microseconds since 1970, or of the day. The order of day and month is that which the values prove.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .date_forms import FORMS, Fields, fields_of, long_year
from .marks import Share

#: Texts that are looked at first, and the part of them that must be dates.
LOOK, LEAST = 200, 0.2

MINUTE, DAY = 60e6, 86_400e6

#: The fields of a date with two numbers before or behind the year, in their order.
ORDERS = {"day first": (2, 1, 0), "month first": (2, 0, 1), "year first": (0, 1, 2)}

#: Years that mean "for ever".
FOR_EVER = 9999


@dataclass(frozen=True)
class Dates:
    """How the dates of a column are spelled.

    Parameters
    ----------
    form : str
        A kind of :data:`~.date_forms.FORMS`.
    order : str
        Of the form "ordered": a key of :data:`ORDERS`.
    zone : int or None
        Minutes by which the clock of the dates is before UTC; None: theirs is not told.
    """

    form: str
    order: str = ""
    zone: int | None = None

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Microseconds; NaN where a text is no date of this form."""
        forms = FORMS[self.form]
        return self.numbers([fields_of(text, forms) for text in texts])

    def numbers(self, fields: Sequence[Fields | None]) -> np.ndarray:
        """The same of texts that are taken apart."""
        there = np.array([f is not None for f in fields], dtype=bool)
        out = np.full(len(fields), np.nan)
        if not there.any():
            return out
        known = [f for f in fields if f is not None]
        time = np.array([f.time for f in known], dtype=np.float64)
        time[time < 0] = np.nan
        if self.form == "clock":
            out[there] = np.where(time < DAY, time, np.nan)
            return out
        ymd = np.array([f[:3] for f in known], dtype=np.int64)
        if self.form == "ordered":
            ymd = ymd[:, ORDERS[self.order]]
            ymd[:, 0] = [long_year(y) if y < 100 else y for y in ymd[:, 0].tolist()]
        if self.zone is not None:
            time -= [MINUTE * (0 if f.zone is None else f.zone - self.zone) for f in known]
        out[there] = _days(ymd) * DAY + time
        return out

    @property
    def family(self) -> str:
        """What its values are as real ones, but for the zone."""
        return "times of day" if self.form == "clock" else "dates"

    @property
    def told(self) -> str:
        """How they are read, for a sentence."""
        zone = ""
        if self.zone is not None:
            zone = "on the clock of UTC" if not self.zone else f"{self.zone / 60:+g} h from UTC"
        return ", ".join(part for part in (self.order, zone) if part)


def _days(ymd: np.ndarray) -> np.ndarray:
    """Days since 1970; NaN where there is no such day."""
    y, m, d = ymd.T
    valid = (y > 0) & (y < FOR_EVER) & (m >= 1) & (m <= 12) & (d >= 1) & (d <= 31)
    y, m, d = (np.where(valid, field, 1) for field in (y, m, d))
    month = ((y - 1970) * 12 + m - 1).astype("M8[M]")
    day = month.astype("M8[D]") + (d - 1)
    valid &= day.astype("M8[M]") == month
    return np.where(valid, day.astype(np.float64), np.nan)


@dataclass(frozen=True)
class FoundDates:
    """How a column is read, its numbers, and what is to be said of them.

    Attributes
    ----------
    by : Dates
    numbers : ndarray
        Of each text.
    share : Share
    doubt : str
        If it is not empty, nothing tells day from month, and the column is not to be read.
    """

    by: Dates
    numbers: np.ndarray
    share: Share
    doubt: str = ""


def find_dates(texts: Sequence[str], counts: np.ndarray) -> FoundDates | None:
    """How the texts spell dates, of which ``counts`` rows have each; None if they do not."""
    form = _form_of(texts[:LOOK])
    if form is None:
        return None
    forms = FORMS[form]
    fields = [fields_of(text, forms) for text in texts]
    there = np.array([f is not None for f in fields], dtype=bool)
    if not Share(texts, counts, there).is_enough:
        return None
    by = Dates(form, zone=_zone_of(fields))
    found = []
    for order in ORDERS if form == "ordered" else ("",):
        one = replace(by, order=order)
        if form == "ordered" and not _is_possible(order, texts, fields):
            continue
        numbers = one.numbers(fields)
        found.append(FoundDates(one, numbers, Share(texts, counts, ~np.isnan(numbers))))
    return _proved(found, counts)


def _form_of(texts: Sequence[str]) -> str | None:
    """The form of most texts, if it is one."""
    n = Counter[str]()
    for form, patterns in FORMS.items():
        n[form] = sum(fields_of(text, patterns) is not None for text in texts)
    form, most = n.most_common(1)[0]
    return form if most >= max(LEAST * len(texts), 1) else None


def _zone_of(fields: Sequence[Fields | None]) -> int | None:
    """The zone of all, or UTC if there are several."""
    zones = {f.zone for f in fields if f is not None and f.zone is not None}
    return (zones.pop() if len(zones) == 1 else 0) if zones else None


def _is_possible(order: str, texts: Sequence[str], fields: Sequence[Fields | None]) -> bool:
    """Whether a year of two digits may stand first, or one of four does not."""
    known = [(t, f) for t, f in zip(texts, fields, strict=True) if f is not None]
    if order != "year first":
        return True
    # 31/12/99 is nowhere written as 99/12/31 but with strokes between the numbers.
    return all(f.d < 100 and re.match(r"\D*\d\d-", t) for t, f in known)


def _proved(found: list[FoundDates], counts: np.ndarray) -> FoundDates | None:
    """The way to read the dates that nearly all of them have, if more rows are for it than against.

    Those are of dates that the one way reads and the other does not.
    """
    enough = [one for one in found if one.share.is_enough]
    if not enough:
        return None
    enough.sort(key=lambda one: -one.share.n_read)
    best, *others = enough
    known = ~np.isnan(best.numbers)
    for other in others:
        also = ~np.isnan(other.numbers)
        same = np.array_equal(best.numbers, other.numbers, equal_nan=True)
        if not same and counts[known & ~also].sum() <= counts[also & ~known].sum():
            return replace(best, doubt="nothing tells the day from the month")
    return best
