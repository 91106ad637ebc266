"""The forms of a loss of classes: for labels, for a class per row, and for several of these.

In: the two classes of a loss in the table, and parameters. Out: the loss in the form that a target
asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .classification import LogisticLoss, SoftmaxLoss
from .loss import Loss
from .outputs import SeveralOutputs


@dataclass(frozen=True)
class LossForms:
    """A loss with one raw score per label, or one per class; ``parameters`` are those of both."""

    logistic: type[LogisticLoss]
    softmax: type[SoftmaxLoss]
    parameters: Mapping[str, Any]

    def of_labels(self) -> Loss:
        return self.logistic.made_from(self.parameters)

    def of_classes(self, n_classes: int) -> Loss:
        return self._softmax_of(n_classes)

    def of_outputs(self, n_classes: Sequence[int]) -> Loss:
        return SeveralOutputs(tuple(map(self._softmax_of, n_classes)))

    def _softmax_of(self, n_classes: int) -> SoftmaxLoss:
        return self.softmax.made_from({**self.parameters, "n_classes": n_classes})
