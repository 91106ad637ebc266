"""Activations, other layers and initializers.

A new one of each is one entry.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sknumpynet.network import ACTIVATIONS as TABLE
from sknumpynet.network import Heads, LevelEmbedding, Linear, MemberLinear
from sknumpynet.network.numeric_embedding import CosineEmbedding, PiecewiseLinearEmbedding


@dataclass(frozen=True)
class ActivationCase:
    """Three inputs with their outputs; the initializers between its layers and at the table."""

    x: Sequence[float]
    y: Sequence[float]
    initializer: str = "glorot_uniform"
    first_initializer: str = "glorot_uniform"


ACTIVATIONS = {
    "identity": ActivationCase([-2.0, 0.0, 3.0], [-2.0, 0.0, 3.0]),
    # He's factor 2 makes up for what the relu before takes away. Before the first there is none.
    "relu": ActivationCase([-2.0, 0.0, 3.0], [0.0, 0.0, 3.0], "he_uniform"),
    "logistic": ActivationCase(
        [-math.log(3), 0.0, math.log(3)],
        [0.25, 0.5, 0.75],
        "glorot_uniform_logistic",
        "glorot_uniform_logistic",
    ),
    "tanh": ActivationCase([-math.log(2), 0.0, math.log(3)], [-0.6, 0.0, 0.8]),
}

# Layers that are no activations: from a number of columns to one or more ways to build each.
OTHER_LAYERS = {
    Linear: lambda n: [Linear(n, 5), Linear(n, 1), Linear(n, 5, first=True)],
    MemberLinear: lambda n: [
        MemberLinear(((3, n),), n, 5),
        MemberLinear(((1, 2), (2, n)), n, 5),
        MemberLinear(((1, n), (2, 2), (1, 1)), n, 1),
        MemberLinear(((2, 1), (1, 2)), n, 5),
        MemberLinear(((2, n), (1, 1)), n, 5, first=True),
    ],
    # For more members the rows must be a multiple of theirs: see test_training_joints.py.
    Heads: lambda n: [Heads(1, n, 3), Heads(1, n, 1)],
    CosineEmbedding: lambda n: [
        CosineEmbedding(n, tuple(range(n)), 4, first=True),
        CosineEmbedding(n, (0, n - 1), 3),
        CosineEmbedding(n, (1,), 2),
        CosineEmbedding(n, (n - 1, 0), 1),
    ],
    PiecewiseLinearEmbedding: lambda n: [
        PiecewiseLinearEmbedding(n, tuple(range(n)), 4, first=True),
        PiecewiseLinearEmbedding(n, (0, n - 1), 3, n_bins=5),
        PiecewiseLinearEmbedding(n, (1,), 1, n_bins=1),
    ],
    LevelEmbedding: lambda n: [LevelEmbedding(n - 2, ((3, 2), (40, 5)))],
}


# The option ``numeric_embedding``.
NUMERIC_EMBEDDINGS = {"cosine": CosineEmbedding, "piecewise_linear": PiecewiseLinearEmbedding}


def input_of(layer, x):
    """Numbers (B, n) as rows that the layer takes: some layers take codes."""
    if isinstance(layer, LevelEmbedding):
        x = x.copy()
        for j, (n_codes, _) in enumerate(layer.sizes, start=layer.n_plain):
            x[:, j] = (1e6 * abs(x[:, j])).round() % n_codes
    return x


def layers_of(n: int) -> dict[type, list]:
    """Every kind of layer with the ways to build it for ``n`` columns."""
    activations = {TABLE[name]: [TABLE[name](n)] for name in ACTIVATIONS}
    return activations | {kind: build(n) for kind, build in OTHER_LAYERS.items()}


# The variance of weights (fan_in, fan_out) that the papers ask for: Glorot and Bengio 2010 (eq.
# 12), He et al. 2015 (eq. 10). The logistic function has a quarter of tanh's slope at 0, so 16
# times the variance.
INITIALIZERS: dict[str, Callable[[int, int], float]] = {
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "glorot_uniform_logistic": lambda fan_in, fan_out: 32 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "small_uniform": lambda fan_in, fan_out: 0.1**2,
}
