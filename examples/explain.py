"""What a prediction is made of
===============================

What a prediction is made of: attributions beside permutation importance, on the Titanic file.

Attributions say for each passenger what each column of the raw frame adds to the log odds of being
saved, and they add up to the prediction. Permutation importance says of a column what shuffling it
costs the score: nothing about single rows or directions. The two are printed side by side, with two
passengers in numbers; a figure: a point for each passenger and column, beside the costs.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/explain.png"

from __future__ import annotations

import argparse
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.model_selection import train_test_split

from sknumpynet import NumpyMLPClassifier
from sknumpynet.inspection import AttributionBeeswarmDisplay, attributions, summary

FILE = Path(__file__).parent / "data" / "titanic.csv"
COLUMNS = ["pclass", "sex", "age", "sibsp", "parch", "fare", "embarked"]


def columns_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns, whatever the case of their names."""
    return frame.rename(columns=str.lower)[[*COLUMNS, "survived"]]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    parser.add_argument("--repeats", type=int, default=10, help="shuffles of each column")
    arguments = parser.parse_args(argv)
    frame = columns_of(pd.read_csv(FILE))
    X, y = frame[COLUMNS], frame["survived"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    model = NumpyMLPClassifier(random_state=0).fit(X_train, y_train)
    print(summary(model))
    print(f"\naccuracy on the test set {model.score(X_test, y_test):.3f}")

    start = time.perf_counter()
    found = attributions(model, X_test, background=X_train)
    took = (time.perf_counter() - start) / len(X_test)
    missing = found.values.sum(axis=1) + found.base_values - model.decision_function(X_test)
    print(f"{1000 * took:.1f} ms for each passenger; sums are right to {abs(missing).max():.0e}")

    shuffled = permutation_importance(
        model, X_test, y_test, n_repeats=arguments.repeats, random_state=0
    )
    print("\ncolumn     mean |attribution|   accuracy lost by shuffling")
    sizes = found.importances()
    for j in np.argsort(-sizes):
        cost = f"{shuffled.importances_mean[j]:+.3f} +- {shuffled.importances_std[j]:.3f}"
        print(f"{COLUMNS[j]:<10} {sizes[j]:18.3f}   {cost:>18}")
    scores = model.decision_function(X_test)
    for row in (int(np.argmax(scores)), int(np.argmin(scores))):
        show_row(found, X_test, scores, row)
    draw(found, shuffled, arguments.output)
    print(f"\nFigure: {arguments.output}")


def show_row(found, X: pd.DataFrame, scores: np.ndarray, row: int) -> None:
    """One passenger, the largest attributions first."""
    print(f"\nlog odds {scores[row]:+.2f} = {found.base_values[row]:+.2f} on average")
    for j in np.argsort(-np.abs(found.values[row])):
        print(f"  {found.values[row, j]:+6.2f}  {COLUMNS[j]} = {X.iloc[row, j]}")


def draw(found, shuffled, output: Path) -> None:
    """Attributions of single passengers on the left, costs of shuffling on the right."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    AttributionBeeswarmDisplay.from_attributions(found, ax=left)
    left.set_xlabel("attribution to the log odds of being saved")
    order = np.argsort(found.importances())
    right.barh(
        range(len(order)), shuffled.importances_mean[order], xerr=shuffled.importances_std[order]
    )
    right.set_yticks(range(len(order)), [COLUMNS[j] for j in order])
    right.set_xlabel("accuracy lost by shuffling the column")
    figure.savefig(output, dpi=150)
    plt.close(figure)


if __name__ == "__main__":
    main()
