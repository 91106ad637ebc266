"""The estimators in scikit-learn's tools, on frames."""

import numpy as np
import pytest
import sklearn
from scipy.sparse import csr_array
from scipy.stats import loguniform
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import (
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingRandomSearchCV,
    cross_validate,
    learning_curve,
    train_test_split,
)
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from catalogue import FEATURE_SCALINGS
from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

pd = pytest.importorskip("pandas")

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Worker processes of joblib do not inherit the filters of pytest.
    pytest.mark.filterwarnings("ignore:A worker stopped while some jobs:UserWarning"),
]

X_cancer, y_cancer = load_breast_cancer(return_X_y=True, as_frame=True)
X_cancer = X_cancer.iloc[:, :8]
X_diabetes, y_diabetes = load_diabetes(return_X_y=True, as_frame=True, scaled=False)


def classifier(**options):
    return NumpyMLPClassifier(
        **{"hidden_layer_sizes": (20,), "max_iter": 40, "learning_rate_init": 0.01} | options,
        random_state=0,
    )


def regressor(**options):
    return NumpyMLPRegressor(
        **{"hidden_layer_sizes": (20,), "max_iter": 40, "learning_rate_init": 0.01} | options,
        random_state=0,
    )


def column_transformer_pipeline():
    X = X_cancer.assign(size=np.where(X_cancer["mean area"] > 600, "large", "small"))
    X.loc[3, "size"] = "huge"
    columns = ColumnTransformer(
        [
            ("categories", OneHotEncoder(handle_unknown="ignore"), ["size"]),
            ("numbers", "passthrough", list(X_cancer.columns)),
        ]
    )
    model = make_pipeline(columns, classifier()).fit(X, y_cancer)
    return model.score(X, y_cancer), 0.9


def sparse_column_transformer_pipeline():
    X = pd.DataFrame({"a": y_diabetes.round(-1).astype(str), "b": X_diabetes["bmi"]})
    columns = ColumnTransformer(
        [("a", OneHotEncoder(), ["a"]), ("b", "passthrough", ["b"])], sparse_threshold=1.0
    )
    model = make_pipeline(columns, regressor()).fit(X, y_diabetes)
    return model.score(X, y_diabetes), 0.8


def in_cross_validate():
    found = cross_validate(classifier(), X_cancer, y_cancer, cv=3, scoring=["roc_auc", "accuracy"])
    return found["test_accuracy"].mean(), 0.9


def grid_search_over_a_pipeline():
    model = make_pipeline(StandardScaler(), classifier())
    grid = {
        "numpymlpclassifier__hidden_layer_sizes": [(5,), (10, 5)],
        "numpymlpclassifier__activation": ["relu", "tanh"],
        "numpymlpclassifier__alpha": [1e-4, 1.0],
    }
    search = GridSearchCV(model, grid, cv=3, n_jobs=2).fit(X_cancer, y_cancer)
    return search.best_score_, 0.9


def halving_random_search():
    space = {"alpha": loguniform(1e-5, 10), "hidden_layer_sizes": [(5,), (20,)]}
    search = HalvingRandomSearchCV(classifier(), space, cv=3, random_state=0, min_resources=60)
    return search.fit(X_cancer, y_cancer).best_score_, 0.85


def calibrated():
    model = CalibratedClassifierCV(classifier(), cv=3).fit(X_cancer, y_cancer)
    return model.score(X_cancer, y_cancer), 0.9


def bagging_classifier():
    model = BaggingClassifier(classifier(), n_estimators=4, random_state=0)
    return model.fit(X_cancer, y_cancer).score(X_cancer, y_cancer), 0.9


def bagging_regressor_with_weights():
    model = BaggingRegressor(regressor(), n_estimators=4, random_state=0)
    w = np.random.default_rng(0).integers(0, 3, len(y_diabetes)).astype(float)
    model.fit(X_diabetes, y_diabetes, sample_weight=w)
    return model.score(X_diabetes, y_diabetes), 0.4


