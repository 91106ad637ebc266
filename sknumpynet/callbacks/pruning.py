"""Optuna: unpromising trials of a study end early.

In: a trial, and the figures of each epoch. Out: ``optuna.TrialPruned`` where the trial's pruner
says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..quoting import quoted
from .protocol import FitCallback
from .tasks import Key, is_epoch, is_of_first_model, key_of

#: Columns of ``history_`` that may be reported, and the direction of a study they suit.
DIRECTIONS = {"loss": "minimize", "validation_loss": "minimize", "score": "maximize"}


class OptunaPruning(FitCallback):
    """Reports each epoch to a trial of Optuna, and ends the fit where the trial is to be pruned.

    ``fit`` then raises ``optuna.TrialPruned``, which Optuna expects, and the estimator is what it
    was before. (In ``cross_validate`` and its like set ``error_score="raise"``, else the error is
    kept from Optuna.) Steps are epochs, so trials are compared after equally many. A trial follows
    one training: of several fits the first, and of bags the first model. So pass a new one in each
    call of the objective.

    Parameters
    ----------
    trial : optuna.trial.Trial
    monitor : {"score", "validation_loss", "loss"} or callable, optional
        What is reported: a column of ``history_``, or ``monitor(estimator) -> float`` of a fitted
        copy of the estimator with the weights of this epoch. Default: "validation_loss" in a study
        that minimizes, "score" in one that maximizes. Both take rows to validate on:
        ``early_stopping``, ``n_bags`` or ``X_val``.

    Examples
    --------
    >>> from sklearn.datasets import make_friedman1
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.callbacks import OptunaPruning
    >>> X, y = make_friedman1(300, random_state=0)
    >>> def objective(trial):
    ...     rate = trial.suggest_float("learning_rate_init", 1e-5, 1e-1, log=True)
    ...     model = NumpyMLPRegressor(learning_rate_init=rate, random_state=0)
    ...     model.set_callbacks(OptunaPruning(trial)).fit(X, y)
    ...     return model.best_validation_score_
    >>> study = optuna.create_study(direction="maximize")  # doctest: +SKIP
    >>> study.optimize(objective, n_trials=20)  # doctest: +SKIP
    """

    def __init__(self, trial: Any, monitor: str | Callable[[Any], float] | None = None) -> None:
        if not (monitor is None or callable(monitor) or monitor in DIRECTIONS):
            names = ", ".join(map(repr, DIRECTIONS))
            raise ValueError(
                f"monitor must be one of {names}, a callable (estimator) or None. "
                f"Got {quoted(monitor)}."
            )
        self.trial, self.monitor = trial, monitor
        self._followed: Key | None = None

    def setup(self, estimator: Any, context: Any) -> None:
        if isinstance(self.monitor, str):
            direction = self._direction()
            if direction not in (None, DIRECTIONS[self.monitor]):
                raise ValueError(
                    f"OptunaPruning(monitor={self.monitor!r}) is for a study with "
                    f"direction={DIRECTIONS[self.monitor]!r}. This one has {direction!r}."
                )

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        pass

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> None:
        if not is_epoch(context) or fitted_estimator is None:
            return
        training = key_of(context.parent)
        self._followed = self._followed or training
        # In a process of its own each of several models would be the first to come.
        if training != self._followed or not is_of_first_model(context):
            return
        self.trial.report(self._figure(fitted_estimator), context.task_id)
        if self.trial.should_prune():
            from optuna import TrialPruned

            raise TrialPruned(f"Pruned after epoch {context.task_id + 1}.")

    def teardown(self, estimator: Any, context: Any) -> None:
        pass

    def _figure(self, fitted: Any) -> float:
        if callable(self.monitor):
            return float(self.monitor(fitted))
        name = self.monitor
        if name is None:
            name = "score" if self._direction() == "maximize" else "validation_loss"
        figure = fitted.history_[name][-1]
        if math.isnan(figure):
            raise ValueError(
                f"OptunaPruning reports the {name!r} of each epoch, and without rows to validate "
                "on there is none. Set early_stopping=True, pass X_val and y_val to fit, or "
                "monitor='loss'."
            )
        return figure

    def _direction(self) -> str | None:
        """That of the study; None of a trial without one, as the best is tried once more."""
        study = getattr(self.trial, "study", None)
        return None if study is None else str(study.direction.name).lower()
