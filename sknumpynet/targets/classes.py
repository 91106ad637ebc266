"""Targets of classes: what they have in common, whatever the number of labels of a row.

In: labels of any kind. Out: codes or indicators for the losses, and from raw scores the way back to
labels, scores and probabilities. A kind of target is one class: what differs is what it overrides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from ..packed import packed_labels, unpacked_labels
from ..rows import Rows
from .class_weight import class_tables, times_class_weight
from .labels import listed, same_kind, shown
from .read import natural, read_target
from .target import L, LossesOfClasses, Predicts

#: The least probability, whose logarithm is a number.
LEAST = float(np.finfo(np.float64).tiny)


class LabelReader:
    """The door for labels, which needs not know yet what they are."""

    numeric: ClassVar[bool] = False

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


class ClassTarget(LabelReader, ABC):
    """Labels of any kind as codes 0, 1, ..., and the way back from raw scores.

    Attributes
    ----------
    kind : str
        Of the class: what it is called in messages.
    in_columns : bool
        Of the class: whether y has several columns.
    classes : ndarray or list of ndarray
        The estimators' ``classes_``.
    """

    unit: ClassVar[None] = None
    kind: ClassVar[str]
    in_columns: ClassVar[bool] = True

    classes: Any

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"classes": packed_labels(self.classes)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, classes=unpacked_labels(state["classes"]))

    # What it is.

    @property
    def n_outputs(self) -> int:
        return len(self.classes)

    @property
    @abstractmethod
    def classes_of_columns(self) -> list[np.ndarray]:
        """The known labels of each column of codes."""

    def has_classes(self, classes: Any) -> bool:
        """Whether a list of classes, as the user passed it, is the one that is known."""
        given = classes if self.in_columns else [classes]
        known = self.classes_of_columns
        return len(given) == len(known) and all(
            np.array_equal(mine, listed(theirs)) for mine, theirs in zip(known, given, strict=True)
        )

    @abstractmethod
    def loss_of(self, losses: LossesOfClasses[L]) -> L:
        """The one that suits it of the forms of a loss."""

    # From labels to what the loss takes.

    def codes(self, y: Any, *, again: bool = False) -> np.ndarray:
        y = np.asarray(y)
        self._check_shape(y)
        codes = self.known_codes(y)
        self._check_codes(y, codes, again)
        return codes

    @abstractmethod
    def known_codes(self, y: Any) -> np.ndarray:
        """The codes of any y; a label that is none of the classes has the code -1."""

    @abstractmethod
    def _check_codes(self, y: np.ndarray, codes: np.ndarray, again: bool) -> None:
        """Refuse a y, with these codes, that has other classes, see ``codes``."""

    def _check_shape(self, y: np.ndarray) -> None:
        several = y.ndim == 2
        if several != self.in_columns or (several and y.shape[1] != len(self.classes)):
            raise ValueError(
                f"y of shape {y.shape} is another kind of target than the one that is fitted: "
                f"{self.kind}, {len(self.classes)} {'outputs' if several else 'classes'}."
            )

    def compared(self, y: Any) -> np.ndarray:
        """The codes of a y that predictions are to be compared with, as the user passed it."""
        y = natural(np.asarray(self.read(y, "y")))
        if y.ndim == 2 and not self.in_columns:
            y = natural(column_or_1d(y))
        for column, classes in zip(np.atleast_2d(y.T), self.classes_of_columns, strict=False):
            if not same_kind(column.ravel(), classes):
                raise ValueError(
                    f"Labels of y and of the fitted classes are of different kinds. y has "
                    f"{shown(column.ravel())}, the classes are {shown(classes)}."
                )
        self._check_shape(y)
        return self.known_codes(y)

    def encode(self, codes: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """By default codes are what the loss takes."""
        return codes

    def strata(self, codes: np.ndarray) -> np.ndarray | None:
        return None

    @property
    def for_metrics(self) -> ClassTarget:
        return self

    # Weights and units.

    def learn_weights(self, class_weight: Any, codes: np.ndarray, weight: Any) -> None:
        self._tables = class_tables(
            class_weight, self.classes_of_columns, self.in_columns, codes, weight
        )

    def weights(self, codes: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
        return times_class_weight(self._tables, codes, weight)

    def learn_units(self, y: Any, rows: Rows) -> None:
        pass

    def with_late_units(self, y: Any, rows: Rows) -> tuple[ClassTarget, np.ndarray]:
        return self, self.constant

    @property
    def constant(self) -> np.ndarray:
        # A class that is always there has a probability like any other.
        return np.zeros(self.n_outputs, dtype=bool)

    # From raw scores to what the user asks for.

    @abstractmethod
    def decide(self, raw: np.ndarray) -> np.ndarray:
        """The codes of the most probable labels."""

    @abstractmethod
    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The user's labels for codes."""

    def scores(self, raw: np.ndarray) -> np.ndarray | list[np.ndarray]:
        """The scores of each class or label, in the shape of a ``decision_function``."""
        return raw

    def probabilities(self, raw: np.ndarray, loss: Predicts) -> np.ndarray | list[np.ndarray]:
        """The probability of each class or label, never 0, by the loss that ``loss_of`` gave."""
        return np.clip(loss.predict(raw), LEAST, 1.0)


def check_known(
    labels: Any, codes: np.ndarray, classes: np.ndarray, name: str, again: bool
) -> None:
    """Refuse labels without a code; ``again``: also if one of the classes is not there."""
    present = np.unique(codes)
    unknown = present[0] < 0
    if again and (unknown or len(present) < len(classes)):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous "
            f"call to fit. Previously got {shown(classes)}, `y` has {shown(labels)}"
        )
    if unknown:
        raise ValueError(
            f"`y` has classes not in {name}. {name} has {shown(classes)}. 'y' has {shown(labels)}."
        )
