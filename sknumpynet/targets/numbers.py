"""Targets of real numbers: what the user calls them, and what the losses take.

In: real numbers in any unit. Out: scaled numbers, and the way back from predictions to the user's
terms; and which outputs have had one value only, so that there is nothing to learn.
"""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import column_or_1d

from ..rows import Rows
from .read import read_target, refuse_no_numbers
from .target import HasDomain

#: The largest number that is predicted.
LARGEST = float(np.finfo(np.float64).max)


class NumberTarget:
    """``y' = (y - shift) / unit`` per output, shape (n, n_outputs), and back.

    Parameters
    ----------
    unit : {"standard", "mean", None}
        Subtract the weighted mean and divide by the standard deviation; divide by the mean; or
        leave the targets as they are. A constant target has the unit 1.
    loss : optional
        Its ``find_invalid`` says which y it cannot take. The object is kept and not its method,
        which formats that save without executing anything cannot hold.
    asked_by : str
        Who has that domain, for messages.

    Attributes
    ----------
    shift, unit : ndarray of shape (n_outputs,)
    constant : ndarray of bool, shape (n_outputs,)
        Outputs that have had a single value so far, which is in ``first``.
    """

    numeric: ClassVar[bool] = True

    def __init__(
        self,
        unit: str | None,
        loss: HasDomain | None = None,
        asked_by: str = "The loss",
    ) -> None:
        self.unit_kind = unit
        self._loss, self._asked_by = loss, asked_by

    def read(self, y: Any, name: str) -> Any:
        y = read_target(y, name)
        if y is not None:
            _refuse_times(y)
            refuse_no_numbers(y, name)
        return y

    def check(self, y: Any) -> np.ndarray:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = np.asarray(y, dtype=np.float64)
        found = None if self._loss is None else self._loss.find_invalid(y)
        if found is not None:
            value, domain = found
            raise ValueError(f"{self._asked_by} takes {domain}. Got y with the value {value:g}.")
        return y

    def learn(self, y: np.ndarray, classes: Any = None) -> NumberTarget:
        self.one_dimensional = y.ndim == 1
        self.n_outputs = 1 if y.ndim == 1 else y.shape[1]
        return self

    @property
    def for_metrics(self) -> NumberTarget:
        return self

    def learn_weights(self, class_weight: Any, codes: np.ndarray, weight: Any) -> None:
        pass

    def weights(self, codes: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
        return weight

    def strata(self, codes: np.ndarray) -> None:
        return None

    def codes(self, y: np.ndarray, *, again: bool = False) -> np.ndarray:
        n_outputs = 1 if y.ndim == 1 else y.shape[1]
        if n_outputs != self.n_outputs:
            raise ValueError(f"y has {n_outputs} outputs where {self.n_outputs} are fitted.")
        return y

    def fit(self, y: np.ndarray, rows: Rows) -> NumberTarget:
        """Learn all of it from the rows of y, of shape (n,) or (n, n_outputs)."""
        self.learn(y).learn_units(y, rows)
        return self

    def learn_units(self, y: np.ndarray, rows: Rows) -> None:
        used = y.reshape(len(y), self.n_outputs)[rows.index]
        self.first = rows.each(used[0] if len(used) else None)[0]
        self.constant = np.logical_and.reduce(rows.each((used == self.first).all(axis=0)))
        self.shift, self.unit = self._units_of(used, rows, self.first)

    def with_late_units(self, y: np.ndarray, rows: Rows) -> tuple[NumberTarget, np.ndarray]:
        """With the units of outputs that were constant before these rows; which these are.

        Units are those of the rows, as if they were the first; where they are another constant, the
        distance to the old one.
        """
        used = y.reshape(len(y), self.n_outputs)[rows.index]
        late = self.constant & (used != self.first).any(axis=0)
        if not late.any():
            return self, late
        shift, unit = self._units_of(used, rows, used[0])
        if self.unit_kind == "standard":
            still = (used == used[0]).all(axis=0)
            unit = np.where(still, np.abs(used[0] - self.first), unit)
        # An earlier fit, and other models of this one, keep theirs.
        other = copy.copy(self)
        other.shift = np.where(late, shift, self.shift)
        other.unit = np.where(late, unit, self.unit)
        other.constant = self.constant & ~late
        return other, late

    def _units_of(
        self, used: np.ndarray, rows: Rows, first: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Shift and unit of each column of these rows, of which ``first`` is one."""
        none, one = np.zeros(self.n_outputs), np.ones(self.n_outputs)
        if self.unit_kind is None:
            return none, one
        # As for the columns of X: differences to the first row keep constants exact.
        with np.errstate(over="ignore", invalid="ignore"):
            mean = first + rows.average(used - first)
            spread = np.sqrt(rows.average((used - mean) ** 2))
        shift, unit = (none, mean) if self.unit_kind == "mean" else (mean, spread)
        if not (np.isfinite(mean).all() and np.isfinite(unit).all()):
            most = np.abs(used).max(initial=0.0)
            raise ValueError(
                f"target_scaling=True cannot measure y: values up to {most:.3g} "
                "are so large that their mean or variance overflows. Divide y by a power of ten."
            )
        return shift, np.where(unit > 0, unit, 1.0)

    def encode(self, y: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Targets for the loss, (n, n_outputs); the difference is taken before rounding."""
        return ((y.reshape(len(y), self.n_outputs) - self.shift) / self.unit).astype(dtype)

    def decode(self, prediction: np.ndarray, *, difference: bool = False) -> np.ndarray:
        """Predictions in the units of y: (n, n_outputs), or (n,) for a y of one dimension.

        Several for each target, (n, n_outputs, k), keep their last axis. A ``difference`` of
        predictions, or a spread, is not shifted.
        """
        several = (1,) * (prediction.ndim - 2)
        unit, shift = (array.reshape(-1, *several) for array in (self.unit, self.shift))
        with np.errstate(over="ignore"):
            y = prediction * unit
            if not difference:
                y = y + shift
        # Far from the training rows; metrics take no infinity.
        np.clip(y, -LARGEST, LARGEST, out=y)
        return y[:, 0] if self.one_dimensional else y


def _refuse_times(values: np.ndarray) -> None:
    kind = values.dtype.kind
    if kind == "O" and values.size:
        # Dates of Python, and those with a time zone of pandas.
        kind = "M" if isinstance(values.flat[0], (date, np.datetime64)) else kind
        kind = "m" if isinstance(values.flat[0], (timedelta, np.timedelta64)) else kind
    if kind in "mM":
        what, how = (
            ("datetimes", "(y - y.min()) / np.timedelta64(1, 's')")
            if kind == "M"
            else ("timedeltas", "y / np.timedelta64(1, 's')")
        )
        raise ValueError(
            f"A regressor predicts numbers. Got y of {what}: convert them to numbers in a unit "
            f"of your choice first, for example to seconds: {how}."
        )
