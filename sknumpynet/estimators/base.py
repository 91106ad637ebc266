"""What classifier and regressor share: the way into a fit, raw scores, and the fitted attributes.

In: X and y as scikit-learn passes them. Out: a fitted estimator, or an exception that leaves it as
it was: every fit works on a draft of the estimator, and what it found is taken over at the end.
"""

from __future__ import annotations

import copy
import warnings
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.utils import Tags, check_X_y
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from ..encoding import FrameReader, Target, names_of, refuse_lazy
from ..losses import Loss
from ..network import Network
from ..optimizers import goes_through_batches
from ..training import one_blas_thread
from .auto import PLAIN, Auto, bags_for
from .bags import fit_bags
from .data import Part, check_weights
from .fitting import Fit
from .found import Found, Model
from .messages import Ending
from .options import check_options
from .parameters import RULES, CommonParameters
from .prediction import raw_scores_of
from .rising_rates import losses_at_rising_rates
from .stamp import stamped, without_stamp
from .validation import warn_if_not_alike
from .views import ParameterViews


def canonical(X: Any) -> Any:
    """X, or a copy of a sparse X in which every entry is stored once."""
    if sp.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def _can_go_on(estimator: Any) -> bool:
    return goes_through_batches(estimator.solver)


#: partial_fit exists for the solvers that work on mini-batches.
with_mini_batches = available_if(_can_go_on)


#: Attributes that tell of a fit, and not what the model predicts.
_OF_A_FIT = {
    "_found", "history_", "n_iter_", "t_", "loss_", "best_loss_", "best_validation_score_",
    "oof_prediction_",
}  # fmt: skip


