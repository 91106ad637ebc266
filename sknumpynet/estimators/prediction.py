"""Raw scores of models for any number of rows, in blocks.

In: models and a table. Out: raw scores as float64, those of the mean prediction if there are
several models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..network import Network, rows_stand_alone
from ..training import Batches, blas_threads_for, raw_scores
from .found import Model

#: What predictions are given in.
WIDE = np.dtype(np.float64)

#: Most rows of a block of predictions, whose buffers stay in the cache: with 512 units 18 % faster
#: than 2048 rows, with 784 columns and 256 units 4 %; fewer rows gain 0 to 9 % with one thread, but
#: on a busy machine threads wait for each other at every block.
PREDICTED_AT_ONCE = 1024

#: Numbers in the widest buffer of a pass over many rows (2 MB in float64), and limits of its rows.
BUFFER_SIZE, FEWEST_ROWS, MOST_ROWS = 2**18, 64, 4096


def block_rows(network: Network, n_columns: int) -> int:
    """Rows of a block, so that buffers stay small whatever the number of rows."""
    return max(FEWEST_ROWS, min(MOST_ROWS, BUFFER_SIZE // max(n_columns, network.widest)))


def raw_scores_of(models: Sequence[Model], X: Any, n_threads: int | None) -> np.ndarray:
    """Raw scores (n, n_raw) of the mean prediction of the models for the table X.

    The models have the same loss, in the same unit.
    """
    raw = [_of_one(model, X, n_threads) for model in models]
    return raw[0] if len(raw) == 1 else models[0].loss.combine(np.stack(raw))


def _of_one(model: Model, X: Any, n_threads: int | None) -> np.ndarray:
    """Computed in the network's dtype.

    The bits of a row are the same whatever rows come with it, see ``rowwise_dot``. With a BLAS that
    does not allow this in float32 they are computed in float64, where a row's raw scores are the
    same to 1e-12; so are rows that are beyond the range of float32.
    """
    dtype = model.network.theta.dtype
    if dtype == WIDE or not rows_stand_alone(dtype):
        return _computed_in(WIDE, model, X, n_threads)
    with np.errstate(over="ignore", invalid="ignore"):
        raw = _computed_in(dtype, model, X, n_threads)
    if not np.isfinite(raw).all():
        beyond = np.flatnonzero(~np.isfinite(raw).all(axis=1))
        raw[beyond] = _computed_in(WIDE, model, X[beyond], n_threads)
    return raw


def _computed_in(dtype: np.dtype, model: Model, X: Any, n_threads: int | None) -> np.ndarray:
    network, loss, encoder = model.network, model.loss, model.encoder
    block = min(block_rows(network, encoder.n_columns), PREDICTED_AT_ONCE)
    batches = Batches(X, encoder, dtype, block)
    if network.theta.dtype != dtype and not batches.single:
        # A single block converts theta part by part.
        network = network.astype(dtype)
    raw = np.empty((X.shape[0], loss.n_raw(model.target.n_outputs)))
    n_operations = network.largest_product(batches.batch_size, sp.issparse(X))
    with blas_threads_for(n_operations, n_threads, vectors=False):
        raw_scores(network, loss, batches, raw, batches.batch_size, dtype)
    return raw
