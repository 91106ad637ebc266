"""Rows that belong together, and splitters of scikit-learn's: for validation and for bags."""

import datetime
import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    TimeSeriesSplit,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor

#: Fits of few epochs, which teach next to nothing.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Training was cut short by max_iter"),
    pytest.mark.filterwarnings("ignore:The network predicts no better than a constant"),
]

N, N_PATIENTS = 120, 20
rng = np.random.default_rng(0)
patients = rng.permutation(np.repeat(np.arange(N_PATIENTS), N // N_PATIENTS))
X = np.column_stack([np.arange(N), rng.normal(size=N), 10.0 * patients])
numbers = X[:, 1] + 0.1 * X[:, 0]
labels = (rng.random(N_PATIENTS) < 0.5)[patients].astype(int)
OPTIONS = {"hidden_layer_sizes": (6,), "max_iter": 3, "random_state": 0, "n_iter_no_change": np.inf}
OPTIONS |= {"learning_rate": "cosine", "early_stopping": True}


class Watching:
    """A scorer that notes the rows that it is given: their first column."""

    def __init__(self):
        self.seen = []

    def __call__(self, estimator, X, y):
        X = X.toarray() if sp.issparse(X) else np.asarray(X)
        self.seen.append(tuple(X[:, 0].astype(int)))
        return 0.0

    def rows(self):
        return [np.array(rows) for rows in dict.fromkeys(self.seen)]


def held_out(y=numbers, table=X, cls=NumpyMLPRegressor, fit=None, **options):
    """The rows that each model validates on, and the fitted model."""
    scorer = Watching()
    model = cls(**OPTIONS | options, scoring=scorer).fit(table, y, **fit or {})
    return scorer.rows(), model


def patients_of(rows):
    return set(patients[rows])


# Groups.


@pytest.mark.parametrize("n_bags", [1, 4])
@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix, "pandas", "polars"])
def test_a_group_is_on_one_side(make, n_bags):
    if isinstance(make, str):
        frames = pytest.importorskip(make)
        table = frames.DataFrame({name: X[:, i] for i, name in enumerate("abc")})
    else:
        table = make(X)
    scorer = Watching()
    model = NumpyMLPRegressor(**OPTIONS, scoring=scorer, n_bags=n_bags)
    model.fit(table, numbers, groups=patients)
    parts = scorer.rows()
    assert len(parts) == n_bags
    for rows in parts:
        assert not patients_of(rows) & patients_of(np.setdiff1d(np.arange(N), rows))
    if n_bags > 1:
        assert sorted(np.concatenate(parts)) == list(range(N))
        assert np.isfinite(model.oof_prediction_).all()
    else:
        assert 12 <= len(parts[0]) <= 18


def test_predictions_out_of_fold_are_about_new_groups():
    """A label by patient that only the number of the patient tells: nothing to learn for others."""
    rng = np.random.default_rng(1)
    patient = np.repeat(np.arange(60), 8)
    table = rng.normal(size=(60, 5))[patient] + 0.01 * rng.normal(size=(480, 5))
    y = (rng.random(60) < 0.5)[patient].astype(int)
    options = OPTIONS | {"max_iter": 80, "n_bags": 4, "hidden_layer_sizes": (32,)}
    options |= {"learning_rate_init": 0.02, "weight_decay": 0.01}
    losses = [
        log_loss(y, NumpyMLPClassifier(**options).fit(table, y, **given).oof_prediction_)
        for given in ({}, {"groups": patient})
    ]
    assert losses[0] < 0.35
    assert losses[1] > 0.6


@pytest.mark.parametrize(
    "name",
    [lambda i: f"p{i:02}", lambda i: float(i), lambda i: datetime.date(2020, 1, 1 + i),
     lambda i: (i, "x"), lambda i: np.datetime64("2020-01-01") + np.timedelta64(i, "D")],
    ids=["text", "floats", "dates", "tuples", "datetime64"],
)  # fmt: skip
def test_labels_of_any_kind(name):
    expected, _ = held_out(fit={"groups": patients})
    found, _ = held_out(fit={"groups": [name(int(i)) for i in patients]})
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_labels_in_a_series(library):
    module = pytest.importorskip(library)
    text = [f"p{i:02}" for i in patients]
    given = {
        "pandas": lambda: [
            module.Series(text, dtype="category"),
            module.Series(patients, dtype="Int64"),
        ],
        "polars": lambda: [module.Series(text), module.Series(text, dtype=module.Categorical)],
        "pyarrow": lambda: [module.chunked_array([text]), module.chunked_array([patients])],
    }[library]()  # fmt: skip
    expected, _ = held_out(fit={"groups": patients})
    for groups in given:
        np.testing.assert_array_equal(held_out(fit={"groups": groups})[0], expected)


