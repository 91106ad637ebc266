"""A fit that goes on with the network of an earlier one.

In: the earlier model, and the rows of now. Out: the model to be trained further.
"""

from __future__ import annotations

import numpy as np

from ..frames import FrameReader
from ..losses import Loss
from ..targets import Target
from .found import Model
from .share import Share


def model_to_go_on(
    old: Model,
    train: Share,
    of_unit: Share,
    reader: FrameReader,
    target: Target,
    loss: Loss,
    dtype: np.dtype,
) -> tuple[Model, np.ndarray]:
    """The model to be trained further on ``train``, and the encoded targets of all rows.

    Outputs that have been constant so far, and are so no more, start here: they have their unit
    from the rows ``of_unit``, and their scores start at the best constant of ``train``.
    """
    network = old.network.astype(dtype)
    target, late = target.with_late_units(of_unit.y, of_unit.rows)
    loss, y = loss.in_unit(target.unit), target.encode(train.codes, dtype)
    if late.any():
        raw = loss.intercept_only(y[train.rows.index], train.weight_of_mean_one())
        network.start_at(raw, loss.raw_of(late))
    return Model(reader, old.encoder, network, loss, target), y
