"""Each kind of column through an estimator; of one that becomes several, messages name one.

The kinds of the package are in the catalogue. Others, of one class each, are put beside them: text
that is 64 columns of the table, text that is a number, text that is three categories; and columns
that are encoded otherwise in training: ordered target statistics, noise, masks.
"""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from catalogue import COLUMN_KINDS
from catalogue.columns import N_ROWS
from catalogue.own_columns import (
    MASKED,
    MONEY,
    NOISY,
    OWN_COLUMNS,
    OWN_GROUPS,
    PARTS,
    STATISTICS,
    TEXT,
    TargetStatistics,
)
from sknumpynet import NumpyMLPRegressor
from sknumpynet.encoding import kinds
from sknumpynet.frames import FrameReader, columns
from sknumpynet.network import Network
from sknumpynet.training import Batches

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

OWN = OWN_COLUMNS | OWN_GROUPS
CASES = COLUMN_KINDS | {kind.__name__: case for kind, case in OWN.items()}
Y = np.cos(np.arange(N_ROWS))
LEFT_OUT = pytest.mark.filterwarnings("ignore:Left out of X")


@pytest.fixture(autouse=True)
def own_kinds(monkeypatch):
    """Those that are read, beside the package's."""
    monkeypatch.setattr(columns, "COLUMNS", (*OWN_COLUMNS, *columns.COLUMNS))


def use(case, monkeypatch):
    """The class that encodes the case, too, if it is not the package's."""
    own = tuple(kind for kind in OWN_GROUPS if kind.__name__ == case.encoded_by)
    monkeypatch.setattr(kinds, "KINDS", (*own, *kinds.KINDS))


def frame_of(case, **beside):
    """The column between two of numbers, and others."""
    numbers = np.sin(np.arange(N_ROWS) * 1.7)
    return pd.DataFrame(
        {
            "before": numbers,
            "c": pd.Series(case.values, dtype=None if hasattr(case.values, "dtype") else object),
            "behind": numbers[::-1],
            **beside,
        }
    )


def model(**options):
    small = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0, "warm_start": True}
    return NumpyMLPRegressor(**small | options)


def read_by(estimator):
    return [type(column).__name__ for column in estimator._model.reader.columns]


def as_they_are(estimator):
    """For each row of ``coefs_[0]`` the name of the input."""
    assert len(estimator.coefs_[0]) == len(estimator.encoded_feature_names_)
    return estimator.encoded_feature_names_


@pytest.mark.parametrize("name", CASES)
def test_a_kind_of_column_goes_through_an_estimator(name, monkeypatch):
    case = CASES[name]
    use(case, monkeypatch)
    X = frame_of(case)
    fitted = model().fit(X, Y, X_val=X[:30], y_val=Y[:30])
    assert read_by(fitted) == ["NumberColumn", case.read_by, "NumberColumn"]
    groups = fitted._model.encoder.groups
    assert case.encoded_by in {type(group).__name__ for group in groups}
    assert sorted(as_they_are(fitted)) == sorted([*case.names, "before", "behind"])
    predicted = fitted.predict(X)
    assert_allclose(np.concatenate([fitted.predict(X[i : i + 1]) for i in range(9)]), predicted[:9])
    assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(X), predicted)
    assert_array_equal(copy.deepcopy(fitted).predict(X), predicted)
    missing = fitted.predict(X.assign(c=np.array([None] * N_ROWS, dtype=object)))
    assert np.isfinite(missing).all()
    # On, with the same columns.
    again = fitted.fit(X, Y, X_val=X[:30], y_val=Y[:30])
    assert again.history_["epoch"] == [1, 2, 3, 4, 5, 6]
    streamed = model().partial_fit(X[:50], Y[:50]).partial_fit(X[50:], Y[50:])
    assert np.isfinite(streamed.predict(X)).all()


@pytest.mark.parametrize("name", CASES)
def test_rows_in_blocks_are_what_they_are_at_once(name, monkeypatch):
    X = frame_of(CASES[name])
    use(CASES[name], monkeypatch)
    fitted = model().fit(X, Y)
    at_once = fitted.predict(X)
    monkeypatch.setattr("sknumpynet.frames.reader.BLOCK", 7)
    assert_allclose(fitted.predict(X), at_once, rtol=1e-6)


