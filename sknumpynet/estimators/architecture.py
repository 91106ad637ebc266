"""What network the options of an estimator describe.

In: checked options, and what is known of the table and the target. Out: an ``Architecture``.
"""

from __future__ import annotations

from typing import Any

from ..encoding import TableEncoder, Target
from ..losses import Loss
from ..network import Architecture
from .parameters import activations_of, dropout_rates, layer_sizes


def architecture(options: Any, encoder: TableEncoder, loss: Loss, target: Target) -> Architecture:
    """The network for these options, this table and this target."""
    sizes = layer_sizes(options.hidden_layer_sizes)
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
    )
