"""Layers that drop units by chance in training, so that none relies on a single other.

In and out: (B, n), the units of a hidden layer. A prediction uses all units.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import numpy as np

from .layer import Buffer, Layer, Scratch

#: Units are dropped by 16 random bits each, so that a rate is met to 1 in 65536.
LEVELS = 2**16


def draw_kept(rng: np.random.Generator, shape: tuple[int, ...], dropped: int) -> np.ndarray:
    """Which entries are kept: True but for ``dropped`` in :data:`LEVELS` of them by chance.

    Four entries for each integer of 64 bits: with the product of a batch of 256 x 256 in float32
    100 us, 215 by comparing random numbers in float32, 780 in float64.
    """
    n = shape[0] * shape[1]
    bits = rng.integers(0, 2**64, size=-(-n // 4), dtype=np.uint64).view(np.uint16)
    return (bits[:n] >= dropped).reshape(shape)


@dataclass(frozen=True)
class Dropout(Layer):
    """``y = x m / q`` in training, with m = 1 by the chance q = 1 - rate, else 0; otherwise y = x.

    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple way to
    prevent neural networks from overfitting", section 10: E[y] = x, so that a prediction needs no
    factor. Behind several members each draws for itself.

    Parameters
    ----------
    n : int
        Columns of x.
    rate : float
        In [0, 1). It is met to 1 in 65536, and E[y] = x holds exactly.
    """

    n: int
    rate: float
    draws: ClassVar[bool] = True

    @property
    def dropped(self) -> int:
        """Of :data:`LEVELS` units, so many are dropped."""
        return min(round(self.rate * LEVELS), LEVELS - 1)

    @property
    def kept(self) -> float:
        """The chance q of a unit to be kept."""
        return 1.0 - self.dropped / LEVELS

    def buffers(self) -> dict[str, Buffer]:
        return {
            "y": Buffer((self.n,), training=True),
            "slope": Buffer((self.n,), training=True),
        }

    def as_it_predicts(self) -> tuple[Layer, ...]:
        return ()

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        if not ws.training:
            return x
        ws.slope[...] = draw_kept(ws.rng, x.shape, self.dropped)
        ws.slope *= 1.0 / self.kept
        return np.multiply(x, ws.slope, out=ws.y)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        dy *= ws.slope
        return dy


@dataclass(frozen=True)
class AlphaDropout(Dropout):
    """``y = a (x m + low (1 - m)) + b`` in training, otherwise y = x: mean 0 and variance 1 stay.

    Klambauer, Unterthiner, Mayr and Hochreiter (2017), "Self-normalizing neural networks", section
    3: a unit that is dropped has the lowest value of a selu. With q the chance to be kept, ``a =
    (q + low^2 q (1 - q))^-1/2`` and ``b = -a low (1 - q)``.
    """

    #: The limit of a selu for small x, -scale alpha.
    low: ClassVar[float] = -1.7580993408473766

    @property
    def factor(self) -> float:
        """What a unit that is kept is multiplied by, the ``a`` of the formula."""
        return (self.kept * (1.0 + self.low**2 * (1.0 - self.kept))) ** -0.5

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        if not ws.training:
            return x
        ws.slope[...] = draw_kept(ws.rng, x.shape, self.dropped)
        ws.slope *= self.factor
        # a (x m + low (1 - m)) + b = a m (x - low) + a low q.
        y = np.subtract(x, self.low, out=ws.y)
        y *= ws.slope
        y += self.factor * self.low * self.kept
        return y
