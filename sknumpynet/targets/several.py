"""A class per row in each of several columns.

In: columns of labels. Out: columns of codes; and from raw scores (those of all columns lie side by
side) the labels, and a list of scores or of probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .classes import LEAST, ClassTarget, check_known
from .labels import codes_of
from .read import side_by_side
from .target import L, LossesOfClasses, Predicts


class OneInEach(ClassTarget):
    """A class in each column; ``classes`` are the sorted labels of each, scored side by side."""

    kind: ClassVar[str] = "several"

    def __init__(self, classes: Sequence[np.ndarray]) -> None:
        self.classes = list(classes)

    @property
    def classes_of_columns(self) -> list[np.ndarray]:
        return self.classes

    def loss_of(self, losses: LossesOfClasses[L]) -> L:
        return losses.of_outputs([len(classes) for classes in self.classes])

    def known_codes(self, y: Any) -> np.ndarray:
        columns = zip(np.asarray(y).T, self.classes, strict=True)
        return np.column_stack([codes_of(column, classes) for column, classes in columns])

    def _check_codes(self, y: np.ndarray, codes: np.ndarray, again: bool) -> None:
        for j, classes in enumerate(self.classes):
            check_known(y[:, j], codes[:, j], classes, f"`self.classes_[{j}]`", again)

    def strata(self, codes: np.ndarray) -> np.ndarray | None:
        """In each row the class that is rarest in the table.

        So every class that is rare is shared out, which combinations of classes, each with few
        rows, would not do.
        """
        counts = np.column_stack([np.bincount(column)[column] for column in codes.T])
        rarest, rows = counts.argmin(axis=1), np.arange(len(codes))
        return np.append(0, self._ends())[rarest] + codes[rows, rarest]

    def decide(self, raw: np.ndarray) -> np.ndarray:
        return np.column_stack([scores.argmax(axis=1) for scores in self.scores(raw)])

    def decode(self, codes: np.ndarray) -> np.ndarray:
        pairs = zip(self.classes, codes.T, strict=True)
        return side_by_side([classes[column] for classes, column in pairs])

    def scores(self, raw: np.ndarray) -> list[np.ndarray]:
        return np.split(raw, self._ends()[:-1], axis=1)

    def probabilities(self, raw: np.ndarray, loss: Predicts) -> list[np.ndarray]:
        return self.scores(np.clip(loss.predict(raw), LEAST, 1.0))

    def _ends(self) -> np.ndarray:
        """Where the scores of each column end."""
        return np.cumsum([len(classes) for classes in self.classes])
