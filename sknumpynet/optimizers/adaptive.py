"""Relatives of Adam: what else the size of earlier gradients may be used for.

In: a gradient. Out: a step in which every coordinate is measured in a unit of its own.
"""

from __future__ import annotations

import math

import numpy as np

from .moments import MOST_STEPS, TINY_FIRST, TINY_SECOND, WithMeans
from .optimizer import Optimizer
from .vectors import axpy, blocks

#: Numbers that are cut off here are signs in this unit: 18 us for 100,000 of them, np.sign takes
#: 520. A power of 2, so that nothing is rounded, far below gradients and above denormal numbers.
SIGN = 2.0**-100


class NAdam(WithMeans):
    """Adam with Nesterov's momentum: the gradient counts at once, and not only through m.

    ``theta <- theta - lr (mu_{t+1} m / (1 - p_{t+1}) + (1 - mu_t) g / (1 - p_t)) / (sqrt(v / (1 -
    beta_2^t)) + epsilon)``, ``mu_t = beta_1 (1 - 0.5 * 0.96^(0.004 t))``, ``p_t = mu_1 ... mu_t``:
    Dozat (2016), "Incorporating Nesterov momentum into Adam", with the figures that PyTorch has.
    As in :class:`Adam` here, epsilon is added before the correction of v.

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
    keeps = ("t", "product", *means)

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.epsilon = float(epsilon)
        self.product: float | None = None
        self._start(beta_1, beta_2)

    def _tiny(self) -> tuple[float, ...]:
        floor = self.epsilon / math.sqrt(1.0 - self.betas[1])
        return min(TINY_FIRST, 1e-14 * floor), min(TINY_SECOND, floor * floor)

    def _momentum(self, t: int) -> float:
        return self.betas[0] * (1.0 - 0.5 * 0.96 ** (0.004 * t))

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        (unit_1, growth_1), (unit_2, growth_2) = self._next_units(theta)
        root, mu, ahead = math.sqrt(unit_2), self._momentum(self.t), self._momentum(self.t + 1)
        product = self.product = (1.0 if self.t == 1 else self.product) * mu
        size = self.learning_rate * math.sqrt(1.0 - self.betas[1] ** self.t) / root
        floor = self.epsilon / root
        of_g, of_m = (1.0 - mu) / (1.0 - product), ahead * unit_1 / (1.0 - product * ahead)
        add, parts = axpy(theta.dtype), blocks(theta.size, self.block)
        scratch = np.empty(parts[0].stop if parts else 0, dtype=theta.dtype)
        for block in parts:
            m, v, g = self.m[block], self.v[block], gradient[block]
            s = scratch[: g.size]
            add(g, m, a=growth_1)
            np.multiply(g, g, out=s)
            add(s, v, a=growth_2)
            np.sqrt(v, out=s)
            s += floor
            g *= of_g
            add(m, g, a=of_m)
            np.divide(g, s, out=g)
            add(g, theta[block], a=-size)


class RMSprop(WithMeans):
    """``theta <- theta - lr g / (sqrt(v) + epsilon)``, v a decaying mean of g^2.

    Tieleman and Hinton (2012), "Lecture 6.5 - rmsprop", with the decay that PyTorch has. v starts
    at 0, so that the first steps are up to ``1 / sqrt(1 - decay)`` times as long as later ones.

    Parameters
    ----------
    learning_rate : float
        lr > 0.
    decay : float
        ``v <- decay v + (1 - decay) g^2``; in [0, 1).
    epsilon : float
        > 0, in the units of the gradient.
    """

    means = ("v",)
    keeps = ("t", *means)

    def __init__(
        self, learning_rate: float = 1e-3, decay: float = 0.99, epsilon: float = 1e-8
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.epsilon = float(epsilon)
        self._start(decay)

    def _tiny(self) -> tuple[float, ...]:
        return (min(TINY_SECOND, self.epsilon * self.epsilon / (1.0 - self.betas[0])),)

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        ((unit, growth),) = self._next_units(theta)
        root = math.sqrt(unit)
        _divide_by_root(
            self.v, theta, gradient, growth, self.epsilon / root, self.learning_rate / root,
            self.block,
        )  # fmt: skip


class Adagrad(Optimizer):
    """``theta <- theta - lr g / (sqrt(s) + epsilon)``, s the sum of all g^2.

    Duchi, Hazan and Singer (2011), "Adaptive subgradient methods for online learning and stochastic
    optimization". Steps become shorter for ever.

    Parameters
    ----------
    learning_rate : float
        lr > 0.
    epsilon : float
        > 0, in the units of the gradient.
    """

    keeps = ("t", "total")

    def __init__(self, learning_rate: float = 1e-2, epsilon: float = 1e-8) -> None:
        self.learning_rate = float(learning_rate)
        self.epsilon = float(epsilon)
        self.t: int | None = None
        self.total: np.ndarray | None = None

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        if self.total is None or self.t is None:
            self.total, self.t = np.zeros_like(theta), 0
        if self.t % MOST_STEPS == 0:
            self.total[self.total < min(TINY_SECOND, self.epsilon * self.epsilon)] = 0
        self.t += 1
        _divide_by_root(
            self.total, theta, gradient, 1.0, self.epsilon, self.learning_rate, self.block
        )


class Lion(WithMeans):
    """``theta <- theta - lr sign(beta_1 m + (1 - beta_1) g)``, then m <- memory m + (1 - memory) g.

    Chen et al. (2023), "Symbolic discovery of optimization algorithms", algorithm 2. Every step
    has the same length in every coordinate, so that the rate should be 3 to 10 times smaller than
    Adam's.

    Parameters
    ----------
    learning_rate : float
        lr > 0.
    beta_1 : float
        In [0, 1).
    memory : float
        In (0, 1).
    """

    means = ("m",)
    keeps = ("t", *means)

    def __init__(
        self, learning_rate: float = 1e-4, beta_1: float = 0.9, memory: float = 0.99
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.beta_1 = float(beta_1)
        self._start(memory)

    def _tiny(self) -> tuple[float, ...]:
        return (TINY_FIRST,)

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        ((unit, growth),) = self._next_units(theta)
        (memory,), parts, add = self.betas, blocks(theta.size, self.block), axpy(theta.dtype)
        # In this unit the mean has decayed already. Of the sum only the sign counts.
        of_m = self.beta_1 * unit / memory
        scratch = np.empty(parts[0].stop if parts else 0, dtype=theta.dtype)
        for block in parts:
            m, g = self.m[block], gradient[block]
            s = np.multiply(m, of_m, out=scratch[: g.size])
            add(g, s, a=1.0 - self.beta_1)
            np.clip(s, -SIGN, SIGN, out=s)
            add(s, theta[block], a=-self.learning_rate / SIGN)
            add(g, m, a=growth)


def _divide_by_root(
    v: np.ndarray,
    theta: np.ndarray,
    gradient: np.ndarray,
    growth: float,
    floor: float,
    size: float,
    block_size: int,
) -> None:
    """``v <- v + growth g^2``, then ``theta <- theta - size g / (sqrt(v) + floor)``, in place."""
    add, parts = axpy(theta.dtype), blocks(theta.size, block_size)
    scratch = np.empty(parts[0].stop if parts else 0, dtype=theta.dtype)
    for block in parts:
        g = gradient[block]
        s = scratch[: g.size]
        np.multiply(g, g, out=s)
        add(s, v[block], a=growth)
        np.sqrt(v[block], out=s)
        s += floor
        np.divide(g, s, out=g)
        add(g, theta[block], a=-size)
