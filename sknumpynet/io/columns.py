"""Columns of X as scikit-learn's transformers, and the first weights for what these give.

In: a model. Out: a fitted ColumnTransformer, and weights and offsets that give with its columns
what the model's first layer gives: levels are one-hot, whatever they are here, so that a level has
a row of weights of its own: that of its difference from a missing one, which the offsets have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder

from ..encoding.categories import Coded, Constant
from ..encoding.group import ColumnGroup
from ..encoding.numbers import Numbers
from ..fitting.found import Model
from ..frames.columns import CategoryColumn, EmptyColumn, NumberColumn
from ..frames.spelled_columns import SpelledColumn
from ..network import Workspace
from ..quoting import quoted
from .numbers import ScaledNumbers
from .refused import refused

#: Families of levels that OneHotEncoder compares as they are compared here.
LEVELS = ("text", "numbers")


@dataclass(frozen=True)
class Columns:
    """A fitted transformer, the rows it was fitted to, and the first layer behind it."""

    transformer: ColumnTransformer
    stand_in: Any
    encoded: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray


def columns_of(estimator: Any, model: Model, bounded: bool) -> Columns:
    """Those that the model looks at.

    What scikit-learn learns of columns is learned of rows that stand in for those of fit: number
    and names of columns, levels, and which numbers may be missing. The statistics are set.
    """
    places = _places(estimator, model)
    first = _FirstLayer(model)
    values: dict[int, np.ndarray] = {}
    parts, weights, offsets = [], [], first.offsets.copy()
    numbers = None
    for group, start in first.groups:
        if isinstance(group, Numbers):
            for place in group.index.tolist():
                _check_number(model, places[place])
            numbers = ScaledNumbers(group, bounded)
            index = [places[place] for place in numbers.index.tolist()]
            values.update(zip(index, numbers.stand_in.T, strict=True))
            parts.append(("numbers", numbers.pipeline, [_key(estimator, j) for j in index]))
            rows, more = numbers.weights(first.weights[start : start + group.n_columns])
            weights.append(rows)
            offsets += more
    levels = _levels(model, places, first)
    if levels:
        for j, (known, rows) in levels.items():
            values[j] = np.resize(known, 3)
            weights.append(rows)
        one_hot = OneHotEncoder(
            categories=[known for known, _ in levels.values()],
            handle_unknown="ignore",
            sparse_output=False,
        )
        parts.append(("levels", one_hot, [_key(estimator, j) for j in levels]))
    if not parts:
        raise refused("a model that looks at no column of X", "nothing was learned from any")
    stand_in = _stand_in(estimator, values)
    transformer = ColumnTransformer(parts, sparse_threshold=0)
    transformer.fit(stand_in)
    if numbers is not None:
        numbers.set_statistics(transformer.named_transformers_["numbers"])
    encoded = transformer.transform(stand_in)
    return Columns(transformer, stand_in, encoded, np.concatenate(weights), offsets)


class _FirstLayer:
    """The first linear layer of a model in float64, for encoded rows without their numbers.

    ``offsets`` are what it gives a row in which every level is missing, and all numbers 0.
    """

    def __init__(self, model: Model) -> None:
        self._encoder, self._network = model.encoder, model.network.astype("float64")
        self._place = self._network.begins[0]
        p = self._network.parameters()[self._place]
        self.weights = p.W
        self.groups: list[tuple[ColumnGroup, int]] = []
        self._numbers: list[int] = []
        start = 0
        for group in self._encoder.groups:
            end = start + group.n_columns
            if isinstance(group, Numbers):
                self._numbers += range(start, end)
            elif not isinstance(group, (Coded, Constant)):
                kind = type(group).__name__.lower()
                raise refused(
                    f"column {quoted(group.names[0].partition(':')[0])} of X ({kind})",
                    "it has no transformer that makes the same numbers of it",
                )
            self.groups.append((group, start))
            start = end
        nothing = np.zeros((1, self._encoder.n_features))
        self._nothing = self._encoded(nothing)
        self.offsets = p.b + self._of(self._nothing)[0]

    def _encoded(self, table: np.ndarray) -> np.ndarray:
        out = np.zeros((len(table), self._encoder.n_columns))
        self._encoder.encode(table, out)
        out[:, self._numbers] = 0.0
        return out

    def _of(self, encoded: np.ndarray) -> np.ndarray:
        workspace = Workspace(self._network, len(encoded))
        return self._network.given(self._place, encoded, workspace) @ self.weights

    def of_levels(self, place: int, n_levels: int) -> tuple[np.ndarray, np.ndarray]:
        """Which levels of a column of the table are kept, and their rows of weights."""
        table = np.zeros((n_levels, self._encoder.n_features))
        table[:, place] = np.arange(1, n_levels + 1)
        encoded = self._encoded(table)
        kept = np.flatnonzero((encoded != self._nothing).any(axis=1))
        missing = self._of(self._nothing)
        return kept, self._of(encoded[kept]) - missing if len(kept) else missing[:0]


def _levels(
    model: Model, places: list[int], first: _FirstLayer
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Of each column of X with levels that are kept, these and their rows of weights."""
    found = {}
    for group, _ in first.groups:
        for place in group.index.tolist() if isinstance(group, Coded) else []:
            column = _column(model, places[place])
            known = _known(column)
            kept, rows = first.of_levels(place, len(known))
            if len(kept):
                found[places[place]] = known[kept], rows
    return found


