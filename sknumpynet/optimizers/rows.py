"""Tables of which a batch meets a few rows: steps that touch these alone.

In: where tables lie in theta, and at every step the rows that the batch has. Out: the entries to be
moved, and how long they have stood still. What a rule would have done to them meanwhile, without a
gradient, it does when they are met again; at the end of an epoch, to all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .compose import Wrapper
from .optimizer import Met, Optimizer, Segment

#: Tables are moved row by row where a batch meets at most one in so many of their entries, and
#: whole, with the bits that this has, where it meets more. Both lead to the same place, up to
#: rounding and to what the rules say. With Adam an entry of rows takes 42 to 75 ns a step (batches
#: of 1,000 and 200, width 16), one of a whole table 1.5 to 2.0; with averages 63 to 95 and 1.9 to
#: 2.8, with momentum 29 to 51 and 1.1 to 1.3.
WORTH_IT = 40

#: Entries that are caught up at once at the end of an epoch (8 MB of numbers and row numbers).
AT_ONCE = 2**19


@dataclass(frozen=True)
class Tables:
    """Where tables lie in a vector; their rows are numbered through.

    Parameters
    ----------
    size : int
        Length of the vector.
    starts, n_rows, widths : ndarray of shape (n_tables,)
        The first entry, the number of rows and the entries of each row.
    """

    size: int
    starts: np.ndarray
    n_rows: np.ndarray
    widths: np.ndarray

    @classmethod
    def of(cls, slots: Sequence[Segment]) -> Tables:
        """Those of the slots of theta, in their order."""
        found = []
        for slot in slots:
            start = slot.where.start
            for n_rows, width in slot.tables:
                found.append((start, n_rows, width))
                start += n_rows * width
        size = slots[-1].where.stop if slots else 0
        return cls(size, *np.array(found, dtype=np.intp).reshape(-1, 3).T)

    @cached_property
    def first_rows(self) -> np.ndarray:
        """The number of each table's first row."""
        return np.cumsum(self.n_rows) - self.n_rows

    @property
    def all_rows(self) -> int:
        return int(self.n_rows.sum())

    @cached_property
    def elsewhere(self) -> tuple[slice, ...]:
        """The parts of the vector between the tables."""
        parts, stop = [], 0
        for start, n in zip(
            self.starts.tolist(), (self.n_rows * self.widths).tolist(), strict=True
        ):
            parts.append(slice(stop, start))
            stop = start + n
        parts.append(slice(stop, self.size))
        return tuple(part for part in parts if part.stop > part.start)

    def worth_it(self, n_met: int) -> bool:
        """Whether to move rows alone, in batches that have ``n_met`` rows of each table at most."""
        met = (np.minimum(self.n_rows, n_met) * self.widths).sum()
        return bool(0 < met * WORTH_IT <= (self.n_rows * self.widths).sum())

    def entries(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Entries of the rows (their numbers, sorted), and how many each of them has."""
        table = np.searchsorted(self.first_rows, rows, side="right") - 1
        widths = self.widths[table]
        starts = self.starts[table] + (rows - self.first_rows[table]) * widths
        before = np.cumsum(widths) - widths
        entries = np.repeat(starts - before, widths)
        entries += np.arange(len(entries))
        return entries, widths


class ByRows(Wrapper):
    """Moves, of tables, the rows that were met, as if the others had had a gradient of 0 meanwhile.

    ``meet`` is told the rows of a batch before it is computed, and catches up what they missed;
    ``step`` moves them. Between epochs (after ``to_evaluation``) all rows are where steps on all of
    theta would have led them, and the state is that of the optimizer inside, so that training may
    go on with rows or without. This is exact up to rounding for sgd, rmsprop, adagrad, lion and
    schedule_free, and for Adam and its relatives but for epsilon (see ``TwoMoments``). Means of the
    weights take a way without gradient as if it had been made at its beginning (see ``Averaged``),
    and a penalty is added when a row is met, for all steps since (see ``training/penalty.py``).

    Parameters
    ----------
    inner : Optimizer
        With ``coasts``.
    tables : Tables
    """

    meets_rows = True

    def __init__(self, inner: Optimizer, tables: Tables) -> None:
        super().__init__(inner)
        self.tables = tables
        # Steps since all rows were caught up, and by these steps when each row was last met: before
        # them where it is negative.
        self._now = 0
        self._last: np.ndarray | None = None
        self._met: Met | None = None

    def meet(self, theta: np.ndarray, rows: np.ndarray) -> Met:
        last = self._times()
        met = self._met_of(rows, last)
        self.inner.coast(theta, met)
        last[rows] = self._now
        self._met = met
        return met

    def step(self, theta: np.ndarray, gradient: np.ndarray, met: Met | None = None) -> None:
        """The gradient is that of the rows of the last ``meet``, without one since, of all rows."""
        last = self._times()
        met = self._met or self.meet(theta, np.arange(self.tables.all_rows))
        self._met = None
        self.inner.step(theta, gradient, met)
        self._now += 1
        last[met.rows] = self._now

    def _times(self) -> np.ndarray:
        if self._last is None:
            self._last = np.zeros(self.tables.all_rows, dtype=np.intp)
        return self._last

    def _met_of(self, rows: np.ndarray, last: np.ndarray) -> Met:
        entries, widths = self.tables.entries(rows)
        return Met(rows, last[rows], widths, entries, self._now, self.tables.elsewhere)

    def to_evaluation(self, theta: np.ndarray) -> None:
        if self._now:
            last = self._times()
            behind = np.flatnonzero(last < self._now)
            n = max(1, AT_ONCE // int(self.tables.widths.max()))
            for start in range(0, len(behind), n):
                self.inner.coast(theta, self._met_of(behind[start : start + n], last))
            last -= self._now
            self._now, self._met = 0, None
            self.inner.count_anew()
        self.inner.to_evaluation(theta)

    def state(self) -> dict[str, Any]:
        """Between epochs: the state inside, and how long ago each row was met."""
        return {**self.inner.state(), "rows": self._last}

    def load(self, state: dict[str, Any], dtype: np.dtype | None = None) -> None:
        last = state.get("rows")
        if last is not None:
            last = last.copy() if len(last) == self.tables.all_rows else None
        self._last, self._now, self._met = last, 0, None
        self.inner.load(state, dtype)
