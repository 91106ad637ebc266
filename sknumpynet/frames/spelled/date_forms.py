"""A text taken apart as a date or a time: one regular expression for each form.

In: a text. Out: its fields, or None if it has none of the forms. Which field of 3/4/2020 is the day
is decided for a whole column, by :mod:`.dates`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Longer texts are no dates.
LONGEST = 64

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
#: English names of the months, whole and cut.
MONTHS = {name: i + 1 for i, name in enumerate(_MONTHS)} | {
    name[:3]: i + 1 for i, name in enumerate(_MONTHS)
}
MONTHS["sept"] = 9

_TIME = (
    r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,12}))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?"
)
_ZONE = r"(?:\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)(?:\s*\([A-Z]+\))?)?"
_BEHIND = rf"(?:(?:[T\s]|,\s*)\s*{_TIME}{_ZONE})?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+)?"
_MONTH = r"(?P<mon>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_DAY, _YEAR, _LONG_YEAR = r"(?P<d>\d{1,2})", r"(?P<y>\d{4}|\d{2})", r"(?P<y>\d{4})"
_PLAUSIBLE_YEAR = r"(?P<y>(?:1[6-9]|2[01])\d{2})"
_TH = r"(?:st|nd|rd|th)?"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


#: The forms by the kind of a column, of which one column has one.
FORMS: dict[str, tuple[re.Pattern[str], ...]] = {
    # Whatever the column, they are read in one way.
    "plain": (
        _form(rf"{_LONG_YEAR}(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep){_DAY}{_BEHIND}"),
        _form(rf"{_PLAUSIBLE_YEAR}[-/](?P<m>\d{{2}})"),
        _form(rf"(?P<m>\d{{1,2}})[-/]{_PLAUSIBLE_YEAR}"),
        _form(rf"{_WEEKDAY}{_DAY}{_TH}[\s./-]*(?:of\s)?{_MONTH}[\s.,/-]*{_YEAR}{_BEHIND}"),
        _form(rf"{_WEEKDAY}{_MONTH}[\s./-]*{_DAY}{_TH},?[\s/-]\s*{_LONG_YEAR}{_BEHIND}"),
        _form(rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+{_TIME}\s+(?:UTC\s+|GMT\s+)?{_LONG_YEAR}"),
        _form(rf"{_LONG_YEAR}[\s./-]*{_MONTH}(?:[\s./-]*{_DAY})?{_BEHIND}"),
        _form(rf"{_MONTH}[\s,.'/-]*{_YEAR}"),
        _form(rf"{_LONG_YEAR}[\s-]*Q(?P<q>[1-4])"),
        _form(rf"Q(?P<q>[1-4])[\s/-]*{_LONG_YEAR}"),
    ),
    # Two numbers before or behind the year, in an order that the column has to show.
    "ordered": (
        _form(
            rf"{_WEEKDAY}(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)"
            rf"(?P<c>\d{{4}}|\d{{2}}){_BEHIND}"
        ),
    ),
    "digits": (
        _form(
            r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"
            r"(?:T?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?Z?)?"
        ),
        _form(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})"),
    ),
    "clock": (_form(_TIME), _form(r"(?P<h>\d{1,2})\s*(?P<half>[ap])\.?m\.?")),
}  # fmt: skip


class Fields(NamedTuple):
    """The fields of a date or a time.

    Attributes
    ----------
    y, m, d : int
        0 of a time of day. Of the kind "ordered" the numbers as they stand.
    time : int
        Microseconds of the day; -1 if there is no such time.
    zone : int or None
        Minutes by which its clock is before UTC, if that is told.
    timed : bool
        Whether a time is told.
    """

    y: int
    m: int
    d: int
    time: int = 0
    zone: int | None = None
    timed: bool = False


def fields_of(text: str, forms: tuple[re.Pattern[str], ...]) -> Fields | None:
    """The fields of the text; None if it has none of the forms."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    for form in forms:
        found = form.fullmatch(text)
        if found:
            return _fields(found.groupdict())
    return None


def _fields(found: dict[str, str | None]) -> Fields:
    time, zone = 0, found.get("zone")
    if found.get("h"):
        time = _time(found)
    if found.get("a"):
        y, m, d = (int(found[name] or 0) for name in "abc")
    else:
        year = found.get("y") or "0"
        y = long_year(int(year)) if len(year) == 2 else int(year)
        month = found.get("mon")
        m = MONTHS[month.lower()] if month else int(found.get("m") or 0)
        if found.get("q"):
            m = 3 * int(found["q"] or 0) - 2
        d = int(found.get("d") or 1)
    return Fields(y, m, d, time, _zone(zone) if zone else None, bool(found.get("h")))


def long_year(year: int) -> int:
    """Of two digits: 69 to 99 are of the last century, as POSIX has it."""
    return year + (1900 if year > 68 else 2000)


def _time(found: dict[str, str | None]) -> int:
    hour, minute, second = (int(found.get(name) or 0) for name in ("h", "mi", "s"))
    half = found.get("half")
    if half:
        if not 1 <= hour <= 12:
            return -1
        hour = hour % 12 + (12 if half in "pP" else 0)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        return -1
    part = (found.get("f") or "").ljust(6, "0")[:6]
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + int(part)


def _zone(text: str) -> int:
    digits = text.upper().removeprefix("UTC").removeprefix("GMT").replace(":", "")
    if digits in ("", "Z"):
        return 0
    minutes = int(digits[1:3]) * 60 + int(digits[3:] or 0)
    return -minutes if digits[0] == "-" else minutes
