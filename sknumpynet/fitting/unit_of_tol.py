"""What the best constant prediction would lose, and with it the unit of ``tol``.

In: a model that is to be trained, and its training rows. Out: its raw scores, and two
numbers.
"""

from __future__ import annotations

import math

import numpy as np

from ..training import StartNotFiniteError, constant_loss
from .found import Model
from .share import Share


def loss_scale(model: Model, y: np.ndarray, train: Share) -> tuple[np.ndarray, float, float]:
    """The best constant raw scores (n_raw,), their loss, and the unit of ``tol``.

    The unit is that loss, if the kind of loss says so.
    """
    loss, dtype = model.loss, model.network.theta.dtype
    used, weight = train.targets_of_all(y)
    constant = loss.intercept_only(used, weight).astype(dtype)
    weight = None if weight is None else weight.astype(dtype)
    best = constant_loss(loss, constant, used, weight)
    if not math.isfinite(best):
        raise StartNotFiniteError(in_validation=False)
    return constant, best, loss.tol_unit(best, used)
