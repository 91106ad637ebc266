"""Activations, other layers and initializers.

A new one of each is one entry.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sknumpynet.network import ACTIVATIONS as TABLE
from sknumpynet.network import Dropout, Linear


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
    Dropout: lambda n: [Dropout(n, 0.4)],
}


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
}
