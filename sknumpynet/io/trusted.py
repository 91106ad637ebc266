"""Which classes a skops file of a model of this package holds.

In: nothing. Out: their names, as skops asks for them before it makes anything of a file.
"""

from __future__ import annotations

import datetime as dt
import inspect
from decimal import Decimal
from fractions import Fraction

import numpy as np
import sklearn.model_selection

from ..estimators.search_space import SearchSpace
from ..in_files import IN_FILES

#: What ``pandas.cut`` gives, made of its two ends: its name in pandas 3, and before.
INTERVALS = ("pandas.Interval", "pandas._libs.interval.Interval")

#: Of Python: labels, and levels among others, that are no text and no number of NumPy.
LABELS = (dt.date, dt.datetime, dt.time, dt.timedelta, dt.timezone, Decimal, Fraction)


def trusted_types() -> list[str]:
    """Names of all classes that skops finds in a file of a model of this package.

    For ``trusted`` of ``skops.io.load``, which makes objects of no other class, and for
    ``skops_trusted_types`` of MLflow. They are the package's own classes, scikit-learn's splitters
    (the option ``splitter``), NumPy's SeedSequence (``random_state``), and dates, durations and
    exact numbers of Python and intervals of ``pandas.cut``, which are labels at times. All of them
    hold data; none of their methods for loading executes what a file says. What a fit has found is
    one text there, of which objects of the package's own classes in this list are made, and no
    others: who trusts ``Flat`` trusts all of these. With ``compression=zipfile.ZIP_DEFLATED`` files
    are smaller than pickles.

    Not among them are classes and functions that you have handed to the estimator yourself: losses,
    activations, scorers and callbacks of your own or of other packages, and labels or levels of
    other types (``pandas.Period``, members of an Enum). Nor are SciPy's distributions, which a
    search over ``search_space`` holds: they execute text of the file, so save its
    ``best_estimator_``. ``skops.io.get_untrusted_types`` lists those of a file; add what you know.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> import skops.io
    >>> from sklearn.datasets import load_wine
    >>> from sknumpynet import NumpyMLPClassifier
    >>> from sknumpynet.io import trusted_types
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> model = NumpyMLPClassifier((8,), solver="lbfgs", random_state=0).fit(X, y)
    >>> data = skops.io.dumps(model)
    >>> again = skops.io.loads(data, trusted=trusted_types())
    >>> bool((again.predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    others = [*LABELS, np.random.SeedSequence, SearchSpace, *_splitters()]
    return sorted(
        {*IN_FILES, *INTERVALS, *(f"{kind.__module__}.{kind.__name__}" for kind in others)}
    )


def _splitters() -> list[type]:
    return [
        kind
        for kind in vars(sklearn.model_selection).values()
        if inspect.isclass(kind)
        and not inspect.isabstract(kind)
        and hasattr(kind, "split")
        and hasattr(kind, "get_n_splits")
    ]
