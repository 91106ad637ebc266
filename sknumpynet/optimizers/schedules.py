"""How the learning rate changes from epoch to epoch, and the table of the names.

In: samples seen so far, or the news that nothing improves any more. Out: the next learning rate, or
the end. A new schedule is one class and one row of ``SCHEDULES``.
"""

from __future__ import annotations


class Schedule:
    """``learning_rate_init`` throughout; training ends when patience does ("constant").

    Parameters
    ----------
    learning_rate_init : float
        > 0.
    power_t : float
        Only for "invscaling".
    """

    def __init__(self, learning_rate_init: float, power_t: float = 0.5) -> None:
        self.learning_rate_init = float(learning_rate_init)
        self.power_t = float(power_t)

    def start(self, n_seen: int) -> float:
        """The rate to begin with when ``n_seen`` samples have been seen by an earlier fit."""
        return self.learning_rate_init

    def after_epoch(self, learning_rate: float, n_seen: int) -> float:
        """The rate for the next epoch, after ``n_seen`` samples in all."""
        return learning_rate

    def out_of_patience(self, learning_rate: float) -> float | None:
        """The rate to go on with when nothing improved for long, or None to stop."""
        return None


class InverseScaling(Schedule):
    """``learning_rate_init / (t + 1)^power_t`` after t samples, once an epoch ("invscaling")."""

    def start(self, n_seen: int) -> float:
        return self.after_epoch(self.learning_rate_init, n_seen)

    def after_epoch(self, learning_rate: float, n_seen: int) -> float:
        return self.learning_rate_init / (n_seen + 1) ** self.power_t


class Adaptive(Schedule):
    """Divided by 5 each time patience ends, down to 1e-6; then training ends ("adaptive")."""

    factor, smallest = 5.0, 1e-6

    def out_of_patience(self, learning_rate: float) -> float | None:
        return None if learning_rate <= self.smallest else learning_rate / self.factor


#: The values of the option ``learning_rate``.
SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Schedule,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
}
