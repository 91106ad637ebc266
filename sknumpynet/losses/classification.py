"""Log losses for classes: one logistic score per label, or one score per class.

In: raw scores and encoded labels. Out: value, gradient, probabilities. ``log p`` is computed from
the raw scores, so it is exact for probabilities far below the smallest float.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import expit, logsumexp, softmax

from .loss import Loss, finish, log_mean_exp, weighted_mean


@dataclass(frozen=True)
class BinaryLogLoss(Loss):
    """``l = log(1 + exp(raw)) - y raw``, y in {0, 1}, shape (B, n_labels): binary and multilabel.

    With p = 1 / (1 + exp(-raw)) this is -log p where y = 1 and -log(1 - p) where y = 0.
    """

    out_activation = "logistic"

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        # log(1 + exp(raw)) = max(raw, 0) + log(1 + exp(-|raw|)). Where y = 1 and raw > 0 the first
        # term cancels against y raw before the small second one is added, which keeps its digits.
        losses = np.maximum(raw, 0)
        losses -= y * raw
        losses += np.log1p(np.exp(-np.abs(raw)))
        if d_raw is not None:
            # d/d(raw) log(1 + exp(raw)) = p.
            expit(raw, out=d_raw)
            d_raw -= y
        return finish(losses, weight, len(raw), d_raw)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # sum w (p - y) = 0. A label that is always (never) there would ask for +-infinity: half a
        # row of the other kind is assumed then.
        half_a_row = 0.5 / len(y)
        p = np.clip(weighted_mean(y, weight), half_a_row, 1.0 - half_a_row)
        return np.log(p) - np.log1p(-p)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return expit(raw)

    def combine(self, raw: np.ndarray) -> np.ndarray:
        # The log odds of a mean p, from log p = -log(1 + exp(-raw)) and log(1 - p).
        yes, no = -np.logaddexp(0, -raw), -np.logaddexp(0, raw)
        return log_mean_exp(yes) - log_mean_exp(no)


@lru_cache(maxsize=16)
def _places(n_classes: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each class starts in (n_classes, n_rows) numbers in a row, and the rows' numbers."""
    return np.arange(n_classes) * n_rows, np.arange(n_rows)


@dataclass(frozen=True)
class MulticlassLogLoss(Loss):
    """``l = log sum_k exp(raw_k) - raw_y``, y in {0, ..., n_classes - 1}, shape (B,).

    It is -log p_y of the softmax. With a single class it is 0.
    """

    n_classes: int

    out_activation = "softmax"

    def n_raw(self, n_targets: int) -> int:
        return self.n_classes

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        # One class per row: reductions over short rows are slow (16 us instead of 29 for 200 x 10).
        n_rows = len(raw)
        scores = raw.T.copy()
        # exp(raw - m) cannot overflow with m = max raw, and the shift leaves
        # l = log sum_k exp(raw_k - m) - (raw_y - m) as it is.
        scores -= np.maximum.reduce(scores, axis=0)
        starts, rows = _places(*scores.shape)
        flat, at_y = scores.reshape(-1), starts[y] + rows
        of_y = flat[at_y]
        np.exp(scores, out=scores)
        total = np.add.reduce(scores, axis=0)
        losses = np.log(total) - of_y
        if d_raw is not None:
            # d/d(raw_k) = share (exp(raw_k) / sum - [k = y]) with share = w / B.
            share = 1.0 / n_rows if weight is None else weight * (1.0 / n_rows)
            scores *= share / total
            flat[at_y] -= share
            d_raw[...] = scores.T
        return finish(losses, weight, n_rows, None)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # sum w (p_k - [y = k]) = 0: the logarithms of the frequencies, up to a constant. A class
        # that is not there (partial_fit) counts as half a row.
        p = np.bincount(y, weights=weight, minlength=self.n_classes) / len(y)
        return np.log(np.maximum(p, 0.5 / len(y)))

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return softmax(raw, axis=1)

    def combine(self, raw: np.ndarray) -> np.ndarray:
        return log_mean_exp(raw - logsumexp(raw, axis=2, keepdims=True))
