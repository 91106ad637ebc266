"""The one objective: from (theta, batch) to (loss, gradient).

In: a parameter vector and a batch. Out: ``L(theta) = 1/B sum_i w_i l_i + penalty/2 ||W||^2`` and
its gradient. SGD, Adam, L-BFGS and the gradient checker all call it, so that one check of its
gradient certifies them all. Of several members the loss is the mean of theirs; their prediction,
also where it is validated, is their mean prediction.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..losses import Loss
from ..network import Network, Products, Whole, Workspace, lent
from ..optimizers.vectors import BLOCK
from .batches import Batch
from .penalty import Penalty


class Objective:
    """Loss and gradient of a network on batches, in buffers of its own.

    Parameters
    ----------
    network : Network
        Its ``theta`` is where the objective is evaluated.
    loss : Loss
    penalty : float
        Factor of half the squared weights: ``alpha / n_samples``.
    max_batch : int
        Largest number of rows of a batch.
    rng : numpy.random.Generator, optional
        For layers that draw; not the one that shuffles.
    block : int
        Numbers of a vector that the BLAS is given at once.
    products : Products, optional
        How products are made. Default: whole.
    held : ndarray of bool, shape (n_raw,), optional
        Raw scores whose gradient is 0, whatever the loss: those of a target that is constant, which
        are its best constant already. Rounding errors and corners of a loss (the slope of a
        quantile is -q or 1 - q, never 0) would move them, by optimizers whose steps have one size.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        penalty: float,
        max_batch: int,
        rng: np.random.Generator | None = None,
        block: int = BLOCK,
        products: Products | None = None,
        held: np.ndarray | None = None,
    ) -> None:
        self.network, self.loss, self.penalty = network, loss, float(penalty)
        self._held = None if held is None or not held.any() else np.flatnonzero(held)
        self._products = Whole() if products is None else products
        self._workspace = Workspace(
            network, max_batch, training=True, rng=rng, products=self._products
        )
        gradient, n_decayed = self._workspace.gradient, network.layout.n_decayed
        self._penalty = Penalty(penalty, network.theta, gradient, n_decayed, block)

    def __call__(self, theta: np.ndarray, batch: Batch) -> tuple[float, np.ndarray]:
        """Loss and gradient at ``theta``; the gradient is valid until the next call.

        The gradient has the trained entries of theta, ``theta[:n_trained]``; if the batch says
        what it has met of tables, of these only such entries are valid. A ``theta`` other than the
        network's own is copied into it.
        """
        self._move_to(theta)
        loss = self._of_rows(batch)
        if self.penalty:
            loss += self._penalty.add(batch.met)
        return loss, self._workspace.gradient

    def _of_rows(self, batch: Batch) -> float:
        """The loss without the penalty, and its gradient in that of the workspace."""
        network, workspace = self.network, self._workspace
        self._products.begin()
        raw = network.forward(batch.x, workspace, batch.weight)
        y, weight = batch.y, batch.weight
        n_members = len(raw) // len(batch.x)
        if n_members > 1:
            y, weight = _copies(y, n_members), _copies(weight, n_members)
        loss = self.loss.value(raw, y, weight, d_raw=raw)
        if self._held is not None:
            raw[:, self._held] = 0.0
        network.backward(raw, workspace, rows_alone=batch.met is not None)
        self._products.end(len(batch.x))
        return loss

    def value(self, batch: Batch) -> float:
        """The loss of the network as it predicts: no penalty, and no layer draws or learns."""
        network = self.network
        if network.draws or network.layout.size > network.layout.n_trained:
            return mean_loss(network, self.loss, [batch], len(batch.x))
        # Nothing distinguishes training then, and the buffers are there: 0.05 ms of a fit of 1.3.
        raw = _combined(network, self.loss, batch.x, self._workspace)
        return self.loss.value(raw, batch.y, batch.weight)

    def over(self, theta: np.ndarray, batches: Iterable[Batch]) -> tuple[float, np.ndarray]:
        """Loss and gradient over all rows of several batches, as if they were one.

        Each batch's mean counts by its rows; the shares add to 1, so the penalty counts once.
        """
        total_loss, total, n_rows = 0.0, None, 0
        for batch in batches:
            n = len(batch.x)
            loss, gradient = self(theta, batch)
            total_loss += n * loss
            if total is None:
                total = gradient * n
            else:
                total += gradient * n
            n_rows += n
        if total is None:
            raise ValueError("there is no batch to evaluate the objective on")
        total /= n_rows
        return total_loss / n_rows, total

    def _move_to(self, theta: np.ndarray) -> None:
        own = self.network.theta
        if theta is not own:
            own[: theta.size] = theta


