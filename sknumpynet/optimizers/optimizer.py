"""The contract of a first-order optimizer: from a gradient to a step, in place.

In: the trained part of theta and its gradient, two vectors of one length and dtype. Out: theta,
moved. An optimizer knows nothing of layers, losses or epochs; ``learning_rate`` is set from
outside.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .vectors import BLOCK


class Optimizer:
    """Holds the state (moments) of one vector of parameters.

    Attributes
    ----------
    learning_rate : float
        Factor of the next step; a schedule may change it between steps.
    block : int
        Numbers per block of a step, see :mod:`sknumpynet.optimizers.vectors`.
    state : tuple of str
        Names of the attributes that steps change: moments, number of steps.
    """

    learning_rate: float
    block: int = BLOCK
    state: ClassVar[tuple[str, ...]] = ()

    def resume(self, earlier: Optimizer | None, dtype: np.dtype | None = None) -> None:
        """Go on with the state, not the options, of an earlier one of the same kind.

        Moments are copied, in ``dtype`` (default: their own).
        """
        if type(earlier) is type(self):
            for name in self.state:
                value = getattr(earlier, name)
                if isinstance(value, np.ndarray):
                    value = value.astype(dtype or value.dtype)
                setattr(self, name, value)

    def forget(self) -> None:
        """Drop the state, which is as large as the parameters; the options and the rate stay."""
        for name in self.state:
            setattr(self, name, None)

    def step(self, theta: np.ndarray, gradient: np.ndarray) -> None:
        """Move ``theta`` in place; ``gradient`` may be overwritten. Both contiguous, one dtype."""
        raise NotImplementedError
