"""Which learning rate to begin with: a short training in which it rises at every step.

In: an estimator, unfitted or not, and rows. Out: losses against rates, a suggestion, a picture. The
estimator is not changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from ..quoting import quoted

#: Half the width, in steps, of the window of the running mean of losses.
HALF_WINDOW = 6

#: The suggestion is this part of the rate with the lowest loss, at which the fall is about to end.
PART = 0.1


@dataclass(frozen=True, repr=False)
class LearningRateCurve:
    """Losses of batches against the rates of the steps before which they were measured.

    Attributes
    ----------
    learning_rates : ndarray of shape (n_steps,)
        Rising; fewer than were asked for where the losses became far larger than the first.
    losses : ndarray of shape (n_steps,)
        Of the batch of each step, before it.
    smoothed : ndarray of shape (n_steps,)
        Their running mean.
    suggestion : float
        For ``learning_rate_init``: a tenth of the rate at which the smoothed loss is lowest.
    """

    learning_rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    suggestion: float

    def __repr__(self) -> str:
        rates = self.learning_rates
        return (
            f"LearningRateCurve(suggestion={self.suggestion:.3g}, {len(rates)} learning rates from "
            f"{rates[0]:.3g} to {rates[-1]:.3g})"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw losses and suggestion against the logarithm of the rate.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Default: of a new figure.

        Returns
        -------
        matplotlib.axes.Axes
        """
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(layout="constrained")
        ax.plot(self.learning_rates, self.losses, ".", alpha=0.4, label="loss of a batch")
        ax.plot(self.learning_rates, self.smoothed, label="running mean")
        label = f"suggestion: {self.suggestion:.2g}"
        ax.axvline(self.suggestion, linestyle="--", color="gray", label=label)
        ax.set(xscale="log", xlabel="learning rate", ylabel="loss")
        ax.legend()
        return ax


def find_learning_rate(
    est: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    n_steps: int = 200,
) -> LearningRateCurve:
    """A range test: the loss while the learning rate grows geometrically from step to step.

    Smith (2017), "Cyclical learning rates for training neural networks", section 3.3. A clone of
    ``est`` takes ``n_steps`` steps of its solver from starting weights, on the rows that ``fit``
    would train on, and stops when the loss is far above the first. Layers, batches, solver,
    penalty, weights and scaling are those of ``fit``; its end, ``n_bags``, ``warmup`` and the
    schedule are left out. With "muon" both rates rise in proportion.

    At the rate with the lowest loss the fall is about to end; a tenth of it is suggested, as by
    fastai. With few rows, or batches of very unequal losses, look at the picture, too.

    Parameters
    ----------
    est : NumpyMLPClassifier or NumpyMLPRegressor
        With any solver but "lbfgs". It is not changed.
    X, y, sample_weight
        As for ``est.fit``.
    lowest, highest : float
        First and last rate, 0 < lowest < highest.
    n_steps : int
        At least 20.

    Returns
    -------
    LearningRateCurve

    Raises
    ------
    ValueError
        If the loss falls at no rate between these.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.inspection import find_learning_rate
    >>> X, y = load_diabetes(return_X_y=True)
    >>> est = NumpyMLPRegressor(solver="adamw", random_state=0)
    >>> curve = find_learning_rate(est, X, y)
    >>> curve
    LearningRateCurve(suggestion=..., ... learning rates from 1e-06 to ...)
    >>> 1e-4 < curve.suggestion < 1e-2
    True
    >>> est = est.set_params(learning_rate_init=curve.suggestion, learning_rate="cosine")
    """
    if not (_are_numbers(lowest, highest) and 0 < lowest < highest < np.inf):
        shown = f"lowest={quoted(lowest)} and highest={quoted(highest)}"
        raise ValueError(f"{shown} must be numbers, 0 < lowest < highest.")
    if not _are_numbers(n_steps) or n_steps % 1 != 0 or n_steps < 20:
        raise ValueError(f"n_steps must be an integer >= 20. Got {quoted(n_steps)} instead.")
    if not hasattr(est, "_losses_at_rising_rates"):
        raise TypeError(
            "est must be an estimator of sknumpynet; of a Pipeline, pass its last step and what "
            f"goes into it. Got {type(est).__name__}."
        )
    rates = np.geomspace(lowest, highest, int(n_steps))
    losses = est._losses_at_rising_rates(rates, X, y, sample_weight)
    smoothed = _running_mean(losses)
    lowest_at = int(np.argmin(smoothed)) if len(losses) else 0
    if not lowest_at:
        raise ValueError(
            f"The loss fell at no learning rate from {lowest:.3g} on: give a smaller lowest, or "
            "look at X and y."
        )
    rates = rates[: len(losses)]
    return LearningRateCurve(rates, losses, smoothed, PART * float(rates[lowest_at]))


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(v, Real) and not isinstance(v, (bool, np.bool_)) for v in values)


def _running_mean(values: np.ndarray) -> np.ndarray:
    """Of the values at most :data:`HALF_WINDOW` away."""
    sums, at = np.concatenate([[0.0], np.cumsum(values)]), np.arange(len(values))
    first = np.maximum(at - HALF_WINDOW, 0)
    last = np.minimum(at + HALF_WINDOW + 1, len(values))
    return (sums[last] - sums[first]) / (last - first)
