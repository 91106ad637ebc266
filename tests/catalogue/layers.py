"""Activations, other layers and initializers.

A new one of each is one entry.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sknumpynet.network import ACTIVATIONS as TABLE
from sknumpynet.network import (
    AlphaDropout,
    BatchNorm,
    Dropout,
    Heads,
    LayerNorm,
    LevelEmbedding,
    Linear,
    MemberLinear,
    Residual,
    RunningNorm,
)
from sknumpynet.network.embeddings import CosineEmbedding, PiecewiseLinearEmbedding


@dataclass(frozen=True)
class ActivationCase:
    """Three inputs with their outputs; what fills the weights between its layers, at the table."""

    x: Sequence[float]
    y: Sequence[float]
    initializer: str = "glorot_uniform"
    first_initializer: str = "glorot_uniform"
    gain: float = 1.0
    first_gain: float = 1.0


def smooth(*y: float, first_initializer: str = "glorot_uniform", gain: float) -> ActivationCase:
    """Outputs for -2, 0 and 1.5 and the gain 1 / sqrt(E[f(z)^2]), z normal, all by mpmath."""
    return ActivationCase([-2.0, 0.0, 1.5], y, "lecun_uniform", first_initializer, gain)


ACTIVATIONS = {
    "identity": ActivationCase([-2.0, 0.0, 3.0], [-2.0, 0.0, 3.0]),
    # He's factor 2 makes up for what the relu before takes away. Before the first there is none.
    "relu": ActivationCase([-2.0, 0.0, 3.0], [0.0, 0.0, 3.0], "he_uniform"),
    "logistic": ActivationCase(
        [-math.log(3), 0.0, math.log(3)],
        [0.25, 0.5, 0.75],
        # A quarter of tanh's slope at 0.
        gain=4.0,
        first_gain=4.0,
    ),
    "tanh": ActivationCase([-math.log(2), 0.0, math.log(3)], [-0.6, 0.0, 0.8]),
    "leaky_relu": ActivationCase([-2.0, 0.0, 3.0], [-0.02, 0.0, 3.0], "he_uniform", gain=0.99995),
    "elu": smooth(-0.864664716763387308, 0.0, 1.5, gain=1.245198301),
    "selu": smooth(
        *(-1.52016646859569504, 0.0, 1.57605148103322074),
        first_initializer="lecun_uniform",
        gain=1.0,
    ),
    "gelu": smooth(-0.0455002638963584144, 0.0, 1.3997891980967129, gain=1.533530441),
    "silu": smooth(-0.238405844044235112, 0.0, 1.22636171429046549, gain=1.67653247),
    "mish": smooth(-0.252501482695708864, 0.0, 1.40337826639580258, gain=1.486847581),
    "softplus": smooth(0.126928011042972496, math.log(2), 1.70141327798275241, gain=1.041866836),
    "hard_tanh": ActivationCase([-2.0, 0.5, 3.0], [-1.0, 0.5, 1.0]),
    "softsign": ActivationCase([-3.0, 0.0, 1.0], [-0.75, 0.0, 0.5]),
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
        CosineEmbedding(n, (0, n - 1), 3, number_start=0.5),
        CosineEmbedding(n, (1,), 2),
        CosineEmbedding(n, (n - 1, 0), 1),
    ],
    PiecewiseLinearEmbedding: lambda n: [
        PiecewiseLinearEmbedding(n, tuple(range(n)), 4, first=True),
        PiecewiseLinearEmbedding(n, (0, n - 1), 3, n_bins=5),
        PiecewiseLinearEmbedding(n, (1,), 1, n_bins=1),
    ],
    Dropout: lambda n: [Dropout(n, 0.4)],
    AlphaDropout: lambda n: [AlphaDropout(n, 0.4)],
    BatchNorm: lambda n: [BatchNorm(n)],
    RunningNorm: lambda n: [RunningNorm(n)],
    LayerNorm: lambda n: [LayerNorm(n)],
    Residual: lambda n: [
        Residual((Linear(n, 3), TABLE["tanh"](n=3), Linear(3, n)), n, n),
        Residual((Linear(n, 5), LayerNorm(5), TABLE["elu"](n=5), Dropout(5, 0.3)), n, 5),
        Residual((Residual((BatchNorm(n), Linear(n, n)), n, n), TABLE["tanh"](n=n)), n, n),
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
    activations = {TABLE[name]: [TABLE[name](n=n)] for name in ACTIVATIONS}
    return activations | {kind: build(n) for kind, build in OTHER_LAYERS.items()}


# The variance of weights (fan_in, fan_out) that the papers ask for: Glorot and Bengio 2010 (eq.
# 12), He et al. 2015 (eq. 10), LeCun et al. 1998 (eq. 16). The first are
# uniform.
UNIFORM: dict[str, Callable[[int, int], float]] = {
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "lecun_uniform": lambda fan_in, fan_out: 1 / fan_in,
}
INITIALIZERS = UNIFORM | {
    "glorot_normal": UNIFORM["glorot_uniform"],
    "he_normal": UNIFORM["he_uniform"],
    "lecun_normal": UNIFORM["lecun_uniform"],
    "orthogonal": UNIFORM["he_uniform"],
}
