"""The parameters of all layers in one vector, ``theta = [weights | offsets | statistics]``.

In: what each layer declares (names, shapes, roles, groups). Out: the two borders of the vector, the
slot of each array and, for any vector of that size, one namespace of named views per layer. Nothing
here owns numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import NamedTuple, Protocol

import numpy as np

#: The order of the roles in the vector. Weights are decayed and trained, offsets (biases, shifts)
#: are trained only, statistics (running means) are neither.
ROLES = ("weight", "offset", "statistic")


class Parameter(NamedTuple):
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
    tables : tuple of (n_rows, width)
        What the array consists of, one table behind the other, if a batch has a few of their rows:
        see ``Layer.rows_met``.
    """

    shape: tuple[int, ...]
    role: str
    group: str = "hidden"
    tables: tuple[tuple[int, int], ...] = ()

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Slot(NamedTuple):
    """The place of one array in the vector.

    Parameters
    ----------
    where : slice
        Of the vector.
    shape, role, group, tables
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
    tables: tuple[tuple[int, int], ...]
    layer: tuple[int, ...]
    name: str


class DeclaresParameters(Protocol):
    """What is needed of a layer here."""

    def parameters(self) -> dict[str, Parameter]: ...

    def layers(self) -> Sequence[DeclaresParameters]: ...


#: Where the arrays of a layer lie, by their names.
_Places = dict[str, tuple[slice, tuple[int, ...]]]

#: These, and the same of the layers that it holds.
_Node = tuple[_Places, list]

#: By role and group the arrays, each with the number of its layer, its name and its layer's places.
_Declared = dict[str, dict[str, list[tuple[Parameter, tuple[int, ...], str, _Places]]]]


class Layout:
    """Where each array of each layer lies in the parameter vector: by role, group and layer.

    Within a role, groups follow each other as they first appear in the layers.

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

    def __repr__(self) -> str:
        n, trained, size = self.n_decayed, self.n_trained, self.size
        return (
            f"Layout({len(self.slots)} arrays: {n:,} weights, {trained - n:,} offsets, "
            f"{size - trained:,} statistics)"
        )

    def __init__(self, layers: Sequence[DeclaresParameters]) -> None:
        declared: _Declared = {role: {} for role in ROLES}
        self._nodes = [_declare(layer, (i,), declared) for i, layer in enumerate(layers)]
        slots, borders, start = [], [], 0
        for groups in declared.values():
            for arrays in groups.values():
                for parameter, layer_number, name, places in arrays:
                    where = slice(start, start := start + parameter.size)
                    places[name] = where, parameter.shape
                    slots.append(Slot(where, *parameter, layer_number, name))
            borders.append(start)
        self.slots = tuple(slots)
        self.n_decayed, self.n_trained, self.size = borders

    def views(self, vector: np.ndarray) -> list[SimpleNamespace]:
        """One namespace per layer whose members are views of ``vector``, under the declared names.

        A layer that holds layers finds theirs in the list ``children``. ``vector`` may stop at
        ``n_trained`` (a gradient): the statistics then have no view.
        """
        return [_views(node, vector) for node in self._nodes]


def _declare(layer: DeclaresParameters, number: tuple[int, ...], declared: _Declared) -> _Node:
    """Enter the arrays of a layer, and of those that it holds, by role and group."""
    places: _Places = {}
    for name, parameter in layer.parameters().items():
        if parameter.role not in declared or name == "children":
            raise ValueError(
                f"{type(layer).__name__} declares the parameter {name!r} with the role "
                f"{parameter.role!r}. The role must be one of {', '.join(map(repr, ROLES))}, and "
                "the name not 'children', where the layers that it holds have theirs."
            )
        arrays = declared[parameter.role].setdefault(parameter.group, [])
        arrays.append((parameter, number, name, places))
    held = enumerate(layer.layers())
    return places, [_declare(child, (*number, i), declared) for i, child in held]


def _views(node: _Node, vector: np.ndarray) -> SimpleNamespace:
    places, held = node
    views = SimpleNamespace(
        **{
            name: vector[where].reshape(shape)
            for name, (where, shape) in places.items()
            if where.stop <= vector.size
        }
    )
    if held:
        views.children = [_views(child, vector) for child in held]
    return views
