"""Bags: a model for each part of the rows left out, whose predictions are averaged.

In: a table and how one model is fitted, or goes on. Out: the models, and the predictions for each
row by those that were not trained on it. An interruption ends it with the models there are.
"""

from __future__ import annotations

import contextlib
import copy
import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..frames import AsItIs
from ..matrix import Matrix
from ..options import EARLY_STOPPING_FROM, Randomness, calibrates, options_for_classes
from ..quoting import quoted
from ..telling import Told, collected, warn
from ..training import one_blas_thread
from .budget import Budget, budgets
from .calibration import scale_outputs
from .endings import AFTER_TRAINING, STOPPED_REPORT, Ending, InterruptedWarning
from .fit import fit
from .found import AsEstimator, Ensemble, Found, Model
from .look_back import with_verdict
from .number_of_bags import number_of_bags
from .resume import as_saved
from .share import Share
from .side_by_side import Stop, call_all
from .splits import in_parts
from .task import Order, Task
from .validation import validation_on
from .watch import Watcher

#: Numbers of rows and their predictions, a list of these for several outputs of classes.
Predicted = tuple[np.ndarray, np.ndarray | list[np.ndarray]]


class Run(NamedTuple):
    """What a fit of one of the models gives."""

    found: Found
    end: Ending | None
    told: Told
    last: bool = False

    @property
    def interrupted(self) -> bool:
        return self.cut or self.end == STOPPED_REPORT

    @property
    def cut(self) -> bool:
        """Whether its training did not come to its end."""
        return self.found.outcome.reason == "interrupted"

    @property
    def begun(self) -> bool:
        """Whether there is more than starting weights."""
        return not self.cut or self.found.outcome.kept_epoch is not None


def fit_all(
    order: Order, table: Share, given: Share | None, earlier: Ensemble | None
) -> tuple[Ensemble, Ending | None]:
    """Fit all models of an estimator, a single one or bags, anew or after an ``earlier`` fit.

    ``order`` is what they have in common; ``given`` are rows to validate on that the user passed.
    """
    order = as_saved(order, table, given, earlier)
    # Of a single model "auto" does not go by classes.
    asked, stream, n_rows = order, order.stream, len(table.rows.index)
    if not (earlier or given or stream):
        order = replace(order, options=_for_classes(order, table))
    n_bags = number_of_bags(order.options, earlier, n_rows, incremental=stream, given=bool(given))
    result = None
    # Sums over rows, as of the encoder, are products of a matrix and a vector.
    with one_blas_thread(2.0 * table.X.shape[0] * table.X.shape[1]):
        if n_bags > 1:
            result = Bags(order.options, n_bags, earlier, incremental=stream).fit(order, table)
        if result is None:
            alone = asked.anew() if earlier is None else asked.after(earlier.first)
            found, end = fit(alone, table, given)
            if alone.saved is not None:
                interrupted = found.outcome.reason == "interrupted"
                alone.saved.interrupted = interrupted or end in AFTER_TRAINING
            result = Ensemble((found,)), end
    return result


def _for_classes(order: Order, table: Share) -> Any:
    """The options, with what "auto" is for the classes of these rows."""
    rows, strata = table.rows, order.target.strata(table.codes)
    # Of several outputs each has its own.
    if strata is None or table.codes.ndim > 1 or not rows.alone:
        return order.options
    counts = np.unique(strata[rows.index], return_counts=True)[1]
    return options_for_classes(order.options, rows.n_rows, int(rows.n_rows - counts.max()))


