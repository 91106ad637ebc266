"""Focal losses for classes: the log loss with less weight on what is predicted well.

In: raw scores and encoded labels. Out: value, gradient, probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from .best_constant import lowest_constant
from .classification import LogisticLoss, SoftmaxLoss, by_class
from .loss import finish


def _focal(
    p: np.ndarray, q: np.ndarray, log_p: np.ndarray, gamma: float
) -> tuple[np.ndarray, np.ndarray]:
    """``l = -q^gamma log p`` with q = 1 - p, and its slope by the score of the class.

    dp/d(score) = p q, so that the slope is q^gamma (gamma p log p - q): a sum of two negative
    terms, which loses no digits.
    """
    power = q**gamma
    return -power * log_p, power * (gamma * (p * log_p) - q)


@dataclass(frozen=True)
class BinaryFocal(LogisticLoss):
    """``l = -(1 - p_y)^gamma log p_y``, y in {0, 1}, shape (B, n_labels).

    p_1 = 1 / (1 + exp(-raw)), p_0 = 1 - p_1. With gamma = 0 it is the log loss.

    References
    ----------
    Lin et al. (2017), "Focal loss for dense object detection", arXiv:1708.02002, without its
    factors of the classes, which are ``class_weight``.
    """

    gamma: float = 2.0

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        sign = 2 * y - 1
        score = raw * sign
        log_p = -np.logaddexp(0, -score)
        losses, slope = _focal(expit(score), expit(-score), log_p, self.gamma)
        if d_raw is not None:
            np.multiply(slope, sign, out=d_raw)
        return finish(losses, weight, len(raw), d_raw)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        def slope(raw: float, p: float) -> float:
            yes, no = expit(raw), expit(-raw)
            of_yes = _focal(yes, no, -np.logaddexp(0, -raw), self.gamma)[1]
            of_no = _focal(no, yes, -np.logaddexp(0, raw), self.gamma)[1]
            return float(p * of_yes - (1 - p) * of_no)

        # As a function of the probability the loss is convex: there is one root. Beyond the log
        # odds of the frequency are no roots, since well predicted rows count less.
        frequency = self.frequency(y, weight)
        odds = np.log(frequency) - np.log1p(-frequency)
        bounds = np.abs(odds) + 1.0
        return np.array(
            [
                brentq(slope, -bound, bound, args=(p,), xtol=1e-13)
                for p, bound in zip(frequency, bounds, strict=True)
            ]
        )


@dataclass(frozen=True)
class MulticlassFocal(SoftmaxLoss):
    """``l = -(1 - p_y)^gamma log p_y`` of the softmax, y in {0, ..., n_classes - 1}, shape (B,)."""

    gamma: float = 2.0

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        # 1 - p is the sum over the other classes, without cancellation.
        n_rows = len(raw)
        scores, flat, at_y = by_class(raw, y)
        score = flat[at_y]
        np.exp(scores, out=scores)
        of_y = flat[at_y]
        flat[at_y] = 0
        others = np.add.reduce(scores, axis=0)
        total = others + of_y
        losses, slope = _focal(of_y / total, others / total, score - np.log(total), self.gamma)
        if d_raw is not None:
            slope *= 1.0 / n_rows if weight is None else weight * (1.0 / n_rows)
            # By the score of another class k: minus that times p_k / (1 - p_y).
            scores *= -slope / np.maximum(others, np.finfo(raw.dtype).tiny)
            flat[at_y] = slope
            d_raw[...] = scores.T
        return finish(losses, weight, n_rows, None)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # A row for each class, with its frequency as weight.
        frequency, classes = self.frequency(y, weight), np.arange(self.n_classes)
        return lowest_constant(self.value, classes, frequency * self.n_classes, np.log(frequency))
