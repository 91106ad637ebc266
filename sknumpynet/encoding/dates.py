"""Dates: the time as a number, and where it stands in the day, the week and the year.

In: columns of microseconds since 1970 by the clock on the wall, NaN where missing. Out: scaled
times, then sines and cosines of each cycle in which the column varies: with a period of the whole,
of a half, a third and a quarter of it; 0 where it is missing.
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

#: Microseconds of a day.
DAY = 86_400e6

#: The cycles in the order of :func:`phases`, and the most waves that are fitted into each: three
#: tell the days of a week apart. With one of each NumpyMLP* had 1.035 of the loss on tables of
#: dates. See DECISIONS: waves of a date.
CYCLES, MOST_WAVES = ("day", "week", "year"), (4, 3, 4)


def phases(times: np.ndarray) -> np.ndarray:
    """Position in the day, the week (from Monday) and the year, each in [0, 1).

    The week and the year go by whole days, so that they do not repeat the time of day. Shape
    (3, *times.shape); NaN where the time is missing.
    """
    missing = np.isnan(times)
    some = bool(missing.any())
    known = np.where(missing, 0.0, times) if some else times
    found = np.empty((len(CYCLES), *times.shape))
    day = np.floor(known / DAY)
    found[0] = (known - day * DAY) / DAY
    # The first of January 1970 was a Thursday.
    found[1] = (day + 3.0) % 7.0 / 7.0
    date = day.astype(np.int64).view("M8[D]")
    year = date.astype("M8[Y]")
    start, end = year.astype("M8[D]"), (year + np.timedelta64(1, "Y")).astype("M8[D]")
    found[2] = (date - start) / (end - start)
    if some:
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
        # A column, a cycle and how many waves it has, three numbers for each sine and cosine.
        waves = [
            (j, cycle, n)
            for j, cycle in np.argwhere(varies).tolist()
            for n in range(1, MOST_WAVES[cycle] + 1)
        ]
        self._of, self._cycles, self._waves = np.array(waves, dtype=np.intp).reshape(-1, 3).T
        self.names = list(self._times.names)
        for j, cycle, n in waves:
            part = CYCLES[cycle] + (f" / {n}" if n > 1 else "")
            self.names += [f"{columns[j].name}: {wave} of {part}" for wave in ("sin", "cos")]
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
        lows, highs = zip(*rows.each((low, high)), strict=True)
        low, high = np.minimum.reduce(lows), np.maximum.reduce(highs)
        return (high > low).T

    def encode(self, block: np.ndarray, out: np.ndarray) -> None:
        n = self._times.n_columns
        self._times.encode(block, out[:, :n])
        phase = phases(self.of_block(block))[self._cycles, :, self._of].T
        angle = 2.0 * np.pi * self._waves * phase
        sine, cosine = out[:, n::2], out[:, n + 1 :: 2]
        # Short waves are lower: a network takes them as far as they are worth it.
        sine[...], cosine[...] = np.sin(angle) / self._waves, np.cos(angle) / self._waves
        missing = np.isnan(angle)
        if missing.any():
            sine[missing] = cosine[missing] = 0.0
