"""One fit, step by step: rows, encoders, network, training, and what is remembered of it.

In: an estimator with checked options, and checked rows. Out: its fitted attributes. It is the place
where encoding, network, losses, optimizers and training meet.
"""

from __future__ import annotations

import copy
import math
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state

from ..encoding import TableEncoder
from ..network import Network, build_layers
from ..optimizers import OPTIMIZERS, Optimizer, schedule_for
from ..training import (
    Batches,
    History,
    Limits,
    Objective,
    Outcome,
    Printer,
    StartNotFiniteError,
    Trainer,
    blas_threads_for,
    constant_loss,
)
from .data import Part, merge_rows, split_rows
from .messages import cut_short, ending
from .options import activation_names, is_integer, layer_sizes
from .start import why_not_finite
from .validation import validation_on

if TYPE_CHECKING:
    from ..training import Validation
    from .base import BaseNumpyMLP

#: partial_fit keeps this many last entries of its history, so that a stream may go on for ever.
HISTORY_LIMIT = 1000

#: batch_size="auto": rows of a batch, fewer where an epoch would have fewer steps than this, but at
#: least so many. Geometric mean of the loss on 15 tables of 133 to 1,500 rows (100 units), beside
#: batches of all rows below 400: 0.96 with 8 steps, 0.98 with 16, 0.97 with 32 rows always.
AUTO_BATCH, AUTO_STEPS, LEAST_BATCH = 200, 8, 32

#: early_stopping="auto" acts from this many rows on. On 16 tables cut to 50 rows it lowers the loss
#: of the default network to 0.77 (geometric mean), to 0.75 with 80 rows and 0.73 with 200.
EARLY_STOPPING_FROM = 50

#: Bytes of encoded rows that are kept from epoch to epoch (20,000 rows of 100 columns in float32).
CACHE = 2**23

#: Numbers in the widest buffer of a pass over many rows (2 MB in float64), and limits of its rows.
BUFFER_SIZE, FEWEST_ROWS, MOST_ROWS = 2**18, 64, 4096


