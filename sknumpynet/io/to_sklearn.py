"""A fitted estimator as a Pipeline of scikit-learn's own classes.

In: an estimator of this package. Out: transformers of its columns and scikit-learn's MLP with its
weights, or the option that has no counterpart there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sklearn
from sklearn.base import is_classifier
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ..estimators.base import BaseNumpyMLP
from ..fitting.found import Model
from ..quoting import quoted
from .columns import columns_of
from .perceptron import check_loss, dense_layers, perceptron_of
from .refused import refused


def to_sklearn(estimator: Any, *, bounded: bool = True) -> Any:
    """A fitted estimator as scikit-learn's own classes, which predict the same.

    For whatever reads scikit-learn and nothing else: converters to C, PMML or SQL, a server without
    this package. Numbers are scaled and imputed as here, levels are one-hot encoded, also those
    that are embedded here; levels that fit has not seen, and missing ones, count as here. Units of
    y, and what a missing level adds, are in the weights. Several models (``n_bags``) become a
    VotingClassifier or VotingRegressor.

    Predictions agree to 1e-6 with ``dtype="float64"``, and to the rounding of float32 (1e-6 of
    their size, more behind large weights) otherwise. It only predicts: training that goes on would
    begin anew.

    Parameters
    ----------
    estimator : estimator
        Fitted; with numbers and levels (text and numbers) as columns, one of the activations that
        scikit-learn's MLP has ("identity", "logistic", "tanh", "relu") in all hidden layers, and no
        ``n_members``, ``residual``, ``normalization`` or embedded numbers: fit it with
        ``numeric_embedding=None``, or on fewer than 300 rows.
    bounded : bool
        Scaled numbers are bounded beyond 4 spreads, by MinMaxScaler and a FunctionTransformer with
        ``numpy.tanh``, which some converters do not know. False leaves that out, and folds the
        scales into the first weights: for rows without values beyond 4 spreads from the centre the
        predictions are the same, for others they are not.

    Returns
    -------
    Pipeline, VotingClassifier or VotingRegressor
        Of a model on numbers that are never missing, ``to_sklearn(model, bounded=False)[-1]`` is
        the bare MLP.

    Raises
    ------
    ValueError
        If a part of it cannot be expressed by scikit-learn; it names the option or the column.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sknumpynet import NumpyMLPClassifier
    >>> from sknumpynet.io import to_sklearn
    >>> X = pd.DataFrame({"age": [30.0, None, 50.0, 20.0] * 30, "sex": ["f", "m", None, "f"] * 30})
    >>> y = np.array(["no", "yes", "yes", "no"] * 30)
    >>> model = NumpyMLPClassifier((8,), solver="lbfgs", dtype="float64", random_state=0)
    >>> model = model.fit(X, y)
    >>> pipeline = to_sklearn(model)
    >>> pipeline
    Pipeline(...MLPClassifier(...))])
    >>> new = pd.DataFrame({"age": [40.0, None], "sex": ["f", "unheard of"]})
    >>> bool(np.allclose(pipeline.predict_proba(new), model.predict_proba(new), atol=1e-6, rtol=0))
    True
    """
    if not isinstance(estimator, BaseNumpyMLP):
        raise TypeError(
            f"to_sklearn takes a fitted estimator of sknumpynet. Got {quoted(estimator)}."
        )
    now = estimator._as_it_is_now()
    check_is_fitted(now)
    models = now._known("_models")
    _check_target(now, models)
    # Tables between steps are arrays, whatever is configured.
    with sklearn.config_context(transform_output="default"):
        pipelines = [_pipeline_of(now, model, bounded) for model in models]
        return pipelines[0] if len(pipelines) == 1 else _voting(now, models[0], pipelines)


def _check_target(estimator: Any, models: Any) -> None:
    """Refuse a target, and the mean of several models for it, that scikit-learn's MLP has not."""
    target = models[0].target
    if is_classifier(estimator):
        classes = target.classes
        if target.kind == "several":
            raise refused("a y of several columns of classes", "its MLP takes one")
        if len(classes) < 2:
            raise refused("a y of a single class", "its MLP takes two or more")
        if classes.dtype.kind not in "OUSbiuf" or not _are_plain(classes):
            raise refused(
                f"the label {quoted(classes.tolist()[0])}", "its MLP takes text and numbers"
            )
        several = target.in_columns
    else:
        several = not target.one_dimensional
    check_loss(estimator, models[0])
    if several and len(models) > 1:
        raise refused(f"n_bags={len(models)} with several outputs", "its voting takes one")


def _are_plain(classes: np.ndarray) -> bool:
    return classes.dtype.kind != "O" or all(isinstance(label, str) for label in classes)


def _pipeline_of(estimator: Any, model: Model, bounded: bool) -> Pipeline:
    dense_layers(estimator, model)
    columns = columns_of(estimator, model, bounded)
    mlp = perceptron_of(estimator, model, columns)
    return Pipeline([("columns", columns.transformer), ("mlp", mlp)])


def _voting(estimator: Any, model: Model, pipelines: list[Pipeline]) -> Any:
    """The mean of what they predict."""
    named = [(f"model_{i}", FrozenEstimator(one)) for i, one in enumerate(pipelines)]
    # Of these rows and targets it learns names of columns, and classes.
    X = columns_of(estimator, model, bounded=False).stand_in
    if not is_classifier(estimator):
        return VotingRegressor(named).fit(X, np.zeros(len(X)))
    target: Any = model.target
    classes = target.classes
    rows = np.resize(np.arange(len(X)), max(len(X), len(classes)))
    X = X.iloc[rows] if hasattr(X, "iloc") else X[rows]
    return VotingClassifier(named, voting="soft").fit(X, np.resize(classes, len(rows)))