def test_a_wide_column_is_put_in_its_place():
    X = frame_of(TEXT, second=TEXT.values, last=np.arange(N_ROWS))
    reader = FrameReader()
    table = reader.learn(X)
    assert table.shape == (N_ROWS, 2 * 64 + 3)
    assert table.dtype == np.float64
    assert_array_equal(table[:, 0], X["before"])
    assert_array_equal(table[:, 65], X["behind"])
    assert_array_equal(table[:, -1], X["last"])
    assert_array_equal(table[:, 1:65], table[:, 66:130])
    assert_array_equal(table[:, 1:65].sum(axis=1), 3)
    assert_array_equal(reader.read(X), table)
    own = reader.table_columns(table)
    assert [column.source for column in own] == [0, *[1] * 64, 2, *[3] * 64, 4]
    assert (len(own), own.n_sources) == (131, 5)


def test_numbers_of_text_keep_their_digits():
    """Beside columns that float32 holds."""
    X = frame_of(MONEY)[["c"]].assign(small=np.float32(1.5))
    reader = FrameReader()
    table = reader.learn(X)
    assert table[0].tolist() == [1_234_567.89, 1.5]
    assert reader.read(X)[0].tolist() == [1_234_567.89, 1.5]


def test_a_small_wide_column_keeps_the_table_small():
    X = frame_of(PARTS).astype({"before": "float32", "behind": "float32"})
    assert FrameReader().learn(X).dtype == np.float32


@LEFT_OUT
@pytest.mark.parametrize("first", [True, False])
def test_a_column_that_is_left_out_stands_beside_a_wide_one(first):
    """It is not read from then on, and the wide one is."""
    X = frame_of(TEXT)
    X.insert(0 if first else 3, "id", [f"id{j}" for j in range(N_ROWS)])
    fitted = model(max_iter=60, learning_rate_init=0.01).fit(X, Y)
    assert read_by(fitted).count("LeftOutColumn") == 1
    assert read_by(fitted)[list(X).index("id")] == "LeftOutColumn"
    predicted = fitted.predict(X)
    assert_array_equal(fitted.predict(X.assign(id=[object()] * N_ROWS)), predicted)
    assert np.abs(fitted.predict(X.assign(c="red old new")) - predicted).max() > 1e-3
    fitted.fit(X, Y)


@LEFT_OUT
def test_a_wide_column_is_left_out_if_all_of_it_is():
    letters = [chr(200 + j) for j in range(N_ROWS)]
    one = pd.DataFrame({"c": [f"{a}{a}{'xy'[j % 2]}" for j, a in enumerate(letters)]})
    every = pd.DataFrame({"c": [3 * a for a in letters]})
    for X, kind in ((one, "Parts"), (every, "LeftOutColumn")):
        X = X.assign(n=np.arange(N_ROWS))
        fitted = model().fit(X, Y)
        assert read_by(fitted) == [kind, "NumberColumn"]
        assert fitted._model.reader.read(X).shape == (N_ROWS, 4)
        assert np.isfinite(fitted.fit(X, Y).predict(X)).all()


@pytest.mark.parametrize("column", ["before", "behind"])
def test_rows_that_look_otherwise_are_found_beside_a_wide_column(column):
    X = frame_of(TEXT)
    other = X.assign(**{column: X[column] * 100 + 500})
    with pytest.warns(UserWarning, match=f"1 of 3 columns .*Column '{column}' runs from 4"):
        model().fit(X, Y, X_val=other, y_val=Y)
    model().fit(X, Y, X_val=X, y_val=Y)


def test_a_wide_column_that_looks_otherwise_is_one_column():
    X = frame_of(TEXT)
    other = X.assign(c=[" ".join([text] * 50) for text in X["c"]])
    with pytest.warns(UserWarning, match="X_val does not look like X: 1 of 3 columns .*'c'"):
        model().fit(X, Y, X_val=other, y_val=Y)


def test_text_that_is_numbers_is_compared():
    X = frame_of(MONEY)
    other = X.assign(c=["$1,000,000,000"] * N_ROWS)
    with pytest.warns(UserWarning, match="Column 'c' runs from 1e"):
        model().fit(X, Y, X_val=other, y_val=Y)


