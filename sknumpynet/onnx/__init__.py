"""Models for other runtimes: estimators as graphs of ONNX.

It needs the package onnx, which the extra "onnx" installs. Nothing else of this package imports it.
"""

try:
    import onnx as _  # noqa: F401
except ImportError as error:
    raise ImportError(
        "sknumpynet.onnx needs the package onnx: pip install 'sknumpynet[onnx]'."
    ) from error

from . import activations  # noqa: F401 # Its exporters.
from .builder import Graph, Value
from .inputs import as_inputs
from .losses import LossGraph
from .model import to_onnx
from .pipelines import register
from .table import exporter

__all__ = ["Graph", "LossGraph", "Value", "as_inputs", "exporter", "register", "to_onnx"]
