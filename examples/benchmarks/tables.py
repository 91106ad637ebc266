"""How well the defaults do on tables, untuned, beside those of others.

Every table is split into three quarters for training and one for testing, several times. Ours get
the frame as pandas reads it; for the others text columns are one-hot encoded and missing numbers
replaced by the mean, and scikit-learn's MLP and the linear model get scaled columns (and targets),
too. The loss is the log-loss of the probabilities, or the root mean squared error; it is compared
by its ratio to the best method's on that table, and by the geometric mean over the tables.

``python examples/benchmarks/tables.py FOLDER`` takes the files of FOLDER (see ``table_files.py``)
and what scikit-learn ships, ``--quick`` some seconds of the latter. Results go to a CSV file and a
chart beside this file.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from speed import write_csv
from table_files import Table, load_tables

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

#: A method: from whether y holds classes and a seed to an estimator.
Method = Callable[[bool, int], Any]


def ours(classification: bool, seed: int) -> Any:
    """Our defaults."""
    return (NumpyMLPClassifier if classification else NumpyMLPRegressor)(random_state=seed)


def tabular(classification: bool, seed: int) -> Any:
    """Our defaults for tables."""
    return (TabularMLPClassifier if classification else TabularMLPRegressor)(random_state=seed)


def scaled_mlp(classification: bool, seed: int) -> Any:
    """scikit-learn's MLP with its defaults, between the scalers that it needs."""
    if classification:
        return make_pipeline(StandardScaler(), MLPClassifier(random_state=seed))
    model = make_pipeline(StandardScaler(), MLPRegressor(random_state=seed))
    return TransformedTargetRegressor(model, transformer=StandardScaler())


def linear(classification: bool, seed: int) -> Any:
    """The simple competitor."""
    model = LogisticRegression(max_iter=1000) if classification else RidgeCV(np.logspace(-3, 3, 13))
    return make_pipeline(StandardScaler(), model)


def histogram_boosting(classification: bool, seed: int) -> Any:
    """scikit-learn's gradient boosting, defaults."""
    family = HistGradientBoostingClassifier if classification else HistGradientBoostingRegressor
    return family(random_state=seed)


def lightgbm(classification: bool, seed: int) -> Any:
    """LightGBM, defaults."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    family = LGBMClassifier if classification else LGBMRegressor
    return family(random_state=seed, verbose=-1)


METHODS: dict[str, Method] = {
    "NumpyMLP": ours,
    "TabularMLP": tabular,
    "scikit-learn MLP": scaled_mlp,
    "linear": linear,
    "HistGradientBoosting": histogram_boosting,
}
if find_spec("lightgbm"):
    METHODS["LightGBM"] = lightgbm


#: They get frames.
OURS = ("NumpyMLP", "TabularMLP")


def split(table: Table, seed: int) -> list[np.ndarray]:
    """Numbers of the rows to train on and to test."""
    return train_test_split(
        np.arange(len(table.X)),
        test_size=0.25,
        random_state=seed,
        stratify=table.y if table.classification else None,
    )


def prepared(table: Table, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """X_train and X_test as numbers; what is learned, from the training part."""
    train, test = split(table, seed)
    is_number = make_column_selector(dtype_include="number")
    text = [name for name in table.X.columns if name not in is_number(table.X)]
    X = table.X.assign(**{name: table.X[name].astype(object).fillna("?") for name in text})
    encoder = make_column_transformer(
        (SimpleImputer(keep_empty_features=True), is_number),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), text),
    )
    X_train = encoder.fit_transform(X.iloc[train])
    return X_train, encoder.transform(X.iloc[test])


def measured(name: str, table: Table, seed: int) -> tuple[float, float]:
    """Loss on the test rows, and CPU seconds of the fit."""
    train, test = split(table, seed)
    y_train, y_test = table.y[train], table.y[test]
    if name in OURS:
        X_train, X_test = table.X.iloc[train], table.X.iloc[test]
    else:
        X_train, X_test = prepared(table, seed)
    model = METHODS[name](table.classification, seed)
    start = time.process_time()
    model.fit(X_train, y_train)
    seconds = time.process_time() - start
    if table.classification:
        # The same floor for all: a tree may give a probability of 0.
        proba = np.clip(model.predict_proba(X_test), 1e-15, 1.0)
        return log_loss(y_test, proba, labels=model.classes_), seconds
    return root_mean_squared_error(y_test, model.predict(X_test)), seconds


def run(tables: list[Table], methods: list[str], seeds: int) -> list[dict[str, Any]]:
    """A row for each table and method: mean loss and mean seconds over the splits."""
    rows = []
    print(f"{'':<18}{'rows':>7}" + "".join(f"{name:>22}" for name in methods))
    for table in tables:
        figures = {
            name: np.mean([measured(name, table, seed) for seed in range(seeds)], axis=0)
            for name in methods
        }
        best = min(loss for loss, _ in figures.values())
        line = f"{table.name:<18}{len(table.X):>7}"
        for name, (loss, seconds) in figures.items():
            line += f"{loss:>9.4f} {loss / best:>5.2f} {seconds:>5.1f}s"
            rows.append(
                {
                    "table": table.name, "rows": len(table.X), "method": name, "loss": loss,
                    "loss / best": loss / best, "CPU seconds": seconds,
                }
            )  # fmt: skip
        print(line, flush=True)
    return rows


def summary(rows: list[dict[str, Any]], methods: list[str]) -> None:
    """Print each method's mean ratio to the best, its worst table, how often ours beat it."""
    own = {name: {r["table"]: r["loss"] for r in rows if r["method"] == name} for name in OURS}
    head = "".join(f"{name + ' better':>20}" for name in OURS)
    print(f"\n{'':<22}{'loss / best':>12}{'worst':>8}{head}{'CPU seconds':>13}")
    for name in methods:
        part = [row for row in rows if row["method"] == name]
        ratios = np.array([row["loss / best"] for row in part])
        wins = [sum(own[n].get(r["table"], np.inf) < r["loss"] for r in part) for n in OURS]
        shown = "".join(f"{f'{n} of {len(part)}':>20}" for n in wins)
        seconds = sum(row["CPU seconds"] for row in part)
        print(
            f"{name:<22}{np.exp(np.log(ratios).mean()):>12.3f}{ratios.max():>8.2f}"
            f"{shown}{seconds:>13.1f}"
        )


