"""Time zones: one name for each, whatever library it comes from, and the clock that it stands for.

In: a time zone as an object or as a library writes it. Out: "Europe/Paris", "+05:30" or "UTC", a
``tzinfo``, and the distance from UTC of a zone where that never changes, which not every library
can convert dates to.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"(?:UTC)?([+-]\d\d:\d\d(?::\d\d)?)")
#: A file of dateutil is called by its path.
_FILE = re.compile(r"tzfile\('.*zoneinfo/(.+)'\)")


def name_of_zone(zone: Any) -> str:
    """The name of a ``tzinfo``, or of a zone that is told by a text."""
    own = getattr(zone, "key", None) or getattr(zone, "zone", None)
    if own:
        # Of the standard library, of pytz.
        return own
    if isinstance(zone, dt.tzinfo):
        offset = zone.utcoffset(None)
        if offset is not None:
            return _name_of_offset(offset)
    text = str(zone)
    found = _OFFSET.fullmatch(text)
    if found:
        return _name_of_offset(_offset(found[1]))
    found = _FILE.fullmatch(text)
    return found[1] if found else text


def offset_of_zone(zone: str) -> dt.timedelta | None:
    """How far the clock of a zone is before UTC, if that is in its name."""
    found = _OFFSET.fullmatch(zone)
    return _offset(found[1]) if found else dt.timedelta(0) if zone == "UTC" else None


def clock_of_zone(zone: str) -> dt.tzinfo:
    """The zone of this name."""
    offset = offset_of_zone(zone)
    return ZoneInfo(zone) if offset is None else dt.timezone(offset)


def name_of_minutes(minutes: int) -> str:
    """The name of the zone whose clock is so far before UTC."""
    return _name_of_offset(dt.timedelta(minutes=minutes))


def _offset(text: str) -> dt.timedelta:
    hours, minutes, *seconds = map(int, text[1:].split(":"))
    size = dt.timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))
    return -size if text[0] == "-" else size


def _name_of_offset(offset: dt.timedelta) -> str:
    if not offset:
        return "UTC"
    minutes, seconds = divmod(abs(offset) // dt.timedelta(seconds=1), 60)
    name = f"{'-' if offset < dt.timedelta(0) else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{name}:{seconds:02d}" if seconds else name
