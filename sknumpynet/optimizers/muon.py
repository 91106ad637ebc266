"""Muon: the momentum of a matrix of weights, made orthogonal, so that all its directions count.

In: the gradient of one matrix. Out: a step whose singular values are all about the learning rate.
What is not a matrix of weights between hidden layers is for another rule, see ``table.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .moments import TINY_FIRST, WithMeans
from .optimizer import Met, whole
from .vectors import axpy, blocks, norm

#: The polynomial a s + b s^3 + c s^5 takes singular values from 0.002 to 1 to 0.68 ... 1.21 in five
#: rounds: fast growth near 0 is worth more than values of exactly 1 (Jordan et al. 2024).
A, B, C, ROUNDS = 3.4445, -4.7750, 2.0315, 5

#: Gradients of this length are rounding. The paper adds 1e-7 to the length instead, which makes
#: steps depend on the unit of the loss.
NOTHING = 1e-15

#: Entries of a matrix of length 1 below this are set to 0. Their squares would come near the
#: denormal numbers, with which a product takes 170 times as long.
NEGLIGIBLE = 1e-12


class Muon(WithMeans):
    """``W <- W - lr sqrt(max(1, n_out / n_in)) orthogonal((1 - mu) G + mu m)``, W (n_in, n_out).

    ``m <- mu m + (1 - mu) G``, and ``orthogonal(U S V^T)`` is about ``U V^T``, by Newton-Schulz
    iterations: K. Jordan et al. (2024), "Muon: An optimizer for hidden layers in neural networks";
    J. Bernstein and L. Newhouse (2024), "Old optimizer, new norm", for the factor. Here a length of
    the step that does not depend on the unit of the loss at all, and float32 or float64 throughout.

    Parameters
    ----------
    learning_rate : float
        lr > 0.
    shape : tuple of int
        (n_in, n_out).
    momentum : float
        mu in [0, 1).
    every : int
        The factor P of the smaller side with ``orthogonal(X) = P X`` is computed at every so
        manieth step. In between the last one is applied, and the step has the length of the last
        that was orthogonal: the mean gradient turns slowly.
    """

    means = ("m",)
    keeps = ("t", *means, "factor", "length")
    m: np.ndarray
    factor: np.ndarray | None
    length: float

    def __init__(
        self,
        learning_rate: float,
        shape: tuple[int, ...],
        momentum: float = 0.95,
        *,
        every: int = 1,
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.shape, self.every = shape, int(every)
        self._start(momentum)
        self._scratch: tuple[np.ndarray, ...] | None = None

    def _tiny(self) -> tuple[float, ...]:
        return (TINY_FIRST,)

    @property
    def coasts(self) -> bool:
        # A matrix between layers is no table: there is nothing to put off.
        return True

    def coast(self, theta: np.ndarray, met: Met) -> None:
        """See ``coasts``."""

    def step(self, theta: np.ndarray, gradient: np.ndarray, met: Met | None = None) -> None:
        ((unit, growth),) = self._next_units(theta, whole(theta))
        (mu,), add, parts = self.betas, axpy(theta.dtype), blocks(theta.size, self.block)
        for block in parts:
            m, g = self.m[block], gradient[block]
            add(g, m, a=growth)
            g *= 1.0 - mu
            add(m, g, a=mu * unit)
        length = norm(gradient, self.block)
        if length < NOTHING:
            return
        # A length that is not finite makes the step nan, for the trainer to see.
        gradient *= 1.0 / length
        gradient[np.abs(gradient) < NEGLIGIBLE] = 0
        n_in, n_out = self.shape
        X, times = self._orthogonal(gradient.reshape(n_in, n_out))
        size = self.learning_rate * times * math.sqrt(max(1.0, n_out / n_in))
        for block in parts:
            add(X[block], theta[block], a=-size)

    def _orthogonal(self, X: np.ndarray) -> tuple[np.ndarray, float]:
        """About U V^T for X = U S V^T of length 1, flat, and what it is still to be multiplied by.

        A round is ``X <- a X + b (X X^T) X + c (X X^T)^2 X = P X``, with P of the smaller side. All
        these P are polynomials in the first X X^T, so that only their product is wanted, of which
        the next ``X X^T`` is ``P X X^T P``: for 256 x 2048 10 ms instead of 26 for five times P X.
        """
        n_in, n_out = self.shape
        wide, side = n_in <= n_out, min(n_in, n_out)
        if self._scratch is None or self._scratch[0].dtype != X.dtype:
            square = [np.empty((side, side), dtype=X.dtype) for _ in range(4)]
            self._scratch = (np.empty_like(X), *square)
        Y, *square = self._scratch
        factor, anew = self.factor, (self.t - 1) % self.every == 0
        if factor is None or factor.shape != (side, side) or anew:
            factor, anew = self._new_factor(X, wide, square), True
        np.dot(factor, X, Y) if wide else np.dot(X, factor, Y)
        flat = Y.reshape(-1)
        if self.every == 1:
            return flat, 1.0
        length = norm(flat, self.block)
        if anew:
            self.factor, self.length = factor.copy(), length
        return flat, self.length / length

    def _new_factor(self, X: np.ndarray, wide: bool, scratch: Sequence[np.ndarray]) -> np.ndarray:
        """The product of the P of all rounds; it is one of the ``scratch``."""
        G, P, Q, T = scratch
        # For NumPy a matrix times itself is half the work of a product.
        np.dot(X, X.T, G) if wide else np.dot(X.T, X, G)
        self._polynomial(G, Q)
        last = Q
        for _ in range(ROUNDS - 1):
            np.dot(np.dot(G, last, T), last, G)
            self._polynomial(G, P)
            Q, T, last = np.dot(Q, P, T), Q, P
        return Q

    def _polynomial(self, G: np.ndarray, out: np.ndarray) -> None:
        """``a I + b G + c G^2`` for a symmetric G."""
        np.dot(G, G.T, out)
        out *= C
        flat, flat_out = G.reshape(-1), out.reshape(-1)
        for block in blocks(flat.size, self.block):
            axpy(G.dtype)(flat[block], flat_out[block], a=B)
        flat_out[:: len(G) + 1] += A

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_scratch": None}
