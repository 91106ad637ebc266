"""Targets of classes: what the user calls them, and what the losses take.

In: labels of any kind, in one column or in several, or an indicator matrix of labels. Out: codes or
indicators, and the way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from .class_weight import class_tables, times_class_weight
from .rows import Rows

#: Kinds of dtype whose values NumPy sorts; LabelEncoder takes care of the others.
SORTED = frozenset("biufU")


def labels_in(column: Any) -> np.ndarray:
    """The distinct labels of a column, sorted."""
    column = np.asarray(column)
    if column.dtype.kind in SORTED:
        return np.unique(column)
    return LabelEncoder().fit(column).classes_


def codes_of(column: Any, classes: np.ndarray) -> np.ndarray:
    """The place of each label in ``classes``; -1 for one that is not there."""
    column = np.asarray(column)
    kinds = {column.dtype.kind, classes.dtype.kind}
    if len(kinds) > 1 or not kinds <= SORTED:
        table = {label: code for code, label in enumerate(classes)}
        return np.array([table.get(label, -1) for label in column], dtype=np.int32)
    codes = np.searchsorted(classes, column).astype(np.int32)
    codes[classes.take(codes, mode="clip") != column] = -1
    return codes


def _is_list_of_lists(classes: Any) -> bool:
    return isinstance(classes, (Sequence, np.ndarray)) and all(
        isinstance(labels, (Sequence, np.ndarray)) and not isinstance(labels, str)
        for labels in classes
    )


def _natural(column: Any) -> Any:
    """A column of a table of objects; as numbers if it holds nothing else."""
    values = np.array(column.tolist()) if column.dtype.kind == "O" else column
    return values if values.dtype.kind in "biuf" else column


def kind_of(y: Any) -> str:
    """scikit-learn's ``type_of_target``, also for columns of several kinds."""
    if y.dtype.kind == "O" and y.ndim == 2 and y.shape[1] > 1:
        kinds = {type_of_target(_natural(column)) for column in y.T}
        if kinds <= {"binary", "multiclass"}:
            return "multiclass-multioutput"
    return type_of_target(y)


def _is_indicator(y: Any) -> bool:
    """Whether a y of several columns tells with 0 and 1 which labels a row has."""
    values = y.data if sp.issparse(y) else y
    return kind_of(y) == "multilabel-indicator" and bool(np.isin(values, (0, 1)).all())


