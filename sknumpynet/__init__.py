"""Multilayer perceptrons for scikit-learn on a hand-written NumPy backpropagation core.

The subpackages are steps; reading them in order follows the data: frames (any frame to a table),
encoding (table to arrays), network (to raw scores), losses (to a number), optimizers (from its
gradient to a step), training (epochs), fitting (one fit), estimators (scikit-learn) and inspection
(looking at a fitted estimator). Beside them stand rows (which, and which are equal), targets (y)
and options (what a user may say). ``graph`` is a
separate small system to learn backpropagation with.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from .estimators import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from .estimators.search_space import search_space
from .losses import Loss
from .network import Activation

if _TYPE_CHECKING:
    from . import callbacks as callbacks
    from . import dask as dask
    from . import graph as graph
    from . import inspection as inspection
    from . import io as io
    from . import onnx as onnx

__all__ = [
    "Activation",
    "Loss",
    "NumpyMLPClassifier",
    "NumpyMLPRegressor",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
    "search_space",
]
__version__ = "0.2.0"

#: Imported when they are asked for: some need packages that are not there, and all take time.
_MODULES = ("callbacks", "dask", "graph", "inspection", "io", "onnx")


def __getattr__(name: str) -> _Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return _import_module(f"{__name__}.{name}")
    except ImportError as error:
        # So that `help` and `hasattr` pass by; `from sknumpynet import onnx` has its own error.
        raise AttributeError(f"{__name__}.{name}: {error}", name=name) from error


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES, "__doc__", "__version__"])
