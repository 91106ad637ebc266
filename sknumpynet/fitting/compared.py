"""Losses of a trained network beside those of the best constant, on the same rows.

In: a model, some rows, and the best constant raw scores of the training rows. Out: the two losses,
and how far their difference may be off by the choice of the rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..losses import Loss
from ..training import Batches, one_blas_thread, raw_scores
from .account import Losses
from .found import Model
from .prediction import rows_at_once
from .share import Share

#: Most rows that are looked at, evenly spaced, and the parts of them whose losses are compared:
#: of validation rows, and of those trained on beside these. Single rows, if there are fewer. 150
#: rows take 0.7 ms.
FINE, COARSE = (4096, 20), (512, 6)


def evenly(index: np.ndarray, most: int) -> slice:
    """The positions of so many of the rows at most, evenly spaced."""
    return slice(None, None, max(1, -(-len(index) // most)))


def losses_on(
    share: Share, model: Model, constant: np.ndarray, looks: tuple[int, int] = FINE
) -> Losses:
    """Those of the model and of the ``constant`` raw scores (n_raw,) on rows of the share."""
    found = share.rows.each(
        _on_these(share, model, constant, *looks) if len(share.rows.index) else None
    )
    return found[0] if len(found) == 1 else together(found)


def _on_these(share: Share, model: Model, constant: np.ndarray, most: int, n_parts: int) -> Losses:
    """On the rows that are here."""
    loss, dtype = model.loss, model.network.theta.dtype
    where = evenly(share.rows.index, most)
    index, weight = share.rows.index[where], share.weight_of_mean_one()
    weight = None if weight is None else weight[where].astype(dtype)
    y = model.target.encode(share.codes[index], dtype)
    raw = np.empty((len(index), len(constant)), dtype=dtype)
    size = rows_at_once(model.network, model.encoder, share.X)
    batches = Batches(share.X, model.encoder, dtype, size, index=index)
    n_operations = model.network.largest_product(batches.batch_size, False)
    with one_blas_thread(n_operations, vectors=False):
        raw_scores(model.network, loss, batches, raw, batches.batch_size)
    return compared(loss, raw, np.broadcast_to(constant, raw.shape), y, weight, n_parts)


def compared(
    loss: Loss,
    raw: np.ndarray,
    constant: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None,
    n_parts: int,
) -> Losses:
    """The losses of two arrays of raw scores for the same rows."""
    of_network, sizes = _of_parts(loss, raw, y, weight, n_parts)
    of_constant, _ = _of_parts(loss, constant, y, weight, n_parts)
    error = _error(of_constant - of_network, sizes)
    network, best = (float(sizes @ v / len(raw)) for v in (of_network, of_constant))
    return Losses(network, best, error, len(raw), len(sizes))


def together(losses: Sequence[Losses]) -> Losses:
    """Of models that have the rows between them, as if they were one."""
    n_rows = np.array([one.n_rows for one in losses], dtype=np.float64)
    share = n_rows / n_rows.sum()

    def mean(name: str) -> float:
        return float(share @ [getattr(one, name) for one in losses])

    error = math.sqrt(sum((s * one.error) ** 2 for s, one in zip(share, losses, strict=True)))
    n_parts = sum(one.n_parts for one in losses)
    linear = None if any(one.linear is None for one in losses) else mean("linear")
    return Losses(mean("network"), mean("constant"), error, int(n_rows.sum()), n_parts, linear)


def _of_parts(
    loss: Loss, raw: np.ndarray, y: np.ndarray, weight: np.ndarray | None, n_parts: int
) -> tuple[np.ndarray, np.ndarray]:
    """The mean loss of each part of the rows, and their number.

    Neighbours are in different parts, since they may be alike: rows held out are in the order of y.
    """
    n_parts = min(n_parts, len(raw))
    which = np.arange(len(raw)) % n_parts
    sizes = np.bincount(which, minlength=n_parts).astype(np.float64)
    losses = loss.of_rows(raw, y)
    if losses is not None:
        # At once: one by one the parts take 0.6 ms of a fit of 3.
        losses = losses if weight is None else losses * weight
        return np.bincount(which, losses, n_parts) / sizes, sizes
    parts = [slice(k, None, n_parts) for k in range(n_parts)]
    values = [loss.value(raw[p], y[p], None if weight is None else weight[p]) for p in parts]
    return np.array(values), sizes


def _error(values: np.ndarray, sizes: np.ndarray) -> float:
    """Standard error of the mean over all rows."""
    if len(values) < 2:
        return math.nan
    mean = sizes @ values / sizes.sum()
    squares = np.sum((sizes / sizes.mean() * (values - mean)) ** 2)
    return float(np.sqrt(squares / (len(values) - 1) / len(values)))
