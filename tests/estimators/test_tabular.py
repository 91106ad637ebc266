"""TabularMLP*: what NumpyMLP* is tested for on frames, and what their defaults do."""

import importlib.util
import pickle
import sys
import threading
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, make_friedman1
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, KFold, train_test_split
from sklearn.utils.estimator_checks import parametrize_with_checks

import sknumpynet
from catalogue import options_for
from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.network import Workspace, rows_stand_alone
from sknumpynet.options import (
    PLAIN,
    TABULAR,
    average_of_weights,
    options_for_classes,
    options_of,
)

#: Fits of few epochs, which teach next to nothing.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Training was cut short by max_iter"),
    pytest.mark.filterwarnings("ignore:The network predicts no better than a constant"),
]

HERE = Path(__file__).parent
BOTH = [TabularMLPClassifier, TabularMLPRegressor]

X_cancer, y_cancer = load_breast_cancer(return_X_y=True)
X_friedman, y_friedman = make_friedman1(300, noise=0.3, random_state=0)

#: Of this file every test is run with the other two classes, ...
FILES = ("test_frames",)

#: ... but for those about rows of the first weights, or about L-BFGS, which dropout refuses.
NOT_THESE = {
    "test_a_row_of_weight_2_is_that_row_twice": "lbfgs, and dropout that is drawn for each row",
    "test_no_hidden_layer_is_logistic_regression_on_one_hot_columns": "lbfgs and dropout",
    "test_each_row_of_the_first_weights_has_a_name": "names of embedded numbers: below",
    "test_numbers_as_categories": "an embedding of numbers sees them without being told",
    "test_nothing_of_the_frame_is_changed_or_kept": "the sorted columns of quantile scaling",
    "test_the_column_behind_a_start_that_overflows_has_its_name": "cosines do not overflow",
}


