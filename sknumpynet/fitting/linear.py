"""A linear model of the encoded rows, for a report to compare with, where it is cheap.

In: a trained model, its rows, those that validate, and the seconds that training took. Out: the
losses of a ridge or a logistic regression on either, or why there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from ..losses import BinaryLogLoss, Loss, MulticlassLogLoss, SquaredError
from ..optimizers import minimize_lbfgs
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

#: Most columns, and most numbers that it is fitted on: with three copies 13 MB, however long a fit
#: takes. With 2**23 a fit on a busy machine, that took long, had 60 MB instead of 12.
WIDEST, MOST_NUMBERS = 500, 2**19

#: Largest entry of the gradient at the end of a logistic regression.
GTOL = 1e-4

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
    affordable = min(affordable, MOST_NUMBERS // max(model.encoder.n_columns, 1))
    why = why_none(model, rows, affordable)
    if why:
        return on_rows, on_held_out, why
    try:
        with np.errstate(all="ignore"):
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


@dataclass(frozen=True)
class Linear:
    """``raw = x W + b``, with W (d, n_raw)."""

    W: np.ndarray
    b: np.ndarray

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Raw scores (n, n_raw) of encoded rows (n, d)."""
        return x @ self.W + self.b


def _fitted(model: Model, rows: Share, most: int) -> Linear:
    """As scikit-learn's defaults do it, whose classes may warn.

    To silence them is to change the filters of the whole process: of several threads that do so at
    once one is never undone.
    """
    x, y, weight = _part(model, rows, evenly(rows.rows.index, most))
    if isinstance(model.loss, SquaredError):
        return ridge(x, y, weight)
    return logistic(x, y, weight, model.loss, model.loss.n_raw(model.target.n_outputs))


def ridge(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> Linear:
    """``W`` with the smallest ``sum_i w_i |y_i - x_i W - b|^2 + |W|^2``."""
    center, mean = (np.average(values, axis=0, weights=weight) for values in (x, y))
    x, y = x - center, y - mean
    weighted = x if weight is None else x * weight[:, np.newaxis]
    W = np.linalg.solve(weighted.T @ x + np.eye(x.shape[1]), weighted.T @ y)
    return Linear(W, mean - center @ W)


def logistic(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray | None, loss: Loss, n_raw: int
) -> Linear:
    """``W`` with the smallest ``mean loss + |W|^2 / 2n``, after some iterations of L-BFGS."""
    n, d = x.shape
    theta, gradient = np.zeros((2, (d + 1) * n_raw))
    (W, b), (dW, db) = (np.split(v.reshape(d + 1, n_raw), [d]) for v in (theta, gradient))
    slopes = np.empty((n, n_raw))

    def evaluate(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value = loss.value(x @ W + b, y, weight, slopes)
        np.dot(x.T, slopes, dW)
        dW[...] += W / n
        slopes.sum(axis=0, keepdims=True, out=db)
        return value + float(np.vdot(W, W)) / (2 * n), gradient

    minimize_lbfgs(
        evaluate,
        theta,
        after_iteration=lambda value: False,
        max_iter=ITERATIONS,
        max_fun=2 * ITERATIONS,
        gtol=GTOL,
    )
    return Linear(W, b[0])


def _part(
    model: Model, share: Share, where: slice
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    index, weight = share.rows.index[where], share.weight_of_mean_one()
    encoder, dtype = model.encoder, model.network.theta.dtype
    block = share.X[index]
    # Rows to validate on may be sparse though those in training are not.
    block = block.toarray() if sp.issparse(block) else block
    x = encoder.encode(block, np.empty((len(index), encoder.n_columns)))
    y = model.target.encode(share.codes[index], dtype)
    return x, y, None if weight is None else weight[where]


def _beside(losses: Losses, linear: Linear, model: Model, share: Share) -> Losses:
    """The losses with the linear model's, on the same rows."""
    x, y, weight = _part(model, share, evenly(share.rows.index, losses.n_rows))
    return replace(losses, linear=float(model.loss.value(linear.scores(x), y, weight)))
