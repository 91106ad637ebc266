"""scikit-learn's own tests of its MLP, run on ours: the installed file, two names swapped.

The tests rely on scikit-learn's default values here and there, and ours are others: the names
stand for subclasses whose constructors have those of scikit-learn's MLP. Its "auto" batches of 200
rows (of all, if there are fewer) are ``batch_size=200`` here. Two of the tests look at the rate of
``_optimizer``, which ours keep elsewhere. Nothing else is changed.

``LISTED`` names each test that is left out, with the reason. A name there that scikit-learn no
longer has is an error, and so is one whose test would pass.
"""

import importlib.util
import inspect

import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

PRIVATE = "tests private attributes: "
LISTED = {
    "test_fit": PRIVATE + "builds a fitted estimator by assigning _coef_grads and the like",
    "test_gradient": PRIVATE + "_loss_grad_lbfgs; our gradients are in tests/network",
    "test_n_iter_no_change": PRIVATE + "_no_improvement_count, and pins patience that is one epoch "
    "too long (ours is exact)",
    "test_n_iter_no_change_inf": PRIVATE + "_no_improvement_count",
    "test_early_stopping_stratified": "pins that a class with one row breaks early stopping; here "
    "it stays in the training part",
    "test_mlp_param_dtypes": "pins that the weights take the dtype of X; here option dtype says it",
    "test_nonfinite_params": "pins the message of weights that overflow; here the column of X "
    "whose variance overflows is named before training",
    "test_mlp_partial_fit_after_fit": "pins that partial_fit refuses early_stopping=True, which "
    "check_estimator does not allow; here it trains its epoch",
}


def defaults_of(peer):
    """The default values of scikit-learn's estimator, as ours takes them."""
    return peer().get_params() | {"batch_size": 200}


def with_defaults_of(peer):
    """A decorator: the class's constructor takes the default values of ``peer``."""
    theirs = defaults_of(peer)

    def decorate(cls):
        ours = cls.__init__
        signature = inspect.signature(ours)
        parameters = [
            p.replace(default=theirs[name]) if name in theirs else p
            for name, p in signature.parameters.items()
        ]

        def __init__(self, *args, **options):  # noqa: N807
            bound = __init__.__signature__.bind(self, *args, **options)
            bound.apply_defaults()
            ours(*bound.args, **bound.kwargs)

        # get_params reads it.
        __init__.__signature__ = signature.replace(parameters=parameters)
        cls.__init__ = __init__
        return cls

    return decorate


@with_defaults_of(MLPClassifier)
class Classifier(NumpyMLPClassifier):
    _optimizer = property(lambda self: self._found.first.optimizer)


@with_defaults_of(MLPRegressor)
class Regressor(NumpyMLPRegressor):
    _optimizer = property(lambda self: self._found.first.optimizer)


def load_swapped_module():
    """A fresh copy of scikit-learn's test module that finds our classes under its names."""
    module = importlib.import_module("sklearn.neural_network.tests.test_mlp")
    spec = importlib.util.spec_from_file_location("swapped_test_mlp", module.__file__)
    source = inspect.getsource(module)
    original = "from sklearn.neural_network import MLPClassifier, MLPRegressor\n"
    assert source.count(original) == 1
    swapped = importlib.util.module_from_spec(spec)
    vars(swapped).update(MLPClassifier=Classifier, MLPRegressor=Regressor)
    exec(compile(source.replace(original, "\n"), module.__file__, "exec"), vars(swapped))
    return swapped


SUITE = load_swapped_module()
ALL = {name: f for name, f in vars(SUITE).items() if name.startswith("test_") and callable(f)}


@pytest.fixture
def global_random_seed():
    """scikit-learn's own fixture, at its default."""
    return 42


def cases(functions):
    """One case per parametrization of each function, with the values it is called with."""
    found = []
    for name, function in functions.items():
        sets = [{}]
        for mark in getattr(function, "pytestmark", []):
            if mark.name != "parametrize":
                continue
            names = mark.args[0]
            names = [n.strip() for n in names.split(",")] if isinstance(names, str) else names
            grid = [
                dict(zip(names, values if len(names) > 1 else [values], strict=True))
                for values in mark.args[1]
            ]
            sets = [{**a, **b} for a in sets for b in grid]
        for i, values in enumerate(sets):
            label = f"{name}-{i}" if len(sets) > 1 else name
            found.append(pytest.param(function, values, id=label))
    return found


def call(function, values, request):
    wanted = [n for n in inspect.signature(function).parameters if n not in values]
    function(**values, **{n: request.getfixturevalue(n) for n in wanted})


def test_the_swap_is_real():
    assert SUITE.MLPClassifier is Classifier
    assert SUITE.MLPRegressor is Regressor
    assert len(ALL) > 35


@pytest.mark.parametrize(
    ("swapped", "ours", "peer"),
    [
        (Classifier, NumpyMLPClassifier, MLPClassifier),
        (Regressor, NumpyMLPRegressor, MLPRegressor),
    ],
)
def test_only_default_values_are_changed(swapped, ours, peer):
    defaults = ours().get_params() | defaults_of(peer)
    assert swapped().get_params() == defaults
    given = {"hidden_layer_sizes": 7, "alpha": 0.5}
    assert swapped(7, alpha=0.5).get_params() == defaults | given
    for name in ("fit", "predict", "score", "partial_fit"):
        assert name not in vars(swapped)


def test_list_is_short_and_current():
    assert len(LISTED) <= 8
    assert set(LISTED) <= set(ALL)


# scikit-learn runs its suite without turning warnings into errors; where a test of its own asks
# for an error, that filter is set inside the test and wins.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("function", "values"), cases({n: f for n, f in ALL.items() if n not in LISTED})
)
def test_sklearn_suite(function, values, request):
    call(function, values, request)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", LISTED)
def test_listed_tests_do_fail(name, request):
    failures = 0
    for case in cases({name: ALL[name]}):
        try:
            call(*case.values, request)
        except (AssertionError, AttributeError, ValueError, TypeError, pytest.fail.Exception):
            failures += 1
    assert failures, f"{name} passes: take it off the list"
