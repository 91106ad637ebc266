"""What a fit has come to while it runs, for those who watch it.

In: what ``keep`` takes, of a training under way. Out: a ``Found`` that shares nothing with it that
training changes.
"""

from __future__ import annotations

import copy
from dataclasses import replace

from ..options import Plan
from ..training import History
from .found import Found, Model
from .keep import keep
from .share import Share
from .task import Task
from .training import Training


def found_so_far(
    task: Task, plan: Plan, model: Model, training: Training, rows: Share, *, validated: bool
) -> Found:
    """What would be kept, were training to end with the network as it is."""
    apart = replace(task, randomness=copy.deepcopy(task.randomness))
    network = model.network.astype(model.network.theta.dtype)
    so_far = replace(training, history=History(training.history.columns))
    return keep(apart, plan, replace(model, network=network), so_far, rows, validated=validated)