class Bags:
    """The models of one call of fit (or partial_fit: ``incremental``).

    Each is fitted on all parts of the rows but one, on which it is validated. Those of an
    ``earlier`` fit go on, each with the part that it has left out; ``incremental``: all on all
    rows.
    """

    def __init__(
        self, options: Any, n_bags: int, earlier: Ensemble | None, *, incremental: bool
    ) -> None:
        self.options, self.n_bags = options, n_bags
        self.earlier, self.incremental = earlier, incremental

    def fit(self, order: Order, table: Share) -> tuple[Ensemble, Ending | None] | None:
        """Fit all models; ``order`` is what they have in common.

        The target's unit is that of all rows, so that raw scores can be averaged. Warnings of
        several models are given once. None if ``n_bags="auto"`` finds too few different rows.
        """
        begun = self._begin(order, table)
        if begun is None:
            return None
        tasks, parts, bags = begun
        tasks = _in_line(tasks, order.watcher, budgets(self.options, len(tasks)))
        calls = [(task, *pair) for task, pair in zip(tasks, parts, strict=True)]
        runs, interrupted = call_all(_run, calls, self.options.n_jobs)
        founds = self._trained(runs)
        found = replace(
            bags,
            founds=tuple(founds.values()),
            left_out=tuple(bags.left_out[number] for number in founds),
            oof_prediction=None,
        )
        for message in {text: None for run in runs.values() for text in run.told}:
            warn(*message)
        missing: list[str] = []
        if not self.incremental:
            held_out = [part for _, part in map(parts.__getitem__, founds) if part is not None]
            found, missing = self._with_held_out(found, order, table, held_out)
        stopped = not interrupted and len(runs) < len(calls)
        if interrupted or stopped or missing:
            if order.saved is not None:
                order.saved.interrupted = not stopped or bool(missing)
            who = "stopped by a callback" if stopped else "interrupted by user"
            of_these = [runs[number] for number in founds if number in runs]
            return found, self._interruption(who, of_these, len(founds), missing)
        rows = parts[next(iter(founds))][0]
        end = _first_end(list(runs.values()))
        return found, with_verdict(end, found.founds, self.options, rows)

    def _begin(
        self, order: Order, table: Share
    ) -> tuple[list[Task], list[tuple[Share, Share | None]], Ensemble] | None:
        """For each model its task and its rows; and the parts as an ensemble, as yet untrained."""
        options, earlier = self.options, self.earlier
        split_seed = earlier.split_seed if earlier else Randomness(order.source).split_seed
        rng = np.random.default_rng(split_seed)
        parts: Sequence[tuple[Share, Share | None]] | None
        auto = earlier is None and options.n_bags == "auto"
        if self.incremental:
            parts = [(table, None)] * self.n_bags
        else:
            least = EARLY_STOPPING_FROM if auto else None
            strata = order.target.strata(table.codes)
            parts = in_parts(table, options, self.n_bags, strata, rng, least=least)
        if parts is None or (auto and len(parts) == 1):
            return None
        n = len(parts)
        if not auto and n != self.n_bags:
            raise ValueError(
                f"n_bags={self.n_bags} models need as many splits, and "
                f"splitter={quoted(options.splitter)} "
                f"gives {n}. Set n_bags={n}"
                + (", or change splitter." if n > 1 else " for one model.")
            )
        if earlier is not None:
            tasks = [
                order.after(found, unit_of=table, number=i, name=_name(i, len(earlier.founds)))
                for i, found in enumerate(earlier.founds)
            ]
            return tasks, [parts[number] for number in earlier.left_out], earlier
        self.n_bags = n
        seeds = rng.integers(2**31, size=n).tolist()
        tasks = [
            order.anew(seed, unit_of=table, number=i, name=_name(i, n))
            for i, seed in enumerate(seeds)
        ]
        return tasks, list(parts), Ensemble((), tuple(range(n)), n, split_seed)

    def _trained(self, runs: dict[int, Run]) -> dict[int, Found]:
        """The models that there are, by their number; a KeyboardInterrupt if none has changed."""
        if not runs:
            raise KeyboardInterrupt
        if self.earlier is None:
            # Starting weights would spoil the mean, but where they are all there is.
            begun = {number: run.found for number, run in runs.items() if run.begun}
            return begun or {number: run.found for number, run in list(runs.items())[:1]}
        # What is found may yet be calibrated, what was found before stays as it was.
        return {
            number: runs[number].found if number in runs else copy.deepcopy(found)
            for number, found in enumerate(self.earlier.founds)
        }

    def _with_held_out(
        self, found: Ensemble, order: Order, table: Share, held_out: Sequence[Share]
    ) -> tuple[Ensemble, list[str]]:
        """What the rows tell that were left out; and what is missing after an interruption."""
        missing = []
        temperature = None
        if calibrates(self.options, in_bags=True):
            temperature = _calibrate(order, found.models, held_out)
            if temperature is None:
                missing.append("They are not calibrated.")
        predicted = _predictions(found.models, held_out, table, order.as_estimator)
        if len(predicted) < len(held_out):
            missing.append("oof_prediction_ is incomplete.")
        oof = _mean_by_row(predicted, table, found.models[0], order.as_estimator)
        return replace(found, oof_prediction=oof, temperature=temperature), missing

    def _interruption(
        self, who: str, runs: Sequence[Run], n_models: int, missing: Sequence[str]
    ) -> Ending:
        if self.earlier is None:
            what = f"{n_models} of {self.n_bags} models (n_bags) exist"
        else:
            what = f"{len(runs)} of {n_models} models (n_bags) went on"
        n_cut = sum(run.cut for run in runs)
        cut = f", {n_cut} of them not to the end" if n_cut else ""
        category = UserWarning if "callback" in who else InterruptedWarning
        return " ".join([f"Training {who}: {what}{cut}.", *missing]), category


