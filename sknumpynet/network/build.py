"""From the options of an estimator to the list of layers.

In: an ``Architecture``, sizes and names. Out: frozen layers, in the order of the forward pass; no
numbers yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .activations import ACTIVATIONS
from .layer import Layer
from .linear import Linear
from .members import Heads, MemberLinear
from .numeric_embedding import NUMERIC_EMBEDDINGS, NumericEmbedding


@dataclass(frozen=True)
class Architecture:
    """What a network is built of.

    Parameters
    ----------
    n_features : int
        Columns of the encoded table.
    hidden_layer_sizes : sequence of int
        Units of each hidden layer; empty for a linear model.
    activations : sequence of str
        A key of ``ACTIVATIONS`` for each hidden layer.
    n_raw : int
        Columns of the raw scores.
    numeric_embedding : str, optional
        A key of ``NUMERIC_EMBEDDINGS``: what turns the ``numeric`` columns, if there are any, into
        ``embedding_width`` each.
    numeric : sequence of int
        Encoded columns that are numbers.
    embedding_width : int
    max_frequency : sequence of float
        The highest frequency that the cosines of an embedding start at, one for each group of
        members, see :func:`ceilings_of_members`.
    n_members : int
        Networks that share their hidden layers; 1 for a network alone.
    """

    n_features: int
    hidden_layer_sizes: Sequence[int]
    activations: Sequence[str]
    n_raw: int
    numeric_embedding: str | None = None
    numeric: Sequence[int] = ()
    embedding_width: int = 16
    max_frequency: Sequence[float] = (1.0,)
    n_members: int = 1


def build_layers(a: Architecture) -> list[Layer]:
    """Linear and activation for every hidden layer, then a linear layer to the raw scores.

    In front of them the embedding of numbers; with members, their vectors are in the first linear
    layer and the last has a matrix for each.
    """
    embedding = _embedding(a)
    layers: list[Layer] = [] if embedding is None else [embedding]
    n_in = a.n_features if embedding is None else embedding.n_out
    for i, (n_units, name) in enumerate(zip(a.hidden_layer_sizes, a.activations, strict=True)):
        activation = ACTIVATIONS[name](n_units)
        initializer = activation.first_initializer if i == 0 else activation.initializer
        layers += [_linear(a, layers, n_in, n_units, initializer, spread_offsets=True), activation]
        n_in = n_units
    if a.n_members > 1 and a.hidden_layer_sizes:
        layers.append(Heads(a.n_members, n_in, a.n_raw))
    else:
        layers.append(_linear(a, layers, n_in, a.n_raw, group="output"))
    return layers


def ceilings_of_members(max_frequency: Sequence[float], n_members: int) -> list[float]:
    """The highest frequency that each member sees, rising: so many members for each of them.

    What is left over goes to the highest; fewer members than ceilings take those in the middle.
    """
    ceilings, n = sorted(max_frequency), len(max_frequency)
    if n_members < n:
        start = (n - n_members + 1) // 2
        return ceilings[start : start + n_members]
    each = n_members // n
    return [c for c in ceilings[:-1] for _ in range(each)] + [ceilings[-1]] * (
        n_members - (n - 1) * each
    )


def _embedding(a: Architecture) -> NumericEmbedding | None:
    if a.numeric_embedding is None or not len(a.numeric):
        return None
    kind, highest = NUMERIC_EMBEDDINGS[a.numeric_embedding], _ceilings(a)[-1]
    return kind.built(a.n_features, tuple(a.numeric), a.embedding_width, highest, first=True)


def _ceilings(a: Architecture) -> list[float]:
    return ceilings_of_members(a.max_frequency, a.n_members)


def _linear(
    a: Architecture,
    before: Sequence[Layer],
    n_in: int,
    n_out: int,
    initializer: str = "glorot_uniform",
    **options: Any,
) -> Layer:
    """A linear layer behind those ``before``: the first that there is has the members' vectors."""
    embedding = before[0] if before and isinstance(before[0], NumericEmbedding) else None
    if a.n_members == 1 or len(before) > (embedding is not None):
        return Linear(n_in, n_out, initializer, first=not before, **options)
    if embedding is None:
        groups: tuple[tuple[int, int], ...] = ((a.n_members, n_in),)
    else:
        seen = Counter(embedding.columns_up_to(c) for c in _ceilings(a))
        groups = tuple((n, n_columns) for n_columns, n in seen.items())
    return MemberLinear(
        groups,
        n_in,
        n_out,
        signs=embedding is None,
        initializer=initializer,
        first=not before,
        **options,
    )
