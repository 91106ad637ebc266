"""Scalings of numeric columns: what is learned from the training rows, and how a block is mapped.

In: columns in any unit. Out: columns of about unit size, in the network's dtype. Statistics are
kept in float64 and the centre is subtracted before anything is rounded to float32, so that a column
like 1.6e9 +- 1 survives. A new scaling is one class and one row of ``FEATURE_SCALINGS``.

A sparse block is mapped without filling it: with f the mapping of a column, the entries become
f(x) - f(0), and the constant row f(0) is handed to the network beside them. In float32 the two
lose digits where |f(0)| is large: a full column of 1.6e9 +- 1 belongs into a dense table, or into
float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.special import ndtri

from .rows import Rows, row_blocks

#: Columns are sorted for quantiles in groups of about this many numbers (16 MB).
QUANTILE_CHUNK = 2**21

#: Passes over the columns for their mean and variance: one, unless the first rows mislead by more
#: than a hundred spreads; each gains 16 digits.
MOST_PASSES = 20


class Scaling:
    """Maps each column by its own function f; this one by ``f(x) = x``.

    Parameters
    ----------
    stream : bool
        Whether more rows will come to be fitted. A column that is constant so far may vary then,
        and is measured by its value (1 at least). Otherwise nothing can be learned of it, and it is
        mapped to 0 whatever it becomes.

    Attributes
    ----------
    at_zero : ndarray of shape (n_features,) or None
        f(0) of each column; None if it is 0 everywhere.
    """

    at_zero: np.ndarray | None = None

    def __init__(self, stream: bool = False) -> None:
        self.stream = stream

    def fit(self, X: Any, rows: Rows) -> Scaling:
        """Learn the columns' statistics from the given rows and weights."""
        return self

    def dense(self, block: np.ndarray, out: np.ndarray) -> None:
        """``out = f(block)``, shape (B, n_features); ``out`` has the network's dtype."""
        np.copyto(out, block, casting="same_kind")

    def entries(self, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """``f(x) - f(0)`` for single entries in float64 and the columns that they are in."""
        return values


class Affine(Scaling):
    """``f(x) = (x - center) / spread``; for a constant column see ``stream``."""

    def _set(self, center: np.ndarray, spread: np.ndarray) -> None:
        bad = np.flatnonzero(~(np.isfinite(center) & np.isfinite(spread)))
        if len(bad):
            raise ColumnTooLargeError(int(bad[0]))
        # A spread at the rounding of the values is none: a value that moves would explode.
        varies = spread > 16 * np.finfo(np.float64).eps * np.abs(center)
        self.center = center
        constant = np.maximum(1.0, np.abs(center)) if self.stream else np.inf
        self._divisor = np.where(varies, spread, constant)
        self.factor = 1.0 / self._divisor
        self.at_zero = -center / self._divisor
        # Differences or factors beyond the range of float32 (1e38) have to meet in float64, and
        # below 1e-308 the factor overflows there too.
        used = np.where(varies, spread, 1.0)
        size = np.maximum(used, np.abs(center))
        self._extreme = bool(((used < 1e-30) | (size > 1e30)).any())
        if self._extreme:
            return
        # For float32: center = near + rest, where the rest may matter.
        self._near, self._factor32 = center.astype(np.float32), self.factor.astype(np.float32)
        rest = center - self._near
        matters = (np.abs(rest * self.factor) > 1e-9).any()
        self._rest = rest.astype(np.float32) if matters else None

    def dense(self, block: np.ndarray, out: np.ndarray) -> None:
        if self._extreme:
            np.copyto(out, (block - self.center) / self._divisor, casting="same_kind")
            return
        if block.dtype == out.dtype == np.float32:
            # block - near is exact where the two are close, and elsewhere rounded once; 0.49 ms for
            # 256 x 5000 instead of 1.04.
            np.subtract(block, self._near, out=out)
            if self._rest is not None:
                out -= self._rest
        else:
            # The difference is taken in float64 (the dtype of center) and rounded once.
            np.subtract(block, self.center, out=out, casting="same_kind")
        out *= self.factor if out.dtype == np.float64 else self._factor32

    def entries(self, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return values / self._divisor[columns] if self._extreme else values * self.factor[columns]


class ColumnTooLargeError(ValueError):
    """The statistics of column ``column`` overflow."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


class Standard(Affine):
    """Weighted mean 0 and variance 1.

    ``center = sum w x / W``, ``spread^2 = sum w (x - center)^2 / W`` with ``W = sum w``.
    """

    def fit(self, X: Any, rows: Rows) -> Scaling:
        self._set(*(_moments_sparse(X, rows) if sp.issparse(X) else _moments(X, rows)))
        return self


def _moments(X: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    # One pass over the differences d to an origin near the mean:
    #   center = origin + sum w d / W,    spread^2 = sum w d^2 / W - (center - origin)^2.
    # The subtraction costs as many digits as (center - origin)^2 is larger than spread^2. The mean
    # of the first rows is near enough unless they are few or light and lie far away: then another
    # pass starts from the mean that was found, until the mean cannot be told any better.
    first = X[rows.index[0]].astype(np.float64)
    block, w = next(row_blocks(X, rows))
    # Differences to the first row inside keep a constant column exact, with the spread 0.
    origin = first + w @ (block - first) / w.sum()
    for _ in range(MOST_PASSES):
        shift, variance = _moments_about(origin, X, rows)
        nearer = origin + shift
        if not ((shift * shift > 1e4 * variance) & (nearer != origin)).any():
            break
        origin = nearer
    return nearer, np.sqrt(variance)


def _moments_about(origin: np.ndarray, X: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """``center - origin`` and the variance of each column, by differences to ``origin``."""
    sums, squares = np.zeros_like(origin), np.zeros_like(origin)
    for block, w in row_blocks(X, rows):
        difference = block - origin
        sums += w @ difference
        np.multiply(difference, difference, out=difference)
        squares += w @ difference
    total = rows.total()
    shift = sums / total
    return shift, np.maximum(squares / total - shift * shift, 0.0)


def _moments_sparse(X: Any, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    # The same sums over the stored entries; the zeros, of weight W - W_stored, add mean^2 each. In
    # a full column, differences to the first row as above; elsewhere to 0.
    n_features, total = X.shape[1], rows.total()

    def column_sums(values: np.ndarray, block: Any) -> np.ndarray:
        return np.bincount(block.indices, weights=values, minlength=n_features)

    def stored() -> Iterator[tuple[Any, np.ndarray]]:
        for block, w in row_blocks(X, rows):
            yield block, np.repeat(w, np.diff(block.indptr))

    counts = sum(
        np.bincount(block.indices, minlength=n_features) for block, _ in row_blocks(X, rows)
    )
    first_row = X[rows.index[:1]].toarray().ravel().astype(np.float64)
    origin = np.where(counts == len(rows.index), first_row, 0.0)
    sums = sum(
        column_sums(w * (block.data - origin[block.indices]), block) for block, w in stored()
    )
    mean = origin + sums / total
    squares, weight = np.zeros(n_features), np.zeros(n_features)
    for block, w in stored():
        difference = block.data - mean[block.indices]
        squares += column_sums(w * difference * difference, block)
        weight += column_sums(w, block)
    absent = np.where(counts == len(rows.index), 0.0, np.maximum(total - weight, 0.0))
    squares += absent * mean * mean
    return mean, np.sqrt(squares / total)


class Robust(Affine):
    """``center`` the weighted median, ``spread`` the weighted interquartile range.

    A column whose middle half is one value is measured by half its range instead (RealMLP, arXiv
    2407.04491, section 3).
    """

    def fit(self, X: Any, rows: Rows) -> Scaling:
        center, spread = np.empty(X.shape[1]), np.empty(X.shape[1])
        for j, values, weights in sorted_columns(X, rows):
            low, center[j], high = weighted_quantiles(values, weights, np.array([0.25, 0.5, 0.75]))
            spread[j] = high - low if high > low else (values[-1] - values[0]) / 2.0
        self._set(center, spread)
        return self


class Quantile(Scaling):
    """``f(x) = Phi^-1(F(x))``: F the column's weighted distribution function, Phi the normal one.

    F is linear between quantiles, at most 1000 of them. A value that fills several quantiles is
    mapped to the middle of them. Outside the range of the training rows f is constant; F is kept
    within [1e-7, 1 - 1e-7], as scikit-learn's QuantileTransformer does.
    """

    most_knots, rows_per_knot, tail = 1000, 30, 1e-7

    def fit(self, X: Any, rows: Rows) -> Scaling:
        n_knots = int(max(min(rows.total() // self.rows_per_knot, self.most_knots), 10))
        levels = np.linspace(0.0, 1.0, n_knots)
        self._knots: list[np.ndarray] = []
        self._levels: list[np.ndarray] = []
        for _, values, weights in sorted_columns(X, rows):
            knots, first = np.unique(weighted_quantiles(values, weights, levels), return_index=True)
            last = np.append(first[1:], n_knots) - 1
            level = (levels[first] + levels[last]) / 2.0
            self._knots.append(knots)
            self._levels.append(level if len(knots) > 1 else np.array([0.5]))
        zeros = [self._column(0.0, j) for j in range(len(self._knots))]
        self.at_zero = np.array(zeros, dtype=np.float64)
        return self

    def _column(self, x: Any, j: int) -> np.ndarray:
        level = np.interp(x, self._knots[j], self._levels[j])
        return ndtri(np.clip(level, self.tail, 1.0 - self.tail))

    def dense(self, block: np.ndarray, out: np.ndarray) -> None:
        for j in range(block.shape[1]):
            out[:, j] = self._column(block[:, j], j)

    def entries(self, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
        mapped = np.empty_like(values)
        order = np.argsort(columns, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(columns[order])) + 1):
            if len(part):
                j = columns[part[0]]
                mapped[part] = self._column(values[part], j) - self.at_zero[j]
        return mapped


def sorted_columns(X: Any, rows: Rows) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Each column's number, its values in ascending order (float64) and their weights.

    The implicit zeros of a sparse column come as one entry with all their weight.
    """
    weight = np.ones(len(rows.index)) if rows.weight is None else rows.weight
    n_features = X.shape[1]
    if sp.issparse(X):
        by_column = X[rows.index].tocsc()
        for j in range(n_features):
            here = slice(by_column.indptr[j], by_column.indptr[j + 1])
            stored = weight[by_column.indices[here]]
            rest = rows.total() - stored.sum()
            values = np.append(by_column.data[here].astype(np.float64), 0.0)
            order = np.argsort(values, kind="stable")
            # Rounding may leave a trace of weight on zeros that are not there.
            stored = np.append(stored, rest if rest > 1e-9 * rows.total() else 0.0)
            order = order[stored[order] > 0]
            yield j, values[order], stored[order]
        return
    step = max(1, QUANTILE_CHUNK // max(1, len(rows.index)))
    for start in range(0, n_features, step):
        chunk = np.asarray(X[:, start : start + step])[rows.index].astype(np.float64)
        for offset in range(chunk.shape[1]):
            order = np.argsort(chunk[:, offset], kind="stable")
            yield start + offset, chunk[order, offset], weight[order]


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Quantiles of sorted ``values``: mean of the least x with F(x) >= q and the least with > q.

    Hyndman and Fan (1996), definition 2. A value of weight 2 counts as that value twice, and the
    median of an even number of values is the mean of the middle two.
    """
    cumulative = np.cumsum(weights)
    target = levels * cumulative[-1]
    # A target that is a border up to rounding is that border.
    slack = 1e-12 * cumulative[-1]
    last = len(values) - 1
    low = np.minimum(np.searchsorted(cumulative, target - slack, side="left"), last)
    high = np.minimum(np.searchsorted(cumulative, target + slack, side="right"), last)
    # Halved first: the sum of two large values overflows.
    return values[low] / 2.0 + values[high] / 2.0


#: The values of the option ``feature_scaling``.
FEATURE_SCALINGS: dict[str | None, type[Scaling]] = {
    None: Scaling,
    "standard": Standard,
    "robust": Robust,
    "quantile": Quantile,
}
