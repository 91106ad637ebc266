"""The names of the optimizers.

In: options and the slots of theta. Out: an optimizer. A new one is one class and one row of
``OPTIMIZERS``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .adam import Adam
from .optimizer import Optimizer, Slot
from .sgd import SGD

#: The first-order values of the option ``solver``. Each is built from an object that has the
#: options as attributes, and from the slots of the trained part of theta, in their order.
OPTIMIZERS: dict[str, Callable[[Any, Sequence[Slot]], Optimizer]] = {
    "sgd": lambda o, slots: SGD(o.learning_rate_init, o.momentum, o.nesterovs_momentum),
    "adam": lambda o, slots: Adam(o.learning_rate_init, o.beta_1, o.beta_2, o.epsilon),
}

#: All values of the option ``solver``. "lbfgs" is another kind: it needs all rows at each step, and
#: the loss beside the gradient.
SOLVERS = ("lbfgs", *OPTIMIZERS)


def goes_through_batches(solver: str) -> bool:
    """Whether the solver takes mini-batches, one after the other, and not all rows at once."""
    return solver in OPTIMIZERS
