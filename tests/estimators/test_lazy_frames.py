"""Lazy frames: the same model as of the eager frame, by way of files that nobody sees."""

import datetime as dt
import os
import signal
import subprocess
import sys
import tempfile
import threading
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPRegressor
from sknumpynet.frames.lazy import files, streams
from sknumpynet.inspection import diagnose
from sknumpynet.network import rows_stand_alone

pl = pytest.importorskip("polars", minversion="1.34")
pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")
ds = pytest.importorskip("pyarrow.dataset")

N = 600
rng = np.random.default_rng(0)
HOURS = rng.integers(0, 9999, N).tolist()
NUMBERS = pl.DataFrame(
    {
        "single": rng.normal(size=N).astype(np.float32),
        "whole": rng.integers(-5, 100, N),
        "yes": rng.random(N) < 0.5,
        "double": rng.normal(size=N) * 1e3,
        "gaps": [None if i % 7 == 0 else float(i) for i in range(N)],
    }
)
SMALL = NUMBERS.select("single", "yes", whole=pl.col("whole").cast(pl.Int64))
MIXED = NUMBERS.with_columns(
    text=pl.Series(rng.choice(["a", "bb", "c"], N)),
    spelled=pl.Series([f"{v:.1f} kg" for v in rng.normal(50, 9, N)]),
    free=pl.Series([" ".join(rng.choice(["red", "blue", "house", f"w{i}"], 4)) for i in range(N)]),
    said=pl.Series(rng.choice(["yes", "no"], N)),
    date=pl.Series([dt.datetime(2020, 1, 1) + dt.timedelta(hours=h) for h in HOURS]),
    # Levels that come late.
    late=pl.Series(["p"] * 500 + ["q"] * 100),
).with_columns(
    declared=pl.col("text").cast(pl.Enum(["zz", "c", "bb", "a"])),
    day=pl.col("date").dt.date(),
    zoned=pl.col("date").dt.replace_time_zone("UTC"),
    some=pl.when(pl.col("whole") > 50).then(pl.col("text")),
)
Y = np.sin(NUMBERS["double"].to_numpy() / 500) + NUMBERS["single"].to_numpy()
FRAMES = {"small": SMALL, "numbers": NUMBERS, "mixed": MIXED}
OPTIONS = {"hidden_layer_sizes": (8,), "max_iter": 3, "random_state": 0}

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:The network predicts no better:UserWarning"),
]


@pytest.fixture(autouse=True)
def few_rows_at_once(monkeypatch):
    monkeypatch.setattr(streams, "AT_ONCE", 128)


def as_arrow(frame):
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def of_polars(frame, path):
    return frame.lazy(), frame


def of_parquet(frame, path):
    frame.write_parquet(path, row_group_size=250)
    return pl.scan_parquet(path), frame


def of_dataset(frame, path):
    frame.write_parquet(path, row_group_size=250)
    return ds.dataset(path), ds.dataset(path).to_table()


def of_scanner(frame, path):
    lazy, eager = of_dataset(frame, path)
    return lazy.scanner(), eager


def of_duckdb(frame, path):
    frame.write_parquet(path)
    lazy = duckdb.read_parquet(str(path))
    return lazy, lazy.project("*").to_arrow_table()


def of_a_stream(frame, path):
    class Stream:
        def __arrow_c_stream__(self, requested_schema=None):
            return as_arrow(frame).__arrow_c_stream__(requested_schema)

    return Stream(), as_arrow(frame)


LIBRARIES = [of_polars, of_parquet, of_dataset, of_scanner, of_duckdb, of_a_stream]


def without_y(frame):
    return frame.drop_columns(["y"]) if isinstance(frame, pa.Table) else frame.drop("y")


