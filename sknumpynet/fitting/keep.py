"""Fourth act of a fit: what is kept of it.

In: a task, its plan, the trained model and how training went. Out: a ``Found``.
"""

from __future__ import annotations

import numpy as np

from ..options import Plan, StepsOfFit, rows_of_a_batch
from .found import Found, Model
from .share import Share
from .task import Task
from .training import Training


def keep(
    task: Task, plan: Plan, model: Model, training: Training, rows: Share, *, validated: bool
) -> Found:
    """What the estimator takes over, and what a later fit needs to go on.

    ``validated`` is about this fit alone.
    """
    earlier, outcome, optimizer = task.earlier, training.outcome, training.optimizer
    if optimizer is not None and (outcome.reason == "diverged" or not plan.goes_on):
        # Moments triple the pickle: they are kept only where training is expected to go on, and
        # not those that blew up.
        optimizer.forget()
    losses = np.array(training.history.columns["loss"], dtype=np.float64)
    losses = losses[np.isfinite(losses)]
    best_loss = None
    if not plan.early_stopping:
        best = np.inf if earlier is None or earlier.best_loss is None else earlier.best_loss
        best_loss = float(min(best, losses.min(initial=np.inf)))
    return Found(
        model=model,
        optimizer=optimizer,
        randomness=task.randomness,
        history=training.history.columns,
        outcome=outcome,
        settled=plan.settled,
        early_stopping=plan.early_stopping,
        validated=validated or (earlier is not None and earlier.validated),
        n_seen=(earlier.n_seen if earlier else 0)
        + round((outcome.n_iter - outcome.unseen) * plan.shown(rows.n_samples)),
        loss=float(losses[-1]) if len(losses) else np.nan,
        best_loss=best_loss,
        steps_of_fit=_steps_of_fit(task, plan, rows),
    )


def _steps_of_fit(task: Task, plan: Plan, rows: Share) -> StepsOfFit | None:
    """Those of this fit, or of the one that a stream goes on from."""
    if plan.stream:
        return None if task.earlier is None else task.earlier.steps_of_fit
    batch_size = plan.batch_size
    if plan.full_batch:
        # A stream cannot go on with L-BFGS, but with another solver after it.
        batch_size = rows_of_a_batch(task.options, rows.rows.n_rows)
    return StepsOfFit(batch_size, plan.steps.weight_decay)
