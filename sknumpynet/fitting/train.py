"""Third act of a fit: the model is trained.

In: a task, its plan, a start, and the rows. Out: how training went; the model's
parameters are those to be kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import scipy.sparse as sp

from ..network import Products
from ..optimizers import Optimizer, optimizer_for
from ..options import Plan
from ..training import (
    Batches,
    BatchesOfRank,
    DrawsOfRank,
    Expected,
    Forecast,
    History,
    Limits,
    LiveLine,
    Objective,
    Outcome,
    Printer,
    Reporter,
    SameEverywhere,
    StartNotFiniteError,
    Trainer,
    line_on,
    one_blas_thread,
    shared_products,
)
from .build import Start
from .calibration import scale_outputs
from .found import Found, Model
from .prediction import rows_at_once
from .resume import Nowhere, Parts, place_of
from .resume_of_ranks import place_of_rank
from .share import Share
from .side_by_side import Stop, Stopper
from .so_far import found_so_far
from .task import Task
from .training import Training
from .unit_of_tol import loss_scale
from .validation import validation_on
from .why_not_finite import why_not_finite


def train(
    task: Task,
    plan: Plan,
    start: Start,
    rows: Share,
    held_out: Share | None,
    stop: Stop | None = None,
) -> Training:
    """Train the model of ``start``, which was built for these rows.

    ``stop`` is asked after every epoch, and says where Ctrl-C does not come whether it came.
    """
    model = start.model
    earlier, penalty = task.earlier, plan.alpha / rows.rows.total()
    history = History(earlier.history if earlier else None, plan.history_limit)
    # A part of a stream has no constant to be compared with.
    scores, constant, unit = None, np.nan, 1.0
    try:
        if not plan.stream:
            scores, constant, unit = loss_scale(model, start.y, rows)
        course = _Course(task, plan, start, history, penalty, constant, unit)
        outcome, optimizer, temperature = course.run(rows, held_out, stop)
    except StartNotFiniteError as error:
        wrong = rows if held_out is None or not error.in_validation else held_out
        going_on = earlier is not None
        columns = task.columns
        cause = why_not_finite(model, plan, wrong, penalty, columns=columns, going_on=going_on)
        raise ValueError(cause) from None
    return Training(outcome, optimizer, history, constant, unit, temperature, scores)


@dataclass(frozen=True)
class _Course:
    """The parts of a training."""

    task: Task
    plan: Plan
    start: Start
    history: History
    penalty: float
    constant: float
    unit: float

    @property
    def model(self) -> Model:
        return self.start.model

    def run(
        self, rows: Share, held_out: Share | None, stop: Stop | None
    ) -> tuple[Outcome, Optimizer | None, float | None]:
        """How it ended, the optimizer, and the temperature, None if its search was interrupted."""
        plan, network = self.plan, self.model.network
        batches, validated = self._batches(rows), held_out is not None
        n_operations = network.largest_product(batches.largest, sp.issparse(rows.X))
        printer, forecasts = self._printers(alone=stop is None)
        with (
            one_blas_thread(n_operations) as block,
            shared_products(n_operations, plan.n_threads) as products,
            closing(printer),
        ):
            validation = None
            if held_out is not None:
                validation = validation_on(
                    held_out, self.model, plan.scoring, self.task.as_estimator
                )
            stopper = None if stop is None else Stopper(stop)
            place = self._place(rows, held_out, network.theta.size)
            optimizer = None if plan.full_batch else self._optimizer(batches.batch_size, block)
            watching = self._watching(rows, validated=validated)
            told = [*self._of_ranks(optimizer), printer, *forecasts, stopper, *watching]
            reporters = [reporter for reporter in told if reporter is not None]
            reporters += place.reporters(reporters)
            generators = self._generators(reporters)
            trainer = Trainer(
                self._objective(batches.largest, block, products),
                self._limits(),
                self.history,
                validation=validation,
                reporters=reporters,
                generators=generators,
            )
            parts = Parts(network.theta, optimizer, self.history, generators)
            outcome = place.ended(parts)
            if outcome is None:
                place.begin(trainer)
                outcome = self._through(trainer, batches, rows, optimizer, stopper)
                place.end(parts, outcome)
            # Bags are calibrated together, when all are there.
            if validation is None or self.task.unit_of is not None or not plan.calibrate:
                return outcome, optimizer, 1.0
            temperature = scale_outputs([network], lambda: validation()[0])
        return outcome, optimizer, temperature

    def _watching(self, rows: Share, *, validated: bool) -> Sequence[Reporter]:
        """Who is told of the epochs from outside."""
        if self.task.watcher is None:
            return []

        def so_far(outcome: Outcome) -> Found:
            figures = Training(outcome, None, self.history, self.constant, self.unit)
            return found_so_far(
                self.task, self.plan, self.model, figures, rows, validated=validated
            )

        return self.task.watcher.reporters(so_far)

    def _objective(self, max_batch: int, block: int, products: Products) -> Objective:
        model, randomness = self.model, self.task.randomness
        return self.task.new_objective(
            model.network,
            model.loss,
            self.penalty,
            max_batch,
            randomness.layers if model.network.draws else None,
            block,
            products,
            model.loss.raw_of(model.target.constant),
        )

    def _through(
        self,
        trainer: Trainer,
        batches: Batches,
        rows: Share,
        optimizer: Optimizer | None,
        stopper: Stopper | None,
    ) -> Outcome:
        plan, earlier = self.plan, self.task.earlier
        if optimizer is None:
            gtol = plan.tol * self.unit
            outcome = trainer.run_lbfgs(batches, max_fun=plan.max_fun, gtol=gtol)
        else:
            outcome = trainer.run_stochastic(
                batches,
                optimizer,
                plan.schedule,
                n_seen=earlier.n_seen if earlier else 0,
                n_samples=plan.shown(rows.n_samples),
            )
        if outcome.reason == "stopped" and stopper is not None and stopper.asked:
            return replace(outcome, reason="interrupted")
        return outcome

    def _batches(self, rows: Share) -> Batches:
        plan, model, ranks = self.plan, self.model, self.task.ranks
        new_batches: Callable[..., Batches] = Batches
        if ranks is not None and not plan.full_batch:
            new_batches = partial(BatchesOfRank, rows.rows.counts, ranks.rank)
        most_at_once = rows_at_once(model.network, model.encoder, rows.X)
        return new_batches(
            rows.X,
            model.encoder,
            plan.dtype,
            most_at_once if plan.full_batch else plan.batch_size,
            index=rows.rows.index,
            y=self.start.y,
            # A part of a stream does not know the mean of all weights.
            weight=rows.rows.weight if plan.stream else rows.weight_of_mean_one(),
            shuffle=self.task.randomness.batches if plan.shuffle else None,
            cache=plan.cache,
            change=self.start.change,
            most_shown=plan.most_shown,
        )

    def _optimizer(self, batch_size: int, block: int) -> Optimizer:
        layout, earlier = self.model.network.layout, self.task.earlier
        slots = [slot for slot in layout.slots if slot.where.stop <= layout.n_trained]
        if self.task.ranks is not None:
            # Ranks add up gradients of whole tables.
            batch_size = sys.maxsize
        plan = self.plan
        optimizer = optimizer_for(
            plan.steps, slots, plan.ema_decay, batch_size, from_start=plan.mean_from_start
        )
        optimizer.block = block
        if earlier is not None and earlier.optimizer is not None:
            optimizer.load(earlier.optimizer.state(), plan.dtype)
        return optimizer

    def _generators(self, reporters: Sequence[Reporter]) -> list[np.random.Generator]:
        """Those that batches, layers and columns draw from, if anybody asks for the state."""
        if not any(reporter.takes_state for reporter in reporters):
            return []
        randomness, change = self.task.randomness, self.start.change
        generators = [randomness.batches]
        if self.model.network.draws:
            generators.append(randomness.layers)
        if change is not None and change.drawn:
            generators.append(randomness.inputs)
        return generators

    def _place(self, rows: Share, held_out: Share | None, size: int) -> Nowhere:
        """Where the training is saved."""
        if self.task.ranks is None:
            return place_of(self.task, self.plan, rows, held_out, size)
        return place_of_rank(self.task, self.plan, rows, held_out, size, self.task.ranks)

    def _of_ranks(self, optimizer: Optimizer | None) -> Sequence[Reporter]:
        """Who keeps the ranks of a fit together."""
        task, network = self.task, self.model.network
        if task.ranks is None or task.seeds is None or optimizer is None:
            return []
        randomness = task.randomness
        drawn = [randomness.batches, *([randomness.layers] if network.draws else [])]
        return [
            DrawsOfRank(task.seeds.batches, task.ranks.rank, drawn),
            SameEverywhere(task.ranks, network.theta, optimizer),
        ]

    def _printers(self, *, alone: bool) -> tuple[Printer | LiveLine, list[Reporter]]:
        """Who tells the user of epochs, and of the time that these will take.

        ``alone``: no other process trains a model of the fit.
        """
        plan, first_epoch, name = self.plan, self.history.last_epoch, self.task.name
        expected = self._expected()
        live = plan.verbose == 1 and plan.max_iter > 1 and alone
        line = line_on(sys.stdout) if live else None
        if line is not None:
            return LiveLine(expected, line), []
        of_score = expected.score_name
        printer = Printer(plan.verbose, first_epoch, plan.max_iter, of_score, plan.unit, name)
        return printer, [Forecast(expected)] if plan.verbose and alone else []

    def _expected(self) -> Expected:
        plan = self.plan
        return Expected(
            first_epoch=self.history.last_epoch,
            max_iter=plan.max_iter,
            max_time=plan.max_time,
            ends_early=(
                plan.full_batch
                or plan.n_iter_no_change < plan.max_iter
                or self.task.watcher is not None
                # There may be nothing to gain by another cycle.
                or (plan.early_stopping and plan.schedule.n_cycles > 1)
            ),
            score_name=None if plan.scoring == "loss" else "score",
            unit=plan.unit,
            name=self.task.name,
            n_later=self.task.n_later,
        )

    def _limits(self) -> Limits:
        plan = self.plan
        return Limits(
            max_iter=plan.max_iter,
            n_iter_no_change=plan.n_iter_no_change,
            tol=plan.tol if plan.by_score else plan.tol * self.unit,
            early_stopping=plan.early_stopping,
            max_time=plan.max_time,
        )
