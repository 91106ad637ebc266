"""Quantiles: one, or several of one network that never cross.

In: raw scores (B, n_targets k) for k quantiles, and targets. Out: value, gradient, quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .best_constant import weighted_quantiles
from .loss import Loss, finish


@dataclass(frozen=True)
class Quantile(Loss):
    """``l = sum_q max(q e, (q - 1) e)``, e = y - quantile_q: the pinball loss, summed over levels.

    The quantiles are the raw scores of a target in ascending order: so they never cross, wherever
    the network is asked. Sorting lowers the loss of every row where they would (the quantile of a
    level comes nearer to that of its order), and its slope passes to the score that has the place:
    ``dl/d(raw_s) = [e < 0] - q`` for the score s in the place of level q. It needs no unit, in
    contrast to gaps that are made positive by a function, and where nothing crosses the scores are
    independent.

    Parameters
    ----------
    quantile : float or ascending sequence of float
        In (0, 1). For a sequence predictions have an axis more.

    References
    ----------
    Koenker and Bassett (1978), "Regression quantiles", Econometrica 46, 33-50.

    Chernozhukov, Fernández-Val and Galichon (2010), "Quantile and probability curves without
    crossing", Econometrica 78, 1093-1125.
    """

    quantile: float | tuple[float, ...] = 0.5

    out_activation = "identity"
    target_unit = "standard"

    def __post_init__(self) -> None:
        given = self.quantile
        levels = float(given) if np.ndim(given) == 0 else tuple(float(q) for q in given)
        object.__setattr__(self, "quantile", levels)

    @property
    def levels(self) -> tuple[float, ...]:
        return self.quantile if isinstance(self.quantile, tuple) else (self.quantile,)

    def n_raw(self, n_targets: int) -> int:
        return n_targets * len(self.levels)

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        scores = raw.reshape(*y.shape, -1)
        levels = np.array(self.levels, dtype=raw.dtype)
        order = np.argsort(scores, axis=2, kind="stable")
        error = y[:, :, np.newaxis] - np.take_along_axis(scores, order, axis=2)
        slope = (error < 0) - levels
        if d_raw is not None:
            np.put_along_axis(d_raw.reshape(scores.shape), order, slope, axis=2)
        np.negative(error, out=error)
        return finish(error * slope, weight, len(raw), d_raw)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        return weighted_quantiles(y, weight, self.levels).ravel()

    def rounding(self, y: np.ndarray) -> float:
        return 8.0 * float(np.finfo(y.dtype).eps) * float(np.abs(y).max())

    def _quantiles(self, raw: np.ndarray) -> np.ndarray:
        """(..., n_targets k) to (..., n_targets, k)."""
        return np.sort(raw.reshape(*raw.shape[:-1], -1, len(self.levels)), axis=-1)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return self._quantiles(raw) if isinstance(self.quantile, tuple) else raw

    def point(self, raw: np.ndarray) -> np.ndarray:
        """The quantile next to the median; of two that are as near the lower."""
        nearest = int(np.argmin([abs(q - 0.5) for q in self.levels]))
        return self._quantiles(raw)[..., nearest]

    def combine(self, raw: np.ndarray) -> np.ndarray:
        return self._quantiles(raw).mean(axis=0).reshape(raw.shape[1:])
