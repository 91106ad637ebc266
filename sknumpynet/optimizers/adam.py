"""Adam: steps measured against the recent size of each parameter's gradient.

In: a gradient. Out: a step of about the learning rate in every coordinate that has a steady
direction.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from .coasting import ShrinkingSums, Sums
from .elementwise import Elementwise, Move
from .moments import TINY_FIRST, TINY_SECOND, WithMeans
from .optimizer import Met, Parts
from .vectors import axpy


class TwoMoments(WithMeans, Elementwise):
    """What Adam and its nearest relative share: m and v, decaying means of g and g^2.

    Without a gradient both go ``theta <- theta - length m / (sqrt(v) + epsilon)`` at every step,
    with a length of theirs. Of many steps at once ``(sum of length beta_1^i) m / (sqrt(v) q +
    epsilon)``, where ``1 / q`` is the mean of ``beta_2^(-i/2)`` with the weights of that sum: exact
    where epsilon is small beside sqrt(v), or large; in between the error is a share of the variance
    of ``beta_2^(i/2)``, 1e-5 of the way with the usual betas.

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
    vectors = means
    keeps: ClassVar[tuple[str, ...]] = ("t", *means)

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

    @property
    def coasts(self) -> bool:
        """Not where steps without a gradient would become longer."""
        beta_1, beta_2 = self.betas
        return beta_1 < math.sqrt(beta_2)

    def _length(self) -> float:
        """Of the last step along ``m / (sqrt(v) + epsilon)``, without the gradient of the step."""
        raise NotImplementedError

    def _lengths(self) -> tuple[float, ...]:
        return (self._length(),) * 2

    def _new_sums(self) -> tuple[Sums, ...]:
        beta_1, beta_2 = self.betas
        return ShrinkingSums(beta_1), ShrinkingSums(beta_1 / math.sqrt(beta_2))

    def _coast(self, met: Met, theta: np.ndarray, *vectors: np.ndarray) -> None:
        m, v = self._decay(met, *vectors)
        if self._sums is None:
            return
        way, of_root = (sums.since(met.since) for sums in self._sums)
        q = np.divide(way, of_root, out=np.ones_like(way), where=of_root > 0)
        root = np.sqrt(v, out=v)
        root *= met.spread(q, v.dtype)
        root += self.epsilon
        m *= met.spread(way, m.dtype)
        m /= root
        theta -= m


class Adam(TwoMoments):
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

    def _length(self) -> float:
        (beta_1, beta_2), t = self.betas, self.t
        return self.learning_rate * math.sqrt(1.0 - beta_2**t) / (1.0 - beta_1**t)

    def _move(self, theta: np.ndarray, parts: Parts) -> Move:
        # m and v are kept as M = m / unit_1 and V = v / unit_2, and
        #   lr_t m / (sqrt(v) + epsilon) = size M / (sqrt(V) + floor).
        (unit_1, growth_1), (unit_2, growth_2) = self._next_units(theta, parts)
        root = math.sqrt(unit_2)
        size, floor = self._length() * unit_1 / root, self.epsilon / root
        add = axpy(theta.dtype)

        def move(theta: np.ndarray, g: np.ndarray, m: np.ndarray, v: np.ndarray) -> None:
            add(g, m, a=growth_1)
            np.multiply(g, g, out=g)
            add(g, v, a=growth_2)
            np.sqrt(v, out=g)
            g += floor
            np.divide(m, g, out=g)
            add(g, theta, a=-size)

        return move
