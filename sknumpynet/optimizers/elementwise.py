"""The optimizer of which every entry is moved by itself: what is shared by all but Muon.

In: from a rule, how a block of entries is moved, and how entries go on without a gradient. Out:
steps over all of theta, or over the entries that were met.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from .coasting import Sums
from .optimizer import Met, Optimizer, Parts, whole
from .vectors import blocks

#: ``move(theta, gradient, *vectors)``: moves a block of entries and what is remembered of them.
Move = Callable[..., None]


class Elementwise(Optimizer):
    """Moves blocks of entries; which, all or those that were met, is decided here.

    Attributes
    ----------
    vectors : tuple of str
        Names of what is remembered of every entry, each as long as theta; None before the first
        step.
    """

    vectors: ClassVar[tuple[str, ...]] = ()
    _sums: tuple[Sums, ...] | None = None

    def step(self, theta: np.ndarray, gradient: np.ndarray, met: Met | None = None) -> None:
        self._start_at(theta)
        parts = whole(theta) if met is None else met.parts
        move = self._move(theta, parts)
        arrays = (theta, gradient, *[getattr(self, name) for name in self._names()])
        if met is None:
            self._in_blocks(move, arrays)
            return
        for part in parts:
            taken = [array[part] for array in arrays]
            self._in_blocks(move, taken)
            if isinstance(part, np.ndarray):
                # What slices give are views. Nobody reads the gradient again.
                for array, moved in zip(arrays, taken, strict=True):
                    if array is not gradient:
                        array[part] = moved
        self._note_lengths()

    def _in_blocks(self, move: Move, arrays: Sequence[np.ndarray]) -> None:
        parts = blocks(arrays[0].size, self.block)
        if len(parts) == 1:
            # Views of all of it cost a tenth of a tiny step.
            move(*arrays)
            return
        for block in parts:
            move(*[array[block] for array in arrays])

    def coast(self, theta: np.ndarray, met: Met) -> None:
        vectors = [getattr(self, name) for name in self._names()]
        met = met.behind()
        if not met.entries.size or any(vector is None for vector in vectors):
            return
        moved, *remembered = [array[met.entries] for array in (theta, *vectors)]
        self._coast(met, moved, *remembered)
        for array, values in zip((*vectors, theta), (*remembered, moved), strict=True):
            array[met.entries] = values

    @property
    def coasts(self) -> bool:
        return True

    def count_anew(self) -> None:
        self._sums = None

    def load(self, state: dict[str, Any], dtype: np.dtype | None = None) -> None:
        super().load(state, dtype)
        self.count_anew()

    def _note_lengths(self) -> None:
        if self._sums is None:
            self._sums = self._new_sums()
        for sums, length in zip(self._sums, self._lengths(), strict=True):
            sums.add(length)

    # What a rule says.

    def _names(self) -> tuple[str, ...]:
        """Of ``vectors`` those that these options need."""
        return self.vectors

    def _start_at(self, theta: np.ndarray) -> None:
        """Make what is remembered, before the first step."""
        for name in self._names():
            if getattr(self, name) is None:
                setattr(self, name, np.zeros_like(theta))

    def _move(self, theta: np.ndarray, parts: Parts) -> Move:
        """Begin a step, of these ``parts`` of theta: how it moves a block of entries."""
        raise NotImplementedError

    def _new_sums(self) -> tuple[Sums, ...]:
        """Of the lengths that ways without a gradient have."""
        return ()

    def _lengths(self) -> tuple[float, ...]:
        """The lengths of the step that was made last, for each of those sums."""
        return ()

    def _coast(self, met: Met, theta: np.ndarray, *vectors: np.ndarray) -> None:
        """Move gathered entries from after step ``met.since`` to after ``met.now``, in place."""