def open_files():
    """Files without a name, and maps of them, that this process has."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            continue
    with open("/proc/self/maps") as maps:
        found += [line.split(maxsplit=5)[-1].strip() for line in maps]
    folder = tempfile.gettempdir()
    return [name for name in found if name.startswith(folder) and name.endswith("(deleted)")]


@pytest.fixture
def nothing_stays():
    if not os.path.exists("/proc/self/maps"):
        yield lambda: []
        return
    before = open_files(), os.listdir(tempfile.gettempdir())
    yield lambda: [name for name in open_files() if name not in before[0]]
    assert open_files() == before[0]


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("of_library", LIBRARIES)
def test_the_same_bits_as_of_the_eager_frame(of_library, name, tmp_path, nothing_stays):
    frame = FRAMES[name].with_columns(y=pl.Series(Y))
    lazy, eager = of_library(frame, tmp_path / "table")
    X, y = without_y(eager), eager["y"]
    model = NumpyMLPRegressor(**OPTIONS).fit(X, y)
    other = clone(model).fit(lazy, "y")
    assert other.history_["loss"] == model.history_["loss"]
    assert_array_equal(other.network_.theta, model.network_.theta)
    assert other.report_.as_frame().equals(model.report_.as_frame())
    assert_array_equal(other.predict(X), model.predict(X))
    assert other.score(lazy, "y") == model.score(X, y)
    assert nothing_stays() == []


@pytest.mark.parametrize(
    "options",
    [
        {"feature_scaling": None},
        {"feature_scaling": "robust"},
        {"feature_scaling": "quantile"},
        {"categorical_features": ["whole", *MIXED.select(pl.col(pl.String, pl.Enum)).columns]},
        {"parse_text": False},
        {"n_bags": 2, "n_jobs": 2},
        {"solver": "lbfgs"},
        {"dtype": "float64"},
    ],
)
def test_with_options(options):
    model = NumpyMLPRegressor(**OPTIONS | options).fit(MIXED, Y)
    lazy = clone(model).fit(MIXED.lazy(), Y)
    assert_array_equal(lazy.network_.theta, model.network_.theta)
    assert_array_equal(lazy.predict(MIXED.lazy()), model.predict(MIXED))
    assert_array_equal(lazy.transform(MIXED.lazy()), model.transform(MIXED))


def test_of_a_tabular_mlp():
    model = TabularMLPRegressor(**OPTIONS, n_bags=1).fit(MIXED, Y)
    lazy = clone(model).fit(MIXED.lazy(), Y)
    assert_array_equal(lazy.network_.theta, model.network_.theta)
    # Batch by batch: what is promised for float32, by the BLAS.
    far = 0.0 if rows_stand_alone(np.dtype("float32")) else 1e-12
    assert_allclose(lazy.predict(MIXED.lazy()), model.predict(MIXED), rtol=far)


def test_what_goes_with_rows_is_a_name_a_lazy_column_or_an_array():
    weight, groups = rng.integers(1, 4, N), rng.integers(0, 50, N)
    beside = {"y": MIXED["text"], "w": weight, "g": groups}
    X = MIXED.drop("text", "declared", "some")
    frame = X.with_columns(**{k: pl.Series(v) for k, v in beside.items()}).lazy()
    model = NumpyMLPClassifier(**OPTIONS)
    options = {"sample_weight": weight, "groups": groups}
    theta = model.fit(X, MIXED["text"], **options).network_.theta
    for passed in (
        (frame, "y", {"sample_weight": "w", "groups": "g"}),
        (X.lazy(), MIXED.lazy().select("text"), options),
        (X.lazy(), MIXED["text"].to_list(), options),
        (X, MIXED.lazy().select("text"), {k: pl.LazyFrame({k: v}) for k, v in options.items()}),
    ):
        X_lazy, y, rest = passed
        assert_array_equal(clone(model).fit(X_lazy, y, **rest).network_.theta, theta)
    assert model.score(X.lazy(), MIXED.lazy().select("text")) == model.score(X, MIXED["text"])
    assert model.score(frame.drop("g"), "y", "w") == model.score(X, MIXED["text"], weight)


def test_rows_to_validate_on_and_a_stream():
    columns = MIXED.drop("late")
    frame = columns.with_columns(y=pl.Series(Y)).lazy()
    model = NumpyMLPRegressor(**OPTIONS)
    model.fit(columns[:400], Y[:400], X_val=columns[400:], y_val=Y[400:])
    lazy = clone(model).fit(frame[:400], "y", X_val=frame[400:], y_val="y")
    assert lazy.history_["validation_loss"] == model.history_["validation_loss"]
    streamed, by_parts = clone(model), clone(model)
    for start in (0, 300, 0):
        part = slice(start, start + 300)
        streamed.partial_fit(columns[part], Y[part])
        by_parts.partial_fit(frame[part], "y")
    assert_array_equal(by_parts.network_.theta, streamed.network_.theta)


def test_several_columns_of_y():
    y = pl.DataFrame({"a": Y, "b": -Y})
    model = NumpyMLPRegressor(**OPTIONS).fit(NUMBERS, y)
    assert_array_equal(clone(model).fit(NUMBERS.lazy(), y.lazy()).coefs_[0], model.coefs_[0])


def test_a_scorer_is_given_rows(nothing_stays):
    given = []

    def scorer(estimator, X, y):
        given.append((X, y))
        return -float(np.mean((estimator.predict(X) - y) ** 2))

    options = OPTIONS | {"scoring": scorer, "early_stopping": True}
    eager = NumpyMLPRegressor(**options).fit(MIXED, Y)
    X, y = given.pop()
    given.clear()
    lazy = NumpyMLPRegressor(**options).fit(MIXED.lazy(), Y)
    assert given[-1][0].equals(X)
    assert_array_equal(given[-1][1], y)
    assert lazy.validation_scores_ == eager.validation_scores_
    assert nothing_stays() == []


def test_columns_that_were_left_out_may_be_missing():
    frame = SMALL.with_columns(id=pl.Series([f"id{i}" for i in range(N)]))
    with pytest.warns(UserWarning, match="Left out of X: 'id'"):
        model = NumpyMLPRegressor(**OPTIONS).fit(frame.lazy(), Y)
    assert "left out" in str(model.report_)
    assert_array_equal(model.predict(SMALL.lazy()), model.predict(frame))
    model.partial_fit(SMALL.lazy(), Y)


# The query is run once.


def test_the_order_of_rows_may_be_another_one_in_every_run():
    """What belongs together is read together."""
    runs = []

    def shuffled(batch):
        runs.append(len(batch))
        return batch.sample(fraction=1.0, shuffle=True)

    X = pl.DataFrame({"x": np.linspace(-1, 1, N), "t": ["u", "v"] * (N // 2)})
    frame = X.with_columns(y=pl.col("x") * 3).lazy().map_batches(shuffled)
    model = NumpyMLPRegressor((16,), max_iter=300, random_state=0).fit(frame, "y")
    assert runs == [N]
    assert model.score(frame, "y") > 0.99


def test_a_reader_can_be_read_once():
    table = as_arrow(MIXED.with_columns(y=pl.Series(Y)))
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(50))
    model = NumpyMLPRegressor(**OPTIONS).fit(reader, "y")
    expected = NumpyMLPRegressor(**OPTIONS).fit(table.drop_columns(["y"]), Y)
    assert_array_equal(model.network_.theta, expected.network_.theta)


def test_a_relation_of_duckdb_is_left_as_it_was():
    relation = duckdb.sql("select range / 100.0 as a, range % 7 as y from range(300)")
    model = NumpyMLPRegressor(**OPTIONS).fit(relation, "y")
    model.predict(relation.project("a"))
    assert len(relation.fetchall()) == 300


# Errors, and what stays.


@pytest.mark.parametrize("kind", ["numbers", "mixed"])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, MemoryError])
def test_an_error_closes_the_file(kind, error, nothing_stays):
    def scorer(estimator, X, y):
        raise error

    model = NumpyMLPRegressor(**OPTIONS, scoring=scorer, early_stopping=True)
    with pytest.raises((ValueError, error)):
        model.fit(FRAMES[kind].lazy(), Y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        NumpyMLPRegressor(**OPTIONS).fit(FRAMES[kind].lazy(), Y[:-1])
    with pytest.raises(ValueError, match="Column 'double' holds inf in row 599"):
        NumpyMLPRegressor(**OPTIONS).fit(
            FRAMES[kind].with_columns(double=pl.Series(np.append(Y[:-1], np.inf))).lazy(), Y
        )


def test_a_query_that_fails_half_way(nothing_stays):
    def fails(batch):
        raise RuntimeError("the server is gone")

    frame = pl.concat([MIXED.lazy(), MIXED.lazy().map_batches(fails, schema=MIXED.schema)])
    model = NumpyMLPRegressor(**OPTIONS)
    with pytest.raises(Exception, match="the server is gone"):
        model.fit(frame, np.append(Y, Y))
    assert not hasattr(model, "network_")
    assert nothing_stays() == []


@pytest.mark.parametrize("cls", [NumpyMLPClassifier, NumpyMLPRegressor])
def test_a_score_that_fails_half_way_closes_the_file_of_y(cls, nothing_stays):
    def fails(batch):
        raise RuntimeError("the server is gone")

    named = MIXED.with_columns(y=pl.col("whole"))
    model = cls(**OPTIONS).fit(named.lazy(), "y")
    frame = pl.concat([named.lazy(), named.lazy().map_batches(fails, schema=named.schema)])
    for use in (model.score, lambda X, y: diagnose(model, X, y)):
        with pytest.raises(Exception, match="the server is gone"):
            use(frame, "y")
        # Also while the error is still there to be looked at.
        assert nothing_stays() == []


def test_a_table_has_no_room_on_disk_while_an_error_is_looked_at(monkeypatch):
    """A frame of a caught error may hold a view of the table, but not its bytes."""
    tables = []
    table_of = files.TableFile.table

    def kept(file):
        tables.append(table_of(file))
        return tables[-1]

    monkeypatch.setattr(files.TableFile, "table", kept)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        NumpyMLPRegressor(**OPTIONS).fit(NUMBERS.lazy(), Y[:-1])
    assert not tables[0].any()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a full disk to try with")
@pytest.mark.parametrize(
    ("kind", "needed"), [("small", 7200), ("numbers", 24_000), ("mixed", None)]
)
def test_a_full_disk(kind, needed, monkeypatch):
    def full(**options):
        return open("/dev/full", "wb", buffering=0)

    monkeypatch.setattr(files.tempfile, "TemporaryFile", full)
    with pytest.raises(OSError, match="No room on disk: .* bytes .* TMPDIR") as caught:
        NumpyMLPRegressor(**OPTIONS).fit(FRAMES[kind].lazy(), Y)
    assert tempfile.gettempdir() in str(caught.value)
    if needed is not None:
        assert f"takes {needed:,} bytes" in str(caught.value)


def test_what_is_wrong_with_a_lazy_frame_is_told():
    frame = MIXED.with_columns(y=pl.Series(Y)).lazy()
    model = NumpyMLPRegressor(**OPTIONS)
    with pytest.raises(ValueError, match=r"^y='z' is no column of X, .*\(LazyFrame\). It has: "):
        model.fit(frame, "z")
    with pytest.raises(ValueError, match=r"Found array with 0 sample\(s\)"):
        model.fit(frame.filter(pl.col("single") > 1e9), "y")
    model.fit(frame, "y")
    with pytest.raises(ValueError, match="unseen at fit time:\n- y"):
        model.predict(frame)
    with pytest.raises(ValueError, match=r"Found array with 0 sample\(s\)"):
        model.predict(MIXED.lazy().filter(pl.col("single") > 1e9))
    wrong = MIXED.with_columns(double=pl.lit("much"))
    with pytest.raises(ValueError, match="Column 'double' of X holds text"):
        model.predict(wrong.lazy())


def test_new_levels_are_told():
    model = NumpyMLPRegressor(**OPTIONS).fit(MIXED.select("text", "single").lazy(), Y)
    other = MIXED.select(pl.col("text").str.to_uppercase(), "single").lazy()
    with pytest.warns(UserWarning, match="X holds only levels that .*: column 'text'"):
        model.predict(other)


@pytest.mark.skipif(sys.platform == "win32", reason="another Ctrl-C")
def test_ctrl_c_while_the_query_runs(tmp_path):
    """In a process of its own, whose folder for files is looked at."""
    program = """
