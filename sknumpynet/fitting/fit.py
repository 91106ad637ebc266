"""One fit of one model: its rows and plan, the model, its training, what is kept.

In: a task and its rows. Out: a ``Found``, which the estimator takes over, and the warning to be
given about the end. Each act is a module with one public function.
"""

from __future__ import annotations

from dataclasses import replace

from .build import build
from .endings import STOPPED_REPORT, Ending, ending
from .found import Found
from .keep import keep
from .look_back import account_of, with_verdict
from .share import Share
from .side_by_side import Stop
from .split import shares_and_plan
from .stream import after_call, hold_out, holds_out
from .task import Task
from .train import train


def fit(
    task: Task, table: Share, given: Share | None, stop: Stop | None = None
) -> tuple[Found, Ending | None]:
    """Train on the rows of ``table``, validate on ``given`` or on rows split off.

    ``stop`` is asked after every epoch, and says where Ctrl-C does not come whether it came.
    """
    watch = None
    if task.stream and holds_out(task.options):
        table, watch = hold_out(task, table)
        given = watch.share()
        if task.earlier is not None and not len(table.rows.index):
            return replace(task.earlier, held_out=watch), None
    rows, held_out, plan = shares_and_plan(task, table, given)
    start = build(task, plan, rows)
    if task.watcher is not None:
        task.watcher.begin(plan.max_iter)
    training = train(task, plan, start, rows, held_out, stop)
    validated = held_out is not None
    end = ending(training, plan, start.model, validated=validated)
    found = keep(task, plan, start.model, training, rows, validated=validated)
    if watch is not None:
        found = after_call(task, plan, start.model, found, watch)
    before = None if task.earlier is None else task.earlier.account
    account, interrupted = account_of(plan, start.model, training, rows, held_out, before)
    found = replace(found, account=account)
    if interrupted:
        return found, STOPPED_REPORT
    # Bags are judged together, when all are there.
    if task.unit_of is None and training.calibrated:
        end = with_verdict(end, [found], task.options, rows)
    return found, end
