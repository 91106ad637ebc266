"""A value or a name that no option has is told the nearest one, or the option that is meant."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from catalogue import options_for
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.options import options_of, synonyms

ALL = [NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier, TabularMLPRegressor]
X = np.random.default_rng(0).standard_normal((12, 2))
y = (X[:, 0] > 0).astype(int)


class ReLU:
    """As a layer of PyTorch: known by its name."""


class Equal:
    """Compared with anything, an error."""

    __hash__ = None

    def __eq__(self, other):
        raise RuntimeError


def told(cls, **options):
    with pytest.raises(ValueError, match="Got ") as caught:
        cls(**options).fit(X, y)
    return str(caught.value).rpartition("instead.")[2].strip()


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        ({"learning_rate": 0.01}, "Did you mean learning_rate_init=0.01?"),
        ({"loss": "mse"}, "Did you mean 'squared_error'?"),
        ({"loss": "Mean_Absolute-Error"}, "Did you mean 'absolute_error'?"),
        ({"loss": "log_loss"}, "'log_loss' is a loss of classifiers."),
        ({"loss": "binary_crossentropy"}, "'log_loss' is a loss of classifiers."),
        ({"loss": "hubr"}, "Did you mean 'huber'?"),
        ({"solver": "Adam"}, "Did you mean 'adam'?"),
        ({"solver": "AdamW"}, "Did you mean 'adamw'?"),
        ({"activation": "swish"}, "Did you mean 'silu'?"),
        ({"activation": ["relu", "LeakyReLU"]}, "Did you mean 'leaky_relu' for 'LeakyReLU'?"),
        ({"activation": ReLU()}, "Did you mean 'relu'?"),
        ({"activation": np.tanh}, "Did you mean 'tanh'?"),
        ({"learning_rate": "ReduceLROnPlateau"}, "Did you mean 'plateau'?"),
        ({"learning_rate": "warmup"}, "Did you mean the option warmup?"),
        ({"normalization": True}, "Did you mean 'batch'?"),
        ({"normalization": "BatchNorm1d"}, "Did you mean 'batch'?"),
        ({"init": "xavier_normal"}, "Did you mean 'glorot_normal'?"),
        ({"numeric_embedding": "periodic"}, "Did you mean 'cosine'?"),
        ({"feature_scaling": "StandardScaler"}, "Did you mean 'standard'?"),
        ({"categorical_features": "auto"}, "Did you mean 'from_dtype'?"),
        ({"dtype": "double"}, "Did you mean 'float64'?"),
        ({"scoring": "rmse"}, "Did you mean 'neg_root_mean_squared_error'?"),
        ({"scoring": "R2"}, "Did you mean 'r2'?"),
        ({"early_stopping": 10}, "Did you mean early_stopping=True, n_iter_no_change=10?"),
        ({"early_stopping": "Auto"}, "Did you mean 'auto'?"),
        ({"max_iter": 1e3}, "Did you mean 1000?"),
        ({"dropout": 20}, "Did you mean dropout=0.2?"),
        ({"batch_size": 64.0}, "Did you mean 64?"),
        ({"hidden_layer_sizes": None}, "Did you mean hidden_layer_sizes=(), a linear model?"),
    ],
)
def test_of_a_regressor(options, meant):
    assert told(NumpyMLPRegressor, **options) == meant


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        ({"loss": "CrossEntropyLoss"}, "Did you mean 'log_loss'?"),
        ({"loss": "mse"}, "'squared_error' is a loss of regressors."),
        ({"loss": "huber"}, "'huber' is a loss of regressors."),
        ({"class_weight": "balance"}, "Did you mean 'balanced'?"),
        ({"calibrate": "Auto"}, "Did you mean 'auto'?"),
        ({"scoring": "auc"}, "Did you mean 'roc_auc'?"),
    ],
)
def test_of_a_classifier(options, meant):
    assert told(NumpyMLPClassifier, **options) == meant


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "hinge"},
        {"loss": "mape"},
        {"activation": "maxout"},
        {"feature_scaling": "minmax"},
        {"solver": None},
        {"solver": "x" * 10**6},
        {"max_iter": np.inf},
        {"max_iter": np.nan},
        {"max_iter": 10**400},
        {"learning_rate": -1},
        {"learning_rate": np.ones(3)},
        {"batch_size": np.ones(3)},
        {"activation": [np.ones(3)]},
        {"activation": Equal()},
        {"scoring": Equal()},
        {"normalization": Equal()},
    ],
)
def test_nothing_is_said_where_nothing_is_near(options):
    try:
        assert told(NumpyMLPRegressor, **options) in ("", "It is beyond the range of 64 bits.")
    except RuntimeError:
        assert isinstance(next(iter(options.values())), Equal)


@pytest.mark.parametrize(("cls", "name"), options_for(*ALL[:2]))
def test_every_name_without_case_and_marks(cls, name):
    """Each text that an option takes is found when it is spelled otherwise."""
    known = options_of(cls)[name].allowed.names
    for text in (text for text in known if text is not None):
        otherwise = text.upper().replace("_", "-")
        if otherwise not in known:
            assert told(cls, **{name: otherwise}) == f"Did you mean {text!r}?"


def test_synonyms_lead_to_what_exists():
    """Of every option, to a name that it takes; and to an option of one of the estimators."""
    taken = {}
    for cls in ALL[:2]:
        for name, option in options_of(cls).items():
            taken.setdefault(name, set()).update(option.allowed.names)
    for name, table in synonyms.VALUES.items():
        assert set(table.values()) <= taken[name]
        assert not set(table) & taken[name], "a name that is allowed is no synonym"
    for known in synonyms.OPTIONS.values():
        assert known.split("=")[0].split(" ")[0] in taken
    assert set(synonyms.INSTEAD) <= set(taken)


UNKNOWN = [
    ("lr", "learning_rate_init"),
    ("epochs", "max_iter"),
    ("early_stopping_rounds", "n_iter_no_change"),
    ("hiden_layer_sizes", "hidden_layer_sizes"),
    ("batch_norm", "normalization='batch'"),
]


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize(("given", "meant"), UNKNOWN)
def test_an_unknown_option(cls, given, meant):
    with pytest.raises(
        TypeError, match=rf"unexpected keyword argument '{given}'\. Did you mean"
    ) as e:
        cls(**{given: 1})
    assert str(e.value).startswith(f"{cls.__name__}.__init__() got")
    assert str(e.value).endswith(f"Did you mean {meant}?")
    with pytest.raises(ValueError, match="Invalid parameter") as e:
        cls().set_params(**{given: 1})
    assert str(e.value).endswith(f" Did you mean {meant}?")


def test_an_unknown_option_that_is_like_none():
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'fizz'\.$"):
        NumpyMLPClassifier(fizz=1)
    with pytest.raises(TypeError, match=r"argument 'huber_delta'\.$"):
        NumpyMLPClassifier(huber_delta=1)  # What is meant is an option of regressors.
    with pytest.raises(ValueError, match="Invalid parameter 'activations'") as e:
        NumpyMLPClassifier().set_params(activations__n=1)
    assert "Did you mean" not in str(e.value)


def test_in_a_search():
    with pytest.raises(ValueError, match=r"Did you mean learning_rate_init\?"):
        GridSearchCV(NumpyMLPClassifier(), {"lr": [1]}, cv=2, error_score="raise").fit(X, y)


def test_the_constructor_is_as_it_was():
    model = NumpyMLPRegressor((3,), "tanh", alpha=0.5)
    assert (model.hidden_layer_sizes, model.activation, model.alpha) == ((3,), "tanh", 0.5)
    with pytest.raises(TypeError, match="positional"):
        NumpyMLPRegressor((3,), "tanh", "adam")
    for other in (clone(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.get_params() == model.get_params()
    assert model.set_params(alpha=1.0) is model
    assert model.alpha == 1.0
