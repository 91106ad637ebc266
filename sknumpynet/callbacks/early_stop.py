"""Stop by a figure of your own.

In: the estimator as it is after each epoch. Out: whether to stop.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..quoting import quoted
from .protocol import FitCallback
from .tasks import Key, is_epoch, is_within, key_of


class EarlyStop(FitCallback):
    """Stops training when a figure of your own has not improved for a while.

    It is asked after each epoch, of bags for each model alone. It ends training beside what the
    options say, and changes nothing else: with early stopping the weights given back are those of
    the best validation score (``scoring``), otherwise the last. To get back those of the best of a
    figure that a scorer can compute, set ``scoring`` to it instead.

    Parameters
    ----------
    monitor : callable
        ``monitor(estimator) -> float``, of a fitted copy of the estimator with the weights of this
        epoch; its ``history_`` has the entries so far.
    n_iter_no_change : int
        Stop after so many epochs in a row without improvement. >= 1.
    tol : float
        Smallest improvement that counts as one. >= 0.
    greater_is_better : bool
        Whether the figure is to rise.

    Examples
    --------
    Stop when the error of a group that counts most no longer falls:

    >>> from sklearn.datasets import make_friedman1
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.callbacks import EarlyStop
    >>> X, y = make_friedman1(500, random_state=0)
    >>> high = y > 20
    >>> stop = EarlyStop(lambda model: abs(model.predict(X[high]) - y[high]).max(),
    ...                  n_iter_no_change=3, greater_is_better=False)
    >>> model = NumpyMLPRegressor(random_state=0).set_callbacks(stop).fit(X, y)
    >>> model.n_iter_ < 200
    True
    """

    def __init__(
        self,
        monitor: Callable[[Any], float],
        *,
        n_iter_no_change: int = 10,
        tol: float = 0.0,
        greater_is_better: bool = True,
    ) -> None:
        if not callable(monitor):
            raise TypeError(f"monitor must be a callable (estimator). Got {quoted(monitor)}.")
        if not n_iter_no_change >= 1:
            raise ValueError(f"n_iter_no_change must be >= 1. Got {quoted(n_iter_no_change)}.")
        if not tol >= 0:
            raise ValueError(f"tol must be >= 0. Got {quoted(tol)}.")
        self.monitor, self.n_iter_no_change = monitor, n_iter_no_change
        self.tol, self.greater_is_better = tol, greater_is_better
        # Of each training the best figure and the epochs without one: several may run at once.
        self._trainings: dict[Key, tuple[float, int]] = {}

    def setup(self, estimator: Any, context: Any) -> None:
        pass

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        pass

    def on_fit_task_end(
        self, estimator: Any, context: Any, *, fitted_estimator: Any = None
    ) -> bool:
        if not is_epoch(context) or fitted_estimator is None:
            return False
        given = self.monitor(fitted_estimator)
        try:
            figure = float(given)
        except (TypeError, ValueError):
            raise TypeError(
                f"monitor={quoted(self.monitor)} of EarlyStop must give a number. Got "
                f"{quoted(given)} of type {type(given).__name__}."
            ) from None
        if math.isnan(figure):
            raise ValueError(f"monitor={quoted(self.monitor)} of EarlyStop gave nan.")
        figure = -figure if self.greater_is_better else figure
        training = key_of(context.parent)
        best, n_without = self._trainings.get(training, (math.inf, 0))
        n_without = 0 if figure < best - self.tol else n_without + 1
        self._trainings[training] = min(best, figure), n_without
        return n_without >= self.n_iter_no_change

    def training_state(self, context: Any) -> tuple[float, int] | None:
        """Of the training of this context, for :class:`~sknumpynet.callbacks.Checkpoint`."""
        return self._trainings.get(key_of(context))

    def load_training_state(self, context: Any, state: tuple[float, int] | None) -> None:
        """Go on with a training where another one was."""
        if state is not None:
            self._trainings[key_of(context)] = state

    def teardown(self, estimator: Any, context: Any) -> None:
        ended = key_of(context)
        for key in [key for key in self._trainings if is_within(key, ended)]:
            del self._trainings[key]
