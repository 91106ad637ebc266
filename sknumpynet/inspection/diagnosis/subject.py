"""What findings are made of: a fitted estimator, its rows, and what follows from both.

In: what the user passed. Out: a container whose figures are computed when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...fitting.found import Found, Model
from ...fitting.prediction import raw_scores_of
from ...fitting.share import Share, check_weights
from ...fitting.unit_of_tol import loss_scale
from ...fitting.validation import validation_on
from ...frames import TableColumns, in_memory, names_of
from ..layer_statistics import (
    GradientSize,
    LayerStatistics,
    evenly_spaced,
    gradient_sizes,
    layer_statistics,
)


@dataclass(frozen=True)
class Subject:
    """A fitted estimator beside the rows that it was fitted on.

    Attributes
    ----------
    est : estimator
        Its state does not change while it is looked at.
    rows : Share
        Without those whose target the loss does not take, of which ``outside`` has the values.
    given : Share or None
        Rows to validate on.
    columns : TableColumns
        What the columns of the table are.
    passed : tuple
        X, y and weights as the user passed them.
    """

    est: Any
    rows: Share
    given: Share | None
    columns: TableColumns
    outside: np.ndarray
    passed: tuple[Any, Any, Any]

    @property
    def models(self) -> Sequence[Model]:
        return self.est._models

    @property
    def founds(self) -> Sequence[Found]:
        return self.est._found.founds

    @property
    def numeric(self) -> bool:
        """Whether the target is numbers."""
        return bool(self.models[0].target.numeric)

    @cached_property
    def table(self) -> Any:
        """The rows of the table that count."""
        return self.rows.X[self.rows.rows.index]

    def encoded(self, model: Model) -> np.ndarray:
        """The target as the model's loss takes it, of all rows."""
        return model.target.encode(self.rows.codes, model.network.theta.dtype)

    @cached_property
    def constant(self) -> float:
        """The loss of the best constant prediction."""
        with np.errstate(all="ignore"):
            return loss_scale(self.models[0], self.encoded(self.models[0]), self.rows)[1]

    @cached_property
    def training_loss(self) -> float:
        """The loss of the models on the rows, on average, as they predict."""
        return self._loss_on(self.rows)

    @cached_property
    def validation_loss(self) -> float | None:
        """The loss on rows that were not trained on; None if there were none."""
        if self.given is not None:
            return self._loss_on(self.given)
        losses = [_kept_validation_loss(found) for found in self.founds if found.validated]
        known = [loss for loss in losses if loss is not None and np.isfinite(loss)]
        return float(np.mean(known)) if known else None

    def _loss_on(self, share: Share) -> float:
        with np.errstate(all="ignore"):
            losses = [
                validation_on(share, model, "loss", self.est._with_model)()[0]
                for model in self.models
            ]
        return float(np.mean(losses))

    @cached_property
    def raw(self) -> np.ndarray:
        """Raw scores of the rows."""
        return raw_scores_of(self.models, self.table, self.est.n_threads)

    @cached_property
    def layers(self) -> list[list[LayerStatistics]]:
        """Of each model."""
        return [layer_statistics(model, self.table) for model in self.models]

    @cached_property
    def gradients(self) -> list[GradientSize]:
        """Of the first model, with respect to its mean loss."""
        model = self.models[0]
        y = model.target.encode(self.rows.codes[self.rows.rows.index], np.dtype(np.float64))
        return gradient_sizes(model, self.table, y)

    @cached_property
    def sample(self) -> np.ndarray:
        """Numbers of at most 2,000 of the rows of ``table``."""
        return evenly_spaced(self.table.shape[0])


def _kept_validation_loss(found: Found) -> float | None:
    """The validation loss of the epoch that was kept; None if that was the start."""
    epochs, losses = found.history["epoch"], found.history["validation_loss"]
    kept = found.outcome.kept_epoch
    return losses[epochs.index(kept)] if kept in epochs else None


def subject_of(
    est: Any, X: Any, y: Any, sample_weight: Any = None, X_val: Any = None, y_val: Any = None
) -> Subject:
    """The subject, or the errors of ``fit`` about X and y."""
    now = est._as_it_is_now()
    model = now._models[0]
    X, passed = in_memory(X, {"y": y, "sample_weight": sample_weight})
    y, sample_weight = passed["y"], passed["sample_weight"]
    if X_val is not None:
        X_val, passed = in_memory(X_val, {"y_val": y_val}, "X_val")
        y_val = passed["y_val"]
    outside = np.zeros(0)
    if model.target.numeric:
        y, outside, inside = _within_domain(model, y)
    else:
        inside = None
    table, codes = _table_and_codes(now, model, X, y, "y")
    weight = check_weights(sample_weight, table.shape[0])
    if inside is not None:
        weight = inside.astype(float) * (1.0 if weight is None else weight)
    rows = Share.all_of(table, y, codes, model.target.weights(codes, weight), (X, y))
    given = None
    if X_val is not None:
        table_val, codes_val = _table_and_codes(now, model, X_val, y_val, "y_val")
        given = Share.all_of(table_val, y_val, codes_val, None, (X_val, y_val), "X_val")
    names = getattr(now, "feature_names_in_", names_of(X))
    columns = model.reader.table_columns(table, names)
    return Subject(now, rows, given, columns, outside, (X, y, sample_weight))


def _table_and_codes(now: Any, model: Model, X: Any, y: Any, name: str) -> tuple[Any, np.ndarray]:
    reader = model.reader.silent()
    table, y = now._validate(X, y, model.target, reader, reset=False, name=name)
    return table, model.target.codes(y)


def _within_domain(model: Model, y: Any) -> tuple[Any, np.ndarray, np.ndarray | None]:
    """y with valid values in all rows, the values that are not, and which rows had valid ones."""
    values = np.asarray(model.target.read(y, "y"), dtype=np.float64)
    find = model.loss.find_invalid
    if find(values) is None:
        return y, np.zeros(0), None
    inside = np.array([find(values[[i]]) is None for i in range(len(values))])
    if not inside.any():
        raise ValueError("y holds no value that the loss of the estimator takes.")
    outside, values = values[~inside].ravel(), values.copy()
    values[~inside] = values[np.flatnonzero(inside)[0]]
    return values, outside, inside
