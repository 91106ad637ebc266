"""What an estimator has when it is fitted: models that predict, and the attributes of a fit.

In: what a fit has found. Out: raw scores, and attributes that are views of it. Another thread may
fit at any time, and then replaces all at once: who reads twice, reads of one state.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import check_is_fitted

from ..deprecation import under_new_names
from ..fitting.found import Ensemble, Model
from ..fitting.prediction import raw_scores_of
from ..frames import AsItIs
from ..matrix import Matrix, is_sparse
from ..network import Network
from ..options import option_meant
from ..report import Report, report_of
from .names import check_columns
from .notebook import WithSections, section
from .summary import NetworkSummary, summary_of
from .views import ParameterViews

#: Fitted attributes about the columns, see :mod:`.names`.
_OF_COLUMNS = ("n_features_in_", "feature_names_in_")


#: Attributes that hold much, some of them of classifiers alone.
LARGE = ("_models", "history_", "oof_prediction_", "classes_")


def _is_same(one: Any, other: Any) -> bool:
    """Whether they are one object, or tuples of the same."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(mine is theirs for mine, theirs in zip(one, other, strict=True))
    return one is other


def canonical(X: Matrix) -> Matrix:
    """X, or a copy of a sparse X in which every entry is stored once."""
    if is_sparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


