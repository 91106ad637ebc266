"""The contract of a layer, and the scratch memory that one caller lends it.

A layer is a frozen description: sizes and options, no arrays. It is called with ``p``, views of
some parameter vector, and ``ws``, the scratch of one caller, so that the same network can be used
by several threads at once and a pickle holds the parameters only.

Overwriting, for every layer, and stated only here:

- ``forward`` never writes to ``x``; ``backward`` may overwrite ``dy``.
- What either returns is a view of the layer's own scratch (where a layer has nothing to compute,
  what it was given). It is valid until the layer's next call.
- The gradient of the raw scores may be written over the raw scores themselves, so the last layer
  must not need its output to go backward.
- Scratch has exactly the rows of the batch.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from .parameters import Parameter

#: ``dot(x, W, out)``: out = x W.
Dot = Callable[[np.ndarray, np.ndarray, np.ndarray], Any]


class Buffer(NamedTuple):
    """Room that a layer asks for: an array of ``shape`` for each row of a batch.

    Parameters
    ----------
    shape : tuple of int
        Without the rows: ``(n,)`` for (B, n), ``()`` for (B,).
    fill : float, optional
        For a constant that no layer writes to; otherwise the array begins uninitialized.
    training : bool
        Whether only a backward pass needs it.
    """

    shape: tuple[int, ...]
    fill: float | None = None
    training: bool = False


class Scratch:
    """Buffers of one layer for one caller, and what ``backward`` needs to remember of ``forward``.

    Each buffer that the layer declares is an attribute under its name, with exactly ``n_rows``
    rows: views are bound once for each number of rows, not looked up at every step.

    Attributes
    ----------
    g : SimpleNamespace
        Views of the gradient vector, named as the parameters; empty for a caller that only
        predicts.
    rng : numpy.random.Generator or None
        For layers that draw (dropout).
    training : bool
        Whether a backward pass may follow.
    dot : callable
        ``dot(x, W, out)``, the product of a batch and a matrix of parameters on the way forward.
    x : array or None
        Free for the layer: its last input.
    """

    def __init__(
        self,
        layer: Layer,
        n_rows: int,
        dtype: np.dtype,
        g: SimpleNamespace | None = None,
        rng: np.random.Generator | None = None,
        training: bool = False,
        dot: Dot = np.dot,
    ) -> None:
        self.training, self.dot = training, dot
        self.g = g if g is not None else SimpleNamespace()
        self.rng = rng
        self.x: Any = None
        self._buffers: dict[str, np.ndarray] = {}
        for name, buffer in layer.buffers().items():
            if training or not buffer.training:
                array = np.empty((n_rows, *buffer.shape), dtype=dtype)
                if buffer.fill is not None:
                    array.fill(buffer.fill)
                self._buffers[name] = array
        self.__dict__.update(self._buffers)

    def first(self, n_rows: int) -> Scratch:
        """The same scratch, for batches of ``n_rows`` rows: its buffers are the first rows."""
        part = copy.copy(self)
        part._buffers = {name: buffer[:n_rows] for name, buffer in self._buffers.items()}
        part.__dict__.update(part._buffers)
        return part


class Layer:
    """A step of the network. Subclasses are frozen dataclasses and say what they compute.

    An array that a batch fills is taken from ``ws``, not allocated: see ``buffers``.
    """

    def parameters(self) -> dict[str, Parameter]:
        """Names, shapes and roles of the layer's arrays."""
        return {}

    def buffers(self) -> dict[str, Buffer]:
        """The scratch that the layer needs, by the names that it has in ``ws``."""
        return {}

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        """Write the starting values into the views ``p``."""

    def forward(self, x: Any, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        """The layer's output for the rows ``x``."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray | None:
        """From dL/dy to dL/dx (None for the first layer), after the ``forward`` of the same rows.

        The gradients of the layer's own parameters are written to ``ws.g``.
        """
        raise NotImplementedError
