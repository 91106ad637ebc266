"""Each finding appears where it must, and on well-behaved tables none does."""

import html.parser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification, make_friedman1, make_multilabel_classification
from sklearn.pipeline import make_pipeline

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from sknumpynet.inspection import Diagnosis, Finding, diagnose
from sknumpynet.inspection.diagnosis.table import FINDINGS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 800
X, y = make_friedman1(N, noise=1.0, random_state=0)
labels = np.where(y > np.quantile(y, 0.4), "high", "low")
SMALL = {"hidden_layer_sizes": (32,), "random_state": 0}
#: As the defaults, but small.
TABULAR = {"hidden_layer_sizes": (16, 16), "n_members": 2, "n_bags": 2, "random_state": 0}


def rng(seed=0):
    return np.random.default_rng(seed)


def frame(n=N):
    """Of several kinds of columns, with missing values."""
    draw = rng(1)
    table = pd.DataFrame(
        {
            "age": draw.integers(18, 90, n),
            "income": np.exp(draw.normal(10, 0.6, n)),
            "city": draw.choice(list("abcdefgh"), n),
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 1000, n), "D"),
        }
    )
    score = (table["age"] - 50) / 20 + np.log(table["income"] / 22000)
    score += table["city"].map({c: i / 4 - 1 for i, c in enumerate("abcdefgh")})
    table.loc[draw.random(n) < 0.1, "income"] = np.nan
    return table, np.where(score + draw.logistic(size=n) > 0, "yes", "no")


def counts():
    columns = rng(2).normal(size=(N, 5))
    return columns, rng(3).poisson(np.exp(0.5 * columns[:, 0] - 0.4 * columns[:, 1] + 1))


def two_outputs():
    columns = rng(4).normal(size=(N, 6))
    signal = np.c_[columns[:, 0] + np.sin(2 * columns[:, 1]), columns[:, 2] - columns[:, 3]]
    return columns, signal + 0.5 * rng(5).normal(size=(N, 2))


def three_classes():
    return make_classification(
        N, 10, n_informative=6, n_classes=3, flip_y=0.05, class_sep=1.5, random_state=0
    )


def several_labels():
    return make_multilabel_classification(N, 12, n_classes=3, random_state=0)


