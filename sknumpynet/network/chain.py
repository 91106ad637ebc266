"""Layers one after the other, and how many rows each of them gets.

In: layers and the rows of a batch. Out: the layers, also those within others, each with its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar


class Link(Protocol):
    """What is needed of a layer here."""

    def rows_out(self, n_rows: int) -> int: ...

    def layers(self) -> Sequence[Any]: ...


L = TypeVar("L", bound=Link)


def with_rows(layers: Sequence[L], n_rows: int) -> list[tuple[L, int]]:
    """Each of a chain of layers with the rows that it gets."""
    rows = []
    for layer in layers:
        rows.append((layer, n_rows))
        n_rows = layer.rows_out(n_rows)
    return rows


def with_all_within(layers: Sequence[Any], n_rows: int) -> list[tuple[Any, int]]:
    """The same, and after each layer those that it holds."""
    rows = []
    for layer, n in with_rows(layers, n_rows):
        rows.append((layer, n))
        if held := layer.layers():
            rows += with_all_within(held, n)
    return rows
