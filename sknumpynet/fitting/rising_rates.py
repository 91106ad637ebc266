"""A fit in which every step has a larger learning rate than the last: what the losses do.

In: an estimator, rows, the rates. Out: the loss of the batch before each step, until it is far
above the first.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import clone

from ..optimizers import Schedule, goes_through_batches
from ..options import check_options
from ..quoting import quoted
from ..training import Batch, Objective

#: The loss is far above the first if it exceeds it by so many times the first, or the fall so far:
#: the mean of about the last five losses, since batches differ.
FAR_ABOVE_FIRST, MEMORY = 3.0, 0.8


class Enough(Exception):  # noqa: N818
    """All that is wanted is known; no error."""


class RecordedObjective(Objective):
    """Notes the loss of each batch, before the step from it."""

    def __init__(self, losses: list[float], most: int, *args: Any) -> None:
        super().__init__(*args)
        self._losses, self._most = losses, most

    def __call__(self, theta: np.ndarray, batch: Batch) -> tuple[float, np.ndarray]:
        if len(self._losses) >= self._most or _far_above(self._losses):
            raise Enough
        loss, gradient = super().__call__(theta, batch)
        if not math.isfinite(loss):
            raise Enough
        self._losses.append(loss)
        return loss, gradient


def _far_above(losses: list[float]) -> bool:
    """Whether the losses have come to lie :data:`FAR_ABOVE_FIRST` above the first ones."""
    if not losses:
        return False
    mean = best = first = float(np.mean(losses[:3]))
    for loss in losses[3:]:
        mean = MEMORY * mean + (1.0 - MEMORY) * loss
        best = min(best, mean)
    return mean - first > FAR_ABOVE_FIRST * max(abs(first), first - best)


def losses_at_rising_rates(
    estimator: Any, rates: np.ndarray, X: Any, y: Any, sample_weight: Any = None
) -> np.ndarray:
    """The losses of batches before steps at these rates, by a clone of the estimator.

    Fewer than there are rates, if the losses become much larger than the first.
    """
    if not goes_through_batches(estimator.solver):
        raise ValueError(f"solver={quoted(estimator.solver)} has no learning rate to find.")
    check_options(estimator, estimator._rules)
    draft = clone(estimator)
    losses: list[float] = []
    # As fit trains it: what "auto" means depends on whether rows are held out. No end but that of
    # the rates.
    draft.set_params(
        n_bags=1, max_iter=len(rates), n_iter_no_change=np.inf, max_time=None,
        warm_start=False, verbose=False, splitter=None,
    )  # fmt: skip
    if "calibrate" in draft.get_params(deep=False):
        # Where nothing is validated, a classifier that is to calibrate itself would tell so.
        draft.set_params(calibrate=False)
    course = {
        "new_objective": partial(RecordedObjective, losses, len(rates)),
        "schedule": Schedule(lambda progress, n_seen, cuts: float(rates[len(losses) % len(rates)])),
    }
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        try:
            found, _ = draft._find(X, y, sample_weight, (None, None, None), **course)
        except Enough:
            return np.array(losses)
    if found.first.outcome.reason == "interrupted":
        raise KeyboardInterrupt
    return np.array(losses)