def _tests_of(name):
    """The tests of a file, of which the names of the classes mean others."""
    spec = importlib.util.spec_from_file_location(f"tabular_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sknumpynet, "NumpyMLPClassifier", TabularMLPClassifier)
        patch.setattr(sknumpynet, "NumpyMLPRegressor", TabularMLPRegressor)
        spec.loader.exec_module(module)
    assert NOT_THESE.keys() <= vars(module).keys()
    for key, value in vars(module).items():
        if key.startswith("test_") and key not in NOT_THESE:
            for mark in module.pytestmark:
                value = mark(value)
            value = pytest.mark.slow(value)
            yield f"{key}__of_{name.removeprefix('test_')}", value


for _name in FILES:
    globals().update(_tests_of(_name))


@pytest.mark.slow
@parametrize_with_checks(
    [
        cls(
            hidden_layer_sizes=(16, 16), n_members=2, max_iter=40, learning_rate_init=0.01, n_bags=1
        )
        for cls in BOTH
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def small(cls, **options):
    given = {"hidden_layer_sizes": (32, 32), "n_members": 4, "max_iter": 15, "n_bags": 1}
    return cls(**given | options, random_state=0)


# What they are.


@pytest.mark.parametrize(
    ("cls", "parent"),
    [(TabularMLPClassifier, NumpyMLPClassifier), (TabularMLPRegressor, NumpyMLPRegressor)],
)
def test_they_differ_from_the_others_in_defaults_alone(cls, parent):
    assert issubclass(cls, parent)
    assert options_of(cls).keys() == options_of(parent).keys()
    mine, theirs = cls().get_params(), parent().get_params()
    assert {name for name in mine if mine[name] != theirs[name]} >= {
        "n_members", "numeric_embedding", "solver", "learning_rate", "warmup", "max_iter",
    }  # fmt: skip
    methods = {name for name in vars(cls) if callable(vars(cls)[name])}
    # Each class has a __replace__ of its own from Python 3.13 on.
    assert not methods - {"__init__", "__replace__", *(n for n in methods if n.startswith("set_"))}
    same = {name: value for name, value in mine.items() if name != "batch_size"}
    same |= {"max_iter": 3, "random_state": 0, "batch_size": 50, "n_bags": 1}
    same |= {"hidden_layer_sizes": (16, 16)}
    table, y = (X_cancer, y_cancer) if cls is BOTH[0] else (X_friedman, y_friedman)
    first, second = cls(**same).fit(table, y), parent(**same).fit(table, y)
    np.testing.assert_array_equal(first.network_.theta, second.network_.theta)


@pytest.mark.parametrize(
    ("n_rows", "batch", "epochs"),
    [
        (40, 40, 300),
        (60, 30, 300),
        (500, 32, 38),
        (1_000, 33, 20),
        (3_000, 32, 22),
        (8_000, 80, 20),
        (13_000, 130, 30),
        (26_000, 256, 30),
        (10**6, 256, 20),
    ],
)
def test_batches_and_epochs_by_the_number_of_rows(n_rows, batch, epochs):
    found = TABULAR.rows_of_a_batch(n_rows)
    assert found == pytest.approx(batch, rel=0.1)
    assert TABULAR.most_epochs(n_rows, found) == pytest.approx(epochs, rel=0.12)
    assert PLAIN.most_epochs(n_rows, PLAIN.rows_of_a_batch(n_rows)) == 200


@pytest.mark.parametrize(
    ("cls", "name"), [(c, n) for c, n in options_for(*BOTH) if n in ("max_iter", "batch_size")]
)
def test_auto_is_what_was_meant(cls, name):
    table, y = (X_cancer, y_cancer) if cls is BOTH[0] else (X_friedman, y_friedman)
    model = small(cls, max_iter="auto", early_stopping=False)
    found = model.fit(table, y)
    batch = TABULAR.rows_of_a_batch(len(y))
    given = {"max_iter": TABULAR.most_epochs(len(y), batch), "batch_size": batch}
    assert found.n_iter_ == given["max_iter"]
    other = clone(model).set_params(**{name: given[name]}).fit(table, y)
    np.testing.assert_array_equal(other.network_.theta, found.network_.theta)


@pytest.mark.parametrize("cls", BOTH)
def test_small_tables_have_small_layers(cls):
    """By the training rows of a model; nobody knows how many a stream will have."""
    X, y = make_friedman1(1115, random_state=0)
    y = y > 14 if cls is BOTH[0] else y
    options = {"n_members": 2, "max_iter": 1, "n_bags": 1, "random_state": 0}

    def widths(model):
        return [W.shape[1] for W in model.coefs_[:-1]]

    assert widths(cls(**options).fit(X[:1100], y[:1100])) == [64, 64]
    assert widths(cls(**options).fit(X, y)) == [128, 128, 128]
    classes = {} if cls is BOTH[1] else {"classes": [False, True]}
    assert widths(cls(**options).partial_fit(X[:60], y[:60], **classes)) == [128, 128, 128]
    found = cls(**options, warm_start=True).fit(X[:100], y[:100])
    theta = found.network_.theta.copy()
    assert widths(found.fit(X, y)) == [64, 64]
    assert (found.network_.theta != theta).any()


def test_an_epoch_of_many_rows_shows_some_of_them(monkeypatch):
    """Where its number is chosen by the rows: the steps of a fit have a limit."""
    auto = replace(TABULAR, most_shown=300, epochs=4, least_steps=((0, 0),))
    monkeypatch.setattr(TabularMLPRegressor, "_auto", auto)
    X, y = make_friedman1(1000, random_state=0)
    options = {"n_members": 2, "hidden_layer_sizes": (8,), "n_bags": 1, "random_state": 0}
    model = TabularMLPRegressor(**options, learning_rate="cosine")
    assert model.fit(X, y).t_ == 4 * 300
    assert clone(model).set_params(max_iter=4).fit(X, y).t_ == 4 * 900
    assert clone(model).set_params(shuffle=False).fit(X, y).t_ == 4 * 900
    assert model.fit(X[:300], y[:300]).t_ == 4 * 270


@pytest.mark.parametrize("kind", [None, "cosine", "piecewise_linear"])
def test_each_row_of_the_first_weights_has_a_name(kind):
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    levels = rng.choice([f"l{i}" for i in range(40)], 400)
    frame = pd.DataFrame({"a": rng.normal(size=400), "wide": levels, "b": rng.normal(size=400)})
    model = small(TabularMLPRegressor, numeric_embedding=kind, embedding_width=3, max_iter=6)
    model.fit(frame, frame["a"])
    names = model.encoded_feature_names_
    assert len(names) == len(set(names)) == len(model.coefs_[0])
    if kind is None:
        assert names[:3] == ["a", "b", "wide[0]"]
        return
    assert names[0] == "wide[0]"
    places = {"cosine": ["a[0]", "b[0]", "a[1]"], "piecewise_linear": ["a[0]", "a[1]", "a[2]"]}
    assert names[7:10] == places[kind]
    # Where only "a" moves, only its columns do.
    workspace = Workspace(model.network_, 2)
    x = np.array([[0.3, 0.5, 1], [0.9, 0.5, 1]], dtype="float32")
    for layer, p, ws in workspace.steps(2)[:2]:
        x = layer.forward(x, p, ws)
    moved = {name for name, differs in zip(names, x[0] != x[1], strict=True) if differs}
    assert moved
    assert all(name.startswith("a[") for name in moved)


# What holds of all estimators.


@pytest.mark.parametrize("cls", BOTH)
def test_the_same_bits_in_every_run_also_after_a_pickle(cls):
    table, y = (X_cancer, y_cancer) if cls is BOTH[0] else (X_friedman, y_friedman)
    model = small(cls).fit(table, y)
    again = clone(model).fit(table, y)
    np.testing.assert_array_equal(again.network_.theta, model.network_.theta)
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied.predict(table), model.predict(table))


@pytest.mark.parametrize("cls", BOTH)
def test_in_a_grid_search(cls):
    table, y = (X_cancer, y_cancer) if cls is BOTH[0] else (X_friedman, y_friedman)
    grid = {"n_members": [1, 3], "numeric_embedding": [None, "piecewise_linear"], "dropout": [0.2]}
    search = GridSearchCV(small(cls, max_iter=4), grid, cv=2, n_jobs=2).fit(table, y)
    assert np.isfinite(search.best_score_)


def test_interrupting_keeps_the_best_model():
    model = small(TabularMLPRegressor, max_iter=20)

    def interrupt(estimator, X, y):
        if threading.current_thread() is threading.main_thread():
            calls.append(1)
            if len(calls) == 5:
                raise KeyboardInterrupt
        return float(estimator.score(X, y))

    calls = []
    with pytest.warns(UserWarning, match="interrupted by user"):
        model.set_params(scoring=interrupt, early_stopping=True).fit(X_friedman, y_friedman)
    assert np.isfinite(model.predict(X_friedman)).all()


def test_diverging_keeps_the_best_model():
    model = small(TabularMLPRegressor, learning_rate_init=1e30, feature_scaling="standard")
    with pytest.warns(sknumpynet_warning(), match=r"diverged.*learning_rate_init"):
        model.fit(X_friedman, y_friedman)
    assert np.isfinite(model.predict(X_friedman)).all()


def sknumpynet_warning():
    from sklearn.exceptions import ConvergenceWarning

    return ConvergenceWarning


def test_a_schedule_that_comes_to_its_end_is_not_cut_short():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small(TabularMLPRegressor, max_iter=9).fit(X_friedman, y_friedman)


def test_better_than_the_plain_network_where_the_target_bends():
    table, y = make_friedman1(1500, noise=0.3, random_state=1)
    halves = train_test_split(table, y, random_state=0)
    score = [
        cls(random_state=0).fit(halves[0], halves[2]).score(halves[1], halves[3])
        for cls in (TabularMLPRegressor, NumpyMLPRegressor)
    ]
    assert score[0] > max(0.985, score[1])


# Bags.


@pytest.mark.parametrize(
    ("n_rows", "arguments", "options", "bagged"),
    [
        (200, {}, {}, True),
        (45, {}, {}, False),
        (1001, {}, {}, False),
        (200, {}, {"early_stopping": False}, False),
        (200, {}, {"warm_start": True}, False),
        (200, {"X_val": X_friedman, "y_val": y_friedman}, {}, False),
    ],
)
def test_small_tables_are_bagged(n_rows, arguments, options, bagged):
    table, y = make_friedman1(n_rows, random_state=0)
    model = small(TabularMLPRegressor, **{"n_bags": "auto", "max_iter": 2} | options)
    model.fit(table, y, **arguments)
    assert (model.oof_prediction_ is not None) == bagged
    assert len(model._models[1:]) == 4 * bagged


@pytest.mark.parametrize(
    ("n_rows", "n_others", "few"),
    [
        (2000, 100, True),
        (2000, 101, False),
        (5000, 250, True),
        (5001, 251, False),
        (15_000, 20, True),
        (15_001, 20, False),
        (1001, 50, True),
        (1000, 20, False),
    ],
)
def test_where_few_rows_are_of_other_classes(n_rows, n_others, few):
    assert options_for_classes(TabularMLPClassifier(), n_rows, n_others)._auto == (
        TABULAR.few if few else TABULAR
    )
    for other in (
        NumpyMLPClassifier(),
        TabularMLPClassifier(n_bags=1),
        TabularMLPClassifier(early_stopping=False),
        TabularMLPClassifier(warm_start=True),
        *[TabularMLPClassifier(n_bags=5)] * (n_rows > 15_000),
    ):
        assert options_for_classes(other, n_rows, n_others) is other


@pytest.mark.slow
def test_few_rows_of_other_classes_make_bags_of_small_networks():
    table, noise = make_friedman1(1200, random_state=0)
    y = np.where(noise > np.quantile(noise, 0.97), "high", "not")
    y[noise < np.quantile(noise, 0.01)] = "low"
    model = TabularMLPClassifier(n_members=2, random_state=0, learning_rate="cosine")
    model.fit(table, y)
    assert len(model._models) == 5
    assert model.oof_prediction_.shape == (1200, 3)
    assert [W.shape[1] for W in model.coefs_[:-1]] == [64, 64]
    # 600 steps of 120 of its 960 rows, which are fewer than an epoch may show.
    assert model.n_iter_ == 75
    assert model.t_ == 75 * 960
    assert model._auto is TABULAR

    def n_models(X, y, cls=TabularMLPClassifier, **arguments):
        return len(cls(n_members=2, max_iter=1, random_state=0).fit(X, y, **arguments)._models)

    assert n_models(table, y, X_val=table[:60], y_val=y[:60]) == 1
    assert n_models(table, noise > np.median(noise)) == 1
    assert n_models(table, np.column_stack([y, y])) == 1
    assert n_models(table, (y == "high").astype(float), TabularMLPRegressor) == 1


def test_copies_of_a_few_rows_are_not_bagged():
    model = small(TabularMLPRegressor, n_bags="auto", max_iter=2)
    model.fit(np.repeat(X_friedman[:9], 20, axis=0), np.repeat(y_friedman[:9], 20))
    assert model.oof_prediction_ is None


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize("cls", BOTH)
def test_bags_average_the_models_of_all_parts(cls, n_jobs):
    table, y = (X_cancer, y_cancer) if cls is BOTH[0] else (X_friedman, y_friedman)
    model = small(cls, n_bags=4, n_jobs=n_jobs, max_iter=5).fit(table, y)
    predict = "predict_proba" if cls is BOTH[0] else "predict"
    alone = [getattr(model._with_model(m, named=True), predict)(table) for m in model._models]
    assert len(alone) == 4
    np.testing.assert_allclose(getattr(model, predict)(table), np.mean(alone, axis=0), rtol=1e-6)
    # Each row was left out by the model whose prediction is kept for it.
    kept = model.oof_prediction_
    from_one = np.stack([np.isclose(one, kept).reshape(len(y), -1).all(axis=1) for one in alone])
    assert (from_one.sum(axis=0) >= 1).all()
    shares = from_one.mean(axis=1)
    assert shares == pytest.approx(0.25, abs=0.02)


def test_bags_of_a_frame_with_weights_and_equal_rows():
    pd = pytest.importorskip("pandas")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=90), "b": rng.choice(["x", "y", None], 90)})
    frame = pd.concat([frame, frame[:30]], ignore_index=True)
    y = (frame["a"] + (frame["b"] == "x") > 0.5).to_numpy()
    weight = np.where(np.arange(120) % 10 == 0, 0.0, 1.0)
    model = small(TabularMLPClassifier, n_bags=3, max_iter=5).fit(frame, y, weight)
    assert np.array_equal(np.isnan(model.oof_prediction_).any(axis=1), weight == 0)
    # Equal rows are left out together.
    both = [i for i in range(30) if weight[i] and weight[90 + i]]
    twin = [90 + i for i in both]
    # To the bit where the BLAS allows it, else to what is promised.
    atol = 0.0 if rows_stand_alone(np.dtype("float32")) else 1e-12
    found, expected = model.oof_prediction_[both], model.oof_prediction_[twin]
    np.testing.assert_allclose(found, expected, rtol=0, atol=atol)


