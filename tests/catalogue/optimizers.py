"""Optimizers, what wraps them, and schedules.

A new optimizer is one entry of ``OPTIMIZERS`` (or several, for ways to run it), a new schedule one
of ``SCHEDULES``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from sknumpynet import NumpyMLPRegressor
from sknumpynet.optimizers import OPTIMIZERS as TABLE
from sknumpynet.optimizers import (
    Averaged,
    ByRows,
    Clipped,
    Decayed,
    Grouped,
    Lion,
    Muon,
    Optimizer,
    Rule,
    Tables,
)


@dataclass(frozen=True)
class OptimizerCase:
    """One way to run an optimizer of the table."""

    solver: str
    options: dict = field(default_factory=dict)
    # Vectors it remembers, each as long as theta.
    n_moments: int = 0
    # The learning rate for the valley of Rosenbrock.
    valley: float = 1e-4
    # A learning rate for networks of a few units.
    rate: float = 0.01
    # How near it comes to the bottom of a parabola at a rate.
    near: float = 1e-3
    bowl: float = 0.02
    # Whether the step of an entry depends on that entry's gradient alone.
    entrywise: bool = True
    # What theta is: the role and the group of a matrix of one column.
    part: tuple[str, str] = ("weight", "hidden")
    # Whether the weights to judge are others than those that steps move.
    averages: bool = False


OPTIMIZERS = {
    "adam": OptimizerCase("adam", n_moments=2, valley=0.02),
    "adamw": OptimizerCase("adamw", {"weight_decay": 1e-4}, n_moments=2, valley=0.02),
    # Its steps do not become shorter near the bottom.
    "muon": OptimizerCase(
        "muon",
        {"weight_decay": 1e-4},
        n_moments=1,
        valley=2e-3,
        near=0.1,
        entrywise=False,
    ),
    "muon on offsets": OptimizerCase("muon", n_moments=2, valley=0.02, part=("offset", "hidden")),
    "schedule_free": OptimizerCase(
        "schedule_free", {"weight_decay": 1e-4}, n_moments=3, valley=0.02, near=0.02, averages=True
    ),
    "nadam": OptimizerCase("nadam", n_moments=2, valley=5e-3),
    "rmsprop": OptimizerCase("rmsprop", n_moments=1, valley=1e-3, near=0.02),
    # Its steps become shorter with the root of their number.
    "adagrad": OptimizerCase("adagrad", n_moments=1, valley=0.2, rate=0.1, near=0.01, bowl=0.2),
    # Steps of one length.
    "lion": OptimizerCase(
        "lion", {"weight_decay": 1e-4}, n_moments=1, valley=1e-3, rate=3e-3, near=0.1
    ),
    "plain": OptimizerCase("sgd", {"momentum": 0.0, "nesterovs_momentum": False}, valley=1e-3),
    "momentum": OptimizerCase("sgd", {"nesterovs_momentum": False}, n_moments=1),
    "nesterov": OptimizerCase("sgd", {"nesterovs_momentum": True}, n_moments=1),
}
#: The values of the option ``solver``: those that go through batches, all, and one of each kind.
FIRST_ORDER = tuple(dict.fromkeys(case.solver for case in OPTIMIZERS.values()))
RATES = {case.solver: case.rate for case in OPTIMIZERS.values()}
SOLVERS = (*FIRST_ORDER, "lbfgs")
KINDS_OF_SOLVERS = ("adam", "lbfgs")


def options_with(**changes: Any) -> SimpleNamespace:
    """What the builders of optimizers and schedules get: all options of an estimator.

    Of a stream, as a plan has settled them.
    """
    return SimpleNamespace(**NumpyMLPRegressor(weight_decay=0.01).get_params() | changes)


def halves(make: Callable[[int], Optimizer], size: int) -> Grouped:
    cut = size // 2
    rules = [Rule(slice(0, cut), make(cut)), Rule(slice(cut, size), make(size - cut))]
    return Grouped(make(size).learning_rate, rules)


def table_of(size: int) -> Tables:
    """All of theta as a table of rows of one entry."""
    return Tables(size, *(np.array([n]) for n in (0, size, 1)))


# Rules that the table has only as parts of others, with the entry that they are like.
RULES = {
    "Muon": ("muon", lambda lr, size: Muon(lr, (size, 1))),
    "Lion": ("lion", lambda lr, size: Lion(lr)),
}

# From a function size -> optimizer and a size to one around it.
WRAPPERS = {
    Grouped: halves,
    Decayed: lambda make, size: Decayed(make(size), 1e-4, [slice(0, size)]),
    Clipped: lambda make, size: Clipped(make(size), 2.0),
    Averaged: lambda make, size: Averaged(make(size), 0.8),
    ByRows: lambda make, size: ByRows(make(size), table_of(size)),
}


def _builders():
    """Every entry, every wrapper around it, and every pair of wrappers around Adam."""
    for name, case in OPTIMIZERS.items():

        def plain(lr, size, case=case):
            role, group = case.part
            slot = SimpleNamespace(where=slice(0, size), shape=(size, 1), role=role, group=group)
            rates = {"learning_rate_init": lr, "muon_learning_rate": lr}
            options = options_with(**rates | case.options)
            return TABLE[case.solver](options, [slot])

        def around(wrap, inner):
            return lambda lr, size: wrap(lambda part: inner(lr, part), size)

        yield name, case, plain
        for kind, wrap in WRAPPERS.items():
            once = around(wrap, plain)
            yield f"{kind.__name__}({name})", case, once
            if name == "adam":
                for outer, wrap_again in WRAPPERS.items():
                    again = around(wrap_again, once)
                    yield f"{outer.__name__}({kind.__name__}({name}))", case, again


#: By a name the entry and a function (learning rate, size) -> optimizer.
OPTIMIZER_BUILDERS = {name: (case, build) for name, case, build in _builders()} | {
    name: (OPTIMIZERS[entry], build) for name, (entry, build) in RULES.items()
}


@dataclass(frozen=True)
class ScheduleCase:
    """(changed options, progress, n_seen, cuts, rate) from learning_rate_init=0.3, power_t=0.5."""

    values: Sequence[tuple]
    # How often training goes on when patience ends, from a rate of 1e-3.
    cuts: float = 0


SCHEDULES = {
    "constant": ScheduleCase([({}, 0.0, 0, 0, 0.3), ({}, 0.5, 1000, 2, 0.3)]),
    "invscaling": ScheduleCase(
        [
            ({}, 0.0, 0, 0, 0.3),
            ({}, 0.9, 8, 0, 0.1),
            ({}, 0.0, 899, 1, 0.01),
            ({"power_t": 1.0}, 0.0, 2, 0, 0.1),
            ({"power_t": 0.0}, 0.0, 1000, 0, 0.3),
        ]
    ),
    "adaptive": ScheduleCase(
        [({}, 0.5, 1000, 0, 0.3), ({}, 0.0, 0, 1, 0.06), ({}, 0.0, 0, 3, 0.0024)], cuts=5
    ),
    "plateau": ScheduleCase(
        [
            ({}, 0.5, 1000, 0, 0.3),
            ({}, 0.0, 0, 2, 0.003),
            ({"learning_rate_decay": 0.5}, 1, 9, 1, 0.15),
        ],
        cuts=3,
    ),
    # The cosine of a third of the half circle is 1/2.
    "cosine": ScheduleCase(
        [
            ({}, 0.0, 0, 0, 0.3),
            ({}, 1 / 3, 1000, 2, 0.225),
            ({}, 0.5, 1000, 2, 0.15),
            ({}, 2 / 3, 0, 0, 0.075),
        ]
    ),
    # Of each cycle.
    "cosine_restarts": ScheduleCase([({}, 0.0, 0, 0, 0.3), ({}, 1 / 3, 1000, 2, 0.225)]),
    "one_cycle": ScheduleCase(
        [
            ({}, 0.0, 0, 0, 0.012),
            ({}, 0.1, 0, 0, 0.012 + 0.288 / 4),
            ({}, 0.3, 0, 0, 0.3),
            ({}, 0.65, 1000, 2, (0.3 + 1.2e-6) / 2),
            ({}, 1.0, 0, 0, 1.2e-6),
            ({"warmup": 0.5}, 0.25, 0, 0, 0.156),
            ({"warmup": 0.5}, 0.5, 0, 0, 0.3),
        ]
    ),
    "exponential": ScheduleCase(
        [
            ({}, 0.0, 0, 0, 0.3),
            ({}, 0.5, 1000, 2, 0.3 / 10**0.5),
            ({"learning_rate_decay": 0.01}, 0.5, 0, 0, 0.03),
            ({}, 1.0, 0, 0, 0.03),
        ]
    ),
    "step": ScheduleCase(
        [
            ({}, 0.0, 0, 0, 0.3),
            ({}, 0.499, 1000, 2, 0.3),
            ({}, 0.5, 0, 0, 0.03),
            ({}, 0.749, 0, 0, 0.03),
            ({}, 0.75, 0, 0, 0.003),
            ({"learning_rate_decay": 0.5}, 1.0, 0, 0, 0.075),
        ]
    ),
}
