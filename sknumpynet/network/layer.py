"""The contract of a layer, and the scratch memory that one caller lends it.

A layer is a frozen description: sizes and options, no arrays. It is called with ``p``, views of
some parameter vector, and ``ws``, the scratch of one caller, so that the same network can be used
by several threads at once and a pickle holds the parameters only.

Overwriting, for every layer, and stated only here:

- ``forward`` never writes to ``x``; ``backward`` may overwrite ``dy``.
- What either returns is a view of the layer's own scratch (where a layer has nothing to compute,
  what it was given). It is valid until the layer's next call, and nobody else writes to what
  ``forward`` returned, but for the next line.
- The gradient of the raw scores may be written over the raw scores themselves, so the last layer
  must not need its output to go backward.
- Scratch has exactly the rows of the batch.
- Parameters are read only; statistics may be written by ``forward`` where ``ws.training``.

A layer may hold layers: ``layers`` names them, ``p.children``, ``ws.g.children`` and
``ws.children`` are what they are called with, in that order.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from .parameters import Parameter


@dataclass(frozen=True)
class Buffer:
    """Room that a layer asks for: an array of ``shape`` for each row of a batch.

    Parameters
    ----------
    shape : tuple of int
        Without the rows: ``(n,)`` for (B, n), ``()`` for (B,).
    fill : float, optional
        For a constant that no layer writes to; otherwise the array begins uninitialized.
    training : bool
        Whether only a backward pass needs it.
    of_output : bool
        Whether it has the rows that the layer gives, in a layer where these are not those it gets.
    """

    shape: tuple[int, ...]
    fill: float | None = None
    training: bool = False
    of_output: bool = False


class Call:
    """What all layers of one caller share during a call: the ``weight`` of each row of the batch.

    None stands for 1 each. The weights have mean 1 over the data set, not over the batch.
    """

    weight: np.ndarray | None = None


class Scratch:
    """Buffers of one layer for one caller, and what ``backward`` needs to remember of ``forward``.

    Each buffer that the layer declares is an attribute under its name, with exactly the rows of the
    batch: views are bound once for each number of rows, not looked up at every step.

    Attributes
    ----------
    n_rows : int
        Rows that the layer gets.
    g : SimpleNamespace
        Views of the gradient vector, named as the parameters; empty for a caller that only
        predicts.
    rng : numpy.random.Generator or None
        For layers that draw (dropout).
    training : bool
        Whether a backward pass may follow.
    children : list of Scratch
        Of the layers that the layer holds.
    kept : Any
        Free for the layer: what its forward keeps for its backward.
    """

    def __init__(
        self,
        layer: Layer,
        n_rows: int,
        dtype: np.dtype,
        g: SimpleNamespace | None = None,
        rng: np.random.Generator | None = None,
        training: bool = False,
        call: Call | None = None,
    ) -> None:
        self.n_rows = n_rows
        self.training = training
        self.g = g if g is not None else SimpleNamespace()
        self.rng = rng
        self.kept: Any = None
        self._layer = layer
        self._call = Call() if call is None else call
        gradients = getattr(self.g, "children", None)
        self.children = [
            Scratch(child, n, dtype, gradients[i] if gradients else None, rng, training, self._call)
            for i, (child, n) in enumerate(with_rows(layer.layers(), n_rows))
        ]
        self._buffers: dict[str, tuple[np.ndarray, bool]] = {}
        for name, buffer in layer.buffers().items():
            if hasattr(self, name):
                raise ValueError(
                    f"{type(layer).__name__} declares a buffer {name!r}, which is a member of "
                    "every layer's scratch. Give it another name."
                )
            if training or not buffer.training:
                n = layer.rows_out(n_rows) if buffer.of_output else n_rows
                array = np.empty((n, *buffer.shape), dtype=dtype)
                if buffer.fill is not None:
                    array.fill(buffer.fill)
                self._buffers[name] = array, buffer.of_output
        self.__dict__.update((name, array) for name, (array, _) in self._buffers.items())

    @property
    def weight(self) -> np.ndarray | None:
        """Weights of the rows that the layer gets; None: 1 each."""
        weight = self._call.weight
        if weight is None or len(weight) == self.n_rows:
            return weight
        return np.tile(weight, self.n_rows // len(weight))

    def first(self, n_rows: int) -> Scratch:
        """The same scratch, for batches of ``n_rows`` rows: its buffers are the first rows."""
        part = copy.copy(self)
        part.n_rows, n_out = n_rows, self._layer.rows_out(n_rows)
        part.__dict__.update(
            (name, array[: n_out if of_output else n_rows])
            for name, (array, of_output) in self._buffers.items()
        )
        children = zip(self.children, with_rows(self._layer.layers(), n_rows), strict=True)
        part.children = [child.first(n) for child, (_, n) in children]
        return part


class Layer:
    """A step of the network. Subclasses are frozen dataclasses and say what they compute.

    An array that a batch fills is taken from ``ws``, not allocated: see ``buffers``. Parameters
    called ``W`` and ``b`` are the matrix and the offsets of a linear map, which the estimators show
    as ``coefs_`` and ``intercepts_``.

    Attributes
    ----------
    draws : bool
        Whether the layer needs ``ws.rng``.
    """

    draws: ClassVar[bool] = False

    def parameters(self) -> dict[str, Parameter]:
        """Names, shapes, roles and groups of the layer's own arrays."""
        return {}

    def buffers(self) -> dict[str, Buffer]:
        """The scratch that the layer needs, by the names that it has in ``ws``."""
        return {}

    def layers(self) -> Sequence[Layer]:
        """The layers that it holds, each fed by the one before it; the first gets the rows."""
        return ()

    def rows_out(self, n_rows: int) -> int:
        """Rows that it gives for ``n_rows`` rows.

        A layer that gives several for each makes whole copies of the batch, one after the other:
        row i of copy j is row ``j B + i``.
        """
        for layer in self.layers():
            n_rows = layer.rows_out(n_rows)
        return n_rows

    def largest_product(self, n_rows: int, sparse: bool) -> float:
        """Operations of its largest matrix product by the BLAS for ``n_rows`` rows, 0 without any.

        Of its own: the layers that it holds are asked themselves. ``sparse``: the data are.
        """
        return 0.0

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        """Write the starting values into the views ``p``."""
        for i, layer in enumerate(self.layers()):
            layer.initialize(p.children[i], rng)

    def start(self, p: SimpleNamespace, raw: np.ndarray) -> None:
        """Of the last layer: set the offsets so that a row of zeros gets the scores ``raw``."""
        raise NotImplementedError(
            f"{type(self).__name__} has no start, so it cannot be the last layer of a network."
        )

    def forward(self, x: Any, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        """The layer's output for the rows ``x``."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray | None:
        """From dL/dy to dL/dx (None for the first layer), after the ``forward`` of the same rows.

        The gradients of the layer's own parameters are written to ``ws.g``.
        """
        raise NotImplementedError


def with_rows(layers: Sequence[Layer], n_rows: int) -> Iterator[tuple[Layer, int]]:
    """Each of a chain of layers with the rows that it gets."""
    for layer in layers:
        yield layer, n_rows
        n_rows = layer.rows_out(n_rows)


def with_all_within(layers: Sequence[Layer], n_rows: int) -> Iterator[tuple[Layer, int]]:
    """The same, and after each layer those that it holds."""
    for layer, n in with_rows(layers, n_rows):
        yield layer, n
        yield from with_all_within(layer.layers(), n)