def test_bags_have_what_cross_validation_finds():
    """Out-of-fold predictions are as good as those of scikit-learn's own folds."""
    model = small(TabularMLPClassifier, n_bags=5).fit(X_cancer, y_cancer)
    mine = log_loss(y_cancer, model.oof_prediction_)
    folds = KFold(5, shuffle=True, random_state=0)
    theirs = np.mean(
        [
            log_loss(
                y_cancer[test],
                small(TabularMLPClassifier)
                .fit(X_cancer[train], y_cancer[train], X_val=X_cancer[test], y_val=y_cancer[test])
                .predict_proba(X_cancer[test]),
            )
            for train, test in folds.split(X_cancer)
        ]
    )
    assert mine == pytest.approx(theirs, rel=0.4)
    assert mine < 0.2


@pytest.mark.parametrize(
    ("options", "arguments", "message"),
    [
        ({}, {"X_val": X_cancer, "y_val": y_cancer}, "n_bags=3 cannot be combined with X_val"),
        ({"n_bags": 400}, {}, "n_bags=400 leaves less than two"),
    ],
)
def test_what_bags_do_not_go_with(options, arguments, message):
    model = small(TabularMLPClassifier, **{"n_bags": 3} | options)
    with pytest.raises(ValueError, match=message):
        model.fit(X_cancer, y_cancer, **arguments)
    with pytest.raises(ValueError, match="n_bags=3 cannot be combined with partial_fit"):
        small(TabularMLPClassifier, n_bags=3).partial_fit(X_cancer, y_cancer, classes=[0, 1])


