"""Targets: what the user calls them, and what the losses take.

In: labels of any kind, or real numbers in any unit. Out: codes, indicators or scaled numbers, and
the way back from predictions to the user's terms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.preprocessing import LabelEncoder

from .rows import Rows

#: Kinds of dtype whose values NumPy sorts; LabelEncoder takes care of the others.
SORTED = frozenset("biufU")


class NumberTarget:
    """``y' = (y - shift) / unit`` per output, shape (n, n_outputs), and back.

    Parameters
    ----------
    unit : {"standard", "mean", None}
        Subtract the weighted mean and divide by the standard deviation; divide by the mean; or
        leave the targets as they are. A constant target has the unit 1.
    """

    def __init__(self, unit: str | None) -> None:
        self.unit_kind = unit

    def fit(self, y: np.ndarray, rows: Rows) -> NumberTarget:
        """Learn from the rows of y, of shape (n,) or (n, n_outputs)."""
        self.one_dimensional = y.ndim == 1
        self.n_outputs = 1 if y.ndim == 1 else y.shape[1]
        used = y.reshape(len(y), -1)[rows.index]
        self.shift, self.unit = np.zeros(self.n_outputs), np.ones(self.n_outputs)
        if self.unit_kind is None:
            return self
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
        return self

    def encode(self, y: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Targets for the loss, (n, n_outputs); the difference is taken before rounding."""
        return ((y.reshape(len(y), -1) - self.shift) / self.unit).astype(dtype)

    def decode(self, prediction: np.ndarray) -> np.ndarray:
        """Predictions in the units of y: (n, n_outputs), or (n,) for a y of one dimension.

        Several for each target, (n, n_outputs, k), keep their last axis.
        """
        several = (1,) * (prediction.ndim - 2)
        unit, shift = (array.reshape(-1, *several) for array in (self.unit, self.shift))
        y = prediction * unit + shift
        return y[:, 0] if self.one_dimensional else y


class ClassTarget:
    """Labels of any kind as codes 0, 1, ...; several labels per row as an indicator matrix.

    Parameters
    ----------
    kind : {"single", "multilabel"}
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def fit(self, y: Any) -> ClassTarget:
        """Learn the classes from ``y`` (or from a list of all classes)."""
        if self.kind == "multilabel":
            self.classes = np.arange(y.shape[1])
            return self
        y = np.asarray(y)
        self.classes = np.unique(y) if y.dtype.kind in SORTED else LabelEncoder().fit(y).classes_
        return self

    @property
    def binary(self) -> bool:
        """Whether one score decides between two classes."""
        return self.kind == "single" and len(self.classes) == 2

    @property
    def indicator(self) -> bool:
        """Whether the loss takes 0 and 1 in columns (binary, multilabel) rather than codes."""
        return self.kind == "multilabel" or self.binary

    @property
    def n_outputs(self) -> int:
        """Columns of the raw scores."""
        return 1 if self.binary else len(self.classes)

    def codes(self, y: Any) -> np.ndarray:
        """(n,) codes of the classes, or the (n, n_labels) indicator as 0 and 1.

        A label that is none of the classes has the code -1.
        """
        if self.kind == "multilabel":
            return np.asarray(y.toarray() if hasattr(y, "toarray") else y, dtype=np.int64)
        y, classes = np.asarray(y), self.classes
        if not {y.dtype.kind, classes.dtype.kind} <= SORTED or y.dtype.kind != classes.dtype.kind:
            table = {label: code for code, label in enumerate(classes)}
            return np.array([table.get(label, -1) for label in y], dtype=np.int32)
        codes = np.searchsorted(classes, y).astype(np.int32)
        codes[classes.take(codes, mode="clip") != y] = -1
        return codes

    def encode(self, codes: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Targets for the loss: indicator (n, n_outputs) in ``dtype``, or codes (n,)."""
        return codes.reshape(len(codes), -1).astype(dtype) if self.indicator else codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The user's labels for codes (n,); an indicator matrix stays one."""
        return codes if self.kind == "multilabel" else self.classes[codes]
