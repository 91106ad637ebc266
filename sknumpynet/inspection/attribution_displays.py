"""Pictures of attributions: mean sizes as bars, and a point for each row.

In: attributions. Out: pictures.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .attribution import Attributions, attributions
from .drawing import axes, shortened

#: Rows of a beeswarm that stand on top of each other at most, and their height.
LAYERS, HEIGHT = 12, 0.4


class _AttributionDisplay:
    """Of ``attributions`` the columns with the largest, at most ``max_columns``.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure
    """

    def __init__(self, attributions: Attributions, *, max_columns: int = 15) -> None:
        self.attributions, self.max_columns = attributions, max_columns

    @classmethod
    def from_estimator(
        cls,
        est: Any,
        X: Any,
        background: Any = None,
        *,
        output: Any = None,
        max_columns: int = 15,
        ax: Any = None,
        **options: Any,
    ) -> Any:
        """Find the attributions and draw them; ``options`` as of ``attributions``."""
        found = attributions(est, X, background, **options)
        return cls.from_attributions(found, output=output, max_columns=max_columns, ax=ax)

    @classmethod
    def from_attributions(
        cls, found: Attributions, *, output: Any = None, max_columns: int = 15, ax: Any = None
    ) -> Any:
        """Draw attributions; ``output`` names or numbers one of several."""
        if output is not None:
            found = found.of(output)
        return cls(found, max_columns=max_columns).plot(ax=ax)

    def plot(self, ax: Any = None) -> Any:
        raise NotImplementedError

    def _order(self) -> np.ndarray:
        """The columns that are drawn, the smallest first, which stands below."""
        sizes = self.attributions.importances()
        return np.argsort(sizes.reshape(len(sizes), -1).sum(axis=1))[::-1][: self.max_columns][::-1]

    def _axes(self, ax: Any, order: np.ndarray) -> Any:
        ax = axes(self, ax, (6.4, 1.2 + 0.32 * len(order)))
        names = [shortened(self.attributions.feature_names[j]) for j in order]
        ax.set_yticks(range(len(order)), names)
        ax.set_ylim(-0.6, len(order) - 0.4)
        return ax


class AttributionBarDisplay(_AttributionDisplay):
    """Mean size of the attributions of each column; outputs beside each other.

    Parameters
    ----------
    attributions : Attributions
    max_columns : int

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure
    """

    def plot(self, ax: Any = None) -> AttributionBarDisplay:
        """Draw on ``ax``, or on new axes."""
        found, order = self.attributions, self._order()
        ax = self._axes(ax, order)
        sizes = found.importances().reshape(len(found.feature_names), -1)[order]
        starts = np.cumsum(sizes, axis=1) - sizes
        for j, name in enumerate(found.output_names):
            label = shortened(name) if len(found.output_names) > 1 else None
            ax.barh(range(len(order)), sizes[:, j], left=starts[:, j], label=label)
        ax.set_xlabel("mean |attribution|")
        if len(found.output_names) > 1:
            ax.legend(fontsize="small", loc="lower right")
        return self


class AttributionBeeswarmDisplay(_AttributionDisplay):
    """A point for each row and column, its color by the value of the column; one output.

    Parameters
    ----------
    attributions : Attributions
        Of one output: ``found.of(output)``.
    max_columns : int

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
    figure_ : matplotlib.figure.Figure
    """

    def plot(self, ax: Any = None) -> AttributionBeeswarmDisplay:
        """Draw on ``ax``, or on new axes. Categories and missing values are gray."""
        found = self.attributions
        if found.values.ndim > 2:
            raise ValueError(
                f"a beeswarm shows one output: pass output, one of {', '.join(found.output_names)}."
            )
        order = self._order()
        ax = self._axes(ax, order)
        colors = _colors()
        ax.axvline(0, color="gray", linewidth=0.8, zorder=0)
        points = None
        for place, j in enumerate(order):
            x, shade = found.values[:, j], _ranks(found._numbers[:, j])
            y, none = place + _aside(x), np.isnan(shade)
            ax.scatter(x[none], y[none], s=9, color="gray", linewidths=0)
            points = ax.scatter(
                x[~none], y[~none], s=9, c=shade[~none], cmap=colors, vmin=0, vmax=1,
                linewidths=0,
            )  # fmt: skip
        if points is not None:
            bar = ax.figure.colorbar(points, ax=ax, ticks=[0, 1], aspect=30, pad=0.02)
            bar.ax.set_yticklabels(["low", "high"])
            bar.set_label("value of the column", labelpad=-12)
            bar.outline.set_visible(False)
        of = f" of {found.output_names[0]}" if found.output_names != ["y"] else ""
        ax.set_xlabel(f"attribution to the score{of}")
        return self


def _colors() -> Any:
    """From blue to red, without the near white in between, which a white page swallows."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("low to high", ["#2878d0", "#9040b0", "#e02050"])


def _ranks(numbers: np.ndarray) -> np.ndarray:
    """Shares in [0, 1] in the order of the numbers, equal ones alike; NaN stays."""
    known = ~np.isnan(numbers)
    found = np.full(len(numbers), np.nan)
    _, place, counts = np.unique(numbers[known], return_inverse=True, return_counts=True)
    if len(counts):
        middle = np.cumsum(counts) - counts / 2
        found[known] = (middle / counts.sum())[place] if len(counts) > 1 else 0.5
    return found


def _aside(x: np.ndarray) -> np.ndarray:
    """How far from its line each point stands, so that points of one place are seen."""
    width = (x.max() - x.min()) / 60 or 1.0
    bins = np.floor((x - x.min()) / width).astype(int)
    found = np.zeros(len(x))
    for one in np.unique(bins):
        here = np.flatnonzero(bins == one)
        n = np.arange(len(here))
        found[here] = (n + 1) // 2 * np.where(n % 2, 1, -1)
    return found * HEIGHT / max(LAYERS, np.abs(found).max())
