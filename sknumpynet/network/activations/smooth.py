"""Activations that are about x for large x and about constant for small x, without relu's kink.

In and out: (B, n). Exponentials are of arguments within ``limit``, so that neither overflows nor is
a denormal number: beyond it the functions are their limits to the rounding of 1.

``gain`` is ``1 / sqrt(E[f(z)^2])`` for normal z, by numerical integration: the layer between two of
them then hands on z of variance 1, as He's initializer does for relu. At the columns of a table
Glorot's is better. See DECISIONS: first weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from types import SimpleNamespace

import numpy as np

from ..dropout import AlphaDropout
from ..layer import Buffer, Scratch
from .activation import Activation
from .sigmoid import limit, logistic, normal


@dataclass(frozen=True)
class Elu(Activation):
    """``y = x`` for x > 0, else ``exp(x) - 1``; dy/dx = 1 for x > 0, else y + 1.

    Clevert, Unterthiner and Hochreiter (2016), "Fast and accurate deep network learning by
    exponential linear units", eq. 15 with alpha = 1.
    """

    initializer = "lecun_uniform"
    # E[f^2] = 0.644945.
    gain = 1.2451983

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        y = np.clip(x, -limit(x.dtype), 0, out=ws.y)
        np.expm1(y, out=y)
        # Where x < 0 it is larger than x.
        return np.maximum(x, y, out=y)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        slope = np.minimum(ws.y, 0, out=ws.slope)
        slope += 1
        dy *= slope
        return dy


@dataclass(frozen=True)
class Selu(Activation):
    """``y = scale x`` for x > 0, else ``scale alpha (exp(x) - 1)``.

    dy/dx = scale for x > 0, else y + scale alpha. Klambauer, Unterthiner, Mayr and Hochreiter
    (2017), "Self-normalizing neural networks", eq. 2: with weights of variance 1 / fan_in, mean 0
    and variance 1 of the units are a fixed point from layer to layer, which attracts. Dropout is
    :class:`AlphaDropout`, which leaves that alone.
    """

    initializer = first_initializer = "lecun_uniform"
    dropout = AlphaDropout
    scale, alpha = 1.0507009873554805, 1.6732632423543772

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        y = np.clip(x, -limit(x.dtype), 0, out=ws.y)
        np.expm1(y, out=y)
        y *= self.alpha
        # alpha (exp(x) - 1) may be above or below x < 0, so the parts are added.
        y += np.clip(x, 0, None)
        y *= self.scale
        return y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        below = self.scale * self.alpha
        slope = np.greater(ws.y, 0, out=ws.slope)
        slope *= self.scale - below
        slope += below
        slope += np.minimum(ws.y, 0)
        dy *= slope
        return dy


@dataclass(frozen=True)
class Gelu(Activation):
    """``y = x Phi(x)``, dy/dx = Phi(x) + x phi(x), Phi and phi those of the normal law.

    Hendrycks and Gimpel (2016), "Gaussian error linear units", exact: Phi(x) = (1 + erf(x / sqrt
    2)) / 2.
    """

    initializer = "lecun_uniform"
    # E[f^2] = 0.425221.
    gain = 1.5335304

    def buffers(self) -> dict[str, Buffer]:
        return {**super().buffers(), "share": Buffer((self.n,))}

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        most = sqrt(2 * limit(x.dtype))
        y = np.clip(x, -most, None, out=ws.y)
        ws.kept = x
        y *= normal(x, out=ws.share)
        return y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        most = sqrt(2 * limit(dy.dtype))
        x = np.clip(ws.kept, -most, most, out=ws.slope)
        density = x * x
        density *= -0.5
        np.exp(density, out=density)
        density *= 1 / sqrt(2 * pi)
        slope = np.multiply(x, density, out=x)
        slope += ws.share
        dy *= slope
        return dy


@dataclass(frozen=True)
class Silu(Activation):
    """``y = x s(x)``, dy/dx = s + y (1 - s), s the logistic function.

    Elfwing, Uchibe and Doya (2018), "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", eq. 10 and 11; also known as swish.
    """

    initializer = "lecun_uniform"
    # E[f^2] = 0.355776.
    gain = 1.6765325

    def buffers(self) -> dict[str, Buffer]:
        return {**super().buffers(), "share": Buffer((self.n,))}

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        y = np.clip(x, -limit(x.dtype), None, out=ws.y)
        y *= logistic(x, out=ws.share)
        return y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        slope = np.subtract(1, ws.share, out=ws.slope)
        # Where s is 1 but for its last digit, times y it would count.
        slope *= np.minimum(ws.y, limit(dy.dtype))
        slope += ws.share
        dy *= slope
        return dy


@dataclass(frozen=True)
class Mish(Activation):
    """``y = x t``, t = tanh(log(1 + exp(x))); dy/dx = t + x (1 - t^2) s, s the logistic function.

    Misra (2020), "Mish: a self regularized non-monotonic activation function", eq. 1. With w =
    exp(x) and n = w (w + 2): t = n / (n + 2), and (1 - t^2) s = 4 w (w + 1) / (n + 2)^2.
    """

    initializer = "lecun_uniform"
    # E[f^2] = 0.452342.
    gain = 1.4868476

    #: From here on t is 1 to the rounding of float64, and w^4 is within float32.
    most = 20.0

    def buffers(self) -> dict[str, Buffer]:
        return {**super().buffers(), "share": Buffer((self.n,)), "w": Buffer((self.n,))}

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        ws.kept, least = x, -limit(x.dtype)
        w = np.clip(x, least, self.most, out=ws.w)
        np.exp(w, out=w)
        n = np.add(w, 2, out=ws.share)
        n *= w
        n /= n + 2
        y = np.clip(x, least, None, out=ws.y)
        y *= ws.share
        return y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        w, slope = ws.w, np.clip(ws.kept, -limit(dy.dtype), self.most, out=ws.slope)
        root = w + 2
        root *= w
        root += 2
        slope /= root
        slope *= w
        slope /= root
        np.add(w, 1, out=root)
        root *= 4
        slope *= root
        slope += ws.share
        dy *= slope
        return dy


@dataclass(frozen=True)
class Softplus(Activation):
    """``y = log(1 + exp(x))``, dy/dx = 1 - exp(-y), the logistic function of x.

    Dugas, Bengio, Belisle, Nadeau and Garcia (2001), "Incorporating second-order functional
    knowledge for better option pricing", eq. 4.
    """

    initializer = "lecun_uniform"
    # E[f^2] = 0.921246.
    gain = 1.0418668

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        # log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
        y = np.abs(x, out=ws.y)
        np.minimum(y, limit(x.dtype), out=y)
        np.negative(y, out=y)
        np.exp(y, out=y)
        np.log1p(y, out=y)
        y += np.clip(x, 0, None)
        return y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        slope = np.negative(ws.y, out=ws.slope)
        np.expm1(slope, out=slope)
        np.negative(slope, out=slope)
        dy *= slope
        return dy
