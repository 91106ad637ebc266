"""The list of classes in skops files: none missing, none superfluous, and it is all one needs."""

import datetime as dt
import inspect
import json
import pickle
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import sklearn.model_selection
import skops.io
from numpy.testing import assert_array_equal
from sklearn.model_selection import RandomizedSearchCV

from record_schema import RECORD, fitted_models
from sknumpynet import (
    Activation,
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPRegressor,
    search_space,
)
from sknumpynet.in_files import IN_FILES
from sknumpynet.io import trusted_types
from sknumpynet.io.trusted import INTERVALS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SMALL = {"hidden_layer_sizes": (3,), "max_iter": 1, "random_state": 0}
X = np.random.default_rng(0).random((24, 2))

#: Two labels of each type of Python that skops asks about.
UTC = dt.timezone.utc
LABELS = [
    (dt.date(2020, 1, 1), dt.date(2020, 1, 2)),
    (dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 2)),
    (dt.datetime(2020, 1, 1, tzinfo=UTC), dt.datetime(2020, 1, 2, tzinfo=UTC)),
    (dt.time(1), dt.time(2)),
    (dt.timedelta(1), dt.timedelta(2)),
    (Decimal(1), Decimal(2)),
    (Fraction(1), Fraction(2)),
]


def untrusted(model):
    return set(skops.io.get_untrusted_types(data=skops.io.dumps(model)))


def of_labels(pair):
    y = np.empty(len(X), dtype=object)
    y[:] = list(pair) * (len(X) // 2)
    return NumpyMLPClassifier(**SMALL).fit(X, y)


def splitters():
    """One of each class of scikit-learn's that the option ``splitter`` takes."""
    given = {
        "PredefinedSplit": {"test_fold": [0, 1] * 12},
        "LeavePOut": {"p": 2},
        "LeavePGroupsOut": {"n_groups": 1},
    }
    for name, kind in vars(sklearn.model_selection).items():
        if (
            inspect.isclass(kind)
            and {"split", "get_n_splits"} <= set(dir(kind))
            and not inspect.isabstract(kind)
        ):
            yield kind(**given.get(name, {}))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_list_is_what_skops_finds_in_models_of_every_kind():
    """Classes of the package alone may be in the text of a fit, which skops does not read."""
    found = set().union(*(untrusted(model) for model in fitted_models()))
    # The user's own function, in a callback.
    found.remove("record_schema.last_loss")
    found.update(*(untrusted(of_labels(pair)) for pair in LABELS))
    found.update(*(untrusted(NumpyMLPRegressor(splitter=one)) for one in splitters()))
    space = search_space(NumpyMLPRegressor())
    found.update(name for name in untrusted(space) if not name.startswith("scipy.stats."))
    listed = set(trusted_types())
    assert found <= listed
    assert listed - {*IN_FILES, *INTERVALS} <= found


def test_the_list_was_written_with_the_record_of_the_files():
    """By ``python tests/record_schema.py``."""
    assert list(IN_FILES) == list(json.loads(RECORD.read_text(encoding="utf-8")))


@pytest.mark.parametrize("pair", LABELS, ids=lambda pair: type(pair[0]).__name__)
def test_labels_of_types_of_python_come_back(pair):
    model = of_labels(pair)
    again = skops.io.loads(skops.io.dumps(model), trusted=trusted_types())
    assert_array_equal(again.predict(X), model.predict(X))
    assert type(again.classes_[0]) is type(pair[0])


@pytest.mark.parametrize("interval", [pd.Interval(0, 1), pd.Interval(0.5, 1.5, closed="both")])
def test_levels_and_labels_that_are_intervals(interval):
    """As ``pandas.cut`` gives them."""
    table = pd.DataFrame({"c": pd.Categorical([interval, interval + 1] * 12), "x": X[:, 0]})
    of_levels = NumpyMLPRegressor(**SMALL).fit(table, X[:, 1])
    for model, rows in ((of_levels, table), (of_labels([interval, interval + 1]), X)):
        again = skops.io.loads(skops.io.dumps(model), trusted=trusted_types())
        assert_array_equal(again.predict(rows), model.predict(rows))


def test_a_search_over_what_is_worth_tuning():
    model = NumpyMLPRegressor(**SMALL)
    search = RandomizedSearchCV(model, search_space(model), n_iter=2, cv=2, random_state=0)
    data = skops.io.dumps(search.fit(X, X[:, 0]))
    of_others = set(skops.io.get_untrusted_types(data=data)) - set(trusted_types())
    assert {name.partition(".")[0] for name in of_others} <= {"scipy", "sklearn"}
    again = skops.io.loads(data, trusted=[*trusted_types(), *of_others])
    assert_array_equal(again.predict(X), search.predict(X))
    assert type(again.param_distributions) is type(search.param_distributions)
    assert list(again.param_distributions) == list(search.param_distributions)
    best = skops.io.loads(skops.io.dumps(search.best_estimator_), trusted=trusted_types())
    assert_array_equal(best.predict(X), search.predict(X))


def test_files_are_about_as_large_as_pickles():
    """Of these small ones 1.6 and 2.3 times; with an entry for each object it was 10 and 40."""
    wide = pd.DataFrame(np.random.default_rng(0).random((24, 300)))
    wide.columns = [f"column {j}" for j in range(300)]
    bags = TabularMLPRegressor(n_bags=3, max_iter=1, random_state=0).fit(X, X[:, 0])
    for model in (bags, NumpyMLPRegressor(**SMALL).fit(wide, X[:, 0])):
        assert len(skops.io.dumps(model)) < 3 * len(pickle.dumps(model))


def test_a_class_that_is_not_ours_is_not_loaded():
    model = NumpyMLPRegressor(**SMALL, scoring=negative_spread, early_stopping=True)
    data = skops.io.dumps(model.fit(X, X[:, 0]))
    own = f"{__name__}.negative_spread"
    with pytest.raises(skops.io.exceptions.UntrustedTypesFoundException, match=own):
        skops.io.loads(data, trusted=trusted_types())
    again = skops.io.loads(data, trusted=[*trusted_types(), own])
    assert_array_equal(again.predict(X), model.predict(X))


@dataclass(frozen=True)
class Bend(Activation):
    """Of a user."""

    amount: float = 0.5

    def value(self, x):
        return x + self.amount * (np.sqrt(1 + x * x) - 1)

    def slope(self, x, y):
        return 1 + self.amount * x / np.sqrt(1 + x * x)


def test_a_part_of_the_network_that_is_not_ours():
    """Inside of what a fit has found, which is a text for the rest."""
    model = NumpyMLPRegressor(**SMALL, activation=Bend(0.7)).fit(X, X[:, 0])
    # So that the options do not hold it, too.
    model.set_params(activation="relu")
    data, own = skops.io.dumps(model), f"{__name__}.Bend"
    with pytest.raises(skops.io.exceptions.UntrustedTypesFoundException, match=own):
        skops.io.loads(data, trusted=trusted_types())
    again = skops.io.loads(data, trusted=[*trusted_types(), own])
    assert_array_equal(again.predict(X), model.predict(X))


def negative_spread(estimator, X, y):
    return -float(np.ptp(estimator.predict(X)))
