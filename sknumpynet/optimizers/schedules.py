"""How the learning rate changes while training goes on, and the table of the names.

In: how far training is, the samples seen, how often patience ended. Out: the rate of the next step,
and whether training ends with its patience. Pure functions: to resume needs nothing remembered.

A new schedule is one function and one row of ``SCHEDULES``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Schedule:
    """The learning rate, asked at every step, and what the end of patience means.

    Parameters
    ----------
    rate : callable
        (progress, n_seen, cuts) -> learning rate, a Python float. ``progress`` in [0, 1] is the
        share of this fit's planned steps (``max_iter`` epochs) that is done; ``n_seen`` the samples
        seen up to the beginning of the epoch, in earlier fits too; ``cuts`` how often patience has
        ended in this fit.
    most_cuts : int or inf
        Training goes on so many times when patience ends. 0: it ends with patience.
    smallest : float
        It does not go on at a rate that is not above this.
    """

    rate: Callable[[float, int, int], float]
    most_cuts: float = 0
    smallest: float = 0.0

    def ends(self, progress: float, n_seen: int, cuts: int) -> bool:
        """Whether training ends when patience does, having ended ``cuts`` times before."""
        return cuts >= self.most_cuts or self.rate(progress, n_seen, cuts) <= self.smallest


def constant(options: Any) -> Schedule:
    """``learning_rate_init`` throughout."""
    rate = float(options.learning_rate_init)
    return Schedule(lambda progress, n_seen, cuts: rate)


def inverse_scaling(options: Any) -> Schedule:
    """``learning_rate_init / (t + 1)^power_t`` after t samples, as scikit-learn has it."""
    first, power = float(options.learning_rate_init), float(options.power_t)
    return Schedule(lambda progress, n_seen, cuts: first / (n_seen + 1) ** power)


def adaptive(options: Any) -> Schedule:
    """Divided by 5 each time patience ends, down to 1e-6; then training ends."""
    first = float(options.learning_rate_init)

    def rate(progress: float, n_seen: int, cuts: int) -> float:
        value = first
        for _ in range(cuts):
            value /= 5.0
        return value

    return Schedule(rate, most_cuts=math.inf, smallest=1e-6)


#: The values of the option ``learning_rate``. Each is built from an object that has the options as
#: attributes.
SCHEDULES: dict[str, Callable[[Any], Schedule]] = {
    "constant": constant,
    "invscaling": inverse_scaling,
    "adaptive": adaptive,
}

#: As in scikit-learn these act on "sgd" only. The rate of other solvers is then constant.
FOR_SGD = frozenset({"invscaling", "adaptive"})


def schedule_for(options: Any) -> Schedule:
    """The schedule of the options ``solver`` and ``learning_rate``."""
    name = options.learning_rate
    if name in FOR_SGD and options.solver != "sgd":
        name = "constant"
    return SCHEDULES[name](options)
