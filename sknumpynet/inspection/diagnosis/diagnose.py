"""Looks for everything that is known to go wrong in a fit.

In: a fitted estimator and its rows. Out: findings, each with its figure and the option to change.
"""

from __future__ import annotations

from typing import Any

from ...telling import collected
from ..which import of_sknumpynet
from .finding import Diagnosis
from .subject import subject_of
from .table import FINDINGS


def diagnose(
    est: Any, X: Any, y: Any, sample_weight: Any = None, *, X_val: Any = None, y_val: Any = None
) -> Diagnosis:
    """What is most likely wrong with a fitted network, in plain words.

    Looked for are: a target out of its domain, wild columns, a leaking column, validation rows
    unlike the training rows (only with ``X_val``), a learning rate that is too high or too low (by
    a range test of 200 steps, see :func:`find_learning_rate`), exploding gradients, dead and
    saturated units, training that was cut short, overfitting (without ``X_val`` only where ``fit``
    had rows to validate on), ignored classes. Each has a limit that well-behaved fits do not reach,
    so that what is found is worth a look; that nothing is found proves nothing.

    Parameters
    ----------
    est : NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier or TabularMLPRegressor
        Fitted; it is not changed. Of bags all are looked at.
    X, y, sample_weight
        The rows that it was fitted on. Of a lazy frame, which is read into memory, y and weights
        may be names of columns.
    X_val, y_val : optional
        Rows that it was not fitted on, as those that ``fit`` was given to validate on.

    Returns
    -------
    Diagnosis
        A sequence of findings with ``kind``, ``figure``, ``text``, ``advice`` and ``option``; shown
        as text and in notebooks as a table. ``as_frame()`` makes a pandas frame of it.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import make_friedman1
    >>> from sknumpynet import NumpyMLPRegressor
    >>> from sknumpynet.inspection import diagnose
    >>> X, y = make_friedman1(300, noise=1.0, random_state=0)
    >>> X = np.column_stack([X, 2 * y])
    >>> model = NumpyMLPRegressor(random_state=0).fit(X, y)
    >>> diagnose(model, X, y).kinds
    ('a leaking column',)
    """
    est = of_sknumpynet(est)
    if (X_val is None) != (y_val is None):
        raise ValueError("X_val and y_val go together. Got one of them.")
    # What fit has told of these rows need not be told again.
    with collected():
        subject = subject_of(est, X, y, sample_weight, X_val, y_val)
        found = [look(subject) for look in FINDINGS.values()]
    unseen = set() if X_val is not None else {"validation rows unlike the training rows"}
    if subject.validation_loss is None:
        unseen.add("overfitting")
    looked_for = [kind for kind in FINDINGS if kind not in unseen]
    return Diagnosis([one for one in found if one is not None], type(est).__name__, looked_for)
