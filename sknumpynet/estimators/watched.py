"""A fit that callbacks watch: from the tasks of a fit to the hooks of scikit-learn's protocol.

In: an estimator with callbacks, and what the user passed to fit. Out: who tells them that the fit,
one of its models or an epoch begins and ends. Where no callback is set there is nobody to tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..callbacks.protocol import OF_A_FIT, callbacks_of
from ..callbacks.tasks import MODEL
from ..fitting.found import Ensemble
from ..fitting.watch import FoundSoFar
from ..training import Outcome, Reporter


@dataclass(frozen=True)
class Watch:
    """Tells the callbacks of one task: a whole fit, or one of its models.

    Attributes
    ----------
    estimator : estimator
        That on which the callbacks are set; it knows nothing yet of this fit.
    draft : estimator
        The copy that is fitted.
    context : CallbackContext
        Of the task.
    passed : dict
        X, y and metadata, as hooks are given them.
    """

    estimator: Any
    draft: Any
    context: Any
    passed: dict[str, Any]

    def part(self, number: int) -> Watch:
        # Models do not follow from each other: they have numbers from the start.
        self.context.sequential_subtasks = False
        context = self.context.subcontext(MODEL, task_id=number, max_subtasks=None)
        return replace(self, context=context)

    def begin(self, n_subtasks: int) -> None:
        # Known only now: "auto" is settled when the rows are split.
        self.context.max_subtasks = n_subtasks
        self.context.call_on_fit_task_begin(estimator=self.estimator, **self.passed)

    def reporters(self, so_far: FoundSoFar) -> Sequence[Reporter]:
        return [EpochHooks(self, so_far)]

    def end(self, found: Ensemble) -> bool:
        return self.context.call_on_fit_task_end(
            estimator=self.estimator,
            reconstruction_attributes=lambda: self.fitted(found),
            **self.passed,
        )

    def fitted(self, found: Ensemble) -> dict[str, Any] | None:
        """What is set on a copy of the estimator, so that it is fitted; None if it cannot predict.

        All attributes at once, so that none is left of an earlier fit.
        """
        if not all(np.isfinite(model.network.theta).all() for model in found.models):
            return None
        copied = self.draft._as_it_is_now()
        copied._take(found)
        for name in OF_A_FIT:
            copied.__dict__.pop(name, None)
        return {"__dict__": copied.__dict__}


class EpochHooks(Reporter):
    """Calls the hooks of each epoch."""

    def __init__(self, watch: Watch, so_far: FoundSoFar) -> None:
        self._watch, self._so_far = watch, so_far
        self._context: Any = None
        self._n_epochs = 0

    def before_epoch(self, epoch: int, trainer: Any) -> None:
        watch = self._watch
        self._n_epochs += 1
        self._context = watch.context.subcontext("epoch")
        self._context.call_on_fit_task_begin(estimator=watch.estimator, **watch.passed)

    def after_epoch(self, entry: dict[str, float], trainer: Any) -> bool:
        if self._context is None:
            # L-BFGS tells of no beginning.
            self.before_epoch(int(entry["epoch"]), trainer)
        context, watch, self._context = self._context, self._watch, None

        def attributes() -> dict[str, Any] | None:
            # What has diverged predicts nothing, and its error would hide the one about it.
            if not math.isfinite(entry["loss"]):
                return None
            return watch.fitted(Ensemble((self._so_far(trainer.so_far()),)))

        return context.call_on_fit_task_end(
            estimator=watch.estimator, reconstruction_attributes=attributes, **watch.passed
        )

    def state(self) -> dict[str, Any]:
        # Callbacks that count say so by two methods, as EarlyStop does.
        watch = self._watch
        counting = [
            [type(callback).__name__, callback.training_state(watch.context)]
            for callback in callbacks_of(watch.estimator)
            if hasattr(callback, "training_state")
        ]
        return {"n_epochs": self._n_epochs, "callbacks": counting}

    def load(self, state: dict[str, Any]) -> None:
        watch = self._watch
        for _ in range(state["n_epochs"]):
            # Epochs that are done have their numbers.
            watch.context.subcontext("epoch")
        self._n_epochs = state["n_epochs"]
        counting = [one for one in callbacks_of(watch.estimator) if hasattr(one, "training_state")]
        for callback, (name, its_state) in zip(counting, state["callbacks"], strict=False):
            if type(callback).__name__ == name:
                callback.load_training_state(watch.context, its_state)

    def end(self, outcome: Outcome) -> None:
        if self._context is not None:
            # Ctrl-C within an epoch: what has begun is to end, with nothing to look at.
            self._context.call_on_fit_task_end(estimator=self._watch.estimator)


def watch_of(estimator: Any, task_name: str, X: Any, y: Any, sample_weight: Any) -> Any:
    """From a draft of the estimator to who tells its callbacks; None if none are set.

    To be called before the draft is made: what a fit sets on the estimator for its callbacks has to
    be there at its end, also where the draft has taken its place.
    """
    if not callbacks_of(estimator):
        return None
    context = estimator._init_callback_context(task_name, max_subtasks=None)
    metadata = None if sample_weight is None else {"sample_weight": sample_weight}
    passed = {"X": X, "y": y, "metadata": metadata}
    return lambda draft: Watch(estimator, draft, context, passed)