class ClassTarget:
    """Labels of any kind as codes 0, 1, ...; several labels per row as an indicator matrix.

    Attributes
    ----------
    kind : {"single", "multilabel", "several"}
        A class per row, any number of labels per row, or a class per row in each of several
        columns.
    classes : ndarray or list of ndarray
        The labels in sorted order, of several columns those of each; for several labels per row
        their numbers.
    """

    numeric: ClassVar[bool] = False
    unit: ClassVar[None] = None

    def refuse(self, y: Any) -> None:
        pass

    def check(self, y: Any) -> Any:
        missing = np.argwhere(np.isnat(y)) if y.dtype.kind in "mM" else ()
        if len(missing):
            raise ValueError(f"y must not contain NaT. Got it in row {missing[0][0]}.")
        kind = kind_of(y)
        if kind not in ("binary", "multiclass", "multiclass-multioutput"):
            check_classification_targets(y)
        if kind == "multilabel-indicator":
            return y.toarray() if hasattr(y, "toarray") else y
        if kind == "multiclass-multioutput":
            return y
        return y if y.ndim == 1 else column_or_1d(y, warn=True)

    def learn(self, y: Any, classes: Any = None) -> ClassTarget:
        if np.ndim(y) == 1:
            self.kind, self.classes = "single", labels_in(y if classes is None else classes)
        elif classes is not None and _is_list_of_lists(classes):
            # A part of a stream may look like an indicator matrix.
            self.kind, self.classes = "several", [labels_in(labels) for labels in classes]
        elif _is_indicator(y):
            self.kind, self.classes = "multilabel", np.arange(y.shape[1])
        else:
            self.kind, self.classes = "several", [labels_in(_natural(column)) for column in y.T]
        return self

    def learn_units(self, y: Any, rows: Rows) -> None:
        pass

    @property
    def _classes_of_columns(self) -> list[np.ndarray]:
        """The known labels of each column of codes."""
        if self.kind == "multilabel":
            return [np.array([0, 1])] * len(self.classes)
        return self.classes if self.kind == "several" else [self.classes]

    def learn_weights(self, class_weight: Any, codes: np.ndarray, weight: Any) -> None:
        in_list = self.kind != "single"
        self._tables = class_tables(class_weight, self._classes_of_columns, in_list, codes, weight)

    def weights(self, codes: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
        return times_class_weight(self._tables, codes, weight)

    def strata(self, codes: np.ndarray) -> np.ndarray | None:
        """The classes; of several columns, in each row the class that is rarest in the table.

        So every class that is rare is shared out, which combinations of classes, each with few
        rows, would not do.
        """
        if self.kind != "several":
            return codes if self.kind == "single" else None
        counts = np.column_stack([np.bincount(column)[column] for column in codes.T])
        rarest, rows = counts.argmin(axis=1), np.arange(len(codes))
        starts = np.cumsum([0, *(len(classes) for classes in self.classes)])
        return starts[rarest] + codes[rows, rarest]

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
        """Columns of y if there are several; otherwise columns of the raw scores."""
        return 1 if self.binary else len(self.classes)

    def codes(self, y: Any, *, again: bool = False) -> np.ndarray:
        """(n,) codes of the classes, (n, n_outputs), or the (n, n_labels) indicator as 0 and 1."""
        several = np.ndim(y) == 2
        if several != (self.kind != "single") or (several and y.shape[1] != len(self.classes)):
            raise ValueError(
                f"y of shape {y.shape} is another kind of target than the one that is fitted: "
                f"{self.kind}, {len(self.classes)} {'outputs' if several else 'classes'}."
            )
        codes = self.known_codes(y)
        if self.kind == "single":
            _check_known(y, codes, self.classes, "`self.classes_`", again)
        elif self.kind == "several":
            for j, classes in enumerate(self.classes):
                _check_known(y[:, j], codes[:, j], classes, f"`self.classes_[{j}]`", again)
        elif not np.isin(codes, (0, 1)).all():
            raise ValueError("`y` must hold 0 and 1: an indicator of labels is what is fitted.")
        return codes

    def known_codes(self, y: Any) -> np.ndarray:
        """The same for any y; a label that is none of the classes has the code -1."""
        if self.kind == "multilabel":
            return np.asarray(y.toarray() if hasattr(y, "toarray") else y, dtype=np.int64)
        if self.kind == "single":
            return codes_of(y, self.classes)
        columns = zip(np.asarray(y).T, self.classes, strict=True)
        return np.column_stack([codes_of(column, classes) for column, classes in columns])

    def encode(self, codes: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Targets for the loss: indicator (n, n_outputs) in ``dtype``, or codes as they are."""
        return codes.reshape(len(codes), -1).astype(dtype) if self.indicator else codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The user's labels for codes; an indicator matrix stays one."""
        if self.kind == "multilabel":
            return codes
        if self.kind == "single":
            return self.classes[codes]
        columns = [classes[column] for classes, column in zip(self.classes, codes.T, strict=True)]
        kinds = {column.dtype.kind for column in columns}
        # Numbers beside text stay numbers.
        dtype = object if len(kinds) > 1 and not kinds <= frozenset("biuf") else None
        labels = np.empty((len(codes), len(columns)), dtype or np.result_type(*columns))
        for j, column in enumerate(columns):
            labels[:, j] = column
        return labels


def _check_known(
    labels: Any, codes: np.ndarray, classes: np.ndarray, name: str, again: bool
) -> None:
    """Refuse labels without a code; ``again``: also if one of the classes is not there."""
    present = np.unique(codes)
    unknown = present[0] < 0
    if again and (unknown or len(present) < len(classes)):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous "
            f"call to fit. Previously got {classes}, `y` has {np.unique(labels)}"
        )
    if unknown:
        raise ValueError(
            f"`y` has classes not in {name}. {name} has {classes}. 'y' has {np.unique(labels)}."
        )
