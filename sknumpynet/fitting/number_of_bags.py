"""How many models a fit has.

In: options, and an earlier fit if there was one. Out: a number, or an error.
"""

from __future__ import annotations

from typing import Any

from ..options import bags_for
from .found import Ensemble


def number_of_bags(
    options: Any, earlier: Ensemble | None, n_rows: int, *, incremental: bool, given: bool
) -> int:
    """How many models there are to be, or a ValueError.

    ``given``: rows to validate on were passed. ``incremental``: the rows are a part of a stream.
    """
    if earlier is None:
        n_bags = bags_for(options, n_rows, alone=incremental or given or options.warm_start)
        why_not = "partial_fit" if incremental else "X_val"
        if n_bags > 1 and (incremental or given):
            raise ValueError(
                f"n_bags={n_bags} cannot be combined with {why_not}: each model is validated on "
                "the part of X that it is not trained on. Set n_bags=1"
                + (", or begin with fit." if incremental else ".")
            )
        return n_bags
    n_bags = earlier.n_parts
    how = "partial_fit" if incremental else "warm_start=True"
    if options.n_bags not in ("auto", n_bags):
        raise ValueError(
            f"{how} goes on with what the earlier fit trained, whose n_bags was {n_bags} and not "
            f"{options.n_bags}. Set it back, or start anew with a clone of the estimator."
        )
    if n_bags > 1 and given:
        raise ValueError(
            f"{how} goes on with the {n_bags} models of the earlier fit (n_bags), each of which is "
            "validated on the part of X that it is not trained on. Leave out X_val, or start anew "
            "with a clone of the estimator."
        )
    return n_bags
