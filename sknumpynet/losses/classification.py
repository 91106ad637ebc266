"""Log losses for classes: one logistic score per label, or one score per class.

In: raw scores and encoded labels. Out: value, gradient, probabilities. ``log p`` is computed from
the raw scores, so it is exact for probabilities far below the smallest float.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import expit, softmax

from .loss import Loss, finish, log_mean_exp, log_sum_exp, weighted_mean


@dataclass(frozen=True)
class LogisticLoss(Loss):
    """A loss of p = 1 / (1 + exp(-raw)) and y in {0, 1}, shape (B, n_labels)."""

    out_activation = "logistic"

    def frequency(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        """Of each label, for the best constant.

        A label that is always (never) there would ask for +-infinity: half a row of the other kind
        is assumed then.
        """
        half_a_row = 0.5 / len(y)
        return np.clip(weighted_mean(y, weight), half_a_row, 1.0 - half_a_row)

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return expit(raw)

    def combine(self, raw: np.ndarray) -> np.ndarray:
        # The log odds of a mean p, from log p = -log(1 + exp(-raw)) and log(1 - p).
        yes, no = -np.logaddexp(0, -raw), -np.logaddexp(0, raw)
        return log_mean_exp(yes) - log_mean_exp(no)

    def combine_slopes(self, raw: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        # d log odds = dp / (p (1 - p)), of the mean p and of that of a member.
        yes, no = -np.logaddexp(0, -raw), -np.logaddexp(0, raw)
        found = np.exp(yes + no - log_mean_exp(yes) - log_mean_exp(no))
        return found * (slopes / len(raw))


@dataclass(frozen=True)
class BinaryLogLoss(LogisticLoss):
    """``l = log(1 + exp(raw)) - y raw``, y in {0, 1}, shape (B, n_labels): binary and multilabel.

    With p = 1 / (1 + exp(-raw)) this is -log p where y = 1 and -log(1 - p) where y = 0. With
    ``label_smoothing`` s, y becomes (1 - s) y + s / 2.
    """

    label_smoothing: float = 0.0

    def _smoothed(self, y: np.ndarray) -> np.ndarray:
        s = self.label_smoothing
        return y * (1.0 - s) + 0.5 * s if s else y

    def losses(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        y = self._smoothed(y)
        # log(1 + exp(raw)) = max(raw, 0) + log(1 + exp(-|raw|)). Where y = 1 and raw > 0 the first
        # term cancels against y raw before the small second one is added, which keeps its digits.
        losses = np.maximum(raw, 0)
        losses -= y * raw
        losses += np.log1p(np.exp(-np.abs(raw)))
        return losses

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        losses = self.losses(raw, y)
        if d_raw is not None:
            # d/d(raw) log(1 + exp(raw)) = p.
            expit(raw, out=d_raw)
            d_raw -= self._smoothed(y)
        return finish(losses, weight, len(raw), d_raw)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # sum w (p - y) = 0, with the smoothed y.
        s = self.label_smoothing
        p = (1.0 - s) * weighted_mean(y, weight) + 0.5 * s if s else self.frequency(y, weight)
        return np.log(p) - np.log1p(-p)


@lru_cache(maxsize=16)
def places(n_classes: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each class starts in (n_classes, n_rows) numbers in a row, and the rows' numbers."""
    return np.arange(n_classes) * n_rows, np.arange(n_rows)


def by_class(raw: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The scores less the largest of each row, in new memory, and where those of the classes y are.

    Gives them as (n_classes, B), the same numbers in a row, and B places in that. exp(raw - m)
    cannot overflow with m = max raw, and the shift changes no probability. A row for each class:
    reductions over short rows are slow (16 us instead of 29 for 200 x 10).
    """
    scores = raw.T.copy()
    scores -= np.maximum.reduce(scores, axis=0)
    starts, rows = places(*scores.shape)
    return scores, scores.reshape(-1), starts[y] + rows


@dataclass(frozen=True)
class SoftmaxLoss(Loss):
    """A loss of p_k = exp(raw_k) / sum_j exp(raw_j) and y in {0, ..., n_classes - 1}, (B,)."""

    n_classes: int

    out_activation = "softmax"

    def n_raw(self, n_targets: int) -> int:
        return self.n_classes

    def frequency(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        """Of each class, for the best constant.

        A class that is not there (partial_fit) counts as half a row.
        """
        p = np.bincount(y, weights=weight, minlength=self.n_classes) / len(y)
        return np.maximum(p, 0.5 / len(y))

    def predict(self, raw: np.ndarray) -> np.ndarray:
        return softmax(raw, axis=1)

    def combine(self, raw: np.ndarray) -> np.ndarray:
        return log_mean_exp(raw - log_sum_exp(raw, 2))

    def combine_slopes(self, raw: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        # d log of the mean p_c = sum_k s_kc d log p_kc with s_kc = p_kc / sum_k p_kc, and
        # d log p_kc / d raw_kj = [c = j] - p_kj.
        log_p = raw - log_sum_exp(raw, 2)
        found = softmax(log_p, axis=0) * slopes
        return found - np.exp(log_p) * found.sum(axis=2, keepdims=True)


@dataclass(frozen=True)
class MulticlassLogLoss(SoftmaxLoss):
    """``l = log sum_k exp(raw_k) - sum_k t_k raw_k``, t = 1 for the class y and 0 for the others.

    It is -log p_y of the softmax. With a single class it is 0. With ``label_smoothing`` s the
    targets t become (1 - s) t + s / n_classes.

    References
    ----------
    Szegedy et al. (2016), "Rethinking the inception architecture for computer vision", section 7.
    """

    label_smoothing: float = 0.0

    def _of_target(self, scores: np.ndarray, of_y: np.ndarray) -> np.ndarray:
        """``sum_k t_k raw_k`` of each row, from the scores (n_classes, B) and those of y."""
        s = self.label_smoothing
        return (1.0 - s) * of_y + s * scores.mean(axis=0) if s else of_y

    def losses(self, raw: np.ndarray, y: np.ndarray) -> np.ndarray:
        scores, flat, at_y = by_class(raw, y)
        of_target = self._of_target(scores, flat[at_y])
        losses = np.log(np.add.reduce(np.exp(scores), axis=0)) - of_target
        return losses[:, np.newaxis]

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        n_rows, s = len(raw), self.label_smoothing
        scores, flat, at_y = by_class(raw, y)
        of_target = self._of_target(scores, flat[at_y])
        np.exp(scores, out=scores)
        total = np.add.reduce(scores, axis=0)
        losses = np.log(total) - of_target
        if d_raw is not None:
            # d/d(raw_k) = share (exp(raw_k) / sum - t_k) with share = w / B.
            share = 1.0 / n_rows if weight is None else weight * (1.0 / n_rows)
            scores *= share / total
            if s:
                scores -= share * (s / self.n_classes)
                share = share * (1.0 - s)
            flat[at_y] -= share
            d_raw[...] = scores.T
        return finish(losses, weight, n_rows, None)

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        # sum w (p_k - t_k) = 0: the logarithms of the mean targets, up to a constant.
        s = self.label_smoothing
        if not s:
            return np.log(self.frequency(y, weight))
        p = np.bincount(y, weights=weight, minlength=self.n_classes) / len(y)
        return np.log((1.0 - s) * p + s / self.n_classes)
