"""Targets: what the user calls them, and what the losses take. Here: real numbers.

In: real numbers in any unit. Out: scaled numbers, and the way back from predictions to the user's
terms. All that depends on the kind of a target is in one object: :class:`NumberTarget` or
:class:`sknumpynet.encoding.ClassTarget`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar, Protocol

import numpy as np
from sklearn.utils import column_or_1d

from .rows import Rows

#: The largest number that is predicted.
LARGEST = float(np.finfo(np.float64).max)


class Target(Protocol):
    """What an estimator needs of its target. Learned in two steps: what it is, and its unit.

    Attributes
    ----------
    numeric : bool
        Whether scikit-learn shall check that y holds numbers.
    n_outputs : int
        The estimators' ``n_outputs_``: columns of y, or for a single one of classes as many as
        scikit-learn's MLP has (1 for two of them, otherwise their number).
    unit : ndarray or None
        Of each column, once it is learned.
    """

    numeric: bool
    n_outputs: int
    unit: Any

    def refuse(self, y: Any) -> None:
        """Raise for a y, as the user passed it, that would lose its meaning as an array."""

    def check(self, y: Any) -> Any:
        """The target in the user's terms, validated."""

    def learn(self, y: Any, classes: Any = None) -> Target:
        """Learn what it is from the whole of y, or from a list of all ``classes``."""

    def learn_units(self, y: Any, rows: Rows) -> None:
        """Learn its units from the training rows."""

    def learn_weights(self, class_weight: Any, codes: np.ndarray, weight: Any) -> None:
        """Learn the weight of each class from the rows to be fitted and the option."""

    def weights(self, codes: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
        """The rows' weights times those of their classes."""

    def codes(self, y: Any, *, again: bool = False) -> np.ndarray:
        """The target as numbers, to tell rows apart.

        A y of another kind than the known one is refused; ``again``: or one with other classes.
        """

    def strata(self, codes: np.ndarray) -> np.ndarray | None:
        """Classes to be shared out between training and validation, or None."""

    def encode(self, codes: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """The target as the loss takes it, from its codes."""

    def decode(self, prediction: np.ndarray) -> np.ndarray:
        """Predictions in the user's terms."""


class HasDomain(Protocol):
    """What a loss says of the targets that it takes."""

    def find_invalid(self, y: np.ndarray) -> tuple[float, str] | None:
        """A value outside its domain and what the domain is, or None."""


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

    def refuse(self, y: Any) -> None:
        values = np.asarray(y)
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
        used = y.reshape(len(y), -1)[rows.index]
        self.shift, self.unit = np.zeros(self.n_outputs), np.ones(self.n_outputs)
        if self.unit_kind is None:
            return
        # As for the columns of X: differences to the first row keep constants exact.
        with np.errstate(over="ignore", invalid="ignore"):
            mean = used[0] + np.average(used - used[0], axis=0, weights=rows.weight)
            unit = np.sqrt(np.average((used - mean) ** 2, axis=0, weights=rows.weight))
        if self.unit_kind == "mean":
            unit = mean
        else:
            self.shift = mean
        if not (np.isfinite(mean).all() and np.isfinite(unit).all()):
            raise ValueError(
                f"target_scaling=True cannot measure y: values up to {np.abs(used).max():.3g} "
                "are so large that their mean or variance overflows. Divide y by a power of ten."
            )
        self.unit = np.where(unit > 0, unit, 1.0)

    def encode(self, y: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Targets for the loss, (n, n_outputs); the difference is taken before rounding."""
        return ((y.reshape(len(y), -1) - self.shift) / self.unit).astype(dtype)

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
