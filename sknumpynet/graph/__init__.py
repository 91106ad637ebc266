"""A computational graph, to learn how backpropagation works; NumPy only, used by nothing else here.

A formula is written once, as nodes that know what they are computed from. Walking through them
forward gives the value, and walking back gives the gradient with respect to every node. Read
``node.py``, then ``operations.py`` (each formula beside its derivative), then ``traversal.py`` (the
walk), and look at a graph with ``draw``.

Examples
--------
Two apples at 100 each, with a tax of 10 %. How does the bill change with each of the three?

>>> from sknumpynet.graph import Input, backpropagate, evaluate
>>> price, number, tax = Input(100), Input(2), Input(1.1)
>>> bill = price * number * tax
>>> print(f"{evaluate(bill):.2f}")
220.00
>>> backpropagate(bill)
>>> print(f"{price.gradient:.2f} {number.gradient:.2f} {tax.gradient:.2f}")
2.20 110.00 200.00

A layer is fed with new samples by setting the value of its input, and learns by ``sgd_update``:

>>> from sknumpynet.graph import Linear, MeanSquaredError, Parameter, find_parameters, sgd_update
>>> X, target = Input(name="X"), Input(name="target")
>>> layer = Linear(X, Parameter([[0]], name="W"), Parameter([0], name="b"))
>>> loss = MeanSquaredError(layer, target)
>>> for step in range(200):
...     X.value, target.value = [[0], [1], [2]], [[1], [3], [5]]
...     _ = evaluate(loss)
...     backpropagate(loss)
...     sgd_update(find_parameters(loss), learning_rate=0.2)
>>> X.value = [[10]]
>>> print(evaluate(layer).round(3))
[[21.]]
"""

from .drawing import draw
from .node import Input, Node, Parameter
from .operations import (
    Add,
    Linear,
    MatMul,
    MeanSquaredError,
    Multiply,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
)
from .traversal import backpropagate, evaluate, find_parameters, sgd_update, topological_order

__all__ = [
    "Add",
    "Input",
    "Linear",
    "MatMul",
    "MeanSquaredError",
    "Multiply",
    "Node",
    "Parameter",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Tanh",
    "backpropagate",
    "draw",
    "evaluate",
    "find_parameters",
    "sgd_update",
    "topological_order",
]