def test_one_and_its_text_are_two_groups():
    groups = [1 if i % 2 else "1" for i in range(N)]
    rows, _ = held_out(fit={"groups": groups})
    assert len(set(rows[0] % 2)) == 1


def missing_in(library):
    if library == "pandas":
        pd = pytest.importorskip("pandas")
        return [pd.Series(patients, dtype="Int64").where(np.arange(N) != 7)]
    if library == "polars":
        pl = pytest.importorskip("polars")
        return [pl.Series([None if i == 7 else int(p) for i, p in enumerate(patients)])]
    text = [f"p{i}" for i in patients]
    times = np.datetime64("2020-01-01") + patients
    times[7] = np.datetime64("NaT", "s")
    objects = [
        [*text[:7], value, *text[8:]] for value in (None, float("nan"), np.datetime64("NaT", "s"))
    ]
    return [np.where(np.arange(N) == 7, np.nan, patients), times, *objects]


@pytest.mark.parametrize("library", ["numpy", "pandas", "polars"])
def test_a_missing_label_is_told(library):
    told = rf"groups has no label .* for 1 of {N} rows, the first of them row 7"
    for groups in missing_in(library):
        with pytest.raises(ValueError, match=told):
            NumpyMLPRegressor(**OPTIONS).fit(X, numbers, groups=groups)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (patients[:-1], rf"groups must have shape \({N},\), one label per row.*\({N - 1},\)"),
        (patients[:, None], rf"groups must have shape .* Got shape \({N}, 1\)"),
        (3, r"groups must have shape .* Got shape \(\)"),
        ("abc", r"groups must have shape .* Got shape \(\)"),
        ([[1]] * N, "groups must hold labels that can be compared.*list"),
        (np.zeros(N), "groups has too few of them: .* one of them to validate on"),
    ],
)
def test_what_groups_may_not_be(groups, message):
    model = NumpyMLPRegressor(**OPTIONS)
    with pytest.raises(ValueError, match=message):
        model.fit(X, numbers, groups=groups)
    assert not hasattr(model, "network_")


def test_too_few_groups():
    three = patients % 3
    with pytest.raises(ValueError, match=r"has too few .* one for each of n_bags=4.* have 3"):
        NumpyMLPRegressor(**OPTIONS, n_bags=4).fit(X, numbers, groups=three)
    # Of rows of weight 0 nobody asks.
    with pytest.raises(ValueError, match=r"groups has too few .* to validate on"):
        NumpyMLPRegressor(**OPTIONS).fit(X, numbers, (three == 0) * 1.0, groups=three)
    y = three == 0
    with pytest.raises(ValueError, match=r"groups has too few .* one of each class"):
        NumpyMLPClassifier(**OPTIONS).fit(X, y, groups=y)


def test_groups_and_rows_to_validate_on():
    with pytest.raises(ValueError, match="groups cannot be combined with X_val"):
        NumpyMLPRegressor(**OPTIONS).fit(X, numbers, X_val=X, y_val=numbers, groups=patients)


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        ({"early_stopping": False}, "early_stopping=False, solver='adamw'"),
        ({"early_stopping": "auto", "solver": "lbfgs"}, "early_stopping='auto', solver='lbfgs'"),
        # In a small table nothing is split off: that is what "auto" says.
        ({"early_stopping": "auto"}, None),
    ],
)
@pytest.mark.parametrize("name", ["groups", "splitter"])
def test_where_nothing_is_ever_split_off_it_is_told(name, options, cause):
    model = NumpyMLPRegressor(**OPTIONS | {"max_iter": 30} | options)
    given = {}
    if name == "groups":
        given["groups"] = patients[:40]
    else:
        model.set_params(splitter=KFold())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X[:40], numbers[:40], **given)
    told = [w for w in caught if "without effect" in str(w.message)]
    assert [w.filename for w in told] == [__file__] * (cause is not None)
    for warning in told:
        assert f"{name}: without effect, no row is split off" in str(warning.message)
        assert cause in str(warning.message)


def test_a_fit_that_goes_on_has_the_same_rows():
    scorer = Watching()
    model = NumpyMLPRegressor(**OPTIONS, scoring=scorer, warm_start=True, n_bags=3)
    for _ in range(2):
        model.fit(X, numbers, groups=patients)
    assert len(scorer.rows()) == 3


