"""Why does it not learn? A network that is badly set, and the same after what was found is mended.

The table is made up: columns in units of their own, one with a value mistyped, another known only
after the fact. Printed are what ``diagnose`` finds, round by round, and ``summary`` of the
first network and the last; drawn are losses, outputs of units and a range test of both.
"""

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
from sknumpynet.inspection import Diagnosis, diagnose, find_learning_rate, summary

BAD: dict[str, Any] = {
    "hidden_layer_sizes": (64, 64),
    "activation": "tanh",
    "feature_scaling": None,
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
    """Losses, units of the last hidden layer, a range test: of the first network and the last."""
    figure, axes = plt.subplots(2, 3, figsize=(14, 7.5), layout="constrained")
    for row, (name, model, rows) in zip(axes, (first, last), strict=True):
        history = pd.DataFrame(model.history_)
        row[0].plot(history["epoch"], history["loss"], label="training")
        row[0].plot(history["epoch"], history["validation_loss"], label="validation")
        best = history["validation_loss"].idxmin()
        row[0].plot(history["epoch"][best], history["validation_loss"][best], "o", label="kept")
        row[0].set(title=f"{name}: losses", xlabel="epoch", yscale="log")
        row[0].legend()
        row[1].hist(model.transform(rows).ravel(), bins=60)
        row[1].set(title="outputs of the last hidden layer (tanh)", xlim=(-1.05, 1.05))
        row[1].set(xlabel="output", ylabel="rows x units")
        curve = find_learning_rate(model, rows, y)
        curve.plot(ax=row[2])
        rate = model.learning_rate_init
        row[2].axvline(rate, color="C3", label=f"learning_rate_init = {rate:g}")
        row[2].set(title="range test", yscale="log")
        row[2].legend(loc="upper left")
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
