"""How a stream goes on from a fit: the rate, the averaged weights and the decay of its steps.

In: what is kept of the steps of a fit, and the plan for a part of a stream. Out: another plan.

The first steps of a solver that knows no gradients yet are as long as any, in every coordinate at
once; and a batch of few rows leads one that divides by the size of gradients as far as a batch of
many. Either undid in one call what a fit had found. See DECISIONS: a stream after a fit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ..optimizers import scaled
from .plan import Plan

#: Of ``learning_rate_init``: steps after a fit correct what it has found.
SHARE_OF_RATE = 0.5

#: ema_decay="auto" averages over the rows of so many batches of the fit.
AVERAGED_BATCHES = 10


@dataclass(frozen=True)
class StepsOfFit:
    """What a stream needs to know of the steps of a fit.

    Parameters
    ----------
    batch_size : int
        Rows of a batch.
    weight_decay : float
    """

    batch_size: int
    weight_decay: float

    def share(self, batch_size: int) -> float:
        """What a batch of so many rows is of one of the fit, at most 1."""
        return min(1.0, batch_size / self.batch_size)

    def factor(self, batch_size: int) -> float:
        """Of the learning rate, for steps with so many rows.

        The root of the share of rows: Malladi, Lyu, Panigrahi and Arora (2022), "On the SDEs and
        scaling rules for adaptive gradient algorithms".
        """
        return SHARE_OF_RATE * math.sqrt(self.share(batch_size))

    def ema_decay(self, batch_size: int) -> float:
        """For steps with so many rows: rows count, in however many calls they come."""
        return (1.0 - 1.0 / AVERAGED_BATCHES) ** self.share(batch_size)


def after_fit(plan: Plan, steps: StepsOfFit) -> Plan:
    """The plan for a part of a stream that goes on from a fit with these steps."""
    decay, weight_decay = plan.ema_decay, plan.steps.weight_decay
    if plan.asked["ema_decay"] == "auto" and plan.steps.solver != "schedule_free":
        decay = steps.ema_decay(plan.batch_size)
    if plan.asked["weight_decay"] == "auto":
        weight_decay = steps.weight_decay
    return replace(
        plan,
        ema_decay=decay,
        mean_from_start=True,
        steps=replace(plan.steps, weight_decay=weight_decay),
        schedule=scaled(plan.schedule, steps.factor(plan.batch_size)),
    )
