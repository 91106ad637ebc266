"""How sure is a prediction?
============================

How sure is a prediction? Quantiles and a standard deviation from one network each.

Houses whose prices scatter more where incomes are high, and upwards more than downwards: made up,
so that the true quantiles are known; and the diabetes of 442 patients. One network gives all
quantiles, and they never cross; another gives a mean with a standard deviation; gradient boosting
needs a model for each quantile. Printed and drawn: how many test rows the intervals really cover.
"""

# sphinx_gallery_thumbnail_path = "../examples/images/prediction_intervals.png"

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import mean_pinball_loss
from sklearn.model_selection import train_test_split

from sknumpynet import NumpyMLPRegressor

LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
#: Lower level, upper level: what an interval between them should cover is their difference.
INTERVALS = {0.5: (2, 4), 0.8: (1, 5), 0.9: (0, 6)}

# Without dropout a network comes closer to its training rows than to others, and takes the scatter
# for smaller than it is.
OPTIONS = {"dropout": 0.1, "random_state": 0}


# From training rows and test rows to the quantiles of the latter, (n_rows, n_levels).


def quantile_network(X_train: np.ndarray, y_train: np.ndarray, X_test: np.ndarray) -> np.ndarray:
    model = NumpyMLPRegressor(loss="quantile", quantile=LEVELS, **OPTIONS)
    return model.fit(X_train, y_train).predict(X_test)


def normal_network(X_train: np.ndarray, y_train: np.ndarray, X_test: np.ndarray) -> np.ndarray:
    model = NumpyMLPRegressor(loss="gaussian_nll", **OPTIONS).fit(X_train, y_train)
    mean, std = model.predict(X_test, return_std=True)
    return mean[:, np.newaxis] + std[:, np.newaxis] * norm.ppf(LEVELS)


def boosting(X_train: np.ndarray, y_train: np.ndarray, X_test: np.ndarray) -> np.ndarray:
    columns = []
    for level in LEVELS:
        model = GradientBoostingRegressor(loss="quantile", alpha=level, random_state=0)
        columns.append(model.fit(X_train, y_train).predict(X_test))
    return np.column_stack(columns)


METHODS: dict[str, Callable] = {
    "network, quantile": quantile_network,
    "network, gaussian_nll": normal_network,
    "GradientBoosting, 7 models": boosting,
}


