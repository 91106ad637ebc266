"""First act of a fit: which rows are trained on, which are validated on, and the plan for them.

In: a task and the rows to be fitted. Out: two shares of them, and the plan. It is here that "auto"
is settled.
"""

from __future__ import annotations

from dataclasses import replace

from ..optimizers import goes_through_batches
from ..options import (
    Plan,
    after_fit,
    least_to_split,
    plan_for,
    rows_of_a_batch,
    stops_early,
)
from .by_content import split_by_content
from .share import Share, merge_rows
from .splits import split_off, warn_if_not_split
from .task import Task
from .validation import warn_if_not_calibrated


def shares_and_plan(
    task: Task, table: Share, given: Share | None
) -> tuple[Share, Share | None, Plan]:
    """Rows to train on, rows to validate on (or None), and the plan.

    ``given`` are rows to validate on that the user passed. Equal rows are merged where all make one
    step together.
    """
    options, n_rows = task.options, table.rows.n_rows
    stops = stops_early(options, n_rows, given=given is not None, incremental=task.stream)
    train, held_out = table, given
    if stops and given is None:
        train, held_out = _split(task, table)
    # How many rows a batch has is decided before equal ones are merged, and how many epochs there
    # are after it.
    n_rows = train.rows.n_rows
    if not goes_through_batches(options.solver) or rows_of_a_batch(options, n_rows) == n_rows:
        train = merge_rows(train)
    plan = plan_for(
        options,
        train.rows.n_rows,
        train.n_samples,
        early_stopping=stops and held_out is not None,
        stream=task.stream,
    )
    if task.stream and task.earlier is not None and task.earlier.steps_of_fit is not None:
        plan = after_fit(plan, task.earlier.steps_of_fit)
    if task.schedule is not None:
        plan = replace(plan, schedule=task.schedule)
    if task.budget is not None:
        plan = replace(plan, max_time=task.budget.share())
    if task.ranks is not None:
        # Each goes through its own rows, of which there are as many as it is given. One of them
        # prints.
        verbose = plan.verbose if task.ranks.rank == 0 else 0
        plan = replace(plan, most_shown=None, verbose=verbose)
    if plan.calibrate and (held_out is None or task.stream):
        if task.earlier is None or not task.stream:
            # Of a stream, at its beginning alone.
            warn_if_not_calibrated(stream=task.stream)
        plan = replace(plan, calibrate=False)
    if held_out is None and not task.stream:
        warn_if_not_split(table, options)
    return train, held_out, plan


def _split(task: Task, table: Share) -> tuple[Share, Share | None]:
    if task.ranks is not None:
        parts = split_by_content(table, task.options, task.randomness.split_seed, task.ranks)
        return parts or (table, None)
    parts = split_off(
        table,
        task.options,
        task.target.strata(table.codes),
        task.randomness.split_seed,
        least=least_to_split(task.options),
    )
    return parts or (table, None)
