"""A node: the nodes it is computed from, the value it has, and the gradient that comes back to it.

``Input`` holds data and ``Parameter`` holds numbers to be learned; all other nodes are operations
(``operations.py``). Writing ``a + b``, ``a * b`` or ``a @ b`` computes nothing yet: it makes a new
node, which ``evaluate`` and ``backpropagate`` (``traversal.py``) fill with numbers.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class Node:
    """``y = f(x1, ..., xk)``: one operation f, applied to the values of k other nodes.

    A kind of node is made by writing two methods, ``forward`` for f itself and ``backward`` for its
    derivative. Both are plain functions of arrays; the walk through the graph is not their concern.

    A node knows the nodes it reads and not those that read it. The arrows therefore point one way
    only: there are no cycles, and a graph nobody holds any more is freed at once.

    Parameters
    ----------
    *inputs : Node, number or array
        What f is applied to, in the order of its arguments. A number or an array is wrapped in an
        ``Input``.
    name : str, optional
        Used in error messages and drawings.

    Attributes
    ----------
    value : ndarray of float64, or None before the first ``evaluate``
        y. A single number is an array of shape ``()``.
    gradient : ndarray of the shape of ``value``, or None before the first ``backpropagate``
        How fast the number at the end of the graph grows with each entry of y.
    operands : tuple of ndarray
        The values of the inputs that ``value`` was computed from.
    contributions : tuple of ndarray
        What the last ``backpropagate`` sent from this node to each of its inputs.

    Examples
    --------
    >>> from sknumpynet.graph import Input, Node, backpropagate, evaluate
    >>> class Square(Node):
    ...     def forward(self, x):
    ...         return x * x
    ...
    ...     def backward(self, dy, x):
    ...         return dy * 2 * x
    >>> x = Input(3)
    >>> y = Square(x)
    >>> evaluate(y)
    array(9.)
    >>> backpropagate(y)
    >>> x.gradient
    array(6.)
    """

    symbol: str | None = None  # what a drawing writes into the node; None: the name of the class

    # Without this line ``array * node`` would be answered by NumPy, with an array of many nodes.
    __array_ufunc__ = None

    def __init__(self, *inputs: Node | ArrayLike, name: str | None = None) -> None:
        try:
            inspect.signature(self.forward).bind(*inputs)
        except TypeError as reason:
            raise TypeError(f"{type(self).__name__} got {len(inputs)} inputs: {reason}") from None
        self.inputs = tuple(x if isinstance(x, Node) else _constant(x) for x in inputs)
        self.name = name
        # Arrays, once they are computed.
        self.value: Any = None
        self.gradient: Any = None
        self.operands: tuple[Array, ...] = ()
        self.contributions: tuple[Array, ...] = ()

    def forward(self, *operands: Array) -> Array:
        """Return y, given the values of the inputs.

        Parameters
        ----------
        *operands : ndarray
            One for each input. They must not be changed.

        Returns
        -------
        ndarray

        Raises
        ------
        ValueError
            If their shapes do not fit; ``evaluate`` adds which node it was, and the shapes.
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy: Array, *operands: Array) -> Array | tuple[Array, ...]:
        """Return the gradient of each input, given the gradient of y.

        Parameters
        ----------
        dy : ndarray of the shape of y
            The gradient of y, complete: every node that uses y has added its part.
        *operands : ndarray
            The arguments ``forward`` had; what it returned is ``self.value``.

        Returns
        -------
        ndarray, or a tuple of them if there are several inputs
            For each input an array of the shape of its value.
        """
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def __add__(self, other: Node | ArrayLike) -> Node:
        """Return the node ``self + other``."""
        return _operations().Add(self, other)

    def __radd__(self, other: ArrayLike) -> Node:
        """Return the node ``other + self``."""
        return _operations().Add(other, self)

    def __mul__(self, other: Node | ArrayLike) -> Node:
        """Return the node ``self * other``, entry by entry."""
        return _operations().Multiply(self, other)

    def __rmul__(self, other: ArrayLike) -> Node:
        """Return the node ``other * self``, entry by entry."""
        return _operations().Multiply(other, self)

    def __matmul__(self, other: Node | ArrayLike) -> Node:
        """Return the node ``self @ other``, the product of two matrices."""
        return _operations().MatMul(self, other)

    def __rmatmul__(self, other: ArrayLike) -> Node:
        """Return the node ``other @ self``, the product of two matrices."""
        return _operations().MatMul(other, self)

    def __repr__(self) -> str:
        """Return the kind of node with its name, or with the names of its inputs if it has none."""
        kind = type(self).__name__
        if self.name is not None:
            return f"{kind} {self.name!r}"
        if not self.inputs:
            return kind
        return f"{kind}({', '.join(source.label for source in self.inputs)})"

    @property
    def label(self) -> str:
        """The name in quotes, or the kind of node if it has no name."""
        return type(self).__name__ if self.name is None else repr(self.name)


class Input(Node):
    """``y = value``: numbers that come from outside.

    Parameters
    ----------
    value : number or array, optional
        Copied, as float64. It can be set, and set anew, at any time: that is how a graph that was
        built once is fed with one mini-batch after another. The next ``evaluate`` uses it.
    name : str, optional
        Used in error messages and drawings.

    Examples
    --------
    >>> from sknumpynet.graph import Input, evaluate
    >>> x = Input(name="x")
    >>> doubled = x * 2
    >>> for batch in ([1, 2], [3, 4, 5]):
    ...     x.value = batch
    ...     print(evaluate(doubled))
    [2. 4.]
    [ 6.  8. 10.]
    """

    def __init__(self, value: ArrayLike | None = None, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.value = value

    @property
    def value(self) -> Any:
        """The numbers, as an array of float64."""
        return self._value

    @value.setter
    def value(self, value: ArrayLike | None) -> None:
        self._value = None if value is None else np.array(value, dtype=np.float64)


class Parameter(Input):
    """``y = value``: numbers to be learned, which ``sgd_update`` moves.

    Examples
    --------
    >>> from sknumpynet.graph import Parameter
    >>> Parameter([[1, 2], [3, 4]], name="W").value
    array([[1., 2.],
           [3., 4.]])
    """


def _constant(value: ArrayLike) -> Input:
    """Wrap a number or an array that stands in an expression; a number is its own name."""
    return Input(value, name=str(value) if np.ndim(value) == 0 else None)


def _operations():
    """Import late: ``operations.py`` builds on ``Node``, so it cannot be imported before it."""
    from . import operations

    return operations
