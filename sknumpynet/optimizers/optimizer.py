"""The contract of a first-order optimizer: from a gradient to a step, in place.

In: the trained part of theta and its gradient, two vectors of one length and dtype. Out: theta,
moved. An optimizer knows nothing of layers, losses or epochs; ``learning_rate`` is set from
outside before each step. What the vector consists of, a rule may learn from its slots.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np

from .vectors import BLOCK


class Slot(Protocol):
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
    """

    @property
    def where(self) -> slice: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def role(self) -> str: ...
    @property
    def group(self) -> str: ...


class Optimizer:
    """Holds the state (moments) of one vector of parameters.

    Attributes
    ----------
    learning_rate : float
        Factor of the next step.
    block : int
        Numbers per block of a step, see :mod:`sknumpynet.optimizers.vectors`.
    keeps : tuple of str
        Names of the attributes that steps change: moments, number of steps. None before the first.
    """

    learning_rate: float
    block: int = BLOCK
    keeps: ClassVar[tuple[str, ...]] = ()

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        """Move ``theta`` in place; ``gradient`` may be overwritten. Both contiguous, one dtype."""
        raise NotImplementedError

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

    def forget(self) -> None:
        """Drop the state, which is as large as the parameters; the options and the rate stay."""
        self.load({})

    # The weights that are trained need not be those that are judged. Between epochs theta holds the
    # latter, and here they are the same.

    def to_training(self, theta: np.ndarray) -> None:
        """Let ``theta`` be the weights that steps move. Called before the steps of an epoch."""

    def to_evaluation(self, theta: np.ndarray) -> None:
        """Let ``theta`` be the weights to validate, stop on and keep. Called after an epoch."""
