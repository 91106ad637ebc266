"""A block of layers with a way around it.

In: (B, n_in). Out: (B, n_out). What the block adds is learned; what it was given passes by, forward
and backward, so that depth does not weaken a signal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import ClassVar

import numpy as np

from .initializers import lecun_uniform
from .layer import Buffer, Layer, Scratch
from .parameters import Parameter


@dataclass(frozen=True)
class Residual(Layer):
    """``y = x + f(x)``, f the layers of the block; ``y = x S + f(x)`` where the width changes.

    He, Zhang, Ren and Sun (2016), "Deep residual learning for image recognition", eq. 1 and 2.

    Parameters
    ----------
    body : tuple of Layer
        As many rows come out as go in.
    n_in, n_out : int
        Columns of x and y. If they differ, there is S (n_in, n_out), without offsets.
    """

    begins: ClassVar[bool] = True
    body: tuple[Layer, ...]
    n_in: int
    n_out: int

    @property
    def projects(self) -> bool:
        return self.n_in != self.n_out

    def layers(self) -> tuple[Layer, ...]:
        return self.body

    def as_it_predicts(self) -> tuple[Layer, ...]:
        body = tuple(part for layer in self.body for part in layer.as_it_predicts())
        return (replace(self, body=body),)

    def parameters(self) -> dict[str, Parameter]:
        # Not "W": coefs_ are the matrices of the layers one after the other.
        return {"S": Parameter((self.n_in, self.n_out), "weight")} if self.projects else {}

    def buffers(self) -> dict[str, Buffer]:
        return {"y": Buffer((self.n_out,)), "dx": Buffer((self.n_in,), training=True)}

    def largest_product(self, n_rows: int, sparse: bool) -> float:
        return 2.0 * n_rows * self.n_in * self.n_out if self.projects else 0.0

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        super().initialize(p, rng)
        if self.projects:
            lecun_uniform(p.S, rng)

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        ws.kept = h = x
        for layer, q, inner in zip(self.body, p.children, ws.children, strict=True):
            h = layer.forward(h, q, inner)
        if not self.projects:
            return np.add(x, h, out=ws.y)
        ws.dot(x, p.S, ws.y)
        ws.y += h
        return ws.y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        if self.projects:
            ws.dots((ws.kept.T, dy, ws.g.S), (dy, p.S.T, ws.dx))
        else:
            ws.dx[...] = dy
        inside = list(zip(self.body, p.children, ws.children, strict=True))
        for layer, q, inner in reversed(inside):
            dy = layer.backward(dy, q, inner)
        ws.dx += dy
        return ws.dx