def ada_boost_regressor():
    model = AdaBoostRegressor(regressor(), n_estimators=4, random_state=0)
    return model.fit(X_diabetes, y_diabetes).score(X_diabetes, y_diabetes), 0.4


def stacking():
    model = StackingClassifier(
        [("net", classifier()), ("line", make_pipeline(StandardScaler(), LogisticRegression()))],
        cv=3,
    )
    return model.fit(X_cancer, y_cancer).score(X_cancer, y_cancer), 0.9


def multi_output_regressor():
    Y = pd.DataFrame({"a": y_diabetes, "b": -3 * y_diabetes + X_diabetes["bmi"]})
    return MultiOutputRegressor(regressor()).fit(X_diabetes, Y).score(X_diabetes, Y), 0.4


def transformed_target():
    model = TransformedTargetRegressor(regressor(), func=np.log, inverse_func=np.exp)
    return model.fit(X_diabetes, y_diabetes).score(X_diabetes, y_diabetes), 0.4


def importance_by_permutation():
    model = regressor().fit(X_diabetes, y_diabetes)
    found = permutation_importance(model, X_diabetes, y_diabetes, n_repeats=3, random_state=0)
    best = X_diabetes.columns[found.importances_mean.argmax()]
    assert best in ("bmi", "s5", "s1")
    return found.importances_mean.max(), 0.05


def partial_dependence():
    plt = pytest.importorskip("matplotlib.pyplot")
    model = regressor().fit(X_diabetes, y_diabetes)
    display = PartialDependenceDisplay.from_estimator(model, X_diabetes, ["bmi"])
    curve = display.pd_results[0]["average"][0]
    plt.close(display.figure_)
    return curve[-1] - curve[0], 20.0


def curve_of_learning():
    _, _, test = learning_curve(
        classifier(), X_cancer, y_cancer, cv=3, train_sizes=[0.3, 1.0], shuffle=True, random_state=0
    )
    return test[-1].mean(), 0.9


@pytest.mark.parametrize(
    "workflow",
    [
        column_transformer_pipeline,
        sparse_column_transformer_pipeline,
        in_cross_validate,
        grid_search_over_a_pipeline,
        halving_random_search,
        calibrated,
        bagging_classifier,
        bagging_regressor_with_weights,
        ada_boost_regressor,
        stacking,
        multi_output_regressor,
        transformed_target,
        importance_by_permutation,
        partial_dependence,
        curve_of_learning,
    ],
    ids=lambda f: f.__name__,
)
def test_workflow(workflow):
    reached, least = workflow()
    assert reached > least


def test_bagging_passes_the_weights_on():
    # With weights 0 for the upper half of y, no bag may learn from it.
    high = (y_diabetes > y_diabetes.median()).to_numpy()
    model = BaggingRegressor(regressor(), n_estimators=3, random_state=0)
    model.fit(X_diabetes, y_diabetes, sample_weight=(~high).astype(float))
    assert model.predict(X_diabetes).mean() < y_diabetes[~high].mean() + 10


def test_metadata_routing():
    w = np.where(y_cancer == 1, 5.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = classifier().set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=False)
        routed = GridSearchCV(model, {"alpha": [1e-4]}, cv=3)
        routed.fit(X_cancer, y_cancer, sample_weight=w)
    direct = classifier().fit(X_cancer, y_cancer, w)
    np.testing.assert_array_equal(routed.predict_proba(X_cancer), direct.predict_proba(X_cancer))


def test_validation_frames_reach_fit_through_a_pipeline():
    model = make_pipeline(classifier(early_stopping=True))
    model.fit(
        X_cancer[:400],
        y_cancer[:400],
        numpymlpclassifier__X_val=X_cancer[400:],
        numpymlpclassifier__y_val=y_cancer[400:],
    )
    assert model[-1].best_validation_score_ > -0.5


def scaled_and_split(container=np.asarray):
    """Rows behind a scaler, and rows to validate on, raw and scaled."""
    X, X_val, y, y_val = train_test_split(X_cancer, y_cancer, random_state=0)
    scaler = StandardScaler().fit(X)
    scaled = scaler.transform(X), scaler.transform(X_val)
    return X, X_val, y, y_val, *map(container, scaled)


