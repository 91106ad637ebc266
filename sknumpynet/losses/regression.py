"""Losses for real targets (B, n_targets), and the table of their names.

In: raw scores and targets. Out: value, gradient, prediction. A new loss is one
class and one row of ``REGRESSION_LOSSES``; its options are the estimators' too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from .loss import Loss, finish, log_mean_exp, weighted_mean


@dataclass(frozen=True)
class SquaredError(Loss):
    """``l = 1/2 (raw - y)^2``, link identity, y real.

    The factor 1/2 makes the gradient ``raw - y`` and is scikit-learn's.
    """

    out_activation = "identity"
    target_unit = "standard"

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        difference = np.subtract(raw, y, out=d_raw)
        losses = difference * difference
        losses *= 0.5
        return finish(losses, weight, len(raw), d_raw)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # d/dr sum w (r - y)^2 / 2 = sum w (r - y) = 0.
        return weighted_mean(y, weight)

    def rounding(self, y: np.ndarray) -> float:
        # The square of some digits of y. A product of Python floats overflows to inf.
        error = 8.0 * float(np.finfo(y.dtype).eps) * float(np.abs(y).max())
        return error * error

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return raw

    def combine(self, raw: np.ndarray) -> np.ndarray:
        return raw.mean(axis=0)


@dataclass(frozen=True)
class Poisson(Loss):
    """``l = exp(raw) - y raw + y log y - y``, half the Poisson deviance, link log, y >= 0.

    Measured in another unit, y = b y', both l and the deviance are multiplied by b.
    """

    out_activation = "exp"
    target_unit = "mean"

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        lowest = float(y.min())
        return (lowest, "y >= 0") if lowest < 0 else None

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        mean = np.exp(raw)
        # Before raw may be overwritten by d_raw. At raw = log y the four terms cancel to 0.
        losses = mean - y * raw
        losses += xlogy(y, y)
        losses -= y
        if d_raw is not None:
            np.subtract(mean, y, out=d_raw)
        return finish(losses, weight, len(raw), d_raw)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # d/dr sum w (exp(r) - y r) = sum w (exp(r) - y) = 0. With no event at all the optimum is at
        # -inf: half an event in all the rows is assumed then.
        return np.log(np.maximum(weighted_mean(y, weight), 0.5 / len(y)))

    def rounding(self, y: np.ndarray) -> float:
        # Some roundings of the largest of the four terms, which cancel.
        highest = float(y.max())
        largest = max(highest, abs(float(xlogy(highest, highest))))
        return 4.0 * float(np.finfo(y.dtype).eps) * largest

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return np.exp(raw)

    def combine(self, raw: np.ndarray) -> np.ndarray:
        return log_mean_exp(raw)


#: The values of the regressor's option ``loss``.
REGRESSION_LOSSES: dict[str, type[Loss]] = {"squared_error": SquaredError, "poisson": Poisson}
