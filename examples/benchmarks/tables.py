"""How well the defaults do on tables, untuned, beside those of others.

Every table is split into three quarters for training and one for testing, several times. Ours get
the frame as pandas reads it; for the others text columns are one-hot encoded and missing numbers
replaced by the mean, and scikit-learn's MLP and the linear model get scaled columns (and targets),
too. The loss is the log-loss of the probabilities, or the root mean squared error; it is compared
by its ratio to the best method's on that table, and by the geometric mean over the tables.

LightGBM and CatBoost take part where they are installed, LightGBM also tuned: the best of 15 drawn
candidates. CatBoost gets text as categories.

``python examples/benchmarks/tables.py FOLDER`` takes the files of FOLDER (see ``table_files.py``)
and what scikit-learn ships, ``--quick`` some seconds of the latter. Results go to a CSV file and a
chart beside this file; with ``--keep`` methods that are not run anew are taken from that file.
"""

from __future__ import annotations

import argparse
import csv
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import loguniform
from sklearn.base import BaseEstimator
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
from sklearn.model_selection import ParameterSampler, train_test_split
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
    """LightGBM, defaults; one thread, as the others."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    family = LGBMClassifier if classification else LGBMRegressor
    return family(random_state=seed, verbose=-1, n_jobs=1)


#: Of which LightGBM's 15 candidates are drawn: the ranges that its users search.
TUNED = {
    "learning_rate": loguniform(0.01, 0.3),
    "num_leaves": [7, 15, 31, 63, 127],
    "min_child_samples": [2, 5, 10, 20, 50, 100],
    "colsample_bytree": [0.5, 0.7, 1.0],
    "subsample": [0.6, 0.8, 1.0],
    "reg_lambda": loguniform(1e-3, 10.0),
}
#: Rows that candidates are compared on; the best is fitted to all.
SEARCHED = 10_000


class TunedLightGBM(BaseEstimator):
    """The best of 15 candidates by a fifth of the rows, which also says how many trees it has."""

    def __init__(self, classification: bool, seed: int) -> None:
        self.classification, self.seed = classification, seed

    def fit(self, X: np.ndarray, y: np.ndarray) -> Any:
        from lightgbm import early_stopping

        few = min(len(X), SEARCHED)
        strata = y if self.classification else None
        train, held_out = train_test_split(
            np.random.default_rng(self.seed).permutation(len(X))[:few],
            test_size=0.2,
            random_state=self.seed,
            stratify=None if strata is None or few < len(X) else strata,
        )
        found = []
        for options in ParameterSampler(TUNED, 15, random_state=self.seed):
            model = lightgbm(self.classification, self.seed)
            model.set_params(n_estimators=500, subsample_freq=1, **options)
            given = [(X[held_out], y[held_out])]
            stop = early_stopping(30, verbose=False)
            model.fit(X[train], y[train], eval_set=given, callbacks=[stop])
            (loss,) = list(model.best_score_["valid_0"].values())[:1]
            found.append((loss, len(found), options | {"n_estimators": model.best_iteration_}))
        best = lightgbm(self.classification, self.seed)
        best.set_params(subsample_freq=1, **min(found)[2])
        return best.fit(X, y)


def catboost(classification: bool, seed: int) -> Any:
    """CatBoost, defaults."""
    from catboost import CatBoostClassifier, CatBoostRegressor

    family = CatBoostClassifier if classification else CatBoostRegressor
    return family(random_seed=seed, thread_count=1, verbose=False, allow_writing_files=False)


METHODS: dict[str, Method] = {
    "NumpyMLP": ours,
    "TabularMLP": tabular,
    "scikit-learn MLP": scaled_mlp,
    "linear": linear,
    "HistGradientBoosting": histogram_boosting,
}
if find_spec("lightgbm"):
    METHODS["LightGBM"] = lightgbm
    METHODS["LightGBM, 15 trials"] = TunedLightGBM
if find_spec("catboost"):
    METHODS["CatBoost"] = catboost


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
    given = {}
    if name in OURS:
        X_train, X_test = table.X.iloc[train], table.X.iloc[test]
    elif name == "CatBoost":
        text = list(table.X.select_dtypes(exclude="number"))
        filled = table.X[text].astype(object).fillna("missing").astype(str)
        X = table.X.assign(**{column: filled[column] for column in text})
        X_train, X_test, given = X.iloc[train], X.iloc[test], {"cat_features": text}
    else:
        X_train, X_test = prepared(table, seed)
    model = METHODS[name](table.classification, seed)
    start = time.process_time()
    model = model.fit(X_train, y_train, **given)
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
        line = f"{table.name:<18}{len(table.X):>7}"
        for name in methods:
            figures = [measured(name, table, seed) for seed in range(seeds)]
            loss, seconds = np.mean(figures, axis=0)
            line += f"{loss:>14.4f} {seconds:>6.1f}s"
            rows.append(
                {
                    "table": table.name, "rows": len(table.X), "method": name, "loss": loss,
                    "CPU seconds": seconds,
                }
            )  # fmt: skip
        print(line, flush=True)
    return rows


def beside_the_best(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, with the loss over that of the best method on the table."""
    best: dict[str, float] = {}
    for row in rows:
        best[row["table"]] = min(row["loss"], best.get(row["table"], np.inf))
    return [row | {"loss / best": row["loss"] / best[row["table"]]} for row in rows]


