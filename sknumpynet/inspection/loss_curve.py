"""Losses of training and validation against epochs.

In: fitted estimators. Out: a picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .drawing import axes
from .which import of_sknumpynet


class LossCurveDisplay:
    """Training and validation loss of each epoch, and the epoch that was kept.

    Make one by :meth:`from_estimator`.

    Parameters
    ----------
    histories : dict of str to dict of lists
        For each name the ``history_`` of a fit.
    best : dict of str to int or None
        The epoch that was kept, None where it is the last one.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.inspection import LossCurveDisplay
    >>> X, y = load_diabetes(return_X_y=True)
    >>> est = NumpyMLPRegressor(early_stopping=True, random_state=0).fit(X, y)
    >>> display = LossCurveDisplay.from_estimator(est)
    """

    def __init__(
        self, histories: Mapping[str, Mapping[str, Sequence]], best: Mapping[str, int | None]
    ) -> None:
        self.histories, self.best = dict(histories), dict(best)

    @classmethod
    def from_estimator(cls, est: Any, *, ax: Any = None) -> LossCurveDisplay:
        """Draw the curves of one fitted estimator, of several, or of a dict of names and these.

        With bags those of the first model.
        """
        if isinstance(est, (list, tuple)):
            est = {f"{type(one).__name__} {i}": one for i, one in enumerate(est)}
        named = est if isinstance(est, Mapping) else {"": est}
        fitted = {str(name): of_sknumpynet(one) for name, one in named.items()}
        display = cls(
            {name: one.history_ for name, one in fitted.items()},
            {name: _best(one) for name, one in fitted.items()},
        )
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> LossCurveDisplay:
        """Draw on ``ax``, or on new axes."""
        ax = axes(self, ax)
        for i, (name, history) in enumerate(self.histories.items()):
            color, prefix = f"C{i}", f"{name}: " if name else ""
            epochs = np.asarray(history["epoch"])
            ax.plot(epochs, history["loss"], color=color, alpha=0.55, label=f"{prefix}training")
            validation = np.asarray(history["validation_loss"], dtype=float)
            drawn = epochs, np.asarray(history["loss"], dtype=float)
            if np.isfinite(validation).any():
                label = f"{prefix}validation"
                ax.plot(epochs, validation, color=color, linestyle="--", label=label)
                drawn = epochs, validation
            best = self.best[name]
            if best is not None and best in epochs:
                value = drawn[1][list(epochs).index(best)]
                label = f"{prefix}kept, epoch {best}"
                ax.plot(best, value, "o", color=color, markeredgecolor="white", label=label)
        ax.set(xlabel="epoch", ylabel="loss")
        ax.legend(fontsize="small")
        return self


def _best(est: Any) -> int | None:
    """The epoch that was kept, unless it is simply the last one, or the start."""
    kept = est.best_iteration_
    is_last = est.best_validation_score_ is None and [kept] == est.history_["epoch"][-1:]
    return None if is_last else kept
