"""What gives a part of a model as nodes of ONNX: a function or an object for each class.

In: a class, and who exports it. Out: who exports a given object. That of a base class holds for
classes under it that compute the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..encoding.group import ColumnGroup
from ..encoding.scaling import Scaling
from ..frames.read_column import ReadColumn
from ..losses import Loss
from ..network import Activation, Layer
from ..quoting import quoted
from ..targets import ClassTarget, NumberTarget

#: Of each kind what a class computes with: an exporter holds as long as these are the same.
_COMPUTES: dict[type, tuple[str, ...]] = {
    Activation: ("value", "forward"),
    Layer: ("forward",),
    Loss: ("n_raw", "predict", "combine", "spread"),
    Scaling: ("dense",),
    ColumnGroup: ("encode",),
    ReadColumn: ("values", "numbers_of", "numbers"),
    ClassTarget: ("decide", "decode", "probabilities"),
    NumberTarget: ("decode",),
}

#: Who exports an object of a class.
EXPORTERS: dict[type, Any] = {}

E = TypeVar("E")


class NoExporterError(ValueError):
    """A part of a model cannot be exported."""


def exporter(kind: type) -> Callable[[E], E]:
    """Say who gives objects of a class as nodes of ONNX, for :func:`to_onnx`.

    What is needed of your own activations, and of losses whose predictions are not their raw
    scores. For classes under that one it holds where they compute the same.

    Parameters
    ----------
    kind : type
        A class of :class:`sknumpynet.Activation` or :class:`sknumpynet.Loss`. It replaces one that
        was said before.

    Returns
    -------
    callable
        A decorator. Of an activation it takes a function of the activation, a
        :class:`~sknumpynet.onnx.builder.Graph` and a :class:`~sknumpynet.onnx.builder.Value` x,
        which gives the value f(x); of a loss a :class:`~sknumpynet.onnx.losses.LossGraph`.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from sknumpynet import Activation, NumpyMLPRegressor
    >>> from sknumpynet.onnx import exporter, to_onnx
    >>> @dataclass(frozen=True)
    ... class Bend(Activation):
    ...     amount: float = 0.5
    ...
    ...     def value(self, x):
    ...         return x + self.amount * (np.sqrt(1 + x * x) - 1)
    ...
    ...     def slope(self, x, y):
    ...         return 1 + self.amount * x / np.sqrt(1 + x * x)
    >>> @exporter(Bend)
    ... def bend(activation, graph, x):
    ...     return x + activation.amount * (graph.op("Sqrt", 1 + x * x) - 1)
    >>> X = np.linspace(-1, 1, 100)[:, np.newaxis]
    >>> model = NumpyMLPRegressor((5,), activation=Bend(0.9), solver="lbfgs", random_state=0)
    >>> to_onnx(model.fit(X, X[:, 0] ** 2)).producer_name
    'sknumpynet'
    """

    def keep(exports: E) -> E:
        EXPORTERS[kind] = exports
        return exports

    return keep


def exporter_of(part: Any, what: str = "") -> Any:
    """Who exports the object; ValueError if nobody does. ``what`` it is, for the message."""
    kind = type(part)
    root = next(base for base in _COMPUTES if isinstance(part, base))
    for base in kind.__mro__:
        if base in EXPORTERS:
            same = all(getattr(kind, name) is getattr(base, name) for name in _COMPUTES[root])
            if base is kind or same:
                return EXPORTERS[base]
            break
    raise NoExporterError(
        f"{what or quoted(part)} cannot be exported: nobody says what a {kind.__name__} is in "
        f"ONNX. Say it by sknumpynet.onnx.exporter({kind.__name__})."
    )
