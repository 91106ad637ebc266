"""Every option of scikit-learn's MLP exists, is documented, and says what is wrong with a value."""

import inspect
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from catalogue import FORMATS, case_of, options_for
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.options import (
    GROUPS,
    CommonParameters,
    estimator_with_options,
    options_of,
    other_default,
)

BOTH = [NumpyMLPClassifier, NumpyMLPRegressor]
X = np.random.default_rng(0).standard_normal((30, 3))
y = (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize(
    ("ours", "peer"), [(NumpyMLPClassifier, MLPClassifier), (NumpyMLPRegressor, MLPRegressor)]
)
def test_has_every_parameter_of_scikit_learn(ours, peer):
    mine, theirs = ours().get_params(), peer().get_params()
    assert set(theirs) <= set(mine)
    # Values were chosen by measurement, see examples/benchmarks/tables.py.
    others = {"hidden_layer_sizes": (256, 128), "solver": "adamw", "learning_rate_init": 0.002}
    others |= {"early_stopping": "auto", "n_iter_no_change": "auto"}
    assert {name: mine[name] for name in theirs} == theirs | others
    first, second = list(inspect.signature(ours).parameters)[:2]
    assert (first, second) == ("hidden_layer_sizes", "activation")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(
    ("ours", "peer"), [(NumpyMLPClassifier, MLPClassifier), (NumpyMLPRegressor, MLPRegressor)]
)
def test_has_every_fitted_attribute_of_scikit_learn(ours, peer, early_stopping):
    options = {"max_iter": 3, "early_stopping": early_stopping, "random_state": 0}
    options["hidden_layer_sizes"] = (100,)
    mine, theirs = ours(**options).fit(X, y), peer(**options).fit(X, y)
    for name in vars(theirs):
        if name.endswith("_") and not name.startswith("_"):
            assert hasattr(mine, name), name
            assert type(getattr(mine, name)) in (type(getattr(theirs, name)), *_same(name)), name
    assert mine.n_layers_ == theirs.n_layers_
    assert mine.t_ == theirs.t_
    assert mine.out_activation_ == theirs.out_activation_


def _same(name):
    from sknumpynet.estimators.views import ParameterViews

    return (ParameterViews,) if name in ("coefs_", "intercepts_") else (float, np.float64)


def entries_of(docstring, section):
    """Name to (type, text) of the entries of a numpydoc section."""
    lines = docstring.splitlines()
    start = next(i for i, line in enumerate(lines) if line == section and lines[i + 1][:3] == "---")
    found, texts = {}, []
    for line, below in zip(lines[start + 2 :], [*lines[start + 3 :], ""], strict=True):
        if below.startswith("---"):
            break
        if " : " not in line and not line.startswith(" "):
            texts = []  # Between entries: nothing, or the name of a group of them.
        elif line and not line.startswith(" "):
            names, _, kind = line.partition(" : ")
            texts = []
            found |= dict.fromkeys(names.split(", "), (kind, texts))
        elif line:
            texts.append(line.strip())
    return {name: (kind, " ".join(texts)) for name, (kind, texts) in found.items()}


@pytest.mark.parametrize("estimator_class", BOTH)
def test_signature_documentation_and_checks_say_the_same(estimator_class):
    documented = entries_of(inspect.getdoc(estimator_class), "Parameters")
    parameters = inspect.signature(estimator_class).parameters
    declared = options_of(estimator_class)
    assert list(documented) == list(parameters) == list(declared)
    assert set(parameters) == set(estimator_class().get_params())
    for name, parameter in parameters.items():
        kind, text = documented[name]
        default = parameter.default
        shown = f'"{default}"' if isinstance(default, str) else repr(default)
        assert kind.endswith(f", default={shown}"), name
        assert text.endswith("."), name
        assert declared[name].allowed.test(default), name
    groups = [GROUPS.index(option.group) for option in declared.values()]
    assert groups == sorted(groups)
    lines = inspect.getdoc(estimator_class).splitlines()
    for group in GROUPS:
        first = next(name for name, option in declared.items() if option.group == group)
        heading = lines.index(f"{group.capitalize()} options")
        assert lines[heading - 1] == lines[heading + 1] == ""
        assert lines[heading + 2].startswith(f"{first} : ")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator_class", BOTH)
def test_every_fitted_attribute_is_documented(estimator_class):
    documented = entries_of(inspect.getdoc(estimator_class), "Attributes")
    model = estimator_class(max_iter=2).fit(pd.DataFrame(X, columns=list("abc")), y)
    public = {name for name in dir(model) if name.endswith("_") and not name.startswith("_")}
    assert set(documented) == public
    assert "{attributes}" not in estimator_class.__doc__


def test_the_two_docstrings_cannot_drift_apart():
    one, other = (entries_of(inspect.getdoc(c), "Parameters") for c in BOTH)
    # Classes and numbers have losses of their own.
    shared = (one.keys() & other.keys()) - {"loss"}
    assert set(options_of(CommonParameters)) == shared
    for name in shared:
        assert one[name] == other[name]


def test_a_default_of_a_subclass_is_looked_at_too():
    @estimator_with_options
    class Wrong(NumpyMLPRegressor):
        alpha: float = other_default(NumpyMLPRegressor, "alpha", -1.0)

    for _ in range(2):
        with pytest.raises(ValueError, match="alpha of Wrong must be a number >= 0. Got -1.0"):
            Wrong().fit(X, y)


def test_a_subclass_with_other_defaults():
    @estimator_with_options
    class Deep(NumpyMLPRegressor):
        """Deeper.

        Parameters
        ----------
        {parameters}
        """

        hidden_layer_sizes: object = other_default(NumpyMLPRegressor, "hidden_layer_sizes", (9, 9))
        alpha: float = other_default(NumpyMLPRegressor, "alpha", 1.0)

    assert clone(Deep()).get_params() == {
        **NumpyMLPRegressor().get_params(),
        "hidden_layer_sizes": (9, 9),
        "alpha": 1.0,
    }
    assert Deep((3,)).hidden_layer_sizes == (3,)
    assert list(inspect.signature(Deep).parameters) == list(
        inspect.signature(NumpyMLPRegressor).parameters
    )
    assert "alpha : float, default=1.0" in Deep.__doc__
    with pytest.raises(ValueError, match="alpha of Deep must be a number >= 0"):
        Deep(alpha=-1).fit(X, y)


@pytest.mark.parametrize(
    ("estimator_class", "name", "value", "allowed"),
    [(cls, name, *row) for cls, name in options_for(*BOTH) for row in case_of(cls, name).invalid],
)
def test_a_wrong_value_is_named_with_what_is_allowed(estimator_class, name, value, allowed):
    model = estimator_class(**{name: value})
    with pytest.raises(ValueError, match="must be") as caught:
        model.fit(X, y)
    message = str(caught.value)
    assert message.startswith(f"{name} of {estimator_class.__name__} must be")
    for words in [allowed] if isinstance(allowed, str) else allowed:
        assert words in message
    assert repr(value) in message
    assert not hasattr(model, "network_")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("estimator_class", "name", "value"),
    [(cls, name, value) for cls, name in options_for(*BOTH) for value in case_of(cls, name).valid],
)
def test_every_value_trains_a_model_that_predicts(estimator_class, name, value):
    """It is kept as it was given, and the model is the same after cloning and from files."""
    case = case_of(estimator_class, name)
    small = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
    model = estimator_class(**small | case.where | {name: value})
    before, text = model.get_params(), repr(model)
    twin = clone(model)
    # Some losses take y > 0 only.
    target = y if is_classifier(model) else y + 1
    predicted = model.fit(X, target).predict(X)
    several = (len(value),) if name == "quantile" and isinstance(value, list) else ()
    assert predicted.shape == (*y.shape, *several)
    assert np.isfinite(predicted).all()
    assert model.get_params() == before
    assert getattr(model, name) is value
    assert repr(model) == text
    np.testing.assert_array_equal(twin.fit(X, target).predict(X), predicted)
    if not callable(value):
        for format_ in ("pickle", "skops"):
            np.testing.assert_array_equal(FORMATS[format_](model).predict(X), predicted)


