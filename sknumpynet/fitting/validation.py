"""What is asked after every epoch: the loss, and the score, on rows that are not trained on.

In: the held-out rows and the model under training. Out: a function () -> (loss, score), and a
warning where rows that the user passed do not look like those of X.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.metrics import check_scoring

from ..encoding import find_shift
from ..frames import AsItIs, TableColumns
from ..network import Workspace
from ..options import CACHE
from ..quoting import quoted, told
from ..telling import warn
from ..training import Batches, Validation, mean_loss
from .found import AsEstimator, Model
from .prediction import rows_at_once
from .share import Share, merge_rows


@contextmanager
def about_rows_to_validate() -> Iterator[None]:
    """Errors about rows that the user passed to validate on say so, where they speak of X or y."""
    try:
        yield
    except (TypeError, ValueError) as error:
        text = str(error)
        if "_val" in text or len(error.args) != 1:
            raise
        error.args = (f"X_val and y_val do not go with X and y. {text}",)
        raise


def validation_on(
    held_out: Share,
    model: Model,
    scoring: Any,
    as_estimator: AsEstimator,
) -> Validation:
    """() -> (loss, score) of the model's network, as it is then, on the held-out rows.

    With ``scoring="loss"`` the score is the negative loss; otherwise that of the estimator that
    ``as_estimator`` makes of the model.
    """
    network, loss = model.network, model.loss
    merged = merge_rows(held_out)
    batches = Batches(
        merged.X,
        model.encoder,
        network.theta.dtype,
        rows_at_once(network, model.encoder, merged.X),
        index=merged.rows.index,
        y=model.target.encode(merged.codes, network.theta.dtype),
        weight=merged.weight_of_mean_one(),
        cache=CACHE,
    )
    # 0.1 to 0.2 ms to make, of an epoch of some.
    workspace = Workspace(network, batches.batch_size)
    score = None if scoring == "loss" else _score_on(held_out, model, as_estimator, scoring)

    def validate() -> tuple[float, float]:
        value = merged.rows.mean(
            lambda: mean_loss(network, loss, batches, batches.batch_size, workspace)
        )
        if score is None:
            return value, -value
        # Predictions that overflow have no score.
        return value, score() if math.isfinite(value) else math.nan

    return validate


def _score_on(
    held_out: Share, model: Model, as_estimator: AsEstimator, scoring: Any
) -> Callable[[], float]:
    """() -> the score of the model, as it is then, on the held-out rows."""
    index, y_of = held_out.rows.index, held_out.y
    if isinstance(scoring, str):
        # scikit-learn's metrics take arrays, which need not be read anew after every epoch.
        target = model.target.for_metrics
        y_of = held_out.y if target is model.target else held_out.codes
        model = replace(model, reader=AsItIs(), target=target)
        X, y = held_out.X[index], y_of[index]
    else:
        X, y = held_out.as_given()
        # What is odd about these rows has been told.
        model = replace(model, reader=model.reader.silent())
    probe = as_estimator(model, named=not (isinstance(X, np.ndarray) or sp.issparse(X)))
    scorer = _told(scoring, lambda: check_scoring(probe, scoring=scoring))
    weighted = _with_weights(scorer, held_out.rows.weight)

    def score() -> float:
        figure = _told(scoring, lambda: float(weighted(probe, X, y)))
        if not math.isfinite(figure):
            raise ValueError(
                f"scoring={quoted(scoring)} gave {figure} on the {len(y)} validation rows. It may "
                "need more of them, or some of every class: pass X_val and y_val."
            )
        return figure

    return score


def _told(scoring: Any, call: Callable[[], Any]) -> Any:
    """What the call gives; its errors are told to be those of ``scoring``.

    What a metric does not take (a regressor, three classes, text) only its call shows.
    """
    try:
        return call()
    except MemoryError:
        # The machine's, and no mistake in the options.
        raise
    except Exception as error:
        raise ValueError(
            f"scoring={quoted(scoring)} failed on the validation rows; it must suit the estimator "
            f"and y. {type(error).__name__}: {told(error)}"
        ) from error


def _with_weights(scorer: Callable, weight: np.ndarray | None) -> Callable:
    """The scorer with the weights of the validation rows, if it takes any."""

    def score(estimator: Any, X: Any, y: Any) -> float:
        try:
            return scorer(estimator, X, y, sample_weight=weight)
        except TypeError as error:
            # Some metrics, and scorers of one's own, know no weights.
            if "sample_weight" not in str(error):
                raise
            return scorer(estimator, X, y)

    return scorer if weight is None else score


def warn_if_not_calibrated(*, stream: bool) -> None:
    """Warn that ``calibrate`` has no rows to work on; in a stream it never has."""
    advice = (
        "partial_fit has none. Set calibrate=False"
        if stream
        else "Pass X_val and y_val to fit, or set early_stopping=True"
    )
    warn(f"calibrate=True does nothing without rows to validate on. {advice}.")


def warn_if_not_alike(table: Share, given: Share, columns: TableColumns) -> None:
    """Warn if the rows passed as X_val were most likely not transformed as X was.

    Only numbers are compared, other columns have no unit.
    """
    found = find_shift(table.X, table.rows, given.X, given.rows, columns.numbers)
    if found is None:
        return
    name = columns.label(found.column)
    n_columns = len({columns.source(j) for j in found.columns.tolist()})
    (low, high), (low_val, high_val) = found.training, found.here
    if found.collapsed:
        what, times = "nearly constant", (high - low) / (high_val - low_val)
        how = f"its values are {times:.0f} times closer together"
    else:
        what = "far away"
        how = f"its mean lies {found.distance:.3g} standard deviations from that of X"
    warn(
        f"X_val does not look like X: {n_columns} of {columns.n_sources} columns are {what}. "
        f"Column {name} runs from {low_val:.4g} to {high_val:.4g} in X_val and from {low:.4g} to "
        f"{high:.4g} in X; {how}. Was X scaled and X_val not? It must go through the same "
        "transformers: in a Pipeline, name it in transform_input=['X_val']."
    )
