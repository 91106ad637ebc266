"""Dates with time zones: all zones, in every library, as columns, objects and levels."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sknumpynet.frames import FrameReader

ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Ho_Chi_Minh",
    "America/Port-au-Prince",
    "Etc/GMT+5",
    "EST5EDT",
    "US/Pacific",
    "Europe/Berlin",
    "UTC",
]
every_zone = pytest.mark.parametrize("zone", ZONES)

#: Instants in UTC, some beside the hours at which clocks are put forward or back.
INSTANTS = [
    dt.datetime(2024, 3, 31, 0, 59, 59, 250_000),
    dt.datetime(2024, 3, 31, 1, 0),
    dt.datetime(2023, 11, 5, 5, 30),
    dt.datetime(2023, 11, 5, 6, 30),
    dt.datetime(2020, 7, 4, 12),
]


def wall_clock(zone, instants=INSTANTS):
    """Microseconds since 1970 by the clock of the zone, by the standard library."""
    local = [t.replace(tzinfo=dt.timezone.utc).astimezone(ZoneInfo(zone)) for t in instants]
    start = dt.datetime(1970, 1, 1)
    return [(t.replace(tzinfo=None) - start) // dt.timedelta(microseconds=1) for t in local]


def series_of(zone, instants=INSTANTS, unit="us"):
    series = pd.Series(pd.to_datetime(instants)).astype(f"datetime64[{unit}]")
    return series.dt.tz_localize("UTC").dt.tz_convert(zone)


MAKERS = {
    "pandas us": lambda zone, t: pd.DataFrame({"t": series_of(zone, t)}),
    "pandas ns": lambda zone, t: pd.DataFrame({"t": series_of(zone, t, "ns")}),
    "pandas objects": lambda zone, t: pd.DataFrame({"t": series_of(zone, t).astype(object)}),
    "datetimes": lambda zone, t: pd.DataFrame(
        {"t": pd.Series([v.to_pydatetime() for v in series_of(zone, t)], dtype=object)}
    ),
    "standard library": lambda zone, t: pd.DataFrame(
        {"t": pd.Series([v.replace(tzinfo=dt.timezone.utc).astimezone(ZoneInfo(zone)) for v in t],
                        dtype=object)}
    ),
    "pandas pyarrow": lambda zone, t: pd.DataFrame(
        {"t": series_of(zone, t).astype(pd.ArrowDtype(pa.timestamp("us", zone)))}
    ),
    "polars": lambda zone, t: pl.DataFrame(
        {"t": pl.Series(t).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)}
    ),
    "pyarrow": lambda zone, t: pa.table(
        {"t": pa.array(series_of(zone, t), pa.timestamp("us", zone))}
    ),
}  # fmt: skip


@pytest.mark.slow
@every_zone
@pytest.mark.parametrize("kind", MAKERS)
def test_every_zone_is_read_by_its_clock(zone, kind):
    reader = FrameReader()
    table = reader.learn(MAKERS[kind](zone, INSTANTS))
    np.testing.assert_array_equal(table[:, 0], wall_clock(zone))
    assert (reader.columns[0].kind, reader.columns[0].zone) == ("date", zone)
    # The same instants, told by other clocks.
    for other, make in MAKERS.items():
        for another in ("Asia/Ho_Chi_Minh", "UTC", zone):
            read = reader.read(make(another, INSTANTS[::-1]))
            np.testing.assert_array_equal(read, table[::-1], err_msg=f"{other} {another}")


@every_zone
@pytest.mark.parametrize("missing", [None, pd.NaT])
def test_missing_dates_with_a_zone(zone, missing):
    times = series_of(zone, [INSTANTS[0], missing, *INSTANTS[2:]])
    for X in (pd.DataFrame({"t": times}), pd.DataFrame({"t": times.astype(object)})):
        expected = np.array(wall_clock(zone), dtype=float)
        expected[1] = np.nan
        np.testing.assert_array_equal(FrameReader().learn(X)[:, 0], expected)


@every_zone
def test_dates_with_a_zone_as_levels(zone):
    category = pd.DataFrame({"t": pd.Categorical(series_of(zone))})
    reader = FrameReader()
    codes = reader.learn(category)
    # Two of them are the same on a clock in New York.
    np.testing.assert_array_equal(codes[:, 0], [4, 5, 2, 3, 1])
    assert reader.columns[0].levels[1:3] == ("2023-11-05T05:30:00Z", "2023-11-05T06:30:00Z")
    np.testing.assert_array_equal(reader.read(category[::-1]), codes[::-1])
    # In another zone and dtype.
    for kind in ("pandas us", "polars", "pandas objects"):
        read = reader.read(MAKERS[kind]("Asia/Ho_Chi_Minh", INSTANTS))
        np.testing.assert_array_equal(read, codes)
    other = FrameReader(["t"])
    np.testing.assert_array_equal(other.learn(MAKERS["pandas us"](zone, INSTANTS)), codes)
    np.testing.assert_array_equal(other.read(category), codes)


def test_a_fixed_offset():
    own = dt.timezone(dt.timedelta(hours=-5))
    times = pd.Series(pd.to_datetime(INSTANTS)).dt.tz_localize("UTC").dt.tz_convert(own)
    expected = [v - 5 * 3600e6 for v in wall_clock("UTC")]
    for X in (pd.DataFrame({"t": times}), pd.DataFrame({"t": times.astype(object)})):
        reader = FrameReader()
        np.testing.assert_array_equal(reader.learn(X)[:, 0], expected)
        for kind in ("pandas us", "pandas objects"):
            read = reader.read(MAKERS[kind]("Asia/Ho_Chi_Minh", INSTANTS))
            np.testing.assert_array_equal(read[:, 0], expected)


def test_objects_with_and_without_a_zone_are_told():
    mixed = pd.Series([INSTANTS[0], INSTANTS[1].replace(tzinfo=dt.timezone.utc)], dtype=object)
    with pytest.raises(ValueError, match="Column 't' of X holds dates.*some have a time zone"):
        FrameReader().learn(pd.DataFrame({"t": mixed}))


class Mars(dt.tzinfo):
    """Its clock is put forward at every noon."""

    def utcoffset(self, time):
        return None if time is None else dt.timedelta(hours=time.hour // 12)

    def dst(self, time):
        return dt.timedelta(0)

    def __str__(self):
        return "Mars/Base"


def test_a_zone_that_the_library_does_not_know_is_told():
    reader = FrameReader()
    times = [t.replace(tzinfo=Mars()) for t in INSTANTS]
    reader.learn(pd.DataFrame({"t": pd.Series(times, dtype=object)}))
    X = pl.DataFrame({"t": pl.Series(INSTANTS).dt.replace_time_zone("Europe/Berlin")})
    message = "Column 't' of X holds dates of the time zone 'Europe/Berlin'.*'Mars/Base'"
    with pytest.raises(ValueError, match=message):
        reader.read(X)


#: Zones at a fixed distance from UTC, and their name here.
FIXED = {
    "+05:30": dt.timezone(dt.timedelta(hours=5, minutes=30)),
    "-03:00": dt.timezone(dt.timedelta(hours=-3), "of a name"),
    "-00:30": dt.timezone(-dt.timedelta(minutes=30)),
    "+05:30:15": dt.timezone(dt.timedelta(hours=5, minutes=30, seconds=15)),
    "UTC": dt.timezone.utc,
}


def fixed_frames(zone):
    """Frames of all libraries, with the instants by any clock."""
    utc = pd.Series(pd.to_datetime(INSTANTS)).astype("datetime64[us]").dt.tz_localize("UTC")
    pandas = utc.dt.tz_convert(zone)
    arrow = {name: pa.array(utc, pa.timestamp("us", name)) for name in ("UTC", "+05:30", "-08:00")}
    return {
        "pandas": pd.DataFrame({"t": pandas}),
        "pandas ns": pd.DataFrame({"t": pandas.dt.as_unit("ns")}),
        "pandas UTC": pd.DataFrame({"t": utc}),
        "objects": pd.DataFrame({"t": pandas.astype(object)}),
        "of pytz": pd.DataFrame({"t": utc.dt.tz_convert("Asia/Kolkata")}),
        "polars": pl.DataFrame({"t": pl.Series(INSTANTS).dt.replace_time_zone("UTC")}),
        **{f"pyarrow {name}": pa.table({"t": array}) for name, array in arrow.items()},
        **{
            f"pandas[pyarrow] {name}": pd.DataFrame({"t": pd.Series(array, dtype=_arrow(name))})
            for name, array in arrow.items()
        },
    }


def _arrow(name):
    return pd.ArrowDtype(pa.timestamp("us", name))


@pytest.mark.parametrize("name", FIXED)
def test_a_fixed_distance_from_utc_in_every_library(name):
    """Fitted in one, predicted from another; pyarrow 15 and polars know no such zones."""
    offset = FIXED[name].utcoffset(None)
    start = dt.datetime(1970, 1, 1)
    clock = [(t + offset - start) // dt.timedelta(microseconds=1) for t in INSTANTS]
    frames = fixed_frames(FIXED[name])
    for own in ("pandas", "pandas ns", "objects"):
        reader = FrameReader()
        np.testing.assert_array_equal(reader.learn(frames[own])[:, 0], clock)
        assert reader.columns[0].zone == name
        for other, frame in frames.items():
            np.testing.assert_array_equal(reader.read(frame)[:, 0], clock, err_msg=other)


@pytest.mark.parametrize("kind", ["pyarrow", "pandas[pyarrow]"])
def test_a_fixed_distance_of_pyarrow_is_that_of_pandas(kind):
    frames, reader = fixed_frames(FIXED["+05:30"]), FrameReader()
    table = reader.learn(frames[f"{kind} +05:30"])
    assert reader.columns[0].zone == "+05:30"
    for other, frame in frames.items():
        np.testing.assert_array_equal(reader.read(frame), table, err_msg=other)


@pytest.mark.parametrize("name", FIXED)
def test_instants_of_a_fixed_distance_as_levels(name):
    frames, reader = fixed_frames(FIXED[name]), FrameReader(["t"])
    codes = reader.learn(frames["pandas"])
    assert codes.min() == 1
    for other, frame in frames.items():
        np.testing.assert_array_equal(reader.read(frame), codes, err_msg=other)
