"""A graph of ONNX under construction: values that are computed with as with arrays.

In: operators and numbers. Out: nodes, initializers and inputs with names of their own. Equal
constants are stored once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

#: Operators of this version, which onnxruntime reads since 1.17 (January 2024), and of the one of
#: ``ai.onnx.ml`` that skl2onnx writes.
OPSET, ML_OPSET, ML = 20, 3, "ai.onnx.ml"

#: What text is computed in.
TEXT = np.dtype(object)

DOUBLE, WHOLE = np.dtype(np.float64), np.dtype(np.int64)


def type_of(dtype: Any) -> int:
    """The type of a tensor of this dtype."""
    if dtype == TEXT:
        return onnx.TensorProto.STRING
    return int(onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of a graph; operators between values, and with numbers, add nodes to it.

    Parameters
    ----------
    graph : Graph
    name : str
    dtype : dtype
        Numbers that it is computed with become this.
    """

    graph: Graph
    name: str
    dtype: np.dtype

    #: So that NumPy's arrays leave operators to it.
    __array_ufunc__ = None

    def __add__(self, other: Any) -> Value:
        return self.graph.op("Add", self, other)

    def __radd__(self, other: Any) -> Value:
        return self.graph.op("Add", self, other)

    def __sub__(self, other: Any) -> Value:
        return self.graph.op("Sub", self, other)

    def __rsub__(self, other: Any) -> Value:
        return self.graph.op("Sub", self.graph.constant(other, self.dtype), self)

    def __mul__(self, other: Any) -> Value:
        return self.graph.op("Mul", self, other)

    def __rmul__(self, other: Any) -> Value:
        return self.graph.op("Mul", self, other)

    def __truediv__(self, other: Any) -> Value:
        return self.graph.op("Div", self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.graph.op("Div", self.graph.constant(other, self.dtype), self)

    def __matmul__(self, other: Any) -> Value:
        return self.graph.op("MatMul", self, other)

    def __neg__(self) -> Value:
        return self.graph.op("Neg", self)

    def __ge__(self, other: Any) -> Value:
        return self.graph.op("GreaterOrEqual", self, other, dtype=bool)

    def __gt__(self, other: Any) -> Value:
        return self.graph.op("Greater", self, other, dtype=bool)


class Graph:
    """Nodes and what they need.

    Parameters
    ----------
    taken : sequence of str
        Names that no value may get.
    named : callable, optional
        From a name that is wanted to one that is given. Default: the name, with a number behind it
        where it is taken.

    Attributes
    ----------
    nodes : list of NodeProto
    initializers : list of TensorProto
    """

    def __init__(
        self, taken: Sequence[str] = (), named: Callable[[str], str] | None = None
    ) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._names = set(taken)
        self._named = named
        self._constants: dict[tuple, Value] = {}
        self._numbers: dict[str, int] = {}

    def fresh(self, wanted: str) -> str:
        """A name that nothing has."""
        if self._named is not None:
            return self._named(wanted)
        name = wanted
        while name in self._names:
            number = self._numbers[wanted] = self._numbers.get(wanted, 0) + 1
            name = f"{wanted}_{number}"
        self._names.add(name)
        return name

    def op(
        self,
        operator: str,
        *inputs: Any,
        dtype: Any = None,
        domain: str = "",
        name: str | None = None,
        **attributes: Any,
    ) -> Value:
        """The value that an operator of ONNX gives.

        Parameters
        ----------
        operator : str
            Its name.
        *inputs : Value or array-like
            Numbers and arrays become constants of the dtype of the first value.
        dtype : dtype, optional
            Of the result; default: that of the first value.
        domain : str
        name : str, optional
            Of the result.
        **attributes
            Of the node.
        """
        names = None if name is None else [name]
        return self.ops(
            operator, *inputs, n=1, dtype=dtype, domain=domain, names=names, **attributes
        )[0]

    def ops(
        self,
        operator: str,
        *inputs: Any,
        n: int,
        dtype: Any = None,
        domain: str = "",
        names: Sequence[str] | None = None,
        **attributes: Any,
    ) -> list[Value]:
        """The same of an operator that gives ``n`` values, of one dtype."""
        first = next(value for value in inputs if isinstance(value, Value))
        values = [v if isinstance(v, Value) else self.constant(v, first.dtype) for v in inputs]
        names = names or [self.fresh(operator.lower()) for _ in range(n)]
        dtype = np.dtype(first.dtype if dtype is None else dtype)
        # With a name: optimizers call what they make of nodes by these.
        node = onnx.helper.make_node(
            operator,
            [v.name for v in values],
            list(names),
            name=names[0],
            domain=domain,
            **attributes,
        )
        self.nodes.append(node)
        return [Value(self, name, dtype) for name in names]

    def rename(self, value: Value, name: str) -> None:
        """Give a value that a node gives another name."""
        for node in self.nodes:
            for names in (node.input, node.output):
                names[:] = [name if known == value.name else known for known in names]

    def constant(self, array: Any, dtype: Any = DOUBLE) -> Value:
        """An initializer; the same one for equal arrays."""
        array = np.asarray(array, dtype=dtype)
        text = array.dtype == TEXT
        content = tuple(array.ravel().tolist()) if text else array.tobytes()
        key = array.dtype, array.shape, content
        if key not in self._constants:
            name = self.fresh("constant")
            if text:
                flat = [label.encode() for label in array.ravel().tolist()]
                tensor = onnx.helper.make_tensor(name, type_of(TEXT), array.shape, flat)
            else:
                tensor = onnx.numpy_helper.from_array(np.ascontiguousarray(array), name)
                # Of a number it has made an array of one.
                del tensor.dims[:]
                tensor.dims.extend(array.shape)
            self.initializers.append(tensor)
            self._constants[key] = Value(self, name, array.dtype)
        return self._constants[key]

    # Operators that need more than a name.

    def cast(self, x: Value, dtype: Any) -> Value:
        """The value in another dtype."""
        dtype = np.dtype(dtype)
        return x if x.dtype == dtype else self.op("Cast", x, dtype=dtype, to=type_of(dtype))

    def where(self, mask: Value, one: Any, other: Any) -> Value:
        """``one`` where the mask is true, else ``other``; one of them is a value."""
        dtype = next(v.dtype for v in (one, other) if isinstance(v, Value))
        values = [v if isinstance(v, Value) else self.constant(v, dtype) for v in (one, other)]
        return self.op("Where", mask, *values, dtype=dtype)

    def take(self, x: Value, indices: Any, axis: int) -> Value:
        """Entries along an axis; the indices are a value, or numbers."""
        if not isinstance(indices, Value):
            indices = self.constant(indices, WHOLE)
        return self.op("Gather", x, indices, axis=axis)

    def concat(self, values: Sequence[Value], axis: int) -> Value:
        """Values of one dtype side by side."""
        return values[0] if len(values) == 1 else self.op("Concat", *values, axis=axis)

    def expand(self, x: Value, axis: int) -> Value:
        """With an axis of length 1 more."""
        return self.op("Unsqueeze", x, self.constant([axis], WHOLE))

    def reshape(self, x: Value, *shape: int) -> Value:
        """In another shape, of which 0 stands for what the axis has."""
        return self.op("Reshape", x, self.constant(shape, WHOLE))

    def reduce(self, operator: str, x: Value, axis: int, *, keep: bool = False) -> Value:
        """``ReduceSum`` and its like over an axis, which is kept (of length 1) or not."""
        return self.op(operator, x, self.constant([axis], WHOLE), keepdims=int(keep))

    def cosine(self, x: Value) -> Value:
        """``cos(x)``, for which onnxruntime had no operator of float64 in 2024."""
        if x.dtype == DOUBLE:
            return self.op("Sin", x + np.pi / 2)
        return self.op("Cos", x)

    def is_nan(self, x: Value) -> Value:
        """Where x is NaN."""
        return self.op("IsNaN", x, dtype=bool)
