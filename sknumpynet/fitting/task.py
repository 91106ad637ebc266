"""Fits to be done: what all models have in common, and what the acts of one fit need.

In: what the estimator asks for. Out: a frozen container.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..checkpoints import SavedFit
from ..frames import FrameReader, TableColumns
from ..losses import Loss
from ..optimizers import Schedule
from ..options import Randomness, Seeds
from ..targets import Target
from ..training import Collective, Objective
from .budget import Budget
from .found import AsEstimator, Found
from .share import Share
from .watch import Watcher


@dataclass(frozen=True)
class Order:
    """What an estimator asks for, the same for all of its models.

    Attributes
    ----------
    options : object with the options as attributes
        The estimator. Its plan is made of them; nothing else is read of it, and nothing written.
    stream : bool
        The rows are a part of a stream (partial_fit).
    reader : FrameReader
        It reads later tables.
    target, loss : Target, Loss
        Of the rows' codes; the target's unit is learned from the training rows.
    columns : TableColumns
        What the table's columns are.
    as_estimator : callable
        See :data:`~.found.AsEstimator`.
    new_objective : callable
        Makes the objective, with the parameters of :class:`~sknumpynet.training.Objective`.
    schedule : Schedule, optional
        Instead of that of the options.
    watcher : Watcher, optional
        Who is told of the fit, or of this model's.
    saved : SavedFit, optional
        The file in which the fit is saved on its way, see :mod:`.resume`.
    seeds : Seeds, optional
        Instead of those that are drawn by the options.
    ranks : Collective, optional
        Who has the other rows of the fit. Their seeds are the same.
    """

    options: Any
    stream: bool
    reader: FrameReader
    target: Target
    loss: Loss
    columns: TableColumns
    as_estimator: AsEstimator
    new_objective: Callable[..., Objective] = Objective
    schedule: Schedule | None = None
    watcher: Watcher | None = None
    saved: SavedFit | None = None
    seeds: Seeds | None = None
    ranks: Collective | None = None

    @property
    def source(self) -> Any:
        """What seeds come from."""
        return self.options.random_state if self.seeds is None else self.seeds

    def anew(self, random_state: Any = None, **of_bag: Any) -> Task:
        """A fit by ``random_state``, or that of the options; ``of_bag`` are fields of the task."""
        source = self.source if random_state is None else random_state
        return Task(**vars(self), randomness=Randomness(source), **of_bag)

    def after(self, earlier: Found, **of_bag: Any) -> Task:
        """A fit that goes on with what was found earlier and with its generators."""
        # A copy, so that a fit that fails leaves the estimator as it was.
        randomness = copy.deepcopy(earlier.randomness)
        return Task(**vars(self), randomness=randomness, earlier=earlier, **of_bag)


@dataclass(frozen=True, kw_only=True)
class Task(Order):
    """A fit of one model.

    Attributes
    ----------
    randomness : Randomness
        The fit draws from it.
    earlier : Found, optional
        The network of an earlier fit is trained further.
    unit_of : Share, optional
        The rows that the target's unit is learned from. Default: the training rows. Given for a
        bag, which is then not calibrated on its own.
    number : int
        Of the model, among those of the order.
    name : str
        Which of several models it is, for printed lines.
    n_later : int
        Models that are trained after it, in turn.
    budget : Budget, optional
        Of which it has a share, instead of the whole ``max_time``.
    """

    randomness: Randomness
    earlier: Found | None = None
    unit_of: Share | None = None
    number: int = 0
    name: str = ""
    n_later: int = 0
    budget: Budget | None = None
