"""Where a training is: epochs and batches done, and where its generators were.

In: numbers, as they come. Out: the same, as a dict that another training may go on from.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np


class Progress:
    """Counts of a training.

    Parameters
    ----------
    first_epoch : int
        Epochs of earlier trainings.
    generators : sequence of numpy.random.Generator
        Those that batches and layers draw from, if the state is to be asked.

    Attributes
    ----------
    n_iter : int
        Epochs done.
    n_done, total : int, float
        Of an epoch under way: batches done, and the sum of their losses.
    first_loss : float
        Of the first batch, before any step.
    """

    def __init__(self, first_epoch: int, generators: Sequence[np.random.Generator] = ()) -> None:
        self.first_epoch, self.n_iter = first_epoch, 0
        self.n_done, self.total, self.first_loss = 0, 0.0, math.nan
        self._generators = tuple(generators)
        # Where they were when the epoch under way began, and where ``load`` says they were.
        self._drawn_from: list[Any] | None = None
        self._resumed_at: list[Any] = []

    @property
    def epoch(self) -> int:
        """The last epoch that is done, counted from the first of all trainings."""
        return self.first_epoch + self.n_iter

    def begin_epoch(self) -> None:
        """No batch is done yet."""
        if self._generators:
            self._drawn_from = self._states()

    def end_epoch(self) -> None:
        """All batches are done."""
        self.n_iter += 1
        self.n_done, self.total, self._drawn_from = 0, 0.0, None

    def draw_on(self) -> None:
        """Set the generators to where they were, when the epoch's order has been drawn again."""
        self._set(self._resumed_at)

    def state(self) -> dict[str, Any]:
        """All that ``load`` needs."""
        now = self._states()
        return {
            "first_epoch": self.first_epoch,
            "n_iter": self.n_iter,
            "n_done": self.n_done,
            "total": self.total,
            "first_loss": self.first_loss,
            "drawn_from": now if self._drawn_from is None else self._drawn_from,
            "generators": now,
        }

    def load(self, state: dict[str, Any]) -> None:
        """Be where another one was that had as many generators."""
        self.first_epoch, self.n_iter = state["first_epoch"], state["n_iter"]
        self.n_done, self.total = state["n_done"], state["total"]
        self.first_loss = state["first_loss"]
        self._drawn_from = copy.deepcopy(state["drawn_from"]) if self.n_done else None
        self._resumed_at = state["generators"]
        self._set(state["drawn_from"])

    def _states(self) -> list[Any]:
        return [generator.bit_generator.state for generator in self._generators]

    def _set(self, states: Sequence[Any]) -> None:
        for generator, state in zip(self._generators, states, strict=True):
            generator.bit_generator.state = state
