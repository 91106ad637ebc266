"""Pictures of hidden layers: their activations and gradients, dead and saturated units.

In: a fitted estimator and rows. Out: a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .drawing import axes
from .layer_statistics import GradientSize, LayerStatistics, gradient_sizes, layer_statistics
from .which import of_sknumpynet


class LayerStatisticsDisplay:
    """For each hidden layer its activations as a box, and what is wrong with its units in words.

    Boxes are the quartiles, whiskers the range.

    Parameters
    ----------
    statistics : sequence of LayerStatistics
        Of each hidden layer: ``outputs``, and which units are ``dead`` (the same output in all
        rows) or ``saturated`` (at an end of a bounded activation in nearly all).
    gradients : sequence of GradientSize
        Of each matrix: root mean squares of the gradient and of the weights.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknumpynet import NumpyMLPClassifier
    >>> from sknumpynet.inspection import LayerStatisticsDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> est = NumpyMLPClassifier((20, 10), learning_rate_init=0.01, random_state=0).fit(X, y)
    >>> display = LayerStatisticsDisplay.from_estimator(est, X, y)
    """

    def __init__(
        self, statistics: Sequence[LayerStatistics], gradients: Sequence[GradientSize] = ()
    ) -> None:
        self.statistics, self.gradients = list(statistics), list(gradients)

    @classmethod
    def from_estimator(
        cls, est: Any, X: Any, y: Any = None, *, ax: Any = None
    ) -> LayerStatisticsDisplay:
        """Draw the hidden layers of a fitted estimator for some rows, with bags of its first model.

        Parameters
        ----------
        est : NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier or TabularMLPRegressor
        X : data frame, array-like or sparse matrix of shape (n_samples, n_features)
            Of more than 2,000 rows so many are looked at, evenly spaced.
        y : array-like, optional
            For the gradients of the weights.
        ax : matplotlib.axes.Axes, optional
        """
        est = of_sknumpynet(est)._as_it_is_now()
        table, gradients = est._table(X), []
        if y is not None:
            gradients = gradient_sizes(est._model, table, est._encoded_target(table, y))
        return cls(layer_statistics(est._model, table), gradients).plot(ax=ax)

    def plot(self, ax: Any = None) -> LayerStatisticsDisplay:
        """Draw on ``ax``, or on new axes."""
        found = self.statistics
        ax = axes(self, ax, (6.4, 1.2 + 0.7 * max(1, len(found))))
        boxes = [
            dict(zip(("whislo", "q1", "med", "q3", "whishi"), _quartiles(one), strict=True))
            for one in found
        ]
        if boxes:
            draw = {"positions": range(len(boxes)), "widths": 0.35, "showfliers": False}
            ax.bxp(boxes, **draw, **_across())
        for place in range(len(found)):
            ax.annotate(
                self._words(place), (0.01, place + 0.42), xycoords=("axes fraction", "data"),
                fontsize="small", va="center",
            )  # fmt: skip
        names = [f"{one.name}\n{one.activation}" for one in found]
        ax.set_yticks(range(len(found)), names)
        ax.set_ylim(max(len(found), 1) - 0.4, -0.5)
        ax.set(xlabel="activation")
        return self

    def _words(self, number: int) -> str:
        one = self.statistics[number]
        words = [f"mean {one.outputs.mean():.2f}", f"std {one.outputs.std():.2f}"]
        words += [f"dead {one.share_dead:.0%}", f"saturated {one.share_saturated:.0%}"]
        if self.gradients:
            found = self.gradients[number]
            words.append(f"gradient {found.gradient:.1e} of weights {found.weights:.1e}")
        return ", ".join(words)


def _across() -> dict[str, Any]:
    """How boxes are laid across: in matplotlib 3.10 the option has another name."""
    import matplotlib

    new = tuple(map(int, matplotlib.__version__.split(".")[:2])) >= (3, 10)
    return {"orientation": "horizontal"} if new else {"vert": False}


def _quartiles(one: LayerStatistics) -> list[float]:
    return np.quantile(one.outputs, [0, 0.25, 0.5, 0.75, 1]).tolist()
