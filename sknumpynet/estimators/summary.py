"""What a fitted network is: its layers, their shapes, how many parameters, how much memory.

In: the models of an estimator. Out: a table as text, HTML or a frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..fitting.found import Ensemble, Model
from ..network import LayerLine, lines_of
from .notebook import table_html

HEAD = ("layer", "output", "parameters")


@dataclass(frozen=True, repr=False)
class NetworkSummary:
    """Layers, shapes, parameters and memory of a fitted estimator; ``print`` shows the table.

    Attributes
    ----------
    estimator : str
        Name of its class.
    n_columns, n_encoded : int
        Columns of X, and what they are encoded to.
    layers : tuple of LayerLine
        Each layer of the network, with ``name``, ``depth`` (how many layers hold it), ``n_rows``
        (members), ``n_out``, ``n_parameters`` and ``hidden`` (the number of a hidden layer).
    n_parameters, n_trained : int
        Of one network; those that are not trained are running statistics.
    n_models : int
        Networks of these layers (bags). The numbers of others may differ by a few columns: each
        encodes its own rows.
    dtype : str
        Of the parameters.
    n_bytes : int
        Of the parameters of all models.
    n_bytes_to_go_on : int
        Of what is kept beside them to go on with training (``warm_start``, ``partial_fit``).
    """

    estimator: str
    n_columns: int
    n_encoded: int
    layers: tuple[LayerLine, ...]
    n_parameters: int
    n_trained: int
    n_models: int
    dtype: str
    n_bytes: int
    n_bytes_to_go_on: int

    @property
    def title(self) -> str:
        """The whole in a line."""
        models = f"{self.n_models} networks of " if self.n_models > 1 else ""
        return f"{models}{self.n_parameters:,} parameters, {self._memory}"

    @property
    def _memory(self) -> str:
        memory = f"{in_bytes(self.n_bytes)} in {self.dtype}"
        if self.n_bytes_to_go_on:
            memory += f", {in_bytes(self.n_bytes_to_go_on)} to go on with training"
        return memory

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, shape of the output and number of parameters of each layer."""
        encoded = "Encoded columns" if self.n_encoded != self.n_columns else "Columns"
        return [(encoded, f"{self.n_encoded:,}", ""), *map(_row, self.layers)]

    def _totals(self) -> tuple[str, str, str]:
        name = "All" if self.n_models == 1 else f"All, of each of {self.n_models} networks"
        return name, "", f"{self.n_parameters:,}"

    def __repr__(self) -> str:
        rows = [HEAD, *self.rows(), self._totals()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}".rstrip() for a, b, c in rows
        ]
        bar = "-" * (sum(widths) + 4)
        table = [lines[0], bar, *lines[1:-1], bar, lines[-1]]
        x = f"{self.n_columns:,} column{'s' if self.n_columns != 1 else ''} of X"
        return "\n".join([f"{self.estimator}: {x}; {self._memory}", *table])

    def _repr_html_(self) -> str:
        return table_html(HEAD, self.rows(), numbers=(1, 2), foot=self._totals())

    def as_frame(self) -> Any:
        """A pandas DataFrame with a row for each layer."""
        import pandas as pd

        return pd.DataFrame([vars(line) for line in self.layers])


def summary_of(
    estimator: str, n_columns: int, models: Sequence[Model], found: Ensemble | None
) -> NetworkSummary:
    """Of the models, and of what a fit has found beside them, if there is anything."""
    first = models[0]
    layout, encoder = first.network.layout, first.encoder
    states = [] if found is None else [one.optimizer for one in found.founds]
    kept = [state.state() for state in states if state is not None]
    return NetworkSummary(
        estimator=estimator,
        n_columns=n_columns,
        n_encoded=encoder.n_columns,
        layers=tuple(lines_of(first.network, encoder.n_columns)),
        n_parameters=layout.size,
        n_trained=layout.n_trained,
        n_models=len(models),
        dtype=str(first.network.theta.dtype),
        n_bytes=sum(model.network.theta.nbytes for model in models),
        n_bytes_to_go_on=sum(array.nbytes for state in kept for array in _arrays(state)),
    )


def _arrays(state: Any) -> Iterator[np.ndarray]:
    if isinstance(state, np.ndarray):
        yield state
    elif isinstance(state, dict):
        yield from (array for part in state.values() for array in _arrays(part))
    elif isinstance(state, (list, tuple)):
        yield from (array for part in state for array in _arrays(part))


def _row(line: LayerLine) -> tuple[str, str, str]:
    name = "  " * line.depth + line.name
    if line.hidden is not None:
        name += f"  (hidden layer {line.hidden})"
    members = f"{line.n_rows:,} x " if line.n_rows > 1 else ""
    n = f"{line.n_parameters:,}" if line.n_parameters else ""
    return name, f"{members}{line.n_out:,}", n


def in_bytes(n: int) -> str:
    """A number of bytes in a unit that it is read in."""
    size, unit = float(n), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{n} bytes" if unit == "bytes" else f"{size:.3g} {unit}"
