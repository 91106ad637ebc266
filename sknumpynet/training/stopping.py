"""When to stop, and which weights to keep.

In: a figure of merit per epoch, lower is better. Out: whether patience has run out, and the
parameters of the best epoch.
"""

from __future__ import annotations

import math

import numpy as np


class Patience:
    """Counts epochs in a row that did not improve on the best figure by more than ``tol``.

    Parameters
    ----------
    n_iter_no_change : int or inf
        Patience is over after exactly this many.
    tol : float
        In the units of the figure.
    best : float
        The best figure of an earlier run that this one goes on with.
    """

    def __init__(self, n_iter_no_change: float, tol: float, best: float = math.inf) -> None:
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.best = best
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


class BestWeights:
    """A copy of theta at the best epoch; at first, of the start."""

    def __init__(self, theta: np.ndarray) -> None:
        self._theta = theta
        self._copy = theta.copy()
        self.epoch: int | None = None

    def keep(self, epoch: int) -> None:
        """The present theta is the best."""
        np.copyto(self._copy, self._theta)
        self.epoch = epoch

    def restore(self) -> None:
        """Set theta to the best."""
        np.copyto(self._theta, self._copy)
