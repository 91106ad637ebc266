"""Adam: steps measured against the recent size of each parameter's gradient.

In: a gradient. Out: a step of about the learning rate in every coordinate that has a steady
direction.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .moments import TINY_FIRST, TINY_SECOND, shrinking_units, to_first_unit
from .optimizer import Optimizer
from .vectors import axpy, blocks


class Adam(Optimizer):
    """``theta <- theta - lr_t m / (sqrt(v) + epsilon)``, m and v decaying means of g and g^2.

    ``m <- beta_1 m + (1 - beta_1) g``, ``v <- beta_2 v + (1 - beta_2) g^2``,
    ``lr_t = lr sqrt(1 - beta_2^t) / (1 - beta_1^t)``: Kingma and Ba (2015), "Adam: a method for
    stochastic optimization", algorithm 1 in the efficient order of section 2.

    Parameters
    ----------
    learning_rate : float
        lr > 0.
    beta_1, beta_2 : float
        Decay rates in [0, 1).
    epsilon : float
        > 0, in the units of the gradient.
    """

    keeps = ("t", "m", "v")

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.beta_1 = float(beta_1)
        self.beta_2 = float(beta_2)
        self.epsilon = float(epsilon)
        self.t: int | None = None
        self.m: np.ndarray | None = None
        self.v: np.ndarray | None = None

    def state(self) -> dict[str, Any]:
        return {**super().state(), "units": self._units()}

    def load(self, state: dict[str, Any], dtype: np.dtype | None = None) -> None:
        super().load(state, dtype)
        if self.t:
            # Other decay rates mean other units.
            for moment, old, new in zip(
                (self.m, self.v), state["units"], self._units(), strict=True
            ):
                moment *= old / new

    def _units(self) -> tuple[float, ...]:
        """The units that m and v are in; none before the first step."""
        units = shrinking_units(self.beta_1, self.beta_2)
        return tuple(unit for unit, _ in units[(self.t - 1) % len(units)]) if self.t else ()

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        if self.m is None or self.v is None or self.t is None:
            self.m, self.v, self.t = np.zeros_like(theta), np.zeros_like(theta), 0
        t = self.t + 1
        # m and v are kept as M = m / unit_1 and V = v / unit_2, and
        #   lr_t m / (sqrt(v) + epsilon) = size M / (sqrt(V) + floor).
        units = shrinking_units(self.beta_1, self.beta_2)
        k = self.t % len(units)
        (unit_1, growth_1), (unit_2, growth_2) = units[k]
        root = math.sqrt(unit_2)
        lr_t = self.learning_rate * math.sqrt(1.0 - self.beta_2**t) / (1.0 - self.beta_1**t)
        size, floor = lr_t * unit_1 / root, self.epsilon / root
        if k == 0:
            to_first_unit(self.m, self.beta_1, len(units), min(TINY_FIRST, 1e-14 * floor))
            to_first_unit(self.v, self.beta_2, len(units), min(TINY_SECOND, floor * floor))
        # Only now: after Ctrl-C on the way, moments of the old unit must not be read in the new.
        self.t = t
        add = axpy(theta.dtype)
        for block in blocks(theta.size, self.block):
            m, v, g = self.m[block], self.v[block], gradient[block]
            add(g, m, a=growth_1)
            np.multiply(g, g, out=g)
            add(g, v, a=growth_2)
            np.sqrt(v, out=g)
            g += floor
            np.divide(m, g, out=g)
            add(g, theta[block], a=-size)
