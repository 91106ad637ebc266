"""The random generators of an estimator, from its ``random_state``.

In: the option. Out: seeds and generators, one for each purpose, so that none disturbs another.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from .options import is_integer


class _Reused(threading.local):
    """A generator for each thread: to seed it anew takes 2 us, to make one 94 (a fit, 1 ms)."""

    def __init__(self) -> None:
        self.generator = np.random.RandomState(0)


_reused = _Reused()


class Randomness:
    """Seeded at the first fit of an estimator, and kept by it.

    Attributes
    ----------
    init_seed, split_seed : int
        Of the starting weights, and of the validation split.
    batches : numpy.random.Generator
        Shuffles the rows.
    layers : numpy.random.Generator
        For layers that draw.
    """

    def __init__(self, random_state: Any) -> None:
        if is_integer(random_state):
            # The numbers of RandomState(random_state).
            generator = _reused.generator
            generator.seed(random_state)
        else:
            generator = check_random_state(random_state)
        seeds = generator.randint(0, 2**31 - 1, size=3)
        self.init_seed, batch_seed, self.split_seed = (int(seed) for seed in seeds)
        self.batches = np.random.default_rng(batch_seed)
        self._layer_seed = (batch_seed, 1)

    @cached_property
    def layers(self) -> np.random.Generator:
        """For layers that draw: another stream than that of the batches, made if it is needed."""
        return np.random.default_rng(self._layer_seed)
