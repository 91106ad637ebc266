"""The seconds of a fit (``max_time``), which its models share.

In: seconds, and how many models train one after the other. Out: the share of the one that comes
next, of what those before it have left.
"""

from __future__ import annotations

from typing import Any

from .found import Found
from .side_by_side import n_rounds


class Budget:
    """Seconds for models that are trained in turn.

    Each plans with its share, so that a rate that falls to its end does so within it.

    Parameters
    ----------
    seconds : float
    n_models : int
    """

    def __init__(self, seconds: float, n_models: int) -> None:
        self._left, self._n_models = seconds, n_models

    def share(self) -> float:
        """Seconds of the next model; 0, which is one step, where those before it took all."""
        return max(0.0, self._left) / self._n_models

    def spend(self, seconds: float, found: Found) -> None:
        """A model took so long, and what it took before, if it goes on from a checkpoint."""
        n = found.outcome.n_iter
        trained = sum(found.history["seconds"][-n:]) if n else 0.0
        self._left -= max(seconds, trained)
        self._n_models -= 1


def budgets(options: Any, n_models: int) -> list[Budget] | list[None]:
    """For each model the budget that it has a share of; None without ``max_time``.

    Those in turn have one for all, so that a later one has what an earlier one did not need. Other
    processes do not know of each other: each has its own, of as many shares as there are rounds.
    """
    if options.max_time is None:
        return [None] * n_models
    if options.n_jobs in (None, 1):
        return [Budget(options.max_time, n_models)] * n_models
    share = options.max_time / n_rounds(n_models, options.n_jobs)
    return [Budget(share, 1) for _ in range(n_models)]
