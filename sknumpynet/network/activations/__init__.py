"""Elementwise functions between linear layers, and the table of their names."""

from .activation import Activation
from .smooth import Elu, Gelu, Mish, Selu, Silu, Softplus
from .table import ACTIVATIONS, HardTanh, Identity, LeakyRelu, Logistic, Relu, Softsign, Tanh

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Elu",
    "Gelu",
    "HardTanh",
    "Identity",
    "LeakyRelu",
    "Logistic",
    "Mish",
    "Relu",
    "Selu",
    "Silu",
    "Softplus",
    "Softsign",
    "Tanh",
]