@pytest.mark.parametrize(("estimator_class", "name"), options_for(*BOTH))
def test_every_name_that_an_option_takes_is_documented(estimator_class, name):
    """And the names in the documentation are those of the catalogue."""
    kind, _ = entries_of(inspect.getdoc(estimator_class), "Parameters")[name]
    if kind.startswith("{"):
        documented = set(kind[1 : kind.index("}")].split(", "))
        default = inspect.signature(estimator_class).parameters[name].default
        values = {
            v
            for v in (default, *case_of(estimator_class, name).valid)
            if v is None or isinstance(v, str)
        }
        assert documented == {"None" if v is None else f'"{v}"' for v in values}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (NumpyMLPClassifier(class_weight=[{0: 1.0}]), "a list of one dict"),
        (NumpyMLPClassifier(class_weight={0: -1.0, 1: 1.0}), "finite weights >= 0"),
        (NumpyMLPClassifier((5, 5), activation=["relu"]), "names 1 layers"),
        (NumpyMLPClassifier(solver="schedule_free", ema_decay=0.9), "averages them already"),
        (NumpyMLPClassifier(scoring="nonsense", early_stopping=True), "nonsense"),
        (NumpyMLPClassifier(random_state="seed"), "seed"),
    ],
)
def test_options_of_one_estimator(model, message):
    with pytest.raises(ValueError, match="must|names|valid|seed|averages") as caught:
        model.fit(X, y)
    assert message in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("ema_decay", 0.0), ("max_grad_norm", 1.0)])
