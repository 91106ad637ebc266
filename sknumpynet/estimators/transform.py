"""Activations of a hidden layer as columns for another model.

In: a fitted estimator and X. Out: an array, or a frame where ``set_output`` asks for one.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ..fitting.found import Model
from ..fitting.prediction import given_of
from ..quoting import quoted
from .fitted import Fitted, canonical
from .given import Frame
from .names import check_columns


class _AsConfigured(TransformerMixin, BaseEstimator):
    """Gives an array as ``set_output`` of an estimator asks for it, with names of its own.

    scikit-learn names the columns by ``get_feature_names_out`` of whose ``transform`` it is, and
    that of an estimator is about one layer.
    """

    def __init__(self, estimator: Any, array: np.ndarray, names: Any) -> None:
        # With what set_output has set.
        self.__dict__.update(vars(estimator))
        self._array, self._names = array, names

    def transform(self, X: Frame) -> Any:
        return self._array

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        return self._names


class _Transforms(Fitted):
    """Apart, so that scikit-learn does not wrap this ``transform``."""

    def transform(self, X: Frame, layer: int | Literal["input"] = -1) -> Any:
        """Activations of a hidden layer, as columns for another model.

        A Pipeline hands on those of the last hidden layer. They were learned for y: judge what
        comes behind on rows that the network was not fitted on.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        layer : int or "input"
            Number of the hidden layer, from 0 as in ``coefs_``; -1 is the last. "input" are the
            encoded columns, see ``encoded_feature_names_``, which are also given if there is no
            hidden layer.

        Returns
        -------
        ndarray of shape (n_samples, n_units), or a frame, see ``set_output``
            float64, as the next layer gets them: behind normalization, activation and the way
            around a block. With members those of one member after the other, (n_samples, n_members
            n_units), and with bags those of one model after the other.
        """
        now = self._as_it_is_now()
        check_is_fitted(now)
        X = check_columns(now, X, reset=False)
        models = now._models
        which = _which(models[0], layer)
        blocks = models[0].reader.blocks(X, now)
        found = [given_of(models, canonical(block), now.n_threads, which) for block in blocks]
        array = found[0] if len(found) == 1 else np.concatenate(found)
        names = now._names_of_units(array.shape[1])
        return _AsConfigured(now, array, names).transform(X)

    def _names_of_units(self, n: int) -> np.ndarray:
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{j}" for j in range(n)], dtype=object)


class Transforms(ClassNamePrefixFeaturesOutMixin, TransformerMixin, _Transforms):
    """An estimator that is a step in front of another one, too."""

    @property
    def _n_features_out(self) -> int:
        """What ``get_feature_names_out`` asks for."""
        networks = [model.network for model in self._known("_models")]
        return sum(network.n_given(network.begins[-1]) for network in networks)


def _which(model: Model, layer: Any) -> int:
    """Which of ``network.begins`` is given the activations of the layer."""
    n_hidden = len(model.network.begins) - 1
    if isinstance(layer, str) and layer == "input":
        return 0
    if isinstance(layer, (int, np.integer)) and not isinstance(layer, bool):
        if layer == -1:
            return -1
        if -n_hidden <= layer < n_hidden:
            return int(layer) % n_hidden + 1
    if not n_hidden:
        raise ValueError(
            "layer must be 'input' (or -1, which is the same): there is no hidden layer. "
            f"Got {quoted(layer)}."
        )
    raise ValueError(
        f"layer must be 'input', or an integer from {-n_hidden} to {n_hidden - 1}: the number of a "
        f"hidden layer. Got {quoted(layer)}."
    )
