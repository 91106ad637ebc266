"""One class per row: of any number of classes, and of two, which share one score.

In: a column of labels. Out: codes, and labels and probabilities from raw scores.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

import numpy as np

from .classes import ClassTarget, check_known
from .labels import codes_of
from .target import L, LossesOfClasses, Predicts


class OneOfMany(ClassTarget):
    """A class per row, with a raw score for each; ``classes`` are the labels in sorted order."""

    kind: ClassVar[str] = "single"
    in_columns: ClassVar[bool] = False

    def __init__(self, classes: np.ndarray) -> None:
        self.classes = classes

    @property
    def classes_of_columns(self) -> list[np.ndarray]:
        return [self.classes]

    def loss_of(self, losses: LossesOfClasses[L]) -> L:
        return losses.of_classes(len(self.classes))

    def known_codes(self, y: Any) -> np.ndarray:
        return codes_of(y, self.classes)

    def _check_codes(self, y: np.ndarray, codes: np.ndarray, again: bool) -> None:
        check_known(y, codes, self.classes, "`self.classes_`", again)

    def strata(self, codes: np.ndarray) -> np.ndarray | None:
        return codes

    @property
    def for_metrics(self) -> ClassTarget:
        if self.classes.dtype.kind != "O" or isinstance(self.classes[0], str):
            return self
        other = copy.copy(self)
        other.classes = np.arange(len(self.classes))
        return other

    def decide(self, raw: np.ndarray) -> np.ndarray:
        return raw.argmax(axis=1)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        return self.classes[codes]


class OneOfTwo(OneOfMany):
    """One of two classes per row, with one raw score: the log odds of the second."""

    @property
    def n_outputs(self) -> int:
        return 1

    def loss_of(self, losses: LossesOfClasses[L]) -> L:
        return losses.of_labels()

    def encode(self, codes: np.ndarray, dtype: np.dtype) -> np.ndarray:
        return codes.reshape(-1, 1).astype(dtype)

    def decide(self, raw: np.ndarray) -> np.ndarray:
        return (raw > 0).astype(np.int64).ravel()

    def scores(self, raw: np.ndarray) -> np.ndarray:
        return raw.ravel()

    def probabilities(self, raw: np.ndarray, loss: Predicts) -> np.ndarray | list[np.ndarray]:
        # Of both log odds: 1 - p of the one would lose small probabilities of the other.
        return super().probabilities(np.hstack([-raw, raw]), loss)
