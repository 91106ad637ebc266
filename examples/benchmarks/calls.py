"""What tuning does most: small fits, predictions, a grid search, beside scikit-learn's MLP.

Overhead is the time of a fit that is not training: the time of one epoch, measured by ten more
of them, is taken off a fit of one. Methods take turns, medians are compared.

``python examples/benchmarks/calls.py`` takes two minutes, ``--quick`` some seconds. Results go to a
CSV file and a bar chart beside this file.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from speed import framed, write_csv

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor, TabularMLPClassifier

FAMILIES = {
    "sknumpynet": (NumpyMLPClassifier, NumpyMLPRegressor),
    "scikit-learn": (MLPClassifier, MLPRegressor),
}

#: Fits of both families do the same work: scikit-learn's network and batches, no early end.
SAME_WORK = {
    "hidden_layer_sizes": (100,),
    "batch_size": 200,
    "solver": "adam",
    "learning_rate_init": 0.001,
    "early_stopping": False,
    "tol": 0.0,
    "n_iter_no_change": 10**6,
    "random_state": 0,
}

ONE_HOT = OneHotEncoder(handle_unknown="ignore")

#: A task: for each family a function to be timed and how often it is called in a round.
Task = tuple[dict[str, Callable[[], Any]], int]


def seconds_in_turn(task: Task, rounds: int) -> dict[str, float]:
    """Median seconds of a call of each function, which take turns; the first round warms up."""
    functions, calls = task
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for round_ in range(rounds + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(calls):
                function()
            if round_:
                seconds[name].append((time.perf_counter() - start) / calls)
    return {name: statistics.median(times) for name, times in seconds.items()}


def small_table(frame: bool = False) -> tuple[Any, np.ndarray, np.ndarray]:
    """200 rows of 10 columns, three classes, and a number."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 10))
    y = (X @ rng.standard_normal((10, 3))).argmax(axis=1)
    return framed(X) if frame else X, y, X[:, 0] + X[:, 1] * X[:, 2]


def small_fits(kind: int, epochs: int, *, frame: bool = False) -> Task:
    """Fits of 200 rows by both families; ``kind`` 0 classifies, 1 is a regression."""
    X, *targets = small_table(frame)

    def fit(family: str) -> Callable[[], Any]:
        model = FAMILIES[family][kind](**SAME_WORK, max_iter=epochs)
        return lambda: model.fit(X, targets[kind])

    return {family: fit(family) for family in FAMILIES}, 5


def predictions(
    n_rows: int,
    calls: int,
    n_columns: int = 20,
    hidden: tuple[int, ...] = (100,),
    dtype: Any = float,
) -> Task:
    """Predictions for ``n_rows`` rows; X of ``dtype`` in training, too.

    scikit-learn predicts in the dtype of X, we in that of the network, float32.
    """
    rng = np.random.default_rng(0)
    X = rng.standard_normal((1000, n_columns)).astype(dtype)
    y = X[:, :3].argmax(axis=1)
    models = {
        family: classes[0](hidden, max_iter=2, random_state=0).fit(X, y)
        for family, classes in FAMILIES.items()
    }
    rows = rng.standard_normal((n_rows, n_columns)).astype(dtype)

    def predict(model: Any) -> Callable[[], Any]:
        return lambda: model.predict(rows)

    return {family: predict(model) for family, model in models.items()}, calls


def mixed_table(n_rows: int) -> Any:
    """14 columns: numbers with gaps, integers, text with gaps, a category, dates; and two classes.

    The text is ``object``, as in frames that are read from a database.
    """
    import pandas as pd

    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    for j in range(7):
        columns[f"number {j}"] = rng.standard_normal(n_rows) * 10.0**j
        columns[f"number {j}"][rng.random(n_rows) < 0.1 * (j % 2)] = np.nan
    columns["flag"], columns["count"] = rng.integers(0, 2, n_rows), rng.integers(0, 99, n_rows)
    for n_levels in (2, 5, 40):
        text = np.array([f"level {i}" for i in range(n_levels)], dtype=object)
        columns[f"{n_levels} levels"] = text[rng.integers(0, n_levels, n_rows)]
        columns[f"{n_levels} levels"][rng.random(n_rows) < 0.05] = None
    columns["category"] = pd.Categorical(rng.choice(["a", "b", "c"], n_rows))
    columns["date"] = np.datetime64("2024-01-01", "us") + np.arange(n_rows).astype("m8[h]")
    y = columns["flag"] + columns["number 0"] + rng.standard_normal(n_rows) > 0.5
    return pd.DataFrame(columns), y.astype(int)


