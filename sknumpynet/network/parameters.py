"""The parameters of all layers in one vector, ``theta = [weights | offsets | statistics]``.

In: what each layer declares (names, shapes, roles, groups). Out: the two borders of the vector, the
slot of each array and, for any vector of that size, one namespace of named views per layer. Nothing
here owns numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Protocol

import numpy as np

#: The order of the roles in the vector. Weights are decayed and trained, offsets (biases, shifts)
#: are trained only, statistics (running means) are neither.
ROLES = ("weight", "offset", "statistic")


@dataclass(frozen=True)
class Parameter:
    """What a layer declares about one of its arrays.

    Parameters
    ----------
    shape : tuple of int
    role : {"weight", "offset", "statistic"}
        What is done with it, see :data:`ROLES`.
    group : str
        What it belongs to: "hidden", "output", "embedding", or a name of the layer's own. Arrays of
        one role and group lie side by side, so that an optimizer may treat them by a rule of their
        own.
    """

    shape: tuple[int, ...]
    role: str
    group: str = "hidden"

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"role of a Parameter must be one of {ROLES}. Got {self.role!r}.")

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Slot:
    """The place of one array in the vector.

    Parameters
    ----------
    where : slice
        Of the vector.
    shape, role, group
        As the layer declares them.
    layer : tuple of int
        Number of the layer; of a layer within a layer the numbers of both.
    name : str
        Of the array in its layer.
    """

    where: slice
    shape: tuple[int, ...]
    role: str
    group: str
    layer: tuple[int, ...]
    name: str


class DeclaresParameters(Protocol):
    """What is needed of a layer here."""

    def parameters(self) -> dict[str, Parameter]: ...

    def layers(self) -> Sequence[DeclaresParameters]: ...


class _Node:
    """A layer's arrays and the layers within it, as they become a namespace of views."""

    def __init__(self, layer: DeclaresParameters, path: tuple[int, ...]) -> None:
        self.path = path
        self.parameters = layer.parameters()
        self.places: dict[str, tuple[slice, tuple[int, ...]]] = {}
        self.children = [_Node(child, (*path, i)) for i, child in enumerate(layer.layers())]
        if self.children and "children" in self.parameters:
            raise ValueError(
                f"{type(layer).__name__} declares a parameter 'children', the name under which the "
                "parameters of the layers within it are found. Give it another name."
            )

    def with_all_within(self) -> list[_Node]:
        """The node itself, then those within it: the order of their arrays in the vector."""
        return [self, *(node for child in self.children for node in child.with_all_within())]

    def views(self, vector: np.ndarray) -> SimpleNamespace:
        members = {
            name: vector[where].reshape(shape)
            for name, (where, shape) in self.places.items()
            if where.stop <= vector.size
        }
        if self.children:
            members["children"] = [child.views(vector) for child in self.children]
        return SimpleNamespace(**members)


class Layout:
    """Where each array of each layer lies in the parameter vector: by role, group and layer.

    Groups follow each other as they first appear in the layers.

    Attributes
    ----------
    n_decayed : int
        ``theta[:n_decayed]`` are the weights, the part that ``alpha`` decays.
    n_trained : int
        ``theta[:n_trained]`` are weights and offsets, the part an optimizer moves.
    size : int
        Length of theta.
    slots : tuple of Slot
        One for each array, in the order of the vector.
    """

    def __init__(self, layers: Sequence[DeclaresParameters]) -> None:
        self._nodes = [_Node(layer, (i,)) for i, layer in enumerate(layers)]
        declared = [
            (node, name, parameter)
            for top in self._nodes
            for node in top.with_all_within()
            for name, parameter in node.parameters.items()
        ]
        groups = list(dict.fromkeys(parameter.group for _, _, parameter in declared))
        # Sorting is stable: within a role and a group the order is that of the layers.
        declared.sort(key=lambda entry: (ROLES.index(entry[2].role), groups.index(entry[2].group)))
        slots, ends, start = [], dict.fromkeys(ROLES, 0), 0
        for node, name, parameter in declared:
            where = slice(start, start := start + parameter.size)
            node.places[name] = where, parameter.shape
            slots.append(
                Slot(where, parameter.shape, parameter.role, parameter.group, node.path, name)
            )
            ends[parameter.role] = start
        self.slots = tuple(slots)
        self.n_decayed = ends["weight"]
        self.n_trained = max(self.n_decayed, ends["offset"])
        self.size = start

    def views(self, vector: np.ndarray) -> list[SimpleNamespace]:
        """One namespace per layer whose members are views of ``vector``, under the declared names.

        A layer that holds layers finds theirs in the list ``children``. ``vector`` may stop at
        ``n_trained`` (a gradient): the statistics then have no view.
        """
        return [node.views(vector) for node in self._nodes]
