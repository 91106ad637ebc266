"""A fit that is saved on its way, and goes on where an earlier one was that was the same.

In: an order and the rows, with which the same order was perhaps begun before. Out: for each of its
models a place in the checkpoint, from which its training goes on and to which it reports. What is
not random is not saved, but done again: rows are read, split and encoded as they were.
"""

from __future__ import annotations

import copy
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np
import scipy
import sklearn

from ..checkpoints import Facts, Keeper, digest, of_option, of_table
from ..optimizers import Optimizer
from ..options import Plan, Seeds, drawn_seeds, is_drawn_from, options_of
from ..quoting import quoted
from ..telling import warn
from ..training import History, InTraining, Outcome, Reporter, Trainer, after_name
from .found import Ensemble, Found
from .share import Share
from .task import Order, Task

#: Options that change no bit of the result.
WITHOUT_EFFECT = ("verbose", "n_jobs", "n_threads", "random_state")


def as_saved(order: Order, table: Share, given: Share | None, earlier: Ensemble | None) -> Order:
    """The order; where it is saved, with its file open and the seeds that are in there."""
    if order.saved is None:
        return order
    _refuse_what_draws(order.options)
    data = {
        "the model of an earlier fit": _of_earlier(earlier),
        **_of_share(order, table, ""),
        "groups": None if table.groups is None else digest(table.groups.codes),
        **_of_share(order, given, "_val"),
    }
    keeper = order.saved.open({**facts_of(order), "data": data})
    if earlier is not None:
        # It has its generators.
        return order
    return replace(order, seeds=_seeds(keeper, order.options.random_state))


def _refuse_what_draws(options: Any) -> None:
    splitter = options.splitter
    drawn = getattr(splitter, "random_state", 0)
    if getattr(splitter, "shuffle", True) and (drawn is None or is_drawn_from(drawn)):
        raise ValueError(
            f"Checkpoint needs the same splits in each fit, and splitter={quoted(splitter)} draws "
            "others each time. Set its random_state to an integer."
        )


# What the fit is.


def facts_of(order: Order) -> Facts:
    """What the fit is, but for its data."""
    options = order.options
    named = [name for name in options_of(options.__class__) if name not in WITHOUT_EFFECT]
    package = __name__.partition(".")[0]
    return {
        "estimator": type(options).__name__,
        "versions": {
            package: sys.modules[package].__version__,
            "NumPy": np.__version__,
            "SciPy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "options": {
            **{name: of_option(getattr(options, name)) for name in named},
            "random_state": _of_source(options.random_state),
        },
    }


def _of_source(random_state: Any) -> list[str]:
    """A generator is known by what is drawn from it, see ``_seeds``."""
    if isinstance(random_state, np.random.SeedSequence):
        return [quoted(random_state), digest(list(drawn_seeds(random_state)))]
    if is_drawn_from(random_state):
        shown = f"a {type(random_state).__name__}"
        return [shown, shown]
    return of_option(random_state)


def _of_share(order: Order, share: Share | None, suffix: str) -> Facts:
    names = [f"X{suffix}", f"y{suffix}", f"sample_weight{suffix}"]
    if share is None:
        return dict.fromkeys(names)
    names_of_X = getattr(order.options, "feature_names_in_", None)
    readers, columns = order.reader.columns, order.columns
    each = (
        (columns.label(j), None if readers is None else readers[columns.source(j)])
        for j in range(len(columns))
    )
    facts = [
        of_table(share.X, names_of_X, order.reader, each),
        digest([share.codes, order.target]),
        None if share.rows.weight is None else digest(list(share.rows)),
    ]
    return dict(zip(names, facts, strict=True))


def _of_earlier(earlier: Ensemble | None) -> str | None:
    return None if earlier is None else digest([_essence(found) for found in earlier.founds])


