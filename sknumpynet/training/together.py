"""One training on several ranks: each has a part of the rows, and all have the same theta.

In: the rows of one rank, and its :class:`~.collective.Collective`. Out: losses and gradients over
the rows of all, the same everywhere, so that all make the same steps and the same decisions.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..optimizers import Optimizer
from .batches import Batch, Batches
from .collective import Collective
from .objective import Objective
from .reporters import InTraining, Reporter


class ObjectiveOfAll(Objective):
    """The objective over the rows of all ranks, of which each computes its own.

    ``L = 1/B sum_r sum_i w_i l_i + penalty/2 ||W||^2``, with the B rows of a batch on all ranks:
    what depends on rows is added up, the penalty is the same everywhere and added by each.
    """

    def __init__(self, ranks: Collective, *args: Any) -> None:
        super().__init__(*args)
        self._ranks = ranks

    def _of_rows(self, batch: Batch) -> float:
        n, gradient = len(batch.x), self._workspace.gradient
        loss = np.zeros(1)
        if n:
            # All of a table's gradient: other ranks meet other rows of it.
            loss[0] = super()._of_rows(batch._replace(met=None)) * n
            gradient *= n / batch.n_rows
        else:
            gradient.fill(0.0)
        self._ranks.sum(loss, gradient)
        return float(loss[0]) / batch.n_rows

    def over(self, theta: np.ndarray, batches: Iterable[Batch]) -> tuple[float, np.ndarray]:
        """As :meth:`Objective.over`, over the batches of all ranks, of which each has any number.

        All compute at the theta of rank 0: SciPy may have come to other last digits elsewhere.
        """
        own = self.network.theta[: theta.size]
        own[...] = self._ranks.broadcast(theta)
        gradient = self._workspace.gradient
        total, figures = np.zeros_like(gradient), np.zeros(2)
        for batch in batches:
            n = len(batch.x)
            figures += super()._of_rows(batch) * n, n
            total += gradient * n
        self._ranks.sum(figures, total)
        loss, n_rows = figures.tolist()
        np.divide(total, n_rows, out=gradient)
        loss /= n_rows
        if self.penalty:
            loss += self._penalty.add()
        return loss, gradient.copy()

    def value(self, batch: Batch) -> float:
        """As :meth:`Objective.value`, for the rows of all ranks."""
        n = len(batch.x)
        loss = np.array([super().value(batch) * n if n else 0.0])
        self._ranks.sum(loss)
        return float(loss[0]) / batch.n_rows


class BatchesOfRank(Batches):
    """The rank's part of each batch: its rows in as many parts as an epoch has steps.

    Parameters
    ----------
    sizes : sequence of int
        Rows of each rank. One of few rows, or none, has none in some batches.
    rank : int
    *args, **options
        Of :class:`Batches`; ``batch_size`` is that of all ranks together.

    Attributes
    ----------
    n_rows, batch_size : int
        Of all ranks.
    largest : int
        Rows of the largest part of the rank.
    """

    def __init__(
        self, sizes: Sequence[int], rank: int, X: Any, encoder: Any, dtype: Any, batch_size: int,
        **options: Any,
    ) -> None:  # fmt: skip
        n_all, n = sum(sizes), sizes[rank]
        self._n_steps = math.ceil(n_all / min(batch_size, n_all))
        self._largest = math.ceil(n / self._n_steps)
        super().__init__(X, encoder, dtype, self._largest, **options)
        self._rng = options.get("shuffle") if self._n_steps > 1 else None
        self.n_rows, self.batch_size = n_all, math.ceil(n_all / self._n_steps)
        self._sizes, self._rank = np.array(sizes, dtype=np.int64), rank
        self._none = Batch(np.empty((0, encoder.n_columns), dtype=dtype))

    @property
    def largest(self) -> int:
        """Rows of the largest part of this rank."""
        return max(1, self._largest)

    def __iter__(self) -> Iterator[Batch]:
        if self._cache and self._n:
            self._x.keep(self._cache)
        order, begins = self._order(), np.zeros_like(self._sizes)
        for step in range(1, self._n_steps + 1):
            # Step by step: of 1,000 ranks with 10 billion rows all at once took 0.5 GB.
            ends = self._sizes * step // self._n_steps
            where = slice(int(begins[self._rank]), int(ends[self._rank]))
            part = self._none
            if where.stop > where.start:
                part = self._gather(where if order is None else order[where])
            yield part._replace(of_all=int((ends - begins).sum()))
            begins = ends


class DrawsOfRank(Reporter):
    """Gives each rank draws of its own in each epoch, whatever was drawn before.

    So a training that goes on needs to know the epoch alone, on however many ranks.

    Parameters
    ----------
    seed, rank : int
    generators : sequence of numpy.random.Generator
        Those of batches, layers and columns.
    """

    def __init__(self, seed: int, rank: int, generators: Sequence[np.random.Generator]) -> None:
        self._seed, self._rank, self._generators = seed, rank, generators

    def before_epoch(self, epoch: int, trainer: InTraining) -> None:
        for number, generator in enumerate(self._generators):
            fresh = np.random.default_rng((self._seed, self._rank, epoch, number))
            generator.bit_generator.state = fresh.bit_generator.state


class SameEverywhere(Reporter):
    """Sets theta and the optimizer to those of rank 0 after an epoch in which they fell apart.

    All ranks make the same steps with the same gradients. Processors of several kinds may come to
    other last digits all the same, and these would go their own ways.
    """

    def __init__(self, ranks: Collective, theta: np.ndarray, optimizer: Optimizer) -> None:
        self._ranks, self._theta, self._optimizer = ranks, theta, optimizer

    def after_epoch(self, entry: dict[str, float], trainer: InTraining) -> None:
        if len(set(self._ranks.gather(zlib.crc32(self._theta.tobytes())))) > 1:
            theta, state = self._ranks.broadcast((self._theta, self._optimizer.state()))
            self._theta[...] = theta
            self._optimizer.load(state)
