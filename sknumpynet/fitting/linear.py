"""A linear model of the encoded rows, for a report to compare with: scikit-learn's, where cheap.

In: a trained model, its rows, those that validate, and the seconds that training took. Out: the
losses of a ridge or a logistic regression on either, or why there is none.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression, Ridge

from ..losses import BinaryLogLoss, MulticlassLogLoss, SquaredError
from .account import Losses
from .compared import evenly
from .found import Model
from .share import Share

#: It may take this share of the time of the fit.
SHARE = 0.02

#: Seconds of a fit of a few rows, and operations a second beside: both on the safe side. Iterations
#: of the logistic regression, each of some six operations for a number.
LEAST, PER_SECOND, ITERATIONS = 2e-3, 1e9, 50

#: Fewest rows that it is fitted on, where it cannot afford all.
FEWEST = 500

#: Most columns.
WIDEST = 500

Pair = tuple[Losses, Losses | None, str]


def with_linear(
    on_rows: Losses,
    on_held_out: Losses | None,
    model: Model,
    rows: Share,
    held_out: Share | None,
    spent: float,
) -> Pair:
    """The losses with those of a linear model, and "" or why there is none.

    ``spent`` are the seconds of training.
    """
    n_operations = _operations(model)
    affordable = int((SHARE * spent - LEAST) * PER_SECOND / max(n_operations, 1))
    why = why_none(model, rows, affordable)
    if why:
        return on_rows, on_held_out, why
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            linear = _fitted(model, rows, affordable)
            beside = _beside(on_rows, linear, model, rows)
            if on_held_out is not None and held_out is not None:
                on_held_out = _beside(on_held_out, linear, model, held_out)
    except (ValueError, ArithmeticError, MemoryError) as error:
        return on_rows, on_held_out, f"it failed: {type(error).__name__}"
    return beside, on_held_out, ""


def why_none(model: Model, rows: Share, affordable: int) -> str:
    """Why there is no linear model; "" where there is one."""
    if not isinstance(model.loss, (SquaredError, BinaryLogLoss, MulticlassLogLoss)):
        return "no linear model has this loss"
    if isinstance(model.loss, BinaryLogLoss) and model.target.n_outputs > 1:
        return "there are several outputs"
    if sp.issparse(rows.X):
        return "X is sparse"
    if model.encoder.embeddings:
        return "categories are embedded"
    if model.encoder.n_columns > WIDEST:
        return f"the network has more than {WIDEST} inputs"
    if affordable < min(FEWEST, len(rows.rows.index)):
        return f"it would take more than {SHARE:.0%} of the time of the fit"
    return ""


def _operations(model: Model) -> float:
    """Of the fit, for each row; the encoding is some twenty for each number."""
    d = model.encoder.n_columns
    if isinstance(model.loss, SquaredError):
        return d * (d + 20.0)
    n_scores = getattr(model.loss, "n_classes", 1)
    return d * (6.0 * ITERATIONS * n_scores + 20.0)


def _fitted(model: Model, rows: Share, most: int) -> Any:
    where = evenly(rows.rows.index, most)
    x, y, weight = _part(model, rows, where)
    if isinstance(model.loss, SquaredError):
        return Ridge(alpha=1.0).fit(x, y, weight)
    linear = LogisticRegression(max_iter=ITERATIONS).fit(x, y.reshape(-1), weight)
    if len(linear.classes_) < max(2, getattr(model.loss, "n_classes", 2)):
        raise ValueError("A class is not among these rows.")
    return linear


def _part(
    model: Model, share: Share, where: slice
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    index, weight = share.rows.index[where], share.weight_of_mean_one()
    encoder, dtype = model.encoder, model.network.theta.dtype
    x = encoder.encode(share.X[index], np.empty((len(index), encoder.n_columns)))
    y = model.target.encode(share.codes[index], dtype)
    return x, y, None if weight is None else weight[where]


def _beside(losses: Losses, linear: Any, model: Model, share: Share) -> Losses:
    """The losses with the linear model's, on the same rows."""
    x, y, weight = _part(model, share, evenly(share.rows.index, losses.n_rows))
    raw = linear.predict(x) if isinstance(model.loss, SquaredError) else linear.decision_function(x)
    value = model.loss.value(raw.reshape(len(x), -1), y, weight)
    return replace(losses, linear=float(value))
