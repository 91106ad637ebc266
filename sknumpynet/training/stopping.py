"""When to stop, and which weights to keep.

In: a figure of merit per epoch, lower is better. Out: whether patience has run out, and the
parameters of the best epoch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


class Patience:
    """Counts epochs in a row that did not improve on the best figure by more than ``tol``.

    Parameters
    ----------
    n_iter_no_change : int or inf
        Patience is over after exactly this many.
    tol : float
        In the units of the figure.

    Attributes
    ----------
    best : float
        The best figure so far.
    """

    def __init__(self, n_iter_no_change: float, tol: float) -> None:
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.best = math.inf
        self.n_without = 0

    def update(self, figure: float) -> bool:
        """Take the figure of one more epoch; True if it is the best so far."""
        self.n_without = 0 if figure < self.best - self.tol else self.n_without + 1
        improved = figure < self.best
        if improved:
            self.best = figure
        return improved

    @property
    def over(self) -> bool:
        return self.n_without >= self.n_iter_no_change


def last_gain(figures: Sequence[float]) -> float:
    """How much lower the best of the figures became in the last tenth of the epochs."""
    n_last = math.ceil(len(figures) / 10)
    best = min(figures)
    return min(figures[:-n_last], default=best) - best


class BestWeights:
    """A copy of theta at its best; at first, of the start.

    A validation figure belongs to the theta of its moment. The training loss of an epoch of
    mini-batches is measured on the way, before each step: it belongs to the theta that the epoch
    *began* with, more than to the one that its last step may have blown up. ``mark`` notes the
    former.
    """

    def __init__(self, theta: np.ndarray) -> None:
        self._theta = theta
        self._copy = theta.copy()
        self._marked: np.ndarray | None = None
        self.epoch = 0

    def mark(self) -> None:
        """Let the next ``keep`` mean the present theta."""
        if self._marked is None:
            self._marked = np.empty_like(self._copy)
        np.copyto(self._marked, self._theta)

    def keep(self, epoch: int) -> None:
        """Keep theta as of ``mark``, or if there was none as of now, as that of ``epoch``."""
        if self._marked is None:
            np.copyto(self._copy, self._theta)
        else:
            self._copy, self._marked = self._marked, self._copy
        self.epoch = epoch

    def restore(self) -> None:
        """Set theta to the best."""
        np.copyto(self._theta, self._copy)
