"""The protocol of callbacks for a scikit-learn that has none (before 1.9), for these estimators.

In: an estimator and its callbacks. Out: hooks called on the tasks of its fit, as scikit-learn 1.9
calls them. What is not here is what takes a pipeline or a search that knows of callbacks: they are
set on the estimator itself, and its clones have them.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Protocol, runtime_checkable
from uuid import UUID, uuid4

from sklearn.base import clone

#: What a hook may ask for, by keyword.
_ASKED = ("X", "y", "metadata", "fitted_estimator")


@runtime_checkable
class FitCallback(Protocol):
    """What a callback is: four hooks."""

    def setup(self, estimator: Any, context: Any) -> None:
        """Fit begins."""

    def on_fit_task_begin(
        self,
        estimator: Any,
        context: Any,
        *,
        X: Any = None,
        y: Any = None,
        metadata: Any = None,
        fitted_estimator: Any = None,
    ) -> None:
        """A task of the fit begins: all of it, one of several models, an epoch."""

    def on_fit_task_end(
        self,
        estimator: Any,
        context: Any,
        *,
        X: Any = None,
        y: Any = None,
        metadata: Any = None,
        fitted_estimator: Any = None,
    ) -> bool | None:
        """The task is done; True stops those that follow it."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Fit has ended, also by an error."""


class CallbackContext:
    """A task of a fit, its place among others, and the hooks to be called about it."""

    def __init__(
        self,
        callbacks: list[Any],
        estimator_name: str,
        parent: CallbackContext | None = None,
        *,
        task_name: str = "",
        task_id: int = 0,
        max_subtasks: int | None = 0,
        sequential_subtasks: bool = True,
    ) -> None:
        self._callbacks, self.estimator_name, self.parent = callbacks, estimator_name, parent
        self.task_name, self.task_id = task_name, task_id
        self.max_subtasks, self.sequential_subtasks = max_subtasks, sequential_subtasks
        self.root_uuid: UUID = uuid4() if parent is None else parent.root_uuid
        self.init_time = datetime.now(timezone.utc)
        self.source_estimator_name = self.source_task_name = None
        self._n_subtasks = 0

    def subcontext(
        self,
        task_name: str = "",
        task_id: int | None = None,
        max_subtasks: int | None = 0,
        sequential_subtasks: bool = True,
    ) -> CallbackContext:
        """A task of this task; if they follow each other, they are numbered as they come."""
        number = self._n_subtasks if task_id is None else task_id
        self._n_subtasks += 1
        return CallbackContext(
            self._callbacks,
            self.estimator_name,
            self,
            task_name=task_name,
            task_id=number,
            max_subtasks=max_subtasks,
            sequential_subtasks=sequential_subtasks,
        )

    def call_on_fit_task_begin(self, *, estimator: Any, **arguments: Any) -> CallbackContext:
        """Call this hook of all callbacks."""
        self._call("on_fit_task_begin", estimator, arguments)
        return self

    def call_on_fit_task_end(self, *, estimator: Any, **arguments: Any) -> bool:
        """Call this hook of all callbacks; whether one of them wants to stop."""
        return self._call("on_fit_task_end", estimator, arguments)

    def _call(self, name: str, estimator: Any, arguments: dict[str, Any]) -> bool:
        stop = False
        known: dict[str, Any] = {}
        for callback in self._callbacks:
            hook = getattr(callback, name)
            asked = _asked_by(getattr(hook, "__func__", hook))
            if unknown := asked - {*_ASKED}:
                raise TypeError(
                    f"{name} of {type(callback).__name__} has the parameters {sorted(unknown)}. "
                    f"It may have {', '.join(_ASKED)}."
                )
            # Each is made once, and only if it is asked for.
            known |= {key: _given(key, estimator, arguments) for key in asked - known.keys()}
            stop |= bool(hook(estimator, self, **{key: known[key] for key in asked}))
        return stop


# 7 us for a hook, two of which an epoch has.
@functools.lru_cache(maxsize=128)
def _asked_by(hook: Callable) -> set[str]:
    parameters = inspect.signature(hook).parameters.values()
    return {p.name for p in parameters if p.kind is p.KEYWORD_ONLY}


def _given(key: str, estimator: Any, arguments: dict[str, Any]) -> Any:
    fitted = key == "fitted_estimator"
    value = arguments.get("reconstruction_attributes" if fitted else key)
    value = value() if callable(value) else value
    if not fitted or value is None:
        return value
    other = copy.copy(estimator)
    for name, attribute in value.items():
        setattr(other, name, attribute)
    return other


class CallbackSupportMixin:
    """``set_callbacks`` of an estimator, and what its fit begins with."""

    def set_callbacks(self, *callbacks: Any) -> Any:
        """Set the callbacks, or with none remove them."""
        for callback in callbacks:
            if isinstance(callback, type) or not isinstance(callback, FitCallback):
                raise TypeError("callbacks must be instances following the FitCallback protocol.")
        self.__dict__.pop("_skl_callbacks", None)
        if callbacks:
            self._skl_callbacks = list(callbacks)
        return self

    def _init_callback_context(
        self,
        task_name: str = "fit",
        task_id: int = 0,
        max_subtasks: int | None = 0,
        sequential_subtasks: bool = True,
    ) -> CallbackContext:
        callbacks = getattr(self, "_skl_callbacks", [])
        self._callback_fit_ctx = context = CallbackContext(
            callbacks,
            type(self).__name__,
            task_name=task_name,
            task_id=task_id,
            max_subtasks=max_subtasks,
            sequential_subtasks=sequential_subtasks,
        )
        self._skl_callbacks_to_teardown: list[Any] = []
        for callback in callbacks:
            self._skl_callbacks_to_teardown.append(callback)
            callback.setup(estimator=self, context=context)
        return context

    def __sklearn_clone__(self) -> Any:
        # As scikit-learn's clone does it, but with the callbacks, as from 1.9 on.
        get_params: Any = getattr(self, "get_params")  # noqa: B009
        other = type(self)(**{k: clone(v, safe=False) for k, v in get_params(deep=False).items()})
        for name in ("_metadata_request", "_sklearn_output_config"):
            if name in vars(self):
                setattr(other, name, copy.deepcopy(vars(self)[name]))
        if "_skl_callbacks" in vars(self):
            other._skl_callbacks = self._skl_callbacks
        return other


def with_callbacks(method: Callable) -> Callable:
    """The method, behind which the callbacks are told that it has ended, also by an error."""

    @functools.wraps(method)
    def followed(estimator: Any, *args: Any, **kwargs: Any) -> Any:
        with _told_of_the_end(estimator):
            return method(estimator, *args, **kwargs)

    return followed


@contextmanager
def _told_of_the_end(estimator: Any) -> Iterator[None]:
    try:
        yield
    finally:
        if "_callback_fit_ctx" in vars(estimator):
            errors = []
            for callback in estimator._skl_callbacks_to_teardown:
                try:
                    callback.teardown(estimator=estimator, context=estimator._callback_fit_ctx)
                except Exception as error:
                    errors.append(error)
            del estimator._skl_callbacks_to_teardown, estimator._callback_fit_ctx
            if errors:
                raise errors[0]
