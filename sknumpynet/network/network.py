"""A network is its layers and one parameter vector; a workspace is what one caller needs to run it.

In: a batch (B, n_features). Out: raw scores (B, n_raw), before any link function, or those of
several members, one after the other. The network is what is pickled and copied; the workspace is
made for a fit or a prediction and thrown away.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from .chain import with_all_within, with_rows
from .embeddings import NumericEmbedding
from .layer import Call, Dot, Layer, Scratch
from .parameters import Layout
from .products import Products
from .sparse import SparseRows

#: Layers that are shown of a network.
MOST_SHOWN = 10

#: Workspaces that wait for the next caller, at most: as many as threads that predict at once.
MOST_IDLE = 8


class Network:
    """Layers and theta = [weights | offsets | statistics].

    Parameters
    ----------
    layers : sequence of Layer
        In the order of the forward pass.
    theta : ndarray of shape (layout.size,)
        The parameters; the network keeps this array, and callers may change it in place.
    layout : Layout, optional
        Of these layers, if it is known.

    Attributes
    ----------
    idle : deque of Workspace
        Those that are lent, see :mod:`.lending`; taken and given back by any thread.
    """

    def __init__(
        self, layers: Sequence[Layer], theta: np.ndarray, layout: Layout | None = None
    ) -> None:
        self.layers = tuple(layers)
        self.layout = Layout(self.layers) if layout is None else layout
        self.theta = theta
        self.idle: deque[Workspace] = deque(maxlen=MOST_IDLE)

    @classmethod
    def initialized(
        cls, layers: Sequence[Layer], dtype: np.dtype | str, rng: np.random.Generator
    ) -> Network:
        """A network whose layers have drawn their starting values, in their order, from ``rng``."""
        layout = Layout(layers)
        network = cls(layers, np.zeros(layout.size, dtype=dtype), layout)
        for layer, p in zip(network.layers, network.parameters(), strict=True):
            layer.initialize(p, rng)
        return network

    def __repr__(self) -> str:
        """The layers, and how many parameters of which type."""
        shown = [_shown(layer) for layer in self.layers]
        if len(shown) > MOST_SHOWN:
            left = len(shown) - MOST_SHOWN + 1
            shown = [*shown[: MOST_SHOWN - 3], f"... {left} more ...", *shown[-2:]]
        size, dtype = f"{self.theta.size:,}", self.theta.dtype
        return f"Network({' -> '.join(shown)}; {size} parameters, {dtype})"

    def __reduce__(self) -> tuple:
        # Views are made anew from theta, so that no copy or pickle can cut a view from its vector.
        return (type(self), (self.layers, self.theta))

    def parameters(self) -> list[SimpleNamespace]:
        """Named views of theta, one namespace per layer."""
        return self.layout.views(self.theta)

    def arrays(self, name: str) -> list[np.ndarray]:
        """Views of all parameters of this name, in the order of the layers that have one."""
        return [a for p in self.parameters() for a in _arrays(p, name)]

    def start_at(self, raw: np.ndarray, of: Any = slice(None)) -> None:
        """Set the offsets of the last layer so that the scores ``of`` start around ``raw``.

        ``raw`` (n_raw,) has all scores; ``of`` is a mask of them.
        """
        self.layers[-1].start(self.parameters()[-1], raw, of)

    def flatten(self, of: np.ndarray) -> None:
        """Set the weights of the last layer to 0, so that the scores ``of`` are its offsets."""
        self.parameters()[-1].W[..., of] = 0.0

    @property
    def looks(self) -> bool:
        """Whether a layer takes starting values from rows of the data, see ``look``."""
        return any(layer.looks for layer in self.layers)

    def look(
        self,
        x: np.ndarray,
        weight: np.ndarray | None = None,
        columns: Collection[int] | None = None,
    ) -> None:
        """Let the layers take those values from the rows ``x`` (B, n_features) of such weights.

        ``columns``: those of these columns alone; the others stay.
        """
        for layer, p in zip(self.layers, self.parameters(), strict=True):
            layer.look(p, x, weight, columns)

    def astype(self, dtype: np.dtype | str) -> Network:
        """A copy with theta in another dtype."""
        return type(self)(self.layers, self.theta.astype(dtype), self.layout)

    @cached_property
    def _all_layers(self) -> list[tuple[Layer, int]]:
        """Every layer, also within others, with the rows that it gets for one row of a batch."""
        return with_all_within(self.layers, 1)

    @property
    def embedded_width(self) -> int:
        """Columns that each number becomes in front of the first linear layer."""
        embedded = [layer for layer, _ in self._all_layers if isinstance(layer, NumericEmbedding)]
        return embedded[0].width if embedded else 1

    @cached_property
    def widest(self) -> int:
        """Numbers that the largest buffer has for each row of a batch."""
        return max(
            math.prod(buffer.shape) * (layer.rows_out(n) if buffer.of_output else n)
            for layer, n in self._all_layers
            for buffer in layer.buffers().values()
            if not buffer.fixed
        )

    @property
    def draws(self) -> bool:
        """Whether a layer needs a random generator."""
        return any(layer.draws for layer, _ in self._all_layers)

    def largest_product(self, n_rows: int, sparse: bool = False) -> float:
        """Operations of the largest matrix product by the BLAS for a batch of ``n_rows`` rows.

        ``sparse``: the products with the rows of the batch are not the BLAS's.
        """
        return max(layer.largest_product(n * n_rows, sparse) for layer, n in self._all_layers)

    def forward(self, x: Any, workspace: Workspace, weight: np.ndarray | None = None) -> np.ndarray:
        """Raw scores (B, n_raw) of the batch ``x``: a view of the workspace.

        Of k members (k B, n_raw), one after the other. ``weight`` (B,) of the rows is for layers
        that average over them (None: 1 each).
        """
        workspace.call.weight = weight
        workspace.last = steps = workspace.steps(len(x))
        for layer, p, ws in steps:
            x = layer.forward(x, p, ws)
        return x

    @cached_property
    def begins(self) -> list[int]:
        """Numbers of the layers that a hidden layer begins with, and of the last one.

        The first of them is given the encoded rows, with what is embedded; each other one the
        activations of the hidden layer before it.
        """
        return [i for i, layer in enumerate(self.layers) if layer.begins]

    def n_given(self, i: int) -> int:
        """Numbers that layer ``i``, one of ``begins``, is given for a row; of all members."""
        layer, n_rows = with_rows(self.layers, 1)[i]
        return n_rows * layer.n_in  # type: ignore[attr-defined]

    def given(self, i: int, x: Any, workspace: Workspace) -> np.ndarray:
        """What layer ``i`` is given of the batch ``x``, (B, n); of members (k B, n)."""
        for layer, p, ws in workspace.steps(len(x))[:i]:
            x = layer.forward(x, p, ws)
        return x.toarray() if isinstance(x, SparseRows) else x

    def as_it_predicts(self) -> Network:
        """The same network, with the same theta, that predicts also where gradients are wanted.

        Its ``backward`` returns the gradient of the rows; no layer draws or learns from a batch.
        """
        layers = [part for layer in self.layers for part in layer.as_it_predicts()]
        return type(self)(layers, self.theta)

    def sources_of(self, sources: np.ndarray) -> np.ndarray:
        """The entries of encoded columns for what the first of ``begins`` is given."""
        for layer in self.layers[: self.begins[0]]:
            sources = layer.sources_out(sources)
        return sources

    def forward_from(self, i: int, x: np.ndarray, workspace: Workspace) -> np.ndarray:
        """``forward`` from layer ``i`` on, which is given x; ``backward`` goes back to there."""
        workspace.call.weight = None
        workspace.last = steps = workspace.steps(len(x))[i:]
        for layer, p, ws in steps:
            x = layer.forward(x, p, ws)
        return x

    def rows_met(self, x: Any) -> np.ndarray | None:
        """Which rows of tables the batch ``x`` has; None without any tables."""
        return self.layers[0].rows_met(x)

    def backward(
        self, d_raw: np.ndarray, workspace: Workspace, *, rows_alone: bool = False
    ) -> np.ndarray | None:
        """From ``d_raw`` = dL/d(raw) of the last batch to ``workspace.gradient``; overwrites it.

        ``rows_alone``: of tables only the gradient of the rows that the batch has will be read.
        Returned is the gradient of what the first layer was given, if it has one.
        """
        workspace.call.rows_alone = rows_alone
        for layer, p, ws in reversed(workspace.last):
            # None of the first layer alone, which is the last one here.
            d_raw = layer.backward(d_raw, p, ws)  # type: ignore[assignment]
        return d_raw


def _arrays(p: SimpleNamespace, name: str) -> Iterator[np.ndarray]:
    if name in p.__dict__:
        yield p.__dict__[name]
    for child in p.__dict__.get("children", ()):
        yield from _arrays(child, name)


class Workspace:
    """Buffers, gradient vector and random generator of one caller, with the views bound once.

    Parameters
    ----------
    network : Network
    max_batch : int
        Largest number of rows in a call.
    training : bool
        Whether there will be backward passes. Without, there is no gradient vector.
    rng : numpy.random.Generator, optional
        For layers that draw.
    dtype : dtype, optional
        In which it is computed. Default: that of theta.
    products : Products, optional
        How products are made. Default: whole.
    dot : callable, optional
        ``dot(x, W, out)``: how those on the way forward are made, if otherwise.

    Attributes
    ----------
    call : Call
        What the layers share.
    last : list
        The steps of the last forward pass, which the backward pass goes back.
    """

    def __init__(
        self,
        network: Network,
        max_batch: int,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        dtype: np.dtype | None = None,
        products: Products | None = None,
        dot: Dot | None = None,
    ) -> None:
        layout = network.layout
        dtype = network.theta.dtype if dtype is None else dtype
        self.max_batch, self._theta, self._dtype = max_batch, network.theta, dtype
        self.call = Call(products, dot)
        self.gradient = np.zeros(layout.n_trained if training else 0, dtype=dtype)
        no_views = [None] * len(network.layers)
        views = layout.views(self.gradient) if training else no_views
        self._all_rows = [
            (layer, p, Scratch(layer, n, dtype, g, rng, training, self.call))
            for (layer, n), p, g in zip(
                with_rows(network.layers, max_batch), network.parameters(), views, strict=True
            )
        ]
        self._steps = {max_batch: self._all_rows}
        self.last = self._all_rows

    def suits(self, network: Network, dtype: np.dtype) -> bool:
        """Whether it is of the parameters that the network has now, and of this dtype."""
        return self._theta is network.theta and self._dtype == dtype

    @property
    def size(self) -> int:
        """Bytes of its buffers."""
        return self.call.n_bytes

    def forget(self) -> None:
        """The parameters have changed: what was computed of them alone is to be computed anew."""
        for _, _, scratch in self._all_rows:
            scratch.forget()

    def steps(self, n_rows: int) -> list[tuple[Layer, SimpleNamespace, Scratch]]:
        """Each layer with its parameters and its scratch for ``n_rows`` rows, bound once."""
        steps = self._steps.get(n_rows)
        if steps is None:
            # A fit has batches of two sizes: the full one and the last of an epoch.
            steps = [
                (layer, p, ws.first(n))
                for (layer, n), (_, p, ws) in zip(
                    with_rows([layer for layer, _, _ in self._all_rows], n_rows),
                    self._all_rows,
                    strict=True,
                )
            ]
            self._steps[n_rows] = steps
        return steps


def _shown(layer: Layer) -> str:
    sizes = [getattr(layer, name, None) for name in ("n_in", "n_out")]
    known = [str(size) for size in sizes if size is not None]
    return type(layer).__name__ + (f"({', '.join(known)})" if known else "")
