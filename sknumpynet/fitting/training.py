"""How a training went: what acts after it judge and keep.

In: figures of a training. Out: a frozen container.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..optimizers import Optimizer
from ..training import History, Outcome


@dataclass(frozen=True)
class Training:
    """How a training went.

    ``constant`` is the loss of the best constant prediction and ``unit`` that of ``tol``; NaN and 1
    for a part of a stream. ``temperature`` is what raw scores were divided by; None if the
    user interrupted its search. ``scores`` are those of the best
    constant, None for a part of a stream.
    """

    outcome: Outcome
    optimizer: Optimizer | None
    history: History
    constant: float
    unit: float
    temperature: float | None = 1.0
    scores: np.ndarray | None = None

    @property
    def calibrated(self) -> bool:
        """Whether calibration, if there was to be any, came to its end."""
        return self.temperature is not None
