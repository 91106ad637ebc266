"""Layers that bring the units of a hidden layer to mean 0 and variance 1, and the table of them.

In and out: (B, n), between a linear layer and its activation. Each unit has a learned scale and
shift behind it. They are not decayed: a scale is 1 where nothing is learned, not 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from .layer import Buffer, Layer, Scratch
from .parameters import Parameter

#: Added to a variance before its root is taken.
EPSILON = 1e-5

#: The share of the newest batch in the running averages: a tenth, or less for few rows, so that
#: about the last 10 batches and the last 200 rows count.
SHARE, ROWS = 0.1, 200


@dataclass(frozen=True)
class _Normalization(Layer):
    """``y = scale z + shift``; subclasses say what z is."""

    n: int

    def parameters(self) -> dict[str, Parameter]:
        return {
            "scale": Parameter((self.n,), "offset", "normalization"),
            "shift": Parameter((self.n,), "offset", "normalization"),
        }

    def buffers(self) -> dict[str, Buffer]:
        return {
            "y": Buffer((self.n,)),
            "z": Buffer((self.n,)),
            "ones": Buffer((), fill=1.0, training=True),
        }

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        p.scale[...] = 1.0

    def _scaled(self, z: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        y = np.multiply(z, p.scale, out=ws.y)
        y += p.shift
        return y

    def _backward_of_scale(self, dy: np.ndarray, ws: Scratch) -> None:
        np.dot(ws.ones, np.multiply(dy, ws.z, out=ws.y), ws.g.scale)
        np.dot(ws.ones, dy, ws.g.shift)


@dataclass(frozen=True)
class BatchNorm(_Normalization):
    """``y = scale (x - mean) / sqrt(variance + 1e-5) + shift``, for each column.

    In training mean and variance are those of the batch, by the weights of its rows; a prediction
    uses running averages, so that a row does not depend on those beside it. Ioffe and Szegedy
    (2015), "Batch normalization", algorithms 1 and 2. Two differences: a batch in which one row
    counts has no variance, and is normalized by the running averages as they are; and the running
    variance is that of the running mixture of batches, with the spread of their means, so that it
    is right for batches of a few rows, or one, too.

    Averaged weights (``ema_decay``) predict with the running averages of the raw ones. On digits
    and Friedman 1 (decay 0.99, rates 0.001 to 0.05) averaging changed the score after 30 epochs by
    -0.03 to +0.001, and by -0.03 to 0 with :class:`LayerNorm`, which has no such averages.
    """

    def parameters(self) -> dict[str, Parameter]:
        of_columns = Parameter((self.n,), "statistic", "normalization")
        return {
            **super().parameters(),
            "mean": of_columns,
            "variance": of_columns,
            "share": Parameter((1,), "statistic", "normalization"),
        }

    def buffers(self) -> dict[str, Buffer]:
        return {**super().buffers(), "shares": Buffer((), training=True)}

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        super().initialize(p, rng)
        p.variance[...] = 1.0
        # The start counts as one batch: the first has a half, the next a third.
        p.share[...] = 0.5

    def as_it_predicts(self) -> tuple[Layer, ...]:
        return (RunningNorm(self.n),)

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        mean, variance = self._learn(x, p, ws) if ws.training else (p.mean, p.variance)
        # In the dtype of the call, which may be wider than that of theta.
        ws.kept = inverse = 1.0 / np.sqrt(np.add(variance, EPSILON, dtype=ws.y.dtype))
        z = np.subtract(x, mean, out=ws.z)
        z *= inverse
        return self._scaled(z, p, ws)

    def _learn(
        self, x: np.ndarray, p: SimpleNamespace, ws: Scratch
    ) -> tuple[np.ndarray, np.ndarray]:
        """What the batch is normalized by; ``ws.shares`` are what each row has of it."""
        weight, n_used = ws.weight, ws.n_rows
        ws.shares.fill(1.0 / n_used)
        if weight is not None:
            n_used = int(np.count_nonzero(weight))
            if n_used:
                np.divide(weight, weight.sum(), out=ws.shares)
        running = p.mean.copy(), p.variance.copy()
        if n_used:
            mean = np.dot(ws.shares, x)
            z = np.subtract(x, mean, out=ws.z)
            variance = np.dot(ws.shares, np.multiply(z, z, out=ws.y))
            self._average(mean, variance, n_used, p)
        if n_used > 1:
            return mean, variance
        ws.shares.fill(0.0)
        return running

    def _average(self, mean: np.ndarray, variance: np.ndarray, n: int, p: SimpleNamespace) -> None:
        """Mean and variance of the mixture of 1 - s of what was and s of the batch."""
        share = float(p.share[0])
        s = max(share, min(SHARE, n / ROWS))
        between = mean - p.mean
        p.mean += s * between
        p.variance *= 1.0 - s
        p.variance += s * variance
        p.variance += s * (1.0 - s) * between**2
        p.share[0] = share / (1.0 + share)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        # With shares s_i: d mean / dx_i = s_i, d variance / dx_i = 2 s_i (x_i - mean), and so
        # dx_i = scale / sd (dy_i - s_i (sum_k dy_k + z_i sum_k dy_k z_k)).
        # The sums are db and dscale. Where the batch was normalized by constants, s is 0.
        self._backward_of_scale(dy, ws)
        z = ws.z
        z *= ws.g.scale
        z += ws.g.shift
        z *= ws.shares[:, np.newaxis]
        dy -= z
        dy *= ws.kept * p.scale
        return dy


@dataclass(frozen=True)
class RunningNorm(BatchNorm):
    """The same by the running averages alone, and back: as it predicts, for a gradient of x."""

    def _learn(
        self, x: np.ndarray, p: SimpleNamespace, ws: Scratch
    ) -> tuple[np.ndarray, np.ndarray]:
        ws.shares.fill(0.0)
        return p.mean, p.variance


@dataclass(frozen=True)
class LayerNorm(_Normalization):
    """``y = scale (x - mean) / sqrt(variance + 1e-5) + shift``, mean and variance of each row.

    Ba, Kiros and Hinton (2016), "Layer normalization", eq. 3 and 4. Rows do not depend on each
    other, also in training.
    """

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        z = np.subtract(x, x.mean(axis=1, keepdims=True), out=ws.z)
        variance = np.multiply(z, z, out=ws.y).mean(axis=1, keepdims=True)
        ws.kept = inverse = 1.0 / np.sqrt(variance + EPSILON)
        z *= inverse
        return self._scaled(z, p, ws)

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        # As above, over the columns: dx = (dz - mean(dz) - z mean(dz z)) / sd, dz = scale dy.
        self._backward_of_scale(dy, ws)
        z = ws.z
        dy *= p.scale
        along = np.multiply(dy, z, out=ws.y).mean(axis=1, keepdims=True)
        dy -= dy.mean(axis=1, keepdims=True)
        z *= along
        dy -= z
        dy *= ws.kept
        return dy


#: The values of the option ``normalization``.
NORMALIZATIONS: dict[str | None, Callable[[int], Layer] | None] = {
    None: None,
    "batch": BatchNorm,
    "layer": LayerNorm,
}
