"""Rows of which other ranks have more: what is learned of them is learned of all.

In: some rows of a table, and those who have the others. Out: sums over all rows, and few values
that stand for all of them: exact up to a number of rows, beyond it means of narrow groups.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from .rows import Rows
from .sketch import in_groups, rows_of_one_weight

#: Up to so many rows of all ranks together are told as they are (800 kB for a column of numbers).
EXACT = 100_000

#: Beyond, those of a rank are told by so many means of groups of one weight. So a share of the rows
#: below a value is right to 1 / GROUPS, and means and single frequent values are exact.
GROUPS = 10_000


class Ranks(Protocol):
    """What is needed of :class:`sknumpynet.training.Collective`."""

    rank: int
    size: int

    def sum(self, *arrays: np.ndarray) -> None: ...

    def gather(self, value: Any) -> list[Any]: ...


class RowsOfRank(Rows):
    """Rows of one rank.

    Parameters
    ----------
    index, weight : as of :class:`Rows`
    ranks : Ranks
        All of them make the same calls, also those without any rows.
    """

    ranks: Ranks
    _counts: list[int]
    _total: float
    _weighted: bool

    def __new__(cls, index: np.ndarray, weight: np.ndarray | None, ranks: Ranks) -> RowsOfRank:
        rows = super().__new__(cls, index, weight)
        rows.ranks = ranks
        own = len(index), Rows(index, weight).total(), weight is not None
        counts, totals, weighted = zip(*ranks.gather(own), strict=True)
        rows._counts, rows._total, rows._weighted = list(counts), sum(totals), any(weighted)
        return rows

    @property
    def alone(self) -> bool:
        return False

    @property
    def counts(self) -> list[int]:
        return self._counts

    def total(self) -> float:
        return self._total

    def with_weight(self, weight: np.ndarray | None) -> RowsOfRank:
        return RowsOfRank(self.index, weight, self.ranks)

    def of_mean_one(self) -> np.ndarray | None:
        if not self._weighted:
            return None
        weight = np.ones(len(self.index)) if self.weight is None else self.weight
        return weight * (self.n_rows / self._total)

    def relative_weight(self) -> np.ndarray | None:
        return self.of_mean_one()

    def summed(self, *sums: np.ndarray) -> tuple[np.ndarray, ...]:
        # Over sockets the numbers are read in the order of rows.
        copies = tuple(np.array(one, order="C") for one in sums)
        self.ranks.sum(*copies)
        return copies

    def each(self, value: Any) -> list[Any]:
        found = zip(self.ranks.gather(value), self.counts, strict=True)
        return [one for one, n in found if n]

    def average(self, values: np.ndarray) -> np.ndarray:
        weighted = values.sum(axis=0) if self.weight is None else self.weight @ values
        return self.summed(weighted)[0] / self.total()

    def mean(self, of_these: Callable[[], float]) -> float:
        n = len(self.index)
        (total,) = self.summed(np.array([of_these() * n if n else 0.0]))
        return float(total[0]) / self.n_rows

    def standing_for_all(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        weight = self.of_mean_one()
        if self.n_rows > EXACT:
            values, weight = self._few(values, weight)
        found = self.each((values, weight))
        stacked = np.concatenate([few for few, _ in found])
        if weight is None:
            return stacked, None
        weight = np.concatenate([one for _, one in found])
        return stacked, weight * (len(weight) / weight.sum())

    def _few(self, values: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Distinct rows with their weights; of too many numbers, groups of each column."""
        weights = np.ones(len(values)) if weight is None else weight
        if not len(values):
            return values, weights
        distinct, place = np.unique(values, axis=0, return_inverse=True)
        if len(distinct) <= GROUPS or values.dtype.kind != "f":
            return distinct, np.bincount(place.reshape(-1), weights=weights)
        few = rows_of_one_weight(values, weights, GROUPS).astype(values.dtype)
        return few, np.full(GROUPS, weights.sum() / GROUPS)

    def sorted_of_all(
        self, values: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Sorted values of a column, and their weights, of all ranks."""
        if self.n_rows > EXACT:
            values, weights = in_groups(values, weights, GROUPS)
        found = self.ranks.gather((values, weights))
        values, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(values, kind="stable")
        return values[order], weights[order]
