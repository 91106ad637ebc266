"""Step 4 of 7: gradient -> step. Optimizers on a plain vector, schedules of their rate."""

from .adam import Adam
from .compose import Averaged, Clipped, Decayed, Grouped, Rule, spans
from .lbfgs import LbfgsResult, minimize_lbfgs
from .muon import Muon
from .optimizer import Optimizer, Slot
from .schedules import SCHEDULES, Schedule, schedule_for
from .sgd import SGD
from .table import OPTIMIZERS, SOLVERS, goes_through_batches, optimizer_for

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "SOLVERS",
    "Adam",
    "Averaged",
    "Clipped",
    "Decayed",
    "Grouped",
    "LbfgsResult",
    "Muon",
    "Optimizer",
    "Rule",
    "Schedule",
    "Slot",
    "goes_through_batches",
    "minimize_lbfgs",
    "optimizer_for",
    "schedule_for",
    "spans",
]
