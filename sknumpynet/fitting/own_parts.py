"""A first look at a loss or an activation of the user's own, before anything is built of it.

In: a plan, and encoded targets to train on. Out: nothing, or an error that names the class, its
method, and what that gave. It is called on a few rows, once for each fit that starts anew; what the
options name by a string is the package's own, and is not looked at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..losses import Loss
from ..network import Activation
from ..options import Plan, is_integer
from ..quoting import quoted
from .share import Share

#: Losses must be finite for targets up to this size, with raw scores near the best constant. What
#: overflows beyond it is told with the row of y that is to blame.
ORDINARY = 1e3

#: Where activations are looked at.
X = np.array([[-2.0, -0.5], [0.0, 1e-3], [0.5, 2.0]])


def check_own_parts(plan: Plan, loss: Loss, y: np.ndarray, train: Share) -> None:
    """Raise ValueError if an own ``loss`` or activation gives wrong shapes, or no finite numbers.

    ``y`` are the encoded targets of the table of which ``train`` are the rows to train on.
    """
    with np.errstate(all="ignore"):
        for activation in plan.network.activations:
            if not isinstance(activation, str):
                _check_activation(replace(activation, n=X.shape[1]), X.astype(y.dtype))
        if plan.own_loss:
            _check_loss(loss, *train.targets_of_all(y))


def _check_activation(activation: Activation, x: np.ndarray) -> None:
    kind = type(activation)
    if kind.forward is not Activation.forward:
        # It works in buffers.
        return
    y = _called(activation, "value", x.shape, x=x).astype(x.dtype)
    if kind.backward is Activation.backward:
        _called(activation, "slope", x.shape, x=x, y=y)


def _check_loss(loss: Loss, y: np.ndarray, weight: np.ndarray | None) -> None:
    n_raw = loss.n_raw(y.shape[1])
    if not is_integer(n_raw) or n_raw < 1:
        shown = f"{type(loss).__name__}.n_raw gave {quoted(n_raw)}"
        raise ValueError(f"{shown}, wanted an integer >= 1.")
    ordinary = np.abs(y).max(axis=1) <= ORDINARY
    raw, few = _few_rows(y[ordinary] if ordinary.any() else y, n_raw)
    _check_methods(loss, raw, few, finite=False)
    # Training starts here. Far away a loss may overflow, as exp(y - raw) does.
    start = loss.intercept_only(y, weight)
    if type(loss).intercept_only is not Loss.intercept_only:
        _checked(loss, "intercept_only", start, (n_raw,), finite=bool(ordinary.all()))
    if ordinary.any() and np.isfinite(start).all():
        _check_methods(loss, (raw + start).astype(raw.dtype), few, finite=True)


def _check_methods(loss: Loss, raw: np.ndarray, y: np.ndarray, *, finite: bool) -> None:
    kind = type(loss)
    if kind.value is Loss.value:
        _called(loss, "losses", y.shape, finite=finite, raw=raw, y=y)
        _called(loss, "slopes", raw.shape, finite=finite, raw=raw, y=y)
    else:
        d_raw = np.full_like(raw, np.nan)
        _checked(loss, "value", loss.value(raw.copy(), y, None, d_raw), (), finite=finite)
        _checked(loss, "value (d_raw)", d_raw, raw.shape, finite=finite, raw=raw, y=y)
    predicted = loss.predict(raw)
    several = np.shape(predicted)[2:3]
    _checked(loss, "predict", predicted, y.shape + several, finite=finite, raw=raw)
    _called(loss, "point", y.shape, finite=finite, raw=raw)
    if kind.combine is not Loss.combine:
        both = loss.combine(np.stack([raw, raw]))
        _checked(loss, "combine", both, raw.shape, finite=finite, raw=raw)


def _few_rows(y: np.ndarray, n_raw: int) -> tuple[np.ndarray, np.ndarray]:
    """Raw scores and targets of four rows: borders of a domain lie at the ends, and at 0.

    In the last row both are the same, if there is a score for each target.
    """
    near_zero = int(np.abs(y[:, 0]).argmin())
    few = y[[near_zero, int(y[:, 0].argmin()), int(y[:, 0].argmax()), near_zero]]
    raw = np.linspace(-1.0, 1.0, 4 * n_raw, dtype=y.dtype).reshape(4, n_raw)
    if n_raw == y.shape[1]:
        raw[-1] = np.clip(few[-1], -1.0, 1.0)
    return raw, few


def _called(
    part: Any, method: str, shape: tuple[int, ...], *, finite: bool = True, **given: np.ndarray
) -> np.ndarray:
    """What the method gives for the arrays ``given``, which it must not write to."""
    arrays = [values.copy() for values in given.values()]
    result = getattr(part, method)(*arrays)
    for (what, values), array in zip(given.items(), arrays, strict=True):
        if not np.array_equal(values, array, equal_nan=True):
            raise ValueError(
                f"{type(part).__name__}.{method} wrote to {what}. It may be needed again: give the "
                "result in a new array."
            )
    return _checked(part, method, result, shape, finite=finite, **given)


def _checked(
    part: Any,
    method: str,
    result: Any,
    shape: tuple[int, ...],
    *,
    finite: bool = True,
    **given: Any,
) -> np.ndarray:
    """What the method gave, as an array.

    ``given`` is named in the message, where the result is not ``finite`` though it should be.
    """
    name = f"{type(part).__name__}.{method}"
    try:
        array = np.asarray(result)
    except ValueError:
        # Lists of several lengths.
        array = np.asarray(None)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} gave {quoted(result)}, wanted real numbers of shape {shape}.")
    if array.shape != shape:
        raise ValueError(f"{name} gave shape {array.shape}, wanted {shape}.")
    if finite and not np.isfinite(array).all():
        at = tuple(np.argwhere(~np.isfinite(array))[0]) if array.ndim else ()
        seen = [
            f"{what}={(values[at] if values.shape == array.shape else values[at[0]]).tolist()}"
            for what, values in given.items()
        ]
        where = "".join(f", {one}" for one in seen)
        raise ValueError(f"{name} gave {array[at]} for finite input{where}.")
    return array
