"""Stochastic gradient descent with momentum, plain or Nesterov's.

In: a gradient. Out: a step along a decaying sum of the gradients so far.
"""

from __future__ import annotations

import numpy as np

from .optimizer import Optimizer


class SGD(Optimizer):
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

    keeps = ("velocity",)

    def __init__(self, learning_rate: float, momentum: float = 0.9, nesterov: bool = True) -> None:
        self.learning_rate = float(learning_rate)
        self.momentum = float(momentum)
        self.nesterov = bool(nesterov)
        self.velocity: np.ndarray | None = None

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        gradient *= self.learning_rate
        if self.momentum == 0.0:
            theta -= gradient
            return
        if self.velocity is None:
            self.velocity = np.zeros_like(theta)
        v = self.velocity
        v *= self.momentum
        v -= gradient
        if self.nesterov:
            theta -= gradient
            np.multiply(v, self.momentum, out=gradient)
            theta += gradient
        else:
            theta += v
