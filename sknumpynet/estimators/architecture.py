"""From options and encoded columns to what a network is built of.

In: the options, an encoder that has learned its columns, and the number of raw scores. Out: an
``Architecture``, and the encoded rows that some of its layers look at before training.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..encoding import TableEncoder
from ..network import Architecture
from .auto import width_of_embedding
from .data import Part
from .parameters import activation_names, frequencies, layer_sizes

#: Most numbers of the encoded rows that layers look at (32 MB in float32).
LOOKED_AT = 2**23


def architecture_for(
    options: Any, encoder: TableEncoder, n_raw: int, *, sparse: bool
) -> Architecture:
    """What the options ask for; ``sparse``: the rows are, so numbers are not embedded."""
    sizes = layer_sizes(options.hidden_layer_sizes)
    numeric = numeric_columns(encoder)
    width = width_of_embedding(options.embedding_width, len(numeric))
    return Architecture(
        encoder.n_columns,
        sizes,
        activation_names(options.activation, len(sizes)),
        n_raw,
        embeddings=encoder.embeddings,
        numeric_embedding=None if sparse or width == 1 else options.numeric_embedding,
        numeric=numeric,
        embedding_width=width,
        max_frequency=frequencies(options.max_frequency),
        n_members=int(options.n_members),
    )


def numeric_columns(encoder: TableEncoder) -> tuple[int, ...]:
    """The encoded columns that are numbers."""
    return tuple(range(encoder.n_columns - len(encoder.embeddings)))


def rows_to_look_at(
    encoder: TableEncoder, train: Part, dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray | None]:
    """Encoded training rows, evenly spaced if there are many, and their weights."""
    rows = train.rows
    step = -(-len(rows.index) * encoder.n_columns // LOOKED_AT)
    index = rows.index[::step]
    x = np.empty((len(index), encoder.n_columns), dtype=dtype)
    return encoder.encode(train.X[index], x), None if rows.weight is None else rows.weight[::step]
