"""Raw frames beside the pipelines that one would write by hand around the same network.

Each table is given as pandas reads it: categories as text, numbers with gaps. The pipelines encode
it first: one-hot columns and means, ordinal codes and means, one-hot columns, means and indicators.
The loss is the log-loss or the root mean squared error, over several splits with three quarters for
training. Fitting time is compared at the same number of epochs: of the raw frame, and of the matrix
that the last pipeline makes. Peak memory is that of a fit above the frame, in copies of the frame's
numbers in float32.

``python examples/benchmarks/frames.py FOLDER`` takes the files of FOLDER (see ``table_files.py``).
Results go to a CSV file beside this file.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from table_files import Table, load_tables

from sknumpynet import NumpyMLPClassifier, NumpyMLPRegressor

TABLES = ["titanic", "adult", "churn", "diamonds", "ames", "melbourne", "telco-churn"]
N_SPLITS, EPOCHS, ROUNDS = 5, 10, 3
OUTPUT = Path(__file__).with_suffix(".csv")


def network(table: Table, seed: int, **options: Any) -> Any:
    """Our defaults."""
    family = NumpyMLPClassifier if table.classification else NumpyMLPRegressor
    return family(random_state=seed, **options)


def encoder(name: str) -> Any:
    """What one would write by hand."""
    is_number = make_column_selector(dtype_include="number")
    is_text = make_column_selector(dtype_exclude="number")
    if name == "ordinal + mean":
        text: Any = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    else:
        text = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    imputer = SimpleImputer(add_indicator=name.endswith("indicator"), keep_empty_features=True)
    return make_column_transformer((imputer, is_number), (text, is_text))


ENCODERS = ("one-hot + mean", "ordinal + mean", "one-hot + indicator")


def split(table: Table, seed: int) -> list[Any]:
    """Three quarters for training: X_train, X_test, y_train, y_test."""
    strata = table.y if table.classification else None
    return train_test_split(table.X, table.y, test_size=0.25, random_state=seed, stratify=strata)


def loss_of(model: Any, table: Table, X: Any, y: np.ndarray) -> float:
    """Log-loss or root mean squared error."""
    if table.classification:
        return float(log_loss(y, model.predict_proba(X), labels=model.classes_))
    return float(root_mean_squared_error(y, model.predict(X)))


def losses(table: Table, seed: int) -> dict[str, float]:
    """Of the raw frame and of each pipeline."""
    X_train, X_test, y_train, y_test = split(table, seed)
    models = {"raw frame": network(table, seed)}
    models |= {name: make_pipeline(encoder(name), network(table, seed)) for name in ENCODERS}
    return {
        name: loss_of(model.fit(X_train, y_train), table, X_test, y_test)
        for name, model in models.items()
    }


def time_ratio(table: Table) -> float:
    """Fitting time of the raw frame / of the matrix that a pipeline made, median of rounds."""
    X, _, y, _ = split(table, 0)
    matrix = encoder("one-hot + indicator").fit_transform(X).astype(np.float32)
    options = {"early_stopping": False, "max_iter": EPOCHS, "n_iter_no_change": np.inf}
    ratios = []
    for seed in range(ROUNDS):
        seconds = []
        for table_of_either in (X, matrix):
            start = time.process_time()
            network(table, seed, **options).fit(table_of_either, y)
            seconds.append(time.process_time() - start)
        ratios.append(seconds[0] / seconds[1])
    return float(np.median(ratios))


def memory(table: Table) -> float:
    """Peak of a fit above the frame, in copies of the frame in float32."""
    X, _, y, _ = split(table, 0)
    model = network(table, 0, early_stopping=False, max_iter=1)
    tracemalloc.start()
    model.fit(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (4 * X.shape[0] * X.shape[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tables", nargs="+", default=TABLES)
    parser.add_argument("--splits", type=int, default=N_SPLITS)
    arguments = parser.parse_args()
    # Columns that nothing can be learned from, and short fits that are meant to be short.
    warnings.simplefilter("ignore")
    rows = []
    for table in load_tables(arguments.folder, arguments.tables):
        found = pd.DataFrame([losses(table, seed) for seed in range(arguments.splits)])
        mean = found.mean()
        best = mean.drop("raw frame").idxmin()
        noise = (found["raw frame"] - found[best]).std() / np.sqrt(len(found))
        row = {"table": table.name, **mean.round(4), "noise": round(noise, 4)}
        row |= {"loss / best": round(mean["raw frame"] / mean[best], 3)}
        row |= {"time / matrix": round(time_ratio(table), 2), "copies": round(memory(table), 1)}
        rows.append(row)
        print(row, flush=True)
    print(pd.DataFrame(rows).to_string(index=False))
    pd.DataFrame(rows).to_csv(OUTPUT, index=False)


if __name__ == "__main__":
    main()
