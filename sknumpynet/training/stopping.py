"""When to stop, and which weights to keep.

In: a figure of merit per epoch, lower is better. Out: whether patience has run out, and the
parameters of the best epoch. Both can say and take their state as a dict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

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
    cuts : int
        How often patience was over and training went on all the same.
    """

    def __init__(self, n_iter_no_change: float, tol: float) -> None:
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.best = math.inf
        self.n_without = 0
        self.cuts = 0

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

    def cut(self) -> None:
        """Count anew, with another learning rate."""
        self.cuts += 1
        self.n_without = 0

    def state(self) -> dict[str, Any]:
        return {"best": self.best, "n_without": self.n_without, "cuts": self.cuts}

    def load(self, state: dict[str, Any]) -> None:
        self.best, self.n_without, self.cuts = state["best"], state["n_without"], state["cuts"]


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

    Attributes
    ----------
    epoch : int
        The epoch after which theta was what is kept.
    """

    def __init__(self, theta: np.ndarray) -> None:
        self._theta = theta
        self._copy = theta.copy()
        self._marked: np.ndarray | None = None
        self._marked_epoch = 0
        self.epoch = 0

    def mark(self, epoch: int) -> None:
        """Let the next ``keep`` mean the present theta, that of ``epoch``."""
        if self._marked is None:
            self._marked = np.empty_like(self._copy)
        np.copyto(self._marked, self._theta)
        self._marked_epoch = epoch

    def keep(self, epoch: int) -> None:
        """Keep what is marked, or if nothing is the present theta, that of ``epoch``."""
        if self._marked is None:
            np.copyto(self._copy, self._theta)
            self.epoch = epoch
        else:
            self._copy, self._marked = self._marked, self._copy
            self.epoch = self._marked_epoch

    def restore(self) -> None:
        """Set theta to the best."""
        np.copyto(self._theta, self._copy)

    def state(self) -> dict[str, Any]:
        """Arrays are its own, not copies."""
        return {
            "theta": self._copy,
            "epoch": self.epoch,
            "marked": self._marked,
            "marked_epoch": self._marked_epoch,
        }

    def load(self, state: dict[str, Any]) -> None:
        marked = state["marked"]
        self._copy = state["theta"].copy()
        self._marked = None if marked is None else marked.copy()
        self.epoch, self._marked_epoch = state["epoch"], state["marked_epoch"]