@pytest.mark.parametrize("model", [classifier, regressor])
def test_a_pipeline_transforms_the_validation_rows(model):
    X, X_val, y, y_val, scaled, scaled_val = scaled_and_split()
    by_hand = model(early_stopping=True).fit(scaled, y, X_val=scaled_val, y_val=y_val)
    with sklearn.config_context(enable_metadata_routing=True):
        net = model(early_stopping=True).set_fit_request(X_val=True, y_val=True)
        pipeline = make_pipeline(StandardScaler(), net, transform_input=["X_val"])
        pipeline.fit(X, y, X_val=X_val, y_val=y_val)
    assert pipeline[-1].history_["validation_loss"] == by_hand.history_["validation_loss"]
    np.testing.assert_array_equal(pipeline.predict(X_val), by_hand.predict(scaled_val))


@pytest.mark.parametrize("model", [classifier, regressor])
@pytest.mark.parametrize("feature_scaling", FEATURE_SCALINGS)
@pytest.mark.parametrize("container", [np.asarray, csr_array])
def test_validation_rows_that_were_not_scaled(model, feature_scaling, container):
    _, X_val, y, y_val, scaled, scaled_val = scaled_and_split(container)
    raw = container(X_val)
    net = model(feature_scaling=feature_scaling, max_iter=2)
    net.fit(scaled, y, X_val=scaled_val, y_val=y_val)  # a warning is an error
    before = dict(net.__dict__)
    with pytest.warns(UserWarning, match="X_val does not look like X") as caught:
        net.fit(scaled, y, X_val=raw, y_val=y_val)
    message = str(next(w for w in caught if "X_val" in str(w.message)).message)
    # mean area: 655 on average, 143 to 2501.
    assert "Column 3 runs from" in message
    area, unit = X_val["mean area"], container(scaled)[:, [3]]
    assert f"its mean lies {area.mean():.3g} standard deviations from that of X" in message
    assert f"from {area.min():.4g} to {area.max():.4g} in X_val" in message
    assert f"from {unit.min():.4g} to {unit.max():.4g} in X;" in message
    assert "transform_input=['X_val']" in message
    # It points to the line that calls fit, and comes before anything has changed.
    assert caught[0].filename == __file__
    net.__dict__ = dict(before)
    with pytest.raises(UserWarning, match="does not look like"):
        net.fit(scaled, y, X_val=raw, y_val=y_val)
    assert net.__dict__ == before


@pytest.mark.filterwarnings("ignore:X has feature names, but Numpy")
def test_the_column_of_validation_rows_has_its_name():
    X, X_val, y, y_val, *_ = scaled_and_split()
    model = make_pipeline(StandardScaler(), classifier())
    given = {"numpymlpclassifier__X_val": X_val, "numpymlpclassifier__y_val": y_val}
    with pytest.warns(UserWarning, match="far away. Column 'mean area' runs from"):
        model.fit(X, y, **given)
    # Columns of a small spread: all rows look like the mean row.
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    model = make_pipeline(StandardScaler(), regressor())
    given = {"numpymlpregressor__X_val": X[350:], "numpymlpregressor__y_val": y[350:]}
    with pytest.warns(UserWarning, match="10 of 10 columns are nearly constant.*times closer"):
        model.fit(X[:350], y[:350], **given)


def test_frames_keep_their_names():
    model = regressor().fit(X_diabetes, y_diabetes)
    assert list(model.feature_names_in_) == list(X_diabetes.columns)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X_diabetes[X_diabetes.columns[::-1]])
    assert "NumpyMLPRegressor" in model._repr_html_()
    history = pd.DataFrame(model.history_)
    assert list(history) == [
        "epoch", "loss", "validation_loss", "score", "learning_rate", "seconds",
    ]  # fmt: skip
    assert list(history["epoch"]) == list(range(1, model.n_iter_ + 1))
