"""Rows of a stream that are held out by their content, and what they say of its end.

In: the rows of each part. Out: those to train on; some of all that were held out so far, to
validate on after each call; and the weights that were best on them, when patience is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..optimizers import goes_through_batches
from ..options import Plan
from ..rows import Rows, row_hashes
from ..training import Outcome, Patience
from .found import Found, Model
from .held_out import MOST_KEPT, HeldOut
from .share import Share
from .task import Task
from .unit_of_tol import loss_scale
from .validation import validation_on


def holds_out(options: Any) -> bool:
    """Whether ``partial_fit`` holds rows out: where early stopping was asked for in so many words.

    "auto" leaves a stream as it is.
    """
    return options.early_stopping is True and goes_through_batches(options.solver)


def hold_out(task: Task, table: Share) -> tuple[Share, HeldOut]:
    """The rows of a part of a stream to train on, and those held out of it and of earlier ones.

    A row is held out by the hash of its columns alone: in whatever part it comes, and how often,
    equal rows are on one side.
    """
    if callable(task.options.scoring):
        raise ValueError(
            "early_stopping=True holds rows of a stream out as numbers, and a callable in scoring "
            "wants them as they came. Set scoring to 'loss' or the name of a scorer, or "
            "early_stopping='auto', which holds none out in partial_fit."
        )
    index, weight = table.rows
    hashes = row_hashes(table.X, index)
    # The first 53 bits, as a number in [0, 1).
    is_out = (hashes >> np.uint64(11)) * 2.0**-53 < task.options.validation_fraction
    if is_out.all() and task.earlier is None:
        raise ValueError(
            f"The first call of partial_fit needs rows to train on: all {len(index)} of X are "
            f"held out by their content (validation_fraction={task.options.validation_fraction:g})."
            " Begin with more rows."
        )
    kept, out = (
        Rows(index[which], None if weight is None else weight[which]) for which in (~is_out, is_out)
    )
    found = _of_part(table, out, hashes[is_out])
    before = None if task.earlier is None else task.earlier.held_out
    return table.only(kept, len(kept.index)), found if before is None else before + found


def _of_part(table: Share, rows: Rows, hashes: np.ndarray) -> HeldOut:
    index, codes = rows.index, table.codes[rows.index]
    parts = [hashes >> np.uint64(32), hashes & np.uint64(2**32 - 1), codes]
    numbers = np.column_stack([np.asarray(part, dtype=np.float64) for part in parts])
    with_y = row_hashes(numbers, np.arange(len(index))) if len(index) else hashes
    hashes, first = np.unique(with_y, return_index=True)
    first = first[:MOST_KEPT]
    index = index[first]
    weight = None if rows.weight is None else rows.weight[first]
    return HeldOut(table.X[index], table.y[index], table.codes[index], weight, hashes[:MOST_KEPT])


def after_call(task: Task, plan: Plan, model: Model, found: Found, held_out: HeldOut) -> Found:
    """What was found by a call, with the best weights where patience is over.

    Lower figures are better. That of the present weights is in the history.
    """
    share = held_out.share()
    if share is None or found.outcome.reason == "diverged":
        return replace(found, held_out=held_out)
    theta, call = model.network.theta, found.history["epoch"][-1]
    now, best = -found.history["score"][-1], held_out.best
    if best is not None and _is_other(task, model):
        best = None
    unit = 1.0
    if plan.scoring == "loss":
        unit = loss_scale(model, model.target.encode(share.codes, theta.dtype), share)[2]
    patience = Patience(plan.n_iter_no_change, plan.tol * unit)
    patience.n_without = held_out.n_without
    if best is not None:
        # Of other rows it is another one.
        patience.best = held_out.best_figure
        if held_out.is_new:
            validate = validation_on(share, model, plan.scoring, task.as_estimator)
            patience.best = _figure_of(best, theta, lambda: -validate()[1])
    if patience.update(now) or best is None:
        held_out = replace(held_out, best=theta.copy(), best_call=call)
    outcome = replace(found.outcome, best_figure=patience.best)
    if patience.over:
        theta[:] = held_out.best
        outcome = Outcome("converged", 1, held_out.best_call, patience.best)
        patience.n_without = 0
    held_out = replace(held_out, n_without=patience.n_without, best_figure=patience.best)
    return replace(found, outcome=outcome, held_out=held_out, early_stopping=True)


def _figure_of(best: np.ndarray, theta: np.ndarray, figure: Callable[[], float]) -> float:
    """That of other weights: the rows that validate may not be those of the call before."""
    now = theta.copy()
    theta[:] = best
    try:
        return figure()
    finally:
        theta[:] = now


def _is_other(task: Task, model: Model) -> bool:
    """Whether columns, or outputs, have shown in this call what they are: weights mean more now."""
    assert task.earlier is not None
    old = task.earlier.model
    return (
        old.network.theta.shape != model.network.theta.shape
        or old.encoder.open_columns != model.encoder.open_columns
        or bool((old.target.constant != model.target.constant).any())
    )
