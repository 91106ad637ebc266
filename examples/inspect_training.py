"""Why does it not learn?
=========================

Why does it not learn? A network that is badly set, and the same after what was found is mended.

The table is made up: columns in units of their own, one with a value mistyped, another known only
after the fact. Printed are what ``diagnose`` finds, round by round, and ``summary`` of the
first network and the last; drawn are layers, losses, outputs of units and a range test of both.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/inspect_training.png"

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknumpynet import NumpyMLPRegressor
from sknumpynet.inspection import (
    Diagnosis,
    LayerStatisticsDisplay,
    LossCurveDisplay,
    NetworkDisplay,
    diagnose,
    find_learning_rate,
    summary,
)

BAD: dict[str, Any] = {
    "hidden_layer_sizes": (64, 64),
    "activation": "tanh",
    "feature_scaling": None,
    "numeric_embedding": None,
    "solver": "adam",
    "learning_rate_init": 0.3,
    "max_iter": 40,
    "random_state": 0,
}


def houses(n: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Houses in units of their own, and what they sold for in thousands."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "area": rng.gamma(8.0, 15.0, n),
            "rooms": rng.integers(1, 9, n).astype(float),
            "built": rng.integers(1900, 2020, n).astype(float),
            "east": rng.uniform(-1, 1, n),
            "north": rng.uniform(-1, 1, n),
        }
    )
    price = 2.0 * frame["area"] + 12.0 * frame["rooms"] + 0.4 * (frame["built"] - 1900)
    price += 60.0 * np.sin(3.0 * frame["east"]) * frame["north"]
    price = price.to_numpy() + 15.0 * rng.normal(size=n)
    # The fee is paid when the house is sold, and somebody has typed a year with a finger too many.
    frame["fee"] = 0.03 * price
    frame.loc[n // 3, "built"] = 19_700_000.0
    return frame, price


def rounds(X: pd.DataFrame, y: np.ndarray) -> list[tuple[str, NumpyMLPRegressor, pd.DataFrame]]:
    """What was changed, the fitted network and its rows: what a person would do, one by one."""
    steps: list[tuple[str, dict[str, Any], list[str]]] = [
        ("as it was", {}, []),
        ("without fee", {}, ["fee"]),
        ("feature_scaling='robust'", {"feature_scaling": "robust"}, ["fee"]),
        ("learning_rate_init=0.003", {"learning_rate_init": 0.003}, ["fee"]),
        ("max_iter=200", {"max_iter": 200}, ["fee"]),
    ]
    found, options = [], dict(BAD)
    for name, changed, left_out in steps:
        options |= changed
        rows = X.drop(columns=left_out)
        found.append((name, NumpyMLPRegressor(**options).fit(rows, y), rows))
    return found


def report(name: str, model: NumpyMLPRegressor, rows: pd.DataFrame, y: np.ndarray) -> Diagnosis:
    """Print what is found."""
    found = diagnose(model, rows, y)
    print(f"\n--- {name}\n{found}")
    return found


def draw(first: tuple, last: tuple, y: np.ndarray, path: Path) -> None:
    """Layers, losses, hidden units and a range test: of the first network and the last."""
    # Displays of layers have a line of words.
    widths = {"width_ratios": [1, 1, 1.6, 1]}
    figure, axes = plt.subplots(2, 4, figsize=(21, 8), layout="constrained", gridspec_kw=widths)
    for row, (name, model, rows) in zip(axes, (first, last), strict=True):
        NetworkDisplay.from_estimator(model, ax=row[0])
        row[0].set_title(name)
        LossCurveDisplay.from_estimator(model, ax=row[1])
        row[1].set(title="losses", yscale="log")
        LayerStatisticsDisplay.from_estimator(model, rows, y, ax=row[2])
        row[2].set_title("outputs of hidden units (tanh)")
        find_learning_rate(model, rows, y).plot(ax=row[3])
        rate = model.learning_rate_init
        row[3].axvline(rate, color="C3", label=f"learning_rate_init = {rate:g}")
        row[3].set(title="range test", yscale="log")
        row[3].legend(loc="upper left")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    parser.add_argument("--rows", type=int, default=1500)
    options = parser.parse_args(arguments)
    # What the fits say of themselves is said by diagnose.
    warnings.simplefilter("ignore", ConvergenceWarning)

    X, y = houses(options.rows)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    all_rounds = rounds(X, y)
    for name, model, rows in all_rounds:
        report(name, model, rows, y)
        print(f"R2 on test rows: {model.score(X_test[rows.columns], y_test):.3f}")
    for name, model, _ in (all_rounds[0], all_rounds[-1]):
        print(f"\n--- {name}\n{summary(model)}")
    draw(all_rounds[0], all_rounds[-1], y, options.output)
    print(f"\nFigure: {options.output}")


if __name__ == "__main__":
    main()
