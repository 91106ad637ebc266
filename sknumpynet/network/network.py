"""A network is its layers and one parameter vector; a workspace is what one caller needs to run it.

In: a batch (B, n_features). Out: raw scores (B, n_outputs), before any link function. The network
is what is pickled and copied; the workspace is made for a fit or a prediction and thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from .layer import Dot, Layer, Scratch
from .parameters import Layout


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
    """

    def __init__(
        self, layers: Sequence[Layer], theta: np.ndarray, layout: Layout | None = None
    ) -> None:
        self.layers = tuple(layers)
        self.layout = Layout(self.layers) if layout is None else layout
        self.theta = theta

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

    def __reduce__(self) -> tuple:
        # Views are made anew from theta, so that no copy or pickle can cut a view from its vector.
        return (type(self), (self.layers, self.theta))

    def parameters(self) -> list:
        """Named views of theta, one namespace per layer."""
        return self.layout.views(self.theta)

    def astype(self, dtype: np.dtype | str) -> Network:
        """A copy with theta in another dtype."""
        return type(self)(self.layers, self.theta.astype(dtype), self.layout)

    def forward(self, x: Any, workspace: Workspace) -> np.ndarray:
        """Raw scores (B, n_outputs) of the batch ``x``: a view of the workspace."""
        for layer, p, ws in workspace.steps(len(x)):
            x = layer.forward(x, p, ws)
        return x

    def backward(self, draw: np.ndarray, workspace: Workspace) -> None:
        """From dL/draw of the last batch to ``workspace.gradient``; overwrites ``draw``."""
        for layer, p, ws in reversed(workspace.steps(len(draw))):
            draw = layer.backward(draw, p, ws)


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
    dot : callable
        ``dot(x, W, out)``: how the products on the way forward are made.
    """

    def __init__(
        self,
        network: Network,
        max_batch: int,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        dtype: np.dtype | None = None,
        dot: Dot = np.dot,
    ) -> None:
        layout = network.layout
        dtype = network.theta.dtype if dtype is None else dtype
        self.max_batch = max_batch
        self.gradient = np.zeros(layout.n_trained if training else 0, dtype=dtype)
        no_views = [None] * len(network.layers)
        views = layout.views(self.gradient) if training else no_views
        self._all_rows = [
            (layer, p, Scratch(layer, max_batch, dtype, g, rng, training, dot))
            for layer, p, g in zip(network.layers, network.parameters(), views, strict=True)
        ]
        self._steps = {max_batch: self._all_rows}

    def steps(self, n_rows: int) -> list[tuple[Layer, SimpleNamespace, Scratch]]:
        """Each layer with its parameters and its scratch for ``n_rows`` rows, bound once."""
        steps = self._steps.get(n_rows)
        if steps is None:
            # A fit has batches of two sizes: the full one and the last of an epoch.
            steps = [(layer, p, ws.first(n_rows)) for layer, p, ws in self._all_rows]
            self._steps[n_rows] = steps
        return steps