def draw(rows: list[dict[str, Any]], methods: list[str], path: Path) -> None:
    """The ratio to the best method, a line of dots for each table; its mean over CPU seconds."""
    names = list(dict.fromkeys(row["table"] for row in rows))
    figure, (ax, right) = plt.subplots(
        1, 2, figsize=(12, 0.28 * len(names) + 1.8), layout="constrained", width_ratios=[3, 2]
    )
    for k, name in enumerate(methods):
        part = [row for row in rows if row["method"] == name]
        ratios = [row["loss / best"] for row in part]
        at = [names.index(row["table"]) for row in part]
        marker = "o" if name in OURS else "sDv^"[k % 4]
        size = 8 if name in OURS else 5
        ax.plot(ratios, at, marker, label=name, color=f"C{k}", alpha=0.8, markersize=size)
        mean = float(np.exp(np.mean(np.log(ratios))))
        seconds = sum(row["CPU seconds"] for row in part) / len(part)
        right.plot(seconds, mean, marker, color=f"C{k}", markersize=size + 2)
        right.annotate(name, (seconds, mean), (0, 9), textcoords="offset points", ha="center")
    ax.axvline(1.0, color="0.7", linewidth=1, zorder=0)
    ax.set_xscale("log")
    ticks = [1, 1.2, 1.5, 2, 3, 5]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.grid(axis="y", linewidth=0.5, alpha=0.5)
    ax.set(xlabel="loss on test rows / best method's", title="Defaults, nothing tuned")
    right.set(
        xscale="log",
        xlabel="CPU seconds of a fit, mean",
        ylabel="loss / best, geometric mean",
        title="What it costs",
    )
    right.margins(x=0.3, y=0.15)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Run, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="where the files are")
    parser.add_argument("--tables", nargs="+", help="some of the tables")
    parser.add_argument("--methods", nargs="+", choices=METHODS, help="some of the methods")
    parser.add_argument("--seeds", type=int, default=3, help="splits of each table")
    parser.add_argument("--quick", action="store_true", help="two small tables, one split")
    here = Path(__file__).parent
    parser.add_argument("--output", type=Path, default=here, help="folder of the CSV and the chart")
    options = parser.parse_args(arguments)
    # scikit-learn's MLP reaches max_iter on most tables; its defaults are what is measured.
    warnings.simplefilter("ignore", ConvergenceWarning)
    # LightGBM is trained on arrays here, whatever it says about names.
    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    if options.quick:
        options.tables, options.seeds = ["wine", "diabetes"], 1
    methods = list(options.methods or METHODS)
    tables = load_tables(options.folder, options.tables)
    rows = run(tables, methods, options.seeds)
    summary(rows, methods)
    options.output.mkdir(parents=True, exist_ok=True)
    write_csv(options.output / "tables", list(rows[0]), [list(row.values()) for row in rows])
    draw(rows, methods, options.output / "tables.png")
    print(f"\nResults: {options.output / 'tables.csv'}, {options.output / 'tables.png'}")


if __name__ == "__main__":
    main()
