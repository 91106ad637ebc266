"""AdamW without a schedule: an average of the steps takes the place of a falling rate.

In: a gradient where the steps and their average are mixed. Out: the average, to be judged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from .coasting import Sums
from .elementwise import Elementwise, Move
from .moments import TINY_SECOND, WithMeans
from .optimizer import Met, Parts
from .vectors import axpy, blocks


class ScheduleFree(WithMeans, Elementwise):
    """Steps of z by gradients at ``y = (1 - beta_1) z + beta_1 x``; x, the mean of z, is judged.

    ``z <- z - lr_t (g / (sqrt(v) + epsilon) + decay y)``, ``x <- (1 - c) x + c z`` with
    ``c = lr_t^2 / sum_i lr_i^2``, ``v <- beta_2 v + (1 - beta_2) g^2``, ``lr_t = lr sqrt(1 -
    beta_2^t)``: Defazio et al. (2024), "The road less scheduled", algorithm 1. In training theta is
    y, between epochs x. Where theta has been set to something else meanwhile (the best epoch, a
    user's ``coefs_``), z and x start anew there.

    Parameters
    ----------
    learning_rate : float
        lr > 0.
    beta_1 : float
        Share of x in y, in [0, 1).
    beta_2 : float
        In [0, 1).
    epsilon : float
        > 0, in the units of the gradient.
    decay : float
        >= 0.
    where : iterable of slice
        The parts of theta that decay.
    """

    means = ("v",)
    vectors = ("v", "z", "x")
    keeps = ("t", "z", "x", "weight", "swapped", *means)
    z: np.ndarray
    x: np.ndarray
    weight: float
    swapped: bool

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        decay: float = 0.0,
        where: Iterable[slice] = (),
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.beta_1, self.epsilon = float(beta_1), float(epsilon)
        self.decay, self.where = float(decay), tuple(where)
        self._start(beta_2)

    def _tiny(self) -> tuple[float, ...]:
        return (min(TINY_SECOND, self.epsilon * self.epsilon / (1.0 - self.betas[0])),)

    def _start_at(self, theta: np.ndarray) -> None:
        if self.z is None:
            self.z, self.x, self.weight = theta.copy(), theta.copy(), 0.0
        super()._start_at(theta)

    def _rate(self) -> float:
        """lr_t."""
        return self.learning_rate * math.sqrt(1.0 - self.betas[0] ** self.t)

    def _move(self, theta: np.ndarray, parts: Parts) -> Move:
        ((unit, growth),) = self._next_units(theta, parts)
        root, lr_t = math.sqrt(unit), self._rate()
        self.weight += lr_t * lr_t
        # A rate of 0 moves nothing.
        c = lr_t * lr_t / self.weight if self.weight else 0.0
        size, floor, add = lr_t / root, self.epsilon / root, axpy(theta.dtype)
        for part in self.where:
            self.z[part] -= (lr_t * self.decay) * theta[part]

        def move(y: np.ndarray, g: np.ndarray, v: np.ndarray, z: np.ndarray, x: np.ndarray) -> None:
            # theta, which is y, is written anew at the end, and serves as scratch until then.
            np.multiply(g, g, out=y)
            add(y, v, a=growth)
            np.sqrt(v, out=y)
            y += floor
            np.divide(g, y, out=g)
            add(g, z, a=-size)
            x *= 1.0 - c
            add(z, x, a=c)
            self._mix(y, z, x)

        return move

    def _new_sums(self) -> tuple[Sums, ...]:
        return (Sums(),)

    def _lengths(self) -> tuple[float, ...]:
        return (self._rate() ** 2,)

    def _coast(self, met: Met, theta: np.ndarray, *vectors: np.ndarray) -> None:
        # z stands still, and of x all but the share of the weights since then becomes z.
        v, z, x = vectors
        self._decay(met, v)
        if self._sums is None or not self.weight:
            return
        x += (z - x) * met.spread(self._sums[0].since(met.since) / self.weight, x.dtype)
        self._mix(theta, z, x)

    def _mix(self, y: np.ndarray, z: np.ndarray, x: np.ndarray) -> None:
        np.multiply(z, 1.0 - self.beta_1, out=y)
        axpy(y.dtype)(x, y, a=self.beta_1)

    def to_evaluation(self, theta: np.ndarray) -> None:
        if self.t and not self.swapped:
            theta[:] = self.x
            self.swapped = True

    def to_training(self, theta: np.ndarray) -> None:
        if not self.swapped:
            return
        if not np.array_equal(theta, self.x):
            self.z[:], self.x[:], self.weight = theta, theta, 0.0
        for block in blocks(theta.size, self.block):
            self._mix(theta[block], self.z[block], self.x[block])
        self.swapped = False
