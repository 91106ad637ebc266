"""Several outputs of classes: the sum of a loss for each.

In: raw scores of all outputs side by side, and codes (B, n_outputs). Out: value, gradient,
probabilities side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from .classification import SoftmaxLoss
from .loss import Loss


@dataclass(frozen=True)
class SeveralOutputs(Loss):
    """``l = sum_j l_j(y_j, raw_j)``, y_j in {0, ..., n_j - 1}, raw = (raw_1, raw_2, ...)."""

    parts: tuple[SoftmaxLoss, ...]

    out_activation = "softmax"

    def n_raw(self, n_targets: int) -> int:
        return sum(part.n_classes for part in self.parts)

    def _blocks(self, raw: np.ndarray) -> list[np.ndarray]:
        """The columns (last axis) of each output, as views."""
        ends = list(accumulate(part.n_classes for part in self.parts))
        return [
            raw[..., end - part.n_classes : end] for part, end in zip(self.parts, ends, strict=True)
        ]

    def value(
        self,
        raw: np.ndarray,
        y: np.ndarray,
        weight: np.ndarray | None,
        d_raw: np.ndarray | None = None,
    ) -> float:
        slopes = [None] * len(self.parts) if d_raw is None else self._blocks(d_raw)
        return sum(
            part.value(block, column, weight, slope)
            for part, block, column, slope in zip(
                self.parts, self._blocks(raw), y.T, slopes, strict=True
            )
        )

    def intercept_only(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        columns = zip(self.parts, y.T, strict=True)
        return np.hstack([part.intercept_only(column, weight) for part, column in columns])

    def predict(self, raw: np.ndarray) -> np.ndarray:
        blocks = zip(self.parts, self._blocks(raw), strict=True)
        return np.hstack([part.predict(block) for part, block in blocks])

    def combine(self, raw: np.ndarray) -> np.ndarray:
        blocks = zip(self.parts, self._blocks(raw), strict=True)
        return np.hstack([part.combine(block) for part, block in blocks])

    def combine_slopes(self, raw: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        blocks = zip(self.parts, self._blocks(raw), self._blocks(slopes), strict=True)
        return np.concatenate([part.combine_slopes(*of) for part, *of in blocks], axis=2)
