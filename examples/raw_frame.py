"""A raw frame beside the pipelines that others need
====================================================

The Titanic file straight into the classifier, beside the pipelines that others need.

The frame is what ``read_csv`` gives: text, numbers with gaps, and columns (names, tickets) that are
nearly different in every row. Ours takes it from pandas or polars as it is, and learns sequences of
letters in the names ("Mrs", "Master"). scikit-learn's MLP gets it through a ColumnTransformer, and
its gradient boosting needs text as categories and columns with too many of them dropped. Ten splits
each, lines of code counted; a figure: the losses, and what shuffling a column of the raw frame
costs.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/raw_frame.png"

from __future__ import annotations

import argparse
import inspect
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.inspection import permutation_importance
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from sknumpynet import NumpyMLPClassifier

FILE = Path(__file__).parent / "data" / "titanic.csv"


# What one writes with each; the lines between "def" and the end are counted.


def ours(seed: int) -> Any:
    return NumpyMLPClassifier(random_state=seed)


def sklearn_mlp(seed: int) -> Any:
    numbers = ["age", "fare", "sibsp", "parch"]
    text = ["pclass", "sex", "cabin", "embarked"]
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2), text),
    )
    return make_pipeline(columns, MLPClassifier(random_state=seed, max_iter=1000))


def boosting(seed: int) -> Any:
    def prepare(frame: pd.DataFrame) -> pd.DataFrame:
        kinds = dict.fromkeys(["sex", "cabin", "embarked"], "category")
        return frame.drop(columns=["name", "ticket"]).astype(kinds)

    model = HistGradientBoostingClassifier(random_state=seed, categorical_features="from_dtype")
    return make_pipeline(FunctionTransformer(prepare), model)


METHODS = {
    "NumpyMLPClassifier": ours,
    "ColumnTransformer + MLPClassifier": sklearn_mlp,
    "HistGradientBoostingClassifier": boosting,
}


def lines_of(method: Any) -> int:
    """Lines of its body that hold code."""
    return sum(bool(line.strip()) for line in inspect.getsource(method).splitlines()[1:])


def compare(frame: pd.DataFrame, survived: pd.Series, n_splits: int) -> dict[str, pd.DataFrame]:
    """Accuracy, log-loss and seconds of each method on each split."""
    found = {}
    for name, method in METHODS.items():
        rows = []
        for seed in range(n_splits):
            X_train, X_test, y_train, y_test = train_test_split(
                frame, survived, stratify=survived, random_state=seed
            )
            model = method(seed)
            start = time.perf_counter()
            model.fit(X_train, y_train)
            seconds = time.perf_counter() - start
            accuracy = accuracy_score(y_test, model.predict(X_test))
            rows.append((accuracy, log_loss(y_test, model.predict_proba(X_test)), seconds))
        found[name] = pd.DataFrame(rows, columns=["accuracy", "log-loss", "seconds"])
    return found


def with_polars(model: Any, frame: pd.DataFrame) -> None:
    """The model, fitted on pandas, predicts a polars frame of the same file."""
    import polars

    same = polars.read_csv(FILE, infer_schema_length=None).drop("survived")
    equal = np.array_equal(model.predict_proba(same), model.predict_proba(frame))
    print(f"\npolars.read_csv: the same predictions as from pandas: {equal}")


def draw(found: dict[str, pd.DataFrame], importance: Any, names: list[str], path: Path) -> None:
    """Losses of all splits; what shuffling a column does to the accuracy."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    for i, table in enumerate(found.values()):
        losses = table["log-loss"]
        left.plot(losses, np.full(len(losses), i), "o", alpha=0.6)
        left.plot(losses.mean(), i, "|", color="black", markersize=24)
        left.annotate(f"{losses.mean():.3f}", (losses.mean(), i), (0, 16), ha="center",
                      textcoords="offset points")  # fmt: skip
    left.set_yticks(range(len(found)), [name.replace(" + ", " +\n") for name in found])
    left.set(xlabel="log-loss on test", title=f"{len(losses)} splits, mean", ylim=(2.6, -0.6))
    order = np.argsort(importance.importances_mean)
    right.barh(
        [names[j] for j in order],
        importance.importances_mean[order],
        xerr=importance.importances_std[order],
        color="C0",
    )
    right.locator_params(axis="x", nbins=6)
    right.set(xlabel="accuracy lost on test", title="Columns of the raw frame, shuffled")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    parser.add_argument("--splits", type=int, default=10)
    options = parser.parse_args(arguments)
    frame = pd.read_csv(FILE)
    survived = frame.pop("survived")
    print(frame.head(3).to_string(max_colwidth=24))
    print(f"{len(frame)} rows; missing: {frame.isna().sum()[lambda n: n > 0].to_dict()}\n")

    X_train, X_test, y_train, y_test = train_test_split(
        frame, survived, stratify=survived, random_state=0
    )
    model = ours(0).fit(X_train, y_train)
    # Of a text the first and the last of its numbers.
    names = model.encoded_feature_names_
    texts = [name for name in names if ": text " in name]
    shown = [name for name in names if name not in texts[1:-1]]
    print(f"The network gets {len(names)} numbers: {', '.join(shown)}")
    if find_spec("polars"):
        with_polars(model, frame)

    with warnings.catch_warnings():
        # Networks of scikit-learn that would like more epochs.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = compare(frame, survived, options.splits)
    print(f"\n{'mean of ' + str(options.splits) + ' splits':<36}lines accuracy log-loss  seconds")
    for name, table in found.items():
        accuracy, loss, seconds = table.mean()
        lines = lines_of(METHODS[name])
        print(f"{name:<36}{lines:>5}{accuracy:>9.3f}{loss:>9.3f}{seconds:>9.2f}")
    importance = permutation_importance(model, X_test, y_test, n_repeats=10, random_state=0)
    draw(found, importance, list(frame.columns), options.output)
    print(f"\nFigure: {options.output}")


if __name__ == "__main__":
    main()
