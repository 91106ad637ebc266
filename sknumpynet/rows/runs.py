"""Runs of rows that are equal so far, made shorter by what more is known about the rows.

In: the values of one column after the other, and hashes of the rest. Out: the order of the rows.
Columns of few different values are collected in a key of 64 bits, so that one sort serves many.
"""

from __future__ import annotations

import numpy as np

from .codes import by_number, changes, codes_of, differ
from .hashes import STEP
from .rows import number_type, run_lengths
from .tables import Table

#: Bits of a key.
KEY_BITS = 64

#: Equal rows are looked for behind so many columns that tell no open rows apart, one after the
#: other, behind so many columns in all, or once so many are sorted by and a quarter of the rows is
#: still open.
SILENT, COLUMNS, SORTED = 4, 64, 3


class Runs:
    """Positions 0 to n - 1 in runs of what is equal so far.

    Attributes
    ----------
    open : ndarray of shape (m,)
        The positions that are not alone in their run, rising.
    rank : ndarray of shape (n,)
        Puts the runs in order. Behind a run of rank r and m positions, the next rank is >= r + m.
    """

    def __init__(self, n: int) -> None:
        dtype = number_type(n)
        self.rank = np.zeros(n, dtype=dtype)
        self.open = np.arange(n if n > 1 else 0, dtype=dtype)
        self._followers: tuple[np.ndarray, np.ndarray] | None = None
        self._n_columns = self._n_silent = self._n_sorted = 0
        self._begin(np.zeros(len(self.open), dtype=dtype), 1)

    def _begin(self, run: np.ndarray, n_runs: int) -> None:
        """Begin with runs 0, 1, ... of the open positions."""
        self._run = run
        head = np.zeros(n_runs, dtype=run.dtype)
        head[run] = np.arange(len(run), dtype=run.dtype)
        #: For each open position one of the same run.
        self._head = head[run]
        self._key, self._bits = run.astype(np.uint64), max(0, n_runs - 1).bit_length()
        self._information = float(self._bits)
        self._last: np.ndarray | None = None
        #: Whether anything was added.
        self._pending = False

    def add(self, values: np.ndarray) -> bool:
        """Add a column of values (m,). False if it is time to sort."""
        self._n_columns += 1
        if not differ(values, values[self._head]).any():
            self._n_silent += 1
            return not self.stuck
        self._n_silent, self._pending = 0, True
        found = codes_of(values)
        bits = 0 if found is None else found.most.bit_length()
        if found is None or self._bits + bits > KEY_BITS:
            # A copy, as it may be a column of a large block.
            self._last = values.copy()
            return False
        self._key <<= np.uint64(bits)
        self._key |= found.codes
        self._bits += bits
        self._information += found.information()
        # Of so many random keys almost all are different.
        return self._information < 2 * len(self.rank).bit_length() and not self.stuck

    @property
    def stuck(self) -> bool:
        """Whether equal rows should be looked for."""
        if self._followers is not None:
            return False
        many_open = self._n_sorted >= SORTED and len(self.open) > len(self.rank) // 4
        return many_open or self._n_silent >= SILENT or self._n_columns >= COLUMNS

    def may_end(self) -> bool:
        """Whether a sort may tell all apart: there are as many keys."""
        return 2**self._bits >= len(self.rank)

    def sort(self) -> None:
        """New runs, by what was added."""
        if not self._pending:
            return
        self._n_sorted = self._n_columns
        key, last, run = self._key, self._last, self._run
        by = by_number(key, self._bits, last)
        new = changes(key[by])
        if last is not None:
            new |= changes(last[by])
        # Several numbers per row live here at once: what is not needed any more is dropped.
        del key, last
        starts = np.flatnonzero(new).astype(run.dtype, copy=False)
        number = np.empty_like(run)
        number[by] = np.cumsum(new, dtype=run.dtype)
        number -= 1
        # In a run of rank r, a new run behind k of its rows gets the rank r + k.
        lengths = np.bincount(run, minlength=1)
        rank = self.rank[self.open]
        rank -= (np.cumsum(lengths) - lengths).astype(run.dtype)[run]
        rank += starts[number]
        self.rank[self.open] = rank
        del rank
        self._keep(number, run_lengths(starts, len(by)) > 1)

    def _keep(self, run: np.ndarray, several: np.ndarray) -> None:
        """Keep the positions of the runs that have several."""
        n_runs = int(np.count_nonzero(several))
        if n_runs < len(several):
            stay = several[run]
            self.open, run = self.open[stay], run[stay]
            run = (np.cumsum(several, dtype=run.dtype) - 1)[run]
        self._begin(run, n_runs)

    def merge(self, tables: list[Table], rows: np.ndarray) -> None:
        """Leave one row of each group of equal ones; the others will follow it.

        ``tables`` hold the columns that were not added, and ``rows`` their row of each position.
        Hashes say which rows may be equal, and a comparison whether they are. Where one row of a
        group is not, the whole group stays open, and its columns decide.
        """
        rows, dtype = rows[self.open], self._run.dtype
        hashes = self._run.astype(np.uint64)
        for table in tables:
            hashes *= STEP
            hashes += table.hashes(rows)
        by = by_number(hashes, 64)
        starts = np.flatnonzero(changes(hashes[by]))
        del hashes
        leader = np.empty_like(by)
        leader[by] = np.repeat(by[starts], run_lengths(starts, len(by)))
        del by, starts
        # In the order of the table, in which a file is read.
        follows = leader != np.arange(len(leader), dtype=dtype)
        follower, leader = np.flatnonzero(follows).astype(dtype, copy=False), leader[follows]
        unlike = self._run[follower] != self._run[leader]
        for table in tables:
            unlike |= table.differ(rows[follower], rows[leader])
        if unlike.any():
            mixed = np.zeros(len(rows), dtype=bool)
            mixed[leader[unlike]] = True
            fine = ~mixed[leader]
            follower, leader = follower[fine], leader[fine]
        self._followers = self.open[follower], self.open[leader]
        stay = np.ones(len(rows), dtype=bool)
        stay[follower] = False
        self.open, run = self.open[stay], self._run[stay]
        self._keep(run, np.bincount(run) > 1)

    def order(self) -> np.ndarray:
        """The positions by rank; those of one rank in the order in which they came."""
        if self._followers is not None:
            followers, leaders = self._followers
            self.rank[followers] = self.rank[leaders]
        return by_number(self.rank, len(self.rank).bit_length())
