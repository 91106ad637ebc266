"""``report_``: what became of a frame, which rows, which epoch, and losses beside simple models."""

import pickle
import threading
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.datasets import load_breast_cancer, make_friedman1
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.fitting import linear
from sknumpynet.losses import BinaryLogLoss, MulticlassLogLoss

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.default_rng(0)
N = 200
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 15, "random_state": 0}


@pytest.fixture(scope="module")
def frame():
    pd = pytest.importorskip("pandas")
    gaps = RNG.normal(size=N)
    gaps[:7] = np.nan
    return pd.DataFrame(
        {
            "plain": RNG.normal(size=N),
            "gaps": gaps,
            "money": [f"${v:,.2f}" for v in RNG.uniform(1, 5000, N)],
            "sex": RNG.choice(["m", "f"], N),
            "color": RNG.choice(["r", "g", "b", "y"], N),
            "rare": ["a"] * 99 + ["b"] * 99 + ["c", "d"],
            "id": [f"u{j:05x}z" for j in RNG.permutation(10**6)[:N]],
            "same": 3.0,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N), "D"),
        }
    )


@pytest.fixture(scope="module")
def fitted(frame):
    y = frame["plain"] + (frame["sex"] == "m")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return NumpyMLPRegressor(**SMALL).fit(frame, y)


def test_each_column_is_there_with_what_it_became(fitted, frame):
    columns = {column.name: column for column in fitted.report_.columns}
    assert list(columns) == list(frame.columns)
    assert columns["plain"].became == columns["money"].became == "number"
    assert (columns["gaps"].missing, columns["gaps"].inputs) == (7, 2)
    assert "text" in columns["money"].why
    assert columns["sex"].became == "two levels"
    assert columns["color"].became == "one-hot of 4"
    assert columns["same"].became == "constant"
    assert columns["day"].became == "date"
    assert columns["id"].left_out
    assert "row" in columns["id"].why


def test_levels_that_are_rare_are_counted(frame):
    model = NumpyMLPRegressor(early_stopping=False, **SMALL).fit(frame[["rare"]], np.arange(N) % 2)
    (column,) = model.report_.columns
    assert (column.pooled_levels, column.pooled_rows) == (2, 2)


def test_the_inputs_are_those_of_the_network(fitted):
    n_inputs = sum(column.inputs for column in fitted.report_.columns)
    assert n_inputs == len(fitted.encoded_feature_names_) == len(fitted.coefs_[0])


def test_as_frame_has_a_row_for_each_column(fitted, frame):
    table = fitted.report_.as_frame()
    assert table["name"].tolist() == list(frame.columns)
    assert {"became", "why", "missing", "pooled_rows"} <= set(table.columns)


def test_rows_are_counted():
    X, y = make_friedman1(160, random_state=0)
    weight = np.ones(160)
    weight[140:150] = 0
    report = NumpyMLPRegressor(**SMALL).fit(X, y, sample_weight=weight).report_
    (model,) = report.models
    assert (report.n_rows, report.n_without_weight) == (160, 10)
    assert model.n_trained + model.n_held_out == 150
    assert model.n_held_out > 0
    assert model.n_merged == 0
    twice = NumpyMLPRegressor(solver="lbfgs", **SMALL).fit(np.tile(X, (2, 1)), np.tile(y, 2))
    assert (twice.report_.models[0].n_trained, twice.report_.models[0].n_merged) == (320, 160)


def test_the_kept_epoch_is_that_of_the_lowest_validation_loss():
    X, y = make_friedman1(200, random_state=0)
    model = NumpyMLPRegressor(random_state=0, n_iter_no_change=3).fit(X, y)
    assert model.best_iteration_ == 1 + int(np.argmin(model.history_["validation_loss"]))
    (of_model,) = model.report_.models
    assert (of_model.kept, of_model.n_iter) == (model.best_iteration_, model.n_iter_)
    assert of_model.validation.network == pytest.approx(min(model.history_["validation_loss"]))