def _known(column: Any) -> np.ndarray:
    """All levels of a category, as OneHotEncoder takes them."""
    what = f"column {quoted(column.name)} of X"
    if isinstance(column, SpelledColumn):
        raise refused(
            f"{what}, which is text that says yes and no",
            "it tells levels apart by every letter (set parse_text=False to do so here, too)",
        )
    assert isinstance(column, CategoryColumn)
    if column.family not in LEVELS:
        raise refused(
            f"{what}, whose levels are {column.family}", "make text of them by astype(str)"
        )
    if column.family == "text":
        known = np.empty(len(column.keys), dtype=object)
        known[:] = column.keys
        return known
    known = np.array([float(key) for key in column.keys])
    if (
        known.tolist() != column.keys
        or (np.diff(known) <= 0).any()
        or column._precision is not None
    ):
        raise refused(
            f"{what}, whose levels are numbers of more or fewer digits than float64",
            "make text of them by astype(str)",
        )
    return known


def _check_number(model: Model, j: int) -> None:
    column = _column(model, j)
    if isinstance(column, SpelledColumn):
        raise refused(
            f"column {quoted(column.name)} of X, which is text that spells numbers",
            "it has no transformer that reads them (convert the column, by pandas.to_numeric)",
        )
    plain = column is None or isinstance(column, EmptyColumn) or column.family == "numbers"
    if not plain:
        raise refused(
            f"column {quoted(column.name)} of X, which holds {column.family}",
            "convert it to numbers before fit",
        )
    assert column is None or isinstance(column, (NumberColumn, EmptyColumn))


def _column(model: Model, j: int) -> Any:
    columns = model.reader.columns
    return None if columns is None else columns[j]


def _places(estimator: Any, model: Model) -> list[int]:
    """The column of X that each column of the table comes from."""
    columns = model.reader.columns
    if columns is None:
        return list(range(estimator.n_features_in_))
    return [j for j, column in enumerate(columns) for _ in range(column.width)]


def _key(estimator: Any, j: int) -> Any:
    """How a ColumnTransformer is told of column j of X."""
    names = getattr(estimator, "feature_names_in_", None)
    return j if names is None else names[j]


def _stand_in(estimator: Any, values: dict[int, np.ndarray]) -> Any:
    """Three rows with these values in the columns that are looked at; a frame if X has names."""
    n, names = estimator.n_features_in_, getattr(estimator, "feature_names_in_", None)
    if names is not None:
        import pandas as pd

        return pd.DataFrame({names[j]: values.get(j, np.zeros(3)) for j in range(n)})
    X = np.zeros((3, n), dtype=np.result_type(float, *values.values()))
    for j, column in values.items():
        X[:, j] = column
    return X