class BaseNumpyMLP(CommonParameters):
    """Shared by both estimators. A subclass says what its target and its loss are."""

    #: What "auto" means.
    _auto: ClassVar[Auto] = PLAIN

    #: What must hold of several options together.
    _rules: ClassVar = RULES

    #: Fitted attributes and their documentation, in the order of the docstring.
    _attributes: ClassVar[dict[str, str]] = {
        "n_outputs_ : int": "Columns of y.",
        "coefs_, intercepts_ : lists of ndarrays": """Weights (n_in, n_out) and offsets (n_out,) of
            each layer. They are views of the model: changing one changes predictions. They act on
            the columns as ``feature_scaling`` leaves them.""",
        "loss_ : float": "Training loss of the last epoch, with the penalty.",
        "best_loss_ : float or None": """Lowest training loss of an epoch; None with
            ``early_stopping``.""",
        "loss_curve_ : list of float": "Training loss of each epoch.",
        "validation_scores_ : list of float or None": """Score on the validation rows after each
            epoch; the negative loss with ``scoring="loss"``.""",
        "best_validation_score_ : float or None": """The highest of them, that of the weights given
            back; None without ``early_stopping``.""",
        "history_ : dict of lists": """``epoch``, ``loss``, ``validation_loss``, ``score``,
            ``learning_rate`` and ``seconds`` of each epoch, ready for ``pandas.DataFrame``.
            ``partial_fit`` keeps the last 1000.""",
        "oof_prediction_ : ndarray or None": """With ``n_bags`` > 1: for each row of X what the
            model predicts that was not trained on it; probabilities, from a classifier. NaN for
            rows of weight 0. The other attributes are those of the first model.""",
        "n_iter_ : int": "Epochs (iterations) of the last fit.",
        "t_ : int": "Rows seen in training.",
        "n_layers_ : int": "Layers with input and output layer.",
        "out_activation_ : str": "Function from raw scores to predictions.",
        "n_features_in_ : int": "Columns of X.",
        "feature_names_in_ : ndarray of shape (n_features_in_,)": """Names of the columns, when X
            has names that are all strings.""",
        "encoded_feature_names_ : list of str": """A name for each row of ``coefs_[0]``: "age", "age
            missing", "sex=female", "cabin[3]" (an embedded column), "joined: sin of week".""",
        "network_ : Network": "The layers and their parameter vector ``theta``.",
    }

    #: What is called to make a fit.
    _kind_of_fit: ClassVar = Fit

    # What a subclass says.

    def _new_target(self) -> Target:
        """The target, of which nothing is learned yet."""
        raise NotImplementedError

    def _new_loss(self, target: Target) -> Loss:
        """The loss for a target that is known."""
        raise NotImplementedError

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
        check_options(self, self._rules)
        draft = self._copy()
        # Overflow is told by an error that names its cause, and not by NumPy.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found, end = draft._find(X, y, sample_weight, validation, incremental, classes)
        draft._take(found)
        if end is not None:
            # It may be an error for the user: what was fitted before is replaced after it.
            warnings.warn(*end, stacklevel=3)
        self.__dict__ = draft.__dict__
        return self

    #: For :func:`sknumpynet.inspection.find_learning_rate`.
    _losses_at_rising_rates = losses_at_rising_rates

    def _copy(self) -> Any:
        """A shallow copy that shares arrays; ``sklearn.clone`` would drop the fitted attributes."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def _find(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple,
        incremental: bool,
        classes: Any,
    ) -> tuple[Found, Ending | None]:
        """What a fit finds. Of this draft only names and number of the columns change."""
        earlier = self.__dict__.get("_found") if incremental or self.warm_start else None
        target = self._new_target() if earlier is None else copy.copy(earlier.model.target)
        as_passed = X, y
        known = None if earlier is None else earlier.model.reader
        reader = known or FrameReader(self.categorical_features)
        X, y = self._validate(X, y, target, reader, reset=earlier is None)
        weight = check_weights(sample_weight, X.shape[0])
        if earlier is None:
            target.learn(y, classes)
        loss = self._new_loss(target)
        codes = target.codes(y, again=earlier is not None and not incremental)
        target.learn_weights(getattr(self, "class_weight", None), codes, weight)
        table = Part.all_of(X, y, codes, target.weights(codes, weight), as_passed)
        given = self._given_part(target, reader, *validation)
        alone = incremental or given is not None or self.warm_start
        n_bags = bags_for(self, len(table.rows.index), alone=alone)
        if n_bags > 1 and alone:
            what = "partial_fit" if incremental else "X_val"
            raise ValueError(
                f"n_bags={n_bags} cannot be combined with {what}: each model is validated on the "
                "part of X that it is not trained on. Set n_bags=1."
            )
        names = getattr(self, "feature_names_in_", None)
        if given is not None:
            # In an X without names, those of X_val will do for a message.
            shown = names_of(validation[0]) if names is None else names
            warn_if_not_alike(table, given, shown, reader.columns, stacklevel=5)
        new_fit = partial(
            self._kind_of_fit,
            self,
            earlier,
            incremental=incremental,
            names=names,
            as_estimator=self._with_model,
        )
        # Sums over rows, as of the encoder, are products of a matrix and a vector.
        with one_blas_thread(2.0 * table.X.shape[0] * table.X.shape[1]):
            bags = None
            if n_bags > 1:
                bags = fit_bags(self, n_bags, new_fit, table, reader, target, loss, stacklevel=5)
            found, end = bags or new_fit().run(table, given, reader, target, loss)
        if earlier is None:
            reader.leave_out(found.left_out())
        return found, end

    def _given_part(
        self, target: Target, reader: FrameReader, X_val: Any, y_val: Any, sample_weight_val: Any
    ) -> Part | None:
        """The rows to validate on that were passed to fit, or None."""
        if X_val is None:
            if y_val is not None or sample_weight_val is not None:
                raise ValueError("y_val and sample_weight_val go with X_val. Got X_val=None.")
            return None
        if y_val is None:
            raise ValueError("X_val needs y_val, the targets of its rows. Got y_val=None.")
        as_passed = X_val, y_val
        X_val, y_val = self._validate(X_val, y_val, target, reader, reset=False)
        weight = check_weights(sample_weight_val, X_val.shape[0], "sample_weight_val")
        codes = target.codes(y_val)
        return Part.all_of(X_val, y_val, codes, target.weights(codes, weight), as_passed, "X_val")

    def _check_columns(self, X: Any, reset: bool) -> None:
        """Names and number of the columns, as scikit-learn does it; values are the reader's.

        It also tells what is wrong with X if that is no table.
        """
        if not hasattr(X, "shape"):
            refuse_lazy(X)
        if len(getattr(X, "shape", (0, 0))) == 2:
            validate_data(self, X, skip_check_array=True, reset=reset)

    def _validate(
        self, X: Any, y: Any, target: Target, reader: FrameReader, reset: bool
    ) -> tuple[Any, Any]:
        """The table of X, and y as an array."""
        target.refuse(y)
        self._check_columns(X, reset)
        table = canonical(reader.learn(X, self) if reset else reader.read(X, self))
        # For y and the number of its rows alone.
        rows = np.zeros((table.shape[0], 1), dtype=np.float32)
        options = {"multi_output": True, "y_numeric": target.numeric, "estimator": self}
        return table, target.check(check_X_y(rows, y, dtype=None, **options)[1])

    # What a fit has found, taken over.

    def _take(self, found: Found) -> None:
        """Set all fitted attributes; the others are views of what is found."""
        self._found = found
        self._take_model(found.model, found.others)
        self.oof_prediction_ = found.oof_prediction
        self.history_ = found.history
        self.n_iter_ = found.outcome.n_iter
        self.t_ = found.n_seen
        self.loss_, self.best_loss_ = found.loss, found.best_loss
        best_score = -found.outcome.best_figure
        self.best_validation_score_ = best_score if found.early_stopping else None

    def _take_model(self, model: Model, others: tuple[Model, ...] = ()) -> None:
        """Set what predictions need; ``others`` are averaged with the model."""
        self._model, self._others = model, others
        self.n_outputs_ = model.target.n_outputs
        self.n_layers_ = len(model.network.arrays("W")) + 1
        self.out_activation_ = model.loss.out_activation

    def _with_model(self, model: Model) -> Any:
        """An estimator like this one that predicts with the model."""
        other = self._copy()
        for name in _OF_A_FIT & other.__dict__.keys():
            del other.__dict__[name]
        other._take_model(model)
        return other

    # Prediction.

    def _raw_scores(self, X: Any) -> np.ndarray:
        """Raw scores (n, n_raw) as float64."""
        check_is_fitted(self)
        self._check_columns(X, reset=False)
        models, blocks = (self._model, *self._others), self._model.reader.blocks(X, self)
        raw = [raw_scores_of(models, canonical(block), self.n_threads) for block in blocks]
        return raw[0] if len(raw) == 1 else np.concatenate(raw)

    # Saving.

    def __getstate__(self) -> dict[str, Any]:
        return stamped(super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(without_stamp(state))

    # Fitted attributes that are views of something else.

    def _known(self, name: str) -> Any:
        if name not in self.__dict__:
            raise AttributeError(f"This {type(self).__name__} has no such attribute unfitted.")
        return self.__dict__[name]

    @property
    def network_(self) -> Network:
        return self._known("_model").network

    @network_.setter
    def network_(self, network: Network) -> None:
        self._take_model(replace(self._known("_model"), network=network), self._others)
        self._found = replace(self._found, model=self._model)

    @property
    def coefs_(self) -> ParameterViews:
        return ParameterViews(self.network_.arrays("W"))

    @coefs_.setter
    def coefs_(self, arrays: Any) -> None:
        self.coefs_.set_all("coefs_", arrays)

    @property
    def intercepts_(self) -> ParameterViews:
        return ParameterViews(self.network_.arrays("b"))

    @intercepts_.setter
    def intercepts_(self, arrays: Any) -> None:
        self.intercepts_.set_all("intercepts_", arrays)

    @property
    def encoded_feature_names_(self) -> list[str]:
        names = list(self._known("_model").encoder.names)
        for layer in self.network_.layers:
            names = layer.names_out(names)
        return names

    @property
    def loss_curve_(self) -> list[float]:
        return self._known("_found").history["loss"]

    @property
    def validation_scores_(self) -> list[float] | None:
        found = self._known("_found")
        return found.history["score"] if found.validated else None

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags
