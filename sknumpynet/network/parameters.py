"""The parameters of all layers in one vector, ``theta = [weights | offsets | statistics]``.

In: what each layer declares (names, shapes, roles). Out: the two borders of the vector and, for any
vector of that size, one namespace of named views per layer. Nothing here owns numbers.
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
    """What a layer declares about one of its arrays: its ``shape`` and its ``role`` (see ROLES)."""

    shape: tuple[int, ...]
    role: str

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class DeclaresParameters(Protocol):
    """What is needed of a layer here."""

    def parameters(self) -> dict[str, Parameter]: ...


class Layout:
    """Where each array of each layer lies in the parameter vector.

    Attributes
    ----------
    n_decayed : int
        ``theta[:n_decayed]`` are the weights, the part that ``alpha`` decays.
    n_trained : int
        ``theta[:n_trained]`` are weights and offsets, the part an optimizer moves.
    size : int
        Length of theta.
    """

    def __init__(self, layers: Sequence[DeclaresParameters]) -> None:
        self._slots: list[dict[str, tuple[slice, tuple[int, ...]]]] = [{} for _ in layers]
        borders, start = [], 0
        for role in ROLES:
            for slots, layer in zip(self._slots, layers, strict=True):
                for name, parameter in layer.parameters().items():
                    if parameter.role == role:
                        slots[name] = (slice(start, start + parameter.size), parameter.shape)
                        start += parameter.size
            borders.append(start)
        self.n_decayed, self.n_trained, self.size = borders

    def views(self, vector: np.ndarray) -> list[SimpleNamespace]:
        """One namespace per layer whose members are views of ``vector``, under the declared names.

        ``vector`` may stop at ``n_trained`` (a gradient): the statistics then have no view.
        """
        return [
            SimpleNamespace(
                **{
                    name: vector[where].reshape(shape)
                    for name, (where, shape) in slots.items()
                    if where.stop <= vector.size
                }
            )
            for slots in self._slots
        ]
