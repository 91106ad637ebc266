"""Activations that are straight in parts or bounded, and the table of all activations.

In and out: (B, n). Each class states the function, its derivative (where it can in terms of the
output y, which is there anyway) and the initializer that suits the layer before it. A new
activation is one class and one row of ``ACTIVATIONS``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from ..layer import Buffer, Scratch
from .activation import Activation
from .sigmoid import logistic
from .smooth import Elu, Gelu, Mish, Selu, Silu, Softplus


@dataclass(frozen=True)
class Identity(Activation):
    """``y = x``: the layers on both sides act as one linear map (a bottleneck if it is narrow)."""

    def buffers(self) -> dict[str, Buffer]:
        return {}

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        return x

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        return dy


@dataclass(frozen=True)
class Relu(Activation):
    """``y = max(x, 0)``, dy/dx = 1 where y > 0, else 0 (also at the kink x = 0)."""

    # He's bound makes up for the half of E[x^2] that the relu before takes away. Columns of a table
    # have lost nothing: with it, their first layer starts too large (R2 of Friedman 1 0.89, with
    # Glorot's 0.92). See DECISIONS: first weights.
    initializer = "he_uniform"

    def buffers(self) -> dict[str, Buffer]:
        return {
            "y": Buffer((self.n,)),
            "zeros": Buffer((self.n,), fill=0.0),
            "positive": Buffer((self.n,), training=True, dtype=bool),
        }

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        # Against an array of zeros: 8 us at 256 x 256, a row of zeros 13, the number 0 25.
        return np.maximum(x, ws.zeros, out=ws.y)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        # 17 us at 256 x 256, most of it for converting booleans; in new memory 28. A slope by
        # sign(y) takes 34 us. Masks made of the bits of y save 5 us, forward and backward together:
        # below 1 % of a step, so the plain form stays. See DECISIONS: passes of a step.
        dy *= np.greater(ws.y, 0, out=ws.positive)
        return dy


@dataclass(frozen=True)
class Logistic(Activation):
    """``y = 1 / (1 + exp(-x))``, dy/dx = y (1 - y)."""

    # It has slope 1/4 at 0, where tanh has 1.
    gain = first_gain = 4.0

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        return logistic(x, out=ws.y)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        dy *= ws.y
        dy *= np.subtract(1, ws.y, out=ws.slope)
        return dy


@dataclass(frozen=True)
class Tanh(Activation):
    """``y = tanh(x)``, dy/dx = 1 - y^2."""

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        return np.tanh(x, out=ws.y)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        slope = np.multiply(ws.y, ws.y, out=ws.slope)
        np.subtract(1, slope, out=slope)
        dy *= slope
        return dy


@dataclass(frozen=True)
class LeakyRelu(Activation):
    """``y = max(x, x / 100)``, dy/dx = 1 where y > 0, else 1/100 (also at 0).

    Maas, Hannun and Ng (2013), "Rectifier nonlinearities improve neural network acoustic models".
    """

    initializer = "he_uniform"
    # Half of the rows keep x^2, the others 1e-4 of it: He et al. (2015), eq. 15.
    gain = math.sqrt(1 / (1 + 0.01**2))

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        return np.maximum(x, np.multiply(x, 0.01, out=ws.y), out=ws.y)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        slope = np.greater(ws.y, 0, out=ws.slope)
        dy *= np.maximum(slope, 0.01, out=slope)
        return dy


@dataclass(frozen=True)
class HardTanh(Activation):
    """``y = min(max(x, -1), 1)``, dy/dx = 1 where |y| < 1, else 0.

    Collobert (2004), "Large scale machine learning".
    """

    def buffers(self) -> dict[str, Buffer]:
        return {"y": Buffer((self.n,))}

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        return np.clip(x, -1, 1, out=ws.y)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        dy *= np.abs(ws.y) < 1
        return dy


@dataclass(frozen=True)
class Softsign(Activation):
    """``y = x / (1 + |x|)``, dy/dx = 1 / (1 + |x|)^2.

    Glorot and Bengio (2010), section 3.3, with the initializer of tanh, as there.
    """

    def buffers(self) -> dict[str, Buffer]:
        return {"y": Buffer((self.n,)), "root": Buffer((self.n,))}

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        root = np.abs(x, out=ws.root)
        root += 1
        np.divide(1, root, out=root)
        return np.multiply(x, root, out=ws.y)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        # 1 / (1 + |x|) is not 1 - |y|, of which nothing would be left for large x.
        dy *= ws.root
        dy *= ws.root
        return dy


#: The values of the option ``activation``.
ACTIVATIONS: dict[str, type[Activation]] = {
    "identity": Identity,
    "logistic": Logistic,
    "tanh": Tanh,
    "relu": Relu,
    "leaky_relu": LeakyRelu,
    "elu": Elu,
    "selu": Selu,
    "gelu": Gelu,
    "silu": Silu,
    "mish": Mish,
    "softplus": Softplus,
    "hard_tanh": HardTanh,
    "softsign": Softsign,
}
