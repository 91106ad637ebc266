"""Rows by content: which are equal, and merging these.

In: X (dense or CSR, possibly memory-mapped), encoded targets and weights. Out: row numbers with
weights. Rows are identified by their content, not by their place: a row of weight 2 and that row
twice are the same data, and the order of the rows does not matter.
"""

from __future__ import annotations

import numpy as np

from ..matrix import Matrix
from .order import ordered
from .rows import Rows, number_type, run_lengths, weighted_rows


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
    members, group_of_member : ndarrays
        All rows, group by group, and the group of each.
    """

    def __init__(self, X: Matrix, y: np.ndarray, rows: Rows) -> None:
        # Several numbers per row live here at once: what is not needed any more is dropped.
        n = len(rows.index)
        self.members, new = ordered([y.reshape(len(y), -1), X], rows.index)
        starts = np.flatnonzero(new).astype(number_type(n), copy=False)
        self.group_of_member = np.cumsum(new, dtype=number_type(n))
        self.group_of_member -= 1
        del new
        self.first = self.members[starts]
        if rows.weight is None:
            self._member_weight = None
            self.weight = run_lengths(starts, n).astype(np.float64)
            return
        weight = np.empty(len(y))
        weight[rows.index] = rows.weight
        weight = weight[self.members]
        if len(starts) < n:
            # Equal rows by their weights: a sum depends on the order, in its last bit.
            by_weight = np.lexsort((weight, self.group_of_member))
            self.members, weight = self.members[by_weight], weight[by_weight]
        self._member_weight = weight
        self.weight = np.add.reduceat(weight, starts)

    @property
    def n_groups(self) -> int:
        return len(self.first)

    def merged(self, groups: np.ndarray) -> Rows:
        """One row for each of the groups, with the weight of all of them."""
        return weighted_rows(self.first[groups], self.weight[groups])

    def chosen(self, members: np.ndarray) -> Rows:
        """Some of the ``members``, by a mask, in the order of the groups' content."""
        index, weight = self.members[members], self._member_weight
        return Rows(index, None) if weight is None else weighted_rows(index, weight[members])
