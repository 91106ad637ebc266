"""From the options of an estimator to the list of layers.

In: an ``Architecture``, sizes and names. Out: frozen layers, in the order of the forward pass; no
numbers yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .activations import ACTIVATIONS, Activation
from .embeddings import NUMERIC_EMBEDDINGS, LevelEmbedding, NumericEmbedding
from .layer import Layer
from .linear import Linear
from .members import Heads, MemberLinear
from .normalization import NORMALIZATIONS
from .residual import Residual

#: Weights of the L blocks with a way around are divided by L to this power, or what they add would
#: make the sum grow by a factor in each block. With independent parts of mean 0 it would be 1/2,
#: with equal ones, which the means of relu units are, 1. With 59 blocks of relu R2 of Friedman 1 is
#: 0.877, with 1/2 0.750. See DECISIONS: depth of residual blocks.
DEPTH = 0.75

Embedding = LevelEmbedding | NumericEmbedding


@dataclass(frozen=True)
class Architecture:
    """What a network is built of.

    Parameters
    ----------
    n_features : int
        Columns of the encoded table.
    hidden_layer_sizes : sequence of int
        Units of each hidden layer; empty for a linear model.
    activations : sequence of str or Activation
        For each hidden layer a key of ``ACTIVATIONS``, or an activation whose ``n`` is not set.
    n_raw : int
        Columns of the raw scores.
    dropout : sequence of float
        A rate for each hidden layer; empty for none.
    normalization : str or None
        A key of ``NORMALIZATIONS``, for all hidden layers.
    residual : bool
        Whether there is a way around each hidden layer but the first, which makes units of columns.
    init : str
        A key of ``INITIALIZERS`` for the hidden layers, or "auto" for what suits the activation.
    embeddings : sequence of (column, n_codes, width)
        The last columns of the table, if they hold codes to be looked up.
    numeric_embedding : str, optional
        A key of ``NUMERIC_EMBEDDINGS``: what turns the ``numeric`` columns, if there are any, into
        ``embedding_width`` each.
    numeric : sequence of int
        Encoded columns that are numbers.
    embedding_width : int
    max_frequency : sequence of float
        The highest frequency that the cosines of an embedding start at, one for each group of
        members, see :func:`ceilings_of_members`.
    number_start : float
        What an embedding of cosines multiplies the number itself with at first.
    n_members : int
        Networks that share their hidden layers; 1 for a network alone.
    """

    n_features: int
    hidden_layer_sizes: Sequence[int]
    activations: Sequence[str | Activation]
    n_raw: int
    dropout: Sequence[float] = ()
    normalization: str | None = None
    residual: bool = False
    init: str = "auto"
    embeddings: Sequence[tuple[int, int, int]] = ()
    numeric_embedding: str | None = None
    numeric: Sequence[int] = ()
    embedding_width: int = 16
    max_frequency: Sequence[float] = (1.0,)
    number_start: float = 0.0
    n_members: int = 1


def build_layers(a: Architecture) -> list[Layer]:
    """Embeddings, the hidden layers, and a linear layer to the raw scores.

    A hidden layer is linear, normalization, activation, dropout; ``residual`` adds what the whole
    of it was given. With members, their vectors are in the first linear layer, and the last has a
    matrix for each.
    """
    embeddings = _embeddings(a)
    layers: list[Layer] = [*embeddings]
    n_in = embeddings[-1].n_out if embeddings else a.n_features
    rates = a.dropout or [0.0] * len(a.hidden_layer_sizes)
    hidden = zip(a.hidden_layer_sizes, a.activations, rates, strict=True)
    for i, (n_units, named, rate) in enumerate(hidden):
        activation = ACTIVATIONS[named]() if isinstance(named, str) else named
        activation = replace(activation, n=n_units)
        linear = _linear(a, i, activation, n_in, first=not layers)
        fed = linear if i else _of_members(linear, a, embeddings)
        block = (fed, *_behind(a.normalization, activation, rate))
        layers += [Residual(block, n_in, n_units)] if a.residual and i else block
        n_in = n_units
    if not a.hidden_layer_sizes:
        linear = Linear(n_in, a.n_raw, first=not layers, group="output")
        return [*layers, _of_members(linear, a, embeddings)]
    if a.n_members > 1:
        return [*layers, Heads(a.n_members, n_in, a.n_raw)]
    return [*layers, Linear(n_in, a.n_raw, group="output")]


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


def _embeddings(a: Architecture) -> list[Embedding]:
    """Layers that make of each code, and of each number, several columns."""
    layers: list[Embedding] = []
    n_in = a.n_features
    if a.embeddings:
        # The columns before the codes stay where they are.
        sizes = tuple((n_codes, width) for _, n_codes, width in a.embeddings)
        layers.append(LevelEmbedding(n_in - len(sizes), sizes))
        n_in = layers[-1].n_out
    if a.numeric_embedding is not None and len(a.numeric):
        kind, columns = NUMERIC_EMBEDDINGS[a.numeric_embedding], tuple(map(int, a.numeric))
        chosen = {"highest": float(_ceilings(a)[-1]), "number_start": float(a.number_start)}
        asked: dict[str, Any] = {name: chosen[name] for name in kind.asks}
        layers.append(kind(n_in, columns, a.embedding_width, not layers, **asked))
    return layers


def _linear(a: Architecture, i: int, activation: Activation, n_in: int, *, first: bool) -> Linear:
    """The linear layer of hidden layer i, with starting values that suit its activation."""
    if a.init != "auto":
        initializer, gain = a.init, 1.0
    elif i:
        initializer, gain = activation.initializer, activation.gain
    else:
        initializer, gain = activation.first_initializer, activation.first_gain
    if a.residual and i:
        gain /= (len(a.hidden_layer_sizes) - 1) ** DEPTH
    return Linear(n_in, activation.n, initializer, spread_offsets=True, first=first, gain=gain)


def _behind(normalization: str | None, activation: Activation, rate: float) -> Iterator[Layer]:
    """What a hidden layer has behind its linear layer."""
    kind = NORMALIZATIONS[normalization]
    if kind is not None:
        yield kind(activation.n)
    yield activation
    if rate:
        yield activation.dropout(activation.n, rate)


def _ceilings(a: Architecture) -> list[float]:
    return ceilings_of_members(a.max_frequency, a.n_members)


def _of_members(linear: Linear, a: Architecture, before: Sequence[Embedding]) -> Layer:
    """The first linear layer, with the vectors of the members if there are several."""
    if a.n_members == 1:
        return linear
    embedding = before[-1] if before else None
    if not isinstance(embedding, NumericEmbedding):
        return MemberLinear(((a.n_members, linear.n_in),), signs=True, **vars(linear))
    seen: Counter[int] = Counter()
    for ceiling, n in Counter(_ceilings(a)).items():
        seen[embedding.columns_up_to(ceiling)] += n
    groups = tuple((n, n_columns) for n_columns, n in seen.items())
    return MemberLinear(groups, signs=embedding.shows, **vars(linear))
