"""The unit of ``tol``: what the best constant prediction would lose.

In: a model that is to be trained, and its training rows. Out: a number.
"""

from __future__ import annotations

import math

import numpy as np

from ..training import StartNotFiniteError, constant_loss
from .data import Part
from .found import Model


def loss_scale(model: Model, y: np.ndarray, train: Part) -> float:
    """The unit of ``tol``, as the loss says it: if it can, the loss of the best constant."""
    loss, dtype = model.loss, model.network.theta.dtype
    weight = train.weight_of_mean_one()
    used = y[train.rows.index]
    constant = loss.intercept_only(used, weight).astype(dtype)
    weight = None if weight is None else weight.astype(dtype)
    scale = constant_loss(loss, constant, used, weight)
    if not math.isfinite(scale):
        raise StartNotFiniteError(in_validation=False)
    return loss.tol_unit(scale, used)
