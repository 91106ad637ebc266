"""Compares a gradient with differences of the loss that it claims to belong to.

In: any function from a vector to (loss, gradient). Out: the two slopes along random directions, and
how far apart they are. Nothing is assumed about how the gradient was computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GradientCheck:
    """Slopes of a loss along directions, by the gradient and by differences.

    Attributes
    ----------
    analytic : ndarray of shape (n_directions,)
        ``gradient . d`` for each direction d.
    numeric : ndarray of shape (n_directions,)
        ``(loss(theta + h d) - loss(theta - h d)) / (2 h)``.
    """

    analytic: np.ndarray
    numeric: np.ndarray

    @property
    def error(self) -> float:
        """Largest difference relative to the largest slope (at least 1e-12); inf for nan."""
        if not (np.isfinite(self.analytic).all() and np.isfinite(self.numeric).all()):
            return np.inf
        scale = max(np.abs(self.analytic).max(), np.abs(self.numeric).max(), 1e-12)
        return float(np.abs(self.analytic - self.numeric).max() / scale)


def check_gradient(
    function: Callable[[np.ndarray], tuple[float, np.ndarray]],
    theta: np.ndarray,
    *,
    n_directions: int = 20,
    step: float | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Slopes along random directions of unit length, by the gradient and by central differences.

    A wrong entry of the gradient shows in almost every direction, so 20 directions check a
    network of any size in 40 evaluations. Use float64: with step h the difference is wrong by about
    h^2 (curvature) and eps / h (rounding), both near 1e-10 at the default h = 6e-6.

    Parameters
    ----------
    function : callable
        theta -> (loss, gradient). The gradient may be a buffer that the next call overwrites, and
        may be shorter than theta: the rest then stays fixed.
    theta : ndarray of shape (n,)
        Where to check; it is not changed.
    n_directions : int
    step : float, optional
        Default: the cube root of the spacing of theta's dtype at 1.
    seed : int
        Of the directions.

    Returns
    -------
    GradientCheck

    Examples
    --------
    >>> import numpy as np
    >>> from sknumpynet.inspection import check_gradient
    >>> check_gradient(lambda t: (float(t @ t), 2 * t), np.array([1.0, 2.0])).error < 1e-8
    True
    >>> check_gradient(lambda t: (float(t @ t), 3 * t), np.array([1.0, 2.0])).error < 1e-8
    False
    """
    gradient = np.array(function(theta.copy())[1])
    rng = np.random.default_rng(seed)
    h = float(np.finfo(theta.dtype).eps ** (1 / 3)) if step is None else step
    analytic, numeric = np.empty(n_directions), np.empty(n_directions)
    for i in range(n_directions):
        direction = rng.standard_normal(gradient.size)
        direction /= np.linalg.norm(direction)
        shift = np.zeros_like(theta)
        shift[: gradient.size] = h * direction
        numeric[i] = (function(theta + shift)[0] - function(theta - shift)[0]) / (2.0 * h)
        analytic[i] = gradient @ direction
    return GradientCheck(analytic, numeric)
