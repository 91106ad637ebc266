"""Step 4 of 7: gradient -> step. Optimizers on a plain vector, schedules of their rate."""

from .adam import Adam
from .lbfgs import LbfgsResult, minimize_lbfgs
from .optimizer import Optimizer
from .schedules import SCHEDULES, Schedule
from .sgd import SGD

__all__ = ["SCHEDULES", "SGD", "Adam", "LbfgsResult", "Optimizer", "Schedule", "minimize_lbfgs"]
