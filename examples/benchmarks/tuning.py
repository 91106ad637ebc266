"""What is gained by tuning, and by which options.

Each table is split into three fifths for training, one to choose by and one to test. Candidates are
drawn from a wide space of options; of the first 20, 40, ... the one with the lowest loss on the
rows to choose by is compared with the defaults on the test rows. Which options matter is what a
forest says that predicts the loss over that of the defaults from the options, by permutation.

``python examples/benchmarks/tuning.py FOLDER`` takes the tables of ``table_files.py`` with at most
``--rows`` rows each; every fit is a line of the CSV file, and ``--summarize`` reads it again.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import loguniform
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import permutation_importance
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import ParameterSampler, train_test_split
from table_files import Table, load_tables

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

FAMILIES = {
    "NumpyMLP": (NumpyMLPRegressor, NumpyMLPClassifier),
    "TabularMLP": (TabularMLPRegressor, TabularMLPClassifier),
}
#: Of a fit.
MOST_SECONDS = 20.0
#: Wider than what is recommended.
SPACES: dict[str, dict[str, Any]] = {
    "NumpyMLP": {
        "hidden_layer_sizes": [(32,), (128,), (128, 64), (256, 128), (256, 256, 256)],
        "activation": ["relu", "tanh", "silu"],
        "dropout": [0.0, 0.0, 0.1, 0.2, 0.4],
        "numeric_embedding": [None, None, "cosine", "piecewise_linear"],
        "learning_rate_init": loguniform(2e-4, 2e-2),
        "solver": ["adam", "adamw"],
        "weight_decay": loguniform(1e-2, 1.0),
        "alpha": loguniform(1e-5, 10.0),
        "feature_scaling": ["standard", "quantile"],
        "batch_size": ["auto", 64, 256],
    },
    "TabularMLP": {
        "hidden_layer_sizes": [(64, 64), (128, 128), (128, 128, 128), (256, 256, 256)],
        "activation": ["relu", "gelu", "silu"],
        "dropout": [0.0, 0.05, 0.1, 0.2, 0.4],
        "numeric_embedding": [None, "cosine", "cosine", "piecewise_linear"],
        "max_frequency": ["auto", 0.1, 0.3, 1.2, 10.0],
        "learning_rate_init": loguniform(1e-3, 2e-2),
        "weight_decay": loguniform(1e-2, 1.0),
        "feature_scaling": ["standard", "quantile"],
        "n_members": [8, 8, 16],
        "normalization": [None, "layer"],
    },
}


def parts(table: Table, rows: int) -> list[np.ndarray]:
    """Numbers of the rows to train on, to choose by and to test."""
    strata = table.y if table.classification else None
    index = np.arange(len(table.X))
    if len(index) > rows:
        index, _ = train_test_split(index, train_size=rows, random_state=0, stratify=strata)
    found = []
    for size in (0.2, 0.25):
        strata = table.y[index] if table.classification else None
        index, other = train_test_split(index, test_size=size, random_state=0, stratify=strata)
        found.insert(0, other)
    return [index, *found]


def losses(family: str, table: Table, options: dict[str, Any], rows: int) -> dict[str, float]:
    """Losses on the rows to choose by and on the test rows, and processor seconds of the fit."""
    train, *others = parts(table, rows)
    model = FAMILIES[family][table.classification](
        random_state=0, n_threads=1, max_time=MOST_SECONDS, **options
    )
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        model.fit(table.X.iloc[train], table.y[train])
    figures = {"seconds": time.process_time() - start}
    for name, rows_of in zip(("choose", "test"), others, strict=True):
        X, y = table.X.iloc[rows_of], table.y[rows_of]
        if table.classification:
            proba = np.clip(model.predict_proba(X), 1e-15, 1.0)
            figures[name] = log_loss(y, proba, labels=model.classes_)
        else:
            figures[name] = root_mean_squared_error(y, model.predict(X))
    return figures


def run(family: str, tables: list[Table], trials: int, rows: int, path: Path) -> None:
    """Write a line for each fit; the first of each table has the defaults."""
    for table in tables:
        seed = sum(map(ord, table.name))
        drawn = ParameterSampler(SPACES[family], trials, random_state=seed)
        for trial, options in enumerate([{}, *drawn]):
            entry = {"family": family, "table": table.name, "trial": trial}
            entry |= losses(family, table, options, rows) | dict.fromkeys(SPACES[family])
            entry |= {name: str(value) for name, value in options.items()}
            pd.DataFrame([entry]).to_csv(path, mode="a", header=not path.exists(), index=False)
        print(f"{family} on {table.name}: done", flush=True)


def gains(fits: pd.DataFrame, budgets: tuple[int, ...] = (5, 10, 20, 40)) -> pd.DataFrame:
    """Loss on test rows over that of the defaults, by table and number of candidates tried."""
    found = {}
    for table, of_table in fits.groupby("table", sort=False):
        of_table = of_table.set_index("trial")
        found[table] = {
            n: of_table.test[of_table.choose[: n + 1].idxmin()] / of_table.test[0]
            for n in budgets
            if n < len(of_table)
        }
    return pd.DataFrame(found).T


def importances(fits: pd.DataFrame, options: list[str]) -> pd.Series:
    """How much of the variance of the log of the loss over the defaults' is lost by shuffling."""
    default = fits[fits.trial == 0].set_index("table").test
    tried = fits[fits.trial > 0]
    y = np.log(tried.test / tried.table.map(default)).clip(-0.5, 0.5)
    X = pd.DataFrame(
        {
            name: pd.to_numeric(tried[name], errors="coerce").pipe(np.log)
            if pd.to_numeric(tried[name], errors="coerce").notna().all()
            and (pd.to_numeric(tried[name]) > 0).all()
            else pd.factorize(tried[name])[0]
            for name in options
        }
    ).assign(table=pd.factorize(tried.table)[0])
    forest = RandomForestRegressor(300, min_samples_leaf=3, oob_score=True, random_state=0)
    forest.fit(X, y)
    print(f"  (forest: R2 of rows left out {forest.oob_score_:.2f})")
    drop = permutation_importance(forest, X, y, n_repeats=10, random_state=0).importances_mean
    return pd.Series(drop, X.columns).drop("table").sort_values(ascending=False)


def summarize(path: Path) -> None:
    """Print gains and importances of each family."""
    for family, fits in pd.read_csv(path).groupby("family"):
        table = gains(fits)
        print(f"\n{family}: test loss over that of the defaults\n{table.round(3).to_string()}")
        print(f"median\n{table.median().round(3).to_string()}")
        options = [name for name in SPACES[family] if name in fits]
        print(f"importance\n{importances(fits, options).round(3).to_string()}")


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="with files; none: scikit-learn's")
    parser.add_argument("--family", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--tables", nargs="+")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--rows", type=int, default=2500, help="most rows of a table")
    parser.add_argument("--summarize", action="store_true", help="the file that is there")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".csv"))
    arguments = parser.parse_args(argv)
    if not arguments.summarize:
        arguments.output.unlink(missing_ok=True)
        tables = load_tables(arguments.folder, arguments.tables)
        for family in arguments.family:
            run(family, tables, arguments.trials, arguments.rows, arguments.output)
    summarize(arguments.output)


if __name__ == "__main__":
    main()
