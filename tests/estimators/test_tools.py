"""scikit-learn's tools around an estimator: which take a frame with text, as the README lists them.

A test that fails because a tool takes text some day is to change the README.
"""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.feature_selection import RFE, RFECV, SelectFromModel, SequentialFeatureSelector
from sklearn.linear_model import RANSACRegressor
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.semi_supervised import SelfTrainingClassifier

from polars_in_sklearn import skip_unless_known
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 90
rng = np.random.default_rng(0)
CATEGORIES = pd.DataFrame(
    {
        "age": rng.integers(18, 90, N).astype(float),
        "color": pd.Categorical(rng.choice(["red", "green", "blue"], N)),
        "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, N), "D"),
    }
)
TEXT = CATEGORIES[["age", "color"]].astype({"color": object})
DATES = CATEGORIES[["age", "since"]].assign(red=CATEGORIES["color"] == "red")
GAPS = CATEGORIES.copy()
GAPS.loc[4, "age"] = np.nan
POLARS = pl.from_pandas(TEXT)

RED = (CATEGORIES["color"] == "red").to_numpy().astype(int)
SIZE = RED * 2.0 + CATEGORIES["age"].to_numpy() / 100
SOME = np.where(np.arange(N) % 9, RED, -1)
THREE = np.where(RED, 2, CATEGORIES["age"] > 50)

SMALL = {
    "hidden_layer_sizes": (8,),
    "max_iter": 30,
    "learning_rate_init": 0.02,
    "random_state": 0,
    "early_stopping": False,
}


def net():
    return NumpyMLPClassifier(**SMALL)


def line():
    return NumpyMLPRegressor(**SMALL)


def ones(model):
    return np.ones(model.n_features_in_)


#: They hand on text as they got it.
TAKE_TEXT = {
    "bagging": (lambda: BaggingClassifier(net(), n_estimators=2, random_state=0), RED),
    "bagging, regressor": (lambda: BaggingRegressor(line(), n_estimators=2, random_state=0), SIZE),
    "AdaBoost": (lambda: AdaBoostClassifier(net(), n_estimators=2, random_state=0), RED),
    "AdaBoost, regressor": (lambda: AdaBoostRegressor(line(), n_estimators=2), SIZE),
    "voting": (lambda: VotingClassifier([("net", net())]), RED),
    "stacking": (lambda: StackingClassifier([("net", net())], cv=2), RED),
    "stacking, passthrough to a net": (
        lambda: StackingClassifier([("net", net())], net(), cv=2, passthrough=True),
        RED,
    ),
    "one versus rest": (lambda: OneVsRestClassifier(net()), THREE),
    "output codes": (lambda: OutputCodeClassifier(net(), random_state=0), THREE),
    "several classifiers": (lambda: MultiOutputClassifier(net()), np.c_[RED, RED]),
    "several regressors": (lambda: MultiOutputRegressor(line()), np.c_[SIZE, SIZE]),
    "threshold": (lambda: FixedThresholdClassifier(net()), RED),
    "tuned threshold": (lambda: TunedThresholdClassifierCV(net(), cv=2), RED),
    "target": (lambda: TransformedTargetRegressor(line()), SIZE),
    "calibration": (lambda: CalibratedClassifierCV(net(), cv=2), RED),
    "search": (lambda: GridSearchCV(net(), {"alpha": [1e-4, 1e-2]}, cv=2), RED),
    "select from model": (lambda: SelectFromModel(net(), importance_getter=ones), RED),
}

#: They take columns of a category dtype and frames of polars, and refuse pandas' columns of text.
TAKE_CATEGORIES = {
    "one versus one": (lambda: OneVsOneClassifier(net()), THREE),
    "self-training": (lambda: SelfTrainingClassifier(net()), SOME),
    "RANSAC": (lambda: RANSACRegressor(line(), min_samples=80, random_state=0), SIZE),
    "chain": (lambda: ClassifierChain(net()), np.c_[RED, RED]),
    "chain of regressors": (lambda: RegressorChain(line()), np.c_[SIZE, SIZE]),
    "RFE": (lambda: RFE(net(), importance_getter=ones, n_features_to_select=2), RED),
    "SFS": (lambda: SequentialFeatureSelector(net(), n_features_to_select=1, cv=2), RED),
}

