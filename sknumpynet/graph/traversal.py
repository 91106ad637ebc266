"""Walk through a graph: forward for the values, backward for the gradients, then take a step.

All three start from the last node, usually the loss. One training step on a mini-batch is: set the
``value`` of the inputs, then ``evaluate(loss)``, ``backpropagate(loss)``, and
``sgd_update(find_parameters(loss), learning_rate)``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .node import Array, Input, Node, Parameter


def topological_order(node: Node) -> list[Node]:
    """List ``node`` and all it depends on, each after the nodes it is computed from.

    Parameters
    ----------
    node : Node
        The end of the graph; it comes last in the list.

    Returns
    -------
    list of Node
        Every node once, however many others use it.

    Examples
    --------
    >>> from sknumpynet.graph import Input, topological_order
    >>> a, b = Input(1, name="a"), Input(2, name="b")
    >>> topological_order((a + b) * a)
    [Input 'a', Input 'b', Add('a', 'b'), Multiply(Add, 'a')]
    """
    # "First my inputs, then me" would be shortest as a recursive function, but Python allows only
    # about 1,000 nested calls. The list of what is still to be done replaces them: a node is taken
    # from its end twice, first to put its inputs there, and once those are done, to be listed.
    order = []
    seen = set()
    to_do = [(node, False)]
    while to_do:
        current, inputs_are_listed = to_do.pop()
        if inputs_are_listed:
            order.append(current)
        elif current not in seen:
            seen.add(current)
            to_do.append((current, True))
            to_do.extend((source, False) for source in reversed(current.inputs))
    return order


def evaluate(node: Node) -> Array:
    """Compute the value of ``node``, and of all it depends on, from the inputs forward.

    Parameters
    ----------
    node : Node
        The node whose value is wanted.

    Returns
    -------
    ndarray of float64
        ``node.value``; a single number has shape ``()``.

    Raises
    ------
    ValueError
        If shapes do not fit, or an ``Input`` has no value yet. The message names the node.

    Examples
    --------
    >>> from sknumpynet.graph import Input, evaluate
    >>> price, number = Input(100), Input(2)
    >>> evaluate(price * number)
    array(200.)
    """
    for current in topological_order(node):
        if isinstance(current, Input):
            if current.value is None:
                raise ValueError(f"{current} has no value yet: set its .value before evaluating")
            continue
        operands = tuple(source.value for source in current.inputs)
        try:
            value = current.forward(*operands)
        except ValueError as reason:
            shapes = ", ".join(f"{source.label} {source.value.shape}" for source in current.inputs)
            message = f"{current} cannot be computed from inputs of shapes {shapes}: {reason}"
            raise ValueError(message) from reason
        if value is None:
            raise TypeError(f"the forward of {current} returned nothing")
        current.operands = operands
        current.value = np.asarray(value, dtype=np.float64)
    return node.value


def backpropagate(node: Node) -> None:
    """Compute the gradient of ``node`` with respect to all it depends on, from its end backward.

    Afterwards ``x.gradient`` says how fast the value of ``node`` grows with each entry of x. If
    that value is not one number but several, it is their sum that is meant; to weight them by an
    array w, evaluate and backpropagate ``node * w``.

    Parameters
    ----------
    node : Node
        The end of the graph, usually a loss. It must have been evaluated with the present values.

    Raises
    ------
    ValueError
        If a value was never computed, or an input of it was set anew since. The message names the
        node. Changes inside an array (``x.value[0] = 5``) are not noticed: assign a new array.
    TypeError, ValueError
        If the ``backward`` of a node returns too few or too many gradients, or one whose shape is
        not that of the input.

    Examples
    --------
    A node that is used twice gets the sum of what comes back from both uses:

    >>> from sknumpynet.graph import Input, backpropagate, evaluate
    >>> x = Input(5)
    >>> y = x * 3 + x * x
    >>> evaluate(y)
    array(40.)
    >>> backpropagate(y)
    >>> x.gradient
    array(13.)
    """
    order = topological_order(node)
    for current in order:
        _check_evaluated(current)
    for current in order:
        current.gradient = np.zeros_like(current.value)
    node.gradient = np.ones_like(node.value)

    # In this order a node comes after all that use it, so its gradient is complete when it is read.
    for current in reversed(order):
        if isinstance(current, Input):
            continue
        current.contributions = _contributions(current)
        for source, contribution in zip(current.inputs, current.contributions, strict=True):
            source.gradient += contribution


def find_parameters(node: Node) -> list[Parameter]:
    """List the parameters that ``node`` depends on, each once, from the inputs forward.

    Parameters
    ----------
    node : Node
        The end of the graph, usually a loss.

    Returns
    -------
    list of Parameter

    Examples
    --------
    >>> from sknumpynet.graph import Input, Linear, Parameter, find_parameters
    >>> X = Input(name="X")
    >>> find_parameters(Linear(X, Parameter([[2]], name="W"), Parameter([1], name="b")))
    [Parameter 'W', Parameter 'b']
    """
    return [current for current in topological_order(node) if isinstance(current, Parameter)]


def sgd_update(parameters: Iterable[Parameter], learning_rate: float) -> None:
    """``W <- W - learning_rate * dW`` for each parameter W, one step of gradient descent.

    Parameters
    ----------
    parameters : iterable of Parameter
        Those to move, after ``backpropagate``. One that is listed twice moves once.
    learning_rate : float
        The length of the step in units of the gradient, above 0.

    Raises
    ------
    ValueError
        If the learning rate is not above 0, or a parameter has no gradient yet.

    Examples
    --------
    >>> from sknumpynet.graph import Parameter, backpropagate, evaluate, sgd_update
    >>> w = Parameter(3, name="w")
    >>> loss = w * w
    >>> for step in range(3):
    ...     print(evaluate(loss))
    ...     backpropagate(loss)
    ...     sgd_update([w], learning_rate=0.25)
    9.0
    2.25
    0.5625
    """
    if not learning_rate > 0:
        raise ValueError(f"learning_rate must be above 0, got {learning_rate!r}")
    for parameter in dict.fromkeys(parameters):
        if parameter.gradient is None:
            raise ValueError(
                f"{parameter} has no gradient: backpropagate a node that depends on it"
            )
        parameter.value = parameter.value - learning_rate * parameter.gradient


def _check_evaluated(node: Node) -> None:
    """Refuse a node whose value does not belong to the present values of its inputs."""
    if node.value is None:
        raise ValueError(f"{node} has no value yet: evaluate before you backpropagate")
    for operand, source in zip(node.operands, node.inputs, strict=True):
        if operand is not source.value:
            raise ValueError(
                f"{node} was computed before {source} got its present value: "
                "evaluate again before you backpropagate"
            )


def _contributions(node: Node) -> tuple[Array, ...]:
    """Return what ``node`` sends back to each of its inputs: one array of the shape of each."""
    gradients = node.backward(node.gradient, *node.operands)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    if len(gradients) != len(node.inputs):
        raise TypeError(
            f"the backward of {node} returned {len(gradients)} gradients "
            f"for {len(node.inputs)} inputs"
        )
    for gradient, source in zip(gradients, node.inputs, strict=True):
        if gradient is None:
            raise TypeError(f"the backward of {node} returned nothing for {source}")
        if np.shape(gradient) != source.value.shape:
            raise ValueError(
                f"the backward of {node} returned a gradient of shape {np.shape(gradient)} "
                f"for {source} of shape {source.value.shape}"
            )
    return gradients
