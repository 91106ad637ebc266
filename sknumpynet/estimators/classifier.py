"""The classifier: one class, several labels, or several classes per row, with any kind of labels.

In: X and labels. Out: labels, probabilities and scores.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags, check_consistent_length

from ..fitting.found import Model
from ..frames import OpenFiles
from ..losses import Loss
from ..options import (
    RULES,
    ClassifierParameters,
    classification_loss,
    estimator_with_options,
    smoothing_is_of_the_log_loss,
)
from ..quoting import quoted
from ..targets import ClassTarget, UnknownClasses
from .base import BaseNumpyMLP, with_mini_batches
from .given import Frame, Target, Weights
from .lazy import to_score, with_taken


@estimator_with_options
class NumpyMLPClassifier(ClassifierMixin, ClassifierParameters, BaseNumpyMLP):
    """Multilayer perceptron classifier on a NumPy core.

    Minimizes the log loss of a softmax (several classes) or of logistic outputs (two classes, or
    one per label of a multilabel target), or the focal loss of these (``loss``). The output offsets
    start at the best constant, for the log loss the log frequencies of the classes. A y of several
    columns with classes (several outputs) has a softmax for each, and their losses are added.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    sklearn.neural_network.MLPClassifier : The same parameters, for scaled columns.
    sknumpynet.search_space : The five options that are worth tuning, and over what range.

    Notes
    -----
    What to tune, in the order of what it gains: ``weight_decay`` (or ``alpha`` of "adam"),
    ``learning_rate_init``, ``numeric_embedding``, ``feature_scaling``, ``hidden_layer_sizes``. On
    twelve tables the best of 20 random candidates had 0.95 of the loss of former defaults (median).
    Measured in ``examples/benchmarks/DECISIONS.md`` of the repository, under "What to tune".

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors".

    Kingma and Ba (2015), "Adam: a method for stochastic optimization", arXiv:1412.6980.

    Loshchilov and Hutter (2019), "Decoupled weight decay regularization", arXiv:1711.05101.

    Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep
    learning", arXiv:2203.05556.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynet import NumpyMLPClassifier
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> model = NumpyMLPClassifier(learning_rate_init=0.01, random_state=0).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.95
    True
    >>> model.predict_proba(X_test[:2]).shape
    (2, 3)
    """

    _rules: ClassVar = (*RULES, smoothing_is_of_the_log_loss)

    _attributes: ClassVar = {
        "classes_ : ndarray of shape (n_classes,)": """The labels in sorted order; the label numbers
            for a multilabel target; for several outputs a list with the labels of each.""",
        "n_outputs_ : int": """1 for two classes, otherwise the number of classes, of labels, or of
            several outputs.""",
        "out_activation_ : str": '"logistic" (two classes, multilabel) or "softmax".',
    }

    def fit(
        self,
        X: Frame,
        y: Target,
        sample_weight: Weights | None = None,
        *,
        X_val: Frame | None = None,
        y_val: Target | None = None,
        sample_weight_val: Weights | None = None,
        groups: Target | None = None,
    ) -> NumpyMLPClassifier:
        """Train on X and y.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
            Raw columns will do: numbers in any unit (see ``feature_scaling``), with missing values
            (NaN, None, NA), text and dates, and in a frame of pandas, polars or pyarrow columns of
            a category dtype (see ``categorical_features``). float32 and float64 arrays, also
            memory-mapped ones, and CSR matrices are not copied. A dict of columns, ``{"age": [22,
            38]}``, or of the values of one row, ``{"age": 22}``, is read as a frame of such
            objects; later ones by their keys, in any order. A lazy frame (a LazyFrame of
            polars, a relation of duckdb, a dataset of pyarrow) is run once and read batch by batch
            into a file, of 4 bytes a number where float32 holds them all, which no folder shows
            and which is gone after the fit; it is trained from there, with the same bits as the
            eager frame. ``y``, ``sample_weight`` and ``groups`` may then be names of columns in
            it, which are no part of X, or lazy frames, whose rows need to have the same order. The
            folder is that of ``tempfile`` (TMPDIR).
        y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
            Labels of one kind, any that can be hashed, which come back as they went in; or the 0/1
            indicator matrix of a multilabel target; or several columns of labels. None is missing.
        sample_weight : array-like of shape (n_samples,), optional
            >= 0. A row of weight 2 counts as that row twice, one of weight 0 not at all. So weights
            are more than proportions: their sum is the number of rows that ``alpha`` is divided by.
            With ``alpha=1`` and ``solver="lbfgs"`` on ``load_iris``, weights of 1 give
            probabilities up to 1.00, weights of 1/150, which add to 1, up to 0.33: the penalty of a
            table of one row. Multiply weights that are proportions by the number of rows.
        X_val, y_val, sample_weight_val : optional
            Rows to validate on after every epoch; with ``early_stopping`` they decide when to stop.
            With ``early_stopping=False`` (for "lbfgs" the default, too) they decide nothing: their
            loss is recorded in ``history_``, and ``calibrate`` uses them.
            X_val must be transformed as X is; behind a scaler, leave that to the Pipeline, as in
            the example. A UserWarning names the column if X_val does not look like X.
        groups : array-like of shape (n_samples,), optional
            What rows belong together (a patient, a shop): numbers, text or dates. Rows of one group
            stay on one side of the validation split and in one part of ``n_bags``, so that scores
            and ``oof_prediction_`` are about new groups. Equal rows stay together, too, unless they
            would join groups to more than such a part. The option ``splitter`` is given them. Not
            with ``X_val``; a UserWarning where the options never split.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is not what it may be, or X, y or weights cannot be used. The estimator
            is then what it was before.
        TypeError
            If a column of X holds what no column may hold (lists, bytes, complex numbers).

        Examples
        --------
        A Pipeline hands X_val to fit as it is, unless it is told to transform it:

        >>> import sklearn
        >>> from sklearn.datasets import load_wine
        >>> from sklearn.model_selection import train_test_split
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> from sknumpynet import NumpyMLPClassifier
        >>> X, y = load_wine(return_X_y=True)
        >>> X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)
        >>> with sklearn.config_context(enable_metadata_routing=True):
        ...     net = NumpyMLPClassifier(early_stopping=True, max_iter=1000, random_state=0)
        ...     net = net.set_fit_request(X_val=True, y_val=True)
        ...     model = make_pipeline(StandardScaler(), net, transform_input=["X_val"])
        ...     model = model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), groups=groups)

    @with_mini_batches
    def partial_fit(
        self,
        X: Frame,
        y: Target,
        sample_weight: Weights | None = None,
        classes: Target | None = None,
    ) -> NumpyMLPClassifier:
        """Train for one epoch on X and y, going on from the present weights.

        Scaling, levels, starting offsets and weights are those of the first call; so are those of
        a fit before. A number or date that is constant or missing in all rows of a stream's first
        calls is scaled by all rows so far in the call in which it first varies. A UserWarning names
        columns that fewer than 50 rows have fixed, and those of no level or one there in which
        others come later: these count as unknown. After a fit with ``n_bags`` all models go on, on
        all rows.

        After a ``fit`` steps are at half of ``learning_rate_init``, times the root of the share of
        rows where a batch has fewer than those of the fit. "auto" is the fit's ``weight_decay``,
        and an ``ema_decay`` that averages over the rows of 10 of its batches, its weights included,
        in however many calls they come: rows like those of the fit do not undo it, and some tens of
        batches of others do. Many calls with the same rows overfit.

        With ``early_stopping=True`` (not with "auto") rows are held out, ``validation_fraction`` of
        the different ones, by a hash of their columns: in whatever call a row comes, equal rows
        are on one side. Of those of all calls, 4096 at most, which are kept in the model, validate
        after each call, in ``history_``. After ``n_iter_no_change`` calls without improvement the
        call gives back the best weights and sets ``converged_``; a further one goes on from them.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional
        classes : array-like of shape (n_classes,) or list of these, optional
            All labels that will ever come, for several outputs a list of those of each; needed in
            the first call.

        Returns
        -------
        self
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                "partial_fit does not support class_weight='balanced': it sees only a part of y. "
                "Pass a dict of weights."
            )
        self._check_classes(classes)
        return self._fit(X, y, sample_weight, incremental=True, classes=classes)

    def predict(self, X: Frame) -> np.ndarray:
        """The most probable label of each row, or the indicator of labels with probability > 1/2.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
        """
        raw, model = self._raw_scores_and_model(X)
        target = _target_of(model)
        return target.decode(target.decide(raw))

    def score(self, X: Frame, y: Target, sample_weight: Weights | None = None) -> float:
        """Accuracy; for several labels or outputs the share of rows in which all are right.

        A label that is none of ``classes_`` counts as wrong.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), (n_samples, n_labels) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        float
        """
        # By codes: scikit-learn's metrics take neither labels of any kind nor several outputs.
        now = self._as_it_is_now()
        with OpenFiles() as files:
            X, passed = to_score(files, X, y, sample_weight)
            predicted, target = now.predict(X), _target_of(now._model)
            y, weights = with_taken(X, passed)
        known, predicted = target.compared(y), target.known_codes(predicted)
        check_consistent_length(known, predicted, weights)
        right = (known == predicted).reshape(len(known), -1).all(axis=1)
        return float(np.average(right, weights=weights))

    def decision_function(self, X: Frame) -> np.ndarray | list[np.ndarray]:
        """Raw scores: log odds of the second class or of each label, or log p up to a constant.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) for two classes, else (n_samples, n_classes)
            For several outputs a list with one of (n_samples, n_classes) for each.
        """
        raw, model = self._raw_scores_and_model(X)
        return _target_of(model).scores(raw)

    def predict_proba(self, X: Frame) -> np.ndarray | list[np.ndarray]:
        """Probability of each class (of each label, for a multilabel target).

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``; one column of ones if y had a single class. Never
            0, and for a label of a multilabel target never 1. For several outputs a list with one
            such array for each, as RandomForestClassifier gives it.
        """
        raw, model = self._raw_scores_and_model(X)
        return _target_of(model).probabilities(raw, model.loss)

    def predict_log_proba(self, X: Frame) -> np.ndarray | list[np.ndarray]:
        """Logarithm of ``predict_proba``.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes), for several outputs a list of these
        """
        p = self.predict_proba(X)
        return [np.log(block) for block in p] if isinstance(p, list) else np.log(p)

    # Targets.

    def _check_classes(self, classes: Any) -> None:
        known = getattr(self, "classes_", None)
        if classes is None and known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if classes is None or known is None:
            return
        if not _target_of(self._model).has_classes(classes):
            raise ValueError(
                f"classes={quoted(classes)} is not the same as on the last call to partial_fit, "
                f"was: {quoted(known)}."
            )

    def _new_target(self) -> UnknownClasses:
        return UnknownClasses()

    def _new_loss(self, target: Any) -> Loss:
        return classification_loss(self, target)

    def _take_models(self, models: tuple[Model, ...]) -> None:
        super()._take_models(models)
        self.classes_ = _target_of(models[0]).classes

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _target_of(model: Model) -> ClassTarget:
    return cast(ClassTarget, model.target)