def block_rows(network: Network, n_columns: int) -> int:
    """Rows of a block, so that buffers stay small whatever the number of rows."""
    return max(FEWEST_ROWS, min(MOST_ROWS, BUFFER_SIZE // max(n_columns, network.widest)))


class _Reused(threading.local):
    """A generator for each thread: to seed it anew takes 2 us, to make one 94 (a fit, 1 ms)."""

    def __init__(self) -> None:
        self.generator = np.random.RandomState(0)


_reused = _Reused()


class Randomness:
    """The random generators of an estimator, seeded at its first fit."""

    def __init__(self, random_state: Any) -> None:
        if is_integer(random_state):
            # The numbers of RandomState(random_state).
            generator = _reused.generator
            generator.seed(random_state)
        else:
            generator = check_random_state(random_state)
        seeds = generator.randint(0, 2**31 - 1, size=3)
        self.init_seed, batch_seed, self.split_seed = (int(seed) for seed in seeds)
        self.batches = np.random.default_rng(batch_seed)
        self._layer_seed = (batch_seed, 1)

    @cached_property
    def layers(self) -> np.random.Generator:
        """For layers that draw: another stream than that of the batches, made if it is needed."""
        return np.random.default_rng(self._layer_seed)


class Fit:
    """A single call of fit (or partial_fit: ``incremental``) of one estimator.

    ``going_on`` says that the network of an earlier fit is trained further.
    """

    def __init__(self, estimator: BaseNumpyMLP, *, going_on: bool, incremental: bool) -> None:
        self.est, self.going_on, self.incremental = estimator, going_on, incremental
        # Copies, so that a fit that fails leaves the estimator as it was.
        self.randomness = (
            copy.deepcopy(estimator._randomness) if going_on else Randomness(estimator.random_state)
        )
        self.full_batch = estimator.solver == "lbfgs"

    def run(self, table: Part, given: Part | None) -> tuple[str, type[Warning]] | None:
        """Train on the rows of ``table``, validate on ``given`` or on rows split off.

        Returns the warning to be given about the end of training, if any, and its category.
        """
        est = self.est
        self.early_stopping = self._stops_early(len(table.rows.index), given is not None)
        train, held_out = self._parts(table, given)
        if not self.going_on:
            names = getattr(est, "feature_names_in_", None)
            encoder = TableEncoder(est.feature_scaling, stream=self.incremental)
            est._encoder = encoder.fit(train.X, train.rows, names)
            est._learn_units(train.y, train.rows)
        y = est._encode(train.codes)
        self._make_network(y, train)
        history = History(
            est.history_ if self.going_on else None, HISTORY_LIMIT if self.incremental else None
        )
        # A part of a stream has no constant to be compared with, and no end either.
        scale = 1.0
        penalty = float(est.alpha) / train.rows.total()
        try:
            if not self.incremental:
                scale = self._loss_scale(y, train)
            outcome = self._train(train, y, held_out, history, penalty, scale)
        except StartNotFiniteError as error:
            part = held_out if error.in_validation else train
            raise ValueError(why_not_finite(est, part, penalty, self.going_on)) from None
        self._remember(outcome, history, train.n_samples, held_out is not None)
        sign = None
        if not self.incremental and outcome.reason in ("max_iter", "max_fun"):
            sign = cut_short(outcome, history, est, scale, self.early_stopping)
        return ending(outcome, est, early_stopping=self.early_stopping, sign=sign)

    def _stops_early(self, n_rows: int, given: bool) -> bool:
        """The option ``early_stopping``, for this fit."""
        if self.incremental:
            # A part of a stream has nothing to stop early on.
            return False
        if self.est.early_stopping == "auto":
            return not self.full_batch and (given or n_rows >= EARLY_STOPPING_FROM)
        return bool(self.est.early_stopping)

    def _parts(self, table: Part, given: Part | None) -> tuple[Part, Part | None]:
        est = self.est
        train, held_out = table, given
        if self.early_stopping and given is None:
            rng = np.random.default_rng(self.randomness.split_seed)
            strata = est._strata(table.codes)
            train, held_out = split_rows(
                table, est.validation_fraction, strata, rng, keep_order=not est.shuffle
            )
        n = len(train.rows.index)
        if self.full_batch or self._batch_size(n) == n:
            train = merge_rows(train)
        return train, held_out

    def _batch_size(self, n_rows: int) -> int:
        size = self.est.batch_size
        if isinstance(size, str):
            # Equal batches: a short one at the end would make a whole step on a few rows.
            rows = max(LEAST_BATCH, min(AUTO_BATCH, n_rows / AUTO_STEPS))
            return math.ceil(n_rows / max(1, round(n_rows / rows)))
        return min(int(size), n_rows)

    def _make_network(self, y: np.ndarray, train: Part) -> None:
        est = self.est
        sizes = layer_sizes(est.hidden_layer_sizes)
        names = activation_names(est.activation, len(sizes))
        described = {"hidden_layer_sizes": sizes, "activation": names}
        for name in ("feature_scaling", "target_scaling", "loss"):
            if name in est._options:
                described[name] = getattr(est, name)
        if self.going_on:
            self._check_unchanged(described)
            est.network_ = est.network_.astype(est.dtype)
            return
        n_raw = est._loss.n_raw(est.n_outputs_)
        layers = build_layers(est._encoder.n_columns, sizes, names, n_raw)
        rng = np.random.default_rng(self.randomness.init_seed)
        network = Network.initialized(layers, est.dtype, rng)
        start = est._loss.intercept_only(y[train.rows.index], train.weight_of_mean_one())
        network.start_at(start)
        est.network_, est.n_layers_ = network, len(sizes) + 2
        est.out_activation_ = est._loss.out_activation
        est._described = described

    def _check_unchanged(self, described: dict[str, Any]) -> None:
        how = "partial_fit" if self.incremental else "warm_start=True"
        for name, value in described.items():
            before = self.est._described[name]
            if value != before:
                raise ValueError(
                    f"{how} goes on with the network of the earlier fit, whose {name} was "
                    f"{before!r} and not {value!r}. Set it back, or start anew with a clone of the "
                    "estimator."
                )

    def _train(
        self,
        train: Part,
        y: np.ndarray,
        held_out: Part | None,
        history: History,
        penalty: float,
        scale: float,
    ) -> Outcome:
        est, network = self.est, self.est.network_
        if self.full_batch:
            batch_size = block_rows(network, est._encoder.n_columns)
        else:
            batch_size = self._batch_size(len(train.rows.index))
        batches = Batches(
            train.X,
            est._encoder,
            network.theta.dtype,
            batch_size,
            index=train.rows.index,
            y=y,
            # A part of a stream does not know the mean of all weights.
            weight=train.rows.weight if self.incremental else train.weight_of_mean_one(),
            shuffle=self.randomness.batches if est.shuffle and not self.full_batch else None,
            cache=0 if self.incremental else CACHE,
        )
        n_operations = network.largest_product(batches.batch_size, sp.issparse(train.X))
        with blas_threads_for(n_operations, est.n_threads) as vector_block:
            objective = Objective(
                network,
                est._loss,
                penalty,
                batches.batch_size,
                self.randomness.layers if network.draws else None,
                vector_block,
            )
            printer = self._printer(history)
            trainer = self._trainer(objective, scale, held_out, history, printer)
            if self.full_batch:
                outcome = trainer.run_lbfgs(batches, max_fun=est.max_fun, gtol=est.tol * scale)
            else:
                optimizer = self._optimizer()
                optimizer.block = vector_block
                outcome = trainer.run_stochastic(
                    batches,
                    optimizer,
                    schedule_for(est),
                    n_seen=est.t_ if self.going_on else 0,
                    n_samples=train.n_samples,
                )
        printer.end(outcome.n_iter, outcome.reason)
        return outcome

    def _printer(self, history: History) -> Printer:
        est = self.est
        return Printer(
            int(est.verbose),
            history.last_epoch,
            self._max_iter(),
            None if est.scoring == "loss" else "score",
            "iterations" if self.full_batch else "epochs",
        )

    def _max_iter(self) -> int:
        return 1 if self.incremental else self.est.max_iter

    def _trainer(
        self,
        objective: Objective,
        scale: float,
        held_out: Part | None,
        history: History,
        printer: Printer,
    ) -> Trainer:
        est = self.est
        by_score = self.early_stopping and est.scoring != "loss"
        return Trainer(
            objective,
            Limits(
                max_iter=self._max_iter(),
                n_iter_no_change=est.n_iter_no_change,
                tol=est.tol if by_score else est.tol * scale,
                early_stopping=self.early_stopping,
            ),
            history,
            validation=None if held_out is None else self._validation(held_out),
            after_epoch=printer,
        )

    def _validation(self, held_out: Part) -> Validation:
        block = block_rows(self.est.network_, self.est._encoder.n_columns)
        return validation_on(held_out, self.est, block, CACHE)

    def _loss_scale(self, y: np.ndarray, train: Part) -> float:
        """Loss of the best constant prediction: the unit of ``tol``. 1 where that is perfect."""
        loss, dtype = self.est._loss, self.est.network_.theta.dtype
        weight = train.weight_of_mean_one()
        used = y[train.rows.index]
        constant = loss.intercept_only(used, weight).astype(dtype)
        weight = None if weight is None else weight.astype(dtype)
        scale = constant_loss(loss, constant, used, weight)
        if not math.isfinite(scale):
            raise StartNotFiniteError(in_validation=False)
        # What is left of a constant target is rounding.
        return scale if scale > loss.rounding(used) else 1.0

    def _optimizer(self) -> Optimizer:
        est, layout = self.est, self.est.network_.layout
        slots = [s for s in layout.slots if s.where.stop <= layout.n_trained]
        optimizer = OPTIMIZERS[est.solver](est, slots)
        if self.going_on and est._optimizer is not None:
            optimizer.load(est._optimizer.state(), est.network_.theta.dtype)
        est._optimizer = optimizer
        return optimizer

    def _remember(
        self, outcome: Outcome, history: History, n_samples: int, validated: bool
    ) -> None:
        est = self.est
        earlier_t, earlier_best = (est.t_, est.best_loss_) if self.going_on else (0, None)
        est.history_ = history.columns
        est._validated = validated or (self.going_on and est._validated)
        est.n_iter_ = outcome.n_iter
        est.t_ = earlier_t + outcome.n_iter * n_samples
        losses = np.array(history.columns["loss"], dtype=np.float64)
        losses = losses[np.isfinite(losses)]
        est.loss_ = float(losses[-1]) if len(losses) else np.nan
        if self.early_stopping:
            est.best_loss_, est.best_validation_score_ = None, -outcome.best_figure
        else:
            best = np.inf if earlier_best is None else earlier_best
            est.best_loss_ = float(min(best, losses.min(initial=np.inf)))
            est.best_validation_score_ = None
        est._randomness = self.randomness
        if self.full_batch:
            est._optimizer = None
        elif outcome.reason == "diverged" or not (self.incremental or est.warm_start):
            # Moments triple the pickle: they are kept only where training is expected to go on, and
            # not those that blew up.
            est._optimizer.forget()
