"""What the units of each hidden layer do on some rows, and how long the gradients are.

In: a model and a table of rows, with targets where gradients are wanted. Out: for each hidden layer
the outputs of its activation, which of its units are dead or saturated, and the size of its
gradient beside that of its weights. At most :data:`MOST_ROWS` rows are looked at, evenly spaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..fitting.found import Model
from ..matrix import Matrix
from ..network import Activation, Workspace
from ..training import Batches, Objective

#: Rows that are looked at.
MOST_ROWS = 2000

#: A unit is dead if its outputs differ by less than this part of their size, from row to row.
CONSTANT = 1e-6

#: A bounded unit is saturated if in this share of the rows its output is this near to a border, as
#: a part of the way between both. There tanh has a slope of 0.04 and less.
SATURATED_SHARE, NEAR = 0.95, 0.01

#: Where activations end, by the name of their class.
BORDERS = {"Tanh": (-1.0, 1.0), "HardTanh": (-1.0, 1.0), "Softsign": (-1.0, 1.0)}
BORDERS |= {"Logistic": (0.0, 1.0)}


@dataclass(frozen=True)
class LayerStatistics:
    """A hidden layer on some rows.

    Attributes
    ----------
    name : str
        "hidden layer 0".
    activation : str
        Name of its class.
    outputs : ndarray of shape (n_members, n_rows, n_units)
        Of the activation, as in a prediction.
    dead, saturated : ndarray of bool, shape (n_members, n_units)
        Units whose output is the same in all rows; units that are near an end of a bounded
        activation in nearly all of them.
    """

    name: str
    activation: str
    outputs: np.ndarray = field(repr=False)
    dead: np.ndarray = field(repr=False)
    saturated: np.ndarray = field(repr=False)

    @property
    def n_units(self) -> int:
        """Units, of one member."""
        return self.outputs.shape[2]

    @property
    def share_dead(self) -> float:
        """Part of the units, of all members."""
        return float(self.dead.mean())

    @property
    def share_saturated(self) -> float:
        """Part of the units, of all members."""
        return float(self.saturated.mean())


@dataclass(frozen=True)
class GradientSize:
    """The matrix of a layer, and the gradient of the mean loss with respect to it.

    Attributes
    ----------
    name : str
        "hidden layer 0" or "output layer".
    gradient, weights : float
        Root mean square of the entries of either.
    """

    name: str
    gradient: float
    weights: float


def layer_statistics(model: Model, X: Matrix) -> list[LayerStatistics]:
    """Of each hidden layer of the model on the rows of the table X, as it predicts."""
    parts: list[list[np.ndarray]] = []
    kinds: list[str] = []
    with np.errstate(all="ignore"):
        for batch in _batches(model, X, 256):
            found = list(_outputs(model, batch.x))
            kinds = [kind for kind, _ in found]
            parts = parts or [[] for _ in found]
            for part, (_, outputs) in zip(parts, found, strict=True):
                part.append(outputs.reshape(-1, len(batch.x), outputs.shape[1]).copy())
    return [
        _of_outputs(i, kind, np.concatenate(part, axis=1))
        for i, (kind, part) in enumerate(zip(kinds, parts, strict=True))
    ]


def gradient_sizes(model: Model, X: Matrix, y: np.ndarray) -> list[GradientSize]:
    """Of each matrix of the model; ``y`` is the encoded target of the rows of X.

    Layers that draw do, by a seed of their own.
    """
    network = model.network.astype("float64")
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        batches = _batches(model, X, MOST_ROWS, y, np.dtype(np.float64))
        objective = Objective(network, model.loss, 0.0, batches.batch_size, rng)
        _, gradient = objective.over(network.theta, batches)
        slots = [slot for slot in network.layout.slots if slot.name == "W"]
        slots.sort(key=lambda slot: slot.layer)
        found = []
        for i, slot in enumerate(slots):
            name = "output layer" if i == len(slots) - 1 else f"hidden layer {i}"
            sizes = (_size(gradient[slot.where]), _size(network.theta[slot.where]))
            found.append(GradientSize(name, *sizes))
    return found


def evenly_spaced(n_rows: int, most: int = MOST_ROWS) -> np.ndarray:
    """Numbers of the rows that are looked at."""
    return np.unique(np.linspace(0, n_rows - 1, min(n_rows, most)).astype(np.intp))


def _batches(
    model: Model, X: Matrix, size: int, y: np.ndarray | None = None, dtype: Any = None
) -> Batches:
    index = evenly_spaced(X.shape[0])
    dtype = model.network.theta.dtype if dtype is None else dtype
    size = min(size, len(index))
    return Batches(X, model.encoder, dtype, size, index=index, y=y)


def _outputs(model: Model, x: Any) -> Iterator[tuple[str, np.ndarray]]:
    """The kind of each activation and its outputs for the encoded rows x, from first to last."""
    workspace = Workspace(model.network, len(x))
    for layer, p, ws in workspace.steps(len(x)):
        x = layer.forward(x, p, ws)
        if isinstance(layer, Activation):
            yield type(layer).__name__, x
        for held, inner in zip(layer.layers(), ws.children, strict=True):
            outputs = getattr(inner, "y", None)
            if isinstance(held, Activation) and outputs is not None:
                yield type(held).__name__, outputs


def _of_outputs(i: int, kind: str, outputs: np.ndarray) -> LayerStatistics:
    low, high = outputs.min(axis=1), outputs.max(axis=1)
    size = np.maximum(np.abs(low), np.abs(high))
    # Not finite is not dead: that is another matter.
    dead = high - low <= CONSTANT * size
    saturated = np.zeros_like(dead)
    if kind in BORDERS:
        least, most = BORDERS[kind]
        margin = NEAR * (most - least)
        near = (outputs < least + margin) | (outputs > most - margin)
        saturated = near.mean(axis=1) >= SATURATED_SHARE
    return LayerStatistics(f"hidden layer {i}", kind, outputs, dead, saturated)


def _size(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
