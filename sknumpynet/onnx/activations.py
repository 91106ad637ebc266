"""Activations as nodes: an elementwise function of any shape.

In: an activation and a value. Out: the value of the same shape and dtype.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

from ..network.activations import (
    Elu,
    Gelu,
    HardTanh,
    Identity,
    LeakyRelu,
    Logistic,
    Mish,
    Relu,
    Selu,
    Silu,
    Softplus,
    Softsign,
    Tanh,
)
from ..network.activations.sigmoid import ERFC
from .builder import Graph, Value
from .table import exporter


def _one_node(operator: str) -> Callable[[Any, Graph, Value], Value]:
    return lambda activation, g, x: g.op(operator, x)


exporter(Identity)(lambda activation, g, x: x)
exporter(Relu)(_one_node("Relu"))
exporter(Logistic)(_one_node("Sigmoid"))
exporter(Tanh)(_one_node("Tanh"))
exporter(LeakyRelu)(lambda activation, g, x: g.op("Max", x, x * 0.01))
exporter(HardTanh)(lambda activation, g, x: g.op("Clip", x, -1.0, 1.0))
exporter(Softsign)(lambda activation, g, x: x / (g.op("Abs", x) + 1.0))
# Times the logistic function it is an operator to onnxruntime 1.20, which it has for float32 alone.
exporter(Silu)(lambda activation, g, x: x / (g.op("Exp", -x) + 1.0))
exporter(Gelu)(lambda activation, g, x: x * _normal(g, x))


# Not the operators of these names: onnxruntime has none of them for float64.


def _below(g: Graph, x: Value) -> Value:
    """``exp(x) - 1`` for x < 0, else 0."""
    return g.op("Exp", g.op("Min", x, 0.0)) - 1.0


@exporter(Elu)
def elu(activation: Elu, g: Graph, x: Value) -> Value:
    """``max(x, exp(min(x, 0)) - 1)``."""
    return g.op("Max", x, _below(g, x))


@exporter(Selu)
def selu(activation: Selu, g: Graph, x: Value) -> Value:
    """``scale (alpha (exp(min(x, 0)) - 1) + max(x, 0))``."""
    return activation.scale * (activation.alpha * _below(g, x) + g.op("Relu", x))


@exporter(Mish)
def mish(activation: Mish, g: Graph, x: Value) -> Value:
    """``x n / (n + 2)``, n = w (w + 2), w = exp(x)."""
    w = g.op("Exp", g.op("Min", x, activation.most))
    n = w * (w + 2.0)
    return x * (n / (n + 2.0))


@exporter(Softplus)
def softplus(activation: Softplus, g: Graph, x: Value) -> Value:
    """``max(x, 0) + log(1 + exp(-|x|))``."""
    return g.op("Relu", x) + g.op("Log", g.op("Exp", -g.op("Abs", x)) + 1.0)


def _normal(g: Graph, x: Value) -> Value:
    """The distribution function of the normal law; in float64 to 1.2e-7 of its value."""
    if x.dtype == np.float32:
        return (g.op("Erf", x * sqrt(0.5)) + 1.0) * 0.5
    z = g.op("Abs", x) * sqrt(0.5)
    t = 1.0 / (z * 0.5 + 1.0)
    exponent = t * ERFC[0]
    for coefficient in ERFC[1:-1]:
        exponent = (exponent + coefficient) * t
    tail = t * g.op("Exp", exponent + ERFC[-1] - z * z) * 0.5
    return g.where(x > 0.0, 1.0 - tail, tail)
