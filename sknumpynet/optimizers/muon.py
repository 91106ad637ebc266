"""Muon: the momentum of a matrix of weights, made orthogonal, so that all its directions count.

In: the gradient of one matrix. Out: a step whose singular values are all about the learning rate.
What is not a matrix of weights between hidden layers is for another rule, see ``table.py``.
"""

from __future__ import annotations

import math
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

#: From this ratio of the sides on the rounds are done in the square of the smaller one.
LONG = 1.5


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
    """

    means = ("m",)
    keeps = ("t", *means)
    m: np.ndarray

    def __init__(
        self, learning_rate: float, shape: tuple[int, ...], momentum: float = 0.95
    ) -> None:
        self.learning_rate = float(learning_rate)
        self.shape = shape
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
        X = self._orthogonal(gradient.reshape(n_in, n_out)).reshape(-1)
        size = self.learning_rate * math.sqrt(max(1.0, n_out / n_in))
        for block in parts:
            add(X[block], theta[block], a=-size)

    def _orthogonal(self, X: np.ndarray) -> np.ndarray:
        """About U V^T for X = U S V^T of length 1; X is overwritten, and may be what is returned.

        A round is ``X <- a X + b (X X^T) X + c (X X^T)^2 X = P X``, with P of the smaller side. All
        these P are polynomials in the first X X^T, so that of a long matrix only their product is
        wanted, of which the next ``X X^T`` is ``P X X^T P``: for 256 x 2048 10 ms instead of 26.
        """
        wide = X.shape[0] <= X.shape[1]
        if self._scratch is None or self._scratch[0].dtype != X.dtype:
            side = min(X.shape)
            square = [np.empty((side, side), dtype=X.dtype) for _ in range(4)]
            self._scratch = (np.empty_like(X), *square)
        Y, G, P, Q, T = self._scratch
        if max(X.shape) < LONG * min(X.shape):
            for _ in range(ROUNDS):
                self._polynomial(_gram(X, wide, G), P)
                X, Y = _times(P, X, wide, Y), X
            return X
        self._polynomial(_gram(X, wide, G), Q)
        last = Q
        for _ in range(ROUNDS - 1):
            np.dot(np.dot(G, last, T), last, G)
            self._polynomial(G, P)
            Q, T, last = np.dot(Q, P, T), Q, P
        return _times(Q, X, wide, Y)

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


def _gram(X: np.ndarray, wide: bool, out: np.ndarray) -> np.ndarray:
    """``X X^T`` of a wide matrix, ``X^T X`` of a tall one: for NumPy half the work of a product."""
    return np.dot(X, X.T, out) if wide else np.dot(X.T, X, out)


def _times(P: np.ndarray, X: np.ndarray, wide: bool, out: np.ndarray) -> np.ndarray:
    return np.dot(P, X, out) if wide else np.dot(X, P, out)
