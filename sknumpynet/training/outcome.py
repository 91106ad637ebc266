"""When training ends, and how it ended.

In: numbers. Out: what the trainer is told, and what it says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Why training ends, and how it is said.
REASONS = {
    "converged": "it converged",
    "max_iter": "the limit max_iter is reached",
    "max_time": "the limit max_time of seconds is reached",
    "max_fun": "the limit max_fun of evaluations of the loss is reached",
    "stuck": "the line search found no lower loss",
    "diverged": "it diverged, the loss or a weight is not finite",
    "interrupted": "it was interrupted",
    "stopped": "a callback stopped it",
}


@dataclass(frozen=True)
class Limits:
    """When training ends, and what decides.

    Parameters
    ----------
    max_iter : int
        Most epochs (iterations of L-BFGS).
    n_iter_no_change : int or inf
        Patience in epochs.
    tol : float
        Smallest improvement that counts, in the units of what is watched.
    early_stopping : bool
        Watch the validation score instead of the training loss, and give back the best epoch.
    max_time : float
        Seconds. Training ends after the step (iteration of L-BFGS) that crosses them.
    """

    max_iter: int
    n_iter_no_change: float
    tol: float
    early_stopping: bool = False
    max_time: float = math.inf


@dataclass(frozen=True)
class Outcome:
    """How training ended.

    ``reason`` is one of :data:`REASONS`; ``kept_epoch`` is the epoch
    after which the network had the weights that it has, None for the start. ``unseen`` is the share
    of the last epoch that was left when the time was over, and ``first_loss`` the training loss of
    the first batch, before any step; nan for L-BFGS.
    """

    reason: str
    n_iter: int
    kept_epoch: int | None
    best_figure: float
    unseen: float = 0.0
    first_loss: float = math.nan


def how_it_ended(outcome: Outcome, last: int) -> str:
    """Why training ended, for people; ``last`` is the last epoch, counted as the one kept."""
    kept = outcome.kept_epoch or 0
    if outcome.reason == "converged" and kept < last:
        return f"none of the {last - kept} after that was better"
    return REASONS[outcome.reason]


class StartNotFiniteError(ArithmeticError):
    """The loss of the starting weights is not finite, so that there is nothing to go on from.

    Parameters
    ----------
    in_validation : bool
        Whether it is the loss on the validation rows, which early stopping begins with.
    """

    def __init__(self, in_validation: bool) -> None:
        super().__init__(in_validation)
        self.in_validation = in_validation
