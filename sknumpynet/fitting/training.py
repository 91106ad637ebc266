"""How a training went: what acts after it judge and keep.

In: figures of a training. Out: a frozen container.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..optimizers import Optimizer
from ..training import History, Outcome


@dataclass(frozen=True)
class Training:
    """How a training went.

    ``constant`` is the loss of the best constant prediction and ``unit`` that of ``tol``; NaN and 1
    for a part of a stream. ``calibrated``: it was, or was not to be; False if the user interrupted
    it.
    """

    outcome: Outcome
    optimizer: Optimizer | None
    history: History
    constant: float
    unit: float
    calibrated: bool
