"""Why training cannot start: what makes the loss of the starting weights overflow.

In: a model whose loss on some rows is not finite. Out: a message that names the
column, target, weight or option behind it, and what to do. It is asked only when the start has
failed, so it may go through all rows again.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from ..frames import TableColumns
from ..options import Plan, frequencies
from ..quoting import quoted
from ..training import constant_loss
from .share import Share

#: Of the mean weight. In a unit of standard deviations a value is at most one over the root of its
#: row's share of the weight: to overflow (1e38), or let its square do so, the share must be tiny.
TINY_WEIGHT = 1e-12

#: Numbers that are encoded at once.
ENCODED_AT_ONCE = 2**20


class Extreme(NamedTuple):
    """The largest encoded value, and the column and the position in the part that it comes from."""

    size: float
    column: int
    position: int


def why_not_finite(
    model: Any, plan: Plan, part: Share, penalty: float, *, columns: TableColumns, going_on: bool
) -> str:
    """What makes the loss of the model's network on the rows of ``part`` overflow.

    ``penalty`` is alpha divided by the sum of the weights; ``columns`` are those of the table;
    ``going_on`` says that the network is that of an earlier fit.
    """
    theta = model.network.theta
    what = "Training cannot start" if part.name == "X" else "X_val and y_val cannot be used"
    extreme = _largest_value(model.encoder, part)
    cause = _in_targets(model, plan, part)
    if cause is None and going_on:
        cause = _in_network(theta, extreme)
    if cause is None:
        cause = _in_penalty(model, plan, part, penalty)
    if cause is None:
        cause = _in_options(theta, plan, extreme)
    if cause is None:
        cause = _in_columns(model, plan, part, extreme, columns)
    return f"{what}: the loss of the starting weights is not finite in {theta.dtype}. {cause}"


def _in_targets(model: Any, plan: Plan, part: Share) -> str | None:
    """The targets, if the loss overflows for constant predictions too."""
    loss, dtype = model.loss, model.network.theta.dtype
    y = model.target.encode(part.codes, dtype)[part.rows.index]
    weight = part.weight_of_mean_one()
    best = loss.intercept_only(y, weight).astype(dtype)
    weight = None if weight is None else weight.astype(dtype)
    if all(np.isfinite(constant_loss(loss, raw, y, weight)) for raw in (best, 0 * best)):
        return None
    sizes = np.abs(y).reshape(len(y), -1).max(axis=1)
    position = int(np.argmax(np.where(np.isnan(sizes), np.inf, sizes)))
    row = int(part.rows.index[position])
    value = float(np.abs(part.y[row]).max())
    y_name = "y" if part.name == "X" else "y_val"
    light = _too_light(plan, part, position, f"{y_name}={value:g}")
    if light is not None:
        return light
    advice = [] if plan.target_scaling else [", or set target_scaling=True"]
    advice += [", or set dtype='float64'"] if dtype == np.float32 else []
    return (
        f"The cause is {y_name}: in row {row} it is {value:g}, whose loss overflows. "
        f"Divide {y_name} by a power of ten{''.join(advice)}."
    )


def _too_light(plan: Plan, part: Share, position: int, what: str) -> str | None:
    """The weight of a row, if it is so small that the row's values are far outside the scale."""
    weight = part.weight_of_mean_one()
    if weight is None or weight[position] > TINY_WEIGHT:
        return None
    name = "sample_weight" if part.name == "X" else "sample_weight_val"
    if plan.class_weight:
        name += " times class_weight"
    return (
        f"The cause is {name}: row {part.rows.index[position]} has {weight[position]:.3g} of the "
        f"mean weight, so that {what} lies outside the scale that the other rows set. Give such "
        "rows the weight 0, or a larger one."
    )


def _in_network(theta: np.ndarray, extreme: Extreme) -> str | None:
    """The weights of an earlier fit, if they are larger than the values that they act on."""
    largest = float(np.abs(theta).max())
    if largest <= max(1e4, extreme.size):
        return None
    return f"The cause is coefs_ or intercepts_, which reach {largest:g}. Start anew with a clone."


def _in_penalty(model: Any, plan: Plan, part: Share, penalty: float) -> str | None:
    theta = model.network.theta
    W = theta[: model.network.layout.n_decayed].astype(np.float64)
    # The loss is that of each row, added up.
    if penalty * float(W @ W) * part.rows.total() < np.finfo(theta.dtype).max:
        return None
    return (
        f"The cause is alpha={plan.alpha:g}: divided by the sum of the weights of the "
        f"rows, {part.rows.total():g}, it overflows. Lower alpha, or divide sample_weight by its "
        "mean."
    )


def _in_options(theta: np.ndarray, plan: Plan, extreme: Extreme) -> str | None:
    """An option that overflows where the columns need not: frequencies, or a power."""
    most = float(np.finfo(theta.dtype).max)
    highest = max(frequencies(plan.asked["max_frequency"]) or (0.0,))
    angle = 2 * math.pi * highest * max(1.0, extreme.size)
    if plan.network.numeric_embedding == "cosine" and angle > most:
        return (
            f"The cause is max_frequency={quoted(plan.asked['max_frequency'])}: angles of cosines "
            "overflow. Lower it: frequencies above 100 are noise for scaled columns."
        )
    # exp((1 - power) raw), of a score of size 1.
    if plan.asked["loss"] != "tweedie" or float(plan.asked["power"]) - 1 <= math.log(most):
        return None
    power = float(plan.asked["power"])
    return f"The cause is power={power:g}: exponentials of it overflow. Lower it."


def _in_columns(
    model: Any, plan: Plan, part: Share, extreme: Extreme, columns: TableColumns
) -> str:
    """The column of the largest value: what is left if targets and weights are not the cause."""
    name = columns.label(extreme.column)
    row = int(part.rows.index[extreme.position])
    value = float(part.X[row, extreme.column])
    light = _too_light(plan, part, extreme.position, f"column {name} of {part.name}, {value:g},")
    if light is not None:
        return light
    advice = (
        "Use feature_scaling='standard'"
        if plan.feature_scaling is None
        else "Divide or clip the column, or use feature_scaling='quantile'"
    )
    through = (
        "" if model.loss.out_activation != "exp" else " Predictions are exponentials of raw scores."
    )
    return (
        f"The cause is column {name} of {part.name}: in row {row} it is {value:g}, and "
        f"{extreme.size:.3g} with feature_scaling={plan.feature_scaling!r}.{through} {advice}."
    )


def _largest_value(encoder: Any, part: Share) -> Extreme:
    """The encoded value of X that is largest in float64."""
    found, index = Extreme(-1.0, 0, 0), part.rows.index
    step = max(1, ENCODED_AT_ONCE // encoder.n_columns)
    for start in range(0, len(index), step):
        block = part.X[index[start : start + step]]
        block = block.toarray() if sp.issparse(block) else block
        sizes = np.abs(encoder.encode(block, np.empty((len(block), encoder.n_columns))))
        sizes[np.isnan(sizes)] = np.inf
        # Codes are no sizes.
        sizes[:, [column for column, _, _ in encoder.embeddings]] = 0.0
        position, column = np.unravel_index(int(sizes.argmax()), sizes.shape)
        if sizes[position, column] > found.size:
            found = Extreme(
                float(sizes[position, column]), int(encoder.sources[column]), start + int(position)
            )
    return found
