"""Few numbers that stand for many: means of narrow groups of sorted values.

In: values with weights. Out: fewer values with weights. Their weighted mean is the same up to
rounding, and the share of the weight below any number is right to one group's share. Those of
several ranks, put together, are right to the same share.
"""

from __future__ import annotations

import numpy as np


def distinct_values(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted values and their weights, equal ones as one."""
    if not len(values):
        return values, weights
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    return values[starts], np.add.reduceat(weights, starts)


def in_groups(
    values: np.ndarray, weights: np.ndarray, n_groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """At most about ``3 n_groups`` values that stand for the sorted ones of a column.

    A value that has more than a group's share stays as it is, and so do the first and the last.
    """
    values, weights = distinct_values(values, weights)
    if len(values) <= n_groups:
        return values, weights
    cumulative = np.cumsum(weights)
    share = cumulative[-1] / n_groups
    group = np.floor((cumulative - weights / 2.0) / share)
    alone = weights > share
    alone[[0, -1]] = True
    begins = np.concatenate(([True], group[1:] != group[:-1])) | alone
    begins[1:] |= alone[:-1]
    starts = np.flatnonzero(begins)
    of_group = np.add.reduceat(weights, starts)
    # Differences to the first keep the digits of values that lie close together.
    first = values[starts]
    lengths = np.diff(np.append(starts, len(values)))
    above = np.add.reduceat(weights * (values - np.repeat(first, lengths)), starts)
    return first + above / of_group, of_group


def rows_of_one_weight(values: np.ndarray, weight: np.ndarray | None, n_groups: int) -> np.ndarray:
    """``n_groups`` rows of one weight: of each column (n, k) the means of so many equal groups.

    A value on the border of two groups belongs to both in parts.
    """
    n = len(values)
    weights = np.ones(n) if weight is None else weight
    found = np.empty((n_groups, values.shape[1]))
    for j, column in enumerate(values.T):
        order = np.argsort(column, kind="stable")
        sorted_values = column[order].astype(np.float64)
        middle = sorted_values[n // 2]
        cumulative = np.concatenate(([0.0], np.cumsum(weights[order])))
        moments = np.concatenate(([0.0], np.cumsum(weights[order] * (sorted_values - middle))))
        ends = np.linspace(0.0, cumulative[-1], n_groups + 1)
        found[:, j] = middle + np.diff(np.interp(ends, cumulative, moments)) / np.diff(ends)
    return found