def test_messages_name_the_column_behind_a_wide_one():
    X = frame_of(TEXT)
    with pytest.raises(ValueError, match="Column 'behind' holds inf in row 3"):
        model().fit(X.assign(behind=[1.0, 2.0, 3.0, np.inf] * 20), Y)
    with pytest.raises(ValueError, match="cannot measure column 'behind' of X"):
        model().fit(X.assign(behind=[-1.7e308, 1.7e308] * 40), Y)
    with pytest.raises(ValueError, match="The cause is column 'behind' of X: in row"):
        model(feature_scaling=None).fit(X.assign(behind=[1.0, 1e30] * 40), Y)
    with pytest.raises(TypeError, match="Column 'c' of X holds numbers"):
        model().fit(X, Y).predict(X.assign(c=1.0))


def test_what_the_user_says_comes_first():
    """Text that is to be a category is one, whatever it looks like."""
    X = frame_of(TEXT)
    for options, frame in (
        ({"categorical_features": ["c"]}, X),
        ({}, X.astype({"c": "category"})),
    ):
        assert read_by(model(min_frequency=1, **options).fit(frame, Y))[1] == "CategoryColumn"
    with pytest.raises(ValueError, match="Column 'c' of X holds text"):
        model(categorical_features=None).fit(X, Y)


# Training rows that are encoded otherwise.


class Seen:
    """Batches of a fit, and which of them are of training."""

    def __init__(self, monkeypatch):
        self.x, self.y = [], []
        gather, seen = Batches._gather, self

        def noted(batches, where):
            batch = gather(batches, where)
            if batches._rng is not None or batches._change is not None:
                seen.x.append(batch.x.copy())
                seen.y.append(batch.y.copy())
            return batch

        monkeypatch.setattr(Batches, "_gather", noted)

    def take(self):
        """The training rows since the last time, and their targets, epoch after epoch."""
        found = np.concatenate(self.x), np.concatenate(self.y)
        self.x, self.y = [], []
        return found