def _essence(found: Found) -> list[Any]:
    """What a fit that goes on depends on, whether or not it was in a file meanwhile."""
    # A copy: what it makes when it is asked would be another content.
    randomness = copy.copy(found.randomness)
    return [
        found.model.network.theta,
        None if found.optimizer is None else found.optimizer.state(),
        [g.bit_generator.state for g in (randomness.batches, randomness.layers, randomness.inputs)],
        found.history["epoch"],
        found.n_seen,
    ]


# What it draws.


def _seeds(keeper: Keeper, random_state: Any) -> Seeds:
    """The seeds of the fit; a generator is left where a fit that was not interrupted leaves it."""
    if keeper.drawn is None:
        seeds = drawn_seeds(random_state)
        keeper.drawn = {"seeds": list(seeds), "left": _state_of(random_state)}
        return seeds
    seeds = Seeds(*keeper.drawn["seeds"])
    if random_state is None or random_state is np.random:
        # Whoever has seeded NumPy's own expects three numbers to be drawn.
        drawn_seeds(random_state)
    elif is_drawn_from(random_state) and _state_of(random_state) != keeper.drawn["left"]:
        # It is not the one that the interrupted fit has drawn from. So it is as that one was.
        if drawn_seeds(copy.deepcopy(random_state)) != seeds:
            raise keeper.refuse(
                f"is that of another fit: random_state, a {type(random_state).__name__}, is in "
                "another state. Seed it as it was, or set random_state to an integer"
            )
        drawn_seeds(random_state)
    return seeds


def _state_of(random_state: Any) -> str | None:
    return digest(random_state) if is_drawn_from(random_state) else None


# One model.


class Parts(NamedTuple):
    """What a training changes."""

    theta: np.ndarray
    optimizer: Optimizer | None
    history: History
    generators: Sequence[np.random.Generator]


class Nowhere:
    """A training of which nothing is saved."""

    def reporters(self, others: Sequence[Reporter]) -> Sequence[Reporter]:
        """Who is told of epochs beside the ``others``, whose states go with that of training."""
        return []

    def ended(self, parts: Parts) -> Outcome | None:
        """How training ended, if it has, with its parts set to what they were then."""
        return None

    def begin(self, trainer: Trainer) -> None:
        """Let the trainer go on where it was."""

    def end(self, parts: Parts, outcome: Outcome) -> None:
        """Training has ended."""


