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
- Scratch has room for ``max_batch`` rows; a call may bring fewer.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from .parameters import Parameter


class Scratch:
    """Buffers of one layer for one caller, and what ``backward`` needs to remember of ``forward``.

    Attributes
    ----------
    g : SimpleNamespace
        Views of the gradient vector, named as the parameters; empty for a caller that only
        predicts.
    rng : numpy.random.Generator or None
        For layers that draw (dropout).
    training : bool
        Whether a backward pass may follow.
    x, y : array or None
        Free for the layer: its last input and output.
    """

    def __init__(
        self,
        max_batch: int,
        dtype: np.dtype,
        g: SimpleNamespace | None = None,
        rng: np.random.Generator | None = None,
        training: bool = False,
    ) -> None:
        self.max_batch = max_batch
        self.training = training
        self.dtype = dtype
        self.g = g if g is not None else SimpleNamespace()
        self.rng = rng
        self.x: Any = None
        self.y: Any = None
        self._buffers: dict[str, np.ndarray] = {}

    def rows(self, name: str, n_rows: int, n_columns: int, fill: float | None = None) -> np.ndarray:
        """The first ``n_rows`` rows of the buffer ``name``.

        It is allocated at its first use, and filled then if ``fill`` is given.
        """
        buffer = self._buffers.get(name)
        if buffer is None:
            buffer = np.empty((self.max_batch, n_columns), dtype=self.dtype)
            if fill is not None:
                buffer.fill(fill)
            self._buffers[name] = buffer
        return buffer[:n_rows]


class Layer:
    """A step of the network. Subclasses are frozen dataclasses and say what they compute."""

    def parameters(self) -> dict[str, Parameter]:
        """Names, shapes and roles of the layer's arrays."""
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
