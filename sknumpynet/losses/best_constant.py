"""The best constant prediction where it is not a mean: quantiles, and where slopes balance.

In: targets of rows and their weights. Out: a number for each target, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize

#: Sums of weights that are this close, as a part of the whole, are equal but for rounding.
SAME = 1e-9


def weighted_quantiles(
    y: np.ndarray, weight: np.ndarray | None, levels: Sequence[float]
) -> np.ndarray:
    """Quantiles of each column of y (n, n_targets): (n_targets, n_levels).

    The smallest value with a share of at least q of the weight at or below it; where that share is
    q, the middle between it and the next. So 0.5 gives the median, and a row of weight 2 counts as
    that row twice (:func:`numpy.quantile` with "averaged_inverted_cdf").
    """
    found = np.empty((y.shape[1], len(levels)))
    counts = np.ones(len(y)) if weight is None else weight.astype(np.float64)
    used = np.flatnonzero(counts)
    for column, quantiles in zip(y.T, found, strict=True):
        order = used[np.argsort(column[used], kind="stable")]
        values = column[order].astype(np.float64)
        below = np.cumsum(counts[order])
        below /= below[-1]
        for j, q in enumerate(levels):
            first, after = np.searchsorted(below, [q - SAME, q + SAME])
            first, after = min(first, len(values) - 1), min(after, len(values) - 1)
            # The halves, since a sum of large values may overflow.
            quantiles[j] = 0.5 * values[first] + 0.5 * values[after]
    return found


def where_slopes_balance(
    slope: Callable[[np.ndarray], np.ndarray],
    y: np.ndarray,
    weight: np.ndarray | None,
    widths: np.ndarray,
) -> np.ndarray:
    """``r`` with ``sum_i w_i slope((r - y_i) / width) = 0`` for each column of y, (n_targets,).

    ``slope`` rises from -1 to 1, but for rounding within 20 of its middle. Then the slopes of the
    half of the weight below the median outweigh, 20 widths above it, all others; so r is at most
    20 widths from the median.
    """
    medians = weighted_quantiles(y, weight, [0.5])[:, 0]
    w = np.ones(len(y)) if weight is None else weight.astype(np.float64)
    found = medians.copy()
    for j, (column, median, width) in enumerate(zip(y.T, medians, widths, strict=True)):
        column = column.astype(np.float64)

        def total(r: float, column: np.ndarray = column, width: float = width) -> float:
            return float(w @ slope((r - column) / width))

        low = max(float(column.min()), median - 20.0 * width)
        high = min(float(column.max()), median + 20.0 * width)
        if total(low) < 0 < total(high):
            found[j] = brentq(total, low, high, xtol=1e-15 * max(width, abs(median)), maxiter=500)
    return found


def lowest_constant(
    value: Callable[..., float], y: Any, weight: np.ndarray | None, start: np.ndarray
) -> np.ndarray:
    """The constant raw scores (n_raw,) with the smallest ``value(raw, y, weight, d_raw)``.

    Sought from ``start`` by L-BFGS in float64; ``start`` itself if that finds nothing finite.
    """
    y = y.astype(np.float64) if y.dtype.kind == "f" else y
    d_raw = np.empty((len(y), len(start)))

    def constant(scores: np.ndarray) -> tuple[float, np.ndarray]:
        loss = value(np.broadcast_to(scores, d_raw.shape), y, weight, d_raw)
        return loss, d_raw.sum(axis=0)

    options = {"ftol": 0.0, "gtol": 1e-10, "maxiter": 1000}
    found = minimize(constant, start, jac=True, method="L-BFGS-B", options=options).x
    return found if np.isfinite(found).all() else start