def sklearn_pipeline(X: Any) -> Any:
    """scikit-learn's MLP behind what it needs for such columns; dates as seconds."""
    encoders = make_column_transformer(
        (
            make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (ONE_HOT, [name for name in X if "levels" in name or name == "category"]),
        (make_pipeline(FunctionTransformer(as_seconds), StandardScaler()), ["date"]),
    )
    return make_pipeline(encoders, MLPClassifier(max_iter=2, random_state=0))


def as_seconds(X: Any) -> Any:
    """Dates as numbers."""
    return X.to_numpy().astype("M8[s]").astype(float)


def row_of_a_frame(kind: str, ours: Any = NumpyMLPClassifier) -> Task:
    """Predictions of one row of 14 columns; of a dict scikit-learn is given a frame of it."""
    import pandas as pd

    X, y = mixed_table(2000)
    model = ours(max_iter=2, random_state=0).fit(X, y)
    peer = sklearn_pipeline(X).fit(X, y)
    row: Any = X.iloc[[7]]
    values = row.astype(object).where(row.notna(), None).to_dict("list")
    given, of_peer = row, lambda: peer.predict(row)
    if kind == "dict":
        types = X.dtypes
        given, of_peer = values, lambda: peer.predict(pd.DataFrame(values).astype(types))
    elif kind == "polars":
        import polars as pl

        given = pl.from_pandas(row)
    return {"sknumpynet": lambda: model.predict(given), "scikit-learn": of_peer}, 5


def grid_search(quick: bool) -> Task:
    """60 candidates (2 if quick), 5 (2) folds, 20 epochs each, on digits, in two processes."""
    X, y = load_digits(return_X_y=True)
    X = X / 16.0
    grid = {
        "hidden_layer_sizes": [(50,), (100,), (64, 32)],
        "alpha": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
        "learning_rate_init": [3e-4, 1e-3, 3e-3, 1e-2],
    }
    if quick:
        grid = {"alpha": [1e-4, 1e-2]}

    def search(family: str) -> Callable[[], Any]:
        estimator = FAMILIES[family][0](**SAME_WORK, max_iter=20)
        return lambda: GridSearchCV(estimator, grid, cv=2 if quick else 5, n_jobs=2).fit(X, y)

    return {family: search(family) for family in FAMILIES}, 1


def measure(quick: bool) -> dict[str, dict[str, float]]:
    """Seconds of each family for each task."""
    rounds, results = (1 if quick else 15), {}
    for kind, name in enumerate(["classifier", "regressor"]):
        one = seconds_in_turn(small_fits(kind, 1), rounds)
        more = seconds_in_turn(small_fits(kind, 11), rounds)
        results[f"fit of 200 rows, one epoch, {name}"] = one
        results[f"   of it overhead, {name}"] = {f: one[f] - (more[f] - one[f]) / 10 for f in one}
    results["fit of 200 rows, 50 epochs, frame"] = seconds_in_turn(
        small_fits(0, 50, frame=True), rounds
    )
    results["predict 1 row"] = seconds_in_turn(predictions(1, 50), rounds)
    for kind in ("dict", "polars", "pandas"):
        results[f"predict 1 row, 14 columns, {kind}"] = seconds_in_turn(
            row_of_a_frame(kind), rounds
        )
    results["   the same, pandas, TabularMLP"] = seconds_in_turn(
        row_of_a_frame("pandas", TabularMLPClassifier), rounds
    )
    results["predict 1 row, 2048 and 2048 units"] = seconds_in_turn(
        predictions(1, 10, hidden=(2048, 2048)), rounds
    )
    n_rows = 10**4 if quick else 10**6
    results[f"predict {n_rows:,} rows"] = seconds_in_turn(predictions(n_rows, 1), rounds)
    for dtype in ("float64", "float32"):
        task = predictions(n_rows // 20, 1, 100, (256, 256), dtype)
        name = f"predict {n_rows // 20:,} rows, wide, {dtype}"
        results[name] = seconds_in_turn(task, rounds)
    name = f"grid search on digits, {2 if quick else 60} candidates"
    results[name] = seconds_in_turn(grid_search(quick), 1 if quick else 3)
    return results


def milliseconds(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def draw(results: dict[str, dict[str, float]], path: Path) -> None:
    """Milliseconds of both families per task."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(9, 5), layout="constrained")
    places = np.arange(len(results))[::-1]
    for i, family in enumerate(FAMILIES):
        values = [1e3 * seconds[family] for seconds in results.values()]
        bars = ax.barh(places + 0.2 - 0.4 * i, values, 0.38, label=family)
        ax.bar_label(bars, fmt=milliseconds, fontsize=8, padding=2)
    ax.set(yticks=places, yticklabels=list(results), xscale="log", xlabel="milliseconds")
    ax.set_xlim(right=ax.get_xlim()[1] * 2)
    ax.set_title("Small fits, predictions and a grid search")
    ax.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, write the CSV and the chart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds and candidates")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(""))
    options = parser.parse_args(arguments)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", ConvergenceWarning)
    results = measure(options.quick)
    print(
        f"{'milliseconds':<42}" + "".join(f"{name:>14}" for name in FAMILIES) + f"{'its/ours':>9}"
    )
    rows = []
    for task, seconds in results.items():
        mine, peer = (seconds[family] for family in FAMILIES)
        print(f"{task:<42}{1e3 * mine:>14.2f}{1e3 * peer:>14.2f}{peer / mine:>9.2f}")
        rows.append([task, mine, peer, peer / mine])
    write_csv(options.output, ["task", *(f"{name} s" for name in FAMILIES), "ratio"], rows)
    draw(results, Path(f"{options.output}.png"))


if __name__ == "__main__":
    main()
