"""What classifier and regressor share: the way into a fit, raw scores, and the fitted attributes.

In: X and y as scikit-learn passes them. Out: a fitted estimator, or an exception that leaves it as
it was: every fit works on a draft of the estimator, whose attributes are taken over at the end.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from ..encoding import Rows
from ..losses import Loss
from ..training import Batches, blas_threads_for, raw_scores
from .data import Part, check_weights
from .fitting import Fit, block_rows
from .options import COMMON, check_options
from .validation import warn_if_not_alike


class ParameterViews(list):
    """The list behind ``coefs_`` and ``intercepts_``: its arrays are the model.

    Changing an array in place, or setting an item to an array of the same shape, changes the model.
    """

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            raise TypeError("Set one array at a time: coefs_[i] = array.")
        view, value = self[index], np.asarray(value)
        if value.shape != view.shape:
            raise ValueError(
                f"Array {index} has shape {view.shape}. It cannot be set to one of {value.shape}."
            )
        view[...] = value


def canonical(X: Any) -> Any:
    """X, or a copy of a sparse X in which every entry is stored once."""
    if sp.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def _can_go_on(estimator: BaseNumpyMLP) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit needs solver='adam' or 'sgd'. Got solver='lbfgs'.")
    return True


#: partial_fit exists for the solvers that work on mini-batches.
with_mini_batches = available_if(_can_go_on)


class BaseNumpyMLP(BaseEstimator):
    """Shared by both estimators. A subclass says what its targets, loss and predictions are."""

    _options = COMMON
    _numeric_y = False
    _loss: Loss

    # What a subclass says about its targets.

    def _check_kind_of(self, y: Any) -> None:
        """Refuse a y, as the user passed it, that would lose its meaning as an array."""

    def _check_y(self, y: Any) -> Any:
        """The target in the user's terms, validated."""
        raise NotImplementedError

    def _learn_target(self, y: Any, classes: Any) -> None:
        """Learn the classes or outputs from the whole of y (or from ``classes``)."""
        raise NotImplementedError

    def _learn_units(self, y: Any, rows: Rows) -> None:
        """Learn the units of the target from the training rows."""

    def _codes(self, y: Any, *, again: bool = False) -> np.ndarray:
        """The target as numbers, to tell rows apart.

        A y of another kind than the known one is refused; ``again``: or one with other classes.
        """
        raise NotImplementedError

    def _encode(self, codes: np.ndarray) -> np.ndarray:
        """The target as the loss takes it, from its codes."""
        raise NotImplementedError

    def _strata(self, codes: np.ndarray) -> np.ndarray | None:
        """Classes to be shared out between training and validation, or None."""
        return None

    def _learn_class_weight(self, codes: np.ndarray, weight: np.ndarray | None) -> None:
        """Learn the weight of each class from the rows to be fitted."""

    def _times_class_weight(self, codes: np.ndarray, weight: np.ndarray | None) -> Any:
        """The rows' weights times those of their classes."""
        return weight

    # Fitting.

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple[Any, Any, Any] = (None, None, None),
        *,
        incremental: bool = False,
        classes: Any = None,
    ) -> Any:
        check_options(self, self._options)
        draft = self._copy()
        # Overflow is told by an error that names its cause, and not by NumPy.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            end = draft._fit_this(X, y, sample_weight, validation, incremental, classes)
        if end is not None:
            # It may be an error for the user: what was fitted before is replaced after it.
            warnings.warn(*end, stacklevel=3)
        self.__dict__ = draft.__dict__
        return self

    def _copy(self) -> Any:
        """A shallow copy that shares arrays; ``sklearn.clone`` would drop the fitted attributes."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        return copy

    def _fit_this(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple,
        incremental: bool,
        classes: Any,
    ) -> tuple[str, type[Warning]] | None:
        """Do it to this draft. Returns a warning about the end of training and its category."""
        going_on = (incremental or self.warm_start) and hasattr(self, "network_")
        as_passed = X, y
        X, y = self._validate(X, y, reset=not going_on)
        weight = check_weights(sample_weight, X.shape[0])
        if not going_on:
            self._learn_target(y, classes)
        codes = self._codes(y, again=going_on and not incremental)
        self._learn_class_weight(codes, weight)
        table = Part.all_of(X, y, codes, self._times_class_weight(codes, weight), as_passed)
        given = self._given_part(*validation)
        if given is not None:
            # In an X without names, those of X_val will do.
            names = getattr(self, "feature_names_in_", getattr(validation[0], "columns", None))
            warn_if_not_alike(table, given, names, stacklevel=5)
        return Fit(self, going_on=going_on, incremental=incremental).run(table, given)

    def _given_part(self, X_val: Any, y_val: Any, sample_weight_val: Any) -> Part | None:
        """The rows to validate on that were passed to fit, or None."""
        if X_val is None:
            if y_val is not None or sample_weight_val is not None:
                raise ValueError("y_val and sample_weight_val go with X_val. Got X_val=None.")
            return None
        if y_val is None:
            raise ValueError("X_val needs y_val, the targets of its rows. Got y_val=None.")
        as_passed = X_val, y_val
        X_val, y_val = self._validate(X_val, y_val, reset=False)
        weight = check_weights(sample_weight_val, X_val.shape[0], "sample_weight_val")
        codes = self._codes(y_val)
        weight = self._times_class_weight(codes, weight)
        return Part.all_of(X_val, y_val, codes, weight, as_passed, "X_val")

    def _validate(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        self._check_kind_of(y)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=(np.float64, np.float32),
            multi_output=True,
            y_numeric=self._numeric_y,
            reset=reset,
        )
        return canonical(X), self._check_y(y)

    # Prediction.

    def _raw_scores(self, X: Any) -> np.ndarray:
        """Raw scores (n, n_raw), computed in float64 in blocks of rows.

        In float64 whatever the network was trained in: the prediction for a row is then the same,
        to 1e-12, whatever rows come with it. In float32 the order in which the BLAS sums, which
        depends on the number of rows, shows in the sixth digit.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=(np.float64, np.float32), reset=False)
        X = canonical(X)
        block = block_rows(self.network_, self._encoder.n_columns)
        network = self.network_.astype(np.float64)
        batches = Batches(X, self._encoder, np.dtype(np.float64), block)
        raw = np.empty((X.shape[0], self._loss.n_raw(self.n_outputs_)))
        n_operations = self.network_.largest_product(batches.batch_size, sp.issparse(X))
        with blas_threads_for(n_operations, self.n_threads, vectors=False):
            raw_scores(network, self._loss, batches, raw, batches.batch_size)
        return raw

    # Fitted attributes that are views of something else.

    def _views(self, name: str) -> ParameterViews:
        network = self._fitted("network_", name)
        return ParameterViews(network.arrays("W" if name == "coefs_" else "b"))

    def _set_views(self, name: str, arrays: Any) -> None:
        views = self._views(name)
        if len(arrays) != len(views):
            raise ValueError(f"{name} has {len(views)} arrays, one per layer. Got {len(arrays)}.")
        for i, array in enumerate(arrays):
            views[i] = array

    def _fitted(self, source: str, name: str) -> Any:
        if source not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r} before it is fitted."
            )
        return self.__dict__[source]

    @property
    def coefs_(self) -> list[np.ndarray]:
        return self._views("coefs_")

    @coefs_.setter
    def coefs_(self, arrays: Any) -> None:
        self._set_views("coefs_", arrays)

    @property
    def intercepts_(self) -> list[np.ndarray]:
        return self._views("intercepts_")

    @intercepts_.setter
    def intercepts_(self, arrays: Any) -> None:
        self._set_views("intercepts_", arrays)

    @property
    def loss_curve_(self) -> list[float]:
        return self._fitted("history_", "loss_curve_")["loss"]

    @property
    def validation_scores_(self) -> list[float] | None:
        scores = self._fitted("history_", "validation_scores_")["score"]
        return scores if self._fitted("_validated", "validation_scores_") else None

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