@pytest.mark.parametrize("n_first", [1, 20])
def test_a_stream_whose_first_rows_say_nothing(n_first):
    """A column that is constant at first may say everything later."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(300, 3))
    y = 2 * table[:, 0] + table[:, 1] ** 2
    model = small(TabularMLPRegressor).partial_fit(table[:1].repeat(n_first, axis=0), y[:n_first])
    for _ in range(150):
        model.partial_fit(table, y)
    assert model.score(table, y) > 0.5


# Calibration.


@pytest.mark.parametrize("n_members", [1, 4])
def test_calibration_divides_raw_scores_by_what_the_validation_rows_like_best(n_members):
    """A network that has learned its training rows by heart is too sure of itself."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(1200, 10))
    y = np.where(rng.random(1200) < 0.3, rng.integers(0, 3, 1200), (table[:, 0] > 0).astype(int))
    train, test = slice(0, 150), slice(600, 1200)
    given = {"X_val": table[150:600], "y_val": y[150:600]}
    options = {"early_stopping": False, "max_iter": 150, "n_members": n_members, "dropout": 0}
    losses = {}
    for calibrate in (False, True):
        model = small(TabularMLPClassifier, calibrate=calibrate, **options)
        model.fit(table[train], y[train], **given)
        losses[calibrate] = log_loss(y[test], model.predict_proba(table[test]))
    assert losses[True] < 0.8 * losses[False]


