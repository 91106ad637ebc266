"""An activation of the user's own goes wherever a name goes."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sknumpynet import Activation, NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.inspection import check_gradient
from sknumpynet.losses import SquaredError
from sknumpynet.network import ACTIVATIONS
from sknumpynet.training import Batch, Objective

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
Y = np.sin(X[:, 0]) + 0.1 * RNG.normal(size=80)
SMALL = {"hidden_layer_sizes": (8, 5), "max_iter": 4, "random_state": 0}


@dataclass(frozen=True)
class Bend(Activation):
    amount: float = 0.5

    def value(self, x):
        return x + self.amount * (np.sqrt(1 + x * x) - 1)

    def slope(self, x, y):
        return 1 + self.amount * x / np.sqrt(1 + x * x)


class OwnTanh(Activation):
    def value(self, x):
        return np.tanh(x)

    def slope(self, x, y):
        return 1 - y * y


def regressor(activation, **options):
    return NumpyMLPRegressor(activation=activation, **SMALL | options)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("own", [OwnTanh, OwnTanh(), [OwnTanh(), OwnTanh], ["tanh", OwnTanh]])
def test_it_computes_what_the_name_does(own, dtype):
    named = regressor("tanh", dtype=dtype).fit(X, Y)
    model = regressor(own, dtype=dtype).fit(X, Y)
    np.testing.assert_array_equal(model.network_.theta, named.network_.theta)
    np.testing.assert_array_equal(model.predict(X), named.predict(X))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_packages_own_may_be_given_as_classes_and_objects(name):
    expected = regressor(name).fit(X, Y).predict(X)
    for activation in (ACTIVATIONS[name], ACTIVATIONS[name]()):
        np.testing.assert_array_equal(regressor(activation).fit(X, Y).predict(X), expected)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_clone_pickle_and_partial_fit(solver):
    model = regressor(Bend(amount=0.9), solver=solver)
    twin = clone(model)
    assert twin.activation == model.activation
    before = repr(model)
    assert "Bend(amount=0.9)" in before
    predicted = model.fit(X, Y).predict(X)
    assert repr(model) == before
    np.testing.assert_array_equal(twin.fit(X, Y).predict(X), predicted)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict(X), predicted)
    if solver == "adam":
        copy.partial_fit(X, Y)


def test_grid_search_over_names_and_objects():
    grid = {"activation": ["relu", Bend(amount=0.1), Bend(amount=0.9), OwnTanh, (Bend(), "relu")]}
    search = GridSearchCV(regressor("relu"), grid, cv=2, n_jobs=1).fit(X, Y)
    assert len(set(search.cv_results_["mean_test_score"])) == 5
    assert search.best_params_["activation"] in grid["activation"]


def test_warm_start_knows_whether_it_is_the_same():
    model = regressor(Bend(amount=0.9), warm_start=True).fit(X, Y)
    # Equal, in other words.
    model.set_params(activation=[Bend(amount=0.9)] * 2).fit(X, Y)
    model.set_params(activation=Bend(amount=0.8))
    with pytest.raises(ValueError, match=r"whose activation was \(Bend\(amount=0.9\), .*0.8"):
        model.fit(X, Y)


def test_parameters_may_be_given_by_position():
    assert Bend(0.9) == Bend(amount=0.9)
    assert Bend(0) != Bend()
    model, same = (regressor(bend).fit(X, Y) for bend in (Bend(0.9), Bend(amount=0.9)))
    np.testing.assert_array_equal(model.predict(X), same.predict(X))


@pytest.mark.parametrize(
    "wrong",
    [Bend(n=3), SquaredError, SquaredError(), lambda x: x, [Bend(), np.tanh], int],
    ids=["with columns", "a class", "an object", "a function", "one of two", "int"],
)
def test_what_is_no_activation_is_refused(wrong):
    with pytest.raises(ValueError, match=r"activation of .* an Activation of your own \(n not"):
        regressor(wrong).fit(X, Y)


def test_without_a_slope_fit_says_so_and_leaves_the_estimator():
    class Half(Activation):
        def value(self, x):
            return 0.5 * x

    model = NumpyMLPClassifier(activation=Half(), **SMALL)
    before = dict(vars(model))
    with pytest.raises(NotImplementedError, match=r"Half does not define slope"):
        model.fit(X, Y > 0)
    assert vars(model) == before


def test_the_gradient_of_a_network_with_it_can_be_checked():
    model = regressor(Bend(amount=0.7), dtype="float64").fit(X, Y)
    objective = Objective(model.network_, SquaredError(), 0.1, len(X))
    batch = Batch(X, Y[:, np.newaxis])
    theta = model.network_.theta.copy()
    assert check_gradient(lambda t: objective(t, batch), theta).error < 1e-6