def _in_line(
    tasks: list[Task], watcher: Watcher | None, budgets: Sequence[Budget | None]
) -> list[Task]:
    """The tasks, each with who is told of it, its time, and how many come after it."""
    if watcher is not None:
        watcher.begin(len(tasks))
    watchers = [None if watcher is None else watcher.part(i) for i in range(len(tasks))]
    later = range(len(tasks) - 1, -1, -1)
    return [
        replace(task, watcher=its, n_later=n, budget=budget)
        for task, its, n, budget in zip(tasks, watchers, later, budgets, strict=True)
    ]


def _name(number: int, n_models: int) -> str:
    return f"Model {number + 1} of {n_models}"


def _first_end(runs: Sequence[Run]) -> Ending | None:
    """The first warning about an end, and how many models gave one of its kind."""
    ends = [run.end for run in runs if run.end is not None]
    if not ends:
        return None
    text, category = ends[0]
    number = next(i for i, run in enumerate(runs) if run.end is not None) + 1
    others = f"; {len(ends)} of them give such a warning" if len(ends) > 1 else ""
    return f"{text} (This is model {number} of {len(runs)} of n_bags{others}.)", category


def _run(task: Task, train: Share, held_out: Share | None, stop: Stop | None) -> Run:
    began = time.perf_counter()
    run = _told_run(task, train, held_out, stop)
    if task.budget is not None:
        task.budget.spend(time.perf_counter() - began, run.found)
    return run


def _told_run(task: Task, train: Share, held_out: Share | None, stop: Stop | None) -> Run:
    # In this process or another one: warnings are given by the caller, each once.
    with collected() as told:
        if threading.current_thread() is not threading.main_thread():
            # To catch those of others is to change what all threads do with theirs: of several
            # threads that catch at once, one is never undone.
            found, end = fit(task, train, held_out, stop)
            return Run(found, end, told, _is_last(task, found))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found, end = fit(task, train, held_out, stop)
            last = _is_last(task, found)
    told |= {(str(w.message), w.category): None for w in caught}
    return Run(found, end, told, last)


def _is_last(task: Task, found: Found) -> bool:
    """Tell who watches that this model is done; whether no other is to be begun."""
    return task.watcher is not None and task.watcher.end(Ensemble((found,)))


def _calibrate(order: Order, models: Sequence[Model], left_out: Sequence[Share]) -> float | None:
    """One temperature for all models, by the rows that each left out; None if interrupted."""
    validations = [
        validation_on(part, model, "loss", order.as_estimator)
        for model, part in zip(models, left_out, strict=True)
    ]
    weights = [part.rows.total() for part in left_out]

    def loss() -> float:
        return float(np.average([validate()[0] for validate in validations], weights=weights))

    return scale_outputs([model.network for model in models], loss)


def _predictions(
    models: Sequence[Model], left_out: Sequence[Share], table: Share, as_estimator: AsEstimator
) -> list[Predicted]:
    """Of each model for the rows that it left out; of fewer if the user interrupts."""
    found: list[Predicted] = []
    with contextlib.suppress(KeyboardInterrupt):
        for model, part in zip(models, left_out, strict=True):
            index = part.rows.index
            found.append((index, _predict(model, table.X[index], as_estimator)))
    return found


def _predict(model: Model, X: Matrix, as_estimator: AsEstimator) -> np.ndarray | list[np.ndarray]:
    """Predictions, of classes their probabilities: then a list for several outputs."""
    probe = as_estimator(replace(model, reader=AsItIs()), named=False)
    return getattr(probe, "predict_proba", probe.predict)(X)


def _mean_by_row(
    predicted: Sequence[Predicted], table: Share, model: Model, as_estimator: AsEstimator
) -> np.ndarray | list[np.ndarray]:
    """The mean of the predictions of each row; NaN where no model left it out."""
    n_rows = table.X.shape[0]
    # Of no row, for the shape.
    like = predicted[0][1] if predicted else _predict(model, table.X[:1], as_estimator)
    several = isinstance(like, list)
    means = [
        np.zeros((n_rows, *block.shape[1:]))
        for block in (like if isinstance(like, list) else [like])
    ]
    times = np.zeros(n_rows)
    for index, given in predicted:
        times[index] += 1.0
        for mean, block in zip(means, given if several else [given], strict=True):
            mean[index] += block
    times[times == 0.0] = np.nan
    for mean in means:
        mean /= times.reshape(-1, *[1] * (mean.ndim - 1))
    return means if several else means[0]
