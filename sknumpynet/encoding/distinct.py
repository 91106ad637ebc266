"""Rows by content: merging equal ones, splitting off a validation part.

In: X (dense or CSR, possibly memory-mapped), encoded targets and weights. Out: row numbers with
weights. Rows are identified by their content, not by their place: a row of weight 2 and that row
twice are the same data, equal rows never fall on both sides of a split, and the order of the rows
does not matter.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .order import ordered
from .rows import Rows, number_type, row_numbers, weighted_rows


class DistinctRows:
    """The rows by content: one group for each distinct row, in order of y, then of X's columns.

    Only comparisons decide. So neither the order of the rows nor the unit of a column changes the
    order of the groups, and further columns do so only behind columns in which rows are equal.

    Parameters
    ----------
    X, y : array of n rows
        ``y`` encoded as numbers. A CSR matrix X in canonical format.
    rows : Rows
        Which of them.

    Attributes
    ----------
    first : ndarray of shape (n_groups,)
        A row of each group.
    weight : ndarray of shape (n_groups,)
        Its total weight.
    """

    def __init__(self, X: Any, y: np.ndarray, rows: Rows) -> None:
        # Several numbers per row live here at once: what is not needed any more is dropped.
        n = len(rows.index)
        self._members, new = ordered([y.reshape(len(y), -1), X], rows.index)
        starts = np.flatnonzero(new).astype(number_type(n), copy=False)
        self._group_of_member = np.cumsum(new, dtype=number_type(n))
        self._group_of_member -= 1
        del new
        self.first = self._members[starts]
        if rows.weight is None:
            self._member_weight = None
            self.weight = np.diff(starts, append=n).astype(np.float64)
            return
        weight = np.empty(len(y))
        weight[rows.index] = rows.weight
        weight = weight[self._members]
        if len(starts) < n:
            # Equal rows by their weights: a sum depends on the order, in its last bit.
            by_weight = np.lexsort((weight, self._group_of_member))
            self._members, weight = self._members[by_weight], weight[by_weight]
        self._member_weight = weight
        self.weight = np.add.reduceat(weight, starts)

    @property
    def n_groups(self) -> int:
        return len(self.first)

    def merged(self, groups: np.ndarray) -> Rows:
        """One row for each of the groups, with the weight of all of them."""
        return weighted_rows(self.first[groups], self.weight[groups])

    def all_members(self, groups: np.ndarray) -> Rows:
        """Every row of the groups, in the order of the groups' content."""
        chosen = np.zeros(len(self.first), dtype=bool)
        chosen[groups] = True
        chosen = chosen[self._group_of_member]
        index, weight = self._members[chosen], self._member_weight
        return Rows(index, None) if weight is None else weighted_rows(index, weight[chosen])

    def split(
        self, fraction: float, strata: np.ndarray | None, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split the groups at random into a part of 1 - ``fraction`` and one of ``fraction``.

        Parameters
        ----------
        fraction : float
            In (0, 1); the number of groups is rounded up, and at least 2.
        strata : ndarray of shape (n,) or None
            A class for each row of the table. Each class is then shared out in proportion, and at
            least one row of each stays in the first part.
        rng : numpy.random.Generator

        Returns
        -------
        kept, split_off : ndarrays of group numbers, sorted
        """
        n_groups = self.n_groups
        dtype = number_type(n_groups)
        codes = np.zeros(n_groups, dtype=dtype)
        if strata is not None:
            codes = np.unique(strata[self.first], return_inverse=True)[1].ravel().astype(dtype)
        counts = np.bincount(codes)
        # Within a class of c groups the shuffled ones get the positions (i + u) / c, evenly spread
        # over [0, 1) with one random shift u per class. The lowest positions of all are split off:
        # about the same fraction of each class, whatever its size.
        by_class = np.lexsort((rng.random(n_groups), codes)).astype(dtype, copy=False)
        rank = np.empty(n_groups, dtype=dtype)
        rank[by_class] = row_numbers(n_groups)
        del by_class
        rank -= (np.cumsum(counts) - counts).astype(dtype)[codes]
        position = (rank + rng.random(len(counts))[codes]) / counts[codes]
        # The last of each class stays, and a class of one is not counted in the fraction either.
        position[rank == counts[codes] - 1] = np.inf
        wanted = max(2, int(np.ceil(fraction * counts[counts > 1].sum())))
        n_split_off = min(wanted, int(np.isfinite(position).sum()))
        by_position = np.argsort(position, kind="stable").astype(dtype, copy=False)
        return np.sort(by_position[n_split_off:]), np.sort(by_position[:n_split_off])
