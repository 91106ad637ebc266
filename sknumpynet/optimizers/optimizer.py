"""The contract of a first-order optimizer: from a gradient to a step, in place.

In: the trained part of theta and its gradient, two vectors of one length and dtype. Out: theta,
moved. An optimizer knows nothing of layers, losses or epochs; ``learning_rate`` is set from
outside before each step. What the vector consists of, a rule may learn from its slots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import numpy as np

from .vectors import BLOCK

#: Of a vector: slices of it, and numbers of entries.
Parts = Sequence[slice | np.ndarray]


def whole(vector: np.ndarray) -> Parts:
    """All of it, as one part."""
    return (slice(0, vector.size),)


class Segment(Protocol):
    """Where one array lies in the vector of parameters, and what it is.

    Attributes
    ----------
    where : slice
        The array is ``theta[where].reshape(shape)``.
    shape : tuple of int
    role : str
        "weight" (decayed) or "offset".
    group : str
        Which arrays of that role belong together.
    tables : sequence of (n_rows, width)
        What the array consists of, if it is tables of which a batch has a few rows.
    """

    @property
    def where(self) -> slice: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def role(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def tables(self) -> Sequence[tuple[int, int]]: ...


@dataclass(frozen=True)
class Met:
    """What a batch has of tables, in the vector that a rule moves.

    Attributes
    ----------
    rows : ndarray
        Numbers of the rows that are met, sorted.
    last : ndarray, as long
        The step that was the last to move the row; 0 and less: before all rows were caught up.
    widths : ndarray, as long
        How many entries each row has.
    entries : ndarray of shape (sum of widths,)
        Entries of the vector that these rows are, sorted.
    now : int
        Steps since all rows were caught up.
    elsewhere : tuple of slice
        The parts of the vector that are no tables, which every step moves.
    """

    rows: np.ndarray
    last: np.ndarray
    widths: np.ndarray
    entries: np.ndarray
    now: int
    elsewhere: tuple[slice, ...]

    @property
    def since(self) -> np.ndarray:
        """For each row the step up to which it has gone: 0, ..., ``now``."""
        return np.maximum(self.last, 0)

    @property
    def parts(self) -> Parts:
        """All that a step moves."""
        return (*self.elsewhere, self.entries)

    def spread(self, of_rows: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """What each row has, for each of its entries."""
        return np.repeat(of_rows.astype(dtype), self.widths)

    def behind(self) -> Met:
        """Of the rows those that have missed steps."""
        missed = self.last < self.now
        return self if missed.all() else self._of(missed, np.repeat(missed, self.widths))

    def within(self, where: slice) -> Met:
        """The same for the part of the vector that is another rule's; rows lie in it or not."""
        inside = (self.entries >= where.start) & (self.entries < where.stop)
        part = self._of(inside[np.cumsum(self.widths) - self.widths], inside)
        borders = [
            (max(part.start, where.start), min(part.stop, where.stop)) for part in self.elsewhere
        ]
        return replace(
            part,
            entries=part.entries - where.start,
            elsewhere=tuple(
                slice(start - where.start, stop - where.start)
                for start, stop in borders
                if stop > start
            ),
        )

    def _of(self, rows: np.ndarray, entries: np.ndarray) -> Met:
        return replace(
            self,
            rows=self.rows[rows],
            last=self.last[rows],
            widths=self.widths[rows],
            entries=self.entries[entries],
        )


class Optimizer:
    """Holds the state (moments) of one vector of parameters.

    Attributes
    ----------
    learning_rate : float
        Factor of the next step.
    block : int
        Numbers per block of a step, see :mod:`sknumpynet.optimizers.vectors`.
    keeps : tuple of str
        Names of the attributes that steps change: moments, number of steps. They are None before
        the first, and declared as what they are after it.
    meets_rows : bool
        Whether it wants to be told by ``meet``.
    """

    learning_rate: float
    block: int = BLOCK
    keeps: ClassVar[tuple[str, ...]] = ()
    meets_rows: ClassVar[bool] = False

    def step(self, theta: np.ndarray, gradient: np.ndarray, met: Met | None = None) -> None:
        """Move ``theta`` in place; ``gradient`` may be overwritten. Both contiguous, one dtype.

        With ``met``, of tables only these entries, whose gradient alone is to be read.
        """
        raise NotImplementedError

    # Tables of which a batch has a few rows. What is not met has a gradient of 0, and may be moved
    # later: when it is met, or when all that was put off is made up for.

    @property
    def coasts(self) -> bool:
        """Whether steps may be put off: the optimizer has a ``coast``."""
        return False

    def meet(self, theta: np.ndarray, rows: np.ndarray) -> Met:
        """Be told which rows of tables the next batch has, before they are read."""
        raise NotImplementedError

    def coast(self, theta: np.ndarray, met: Met) -> None:
        """Let entries go as they would have without a gradient in the steps since ``met.since``."""
        raise NotImplementedError

    def count_anew(self) -> None:
        """All rows have been caught up: steps are counted from 0 again."""

    def state(self) -> dict[str, Any]:
        """What steps have changed, not the options. Arrays are the optimizer's own, not copies."""
        return {"kind": type(self).__name__, **{name: getattr(self, name) for name in self.keeps}}

    def load(self, state: dict[str, Any], dtype: np.dtype | None = None) -> None:
        """Go on from the state of another optimizer; one of another kind means to start anew.

        Arrays are copied, in ``dtype`` (default: their own).
        """
        known = state.get("kind") == type(self).__name__
        for name in self.keeps:
            value = state[name] if known else None
            if isinstance(value, np.ndarray):
                value = value.astype(dtype or value.dtype)
            setattr(self, name, value)

    def _know_nothing(self) -> None:
        """As before the first step."""
        for name in self.keeps:
            setattr(self, name, None)

    def forget(self) -> None:
        """Drop the state, which is as large as the parameters; the options and the rate stay."""
        self.load({})

    # The weights that are trained need not be those that are judged. Between epochs theta holds the
    # latter, and here they are the same.

    def to_training(self, theta: np.ndarray) -> None:
        """Let ``theta`` be the weights that steps move. Called before the steps of an epoch."""

    def to_evaluation(self, theta: np.ndarray) -> None:
        """Let ``theta`` be the weights to validate, stop on and keep. Called after an epoch."""
