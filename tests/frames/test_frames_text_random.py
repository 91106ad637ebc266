"""Numbers and dates written in one style are read back as they were."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sknumpynet.frames.spelled import what_it_spells

MARKS = [(",", "."), (".", ","), (" ", "."), ("\u202f", ","), ("’", "."), ("", ","), ("", ".")]
#: What stands around the digits; for negative ones beside it.
AROUND = ["{}", "${}", "{} €", "USD {}", "{} %", "{}kg", "{} sq. ft.", "R$ {} per hour", " {} "]
NEGATIVE = ["-{}", "({})", "−{}"]
DATES = [
    *("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%m/%d/%y", "%d %b %Y", "%B %d, %Y"),
    *("%d-%b-%y", "%Y%m%d", "%A, %d %B %Y", "%Y-%b-%d", "%d-%m-%Y"),
]
TIMES = [
    *("%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"),
    *("%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S +0000", "%Y%m%d%H%M%S"),
    "%b %d %Y, %I:%M:%S%p",
]
CLOCKS = ["%H:%M:%S", "%I:%M:%S %p", "%H:%M:%S.%f"]


def read(texts, **options):
    """What each text is read as, and what is found of all."""
    distinct, places, counts = np.unique(texts, return_inverse=True, return_counts=True)
    found = what_it_spells(distinct.tolist(), counts, "c", levels=False)
    return found.numbers[places], found


def written(number, decimals, thousands, decimal, around, negative):
    digits = f"{abs(number):,.{decimals}f}"
    digits = digits.replace(",", "t").replace(".", decimal).replace("t", thousands)
    if number >= 0:
        return around.format(digits)
    if negative == "({})" and around.endswith("{}"):
        return f"({around.format(digits)})"
    return negative.replace("({})", "-{}").format(around.format(digits))


@settings(max_examples=150)
@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=5, max_size=30, unique=True),
    st.sampled_from([1, 2, 4]),
    st.sampled_from(MARKS),
    st.sampled_from(AROUND),
    st.sampled_from(NEGATIVE),
)
def test_numbers_in_one_style(integers, decimals, marks, around, negative):
    numbers = np.array(integers) / 10**decimals
    texts = [written(x, decimals, *marks, around, negative) for x in numbers.tolist()]
    found, how = read(texts)
    assert_allclose(found, numbers, rtol=1e-12)
    assert how.n_unread == 0
    assert not how.doubt


def microseconds(values):
    return np.array(values, "M8[us]").astype(np.int64)


@settings(max_examples=60)
@given(
    st.lists(st.dates(dt.date(1969, 1, 1), dt.date(2068, 12, 31)), min_size=3, max_size=30),
    st.sampled_from(DATES),
)
def test_dates_in_one_style(dates, form):
    # The last one tells the day from the month, and the year from both.
    dates = [*dates, dt.date(1999, 12, 31), dt.date(1999, 1, 31)]
    found, how = read([f"{date:{form}}" for date in dates])
    assert_array_equal(found, microseconds(dates))
    assert not how.doubt


@settings(max_examples=60)
@given(
    st.lists(
        st.datetimes(dt.datetime(1969, 1, 1), dt.datetime(2068, 12, 31)), min_size=3, max_size=30
    ),
    st.sampled_from(TIMES),
)
def test_dates_with_times_in_one_style(times, form):
    times = [*times, dt.datetime(1999, 12, 31, 12, 5), dt.datetime(1999, 1, 31)]
    if "%f" not in form:
        times = [time.replace(microsecond=0) for time in times]
    found, how = read([f"{time:{form}}" for time in times])
    assert_array_equal(found, microseconds(times))
    assert not how.doubt


@given(st.lists(st.times(), min_size=1, max_size=30), st.sampled_from(CLOCKS))
def test_times_of_day_in_one_style(times, form):
    if "%f" not in form:
        times = [time.replace(microsecond=0) for time in times]
    found, _ = read([f"{time:{form}}" for time in times])
    expected = [((t.hour * 60 + t.minute) * 60 + t.second) * 10**6 + t.microsecond for t in times]
    assert_array_equal(found, expected)


@given(
    st.lists(st.dates(dt.date(1000, 1, 1), dt.date(9998, 12, 31)), min_size=1, max_size=30),
    st.sampled_from(["31/02/2001", "00/01/2001", "29/02/2001", "31/12/9999"]),
)
def test_days_that_there_are_not_are_missing(dates, odd):
    dates = [*dates * 30, dt.date(2000, 1, 31)]
    found, how = read([*(f"{date:%d/%m/}{date.year:04d}" for date in dates), odd])
    assert np.isnan(found[-1])
    assert not np.isnan(found[:-1]).any()
    assert repr(odd) in how.doubt


@pytest.mark.parametrize("values", [["3/4/2020", "5/6/2021"], ["1/2/20"], ["03-04-2020 10:30"]])
def test_where_nothing_tells_the_day_from_the_month_nothing_is_guessed(values):
    found = what_it_spells(values, np.ones(len(values), int), "c")
    assert found.by is None
    assert "nothing tells the day from the month" in found.doubt


@settings(max_examples=300)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=5, unique=True), st.booleans())
def test_any_text_is_read_or_left(texts, levels):
    found = what_it_spells(texts, np.ones(len(texts), int), "c", levels=levels)
    if found.by is not None:
        assert_array_equal(found.by.read(texts), found.numbers)
        assert not np.isinf(found.numbers).any()
