"""What a fitted network is, as a table.

In: a fitted estimator. Out: its layers, shapes, parameters and memory.
"""

from __future__ import annotations

from typing import Any

from ..estimators.summary import NetworkSummary
from .which import of_sknumpynet


def summary(est: Any) -> NetworkSummary:
    """Layers, shapes, parameters and memory of a fitted estimator.

    Shapes are those of one row; behind the first layer of several members there is one row for
    each. In a notebook it is a table, which the estimator itself shows, too.

    Parameters
    ----------
    est : NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier or TabularMLPRegressor
        Fitted.

    Returns
    -------
    NetworkSummary
        With the numbers as attributes, and ``as_frame()`` for pandas.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknumpynet import NumpyMLPClassifier
    >>> from sknumpynet.inspection import summary
    >>> est = NumpyMLPClassifier((20, 10), learning_rate_init=0.01, random_state=0)
    >>> est = est.fit(*load_iris(return_X_y=True))
    >>> summary(est)
    NumpyMLPClassifier: 4 columns of X; 1.37 KB in float32
    layer                     output  parameters
    --------------------------------------------
    Columns                         4
    Linear  (hidden layer 0)       20         100
    Relu                           20
    Linear  (hidden layer 1)       10         210
    Relu                           10
    Linear                          3          33
    --------------------------------------------
    All                                       343
    """
    return of_sknumpynet(est)._summary()
