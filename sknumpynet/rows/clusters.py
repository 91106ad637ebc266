"""Rows that a split never separates: equal ones, all rows of one group, or each row alone.

In: X (dense or CSR, possibly memory-mapped), encoded targets, weights and group numbers. Out: the
rows on both sides of a split, or in several parts. Neither the order of the rows nor the unit of a
column changes which they are.
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from ..matrix import Matrix
from .distinct import DistinctRows
from .rows import Rows, number_type, row_numbers


class RowClusters:
    """Clusters of rows, numbered in the order of their content: of y, then of X's columns.

    Without groups, a cluster is a distinct row. With groups it is a group, or several of them that
    have rows in common; but several that together have more than a ``share`` of the distinct rows
    are not joined: where columns have few values, almost all groups have some row in common.

    Parameters
    ----------
    X, y, rows
        As :class:`DistinctRows` takes them.
    groups : ndarray of shape (n,), optional
        A number for each row of the table.
    share : float
        In (0, 1].

    Attributes
    ----------
    n_clusters, n_distinct : int
    """

    def __init__(
        self,
        X: Matrix,
        y: np.ndarray,
        rows: Rows,
        groups: np.ndarray | None = None,
        share: float = 1.0,
    ) -> None:
        self.distinct = DistinctRows(X, y, rows)
        self.n_distinct = self.distinct.n_groups
        #: A row of each cluster, without groups.
        self._first = self.distinct.first
        #: Distinct rows of each cluster; None: 1 each.
        self._size: np.ndarray | None = None
        if groups is None:
            self.n_clusters = self.n_distinct
            self._of_member = self.distinct.group_of_member
            return
        most = max(2.0, share * self.n_distinct)
        self._of_member = _joined(
            groups[self.distinct.members], self.distinct.group_of_member, self.n_distinct, most
        )
        self.n_clusters = int(self._of_member.max()) + 1
        # A row that is twice in a cluster is one of its rows.
        self._cluster, self._row = np.divmod(
            np.unique(self._of_member.astype(np.int64) * self.n_distinct
                      + self.distinct.group_of_member),
            self.n_distinct,
        )  # fmt: skip
        self._size = np.bincount(self._cluster)

    def take_apart(self) -> None:
        """Each row becomes a cluster of its own, and equal ones come on either side; no groups."""
        self._first = self.distinct.members
        self.n_clusters = len(self._first)
        self._of_member = row_numbers(self.n_clusters)

    def rows(self, clusters: np.ndarray) -> Rows:
        """Every row of the clusters, in the order of their content."""
        chosen = np.zeros(self.n_clusters, dtype=bool)
        chosen[clusters] = True
        return self.distinct.chosen(chosen[self._of_member])

    def n_rows(self, clusters: np.ndarray) -> int:
        """Distinct rows of the clusters, or all if they are apart."""
        return int(len(clusters) if self._size is None else self._size[clusters].sum())

    def split(
        self, fraction: float, strata: np.ndarray | None, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Split them at random into a part of about 1 - ``fraction`` and one of ``fraction``.

        Parameters
        ----------
        fraction : float
            In (0, 1), of the distinct rows; their number is rounded up, and at least 2. It is less
            where only clusters that are larger than it are left.
        strata : ndarray of shape (n,) or None
            A class for each row of the table; the most frequent one is that of a cluster. Each
            class is then shared out in proportion, and at least one cluster of each stays in the
            first part.
        rng : numpy.random.Generator

        Returns
        -------
        kept, split_off : ndarrays of cluster numbers, sorted
        """
        n = self.n_clusters
        dtype = number_type(n)
        codes = self._codes(strata, dtype)
        counts = np.bincount(codes)
        # Within a class of c rows the shuffled ones get the positions (i + u) / c, evenly spread
        # over [0, 1) with one random shift u per class; a cluster of s rows that follow one another
        # gets (i + s u) / c. The lowest positions of all are split off: about the same fraction of
        # each class, whatever its size.
        draw = rng.random(n)
        single = len(counts) == 1
        by_class = np.argsort(draw, kind="stable") if single else np.lexsort((draw, codes))
        by_class = by_class.astype(dtype, copy=False)
        del draw
        rank = np.empty(n, dtype=dtype)
        rank[by_class] = row_numbers(n)

        def of_each(values: np.ndarray) -> Any:
            """That of its class for each cluster; of a single class a number: 80 MB of 10^7."""
            return values[0] if single else values[codes]

        rank -= of_each((np.cumsum(counts) - counts).astype(dtype))
        shift = of_each(rng.random(len(counts)))
        # The last of each class stays (the largest of its clusters), and a class of one is not
        # counted in the fraction either.
        if self._size is None:
            totals = counts
            position = rank + shift
            position /= of_each(counts)
            position[rank == of_each(counts) - 1] = np.inf
        else:
            totals = np.bincount(codes, self._size)
            before = np.empty(n)
            before[by_class] = np.cumsum(self._size[by_class]) - self._size[by_class]
            before -= of_each(np.cumsum(totals) - totals)
            position = (before + self._size * shift) / of_each(totals)
            position[np.lexsort((rank, self._size, codes))[np.cumsum(counts) - 1]] = np.inf
        del by_class, rank
        wanted = max(2, int(np.ceil(fraction * totals[counts > 1].sum())))
        n_split_off = self._leave_large_ones(position, wanted)
        by_position = np.argsort(position, kind="stable").astype(dtype, copy=False)
        del position
        if self._size is not None:
            reached = np.cumsum(self._size[by_position[:n_split_off]])
            n_split_off = min(n_split_off, int(np.searchsorted(reached, wanted)) + 1)
        return np.sort(by_position[n_split_off:]), np.sort(by_position[:n_split_off])

    def _leave_large_ones(self, position: np.ndarray, wanted: int) -> int:
        """How many may be split off; others have an infinite position.

        A cluster larger than all that is wanted is split off only if there is no smaller one.
        """
        free = np.isfinite(position)
        if self._size is None:
            return min(wanted, int(free.sum()))
        if free.any():
            position[self._size > max(wanted, self._size[free].min())] = np.inf
        return int(np.isfinite(position).sum())

    def deal(self, n_parts: int, strata: np.ndarray | None, rng: np.random.Generator) -> np.ndarray:
        """The number of a part for each cluster; classes (see ``split``) are shared out evenly."""
        n = self.n_clusters
        classes = self._codes(strata, number_type(n))
        draw = rng.random(n)
        part = np.empty(n, dtype=np.intp)
        if self._size is None:
            # Class by class, each in a random order, dealt out in turn.
            part[np.lexsort((draw, classes))] = np.arange(n) % n_parts
            return part
        # Class by class, the largest first, to the part with the fewest rows of the class, then of
        # all. (Of single rows that is in turn, too.)
        load = np.zeros(n_parts, dtype=np.int64)
        order = np.lexsort((draw, -self._size, classes))
        for of_class in np.split(order, np.flatnonzero(np.diff(classes[order])) + 1):
            parts = [(0, int(load[k]), k) for k in range(n_parts)]
            heapq.heapify(parts)
            for cluster, size in zip(of_class.tolist(), self._size[of_class].tolist(), strict=True):
                of_this, of_all, k = parts[0]
                part[cluster] = k
                heapq.heapreplace(parts, (of_this + size, of_all + size, k))
                load[k] += size
        return part

    def _codes(self, strata: np.ndarray | None, dtype: np.dtype) -> np.ndarray:
        """The class of each cluster, as a number from 0 on."""
        if strata is None:
            return np.zeros(self.n_clusters, dtype=dtype)
        # Equal rows have equal targets, so one class.
        codes = np.unique(strata[self._first], return_inverse=True)[1].ravel()
        if self._size is None:
            return codes.astype(dtype)
        n_classes = int(codes.max()) + 1
        shape = (self.n_clusters, n_classes)
        counts = sp.csr_matrix(
            (np.ones(len(self._row)), (self._cluster, codes[self._row])), shape=shape
        )
        return np.unique(np.asarray(counts.argmax(axis=1)).ravel(), return_inverse=True)[1].astype(
            dtype
        )


def _joined(groups: np.ndarray, distinct: np.ndarray, n_distinct: int, most: float) -> np.ndarray:
    """For each row its cluster, from its group and the number of the distinct row that it is."""
    group = np.unique(groups, return_inverse=True)[1].ravel()
    n_groups = int(group.max()) + 1
    n_nodes = n_groups + n_distinct
    edges = sp.coo_matrix((np.ones(len(group)), (group, n_groups + distinct)), (n_nodes, n_nodes))
    n_sets, of_node = connected_components(edges, directed=False)
    of_group, of_row = of_node[:n_groups], of_node[n_groups:]
    too_large = np.bincount(of_row, minlength=n_sets) > most
    label_of_group = np.where(too_large[of_group], n_sets + np.arange(n_groups), of_group)
    # In the order of the first row of each, and where that is the same row, of the groups.
    labels, first, label = np.unique(label_of_group[group], return_index=True, return_inverse=True)
    rank = np.empty(len(labels), dtype=np.int64)
    rank[np.lexsort((labels, distinct[first]))] = np.arange(len(labels))
    return rank[label.ravel()]
