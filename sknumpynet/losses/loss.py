"""The contract of a loss on raw scores.

In: raw scores (B, n_raw) as the last layer gives them, encoded targets, weights. Out: one number,
its gradient with respect to the raw scores, and predictions. Value and gradient come from one
function, and no probability is clipped in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np
from scipy.special import logsumexp

AnyLoss = TypeVar("AnyLoss", bound="Loss")


@dataclass(frozen=True)
class Loss:
    """A loss summed over targets and averaged over rows: ``L = 1/B sum_i w_i l(y_i, raw_i)``.

    A subclass that has options (a delta, a quantile) is a frozen dataclass, and they are its
    fields, named as the estimators' parameters.

    Weights have mean 1 over the *data set*, so that the mean of L over the batches of an epoch is
    the weighted mean of l over the data, whatever weights a batch holds.

    Attributes
    ----------
    out_activation : str
        Name of the function from raw scores to predictions, the estimators' ``out_activation_``.
    target_unit : {"standard", "mean", None}
        In which units a target may be measured without changing the problem (after ``in_unit``):
        y = a + b y' for an additive error ("standard"), y = b y' for a positive one ("mean"), none
        for a class.
    """

    out_activation: ClassVar[str]
    target_unit: ClassVar[str | None] = None

    @classmethod
    def made_from(cls: type[AnyLoss], parameters: Mapping[str, Any]) -> AnyLoss:
        """The loss with those of the ``parameters`` (of an estimator) that are its options."""
        return cls(**{field.name: parameters[field.name] for field in fields(cls)})

    def in_unit(self, unit: np.ndarray | None) -> Loss:
        """The same loss for targets that are divided by ``unit`` (n_targets,); None for classes.

        A loss with an option in the target's unit gives one with another value of it: Python
        numbers, which can be compared and keep float32 in float32.
        """
        return self

    def n_raw(self, n_targets: int) -> int:
        """Raw scores of each row, for so many columns of y."""
        return n_targets

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        """A target outside the loss's domain and what the domain is, or None if all are inside."""
        return None

    def value(
        self, raw: np.ndarray, y: Any, weight: np.ndarray | None, d_raw: np.ndarray | None = None
    ) -> float:
        """``1/B sum_i w_i l(y_i, raw_i)``, and its gradient in ``d_raw`` (which may be ``raw``)."""
        raise NotImplementedError

    def intercept_only(self, y: Any, weight: np.ndarray | None) -> np.ndarray:
        """The constant raw scores (n_raw,) with the smallest loss over the rows ``y``."""
        raise NotImplementedError

    def rounding(self, y: Any) -> float:
        """What may be left, by rounding, of the loss of the best constant where y is constant.

        Above it that loss is the unit of ``tol``. 0 says that nothing is left.
        """
        return 0.0

    def predict(self, raw: np.ndarray) -> np.ndarray:
        """Point predictions in the unit of the encoded target, or the probabilities of classes.

        From (n, n_raw) to (n, n_targets), or to (n, n_targets, k) if there are k for each target.
        """
        raise NotImplementedError

    def combine(self, raw: np.ndarray) -> np.ndarray:
        """From the raw scores of k members, (k, n, n_raw), those of their mean prediction.

        ``predict(combine(raw)) = mean_k predict(raw_k)``: the mean is taken of predictions
        (probabilities, means), never of raw scores, and the result (n, n_raw) can be used as any.
        """
        raise NotImplementedError(f"{type(self).__name__} does not combine predictions of members.")


def log_mean_exp(values: np.ndarray) -> np.ndarray:
    """``log 1/k sum_k exp(values_k)`` over the first axis, without overflow."""
    return logsumexp(values, axis=0) - math.log(len(values))


def weighted_mean(values: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Mean over rows in float64, (n_targets,): ``sum_i w_i v_i / sum_i w_i``."""
    if weight is None:
        return values.mean(axis=0, dtype=np.float64)
    return (weight.astype(np.float64) @ values) / weight.sum(dtype=np.float64)


def finish(
    losses: np.ndarray, weight: np.ndarray | None, n_rows: int, d_raw: np.ndarray | None
) -> float:
    """Average the rows' ``losses`` (B,) or (B, n_targets), and bring ``d_raw`` to the same average.

    Python floats keep float32 arrays in float32; the sum alone is accumulated in float64.
    """
    if weight is not None:
        weight = weight.reshape((-1,) + (1,) * (losses.ndim - 1))
        losses = losses * weight
        if d_raw is not None:
            d_raw *= weight.reshape(-1, 1)
    if d_raw is not None:
        d_raw *= 1.0 / n_rows
    return float(np.add.reduce(losses, axis=None, dtype=np.float64)) / n_rows
