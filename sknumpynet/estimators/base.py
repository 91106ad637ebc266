"""What classifier and regressor share: the way into a fit, raw scores, and the fitted attributes.

In: X and y as scikit-learn passes them. Out: a fitted estimator, or an exception that leaves it as
it was: every fit works on a draft of the estimator, whose attributes are taken over at the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from ..encoding import Rows
from ..losses import Loss
from ..network import Linear, rows_stand_alone
from ..training import Batches, Outcome, blas_threads_for, raw_scores
from .data import Part, check_weights
from .fitting import Fit, block_rows, largest_product, warn_about
from .options import COMMON, check_options

#: What predictions are given in.
WIDE = np.dtype(np.float64)

#: Most rows of a block of predictions, whose buffers stay in the cache: with 512 units 18 % faster
#: than 2048 rows, with 784 columns and 256 units 4 %; fewer rows gain 0 to 9 % with one thread, but
#: on a busy machine threads wait for each other at every block.
PREDICTED_AT_ONCE = 1024


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
        outcome = draft._fit_this(X, y, sample_weight, validation, incremental, classes)
        self.__dict__ = draft.__dict__
        warn_about(outcome, self, incremental=incremental)
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
    ) -> Outcome:
        going_on = (incremental or self.warm_start) and hasattr(self, "network_")
        X, y = self._validate(X, y, reset=not going_on)
        weight = check_weights(sample_weight, X.shape[0])
        if not going_on:
            self._learn_target(y, classes)
        codes = self._codes(y, again=going_on and not incremental)
        self._learn_class_weight(codes, weight)
        table = Part.all_of(X, y, codes, self._times_class_weight(codes, weight))
        given = self._given_part(*validation)
        return Fit(self, going_on=going_on, incremental=incremental).run(table, given)

    def _given_part(self, X_val: Any, y_val: Any, sample_weight_val: Any) -> Part | None:
        """The rows to validate on that were passed to fit, or None."""
        if X_val is None:
            if y_val is not None or sample_weight_val is not None:
                raise ValueError("y_val and sample_weight_val go with X_val. Got X_val=None.")
            return None
        if y_val is None:
            raise ValueError("X_val needs y_val, the targets of its rows. Got y_val=None.")
        X_val, y_val = self._validate(X_val, y_val, reset=False)
        weight = check_weights(sample_weight_val, X_val.shape[0], "sample_weight_val")
        codes = self._codes(y_val)
        return Part.all_of(X_val, y_val, codes, self._times_class_weight(codes, weight))

    def _validate(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
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
        """Raw scores (n, n_outputs) as float64, computed in the network's dtype.

        The bits of a row are the same whatever rows come with it, see ``rowwise_dot``. With a BLAS
        that does not allow this in float32 they are computed in float64, where a row's raw scores
        are the same to 1e-12; so are rows that are beyond the range of float32.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=(np.float64, np.float32), reset=False)
        X = canonical(X)
        dtype = self.network_.theta.dtype
        if dtype == WIDE or not rows_stand_alone(dtype):
            return self._raw_scores_in(WIDE, X)
        with np.errstate(over="ignore", invalid="ignore"):
            raw = self._raw_scores_in(dtype, X)
        if not np.isfinite(raw).all():
            beyond = np.flatnonzero(~np.isfinite(raw).all(axis=1))
            raw[beyond] = self._raw_scores_in(WIDE, X[beyond])
        return raw

    def _raw_scores_in(self, dtype: np.dtype, X: Any) -> np.ndarray:
        """Raw scores computed in ``dtype``, in blocks of rows."""
        network, encoder = self.network_, self._encoder
        block = min(block_rows(network, encoder.n_columns), PREDICTED_AT_ONCE)
        batches = Batches(X, encoder, dtype, block)
        if network.theta.dtype != dtype and not batches.single:
            # A single block converts theta part by part.
            network = network.astype(dtype)
        raw = np.empty((X.shape[0], self.n_outputs_))
        n_operations = largest_product(network, batches.batch_size, sp.issparse(X))
        with blas_threads_for(n_operations, self.n_threads, vectors=False):
            raw_scores(network, batches, raw, batches.batch_size, dtype)
        return raw

    # Fitted attributes that are views of something else.

    def _views(self, name: str) -> ParameterViews:
        network = self._fitted("network_", name)
        return ParameterViews(
            getattr(p, "W" if name == "coefs_" else "b")
            for layer, p in zip(network.layers, network.parameters(), strict=True)
            if isinstance(layer, Linear)
        )

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