import sys, time
import pyarrow as pa
from sknumpynet import NumpyMLPRegressor
table = pa.table({"t": ["a", "b"] * 500, "y": [1.0, 2.0] * 500})
def slow():
    while True:
        yield from table.to_batches()
        print("reads", flush=True)
        time.sleep(0.1)
try:
    reader = pa.RecordBatchReader.from_batches(table.schema, slow())
    NumpyMLPRegressor((4,), max_iter=1).fit(reader, "y")
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    where = {**os.environ, "TMPDIR": str(tmp_path)}
    options = {"stdout": subprocess.PIPE, "text": True, "env": where}
    with subprocess.Popen([sys.executable, "-c", program], **options) as process:
        assert process.stdout.readline() == "reads\n"
        assert list(tmp_path.iterdir()) == []
        threading.Timer(0.2, process.send_signal, [signal.SIGINT]).start()
        threading.Timer(30, process.kill).start()
        rest = process.stdout.read()
        process.kill()
    assert "interrupted" in rest
    assert list(tmp_path.iterdir()) == []


# Batches.


def test_small_batches_are_put_together():
    table = NUMBERS.to_arrow()
    pieces = [table[start : start + 10].to_batches()[0] for start in range(0, N, 10)]
    reader = pa.RecordBatchReader.from_batches(table.schema, pieces)
    found = list(streams.stream_of(reader).batches())
    # As long as one that follows may be as large as all.
    assert {len(batch) for batch in found[:-1]} == {70}
    assert pl.DataFrame(pa.concat_tables(batch.to_native() for batch in found)).equals(NUMBERS)


