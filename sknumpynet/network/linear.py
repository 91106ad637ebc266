"""The fully connected layer ``y = x W + b``; rows are samples.

In: a batch of shape (B, n_in), dense or sparse. Out: (B, n_out), and on the way back the gradients
of W and b and of the batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from .initializers import INITIALIZERS, fill_uniform
from .layer import Buffer, Layer, Scratch
from .parameters import Parameter
from .sparse import SparseRows


@dataclass(frozen=True)
class Linear(Layer):
    """``y = x W + b``: x (B, n_in), W (n_in, n_out), b (n_out,), y (B, n_out).

    Parameters
    ----------
    n_in, n_out : int
        Numbers of columns of x and y.
    initializer : str
        A key of :data:`sknumpynet.network.initializers.INITIALIZERS`: what fills W.
    spread_offsets : bool
        Start b uniform within the same bound as W instead of at 0. Hidden units need it: with b = 0
        every relu of the first layer bends on a plane through the mean of the data (in one
        dimension, all in one point), and a row at the mean gives no gradient at all.
    first : bool
        Whether x are the data. Nobody asks for their gradient, so dx is not computed then.
    group : str
        Of its parameters.
    gain : float
        A factor on what the initializer fills in.
    """

    begins: ClassVar[bool] = True
    n_in: int
    n_out: int
    initializer: str = "glorot_uniform"
    spread_offsets: bool = False
    first: bool = False
    group: str = "hidden"
    gain: float = 1.0

    def parameters(self) -> dict[str, Parameter]:
        return {
            "W": Parameter((self.n_in, self.n_out), "weight", self.group),
            "b": Parameter((self.n_out,), "offset", self.group),
        }

    def as_it_predicts(self) -> tuple[Layer, ...]:
        return (replace(self, first=False),)

    def buffers(self) -> dict[str, Buffer]:
        needed = {
            "y": Buffer((self.n_out,)),
            "ones": Buffer((), fill=1.0, training=True),
        }
        if not self.first:
            needed["dx"] = Buffer((self.n_in,), training=True)
        return needed

    def largest_product(self, n_rows: int, sparse: bool) -> float:
        # The product with sparse rows is SciPy's own.
        return 0.0 if sparse and self.first else 2.0 * n_rows * self.n_in * self.n_out

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        bound = INITIALIZERS[self.initializer](p.W, rng, self.gain)
        fill_uniform(p.b, bound if self.spread_offsets else 0.0, rng)

    def start(self, p: SimpleNamespace, raw: np.ndarray, of: Any = slice(None)) -> None:
        p.b[..., of] = raw[of]

    def forward(self, x: Any, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        ws.kept = x
        y = ws.y
        if isinstance(x, SparseRows):
            x.multiply(p.W, out=y, dot=ws.dot)
        else:
            ws.dot(x, p.W, y)
        y += p.b
        return y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray | None:
        # y_ij = sum_k x_ik W_kj + b_j. W_kj acts on column j of every row i with factor x_ik, b_j
        # with factor 1, and x_ik on every column j with factor W_kj; the chain rule adds over all
        # uses: dW_kj = sum_i x_ik dy_ij,    db_j = sum_i dy_ij,    dx_ik = sum_j dy_ij W_kj.
        # A product with ones is the sum over rows: 3 us at 256 x 256, np.sum takes 9.
        np.dot(ws.ones, dy, ws.g.b)
        x = ws.kept
        products = [] if self.first else [(dy, p.W.T, ws.dx)]
        if isinstance(x, SparseRows):
            x.multiply_transposed(dy, ws.g.b, out=ws.g.W)
        else:
            products.append((x.T, dy, ws.g.W))
        ws.dots(*products)
        return None if self.first else ws.dx
