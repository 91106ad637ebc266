"""Any number of labels per row.

In: an indicator matrix of 0 and 1. Out: the same for the loss, and from raw scores.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .classes import LEAST, ClassTarget
from .labels import listed
from .target import L, LossesOfClasses, Predicts

#: Below 1, so that the logarithm of the opposite's probability is a number.
ALMOST_ONE = 1.0 - float(np.finfo(np.float64).epsneg)


class Multilabel(ClassTarget):
    """Labels that a row has or has not, with a raw score for each; ``classes`` numbers them."""

    kind: ClassVar[str] = "multilabel"

    def __init__(self, n_labels: int) -> None:
        self.classes = np.arange(n_labels)

    @property
    def classes_of_columns(self) -> list[np.ndarray]:
        return [np.array([0, 1])] * len(self.classes)

    def has_classes(self, classes: Any) -> bool:
        return np.array_equal(self.classes, listed(classes))

    def loss_of(self, losses: LossesOfClasses[L]) -> L:
        return losses.of_labels()

    def known_codes(self, y: Any) -> np.ndarray:
        return np.asarray(y, dtype=np.int64)

    def _check_codes(self, y: np.ndarray, codes: np.ndarray, again: bool) -> None:
        if not np.isin(codes, (0, 1)).all():
            raise ValueError("`y` must hold 0 and 1: an indicator of labels is what is fitted.")

    def encode(self, codes: np.ndarray, dtype: np.dtype) -> np.ndarray:
        return codes.astype(dtype)

    def decide(self, raw: np.ndarray) -> np.ndarray:
        return (raw > 0).astype(np.int64)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        return codes

    def probabilities(self, raw: np.ndarray, loss: Predicts) -> np.ndarray:
        return np.clip(loss.predict(raw), LEAST, ALMOST_ONE)
