"""What each column of X adds to a prediction: expected gradients.

In: a fitted estimator, rows to be explained, rows to compare them with. Out: numbers that add up to
the prediction, for each row, column of X and output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import narwhals as nw
import numpy as np

from ..fitting.found import Model
from ..fitting.prediction import given_of, raw_scores_of
from ..frames import FrameReader
from ..quoting import quoted
from ..telling import warn
from .expected_gradients import Points, expected_gradients
from .which import of_sknumpynet

#: Points on each way, to begin with and at most: doubled for rows that do not add up yet.
FEWEST_POINTS, MOST_POINTS = 2, 16

#: What may be missing before more points are taken, in standard deviations of the raw scores.
TOLERANCE = 0.02


@dataclass(frozen=True, repr=False)
class Attributions:
    """What each column of X adds to each raw score, see :func:`attributions`.

    ``shap.Explanation(a.values, a.base_values, a.data, feature_names=a.feature_names)`` takes it.

    Attributes
    ----------
    values : ndarray of shape (n_samples, n_features) or (n_samples, n_features, n_outputs)
    base_values : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        The mean score of the background, the same for all rows.
    data : ndarray of shape (n_samples, n_features)
        X.
    feature_names : list of str
    output_names : list of str
        Classes, labels, columns of y, quantiles. One for two classes: the second.
    error : float
        What was missing, at most, in the sums before they were corrected, in standard deviations of
        the score.
    """

    values: np.ndarray
    base_values: np.ndarray
    data: np.ndarray
    feature_names: list[str]
    output_names: list[str]
    error: float
    # Numbers that the cells stand for, NaN of a category: for colors.
    _numbers: np.ndarray = field(repr=False)

    def of(self, output: Any) -> Attributions:
        """Those of one output, by its name or number."""
        if self.values.ndim == 2 and (output in (0, -1) or str(output) in self.output_names):
            return self
        names = self.output_names
        found = names.index(str(output)) if str(output) in names else output
        if not isinstance(found, (int, np.integer)) or not -len(names) <= found < len(names):
            raise ValueError(f"output must be one of {', '.join(names)}. Got {quoted(output)}.")
        return replace(
            self,
            values=self.values[:, :, found],
            base_values=self.base_values[:, found],
            output_names=[names[found]],
        )

    def importances(self) -> np.ndarray:
        """Mean absolute attribution of each column, (n_features,) or (n_features, n_outputs)."""
        return np.abs(self.values).mean(axis=0)

    def as_frame(self) -> Any:
        """A pandas DataFrame of the values; of several outputs columns have two levels."""
        import pandas as pd

        if self.values.ndim == 2:
            return pd.DataFrame(self.values, columns=self.feature_names)
        names = [(o, f) for o in self.output_names for f in self.feature_names]
        values = self.values.transpose(0, 2, 1).reshape(len(self.values), -1)
        return pd.DataFrame(values, columns=pd.MultiIndex.from_tuples(names))

    def __repr__(self) -> str:
        n, d = self.values.shape[:2]
        outputs = "" if self.values.ndim == 2 else f", {len(self.output_names)} outputs"
        largest = self.importances().reshape(d, -1).mean(axis=1)
        order = np.argsort(-largest)[:5]
        shown = ", ".join(f"{self.feature_names[j]} {largest[j]:.3g}" for j in order)
        more = ", ..." if d > len(order) else ""
        return f"Attributions({n} rows, {d} columns{outputs}; mean size: {shown}{more})"


def attributions(
    est: Any,
    X: Any,
    background: Any = None,
    *,
    n_background: int = 100,
    random_state: int = 0,
) -> Attributions:
    """What each column of X adds to the raw scores, compared with background rows.

    Expected gradients: the mean, over the background and along the straight way from there to the
    row, of the gradient times the difference. They come from the network's own backward pass, and
    all that a column of X is encoded to is summed. Levels and numbers that are embedded go straight
    ways between their embeddings. For a linear model this is the coefficient times the difference
    to the background's mean; where columns do not act together, or in pairs by products, it is the
    Shapley value of the column (of the game in which columns that are absent have the values of a
    background row), else close to it.

    What is explained is the raw score of the prediction, with members and bags that of their mean
    prediction: ``decision_function`` of a classifier, ``predict`` of a regressor in the units of y;
    the logarithm of ``predict`` for losses of a log link; for "gaussian_nll" the mean and the
    logarithm of the standard deviation. Of a row the attributions and ``base_values`` add up to it,
    to rounding: the points on the ways are doubled, up to 16 on each, until no more than 2 % of the
    standard deviation of the score is missing, and what is still missing is shared out in
    proportion to the size of the attributions. ``error`` is what it was at most; above 10 % a
    UserWarning tells it.

    A row takes 2 ``n_background`` passes forward and back for each output, and up to 30 where they
    are doubled: from 0.2 ms for a hidden layer of 100 to some 40 ms for an output of "TabularMLP*"
    with five bags, on one processor.

    Parameters
    ----------
    est : NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier or TabularMLPRegressor
        Fitted.
    X : data frame, array-like or sparse matrix of shape (n_samples, n_features)
        Rows to be explained.
    background : as X, optional
        Rows to compare with, of the training data for example. A fit keeps no rows: by default it
        is X itself, and attributions say how a row differs from the others in X.
    n_background : int
        More rows of the background than this are drawn from at random, without replacement.
    random_state : int
        Of this draw and of the points on the ways.

    Returns
    -------
    Attributions

    References
    ----------
    Erion, Janizek, Sturmfels, Lundberg and Lee (2021), "Improving performance of deep learning
    models with axiomatic attribution priors and expected gradients", eq. 5. There points are drawn
    at random; here they are spread evenly, and made more until the sums are right.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.inspection import attributions
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> est = NumpyMLPRegressor((20,), random_state=0).fit(X, y)
    >>> found = attributions(est, X[:50], background=X)
    >>> found.values.shape
    (50, 10)
    >>> total = found.values.sum(axis=1) + found.base_values
    >>> bool(abs(total - est.predict(X[:50])).max() < 0.01)
    True
    """
    est = of_sknumpynet(est)._as_it_is_now()
    if not isinstance(n_background, (int, np.integer)) or n_background < 1:
        raise ValueError(f"n_background must be an integer >= 1. Got {quoted(n_background)}.")
    rng = np.random.default_rng(random_state)
    models, table = est._models, est._table(X)
    if not table.shape[0]:
        raise ValueError("X has no rows to be explained.")
    other = table if background is None else est._table(background)
    if other.shape[0] > n_background:
        other = other[np.sort(rng.choice(other.shape[0], n_background, replace=False))]
    scores = raw_scores_of(models, table, est.n_threads)
    of_background = raw_scores_of(models, other, est.n_threads)
    base = of_background.mean(axis=0)
    spread = np.concatenate([scores, of_background]).std(axis=0)
    values, error = _of_columns(est, table, other, scores - base, spread, rng)
    loss, target = models[0].loss, models[0].target
    factor, shift = loss.raw_in_units(target.unit, getattr(target, "shift", None))
    values *= factor
    base_values = np.broadcast_to(base * factor + shift, scores.shape).copy()
    names = _output_names(models[0])
    if len(names) == 1:
        values, base_values = values[:, :, 0], base_values[:, 0]
    columns = cast(FrameReader, models[0].reader).table_columns(table)
    return Attributions(
        values,
        base_values,
        _as_array(X),
        est._names_of_columns(),
        names,
        error,
        _numbers_of(table, columns),
    )


def _of_columns(
    est: Any, table: Any, other: Any, wanted: np.ndarray, spread: np.ndarray, rng: Any
) -> tuple[np.ndarray, float]:
    """Attributions (n, n_features, n_raw) that add up to ``wanted``, and what was missing."""
    models: Sequence[Model] = est._models
    n, n_raw = wanted.shape
    values = np.zeros((n, est.n_features_in_, n_raw))
    rows, background = (_embedded(models, part, est.n_threads) for part in (table, other))
    sources = [_sources(model, table) for model in models]
    unit = np.where(spread > 0, spread, 1.0)
    missing, left, n_points = wanted.copy(), np.arange(n), FEWEST_POINTS
    while len(left):
        points = Points.drawn(other.shape[0], n_points, rng)
        found = expected_gradients(models, [x[left] for x in rows], background, points, n_raw)
        here = np.zeros((est.n_features_in_, len(left), n_raw))
        for of_model, source in zip(found, sources, strict=True):
            np.add.at(here, source, of_model.transpose(1, 0, 2))
        values[left] = here.transpose(1, 0, 2)
        missing[left] = wanted[left] - values[left].sum(axis=1)
        n_points *= 2
        if n_points > MOST_POINTS:
            break
        left = left[(np.abs(missing[left]) > TOLERANCE * unit).any(axis=1)]
    error = float((np.abs(missing) / unit).max())
    if error > 5 * TOLERANCE:
        warn(
            f"Attributions: the sums were wrong by up to {error:.2g} standard deviations of the "
            f"score, with {MOST_POINTS} points on each of {other.shape[0]} ways, before what was "
            "missing was shared out. Single attributions are as uncertain."
        )
    size = np.abs(values)
    total = size.sum(axis=1, keepdims=True)
    share = np.divide(size, total, out=np.zeros_like(size), where=total > 0)
    return values + share * missing[:, np.newaxis], error


def _embedded(models: Sequence[Model], table: Any, n_threads: int | None) -> list[np.ndarray]:
    """Rows as the first linear layer of each network is given them, in the network's dtype."""
    return [
        given_of([model], table, n_threads, 0).astype(model.network.theta.dtype) for model in models
    ]