WELL = {
    "numbers": (lambda: (X, y), NumpyMLPRegressor, TabularMLPRegressor, {}),
    "three classes": (three_classes, NumpyMLPClassifier, TabularMLPClassifier, {}),
    "a frame": (frame, NumpyMLPClassifier, TabularMLPClassifier, {}),
    "counts": (counts, NumpyMLPRegressor, TabularMLPRegressor, {"loss": "poisson"}),
    "two outputs": (two_outputs, NumpyMLPRegressor, TabularMLPRegressor, {}),
    "several labels": (several_labels, NumpyMLPClassifier, TabularMLPClassifier, {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WELL)
@pytest.mark.parametrize("tabular", [False, True])
def test_nothing_is_found_where_all_is_well(name, tabular):
    table, plain, other, options = WELL[name]
    columns, target = table()
    chosen = TABULAR if tabular else {"random_state": 0}
    model = (other if tabular else plain)(**chosen, **options).fit(columns, target)
    before = model.predict(columns)
    found = diagnose(model, columns, target)
    assert found.kinds == (), repr(found)
    assert "nothing found" in repr(found)
    np.testing.assert_array_equal(model.predict(columns), before)


def the_only(kind, model, *rows, **validation):
    """The finding, which must be there."""
    found = diagnose(model, *rows, **validation)
    assert kind in found.kinds, repr(found)
    assert kind in FINDINGS
    one = found[found.kinds.index(kind)]
    assert np.isfinite(one.figure)
    return one


def test_not_trained_to_the_end():
    model = NumpyMLPRegressor(max_iter=12, learning_rate_init=2e-4, random_state=0).fit(X, y)
    found = the_only("not trained to the end", model, X, y)
    assert found.option == "max_iter"
    assert "(it is 12)" in found.advice
    assert f"{found.figure:.2g}" in found.text
    few = TabularMLPRegressor(**TABULAR | {"max_iter": 3}).fit(X, y)
    assert "steps" in the_only("not trained to the end", few, X, y).text
    timed = NumpyMLPRegressor(max_time=1e-9, random_state=0).fit(X, y)
    assert the_only("not trained to the end", timed, X, y).option == "max_time"


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_a_rate_that_is_too_high(solver):
    rate = {"adam": 1.0, "sgd": 30.0}[solver]
    model = NumpyMLPRegressor(solver=solver, learning_rate_init=rate, max_iter=20, **SMALL)
    found = the_only("learning rate too high", model.fit(X, y), X, y)
    assert found.option == "learning_rate_init"
    assert f"{rate:g}" in found.text + found.advice


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["adam", "sgd", "muon"])
def test_a_rate_that_is_too_low(solver):
    model = NumpyMLPRegressor(solver=solver, learning_rate_init=1e-7, max_iter=30, **SMALL)
    found = the_only("learning rate too low", model.fit(X, y), X, y)
    assert found.figure < 0.1
    assert "1e-07" in found.text
    assert "learning rate too high" not in diagnose(model, X, y).kinds


def test_lbfgs_has_no_rate():
    model = NumpyMLPRegressor(solver="lbfgs", learning_rate_init=1e-7, **SMALL).fit(X, y)
    assert not {"learning rate too low", "learning rate too high"} & set(
        diagnose(model, X, y).kinds
    )


def few_noisy_rows(seed):
    columns = rng(seed).normal(size=(150, 20))
    return columns, columns[:, 0] + rng(seed + 1).normal(size=150)


LONG = {"early_stopping": False, "max_iter": 150, "random_state": 0}


def test_overfitting_by_the_history():
    rows, (X_val, y_val) = few_noisy_rows(6), few_noisy_rows(8)
    model = NumpyMLPRegressor(**LONG, learning_rate_init=0.01)
    model.fit(*rows, X_val=X_val, y_val=y_val)
    found = the_only("overfitting", model, *rows)
    assert (found.option, found.figure > 0.05) == ("early_stopping", True)


def test_overfitting_by_rows_that_are_passed():
    rows, (X_val, y_val) = few_noisy_rows(6), few_noisy_rows(8)
    model = NumpyMLPRegressor(**LONG).fit(*rows)
    without = diagnose(model, *rows)
    assert "overfitting" not in without.kinds + without.looked_for  # Nothing tells of it.
    found = the_only("overfitting", model, *rows, X_val=X_val, y_val=y_val)
    assert (found.option, found.figure > 0.25) == ("weight_decay", True)
    assert "a larger weight_decay (it was 0.01)" in found.advice
    assert "overfitting" in diagnose(model, *rows, X_val=X_val, y_val=y_val).looked_for


def test_what_to_change_is_what_the_solver_asks_for():
    rows, (X_val, y_val) = few_noisy_rows(6), few_noisy_rows(8)
    model = NumpyMLPRegressor(**LONG, solver="adam").fit(*rows)
    found = the_only("overfitting", model, *rows, X_val=X_val, y_val=y_val)
    assert found.option == "alpha"
    assert "a larger alpha (it was 0.0001)" in found.advice


def test_overfitting_with_early_stopping():
    """The best epoch may be one at which the rows are known by heart already."""
    rows = few_noisy_rows(6)
    model = NumpyMLPRegressor((256,), n_bags=3, learning_rate_init=0.02, random_state=0)
    found = the_only("overfitting", model.fit(*rows), *rows)
    assert "on rows held out" in found.text


@pytest.mark.parametrize("n_members", [1, 2])
def test_dead_units(n_members):
    # All units of this network are of use.
    options = {"n_members": n_members, "solver": "adam", "learning_rate_init": 0.001}
    options |= {"random_state": 0, "ema_decay": None, "numeric_embedding": None}
    model = NumpyMLPRegressor((16, 8), **options).fit(X, y)
    assert "dead units" not in diagnose(model, X, y).kinds
    model.intercepts_[1][:7] = -1e4
    found = the_only("dead units", model, X, y)
    assert "hidden layer 1 (Relu)" in found.text
    assert found.figure == 7 / 8


def test_dead_units_of_one_of_the_bags():
    model = NumpyMLPRegressor((16,), n_bags=2, random_state=0).fit(X, y)
    network = model._models[1].network
    network.arrays("b")[0][:14] = -1e4
    assert the_only("dead units", model, X, y).figure == 14 / 16


def test_saturated_units():
    """By columns as they are."""
    model = NumpyMLPRegressor((16,), "tanh", feature_scaling=None, max_iter=20, random_state=0).fit(
        1e4 * X, y
    )
    found = the_only("saturated units", model, 1e4 * X, y)
    assert found.option == "feature_scaling"
    assert found.figure > 0.3
    well = NumpyMLPRegressor((16,), "tanh", random_state=0).fit(X, y)
    assert "saturated units" not in diagnose(well, X, y).kinds


def test_exploding_gradients_of_steps():
    options = {"solver": "sgd", "target_scaling": False, "max_iter": 5, **SMALL}
    model = NumpyMLPRegressor(**options).fit(X, 1e3 * y)
    found = the_only("exploding gradients", model, X, 1e3 * y)
    assert found.option == "max_grad_norm"
    clipped = NumpyMLPRegressor(**options, max_grad_norm=1.0).fit(X, 1e3 * y)
    assert "exploding gradients" not in diagnose(clipped, X, 1e3 * y).kinds


def test_exploding_gradients_through_layers():
    model = NumpyMLPRegressor((8,) * 8, random_state=0).fit(X, y)
    assert "exploding gradients" not in diagnose(model, X, y).kinds
    for W in model.coefs_[1:]:
        W *= 10.0
    found = the_only("exploding gradients", model, X, y)
    assert (found.option, found.figure > 1000) == ("normalization", True)


def test_wild_columns_without_scaling():
    wild = X * [1, 1e-3, 1, 1e4, 1, 1, 1, 1, 1, 1]
    model = NumpyMLPRegressor(feature_scaling=None, max_iter=20, **SMALL).fit(wild, y)
    found = the_only("wild columns", model, wild, y)
    assert "3 is about" in found.text
    assert "1 about" in found.text
    assert found.figure == pytest.approx(1e7, rel=0.1)
    tame = NumpyMLPRegressor(feature_scaling=None, **SMALL).fit(X, y)
    assert "wild columns" not in diagnose(tame, X, y).kinds


def test_wild_columns_with_values_far_away():
    wild, target = frame()
    wild.loc[[3, 5], "age"] = 10**9
    model = NumpyMLPClassifier(**SMALL).fit(wild, target)
    found = the_only("wild columns", model, wild, target)
    assert "Column 'age'" in found.text
    assert found.option == "feature_scaling"
    other = NumpyMLPClassifier(feature_scaling="robust", **SMALL).fit(wild, target)
    assert "wild columns" not in diagnose(other, wild, target).kinds


def test_ignored_classes():
    rare = np.where(rng(1).random(N) < 0.04, "rare", labels)
    model = NumpyMLPClassifier(**SMALL).fit(X, rare)
    found = the_only("ignored classes", model, X, rare)
    n = int((rare == "rare").sum())
    assert f"'rare' ({n} rows)" in found.text
    assert found.figure == pytest.approx(n / N)
    assert "'high'" not in found.text


def test_ignored_classes_of_several_outputs():
    rare = np.where(rng(1).random(N) < 0.04, "rare", labels)
    both = np.c_[labels, rare]
    model = NumpyMLPClassifier(**SMALL).fit(X, both)
    assert "'rare' of output 1" in the_only("ignored classes", model, X, both).text


def test_predictions_out_of_the_domain():
    columns = rng(2).normal(size=(N, 3))
    target = np.where(columns[:, 0] > 0.5, rng(3).exponential(size=N) * columns[:, 1] ** 2, 0.0)
    model = NumpyMLPRegressor((), random_state=0).fit(columns, target)
    found = the_only("target out of its domain", model, columns, target)
    assert (found.option, "never negative" in found.text) == ("loss", True)
    better = NumpyMLPRegressor((), loss="tweedie", random_state=0).fit(columns, target)
    assert "target out of its domain" not in diagnose(better, columns, target).kinds


def test_a_target_out_of_the_domain_of_the_loss():
    columns, target = counts()
    model = NumpyMLPRegressor(loss="poisson", **SMALL).fit(columns, target)
    wrong = target.astype(float)
    wrong[[4, 9]] = -2.0
    found = the_only("target out of its domain", model, columns, wrong)
    assert "2 values of y" in found.text
    assert "-2" in found.text
    assert found.figure == 2 / N


@pytest.mark.parametrize("kind", ["numbers", "classes"])
def test_a_leaking_column(kind):
    table = pd.DataFrame(X).add_prefix("x")
    table["total"] = 3 * y + 0.01 * rng(1).normal(size=N)
    if kind == "classes":
        table["total"] = pd.Categorical(np.where(labels == "high", "paid", "open"))
    cls = NumpyMLPRegressor if kind == "numbers" else NumpyMLPClassifier
    target = y if kind == "numbers" else labels
    found = the_only("a leaking column", cls(**SMALL).fit(table, target), table, target)
    assert "Column 'total'" in found.text
    assert found.figure > 0.985


def test_validation_rows_unlike_the_training_rows():
    kind = "validation rows unlike the training rows"
    model = NumpyMLPRegressor(**SMALL).fit(X[:400], y[:400])
    rows = (X[:400], y[:400])
    assert kind not in diagnose(model, *rows, X_val=X[400:], y_val=y[400:]).kinds
    assert kind not in diagnose(model, *rows).looked_for
    # The later rows: one column grows with time, within its range.
    later = np.argsort(X[:, 2])
    old, new = later[:400], later[400:]
    model.fit(X[old], y[old])
    found = the_only(kind, model, X[old], y[old], X_val=X[new], y_val=y[new])
    assert "column 2" in found.text.lower()
    assert found.figure > 0.75
    scaled = the_only(kind, model, X[old], y[old], X_val=1e3 * X[new], y_val=y[new])
    assert "runs from" in scaled.text


def test_levels_that_are_rare_do_not_tell_rows_apart():
    """Of 400 levels most are unknown in the other rows, of 5 none."""
    table = pd.DataFrame(X[:, :3]).add_prefix("x")
    table["rare"] = [f"r{i}" for i in rng(1).integers(0, 400, N)]
    table["few"] = [f"f{i}" for i in rng(2).integers(0, 5, N)]
    model = NumpyMLPRegressor(**SMALL).fit(table[:400], y[:400])
    kind, later = "validation rows unlike the training rows", {"y_val": y[400:]}
    assert kind not in diagnose(model, table[:400], y[:400], X_val=table[400:], **later).kinds
    one = table[400:].assign(few="f3")
    found = the_only(kind, model, table[:400], y[:400], X_val=one, **later)
    assert "'few'" in found.text


def test_a_start_that_was_kept_is_no_overfitting():
    model = NumpyMLPRegressor(learning_rate_init=1.0, max_iter=20, random_state=0).fit(X, y)
    kinds = diagnose(model, X, y).kinds
    assert ("learning rate too high" in kinds, "overfitting" in kinds) == (True, False)


# What it is.


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells = []

    def handle_data(self, data):
        self.cells.append(data)


def test_the_result_is_a_sequence_that_shows_itself():
    model = NumpyMLPRegressor(learning_rate_init=1e-7, max_iter=12, **SMALL).fit(X, y)
    found = diagnose(model, X, y)
    assert isinstance(found, Diagnosis)
    assert len(found) == len(list(found)) == len(found.kinds) >= 1
    assert all(isinstance(one, Finding) for one in found)
    assert max(map(len, repr(found).splitlines())) <= 100
    table = found.as_frame()
    assert table["kind"].tolist() == list(found.kinds)
    assert list(table.columns) == ["kind", "figure", "text", "advice", "option"]
    reader = Reader()
    reader.feed(found._repr_html_())
    assert found[0].text in reader.cells
    assert found[0].advice in reader.cells
    empty = Diagnosis([], "NumpyMLPRegressor", list(FINDINGS))
    assert empty.as_frame().shape == (0, 5)
    assert "nothing found" in empty._repr_html_()


def test_names_are_escaped():
    found = Diagnosis([Finding("a", 1.0, "Column '<b>'", "x", "X")], "N", ["a"])
    assert "<b>'" not in found._repr_html_()


def test_weights_and_sparse_rows():
    from scipy.sparse import csr_matrix

    weight = rng(1).integers(0, 3, N).astype(float)
    model = NumpyMLPRegressor(random_state=0).fit(csr_matrix(X), y, sample_weight=weight)
    assert diagnose(model, csr_matrix(X), y, weight).kinds == ()


def test_what_cannot_be_diagnosed():
    model = NumpyMLPRegressor(**SMALL)
    with pytest.raises(ValueError, match="not fitted"):
        diagnose(model, X, y)
    model.fit(X, y)
    with pytest.raises(TypeError, match="of a Pipeline, pass its last step"):
        diagnose(make_pipeline(model), X, y)
    with pytest.raises(ValueError, match="X_val and y_val go together"):
        diagnose(model, X, y, X_val=X)
    with pytest.raises(ValueError, match="features as input"):
        diagnose(model, X[:, :3], y)


def test_saturated_units_are_not_dead_ones():
    model = NumpyMLPRegressor((8,), "tanh", random_state=0).fit(X, y)
    model.intercepts_[0][...] = 50.0
    kinds = diagnose(model, X, y).kinds
    assert ("saturated units" in kinds, "dead units" in kinds) == (True, False)


def streamed():
    model = NumpyMLPRegressor(**SMALL)
    for _ in range(30):
        model.partial_fit(X, y)
    return model


ODD = {
    "no hidden layer": lambda: NumpyMLPRegressor((), random_state=0).fit(X, y),
    "a constant": lambda: NumpyMLPRegressor(**SMALL).fit(X, np.ones(N)),
    "one class": lambda: NumpyMLPClassifier(**SMALL).fit(X, np.ones(N)),
    "lbfgs": lambda: NumpyMLPRegressor(solver="lbfgs", **SMALL).fit(X, y),
    "few rows": lambda: NumpyMLPRegressor(**SMALL).fit(X[:5], y[:5]),
    "quantiles": lambda: NumpyMLPRegressor(loss="quantile", quantile=[0.1, 0.9], **SMALL).fit(X, y),
    "a spread": lambda: NumpyMLPRegressor(loss="gaussian_nll", **SMALL).fit(X, y),
    "a stream": streamed,
    "a score": lambda: NumpyMLPClassifier(scoring="accuracy", **SMALL).fit(X, labels),
    "going on": lambda: NumpyMLPRegressor(warm_start=True, **SMALL).fit(X, y).fit(X, y),
    "blocks": lambda: NumpyMLPRegressor((8, 8), residual=True, random_state=0).fit(X, y),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_whatever_was_fitted(name):
    model, target = ODD[name](), {"a constant": np.ones(N), "one class": np.ones(N)}.get(name, y)
    rows, target = (X, labels) if name == "a score" else (X, target)
    if name == "few rows":
        rows, target = X[:5], y[:5]
    found = diagnose(model, rows, target)
    assert not {"learning rate too high", "dead units", "exploding gradients"} & set(found.kinds)
    # These would like more epochs, as a warning of fit says, too.
    assert name in ("few rows", "quantiles") or "not trained to the end" not in found.kinds


def test_every_finding_has_a_case_here():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in FINDINGS if f'"{kind}"' not in source] == []
