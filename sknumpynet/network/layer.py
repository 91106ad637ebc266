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
- Where ``ws.rows_alone``, of the gradient of ``tables`` only the rows that were met are written.
- Parameters are read only; statistics may be written by ``forward`` where ``ws.training``.

A layer may hold layers: ``layers`` names them, ``p.children``, ``ws.g.children`` and
``ws.children`` are what they are called with, in that order.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

import numpy as np

from .chain import with_rows
from .parameters import Parameter
from .products import Products, Whole
from .remembered import Remembered

#: ``dot(x, W, out)``: out = x W.
Dot = Callable[[np.ndarray, np.ndarray, np.ndarray], Any]

#: ``dots((x, W, out), ...)``.
Dots = Callable[..., Any]


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
    of_output : bool
        Whether it has the rows that the layer gives, in a layer where these are not those it gets.
    fixed : bool
        Whether ``shape`` is all of it, however many rows there are.
    dtype : type, optional
        If it is not that of the network.
    """

    shape: tuple[int, ...]
    fill: float | None = None
    training: bool = False
    of_output: bool = False
    fixed: bool = False
    dtype: type | None = None


class Call:
    """What all layers of one caller share.

    Attributes
    ----------
    dot, dots : callable
        See :class:`Scratch`.
    weight : ndarray of shape (B,) or None
        Weights of the rows of the batch in a call; None stands for 1 each. They have mean 1 over
        the data set, not over the batch.
    rows_alone : bool
        Whether of tables only the gradient of the rows that were met is wanted.
    n_bytes : int
        Of all buffers.
    """

    def __init__(self, products: Products | None = None, dot: Dot | None = None) -> None:
        products = Whole() if products is None else products
        self.dot: Dot = products.dot
        self.dots: Dots = products.dots
        if dot is not None:
            self.dot, self.dots = dot, lambda *of: [dot(*product) for product in of]
        self.rows_alone = False
        self.weight: np.ndarray | None = None
        self.n_bytes = 0


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
    dot : callable
        ``dot(x, W, out)``, the product of a batch and a matrix of parameters on the way forward.
    dots : callable
        ``dots((x, W, out), ...)``, several that are independent, so that threads may share them;
        also those on the way back.
    kept : Any
        Free for the layer: what its forward keeps for its backward.
    once, remembered : dict, Remembered
        Free for the layer: what a caller that only predicts computes of the parameters, once in a
        call, or while they do not change. Shared with the scratch for fewer rows.
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
        # A layer that draws is given one by each caller that trains.
        self.rng = cast(np.random.Generator, rng)
        self.kept: Any = None
        self.once: dict[str, Any] = {}
        self.remembered = Remembered()
        self._layer = layer
        self._call = Call() if call is None else call
        self.dot, self.dots = self._call.dot, self._call.dots
        self.children: list[Scratch] = []
        if held := layer.layers():
            gradients = self.g.children if training else [None] * len(held)
            for (child, n), child_g in zip(with_rows(held, n_rows), gradients, strict=True):
                self.children.append(Scratch(child, n, dtype, child_g, rng, training, self._call))
        self._buffers: dict[str, np.ndarray] = {}
        self._of_output = []
        self._fixed = []
        for name, buffer in layer.buffers().items():
            if name in self.__dict__ or name in _METHODS:
                raise ValueError(
                    f"{type(layer).__name__} declares a buffer {name!r}, which is a member of "
                    "every layer's scratch. Give it another name."
                )
            if training or not buffer.training:
                rows: tuple[int, ...] = (n_rows,)
                if buffer.of_output:
                    rows = (layer.rows_out(n_rows),)
                    self._of_output.append(name)
                if buffer.fixed:
                    rows = ()
                    self._fixed.append(name)
                array = np.empty(rows + buffer.shape, dtype=buffer.dtype or dtype)
                if buffer.fill is not None:
                    array.fill(buffer.fill)
                self._buffers[name] = array
                self._call.n_bytes += array.nbytes
        self.__dict__.update(self._buffers)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> np.ndarray:
            """A buffer of the layer."""

        def __setattr__(self, name: str, value: Any) -> None:
            """For ``ws.y += 1``."""

    @property
    def weight(self) -> np.ndarray | None:
        """Weights of the rows that the layer gets; None: 1 each."""
        weight = self._call.weight
        if weight is None or len(weight) == self.n_rows:
            return weight
        return np.tile(weight, self.n_rows // len(weight))

    @property
    def rows_alone(self) -> bool:
        """Whether backward leaves out the gradient of rows of tables that were not met."""
        return self._call.rows_alone

    def forget(self) -> None:
        """Drop what was computed once of the parameters, here and for fewer rows."""
        self.once.clear()
        for child in self.children:
            child.forget()

    def first(self, n_rows: int) -> Scratch:
        """The same scratch, for batches of ``n_rows`` rows: its buffers are the first rows."""
        part = copy.copy(self)
        part.n_rows = n_rows
        part._buffers = {name: buffer[:n_rows] for name, buffer in self._buffers.items()}
        part._buffers |= {name: self._buffers[name] for name in self._fixed}
        for name in self._of_output:
            part._buffers[name] = self._buffers[name][: self._layer.rows_out(n_rows)]
        part.__dict__.update(part._buffers)
        if self.children:
            held = with_rows(self._layer.layers(), n_rows)
            part.children = [
                child.first(n) for child, (_, n) in zip(self.children, held, strict=True)
            ]
        return part


#: Names that no buffer may have, beside the attributes of a scratch.
_METHODS = frozenset(dir(Scratch))


class Layer:
    """A step of the network. Subclasses are frozen dataclasses and say what they compute.

    An array that a batch fills is taken from ``ws``, not allocated: see ``buffers``. Parameters
    called ``W`` and ``b`` are the matrix and the offsets of a linear map, which the estimators show
    as ``coefs_`` and ``intercepts_``.

    Attributes
    ----------
    draws : bool
        Whether the layer needs ``ws.rng``.
    looks : bool
        Whether the layer takes some of its starting values from rows, see ``look``.
    begins : bool
        Whether a hidden layer, or the last layer, begins with it; then it has ``n_in``.
    """

    draws: ClassVar[bool] = False
    looks: ClassVar[bool] = False
    begins: ClassVar[bool] = False

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
        """Rows that it gives for ``n_rows`` rows, in proportion to them.

        A layer that gives several for each makes whole copies of the batch, one after the other:
        row i of copy j is row ``j B + i``.
        """
        for layer in self.layers():
            n_rows = layer.rows_out(n_rows)
        return n_rows

    def as_it_predicts(self) -> tuple[Layer, ...]:
        """The layers that compute in training what this one predicts, and the gradient of x too.

        They have the same parameters: none in place of one that draws, and so has none.
        """
        return (self,)

    def sources_out(self, sources: np.ndarray) -> np.ndarray:
        """Of the columns that it gives, the entries of the columns that each is made of.

        Asked of layers in front of the first linear one.
        """
        return sources

    def names_out(self, names: list[str]) -> list[str]:
        """Names of the columns that it gives, from those of the columns that it gets."""
        return names

    def largest_product(self, n_rows: int, sparse: bool) -> float:
        """Operations of its largest matrix product by the BLAS for ``n_rows`` rows, 0 without any.

        Of its own: the layers that it holds are asked themselves. ``sparse``: the data are.
        """
        return 0.0

    def rows_met(self, x: Any) -> np.ndarray | None:
        """Of a first layer with ``tables``: the rows of them that the rows ``x`` of the data have.

        Sorted numbers of their own, through all tables; the gradient of other rows is 0.
        """
        return None

    def initialize(self, p: SimpleNamespace, rng: np.random.Generator) -> None:
        """Write the starting values into the views ``p``."""
        for i, layer in enumerate(self.layers()):
            layer.initialize(p.children[i], rng)

    def look(
        self,
        p: SimpleNamespace,
        x: np.ndarray,
        weight: np.ndarray | None,
        columns: Collection[int] | None = None,
    ) -> None:
        """Write what the layer takes from rows ``x`` of the data into the views ``p``.

        They are those that the network gets; ``weight`` (B,) of the rows, None: 1 each;
        ``columns`` that are looked at, None: all.
        """

    def start(self, p: SimpleNamespace, raw: np.ndarray, of: Any = slice(None)) -> None:
        """Of the last layer: set the offsets so that a row of zeros gets the scores ``raw``.

        ``of`` them; the other offsets stay.
        """
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