@pytest.mark.parametrize("calibrate", [True, "auto"])
def test_bags_have_one_temperature_by_the_rows_that_each_left_out(calibrate):
    rng = np.random.default_rng(0)
    table = rng.normal(size=(240, 8))
    y = np.where(rng.random(240) < 0.3, rng.integers(0, 3, 240), (table[:, 0] > 0).astype(int))
    # Trained to the end, which is too far: the scorer says that the last epoch is the best.
    epochs = iter(range(10**6))
    options = {"max_iter": 60, "n_bags": 3, "scoring": lambda *_: next(epochs), "dropout": 0.0}
    plain, scaled = (
        small(TabularMLPClassifier, calibrate=c, **options).fit(table, y)
        for c in (False, calibrate)
    )
    ratios = [
        ours.network.parameters()[-1].W / theirs.network.parameters()[-1].W
        for ours, theirs in zip(plain._models, scaled._models, strict=True)
    ]
    temperature = float(ratios[0].flat[0])
    assert temperature > 1.2
    for ratio in ratios:
        np.testing.assert_allclose(ratio, temperature, rtol=1e-4)
    losses = [log_loss(y, model.oof_prediction_) for model in (scaled, plain)]
    assert losses[0] < 0.97 * losses[1]


def test_auto_calibrates_bags_alone():
    y, options = y_friedman > 14, {"max_iter": 5, "n_bags": 1}
    auto, plain = (
        small(TabularMLPClassifier, calibrate=c, **options).fit(X_friedman, y)
        for c in ("auto", False)
    )
    np.testing.assert_array_equal(auto.network_.theta, plain.network_.theta)


