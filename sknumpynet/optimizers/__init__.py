"""Step 5 of 9: gradient -> step. Optimizers on a plain vector, schedules of their rate."""

from .adam import Adam
from .adaptive import Adagrad, Lion, NAdam, RMSprop
from .compose import Averaged, Clipped, Decayed, Grouped, Rule, spans
from .lbfgs import LbfgsResult, minimize_lbfgs
from .muon import Muon
from .optimizer import Met, Optimizer, Segment
from .rows import ByRows, Tables
from .schedule_free import ScheduleFree
from .schedules import SCHEDULES, Schedule, scaled, schedule_for
from .sgd import SGD
from .table import OPTIMIZERS, SOLVERS, goes_through_batches, optimizer_for

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "SOLVERS",
    "Adagrad",
    "Adam",
    "Averaged",
    "ByRows",
    "Clipped",
    "Decayed",
    "Grouped",
    "LbfgsResult",
    "Lion",
    "Met",
    "Muon",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "Rule",
    "Schedule",
    "ScheduleFree",
    "Segment",
    "Tables",
    "goes_through_batches",
    "minimize_lbfgs",
    "optimizer_for",
    "scaled",
    "schedule_for",
    "spans",
]