class Fitted(WithSections, BaseEstimator):
    """What both estimators are after a fit."""

    #: Fitted attributes and their documentation, in the order of the docstring.
    _attributes: ClassVar[dict[str, str]] = {
        "n_outputs_ : int": "Columns of y.",
        "coefs_, intercepts_ : lists of ndarrays": """Weights (n_in, n_out) and offsets (n_out,) of
            each layer. They are views of the model: changing one changes predictions.
            ``coefs_[0]`` acts on the columns as ``feature_scaling`` leaves them, and has a row for
            each of ``encoded_feature_names_``: one for a number, or several
            where ``numeric_embedding`` embeds it (8 by "auto").""",
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
            model predicts that left it out; probabilities, from a classifier. NaN for rows of
            weight 0, for those that no split of ``splitter`` validates on (the first, in time) and,
            after Ctrl-C, those that no finished model left out; the mean, where several did. None
            after ``partial_fit``. The other attributes are those of the first model.""",
        "n_iter_ : int": "Epochs (iterations) of the last fit.",
        "t_ : int": "Rows seen in training.",
        "n_layers_ : int": "Layers with input and output layer.",
        "out_activation_ : str": "Function from raw scores to predictions.",
        "n_features_in_ : int": "Columns of X.",
        "feature_names_in_ : ndarray of shape (`n_features_in_`,)": """Names of the columns, when X
            has names that are all strings.""",
        "encoded_feature_names_ : list of str": """A name for each row of ``coefs_[0]``: "age", "age
            missing", "sex=female", "cabin[3]" (of an embedded level or number), "joined: sin of
            week".""",
        "report_ : Report": """What the fit did: what became of each column of X and why, rows used
            and held out, losses beside those of the best constant, which epoch was kept. Print it,
            look at it in a notebook, or take ``report_.as_frame()``. Of ``partial_fit`` it is about
            the last call.""",
        "best_iteration_ : int or None": """The epoch (iteration) whose weights were kept, counted
            from 1 and from the first fit; None for starting weights.""",
        "converged_ : bool": """Whether training ended because it gained nothing any more. Of a
            stream, with ``early_stopping=True``: in the last call of ``partial_fit``, which has
            given back the best weights.""",
        "network_ : Network": "The layers and their parameter vector ``theta``.",
    }

    def set_params(self, **params: Any) -> Any:
        """Set options, as everywhere in scikit-learn; an unknown one is told which is meant."""
        params = under_new_names(type(self), params)
        try:
            return super().set_params(**params)
        except ValueError as error:
            options = self.get_params(deep=False)
            meant = (
                option_meant(name, options)
                for name in params
                if name not in options and "__" not in name
            )
            raise ValueError(f"{error}{next(filter(None, meant), '')}") from None

    # What a fit has found, taken over.

    def _take(self, found: Ensemble) -> None:
        """Set all fitted attributes; the others are views of what is found."""
        self._found = found
        self._take_models(found.models)
        first = found.first
        self.oof_prediction_ = found.oof_prediction
        self.history_ = first.history
        self.n_iter_ = first.outcome.n_iter
        self.t_ = first.n_seen
        self.loss_, self.best_loss_ = first.loss, first.best_loss
        best_score = -first.outcome.best_figure
        self.best_validation_score_ = best_score if first.early_stopping else None

    def _told_by_found(self) -> list[str]:
        """Names of the attributes that a file need not have: what is found has them.

        A copy that predicts with another model, as scorers are given, has one of its own.
        """
        if "_found" not in self.__dict__:
            return []
        again = object.__new__(type(self))
        again._take(self._found)
        return [name for name in LARGE if _is_same(*(vars(e).get(name) for e in (self, again)))]

    def _take_models(self, models: tuple[Model, ...]) -> None:
        """Set what predictions need: their mean over the models."""
        self._models = models
        first = models[0]
        self.n_outputs_ = first.target.n_outputs
        self.n_layers_ = len(first.network.arrays("W")) + 1
        self.out_activation_ = first.loss.out_activation

    def _with_model(self, model: Model, *, named: bool) -> Any:
        """An estimator like this one that predicts with the model, and knows of no fit.

        ``named``: it knows the names of the columns, and misses them in an X that has none.
        """
        other = object.__new__(type(self))
        # The options, and what a user or a tool has set beside them.
        state = {name: value for name, value in vars(self).items() if not name.endswith("_")}
        other.__dict__.update(state)
        for name in _OF_COLUMNS[: None if named else 1]:
            if name in vars(self):
                other.__dict__[name] = vars(self)[name]
        other._take_models((model,))
        return other

    def _as_it_is_now(self) -> Any:
        """A shallow copy that shares arrays; ``sklearn.clone`` would drop the fitted attributes.

        A fit sets no attribute, it replaces ``__dict__``. So a copy is of one state, and whatever
        is read of it belongs together, also while another thread fits. It takes a microsecond.
        """
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def _become(self, other: Any) -> None:
        """Replace the state by that of a copy, all at once."""
        self.__dict__ = other.__dict__

    # Looking at it.

    def _summary(self) -> NetworkSummary:
        """For :func:`sknumpynet.inspection.summary`."""
        now = self._as_it_is_now()
        check_is_fitted(now)
        found = now.__dict__.get("_found")
        return summary_of(type(self).__name__, now.n_features_in_, now._models, found)

    def _table(self, X: Any) -> Matrix:
        """The table of numbers that X is."""
        X = check_columns(self, X, reset=False)
        blocks = [canonical(block) for block in self._models[0].reader.blocks(X, self)]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def _encoded_target(self, X: Matrix, y: Any) -> np.ndarray:
        """The targets of the rows of a table as the first model's loss takes them."""
        model = self._model
        target = model.target
        codes = target.codes(target.check(np.asarray(target.read(y, "y"))))
        check_consistent_length(X, codes)
        return target.encode(codes, model.network.theta.dtype)

    def _names_of_columns(self) -> list[str]:
        """Those of X, or x0, x1, ..."""
        known = getattr(self, "feature_names_in_", self.__dict__.get("_other_names"))
        names = [f"x{j}" for j in range(self.n_features_in_)] if known is None else known
        return [str(name) for name in names]

    def _html_sections(self) -> list[str]:
        if "_models" not in self.__dict__:
            return []
        network = self._summary()
        sections = [section(f"Network: {network.title}", network._repr_html_())]
        found = self.__dict__.get("_found")
        if found is not None and found.account is not None:
            sections.append(section("Report of the fit", self.report_._repr_html_()))
        return sections

    # Prediction.

    def _raw_scores(self, X: Any) -> np.ndarray:
        """Raw scores (n, n_raw) as float64."""
        return self._raw_scores_and_model(X)[0]

    def _raw_scores_and_model(self, X: Any) -> tuple[np.ndarray, Model]:
        """Raw scores (n, n_raw) as float64, and the model whose loss and target explain them."""
        now = self._as_it_is_now()
        if "_models" not in now.__dict__:
            # It would take 15 us to find nothing missing.
            check_is_fitted(now)
        models = now._models
        reader = models[0].reader
        if not isinstance(reader, AsItIs):
            X = check_columns(now, X, reset=False)
        source, levels = reader.opened(X, now), reader.levels()
        blocks = reader.blocks(source, now)
        raw = [
            raw_scores_of(models, canonical(levels.count(block)), now.n_threads) for block in blocks
        ]
        levels.warn_if_new(source, now)
        return raw[0] if len(raw) == 1 else np.concatenate(raw), models[0]

    # Fitted attributes that are views of something else.

    def _known(self, name: str) -> Any:
        try:
            return self.__dict__[name]
        except KeyError:
            # It is an AttributeError, too, which hasattr asks for.
            message = f"This {type(self).__name__} is not fitted yet. Call fit first."
            raise NotFittedError(message) from None

    @property
    def _model(self) -> Model:
        """The first of the models."""
        return self._known("_models")[0]

    @property
    def network_(self) -> Network:
        return self._model.network

    @network_.setter
    def network_(self, network: Network) -> None:
        other = self._as_it_is_now()
        other._found = other._known("_found").with_network(network)
        other._take_models(other._found.models)
        self._become(other)

    @property
    def coefs_(self) -> ParameterViews:
        return ParameterViews(self.network_.arrays("W"))

    @coefs_.setter
    def coefs_(self, arrays: Any) -> None:
        self._set_arrays("coefs_", "W", arrays)

    @property
    def intercepts_(self) -> ParameterViews:
        return ParameterViews(self.network_.arrays("b"))

    @intercepts_.setter
    def intercepts_(self, arrays: Any) -> None:
        self._set_arrays("intercepts_", "b", arrays)

    def _set_arrays(self, name: str, kind: str, arrays: Any) -> None:
        """All arrays of a kind, or, where one of them does not fit, none."""
        network = copy.deepcopy(self.network_)
        ParameterViews(network.arrays(kind)).set_all(name, arrays)
        self.network_ = network

    @property
    def encoded_feature_names_(self) -> list[str]:
        model = self._model
        names = list(model.encoder.names)
        for layer in model.network.layers:
            names = layer.names_out(names)
        return names

    @property
    def report_(self) -> Report:
        now = self._as_it_is_now()
        names = getattr(now, "feature_names_in_", None)
        return report_of(type(now).__name__, now._known("_found"), now.n_features_in_, names)

    @property
    def best_iteration_(self) -> int | None:
        return self._known("_found").first.outcome.kept_epoch

    @property
    def converged_(self) -> bool:
        return all(found.outcome.reason == "converged" for found in self._known("_found").founds)

    @property
    def loss_curve_(self) -> list[float]:
        return self._known("_found").first.history["loss"]

    @property
    def validation_scores_(self) -> list[float] | None:
        found = self._known("_found").first
        return found.history["score"] if found.validated else None
