"""The plan of a fit: what its options come to for its rows, decided once.

In: checked options, and the rows when they are split. Out: a frozen ``Plan`` of decided numbers, in
which no "auto" is left. Behind it nothing asks the options again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..network import Activation
from ..optimizers import Schedule, goes_through_batches, schedule_for
from .auto import (
    EMBEDDED_COLUMNS,
    average_of_weights,
    calibrates,
    decay_for,
    embedding_of_numbers,
    frequencies_for,
    most_epochs,
    patience_for,
    rows_of_a_batch,
    rows_of_an_epoch,
    start_of_numbers,
    wanted_width,
)
from .declare import options_of, settled_options
from .network import activations_of, dropout_rates, frequencies, layer_sizes

#: partial_fit keeps this many last entries of its history, so that a stream may go on for ever.
HISTORY_LIMIT = 1000

#: Bytes of encoded rows that are kept from epoch to epoch (20,000 rows of 100 columns in float32).
CACHE = 2**23


@dataclass(frozen=True)
class Steps:
    """The options of a step, under their names: what the tables of solvers and schedules read."""

    solver: str
    learning_rate: str
    learning_rate_init: float
    learning_rate_decay: float
    warmup: float
    muon_learning_rate: float | str
    power_t: float
    momentum: float
    nesterovs_momentum: bool
    beta_1: float
    beta_2: float
    epsilon: float
    weight_decay: float
    max_grad_norm: float | None


@dataclass(frozen=True)
class NetworkPlan:
    """The network, but for the columns of the table.

    ``most_embedded`` bounds the columns that numbers become all together; None where the user has
    chosen ``embedding_width``.
    """

    sizes: tuple[int, ...]
    activations: tuple[str | Activation, ...]
    dropout: tuple[float, ...]
    normalization: str | None
    residual: bool
    init: str
    numeric_embedding: str | None
    embedding_width: int
    most_embedded: int | None
    max_frequency: tuple[float, ...]
    number_start: float
    n_members: int

    def width(self, n_numbers: int) -> int:
        """Columns that each of so many numbers becomes; 1 if no embedding is worth it."""
        if self.most_embedded is None:
            return self.embedding_width
        return max(1, min(self.embedding_width, self.most_embedded // max(1, n_numbers)))


@dataclass(frozen=True)
class Plan:
    """What the options come to for one fit.

    Attributes
    ----------
    stream : bool
        The rows are a part of a stream, of which nobody knows the rest: one epoch, no mean of all
        weights, no end.
    goes_on : bool
        Training is expected to go on later, with the optimizer's state.
    full_batch : bool
        All rows at each step (L-BFGS).
    batch_size : int
        Rows of a batch; of L-BFGS those of all rows.
    shuffle : bool
        Whether batches are drawn anew in each epoch.
    most_shown : int or None
        Rows of an epoch at most, drawn from all.
    early_stopping : bool
        Whether validation rows decide when to stop.
    max_iter, n_iter_no_change, tol, max_time, max_fun : numbers
        Limits; ``tol`` in units of the best constant's loss, but in those of the score if
        ``by_score``.
    by_score : bool
        Early stopping watches a score that is not the loss.
    scoring : str or callable
    calibrate : bool
        Whether this model is calibrated on its own.
    alpha : float
    ema_decay : float or None
    mean_from_start : bool
        Whether weights are averaged with those that training goes on from.
    steps, schedule : Steps, Schedule
        Of the optimizer.
    network : NetworkPlan
    dtype : dtype
    feature_scaling, missing_indicator, max_one_hot, min_frequency, target_scaling : options
        As given; ``target_scaling`` is True for classes, which have no unit.
    class_weight : bool
        Whether classes have weights.
    own_loss : bool
        Whether the loss is one of the user's.
    n_threads, verbose : options
    history_limit : int or None
    cache : int
        Bytes of encoded rows that are kept.
    settled : dict
        Options that a fit that goes on must not change, in a form to compare.
    asked : dict
        All options as the user gave them, for messages that quote them.
    """

    stream: bool
    goes_on: bool
    full_batch: bool
    batch_size: int
    shuffle: bool
    most_shown: int | None
    early_stopping: bool
    max_iter: int
    n_iter_no_change: float
    tol: float
    max_time: float
    max_fun: int
    by_score: bool
    scoring: Any
    calibrate: bool
    alpha: float
    ema_decay: float | None
    mean_from_start: bool
    steps: Steps
    schedule: Schedule
    network: NetworkPlan
    dtype: np.dtype
    feature_scaling: str | None
    missing_indicator: bool
    max_one_hot: int
    min_frequency: float
    target_scaling: bool
    class_weight: bool
    own_loss: bool
    n_threads: int | None
    verbose: int
    history_limit: int | None
    cache: int
    settled: dict[str, Any]
    asked: dict[str, Any]

    @property
    def unit(self) -> str:
        """What is counted."""
        return "iterations" if self.full_batch else "epochs"

    def shown(self, n_samples: int) -> int:
        """Of so many rows those that an epoch shows."""
        return n_samples if self.most_shown is None else min(n_samples, self.most_shown)


def plan_for(
    options: Any, n_rows: int, n_samples: int, *, early_stopping: bool, stream: bool
) -> Plan:
    """The plan for ``n_rows`` different training rows, ``n_samples`` with those merged.

    ``early_stopping``: there are rows to validate on, which decide. ``stream``: the rows are a part
    of a stream.
    """
    o, full_batch = options, not goes_through_batches(options.solver)
    # Options that one kind of estimators alone has.
    own = vars(options)
    # Nobody knows how many rows a stream will have.
    sizes = layer_sizes(o, math.inf if stream else n_samples)
    # scikit-learn's options make scikit-learn's network.
    plain = stream or not early_stopping or not sizes
    given = {field.name: getattr(o, field.name) for field in fields(Steps)}
    steps = Steps(**given | {"weight_decay": decay_for(o, n_samples, plain=plain)})
    return Plan(
        stream=stream,
        goes_on=stream or bool(o.warm_start),
        full_batch=full_batch,
        batch_size=n_rows if full_batch else rows_of_a_batch(o, n_rows),
        shuffle=bool(o.shuffle) and not full_batch,
        most_shown=None if stream else rows_of_an_epoch(o),
        early_stopping=early_stopping,
        max_iter=1 if stream else most_epochs(o, n_rows),
        n_iter_no_change=patience_for(o, n_samples, early_stopping=early_stopping),
        tol=o.tol,
        max_time=math.inf if o.max_time is None else o.max_time,
        max_fun=o.max_fun,
        by_score=early_stopping and o.scoring != "loss",
        scoring=o.scoring,
        calibrate=calibrates(o, in_bags=False),
        alpha=float(o.alpha),
        ema_decay=average_of_weights(o, n_rows, incremental=stream, early_stopping=early_stopping),
        mean_from_start=False,
        steps=steps,
        schedule=schedule_for(steps, endless=stream),
        network=_network(o, n_samples, sizes, plain=plain, stream=stream),
        dtype=np.dtype(o.dtype),
        feature_scaling=o.feature_scaling,
        missing_indicator=bool(o.missing_indicator),
        max_one_hot=o.max_one_hot,
        min_frequency=o.min_frequency,
        target_scaling=own.get("target_scaling", True),
        class_weight=own.get("class_weight") is not None,
        own_loss=not isinstance(o.loss, str),
        n_threads=o.n_threads,
        verbose=int(o.verbose),
        history_limit=HISTORY_LIMIT if stream else None,
        cache=0 if stream else CACHE,
        settled=settled_options(o),
        asked={name: getattr(o, name) for name in options_of(o.__class__)},
    )


def _network(
    o: Any, n_samples: int, sizes: tuple[int, ...], *, plain: bool, stream: bool
) -> NetworkPlan:
    return NetworkPlan(
        sizes=sizes,
        activations=activations_of(o.activation, len(sizes)),
        dropout=dropout_rates(o.dropout, len(sizes)),
        normalization=o.normalization,
        residual=bool(o.residual),
        init=o.init,
        numeric_embedding=embedding_of_numbers(o, n_samples, plain=plain),
        embedding_width=wanted_width(o, n_samples),
        most_embedded=EMBEDDED_COLUMNS if isinstance(o.embedding_width, str) else None,
        max_frequency=frequencies(o.max_frequency) or frequencies_for(o, n_samples),
        number_start=start_of_numbers(o, math.inf if stream else n_samples),
        n_members=int(o.n_members),
    )
