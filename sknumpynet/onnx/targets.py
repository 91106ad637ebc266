"""Outputs of a graph: predictions in the user's terms, by the kind of the target.

In: a target, its loss, and raw scores (B, n_raw) in float64. Out: named values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import onnx

from ..losses import Loss
from ..quoting import quoted
from ..targets import ClassTarget, NumberTarget
from ..targets.classes import LEAST
from ..targets.multilabel import ALMOST_ONE, Multilabel
from ..targets.numbers import LARGEST
from ..targets.several import OneInEach
from ..targets.single import OneOfMany, OneOfTwo
from .builder import DOUBLE, TEXT, WHOLE, Graph, Value, type_of
from .losses import loss_graph
from .table import NoExporterError, exporter, exporter_of


class Output(NamedTuple):
    """A value and what it is called; ``shape`` of a row of it, None of a sequence of maps."""

    name: str
    value: Value
    shape: tuple[int, ...] | None

    def with_numbers_in(self, dtype: np.dtype) -> Output:
        """The same, predictions and probabilities in another dtype."""
        if self.shape is None or self.value.dtype != DOUBLE:
            return self
        return self._replace(value=self.value.graph.cast(self.value, dtype))

    def declared(self, name: str) -> Any:
        """The output of a graph under this name."""
        if self.shape is None:
            key = type_of(self.value.dtype)
            of_map = onnx.helper.make_map_type_proto(
                key, onnx.helper.make_tensor_type_proto(onnx.TensorProto.FLOAT, [])
            )
            sequence = onnx.helper.make_sequence_type_proto(of_map)
            return onnx.helper.make_value_info(name, sequence)
        return onnx.helper.make_tensor_value_info(
            name, type_of(self.value.dtype), [None, *self.shape]
        )


def outputs_graph(
    target: Any, loss: Loss, g: Graph, raw: Value, raw_scores: bool = False
) -> list[Output]:
    """Labels and probabilities, or predictions and standard deviations.

    With ``raw_scores`` those of ``decision_function`` in place of probabilities; of two classes
    (B, 2), the second's are its own and the first's -1 times these, as skl2onnx has them.
    """
    return exporter_of(target)(target, loss, g, raw, raw_scores)


@exporter(NumberTarget)
def of_numbers(
    target: NumberTarget, loss: Loss, g: Graph, raw: Value, raw_scores: bool
) -> list[Output]:
    """Predictions in the units of y."""
    of_loss, n = loss_graph(loss), target.n_outputs
    y = of_loss.predict(loss, g, raw, n)
    std = of_loss.spread(loss, g, raw, n)
    # For several predictions of each target, which have an axis more.
    k = _n_predictions(loss)
    more = (1,) * (k is not None)
    unit, shift = (a.reshape(-1, *more) for a in (target.unit, target.shift))
    y = g.op("Clip", y * unit + shift, -LARGEST, LARGEST)
    shape = (n,) if k is None else (n, k)
    if k is not None and target.one_dimensional:
        y, shape = g.op("Squeeze", y, g.constant([1], WHOLE)), (k,)
    outputs = [Output("variable", y, shape)]
    if std is not None:
        std = g.op("Clip", std * target.unit, -LARGEST, LARGEST)
        outputs.append(Output("std", std, (n,)))
    return outputs


def _n_predictions(loss: Loss) -> int | None:
    """Of each target; None: one, without an axis of its own."""
    predicted = loss.predict(np.zeros((1, loss.n_raw(1))))
    return predicted.shape[2] if predicted.ndim == 3 else None


def _labels(g: Graph, classes: np.ndarray, codes: Value) -> Value:
    """The labels of codes: text, whole numbers, floats or truth values."""
    kind = classes.dtype.kind
    if kind in "UO" and all(isinstance(label, str) for label in classes.tolist()):
        return g.take(g.constant(classes.astype(object), TEXT), codes, 0)
    if kind == "b":
        return g.cast(g.take(g.constant(classes, WHOLE), codes, 0), np.bool_)
    if kind in "iuf":
        return g.take(g.constant(classes, DOUBLE if kind == "f" else WHOLE), codes, 0)
    raise NoExporterError(
        f"Labels like {quoted(classes.tolist()[0])} cannot be exported: those of ONNX are text or "
        "numbers. Fit with text, by astype(str) for example."
    )


@exporter(OneOfMany)
def of_many(target: OneOfMany, loss: Loss, g: Graph, raw: Value, raw_scores: bool) -> list[Output]:
    """The most probable class."""
    codes = g.op("ArgMax", raw, dtype=WHOLE, axis=1, keepdims=0)
    return _with_label(target, g, codes, _scores(target, loss, g, raw, raw_scores))


@exporter(OneOfTwo)
def of_two(target: OneOfTwo, loss: Loss, g: Graph, raw: Value, raw_scores: bool) -> list[Output]:
    """One of two classes."""
    codes = g.reshape(g.cast(raw > 0.0, WHOLE), -1)
    both = g.concat([-raw, raw], 1)
    return _with_label(target, g, codes, _scores(target, loss, g, both, raw_scores))


def _scores(
    target: ClassTarget, loss: Loss, g: Graph, raw: Value, raw_scores: bool, most: float = 1.0
) -> Value:
    """Probabilities, unless raw scores are asked for."""
    if raw_scores:
        return raw
    return g.op("Clip", loss_graph(loss).predict(loss, g, raw, target.n_outputs), LEAST, most)


def _with_label(target: ClassTarget, g: Graph, codes: Value, scores: Value) -> list[Output]:
    label = _labels(g, target.classes, codes)
    return [Output("label", label, ()), Output("probabilities", scores, (len(target.classes),))]


@exporter(Multilabel)
def of_labels(
    target: Multilabel, loss: Loss, g: Graph, raw: Value, raw_scores: bool
) -> list[Output]:
    """Whether each label is there."""
    n = target.n_outputs
    scores = _scores(target, loss, g, raw, raw_scores, ALMOST_ONE)
    codes = g.cast(raw > 0.0, WHOLE)
    return [Output("label", codes, (n,)), Output("probabilities", scores, (n,))]


@exporter(OneInEach)
def of_outputs(
    target: OneInEach, loss: Loss, g: Graph, raw: Value, raw_scores: bool
) -> list[Output]:
    """The most probable class of each output."""
    p = _scores(target, loss, g, raw, raw_scores)
    sizes = [len(classes) for classes in target.classes]
    split = g.constant(sizes, WHOLE)
    blocks = [g.ops("Split", values, split, n=len(sizes), axis=1) for values in (raw, p)]
    outputs = []
    for j, (classes, scores, chances) in enumerate(zip(target.classes, *blocks, strict=True)):
        codes = g.op("ArgMax", scores, dtype=WHOLE, axis=1, keepdims=0)
        outputs.append(Output(f"label_{j}", _labels(g, classes, codes), ()))
        outputs.append(Output(f"probabilities_{j}", chances, (len(classes),)))
    return outputs