def _sources(model: Model, table: Any) -> np.ndarray:
    """The column of X that each of these numbers comes from."""
    columns = cast(FrameReader, model.reader).table_columns(table)
    of_X = np.array([columns.source(j) for j in range(len(columns))], dtype=np.intp)
    return of_X[model.network.sources_of(model.encoder.sources)]


def _output_names(model: Model) -> list[str]:
    """What the raw scores are of."""
    target, n_raw = model.target, model.loss.n_raw(model.target.n_outputs)
    classes = getattr(target, "classes", None)
    if classes is None:
        n = target.n_outputs
        return model.loss.raw_names(["y"] if n == 1 else [f"y{j}" for j in range(n)])
    if isinstance(classes, list):
        names = [f"y{j}={c}" for j, each in enumerate(classes) for c in each]
    else:
        names = [str(c) for c in classes]
    return names if len(names) == n_raw else names[-n_raw:]


def _as_array(X: Any) -> np.ndarray:
    """The values of X as an array, of objects if columns are of several types."""
    X = nw.from_native(X, eager_only=True, pass_through=True)
    if isinstance(X, nw.DataFrame):
        return X.to_numpy()
    return X.toarray() if hasattr(X, "toarray") else np.asarray(X)


def _numbers_of(table: Any, columns: Any) -> np.ndarray:
    """For each column of X the numbers of the first of its columns of the table.

    NaN of a category, whose codes have no order.
    """
    found = np.full((table.shape[0], columns.n_sources), np.nan)
    seen: set[int] = set()
    for j, column in enumerate(columns):
        if column.source in seen:
            continue
        seen.add(column.source)
        if column.kind in ("number", "date"):
            values = table[:, [j]]
            values = values.toarray() if hasattr(values, "toarray") else np.asarray(values)
            found[:, column.source] = values[:, 0]
    return found
