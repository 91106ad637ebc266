"""One fit, step by step: rows, encoders, network, training, and what was found.

In: checked options, checked rows, and what an earlier fit found if training goes on. Out: a
``Found``, which the estimator takes over. It is the place where encoding, network, losses,
optimizers and training meet; it knows nothing of the estimator but its options.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..encoding import TableEncoder
from ..frames import FrameReader
from ..losses import Loss
from ..network import Network, Products
from ..optimizers import Optimizer, Schedule, goes_through_batches, optimizer_for, schedule_for
from ..options import (
    Randomness,
    average_of_weights,
    check_settled,
    layer_sizes,
    least_to_split,
    most_epochs,
    rows_of_a_batch,
    settled_options,
    stops_early,
)
from ..targets import Target
from ..training import (
    Batches,
    History,
    Limits,
    Objective,
    Outcome,
    Printer,
    StartNotFiniteError,
    Trainer,
    Validation,
    one_blas_thread,
    shared_products,
)
from .build import layers_for, rows_to_look_at
from .calibration import calibrates, scale_outputs
from .endings import STOPPED_CALIBRATION, Ending, ending
from .found import AsEstimator, Found, Model, after_training
from .going_on import model_to_go_on
from .own_parts import check_own_parts
from .prediction import rows_at_once
from .share import Share, merge_rows
from .side_by_side import Stop, Stopper
from .splits import split_off, warn_if_not_split
from .unit_of_tol import loss_scale
from .validation import validation_on, warn_if_not_calibrated
from .why_not_finite import why_not_finite

#: partial_fit keeps this many last entries of its history, so that a stream may go on for ever.
HISTORY_LIMIT = 1000

#: Bytes of encoded rows that are kept from epoch to epoch (20,000 rows of 100 columns in float32).
CACHE = 2**23


class Fit:
    """A single call of fit (or partial_fit: ``incremental``).

    Parameters
    ----------
    options : object with the options as attributes
        The estimator; nothing else is read of it, and nothing is written.
    earlier : Found or None
        The network of an earlier fit is trained further.
    incremental : bool
        The rows are a part of a stream.
    names : sequence of str or None
        Of the columns, for messages.
    randomness : Randomness, optional
        Of a fit that starts anew. Default: by ``random_state``.
    unit_of : Share, optional
        The rows that the target's unit is learned from. Default: the training rows.
    as_estimator : callable
        See :data:`sknumpynet.fitting.found.AsEstimator`.
    """

    def __init__(
        self,
        options: Any,
        earlier: Found | None,
        *,
        incremental: bool,
        names: Any,
        as_estimator: AsEstimator,
        randomness: Randomness | None = None,
        unit_of: Share | None = None,
    ) -> None:
        self.options, self.earlier, self.incremental = options, earlier, incremental
        self.names, self.as_estimator, self.unit_of = names, as_estimator, unit_of
        # Copies, so that a fit that fails leaves the estimator as it was.
        self.randomness = (
            randomness or Randomness(options.random_state)
            if earlier is None
            else copy.deepcopy(earlier.randomness)
        )
        self.full_batch = not goes_through_batches(options.solver)
        self.settled = settled_options(options)
        # Unless the user interrupts it.
        self.calibrated = True

    def run(
        self,
        table: Share,
        given: Share | None,
        reader: FrameReader,
        target: Target,
        loss: Loss,
        stop: Stop | None = None,
    ) -> tuple[Found, Ending | None]:
        """Train on the rows of ``table``, validate on ``given`` or on rows split off.

        ``reader`` knows the table's columns. ``target`` and ``loss`` are those of the rows' codes;
        the unit of the target is learned here, from the training rows. ``stop`` is asked after
        every epoch, and says where Ctrl-C does not come whether it came. Also returns the warning
        to be given about the end, if any.
        """
        options, earlier, self.stop = self.options, self.earlier, stop
        self.early_stopping = stops_early(
            options,
            len(table.rows.index),
            given=given is not None,
            incremental=self.incremental,
        )
        train, held_out = self._parts(table, given, target)
        if held_out is None and (earlier is None or not self.incremental):
            # Of a stream, at its beginning alone.
            warn_if_not_calibrated(options, incremental=self.incremental, stacklevel=6)
        if held_out is None and not self.incremental:
            warn_if_not_split(table, options, stacklevel=6)
        self.max_iter = 1 if self.incremental else most_epochs(options, len(train.rows.index))
        model, y = self._model(train, reader, target, loss)
        history = History(
            earlier.history if earlier else None, HISTORY_LIMIT if self.incremental else None
        )
        # A part of a stream has no constant to be compared with, and no end either.
        constant, scale = np.nan, 1.0
        penalty = float(options.alpha) / train.rows.total()
        try:
            if not self.incremental:
                constant, scale = loss_scale(model, y, train)
            outcome, optimizer = self._train(model, train, y, held_out, history, penalty, scale)
        except StartNotFiniteError as error:
            part = held_out if error.in_validation else train
            cause = why_not_finite(
                model, options, part, penalty, names=self.names, going_on=earlier is not None
            )
            raise ValueError(cause) from None
        validated, planned = held_out is not None, self._schedule().planned
        end = ending(
            outcome, history, options, model, None if self.incremental else (constant, scale),
            early_stopping=self.early_stopping, validated=validated, planned=planned,
        )  # fmt: skip
        if not self.calibrated:
            end = STOPPED_CALIBRATION
        if optimizer is not None and (
            outcome.reason == "diverged" or not (self.incremental or options.warm_start)
        ):
            # Moments triple the pickle: they are kept only where training is expected to go on, and
            # not those that blew up.
            optimizer.forget()
        found = after_training(
            model,
            optimizer,
            history.columns,
            outcome,
            earlier,
            n_samples=train.n_samples,
            early_stopping=self.early_stopping,
            validated=validated,
            randomness=self.randomness,
            settled=self.settled,
        )
        return found, end

    def _parts(
        self, table: Share, given: Share | None, target: Target
    ) -> tuple[Share, Share | None]:
        options = self.options
        train, held_out = table, given
        if self.early_stopping and given is None:
            parts = split_off(
                table,
                options,
                target.strata(table.codes),
                self.randomness.split_seed,
                least=least_to_split(options),
            )
            self.early_stopping = parts is not None
            train, held_out = parts or (table, None)
        n = len(train.rows.index)
        if self.full_batch or rows_of_a_batch(options, n) == n:
            train = merge_rows(train)
        return train, held_out

    def _model(
        self, train: Share, reader: FrameReader, target: Target, loss: Loss
    ) -> tuple[Model, np.ndarray]:
        """The model to be trained, and the encoded targets of all rows."""
        options, dtype = self.options, np.dtype(self.options.dtype)
        if self.earlier is not None:
            how = "partial_fit" if self.incremental else "warm_start=True"
            check_settled(self.settled, self.earlier.settled, how)
            of_unit = self.unit_of or train
            return model_to_go_on(self.earlier.model, train, of_unit, reader, target, loss, dtype)
        sizes = layer_sizes(options.hidden_layer_sizes)
        encoder = TableEncoder(
            options.feature_scaling,
            stream=self.incremental,
            missing_indicator=options.missing_indicator,
            max_one_hot=options.max_one_hot,
            min_frequency=options.min_frequency,
            linear=not sizes,
        )
        encoder.fit(train.X, train.rows, self.names, reader.columns, stacklevel=6)
        of_unit = self.unit_of or train
        target.learn_units(of_unit.y, of_unit.rows)
        loss = loss.in_unit(target.unit)
        y = target.encode(train.codes, dtype)
        check_own_parts(options, loss, y, train)
        layers = layers_for(options, encoder, loss, target, train)
        rng = np.random.default_rng(self.randomness.init_seed)
        network = Network.initialized(layers, dtype, rng)
        if network.looks:
            network.look(*rows_to_look_at(encoder, train, dtype))
        network.start_at(loss.intercept_only(y[train.rows.index], train.weight_of_mean_one()))
        network.flatten(loss.raw_of(target.constant))
        return Model(reader, encoder, network, loss, target), y

    def _train(
        self,
        model: Model,
        train: Share,
        y: np.ndarray,
        held_out: Share | None,
        history: History,
        penalty: float,
        scale: float,
    ) -> tuple[Outcome, Optimizer | None]:
        options, network = self.options, model.network
        batches = self._batches(model, train, y)
        n_operations = network.largest_product(batches.batch_size, sp.issparse(train.X))
        with (
            one_blas_thread(n_operations) as vector_block,
            shared_products(n_operations, options.n_threads) as products,
        ):
            objective = self._objective(model, penalty, batches.batch_size, vector_block, products)
            reporters = [self._printer(history)]
            if self.stop is not None:
                reporters.append(Stopper(self.stop))
            validation = None
            if held_out is not None:
                validation = self.validation(model, held_out, options.scoring)
            trainer = Trainer(
                objective,
                self._limits(scale),
                history,
                validation=validation,
                reporters=reporters,
            )
            optimizer = None
            if self.full_batch:
                gtol = options.tol * scale
                outcome = trainer.run_lbfgs(batches, max_fun=options.max_fun, gtol=gtol)
            else:
                optimizer = self._optimizer(network, len(train.rows.index), batches.batch_size)
                optimizer.block = vector_block
                outcome = trainer.run_stochastic(
                    batches,
                    optimizer,
                    self._schedule(),
                    n_seen=self.earlier.n_seen if self.earlier else 0,
                    n_samples=train.n_samples,
                )
            if outcome.reason == "stopped":
                outcome = replace(outcome, reason="interrupted")
            # Bags are calibrated together, when all are there.
            alone = self.unit_of is None
            if validation is not None and alone and calibrates(options, in_bags=False):
                temperature = scale_outputs([network], lambda: validation()[0])
                self.calibrated = temperature is not None
        return outcome, optimizer

    def _batches(self, model: Model, train: Share, y: np.ndarray) -> Batches:
        options = self.options
        batch_size = rows_of_a_batch(options, len(train.rows.index))
        if self.full_batch:
            batch_size = rows_at_once(model.network, model.encoder.n_columns)
        return Batches(
            train.X,
            model.encoder,
            model.network.theta.dtype,
            batch_size,
            index=train.rows.index,
            y=y,
            # A part of a stream does not know the mean of all weights.
            weight=train.rows.weight if self.incremental else train.weight_of_mean_one(),
            shuffle=self.randomness.batches if options.shuffle and not self.full_batch else None,
            cache=0 if self.incremental else CACHE,
        )

    def _printer(self, history: History) -> Printer:
        return Printer(
            int(self.options.verbose),
            history.last_epoch,
            self.max_iter,
            None if self.options.scoring == "loss" else "score",
            "iterations" if self.full_batch else "epochs",
        )

    def _limits(self, scale: float) -> Limits:
        options = self.options
        by_score = self.early_stopping and options.scoring != "loss"
        return Limits(
            max_iter=self.max_iter,
            n_iter_no_change=options.n_iter_no_change,
            tol=options.tol if by_score else options.tol * scale,
            early_stopping=self.early_stopping,
            max_time=np.inf if options.max_time is None else options.max_time,
        )

    def validation(self, model: Model, held_out: Share, scoring: Any) -> Validation:
        """What gives the loss and the score of the model on these rows."""
        block = rows_at_once(model.network, model.encoder.n_columns)
        return validation_on(held_out, model, scoring, self.as_estimator, block, CACHE)

    def _objective(
        self, model: Model, penalty: float, max_batch: int, block: int, products: Products
    ) -> Objective:
        rng = self.randomness.layers if model.network.draws else None
        held = model.loss.raw_of(model.target.constant)
        return Objective(model.network, model.loss, penalty, max_batch, rng, block, products, held)

    def _schedule(self) -> Schedule:
        return schedule_for(self.options, endless=self.incremental)

    def _optimizer(self, network: Network, n_rows: int, batch_size: int) -> Optimizer:
        layout = network.layout
        slots = [slot for slot in layout.slots if slot.where.stop <= layout.n_trained]
        ema_decay = average_of_weights(self.options, n_rows, incremental=self.incremental)
        optimizer = optimizer_for(self.options, slots, ema_decay, batch_size)
        if self.earlier is not None and self.earlier.optimizer is not None:
            optimizer.load(self.earlier.optimizer.state(), network.theta.dtype)
        return optimizer
