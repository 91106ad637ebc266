"""What a fit finds: models that predict, and what a later fit needs to go on with them.

In: the parts. Out: frozen containers. The estimator keeps them, and a fit that goes on is given
them; whatever is pickled is in here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ..encoding import TableEncoder
from ..frames import AsItIs, FrameReader
from ..losses import Loss
from ..network import Network
from ..optimizers import Optimizer
from ..options import Randomness, StepsOfFit
from ..packed import packed, unpacked
from ..targets import Target
from ..training import Outcome
from .account import Account, AccountOfAll
from .held_out import HeldOut


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
    """What a fit has found of one model, and what a later one needs to go on.

    ``settled`` are the options that must not change, ``early_stopping`` what "auto" came to,
    ``validated`` whether this fit or an earlier one had rows to validate on, ``n_seen`` the rows
    seen in all, ``best_loss`` the lowest training loss of all epochs,
    ``account`` plain numbers for the report (None in a file of an earlier version), ``held_out``
    the rows of a stream that validate it, ``steps_of_fit`` those of the last ``fit``, None of a
    stream that began as one.
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
    account: Account | None = None
    held_out: HeldOut | None = None
    steps_of_fit: StepsOfFit | None = None

    def __getstate__(self) -> dict[str, Any]:
        history = {name: packed(column) for name, column in self.history.items()}
        return self.__dict__ | {"history": history}

    def __setstate__(self, state: dict[str, Any]) -> None:
        history = {name: unpacked(column) for name, column in state["history"].items()}
        self.__dict__.update(state, history=history)


@dataclass(frozen=True)
class Ensemble:
    """All models of an estimator: a single one, or one for each part of the rows (bags).

    Their predictions are averaged. ``left_out`` are the numbers of the parts that each of them left
    out, of ``n_parts`` that were drawn from ``split_seed``: after an interruption there are more
    parts than models. ``oof_prediction`` is what they predict for the rows that they left out,
    ``temperature`` what the raw scores of all were divided by, if they were.
    """

    founds: tuple[Found, ...]
    left_out: tuple[int, ...] = (0,)
    n_parts: int = 1
    split_seed: int | None = None
    oof_prediction: np.ndarray | list[np.ndarray] | None = None
    temperature: float | None = None
    account: AccountOfAll | None = None

    @property
    def first(self) -> Found:
        return self.founds[0]

    @property
    def models(self) -> tuple[Model, ...]:
        return tuple(found.model for found in self.founds)

    def with_network(self, network: Network) -> Ensemble:
        """The same with another network in the first model."""
        first = replace(self.first, model=replace(self.first.model, network=network))
        return replace(self, founds=(first, *self.founds[1:]))

    def unused_columns(self) -> set[int]:
        """Numbers of the table's columns that no model uses."""
        return set.intersection(*(model.encoder.left_out for model in self.models))


class AsEstimator(Protocol):
    """From a model under training to an estimator, for scorers and predictions."""

    def __call__(self, model: Model, *, named: bool) -> Any:
        """``named``: X will have the names of the columns, as that of fit."""
