"""Targets of classes: what the user calls them, and what the losses take.

In: labels of any kind, in one column or in several, or an indicator matrix of labels. Out: codes or
indicators, and the way back.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from ..frames.families import as_objects
from ..rows import Rows
from .class_weight import class_tables, times_class_weight
from .labels import codes_of, labels_in, same_kind, shown
from .read import natural, read_target, side_by_side


def _is_list_of_lists(classes: Any) -> bool:
    return isinstance(classes, (Sequence, np.ndarray)) and all(
        isinstance(labels, (Sequence, np.ndarray)) and not isinstance(labels, str)
        for labels in classes
    )


def _is_indicator(y: np.ndarray) -> bool:
    """Whether a y of several columns tells with 0 and 1 which labels a row has."""
    return y.dtype.kind in "biuf" and bool(np.isin(y, (0, 1)).all())


def _classes(labels: Any) -> np.ndarray:
    """Classes that the user lists; tuples are labels."""
    if isinstance(labels, (list, tuple)) and all(isinstance(label, tuple) for label in labels):
        labels = as_objects(list(labels))
    return labels_in(np.ravel(read_target(labels, "classes")), "classes")


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

    def read(self, y: Any, name: str) -> Any:
        return read_target(y, name)

    def check(self, y: Any) -> np.ndarray:
        y = natural(np.asarray(y))
        if y.ndim == 2 and y.shape[1] == 1:
            y = natural(column_or_1d(y, warn=True))
        for column in y.reshape(len(y), -1).T:
            labels = natural(column)
            if labels.dtype.kind == "f" and (labels != np.floor(labels)).any():
                # Always an error: these are numbers for a regressor.
                check_classification_targets(labels)
        return y

    def learn(self, y: Any, classes: Any = None) -> ClassTarget:
        """Learn what it is from the whole of y, or from a list of all ``classes``.

        For a y of several columns that is a list for each column.
        """
        y = np.asarray(y)
        if y.ndim == 1:
            self.kind = "single"
            self.classes = labels_in(y) if classes is None else _classes(classes)
        elif classes is not None and _is_list_of_lists(classes):
            # A part of a stream may look like an indicator matrix.
            self.kind, self.classes = "several", [_classes(labels) for labels in classes]
        elif _is_indicator(y):
            self.kind, self.classes = "multilabel", np.arange(y.shape[1])
        else:
            self.kind, self.classes = "several", [labels_in(column) for column in y.T]
        return self

    def has_classes(self, classes: Any) -> bool:
        """Whether a list of classes is the one that it was learned from."""
        if self.kind == "multilabel":
            return np.array_equal(self.classes, _classes(classes))
        given = classes if self.kind == "several" else [classes]
        known = self._classes_of_columns
        return len(given) == len(known) and all(
            np.array_equal(mine, _classes(theirs))
            for mine, theirs in zip(known, given, strict=True)
        )

    def learn_units(self, y: Any, rows: Rows) -> None:
        pass

    def with_late_units(self, y: Any, rows: Rows) -> tuple[ClassTarget, np.ndarray]:
        return self, self.constant

    @property
    def constant(self) -> np.ndarray:
        # A class that is always there has a probability like any other.
        return np.zeros(self.n_outputs, dtype=bool)

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
        y = np.asarray(y)
        self._check_shape(y)
        codes = self.known_codes(y)
        if self.kind == "single":
            _check_known(y, codes, self.classes, "`self.classes_`", again)
        elif self.kind == "several":
            for j, classes in enumerate(self.classes):
                _check_known(y[:, j], codes[:, j], classes, f"`self.classes_[{j}]`", again)
        elif not np.isin(codes, (0, 1)).all():
            raise ValueError("`y` must hold 0 and 1: an indicator of labels is what is fitted.")
        return codes

    def _check_shape(self, y: np.ndarray) -> None:
        several = y.ndim == 2
        if several != (self.kind != "single") or (several and y.shape[1] != len(self.classes)):
            raise ValueError(
                f"y of shape {y.shape} is another kind of target than the one that is fitted: "
                f"{self.kind}, {len(self.classes)} {'outputs' if several else 'classes'}."
            )

    def known_codes(self, y: Any) -> np.ndarray:
        """The same for any y; a label that is none of the classes has the code -1."""
        if self.kind == "multilabel":
            return np.asarray(y, dtype=np.int64)
        if self.kind == "single":
            return codes_of(y, self.classes)
        columns = zip(np.asarray(y).T, self.classes, strict=True)
        return np.column_stack([codes_of(column, classes) for column, classes in columns])

    def compared(self, y: Any) -> np.ndarray:
        """The same for a y that predictions are to be compared with, as the user passed it."""
        y = natural(np.asarray(self.read(y, "y")))
        if y.ndim == 2 and self.kind == "single":
            y = natural(column_or_1d(y))
        columns = y.T if self.kind == "several" and y.ndim == 2 else [y]
        for column, classes in zip(columns, self._classes_of_columns, strict=False):
            if not same_kind(column.ravel(), classes):
                raise ValueError(
                    f"Labels of y and of the fitted classes are of different kinds. y has "
                    f"{shown(column.ravel())}, the classes are {classes}."
                )
        self._check_shape(y)
        return self.known_codes(y)

    @property
    def for_metrics(self) -> ClassTarget:
        """The same for metrics of scikit-learn: codes in place of labels that these refuse."""
        labels = self.classes if self.kind == "single" else None
        if labels is None or labels.dtype.kind != "O" or isinstance(labels[0], str):
            return self
        other = copy.copy(self)
        other.classes = np.arange(len(labels))
        return other

    def encode(self, codes: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Targets for the loss: indicator (n, n_outputs) in ``dtype``, or codes as they are."""
        return codes.reshape(len(codes), -1).astype(dtype) if self.indicator else codes

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The user's labels for codes; an indicator matrix stays one."""
        if self.kind == "multilabel":
            return codes
        if self.kind == "single":
            return self.classes[codes]
        pairs = zip(self.classes, codes.T, strict=True)
        return side_by_side([classes[column] for classes, column in pairs])


def _check_known(
    labels: Any, codes: np.ndarray, classes: np.ndarray, name: str, again: bool
) -> None:
    """Refuse labels without a code; ``again``: also if one of the classes is not there."""
    present = np.unique(codes)
    unknown = present[0] < 0
    if again and (unknown or len(present) < len(classes)):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous "
            f"call to fit. Previously got {classes}, `y` has {shown(labels)}"
        )
    if unknown:
        raise ValueError(
            f"`y` has classes not in {name}. {name} has {classes}. 'y' has {shown(labels)}."
        )