#: They refuse both.
TAKE_NO_TEXT = {
    "RFECV": (lambda: RFECV(net(), importance_getter=ones, cv=2), RED),
    "boosting from an init": (lambda: GradientBoostingClassifier(init=net()), RED),
    "stacking, passthrough": (
        lambda: StackingClassifier([("net", net())], cv=2, passthrough=True),
        RED,
    ),
    "stacking, passthrough, regressor": (
        lambda: StackingRegressor([("net", line())], cv=2, passthrough=True),
        SIZE,
    ),
}

#: They take no gaps.
TAKE_NO_GAPS = ["AdaBoost", "AdaBoost, regressor", "chain", "chain of regressors"]


#: They take dates beside numbers in a frame of pandas only if one of its columns is a category.
TAKE_NO_DATES = [
    "bagging",
    "bagging, regressor",
    "AdaBoost",
    "AdaBoost, regressor",
    "output codes",
    "select from model",
    *TAKE_CATEGORIES,
]


def fitted(tool, X):
    """The tool, and how well it does: it has learned the colors."""
    make, y = tool
    model = make().fit(X, y)
    if hasattr(model, "transform") and not hasattr(model, "predict"):
        return 1.0 if np.shape(model.transform(X))[0] == N else 0.0
    known = y != -1
    return np.mean(np.abs(model.predict(X)[known] - y[known]) < 0.5)


@pytest.mark.parametrize("X", [TEXT, CATEGORIES, POLARS], ids=["text", "categories", "polars"])
@pytest.mark.parametrize("name", TAKE_TEXT)
def test_tools_that_take_text(name, X):
    if X is POLARS and name == "select from model":
        skip_unless_known()
    assert fitted(TAKE_TEXT[name], X) > 0.8


@pytest.mark.parametrize("name", TAKE_CATEGORIES)
def test_tools_that_take_categories(name):
    for X in (CATEGORIES, POLARS):
        assert fitted(TAKE_CATEGORIES[name], X) > 0.8
    with pytest.raises(ValueError, match="could not convert string to float: '(red|green|blue)'"):
        fitted(TAKE_CATEGORIES[name], TEXT)


@pytest.mark.parametrize("X", [TEXT, CATEGORIES, POLARS], ids=["text", "categories", "polars"])
@pytest.mark.parametrize("name", TAKE_NO_TEXT)
def test_tools_that_take_no_text(name, X):
    with pytest.raises(ValueError, match="could not convert string to float: '(red|green|blue)'"):
        fitted(TAKE_NO_TEXT[name], X)


@pytest.mark.parametrize("name", TAKE_TEXT | TAKE_CATEGORIES)
def test_gaps(name):
    tool, X = (TAKE_TEXT | TAKE_CATEGORIES)[name], GAPS
    if name in TAKE_NO_GAPS:
        with pytest.raises(ValueError, match="contains NaN"):
            fitted(tool, X)
    else:
        assert fitted(tool, X) > 0.8


@pytest.mark.parametrize("name", TAKE_TEXT | TAKE_CATEGORIES)
def test_dates(name):
    tool = (TAKE_TEXT | TAKE_CATEGORIES)[name]
    if name in TAKE_NO_DATES:
        with pytest.raises(TypeError, match="DateTime64DType"):
            fitted(tool, DATES)
    elif name != "stacking, passthrough to a net":
        assert fitted(tool, DATES) > 0.8


@pytest.mark.parametrize("model", [net(), line()])
def test_rfe_needs_to_be_told_the_importance(model):
    with pytest.raises(ValueError, match="importance_getter"):
        RFE(model).fit(POLARS, RED)


def test_they_hand_on_what_a_frame_would_say():
    model = BaggingClassifier(net(), n_estimators=2, random_state=0).fit(CATEGORIES, RED)
    for bag in model.estimators_:
        assert {"x1=red", "x1=blue", "x2"} <= set(bag.encoded_feature_names_)
