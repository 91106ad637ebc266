"""Layers as nodes. The rows of several members are an axis in front: (k, B, n).

In: a layer, its parameters and a value (B, n). Out: the value that it gives. What draws in training
is not there.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..network import (
    Activation,
    Heads,
    Layer,
    LayerNorm,
    LevelEmbedding,
    Linear,
    MemberLinear,
    Network,
    Residual,
    RunningNorm,
)
from ..network.embeddings import CosineEmbedding, PiecewiseLinearEmbedding
from ..network.normalization import EPSILON
from .builder import WHOLE, Graph, Value
from .search import count_up_to
from .table import exporter, exporter_of


def network_graph(network: Network, g: Graph, x: Value) -> Value:
    """Raw scores (B, n_raw), of several members (k, B, n_raw), of the encoded rows x."""
    network = network.as_it_predicts()
    for layer, p in zip(network.layers, network.parameters(), strict=True):
        x = layer_graph(layer, p, g, x)
    return x


def layer_graph(layer: Layer, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """What a layer gives."""
    if isinstance(layer, Activation):
        return exporter_of(layer, f"activation={layer!r}")(layer, g, x)
    return exporter_of(layer)(layer, p, g, x)


@exporter(Linear)
def linear(layer: Linear, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """``x W + b``."""
    return x @ p.W + p.b


@exporter(MemberLinear)
def member_linear(layer: MemberLinear, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """``(x r_j) W + b`` of each member."""
    r = p.r.copy()
    start = 0
    for n, n_columns in layer.groups:
        r[start : start + n, n_columns:] = 0
        start += n
    return (g.expand(x, 0) * r[:, np.newaxis]) @ p.W + p.b


@exporter(Heads)
def heads(layer: Heads, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """``x_j W_j + b_j`` of each member."""
    return x @ p.W + p.b[:, np.newaxis]


@exporter(RunningNorm)
def running_norm(layer: RunningNorm, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """By the running averages."""
    return (x - p.mean) * (p.scale / np.sqrt(p.variance + EPSILON)) + p.shift


@exporter(LayerNorm)
def layer_norm(layer: LayerNorm, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """By mean and variance of each row."""
    return g.op("LayerNormalization", x, p.scale, p.shift, axis=-1, epsilon=EPSILON)


@exporter(Residual)
def residual(layer: Residual, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """``x + f(x)``."""
    h = x
    for inner, q in zip(layer.body, p.children, strict=True):
        h = layer_graph(inner, q, g, h)
    return (x @ p.S if layer.projects else x) + h


@exporter(LevelEmbedding)
def level_embedding(layer: LevelEmbedding, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """The rows of the levels, behind the other columns."""
    n_codes, widths = np.array(layer.sizes).T
    codes = g.cast(g.take(x, layer.n_plain + np.repeat(np.arange(len(widths)), widths), 1), WHOLE)
    within = np.concatenate([np.arange(width) for width in widths])
    starts = np.cumsum(n_codes * widths) - n_codes * widths
    where = codes * np.repeat(widths, widths) + (np.repeat(starts, widths) + within)
    rows = g.take(g.constant(p.E, p.E.dtype), where, 0)
    return _behind_passed(g, x, range(layer.n_plain), rows)


@exporter(CosineEmbedding)
def cosine_embedding(layer: CosineEmbedding, p: SimpleNamespace, g: Graph, x: Value) -> Value:
    """``a [x, cos(2 pi (w x + v))] + c``, behind the other columns."""
    # With the roundings of forward: between angles of 100 float32 has steps of 8e-6.
    tau = 2 * math.pi
    numbers = g.expand(g.take(x, layer.numeric, 1), 1)
    h = [numbers]
    if p.frequency.size:
        h.append(g.cosine(numbers * (tau * p.frequency) + tau * p.phase))
    embedded = g.concat(h, 1) * p.scale + p.shift
    return _behind_passed(g, x, _passed(layer), g.reshape(embedded, 0, p.scale.size))


@exporter(PiecewiseLinearEmbedding)
def piecewise_linear(
    layer: PiecewiseLinearEmbedding, p: SimpleNamespace, g: Graph, x: Value
) -> Value:
    """``base_j + u rise_j`` in bin j at the share u, behind the other columns."""
    n_columns, n_bins, d = p.V.shape
    lower, width = p.edges[:, :-1], np.diff(p.edges, axis=1)
    last = np.maximum((width > 0).sum(axis=1) - 1, 0)
    width[width <= 0] = 1
    numbers = g.take(x, layer.numeric, 1)
    bins = g.op("Min", count_up_to(g, numbers, p.edges[:, 1:]), last)
    bins = bins + n_bins * np.arange(n_columns)
    of_bins = [g.constant(table.ravel(), x.dtype) for table in (lower, width)]
    start, size = (g.take(table, bins, 0) for table in of_bins)
    share = g.expand((numbers - start) / size, 2)
    # Of constants: computed once, where a session begins.
    V = g.constant(p.V, x.dtype)
    rise = V + p.slope[:, np.newaxis] * width[..., np.newaxis]
    base = g.op("CumSum", V, g.constant(1, WHOLE), exclusive=1)
    base = base + (p.slope[:, np.newaxis] * lower[..., np.newaxis] + p.shift[:, np.newaxis])
    rows = [g.take(g.reshape(table, -1, d), bins, 0) for table in (rise, base)]
    return _behind_passed(
        g, x, _passed(layer), g.reshape(rows[0] * share + rows[1], 0, n_columns * d)
    )


def _passed(layer: Any) -> list[int]:
    """Columns that an embedding of numbers passes on."""
    return sorted(set(range(layer.n_in)) - set(layer.numeric))


def _behind_passed(g: Graph, x: Value, passed: Any, embedded: Value) -> Value:
    """The embedded columns behind those that are passed on."""
    return g.concat([g.take(x, list(passed), 1), embedded], 1) if len(passed) else embedded
