"""What a network is made of, line by line, for people.

In: a network. Out: a line for each layer, with those that it holds behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .chain import with_rows
from .layer import Layer
from .network import Network


@dataclass(frozen=True)
class LayerLine:
    """A layer.

    Attributes
    ----------
    name : str
    depth : int
        How many layers hold it.
    n_rows : int
        Rows that it gives for one row: as many as there are members.
    n_out : int
        Numbers in each of these.
    n_parameters : int
        Of its own: those of the layers that it holds are in their lines.
    hidden : int or None
        Of the layer that a hidden layer begins with: its number, from 0.
    """

    name: str
    depth: int
    n_rows: int
    n_out: int
    n_parameters: int
    hidden: int | None = None


def lines_of(network: Network, n_columns: int) -> list[LayerLine]:
    """Each layer of the network, which is fed rows of ``n_columns``."""
    hidden = {i: number for number, i in enumerate(network.begins[:-1])}
    return list(_lines(network.layers, n_columns, 1, 0, hidden))


def _lines(
    layers: Sequence[Layer], n_in: int, n_rows: int, depth: int, hidden: dict[int, int]
) -> Iterator[LayerLine]:
    for i, (layer, n) in enumerate(with_rows(layers, n_rows)):
        n_out = getattr(layer, "n_out", n_in)
        n_parameters = sum(parameter.size for parameter in layer.parameters().values())
        name, rows_out = type(layer).__name__, layer.rows_out(n)
        yield LayerLine(name, depth, rows_out, n_out, n_parameters, hidden.get(i))
        yield from _lines(layer.layers(), n_in, n, depth + 1, {})
        n_in = n_out
