"""The regressor: real targets, one or many, counts, quantiles, means with a spread.

In: X and numbers. Out: numbers in the units of y.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import Tags

from ..fitting.found import Model
from ..frames import OpenFiles
from ..losses import REGRESSION_LOSSES, Loss
from ..options import (
    PLAIN_OF_NUMBERS,
    Auto,
    RegressorParameters,
    estimator_with_options,
    regression_loss,
)
from ..quoting import quoted
from ..targets import NumberTarget
from .base import BaseNumpyMLP, with_mini_batches
from .given import Frame, Target, Weights
from .lazy import to_score, with_taken


@estimator_with_options
class NumpyMLPRegressor(RegressorMixin, RegressorParameters, BaseNumpyMLP):
    """Multilayer perceptron regressor on a NumPy core.

    Minimizes the squared error, or another loss (``loss``), summed over outputs. Raw columns and
    raw targets train well: both are scaled inside, and the output offsets start at the best
    constant prediction.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    sklearn.neural_network.MLPRegressor : The same parameters, for scaled columns and targets.
    sknumpynet.search_space : The five options that are worth tuning, and over what range.

    Notes
    -----
    What to tune, in the order of what it gains: ``weight_decay`` (or ``alpha`` of "adam"),
    ``learning_rate_init``, ``numeric_embedding``, ``feature_scaling``, ``hidden_layer_sizes``. On
    twelve tables the best of 20 random candidates had 0.95 of the loss of former defaults (median).
    Measured in ``examples/benchmarks/DECISIONS.md`` of the repository, under "What to tune".

    The loss of several outputs is their sum; scikit-learn reports the mean but follows the gradient
    of the sum.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating errors".

    Kingma and Ba (2015), "Adam: a method for stochastic optimization", arXiv:1412.6980.

    Loshchilov and Hutter (2019), "Decoupled weight decay regularization", arXiv:1711.05101.

    Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep
    learning", arXiv:2203.05556.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynet import NumpyMLPRegressor
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> model = NumpyMLPRegressor((64, 32), random_state=0).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.3
    True
    >>> model.predict(X_test[:2]).shape
    (2,)
    """

    _auto: ClassVar[Auto] = PLAIN_OF_NUMBERS

    _attributes: ClassVar = {
        "coefs_, intercepts_ : lists of ndarrays": """Weights (n_in, n_out) and offsets (n_out,) of
            each layer. They are views of the model: changing one changes predictions.
            ``coefs_[0]`` acts on the columns as ``feature_scaling`` leaves them, and has a row for
            each of ``encoded_feature_names_``: one for a number, or several
            where ``numeric_embedding`` embeds it (8 by "auto"). The last give y in the units of
            ``target_scaling``.""",
        "out_activation_ : str": '"identity" or "exp", or what your own loss says.',
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
    ) -> NumpyMLPRegressor:
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
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Real numbers; >= 0 for ``loss="poisson"``, and "tweedie" with a power below 2; > 0 for
            "gamma", and "tweedie" with other powers.
        sample_weight : array-like of shape (n_samples,), optional
            >= 0. A row of weight 2 counts as that row twice, one of weight 0 not at all. So weights
            are more than proportions: their sum is the number of rows that ``alpha`` is divided by.
            With ``alpha=1`` and ``solver="lbfgs"`` on ``make_friedman1(500)``, weights of 1 give an
            R2 of 0.99, weights of 1/500, which add to 1, one of 0.00: the penalty of a table of one
            row. Multiply weights that are proportions by the number of rows.
        X_val, y_val, sample_weight_val : optional
            Rows to validate on after every epoch; with ``early_stopping`` they decide when to stop.
            With ``early_stopping=False`` (for "lbfgs" the default, too) they decide nothing: their
            loss is recorded in ``history_``.
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
        >>> from sklearn.datasets import load_diabetes
        >>> from sklearn.model_selection import train_test_split
        >>> from sklearn.pipeline import make_pipeline
        >>> from sklearn.preprocessing import StandardScaler
        >>> from sknumpynet import NumpyMLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)
        >>> with sklearn.config_context(enable_metadata_routing=True):
        ...     net = NumpyMLPRegressor(early_stopping=True, random_state=0)
        ...     net = net.set_fit_request(X_val=True, y_val=True)
        ...     model = make_pipeline(StandardScaler(), net, transform_input=["X_val"])
        ...     model = model.fit(X_train, y_train, X_val=X_val, y_val=y_val)
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), groups=groups)

    @with_mini_batches
    def partial_fit(
        self, X: Frame, y: Target, sample_weight: Weights | None = None
    ) -> NumpyMLPRegressor:
        """Train for one epoch on X and y, going on from the present weights.

        Scaling, levels, starting offsets and weights are those of the first call; so are those of
        a fit before. A number or date that is constant or missing in all rows of a stream's first
        calls is scaled by all rows so far in the call in which it first varies. A UserWarning names
        columns that fewer than 50 rows have fixed, and those of no level or one there in which
        others come later: these count as unknown. Of an output that is constant in the first call,
        unit and offset are those of the first call in which it varies. After a fit with ``n_bags``
        all models go on, on all rows.

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
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        self
        """
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(
        self, X: Frame, return_std: bool = False
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Predictions in the units of y.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        return_std : bool
            Return the standard deviation of y around the prediction, too: ``loss="gaussian_nll"``.

        Returns
        -------
        prediction : ndarray of shape (n_samples,) or (n_samples, n_outputs), as y was
            For several quantiles with a last axis for these: (n_samples, n_quantiles) or
            (n_samples, n_outputs, n_quantiles), ascending.
        std : ndarray of the same shape
            Only with ``return_std``.
        """
        raw, model = self._raw_scores_and_model(X)
        loss, target = model.loss, _target_of(model)
        prediction = target.decode(loss.predict(raw))
        if not return_std:
            return prediction
        spread = loss.spread(raw)
        if spread is None:
            raise ValueError(
                "return_std=True needs a loss that learns standard deviations: fit with "
                f"loss='gaussian_nll'. It was loss={quoted(self.loss)}."
            )
        return prediction, target.decode(spread, difference=True)

    def score(self, X: Frame, y: Target, sample_weight: Weights | None = None) -> float:
        """R2 of the predictions; of several quantiles, that of the one next to the median.

        Parameters
        ----------
        X : data frame, dict, array-like or sparse matrix of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        float
            Mean over outputs.
        """
        with OpenFiles() as files:
            X, passed = to_score(files, X, y, sample_weight)
            raw, model = self._raw_scores_and_model(X)
            y, sample_weight = with_taken(X, passed)
        target = _target_of(model)
        prediction = target.decode(model.loss.point(raw))
        y = target.read(y, "y")
        return float(r2_score(y, prediction, sample_weight=sample_weight))

    # Targets.

    def _new_target(self) -> NumberTarget:
        loss = regression_loss(self)
        unit = loss.target_unit if self.target_scaling else None
        return NumberTarget(unit, loss, f"loss={quoted(self.loss)}")

    def _new_loss(self, target: Any) -> Loss:
        return regression_loss(self)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        loss = REGRESSION_LOSSES.get(self.loss) if isinstance(self.loss, str) else self.loss
        positive_only = getattr(loss, "target_unit", None) == "mean"
        tags.target_tags.positive_only = positive_only
        # They can be fitted, but scikit-learn's check of several outputs has negative ones.
        tags.target_tags.multi_output = not positive_only
        return tags


def _target_of(model: Model) -> NumberTarget:
    return cast(NumberTarget, model.target)
