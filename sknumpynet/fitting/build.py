"""What network the options of an estimator describe.

In: checked options, and what is known of the table and the target. Out: the layers, and the encoded
rows that some of them look at before training.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from ..encoding import TableEncoder
from ..losses import Loss
from ..network import Architecture, Layer, build_layers
from ..optimizers import goes_through_batches
from ..options import (
    activations_of,
    dropout_rates,
    frequencies,
    frequencies_for,
    layer_sizes,
    rows_of_a_batch,
    width_of_embedding,
)
from ..targets import Target
from .memory import refuse_large, refuse_large_sizes
from .prediction import FEWEST_ROWS
from .share import Share

#: Most numbers of the encoded rows that layers look at (32 MB in float32).
LOOKED_AT = 2**23


def layers_for(
    options: Any, encoder: TableEncoder, loss: Loss, target: Target, train: Share
) -> list[Layer]:
    """The layers of a network for these options; a MemoryError if they are too large.

    ``train`` are the rows to train on.
    """
    wanted = architecture(
        options, encoder, loss, target, n_rows=train.n_samples, sparse=sp.issparse(train.X)
    )
    n, dtype = len(train.rows.index), np.dtype(options.dtype)
    stochastic = goes_through_batches(options.solver)
    batch = rows_of_a_batch(options, n) if stochastic else min(n, FEWEST_ROWS)
    refuse_large_sizes(options, wanted, batch, dtype)
    layers = build_layers(wanted)
    refuse_large(options, layers, batch, dtype)
    return layers


def architecture(
    options: Any, encoder: TableEncoder, loss: Loss, target: Target, *, n_rows: int, sparse: bool
) -> Architecture:
    """The network for these options, this table and this target.

    ``n_rows`` are there to train on. ``sparse``: the rows are, so that numbers are not embedded.
    """
    sizes = layer_sizes(options.hidden_layer_sizes)
    width = width_of_embedding(options.embedding_width, len(encoder.numbers), n_rows)
    return Architecture(
        encoder.n_columns,
        sizes,
        activations_of(options.activation, len(sizes)),
        loss.n_raw(target.n_outputs),
        embeddings=encoder.embeddings,
        dropout=dropout_rates(options.dropout, len(sizes)),
        normalization=options.normalization,
        residual=bool(options.residual),
        init=options.init,
        numeric_embedding=None if sparse or width == 1 else options.numeric_embedding,
        numeric=encoder.numbers,
        embedding_width=width,
        max_frequency=frequencies(options.max_frequency) or frequencies_for(n_rows),
        n_members=int(options.n_members),
    )


def rows_to_look_at(
    encoder: TableEncoder, train: Share, dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray | None]:
    """Encoded training rows, evenly spaced if there are many, and their weights."""
    rows = train.rows
    step = -(-len(rows.index) * encoder.n_columns // LOOKED_AT)
    index = rows.index[::step]
    x = np.empty((len(index), encoder.n_columns), dtype=dtype)
    return encoder.encode(train.X[index], x), None if rows.weight is None else rows.weight[::step]
