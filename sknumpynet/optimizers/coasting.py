"""How far entries go without a gradient, when they are looked at only now and then.

In: at every step the length that a way without gradient has in it. Out: for any earlier step, the
sum of the lengths since then. An entry that momentum carries on goes in one direction, by lengths
that its rule knows, so that the way of many steps is one product.
"""

from __future__ import annotations

import math

import numpy as np

#: What is left of a way that shrinks from step to step, below this share of its first step, is
#: nothing: 1e-10 of 0.9 a step are 219 steps.
NEGLIGIBLE = 1e-10


class Sums:
    """``sum of the lengths of the steps t_0 + 1, ..., t`` for every t_0.

    Steps are counted from where the sums were made.
    """

    def __init__(self) -> None:
        # In float64 whatever theta is: a number for each step, not for each entry.
        self._sums, self._n = np.full(64, 0.0), 0

    def add(self, length: float) -> None:
        """One more step of this length."""
        self._make_room()
        self._sums[self._n] = self._sums[self._n - 1] + length

    def since(self, step: np.ndarray) -> np.ndarray:
        """The sums of what came after each of these steps."""
        return self._sums[self._n] - self._sums[step]

    def between(self, step: np.ndarray, n_steps: np.ndarray) -> np.ndarray:
        """The sums of so many steps after each of these, at most of those there are."""
        return self._sums[np.minimum(step + n_steps, self._n)] - self._sums[step]

    def _make_room(self) -> None:
        self._n += 1
        if self._n == len(self._sums):
            self._sums = np.resize(self._sums, 2 * self._n)
            self._sums[self._n :] = 0


class ShrinkingSums(Sums):
    """``sum_i ratio^i length_(t_0 + i)`` over the same steps, for a ratio in [0, 1).

    A step is added to the sums of all t_0 for which it is not negligible.
    """

    def __init__(self, ratio: float) -> None:
        super().__init__()
        most = math.ceil(math.log(NEGLIGIBLE) / math.log(ratio)) if ratio else 1
        self._powers = ratio ** np.arange(most, 0, -1)

    def add(self, length: float) -> None:
        self._make_room()
        first = max(0, self._n - len(self._powers))
        self._sums[first : self._n] += length * self._powers[first - self._n :]

    def since(self, step: np.ndarray) -> np.ndarray:
        return self._sums[step]
