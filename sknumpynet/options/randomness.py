"""The random generators of an estimator, from its ``random_state``.

In: the option. Out: seeds and generators, one for each purpose, so that none disturbs another.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from .declare import is_integer

#: The largest seed of a RandomState.
MOST_SEED = 2**32 - 1

#: What else draws the seeds of a fit, for messages.
SOURCES = "a RandomState, a Generator or a SeedSequence of numpy.random"

#: Seeds of a fit are below this.
END = 2**31 - 1


class Seeds(NamedTuple):
    """The three numbers that a fit begins with."""

    init: int
    batches: int
    split: int


def is_source(value: Any) -> bool:
    """Whether seeds may be drawn from it. ``np.random`` itself stands for NumPy's own."""
    kinds = (np.random.RandomState, np.random.Generator, np.random.SeedSequence)
    return value is np.random or isinstance(value, kinds)


def is_drawn_from(value: Any) -> bool:
    """Whether it is another one after each fit."""
    return isinstance(value, (np.random.RandomState, np.random.Generator))


def drawn_seeds(random_state: Any) -> Seeds:
    """The seeds of a fit by an option ``random_state``, from which they are drawn."""
    return Seeds(*(int(seed) for seed in _three_seeds(random_state)))


class _Reused(threading.local):
    """A generator for each thread: to seed it anew takes 2 us, to make one 94 (a fit, 1 ms)."""

    def __init__(self) -> None:
        self.generator = np.random.RandomState(0)


_reused = _Reused()


class Randomness:
    """Seeded at the first fit of an estimator, and kept by it.

    Parameters
    ----------
    random_state : the option, or Seeds

    Attributes
    ----------
    init_seed, split_seed : int
        Of the starting weights, and of the validation split.
    batches : numpy.random.Generator
        Shuffles the rows.
    layers, inputs : numpy.random.Generator
        For layers that draw, and for columns that are other ones in training.
    """

    def __init__(self, random_state: Any) -> None:
        seeds = random_state if isinstance(random_state, Seeds) else drawn_seeds(random_state)
        self.init_seed, batch_seed, self.split_seed = seeds
        self.batches = np.random.default_rng(batch_seed)
        self._layer_seed = (batch_seed, 1)

    @cached_property
    def layers(self) -> np.random.Generator:
        """For layers that draw: another stream than that of the batches, made if it is needed."""
        return np.random.default_rng(self._layer_seed)

    @cached_property
    def inputs(self) -> np.random.Generator:
        """For columns that are other ones in training: a stream of its own, too."""
        return np.random.default_rng((*self._layer_seed, 2))


def _three_seeds(random_state: Any) -> np.ndarray:
    if isinstance(random_state, np.random.SeedSequence):
        # It has no state to be used up: the same numbers each time.
        return random_state.generate_state(3) % END
    if isinstance(random_state, np.random.Generator):
        return random_state.integers(END, size=3)
    if is_integer(random_state):
        # The numbers of RandomState(random_state).
        generator = _reused.generator
        generator.seed(random_state)
    else:
        generator = check_random_state(random_state)
    return generator.randint(0, END, size=3)