def noise_of_levels():
    """A category of many levels that says nothing of the target."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"c": [f"level{j % 40:02d}" for j in range(400)]})
    return X, rng.normal(size=400)


def correlation(x, y):
    return np.corrcoef(x.ravel(), y.ravel())[0, 1]


@pytest.mark.parametrize("how", ["fit", "warm_start", "partial_fit", "batch of all", "uncached"])
def test_a_row_in_training_does_not_know_its_own_target(how, monkeypatch):
    """Ten rows of a level: by chance its mean and its own targets correlate by a third."""
    use(STATISTICS, monkeypatch)
    X, y = noise_of_levels()
    seen = Seen(monkeypatch)
    if how == "uncached":
        monkeypatch.setattr("sknumpynet.options.plan.CACHE", 0)
    fitted = model(batch_size=400 if how == "batch of all" else 64, early_stopping=False)
    fitted.fit(X, y)
    later = fitted._model.encoder.encode(fitted._model.reader.read(X), np.empty((400, 1)))
    assert correlation(later, y) > 0.25
    first = seen.take()
    if how == "warm_start":
        fitted.fit(X, y)
    elif how == "partial_fit":
        fitted.partial_fit(X, y)
    x, targets = first if how in ("fit", "batch of all", "uncached") else seen.take()
    assert len(x) >= 400
    assert correlation(x, targets) < 0.12


def test_training_goes_by_what_a_row_does_not_know(monkeypatch):
    """On its own targets the network would believe the levels; held out they are worth nothing."""
    use(STATISTICS, monkeypatch)
    X, y = noise_of_levels()
    options = {"max_iter": 60, "learning_rate_init": 0.01, "early_stopping": False}
    honest = model(**options).fit(X, y)
    monkeypatch.setattr(TargetStatistics, "in_training", lambda *args: None)
    misled = model(**options).fit(X, y)
    assert honest.predict(X).std() < 0.6 * misled.predict(X).std()


def test_rows_to_validate_on_are_as_later_ones(monkeypatch):
    use(STATISTICS, monkeypatch)
    X, y = noise_of_levels()
    fitted = model(early_stopping=True, scoring="loss").fit(X[:300], y[:300], X_val=X, y_val=y)
    error = fitted.predict(X) - y
    validated = 0.5 * np.mean(error**2) / np.var(y[:300])
    assert min(fitted.history_["validation_loss"]) == pytest.approx(validated, rel=1e-4)


def test_what_sets_training_rows_apart_is_not_kept(monkeypatch):
    """A model has no number for each row."""
    use(STATISTICS, monkeypatch)
    X, y = noise_of_levels()
    many = pd.concat([X] * 10, ignore_index=True)
    sizes = [len(pickle.dumps(model(warm_start=False, early_stopping=False).fit(*rows)))
             for rows in ((X, y), (many, np.tile(y, 10)))]  # fmt: skip
    assert sizes[1] - sizes[0] < 500


@pytest.mark.parametrize("case", [NOISY, MASKED], ids=["noise", "masks"])
@pytest.mark.parametrize("batch_size", [32, N_ROWS])
def test_what_is_drawn_is_another_one_in_each_epoch(case, batch_size, monkeypatch):
    use(case, monkeypatch)
    X, seen = frame_of(case), Seen(monkeypatch)
    options = {"batch_size": batch_size, "shuffle": False, "early_stopping": False}
    fitted = model(**options).fit(X, Y)
    # A batch of all has its rows in the order of their content.
    x, targets = (np.split(array, 3) for array in seen.take())
    epochs = [rows[np.argsort(y, axis=0).ravel()] for rows, y in zip(x, targets, strict=True)]
    encoder = fitted._model.encoder
    clean = np.empty((N_ROWS, encoder.n_columns), dtype=np.float32)
    encoder.encode(fitted._model.reader.read(X), clean)
    clean = clean[np.argsort(Y)]
    differ = [(epoch != clean).any(axis=0) for epoch in epochs]
    own = [encoder.sources[j] == 1 or case is NOISY for j in range(encoder.n_columns)]
    for where in differ:
        assert_array_equal(where, own)
    assert (epochs[0] != epochs[1]).any()
    assert (epochs[1] != epochs[2]).any()
    if case is NOISY:
        # The rows that are kept do not move away.
        assert_allclose(np.std(epochs[2] - clean, axis=0), 0.5, atol=0.15)
    # The same seed, the same bits; and a fit that goes on draws on.
    again = model(**options).fit(X, Y)
    assert_array_equal(again.network_.theta, fitted.network_.theta)
    seen.take()
    fitted.fit(X, Y)
    assert (np.split(seen.take()[0], 3)[0] != epochs[0]).any()


def test_other_draws_stay_what_they_were(monkeypatch):
    """Order of the rows and starting weights do not depend on who else draws."""
    X = frame_of(NOISY)
    seen = Seen(monkeypatch)
    model(batch_size=16, early_stopping=False).fit(X, Y)
    order = seen.take()[1]
    use(NOISY, monkeypatch)
    model(batch_size=16, early_stopping=False).fit(X, Y)
    assert_array_equal(seen.take()[1], order)


def test_each_of_several_models_has_its_own(monkeypatch):
    use(STATISTICS, monkeypatch)
    X, y = noise_of_levels()
    seen = Seen(monkeypatch)
    fitted = model(n_bags=2, warm_start=False, early_stopping=True).fit(X, y)
    x, targets = seen.take()
    assert correlation(x, targets) < 0.15
    assert correlation(fitted.oof_prediction_, y) < 0.3


def test_rows_that_layers_look_at_are_those_of_training(monkeypatch):
    use(STATISTICS, monkeypatch)
    X, y = noise_of_levels()
    looked = []
    look = Network.look
    monkeypatch.setattr(Network, "look", lambda self, x, w: looked.append(x) or look(self, x, w))
    model(numeric_embedding="piecewise_linear", early_stopping=False).fit(X, y)
    assert correlation(looked[0], y) < 0.12


def test_sparse_rows_are_refused(monkeypatch):
    use(NOISY, monkeypatch)
    with pytest.raises(ValueError, match="Sparse rows are encoded alike"):
        model().fit(sp.csr_matrix(np.eye(N_ROWS)), Y)