def test_the_losses_are_those_of_the_network_and_of_a_constant():
    X, y = load_breast_cancer(return_X_y=True)
    model = NumpyMLPClassifier(early_stopping=False, **SMALL).fit(X, y)
    (of_model,) = model.report_.models
    training = of_model.training
    assert of_model.validation is None
    assert training.network == pytest.approx(log_loss(y, model.predict_proba(X)), rel=1e-4)
    assert training.constant == pytest.approx(log_loss(y, np.full(len(y), y.mean())), rel=1e-4)


@pytest.mark.parametrize("classes", [2, 3, None])
def test_the_linear_model_is_scikit_learns(classes, monkeypatch):
    monkeypatch.setattr(linear, "SHARE", 1e6)
    X, z = make_friedman1(300, random_state=0)
    # Without scaling a column of two values would be made zeros and ones.
    scaled = StandardScaler().fit_transform(X)
    options = SMALL | {"early_stopping": False, "feature_scaling": None}
    if classes is None:
        y = (z - z.mean()) / z.std()
        model = NumpyMLPRegressor(**options).fit(scaled, y)
        expected = np.mean((Ridge().fit(scaled, y).predict(scaled) - y) ** 2) / 2
    else:
        y = np.digitize(z, np.quantile(z, np.linspace(0, 1, classes + 1)[1:-1]))
        model = NumpyMLPClassifier(**options).fit(scaled, y)
        peer = LogisticRegression(max_iter=linear.ITERATIONS).fit(scaled, y)
        expected = log_loss(y, peer.predict_proba(scaled))
    (of_model,) = model.report_.models
    assert of_model.why_no_linear == ""
    assert of_model.training.linear == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_ridge_is_scikit_learns(weighted):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(60, 4)), rng.normal(size=(60, 2))
    weight = rng.uniform(0.1, 3, 60) if weighted else None
    found, peer = linear.ridge(X, y, weight), Ridge().fit(X, y, weight)
    assert_allclose(found.scores(X), peer.predict(X), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("loss", "n_classes"), [(BinaryLogLoss(), 2), (MulticlassLogLoss(3), 3)])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_logistic_regression_is_scikit_learns(loss, n_classes, weighted):
    rng = np.random.default_rng(1)
    y = np.arange(90) % n_classes
    X = rng.normal(size=(90, 4)) + y[:, np.newaxis]
    weight = rng.uniform(0.1, 3, 90) if weighted else np.ones(90)
    # The penalty is that of weights of mean 1.
    weight /= weight.mean()
    codes = y if n_classes > 2 else y[:, np.newaxis].astype(float)
    found = linear.logistic(X, codes, weight, loss, loss.n_raw(1)).scores(X)
    wanted = LogisticRegression(tol=1e-8, max_iter=1000).fit(X, y, weight).predict_proba(X)
    if n_classes == 2:
        found = np.hstack([np.zeros_like(found), found])
    assert_allclose(softmax(found, axis=1), wanted, atol=2e-3)


def test_a_fit_in_a_thread_leaves_the_filters_of_warnings(monkeypatch):
    """They are those of the process: of two threads that change them one is never undone."""
    monkeypatch.setattr(linear, "SHARE", 1e6)
    X, y = make_friedman1(150, random_state=0)
    ignored, fitted = [], []
    simplefilter = warnings.simplefilter

    def noted(action, category=Warning, *args, **options):
        # scikit-learn's validation makes an error of one category for a moment.
        ignored.extend([category] if action == "ignore" else [])
        simplefilter(action, category, *args, **options)

    monkeypatch.setattr(warnings, "simplefilter", noted)
    thread = threading.Thread(target=lambda: fitted.append(NumpyMLPRegressor(**SMALL).fit(X, y)))
    thread.start()
    thread.join()
    assert fitted[0].report_.models[0].training.linear is not None
    assert ignored == []