def as_markdown(rows: list[dict[str, Any]], methods: list[str]) -> str:
    """A line for each table, from many rows to few, and the means."""
    by_table: dict[str, dict[str, float]] = {}
    for row in sorted(rows, key=lambda row: -row["rows"]):
        by_table.setdefault(f"{row['table']} | {row['rows']:,}", {})[row["method"]] = row[
            "loss / best"
        ]
    lines = [
        f"| loss / best method's | rows | {' | '.join(methods)} |",
        "| --- " * (len(methods) + 2) + "|",
    ]
    for name, ratios in by_table.items():
        shown = [f"{ratios[m]:.2f}" for m in methods]
        shown = [f"**{t}**" if ratios[m] == 1 else t for m, t in zip(methods, shown, strict=True)]
        lines.append(f"| {name} | {' | '.join(shown)} |")
    table = np.array([[ratios[m] for m in methods] for ratios in by_table.values()])
    seconds = [sum(row["CPU seconds"] for row in rows if row["method"] == m) for m in methods]
    for name, figures in {
        "geometric mean": [f"{x:.2f}" for x in np.exp(np.log(table).mean(axis=0))],
        "best on": [str(n) for n in (table == 1).sum(axis=0)],
        "CPU seconds of a fit, sum": [f"{x:.0f}" for x in seconds],
    }.items():
        lines.append(f"| {name} | | {' | '.join(figures)} |")
    return "\n".join(lines)


def kept(path: Path, names: list[str], methods: list[str]) -> list[dict[str, Any]]:
    """The rows of the file about these tables and other methods."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {
            "table": row["table"], "rows": int(row["rows"]), "method": row["method"],
            "loss": float(row["loss"]), "CPU seconds": float(row["CPU seconds"]),
        }
        for row in rows
        if row["table"] in names and row["method"] not in methods
    ]  # fmt: skip


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
        # Two of them may have one mean.
        above = -20 if name in OURS else 9
        right.annotate(name, (seconds, mean), (0, above), textcoords="offset points", ha="center")
    ax.axvline(1.0, color="0.7", linewidth=1, zorder=0)
    ax.set_xscale("log")
    ticks = [1, 1.2, 1.5, 2, 3, 5]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.grid(axis="y", linewidth=0.5, alpha=0.5)
    ax.set(xlabel="loss on test rows / best method's", title="A point for each method")
    right.set(
        xscale="log",
        xlabel="CPU seconds of a fit, mean",
        ylabel="loss / best, geometric mean",
        title="What it costs, and where they stand",
    )
    right.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
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
    parser.add_argument("--keep", action="store_true", help="the other methods of the CSV file")
    here = Path(__file__).parent
    parser.add_argument("--output", type=Path, default=here, help="folder of the CSV and the chart")
    options = parser.parse_args(arguments)
    # scikit-learn's MLP reaches max_iter on most tables; its defaults are what is measured.
    warnings.simplefilter("ignore", ConvergenceWarning)
    # LightGBM is trained on arrays here, whatever it says about names.
    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    warnings.filterwarnings("ignore", message="The argument 'eval_set' is deprecated")
    if options.quick:
        options.tables, options.seeds = ["wine", "diabetes"], 1
    methods = list(options.methods or METHODS)
    tables = load_tables(options.folder, options.tables)
    options.output.mkdir(parents=True, exist_ok=True)
    names = [table.name for table in tables]
    others = kept(options.output / "tables.csv", names, methods) if options.keep else []
    rows = beside_the_best(run(tables, methods, options.seeds) + others)
    found = {row["method"] for row in rows}
    methods = [name for name in METHODS if name in found]
    summary(rows, methods)
    print(f"\n{as_markdown(rows, methods)}")
    write_csv(options.output / "tables", list(rows[0]), [list(row.values()) for row in rows])
    draw(rows, methods, options.output / "tables.png")
    print(f"\nResults: {options.output / 'tables.csv'}, {options.output / 'tables.png'}")


if __name__ == "__main__":
    main()
