"""Encoded columns as nodes: what each kind of column becomes.

In: a group of columns of one kind, and the table. Out: its share of the encoded rows (B, n_columns)
in the network's dtype.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..encoding import TableEncoder
from ..encoding.categories import Binary, Coded, Constant, Embedded, OneHot
from ..encoding.dates import DAY, Dates
from ..encoding.numbers import Numbers
from .builder import DOUBLE, WHOLE, Graph, Value
from .columns import Matrix, Table
from .scaling import scaled_graph
from .table import exporter, exporter_of


def encoded_graph(encoder: TableEncoder, g: Graph, table: Table | Matrix, dtype: np.dtype) -> Value:
    """Encoded rows (B, n_columns)."""
    groups = encoder.groups
    # Constants need the number of rows, which the others have.
    parts: dict[int, Value] = {}
    for i in sorted(range(len(groups)), key=lambda i: isinstance(groups[i], Constant)):
        like = next(iter(parts.values()), None)
        exports = exporter_of(groups[i], f"A column that is {groups[i].becomes(0, 1)}")
        parts[i] = exports(groups[i], g, table, dtype, like)
    return g.concat([parts[i] for i in range(len(groups))], 1)


@exporter(Numbers)
def numbers(group: Numbers, g: Graph, table: Any, dtype: np.dtype, like: Any = None) -> Value:
    """Scaled numbers, and where they are missing."""
    x = table.take(group.index, DOUBLE)
    scaled = scaled_graph(group.scaling, g, x, dtype)
    if not len(group._missing):
        return scaled
    missing = g.is_nan(g.take(x, group._missing, 1))
    return g.concat([scaled, g.cast(missing, dtype)], 1)


@exporter(Constant)
def constant(group: Constant, g: Graph, table: Any, dtype: np.dtype, like: Any = None) -> Value:
    """Zeros."""
    if like is None:
        like = table.take(group.index, DOUBLE)
    rows = g.op("Shape", like, dtype=WHOLE, start=0, end=1)
    shape = g.concat([rows, g.constant([group.n_columns], WHOLE)], 0)
    return g.op("Expand", g.constant(0, dtype), shape)


def _looked_up(group: Coded, g: Graph, table: Any) -> Value:
    """The number of each code (B, columns)."""
    codes = table.take(group.index, WHOLE) + group._starts
    return g.take(g.constant(group._table, WHOLE), codes, 0)


@exporter(Binary)
@exporter(Embedded)
def as_number(group: Coded, g: Graph, table: Any, dtype: np.dtype, like: Any = None) -> Value:
    """The number of each level."""
    return g.cast(_looked_up(group, g, table), dtype)


@exporter(OneHot)
def one_hot(group: OneHot, g: Graph, table: Any, dtype: np.dtype, like: Any = None) -> Value:
    """A 0/1 column for each level."""
    # In each of its columns whether that is the place of the column that it is made of.
    of = {source: place for place, source in enumerate(group.index.tolist())}
    places = g.take(_looked_up(group, g, table), [of[j] for j in group.sources.tolist()], 1)
    return g.cast(g.op("Equal", places, np.arange(group.n_columns), dtype=bool), dtype)


@exporter(Dates)
def dates(group: Dates, g: Graph, table: Any, dtype: np.dtype, like: Any = None) -> Value:
    """Scaled times, sines and cosines."""
    times = numbers(group._times, g, table, dtype)
    n_pairs = len(group._of)
    if not n_pairs:
        return times
    x = table.take(group.index, DOUBLE)
    phase = g.take(g.concat(_phases(g, x), 1), group._cycles * len(group.index) + group._of, 1)
    angle = phase * (2.0 * np.pi * group._waves)
    waves = [g.expand(wave / group._waves, 2) for wave in (g.op("Sin", angle), g.cosine(angle))]
    pairs = g.reshape(g.concat(waves, 2), 0, 2 * n_pairs)
    pairs = g.where(g.is_nan(pairs), 0.0, pairs)
    return g.concat([times, g.cast(pairs, dtype)], 1)


def _phases(g: Graph, times: Value) -> list[Value]:
    """Position in the day, the week and the year, as :func:`~..encoding.dates.phases`."""
    day = g.op("Floor", times / DAY)
    week = day + 3.0
    of_week = (week - g.op("Floor", week / 7.0) * 7.0) / 7.0
    # The year by its mean length, which is one too many or too few around its ends.
    year = g.op("Floor", day / 365.2425)
    year = year - g.cast(_start(g, year) > day, DOUBLE)
    year = year + g.cast(day >= _start(g, year + 1.0), DOUBLE)
    start = _start(g, year)
    of_year = (day - start) / (_start(g, year + 1.0) - start)
    return [(times - day * DAY) / DAY, of_week, of_year]


def _start(g: Graph, year: Value) -> Value:
    """Days from 1970 to the first day of the year 1970 + ``year``."""
    before = year + 1969.0
    leap = [g.op("Floor", before / n) for n in (4.0, 100.0, 400.0)]
    # Of the years 1 to 1969 there were 477 with a day more.
    return year * 365.0 + (leap[0] - leap[1] + leap[2] - 477.0)
