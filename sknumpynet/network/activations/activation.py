"""What an activation is: an elementwise function between linear layers, and its derivative.

In and out: (B, n). The package's own activations are in ``activations.py``; one of the user's own
is a subclass of ``Activation``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import ClassVar

import numpy as np

from ..dropout import Dropout
from ..layer import Buffer, Layer, Scratch


@dataclass(frozen=True)
class Activation(Layer):
    """An elementwise function ``y = f(x)``; the base of every activation, also of your own.

    A subclass defines ``value`` and ``slope``, which work on arrays of any shape and do not write
    to them. Its parameters are the fields of a frozen dataclass, so that activations compare by
    value, and clones, pickles and grids of values work. An estimator is given one as ``activation``
    (an object, or the class where there are no parameters), or as an item of a sequence. ``fit``
    first tries it on six numbers, and names the class and the method if a result has the wrong
    shape, or is not finite; its dtype may be any.

    Parameters
    ----------
    n : int
        Columns of x, by name only. The network sets it: leave it out.

    Attributes
    ----------
    initializer, gain : str, float
        Of the class: what fills the weights in front of it, between two layers of this activation
        (a key of :data:`sknumpynet.network.initializers.INITIALIZERS`), and a factor on them. So
        that signals keep their size, ``gain = 1 / sqrt(E[f(z)^2])`` for normal z with the
        initializer "lecun_uniform"; where f is about x near 0 and bounded, 1 with the default,
        "glorot_uniform".
    first_initializer, first_gain : str, float
        The same for a layer that is fed the columns of a table.
    dropout : type
        Of the class: the layer behind it for the option ``dropout``, made of n and the rate.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from sknumpynet import Activation, NumpyMLPRegressor
    >>> from sknumpynet.inspection import check_gradient
    >>> @dataclass(frozen=True)
    ... class Bend(Activation):
    ...     amount: float = 0.5
    ...
    ...     def value(self, x):
    ...         return x + self.amount * (np.sqrt(1 + x * x) - 1)
    ...
    ...     def slope(self, x, y):
    ...         return 1 + self.amount * x / np.sqrt(1 + x * x)
    >>> bend = Bend(amount=0.9)
    >>> def total(x):
    ...     y = bend.value(x)
    ...     return y.sum(), bend.slope(x, y)
    >>> check_gradient(total, np.linspace(-3, 3, 20)).error < 1e-8
    True
    >>> X = np.linspace(-1, 1, 100)[:, np.newaxis]
    >>> y = np.abs(X[:, 0])
    >>> model = NumpyMLPRegressor((20,), activation=bend, solver="lbfgs", random_state=0)
    >>> model.fit(X, y).score(X, y) > 0.99
    True
    """

    n: int = field(default=0, repr=False, kw_only=True)
    initializer: ClassVar[str] = "glorot_uniform"
    gain: ClassVar[float] = 1.0
    first_initializer: ClassVar[str] = "glorot_uniform"
    first_gain: ClassVar[float] = 1.0
    dropout: ClassVar[type[Dropout]] = Dropout

    def value(self, x: np.ndarray) -> np.ndarray:
        """``f(x)``, an array of the shape of x."""
        raise NotImplementedError(f"{type(self).__name__} does not define value(self, x).")

    def slope(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """``f'(x)``, of the same shape; y is ``f(x)``, for derivatives that are simple in it."""
        raise NotImplementedError(f"{type(self).__name__} does not define slope(self, x, y).")

    # An activation that is worth it defines these instead, in its buffers.

    def buffers(self) -> dict[str, Buffer]:
        return {"y": Buffer((self.n,)), "slope": Buffer((self.n,), training=True)}

    def forward(self, x: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        ws.kept = x
        ws.y[...] = self.value(x)
        return ws.y

    def backward(self, dy: np.ndarray, p: SimpleNamespace, ws: Scratch) -> np.ndarray:
        ws.slope[...] = self.slope(ws.kept, ws.y)
        dy *= ws.slope
        return dy