@pytest.mark.parametrize("estimator_class", BOTH)
def test_lbfgs_refuses_what_changes_its_steps(estimator_class, name, value):
    model = estimator_class(solver="lbfgs", **{name: value})
    message = rf"^{name}={value} cannot be used with solver='lbfgs'.* Set {name}=None, or another"
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "network_")


def test_a_default_that_lbfgs_refuses_is_told_to_be_one():
    model = TabularMLPClassifier(solver="lbfgs", max_iter=15)
    for change in ({}, {"dropout": 0.1}):
        model.set_params(**change)
        message = r"dropout=0\.1, the default of TabularMLPClassifier, cannot be .* Set dropout=0"
        with pytest.raises(ValueError, match=message):
            model.fit(X, y)
    with pytest.raises(ValueError, match=r"^dropout=0\.2 cannot be used"):
        model.set_params(dropout=0.2).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert model.set_params(dropout=0).fit(X, y).score(X, y) > 0.5


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator_class", BOTH)
@pytest.mark.parametrize(
    "sizes", [5, np.int64(5), (5,), [5], np.array([5]), (), [], (4, 3, 2), (np.int32(4),)]
)
def test_layer_sizes_may_be_given_in_many_ways(estimator_class, sizes):
    model = estimator_class(hidden_layer_sizes=sizes, max_iter=2, random_state=0)
    expected = [3, *np.atleast_1d(np.asarray(sizes, dtype=int)), 1]
    fitted = clone(model).fit(X, y)
    assert [W.shape for W in fitted.coefs_] == list(zip(expected[:-1], expected[1:], strict=True))
    assert model.get_params()["hidden_layer_sizes"] is sizes


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_one_activation_per_layer():
    layers = {"hidden_layer_sizes": (4, 3), "activation": ("tanh", "identity")}
    model = NumpyMLPRegressor(**layers, max_iter=2, dtype="float64", random_state=0).fit(X, y)
    hidden = np.tanh(
        model._model.encoder.encode(X, np.empty_like(X)) @ model.coefs_[0] + model.intercepts_[0]
    )
    raw = (hidden @ model.coefs_[1] + model.intercepts_[1]) @ model.coefs_[2] + model.intercepts_[2]
    expected = raw[:, 0] * y.std() + y.mean()
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-10)


@pytest.mark.parametrize(("name", "values"), [("activation", ["tanh"] * 3), ("dropout", [0.1] * 2)])
def test_where_the_rows_decide_how_many_layers_there_are_one_value_serves_all(name, values):
    model = TabularMLPRegressor(**{name: values})
    message = "has as many as suit the rows: give one .* or set hidden_layer_sizes"
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)


def test_constructor_keeps_what_it_is_given():
    sizes, weights = [3, 2], {0: 1.0, 1: 2.0}
    model = NumpyMLPClassifier(sizes, class_weight=weights, max_iter=2)
    assert model.hidden_layer_sizes is sizes
    assert model.class_weight is weights
    copy = clone(model)
    assert copy.get_params() == model.get_params()


@pytest.mark.parametrize("seed", [0, 7, np.int64(3), 2**32 - 1])
def test_an_integer_seeds_as_its_random_state_does(seed):
    from sknumpynet.options import Randomness

    for _ in range(2):
        by_number, by_state = Randomness(seed), Randomness(np.random.RandomState(seed))
        assert by_number.init_seed == by_state.init_seed
        assert by_number.split_seed == by_state.split_seed
        assert by_number.batches.random() == by_state.batches.random()


@pytest.mark.parametrize("seed", [-1, 2**32, "zero", 1.5])
def test_a_wrong_random_state_is_refused(seed):
    with pytest.raises((ValueError, TypeError), match="[Ss]eed"):
        NumpyMLPClassifier(random_state=seed).fit(X, y)
