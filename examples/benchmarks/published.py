"""TabularMLP*, untuned, on the splits of published results: california, diamond, churn, adult.

The splits are those of the TabM papers: a fifth of the rows to test and a fifth of the rest to
validate on (of adult, the official test file), given to ``fit`` as X_val. The best published
figures of tuned models on these rows stand beside ours. Tables come as pandas reads them.

``python examples/benchmarks/published.py FOLDER`` takes the files of FOLDER (see
``table_files.py``, and ``adult_test.csv``). Results go to a CSV file beside this file.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, log_loss, root_mean_squared_error
from sklearn.model_selection import train_test_split
from table_files import FILES, File

from sknumpynet import (
    NumpyMLPClassifier,
    NumpyMLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)

#: Best published: the tuned MLP family; tuned trees (CatBoost's default, for adult).
PUBLISHED = {
    "california": "RMSE: TabPack 0.418, TabM+PLE 0.429; CatBoost 0.429",
    "diamonds": "RMSE: TabM+PLE 0.1302; CatBoost 0.1335",
    "churn": "accuracy, log-loss: 0.862, 0.338; 0.8605",
    "adult": "accuracy, log-loss: 0.870, 0.284; 0.873",
}
OUTPUT = Path(__file__).with_suffix(".csv")

Rows = tuple[pd.DataFrame, np.ndarray]


def parts(name: str, folder: Path) -> tuple[Rows, Rows, Rows]:
    """Rows to train on, to validate on, and to test."""
    X, y = FILES[name].read(folder)
    y = y.to_numpy()
    classes = FILES[name].classification
    rows = np.arange(len(X))
    if name == "adult":
        X_test, y_test = File("adult_test.csv", "income", True).read(folder)
        y, y_test = (pd.Series(v).str.strip(" .").to_numpy() for v in (y, y_test))
        test: Rows = (X_test, y_test)
    else:
        strata = y if classes else None
        rows, tested = train_test_split(rows, test_size=0.2, random_state=0, stratify=strata)
        test = (X.iloc[tested], y[tested])
    strata = y[rows] if classes else None
    train, held_out = train_test_split(rows, test_size=0.2, random_state=1, stratify=strata)
    return (X.iloc[train], y[train]), (X.iloc[held_out], y[held_out]), test


def measured(model: Any, train: Rows, held_out: Rows, test: Rows) -> dict[str, float]:
    """Scores on the test rows, and CPU seconds of the fit."""
    start = time.process_time()
    model.fit(*train, X_val=held_out[0], y_val=held_out[1])
    seconds = time.process_time() - start
    if not hasattr(model, "classes_"):
        scores = {"RMSE": root_mean_squared_error(test[1], model.predict(test[0]))}
    else:
        proba = model.predict_proba(test[0])
        predicted = model.classes_[proba.argmax(axis=1)]
        scores = {"accuracy": accuracy_score(test[1], predicted)}
        scores["log-loss"] = log_loss(test[1], proba)
    return scores | {"CPU seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tables", nargs="+", default=list(PUBLISHED), choices=PUBLISHED)
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for name in arguments.tables:
        data = parts(name, arguments.folder)
        print(f"{name}: {len(data[0][1])} rows to train on. Published, {PUBLISHED[name]}")
        families = (TabularMLPRegressor, NumpyMLPRegressor)
        if FILES[name].classification:
            families = (TabularMLPClassifier, NumpyMLPClassifier)
        for family in families:
            found = [
                measured(family(random_state=seed, n_threads=1), *data)
                for seed in range(arguments.seeds)
            ]
            table = pd.DataFrame(found)
            mean, spread = table.mean(), table.std(ddof=0)
            shown = (f"{k} {mean[k]:.4f} +- {spread[k]:.4f}" for k in mean.index[:-1])
            line = f"{', '.join(shown)}; {mean['CPU seconds']:.0f} CPU seconds"
            print(f"  {family.__name__:<22} {line}", flush=True)
            rows.append({"table": name, "method": family.__name__, **mean})
    pd.DataFrame(rows).to_csv(OUTPUT, index=False)


if __name__ == "__main__":
    main()
