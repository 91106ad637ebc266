"""The option dropout: reproducible, absent from predictions, and refused where it cannot work."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from catalogue import FIRST_ORDER
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor
from sknumpynet.network import Dropout, Network

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4))
Y = X[:, 0] + 0.1 * RNG.normal(size=120)
SMALL = {"hidden_layer_sizes": (16, 8), "max_iter": 4, "random_state": 0, "dropout": 0.3}


def regressor(**options):
    return NumpyMLPRegressor(**SMALL | options)


def rates(model):
    return [layer.rate for layer in model.network_.layers if isinstance(layer, Dropout)]


@pytest.mark.parametrize("solver", FIRST_ORDER)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_runs_are_the_same_to_the_last_bit(solver, dtype):
    one, other = (regressor(solver=solver, dtype=dtype).fit(X, Y) for _ in range(2))
    np.testing.assert_array_equal(one.network_.theta, other.network_.theta)
    assert (regressor(solver=solver, dtype=dtype, dropout=0.0).fit(X, Y).network_.theta
            != one.network_.theta).any()  # fmt: skip


@pytest.mark.parametrize(
    ("dropout", "expected"),
    [(0.3, [0.3, 0.3]), ([0.1, 0.5], [0.1, 0.5]), ((0, 0.5), [0.5]), (0, []), (np.zeros(2), [])],
)
def test_one_rate_for_all_layers_or_one_for_each(dropout, expected):
    model = regressor(dropout=dropout).fit(X, Y)
    assert rates(model) == expected
    assert model.n_layers_ == 4


def test_a_linear_model_has_no_units_to_drop():
    plain, other = (regressor(hidden_layer_sizes=(), dropout=d).fit(X, Y) for d in (0.0, 0.5))
    np.testing.assert_array_equal(plain.predict(X), other.predict(X))


def test_predictions_use_all_units():
    model = regressor(dropout=0.9).fit(X, Y)
    found, network = model.predict(X), model.network_
    np.testing.assert_array_equal(model.predict(X), found)
    layers = [layer for layer in network.layers if not isinstance(layer, Dropout)]
    model.network_ = Network(layers, network.theta)
    np.testing.assert_array_equal(model.predict(X), found)


@pytest.mark.parametrize("how", ["warm_start", "partial_fit"])
def test_training_that_goes_on_draws_on(how):
    """In two calls as in one, and not the same units again."""
    options = {"early_stopping": False, "n_iter_no_change": np.inf, "shuffle": False}
    options |= {"batch_size": 40, "feature_scaling": None}
    if how == "warm_start":
        twice = regressor(max_iter=2, warm_start=True, **options).fit(X, Y).fit(X, Y)
        once = regressor(**options).fit(X, Y)
    else:
        twice, once = regressor(**options), regressor(**options).partial_fit(X[:40], Y[:40])
        state = once._found.first.randomness.layers.bit_generator.state
        once.partial_fit(X[:40], Y[:40])
        assert once._found.first.randomness.layers.bit_generator.state != state
        for _ in range(2):
            twice.partial_fit(X[:40], Y[:40])
    np.testing.assert_array_equal(twice.network_.theta, once.network_.theta)


def test_a_change_is_refused_where_training_goes_on():
    model = regressor(warm_start=True).fit(X, Y).set_params(dropout=0.1)
    with pytest.raises(
        ValueError, match=r"whose dropout was \(0\.3, 0\.3\) and not \(0\.1, 0\.1\)"
    ):
        model.fit(X, Y)
    # The same in other words.
    model.set_params(dropout=[0.3, 0.3]).fit(X, Y)


@pytest.mark.parametrize("dropout", [0.2, [0.0, 0.2]])
def test_lbfgs_refuses_it(dropout):
    with pytest.raises(ValueError, match=r"dropout=.* solver='lbfgs'.* dropout=0") as caught:
        regressor(solver="lbfgs", dropout=dropout).fit(X, Y)
    assert repr(dropout) in str(caught.value)
    regressor(solver="lbfgs", dropout=0.0).fit(X, Y)
    regressor(solver="lbfgs", dropout=[0, 0]).fit(X, Y)


def test_a_rate_for_each_layer_is_needed():
    with pytest.raises(ValueError, match=r"dropout=\[0.1\] has rates for 1 layers, .* has 2"):
        regressor(dropout=[0.1]).fit(X, Y)


def test_it_keeps_a_network_from_learning_noise_by_heart():
    """A third of the labels are wrong; log loss on rows that are right (0.70 to 0.76 of it)."""
    data, target = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(data, target, train_size=400, random_state=0)
    wrong = np.random.default_rng(1).random(len(y)) < 0.3
    y = np.where(wrong, np.random.default_rng(2).integers(0, 10, len(y)), y)
    losses = []
    for dropout in (0.0, 0.5):
        model = NumpyMLPClassifier(
            (128,), dropout=dropout, max_iter=200, early_stopping=False, random_state=0
        ).fit(x, y)
        proba = model.predict_proba(x_test)[np.arange(len(y_test)), y_test]
        losses.append(-np.log(proba).mean())
    assert losses[1] < 0.85 * losses[0]
