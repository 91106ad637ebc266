"""The contract of a loss on raw scores.

In: raw scores (B, n_outputs) as the last linear layer gives them, encoded targets, weights. Out:
one number, its gradient with respect to the raw scores, and predictions through the inverse link.
Value and gradient come from one function, and no probability is clipped in it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np


class Loss:
    """A loss summed over outputs and averaged over rows: ``L = 1/B sum_i w_i l(y_i, raw_i)``.

    Weights have mean 1 over the *data set*, so that the mean of L over the batches of an epoch is
    the weighted mean of l over the data, whatever weights a batch holds.

    Attributes
    ----------
    out_activation : str
        Name of the inverse link, the estimators' ``out_activation_``.
    target_unit : {"standard", "mean", None}
        In which units a target may be measured without changing the problem: y = a + b y' for an
        additive error ("standard"), y = b y' for a positive one ("mean"), none for a class.
    """

    out_activation: ClassVar[str]
    target_unit: ClassVar[str | None] = None

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        """A target outside the loss's domain and what the domain is, or None if all are inside."""
        return None

    def value(
        self, raw: np.ndarray, y: Any, weight: np.ndarray | None, draw: np.ndarray | None = None
    ) -> float:
        """``1/B sum_i w_i l(y_i, raw_i)``, and its gradient in ``draw`` (which may be ``raw``)."""
        raise NotImplementedError

    def intercept_only(self, y: Any, weight: np.ndarray | None) -> np.ndarray:
        """The constant raw score (n_outputs,) with the smallest loss over the rows ``y``."""
        raise NotImplementedError

    def inverse_link(self, raw: np.ndarray) -> np.ndarray:
        """The prediction in the units of the encoded target: ``link(prediction) = raw``."""
        raise NotImplementedError

    def rounding(self, y: Any) -> float:
        """The largest loss that a perfect constant prediction of y may have, by rounding alone."""
        return 0.0


def weighted_mean(values: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """Mean over rows in float64, (n_outputs,): ``sum_i w_i v_i / sum_i w_i``."""
    if weight is None:
        return values.mean(axis=0, dtype=np.float64)
    return (weight.astype(np.float64) @ values) / weight.sum(dtype=np.float64)


def finish(
    losses: np.ndarray, weight: np.ndarray | None, n_rows: int, draw: np.ndarray | None
) -> float:
    """Average the rows' ``losses`` (B,) or (B, n_outputs), and bring ``draw`` to the same average.

    Python floats keep float32 arrays in float32; the sum alone is accumulated in float64.
    """
    if weight is not None:
        weight = weight.reshape((-1,) + (1,) * (losses.ndim - 1))
        losses = losses * weight
        if draw is not None:
            draw *= weight.reshape(-1, 1)
    if draw is not None:
        draw *= 1.0 / n_rows
    return float(np.add.reduce(losses, axis=None, dtype=np.float64)) / n_rows
