"""How the learning rate changes while training goes on, and the table of the names.

In: how far training is, the samples seen, how often patience ended. Out: the rate of the next step,
and whether training ends with its patience. Pure functions: to resume needs nothing remembered.

A new schedule is one function and one row of ``SCHEDULES``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
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
    planned : bool
        Whether it needs to know where training ends.
    warmup : float
        In [0, 1): over this share of the planned steps the rate rises in a straight line; then the
        schedule begins, and has the rest of them.
    n_cycles : int
        The planned steps are so many equal parts; in each the schedule begins anew.
    """

    rate: Callable[[float, int, int], float]
    most_cuts: float = 0
    smallest: float = 0.0
    planned: bool = False
    warmup: float = 0.0
    n_cycles: int = 1

    def cycle(self, epoch: int, max_iter: int) -> tuple[int, int]:
        """The cycle that an epoch (0, 1, ...) lies in: its first epoch, and how many it has."""
        length = math.ceil(max_iter / self.n_cycles)
        start = epoch // length * length
        return start, min(length, max_iter - start)

    def at(self, n_done: float, n_planned: int, n_seen: int, cuts: int) -> float:
        """The rate of the step after ``n_done`` of ``n_planned`` of a cycle, with the warm-up."""
        n_warm = self.warmup * n_planned
        if n_done >= n_warm:
            return self.rate((n_done - n_warm) / (n_planned - n_warm), n_seen, cuts)
        return self.rate(0.0, n_seen, cuts) * min(1.0, (n_done + 1) / n_warm)

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

    def rate(progress: float, n_seen: int, cuts: int) -> float:
        try:
            return first / (n_seen + 1) ** power
        except OverflowError:
            return 0.0

    return Schedule(rate)


def adaptive(options: Any) -> Schedule:
    """Divided by 5 each time patience ends, down to 1e-6; then training ends."""
    first = float(options.learning_rate_init)

    def rate(progress: float, n_seen: int, cuts: int) -> float:
        value = first
        for _ in range(cuts):
            value /= 5.0
        return value

    return Schedule(rate, most_cuts=math.inf, smallest=1e-6)


def plateau(options: Any) -> Schedule:
    """Times ``learning_rate_decay`` each time patience ends; the fourth time training ends."""
    first, factor = float(options.learning_rate_init), float(options.learning_rate_decay)
    return Schedule(lambda progress, n_seen, cuts: first * factor**cuts, most_cuts=3)


def cosine(options: Any) -> Schedule:
    """Half a wave of the cosine from ``learning_rate_init`` to 0, without restarts.

    Loshchilov and Hutter (2017), "SGDR: Stochastic gradient descent with warm restarts", eq. 5.
    """
    first = float(options.learning_rate_init)

    def rate(progress: float, n_seen: int, cuts: int) -> float:
        return first * _fallen(progress)

    return Schedule(rate, planned=True)


def cosine_restarts(options: Any) -> Schedule:
    """Twice the whole ``cosine``, each with its warm-up, in half of the steps.

    Loshchilov and Hutter (2017), "SGDR", with T_0 half of the steps and T_mult = 1. With validation
    rows the second begins only where it has something to gain, see :class:`~.training.Trainer`.
    """
    return replace(cosine(options), n_cycles=2)


def one_cycle(options: Any) -> Schedule:
    """Up from a 25th of ``learning_rate_init`` to it, then down to a 250,000th, by cosines.

    It rises over the share ``warmup`` of the steps, 0.3 if that is 0. Smith and Topin (2018),
    "Super-convergence"; the figures are PyTorch's and fastai's, who also lower the momentum
    meanwhile.
    """
    top, rise = float(options.learning_rate_init), float(options.warmup) or 0.3
    first, last = top / 25.0, top / 250_000.0

    def rate(progress: float, n_seen: int, cuts: int) -> float:
        if progress < rise:
            return top + (first - top) * _fallen(progress / rise)
        return last + (top - last) * _fallen((progress - rise) / (1.0 - rise))

    return Schedule(rate, planned=True)


def exponential(options: Any) -> Schedule:
    """``learning_rate_init`` times ``learning_rate_decay`` to the power of progress."""
    first, factor = float(options.learning_rate_init), float(options.learning_rate_decay)
    return Schedule(lambda progress, n_seen, cuts: first * factor**progress, planned=True)


def step(options: Any) -> Schedule:
    """Times ``learning_rate_decay`` at one half and at three quarters of the steps.

    As He et al. (2016), "Deep residual learning for image recognition", section 4.2.
    """
    first, factor = float(options.learning_rate_init), float(options.learning_rate_decay)

    def rate(progress: float, n_seen: int, cuts: int) -> float:
        return first * factor ** ((progress >= 0.5) + (progress >= 0.75))

    return Schedule(rate, planned=True)


def scaled(schedule: Schedule, factor: float) -> Schedule:
    """The schedule with its rates times ``factor``; training ends where it does without."""
    rate = schedule.rate
    return replace(
        schedule,
        rate=lambda progress, n_seen, cuts: factor * rate(progress, n_seen, cuts),
        smallest=factor * schedule.smallest,
    )


def _fallen(share: float) -> float:
    """From 1 to 0 along half a wave of the cosine."""
    return 0.5 * (1.0 + math.cos(math.pi * share))


#: The values of the option ``learning_rate``. Each is built from an object that has the options as
#: attributes.
SCHEDULES: dict[str, Callable[[Any], Schedule]] = {
    "constant": constant,
    "invscaling": inverse_scaling,
    "adaptive": adaptive,
    "plateau": plateau,
    "cosine": cosine,
    "cosine_restarts": cosine_restarts,
    "one_cycle": one_cycle,
    "exponential": exponential,
    "step": step,
}

#: As in scikit-learn these act on "sgd" only. The rate of other solvers is then constant.
FOR_SGD = frozenset({"invscaling", "adaptive"})

#: These do with ``warmup`` what they want.
WITH_A_RISE = frozenset({"one_cycle"})


def schedule_for(options: Any, *, endless: bool = False) -> Schedule:
    """The schedule of the options ``solver``, ``learning_rate`` and ``warmup``.

    ``endless``: training is a part of a stream, of which nobody knows where it ends. There is no
    share of it to be done; what needs one is constant.
    """
    name = options.learning_rate
    if name in FOR_SGD and options.solver != "sgd":
        name = "constant"
    schedule = SCHEDULES[name](options)
    if endless:
        return constant(options) if schedule.planned else schedule
    return schedule if name in WITH_A_RISE else replace(schedule, warmup=float(options.warmup))