def test_groups_by_metadata_routing():
    expected, _ = held_out(fit={"groups": patients})
    scorer = Watching()
    with sklearn.config_context(enable_metadata_routing=True):
        net = NumpyMLPRegressor(**OPTIONS, scoring=scorer).set_fit_request(groups=True)
        make_pipeline(StandardScaler(with_mean=False, with_std=False), net).fit(
            X, numbers, groups=patients
        )
        np.testing.assert_array_equal(scorer.rows(), expected)
        search = GridSearchCV(net, {"alpha": [0.1, 1.0]}, cv=GroupKFold(2), error_score="raise")
        search.fit(X, numbers, groups=patients)
        cross_validate(
            net, X, numbers, cv=GroupKFold(2), params={"groups": patients}, error_score="raise"
        )
    for rows in scorer.rows():
        assert len(patients_of(rows)) <= 4


# Splitters.


SPLITTERS = [
    TimeSeriesSplit(3), KFold(4), GroupKFold(3), StratifiedGroupKFold(3), LeaveOneGroupOut(),
    GroupShuffleSplit(2, random_state=0), ShuffleSplit(2, random_state=0),
    PredefinedSplit(np.arange(N) % 3), [(np.arange(50), np.arange(60, 80))],
]  # fmt: skip


@pytest.mark.parametrize("splitter", SPLITTERS, ids=lambda splitter: type(splitter).__name__)
def test_a_single_model_has_the_last_split(splitter):
    needs = isinstance(
        splitter, (GroupKFold, StratifiedGroupKFold, LeaveOneGroupOut, GroupShuffleSplit)
    )
    given = {"groups": patients} if needs else {}
    pairs = (
        list(splitter.split(X, labels, patients if needs else None))
        if hasattr(splitter, "split")
        else splitter
    )
    rows, model = held_out(labels, cls=NumpyMLPClassifier, splitter=splitter, fit=given)
    np.testing.assert_array_equal(np.sort(rows), [np.sort(pairs[-1][1])])
    assert model.t_ == 3 * len(pairs[-1][0])
    assert model.oof_prediction_ is None


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_each_split_has_a_model(n_jobs):
    splitter = TimeSeriesSplit(3)
    model = NumpyMLPRegressor(**OPTIONS, splitter=splitter, n_bags=3, n_jobs=n_jobs).fit(X, numbers)
    pairs = list(splitter.split(X))
    np.testing.assert_array_equal(np.isnan(model.oof_prediction_), np.arange(N) < pairs[0][1][0])
    for one, (_, test) in zip(model._models, pairs, strict=True):
        alone = model._with_model(one, named=True).predict(X[test])
        np.testing.assert_allclose(model.oof_prediction_[test], alone, rtol=1e-6)


def test_rows_that_several_models_leave_out_have_their_mean():
    splitter = RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)
    model = NumpyMLPRegressor(**OPTIONS, splitter=splitter, n_bags=6).fit(X, numbers)
    expected = np.zeros(N)
    for one, (_, test) in zip(model._models, splitter.split(X), strict=True):
        expected[test] += model._with_model(one, named=True).predict(X[test]) / 2
    np.testing.assert_allclose(model.oof_prediction_, expected, rtol=1e-6)


def test_auto_takes_as_many_as_there_are():
    options = OPTIONS | {"early_stopping": "auto"}
    for splitter, n_models in ((KFold(3), 3), (ShuffleSplit(1, random_state=0), 1)):
        model = TabularMLPRegressor(**options, splitter=splitter).fit(X, numbers)
        assert len(model._models) == n_models
        assert (model.oof_prediction_ is not None) == (n_models > 1)


def test_a_splitter_sees_the_rows_as_they_came():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"row": X[:, 0], "text": np.where(X[:, 1] > 0, "up", "down")})
    series, names = pd.Series(numbers), np.array([f"p{i}" for i in patients])

    class Watched(KFold):
        def split(self, X, y=None, groups=None):
            given.extend([X, y, groups])
            return super().split(X)

    given = []
    with pytest.raises(ValueError, match="rows of one group on both sides"):
        NumpyMLPRegressor(**OPTIONS, splitter=Watched(3)).fit(frame, series, groups=names)
    assert given[0] is frame
    assert given[1] is series
    np.testing.assert_array_equal(given[2], names)


