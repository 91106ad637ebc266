"""One fit to be done: what all its acts need beside rows and plan.

In: what the estimator asks for. Out: a frozen container.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..frames import FrameReader
from ..losses import Loss
from ..optimizers import Schedule
from ..options import Randomness
from ..targets import Target
from ..training import Objective
from .found import AsEstimator, Found
from .share import Share


@dataclass(frozen=True)
class Task:
    """A fit of one model.

    Attributes
    ----------
    options : object with the options as attributes
        The estimator. Its plan is made of them; nothing else is read of it, and nothing written.
    stream : bool
        The rows are a part of a stream (partial_fit).
    reader : FrameReader
        It knows the table's columns.
    target, loss : Target, Loss
        Of the rows' codes; the target's unit is learned from the training rows.
    names : sequence of str or None
        Of the columns, for messages.
    as_estimator : callable
        See :data:`~.found.AsEstimator`.
    randomness : Randomness, optional
        The fit draws from it; set by ``anew`` or ``after``.
    earlier : Found, optional
        The network of an earlier fit is trained further.
    unit_of : Share, optional
        The rows that the target's unit is learned from. Default: the training rows. Given for a
        bag, which is then not calibrated on its own.
    new_objective : callable
        Makes the objective, with the parameters of :class:`~sknumpynet.training.Objective`.
    schedule : Schedule, optional
        Instead of that of the options.
    """

    options: Any
    stream: bool
    reader: FrameReader
    target: Target
    loss: Loss
    names: Any
    as_estimator: AsEstimator
    randomness: Randomness | None = None
    earlier: Found | None = None
    unit_of: Share | None = None
    new_objective: Callable[..., Objective] = Objective
    schedule: Schedule | None = None

    def anew(self, random_state: Any = None, **changes: Any) -> Task:
        """The same, by ``random_state``, or that of the options."""
        source = self.options.random_state if random_state is None else random_state
        return replace(self, randomness=Randomness(source), **changes)

    def after(self, earlier: Found, **changes: Any) -> Task:
        """The same, to go on with what was found earlier and with its generators."""
        # A copy, so that a fit that fails leaves the estimator as it was.
        randomness = copy.deepcopy(earlier.randomness)
        return replace(self, earlier=earlier, randomness=randomness, **changes)
