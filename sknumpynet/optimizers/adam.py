"""Adam: steps measured against the recent size of each parameter's gradient.

In: a gradient. Out: a step of about the learning rate in every coordinate that has a steady
direction.
"""

from __future__ import annotations

import math

import numpy as np

from .moments import TINY_FIRST, TINY_SECOND, WithMeans
from .vectors import axpy, blocks


class Adam(WithMeans):
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

    means = ("m", "v")
    keeps = ("t", *means)

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.epsilon = float(epsilon)
        self._start(beta_1, beta_2)

    def _tiny(self) -> tuple[float, ...]:
        floor = self.epsilon / math.sqrt(1.0 - self.betas[1])
        return min(TINY_FIRST, 1e-14 * floor), min(TINY_SECOND, floor * floor)

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        # m and v are kept as M = m / unit_1 and V = v / unit_2, and
        #   lr_t m / (sqrt(v) + epsilon) = size M / (sqrt(V) + floor).
        (unit_1, growth_1), (unit_2, growth_2) = self._next_units(theta)
        (beta_1, beta_2), t, root = self.betas, self.t, math.sqrt(unit_2)
        lr_t = self.learning_rate * math.sqrt(1.0 - beta_2**t) / (1.0 - beta_1**t)
        size, floor = lr_t * unit_1 / root, self.epsilon / root
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
