"""Starting values of the weights, by the activation that follows them.

The aim is that signals keep their variance from layer to layer. For ``y = x W`` with independent
entries, ``Var(y_j) = fan_in Var(W) E[x^2]``; what the activation does to the variance is the gain.
Each function fills an array of shape (fan_in, fan_out) in place, ``gain`` times what is stated, and
returns the bound of its entries, or of uniform ones of that variance. A new one is a function and a
row of ``INITIALIZERS``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def fill_uniform(array: np.ndarray, bound: float, rng: np.random.Generator) -> float:
    """Entries independent and uniform on (-bound, bound), variance bound^2 / 3."""
    array[...] = rng.uniform(-bound, bound, size=array.shape)
    return bound


def fill_normal(array: np.ndarray, sd: float, rng: np.random.Generator) -> float:
    """Entries independent and normal, of mean 0 and variance sd^2."""
    array[...] = rng.normal(0.0, sd, size=array.shape)
    return math.sqrt(3.0) * sd


def glorot_uniform(W: np.ndarray, rng: np.random.Generator, gain: float = 1.0) -> float:
    """U(-a, a), a = gain sqrt(6 / (fan_in + fan_out)): tanh and linear units.

    Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural
    networks", eq. 16: the mean of what forward (1/fan_in) and backward (1/fan_out) variance ask
    for.
    """
    fan_in, fan_out = W.shape
    return fill_uniform(W, gain * math.sqrt(6.0 / (fan_in + fan_out)), rng)


def lecun_uniform(W: np.ndarray, rng: np.random.Generator, gain: float = 1.0) -> float:
    """U(-a, a), a = gain sqrt(3 / fan_in), variance gain^2 / fan_in: it keeps E[x^2] = 1.

    LeCun, Bottou, Orr and Müller (1998), "Efficient backprop", eq. 16.
    """
    return fill_uniform(W, gain * math.sqrt(3.0 / W.shape[0]), rng)


def he_uniform(W: np.ndarray, rng: np.random.Generator, gain: float = 1.0) -> float:
    """U(-a, a), a = gain sqrt(6 / fan_in), variance 2 / fan_in: after relu, which halves E[x^2].

    He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", eq. 10.
    """
    return lecun_uniform(W, rng, gain * math.sqrt(2.0))


def glorot_normal(W: np.ndarray, rng: np.random.Generator, gain: float = 1.0) -> float:
    """N(0, sd^2), sd = gain sqrt(2 / (fan_in + fan_out)): :func:`glorot_uniform`'s variance."""
    return fill_normal(W, gain * math.sqrt(2.0 / sum(W.shape)), rng)


def lecun_normal(W: np.ndarray, rng: np.random.Generator, gain: float = 1.0) -> float:
    """N(0, sd^2), sd = gain sqrt(1 / fan_in): :func:`lecun_uniform`'s variance."""
    return fill_normal(W, gain * math.sqrt(1.0 / W.shape[0]), rng)


def he_normal(W: np.ndarray, rng: np.random.Generator, gain: float = 1.0) -> float:
    """N(0, sd^2), sd = gain sqrt(2 / fan_in): :func:`he_uniform`'s variance."""
    return lecun_normal(W, rng, gain * math.sqrt(2.0))


def orthogonal(W: np.ndarray, rng: np.random.Generator, gain: float = 1.0) -> float:
    """Orthogonal columns (rows, if there are fewer), variance of the entries 2 / fan_in as He's.

    Saxe, McClelland and Ganguli (2014), "Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks": all directions keep their size, so that many layers on end do not
    prefer a few.
    """
    fan_in, fan_out = W.shape
    Q, R = np.linalg.qr(rng.normal(size=(max(W.shape), min(W.shape))))
    # Without the signs of R, Q would not be uniform among the orthogonal matrices.
    Q *= np.sign(np.diag(R))
    size = gain * math.sqrt(2.0 * max(1.0, fan_out / fan_in))
    W[...] = size * (Q if fan_in >= fan_out else Q.T)
    return gain * math.sqrt(6.0 / fan_in)


def small_uniform(E: np.ndarray, rng: np.random.Generator) -> float:
    """U(-a, a) with variance 0.1^2: the levels of a category begin nearly alike.

    With variance 1 a table of 300 levels is learned by heart: melbourne's loss is 1.13 times this.
    """
    return fill_uniform(E, 0.1 * math.sqrt(3.0), rng)


#: Values of the option ``init``. Layers name the function that fills their weights, so that a
#: pickle of them holds plain data.
INITIALIZERS: dict[str, Callable[[np.ndarray, np.random.Generator, float], float]] = {
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
    "orthogonal": orthogonal,
}