def mean_loss(
    network: Network,
    loss: Loss,
    batches: Iterable[Batch],
    max_batch: int,
    workspace: Workspace | None = None,
) -> float:
    """``1/n sum_i w_i l_i`` over all rows of the batches, without penalty or gradient.

    ``workspace``: one of the network that does not train, to be used again.
    """
    if workspace is None:
        workspace = Workspace(network, max_batch)
    else:
        workspace.forget()
    total, n_rows = 0.0, 0
    for batch in batches:
        raw = _combined(network, loss, batch.x, workspace)
        total += len(raw) * loss.value(raw, batch.y, batch.weight)
        n_rows += len(raw)
    return total / n_rows


def constant_loss(
    loss: Loss, raw: np.ndarray, y: np.ndarray, weight: np.ndarray | None, block: int = 4096
) -> float:
    """The mean loss of constant raw scores (n_raw,) for all rows, block by block."""
    total = 0.0
    for start in range(0, len(y), block):
        rows = slice(start, start + block)
        n = len(y[rows])
        scores = np.broadcast_to(raw, (n, len(raw)))
        total += n * loss.value(scores, y[rows], None if weight is None else weight[rows])
    return total / len(y)


def raw_scores(
    network: Network,
    loss: Loss,
    batches: Iterable[Batch],
    out: np.ndarray,
    max_batch: int,
    dtype: np.dtype | None = None,
) -> None:
    """Fill ``out`` (n, n_raw) with the raw scores of the batches' rows, block by block.

    Of several members: with the scores of their mean prediction, by ``loss``. Computed in
    ``dtype``, by default the network's own, which the batches must have, too. For what is promised
    of each row see :func:`sknumpynet.network.rowwise_dot`.
    """
    start = 0
    with lent(network, max_batch, dtype) as workspace:
        for batch in batches:
            n_rows = len(batch.x)
            raw = _combined(network, loss, _at_least_two(batch.x), workspace)
            out[start : start + n_rows] = raw[:n_rows]
            start += n_rows


def given_to_layer(
    i: int,
    network: Network,
    batches: Iterable[Batch],
    out: np.ndarray,
    max_batch: int,
    dtype: np.dtype | None = None,
) -> None:
    """Fill ``out`` (n, n_given) with what layer ``i`` is given of the batches' rows.

    Of several members: what the first one's is given, then that of the next.
    """
    start = 0
    with lent(network, max_batch, dtype) as workspace:
        for batch in batches:
            rows, n_rows = _at_least_two(batch.x), len(batch.x)
            x = network.given(i, rows, workspace)
            of_members = x.reshape(-1, len(rows), x.shape[1]).transpose(1, 0, 2)[:n_rows]
            out[start : start + n_rows].reshape(n_rows, *of_members.shape[1:])[...] = of_members
            start += n_rows


def _at_least_two(x: Any) -> Any:
    """A single dense row twice: products of one would be made of two in each layer."""
    return np.repeat(x, 2, axis=0) if len(x) == 1 and isinstance(x, np.ndarray) else x


def _combined(network: Network, loss: Loss, x: Any, workspace: Workspace) -> np.ndarray:
    """Raw scores (B, n_raw) of the batch, of several members combined."""
    raw = network.forward(x, workspace)
    n_rows, n_raw = len(x), raw.shape[1]
    if len(raw) == n_rows:
        return raw
    scores = raw.reshape(-1, n_rows, n_raw)
    if n_rows == 1:
        # NumPy adds up a single column in another order than those of a matrix.
        return loss.combine(np.repeat(scores, 2, axis=1))[:1]
    return loss.combine(scores)


def _copies(array: np.ndarray | None, n: int) -> np.ndarray | None:
    """The rows ``n`` times, one copy after the other, as members stack theirs."""
    return None if array is None else np.concatenate([array] * n)
