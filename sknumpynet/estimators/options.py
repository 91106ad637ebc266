"""What each constructor parameter may be, and the error when it is something else.

In: an estimator's parameters as the user set them. Out: nothing, or a ValueError that names the
option, the value and what is allowed. Checked at ``fit``, as scikit-learn asks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.metrics import get_scorer_names

from ..encoding import FEATURE_SCALINGS
from ..losses import REGRESSION_LOSSES
from ..network import ACTIVATIONS
from ..optimizers import SCHEDULES, SOLVERS


@dataclass(frozen=True)
class Allowed:
    """A test and its description, which ends the sentence "... must be"."""

    test: Callable[[Any], bool]
    description: str

    def __or__(self, other: Allowed) -> Allowed:
        return Allowed(
            lambda v: self.test(v) or other.test(v), f"{self.description} or {other.description}"
        )


def is_integer(value: Any) -> bool:
    """An integer of Python or NumPy, but not a bool."""
    return isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))


def is_number(value: Any) -> bool:
    """A real number of Python or NumPy, but not a bool."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def one_of(values: Iterable[Any]) -> Allowed:
    """One of some names, or None if it is among them."""
    values = tuple(values)
    return Allowed(
        lambda v: (v is None or isinstance(v, str)) and v in values,
        "one of " + ", ".join(repr(v) for v in values),
    )


def number(low: float, high: float = math.inf, closed: str = "left") -> Allowed:
    """A finite real number between the borders; ``closed`` is "left", "both" or "neither"."""

    def test(v: Any) -> bool:
        if not is_number(v) or not math.isfinite(v):
            return False
        above = v >= low if closed in ("left", "both") else v > low
        below = v <= high if closed == "both" else v < high
        return above and below

    left = f">= {low:g}" if closed in ("left", "both") else f"> {low:g}"
    right = "" if high == math.inf else f" and {'<=' if closed == 'both' else '<'} {high:g}"
    return Allowed(test, f"a number {left}{right}")


def integer(low: int) -> Allowed:
    """An integer not below ``low``."""
    return Allowed(lambda v: is_integer(v) and v >= low, f"an integer >= {low}")


BOOLEAN = Allowed(lambda v: isinstance(v, (bool, np.bool_)), "True or False")
AUTO = Allowed(lambda v: isinstance(v, str) and v == "auto", "'auto'")
INFINITY = Allowed(lambda v: is_number(v) and v == math.inf, "inf")


def _is_dtype(value: Any) -> bool:
    return isinstance(value, (str, type, np.dtype)) and value in (
        "float32", "float64", np.float32, np.float64,
    )  # fmt: skip


def _is_layer_sizes(value: Any) -> bool:
    if is_integer(value):
        return value >= 1
    return _is_plain_sequence(value) and all(is_integer(v) and v >= 1 for v in value)


def _is_activation(value: Any) -> bool:
    if isinstance(value, str):
        return value in ACTIVATIONS
    return _is_plain_sequence(value) and all(isinstance(v, str) and v in ACTIVATIONS for v in value)


def _is_plain_sequence(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim == 1)


_NAMES = ", ".join(repr(name) for name in ACTIVATIONS)

#: Options of both estimators.
COMMON: dict[str, Allowed] = {
    "hidden_layer_sizes": Allowed(
        _is_layer_sizes, "an integer >= 1 or a sequence of them, which may be empty"
    ),
    "activation": Allowed(
        _is_activation, f"one of {_NAMES}, or a sequence of these names, one per hidden layer"
    ),
    "solver": one_of(SOLVERS),
    "alpha": number(0),
    "batch_size": AUTO | integer(1),
    "learning_rate": one_of(SCHEDULES),
    "learning_rate_init": number(0, closed="neither"),
    "power_t": number(0),
    "max_iter": integer(1),
    "shuffle": BOOLEAN,
    "tol": number(0),
    "verbose": BOOLEAN | integer(0),
    "warm_start": BOOLEAN,
    "momentum": number(0, 1, closed="both"),
    "nesterovs_momentum": BOOLEAN,
    "early_stopping": BOOLEAN | AUTO,
    "validation_fraction": number(0, 1, closed="neither"),
    "beta_1": number(0, 1),
    "beta_2": number(0, 1),
    "epsilon": number(0, closed="neither"),
    "n_iter_no_change": integer(1) | INFINITY,
    "max_fun": integer(1),
    "scoring": Allowed(
        lambda v: v in ("loss", *get_scorer_names()) if isinstance(v, str) else callable(v),
        "'loss', the name of a scikit-learn scorer, or a callable (estimator, X, y)",
    ),
    "feature_scaling": one_of(FEATURE_SCALINGS),
    "dtype": Allowed(_is_dtype, "one of 'float32', 'float64'"),
    "n_threads": Allowed(lambda v: v is None, "None") | integer(1),
}

#: Options of the regressor alone.
REGRESSOR: dict[str, Allowed] = {"loss": one_of(REGRESSION_LOSSES), "target_scaling": BOOLEAN}

#: Options of the classifier alone.
CLASSIFIER: dict[str, Allowed] = {
    "class_weight": Allowed(
        lambda v: (
            v is None
            or (isinstance(v, str) and v == "balanced")
            or isinstance(v, (Mapping, list, tuple))
        ),
        "None, 'balanced', a dict from class to weight, or a list of dicts for multilabel targets",
    )
}


def check_options(estimator: Any, table: dict[str, Allowed]) -> None:
    """Raise ValueError for the first parameter that is not what ``table`` allows."""
    for name, allowed in table.items():
        value = getattr(estimator, name)
        if not allowed.test(value):
            raise ValueError(
                f"{name} of {type(estimator).__name__} must be {allowed.description}. "
                f"Got {value!r} instead."
            )


def layer_sizes(hidden_layer_sizes: Any) -> tuple[int, ...]:
    """The hidden layers as a tuple; a single number is one layer."""
    if is_integer(hidden_layer_sizes):
        return (int(hidden_layer_sizes),)
    return tuple(int(size) for size in hidden_layer_sizes)


def activation_names(activation: Any, n_hidden: int) -> tuple[str, ...]:
    """A name for each hidden layer; a single name serves all."""
    if isinstance(activation, str):
        return (activation,) * n_hidden
    names = tuple(str(name) for name in activation)
    if len(names) != n_hidden:
        raise ValueError(
            f"activation={activation!r} names {len(names)} layers, but hidden_layer_sizes has "
            f"{n_hidden}: give one name for all hidden layers, or one for each."
        )
    return names