@pytest.mark.parametrize(
    ("options", "why"),
    [({}, "2%"), ({"loss": "huber"}, "no linear model")],
)
def test_why_there_is_no_linear_model(options, why):
    X, y = make_friedman1(100, random_state=0)
    model = NumpyMLPRegressor(**SMALL | {"max_iter": 1}, **options).fit(X, y)
    assert why in model.report_.models[0].why_no_linear
    assert why in repr(model.report_)


def test_bags_have_a_report_each():
    X, y = make_friedman1(120, random_state=0)
    report = TabularMLPRegressor(**SMALL | {"max_iter": 2}, n_bags=3).fit(X, y).report_
    assert len(report.models) == 3
    assert "3 models" in repr(report)


def test_a_stream_says_what_is_not_fixed_yet():
    X, y = make_friedman1(120, random_state=0)
    X[:60, 2] = 1.0
    model = NumpyMLPRegressor(**SMALL)
    whys = []
    for part in (slice(0, 60), slice(60, 120)):
        model.partial_fit(X[part], y[part])
        assert model.report_.stream
        whys.append([column.why for column in model.report_.columns])
    assert "not fixed" in whys[0][2]
    assert not any(whys[1])


def test_a_column_without_a_value_reads_only_numbers_in_a_stream(frame):
    X = frame[["plain", "money"]].copy()
    X.loc[: N // 2, "money"] = None
    model, y = NumpyMLPRegressor(**SMALL), RNG.normal(size=N)
    model.partial_fit(X[: N // 2], y[: N // 2])
    with pytest.warns(UserWarning, match="'money' of X showed no level"):
        model.partial_fit(X[N // 2 :], y[N // 2 :])
    assert "only numbers are read" in model.report_.columns[1].why
    assert_array_equal(model.predict(X.assign(money="$5")), model.predict(X.assign(money=None)))


def test_it_is_pickled_and_says_the_same(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    assert repr(again.report_) == repr(fitted.report_)
    assert repr(pickle.loads(pickle.dumps(fitted.report_))) == repr(fitted.report_)


@pytest.mark.parametrize("n_columns", [3, 300])
def test_the_text_is_short_and_narrow(n_columns):
    X = RNG.normal(size=(60, n_columns))
    model = NumpyMLPRegressor(**SMALL).fit(X, X[:, 0])
    lines = repr(model.report_).splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) < 60


def test_the_html_escapes_what_the_user_named(frame):
    odd = frame[["plain", "sex"]].rename(columns={"plain": "<b>x</b>"})
    model = NumpyMLPRegressor(**SMALL).fit(odd, frame["plain"])
    html = model._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<b>x</b>" not in html


def test_a_verbose_fit_ends_with_its_short_form(capsys):
    X, y = make_friedman1(100, random_state=0)
    model = NumpyMLPRegressor(verbose=1, **SMALL).fit(X, y)
    printed = capsys.readouterr().out
    assert printed.endswith(model.report_.short + "\n")
    assert f"kept epoch {model.best_iteration_} of {model.n_iter_}" in printed


def test_what_auto_came_to_is_said():
    X, y = make_friedman1(700, random_state=0)
    model = NumpyMLPRegressor(max_iter=2, batch_size=50, random_state=0).fit(X, y)
    # 700 rows without the 70 that validate.
    assert model.report_.models[0].chosen == {
        "numeric_embedding": "piecewise_linear",
        "embedding_width": 8,
        "weight_decay": 1.0,
        "ema_decay": 1 - 1 / 20,
        "early_stopping": True,
        "n_iter_no_change": 10,
    }
    assert "numeric_embedding='piecewise_linear', embedding_width=8" in str(model.report_)
    # A sparse table's numbers are not embedded.
    sparse = model.fit(csr_matrix(X), y).report_.models[0].chosen
    assert sparse["numeric_embedding"] is None
    assert "embedding_width" not in sparse


def test_of_a_stream_only_what_acts_in_it_is_said():
    X, y = make_friedman1(100, random_state=0)
    chosen = NumpyMLPRegressor(random_state=0).partial_fit(X, y).report_.models[0].chosen
    assert chosen == {
        "numeric_embedding": None, "weight_decay": 0.01, "batch_size": 34, "ema_decay": None
    }  # fmt: skip


def test_nothing_is_chosen_where_nothing_is_auto():
    X, y = make_friedman1(100, random_state=0)
    options = {"batch_size": 20, "numeric_embedding": None, "weight_decay": 0.1, "ema_decay": None,
               "early_stopping": False, "n_iter_no_change": 5, "max_iter": 2}  # fmt: skip
    report = NumpyMLPRegressor(**options).fit(X, y).report_
    assert report.models[0].chosen == {}
    assert "Chosen" not in str(report)


@pytest.mark.parametrize("embedding", ["piecewise_linear", "cosine"])
def test_numbers_of_a_sparse_table_that_are_not_embedded_are_told(embedding):
    X, y = make_friedman1(100, random_state=0)
    model = NumpyMLPRegressor(numeric_embedding=embedding, **SMALL)
    assert model.fit(X, y).report_.models[0].not_embedded == ""
    assert "Embedding" not in str(model.report_)
    with pytest.warns(UserWarning, match=rf"^numeric_embedding='{embedding}' is not used: X is sp"):
        model.fit(csr_matrix(X), y)
    assert "Embedding  numbers are not embedded: X is sparse" in str(model.report_)
    with pytest.warns(UserWarning, match="not used: X is sparse"):
        NumpyMLPRegressor(numeric_embedding=embedding, **SMALL).partial_fit(csr_matrix(X), y)


def test_of_a_default_the_report_says_it_once_for_all_calls():
    X, y = make_friedman1(100, random_state=0)
    options = {"hidden_layer_sizes": (3,), "n_bags": 1, "n_members": 2, "random_state": 0}
    model = TabularMLPRegressor(**options).partial_fit(csr_matrix(X), y).partial_fit(X, y)
    assert model.report_.models[0].not_embedded == "X is sparse"


def test_too_many_numbers_to_embed_are_told():
    X, y = np.random.default_rng(0).normal(size=(60, 1501)), np.arange(60.0)
    options = {"numeric_embedding": "cosine", "hidden_layer_sizes": (3,), "max_iter": 1}
    for width, why in (("auto", "1501 numbers are too many for embedding_width='auto'"), (2, "")):
        model = NumpyMLPRegressor(embedding_width=width, **options)
        assert model.fit(X, y).report_.models[0].not_embedded == why


@pytest.mark.parametrize(("first", "second"), [(200, 1000), (1000, 200)])
@pytest.mark.parametrize("stream", [False, True])
def test_what_goes_on_is_the_network_of_the_first_fit_and_the_report_says_which(
    first, second, stream
):
    """The second fit alone would embed its numbers where the first does not, or the reverse."""
    X, y = make_friedman1(1200, noise=0.5, random_state=0)
    small = {"hidden_layer_sizes": (32,), "random_state": 0}
    model = NumpyMLPRegressor(**small, warm_start=not stream).fit(X[:first], y[:first])
    before, score = model.report_.models[0].chosen, model.score(X[1000:], y[1000:])
    (model.partial_fit if stream else model.fit)(X[:second], y[:second])
    after = model.report_.models[0].chosen
    for name in ("numeric_embedding", "embedding_width"):
        assert after.get(name) == before.get(name)
    assert (after["numeric_embedding"] is None) == (first == 200)
    assert model.n_iter_ == model.report_.models[0].n_iter
    assert model.score(X[1000:], y[1000:]) > score - 0.02


def test_layers_that_were_chosen_stay_those_of_the_first_fit():
    X, y = make_friedman1(1500, random_state=0)
    model = TabularMLPRegressor(n_members=2, max_iter=1, warm_start=True, random_state=0)
    for n_rows in (300, 1500):
        chosen = model.fit(X[:n_rows], y[:n_rows]).report_.models[0].chosen
        assert chosen["hidden_layer_sizes"] == (64, 64)
        assert [len(offsets) for offsets in model.intercepts_[:-1]] == [64, 64]
