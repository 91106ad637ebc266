"""The names of the optimizers, and what each name means for the arrays of a network.

In: options and the slots of theta. Out: an optimizer. A new one is one class and one row of
``OPTIMIZERS``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .adam import Adam
from .adaptive import Adagrad, Lion, NAdam, RMSprop
from .compose import Averaged, Clipped, Decayed, Grouped, Rule, spans
from .muon import Muon
from .optimizer import Optimizer, Segment
from .rows import ByRows, Tables
from .schedule_free import ScheduleFree
from .sgd import SGD

#: muon_learning_rate="auto" is so many times ``learning_rate_init``: the best of four rates on two
#: of three tables. See DECISIONS: rate of Muon.
MUON_FACTOR = 10.0


#: Muon computes its factor at every so manieth step: the loss is 1.004 of that with a factor of
#: each step, the time of a whole fit 0.67. See DECISIONS: cost of a table.
FACTOR_EVERY = 4


def is_matrix(slot: Segment) -> bool:
    """Whether these are weights between layers: what decays where decay is decoupled.

    Biases, scales, embeddings and vectors of members are not.
    """
    return slot.role == "weight" and len(slot.shape) >= 2 and slot.group in ("hidden", "output")


def is_hidden_matrix(slot: Segment) -> bool:
    """Whether Muon moves it: matrices of hidden layers, the first included, as in TabPack."""
    return is_matrix(slot) and len(slot.shape) == 2 and slot.group == "hidden"


def matrices(slots: Sequence[Segment], start: int = 0) -> list[slice]:
    """Where the weights between layers lie, counted from ``start``."""
    found = (where for matrix, where, _ in spans(slots, is_matrix) if matrix)
    return [slice(where.start - start, where.stop - start) for where in found]


def _sgd(o: Any, slots: Sequence[Segment]) -> Optimizer:
    return SGD(o.learning_rate_init, o.momentum, o.nesterovs_momentum)


def _adam(o: Any, slots: Sequence[Segment]) -> Optimizer:
    return Adam(o.learning_rate_init, o.beta_1, o.beta_2, o.epsilon)


def _adamw(o: Any, slots: Sequence[Segment]) -> Optimizer:
    """For slots that lie side by side."""
    start = slots[0].where.start if slots else 0
    return Decayed(_adam(o, slots), o.weight_decay, matrices(slots, start))


def _muon(o: Any, slots: Sequence[Segment]) -> Optimizer:
    rate, own = o.learning_rate_init, o.muon_learning_rate
    factor = MUON_FACTOR if isinstance(own, str) else own / rate
    rules = []
    for hidden, where, members in spans(slots, is_hidden_matrix):
        if not hidden:
            rules.append(Rule(where, _adamw(o, members)))
            continue
        for slot in members:
            whole = [slice(0, slot.where.stop - slot.where.start)]
            muon = Muon(rate * factor, slot.shape, every=FACTOR_EVERY)
            rules.append(Rule(slot.where, Decayed(muon, o.weight_decay, whole), factor))
    return Grouped(rate, rules)


def _nadam(o: Any, slots: Sequence[Segment]) -> Optimizer:
    return NAdam(o.learning_rate_init, o.beta_1, o.beta_2, o.epsilon)


def _rmsprop(o: Any, slots: Sequence[Segment]) -> Optimizer:
    return RMSprop(o.learning_rate_init, epsilon=o.epsilon)


def _adagrad(o: Any, slots: Sequence[Segment]) -> Optimizer:
    return Adagrad(o.learning_rate_init, o.epsilon)


def _lion(o: Any, slots: Sequence[Segment]) -> Optimizer:
    return Decayed(Lion(o.learning_rate_init, o.beta_1), o.weight_decay, matrices(slots))


def _schedule_free(o: Any, slots: Sequence[Segment]) -> Optimizer:
    return ScheduleFree(
        o.learning_rate_init, o.beta_1, o.beta_2, o.epsilon, o.weight_decay, matrices(slots)
    )


#: The first-order values of the option ``solver``. Each is built from an object that has the
#: options as attributes, and from the slots of the trained part of theta, in their order.
OPTIMIZERS: dict[str, Callable[[Any, Sequence[Segment]], Optimizer]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adamw,
    "muon": _muon,
    "schedule_free": _schedule_free,
    "nadam": _nadam,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "lion": _lion,
}

#: All values of the option ``solver``. "lbfgs" is another kind: it needs all rows at each step, and
#: the loss beside the gradient.
SOLVERS = ("lbfgs", *OPTIMIZERS)


def goes_through_batches(solver: str) -> bool:
    """Whether the solver takes mini-batches, one after the other, and not all rows at once."""
    return solver in OPTIMIZERS


def optimizer_for(
    options: Any,
    slots: Sequence[Segment],
    ema_decay: float | None,
    batch_size: int,
    *,
    from_start: bool = False,
) -> Optimizer:
    """The optimizer of the options ``solver`` and ``max_grad_norm`` for the trained part of theta.

    ``ema_decay`` None: the last weights are judged, no average; it is with those at the
    start if ``from_start``. Tables that are large beside ``batch_size`` are moved row by row.
    """
    optimizer = OPTIMIZERS[options.solver](options, slots)
    if options.max_grad_norm is not None:
        optimizer = Clipped(optimizer, options.max_grad_norm)
    if ema_decay is not None:
        optimizer = Averaged(optimizer, ema_decay, from_start)
    tables = Tables.of(slots)
    if tables.worth_it(batch_size) and optimizer.coasts:
        optimizer = ByRows(optimizer, tables)
    return optimizer
