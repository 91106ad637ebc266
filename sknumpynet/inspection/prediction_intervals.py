"""Intervals of a regressor beside what happened, and how often it was inside.

In: a regressor of several quantiles or of a mean with a spread, rows and targets. Out: a picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri
from sklearn.base import is_classifier

from ..quoting import quoted
from .drawing import axes
from .which import of_sknumpynet


class PredictionIntervalDisplay:
    """Intervals of rows in the order of their predictions, with the targets.

    Make one by :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    y_true, lower, upper, prediction : ndarray of shape (n_samples,)
    nominal : float or None
        The share of targets that should be inside.

    Attributes
    ----------
    coverage_ : float
        The share of targets that is inside.
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.inspection import PredictionIntervalDisplay
    >>> X, y = load_diabetes(return_X_y=True)
    >>> est = NumpyMLPRegressor(loss="quantile", quantile=[0.05, 0.5, 0.95], random_state=0)
    >>> est = est.fit(X[:300], y[:300])
    >>> display = PredictionIntervalDisplay.from_estimator(est, X[300:], y[300:])
    >>> display.nominal
    0.9
    """

    def __init__(
        self,
        y_true: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        prediction: np.ndarray,
        nominal: float | None = None,
    ) -> None:
        self.y_true, self.lower, self.upper = y_true, lower, upper
        self.prediction, self.nominal = prediction, nominal
        self.coverage_ = float(np.mean((lower <= y_true) & (y_true <= upper)))

    @classmethod
    def from_estimator(
        cls, est: Any, X: Any, y: Any, *, coverage: float = 0.9, ax: Any = None
    ) -> PredictionIntervalDisplay:
        """Draw the intervals of a regressor for rows that it was not fitted on.

        Parameters
        ----------
        est : NumpyMLPRegressor or TabularMLPRegressor
            With ``loss="quantile"`` and several quantiles, of which the outermost are the interval,
            or with "gaussian_nll".
        X, y
            Rows and a target of one column.
        coverage : float
            For "gaussian_nll": the share of targets that the interval should have inside.
        ax : matplotlib.axes.Axes, optional
        """
        est = of_sknumpynet(est)
        if is_classifier(est):
            raise TypeError(f"intervals are drawn of a regressor. Got {type(est).__name__}.")
        y = np.asarray(y, dtype=float)
        loss = est._model.loss
        levels: tuple[float, ...] = getattr(loss, "levels", ())
        if not 0 < coverage < 1:
            raise ValueError(f"coverage must be between 0 and 1. Got {quoted(coverage)}.")
        if y.ndim > 1 or est.n_outputs_ > 1:
            raise ValueError("intervals are drawn for one output. Got several columns of y.")
        if len(levels) > 1:
            quantiles = est.predict(X)
            middle = int(np.argmin([abs(q - 0.5) for q in levels]))
            lower, upper, point = quantiles[:, 0], quantiles[:, -1], quantiles[:, middle]
            nominal = round(levels[-1] - levels[0], 10)
        elif loss.spread(np.zeros((1, 2))) is not None:
            point, std = est.predict(X, return_std=True)
            width = ndtri(0.5 + coverage / 2) * std
            lower, upper, nominal = point - width, point + width, coverage
        else:
            raise ValueError(
                "intervals need loss='quantile' with several quantiles, or loss='gaussian_nll'. "
                f"The loss is {est.get_params().get('loss')!r}."
            )
        return cls(y, lower, upper, point, nominal).plot(ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: Any,
        lower: Any,
        upper: Any,
        prediction: Any = None,
        *,
        nominal: float | None = None,
        ax: Any = None,
    ) -> PredictionIntervalDisplay:
        """Draw intervals of any model; the prediction is by default their middle."""
        low, high = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
        middle = (low + high) / 2 if prediction is None else np.asarray(prediction, dtype=float)
        y = np.asarray(y_true, dtype=float)
        if not y.shape == low.shape == high.shape == middle.shape or y.ndim != 1:
            raise ValueError(
                "y_true, lower, upper and prediction must have one shape (n_samples,). Got "
                f"{y.shape}, {low.shape}, {high.shape} and {middle.shape}."
            )
        return cls(y, low, high, middle, nominal).plot(ax=ax)

    def plot(self, ax: Any = None) -> PredictionIntervalDisplay:
        """Draw on ``ax``, or on new axes."""
        ax = axes(self, ax)
        order = np.argsort(self.prediction, kind="stable")
        place, y = np.arange(len(order)), self.y_true[order]
        lower, upper = self.lower[order], self.upper[order]
        ax.fill_between(place, lower, upper, step="mid", alpha=0.3, linewidth=0, label="interval")
        ax.plot(place, self.prediction[order], linewidth=1, label="prediction")
        inside = (lower <= y) & (y <= upper)
        ax.plot(place[inside], y[inside], ".", color="gray", markersize=4, label="y, inside")
        ax.plot(place[~inside], y[~inside], "x", color="C3", markersize=5, label="y, outside")
        wanted = "" if self.nominal is None else f" (wanted: {self.nominal:.0%})"
        ax.set(xlabel="rows by their prediction", ylabel="y")
        ax.set_title(f"{self.coverage_:.0%} inside{wanted}", fontsize="medium")
        ax.legend(fontsize="small")
        return self
