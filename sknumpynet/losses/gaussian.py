"""A mean and a standard deviation for each target.

In: raw scores (B, 2 n_targets), the means and then the logarithms of the spreads. Out: value,
gradient, means, standard deviations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .loss import HIGHEST, Loss, finish, log_mean_exp, weighted_mean

#: The smallest standard deviation, in the unit of the encoded target (with ``target_scaling`` the
#: standard deviation of y). Without one the loss of a row that is met ever more exactly falls to
#: -inf, and one step too far makes a slope that ends training.
LEAST_STD = 1e-3


@dataclass(frozen=True)
class GaussianNLL(Loss):
    """``l = log sd + (y - mean)^2 / (2 sd^2)``, sd^2 = exp(2 raw) + 10^-6.

    The negative log likelihood of a normal distribution, without the constant log(2 pi) / 2.

    References
    ----------
    Nix and Weigend (1994), "Estimating the mean and variance of the target probability
    distribution", Proc. IEEE ICNN, 55-60. Theirs has no smallest variance.
    """

    out_activation = "identity"
    target_unit = "standard"

    def n_raw(self, n_targets: int) -> int:
        return 2 * n_targets

    def raw_of(self, targets: np.ndarray) -> np.ndarray:
        return np.tile(targets, 2)

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        mean, log_spread = np.split(raw, 2, axis=1)
        # sd^2 = exp(2 u) inside, inside = exp(2 v) + floor exp(-2 u), with u, v = the score where
        # it is above, below 0: no exponential overflows.
        above = np.maximum(log_spread, 0)
        shrink, own = np.exp(-2 * above), np.exp(2 * np.minimum(log_spread, 0))
        inside = own + shrink * (LEAST_STD * LEAST_STD)
        error = y - mean
        precision = shrink / inside
        z2 = error * error
        z2 *= precision
        losses = above
        losses += 0.5 * np.log(inside)
        losses += 0.5 * z2
        if d_raw is not None:
            # dl/d(mean) = (mean - y) / sd^2; d(sd^2)/d(score) = 2 exp(2 score), so that
            # dl/d(score) = exp(2 score) / sd^2 (1 - z^2).
            n_targets = y.shape[1]
            np.negative(error * precision, out=d_raw[:, :n_targets])
            d_raw[:, n_targets:] = own / inside * (1 - z2)
        return finish(losses, weight, len(raw), d_raw)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        mean = weighted_mean(y, weight)
        variance = weighted_mean((y.astype(np.float64) - mean) ** 2, weight)
        # What the floor leaves to the score. If that is nothing, the optimum is at -inf.
        floor = LEAST_STD * LEAST_STD
        return np.hstack([mean, 0.5 * np.log(np.maximum(variance - floor, floor))])

    def tol_unit(self, best: float, y: Any) -> float:
        # The loss has no natural zero, it moves with the unit of y; and what the best constant
        # loses above log sd is 1/2 for each target.
        return 0.5 * y.shape[1]

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return np.split(raw, 2, axis=1)[0]

    def spread(self, raw: np.ndarray) -> np.ndarray:
        log_spread = np.split(raw, 2, axis=1)[1]
        log_std = 0.5 * np.logaddexp(2.0 * log_spread, 2.0 * math.log(LEAST_STD))
        return np.exp(np.minimum(log_std, HIGHEST))

    def combine(self, raw: np.ndarray) -> np.ndarray:
        """Mean and variance of the mixture: the mean variance, and the variance of the means."""
        mean, log_spread = np.split(raw, 2, axis=2)
        with np.errstate(divide="ignore", over="ignore"):
            of_means = np.log(mean.var(axis=0))
        log_variance = np.logaddexp(log_mean_exp(2 * log_spread), of_means)
        return np.hstack([mean.mean(axis=0), 0.5 * log_variance])

    def combine_slopes(self, raw: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        # With V = mean_k exp(2 s_k) + var_k m_k, d (log V) / 2 = (exp(2 s_k) d s_k + (m_k - mean)
        # d m_k) / (k V).
        (mean, log_spread), of_combined = np.split(raw, 2, axis=2), np.split(slopes, 2, axis=1)
        log_variance = 2 * np.split(self.combine(raw), 2, axis=1)[1]
        of_spread = np.exp(2 * log_spread - log_variance) * of_combined[1]
        of_mean = (mean - mean.mean(axis=0)) * np.exp(-log_variance) * of_combined[1]
        return np.concatenate([of_mean + of_combined[0], of_spread], axis=2) / len(raw)

    def raw_in_units(self, unit: Any, shift: Any) -> tuple[Any, Any]:
        return np.hstack([unit, np.ones_like(unit)]), np.hstack([shift, np.log(unit)])

    def raw_names(self, targets: list[str]) -> list[str]:
        return [f"{t}: mean" for t in targets] + [f"{t}: log std" for t in targets]