def houses(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Income, age, rooms and place of n houses; their prices."""
    rng = np.random.default_rng(seed)
    income = rng.gamma(4.0, 1.0, n)
    age, rooms = rng.uniform(0, 50, n), rng.uniform(2, 9, n)
    east, north = rng.uniform(-1, 1, (2, n))
    X = np.column_stack([income, age, rooms, east, north])
    return X, true_quantile(X, rng.uniform(0, 1, n))


def true_quantile(X: np.ndarray, level: np.ndarray | float) -> np.ndarray:
    """Around a middle that grows with income and falls with the distance from the coast."""
    income, age, rooms, east, north = X.T
    middle = 40 * np.sqrt(income) + 8 * rooms - 0.5 * age - 30 * np.abs(east - north)
    scatter = 3 + 4 * income
    z = norm.ppf(level)
    # Upwards twice as far as downwards.
    return middle + scatter * np.where(z > 0, 2 * z, z)


def measure(quantiles: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Coverage of each interval, rows with quantiles that cross, the mean pinball loss."""
    found = {
        f"{nominal:.0%}": float(np.mean((quantiles[:, i] <= y) & (y <= quantiles[:, j])))
        for nominal, (i, j) in INTERVALS.items()
    }
    found["crossing"] = float((np.diff(quantiles, axis=1) < 0).any(axis=1).mean())
    losses = [mean_pinball_loss(y, q, alpha=a) for q, a in zip(quantiles.T, LEVELS, strict=True)]
    found["pinball"] = float(np.mean(losses))
    return found


def compare(splits: list[tuple]) -> dict[str, dict[str, float]]:
    """What each method reaches: means over the splits (X_train, X_test, y_train, y_test)."""
    results = {}
    for name, method in METHODS.items():
        rows = []
        for X_train, X_test, y_train, y_test in splits:
            start = time.perf_counter()
            quantiles = method(X_train, y_train, X_test)
            seconds = time.perf_counter() - start
            rows.append(measure(quantiles, y_test) | {"seconds": seconds})
        results[name] = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    return results


def report(title: str, results: dict[str, dict[str, float]]) -> None:
    keys = list(next(iter(results.values())))
    print(f"\n{title}\n{'':28}" + "".join(f"{key:>10}" for key in keys))
    for name, found in results.items():
        shown = [f"{found[k]:10.1%}" if k[-1] in "%g" else f"{found[k]:10.2f}" for k in keys]
        print(f"{name:28}" + "".join(shown))


def draw(X: np.ndarray, y: np.ndarray, results: dict[str, dict], path: Path) -> None:
    """The quantiles along income beside the true ones; measured against nominal coverage."""
    figure, axes = plt.subplots(1, 4, figsize=(15, 4.2), layout="constrained")
    income = np.linspace(0.5, 9, 200)
    typical = np.tile(np.median(X, axis=0), (200, 1))
    typical[:, 0], typical[:, 3] = income, 0.5
    for ax, (name, method) in zip(axes[:3], METHODS.items(), strict=True):
        quantiles = method(X, y, typical)
        for i, j in reversed(INTERVALS.values()):
            ax.fill_between(income, quantiles[:, i], quantiles[:, j], color="C0", alpha=0.25, lw=0)
        ax.plot(income, quantiles[:, 3], color="C0", label="median and intervals")
        for k, level in enumerate((0.05, 0.5, 0.95)):
            label = "true 5, 50, 95 %" if k == 0 else None
            ax.plot(income, true_quantile(typical, level), "k--", lw=1, label=label)
        ax.set(title=name, xlabel="income", ylim=(0, 330))
    axes[0].set_ylabel("price of an otherwise typical house")
    axes[0].legend(loc="upper left")
    nominal = list(INTERVALS)
    axes[3].axline((0.5, 0.5), slope=1, color="0.6", lw=1, label="as promised")
    for i, (name, found) in enumerate(results.items()):
        # Side by side, so that none hides another.
        shift = 0.012 * (i - 1)
        measured = [found[f"{share:.0%}"] for share in nominal]
        axes[3].plot(np.array(nominal) + shift, measured, "os^"[i], color=f"C{i}", label=name)
    axes[3].set(title="Diabetes: test rows covered", xlabel="nominal", ylabel="measured")
    axes[3].set(xlim=(0.42, 0.98), ylim=(0.3, 1.0), xticks=nominal)
    axes[3].legend(loc="lower right")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".png"))
    parser.add_argument("--rows", type=int, default=4000, help="houses to train on")
    parser.add_argument("--splits", type=int, default=6, help="of the diabetes data")
    options = parser.parse_args(arguments)
    # Networks that would like more epochs.
    warnings.simplefilter("ignore", ConvergenceWarning)

    X, y = houses(options.rows)
    X_test, y_test = houses(4000, seed=1)
    made_up = compare([(X, X_test, y, y_test)])
    report(f"Houses, {len(X)} rows, 4000 to test: coverage of three intervals", made_up)
    perfect = measure(np.column_stack([true_quantile(X_test, q) for q in LEVELS]), y_test)
    print(f"The true quantiles have a pinball loss of {perfect['pinball']:.2f}.")

    X_all, y_all = load_diabetes(return_X_y=True, scaled=False)
    splits = [train_test_split(X_all, y_all, random_state=i) for i in range(options.splits)]
    patients = compare(splits)
    report(f"Diabetes, 331 rows, 111 to test, mean of {len(splits)} splits", patients)
    draw(X, y, patients, options.output)
    print(f"\nFigure: {options.output}")


if __name__ == "__main__":
    main()
