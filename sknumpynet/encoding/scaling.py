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

from typing import Any

import numpy as np
from scipy.special import ndtri

from ..matrix import Matrix
from ..rows import Rows
from .bound import NEAR, bound, fill_missing
from .sorted_columns import largest_share, moments_of_sorted, sorted_columns, weighted_quantiles
from .statistics import means, missing_columns, moments
from .two_values import two_valued_columns


class Scaling:
    """Maps each column by its own function f; this one by ``f(x) = x``.

    Parameters
    ----------
    stream : bool
        Whether more rows will come to be fitted. A column that is constant so far may vary then,
        and is measured by its value (1 at least) until :mod:`.open_columns` knows more. Otherwise
        nothing can be learned of it, and it is mapped to 0 whatever it becomes.

    Attributes
    ----------
    at_zero : ndarray of shape (n_features,) or None
        f(0) of each column; None if it is 0 everywhere.
    missing : ndarray
        Numbers of the columns with missing values and others among the given rows.
    """

    at_zero: np.ndarray | None = None
    #: Numbers of the columns that have shown nothing to be measured by, of a stream.
    constant: np.ndarray = np.zeros(0, dtype=np.intp)

    def __init__(self, stream: bool = False) -> None:
        self.stream = stream

    def fit(self, X: Matrix, rows: Rows) -> Scaling:
        """Learn the columns' statistics from the given rows and weights."""
        self._mean, self.missing = means(X, rows)
        return self

    def is_constant(self, j: int) -> bool:
        """Whether column j is mapped to 0, since it had one value; not of a stream, nor here."""
        return False

    def dense(self, block: np.ndarray, out: np.ndarray) -> None:
        """``out = f(block)``, shape (B, n_features); ``out`` has the network's dtype.

        What is missing (NaN) becomes what the centre becomes, here the mean.
        """
        np.copyto(out, block, casting="same_kind")
        if out.size:
            fill_missing(out, self._mean)

    def entries(self, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """``f(x) - f(0)`` for single entries in float64 and the columns that they are in."""
        return values

    def replace(self, columns: np.ndarray, other: Scaling) -> None:
        """Map these columns as ``other`` of the same kind does, where they are all. In a stream.

        Arrays are replaced, not written to.
        """


class Affine(Scaling):
    """``f(x) = bound((x - center) / spread)``; for a constant column see ``stream``.

    A column of two values is brought to 0 and 1 (zeros and ones stay as they are): a category that
    one row in 30,000 has would come to z = 180 otherwise.
    """

    def fit(self, X: Matrix, rows: Rows) -> Scaling:
        center, spread, self.missing = self._measure(X, rows)
        columns, zeros, differences = two_valued_columns(X, rows, self.missing)
        # Not where one of the two has almost no weight, and the column is constant.
        varies = _varies(center, spread)[columns]
        columns, zeros, differences = columns[varies], zeros[varies], differences[varies]
        fill = np.zeros(len(center))
        fill[columns] = (center[columns] - zeros) / differences
        center[columns], spread[columns] = zeros, differences
        self.set(center, spread, fill)
        return self

    def is_constant(self, j: int) -> bool:
        return bool(self.factor[j] == 0.0)

    def _measure(self, X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """``center`` and ``spread`` of each column, and the columns with missing values."""
        raise NotImplementedError

    def set(
        self,
        center: np.ndarray,
        spread: np.ndarray,
        fill: np.ndarray,
        names: np.ndarray | None = None,
    ) -> None:
        """Map by these, and what is missing to ``fill``.

        That is 0, but in columns of two values the place of their mean between 0 and 1. ``names``
        are the numbers of the columns if they are not 0, 1, ...
        """
        self._fill = fill
        bad = np.flatnonzero(~(np.isfinite(center) & np.isfinite(spread)))
        if len(bad):
            raise ColumnTooLargeError(int(bad[0] if names is None else names[bad[0]]))
        varies = _varies(center, spread)
        self.center = center
        constant = np.maximum(1.0, np.abs(center)) if self.stream else np.inf
        if self.stream:
            self.constant, self._spread = np.flatnonzero(~varies), spread
        self._divisor = np.where(varies, spread, constant)
        self.factor = 1.0 / self._divisor
        self._linear_at_zero = -center / self._divisor
        self.at_zero = bound(self._linear_at_zero.copy())
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

    def replace(self, columns: np.ndarray, other: Scaling) -> None:
        new: Any = other
        center, spread, fill = self.center.copy(), self._spread.copy(), self._fill.copy()
        center[columns], spread[columns], fill[columns] = new.center, new._spread, new._fill
        self.set(center, spread, fill)

    def dense(self, block: np.ndarray, out: np.ndarray) -> None:
        # A value that is beyond the dtype in units of the spread is bounded like others: BOUND.
        with np.errstate(over="ignore", invalid="ignore"):
            self._scale(block, out)

    def _scale(self, block: np.ndarray, out: np.ndarray) -> None:
        if self._extreme:
            scaled = bound((block - self.center) / self._divisor, self._fill)
            np.copyto(out, scaled, casting="same_kind")
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
        bound(out, self._fill)

    def entries(self, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
        moved = values / self._divisor[columns] if self._extreme else values * self.factor[columns]
        start = self._linear_at_zero[columns]
        # Within the bounds the difference keeps the digits that adding f(0) would take away.
        far = (np.abs(moved + start) > NEAR) | (np.abs(start) > NEAR)
        if far.any():
            moved[far] = bound(moved[far] + start[far]) - bound(start[far])
        return moved


def _varies(center: np.ndarray, spread: np.ndarray) -> np.ndarray:
    # A spread at the rounding of the values is none: a value that moves would explode.
    return spread > 16 * np.finfo(np.float64).eps * np.abs(center)


class ColumnTooLargeError(ValueError):
    """The statistics of column ``column`` overflow."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


class Standard(Affine):
    """Weighted mean 0 and variance 1.

    ``center = sum w x / W``, ``spread^2 = sum w (x - center)^2 / W`` with ``W = sum w``.
    """

    def _measure(self, X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return moments(X, rows)


class Robust(Affine):
    """``center`` the weighted median, ``spread`` the weighted interquartile range.

    A column whose middle half is one value is measured by half its range instead (RealMLP, arXiv
    2407.04491, section 3).
    """

    def _measure(self, X: Matrix, rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        center, spread = np.empty(X.shape[1]), np.empty(X.shape[1])
        for j, values, weights in sorted_columns(X, rows):
            low, center[j], high = weighted_quantiles(values, weights, np.array([0.25, 0.5, 0.75]))
            spread[j] = high - low if high > low else (values[-1] - values[0]) / 2.0
        return center, spread, missing_columns(X, rows)


class ToNormal(Scaling):
    """``f(x) = Phi^-1(F(x))``: F the column's weighted distribution function, Phi the normal one.

    F is linear between quantiles, at most 1000 of them. A value that fills several quantiles is
    mapped to the middle of them. Outside the range of the training rows f is constant; F is kept
    within [0.001, 0.999], so that no row comes further than 3.1.

    A column of which one value has more than 0.3 of the weight is mapped as by "standard": F jumps
    there, and the few other rows would be spread over most of the normal distribution.
    """

    # Without the rule for frequent values the loss of a mostly zero table is 1.5 times as high.
    # See DECISIONS: quantiles of a column.
    most_knots, rows_per_knot, tail, most_of_one = 1000, 30, 1e-3, 0.3

    def fit(self, X: Matrix, rows: Rows) -> Scaling:
        # Knots and their levels by the number of the column, and the columns without.
        knots_of: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        measured: dict[int, tuple[float, float, float]] = {}
        for j, values, weights in sorted_columns(X, rows):
            share = largest_share(values, weights)
            # A column that is constant in the first part of a stream need not stay so.
            if self.most_of_one < share and (share < 1.0 or self.stream):
                measured[j] = moments_of_sorted(values, weights)
                continue
            n_knots = int(max(min(weights.sum() // self.rows_per_knot, self.most_knots), 10))
            levels = np.linspace(0.0, 1.0, n_knots)
            knots, first = np.unique(weighted_quantiles(values, weights, levels), return_index=True)
            last = np.append(first[1:], n_knots) - 1
            level = (levels[first] + levels[last]) / 2.0
            knots_of[j] = knots, level if len(knots) > 1 else np.array([0.5])
        self.missing = missing_columns(X, rows)
        self._set(knots_of, measured)
        return self

    def _set(
        self,
        knots_of: dict[int, tuple[np.ndarray, np.ndarray]],
        measured: dict[int, tuple[float, float, float]],
    ) -> None:
        """Map columns by these knots, the others by center, spread and fill."""
        self._knots = knots_of
        rising = [j for j, (knots, _) in self._knots.items() if len(knots) > 1]
        self._rising = np.array(rising, dtype=np.intp)
        self._linear = np.array(list(measured), dtype=np.intp)
        self._affine = Affine(self.stream)
        first, second, third = np.array(list(measured.values())).reshape(-1, 3).T
        self._affine.set(first, second, third, names=self._linear)
        self.constant = self._linear[self._affine.constant]
        self.at_zero: np.ndarray = np.empty(len(knots_of) + len(measured))
        self.at_zero[self._linear] = self._affine.at_zero
        for j in self._knots:
            self.at_zero[j] = self._column(0.0, j)

    def _measured(self) -> dict[int, tuple[float, float, float]]:
        affine = self._affine
        found = zip(affine.center, affine._spread, affine._fill, strict=True)
        return dict(zip(self._linear.tolist(), found, strict=True))

    def replace(self, columns: np.ndarray, other: Scaling) -> None:
        new: Any = other
        knots_of, measured = dict(self._knots), self._measured()
        numbers = columns.tolist()
        for j in numbers:
            measured.pop(j, None)
            knots_of.pop(j, None)
        knots_of |= {numbers[j]: knots for j, knots in new._knots.items()}
        measured |= {numbers[j]: found for j, found in new._measured().items()}
        self._set(knots_of, dict(sorted(measured.items())))

    def is_constant(self, j: int) -> bool:
        return j in self._knots and len(self._knots[j][0]) == 1

    def _column(self, x: Any, j: int) -> np.ndarray:
        return self._normal(np.interp(x, *self._knots[j]))

    def _normal(self, level: Any) -> np.ndarray:
        return ndtri(np.clip(level, self.tail, 1.0 - self.tail))

    def dense(self, block: np.ndarray, out: np.ndarray) -> None:
        if len(self._linear):
            part = np.empty((len(block), len(self._linear)), dtype=out.dtype)
            self._affine.dense(block[:, self._linear], part)
            out[:, self._linear] = part
        if not self._knots:
            return
        # Column by column for the knots alone: of a single row all else takes 8 us a column.
        levels = np.empty((len(self._knots), len(block)))
        for level, (j, knots) in zip(levels, self._knots.items(), strict=True):
            level[...] = np.interp(block[:, j], *knots)
        mapped = self._normal(levels)
        mapped[np.isnan(mapped)] = 0.0
        out[:, list(self._knots)] = mapped.T

    def entries(self, values: np.ndarray, columns: np.ndarray) -> np.ndarray:
        # All at once but for the search in the knots of a column: of 100,000 sparse columns most
        # have none, and a block of 256 rows has 5,000 of them. Constant ones are at 0.
        mapped = np.zeros_like(values)
        at = np.searchsorted(self._linear, columns)
        linear = np.isin(columns, self._linear)
        mapped[linear] = self._affine.entries(values[linear], at[linear])
        others = np.flatnonzero(np.isin(columns, self._rising))
        others = others[np.argsort(columns[others], kind="stable")]
        for part in np.split(others, np.flatnonzero(np.diff(columns[others])) + 1):
            if len(part):
                j = columns[part[0]]
                mapped[part] = self._column(values[part], j) - self.at_zero[j]
        return mapped


#: The values of the option ``feature_scaling``.
FEATURE_SCALINGS: dict[str | None, type[Scaling]] = {
    None: Scaling,
    "standard": Standard,
    "robust": Robust,
    "quantile": ToNormal,
}
