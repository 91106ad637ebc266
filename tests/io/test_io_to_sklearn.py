"""scikit-learn's own classes predict what the estimator does, or an error says why they cannot."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from catalogue import COLUMN_KINDS, case_of, options_for
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.io import to_sklearn

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:X holds only:UserWarning"),
]

#: MLPRegressor has it from scikit-learn 1.7 on.
HAS_POISSON = "loss" in MLPRegressor().get_params()
SMALL = {
    "hidden_layer_sizes": (5, 4),
    "max_iter": 5,
    "learning_rate_init": 0.05,
    "dtype": "float64",
    "random_state": 0,
}
N = 120
RNG = np.random.default_rng(0)


def frame():
    X = pd.DataFrame(
        {
            "number": 5.0 + 3.0 * RNG.uniform(-2, 2, N),
            "gaps": np.where(RNG.random(N) < 0.2, np.nan, RNG.uniform(-1, 1, N)),
            "whole": RNG.integers(0, 9, N),
            "yes": RNG.random(N) < 0.5,
            "constant": 1.0,
            "two": RNG.choice(["f", "m"], N),
            "few": RNG.choice(["x", "y", "z", None], N),
            "many": [f"level {i}" for i in RNG.integers(0, 50, N)],
            "rank": pd.Categorical(RNG.integers(3, 6, N)),
        }
    )
    X["few"] = X["few"].astype(object)
    return X.drop(columns="two") if X["two"].nunique() < 2 else X


X = frame()
#: Rows that no fit has seen: beyond all ranges, other levels, all of it missing.
FAR = pd.DataFrame(
    {
        "number": [100.0, -1e6, np.nan, 11.0],
        "gaps": [50.0, np.nan, -30.0, 0.0],
        "whole": [-90, 0, 1000, 5],
        "yes": [True, False, True, False],
        "constant": [2.0, np.nan, -1e9, 1.0],
        "two": ["unheard of", "f", None, "m"],
        "few": [None, "unheard of", "x", "y"],
        "many": ["level 1", "other", None, "level 2"],
        "rank": pd.Categorical([3, 7, None, 5]),
    }
)
NEW = pd.concat([X, FAR.astype({"yes": bool})], ignore_index=True)
NUMBERS = 2.0 + X["number"].to_numpy() + X["whole"].to_numpy() + (X["two"] == "f").to_numpy()
TARGETS = {
    "one output": (NumpyMLPRegressor, NUMBERS + 20.0),
    "two outputs": (NumpyMLPRegressor, np.c_[NUMBERS + 20.0, 60.0 - NUMBERS]),
    "two classes": (NumpyMLPClassifier, np.where(NUMBERS > 10, "high", "low")),
    "two labels of objects": (
        NumpyMLPClassifier,
        pd.Series(np.where(NUMBERS > 10, "high", "low"), dtype=object),
    ),
    "true and false": (NumpyMLPClassifier, NUMBERS > 10),
    "three classes": (NumpyMLPClassifier, np.digitize(NUMBERS, [8.0, 13.0])),
    "labels": (NumpyMLPClassifier, (NUMBERS[:, None] > [6.0, 10.0, 13.0]).astype(int)),
}


def check_equal(model, other, rows, tolerance=1e-6):
    if is_classifier(model):
        assert_allclose(other.predict_proba(rows), model.predict_proba(rows), atol=tolerance)
        assert_array_equal(other.predict(rows), model.predict(rows))
        assert_array_equal(other.classes_, model.classes_)
    else:
        assert other.predict(rows).shape == model.predict(rows).shape
        assert_allclose(other.predict(rows), model.predict(rows), rtol=tolerance, atol=tolerance)


def modules_of(fitted):
    """Of all estimators within."""
    todo, found = [fitted], set()
    while todo:
        one = todo.pop()
        if hasattr(one, "get_params"):
            found.add(type(one).__module__.split(".")[0])
            todo += one.get_params(deep=True).values()
            todo += getattr(one, "named_transformers_", {}).values()
            todo += getattr(one, "estimators_", [])
    return found


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("kind", TARGETS)
def test_every_target_and_shared_activation(kind, activation):
    cls, y = TARGETS[kind]
    model = cls(activation=activation, **SMALL).fit(X, y)
    other = to_sklearn(model)
    assert isinstance(other, Pipeline)
    assert isinstance(other[-1], (MLPClassifier, MLPRegressor))
    assert modules_of(other) == {"sklearn"}
    check_equal(model, other, NEW)
    assert_array_equal(other.feature_names_in_, X.columns)


@pytest.mark.parametrize("scaling", [None, "standard", "robust"])
@pytest.mark.parametrize("bounded", [True, False])
@pytest.mark.parametrize("indicator", [True, False])
def test_scalings_and_what_is_missing(scaling, bounded, indicator):
    options = {"feature_scaling": scaling, "missing_indicator": indicator, "max_one_hot": 100}
    model = NumpyMLPRegressor(**SMALL, **options).fit(X, NUMBERS)
    # Without the bound, rows within it.
    far = bounded or scaling is None
    check_equal(model, to_sklearn(model, bounded=bounded), NEW if far else X)
    if not far:
        beyond = np.abs(to_sklearn(model, bounded=False).predict(FAR) - model.predict(FAR))
        assert beyond.max() > 1e-3


@pytest.mark.parametrize("kind", ["one output", "two classes", "three classes"])
def test_bags_vote(kind):
    cls, y = TARGETS[kind]
    model = cls(n_bags=3, **SMALL).fit(X, y)
    other = to_sklearn(model)
    check_equal(model, other, NEW)
    assert modules_of(other) == {"sklearn"}
    # The mean of the models, and none of them.
    method = "predict_proba" if is_classifier(model) else "predict"
    one, mean = (getattr(each, method)(X) for each in (other.estimators_[0], other))
    assert len(other.estimators_) == 3
    assert np.abs(one - mean).max() > 1e-3


def test_more_classes_than_rows_that_stand_in():
    y = np.arange(N) % 20
    model = NumpyMLPClassifier(n_bags=2, **SMALL).fit(X, y)
    check_equal(model, to_sklearn(model), NEW)
    check_equal(model.set_params(n_bags=1).fit(X, y), to_sklearn(model), NEW)


@pytest.mark.parametrize("n_bags", [1, 2])
def test_arrays_and_arrays_of_objects(n_bags):
    numbers = X[["number", "gaps", "whole"]].to_numpy()
    model = NumpyMLPRegressor(**SMALL, n_bags=n_bags).fit(numbers, NUMBERS)
    check_equal(model, to_sklearn(model), numbers)
    objects = X[["number", "two", "gaps"]].to_numpy(dtype=object)
    model = NumpyMLPRegressor(**SMALL, n_bags=n_bags).fit(objects, NUMBERS)
    check_equal(model, to_sklearn(model), objects)


def test_the_bare_mlp_takes_raw_numbers():
    numbers = X[["number", "whole"]].to_numpy(dtype=float)
    model = NumpyMLPRegressor(**SMALL).fit(numbers, NUMBERS)
    mlp = to_sklearn(model, bounded=False)[-1]
    assert [len(w) for w in mlp.coefs_] == [2, 5, 4]
    check_equal(model, mlp, numbers)


@pytest.mark.parametrize("dtype", ["string", "category", object, "Int64", "Float64", "boolean"])
def test_dtypes_of_pandas(dtype):
    two = X["two"] if dtype in ("string", "category", object) else X["yes"].astype(int)
    table = X.assign(two=two.astype(dtype))
    table.loc[::9, "two"] = None
    model = NumpyMLPRegressor(**SMALL).fit(table, NUMBERS)
    check_equal(model, to_sklearn(model), table)


def test_float32_agrees_to_its_rounding():
    model = NumpyMLPClassifier(**SMALL | {"dtype": "float32"}).fit(X, TARGETS["three classes"][1])
    check_equal(model, to_sklearn(model), NEW, 1e-5)


def test_what_is_asked_for_by_a_configuration_changes_nothing():
    cls, y = TARGETS["three classes"]
    model = cls(**SMALL).fit(X, y)
    with sklearn.config_context(transform_output="pandas"):
        other = to_sklearn(model)
    check_equal(model, other, NEW)


def test_the_model_is_not_changed_by_what_is_made_of_it():
    model = NumpyMLPRegressor(**SMALL).fit(X, NUMBERS)
    before, predicted = model.network_.theta.copy(), model.predict(NEW)
    other = to_sklearn(model)
    for array in [*other[-1].coefs_, *other[-1].intercepts_]:
        array[...] = 0.0
    assert_array_equal(model.network_.theta, before)
    assert_array_equal(model.predict(NEW), predicted)


#: Options with a value, beside which nothing of scikit-learn's is the same; what a message names.
REFUSED = {
    "activation": "activation=",
    "numeric_embedding": "numeric_embedding=",
    "embedding_width": "numeric_embedding=",
    "max_frequency": "numeric_embedding=",
    "n_members": "n_members=",
    "normalization": "normalization=",
    "residual": "residual=",
    "feature_scaling": "feature_scaling=",
    "loss": "loss=",
    "quantile": "loss='quantile'",
    "power": "loss='tweedie'",
}
#: Values of these that are expressed all the same.
TAKEN = {
    "activation": ["identity", "logistic", "tanh", "relu", ["tanh"]],
    # Of so few rows "auto" makes none.
    "numeric_embedding": [None, "auto"],
    "normalization": [None],
    "feature_scaling": [None, "standard", "robust"],
    "quantile": [0.9],
    "loss": [
        *("squared_error", "absolute_error", "huber", "log_cosh", "quantile", "log_loss", "focal"),
        *(("poisson", "gamma", "tweedie") if HAS_POISSON else ()),
    ],
    "power": [1, 2, 1.2, 3.0] if HAS_POISSON else [],
}
ELSEWHERE = ("verbose", "random_state", "n_jobs", "n_threads", "max_time", "splitter")
OF_CLASSIFIERS = {name for _, name in options_for(NumpyMLPClassifier)} - {
    name for _, name in options_for(NumpyMLPRegressor)
}
#: Every value of options that make a network another one, and one of each that does not.
VALUES = [
    pytest.param(cls, name, i, id=f"{cls.__name__} {name} {i}")
    for cls, name in options_for(NumpyMLPRegressor, NumpyMLPClassifier)
    if name not in ELSEWHERE and (cls is NumpyMLPRegressor or name in {*OF_CLASSIFIERS, "loss"})
    for i in range(len(case_of(cls, name).valid) if name in REFUSED else 1)
]


@pytest.mark.slow
@pytest.mark.parametrize(("cls", "name", "i"), VALUES)
def test_every_option_agrees_or_is_refused_by_name(cls, name, i):
    case = case_of(cls, name)
    value = case.valid[i]
    options = {**SMALL, "hidden_layer_sizes": 4, **case.where, name: value}
    y = NUMBERS if cls is NumpyMLPRegressor else (NUMBERS > 10).astype(int)
    rows = X.drop(columns="gaps") if name == "categorical_features" else X
    if name == "categorical_features":
        rows = rows.select_dtypes("number")
    model = cls(**options).fit(rows, y)
    expressed = name not in REFUSED or any(
        type(value) is type(taken) and value == taken for taken in TAKEN.get(name, [])
    )
    if not expressed and not (callable(value) or hasattr(value, "delta")):
        with pytest.raises(ValueError, match="to_sklearn cannot express") as caught:
            to_sklearn(model)
        assert REFUSED[name] in str(caught.value)
        return
    check_equal(model, to_sklearn(model), rows, 1e-5 if name == "dtype" else 1e-6)


@pytest.mark.parametrize("kind", COLUMN_KINDS)
def test_every_kind_of_column_agrees_or_is_refused_by_name(kind):
    case = COLUMN_KINDS[kind]
    table = pd.DataFrame({"c": case.values, "x": np.cos(np.arange(len(case.values)))})
    model = NumpyMLPRegressor(**SMALL).fit(table, table["x"])
    if kind in ("dates", "text of numbers", "text of dates", "yes and no", "free text"):
        with pytest.raises(ValueError, match="to_sklearn cannot express column 'c' of X"):
            to_sklearn(model)
        return
    check_equal(model, to_sklearn(model), table)


@pytest.mark.parametrize("cls", [TabularMLPClassifier, TabularMLPRegressor])
def test_the_defaults_for_tables_are_refused_by_name(cls):
    y = TARGETS["two classes"][1] if cls is TabularMLPClassifier else NUMBERS
    model = cls(max_iter=1, n_bags=1, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match=r"cannot express (n_members|numeric_embedding)="):
        to_sklearn(model)


def test_who_has_set_nothing_is_told_what_to_set():
    rows, y = X.loc[np.resize(np.arange(N), 700)], np.arange(700.0)
    rows = rows.assign(number=y)
    model = NumpyMLPRegressor(max_iter=1, random_state=0).fit(rows, y)
    told = (
        r"cannot express numeric_embedding='auto' by.*the default.*Fit with numeric_embedding=None"
    )
    with pytest.raises(ValueError, match=told):
        to_sklearn(model)
    model.set_params(numeric_embedding=None, dtype="float64").fit(rows, y)
    check_equal(model, to_sklearn(model), rows)
    # Of so few rows nothing is embedded, and something else is in the way.
    model.set_params(numeric_embedding="auto", n_members=2).fit(X, NUMBERS)
    with pytest.raises(ValueError, match=r"cannot express n_members=2 by.*n_members=1"):
        to_sklearn(model)


OTHERS = {
    "a y of several columns of classes": (NumpyMLPClassifier, np.c_[X["two"], X["two"]], {}),
    "a y of a single class": (NumpyMLPClassifier, np.zeros(N, dtype=int), {}),
    "the label datetime": (
        NumpyMLPClassifier,
        np.array(["2020-01-01", "2020-01-02"], dtype="M8[D]")[np.arange(N) % 2],
        {},
    ),
    "n_bags=2 with several outputs": (NumpyMLPRegressor, np.c_[NUMBERS, NUMBERS], {"n_bags": 2}),
    "loss='gaussian_nll'": (NumpyMLPRegressor, NUMBERS, {"loss": "gaussian_nll"}),
}


@pytest.mark.parametrize("what", OTHERS)
def test_other_refusals_say_what(what):
    cls, y, options = OTHERS[what]
    model = cls(**SMALL, **options).fit(X, y)
    with pytest.raises(ValueError, match=f"cannot express {what}"):
        to_sklearn(model)


def test_what_is_no_fitted_estimator_is_refused():
    with pytest.raises(NotFittedError):
        to_sklearn(NumpyMLPRegressor())
    with pytest.raises(TypeError, match="to_sklearn takes a fitted estimator of sknumpynet"):
        to_sklearn(make_pipeline(StandardScaler(), NumpyMLPRegressor()))


@pytest.mark.parametrize("kind", ["one output", "two classes", "three classes"])
def test_a_converter_that_knows_scikit_learn_alone_converts_it(kind):
    pytest.importorskip("skl2onnx")
    import onnxruntime
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    cls, y = TARGETS[kind]
    table = X[["number", "whole", "two"]]
    model = cls(**SMALL).fit(table, y)
    types = [
        (name, StringTensorType([None, 1]) if name == "two" else FloatTensorType([None, 1]))
        for name in table
    ]
    options = {"zipmap": False} if is_classifier(model) else {}
    converted = to_onnx(
        to_sklearn(model, bounded=False),
        initial_types=types,
        options=options,
        target_opset={"": 18, "ai.onnx.ml": 3},
    )
    session = onnxruntime.InferenceSession(converted.SerializeToString())
    inputs = {
        name: table[[name]].to_numpy(dtype=object if name == "two" else np.float32)
        for name in table
    }
    found = session.run(None, inputs)
    if is_classifier(model):
        assert_array_equal(found[0], model.predict(table))
        assert_allclose(found[1], model.predict_proba(table), atol=1e-5)
    else:
        assert_allclose(found[0].ravel(), model.predict(table), rtol=1e-5)
