"""Quantiles: one, or several of one network that never cross.

In: raw scores (B, n_targets k) for k quantiles, and targets. Out: value, gradient, quantiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .best_constant import weighted_quantiles
from .loss import Loss, finish


@dataclass(frozen=True)
class Quantile(Loss):
    """``l = sum_q max(q e_q, (q - 1) e_q)``, e_q = y - raw_q: the pinball loss, summed over levels.

    There is a raw score for each level, with the slope ``[e_q < 0] - q``. Predictions are the
    scores of a target in ascending order: so they never cross, wherever the network is asked. Where
    scores would, sorting lowers the pinball loss (reference 2), so that l is an upper bound of that
    of the predictions. Sorted in training, too, or with gaps made positive by a softplus, the loss
    on test rows was the same within 2 % on two tables, and the intervals covered less.

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
        given: Any = self.quantile
        levels = float(given) if np.ndim(given) == 0 else tuple(float(q) for q in given)
        object.__setattr__(self, "quantile", levels)

    @property
    def levels(self) -> tuple[float, ...]:
        return self.quantile if isinstance(self.quantile, tuple) else (self.quantile,)

    def n_raw(self, n_targets: int) -> int:
        return n_targets * len(self.levels)

    def raw_of(self, targets: np.ndarray) -> np.ndarray:
        return np.repeat(targets, len(self.levels))

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        # minus e, and the slope.
        excess = raw.reshape(*y.shape, -1) - y[:, :, np.newaxis]
        slope = (excess > 0) - np.array(self.levels, dtype=raw.dtype)
        if d_raw is not None:
            d_raw[...] = slope.reshape(raw.shape)
        excess *= slope
        return finish(excess, weight, len(raw), d_raw)

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

    def combine_slopes(self, raw: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        # Each score has the slope of the place that it is sorted to.
        of_targets = raw.reshape(*raw.shape[:-1], -1, len(self.levels))
        places = np.argsort(np.argsort(of_targets, axis=-1), axis=-1)
        each = np.broadcast_to(slopes / len(raw), raw.shape).reshape(of_targets.shape)
        return np.take_along_axis(each, places, axis=-1).reshape(raw.shape)

    def raw_in_units(self, unit: Any, shift: Any) -> tuple[Any, Any]:
        return np.repeat(unit, len(self.levels)), np.repeat(shift, len(self.levels))

    def raw_names(self, targets: list[str]) -> list[str]:
        if not isinstance(self.quantile, tuple):
            return targets
        return [f"{target}: quantile {q:g}" for target in targets for q in self.levels]