def test_calibration_finds_the_temperature():
    """Labels drawn from known probabilities, the model's raw scores three times too large."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(20_000, 1))
    y = (rng.random(20_000) < 1 / (1 + np.exp(-table[:, 0]))).astype(int)
    options = {"feature_scaling": None, "early_stopping": False, "warm_start": True}
    options |= {"solver": "sgd", "learning_rate_init": 1e-12, "max_iter": 1, "alpha": 0}
    model = NumpyMLPClassifier((), **options, dtype="float64")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(table[:50], y[:50])
        model.coefs_[0][...], model.intercepts_[0][...] = 3.0, 0.0
        model.set_params(calibrate=True)
        model.fit(table[:50], y[:50], X_val=table, y_val=y)
    assert model.coefs_[0].item() == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_calibration_without_validation_rows_is_told(solver, few):
    n = 20 if few else 100
    table, y = np.random.default_rng(0).normal(size=(n, 3)), np.arange(n) % 2
    early_stopping = "auto" if few or solver == "lbfgs" else False
    options = {"early_stopping": early_stopping, "solver": solver, "max_iter": 200}
    model = NumpyMLPClassifier((5,), calibrate=True, **options, random_state=0)

    def told(*data, **given):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(*data, **given)
        return [w for w in caught if not issubclass(w.category, ConvergenceWarning)]

    (warning,) = told(table, y)
    assert warning.category is UserWarning
    assert "calibrate=True does nothing without" in str(warning.message)
    assert "Pass X_val and y_val to fit, or set early_stopping=True" in str(warning.message)
    assert warning.filename == __file__
    assert told(table, y, X_val=table, y_val=y) == []
    model.set_params(early_stopping=True)
    assert told(table, y) == []


def test_of_a_stream_calibration_is_told_once():
    table, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
    model = NumpyMLPClassifier((5,), calibrate=True, random_state=0)
    with pytest.warns(UserWarning, match="partial_fit has none. Set calibrate=False") as caught:
        model.partial_fit(table, y, classes=[0, 1])
    assert [w.filename for w in caught] == [__file__]
    # Warnings are errors in these tests.
    model.partial_fit(table, y)


# Averaged weights.


@pytest.mark.parametrize(
    ("n_rows", "batch_size", "decay"),
    [(330, 32, 0.95), (1600, 32, 0.98), (26_000, "auto", 0.99), (200, 200, 0.95)],
)
def test_weights_are_averaged_over_an_epoch_of_20_to_100_steps(n_rows, batch_size, decay):
    options = TabularMLPRegressor(batch_size=batch_size)
    for early_stopping in (True, False):
        found = average_of_weights(
            options, n_rows, incremental=False, early_stopping=early_stopping
        )
        assert found == pytest.approx(decay)
    stream = {"incremental": True, "early_stopping": False}
    assert average_of_weights(options, n_rows, **stream) is None
    for solver in ("lbfgs", "schedule_free"):
        options.set_params(solver=solver)
        whole = {"incremental": False, "early_stopping": True}
        assert average_of_weights(options, n_rows, **whole) is None
    options.set_params(ema_decay=0.5)
    assert average_of_weights(options, n_rows, **stream) == 0.5


@pytest.mark.parametrize("estimator", BOTH)
def test_they_are_what_auto_says(estimator):
    y = y_friedman > 14 if estimator is TabularMLPClassifier else y_friedman
    options = {"max_iter": 2, "hidden_layer_sizes": (8,), "n_bags": 1, "random_state": 0}
    auto, given, last = (
        estimator(**options, **ema).fit(X_friedman, y).network_.theta
        for ema in ({}, {"ema_decay": 0.95}, {"ema_decay": None})
    )
    np.testing.assert_array_equal(auto, given)
    assert not np.array_equal(auto, last)
    for solver in ("lbfgs", "schedule_free"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator(**options, solver=solver, dropout=0.0).fit(X_friedman, y)


# Where there is a single model.


@pytest.mark.parametrize("estimator", BOTH)
def test_rows_to_validate_on_decide_nothing_without_early_stopping(estimator):
    y = y_friedman > 14 if estimator is TabularMLPClassifier else y_friedman
    options = {"early_stopping": False, "max_iter": 3, "hidden_layer_sizes": (8,)}
    plain, watched = (estimator(**options, random_state=0) for _ in range(2))
    plain.fit(X_friedman, y)
    watched.fit(X_friedman, y, X_val=X_friedman[::3], y_val=y[::3])
    np.testing.assert_array_equal(watched.network_.theta, plain.network_.theta)
    assert np.isfinite(watched.history_["validation_loss"]).all()


@pytest.mark.parametrize("estimator", BOTH)
def test_going_on_is_a_single_model(estimator):
    y = y_friedman > 14 if estimator is TabularMLPClassifier else y_friedman
    options = {"max_iter": 2, "hidden_layer_sizes": (8,), "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        assert estimator(**options).fit(X_friedman, y).oof_prediction_ is not None
        warm = estimator(**options, warm_start=True).fit(X_friedman, y)
    given = {"classes": [False, True]} if estimator is TabularMLPClassifier else {}
    stream = estimator(**options).partial_fit(X_friedman, y, **given)
    for model in (warm, stream):
        assert model._models[1:] == ()
        assert model.oof_prediction_ is None


@pytest.mark.parametrize("going_on", ["partial_fit", "warm_start"])
def test_bags_of_few_rows_of_a_class_go_on_with_their_layers(going_on):
    table, noise = make_friedman1(1200, random_state=0)
    y = noise > np.quantile(noise, 0.97)
    model = TabularMLPClassifier(n_members=2, max_iter=1, random_state=0).fit(table, y)
    assert len(model._models) == 5
    shapes = [W.shape for W in model.coefs_]
    if going_on == "partial_fit":
        model.partial_fit(table[:600], y[:600])
    else:
        model.set_params(warm_start=True).fit(table, y)
    assert [W.shape for W in model.coefs_] == shapes
    # Another network is still refused.
    with pytest.raises(ValueError, match="whose activation was"):
        model.set_params(activation="tanh").partial_fit(table, y)
