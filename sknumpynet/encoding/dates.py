"""Dates: the time as a number, and where it stands in the day, the week and the year.

In: columns of microseconds since 1970 by the clock on the wall, NaN where missing. Out: scaled
times, then the sine and cosine of each cycle in which the column varies; 0 where it is missing.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..matrix import Matrix
from ..rows import Rows, row_blocks
from .group import ColumnGroup, Options, Trained
from .numbers import Numbers

#: Microseconds of a day, and the cycles in the order of :func:`phases`.
DAY = 86_400e6
CYCLES = ("day", "week", "year")


def phases(times: np.ndarray) -> np.ndarray:
    """Position in the day, the week (from Monday) and the year, each in [0, 1).

    The week and the year go by whole days, so that they do not repeat the time of day. Shape
    (3, *times.shape); NaN where the time is missing.
    """
    missing = np.isnan(times)
    day = np.floor(np.where(missing, 0.0, times) / DAY)
    # The first of January 1970 was a Thursday.
    of_week = (day + 3.0) % 7.0 / 7.0
    date = day.astype(np.int64).astype("M8[D]")
    year = date.astype("M8[Y]")
    start, end = year.astype("M8[D]"), (year + 1).astype("M8[D]")
    of_year = (date - start) / (end - start)
    found = np.stack([(np.where(missing, 0.0, times) - day * DAY) / DAY, of_week, of_year])
    found[:, missing] = np.nan
    return found


class Dates(ColumnGroup):
    """Times, "missing" columns, then sines and cosines.

    Times are scaled by "standard" where ``feature_scaling`` is None: their unit is nobody's choice.
    """

    def __init__(self, columns: Sequence[Trained], options: Options) -> None:
        super().__init__(columns, options)
        self.stream = options.stream
        scaled = replace(options, feature_scaling=options.feature_scaling or "standard")
        self._times = Numbers(columns, scaled)

    @staticmethod
    def takes(column: Trained, options: Options) -> bool:
        return column.kind == "date"

    def becomes(self, place: int, n_inputs: int) -> str:
        return "date"

    def fit(
        self, X: Matrix, rows: Rows, columns: Sequence[Trained], y: np.ndarray | None = None
    ) -> Dates:
        self._times.fit(X, rows, columns)
        varies = np.ones((len(columns), len(CYCLES)), dtype=bool)
        if not self.stream:
            varies = self._varies(X, rows)
        # Pairs of a column and a cycle.
        self._of, self._cycles = np.nonzero(varies)
        self.names = list(self._times.names)
        for j, cycle in zip(self._of.tolist(), self._cycles.tolist(), strict=True):
            self.names += [f"{columns[j].name}: {f} of {CYCLES[cycle]}" for f in ("sin", "cos")]
        self.sources = np.concatenate([self._times.sources, np.repeat(self.index[self._of], 2)])
        self.n_columns, self.n_numbers = len(self.names), len(columns)
        return self

    @property
    def open(self) -> np.ndarray:
        return self._times.open

    def further(self, X: Matrix, rows: Rows) -> tuple[Dates, np.ndarray]:
        times, few = self._times.further(X, rows)
        if times is self._times:
            return self, few
        other = copy.copy(self)
        other._times = times
        return other, few

    def _varies(self, X: Matrix, rows: Rows) -> np.ndarray:
        """Whether the dates are at more than one place of each cycle, (columns, cycles)."""
        low = np.full((len(CYCLES), len(self.index)), np.inf)
        high = -low
        for block, _ in row_blocks(self.of(X), rows):
            found = phases(block)
            np.fmin(low, np.fmin.reduce(found, axis=1), out=low)
            np.fmax(high, np.fmax.reduce(found, axis=1), out=high)
        return (high > low).T

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        n = self._times.n_columns
        self._times.encode(block, out[:, :n])
        angle = 2.0 * np.pi * phases(self.of_block(block))[self._cycles, :, self._of].T
        missing = np.isnan(angle)
        sine, cosine = out[:, n::2], out[:, n + 1 :: 2]
        sine[...], cosine[...] = np.sin(angle), np.cos(angle)
        sine[missing] = cosine[missing] = 0.0
