"""Raw scores of models, and what their layers are given, for any number of rows, in blocks.

In: models and a table. Out: raw scores as float64, those of the mean prediction if there are
several models; the activations of a hidden layer.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..losses import Loss
from ..matrix import Matrix, is_sparse
from ..network import Network, rows_stand_alone
from ..training import (
    Batch,
    Batches,
    Encoder,
    at_once,
    given_to_layer,
    in_threads,
    one_blas_thread,
    raw_scores,
)
from .found import Model

#: What predictions are given in.
WIDE = np.dtype(np.float64)

#: Most rows of a block of predictions, whose buffers stay in the cache: up to 18 % faster than 2048
#: rows. See DECISIONS: rows of a prediction.
PREDICTED_AT_ONCE = 1024

#: Rows of a part; where there are four of them and more, threads may share them.
PART = 4 * PREDICTED_AT_ONCE

#: Numbers in the widest buffer of a pass over many rows (2 MB in float64), and limits of its rows.
BUFFER_SIZE, FEWEST_ROWS, MOST_ROWS = 2**18, 64, 4096


def rows_at_once(network: Network, encoder: Encoder, X: Matrix) -> int:
    """Rows of a block of X, so that buffers stay small whatever the number of rows.

    Sparse rows are what is stored of them, however many columns they have: blocks that are small
    without need go over all of a matrix of weights for a few rows.
    """
    per_row = -(-X.nnz // max(1, X.shape[0])) if is_sparse(X) else encoder.n_columns
    return max(FEWEST_ROWS, min(MOST_ROWS, BUFFER_SIZE // max(1, per_row, network.widest)))


#: Fills (n, n_out) from the rows of batches, computed in a dtype: ``fill(network, batches, out,
#: max_batch, dtype)``.
Fill = Callable[[Network, Iterable[Batch], np.ndarray, int, np.dtype], None]


def raw_scores_of(models: Sequence[Model], X: Matrix, n_threads: int | None) -> np.ndarray:
    """Raw scores (n, n_raw) of the mean prediction of the models for the table X.

    The models have the same loss, in the same unit.
    """
    raw = []
    for model in models:
        loss = model.loss
        n_raw = loss.n_raw(model.target.n_outputs)
        raw.append(_of_one(model, X, n_threads, n_raw, partial(_raw_scores, loss)))
    return raw[0] if len(raw) == 1 else models[0].loss.combine(np.stack(raw))


def given_of(models: Sequence[Model], X: Matrix, n_threads: int | None, which: int) -> np.ndarray:
    """What the layer ``network.begins[which]`` of each model is given of the table X, (n, n_given).

    That of one model after the other.
    """
    given = []
    for model in models:
        i = model.network.begins[which]
        n_given = model.network.n_given(i)
        given.append(_of_one(model, X, n_threads, n_given, partial(given_to_layer, i)))
    return given[0] if len(given) == 1 else np.hstack(given)


def _raw_scores(
    loss: Loss, network: Network, of: Iterable[Batch], out: np.ndarray, n: int, dtype: np.dtype
) -> None:
    raw_scores(network, loss, of, out, n, dtype)


def _of_one(model: Model, X: Matrix, n_threads: int | None, n_out: int, fill: Fill) -> np.ndarray:
    """Computed in the network's dtype.

    The bits of a row are the same whatever rows come with it, see ``rowwise_dot``. With a BLAS that
    does not allow this in float32 they are computed in float64, where a row's raw scores are the
    same to 1e-12; so are rows that are beyond the range of float32.
    """
    dtype = model.network.theta.dtype
    compute = partial(_computed, model, n_threads=n_threads, n_out=n_out, fill=fill)
    if dtype == WIDE:
        return compute(X, model.encoder, WIDE)
    with np.errstate(over="ignore", invalid="ignore"):
        if rows_stand_alone(dtype):
            found = compute(X, model.encoder, dtype)
        else:
            found = compute(X, _Widened(model.encoder, dtype), WIDE)
    if not np.isfinite(found).all():
        beyond = np.flatnonzero(~np.isfinite(found).all(axis=1))
        found[beyond] = compute(X[beyond], model.encoder, WIDE)
    return found


class _Widened:
    """Rows encoded in the dtype of training, and widened.

    Edges of bins are values of training rows: in a bin of 3e-6 of the range a number that is not
    rounded as they were is off by up to 2 % of the bin.
    """

    def __init__(self, encoder: Encoder, narrow: np.dtype) -> None:
        self._encoder, self._narrow = encoder, narrow
        self.n_columns = encoder.n_columns

    def changes_nothing(self, X: np.ndarray) -> bool:
        return False

    def encode(self, block: np.ndarray, out: np.ndarray) -> np.ndarray:
        out[...] = self._encoder.encode(block, np.empty(out.shape, self._narrow))
        return out

    def encode_sparse(self, block: Matrix, dtype: np.dtype) -> tuple[Any, np.ndarray | None]:
        matrix, shift = self._encoder.encode_sparse(block, self._narrow)
        return matrix.astype(dtype), None if shift is None else shift.astype(dtype)


def _computed(
    model: Model,
    X: Matrix,
    encoder: Encoder,
    dtype: np.dtype,
    *,
    n_threads: int | None,
    n_out: int,
    fill: Fill,
) -> np.ndarray:
    network = model.network
    n_rows, most = X.shape[0], min(rows_at_once(network, encoder, X), PREDICTED_AT_ONCE)
    block = min(most, n_rows)
    if network.theta.dtype != dtype and n_rows > most:
        # A single block converts theta part by part.
        network = network.astype(dtype)
    found = np.empty((n_rows, n_out))
    n_operations = network.largest_product(block, sp.issparse(X))
    if n_rows <= most:
        with one_blas_thread(n_operations, vectors=False):
            fill(network, [at_once(X, encoder, dtype)], found, n_rows, dtype)
        return found

    # Another thread has settings of its own.
    settings = np.geterr()

    def fill_rows(rows: slice) -> None:
        batches = Batches(X[rows], encoder, dtype, block)
        with np.errstate(**settings):
            fill(network, batches, found[rows], batches.batch_size, dtype)

    if n_rows >= 4 * PART:
        ends = np.linspace(0, n_rows, n_rows // PART + 1).astype(int).tolist()
        parts = [slice(*pair) for pair in itertools.pairwise(ends)]
        in_threads(fill_rows, parts, n_operations, n_threads)
        return found
    with one_blas_thread(n_operations, vectors=False):
        fill_rows(slice(0, n_rows))
    return found
