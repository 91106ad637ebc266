"""What the defaults reach on columns and a target as they come, beside a linear model and an MLP.

Diabetes, 442 patients: R2 on test rows, the mean of five splits, with the columns in their own
units (age in years, ...) and as scikit-learn loads them otherwise, each of mean 0 and spread 0.048.
No model gets a scaler; the target is raw. The first rows of the README's table are from here.

``python examples/benchmarks/raw_columns.py`` takes 15 seconds. Results go to a CSV file and a bar
chart beside this file.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor
from speed import write_csv

from sknumpynet import NumpyMLPRegressor

#: By name: a model with this seed.
MODELS = {
    "NumpyMLPRegressor": lambda seed: NumpyMLPRegressor(random_state=seed),
    "LinearRegression": lambda seed: LinearRegression(),
    "MLPRegressor": lambda seed: MLPRegressor(random_state=seed),
    "MLPRegressor, max_iter=2000": lambda seed: MLPRegressor(random_state=seed, max_iter=2000),
}

#: By name: the option ``scaled`` of load_diabetes.
COLUMNS = {"own units": False, "spread 0.048": True}


def mean_r2(make: Any, scaled: bool) -> float:
    """R2 on test rows, the mean of five splits with seeds 0 to 4, which are the models' too."""
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=scaled)
    scores = []
    for seed in range(5):
        X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
        scores.append(make(seed).fit(X_train, y_train).score(X_test, y_test))
    return float(np.mean(scores))


def draw(results: dict[str, dict[str, float]], path: Path) -> None:
    """A bar for each model and kind of columns; one below -0.5 is cut off (←)."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
    places = np.arange(len(results))[::-1]
    for i, columns in enumerate(COLUMNS):
        values = np.array([r2[columns] for r2 in results.values()])
        bars = ax.barh(places + 0.2 - 0.4 * i, values.clip(-0.5), 0.38, label=columns)
        labels = [f"{'← ' if value < -0.5 else ''}{value:.2f}" for value in values]
        ax.bar_label(bars, labels, fontsize=8, padding=2)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(yticks=places, yticklabels=list(results), xlim=(-0.65, 0.6))
    ax.set(xlabel="R² on test rows, mean of five splits", title="Diabetes, without a scaler")
    ax.legend(title="columns in", loc="upper left")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, write the CSV and the chart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(""))
    options = parser.parse_args(arguments)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"{'R2 on test, mean of five splits':<32}" + "".join(f"{c:>14}" for c in COLUMNS))
    results = {}
    for name, make in MODELS.items():
        results[name] = {columns: mean_r2(make, scaled) for columns, scaled in COLUMNS.items()}
        print(f"{name:<32}" + "".join(f"{r2:>14.3f}" for r2 in results[name].values()))
    rows = [[name, *r2.values()] for name, r2 in results.items()]
    write_csv(options.output, ["model", *COLUMNS], rows)
    draw(results, Path(f"{options.output}.png"))


if __name__ == "__main__":
    main()
