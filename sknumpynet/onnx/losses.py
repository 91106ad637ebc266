"""From raw scores to predictions, by the loss: for each kind of link one class.

In: raw scores in float64. Out: those of a mean prediction, predictions, standard deviations.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..losses import GaussianNLL, Loss, Quantile, SeveralOutputs
from ..losses.classification import LogisticLoss, SoftmaxLoss
from ..losses.deviances import Deviance
from ..losses.gaussian import LEAST_STD
from ..losses.loss import HIGHEST
from .builder import WHOLE, Graph, Value
from .table import exporter, exporter_of


class LossGraph:
    """What a loss makes of raw scores, as nodes; this one where they are the predictions.

    Each method does what that of :class:`sknumpynet.Loss` does, with values for arrays, and is told
    how many targets there are.
    """

    def combine(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        """From raw scores (k, B, n_raw) to those of their mean prediction, (B, n_raw)."""
        return g.reduce("ReduceMean", raw, 0)

    def predict(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        """From (B, n_raw) to (B, n_targets), or (B, n_targets, k)."""
        return raw

    def spread(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value | None:
        """Standard deviations (B, n_targets), if there are any."""
        return None


def loss_graph(loss: Loss) -> LossGraph:
    """Who exports the loss."""
    return exporter_of(loss, f"loss={loss!r}")


exporter(Loss)(LossGraph())


def log1p_exp_minus(g: Graph, size: Value) -> Value:
    """``log(1 + exp(-size))`` for size >= 0."""
    return g.op("Log", g.op("Exp", -size) + 1.0)


def log_add_exp(g: Graph, a: Value, b: Any) -> Value:
    """``log(exp(a) + exp(b))``."""
    return g.op("Max", a, b) + log1p_exp_minus(g, g.op("Abs", a - b))


def log_mean_exp(g: Graph, values: Value) -> Value:
    """``log 1/k sum_k exp(values_k)`` over the first axis."""
    most = g.reduce("ReduceMax", values, 0, keep=True)
    mean = g.reduce("ReduceMean", g.op("Exp", values - most), 0)
    return g.op("Log", mean) + g.op("Squeeze", most, g.constant([0], WHOLE))


def logistic(g: Graph, raw: Value) -> Value:
    """``1 / (1 + exp(-raw))``, also where that is 1e-300."""
    return 1.0 / (g.op("Exp", -raw) + 1.0)


class Logistic(LossGraph):
    """p = 1 / (1 + exp(-raw))."""

    def combine(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        # log p and log(1 - p).
        rest = log1p_exp_minus(g, g.op("Abs", raw))
        yes, no = (g.op("Min", v, 0.0) - rest for v in (raw, -raw))
        return log_mean_exp(g, yes) - log_mean_exp(g, no)

    def predict(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        return logistic(g, raw)


class Softmax(LossGraph):
    """p_k = exp(raw_k) / sum_j exp(raw_j)."""

    def combine(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        return log_mean_exp(g, g.op("LogSoftmax", raw, axis=-1))

    def predict(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        return g.op("Softmax", raw, axis=-1)


class Outputs(LossGraph):
    """The same of each output, side by side."""

    def _each(self, loss: SeveralOutputs, g: Graph, raw: Value, method: str) -> Value:
        ends = np.cumsum([part.n_classes for part in loss.parts])
        found = []
        for part, end in zip(loss.parts, ends.tolist(), strict=True):
            # Of (B, n) and (k, B, n).
            block = g.op(
                "Slice", raw, *(g.constant([v], WHOLE) for v in (end - part.n_classes, end, -1))
            )
            found.append(getattr(loss_graph(part), method)(part, g, block, 1))
        return g.concat(found, -1)

    def combine(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        return self._each(loss, g, raw, "combine")

    def predict(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        return self._each(loss, g, raw, "predict")


class Exponential(LossGraph):
    """The mean is exp(raw)."""

    def combine(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        return log_mean_exp(g, raw)

    def predict(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        return g.op("Exp", g.op("Min", raw, HIGHEST))


class Quantiles(LossGraph):
    """The scores of a target in ascending order."""

    def _sorted(self, loss: Quantile, g: Graph, raw: Value, *shape: int) -> Value:
        """(..., n_targets k) to (..., n_targets, k), the shape that is given without the k."""
        k = len(loss.levels)
        of_targets = g.reshape(raw, *shape, k)
        if k == 1:
            return of_targets
        # With a row more, which is taken away again: of no rows onnxruntime 1.20 dies.
        rows, more = len(shape) - 2, [0] * 2 * (len(shape) + 1)
        more[len(shape) + 1 + rows] = 1
        padded = g.op("Pad", of_targets, g.constant(more, WHOLE))
        values, _ = g.ops("TopK", padded, g.constant([k], WHOLE), n=2, axis=-1, largest=0)
        return g.op("Slice", values, *(g.constant([v], WHOLE) for v in (0, -1, rows)))

    def combine(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        mean = g.reduce("ReduceMean", self._sorted(loss, g, raw, 0, 0, n_targets), 0)
        return g.reshape(mean, 0, loss.n_raw(n_targets))

    def predict(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        several = isinstance(loss.quantile, tuple)
        return self._sorted(loss, g, raw, 0, n_targets) if several else raw


class Gaussian(LossGraph):
    """Means, and then the logarithms of spreads."""

    def _halves(self, g: Graph, raw: Value) -> list[Value]:
        return list(g.ops("Split", raw, n=2, axis=-1, num_outputs=2))

    def combine(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        # Mean and variance of the mixture: the mean variance, and the variance of the means.
        mean, log_spread = self._halves(g, raw)
        center = g.reduce("ReduceMean", mean, 0)
        about = mean - center
        of_means = g.op("Log", g.reduce("ReduceMean", about * about, 0))
        # Where all means are equal, the logarithm is no number that can be computed with.
        of_means = g.op("Max", of_means, -HIGHEST * 2.0)
        log_variance = log_add_exp(g, log_mean_exp(g, log_spread * 2.0), of_means)
        return g.concat([center, log_variance * 0.5], 1)

    def predict(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value:
        return self._halves(g, raw)[0]

    def spread(self, loss: Any, g: Graph, raw: Value, n_targets: int) -> Value | None:
        doubled = self._halves(g, raw)[1] * 2.0
        log_std = log_add_exp(g, doubled, 2.0 * math.log(LEAST_STD)) * 0.5
        return g.op("Exp", g.op("Min", log_std, HIGHEST))


exporter(LogisticLoss)(Logistic())
exporter(SoftmaxLoss)(Softmax())
exporter(SeveralOutputs)(Outputs())
exporter(Deviance)(Exponential())
exporter(Quantile)(Quantiles())
exporter(GaussianNLL)(Gaussian())
