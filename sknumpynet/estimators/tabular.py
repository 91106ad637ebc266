"""The estimators with the defaults that do best on tables, untuned.

In and out: those of ``NumpyMLPClassifier`` and ``NumpyMLPRegressor``, of which they are subclasses
that change nothing but defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..options import (
    TABULAR,
    Auto,
    ClassifierParameters,
    CommonParameters,
    estimator_with_options,
    other_default,
)
from .classifier import NumpyMLPClassifier
from .regressor import NumpyMLPRegressor


@estimator_with_options
class TabularParameters(CommonParameters):
    """The defaults of both: of those that were tried the best, or as good as others and faster.

    The two that count most are 0.1 of ``weight_decay`` with averaged weights (0.978 of the loss of
    0.005 without them) and cosines (piecewise linear functions: 1.015). See DECISIONS: defaults for
    tables.
    """

    hidden_layer_sizes: int | str | Sequence[int] | np.ndarray = other_default(
        CommonParameters, "hidden_layer_sizes", "auto"
    )
    n_members: int = other_default(CommonParameters, "n_members", 8)
    numeric_embedding: str | None = other_default(CommonParameters, "numeric_embedding", "cosine")
    feature_scaling: str | None = other_default(CommonParameters, "feature_scaling", "quantile")
    solver: str = other_default(CommonParameters, "solver", "muon")
    learning_rate: str = other_default(CommonParameters, "learning_rate", "cosine_restarts")
    learning_rate_init: float = other_default(CommonParameters, "learning_rate_init", 0.004)
    warmup: float = other_default(CommonParameters, "warmup", 0.05)
    weight_decay: float | str = other_default(CommonParameters, "weight_decay", 0.1)
    ema_decay: float | str | None = other_default(CommonParameters, "ema_decay", "auto")
    n_bags: int | str = other_default(CommonParameters, "n_bags", "auto")
    max_iter: int | str = other_default(CommonParameters, "max_iter", "auto")
    n_iter_no_change: float | str = other_default(CommonParameters, "n_iter_no_change", np.inf)


@estimator_with_options
class TabularMLPClassifier(TabularParameters, NumpyMLPClassifier):
    """``NumpyMLPClassifier`` with the defaults that do best on tables, untuned.

    The network is an ensemble of 8 that share their hidden layers (TabM-mini), on numbers embedded
    in cosines, trained by Muon at a rate that rises and falls, a second time where the best epoch
    was among the last of the first; the weights are averages over
    the steps of an epoch, that with the lowest validation loss of the mean prediction. Tables of up
    to 1,000 rows are trained five times, each time without another fifth, and the five models
    averaged, their probabilities calibrated by the fifths left out, and so are tables of up to
    15,000 where at most 250 rows, and a twentieth, are of other than the most frequent class; with
    ``X_val``, ``warm_start=True`` and where ``partial_fit`` begins it is a single model. For a
    frame as it is, without a scaler, encoder or tuning. A fit takes 4 to 8 times as long as with
    ``NumpyMLPClassifier``: 2 to 3 processor seconds up to 1,000 rows of 20 columns, 5 for 5,000, 20
    for 20,000, and 4 minutes from 75,000 on, however many there are: an epoch does not show more
    of them.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    NumpyMLPClassifier : The same options with faster defaults.

    References
    ----------
    Gorishniy, Kotelnikov and Babenko (2024), "TabM: advancing tabular deep learning with
    parameter-efficient ensembling", arXiv:2410.24210.

    Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks".

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.model_selection import train_test_split
    >>> from sknumpynet import TabularMLPClassifier
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    >>> model = TabularMLPClassifier(max_iter=30, random_state=0).fit(X_train, y_train)
    >>> model.score(X_test, y_test) > 0.9
    True
    """

    _auto: ClassVar[Auto] = TABULAR

    dropout: float | Sequence[float] | np.ndarray = other_default(CommonParameters, "dropout", 0.1)
    calibrate: bool | str = other_default(ClassifierParameters, "calibrate", "auto")


@estimator_with_options
class TabularMLPRegressor(TabularParameters, NumpyMLPRegressor):
    """``NumpyMLPRegressor`` with the defaults that do best on tables, untuned.

    The network is an ensemble of 8 that share their hidden layers (TabM-mini), on numbers embedded
    in cosines, trained by Muon at a rate that rises and falls, a second time where the best epoch
    was among the last of the first; the weights are averages over
    the steps of an epoch, that with the lowest validation loss of the mean prediction. Tables of up
    to 1,000 rows are trained five times, each time without another fifth, and the five models
    averaged; with ``X_val``, ``warm_start=True`` and where ``partial_fit`` begins it is a single
    model. For a frame as it is, without a scaler, encoder or tuning. A fit takes 4 to
    8 times as long as with ``NumpyMLPRegressor``: 2 to 3 processor seconds up to 1,000 rows of 20
    columns, 5 for 5,000, 20 for 20,000, and 4 minutes from 75,000 on, however many there are: an
    epoch does not show more of them.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}

    See Also
    --------
    NumpyMLPRegressor : The same options with faster defaults.

    References
    ----------
    Gorishniy, Kotelnikov and Babenko (2024), "TabM: advancing tabular deep learning with
    parameter-efficient ensembling", arXiv:2410.24210.

    Jordan et al. (2024), "Muon: an optimizer for hidden layers in neural networks".

    Examples
    --------
    >>> from sklearn.datasets import make_friedman1
    >>> from sknumpynet import TabularMLPRegressor
    >>> X, y = make_friedman1(600, random_state=0)
    >>> model = TabularMLPRegressor(n_bags=1, random_state=0).fit(X[:500], y[:500])
    >>> model.score(X[500:], y[500:]) > 0.95
    True
    """

    _auto: ClassVar[Auto] = TABULAR
