"""A picture of a network: its layers as boxes, small matrices of weights as heat maps.

In: a fitted estimator. Out: a picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..estimators.summary import NetworkSummary
from .drawing import axes
from .which import of_sknumpynet

#: Rows and columns of a matrix that is drawn, at most; images that are drawn of a first layer.
MOST, IMAGES = 64, 24

#: Height of the two lines of a box, in sizes of their letters.
TWO_LINES = 2.6

#: Where boxes end and heat maps stand, in widths of a box.
RIGHT, HEAT_MAP = 1.05, 0.62


class NetworkDisplay:
    """Layers as boxes from above to below, with shapes and numbers of parameters.

    Parameters
    ----------
    summary : NetworkSummary
    weights : sequence of ndarray
        The matrices of the layers that ``coefs_`` has, in their order.
    image_shape : tuple of int, optional

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknumpynet import NumpyMLPClassifier
    >>> from sknumpynet.inspection import NetworkDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> est = NumpyMLPClassifier((20, 10), learning_rate_init=0.01, random_state=0).fit(X, y)
    >>> display = NetworkDisplay.from_estimator(est)
    """

    def __init__(
        self,
        summary: NetworkSummary,
        weights: list[np.ndarray],
        image_shape: tuple[int, int] | None = None,
    ) -> None:
        self.summary, self.weights, self.image_shape = summary, list(weights), image_shape

    @classmethod
    def from_estimator(
        cls, est: Any, *, image_shape: tuple[int, int] | None = None, ax: Any = None
    ) -> NetworkDisplay:
        """Draw the network of a fitted estimator, with bags that of the first model.

        Parameters
        ----------
        est : NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier or TabularMLPRegressor
        image_shape : tuple of int, optional
            Height and width of the images that rows of X are: the weights of units of the first
            layer are drawn as such. Not of a fit that has embedded numbers, as by default those
            of 600 rows or more do: ``numeric_embedding=None``.
        ax : matplotlib.axes.Axes, optional
        """
        est = of_sknumpynet(est)
        weights = list(est.coefs_)
        if image_shape is not None and np.prod(image_shape) != len(weights[0]):
            raise ValueError(
                f"image_shape={tuple(image_shape)} has {np.prod(image_shape)} pixels, but the "
                f"first layer is given {len(weights[0])} columns. Where numbers are embedded, a "
                "pixel is several: fit with numeric_embedding=None."
            )
        return cls(est._summary(), weights, image_shape).plot(ax=ax)

    def plot(self, ax: Any = None) -> NetworkDisplay:
        """Draw on ``ax``, or on new axes."""
        rows, layers = self.summary.rows(), (None, *self.summary.layers)
        ax = axes(self, ax, (6.4, 0.6 + 0.5 * len(rows)))
        matrices, drawn, size = iter(self.weights), False, _letters(ax, len(rows))
        for place, ((name, shape, n), layer) in enumerate(zip(rows, layers, strict=True)):
            text = f"{name.strip()}\n{shape}" + (f"   {n} parameters" if n else "")
            indent = 0.06 * (layer.depth if layer is not None else 0)
            _box(ax, place, indent, text, size, filled=bool(n))
            if layer is None or layer.name not in ("Linear", "MemberLinear", "Heads"):
                continue
            # The first layer stands before all others with a matrix.
            first, W = not drawn, next(matrices)
            drawn = True
            _heat_map(ax, place, W, self.image_shape if first else None)
        ax.set(xlim=(-0.02, RIGHT + HEAT_MAP), ylim=(len(rows) - 0.4, -0.6), aspect="auto")
        ax.set_axis_off()
        ax.set_title(f"{self.summary.estimator}: {self.summary.title}", fontsize="medium")
        return self


def _letters(ax: Any, n_boxes: int) -> float:
    """Points of the letters: small ones, or what two lines of a box have room for."""
    from matplotlib.font_manager import FontProperties

    height = ax.get_window_extent().height * 72 / ax.figure.dpi
    # In axes of n_boxes + 0.2 places, as ``plot`` sets them, a box is 0.8 high.
    room = 0.8 * height / (n_boxes + 0.2)
    return float(min(FontProperties(size="small").get_size_in_points(), room / TWO_LINES))


def _box(ax: Any, place: int, indent: float, text: str, size: float, *, filled: bool) -> None:
    from matplotlib.patches import FancyBboxPatch

    color = "C0" if filled else "gray"
    style = "round,pad=0,rounding_size=0.03"
    box = FancyBboxPatch(
        (indent, place - 0.4), 1 - indent, 0.8, boxstyle=style, mutation_aspect=3,
        facecolor=(color, 0.18), edgecolor=color,
    )  # fmt: skip
    ax.add_patch(box)
    ax.text(0.5 + indent / 2, place, text, ha="center", va="center", fontsize=size)


def _heat_map(ax: Any, place: int, W: np.ndarray, image_shape: tuple[int, int] | None) -> None:
    """The matrix right of its box, if it is small, or its columns as images."""
    if image_shape is not None and W.ndim == 2:
        W = _tiles(W, image_shape)
    elif W.ndim != 2 or max(W.shape) > MOST:
        return
    most = float(np.nanmax(np.abs(W))) or 1.0
    extent = (RIGHT, RIGHT + HEAT_MAP, place + 0.4, place - 0.4)
    ax.imshow(W, cmap="coolwarm", vmin=-most, vmax=most, extent=extent, interpolation="nearest")


def _tiles(W: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The weights of the first units as images side by side, with a space between them."""
    n, (height, width) = min(IMAGES, W.shape[1]), shape
    across = -(-n // 2)
    found = np.full((2 * (height + 1) - 1, across * (width + 1) - 1), np.nan)
    for unit in range(n):
        row, column = divmod(unit, across)
        top, left = row * (height + 1), column * (width + 1)
        image = W[:, unit].reshape(shape)
        found[top : top + height, left : left + width] = image / (np.abs(image).max() or 1.0)
    return found
