"""Relatives of Adam: what else the size of earlier gradients may be used for.

In: a gradient. Out: a step in which every coordinate is measured in a unit of its own.
"""

from __future__ import annotations

import math

import numpy as np

from .adam import TwoMoments
from .coasting import Sums
from .elementwise import Elementwise, Move
from .moments import MOST_STEPS, TINY_FIRST, TINY_SECOND, WithMeans
from .optimizer import Met, Parts
from .vectors import axpy

#: Numbers that are cut off here are signs in this unit: 18 us for 100,000 of them, np.sign takes
#: 520. A power of 2, so that nothing is rounded, far below gradients and above denormal numbers.
SIGN = 2.0**-100


class NAdam(TwoMoments):
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

    keeps = ("t", "product", "m", "v")
    product: float

    def _momentum(self, t: int) -> float:
        return self.betas[0] * (1.0 - 0.5 * 0.96 ** (0.004 * t))

    def _rate(self) -> float:
        """With the correction of v."""
        return self.learning_rate * math.sqrt(1.0 - self.betas[1] ** self.t)

    def _share_of_m(self, unit: float = 1.0) -> float:
        ahead = self._momentum(self.t + 1)
        return ahead * unit / (1.0 - self.product * ahead)

    def _length(self) -> float:
        return self._rate() * self._share_of_m()

    def _move(self, theta: np.ndarray, parts: Parts) -> Move:
        (unit_1, growth_1), (unit_2, growth_2) = self._next_units(theta, parts)
        root, mu = math.sqrt(unit_2), self._momentum(self.t)
        self.product = (1.0 if self.t == 1 else self.product) * mu
        size, floor = self._rate() / root, self.epsilon / root
        of_g, of_m = (1.0 - mu) / (1.0 - self.product), self._share_of_m(unit_1)
        add = axpy(theta.dtype)

        def move(theta: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray) -> None:
            add(g, m, a=growth_1)
            s = g * g
            add(s, v, a=growth_2)
            np.sqrt(v, out=s)
            s += floor
            g *= of_g
            add(m, g, a=of_m)
            np.divide(g, s, out=g)
            add(g, theta, a=-size)

        return move


class RMSprop(WithMeans, Elementwise):
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
    vectors = means
    keeps = ("t", *means)

    def __init__(
        self, learning_rate: float = 1e-3, decay: float = 0.99, epsilon: float = 1e-8
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.epsilon = float(epsilon)
        self._start(decay)

    def _tiny(self) -> tuple[float, ...]:
        return (min(TINY_SECOND, self.epsilon * self.epsilon / (1.0 - self.betas[0])),)

    def _move(self, theta: np.ndarray, parts: Parts) -> Move:
        ((unit, growth),) = self._next_units(theta, parts)
        root = math.sqrt(unit)
        return _by_root(theta.dtype, growth, self.epsilon / root, self.learning_rate / root)

    def _coast(self, met: Met, theta: np.ndarray, *vectors: np.ndarray) -> None:
        self._decay(met, *vectors)


class Adagrad(Elementwise):
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

    vectors = ("total",)
    keeps = ("t", "total")
    t: int
    total: np.ndarray

    def __init__(self, learning_rate: float = 1e-2, epsilon: float = 1e-8) -> None:
        self.learning_rate = float(learning_rate)
        self.epsilon = float(epsilon)
        self._know_nothing()

    def _move(self, theta: np.ndarray, parts: Parts) -> Move:
        self.t = self.t or 0
        if self.t % MOST_STEPS == 0:
            for part in parts:
                total = self.total[part]
                total[total < min(TINY_SECOND, self.epsilon * self.epsilon)] = 0
                if isinstance(part, np.ndarray):
                    self.total[part] = total
        self.t += 1
        return _by_root(theta.dtype, 1.0, self.epsilon, self.learning_rate)


class Lion(WithMeans, Elementwise):
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
    vectors = means
    keeps = ("t", *means)

    def __init__(
        self, learning_rate: float = 1e-4, beta_1: float = 0.9, memory: float = 0.99
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.beta_1 = float(beta_1)
        self._start(memory)

    def _tiny(self) -> tuple[float, ...]:
        return (TINY_FIRST,)

    def _move(self, theta: np.ndarray, parts: Parts) -> Move:
        ((unit, growth),) = self._next_units(theta, parts)
        # In this unit the mean has decayed already. Of the sum only the sign counts.
        of_m, of_g = self.beta_1 * unit / self.betas[0], 1.0 - self.beta_1
        size, add = self.learning_rate / SIGN, axpy(theta.dtype)

        def move(theta: np.ndarray, g: np.ndarray, m: np.ndarray) -> None:
            s = m * of_m
            add(g, s, a=of_g)
            np.clip(s, -SIGN, SIGN, out=s)
            add(s, theta, a=-size)
            add(g, m, a=growth)

        return move

    def _new_sums(self) -> tuple[Sums, ...]:
        return (Sums(),)

    def _lengths(self) -> tuple[float, ...]:
        return (self.learning_rate if self.beta_1 else 0.0,)

    def _coast(self, met: Met, theta: np.ndarray, *vectors: np.ndarray) -> None:
        (memory,), (m,) = self.betas, self._decay(met, *vectors)
        if self._sums is None:
            return
        # Whole steps, until the mean has decayed to nothing.
        size = np.maximum(np.abs(m), TINY_FIRST).astype(np.float64)
        n_steps = np.ceil(np.log(TINY_FIRST / size) / math.log(memory)).astype(np.intp)
        way = self._sums[0].between(met.spread(met.since, n_steps.dtype), n_steps)
        theta -= np.sign(m) * way.astype(m.dtype)


def _by_root(dtype: np.dtype, growth: float, floor: float, size: float) -> Move:
    """``v <- v + growth g^2``, then ``theta <- theta - size g / (sqrt(v) + floor)``."""
    add = axpy(dtype)

    def move(theta: np.ndarray, g: np.ndarray, v: np.ndarray) -> None:
        s = g * g
        add(s, v, a=growth)
        np.sqrt(v, out=s)
        s += floor
        np.divide(g, s, out=g)
        add(g, theta, a=-size)

    return move
