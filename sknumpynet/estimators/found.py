"""What a fit finds: the model that predicts, and what a later fit needs to go on.

In: the parts. Out: two frozen containers. The estimator keeps them, and a fit that goes on is given
them; whatever is pickled is in here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..encoding import AsItIs, FrameReader, TableEncoder, Target
from ..losses import Loss
from ..network import Network
from ..optimizers import Optimizer
from ..training import Outcome
from .randomness import Randomness


@dataclass(frozen=True)
class Model:
    """What a prediction needs: from X to a table, encoded rows, raw scores, predictions."""

    reader: FrameReader | AsItIs
    encoder: TableEncoder
    network: Network
    loss: Loss
    target: Target


@dataclass(frozen=True)
class Found:
    """What a fit has found, and what a later one needs to go on.

    ``settled`` are the options that must not change, ``early_stopping`` what "auto" came to,
    ``validated`` whether this fit or an earlier one had rows to validate on, ``n_seen`` the rows
    seen in all, ``best_loss`` the lowest training loss of all epochs. ``others`` are models that
    are averaged with it, and ``oof_prediction`` what each predicts for the rows that it left out.
    """

    model: Model
    optimizer: Optimizer | None
    randomness: Randomness
    history: dict[str, list]
    outcome: Outcome
    settled: dict[str, Any]
    early_stopping: bool
    validated: bool
    n_seen: int
    loss: float
    best_loss: float | None
    others: tuple[Model, ...] = ()
    oof_prediction: np.ndarray | list[np.ndarray] | None = None

    def left_out(self) -> set[int]:
        """Numbers of the columns of X that no model uses."""
        encoders = [model.encoder for model in (self.model, *self.others)]
        return set.intersection(*(set(encoder.left_out) for encoder in encoders))


#: From the model under training to an estimator, for scorers.
AsEstimator = Callable[[Model], Any]