class Place(Nowhere):
    """The place of one model in the checkpoint of its fit.

    Parameters
    ----------
    task : Task
    keeper : Keeper
    plan : Plan
    about : dict
        Which rows are trained on and validated on, and the size of theta.
    """

    def __init__(self, task: Task, keeper: Keeper, plan: Plan, about: dict[str, Any]) -> None:
        self._keeper, self._number, self._plan, self._about = keeper, task.number, plan, about
        self._name, self._is_bag = task.name, task.unit_of is not None
        self._found = keeper.model(task.number)
        if self._found is not None and self._found["about"] != about:
            raise keeper.refuse(
                "is of a fit that split the same rows otherwise, or had another network. Other "
                "versions of libraries may do that"
            )
        self._others: Sequence[Reporter] = ()

    def reporters(self, others: Sequence[Reporter]) -> Sequence[Reporter]:
        self._others = list(others)
        return [Saver(self, self._keeper, self._plan)]

    def note(self, state: dict[str, Any]) -> None:
        """Let the checkpoint hold the state of a training under way."""
        others = {name: one.state() for name, one in _named(self._others)}
        try:
            self.save("under way", {"training": state, "reporters": others})
        except TypeError as error:
            raise TypeError(
                f"Checkpoint cannot save the state of a training. {error} This is what "
                "training_state of a callback may give."
            ) from error

    def save(self, kind: str, state: dict[str, Any]) -> None:
        """Let the checkpoint hold this of the model."""
        self._keeper.save(self._number, {"kind": kind, "about": self._about, "state": state})

    def _saved(self, kind: str) -> dict[str, Any] | None:
        found = self._found
        return found["state"] if found is not None and found["kind"] == kind else None

    def begin(self, trainer: Trainer) -> None:
        state = self._saved("under way")
        if state is None:
            return
        trainer.load(state["training"])
        for name, reporter in _named(self._others):
            its_state = state["reporters"].get(name)
            if its_state is not None:
                reporter.load(its_state)
        self._print(f"Training goes on after epoch {state['training']['history']['epoch'][-1]}, ")

    def _print(self, text: str) -> None:
        if self._plan.verbose:
            print(after_name(self._name, f"{text}from {str(self._keeper.path)!r}."), flush=True)

    def ended(self, parts: Parts) -> Outcome | None:
        state = self._saved("ended")
        if state is None:
            return None
        parts.theta[:] = state["theta"]
        parts.history.columns = History(state["history"]).columns
        for generator, its_state in zip(parts.generators, state["generators"], strict=True):
            generator.bit_generator.state = its_state
        if parts.optimizer is not None:
            parts.optimizer.load(state["optimizer"])
            parts.optimizer.learning_rate = state["learning_rate"]
        outcome = Outcome(**state["outcome"])
        self._print(f"Training had ended after {outcome.n_iter} {self._plan.unit}: it is read ")
        return outcome

    def end(self, parts: Parts, outcome: Outcome) -> None:
        """A bag stays as it is until all are there; the file of a single model goes at once."""
        if outcome.reason == "interrupted" or not (self._is_bag or self._keeper.keeps):
            return
        theta, optimizer, history, generators = parts
        # The moments are kept where training is expected to go on later, see :mod:`.keep`.
        moments = optimizer is not None and self._plan.goes_on
        state = {
            "theta": theta,
            "history": history.columns,
            "generators": [generator.bit_generator.state for generator in generators],
            "optimizer": optimizer.state() if optimizer is not None and moments else {},
            "learning_rate": math.nan if optimizer is None else optimizer.learning_rate,
            "outcome": asdict(outcome),
        }
        # What is found is still changed, by calibration.
        self.save("ended", copy.deepcopy(state))


def _named(reporters: Sequence[Reporter]) -> Iterator[tuple[str, Reporter]]:
    """By class, not by place: in a process of its own a model has others beside them.

    Of several of one class the second and later have their number.
    """
    met: Counter[str] = Counter()
    for reporter in reporters:
        name = type(reporter).__name__
        met[name] += 1
        yield (f"{name} {met[name]}" if met[name] > 1 else name), reporter


class Saver(Reporter):
    """Saves the state of a training every so many epochs, or so many seconds.

    Not one that is not finite: who goes on from the one before sees how it became so. And not that
    of the last epoch, after which losses are looked at once more.
    """

    takes_state = True

    def __init__(self, place: Place, keeper: Keeper, plan: Plan) -> None:
        self._place, self._keeper, self._plan, self._n_epochs = place, keeper, plan, 0

    def after_epoch(self, entry: dict[str, float], trainer: InTraining) -> None:
        self._n_epochs += 1
        if self._plan.full_batch or not self._keeper.due(self._n_epochs):
            return
        state = trainer.state()
        last = (
            state["progress"]["n_iter"] >= self._plan.max_iter
            or state["patience"]["n_without"] >= self._plan.n_iter_no_change
        )
        if not last and math.isfinite(entry["loss"]) and np.isfinite(state["theta"]).all():
            self._place.note(state)
            self._n_epochs = 0


def place_of(task: Task, plan: Plan, rows: Share, held_out: Share | None, size: int) -> Nowhere:
    """The place of the model of a task, whose theta has this size."""
    if task.saved is None:
        return Nowhere()
    if plan.full_batch and task.unit_of is None and not task.saved.keeper.keeps:
        warn(
            f"Checkpoint saves nothing of solver={task.options.solver!r} before its end: its state "
            "is within SciPy. Another solver goes through batches and can be saved after each "
            "epoch; of n_bags each model is saved when it is done."
        )
    sides = [None if side is None else list(side.rows) for side in (rows, held_out)]
    return Place(task, task.saved.keeper, plan, {"rows": digest(sides), "size": size})
