"""Stochastic gradient descent with momentum, plain or Nesterov's.

In: a gradient. Out: a step along a decaying sum of the gradients so far.
"""

from __future__ import annotations

import numpy as np

from .elementwise import Elementwise, Move
from .optimizer import Met, Parts


class SGD(Elementwise):
    """``v <- momentum v - lr g``, then ``theta <- theta + v`` (Nesterov: ``+ momentum v - lr g``).

    Nesterov's form evaluates the gradient where the momentum is about to lead; written for the
    point that is stored, this is the step above (Sutskever, Martens, Dahl and Hinton 2013, "On the
    importance of initialization and momentum in deep learning", eqs. 3-4; Bengio et al. 2013, eq.
    7).

    Parameters
    ----------
    learning_rate : float
        lr > 0.
    momentum : float
        In [0, 1]; 0 is plain gradient descent.
    nesterov : bool
    """

    vectors = ("velocity",)
    keeps = ("velocity",)
    velocity: np.ndarray

    def __init__(self, learning_rate: float, momentum: float = 0.9, nesterov: bool = True) -> None:
        self.learning_rate = float(learning_rate)
        self.momentum = float(momentum)
        self.nesterov = bool(nesterov)
        self._know_nothing()

    def _names(self) -> tuple[str, ...]:
        return self.vectors if self.momentum else ()

    def _move(self, theta: np.ndarray, parts: Parts) -> Move:
        rate, momentum = self.learning_rate, self.momentum

        def plain(theta: np.ndarray, g: np.ndarray) -> None:
            g *= rate
            theta -= g

        def heavy(theta: np.ndarray, g: np.ndarray, v: np.ndarray) -> None:
            g *= rate
            v *= momentum
            v -= g
            theta += v

        def nesterov(theta: np.ndarray, g: np.ndarray, v: np.ndarray) -> None:
            g *= rate
            v *= momentum
            v -= g
            theta -= g
            np.multiply(v, momentum, out=g)
            theta += g

        if not momentum:
            return plain
        return nesterov if self.nesterov else heavy

    def _coast(self, met: Met, theta: np.ndarray, *vectors: np.ndarray) -> None:
        # v, momentum v, ...: the sum of a geometric series, whatever the rates were.
        if not vectors:
            return
        (v,), momentum, n_steps = vectors, self.momentum, met.now - met.since
        left = momentum**n_steps
        way = n_steps if momentum == 1 else momentum * (1.0 - left) / (1.0 - momentum)
        if self.nesterov:
            way = way * momentum
        theta += v * met.spread(way, v.dtype)
        v *= met.spread(left, v.dtype)
