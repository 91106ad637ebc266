"""What options came to whose value is "auto", for the report of a fit.

In: a plan, and what the numbers of the table became. Out: names and values; only of options that
act with the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .plan import Plan

#: Solvers that ask for ``weight_decay``.
DECAYED = ("adamw", "muon", "schedule_free", "lion")


#: A fit that goes on has the network of an earlier one, whatever its own rows would ask for.
OF_NETWORK = ("hidden_layer_sizes", "numeric_embedding", "embedding_width", "max_frequency")

#: Names and values.
Chosen = tuple[tuple[str, Any], ...]


def chosen(plan: Plan, embedded_width: int, before: Chosen | None = None) -> Chosen:
    """``embedded_width``: columns that each number becomes, 1 of itself.

    ``before``: what was chosen in the fit that this one goes on from.
    """
    found = [
        (name, value)
        for name, value in _decided(plan, embedded_width)
        if isinstance(asked := plan.asked.get(name), str) and asked == "auto"
    ]
    if before is None:
        return tuple(found)
    kept = [(name, value) for name, value in before if name in OF_NETWORK]
    return *kept, *((name, value) for name, value in found if name not in OF_NETWORK)


def _decided(plan: Plan, embedded_width: int) -> Iterator[tuple[str, Any]]:
    network = plan.network
    yield "hidden_layer_sizes", network.sizes
    embedding = network.numeric_embedding if embedded_width > 1 else None
    yield "numeric_embedding", embedding
    if embedding is not None:
        yield "embedding_width", embedded_width
        if embedding == "cosine":
            yield "max_frequency", network.max_frequency
    if plan.steps.solver in DECAYED:
        yield "weight_decay", plan.steps.weight_decay
    if not plan.full_batch:
        yield "batch_size", plan.batch_size
        yield "ema_decay", plan.ema_decay
    if plan.stream:
        return
    yield "early_stopping", plan.early_stopping
    yield "n_iter_no_change", plan.n_iter_no_change
    yield "max_iter", plan.max_iter