@pytest.mark.parametrize("n_bags", [1, 3])
def test_row_numbers_are_those_of_x_whatever_the_weights(n_bags):
    weight = (np.arange(N) % 4 > 0) * 2.0
    rows, model = held_out(splitter=KFold(3), n_bags=n_bags, fit={"sample_weight": weight})
    for part, start in zip(rows, (0, 40, 80) if n_bags == 3 else (80,), strict=True):
        expected = np.arange(start, start + 40)
        np.testing.assert_array_equal(np.sort(part), expected[weight[expected] > 0])
    assert model.t_ == 3 * 60
    if n_bags == 3:
        np.testing.assert_array_equal(np.isnan(model.oof_prediction_), weight == 0)
    splitter = [(np.arange(20), np.arange(20, 40, 4))]
    with pytest.raises(ValueError, match="rows of positive weight for each side. Split 0 has"):
        NumpyMLPRegressor(**OPTIONS, splitter=splitter).fit(X, numbers, weight)


def test_a_row_that_is_given_twice_counts_twice():
    once = np.arange(60)
    table, y = X[:80], numbers[:80]
    options = OPTIONS | {"solver": "lbfgs", "max_iter": 15}
    models = [
        NumpyMLPRegressor(**options, splitter=[(train, np.arange(60, 80))]).fit(table, y, weight)
        for train, weight in (
            (np.concatenate([once, once[:20]]), None),
            (once, np.where(np.arange(80) < 20, 2.0, 1.0)),
        )
    ]
    np.testing.assert_allclose(models[0].predict(X), models[1].predict(X), rtol=1e-4)


@pytest.mark.parametrize(
    ("splitter", "message"),
    [
        (
            GroupKFold(3),
            r"=GroupKFold.* needs groups: fit\(X, y, groups=...\).*set_fit_request",
        ),
        (LeaveOneGroupOut(), r"needs groups"),
        (KFold(500), "splitter=KFold.* cannot split the rows of X. ValueError: Cannot have number"),
        ([(np.arange(50), np.arange(40, 60))], "has row 40 on both sides of split 0"),
        ([(np.arange(50), [N])], f"row numbers from {N} to {N}, and X has {N} rows"),
        ([(np.arange(50), [-1])], "row numbers from -1 to -1"),
        ([(np.arange(50), [])], "one or more rows of positive weight for each side. Split 0 has"),
        ([(np.arange(50), [0.5])], "one or more rows of positive weight for each side"),
        ([np.arange(50)], "must give pairs of row numbers"),
        ([3], "must give pairs of row numbers"),
    ],
)
def test_what_splitters_may_not_do(splitter, message):
    with pytest.raises(ValueError, match=message):
        NumpyMLPRegressor(**OPTIONS, splitter=splitter).fit(X, numbers)


@pytest.mark.filterwarnings("ignore:The groups parameter is ignored")
def test_a_splitter_that_cuts_groups_is_refused():
    splitter = PredefinedSplit(np.arange(N) % 2)
    with pytest.raises(ValueError, match=r"rows of one group on both sides of split 0: group 'p0'"):
        NumpyMLPRegressor(**OPTIONS, splitter=splitter).fit(
            X, numbers, groups=[f"p{i}" for i in patients]
        )


@pytest.mark.parametrize(("n_bags", "n_splits"), [(4, 3), (3, 1)])
def test_as_many_splits_as_models(n_bags, n_splits):
    splitter = ShuffleSplit(n_splits, random_state=0)
    told = rf"n_bags={n_bags} models .* gives {n_splits}. Set n_bags={n_splits}"
    with pytest.raises(ValueError, match=told):
        NumpyMLPRegressor(**OPTIONS, splitter=splitter, n_bags=n_bags).fit(X, numbers)


def test_it_is_not_used_where_nothing_is_split_off():
    model = NumpyMLPRegressor(**OPTIONS, splitter=GroupKFold(3))
    model.fit(X, numbers, X_val=X[::3], y_val=numbers[::3])
    model.partial_fit(X, numbers)


@pytest.mark.parametrize("splitter", SPLITTERS, ids=lambda splitter: type(splitter).__name__)
def test_copies(splitter):
    model = NumpyMLPRegressor(**OPTIONS, splitter=splitter)
    assert type(clone(model).splitter) is type(splitter)
    assert type(pickle.loads(pickle.dumps(model)).splitter) is type(splitter)
    assert "splitter=" in repr(model)


def test_a_grid_of_splitters():
    search = GridSearchCV(
        NumpyMLPRegressor(**OPTIONS), {"splitter": [None, TimeSeriesSplit(2)]}, cv=2
    )
    assert np.isfinite(search.fit(X, numbers).best_score_)