# Memory.


def test_the_table_is_not_in_memory(monkeypatch):
    monkeypatch.setattr(streams, "AT_ONCE", 2**14)
    n = 200_000
    x = np.linspace(0, 1, n, dtype=np.float32)
    frame = pl.DataFrame({f"x{j}": x for j in range(40)}).lazy()
    model = NumpyMLPRegressor((4,), max_iter=1, batch_size=10_000, early_stopping=False)
    model.fit(frame[:1000], x[:1000])
    tracemalloc.start()
    try:
        model.fit(frame, x)
        model.predict(frame)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.5 * x.nbytes * 40


def test_names_of_columns_are_told_to_need_a_lazy_frame():
    X = SMALL.with_columns(y=pl.Series(Y))
    with pytest.raises(ValueError, match=r"Got 'y' of type str. Only beside a lazy X it may be"):
        NumpyMLPRegressor(**OPTIONS).fit(X, "y")
    model = NumpyMLPRegressor(**OPTIONS).fit(X.lazy(), "y")
    with pytest.raises(ValueError, match=r"(?s)- y\n.*Drop from X what is no part of it: y"):
        model.predict(X.lazy())
    with pytest.raises(ValueError, match=r"yet now missing:\n- yes\n$"):
        model.predict(SMALL.drop("yes").lazy())


def test_a_folder_that_cannot_be_written_to_is_told_with_the_variable(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError, match="none.* Name a folder .* TMPDIR"):
        NumpyMLPRegressor(**OPTIONS).fit(SMALL.lazy(), Y)


def test_diagnose_takes_what_fit_takes():
    X = MIXED.select("double", "text", "gaps", leak=pl.Series(2 * Y), y=pl.Series(Y))
    model = NumpyMLPRegressor(**OPTIONS).fit(X.lazy(), "y")
    lazy = diagnose(model, X.lazy(), "y", X_val=X[:50].lazy(), y_val="y")
    eager = diagnose(model, X.drop("y"), Y, X_val=X[:50].drop("y"), y_val=Y[:50])
    assert list(lazy) == list(eager)
    assert "a leaking column" in lazy.kinds
